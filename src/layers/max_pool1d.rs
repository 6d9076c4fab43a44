//! Max pooling over signals: that of an image of height 1, each signal by itself where it is padded.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};

use super::max_pool2d::MaxPoolCache;
use super::pooling;
use super::window::Window;
use super::{MaxPool2d, Padding, signal};
use crate::kernels::{MaxBackward, MaxForward, flat, flat_mut, simd::arch};
use crate::layer::{Layer, Lengths, Mismatch, Params, Pass, Saved};
use crate::shape::len;

/// Takes the maximum over windows of a signal.
///
/// ```text
/// y[t, c]  = max_i x[t·s + i·d - p, c]
/// dx[t, c] = Σ dy over the windows whose first maximum this is
/// ```
///
/// - **Plain twin**: [`reference::max_pool1d`](crate::reference::max_pool1d()), to read first.
/// - **Input**: (length, c), a signal. Of a padded one, windows see the steps that count.
/// - **Output**: (ol, c) with `ol = ⌊(length + padding - (k - 1)·d - 1)/s⌋ + 1`. Steps that no whole
///   window reaches are dropped, but not with [`MaxPool1d::ceil`]. Padding never wins.
/// - **Parameters**: none.
/// - **Errors**: what is no signal, and as [`MaxPool2d`]; the signal is the width of its image.
/// - **Source**: R. Collobert et al., "Natural language processing (almost) from scratch", JMLR 12, 2011.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(MaxPool1d::new(2).output_shape(&[11, 64])?, [5, 64]);
/// assert_eq!(MaxPool1d::new(2).ceil().output_shape(&[11, 64])?, [6, 64]);
/// # Ok::<(), Mismatch>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaxPool1d(#[serde(deserialize_with = "one_row")] MaxPool2d);

/// Reads a pool from a file, which must have windows along a single row.
fn one_row<'de, D: Deserializer<'de>>(file: D) -> Result<MaxPool2d, D::Error> {
    let pool = MaxPool2d::deserialize(file)?;
    pool.window.check_one_row().map_err(D::Error::custom)?;
    Ok(pool)
}

impl MaxPool1d {
    /// Windows of this length, side by side: the stride is the kernel.
    pub fn new(kernel: usize) -> Self {
        MaxPool1d(MaxPool2d::new((1, kernel)))
    }

    /// Moves the window by this many steps.
    #[must_use]
    pub fn stride(self, stride: usize) -> Self {
        MaxPool1d(self.0.stride((1, stride)))
    }

    /// Spreads the taps of a window, this many steps from one to the next.
    #[must_use]
    pub fn dilation(self, dilation: usize) -> Self {
        MaxPool1d(self.0.dilation((1, dilation)))
    }

    /// Surrounds the signal, by less than the kernel; of [`Padding::Explicit`], by `left` and `right`.
    #[must_use]
    pub fn padding(self, padding: Padding) -> Self {
        MaxPool1d(self.0.padding(padding.of_signal()))
    }

    /// Rounds the number of windows up: steps that no whole window reaches get one that hangs over
    /// the end.
    #[must_use]
    pub fn ceil(self) -> Self {
        MaxPool1d(self.0.ceil())
    }
}

impl Layer for MaxPool1d {
    type Cache = MaxPoolCache;

    fn name(&self) -> String {
        format!("MaxPool1d({})", self.0.window.signal_label(self.0.window.kernel[1]))
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        Ok(self.0.output_shape(&signal::image(input, "MaxPool2d")?)?.split_off(1))
    }

    /// The number of windows over a signal of this length.
    fn output_length(
        &self,
        input: &[usize],
        _output: &[usize],
        length: usize,
    ) -> Result<Option<usize>, Mismatch> {
        Ok(Some(pooling::over(&self.0.window, &[1, length, input[1]])?.cols.output))
    }

    fn new_cache(&self, input: &[usize], max_batch: usize) -> MaxPoolCache {
        self.0.new_cache(&[1, input[0], input[1]], max_batch)
    }

    fn forward(
        &self,
        _params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        y: ArrayViewMutD<'_, f32>,
        cache: &mut MaxPoolCache,
        pass: Pass<'_>,
    ) {
        forward(|_| self.0.window, x, y, cache, pass.lengths);
    }

    fn backward(
        &self,
        _params: Params<'_>,
        saved: Saved<'_, MaxPoolCache>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        _dparams: &mut [f32],
    ) {
        backward(|_| self.0.window, saved, dy, dx);
    }
}

/// Takes the maxima over the windows of each signal, which are `window(length)` over one of this length.
pub(super) fn forward(
    window: impl Fn(usize) -> Window,
    x: ArrayViewD<'_, f32>,
    mut y: ArrayViewMutD<'_, f32>,
    cache: &mut MaxPoolCache,
    lengths: Lengths<'_>,
) {
    let (signals, steps) = (x.shape()[0], x.shape()[1]);
    let (x_size, y_size) = (len(&x.shape()[1..]), len(&y.shape()[1..]));
    let (x, y) = (flat(&x), flat_mut(&mut y));
    for (run, length) in pooling::runs(signals, steps, lengths) {
        let pool = cache.windows.along(&window(length), length, run.len());
        let (x, y) = (&x[run.start * x_size..], &mut y[run.start * y_size..run.end * y_size]);
        let (x, (y, rest)) = (&x[..pool.x_len()], y.split_at_mut(pool.y_len()));
        let argmax = &mut cache.argmax[run.start * y_size..][..y.len()];
        arch().dispatch(MaxForward { pool, x, y, argmax });
        rest.fill(0.0);
    }
}

/// Sends `dy` back to the first maximum of each window.
pub(super) fn backward(
    window: impl Fn(usize) -> Window,
    saved: Saved<'_, MaxPoolCache>,
    dy: ArrayViewMutD<'_, f32>,
    dx: Option<ArrayViewMutD<'_, f32>>,
) {
    let Some(mut dx) = dx else { return };
    let (signals, steps) = (dx.shape()[0], dx.shape()[1]);
    let (x_size, y_size) = (len(&dx.shape()[1..]), len(&dy.shape()[1..]));
    let (dy, dx) = (flat(&dy), flat_mut(&mut dx));
    for (run, length) in pooling::runs(signals, steps, saved.lengths) {
        let pool = saved.cache.windows.along(&window(length), length, run.len());
        let (dy, dx) = (&dy[run.start * y_size..], &mut dx[run.start * x_size..run.end * x_size]);
        let (dy, (dx, rest)) = (&dy[..pool.y_len()], dx.split_at_mut(pool.x_len()));
        let argmax = &saved.cache.argmax[run.start * y_size..][..dy.len()];
        arch().dispatch(MaxBackward { pool, argmax, dy, dx });
        rest.fill(0.0);
    }
}
