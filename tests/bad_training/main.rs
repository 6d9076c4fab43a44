//! Training that cannot start: an error names the setting, or what is wrong between model and data,
//! and the model is left alone.

mod data;
mod settings;

use chainrule::prelude::*;

fn bits(model: &Sequential) -> Vec<u32> {
    model.params().iter().map(|value| value.to_bits()).collect()
}

fn dense(outputs: usize) -> Sequential {
    Sequential::new([2]).add(Dense::new(outputs)).unwrap()
}

/// A data set that says of itself what it likes.
struct Claims {
    len: usize,
    shape: &'static [usize],
    kind: TargetKind,
    target: Target<'static>,
}

const CLASSES: Claims =
    Claims { len: 3, shape: &[2], kind: TargetKind::Classes(10), target: Target::Class(9) };

impl Dataset for Claims {
    fn len(&self) -> usize {
        self.len
    }

    fn input_shape(&self) -> Vec<usize> {
        self.shape.to_vec()
    }

    fn target_kind(&self) -> TargetKind {
        self.kind.clone()
    }

    fn input(&self, _index: usize, x: &mut [f32]) -> Result<()> {
        x.fill(1.0);
        Ok(())
    }

    fn target(&self, _index: usize) -> Target<'_> {
        self.target
    }
}
