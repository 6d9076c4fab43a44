//! Slice: some of the channels, or of the steps, such as those of one of several inputs that stand side by
//! side.
//!
//! A model has one input. What comes from two sources, such as an image and a few numbers about it, is
//! one vector, and each branch begins with a slice of it. Two sequences are one sequence, of the steps of the
//! one and then of the other. What a slice drops has no influence on its output, so the gradient is 0 there.

use std::ops::Range;

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use crate::kernels::{flat, flat_mut};
use crate::layer::{Layer, Mismatch, Params, Pass, Saved, not_for_padding};
use crate::shape::len;

/// Keeps a contiguous range of the last axis: of features (c), or of the channels of images (h, w, c); or of
/// the first: of the steps of a sequence (steps, c).
///
/// ```text
/// y[.., i] = x[.., start + i]        dx[.., start + i] = dy[.., i],  else 0        channels
/// y[i, ..] = x[start + i, ..]        dx[start + i, ..] = dy[i, ..],  else 0        steps
/// ```
///
/// The steps of the range that come before the end of a padded sequence count.
///
/// - **Plain twin**: [`reference::slice`](crate::reference::slice()), to read first.
/// - **Input**: any shape of at least one axis, or two for steps.
/// - **Output**: the same shape, with as many channels or steps as the range is long.
/// - **Parameters**: none.
/// - **Errors**: samples without such an axis; an empty range; a range that ends after the last channel or
///   step.
/// - **Source**: `Split` of ONNX, one of whose outputs it is.
///
/// ```
/// use chainrule::prelude::*;
///
/// let red_and_green = Sequential::new([28, 28, 3]).add(Slice::new(0..2))?;
/// assert_eq!(red_and_green.output_shape(), [28, 28, 2]);
///
/// // 784 pixels, then 3 numbers about the image.
/// let model = Sequential::new([787]).add(
///     Branches::concatenate()
///         .branch(|x| x.add(Slice::new(0..784))?.add(Dense::new(32))?.add(Relu))
///         .branch(|x| x.add(Slice::new(784..787))),
/// )?;
/// assert_eq!(model.output_shape(), [35]);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slice {
    start: usize,
    end: usize,
    /// `true` if the range is one of steps.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    steps: bool,
}

impl Slice {
    /// Keeps the channels from `start` up to, and without, `end`.
    pub fn new(channels: Range<usize>) -> Self {
        Slice { start: channels.start, end: channels.end, steps: false }
    }

    /// Keeps the steps from `start` up to, and without, `end`: of images, rows of pixels.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let last_three = Sequential::new([10, 4]).add(Slice::steps(7..10))?;
    /// assert_eq!(last_three.output_shape(), [3, 4]);
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    pub fn steps(steps: Range<usize>) -> Self {
        Slice { start: steps.start, end: steps.end, steps: true }
    }

    /// Number of the axis of a sample that is sliced.
    fn axis(&self, input: &[usize]) -> usize {
        if self.steps { 0 } else { input.len() - 1 }
    }

    /// Numbers of values: of what is sliced as one, and the range of it that is kept.
    fn ranges(&self, input: &[usize]) -> (usize, Range<usize>) {
        let axis = self.axis(input);
        let inner = len(&input[axis + 1..]);
        (input[axis] * inner, self.start * inner..self.end * inner)
    }
}

impl Layer for Slice {
    type Cache = ();

    fn name(&self) -> String {
        let steps = if self.steps { "steps " } else { "" };
        format!("Slice({steps}{}..{})", self.start, self.end)
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        if self.steps && input.len() < 2 {
            return Err(Mismatch::new("steps of features", "use `Slice::new` for features"));
        }
        if input.is_empty() {
            return Err(Mismatch::new("at least one axis", "give the samples an axis of channels"));
        }
        let (axis, Slice { start, end, .. }) = (self.axis(input), *self);
        let (size, what) = (input[axis], if self.steps { "steps" } else { "channels" });
        if start >= end || end > size {
            let wanted = match end {
                end if end > size => format!("at least {end} {what}"),
                _ => "a range that is not empty".to_string(),
            };
            return Err(Mismatch::new(wanted, format!("choose a range within 0..{size}")));
        }
        let mut output = input.to_vec();
        output[axis] = end - start;
        Ok(output)
    }

    fn output_length(
        &self,
        input: &[usize],
        _output: &[usize],
        length: usize,
    ) -> Result<Option<usize>, Mismatch> {
        match input {
            [_, _] if !self.steps => Ok(Some(length)),
            [_, _] if length > self.start => Ok(Some(length.min(self.end) - self.start)),
            [_, _] => Err(Mismatch::new(
                format!("a sequence of more than {} steps", self.start),
                "slice earlier steps, or leave out what is shorter",
            )),
            _ => Err(not_for_padding()),
        }
    }

    fn new_cache(&self, _input: &[usize], _max_batch: usize) {}

    fn forward(
        &self,
        _params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        _cache: &mut (),
        _pass: Pass<'_>,
    ) {
        let (whole, range) = self.ranges(&x.shape()[1..]);
        let rows = flat_mut(&mut y).chunks_exact_mut(range.len());
        for (x, y) in flat(&x).chunks_exact(whole).zip(rows) {
            y.copy_from_slice(&x[range.clone()]);
        }
    }

    fn backward(
        &self,
        _params: Params<'_>,
        saved: Saved<'_, ()>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        _dparams: &mut [f32],
    ) {
        let Some(mut dx) = dx else { return };
        let (whole, range) = self.ranges(&saved.x.shape()[1..]);
        let (dy, dx) = (flat(&dy), flat_mut(&mut dx));
        dx.fill(0.0);
        let rows = dx.chunks_exact_mut(whole);
        for (dy, dx) in dy.chunks_exact(range.len()).zip(rows) {
            dx[range.clone()].copy_from_slice(dy);
        }
    }
}
