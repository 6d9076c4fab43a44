//! Padded sequences against the same sequences alone.

use super::probe::{Passes, Probe};
use crate::error::GradientError;
use crate::layer::Layer;
use crate::shape::{label, len};

/// Largest difference, as a share of the largest number of the sequences alone, or of 1 where that is
/// larger: sums of other lengths may be rounded in another order.
const TOLERANCE: f32 = 1e-4;

impl<'a, L: Layer> Probe<'a, L> {
    /// Compares both passes of each padded sequence with those of the sequence alone.
    pub fn compare_alone(mut self) -> Result<(), GradientError> {
        // In training, such a layer has other statistics of a batch than of one of its samples.
        self.training = self.layer.batch_sums().is_none();
        let padded = self.passes(&self.x, &self.params, true, 0.0);
        let (x_size, y_size) = (len(&self.x_shape[1..]), len(&self.y_shape[1..]));
        let (mut sum, mut all) = (vec![0.0; self.params.len()], true);
        for sample in 0..self.x_shape[0] {
            let Some(alone) = self.alone(sample)? else {
                all = false;
                continue;
            };
            let Passes { y, dx, dparams, .. } = alone.passes(&alone.x, &alone.params, true, 0.0);
            let of = |what: &str| {
                let [steps, length] = [self.x_shape[1], alone.x_shape[1]];
                format!("{what} of sample {sample}, {length} steps padded to {steps}")
            };
            self.compare(&of("y"), &padded.y[sample * y_size..], &y)?;
            self.compare(&of("dx"), &padded.dx[sample * x_size..], &dx)?;
            sum.iter_mut().zip(&dparams).for_each(|(sum, dp)| *sum += dp);
        }
        if all { self.compare("dparams", &padded.dparams, &sum) } else { Ok(()) }
    }

    /// A sample alone, in the same layer for as many steps as count; `None` where there is no such layer.
    fn alone(&self, sample: usize) -> Result<Option<Probe<'a, L>>, GradientError> {
        let Some(lengths) = &self.lengths else { return Ok(None) };
        let (input, output) = (&self.x_shape[1..], &self.y_shape[1..]);
        let own = [&[lengths.x[sample]], &input[1..]].concat();
        let shapes = |input: &[usize]| -> Vec<Vec<usize>> {
            self.layer.param_specs(input).into_iter().map(|spec| spec.shape).collect()
        };
        let Ok(own_output) = self.layer.output_shape(&own) else { return Ok(None) };
        if shapes(&own) != shapes(input) {
            return Ok(None);
        }
        let counted = match lengths.y[sample] {
            usize::MAX if own_output != output => return Ok(None),
            usize::MAX => output.to_vec(),
            length => [&[length], &output[1..]].concat(),
        };
        if own_output != counted {
            let what = format!(
                "of sequences of {} steps, `output_length` lets {} steps count, but a layer for so many gives {}",
                own[0],
                counted[0],
                label(&own_output)
            );
            return Err(GradientError::Contract { layer: self.name(), what });
        }
        let part =
            |values: &[f32], size: usize, own: usize| values[sample * size..][..own].to_vec();
        Ok(Some(Probe {
            layer: self.layer,
            x: part(&self.x, len(input), len(&own)),
            params: self.params.clone(),
            r: part(&self.r, len(output), len(&own_output)),
            x_shape: [&[1], &own[..]].concat(),
            y_shape: [&[1], &own_output[..]].concat(),
            lengths: None,
            first: sample,
            training: self.training,
        }))
    }

    /// Refuses numbers that begin otherwise than those of the sequence alone.
    fn compare(&self, what: &str, padded: &[f32], alone: &[f32]) -> Result<(), GradientError> {
        let largest = alone.iter().fold(1.0f32, |largest, value| largest.max(value.abs()));
        for (index, (padded, alone)) in padded.iter().zip(alone).enumerate() {
            let close = (padded - alone).abs() <= TOLERANCE * largest;
            if !close {
                let what = format!(
                    "number {index} of {what} is {padded:e}, but {alone:e} alone: a layer for which zeros are \
                     not as good as nothing must look at the lengths"
                );
                return Err(GradientError::Contract { layer: self.name(), what });
            }
        }
        Ok(())
    }
}
