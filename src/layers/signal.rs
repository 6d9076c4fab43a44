//! Signals as images of one row: what the layers over signals share.
//!
//! A signal (steps, c) lies in memory as an image (1, steps, c) does, so that such a layer is one for
//! images, on the same numbers.

use super::window::{LARGEST, Padding, Window};
use crate::layer::Mismatch;

/// The image that a signal of this shape is; `of_images` is the layer that takes images.
pub(super) fn image(input: &[usize], of_images: &str) -> Result<[usize; 3], Mismatch> {
    let fix = match input {
        [length, channels] => return Ok([1, *length, *channels]),
        [length] => format!(
            "put it before `Flatten`, or give a signal of single numbers an axis of channels with \
             `Reshape::new([{length}, 1])`"
        ),
        [_, _, _] => format!("use `{of_images}` for images"),
        _ => "give the data this shape with `Reshape`".to_string(),
    };
    Err(Mismatch::new("signals of shape length×channels", fix))
}

/// The same for a layer with one window, over the whole signal.
pub(super) fn covered(input: &[usize], of_images: &str) -> Result<[usize; 3], Mismatch> {
    match image(input, of_images)? {
        [_, length, _] if length > LARGEST => Err(Mismatch::new(
            format!("signals of at most {LARGEST} steps"),
            "shorten them before it, with a pool or a convolution that has a stride",
        )),
        image => Ok(image),
    }
}

/// The window over a whole signal.
pub(super) fn whole(length: usize) -> Window {
    Window::new((1, length).into(), 1.into())
}

impl Padding {
    /// Padding of a signal: nothing above and below its row.
    pub(super) fn of_signal(self) -> Self {
        match self {
            Padding::Explicit { left, right, .. } => {
                Padding::Explicit { top: 0, bottom: 0, left, right }
            }
            other => other,
        }
    }
}

impl Window {
    /// Refuses what a file says of a window, unless it slides along a single row.
    pub(super) fn check_one_row(&self) -> Result<(), String> {
        let padded = |top, bottom| top > 0 || bottom > 0;
        match (self.kernel, self.padding) {
            ([1, _], Padding::Explicit { top, bottom, .. }) if padded(top, bottom) => {
                Err(format!("padding of {top} + {bottom} rows, not 0"))
            }
            ([1, _], _) => Ok(()),
            ([height, _], _) => Err(format!("a kernel of height {height}, not 1")),
        }
    }
}
