//! Prefix beam search: the paths of the same beginning of a string are one.

use std::collections::BTreeMap;

use crate::kernels::math::{exp, ln, ln_1p};
use crate::kernels::max;

/// Logarithms of the probability of a beginning, by how its paths end.
#[derive(Clone, Copy)]
struct Ends {
    /// In a blank.
    blank: f64,
    /// In the last label.
    label: f64,
}

impl Ends {
    const NONE: Ends = Ends { blank: f64::NEG_INFINITY, label: f64::NEG_INFINITY };

    fn both(&self) -> f64 {
        log_add(self.blank, self.label)
    }
}

/// The most probable strings, and ln p of each.
pub(super) fn search(logits: &[f32], blank: usize, width: usize) -> Vec<(Vec<usize>, f32)> {
    let mut beam = vec![(Vec::new(), Ends { blank: 0.0, ..Ends::NONE })];
    for z in logits.chunks_exact(blank + 1) {
        let m = max(z);
        let log_sum = f64::from(m) + f64::from(ln(z.iter().map(|&z| exp(z - m)).sum()));
        let log_y = |k: usize| f64::from(z[k]) - log_sum;
        // In the order of the strings, so that equally probable ones have an order too.
        let mut longer = BTreeMap::new();
        let mut add = |string: Vec<usize>, ends: Ends| {
            let own: &mut Ends = longer.entry(string).or_insert(Ends::NONE);
            own.blank = log_add(own.blank, ends.blank);
            own.label = log_add(own.label, ends.label);
        };
        for (string, ends) in &beam {
            let last = string.last().copied();
            // A blank, or the last label once more, leaves a string as it is.
            let repeated = last.map_or(f64::NEG_INFINITY, |last| ends.label + log_y(last));
            add(string.clone(), Ends { blank: ends.both() + log_y(blank), label: repeated });
            for k in 0..blank {
                // The same label again needs a blank before it.
                let before = if last == Some(k) { ends.blank } else { ends.both() };
                let next = string.iter().copied().chain([k]).collect();
                add(next, Ends { label: before + log_y(k), ..Ends::NONE });
            }
        }
        beam = longer.into_iter().collect();
        beam.sort_by(|(_, a), (_, b)| b.both().total_cmp(&a.both()));
        beam.truncate(width.max(1));
    }
    beam.into_iter().map(|(string, ends)| (string, ends.both() as f32)).collect()
}

/// ln(eᵃ + eᵇ)
fn log_add(a: f64, b: f64) -> f64 {
    let (m, low) = (a.max(b), a.min(b));
    if low == f64::NEG_INFINITY { m } else { m + f64::from(ln_1p(exp((low - m) as f32))) }
}
