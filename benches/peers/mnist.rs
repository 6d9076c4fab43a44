//! MNIST for the libraries that do not bring it: pixels in 0..1, as 32-bit floats.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use rand::seq::SliceRandom;

pub const PIXELS: usize = 28 * 28;

pub struct Images {
    pub pixels: Vec<f32>,
    pub labels: Vec<u8>,
}

impl Images {
    /// `prefix` is "train" or "t10k"; only the first `count` images are kept.
    pub fn load(dir: &Path, prefix: &str, count: usize) -> Images {
        // An IDX file is a header, of 4 bytes and 4 more a dimension, and the values.
        let pixels = unzip(&dir.join(format!("{prefix}-images-idx3-ubyte.gz"))).split_off(16);
        let mut labels = unzip(&dir.join(format!("{prefix}-labels-idx1-ubyte.gz"))).split_off(8);
        labels.truncate(count);
        let pixels = pixels[..labels.len() * PIXELS].iter().map(|&p| f32::from(p) / 255.0);
        Images { pixels: pixels.collect(), labels }
    }

    /// The pixels and labels of each batch, in a new order every time.
    pub fn shuffled(&self, batch: usize) -> impl Iterator<Item = (Vec<f32>, Vec<u8>)> {
        let mut order: Vec<usize> = (0..self.labels.len()).collect();
        order.shuffle(&mut rand::rng());
        (0..order.len()).step_by(batch).map(move |start| {
            let indices = &order[start..order.len().min(start + batch)];
            let mut pixels = Vec::with_capacity(indices.len() * PIXELS);
            indices.iter().for_each(|&i| pixels.extend_from_slice(self.slice(i, i + 1)));
            (pixels, indices.iter().map(|&i| self.labels[i]).collect())
        })
    }

    /// The pixels of images `from..to`.
    pub fn slice(&self, from: usize, to: usize) -> &[f32] {
        &self.pixels[from * PIXELS..to * PIXELS]
    }
}

fn unzip(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    let file = File::open(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    GzDecoder::new(file).read_to_end(&mut bytes).expect("a whole gzip file");
    bytes
}
