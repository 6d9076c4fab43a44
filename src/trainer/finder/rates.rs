//! What a sweep found, and which rate to take.

use super::SETTLING;

/// The learning rates of a sweep, and the smooth loss at each: from
/// [`Trainer::find_learning_rate`](crate::trainer::Trainer::find_learning_rate).
///
/// Its `Display` is a chart for the terminal.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LearningRates {
    rates: Vec<f32>,
    losses: Vec<f64>,
}

impl LearningRates {
    /// The rates that were tried, from the smallest to the largest, each the same multiple of the
    /// one before.
    pub fn rates(&self) -> &[f32] {
        &self.rates
    }

    /// The running mean of the loss at each.
    pub fn losses(&self) -> &[f64] {
        &self.losses
    }

    /// A rate to train with: where the loss falls most steeply over the logarithm of the rate, yet
    /// at most a tenth of the rate at which it is lowest, for there it is about to rise. `None` if
    /// it never falls.
    pub fn suggestion(&self) -> Option<f32> {
        let lowest = self.lowest()?;
        // Rates are evenly spaced in their logarithm: a slope is a difference over four of them.
        let fall = |i: usize| self.losses[i - 2] - self.losses[i + 2];
        let last = lowest.min(self.losses.len().saturating_sub(3));
        let steepest = (SETTLING..=last).max_by(|&a, &b| fall(a).total_cmp(&fall(b)))?;
        (fall(steepest) > 0.0).then(|| self.rates[steepest].min(self.rates[lowest] / 10.0))
    }

    /// Where the loss is lowest, once its mean has settled.
    pub(super) fn lowest(&self) -> Option<usize> {
        (SETTLING..self.losses.len()).min_by(|&a, &b| self.losses[a].total_cmp(&self.losses[b]))
    }

    pub(super) fn len(&self) -> usize {
        self.rates.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rates.is_empty()
    }

    pub(super) fn push(&mut self, rate: f32, loss: f64) {
        self.rates.push(rate);
        self.losses.push(loss);
    }

    /// Whether the last loss is four times the lowest.
    pub(super) fn diverges(&self) -> bool {
        let (Some(lowest), Some(last)) = (self.lowest(), self.losses.last()) else { return false };
        let lowest = self.losses[lowest];
        // Written so that a loss below 0 has a meaning, too.
        last - lowest > 3.0 * lowest.abs()
    }
}

#[cfg(all(test, feature = "report"))]
mod tests {
    use super::LearningRates;

    /// 100 rates from 1e-6 to 1, with a loss that is a function of the rate's logarithm.
    fn sweep(loss: impl Fn(f64) -> f64) -> LearningRates {
        let mut found = LearningRates::default();
        for i in 0..100 {
            let log = -6.0 + 6.0 * f64::from(i) / 99.0;
            found.push(10f64.powf(log) as f32, loss(log));
        }
        found
    }

    #[test]
    fn the_steepest_descent_is_suggested() {
        // A smooth step down at 1e-3, and a rise from 1e-1 on.
        let rates = sweep(|log| -(4.0 * (log + 3.0)).tanh() + (log + 1.0).max(0.0));
        let suggestion = rates.suggestion().unwrap();
        assert!((suggestion.log10() + 3.0).abs() < 0.1, "{suggestion}");
    }

    #[test]
    fn at_most_a_tenth_of_the_rate_of_the_lowest_loss_is_suggested() {
        // A parabola around 1e-2, over a steep fall just before.
        let rates = sweep(|log| (log + 2.0).abs().sqrt() + (-20.0 * (log + 2.05)).tanh());
        let suggestion = rates.suggestion().unwrap();
        assert!((suggestion.log10() + 3.0).abs() < 0.1, "{suggestion}");
    }

    #[test]
    fn a_loss_that_never_falls_gives_no_suggestion() {
        assert_eq!(sweep(|log| log).suggestion(), None);
        assert_eq!(sweep(|_| 1.0).suggestion(), None);
        assert_eq!(LearningRates::default().suggestion(), None);
    }

    #[test]
    fn the_picture_has_the_curve_the_powers_of_ten_and_the_mark() {
        let rates = sweep(|log| if log < -1.0 { -(4.0 * (log + 3.5)).tanh() } else { 50.0 });
        let chart = rates.to_string();
        let lines: Vec<&str> = chart.lines().collect();
        assert_eq!(lines.len(), 12 + 3);
        assert!(lines.iter().all(|line| line.chars().count() <= 80), "{chart}");
        // The picture ends above the fall, from -1 to 1, and not at 50.
        assert!(
            lines[0].starts_with("     1.40 │") && lines[11].starts_with("    -1.00 │"),
            "{chart}"
        );
        assert_eq!(
            lines[12].matches('┬').count() + lines[12].matches('▲').count(),
            7 + 1,
            "{chart}"
        );
        assert!((-6..=0).all(|n| lines[13].contains(&format!("1e{n}"))), "{chart}");
        let name = format!("{:.1e}", rates.suggestion().unwrap());
        assert_eq!(lines[14], format!("suggested learning rate: {name}"));

        let svg = rates.svg();
        let names = ["1e-6", "1e-5", "1e-4", "0.001", "0.01", "0.1", "1", "learning rate"];
        assert!(names.iter().all(|name| svg.contains(&format!(">{name}</text>"))), "{svg}");
        assert!(svg.contains(&format!(">{name}</text>")) && svg.ends_with("</svg>\n"), "{svg}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    #[test]
    fn flat_and_short_sweeps_have_pictures_too() {
        let flat = sweep(|_| 1.0).to_string();
        assert!(flat.ends_with("no learning rate to suggest: the loss never falls"), "{flat}");
        let mut short = LearningRates::default();
        short.push(0.2, 2.0);
        assert_eq!(short.to_string(), "too few learning rates to draw");
        assert!(short.svg().contains("<circle") && !short.svg().contains("NaN"));
        short.push(0.5, 3.0);
        assert!(short.to_string().contains("2.0e-1") && short.to_string().contains("5.0e-1"));
    }

    #[test]
    fn four_times_the_lowest_loss_diverges() {
        let grows = |to: f64| sweep(|log| if log > -0.01 { to } else { 1.0 }).diverges();
        assert!(grows(4.1) && !grows(3.9));
    }
}
