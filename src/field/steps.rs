//! Candidates: neighbouring pieces that may be a digit, and how likely.

use rayon::prelude::*;

use super::path::Step;
use super::pieces::Pieces;
use crate::intake::{Area, Grey, Intake};
use crate::kernels::math::ln;
use crate::sequential::Classification;

/// Most pieces of a digit.
const MOST_PIECES: usize = 5;
/// Least height of a digit, as a share of the usual one.
const LOWEST: f32 = 0.35;
/// Largest width of a digit, as a share of the usual height.
const WIDEST: f32 = 1.7;
/// Width from which a digit becomes less likely.
const WIDE: f32 = 1.15;
/// Height below which a digit becomes less likely.
const LOW: f32 = 0.65;
/// Logarithm of the likelihood that is lost by each tenth of the height beyond these.
const PER_TENTH: f32 = 0.8;
/// Logarithm of the likelihood that connected ink is two digits' at a certain place.
const CUT: f32 = -4.0;
/// Logarithm of the likelihood that is lost by a gap within a digit as wide as it is high.
const GAP: f32 = -15.0;
/// Logarithm of a likelihood from which the model is asked.
const LEAST: f32 = -8.0;
/// Largest side of a separator.
const SEPARATOR: f32 = 0.3;
/// Logarithm of the likelihood of ink that is part of no digit: a speck, and a piece as long as a digit.
const IGNORED: (f32, f32) = (-1.0, -10.0);

/// A digit, a separator or a speck that pieces may make.
#[derive(Debug)]
pub(super) struct Candidate {
    pub step: Step,
    pub area: Area,
    /// Input of the model; `None` if it is to be no digit.
    pub input: Option<Grey>,
    /// Logarithm of its likelihood, before the model is asked.
    prior: f32,
    /// Probabilities of the digits; `None` if it is to be none.
    pub probabilities: Option<[f32; 10]>,
    pub is_separator: bool,
}

/// Returns all candidates, by their first pieces, before the model is asked.
pub(super) fn proposed(
    intake: &Intake,
    darkness: &Grey,
    pieces: &Pieces,
    separators: bool,
) -> Vec<Candidate> {
    let height = pieces.height as f32;
    let count = pieces.areas.len();
    let bottom = pieces.areas.iter().filter(|area| area.height as f32 > LOW * height);
    let mut bottoms: Vec<usize> = bottom.map(|area| area.bottom()).collect();
    bottoms.sort_unstable();
    let baseline = bottoms.get(bottoms.len() / 2).copied().unwrap_or(0) as f32;
    let mut candidates = Vec::new();
    for from in 0..count {
        let area = pieces.areas[from];
        let size = area.longer() as f32 / height;
        let (speck, digit) = IGNORED;
        let score = speck + (digit - speck) * size.min(1.0);
        let step = Step { from, to: from + 1, score, digits: 0 };
        candidates.push(Candidate::no_digit(step, area, false));
        let middle = 0.5 * (area.top + area.bottom()) as f32;
        if separators && size < SEPARATOR && middle > baseline - 0.3 * height {
            let step = Step { score: -0.1, ..step };
            candidates.push(Candidate::no_digit(step, area, true));
        }
        for to in from + 1..=(from + MOST_PIECES).min(count) {
            let area = pieces.area(from..to);
            let (tall, wide) = (area.height as f32 / height, area.width as f32 / height);
            if wide > WIDEST {
                break;
            }
            if tall < LOWEST {
                continue;
            }
            let beyond = (wide - WIDE).max(0.0) + (LOW - tall).max(0.0);
            let cut = |piece: &usize| pieces.cut_from[*piece].is_some_and(|other| other < from);
            let cuts = (from..to).filter(cut).count() as f32;
            let joined = pieces.areas[from..to].windows(2);
            let gaps: f32 = joined
                .map(|pair| pair[0].right() as f32)
                .zip(&pieces.areas[from + 1..to])
                .map(|(right, next)| (next.left as f32 - right).max(0.0) / height)
                .sum();
            let score = -10.0 * PER_TENTH * beyond + CUT * cuts + GAP * gaps;
            // A piece by itself stays: there is a way past it.
            if score < LEAST && to > from + 1 {
                continue;
            }
            let step = Step { from, to, score, digits: 1 };
            candidates.push(Candidate {
                step,
                area,
                input: None,
                prior: score,
                probabilities: Some([0.0; 10]),
                is_separator: false,
            });
        }
    }
    candidates.par_iter_mut().filter(|one| one.probabilities.is_some()).for_each(|one| {
        let Step { from, to, .. } = one.step;
        one.input = Some(input(intake, darkness, pieces, from..to, one.area));
    });
    candidates
}

impl Candidate {
    /// A speck or a separator.
    fn no_digit(step: Step, area: Area, is_separator: bool) -> Self {
        let prior = step.score;
        Candidate { step, area, input: None, prior, probabilities: None, is_separator }
    }

    /// Takes the model's answer to its input.
    pub fn judge(&mut self, answer: &Classification<'_>) {
        let Some(probabilities) = &mut self.probabilities else { return };
        for (class, p) in probabilities.iter_mut().enumerate() {
            *p = answer.probability(class).unwrap_or(0.0);
        }
        let best = probabilities.iter().fold(f32::MIN_POSITIVE, |most, &p| most.max(p));
        // Each piece has a say: ways of few digits would else be more probable than ways of many.
        let weight = (self.step.to - self.step.from) as f32;
        self.step.score = self.prior + weight * ln(best);
    }
}

/// Input of the model for these pieces.
fn input(
    intake: &Intake,
    darkness: &Grey,
    pieces: &Pieces,
    range: std::ops::Range<usize>,
    area: Area,
) -> Grey {
    let (top, left) = (area.top.saturating_sub(1), area.left.saturating_sub(1));
    let bottom = (area.bottom() + 1).min(darkness.height());
    let right = (area.right() + 1).min(darkness.width());
    let area = Area { top, left, height: bottom - top, width: right - left };
    let near = Grey::from_fn(area.height, area.width, |y, x| darkness.at(top + y, left + x));
    intake.input(&near, &pieces.mask(range, area)).1
}
