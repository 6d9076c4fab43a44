//! Average pooling: the mean of each window, channel by channel.
//!
//! The mean is linear, with the slope `1/m` in each of its `m` inputs. Windows at the border have
//! fewer than others: their mean is over what they see, unless the padding is to count, whose zeros
//! then draw it towards 0 (what PyTorch does unless told otherwise).

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::pooling::{self, PoolCache};
use super::size::Size2;
use super::window::{Padding, Window};
use crate::kernels::{MeanBackward, MeanForward, flat, flat_mut, simd::arch};
use crate::layer::{Layer, Mismatch, Params, Pass, Saved};

/// Takes the mean over windows of an image.
///
/// ```text
/// y[h, w, c]  = (1/m)·Σ_{i, j} x[h·s + i·d - p, w·s + j·d - p, c]      m: pixels of the window
/// dx[h, w, c] = Σ dy/m over the windows that this pixel is in
/// ```
///
/// - **Plain twin**: [`reference::avg_pool2d`](crate::reference::avg_pool2d()), to read first.
/// - **Input**: (h, w, c), an image.
/// - **Output**: (oh, ow, c) with `oh = ⌊(h + padding - (kh - 1)·d - 1)/s⌋ + 1`. Pixels that no whole
///   window reaches are dropped, but not with [`AvgPool2d::ceil`]. Padding is not counted, but with
///   [`AvgPool2d::count_padding`].
/// - **Parameters**: none.
/// - **Errors**: what is no image, a kernel that reaches over more than the padded image, padding as
///   wide as the kernel, taps further apart than the image is long, and zeros.
/// - **Source**: Y. LeCun et al., "Gradient-based learning applied to document recognition", Proc.
///   IEEE 86, 1998.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// let model = Sequential::new([2, 2, 1]).add(AvgPool2d::new(2))?;
/// let x = array![[[[1.0], [2.0]], [[3.0], [6.0]]]];
/// assert_eq!(model.predict(&x)?, array![[[[3.0]]]].into_dyn());
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AvgPool2d {
    pub(super) window: Window,
    pub(super) count_padding: bool,
}

impl AvgPool2d {
    /// Windows of this size, side by side: the stride is the kernel.
    pub fn new(kernel: impl Into<Size2>) -> Self {
        let kernel = kernel.into();
        AvgPool2d { window: Window::new(kernel, kernel), count_padding: false }
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

    /// Whether pixels of the padding count, as zeros. What lies beyond it never does.
    #[must_use]
    pub fn count_padding(self, count_padding: bool) -> Self {
        AvgPool2d { count_padding, ..self }
    }
}

impl Layer for AvgPool2d {
    type Cache = PoolCache;

    fn name(&self) -> String {
        let counting = if self.count_padding { ", padding counts" } else { "" };
        format!("AvgPool2d({}{counting})", self.window.label(self.window.kernel))
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        let geometry = pooling::over(&self.window, input)?;
        Ok(vec![geometry.rows.output, geometry.cols.output, geometry.channels])
    }

    fn new_cache(&self, input: &[usize], _max_batch: usize) -> PoolCache {
        PoolCache::new(&self.window, input, self.count_padding)
    }

    fn forward(
        &self,
        _params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        cache: &mut PoolCache,
        _pass: Pass<'_>,
    ) {
        let pool = cache.pool(x.shape()[0]);
        arch().dispatch(MeanForward { pool, x: flat(&x), y: flat_mut(&mut y) });
    }

    fn backward(
        &self,
        _params: Params<'_>,
        saved: Saved<'_, PoolCache>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        _dparams: &mut [f32],
    ) {
        let Some(mut dx) = dx else { return };
        let pool = saved.cache.pool(dy.shape()[0]);
        arch().dispatch(MeanBackward { pool, dy: flat(&dy), dx: flat_mut(&mut dx) });
    }
}
