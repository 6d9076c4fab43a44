//! Trains, saves to memory, loads and classifies: on any target, with the same bits.

use chainrule::prelude::*;

/// Trains a small convolutional network on some of the sample, and returns a hash of its weights and
/// of what the model, as a file in memory, says about the first test images.
pub fn train_and_classify() -> Result<u64> {
    let mnist = Mnist::sample();
    let train = mnist.train.take(512)?;
    let mut model = Sequential::new([28, 28, 1])
        .add(Conv2d::new(4, 3).init(Init::HeNormal))?
        .add(BatchNorm::new())?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Flatten)?
        .add(Dropout::new(0.2))?
        .add(Dense::new(10).init(Init::Orthogonal { gain: 1.0 }))?
        .initialize(1);
    let history = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01))
        .epochs(2)
        .batch_size(64)
        .seed(1)
        .callback(TimeBudget::new(std::time::Duration::from_secs(3600)))
        .validation(&mnist.test.take(100)?)
        .fit(&mut model, &train)?;
    assert!(history.epochs[1].loss < history.epochs[0].loss);
    let mut hash = Hash::new();
    hash.floats(model.params());

    let bytes = ModelFile::new(model).scaling(Scaling::pixels())?.to_bytes()?;
    let file = ModelFile::from_bytes(&bytes)?;
    let pixels: Vec<u8> = mnist.test.pixels().iter().copied().take(20 * 784).collect();
    for answer in file.classify_many(&pixels)? {
        let best = answer.best();
        hash.floats(&[best.index as f32, best.probability.unwrap_or(f32::NAN)]);
    }
    Ok(hash.0)
}

/// FNV-1a over bits.
struct Hash(u64);

impl Hash {
    fn new() -> Self {
        Hash(0xcbf2_9ce4_8422_2325)
    }

    fn floats(&mut self, values: &[f32]) {
        for byte in values.iter().flat_map(|value| value.to_bits().to_le_bytes()) {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

/// What a page, or `run.mjs`, calls.
#[unsafe(no_mangle)]
pub extern "C" fn train_and_hash() -> u64 {
    train_and_classify().expect("the sample is whole, and the model fits it")
}
