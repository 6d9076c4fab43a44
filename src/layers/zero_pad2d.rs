//! Zero padding: an image in a frame of zeros. The frame is a constant, so what comes back to it is
//! dropped, and `dx` is the inside of `dy`. Both passes copy whole rows.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::size::Size2;
use super::window::image;
use crate::kernels::{flat, flat_mut};
use crate::layer::{Layer, Mismatch, Params, Pass, Saved};

/// The widest frame: sums with it cannot overflow.
pub(super) const LARGEST: usize = 1 << 16;

/// Surrounds an image with zeros.
///
/// ```text
/// y[i, j, k]  = x[i - top, j - left, k]   inside the image, else 0
/// dx[i, j, k] = dy[i + top, j + left, k]
/// ```
///
/// - **Plain twin**: [`reference::zero_pad2d`](crate::reference::zero_pad2d()), to read first.
/// - **Input**: (h, w, c).
/// - **Output**: (top + h + bottom, left + w + right, c).
/// - **Parameters**: none.
/// - **Errors**: inputs that are not images; more than 65536 pixels on a side.
/// - **Source**: Y. LeCun et al., "Gradient-based learning applied to document recognition", Proc.
///   IEEE 86, 1998, whose 28×28 digits stand in 32×32 pixels.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(ZeroPad2d::new(2).output_shape(&[28, 28, 1])?, [32, 32, 1]);
/// assert_eq!(ZeroPad2d::new((0, 2)).output_shape(&[28, 28, 1])?, [28, 32, 1]);
/// assert_eq!(ZeroPad2d::new(0).rows(1, 0).cols(2, 3).output_shape(&[4, 4, 1])?, [5, 9, 1]);
/// # Ok::<(), Mismatch>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZeroPad2d {
    /// Above and below, left and right.
    rows: (usize, usize),
    cols: (usize, usize),
}

impl ZeroPad2d {
    /// This many rows above and below, and this many columns to the left and to the right.
    pub fn new(pixels: impl Into<Size2>) -> Self {
        let Size2 { height, width } = pixels.into();
        ZeroPad2d { rows: (height, height), cols: (width, width) }
    }

    /// This many rows above, and this many below.
    #[must_use]
    pub fn rows(self, top: usize, bottom: usize) -> Self {
        ZeroPad2d { rows: (top, bottom), ..self }
    }

    /// This many columns to the left, and this many to the right.
    #[must_use]
    pub fn cols(self, left: usize, right: usize) -> Self {
        ZeroPad2d { cols: (left, right), ..self }
    }

    /// Where each row of images of shape (n, h, w, c) begins in the padded images.
    fn starts(&self, shape: &[usize]) -> impl Iterator<Item = usize> {
        let &[n, h, w, c] = shape else { panic!("output_shape accepted images") };
        let (rows, cols) = (self.rows.0 + h + self.rows.1, self.cols.0 + w + self.cols.1);
        let (top, left) = (self.rows.0, self.cols.0);
        (0..n * h).map(move |row| ((row / h * rows + top + row % h) * cols + left) * c)
    }
}

impl Layer for ZeroPad2d {
    type Cache = ();

    fn name(&self) -> String {
        let ((top, bottom), (left, right)) = (self.rows, self.cols);
        if [bottom, left, right] == [top; 3] {
            format!("ZeroPad2d({top})")
        } else {
            format!("ZeroPad2d({top}+{bottom}×{left}+{right})")
        }
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        let [h, w, c] = image(input)?;
        let ((top, bottom), (left, right)) = (self.rows, self.cols);
        if [top, bottom, left, right].iter().any(|&pixels| pixels > LARGEST) {
            return Err(Mismatch::new(
                format!("at most {LARGEST} pixels on each side"),
                "check its settings",
            ));
        }
        let padded = |size: usize, more: usize| size.saturating_add(more);
        Ok(vec![padded(h, top + bottom), padded(w, left + right), c])
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
        let width = x.shape()[2] * x.shape()[3];
        let (rows, y) = (flat(&x).chunks_exact(width), flat_mut(&mut y));
        y.fill(0.0);
        for (start, row) in self.starts(x.shape()).zip(rows) {
            y[start..start + width].copy_from_slice(row);
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
        let width = saved.x.shape()[2] * saved.x.shape()[3];
        let (dy, rows) = (flat(&dy), flat_mut(&mut dx).chunks_exact_mut(width));
        for (start, row) in self.starts(saved.x.shape()).zip(rows) {
            row.copy_from_slice(&dy[start..start + width]);
        }
    }
}
