//! Prediction for a batch, by all threads.

use std::sync::{Mutex, PoisonError};

use ndarray::{ArrayD, ArrayViewD};

use super::Sequential;
use super::passes::batch_shape;
use crate::error::{ModelError, Result};
use crate::layer::Mode;
use crate::shape::len;

impl Sequential {
    /// The model's output for a batch `x` of inputs, (n, input..) to (n, output..): on this thread
    /// for a few inputs, and by as many threads as rayon has for more. Once the first call has made
    /// its buffers, later ones allocate nothing but what they return.
    ///
    /// # Errors
    ///
    /// [`ModelError::Input`] when `x` has another shape, [`ModelError::Empty`] without layers.
    pub fn predict(&self, x: ArrayViewD<'_, f32>) -> Result<ArrayD<f32>> {
        self.check_not_empty()?;
        if x.ndim() == 0 || x.shape()[1..] != *self.input_shape() {
            let (wanted, came) = (self.input_shape().to_vec(), x.shape().to_vec());
            return Err(ModelError::Input { what: "predict", wanted, came }.into());
        }
        let n = x.shape()[0];
        let x = x.as_standard_layout();
        let x = x.as_slice().expect("standard layout is contiguous");
        let mut y = ArrayD::zeros(batch_shape(n, self.output_shape()));
        let (in_len, out_len) = (len(self.input_shape()), len(self.output_shape()));
        let rows = y.as_slice_mut().expect("a new array is contiguous");
        let shard = self.shard_size();
        let shards = Mutex::new(x.chunks(shard * in_len).zip(rows.chunks_mut(shard * out_len)));
        let next = || shards.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || {
            let mut workspace = None;
            while let Some((x, y)) = next() {
                let workspace = workspace.get_or_insert_with(|| self.spare_workspace());
                workspace.activations[0][..x.len()].copy_from_slice(x);
                self.forward(workspace, x.len() / in_len, Mode::Infer);
                y.copy_from_slice(self.output(workspace, y.len() / out_len));
            }
        };
        // This thread begins at once, and the others help when they have woken up: that may take
        // them as long as a small model takes for a hundred inputs.
        rayon::in_place_scope(|scope| {
            for _ in 1..rayon::current_num_threads().min(n.div_ceil(shard)) {
                scope.spawn(|_| work());
            }
            work();
        });
        Ok(y)
    }
}
