//! Connected ink.

use super::{Area, Mask};

/// Ink that hangs together, across corners too.
#[derive(Debug, Clone, PartialEq)]
pub struct Component {
    /// Smallest rectangle around it.
    pub area: Area,
    /// Number of its pixels.
    pub count: usize,
}

/// The connected components of a mask, by their first pixels in row-major order.
#[derive(Debug, Clone)]
pub struct Components {
    /// The components.
    pub list: Vec<Component>,
    /// Number of each pixel's component plus 1; 0 for paper.
    labels: Vec<u32>,
    height: usize,
    width: usize,
}

impl Components {
    /// Finds them: from each pixel that is not yet part of one, the ink that can be reached by steps to
    /// one of eight neighbours.
    ///
    /// ```
    /// use chainrule::intake::{Components, Mask};
    ///
    /// let mask = Mask::from_fn(3, 5, |y, x| x == y || x == 4); // a diagonal, and an upright line
    /// let found = Components::of(&mask);
    /// assert_eq!(found.list.len(), 2);
    /// assert_eq!(found.list[0].count, 3);
    /// ```
    pub fn of(mask: &Mask) -> Self {
        let (height, width) = (mask.height(), mask.width());
        let mut found =
            Components { list: Vec::new(), labels: vec![0; height * width], height, width };
        let mut open = Vec::new();
        for start in 0..height * width {
            let (y, x) = (start / width, start % width);
            if found.labels[start] != 0 || !mask.at(y, x) {
                continue;
            }
            let label = found.list.len() as u32 + 1;
            let mut component =
                Component { area: Area { top: y, left: x, height: 1, width: 1 }, count: 0 };
            found.labels[start] = label;
            open.push((y, x));
            while let Some((y, x)) = open.pop() {
                component.count += 1;
                let pixel = Area { top: y, left: x, height: 1, width: 1 };
                component.area = component.area.union(&pixel);
                for y in y.saturating_sub(1)..(y + 2).min(height) {
                    for x in x.saturating_sub(1)..(x + 2).min(width) {
                        let at = y * width + x;
                        if found.labels[at] == 0 && mask.at(y, x) {
                            found.labels[at] = label;
                            open.push((y, x));
                        }
                    }
                }
            }
            found.list.push(component);
        }
        found
    }

    /// Number of the component of a pixel; `None` for paper.
    ///
    /// # Panics
    ///
    /// If there is no such pixel, as indexing a slice does.
    pub fn at(&self, row: usize, column: usize) -> Option<usize> {
        assert!(column < self.width, "column {column} of {}", self.width);
        (self.labels[row * self.width + column] as usize).checked_sub(1)
    }

    /// Mask of the components that `keep` accepts by their numbers.
    pub fn mask(&self, keep: impl Fn(usize) -> bool) -> Mask {
        Mask::from_fn(self.height, self.width, |y, x| self.at(y, x).is_some_and(&keep))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_connect_and_gaps_do_not() {
        let mask = Mask::from_fn(3, 7, |y, x| (x % 2 == y % 2 && x < 3) || (x == 5 && y != 1));
        let found = Components::of(&mask);
        let counts: Vec<usize> = found.list.iter().map(|component| component.count).collect();
        assert_eq!(counts, [5, 1, 1]);
        assert_eq!(found.mask(|index| index == 0).count(), 5);
        assert_eq!((found.at(0, 5), found.at(0, 1)), (Some(1), None));
    }
}
