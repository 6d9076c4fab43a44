//! The gradient of the mean loss over chosen samples, on one thread: a training step without the step.

use super::Sequential;
use super::check::check_data;
use crate::data::{ByName, Dataset};
use crate::error::{Result, TrainError};
use crate::layer::Mode;
use crate::loss::{Loss, weighted_mean};

impl Sequential {
    /// Returns the mean loss over the samples with these indices, weighted by [`Loss::weight`], and
    /// its gradient: one derivative for each of [`Sequential::params`]. Dropout is off, as in
    /// prediction. What is frozen, with nothing below that learns, has the derivative 0: the backward
    /// pass does not reach it ([`Sequential::trace_gradient`] does).
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
        let by_name = ByName::new(data, self.class_names(), "gradient's")?;
        let data = by_name.dataset();
        check_data(self, data, loss, "gradient's")?;
        if indices.is_empty() {
            return Err(TrainError::EmptySet { which: "gradient's" }.into());
        }
        let weight_of = |index: usize| f64::from(loss.weight(data.target(index)));
        let weights: f64 = indices.iter().map(|&index| weight_of(index)).sum();
        let mut workspace = self.spare_workspace();
        let mut gradient = vec![0.0; self.param_count()];
        let mut sum = 0.0;
        for shard in indices.chunks(self.shard_size()) {
            self.load_inputs("the set", data, shard.iter().copied(), &mut workspace)?;
            self.forward(&mut workspace, shard.len(), Mode::Infer);
            let rows = self.outputs_and_gradients(&mut workspace, shard.len());
            for (&index, (prediction, dy)) in shard.iter().zip(rows) {
                let weight = weight_of(index);
                let l = loss.loss(prediction, data.target(index), Some(dy));
                sum += weight * f64::from(l);
                let share = if weight > 0.0 { (weight / weights) as f32 } else { 0.0 };
                dy.iter_mut().for_each(|dy| *dy *= share);
            }
            self.backward(&mut workspace, shard.len(), &mut gradient);
        }
        Ok((weighted_mean(sum, weights), gradient))
    }
}
