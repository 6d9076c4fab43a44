//! Max pooling: the largest number of each window, channel by channel.
//!
//! ```text
//! y[h, w, c] = max over the window of x[·, ·, c]
//! dx         = dy at the first maximum of each window, summed over the windows; 0 elsewhere
//! ```

use ndarray::{ArrayViewD, ArrayViewMutD};

use super::window::{Padding, Window, WindowCache};
use super::{flat, flat_mut};
use crate::kernels::{MaxBackward, MaxForward, simd::arch};
use crate::layer::{Layer, Misfit, Mode, Params, Saved};

/// Takes the maximum over windows of an image.
///
/// Input: (h, w, c). Output: (oh, ow, c); without padding, pixels that no whole window reaches are
/// dropped. Padding never wins. It refuses a kernel larger than the padded image.
///
/// Source: K. Jarrett et al., "What is the best multi-stage architecture for object recognition?",
/// ICCV 2009.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(MaxPool2d::new(2).output_shape(&[11, 11, 64])?, [5, 5, 64]);
/// # Ok::<(), Misfit>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxPool2d {
    window: Window,
}

impl MaxPool2d {
    /// Square windows side by side: the stride is the kernel.
    pub fn new(kernel: usize) -> Self {
        let window =
            Window { kernel: (kernel, kernel), stride: (kernel, kernel), padding: Padding::Valid };
        MaxPool2d { window }
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

/// What max pooling keeps: the windows, and which tap of each was the maximum.
#[derive(Debug)]
pub struct MaxPoolCache {
    window: WindowCache,
    argmax: Vec<u32>,
}

impl Layer for MaxPool2d {
    type Cache = MaxPoolCache;

    fn name(&self) -> String {
        format!("MaxPool2d({})", self.window.label(self.window.kernel))
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Misfit> {
        let geometry = self.window.over(input)?;
        Ok(vec![geometry.rows.output, geometry.cols.output, geometry.channels])
    }

    fn new_cache(&self, input: &[usize], max_batch: usize) -> MaxPoolCache {
        let window = self.window.cache(input);
        MaxPoolCache { argmax: vec![0; max_batch * window.pool(1).y_size], window }
    }

    fn forward(
        &self,
        _params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        cache: &mut MaxPoolCache,
        _mode: Mode,
    ) {
        arch().dispatch(MaxForward {
            pool: cache.window.pool(x.shape()[0]),
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
            pool: saved.cache.window.pool(dy.shape()[0]),
            argmax: &saved.cache.argmax,
            dy: flat(&dy),
            dx: flat_mut(&mut dx),
        });
    }
}
