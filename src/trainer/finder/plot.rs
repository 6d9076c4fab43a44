//! The geometry of a sweep's picture, in characters or in SVG: a unit square with the logarithm of
//! the rate from left to right, and the loss from bottom to top.

use super::LearningRates;

pub(super) struct Plot {
    /// Points (x, y), each from 0 to 1.
    pub curve: Vec<(f64, f64)>,
    /// Where on the x axis the powers of ten are, and their names.
    pub ticks: Vec<(f64, String)>,
    /// The losses at the bottom and the top.
    pub low: f64,
    pub high: f64,
    /// The suggestion: its place on the curve, and its name.
    pub mark: Option<(f64, f64, String)>,
}

impl Plot {
    /// `None` for fewer than two rates, which have no curve.
    pub fn new(rates: &LearningRates) -> Option<Self> {
        let (first, last) = match rates.rates() {
            [first, .., last] => (f64::from(*first).log10(), f64::from(*last).log10()),
            _ => return None,
        };
        let losses = rates.losses();
        let x = |rate: f64| (rate.log10() - first) / (last - first);
        // A loss that diverges would press all else to the bottom: the picture ends above the fall.
        let lowest = (0..losses.len()).min_by(|&a, &b| losses[a].total_cmp(&losses[b]))?;
        let low = losses[lowest];
        let fall = losses[..=lowest].iter().copied().fold(low, f64::max) - low;
        let all = losses.iter().copied().fold(low, f64::max) - low;
        let height = if fall > 0.0 { all.min(1.2 * fall) } else { all };
        let height = if height > 0.0 { height } else { 1.0 };
        let y = |loss: f64| (loss - low) / height;

        let places = rates.rates().iter().zip(losses);
        let mut curve: Vec<_> = places.map(|(&rate, &loss)| (x(rate.into()), y(loss))).collect();
        if let Some(out) = curve.iter().position(|&(_, y)| y > 1.0) {
            // Up to the point where it leaves through the top.
            let ((x0, y0), (x1, y1)) = (curve[out.max(1) - 1], curve[out]);
            curve[out] = (x0 + (x1 - x0) * (1.0 - y0) / (y1 - y0), 1.0);
            curve.truncate(out + 1);
        }
        let mark = rates.suggestion().map(|rate| {
            let nearest = rates.rates().iter().take_while(|&&tried| tried < rate).count();
            (x(rate.into()), y(losses[nearest]).min(1.0), format!("{rate:.1e}"))
        });
        let name = |log: f64| format!("{:.1e}", 10f64.powf(log));
        let power = |n: i32| ((f64::from(n) - first) / (last - first), format!("1e{n}"));
        let mut ticks: Vec<_> = (first.ceil() as i32..=last.floor() as i32).map(power).collect();
        if ticks.len() < 2 {
            ticks = vec![(0.0, name(first)), (1.0, name(last))];
        }
        Some(Plot { curve, ticks, low, high: low + height, mark })
    }
}

/// A loss as the axes show it.
pub(super) fn number(loss: f64) -> String {
    let plain = loss == 0.0 || (1e-2..1e4).contains(&loss.abs());
    if plain { format!("{loss:.2}") } else { format!("{loss:.1e}") }
}
