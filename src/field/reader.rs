//! From a picture to readings.

use super::pieces::Pieces;
use super::reading::{ReadDigit, Reading};
use super::steps::{Candidate, proposed};
use super::turn::{Turn, tilt};
use super::{frames, lines, path, rules};
use crate::error::{ModelError, Result};
use crate::intake::{Area, Components, Grey, Ink, Intake};
use crate::sequential::ModelFile;
use crate::shape::len;
use crate::text::shortened;

/// Longest side in which a field is read, in pixels.
const LONGEST: usize = 1600;
/// Side of the squares that a pixel's threshold comes from.
const WINDOW: usize = 60;
/// Logarithm of the share of all ways below which those with the expected number of digits are not taken.
const UNEXPECTED: f32 = -7.0;
/// Share of columns in common from which two candidates are at the same place.
const SAME_PLACE: f32 = 0.6;
/// Share in all ways from which a candidate is judged by all of its views.
const LIKELY: f32 = 0.01;
/// Confidence of a reading below which its candidates are not judged again.
const HOPELESS: f32 = 0.01;
/// Least confidence of a reading, unless another is set.
const CONFIDENCE: f32 = 0.8;

/// Reader of fields of digits: amounts, zip codes, numbers of accounts.
///
/// It takes the tilt away, then ruling lines and boxes; cuts the ink into pieces; lets the model judge
/// every way to join neighbouring pieces; and takes the most probable one. See [`field`](crate::field).
#[derive(Debug, Clone)]
pub struct FieldReader<'a> {
    file: &'a ModelFile,
    intake: Intake,
    expect: Option<usize>,
    separators: bool,
    confidence: f32,
}

impl<'a> FieldReader<'a> {
    /// Reader with a model whose first ten classes are the digits.
    ///
    /// # Errors
    ///
    /// [`ModelError::NoIntake`] for a file that does not say how a picture becomes an input, and
    /// [`ModelError::NotDigits`] for a model of other classes.
    pub fn new(file: &'a ModelFile) -> Result<Self> {
        let intake = file.reads_pictures()?;
        let names = file.model.class_names();
        let digits = (0..10).map(|digit| digit.to_string());
        let are_digits = names.len() >= 10 && digits.zip(names).all(|(digit, name)| digit == *name);
        let outputs = len(file.model.output_shape());
        if outputs < 10 || !(names.is_empty() || are_digits) {
            let classes = match names {
                [] => format!("{outputs} without names"),
                names => shortened(&names.join(", "), 60),
            };
            return Err(ModelError::NotDigits { classes }.into());
        }
        Ok(FieldReader { file, intake, expect: None, separators: false, confidence: CONFIDENCE })
    }

    /// Says how many digits a field has. A field that can only be read otherwise is rejected.
    #[must_use]
    pub fn expect(self, digits: usize) -> Self {
        FieldReader { expect: Some(digits), ..self }
    }

    /// Takes small ink at the foot of a line for a separator, such as the decimal point of an amount.
    /// Without this it is a speck.
    #[must_use]
    pub fn separators(self) -> Self {
        FieldReader { separators: true, ..self }
    }

    /// Sets the confidence below which a reading is rejected, in 0..1; 0.8 unless set.
    #[must_use]
    pub fn confidence(self, confidence: f32) -> Self {
        FieldReader { confidence, ..self }
    }

    /// Reads the line of digits that has the most ink. A picture without writing, or with none that is a
    /// digit, gives a rejected reading without digits.
    ///
    /// # Errors
    ///
    /// Those of [`ModelFile::classify`].
    pub fn read(&self, picture: &Grey) -> Result<Reading> {
        let mut readings = self.read_lines(picture)?;
        readings.sort_by_key(|reading| std::cmp::Reverse(reading.digits.len()));
        let none = || Reading {
            rejected: Some("no digits were found".into()),
            expected: self.expect,
            ..Reading::default()
        };
        Ok(readings.into_iter().next().unwrap_or_else(none))
    }

    /// Reads all lines of a picture, from the top. Lines of other writing, such as words, are left out.
    ///
    /// # Errors
    ///
    /// Those of [`ModelFile::classify`].
    pub fn read_lines(&self, picture: &Grey) -> Result<Vec<Reading>> {
        let shrunk = picture.shrunk(LONGEST);
        let Ok(ink) = Ink::find(&shrunk, WINDOW) else { return Ok(Vec::new()) };
        let tilt = tilt(&ink.mask);
        let turn = Turn::new([shrunk.height(), shrunk.width()], tilt);
        let darkness = turn.of(&ink.darkness);
        let mut mask = match tilt {
            0.0 => ink.mask,
            _ => turn.of(&ink.mask.to_grey()).above(0.5),
        };
        let scale = picture.height() as f32 / shrunk.height() as f32;
        let frames = frames::remove(&mut mask);
        let rules = frames.iter().copied().chain(rules::remove(&mut mask));
        let rules: Vec<Area> = rules.map(|rule| original(rule, &turn, scale, picture)).collect();
        let found = Components::of(&mask);
        let mut lines = Vec::new();
        for group in frames::groups(&found, &frames) {
            for line in lines::lines(&found, group) {
                let pieces = Pieces::of(&found, &line, &mask);
                let candidates = proposed(&self.intake, &darkness, &pieces, self.separators);
                lines.push(Line { candidates, pieces: pieces.areas.len() });
            }
        }
        self.judge(&mut lines)?;
        let mut readings = Vec::new();
        for line in &lines {
            let mut reading = self.read_line(line);
            if reading.digits.is_empty() {
                continue;
            }
            for digit in &mut reading.digits {
                digit.area = original(digit.area, &turn, scale, picture);
            }
            readings.push(Reading { tilt, rules: rules.clone(), ..reading });
        }
        readings.sort_by_key(|reading| reading.digits[0].area.top);
        lines::reject_bars(&mut readings);
        Ok(readings)
    }

    /// Asks the model about all candidates at once, and about the likely ones again, by all of their views.
    fn judge(&self, lines: &mut [Line]) -> Result<()> {
        let mut all: Vec<&mut Candidate> =
            lines.iter_mut().flat_map(|line| &mut line.candidates).collect();
        all.retain(|candidate| candidate.input.is_some());
        let inputs: Vec<&Grey> = all.iter().filter_map(|one| one.input.as_ref()).collect();
        let answers = self.file.classify_inputs_once(&inputs)?;
        all.iter_mut().zip(&answers).for_each(|(candidate, answer)| candidate.judge(answer));
        let mut likely = Vec::new();
        for line in lines {
            // Writing of another kind stays so.
            if self.read_line(line).confidence < HOPELESS {
                continue;
            }
            let shares = line.best(None).map(|path| path.shares).unwrap_or_default();
            let candidates = line.candidates.iter_mut().zip(shares);
            likely.extend(candidates.filter(|(_, share)| *share > LIKELY).map(|(one, _)| one));
        }
        likely.retain(|candidate| candidate.input.is_some());
        let inputs: Vec<&Grey> = likely.iter().filter_map(|one| one.input.as_ref()).collect();
        let answers = self.file.classify_inputs(&inputs)?;
        likely.iter_mut().zip(&answers).for_each(|(candidate, answer)| candidate.judge(answer));
        Ok(())
    }

    fn read_line(&self, line: &Line) -> Reading {
        let candidates = &line.candidates;
        let Some(any) = line.best(None) else { return Reading::default() };
        let expected = self.expect.and_then(|_| line.best(self.expect));
        // A way that drops digits to come to the wanted number is not believed.
        let path = expected.filter(|path| path.total - any.total > UNEXPECTED).unwrap_or(any);
        let mut reading = Reading { expected: self.expect, ..Reading::default() };
        let (mut after_separator, mut parted, mut sure) = (false, 1.0f32, 1.0f32);
        for candidate in path.steps.iter().map(|&index| &candidates[index]) {
            if candidate.probabilities.is_none() {
                after_separator |= candidate.is_separator;
                continue;
            }
            let (probabilities, share) = place(candidates, &path.shares, &candidate.area);
            let digit = best_of(&probabilities);
            let p = probabilities[usize::from(digit)];
            (parted, sure) = (parted.min(share), sure * p);
            let rejected = self.rejected(&probabilities, p * share);
            let after_separator = std::mem::take(&mut after_separator);
            let (area, confidence) = (candidate.area, p * share);
            reading.digits.push(ReadDigit {
                digit,
                confidence,
                area,
                probabilities,
                after_separator,
                rejected,
            });
        }
        if lines::is_writing(&reading.digits) {
            return Reading::default();
        }
        lines::reject_walls(&mut reading.digits);
        reading.confidence = sure * parted;
        reading.rejected = match self.expect {
            Some(expect) if reading.digits.len() != expect => {
                Some(format!("{} digits where {expect} are expected", reading.digits.len()))
            }
            _ if reading.confidence < self.confidence => {
                Some(format!("{:.0} % sure that all digits are right", 100.0 * reading.confidence))
            }
            _ => None,
        };
        reading
    }

    /// Reason not to trust a digit.
    fn rejected(&self, p: &[f32; 10], confidence: f32) -> Option<String> {
        let best = best_of(p);
        let none = 1.0 - p.iter().sum::<f32>();
        if none > p[usize::from(best)] {
            return Some(format!("no digit ({:.0} %)", 100.0 * none));
        }
        (confidence < self.confidence).then(|| format!("{best} ({:.0} %)", 100.0 * confidence))
    }
}

/// A line of writing, in pieces.
struct Line {
    candidates: Vec<Candidate>,
    pieces: usize,
}

impl Line {
    /// The best way through its pieces.
    fn best(&self, expect: Option<usize>) -> Option<path::Path> {
        let steps: Vec<path::Step> = self.candidates.iter().map(|one| one.step).collect();
        path::best(&steps, self.pieces, expect)
    }
}

/// Probabilities of the digits at a place, and of one digit being there: over all ways to part the ink, in
/// which the same digit may have a speck more or less.
fn place(candidates: &[Candidate], shares: &[f32], area: &Area) -> ([f32; 10], f32) {
    let (mut sum, mut all) = ([0.0; 10], 0.0f32);
    for (candidate, share) in candidates.iter().zip(shares) {
        let Some(probabilities) = &candidate.probabilities else { continue };
        let both = candidate.area.shared_columns(area) as f32;
        if both < SAME_PLACE * candidate.area.union(area).width as f32 {
            continue;
        }
        all += share;
        sum.iter_mut().zip(probabilities).for_each(|(sum, p)| *sum += share * p);
    }
    (sum.map(|sum| if all > 0.0 { sum / all } else { 0.0 }), all.min(1.0))
}

/// The most probable digit.
fn best_of(probabilities: &[f32; 10]) -> u8 {
    let best = (0u8..10).max_by(|&a, &b| {
        probabilities[usize::from(a)].total_cmp(&probabilities[usize::from(b)]).then(b.cmp(&a))
    });
    best.unwrap_or(0)
}

/// Rectangle in the picture around a rectangle of the turned and shrunk one.
fn original(area: Area, turn: &Turn, scale: f32, picture: &Grey) -> Area {
    let corners = [
        (area.top, area.left),
        (area.top, area.right()),
        (area.bottom(), area.left),
        (area.bottom(), area.right()),
    ];
    let places = corners
        .map(|(y, x)| turn.source(y as f32 - 0.5, x as f32 - 0.5).map(|at| (at + 0.5) * scale));
    let range = |axis: usize, side: usize| {
        let values = places.iter().map(|place| place[axis].clamp(0.0, side as f32));
        let low = values.clone().fold(f32::INFINITY, f32::min).round() as usize;
        let high = values.fold(0.0, f32::max).round() as usize;
        (low, (high - low).max(1))
    };
    let ((top, height), (left, width)) = (range(0, picture.height()), range(1, picture.width()));
    Area { top, left, height, width }
}
