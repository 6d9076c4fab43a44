//! Prediction for a batch, by all threads.

use std::sync::{Mutex, PoisonError};

use ndarray::{ArrayD, ArrayRef, Dimension};

use super::Sequential;
use super::passes::batch_shape;
use crate::data::{Dataset, inputs};
use crate::error::{ModelError, Result, SequenceError};
use crate::layer::Mode;
use crate::shape::len;

impl Sequential {
    /// Returns the model's output for a batch `x` of inputs, (n, input..) to (n, output..). `x` is any
    /// array of `ndarray`, or a view of one, in any memory layout.
    ///
    /// A few inputs are computed on this thread, and more by as many threads as rayon has. Once the
    /// first call has made its buffers, later ones allocate nothing but what they return.
    ///
    /// ```
    /// use chainrule::ndarray::{Array4, Axis, s};
    /// use chainrule::prelude::*;
    ///
    /// let model = Sequential::new([28, 28, 1]).add(Flatten)?.add(Dense::new(10))?;
    /// let images = Array4::zeros((5, 28, 28, 1));
    /// assert_eq!(model.predict(&images)?.shape(), [5, 10]);
    /// assert_eq!(model.predict(&images.slice(s![..2, .., .., ..]))?.shape(), [2, 10]);
    ///
    /// let image = images.index_axis(Axis(0), 3);
    /// assert_eq!(model.predict(&image.insert_axis(Axis(0)))?.shape(), [1, 10]);
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ModelError::Input`] when `x` has another shape: it names the fix for images with their channels
    /// first, flat ones, and a single input. [`ModelError::Empty`] without layers. [`SequenceError::Token`] for
    /// a number that is no token of an [`Embedding`](crate::layers::Embedding).
    pub fn predict<D: Dimension>(&self, x: &ArrayRef<f32, D>) -> Result<ArrayD<f32>> {
        self.check_batch("predict", x.shape())?;
        self.predict_all("predict", x, None)
    }

    /// Returns the model's output for a batch `x` of padded sequences, (n, steps, ..) to (n, output..). Of
    /// sequence `i` the first `lengths[i]` steps count; where the output is a sequence, what comes after those
    /// that count is 0.
    ///
    /// ```
    /// use chainrule::ndarray::{Array3, s};
    /// use chainrule::prelude::*;
    ///
    /// let model = Sequential::new([5, 3]).add(Conv1d::new(4, 2))?.add(Relu)?;
    /// let x = Array3::from_shape_fn((2, 5, 3), |(_, step, feature)| (step + feature) as f32);
    /// let y = model.predict_sequences(&x, &[5, 3])?;
    /// assert_eq!(y.slice(s![0, ..2, ..]), y.slice(s![1, ..2, ..]));
    /// assert!(y.slice(s![1, 2.., ..]).iter().all(|&value| value == 0.0));
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Sequential::predict`]; [`SequenceError::Count`] unless there is one length for each
    /// sequence; [`SequenceError::Length`] for one that is 0 or too large; [`SequenceError::Padded`] for a
    /// layer that takes no padded sequences.
    pub fn predict_sequences<D: Dimension>(
        &self,
        x: &ArrayRef<f32, D>,
        lengths: &[usize],
    ) -> Result<ArrayD<f32>> {
        let inputs = self.check_batch("predict_sequences", x.shape())?;
        if lengths.len() != inputs {
            return Err(SequenceError::Count { inputs, lengths: lengths.len() }.into());
        }
        for (sample, &length) in lengths.iter().enumerate() {
            self.check_length("predict_sequences", sample, length)?;
        }
        self.predict_all("predict_sequences", x, Some(lengths))
    }

    /// Returns the outputs of these samples of a data set that fits the model.
    pub(super) fn predict_samples(
        &self,
        data: &dyn Dataset,
        indices: &[usize],
    ) -> Result<ArrayD<f32>> {
        let x = inputs(data, indices)?;
        if indices.iter().all(|&index| data.sequence_length(index).is_none()) {
            return self.predict(&x);
        }
        let steps = self.input_shape().first().copied().unwrap_or(1);
        let length = |&index: &usize| data.sequence_length(index).unwrap_or(steps);
        self.predict_sequences(&x, &indices.iter().map(length).collect::<Vec<_>>())
    }

    /// Predicts for inputs that have been checked.
    fn predict_all<D: Dimension>(
        &self,
        what: &'static str,
        x: &ArrayRef<f32, D>,
        lengths: Option<&[usize]>,
    ) -> Result<ArrayD<f32>> {
        let n = x.shape()[0];
        let x = x.as_standard_layout();
        let x = x.as_slice().expect("standard layout is contiguous");
        let mut y = ArrayD::zeros(batch_shape(n, self.output_shape()));
        let (in_len, out_len) = (len(self.input_shape()), len(self.output_shape()));
        for (sample, x) in x.chunks(in_len).enumerate() {
            self.check_numbers(what, sample, x, lengths.map(|lengths| lengths[sample]))?;
        }
        let rows = y.as_slice_mut().expect("a new array is contiguous");
        let shard = self.shard_size();
        let shards = x.chunks(shard * in_len).zip(rows.chunks_mut(shard * out_len));
        let shards = Mutex::new(shards.enumerate());
        let next = || shards.lock().unwrap_or_else(PoisonError::into_inner).next();
        let work = || {
            let mut workspace = None;
            while let Some((number, (x, y))) = next() {
                let workspace = workspace.get_or_insert_with(|| self.spare_workspace());
                workspace.activations[0][..x.len()].copy_from_slice(x);
                let n = x.len() / in_len;
                let length = |i: usize| lengths.map(|lengths| lengths[number * shard + i]);
                self.set_lengths(workspace, (0..n).map(length));
                self.forward(workspace, n, Mode::Infer);
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

    /// Returns the number of inputs in an array of this shape, or refuses one that is not a batch of the
    /// model's. Errors call it for `what`.
    pub(super) fn check_batch(
        &self,
        what: &'static str,
        shape: &[usize],
    ) -> Result<usize, ModelError> {
        self.check_not_empty()?;
        match shape.split_first() {
            Some((&n, input)) if input == self.input_shape() => Ok(n),
            _ => {
                let (wanted, came) = (self.input_shape().to_vec(), shape.to_vec());
                Err(ModelError::Input { what, wanted, came })
            }
        }
    }
}
