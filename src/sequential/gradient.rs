//! The gradient of the mean loss over chosen samples, on one thread: a training step without the step.

use super::Sequential;
use super::evaluate::check_data;
use crate::data::Dataset;
use crate::error::{Result, TrainError};
use crate::layer::Mode;
use crate::loss::{Loss, weighted_mean};
use crate::shape;

impl Sequential {
    /// Returns the mean loss over the samples with these indices, weighted by [`Loss::weight`], and
    /// its gradient: one derivative for each of [`Sequential::params`]. Dropout is off, as in
    /// prediction.
    ///
    /// # Errors
    ///
    /// As [`Sequential::evaluate`], and [`TrainError::EmptySet`] without indices.
    ///
    /// # Panics
    ///
    /// If an index is not below the data set's length, as indexing a slice does.
    pub fn gradient(
        &self,
        data: &dyn Dataset,
        indices: &[usize],
        loss: &dyn Loss,
    ) -> Result<(f64, Vec<f32>)> {
        check_data(self, data, loss, "gradient's")?;
        if indices.is_empty() {
            return Err(TrainError::EmptySet { which: "gradient's" }.into());
        }
        let weight_of = |index: usize| f64::from(loss.weight(data.target(index)));
        let weights: f64 = indices.iter().map(|&index| weight_of(index)).sum();
        let (inputs, outputs) = (shape::len(self.input_shape()), shape::len(self.output_shape()));
        let mut workspace = self.spares.take(self);
        let mut gradient = vec![0.0; self.param_count()];
        let mut sum = 0.0;
        for shard in indices.chunks(self.shard_size()) {
            let x = workspace.activations[0].chunks_exact_mut(inputs);
            shard.iter().zip(x).try_for_each(|(&index, x)| data.input(index, x))?;
            self.forward(&mut workspace, shard.len(), Mode::Infer);
            let workspace = &mut *workspace;
            let predictions = workspace.activations[self.output_buffer()].chunks_exact(outputs);
            let dy = workspace.gradients[self.plan.output].chunks_exact_mut(outputs);
            for ((&index, prediction), dy) in shard.iter().zip(predictions).zip(dy) {
                let weight = weight_of(index);
                let l = loss.loss(prediction, data.target(index), Some(dy));
                sum += weight * f64::from(l);
                let share = if weight > 0.0 { (weight / weights) as f32 } else { 0.0 };
                dy.iter_mut().for_each(|dy| *dy *= share);
            }
            self.backward(workspace, shard.len(), &mut gradient);
        }
        Ok((weighted_mean(sum, weights), gradient))
    }
}
