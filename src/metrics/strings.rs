//! Strings that were read, against those that were written.

use super::Evaluation;

/// Smallest number of labels to insert, to delete and to replace that makes one string of another, by V.
/// Levenshtein, 1966.
///
/// ```text
/// d(i, 0) = i        d(0, j) = j
/// d(i, j) = min(d(i-1, j) + 1, d(i, j-1) + 1, d(i-1, j-1) + [aᵢ ≠ bⱼ])
/// ```
///
/// ```
/// use chainrule::metrics::edit_distance;
///
/// assert_eq!(edit_distance(b"kitten", b"sitting"), 3);
/// assert_eq!(edit_distance(&[4, 0, 7], &[4, 7]), 1);
/// ```
pub fn edit_distance<T: PartialEq>(a: &[T], b: &[T]) -> usize {
    // Row i of d.
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a) in a.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

impl Evaluation {
    /// Returns the number of mistakes in all strings, as a share of their labels: 0 for none, and more than 1
    /// where too much is read. `None` unless targets are strings of which one has a label.
    ///
    /// ```text
    /// CER = Σᵢ edit distance(readᵢ, writtenᵢ) / Σᵢ length of writtenᵢ
    /// ```
    pub fn character_error_rate(&self) -> Option<f64> {
        let mistakes = self.read.iter().zip(&self.written).map(|(read, w)| edit_distance(read, w));
        let labels = self.written.iter().map(Vec::len).sum();
        super::evaluation::mean(mistakes.sum::<usize>() as f64, labels)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By the definition, without a table.
    fn by_recursion(a: &[u8], b: &[u8]) -> usize {
        match (a, b) {
            ([], rest) | (rest, []) => rest.len(),
            ([x, a_rest @ ..], [y, b_rest @ ..]) => {
                let replaced = by_recursion(a_rest, b_rest) + usize::from(x != y);
                let one = by_recursion(a_rest, b).min(by_recursion(a, b_rest)) + 1;
                replaced.min(one)
            }
        }
    }

    proptest! {
        #[test]
        fn the_table_is_the_recursion(
            a in prop::collection::vec(0u8..3, 0..6),
            b in prop::collection::vec(0u8..3, 0..6),
        ) {
            prop_assert_eq!(edit_distance(&a, &b), by_recursion(&a, &b));
        }
    }

    #[test]
    fn mistakes_are_a_share_of_all_labels() {
        let evaluation = Evaluation {
            losses: vec![0.1, 3.0, 2.0],
            read: vec![vec![1, 2], vec![1, 1, 1], vec![]],
            written: vec![vec![1, 2], vec![1, 2], vec![]],
            ..Evaluation::default()
        };
        assert_eq!(evaluation.character_error_rate(), Some(0.5));
        assert_eq!(evaluation.sequence_accuracy(), Some(2.0 / 3.0));
        assert_eq!((evaluation.wrong(), evaluation.worst(3)), (1, vec![1]));
        let only_empty =
            Evaluation { read: vec![vec![]], written: vec![vec![]], ..Default::default() };
        assert_eq!(only_empty.character_error_rate(), None);
        assert_eq!(Evaluation::default().character_error_rate(), None);
    }
}
