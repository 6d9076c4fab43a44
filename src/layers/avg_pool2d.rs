//! Average pooling: the mean of each window, channel by channel.
//!
//! ```text
//! y[h, w, c] = (1/m)·Σ over the window of x[·, ·, c]        m: pixels of the window in the image
//! dx         = dy/m at every pixel of each window, summed over the windows
//! ```

use ndarray::{ArrayViewD, ArrayViewMutD};

use super::window::{Padding, Window, WindowCache};
use super::{flat, flat_mut};
use crate::kernels::{MeanBackward, MeanForward, simd::arch};
use crate::layer::{Layer, Misfit, Mode, Params, Saved};

/// Takes the mean over windows of an image.
///
/// Input: (h, w, c). Output: (oh, ow, c); without padding, pixels that no whole window reaches are
/// dropped. Padding is not counted. It refuses a kernel larger than the padded image.
///
/// Source: Y. LeCun et al., "Gradient-based learning applied to document recognition", Proc. IEEE
/// 86, 1998.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(AvgPool2d::new(2).output_shape(&[28, 28, 6])?, [14, 14, 6]);
/// # Ok::<(), Misfit>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AvgPool2d {
    window: Window,
}

impl AvgPool2d {
    /// Square windows side by side: the stride is the kernel.
    pub fn new(kernel: usize) -> Self {
        let window =
            Window { kernel: (kernel, kernel), stride: (kernel, kernel), padding: Padding::Valid };
        AvgPool2d { window }
    }

    /// Windows of this height and width; the stride stays.
    #[must_use]
    pub fn kernel(mut self, height: usize, width: usize) -> Self {
        self.window.kernel = (height, width);
        self
    }

    /// Moves the window by this many pixels down, and this many across.
    #[must_use]
    pub fn strides(mut self, down: usize, across: usize) -> Self {
        self.window.stride = (down, across);
        self
    }

    /// Surrounds the image.
    #[must_use]
    pub fn padding(mut self, padding: Padding) -> Self {
        self.window.padding = padding;
        self
    }
}

impl Layer for AvgPool2d {
    type Cache = WindowCache;

    fn name(&self) -> String {
        format!("AvgPool2d({})", self.window.label(self.window.kernel))
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Misfit> {
        let geometry = self.window.over(input)?;
        Ok(vec![geometry.rows.output, geometry.cols.output, geometry.channels])
    }

    fn new_cache(&self, input: &[usize], _max_batch: usize) -> WindowCache {
        self.window.cache(input)
    }

    fn forward(
        &self,
        _params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        cache: &mut WindowCache,
        _mode: Mode,
    ) {
        let pool = cache.pool(x.shape()[0]);
        arch().dispatch(MeanForward { pool, x: flat(&x), y: flat_mut(&mut y) });
    }

    fn backward(
        &self,
        _params: Params<'_>,
        saved: Saved<'_, WindowCache>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        _dparams: &mut [f32],
    ) {
        let Some(mut dx) = dx else { return };
        let pool = saved.cache.pool(dy.shape()[0]);
        arch().dispatch(MeanBackward { pool, dy: flat(&dy), dx: flat_mut(&mut dx) });
    }
}
