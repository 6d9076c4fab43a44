//! An answer in words, as the programs that read one digit give it.

use chainrule::sequential::{Classification, Rejected};

/// `digit 7 (99.6 %)`, or why it is not sure.
pub fn verdict(answer: &Classification<'_>) -> String {
    match answer.rejected() {
        Some(Rejected::NoClass(p)) => format!("no digit ({:.1} %)", 100.0 * p),
        Some(reason) => reason.to_string(),
        None => {
            let best = answer.best();
            format!("digit {} ({:.1} %)", best.name, 100.0 * best.probability.unwrap_or(1.0))
        }
    }
}
