//! Labels that do not exclude each other: how well each is recognized, and all of them together.
//!
//! Each output is a decision of its own between yes and no, so accuracy has no single meaning. A sample
//! may be right in all of its labels (exact match) or in most of them (Hamming loss), and a label may be
//! found where it is (recall) or only be named where it is (precision). The decisions depend on
//! thresholds. A rare label seldom reaches ½, and its best threshold is then lower.

use std::fmt;

use ndarray::ArrayView1;

use super::class_scores::{ClassScores, add_rows};
use super::confusion::name;
use super::table::Table;
use super::{Evaluation, Roc, share};
use crate::error::{DataError, Result, TrainError};
use crate::text::shortened;

/// Largest number of characters of a target in an error.
const SHOWN: usize = 60;

/// Scores of predictions of several labels at once: [`Evaluation::multi_label`] makes it.
///
/// ```text
/// micro: all labels counted as one        precision = Σ rightⱼ / Σ namedⱼ, recall = Σ rightⱼ / Σ thereⱼ
/// macro: the mean over the labels         weighted: the mean, a label as often as it is there
/// exact match  = samples with every label right / n
/// Hamming loss = wrong decisions / (n·k)
/// ```
///
/// Its `Display` is a table: of all labels up to 30, and of more the 30 with the lowest F1.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// // The outputs are logits of "even" and "above 1", and here the input itself.
/// let z = array![[2.0, -1.0], [-2.0, 3.0], [-0.5, 2.0], [1.0, 0.2]].into_dyn();
/// let t = array![[1.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 1.0]].into_dyn();
/// let model = Sequential::new([2]).add(Flatten)?;
/// let result = model.evaluate(&Arrays::new(z, t)?, &BinaryCrossEntropy)?;
/// let scores = result.multi_label(&[0.5])?.named(["even", "above 1"]);
/// assert_eq!((scores.exact_match, scores.hamming_loss), (0.25, 0.375));
/// assert_eq!(scores.to_string(), "\
/// label          precision    recall        F1   samples threshold
/// even              0.5000    0.5000    0.5000         2    0.5000
/// above 1           0.6667    1.0000    0.8000         2    0.5000
///
/// micro             0.6000    0.7500    0.6667         4
/// macro             0.5833    0.7500    0.6500         4
/// weighted          0.5833    0.7500    0.6500         4
/// exact match                           0.2500
/// Hamming loss                          0.3750
/// ");
/// # Ok::<(), chainrule::Error>(())
/// ```
///
/// Source: G. Tsoumakas, I. Katakis, I. Vlahavas, "Mining multi-label data", Data Mining and Knowledge
/// Discovery Handbook, 2010, section 7.
#[derive(Debug, Clone, PartialEq)]
pub struct MultiLabel {
    /// Label by label.
    pub labels: Vec<ClassScores>,
    /// Names of the labels; those without a name go by their numbers.
    pub names: Vec<String>,
    /// Threshold of each label: a prediction of at least this is a yes.
    pub thresholds: Vec<f32>,
    /// All labels counted as one.
    pub micro: ClassScores,
    /// Share of the samples whose labels are all right.
    pub exact_match: f64,
    /// Share of wrong decisions, over all samples and labels.
    pub hamming_loss: f64,
}

impl MultiLabel {
    /// Gives the labels names.
    #[must_use]
    pub fn named<N: Into<String>>(self, names: impl IntoIterator<Item = N>) -> Self {
        MultiLabel { names: names.into_iter().map(Into::into).collect(), ..self }
    }

    /// Computes the mean over the labels, each counting the same.
    pub fn macro_average(&self) -> ClassScores {
        ClassScores::macro_average(&self.labels)
    }

    /// Computes the mean over the labels, each counting as many times as there are samples with it.
    pub fn weighted_average(&self) -> ClassScores {
        ClassScores::weighted_average(&self.labels)
    }
}

impl Evaluation {
    /// Scores of labels that do not exclude each other: targets of 0 and 1, one for each output, under
    /// [`BinaryCrossEntropy`](crate::loss::BinaryCrossEntropy).
    ///
    /// A [prediction](Evaluation::predictions) of at least the threshold is a yes. `thresholds` holds
    /// one for all labels, or one for each, such as those of [`Evaluation::best_thresholds`] on
    /// held-out samples.
    ///
    /// # Errors
    ///
    /// [`DataError::NotLabels`] where a target is neither 0 nor 1, and [`TrainError::Setting`] for
    /// another number of thresholds, or one that is NaN.
    pub fn multi_label(&self, thresholds: &[f32]) -> Result<MultiLabel> {
        self.check_labels()?;
        let (n, k) = self.targets.dim();
        let thresholds = match *thresholds {
            [one] => vec![one; k],
            _ if thresholds.len() == k => thresholds.to_vec(),
            _ => {
                let setting = "the number of thresholds";
                let came = format!("{}, and there are {k} labels", thresholds.len());
                let wanted = "1, for all labels, or one for each";
                return Err(TrainError::Setting { setting, came, wanted }.into());
            }
        };
        if thresholds.iter().any(|threshold| threshold.is_nan()) {
            let (setting, came, wanted) = ("a threshold", "NaN".to_string(), "a number");
            return Err(TrainError::Setting { setting, came, wanted }.into());
        }
        // The counts of each label: right, named, and there.
        let mut counts = vec![[0; 3]; k];
        let (mut exact, mut wrong) = (0, 0);
        for (prediction, target) in self.predictions.rows().into_iter().zip(self.targets.rows()) {
            let mut missed = 0;
            for (j, (&p, &t)) in prediction.iter().zip(target).enumerate() {
                let (yes, there) = (p >= thresholds[j], t == 1.0);
                let counted = [yes && there, yes, there];
                counts[j].iter_mut().zip(counted).for_each(|(count, one)| *count += one as usize);
                missed += (yes != there) as usize;
            }
            exact += (missed == 0) as usize;
            wrong += missed;
        }
        let sum = |of: usize| counts.iter().map(|counts| counts[of]).sum();
        Ok(MultiLabel {
            labels: counts
                .iter()
                .map(|&[r, named, there]| ClassScores::new(r, named, there))
                .collect(),
            names: self.class_names.clone(),
            thresholds,
            micro: ClassScores::new(sum(0), sum(1), sum(2)),
            exact_match: share(exact as f64, n as f64),
            hamming_loss: share(wrong as f64, (n * k) as f64),
        })
    }

    /// Chooses the threshold of each label that gives the highest F1 on these samples, for
    /// [`Evaluation::multi_label`] on others. Of equal ones it takes the highest; a label that all
    /// samples have, or none, gets ½.
    ///
    /// Choose them on samples held out from training, and report scores on others still: the F1 of the
    /// samples that chose is too good.
    ///
    /// ```
    /// use chainrule::prelude::*;
    /// use ndarray::array;
    ///
    /// // A rare label never reaches ½, and yet its samples have the largest outputs.
    /// let z = array![[-3.0], [-4.0], [-1.0], [-5.0], [-0.8]].into_dyn();
    /// let held_out = Arrays::new(z, array![[0.0], [0.0], [1.0], [0.0], [1.0]].into_dyn())?;
    /// let model = Sequential::new([1]).add(Flatten)?;
    /// let result = model.evaluate(&held_out, &BinaryCrossEntropy)?;
    /// let thresholds = result.best_thresholds()?;
    /// assert!((thresholds[0] - 0.269).abs() < 1e-3);
    /// assert_eq!(result.multi_label(&[0.5])?.micro.f1, 0.0);
    /// assert_eq!(result.multi_label(&thresholds)?.micro.f1, 1.0);
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`DataError::NotLabels`] where a target is neither 0 nor 1.
    ///
    /// Source: Z. Lipton, C. Elkan, B. Naryanaswamy, "Optimal thresholding of classifiers to maximize
    /// F1 measure", ECML 2014.
    pub fn best_thresholds(&self) -> Result<Vec<f32>> {
        self.check_labels()?;
        let best = |label: usize| self.roc_of(label).map_or(0.5, |roc| roc.best_f1().0);
        Ok((0..self.targets.ncols()).map(best).collect())
    }

    /// The ROC curve of a label, by its predictions. `None` where the targets are not labels, and
    /// unless there are samples with the label and without.
    pub fn label_roc(&self, label: usize) -> Option<Roc> {
        self.check_labels().ok()?;
        (label < self.targets.ncols()).then(|| self.roc_of(label))?
    }

    /// The ROC curve of a column that holds labels.
    fn roc_of(&self, label: usize) -> Option<Roc> {
        let (scores, targets) = (self.predictions.column(label), self.targets.column(label));
        Roc::new(scores.iter().zip(targets).map(|(&score, &target)| (score, target == 1.0)))
    }

    /// Refuses targets that are not labels.
    fn check_labels(&self) -> Result<(), DataError> {
        if self.targets.is_empty() || self.targets.dim() != self.predictions.dim() {
            let found = "these are not one value for each output; `confusion` counts classes";
            return Err(DataError::NotLabels { found: found.to_string() });
        }
        let is_other = |row: &ArrayView1<f32>| row.iter().any(|&t| t != 0.0 && t != 1.0);
        let Some(index) = self.targets.rows().into_iter().position(|row| is_other(&row)) else {
            return Ok(());
        };
        let row = shortened(&format!("{:?}", self.targets.row(index).to_vec()), SHOWN);
        Err(DataError::NotLabels { found: format!("target {index} is {row}") })
    }
}

impl fmt::Display for MultiLabel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = ["precision", "recall", "F1", "samples", "threshold"];
        let mut table = Table::new("label", &columns);
        let threshold = |label: usize| self.thresholds.get(label).map(|t| format!("{t:.4}"));
        add_rows(&mut table, &self.labels, |label| name(&self.names, label), threshold);
        table.note(String::new());
        table.row("micro", self.micro.cells());
        table.row("macro", self.macro_average().cells());
        table.row("weighted", self.weighted_average().cells());
        let alone = |share: f64| [String::new(), String::new(), format!("{share:.4}")];
        table.row("exact match", alone(self.exact_match));
        table.row("Hamming loss", alone(self.hamming_loss));
        write!(f, "{table}")
    }
}
