//! How the learning rate changes during training.
//!
//! A schedule maps the share of the run that is done, `p` in 0..1, to a factor on the optimizer's
//! learning rate. In shares and not in steps, the same schedule fits a run of any length.

/// A learning rate that changes with time. Any function of the share done is one:
///
/// ```
/// use chainrule::prelude::*;
///
/// let halved_at_the_middle = |done: f32| if done < 0.5 { 1.0 } else { 0.5 };
/// let trainer = Trainer::new(MeanSquaredError, Sgd::new(0.1)).schedule(halved_at_the_middle);
/// ```
pub trait Schedule: Send + Sync + 'static {
    /// The factor at a step before which this share of all steps is done, from 0 up to, but not
    /// including, 1.
    fn factor(&self, done: f32) -> f32;
}

impl<F: Fn(f32) -> f32 + Send + Sync + 'static> Schedule for F {
    fn factor(&self, done: f32) -> f32 {
        self(done)
    }
}

/// The optimizer's learning rate throughout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Constant;

impl Schedule for Constant {
    fn factor(&self, _done: f32) -> f32 {
        1.0
    }
}

/// Falls in a straight line from 1 to 0: `1 - p`.
///
/// Large steps at first get near a minimum, small ones at the end settle in it. Source: A. Defazio
/// et al., "Optimal linear decay learning rate schedules and further refinements", 2023, which
/// finds it as good as or better than the cosine.
///
/// ```
/// use chainrule::schedule::{LinearDecay, Schedule};
///
/// assert_eq!(LinearDecay.factor(0.25), 0.75);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LinearDecay;

impl Schedule for LinearDecay {
    fn factor(&self, done: f32) -> f32 {
        1.0 - done
    }
}

/// Up in a straight line from 0 to 1 over the first share `warmup` of the run, then down to 0 along
/// half a cosine: `½·(1 + cos(π·(p - warmup)/(1 - warmup)))`.
///
/// The warm-up lets a larger learning rate be reached than the first steps could bear. Source:
/// L. Smith, N. Topin, "Super-convergence: very fast training of neural networks using large
/// learning rates", 2018; the cosine from I. Loshchilov, F. Hutter, "SGDR", ICLR 2017.
///
/// ```
/// use chainrule::schedule::{OneCycle, Schedule};
///
/// let schedule = OneCycle::new(0.2);
/// assert_eq!([0.0, 0.1, 0.2].map(|done| schedule.factor(done)), [0.0, 0.5, 1.0]);
/// assert!((schedule.factor(0.6) - 0.5).abs() < 1e-6);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OneCycle {
    warmup: f32,
}

impl OneCycle {
    /// With this share of the run for the way up, in 0..1 (values outside are moved to the ends).
    pub fn new(warmup: f32) -> Self {
        OneCycle { warmup: warmup.clamp(0.0, 1.0) }
    }
}

impl Schedule for OneCycle {
    fn factor(&self, done: f32) -> f32 {
        if done < self.warmup {
            return done / self.warmup;
        }
        let down = f64::from((done - self.warmup) / (1.0 - self.warmup));
        (0.5 * (1.0 + (std::f64::consts::PI * down).cos())) as f32
    }
}
