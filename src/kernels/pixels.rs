//! The way through the pixels of a rectangle, where each window begins and each output goes.

/// Walks the pixels of a rectangle: over the columns, the rows and the images.
pub(super) struct PixelWalk {
    /// Where the window of the pixel at hand starts in the input, and where its output goes.
    pub x: usize,
    pub y: usize,
    /// Rows and columns of the rectangle, and the pixel's.
    pub sizes: [usize; 2],
    pub at: [usize; 2],
    pub x_jumps: [usize; 3],
    pub y_jumps: [usize; 3],
}

/// How far it is to the next column, the next row's first, and the next image's first pixel, given
/// the steps between images, rows and columns. (A rectangle is no wider than a row, nor higher
/// than an image, except where it reads nothing and all steps are 0.)
pub(super) fn jumps(steps: [usize; 3], rows: usize, cols: usize) -> [usize; 3] {
    let [image, row, col] = steps;
    let next_row = row.wrapping_sub((cols - 1) * col);
    let next_image = image.wrapping_sub((rows - 1) * row + (cols - 1) * col);
    [col, next_row, next_image]
}

impl PixelWalk {
    /// Where the next `count` pixels read and write; the last one stands for any after it.
    #[inline(always)]
    pub fn next<const R: usize>(&mut self, count: usize) -> [(usize, usize); R] {
        let mut places = [(0, 0); R];
        for (r, place) in places.iter_mut().enumerate() {
            *place = (self.x, self.y);
            if r + 1 < count {
                self.advance();
            }
        }
        self.advance();
        places
    }

    #[inline(always)]
    fn advance(&mut self) {
        let [j, i] = self.at;
        let jump = if i + 1 < self.sizes[1] {
            self.at = [j, i + 1];
            0
        } else if j + 1 < self.sizes[0] {
            self.at = [j + 1, 0];
            1
        } else {
            self.at = [0, 0];
            2
        };
        self.x = self.x.wrapping_add(self.x_jumps[jump]);
        self.y = self.y.wrapping_add(self.y_jumps[jump]);
    }
}
