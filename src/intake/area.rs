//! A rectangle of pixels.

use serde::{Deserialize, Serialize};

/// A rectangle of pixels in a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Area {
    /// First row.
    pub top: usize,
    /// First column.
    pub left: usize,
    /// Number of rows.
    pub height: usize,
    /// Number of columns.
    pub width: usize,
}

impl Area {
    /// Returns the row after the last.
    pub fn bottom(&self) -> usize {
        self.top.saturating_add(self.height)
    }

    /// Returns the column after the last.
    pub fn right(&self) -> usize {
        self.left.saturating_add(self.width)
    }

    /// Returns the larger of height and width.
    pub fn longer(&self) -> usize {
        self.height.max(self.width)
    }

    /// Returns the smallest rectangle around both.
    #[must_use]
    pub fn union(&self, other: &Area) -> Area {
        let (top, left) = (self.top.min(other.top), self.left.min(other.left));
        let (bottom, right) = (self.bottom().max(other.bottom()), self.right().max(other.right()));
        Area { top, left, height: bottom - top, width: right - left }
    }

    /// Returns the number of columns that both have.
    pub fn shared_columns(&self, other: &Area) -> usize {
        self.right().min(other.right()).saturating_sub(self.left.max(other.left))
    }

    /// Returns the number of rows that both have.
    pub fn shared_rows(&self, other: &Area) -> usize {
        self.bottom().min(other.bottom()).saturating_sub(self.top.max(other.top))
    }

    /// Returns `true` if all of another rectangle lies within this one.
    pub fn holds(&self, other: &Area) -> bool {
        self.shared_rows(other) == other.height && self.shared_columns(other) == other.width
    }

    /// Returns the number of rows or columns between two rectangles, the larger of the two; 0 where
    /// they touch or overlap.
    pub fn gap(&self, other: &Area) -> usize {
        let between = |start: usize, end: usize| start.saturating_sub(end);
        let columns = between(self.left, other.right()).max(between(other.left, self.right()));
        let rows = between(self.top, other.bottom()).max(between(other.top, self.bottom()));
        columns.max(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::Area;

    #[test]
    fn gaps_and_unions() {
        let a = Area { top: 2, left: 3, height: 4, width: 5 };
        let b = Area { top: 9, left: 6, height: 1, width: 10 };
        assert_eq!((a.bottom(), a.right(), a.longer()), (6, 8, 5));
        assert_eq!((a.gap(&b), b.gap(&a), a.gap(&a)), (3, 3, 0));
        assert_eq!(a.union(&b), Area { top: 2, left: 3, height: 8, width: 13 });
        assert_eq!((a.shared_columns(&b), a.shared_rows(&b)), (2, 0));
        assert!(a.holds(&a) && a.union(&b).holds(&b) && !a.holds(&b) && !a.holds(&a.union(&b)));
    }
}
