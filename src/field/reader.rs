//! From a picture to readings.

use rayon::prelude::*;

use super::lines;
use super::page::{Line, Page};
use super::path::Path;
use super::reading::{ReadDigit, Reading};
use super::steps::Candidate;
use crate::error::{ModelError, Result};
use crate::intake::{Area, Grey, Intake};
use crate::sequential::{Classification, ModelFile};
use crate::shape::len;
use crate::text::shortened;

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

    /// Reads the line of a picture that has the most digits. A picture without writing, or with none that is
    /// a digit, gives a rejected reading without digits.
    ///
    /// # Errors
    ///
    /// Those of [`ModelFile::classify`].
    pub fn read(&self, picture: &Grey) -> Result<Reading> {
        Ok(self.longest(self.read_lines(picture)?))
    }

    /// Reads all lines of a picture, from the top. Lines of other writing, such as words, are left out.
    ///
    /// # Errors
    ///
    /// Those of [`ModelFile::classify`].
    pub fn read_lines(&self, picture: &Grey) -> Result<Vec<Reading>> {
        Ok(self.read_lines_many(std::slice::from_ref(picture))?.swap_remove(0))
    }

    /// Reads many pictures, each as [`read`](FieldReader::read) does. The digits of all of them are one batch
    /// for the model, which takes 0.6 of the time of one picture after the other; all of them are in memory.
    ///
    /// # Errors
    ///
    /// Those of [`ModelFile::classify`].
    pub fn read_many(&self, pictures: &[Grey]) -> Result<Vec<Reading>> {
        let pages = self.read_lines_many(pictures)?;
        Ok(pages.into_iter().map(|readings| self.longest(readings)).collect())
    }

    /// Reads all lines of many pictures, each as [`read_lines`](FieldReader::read_lines) does, in one batch as
    /// [`read_many`](FieldReader::read_many).
    ///
    /// # Errors
    ///
    /// Those of [`ModelFile::classify`].
    pub fn read_lines_many(&self, pictures: &[Grey]) -> Result<Vec<Vec<Reading>>> {
        let page = |picture| Page::of(picture, &self.intake, self.separators);
        let mut pages: Vec<Option<Page>> = pictures.par_iter().map(page).collect();
        self.judge(pages.iter_mut().flatten().flat_map(|page| &mut page.lines).collect())?;
        let read = |page: &Option<Page>| page.as_ref().map(|page| self.read_page(page));
        Ok(pages.iter().map(|page| read(page).unwrap_or_default()).collect())
    }

    /// The reading of a picture that has the most digits.
    fn longest(&self, mut readings: Vec<Reading>) -> Reading {
        readings.sort_by_key(|reading| std::cmp::Reverse(reading.digits.len()));
        readings.into_iter().next().unwrap_or_else(|| Reading {
            rejected: Some("no digits were found".into()),
            expected: self.expect,
            ..Reading::default()
        })
    }

    /// Asks the model about all candidates at once, and about the likely ones again, by all of their views.
    fn judge(&self, mut lines: Vec<&mut Line>) -> Result<()> {
        let all = lines.iter_mut().flat_map(|line| &mut line.candidates).collect();
        ask(all, |inputs| self.file.classify_inputs_once(inputs))?;
        let mut likely = Vec::new();
        for line in lines {
            let Some(way) = line.best(None) else { continue };
            // Writing of another kind stays so.
            if self.read_line(line, &way).confidence < HOPELESS {
                continue;
            }
            let candidates = line.candidates.iter_mut().zip(way.shares);
            likely.extend(candidates.filter(|(_, share)| *share > LIKELY).map(|(one, _)| one));
        }
        ask(likely, |inputs| self.file.classify_inputs(inputs))
    }

    fn read_page(&self, page: &Page) -> Vec<Reading> {
        let mut readings = Vec::new();
        for line in &page.lines {
            let Some(way) = line.best(None) else { continue };
            let mut reading = self.read_line(line, &way);
            if reading.digits.is_empty() {
                continue;
            }
            for digit in &mut reading.digits {
                digit.area = page.original(digit.area);
            }
            readings.push(Reading { tilt: page.tilt, rules: page.rules.clone(), ..reading });
        }
        readings.sort_by_key(|reading| reading.digits[0].area.top);
        lines::reject_bars(&mut readings);
        readings
    }

    /// Reads a line by its best way, or by the best one of the expected number of digits.
    fn read_line(&self, line: &Line, any: &Path) -> Reading {
        let candidates = &line.candidates;
        let expected = self.expect.and_then(|_| line.best(self.expect));
        // A way that drops digits to come to the wanted number is not believed.
        let expected = expected.filter(|path| path.total - any.total > UNEXPECTED);
        let path = expected.as_ref().unwrap_or(any);
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

/// Asks the model about those of the candidates that may be a digit, in one batch.
fn ask<'a>(
    mut candidates: Vec<&mut Candidate>,
    classify: impl FnOnce(&[&Grey]) -> Result<Vec<Classification<'a>>>,
) -> Result<()> {
    candidates.retain(|candidate| candidate.input.is_some());
    let inputs: Vec<&Grey> = candidates.iter().filter_map(|one| one.input.as_ref()).collect();
    let answers = classify(&inputs)?;
    candidates.iter_mut().zip(&answers).for_each(|(candidate, answer)| candidate.judge(answer));
    Ok(())
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
