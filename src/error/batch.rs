//! The fix for an array that is not a batch of a model's inputs.

use crate::shape::{self, len};

/// Formats the shape of a batch of inputs: `n×28×28×1`.
pub(super) fn label(input: &[usize]) -> String {
    if input.is_empty() { "n".to_string() } else { format!("n×{}", shape::label(input)) }
}

/// Returns what makes a batch of the inputs that are `wanted` of an array of the shape that came; empty
/// where that cannot be told.
pub(super) fn fix(wanted: &[usize], came: &[usize]) -> String {
    if came == wanted {
        return "; `x.insert_axis(Axis(0))` makes a batch of a single input".to_string();
    }
    let batched = came.split_first().filter(|(_, rest)| holds(wanted, rest)).map(|(&n, _)| n);
    if let Some((&channels, rest)) = wanted.split_last().filter(|(_, rest)| !rest.is_empty()) {
        let axes = if rest.len() == 2 { " (n×h×w×c)" } else { "" };
        let first = [&[channels], rest].concat();
        let order = |start: usize| -> Vec<usize> {
            (start + 1..start + wanted.len()).chain([start]).collect()
        };
        if came.get(1..) == Some(&first) {
            let order = [vec![0], order(1)].concat();
            return format!(
                "; its channels come first, and belong last{axes}: `x.permuted_axes({order:?})`"
            );
        }
        if came == first {
            return format!(
                "; its channels come first, and belong last{axes}: \
                 `x.permuted_axes({:?}).insert_axis(Axis(0))`, for a single input",
                order(0)
            );
        }
    }
    let n = match batched {
        None if holds(wanted, came) => 1,
        None => return String::new(),
        Some(n) => n,
    };
    let shape: Vec<String> = [&[n], wanted].concat().iter().map(usize::to_string).collect();
    let order = match wanted {
        [_, _, channels] if *channels > 1 => ", if its values are in the order h×w×c",
        _ => "",
    };
    format!("; `x.into_shape_with_order(({}))` gives it this shape{order}", shape.join(", "))
}

/// Returns `true` if a sample of this shape has the values of an input in the same order: it is flat, or
/// the input is, or they differ in axes of a single position.
fn holds(input: &[usize], sample: &[usize]) -> bool {
    let wide =
        |shape: &[usize]| shape.iter().copied().filter(|&size| size != 1).collect::<Vec<_>>();
    let is_flat = wide(input).len() < 2 || wide(sample).len() < 2;
    len(input) == len(sample) && (is_flat || wide(input) == wide(sample))
}

#[cfg(test)]
mod tests {
    use super::fix;

    #[test]
    fn the_fix_fits_what_came() {
        let reshape = |to: &str| format!("; `x.into_shape_with_order({to})` gives it this shape");
        let first = "; its channels come first, and belong last";
        let single = "; `x.insert_axis(Axis(0))` makes a batch of a single input".to_string();
        for (wanted, came, told) in [
            (&[28, 28, 1][..], &[28, 28, 1][..], single.clone()),
            (&[784], &[784], single),
            (
                &[28, 28, 1],
                &[5, 1, 28, 28],
                format!("{first} (n×h×w×c): `x.permuted_axes([0, 2, 3, 1])`"),
            ),
            (&[100, 3], &[5, 3, 100], format!("{first}: `x.permuted_axes([0, 2, 1])`")),
            (
                &[32, 32, 3],
                &[3, 32, 32],
                format!(
                    "{first} (n×h×w×c): `x.permuted_axes([1, 2, 0]).insert_axis(Axis(0))`, for a single input"
                ),
            ),
            (&[28, 28, 1], &[5, 784], reshape("(5, 28, 28, 1)")),
            (&[28, 28, 1], &[784], reshape("(1, 28, 28, 1)")),
            (&[28, 28, 1], &[5, 28, 28], reshape("(5, 28, 28, 1)")),
            (&[28, 28, 1], &[28, 28], reshape("(1, 28, 28, 1)")),
            (&[784], &[5, 28, 28, 1], reshape("(5, 784)")),
            (&[1], &[5], reshape("(5, 1)")),
            (
                &[4, 6, 2],
                &[7, 48],
                reshape("(7, 4, 6, 2)") + ", if its values are in the order h×w×c",
            ),
            (&[4, 6, 2], &[7, 6, 4, 2], String::new()),
            (&[4, 6, 2], &[], String::new()),
            (&[32, 32, 3], &[5, 3, 1024], String::new()),
            (&[2], &[5, 3], String::new()),
        ] {
            assert_eq!(fix(wanted, came), told, "{came:?} for {wanted:?}");
        }
    }
}
