//! Prefix beam search: all paths that have read the same so far go on as one.

use crate::kernels::math::{exp, ln, ln_1p};
use crate::kernels::max;

/// Beginning of a string, and the probability of the paths that have read it so far. Probabilities are
/// logarithms.
struct Beginning {
    string: Vec<usize>,
    ends: Ends,
}

/// Probability of a beginning, by how its paths end.
#[derive(Clone, Copy)]
struct Ends {
    /// In a blank.
    blank: f64,
    /// In the last label.
    label: f64,
}

impl Ends {
    fn both(self) -> f64 {
        log_add(self.blank, self.label)
    }
}

impl Beginning {
    /// Probability of its paths that read a further label, of probability `log_y`, at the next step.
    fn grown(&self, label: usize, log_y: f64) -> f64 {
        // The same label again needs a blank before it.
        let is_same = self.string.last() == Some(&label);
        log_y + if is_same { self.ends.blank } else { self.ends.both() }
    }
}

/// The most probable strings, and ln p of each.
pub(super) fn search(logits: &[f32], blank: usize, width: usize) -> Vec<(Vec<usize>, f32)> {
    let ends = Ends { blank: 0.0, label: f64::NEG_INFINITY };
    let mut beam = vec![Beginning { string: Vec::new(), ends }];
    for z in logits.chunks_exact(blank + 1) {
        let m = max(z);
        let log_sum = f64::from(m) + f64::from(ln(z.iter().map(|&z| exp(z - m)).sum()));
        let log_y = |k: usize| f64::from(z[k]) - log_sum;
        // Place in the beam of each beginning without its last label.
        let head_of = |own: &Beginning| {
            let (_, head) = own.string.split_last()?;
            beam.iter().position(|other| other.string == head)
        };
        let heads: Vec<Option<usize>> = beam.iter().map(head_of).collect();
        // Beginnings after the step: the place of the one before, and the label that is new.
        let mut next: Vec<(usize, Option<usize>, Ends)> = Vec::new();
        for (i, own) in beam.iter().enumerate() {
            // A blank, or the last label once more, adds nothing.
            let mut ends = Ends { blank: own.ends.both() + log_y(blank), label: own.ends.label };
            if let Some(&last) = own.string.last() {
                ends.label += log_y(last);
                let from = heads[i].map(|head| beam[head].grown(last, log_y(last)));
                ends.label = log_add(ends.label, from.unwrap_or(f64::NEG_INFINITY));
            }
            next.push((i, None, ends));
            for k in 0..blank {
                let mut others = beam.iter().zip(&heads);
                if !others.any(|(b, head)| *head == Some(i) && b.string.last() == Some(&k)) {
                    let ends = Ends { blank: f64::NEG_INFINITY, label: own.grown(k, log_y(k)) };
                    next.push((i, Some(k), ends));
                }
            }
        }
        next.retain(|(_, _, ends)| ends.both() > f64::NEG_INFINITY);
        next.sort_by(|(_, _, a), (_, _, b)| b.both().total_cmp(&a.both()));
        next.truncate(width.max(1));
        let grow = |(i, added, ends): (usize, Option<usize>, Ends)| Beginning {
            string: beam[i].string.iter().copied().chain(added).collect(),
            ends,
        };
        beam = next.into_iter().map(grow).collect();
    }
    beam.into_iter().map(|own| (own.string, own.ends.both() as f32)).collect()
}

/// ln(eᵃ + eᵇ)
fn log_add(a: f64, b: f64) -> f64 {
    let (m, low) = (a.max(b), a.min(b));
    if low == f64::NEG_INFINITY { m } else { m + f64::from(ln_1p(exp((low - m) as f32))) }
}
