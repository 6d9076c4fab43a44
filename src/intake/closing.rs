//! Closing: fills what is dark and narrow, and leaves all edges where they are.

use super::Grey;

/// Returns the closing of a picture by a square of `2·reach + 1` pixels: the largest value around each pixel,
/// and of these the smallest.
///
/// ```text
/// closed(p) = min over squares S that hold p of max over q in S of x(q)
/// ```
///
/// Dark parts that are narrower than the square vanish, as strokes do on paper. The edge
/// of a wide dark region, such as a shadow, stays as sharp as it was. At the border a square counts as far as it
/// lies within the picture, so that what is dark along the border stays.
///
/// - **Source**: J. Serra, "Image Analysis and Mathematical Morphology", 1982; two running maxima a block as
///   in M. van Herk, "A fast algorithm for local minimum and maximum filters", 1992.
pub(super) fn closing(picture: &Grey, reach: usize) -> Grey {
    let (height, width) = (picture.height(), picture.width());
    // A row and a column at a time: the largest value of a square is that of its rows' largest.
    let rows = picture.pixels().chunks_exact(width);
    let rows: Vec<f32> =
        rows.flat_map(|row| running(&padded(row, reach), reach, f32::max)).collect();
    let wide = width + 2 * reach;
    let mut closed = vec![0.0; height * wide];
    for x in 0..wide {
        let column: Vec<f32> = rows[x..].iter().step_by(wide).copied().collect();
        let largest = running(&padded(&column, reach), reach, f32::max);
        let smallest = running(&largest, reach, f32::min);
        let places = closed[x..].iter_mut().step_by(wide);
        places.zip(smallest).for_each(|(place, value)| *place = value);
    }
    let rows = closed.chunks_exact(wide);
    let closed: Vec<f32> = rows.flat_map(|row| running(row, reach, f32::min)).collect();
    Grey::from_fn(height, width, |y, x| closed[y * width + x])
}

/// The values between as many places without one as the squares outside take.
fn padded(values: &[f32], reach: usize) -> Vec<f32> {
    let mut padded = vec![f32::NEG_INFINITY; values.len() + 4 * reach];
    padded[2 * reach..][..values.len()].copy_from_slice(values);
    padded
}

/// The largest or smallest of each `2·reach + 1` consecutive values.
///
/// In blocks of that length, the running maximum is kept from the left and from the right: consecutive values
/// are the end of one block and the start of the next.
fn running(values: &[f32], reach: usize, pick: impl Fn(f32, f32) -> f32) -> Vec<f32> {
    let window = 2 * reach + 1;
    let (mut from_left, mut from_right) = (values.to_vec(), values.to_vec());
    for (left, right) in from_left.chunks_mut(window).zip(from_right.chunks_mut(window)) {
        (1..left.len()).for_each(|i| left[i] = pick(left[i], left[i - 1]));
        (1..right.len()).rev().for_each(|i| right[i - 1] = pick(right[i - 1], right[i]));
    }
    let ends = from_left[window - 1..].iter();
    from_right.iter().zip(ends).map(|(&start, &end)| pick(start, end)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Key;

    #[test]
    fn equals_the_definition() {
        let key = Key::new(3);
        for (height, width, reach) in [(7, 9, 1), (5, 12, 2), (9, 4, 6), (1, 8, 3), (13, 13, 0)] {
            let picture = Grey::from_fn(height, width, |y, x| key.unit((y * width + x) as u32));
            // The largest value of a square around a place, which may lie outside.
            let largest = |y: isize, x: isize| {
                let near = |a: isize, b: usize| a.abs_diff(b as isize) <= reach;
                let rows = (0..height).filter(|&row| near(y, row));
                let square = rows.flat_map(|y| {
                    (0..width).filter(|&column| near(x, column)).map(move |x| (y, x))
                });
                square.map(|(y, x)| picture.at(y, x)).reduce(f32::max).unwrap()
            };
            let wanted = Grey::from_fn(height, width, |y, x| {
                let r = reach as isize;
                let around = (-r..=r).flat_map(|down| (-r..=r).map(move |right| (down, right)));
                let largest =
                    around.map(|(down, right)| largest(y as isize + down, x as isize + right));
                largest.reduce(f32::min).unwrap()
            });
            let closed = closing(&picture, reach);
            assert_eq!(closed.pixels(), wanted.pixels(), "{height}×{width}, {reach}");
        }
    }

    #[test]
    fn strokes_vanish_and_edges_stay() {
        let shadow = |x: usize| if x < 20 { 0.9 } else { 0.4 };
        let written =
            Grey::from_fn(30, 40, |y, x| if (12..16).contains(&y) { 0.1 } else { shadow(x) });
        let paper = Grey::from_fn(30, 40, |_, x| shadow(x));
        assert_eq!(closing(&written, 4).pixels(), paper.pixels());
    }
}
