//! Sequences: padding without influence, and errors that name the sample.

mod attention;
mod buckets;
mod checks;
mod ctc;
mod padding;
mod pools;
mod recurrent;
mod refusals;
mod strings;
mod targets;

use chainrule::prelude::*;
use chainrule::random::Key;
use ndarray::{Array3, ArrayD, s};
use rand::Rng;

/// Sequences of different lengths in one array, of which what comes after the length is anything.
struct Padded {
    x: ArrayD<f32>,
    lengths: Vec<usize>,
}

/// Random numbers in -1..1.
fn random(shape: [usize; 3], seed: u64) -> Array3<f32> {
    let mut rng = Key::new(seed).rng();
    Array3::from_shape_simple_fn(shape, || (rng.next_u32() as f32 / u32::MAX as f32) * 2.0 - 1.0)
}

impl Padded {
    /// Sequences of these lengths; `seed` draws what counts, and `padding` what does not.
    fn new(lengths: &[usize], [steps, features]: [usize; 2], seed: u64, padding: u64) -> Self {
        let mut x = random([lengths.len(), steps, features], seed);
        let other = random([lengths.len(), steps, features], padding);
        for (i, &length) in lengths.iter().enumerate() {
            x.slice_mut(s![i, length.., ..]).assign(&other.slice(s![i, length.., ..]));
        }
        Padded { x: x.into_dyn(), lengths: lengths.to_vec() }
    }
}

impl Dataset for Padded {
    fn len(&self) -> usize {
        self.lengths.len()
    }
    fn input_shape(&self) -> Vec<usize> {
        self.x.shape()[1..].to_vec()
    }
    fn target_kind(&self) -> TargetKind {
        TargetKind::Classes(2)
    }
    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        x.copy_from_slice(&self.x.as_slice().unwrap()[index * x.len()..][..x.len()]);
        Ok(())
    }
    fn sequence_length(&self, index: usize) -> Option<usize> {
        Some(self.lengths[index])
    }
    fn target(&self, index: usize) -> Target<'_> {
        Target::Class(index % 2)
    }
}
