//! Weights that let every class of a data set count the same.

use super::{Dataset, Target, TargetKind};
use crate::error::{DataError, Result};
use crate::shape::LIMIT;

/// A weight for each class, in inverse proportion to how often it occurs, for
/// [`Loss::class_weights`](crate::loss::Loss::class_weights).
///
/// ```text
/// w[c] = n / (k·n[c])      n samples, n[c] of class c, k classes that occur
///        1                 where n[c] = 0
/// ```
///
/// The weights of all samples add up to n, and those of each class to n/k.
///
/// - **Source**: G. King, L. Zeng, "Logistic regression in rare events data", Political Analysis 9,
///   2001; scikit-learn calls these weights `balanced`.
///
/// ```
/// use chainrule::data::class_weights;
/// use chainrule::prelude::*;
///
/// let digits = Mnist::sample().train;
/// let weights = class_weights(&digits)?;
/// // A one is the most frequent digit, and a five the rarest.
/// assert!((weights[1] - 0.887).abs() < 1e-3 && (weights[5] - 1.159).abs() < 1e-3);
/// let loss = SoftmaxCrossEntropy.class_weights(weights);
/// # Ok::<(), chainrule::Error>(())
/// ```
///
/// # Errors
///
/// [`DataError::NotClasses`] where targets are not classes of those that
/// [`target_kind`](Dataset::target_kind) announces, and for more than 268,435,456 classes.
pub fn class_weights(data: &dyn Dataset) -> Result<Vec<f32>> {
    let refused =
        |found: String| Err(DataError::NotClasses { what: "`class_weights`", found }.into());
    let classes = match data.target_kind() {
        TargetKind::Classes(classes) if classes <= LIMIT => classes,
        TargetKind::Classes(classes) => {
            return refused(format!("the set announces {classes}, more than {LIMIT}"));
        }
        TargetKind::Sequences { .. } => return refused("these are classes of steps".into()),
        TargetKind::Values(count) => return refused(format!("these are {count} values each")),
    };
    let mut counts = vec![0usize; classes];
    for index in 0..data.len() {
        match data.target(index) {
            Target::Class(class) if class < classes => counts[class] += 1,
            Target::Class(class) => {
                return refused(format!("target {index} is {class} of {classes}"));
            }
            Target::Classes(_) => return refused(format!("target {index} is classes of steps")),
            Target::Values(_) => return refused(format!("target {index} is values")),
        }
    }
    let occurring = counts.iter().filter(|&&count| count > 0).count();
    let weight = |&count: &usize| match count {
        0 => 1.0,
        count => (data.len() as f64 / (occurring as f64 * count as f64)) as f32,
    };
    Ok(counts.iter().map(weight).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Arrays, Images};
    use ndarray::{Array4, array};

    fn labels(labels: &[u8], classes: usize) -> Images {
        Images::new(Array4::zeros((labels.len(), 1, 1, 1)), labels.to_vec(), classes).unwrap()
    }

    #[test]
    fn weights_are_those_of_scikit_learn() {
        // sklearn.utils.class_weight.compute_class_weight("balanced", ...) of scikit-learn 1.9.1.
        let weights = class_weights(&labels(&[0, 0, 0, 0, 0, 0, 1, 1, 1, 2], 3)).unwrap();
        assert_eq!(weights, [0.555_555_6, 1.111_111_2, 3.333_333_3]);
    }

    #[test]
    fn a_class_without_samples_counts_as_much_as_a_sample_on_average() {
        assert_eq!(class_weights(&labels(&[0, 0, 0, 2], 3)).unwrap(), [2.0 / 3.0, 1.0, 2.0]);
        assert_eq!(class_weights(&labels(&[1, 1], 2)).unwrap(), [1.0, 1.0]);
    }

    #[test]
    fn values_have_no_classes() {
        let data = Arrays::new(array![[0.0]], array![[0.0, 1.0]]).unwrap();
        let refusal = class_weights(&data).unwrap_err().to_string();
        assert!(refusal.ends_with("classes, but these are 2 values each"), "{refusal}");
    }
}
