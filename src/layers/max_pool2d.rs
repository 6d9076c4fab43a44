//! Max pooling: the largest number of each window, channel by channel.
//!
//! A maximum is one of its inputs, and has the slope 1 in that one and 0 in the others: what the
//! forward pass keeps is which tap it was. Of several equal ones it is the first, as in PyTorch.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::pooling::{self, PoolCache};
use super::size::Size2;
use super::window::{Padding, Window};
use crate::kernels::{MaxBackward, MaxForward, flat, flat_mut, simd::arch};
use crate::layer::{Layer, Mismatch, Params, Pass, Saved};

/// Takes the maximum over windows of an image.
///
/// ```text
/// y[h, w, c]  = max_{i, j} x[h·s + i·d - p, w·s + j·d - p, c]
/// dx[h, w, c] = Σ dy over the windows whose first maximum this is
/// ```
///
/// - **Plain twin**: [`reference::max_pool2d`](crate::reference::max_pool2d()), to read first.
/// - **Input**: (h, w, c), an image.
/// - **Output**: (oh, ow, c) with `oh = ⌊(h + padding - (kh - 1)·d - 1)/s⌋ + 1`. Pixels that no whole
///   window reaches are dropped, but not with [`MaxPool2d::ceil`]. Padding never wins.
/// - **Parameters**: none.
/// - **Errors**: what is no image, a kernel that reaches over more than the padded image, padding as
///   wide as the kernel, taps further apart than the image is long, and zeros.
/// - **Source**: K. Jarrett et al., "What is the best multi-stage architecture for object
///   recognition?", ICCV 2009.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(MaxPool2d::new(2).output_shape(&[11, 11, 64])?, [5, 5, 64]);
/// assert_eq!(MaxPool2d::new(2).ceil().output_shape(&[11, 11, 64])?, [6, 6, 64]);
/// # Ok::<(), Mismatch>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MaxPool2d {
    pub(super) window: Window,
}

impl MaxPool2d {
    /// Windows of this size, side by side: the stride is the kernel.
    pub fn new(kernel: impl Into<Size2>) -> Self {
        let kernel = kernel.into();
        MaxPool2d { window: Window::new(kernel, kernel) }
    }

    /// Moves the window by this many pixels, down and across.
    #[must_use]
    pub fn stride(mut self, stride: impl Into<Size2>) -> Self {
        self.window.stride = stride.into().axes();
        self
    }

    /// Spreads the taps of a window, this many pixels from one to the next, down and across.
    #[must_use]
    pub fn dilation(mut self, dilation: impl Into<Size2>) -> Self {
        self.window.dilation = dilation.into().axes();
        self
    }

    /// Surrounds the image, by less than the kernel: `1`, `(1, 2)` for rows and columns, or a
    /// [`Padding`].
    #[must_use]
    pub fn padding(mut self, padding: impl Into<Padding>) -> Self {
        self.window.padding = padding.into();
        self
    }

    /// Rounds the number of windows up: pixels that no whole window reaches get one that hangs over
    /// the border.
    #[must_use]
    pub fn ceil(mut self) -> Self {
        self.window.ceil = true;
        self
    }
}

/// What max pooling keeps: the windows, and which tap of each was the maximum.
#[derive(Debug)]
pub struct MaxPoolCache {
    pub(super) windows: PoolCache,
    pub(super) argmax: Vec<u32>,
}

impl Layer for MaxPool2d {
    type Cache = MaxPoolCache;

    fn name(&self) -> String {
        format!("MaxPool2d({})", self.window.label(self.window.kernel))
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        let geometry = pooling::over(&self.window, input)?;
        Ok(vec![geometry.rows.output, geometry.cols.output, geometry.channels])
    }

    fn new_cache(&self, input: &[usize], max_batch: usize) -> MaxPoolCache {
        let windows = PoolCache::new(&self.window, input, false);
        MaxPoolCache { argmax: vec![0; max_batch * windows.pool(1).y_size], windows }
    }

    fn forward(
        &self,
        _params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        cache: &mut MaxPoolCache,
        _pass: Pass<'_>,
    ) {
        arch().dispatch(MaxForward {
            pool: cache.windows.pool(x.shape()[0]),
            x: flat(&x),
            y: flat_mut(&mut y),
            argmax: &mut cache.argmax,
        });
    }

    fn backward(
        &self,
        _params: Params<'_>,
        saved: Saved<'_, MaxPoolCache>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        _dparams: &mut [f32],
    ) {
        let Some(mut dx) = dx else { return };
        arch().dispatch(MaxBackward {
            pool: saved.cache.windows.pool(dy.shape()[0]),
            argmax: &saved.cache.argmax,
            dy: flat(&dy),
            dx: flat_mut(&mut dx),
        });
    }
}
