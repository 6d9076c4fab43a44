//! Every SIMD level gives the same bits.

use std::process::Command;

use chainrule::kernels::simd_level;
use chainrule::prelude::*;
use ndarray::Array;

use super::{DIGITS, bits, mlp, momentum};

/// A run that no machine takes long for, without fused multiply-adds in hardware either, through
/// layers whose channels fill no vector, or one vector and a bit.
fn small_run() -> Result<Vec<u32>> {
    let number = |i: usize| (i * 37 % 101) as f32 / 101.0;
    let x = Array::from_shape_fn((12, 9, 8, 3), |(n, h, w, c)| number(n + 5 * h + 11 * w + 7 * c));
    let t = Array::from_shape_fn((12, 4), |(n, k)| number(3 * n + 13 * k));
    let mut model = Sequential::new([9, 8, 3])
        .add(Conv2d::new(17, 3).padding(Padding::Same))?
        .add(LeakyRelu::new(0.1))?
        .add(MaxPool2d::new(3).stride((2, 1)))?
        .add(Conv2d::new(18, 2).stride(2))?
        .add(GroupNorm::new(2))?
        .add(Gelu)?
        .add(Prelu)?
        .add(Dropout2d::new(0.1))?
        .add(ZeroPad2d::new(1).rows(0, 1))?
        .add(Conv2d::new(3, 1))?
        .add(Tanh)?
        .add(AvgPool2d::new(2).padding(Padding::Same))?
        .add(BatchNorm::new())?
        .add(Flatten)?
        .add(Dropout::new(0.2))?
        .add(
            Residual::new(|x| x.add(Dense::new(9))?.add(Tanh)).projection(|x| x.add(Dense::new(9))),
        )?
        .add(Dense::new(19))?
        .add(LayerNorm::new())?
        .add(Mish)?
        .add(Elu::new(1.0))?
        .add(Softplus)?
        .add(Dense::new(19))?
        .add(Sigmoid)?
        .add(Dense::new(4))?
        .add(Softmax)?;
    Trainer::new(MeanSquaredError, AdamW::new(0.01, 0.1))
        .schedule(OneCycle::new(0.3))
        .group(ParamGroup::vectors().decay(0.0))
        .group(ParamGroup::all().l1(1e-3).max_norm(0.7))
        .clip(Clip::global_norm(0.05))
        .average(Average::swa(0.2))
        .batch_size(5)
        .epochs(2)
        .fit(&mut model, &Arrays::new(x.clone().into_dyn(), t.into_dyn())?)?;
    let y = model.predict(&x)?;
    // Steps whose gradient is the sum of many parts.
    let mut other = mlp()?;
    momentum().batch_size(150).accumulate(2).fit(&mut other, &*DIGITS)?;
    let attentive = attentive_run(number)?;
    let recurrent = recurrent_run(number)?;
    let all = [model.params(), y.as_slice().unwrap(), other.params(), &attentive, &recurrent];
    Ok(bits(&all.concat()))
}

/// Parameters of a model of recurrent layers whose states fill no vector, or one vector and a bit.
fn recurrent_run(number: impl Fn(usize) -> f32) -> Result<Vec<f32>> {
    let x = Array::from_shape_fn((12, 9, 10), |(n, t, i)| number(n + 5 * t + 11 * i));
    let t = Array::from_shape_fn((12, 4), |(n, k)| number(3 * n + 13 * k));
    let mut model = Sequential::new([9, 10])
        .add(Lstm::new(17).every_step().dropout(0.3))?
        .add(Gru::new(3).every_step().reset_before())?
        .add(Gru::new(18).every_step().learned_state())?
        .add(SimpleRnn::new(4))?;
    let mut trainer = Trainer::new(MeanSquaredError, Adam::new(0.01)).batch_size(5);
    trainer.fit(&mut model, &Arrays::new(x.into_dyn(), t.into_dyn())?)?;
    Ok(model.params().to_vec())
}

/// Parameters of a model whose heads fill no vector, or one vector and a bit.
fn attentive_run(number: impl Fn(usize) -> f32) -> Result<Vec<f32>> {
    let x = Array::from_shape_fn((12, 21, 10), |(n, t, i)| number(n + 5 * t + 11 * i));
    let t = Array::from_shape_fn((12, 4), |(n, k)| number(3 * n + 13 * k));
    let mut model = Sequential::new([21, 10])
        .add(TransformerBlock::new(2, 7).causal())?
        .add(SelfAttention::new(1).head_width(17))?
        .add(CrossAttention::new(2, 3))?
        .add(Flatten)?
        .add(Dense::new(4))?;
    let mut trainer = Trainer::new(MeanSquaredError, Adam::new(0.01)).batch_size(5);
    trainer.fit(&mut model, &Arrays::new(x.into_dyn(), t.into_dyn())?)?;
    Ok(model.params().to_vec())
}

/// FNV-1a.
fn hash(bits: &[u32]) -> String {
    let mix = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let bytes = bits.iter().flat_map(|bits| bits.to_le_bytes());
    format!("{:016x}", bytes.fold(0xcbf2_9ce4_8422_2325, mix))
}

/// What the next test starts in a process of its own.
#[test]
fn a_small_run_tells_its_hash() {
    println!("\nhash {} at {}", hash(&small_run().unwrap()), simd_level());
}

/// A process decides on its level once, so each level gets a process. A level that this machine
/// does not have is passed over; it has at least one that is not its widest.
#[test]
fn every_simd_level_gives_the_same_bits() {
    let want = hash(&small_run().unwrap());
    let mut ran = Vec::new();
    for level in ["avx512", "avx2", "neon", "scalar"] {
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "levels::a_small_run_tells_its_hash", "--nocapture"])
            .env("CHAINRULE_SIMD", level)
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&child.stdout);
        let line = out.lines().find_map(|line| line.strip_prefix("hash ")).expect("its hash");
        let (hash, at) = line.split_once(" at ").expect("its level");
        assert_eq!(hash, want, "{level}: {out}");
        if at == level {
            ran.push(level);
        }
    }
    assert!(ran.contains(&"scalar") && ran.contains(&simd_level()), "only {ran:?} ran");
}
