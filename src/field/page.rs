//! A picture parted into lines, and these into candidates for digits.

use super::path;
use super::pieces::Pieces;
use super::steps::{Candidate, proposed};
use super::tilt::tilt;
use super::{frames, lines, rules};
use crate::intake::{Area, Components, Grey, Ink, Intake, Turn};

/// Longest side in which a picture is read, in pixels.
const LONGEST: usize = 1600;
/// Side of the squares that a pixel's threshold comes from.
const WINDOW: usize = 60;

/// Lines of writing in a picture, before the model is asked.
pub(super) struct Page {
    pub lines: Vec<Line>,
    /// Ruling lines and walls of boxes, in the picture.
    pub rules: Vec<Area>,
    /// Angle by which the writing rises to the right, in degrees.
    pub tilt: f32,
    turn: Turn,
    /// Height and width of the picture.
    size: [usize; 2],
    /// Pixels of the picture for each of the shrunk one.
    scale: f32,
}

impl Page {
    /// Levels a picture, takes rules and boxes away, and cuts its lines into candidates. `None` where
    /// nothing is written.
    pub fn of(picture: &Grey, intake: &Intake, separators: bool) -> Option<Self> {
        let shrunk = picture.shrunk(LONGEST);
        let ink = Ink::find(&shrunk, WINDOW).ok()?;
        let tilt = tilt(&ink.mask);
        let turn = Turn::whole([shrunk.height(), shrunk.width()], tilt);
        let darkness = turn.of(&ink.darkness);
        let mut mask = match tilt {
            0.0 => ink.mask,
            _ => turn.of(&ink.mask.to_grey()).above(0.5),
        };
        let size = [picture.height(), picture.width()];
        let scale = picture.height() as f32 / shrunk.height() as f32;
        let mut page = Page { lines: Vec::new(), rules: Vec::new(), tilt, turn, size, scale };
        let frames = frames::remove(&mut mask);
        let rules = frames.iter().copied().chain(rules::remove(&mut mask));
        page.rules = rules.map(|rule| page.original(rule)).collect();
        let found = Components::of(&mask);
        for group in frames::groups(&found, &frames) {
            for line in lines::lines(&found, group) {
                let pieces = Pieces::of(&found, &line, &mask);
                let candidates = proposed(intake, &darkness, &pieces, separators);
                page.lines.push(Line { candidates, pieces: pieces.areas.len() });
            }
        }
        Some(page)
    }

    /// Rectangle in the picture around a rectangle of the turned and shrunk one.
    pub fn original(&self, area: Area) -> Area {
        let corners = [
            (area.top, area.left),
            (area.top, area.right()),
            (area.bottom(), area.left),
            (area.bottom(), area.right()),
        ];
        let places = corners.map(|(y, x)| {
            self.turn.source(y as f32 - 0.5, x as f32 - 0.5).map(|at| (at + 0.5) * self.scale)
        });
        let range = |axis: usize| {
            let values = places.iter().map(|place| place[axis].clamp(0.0, self.size[axis] as f32));
            let low = values.clone().fold(f32::INFINITY, f32::min).round() as usize;
            let high = values.fold(0.0, f32::max).round() as usize;
            (low, (high - low).max(1))
        };
        let ((top, height), (left, width)) = (range(0), range(1));
        Area { top, left, height, width }
    }
}

/// A line of writing, in pieces.
pub(super) struct Line {
    pub candidates: Vec<Candidate>,
    pieces: usize,
}

impl Line {
    /// The best way through its pieces; of those with `expect` digits, if it is given.
    pub fn best(&self, expect: Option<usize>) -> Option<path::Path> {
        let steps: Vec<path::Step> = self.candidates.iter().map(|one| one.step).collect();
        path::best(&steps, self.pieces, expect)
    }
}
