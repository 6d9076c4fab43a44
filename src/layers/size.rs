//! A size along the height and the width of images.

/// A size along two axes: the height and the width.
///
/// Methods that take a size take `impl Into<Size2>`: one number for both axes, or a pair.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(Size2::from(3), Size2::from((3, 3)));
/// let conv = Conv2d::new(8, 3).stride(2).dilation((1, 2));
/// assert_eq!(conv.output_shape(&[9, 9, 1])?, [4, 3, 8]);
/// assert_eq!(MaxPool2d::new((3, 2)).stride(2).output_shape(&[9, 9, 1])?, [4, 4, 1]);
/// # Ok::<(), Mismatch>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size2 {
    /// Size along the height.
    pub height: usize,
    /// Size along the width.
    pub width: usize,
}

impl Size2 {
    /// The height and the width.
    pub(super) fn axes(self) -> [usize; 2] {
        [self.height, self.width]
    }
}

impl From<usize> for Size2 {
    fn from(size: usize) -> Self {
        Size2 { height: size, width: size }
    }
}

impl From<(usize, usize)> for Size2 {
    fn from((height, width): (usize, usize)) -> Self {
        Size2 { height, width }
    }
}
