//! What a callback remembers across an interruption.

use std::collections::BTreeMap;

/// Arrays by name: what [`Callback::state`](crate::trainer::callbacks::Callback::state) gives to a checkpoint.
///
/// ```
/// use chainrule::trainer::callbacks::State;
///
/// let mut state = State::default();
/// state.put("weights", vec![1.5; 3]);
/// state.put_numbers("epochs without improvement", vec![2.0]);
/// assert_eq!(state.take("weights"), Some(vec![1.5; 3]));
/// assert_eq!(state.take("weights"), None);
/// ```
#[derive(Debug, Clone, Default)]
pub struct State {
    pub(crate) floats: BTreeMap<String, Vec<f32>>,
    pub(crate) numbers: BTreeMap<String, Vec<f64>>,
}

impl State {
    /// Keeps numbers of 32 bits, such as weights.
    pub fn put(&mut self, name: &str, values: Vec<f32>) {
        self.floats.insert(name.to_string(), values);
    }

    /// Keeps numbers of 64 bits, such as losses and counts.
    pub fn put_numbers(&mut self, name: &str, values: Vec<f64>) {
        self.numbers.insert(name.to_string(), values);
    }

    /// Takes out what [`State::put`] has kept.
    pub fn take(&mut self, name: &str) -> Option<Vec<f32>> {
        self.floats.remove(name)
    }

    /// Takes out what [`State::put_numbers`] has kept.
    pub fn take_numbers(&mut self, name: &str) -> Option<Vec<f64>> {
        self.numbers.remove(name)
    }

    /// Whether nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.floats.is_empty() && self.numbers.is_empty()
    }
}
