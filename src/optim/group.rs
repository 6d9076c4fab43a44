//! Parameter groups: settings of their own for some of the parameters.
//!
//! Biases and the scales and shifts of norms should not decay; the layers of a pretrained model should
//! move slowly; the weights of a wide layer may need a bound. A group selects parameter arrays
//! by a predicate, which is called for every array once, when training starts, and holds their
//! settings.

use std::ops::RangeBounds;

use crate::error::{TrainError, in_range};

/// One parameter array of a model, which the predicate of a [`ParamGroup`] takes.
#[derive(Debug, Clone, Copy)]
pub struct ParamInfo<'a> {
    /// Number of its layer in the model, from 0.
    pub layer: usize,
    /// Name of its layer in summaries: `Dense(10)`.
    pub layer_name: &'a str,
    /// Name of the array within its layer: `weight`.
    pub name: &'a str,
    /// Shape of the array.
    pub shape: &'a [usize],
}

/// Settings for some of a model's parameters.
///
/// The first of the groups given to [`Trainer::group`](crate::trainer::Trainer::group) that contains
/// a parameter array applies to it. An array in no group has the settings of the optimizer.
///
/// ```
/// use chainrule::prelude::*;
///
/// // The first two layers learn slowly, biases do not decay, and wide layers are bounded.
/// let trainer = Trainer::new(SoftmaxCrossEntropy, AdamW::new(0.001, 0.01))
///     .group(ParamGroup::layers(..2).lr(0.1))
///     .group(ParamGroup::vectors().decay(0.0))
///     .group(ParamGroup::new(|param| param.shape[0] > 512).max_norm(3.0));
/// ```
pub struct ParamGroup {
    contains: Box<dyn Fn(&ParamInfo) -> bool + Send + Sync>,
    settings: GroupSettings,
}

/// Settings of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct GroupSettings {
    pub lr: f32,
    pub decay: f32,
    pub l1: f32,
    pub l2: f32,
    pub max_norm: Option<f32>,
}

impl GroupSettings {
    /// Settings that change nothing.
    pub const USUAL: Self = GroupSettings { lr: 1.0, decay: 1.0, l1: 0.0, l2: 0.0, max_norm: None };

    /// Returns `true` for settings that change nothing.
    pub fn is_usual(&self) -> bool {
        *self == GroupSettings::USUAL
    }
}

impl ParamGroup {
    /// Creates a group of the parameter arrays for which `contains` is true, without settings yet.
    pub fn new(contains: impl Fn(&ParamInfo) -> bool + Send + Sync + 'static) -> Self {
        ParamGroup { contains: Box::new(contains), settings: GroupSettings::USUAL }
    }

    /// Creates a group of all parameters.
    pub fn all() -> Self {
        ParamGroup::new(|_| true)
    }

    /// Creates a group of the arrays of one axis: biases, and the scales and shifts of norms, which
    /// should usually not decay.
    pub fn vectors() -> Self {
        ParamGroup::new(|param| param.shape.len() == 1)
    }

    /// Creates a group of the parameters of these layers, by their numbers from 0: `..2`, `3..=5`.
    pub fn layers(numbers: impl RangeBounds<usize> + Send + Sync + 'static) -> Self {
        ParamGroup::new(move |param| numbers.contains(&param.layer))
    }

    /// Multiplies the learning rate.
    #[must_use]
    pub fn lr(mut self, factor: f32) -> Self {
        self.settings.lr = factor;
        self
    }

    /// Multiplies the optimizer's weight decay: 0 for none.
    #[must_use]
    pub fn decay(mut self, factor: f32) -> Self {
        self.settings.decay = factor;
        self
    }

    /// Adds `strength·sign(w)` to the gradient: that of a penalty `strength·Σ|w|` on top of the loss,
    /// as Keras's `L1(strength)`. It drives unimportant weights to 0. Training reports losses without
    /// penalties.
    #[must_use]
    pub fn l1(mut self, strength: f32) -> Self {
        self.settings.l1 = strength;
        self
    }

    /// Adds `strength·w` to the gradient: that of a penalty `½·strength·Σw²` on top of the loss,
    /// and so the same as Keras's `L2(λ)`, whose penalty is `λ·Σw²`, with `strength = 2λ`. An optimizer's
    /// L2 weight decay is this too, but comes after clipping.
    #[must_use]
    pub fn l2(mut self, strength: f32) -> Self {
        self.settings.l2 = strength;
        self
    }

    /// Scales the weights into each unit (over all axes of the array but the last) down to the
    /// Euclidean norm `limit` after each step, where their norm is larger. In an array of one axis,
    /// each number is a unit of its own. Source: N. Srivastava et al., "Dropout", JMLR 15, 2014.
    #[must_use]
    pub fn max_norm(mut self, limit: f32) -> Self {
        self.settings.max_norm = Some(limit);
        self
    }

    /// Checks the settings.
    pub(crate) fn check(&self) -> Result<(), TrainError> {
        let GroupSettings { lr, decay, l1, l2, max_norm, .. } = self.settings;
        in_range("a group's learning rate factor", lr, 0.0.., "0 or more")?;
        in_range("a group's weight decay factor", decay, 0.0.., "0 or more")?;
        in_range("a group's L1 penalty", l1, 0.0.., "0 or more")?;
        in_range("a group's L2 penalty", l2, 0.0.., "0 or more")?;
        let limit = max_norm.unwrap_or(1.0);
        in_range("a group's largest norm", limit, f32::MIN_POSITIVE.., "above 0")
    }

    /// Returns the settings of the first group that contains a parameter array.
    pub(crate) fn settings(groups: &[ParamGroup], param: &ParamInfo) -> GroupSettings {
        let group = groups.iter().find(|group| (group.contains)(param));
        group.map_or(GroupSettings::USUAL, |group| group.settings)
    }
}
