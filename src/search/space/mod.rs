//! What a search may change: fields of a config, each with the values that it may take.

#[cfg(test)]
mod tests;

use std::fmt::Debug;
use std::ops::{Range, RangeInclusive};

use crate::error::{Result, SearchError};
use crate::kernels::math::{exp, ln};
use crate::random::Key;

/// A config of yours, and the fields of it that a search may set.
///
/// Every field maps a number u in 0..1 to a value, so that to a search any space is a cube: a grid
/// takes the middles of equal parts of each edge, everything else draws u at random.
///
/// ```text
/// choice        values[⌊u·n⌋]              uniform        from + u·(to - from)
/// integers      from + ⌊u·n⌋               log_uniform    exp(ln from + u·(ln to - ln from))
/// ```
///
/// ```
/// use chainrule::search::Space;
/// use serde::Serialize;
///
/// #[derive(Clone, Serialize)]
/// struct Config {
///     lr: f32,
///     hidden: usize,
///     dropout: f32,
/// }
///
/// let space = Space::new(Config { lr: 1e-3, hidden: 64, dropout: 0.0 })
///     .log_uniform("lr", 1e-4..1e-1, |config, lr| config.lr = lr)
///     .integers("hidden", 16..=256, |config, hidden| config.hidden = hidden)
///     .choice("dropout", [0.0, 0.2, 0.5], |config, dropout| config.dropout = dropout);
/// ```
///
/// A closure sets what it likes: several fields at once, or the one of an enum. Ranges without
/// meaning are refused when the search runs.
pub struct Space<C> {
    pub(super) base: C,
    fields: Vec<Field<C>>,
}

struct Field<C> {
    name: String,
    /// `one of [0.1, 0.2]`: for the errors and the head of the file.
    values: String,
    /// How many there are, if they can be counted.
    count: Option<usize>,
    /// What the values must be, where they are not.
    wanted: Option<&'static str>,
    set: Setter<C>,
}

/// Sets the field to its value at u, and tells how to write that in a table.
type Setter<C> = Box<dyn Fn(&mut C, f64) -> String>;

impl<C> Space<C> {
    /// A space that changes nothing yet: `base` as it is.
    pub fn new(base: C) -> Self {
        Space { base, fields: Vec::new() }
    }

    /// A field that takes one of these values.
    #[must_use]
    pub fn choice<V: Clone + Debug + 'static>(
        self,
        name: &str,
        values: impl IntoIterator<Item = V>,
        set: impl Fn(&mut C, V) + 'static,
    ) -> Self {
        let values: Vec<V> = values.into_iter().collect();
        let (count, listed) = (values.len(), format!("one of {values:?}"));
        let wanted = values.is_empty().then_some("at least one value");
        self.field(name, listed, Some(count), wanted, move |config, u| {
            let value = values[part(u, count)].clone();
            let shown = format!("{value:?}");
            set(config, value);
            shown
        })
    }

    /// A field of whole numbers, each as likely.
    #[must_use]
    pub fn integers(
        self,
        name: &str,
        range: RangeInclusive<usize>,
        set: impl Fn(&mut C, usize) + 'static,
    ) -> Self {
        let (from, to) = (*range.start(), *range.end());
        let wanted = (from > to).then_some("a range that begins at or below its end");
        let count = to.saturating_sub(from).saturating_add(1);
        self.field(name, format!("integers {range:?}"), Some(count), wanted, move |config, u| {
            let value = from + part(u, count);
            set(config, value);
            value.to_string()
        })
    }

    /// A field of real numbers, evenly spread over a range.
    #[must_use]
    pub fn uniform(
        self,
        name: &str,
        range: Range<f32>,
        set: impl Fn(&mut C, f32) + 'static,
    ) -> Self {
        let Range { start, end } = range;
        let finite = start.is_finite() && end.is_finite();
        let wanted = (!(finite && start < end)).then_some("a range to a larger, finite number");
        self.field(name, format!("uniform in {range:?}"), None, wanted, move |config, u| {
            let (from, to) = (f64::from(start), f64::from(end));
            let value = ((from + u * (to - from)) as f32).clamp(start, end.next_down());
            set(config, value);
            number(value)
        })
    }

    /// A field of real numbers above 0 whose logarithms are evenly spread: as many between 0.001
    /// and 0.01 as between 0.01 and 0.1, which is what learning rates and weight decays want.
    #[must_use]
    pub fn log_uniform(
        self,
        name: &str,
        range: Range<f32>,
        set: impl Fn(&mut C, f32) + 'static,
    ) -> Self {
        let Range { start, end } = range;
        let wanted = (!(start > 0.0 && start < end && end.is_finite()))
            .then_some("a range from above 0 to a larger, finite number");
        self.field(name, format!("log-uniform in {range:?}"), None, wanted, move |config, u| {
            let (from, to) = (ln(start), ln(end));
            let value = exp(from + u as f32 * (to - from)).clamp(start, end.next_down());
            set(config, value);
            number(value)
        })
    }

    fn field(
        mut self,
        name: &str,
        values: String,
        count: Option<usize>,
        wanted: Option<&'static str>,
        set: impl Fn(&mut C, f64) -> String + 'static,
    ) -> Self {
        self.fields.push(Field { name: name.into(), values, count, wanted, set: Box::new(set) });
        self
    }

    /// The names of the fields, in the order in which they were added.
    pub(super) fn names(&self) -> Vec<String> {
        self.fields.iter().map(|field| field.name.clone()).collect()
    }

    /// `lr: one of [0.1, 0.2]`, for each field.
    pub(super) fn descriptions(&self) -> Vec<String> {
        self.fields.iter().map(|field| format!("{}: {}", field.name, field.values)).collect()
    }

    pub(super) fn check(&self) -> Result<()> {
        for (i, field) in self.fields.iter().enumerate() {
            let again = self.fields[..i].iter().any(|other| other.name == field.name);
            let wanted = field.wanted.or(again.then_some("given once: the name comes twice"));
            if let Some(wanted) = wanted {
                let (name, came) = (field.name.clone(), field.values.clone());
                return Err(SearchError::Field { name, came, wanted }.into());
            }
        }
        Ok(())
    }

    /// How many points a grid has: a size beyond `usize` comes out as the largest.
    pub(super) fn grid_len(&self) -> Result<usize> {
        self.fields.iter().try_fold(1usize, |len, field| match field.count {
            Some(count) => Ok(len.saturating_mul(count)),
            None => {
                let (name, came) = (field.name.clone(), field.values.clone());
                let wanted = "countable for a grid: list the values with `choice`";
                Err(SearchError::Field { name, came, wanted }.into())
            }
        })
    }
}

impl<C: Clone> Space<C> {
    /// Point `index` of the grid. The last field changes fastest, as in nested loops.
    pub(super) fn grid(&self, index: usize) -> (C, Vec<String>) {
        let mut rest = index;
        let mut at = vec![0.0; self.fields.len()];
        for (at, field) in at.iter_mut().zip(&self.fields).rev() {
            let count = field.count.unwrap_or(1);
            *at = ((rest % count) as f64 + 0.5) / count as f64;
            rest /= count;
        }
        self.point(|i| at[i])
    }

    /// The random point of a key.
    pub(super) fn draw(&self, key: Key) -> (C, Vec<String>) {
        self.point(|i| {
            let key = key.fold(i as u64);
            // 53 random bits, as many as the fraction of an f64 has.
            let bits = u64::from(key.hash(0)) << 21 | u64::from(key.hash(1)) >> 11;
            bits as f64 / (1u64 << 53) as f64
        })
    }

    /// The config at the point whose coordinate for field i is `at(i)`, and the fields' values in
    /// writing.
    fn point(&self, at: impl Fn(usize) -> f64) -> (C, Vec<String>) {
        let mut config = self.base.clone();
        let fields = self.fields.iter().enumerate();
        let shown = fields.map(|(i, field)| (field.set)(&mut config, at(i))).collect();
        (config, shown)
    }
}

/// Which of `count` equal parts of 0..1 holds u.
fn part(u: f64, count: usize) -> usize {
    ((u * count as f64) as usize).min(count - 1)
}

/// Four digits or so, as a table wants them.
fn number(value: f32) -> String {
    match value.abs() {
        1e-2..1e4 => format!("{value:.4}"),
        _ => format!("{value:.3e}"),
    }
}
