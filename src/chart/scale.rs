//! From numbers to places on an axis, and which of them get a tick.

use crate::text::number;

/// An axis: what is at its two ends, and what is marked in between.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    from: f64,
    to: f64,
    log: bool,
    pub ticks: Vec<f64>,
    /// Digits after the point that tell the ticks apart.
    decimals: usize,
}

/// How many ticks an axis should have, about.
const TICKS: f64 = 5.0;

impl Scale {
    /// Even steps of 1, 2 or 5 times a power of ten. A `snug` axis ends where the numbers do, others
    /// at a tick.
    pub fn linear(values: impl Iterator<Item = f64> + Clone, snug: bool) -> Scale {
        let whole = values.clone().filter(|v| v.is_finite()).all(|v| v.fract() == 0.0);
        let Some((low, high)) = range(values) else {
            return Scale::linear_from(0.0, 1.0, 0.0, true);
        };
        // One number alone, or as good as: it stands in the middle.
        if high - low <= 1e-9 * low.abs().max(high.abs()) {
            let room = if whole && snug { 1.0 } else { low.abs().max(1e-300) / 2.0 };
            let room = if low == 0.0 { 1.0 } else { room };
            return Scale::linear_from(low - room, low + room, whole as u8 as f64, snug);
        }
        Scale::linear_from(low, high, (whole && snug) as u8 as f64, snug)
    }

    fn linear_from(low: f64, high: f64, least_step: f64, snug: bool) -> Scale {
        let step = step((high - low) / TICKS).max(least_step);
        let (first, last) = (low / step, high / step);
        // What is a tick but for rounding is one.
        let (first, last) = if snug {
            ((first - 1e-9).ceil(), (last + 1e-9).floor())
        } else {
            ((first + 1e-9).floor(), (last - 1e-9).ceil())
        };
        let count = (last - first).clamp(0.0, 4.0 * TICKS) as usize;
        let ticks: Vec<f64> = (0..=count).map(|i| (first + i as f64) * step).collect();
        let (from, to) = if snug { (low, high) } else { (first * step, last * step) };
        let decimals = (-step.log10() - 1e-9).ceil().clamp(0.0, 9.0) as usize;
        Scale { from, to, log: false, ticks, decimals }
    }

    /// The ends are given, and ticks only where they are round.
    pub fn between(from: f64, to: f64) -> Scale {
        if from < to {
            Scale::linear_from(from, to, 0.0, true)
        } else {
            Scale::linear([from].into_iter(), true)
        }
    }

    /// Powers of ten, and where there are few of them also 2 and 5 times these. Numbers that are not
    /// above 0 have no place. A `snug` axis ends where the numbers do, others at a tick.
    pub fn log(values: impl Iterator<Item = f64>, snug: bool) -> Scale {
        let (low, high) = range(values.filter(|&v| v > 0.0)).unwrap_or((0.1, 1.0));
        let alone = high / low < 1.5;
        let (low, high) = if alone { (low / 1.5, (high * 1.5).min(f64::MAX)) } else { (low, high) };
        let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
        let stride = ((last - first) as f64 / (1.5 * TICKS)).ceil().max(1.0) as usize;
        let steps: &[f64] = if last - first > 3 { &[1.0] } else { &[1.0, 2.0, 5.0] };
        // One power more, where a stride would end before the last.
        let powers = (first..last + stride as i32).step_by(stride);
        let all = powers.flat_map(|n| steps.iter().map(move |s| s * 10f64.powi(n)));
        let all: Vec<f64> = all.filter(|tick| tick.is_normal()).collect();
        let (low_enough, high_enough) = (low * (1.0 + 1e-9), high * (1.0 - 1e-9));
        let below = all.iter().rev().find(|&&tick| tick <= low_enough);
        let above = all.iter().find(|&&tick| tick >= high_enough);
        let (from, to) = match (below, above) {
            (Some(&below), Some(&above)) if !snug => (below, above),
            _ => (low, high),
        };
        let inside = |tick: &f64| (from * (1.0 - 1e-9)..=to * (1.0 + 1e-9)).contains(tick);
        Scale { from, to, log: true, ticks: all.into_iter().filter(inside).collect(), decimals: 0 }
    }

    /// Where a number is: 0 at the beginning and 1 at the end. `None` for what is no number.
    pub fn place(&self, value: f64) -> Option<f64> {
        let place = if self.log {
            (value.ln() - self.from.ln()) / (self.to.ln() - self.from.ln())
        } else {
            // Half of each, so that the largest numbers do not overflow.
            (value / 2.0 - self.from / 2.0) / (self.to / 2.0 - self.from / 2.0)
        };
        place.is_finite().then_some(place)
    }

    /// A tick in words.
    pub fn label(&self, tick: f64) -> String {
        let largest = self.from.abs().max(self.to.abs());
        if self.log || self.decimals > 4 || largest >= 1e5 {
            return number(tick);
        }
        format!("{:.*}", self.decimals, if tick == 0.0 { 0.0 } else { tick })
    }
}

/// The next larger of 1, 2 and 5 times a power of ten.
fn step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let times = [1.0, 2.0, 5.0].into_iter().find(|times| times * power >= rough * (1.0 - 1e-9));
    let step = times.unwrap_or(10.0) * power;
    if step.is_normal() { step } else { f64::MIN_POSITIVE }
}

/// The smallest and the largest that is finite.
fn range(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|value| value.is_finite()).fold(None, |range, v| {
        Some(range.map_or((v, v), |(a, b): (f64, f64)| (a.min(v), b.max(v))))
    })
}
