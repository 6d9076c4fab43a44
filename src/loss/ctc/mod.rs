//! Connectionist temporal classification: strings read from steps, without a word on where each label stands.
//!
//! A model gives more steps than the string has labels. At each step it chooses a class or the *blank*, which
//! reads as nothing; equal choices side by side are one label, and blanks are dropped. So `aa␣ab` and `a␣aab`
//! both read `aab`, and the blank between two equal labels is what keeps them apart. The probability of a
//! string is the sum over all paths that read so. There are exponentially many, but `lattice.rs` adds them up
//! step by step.

mod beam;
mod lattice;

use std::cell::RefCell;

use super::Loss;
use crate::data::{Target, TargetKind};
use crate::error::Mismatch;
use crate::kernels::argmax;
use lattice::Lattice;

thread_local! {
    /// Scratch buffer of a thread. It grows to the largest sample that the thread has seen, in powers of two.
    static SCRATCH: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
}

/// Loss of strings (CTC): minus the logarithm of the probability that the steps read as the string, along any
/// path.
///
/// ```text
/// yₜ = softmax(zₜ)                         of the K classes and the blank ␣, at each step t of T
/// c' = ␣ c₁ ␣ c₂ ␣ … ␣ c_U ␣               the 2U + 1 states of the string c
///
/// αₜ(s) = yₜ(c'ₛ)·[αₜ₋₁(s) + αₜ₋₁(s-1) + αₜ₋₁(s-2)]
/// βₜ(s) = βₜ₊₁(s)·yₜ₊₁(c'ₛ) + βₜ₊₁(s+1)·yₜ₊₁(c'ₛ₊₁) + βₜ₊₁(s+2)·yₜ₊₁(c'ₛ₊₂)
///
/// l = -ln p        p = α_T(2U) + α_T(2U+1) = Σₛ αₜ(s)·βₜ(s) at any step t
/// ∂l/∂zₜₖ = yₜₖ - Σ γₜ(s) over the states of k        γₜ(s) = αₜ(s)·βₜ(s)/p
/// ```
///
/// `αₜ(s)` is the probability of all that is read up to step `t`, which ends in state `s`; `βₜ(s)` that of what
/// follows. The third term counts only where a blank is skipped between two different labels. Paths start in
/// one of the first two states and end in one of the last two.
///
/// The gradient, step by step. Each path is in one state at step `t`, so that `p = Σₛ αₜ(s)·βₜ(s)`, in which
/// `αₜ(s)` has the factor `yₜ(c'ₛ)` and `βₜ(s)` nothing of step `t`. Hence `∂p/∂ln yₜⱼ` is the sum over the states
/// of `j`, and
///
/// ```text
/// ∂l/∂ln yₜⱼ = -Γₜⱼ                        Γₜⱼ = Σ γₜ(s) over the states of j: its occupancy, Σⱼ Γₜⱼ = 1
/// ∂ln yₜⱼ/∂zₜₖ = [j = k] - yₜₖ             as ln yₜⱼ = zₜⱼ - ln Σₖ exp zₜₖ
/// ∂l/∂zₜₖ = -Σⱼ Γₜⱼ·([j = k] - yₜₖ) = yₜₖ - Γₜₖ
/// ```
///
/// It is the cross-entropy of each step with the occupancies as the target, and its sum over a step is 0.
///
/// - **Plain twin**: [`reference::ctc`](crate::reference::ctc()), to read first.
/// - **Prediction**: (steps, classes + 1), logits of the classes and, as the last, of the blank. The last layer
///   is no `Softmax`.
/// - **Targets**: [`Target::Classes`] of [`TargetKind::Sequences`]: a string of labels below `classes`. The
///   empty string is one, read where all steps are blank. [`Sequences::with_strings`](crate::data::Sequences::with_strings)
///   holds strings for sequences; for images, implement [`Dataset`](crate::data::Dataset).
/// - **Errors**: targets other than strings of `classes` classes; a number of outputs that is not a multiple of
///   `classes + 1`; [`Target::IGNORED`] in a string; and a string that needs more steps than its input
///   has: one for each label, and one more between equal neighbours. The loss is then ∞, its gradient NaN.
/// - **Source**: A. Graves, S. Fernández, F. Gomez, J. Schmidhuber, "Connectionist temporal classification:
///   labelling unsegmented sequence data with recurrent neural networks", ICML 2006. There `β` has the factor
///   of its own step, which is divided out again.
///
/// ```
/// use chainrule::prelude::*;
///
/// let ctc = Ctc::new(2);
/// let logits = [0.0; 9]; // three steps; 27 paths, all as probable
/// // Read by 0 0 1, 0 1 1, ␣ 0 1, 0 ␣ 1 and 0 1 ␣.
/// let l = ctc.loss(&logits, Target::Classes(&[0, 1]), None);
/// assert!((l - (27f32 / 5.0).ln()).abs() < 1e-6);
/// // The blank keeps equal labels apart: a single path.
/// let l = ctc.loss(&logits, Target::Classes(&[0, 0]), None);
/// assert!((l - 27f32.ln()).abs() < 1e-6);
/// ```
///
/// # Reading images
///
/// Steps are the first axis of the output. Convolutions over (h, w, c) keep `w` as the axis along the writing;
/// one that is as high as what is left gives (1, w, c), and `Reshape` steps of it.
///
/// ```
/// use chainrule::prelude::*;
///
/// /// Pictures of 4×10 pixels, each with a string of two kinds of strokes.
/// struct Strokes(Vec<Vec<usize>>);
///
/// impl Dataset for Strokes {
///     fn len(&self) -> usize {
///         self.0.len()
///     }
///     fn input_shape(&self) -> Vec<usize> {
///         vec![4, 10, 1]
///     }
///     fn target_kind(&self) -> TargetKind {
///         TargetKind::Sequences { classes: 2, longest: 3 }
///     }
///     fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
///         x.fill(0.0);
///         for (i, &label) in self.0[index].iter().enumerate() {
///             x[(1 + label) * 10 + 3 * i + 1] = 1.0;
///         }
///         Ok(())
///     }
///     fn target(&self, index: usize) -> Target<'_> {
///         Target::Classes(&self.0[index])
///     }
/// }
///
/// let data = Strokes(vec![vec![], vec![0], vec![1, 1], vec![0, 1], vec![1, 0, 1], vec![0, 0, 0]]);
/// let mut model = Sequential::new([4, 10, 1])
///     .add(Conv2d::new(8, (4, 3)))?   // (1, 8, 8)
///     .add(Relu)?
///     .add(Reshape::new([8, 8]))?     // steps, features
///     .add(Dense::new(3))?;           // two classes and the blank
/// let ctc = Ctc::new(2);
/// Trainer::new(ctc, Adam::new(0.02)).epochs(150).fit(&mut model, &data)?;
/// assert_eq!(model.evaluate(&data, &ctc)?.sequence_accuracy(), Some(1.0));
/// let y = model.predict(&inputs(&data, &[4])?)?;
/// assert_eq!(ctc.decode(y.as_slice().unwrap()), [1, 0, 1]);
/// # Ok::<(), chainrule::Error>(())
/// ```
///
/// # Other libraries
///
/// Here the blank is the last class, as in `tf.compat.v1.nn.ctc_loss` and Keras 2's `ctc_batch_cost`. PyTorch's
/// `CTCLoss`, `optax.ctc_loss`, `tf.nn.ctc_loss` of TensorFlow 2 and Keras 3's `CTC` have it first, at 0, unless
/// told otherwise. Weights of a last layer from there need its first column of each step moved to the end, and
/// their label `k` is `k - 1` here.
///
/// The mean over a batch is `Σᵢ lᵢ / n`. PyTorch's `reduction="mean"` divides each loss by the length of its
/// string, at least 1, before: `Σᵢ (lᵢ / max(Uᵢ, 1)) / n`. Its `"sum"` divided by `n` is the mean here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ctc {
    classes: usize,
}

impl Ctc {
    /// Strings of this number of classes, to which the blank is added.
    pub fn new(classes: usize) -> Self {
        Ctc { classes }
    }

    /// Reads the most probable path: the largest output of each step, with repetitions as one label and without
    /// blanks. Of equal outputs the first counts.
    ///
    /// `logits` are those of one sample, (steps, classes + 1), without padding: a step of zeros, as
    /// [`predict_sequences`](crate::sequential::Sequential::predict_sequences) leaves after the end of a
    /// sequence, would be read as class 0.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let choose = |class: usize| (0..3).map(move |k| if k == class { 1.0 } else { 0.0 });
    /// let logits: Vec<f32> = [0, 0, 2, 0, 1].into_iter().flat_map(choose).collect();
    /// assert_eq!(Ctc::new(2).decode(&logits), [0, 0, 1]);
    /// ```
    pub fn decode(&self, logits: &[f32]) -> Vec<usize> {
        self.best_path(logits).collect()
    }

    /// Reads the most probable strings by a prefix beam search, each with the logarithm of its probability: the
    /// most probable first, up to `width` of them.
    ///
    /// A string may be more probable than any other although none of its paths is. The search follows `width`
    /// beginnings of strings, and adds up the paths of each: where it follows all strings, the
    /// probabilities are exact; where it follows fewer, they are those of the paths that were followed, and so at most
    /// exact. Logits that are NaN give no strings.
    ///
    /// - **Source**: A. Hannun, A. Maas, D. Jurafsky, A. Ng, "First-pass large vocabulary continuous speech
    ///   recognition using bi-directional recurrent DNNs", 2014, algorithm 1, without a language model.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// // Two steps: ␣ has 0.6, 0 has 0.4. The best path ␣␣ has 0.36; 0 has three paths and 0.64.
    /// let logits = [0.4f32.ln(), 0.6f32.ln(), 0.4f32.ln(), 0.6f32.ln()];
    /// let ctc = Ctc::new(1);
    /// assert!(ctc.decode(&logits).is_empty());
    /// let (string, log_p) = &ctc.decode_beam(&logits, 10)[0];
    /// assert_eq!(string, &[0]);
    /// assert!((log_p.exp() - 0.64).abs() < 1e-6);
    /// ```
    pub fn decode_beam(&self, logits: &[f32], width: usize) -> Vec<(Vec<usize>, f32)> {
        beam::search(logits, self.classes, width)
    }

    /// Labels of the most probable path.
    fn best_path(&self, logits: &[f32]) -> impl Iterator<Item = usize> {
        let (blank, mut before) = (self.classes, self.classes);
        let best = logits.chunks_exact(blank + 1).map(argmax);
        best.filter(move |&k| std::mem::replace(&mut before, k) != k && k != blank)
    }
}

/// Number of steps that a string needs: one for each label, and a blank between equal neighbours.
fn steps_for(labels: &[usize]) -> usize {
    labels.len() + labels.windows(2).filter(|pair| pair[0] == pair[1]).count()
}

impl Loss for Ctc {
    fn check(&self, outputs: usize, targets: &TargetKind) -> Result<(), Mismatch> {
        let TargetKind::Sequences { classes, .. } = *targets else {
            let fix = "give each sample its string as `Target::Classes`, such as with \
                       `Sequences::with_strings`";
            return Err(Mismatch::new("strings as targets", fix));
        };
        let (own, width) = (self.classes, self.classes + 1);
        if classes != own {
            let fix = "give `Ctc::new` the number of classes, without the blank";
            return Err(Mismatch::new(format!("strings of {own} classes, not {classes}"), fix));
        }
        if !outputs.is_multiple_of(width) {
            let wanted = format!("{width} outputs for each step: {own} classes and the blank");
            return Err(Mismatch::new(wanted, format!("let the last layer give (steps, {width})")));
        }
        Ok(())
    }

    fn check_classes(&self, outputs: usize, labels: &[usize]) -> Result<(), Mismatch> {
        if labels.contains(&Target::IGNORED) {
            let fix = "leave `Target::IGNORED` out: a string need not have a label for each step";
            return Err(Mismatch::new("labels of classes alone", fix));
        }
        let (steps, needed) = (outputs / (self.classes + 1), steps_for(labels));
        if needed > steps {
            return Err(Mismatch::new(
                format!(
                    "at least {needed} steps for it, one for each label and one between equal \
                     neighbours, and the model gives {steps}"
                ),
                "let the model give more steps, or leave the sample out",
            ));
        }
        Ok(())
    }

    fn loss(&self, logits: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        let Target::Classes(labels) = target else { return f32::NAN };
        let lattice = Lattice { logits, blank: self.classes, labels };
        if steps_for(labels) > lattice.steps() {
            gradient.into_iter().for_each(|gradient| gradient.fill(f32::NAN));
            return f32::INFINITY;
        }
        SCRATCH.with_borrow_mut(|scratch| {
            let len = lattice.scratch_len();
            if scratch.len() < len {
                scratch.resize(len.next_power_of_two(), 0.0);
            }
            lattice.loss(&mut scratch[..len], gradient)
        })
    }

    fn read(&self, logits: &[f32]) -> Option<Vec<usize>> {
        Some(self.decode(logits))
    }

    fn step_outputs(&self) -> Option<usize> {
        Some(self.classes + 1)
    }

    fn takes_logits(&self) -> bool {
        true
    }

    fn right(&self, logits: &[f32], target: Target<'_>) -> [usize; 2] {
        let Target::Classes(labels) = target else { return [0, 0] };
        [usize::from(self.best_path(logits).eq(labels.iter().copied())), 1]
    }
}
