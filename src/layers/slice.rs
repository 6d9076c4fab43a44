//! Slice: some of the channels, such as those of one of several inputs that stand side by side.
//!
//! A model has one input. What comes from two sources, such as an image and a few numbers about it, is
//! one vector, and each branch begins with a slice of it. What a slice drops has no influence on its
//! output, so the gradient is 0 there.

use std::ops::Range;

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use crate::kernels::{flat, flat_mut};
use crate::layer::{Layer, Mismatch, Params, Pass, Saved};

/// Keeps a contiguous range of the last axis: of features (c), or of the channels of images (h, w, c).
///
/// ```text
/// y[.., i] = x[.., start + i]        dx[.., start + i] = dy[.., i],  else 0
/// ```
///
/// - **Plain twin**: [`reference::slice`](crate::reference::slice()), to read first.
/// - **Input**: any shape of at least one axis.
/// - **Output**: the same shape, with as many channels as the range is long.
/// - **Parameters**: none.
/// - **Errors**: samples without an axis; an empty range; a range that ends after the last channel.
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
}

impl Slice {
    /// Keeps the channels from `start` up to, and without, `end`.
    pub fn new(channels: Range<usize>) -> Self {
        Slice { start: channels.start, end: channels.end }
    }
}

impl Layer for Slice {
    type Cache = ();

    fn name(&self) -> String {
        format!("Slice({}..{})", self.start, self.end)
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        let Some((channels, rest)) = input.split_last() else {
            return Err(Mismatch::new("at least one axis", "give the samples an axis of channels"));
        };
        let Slice { start, end } = *self;
        if start >= end || end > *channels {
            let wanted = match end {
                end if end > *channels => format!("at least {end} channels"),
                _ => "a range that is not empty".to_string(),
            };
            return Err(Mismatch::new(wanted, format!("choose a range within 0..{channels}")));
        }
        Ok([rest, &[end - start]].concat())
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
        let channels = x.shape()[x.ndim() - 1];
        let rows = flat_mut(&mut y).chunks_exact_mut(self.end - self.start);
        for (x, y) in flat(&x).chunks_exact(channels).zip(rows) {
            y.copy_from_slice(&x[self.start..self.end]);
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
        let channels = saved.x.shape()[saved.x.ndim() - 1];
        let (dy, dx) = (flat(&dy), flat_mut(&mut dx));
        dx.fill(0.0);
        let rows = dx.chunks_exact_mut(channels);
        for (dy, dx) in dy.chunks_exact(self.end - self.start).zip(rows) {
            dx[self.start..self.end].copy_from_slice(dy);
        }
    }
}
