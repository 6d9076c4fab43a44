//! Sliding windows: which input lies under which tap of which window.

/// Way of a window along one axis.
///
/// ```
/// use chainrule::reference::Slide;
///
/// // Windows of 3 taps over 5 pixels with one pixel of padding on each side, two pixels apart.
/// let slide = Slide { stride: 2, dilation: 1, pad: 1 };
/// assert_eq!([0, 1, 2].map(|tap| slide.under(0, tap, 5)), [None, Some(0), Some(1)]);
/// assert_eq!([0, 1, 2].map(|tap| slide.under(2, tap, 5)), [Some(3), Some(4), None]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slide {
    /// Distance from one window to the next.
    pub stride: usize,
    /// Distance from one tap of a window to the next.
    pub dilation: usize,
    /// Number of padding values before the first input.
    pub pad: usize,
}

impl Slide {
    /// Returns the index of the input under a tap of a window, or `None` where that is padding.
    ///
    /// ```text
    /// index = window·stride + tap·dilation - pad,  if it is in 0..len
    /// ```
    pub fn under(self, window: usize, tap: usize, len: usize) -> Option<usize> {
        let index = (window * self.stride + tap * self.dilation).checked_sub(self.pad)?;
        (index < len).then_some(index)
    }
}
