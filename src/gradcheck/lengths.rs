//! Lengths of the samples of a check, and the zeros behind them.

use crate::error::SequenceError;
use crate::layer::Layer;
use crate::shape::len;

/// Number of steps that count of each sample, in inputs and in outputs.
pub(super) struct SampleLengths {
    pub x: Vec<usize>,
    /// `usize::MAX` for an output that is no sequence.
    pub y: Vec<usize>,
}

impl SampleLengths {
    /// The lengths of the inputs and outputs of a layer, or the first that makes no sense.
    pub fn new<L: Layer>(
        layer: &L,
        input: &[usize],
        output: &[usize],
        lengths: &[usize],
    ) -> Result<Self, SequenceError> {
        let (what, steps) = ("the check", input.first().copied().unwrap_or(0));
        let mut y = Vec::new();
        for (sample, &length) in lengths.iter().enumerate() {
            if !(1..=steps).contains(&length) {
                return Err(SequenceError::Length { what, sample, length, steps });
            }
            let own = layer.output_length(input, output, length).map_err(|mismatch| {
                let (layer, mismatch) = (Layer::name(layer), Box::new(mismatch));
                SequenceError::Padded { what, sample, length, layer, mismatch }
            })?;
            y.push(own.unwrap_or(usize::MAX));
        }
        Ok(SampleLengths { x: lengths.to_vec(), y })
    }

    /// Sets what does not count of inputs to zero, in a batch of this shape.
    pub fn clear_x(&self, x: &mut [f32], shape: &[usize]) {
        clear(x, &shape[1..], &self.x);
    }

    /// Sets what does not count of outputs to zero, in a batch of this shape.
    pub fn clear_y(&self, y: &mut [f32], shape: &[usize]) {
        clear(y, &shape[1..], &self.y);
    }
}

fn clear(values: &mut [f32], shape: &[usize], lengths: &[usize]) {
    let (Some(&steps), size) = (shape.first(), len(shape)) else { return };
    for (values, &length) in values.chunks_exact_mut(size.max(1)).zip(lengths) {
        if length < steps {
            values[length * (size / steps)..].fill(0.0);
        }
    }
}
