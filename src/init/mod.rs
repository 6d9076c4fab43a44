//! How parameters start.
//!
//! A layer of `fan_in` inputs multiplies the variance of what flows forward by `fan_in·Var[w]`,
//! and of the gradients that flow back by `fan_out·Var[w]`. Glorot's choice keeps both near 1 for
//! tanh-like activations; He's makes up for the half that ReLU sets to zero; LeCun's looks forward
//! alone. An orthogonal matrix keeps not only the mean but every length as it is, which matters
//! where the same matrix is applied many times.

mod orthogonal;

use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Distribution, StandardNormal, StandardUniform};
use serde::{Deserialize, Serialize};

use crate::error::Mismatch;

/// The distribution that a parameter is drawn from at the start.
///
/// Fans follow from the shape as in Keras: a matrix (in, out) has these two; for a kernel
/// (kh, kw, in, out) both are multiplied by kh·kw; a vector (n) has n of each.
///
/// ```
/// use chainrule::prelude::*;
///
/// let start = Init::TruncatedNormal { mean: 0.0, deviation: 0.05 };
/// let model = Sequential::new([784]).add(Dense::new(10).init(start))?;
/// assert!(model.params().iter().all(|w| w.abs() <= 0.1));
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Init {
    /// `w = 0`: for biases. Weights that start equal would stay equal.
    Zeros,
    /// `w` = this number: such as 1, for scales.
    Constant(f32),
    /// Uniform from `low` to `high`.
    Uniform {
        /// The least.
        low: f32,
        /// The largest.
        high: f32,
    },
    /// Normal with this mean and standard deviation.
    Normal {
        /// The mean.
        mean: f32,
        /// The standard deviation.
        deviation: f32,
    },
    /// Normal, drawn again until it is within two deviations of the mean, which leaves a deviation
    /// of 0.88·`deviation`. Source: Keras's `TruncatedNormal`, PyTorch's `trunc_normal_`.
    TruncatedNormal {
        /// The mean.
        mean: f32,
        /// The standard deviation before the cut.
        deviation: f32,
    },
    /// Uniform in ±√(6 / (fan_in + fan_out)). Source: X. Glorot, Y. Bengio, "Understanding the
    /// difficulty of training deep feedforward neural networks", AISTATS 2010.
    GlorotUniform,
    /// Normal with variance 2 / (fan_in + fan_out). Source: as `GlorotUniform`.
    GlorotNormal,
    /// Uniform in ±√(6 / fan_in). Source: K. He et al., "Delving deep into rectifiers", ICCV 2015.
    HeUniform,
    /// Normal with variance 2 / fan_in. Source: as `HeUniform`.
    HeNormal,
    /// Uniform in ±√(3 / fan_in). Source: Y. LeCun et al., "Efficient BackProp", 1998, §4.6.
    LecunUniform,
    /// Normal with variance 1 / fan_in. Source: as `LecunUniform`.
    LecunNormal,
    /// `w·wᵀ` or `wᵀ·w` = gain²·1, whichever is smaller, of a kernel as a matrix (kh·kw·in, out): a
    /// random rotation. Source: A. Saxe, J. McClelland, S. Ganguli, "Exact solutions to the
    /// nonlinear dynamics of learning in deep linear neural networks", ICLR 2014.
    Orthogonal {
        /// 1 for what is linear or nearly so, √2 before a ReLU.
        gain: f32,
    },
}

impl Init {
    /// Draws `values`, the parameter of shape `shape` in row-major order.
    ///
    /// ```
    /// use chainrule::init::Init;
    /// use chainrule::random::Key;
    ///
    /// let mut w = [0.0; 6];
    /// Init::GlorotUniform.fill(&[2, 3], &mut Key::new(0).rng(), &mut w);
    /// assert!(w.iter().all(|w| w.abs() <= (6.0f32 / 5.0).sqrt()));
    /// ```
    pub fn fill(self, shape: &[usize], rng: &mut Xoshiro256PlusPlus, values: &mut [f32]) {
        let (fan_in, fan_out) = fans(shape);
        match self {
            Init::Zeros => values.fill(0.0),
            Init::Constant(constant) => values.fill(constant),
            Init::Uniform { low, high } => {
                for value in values {
                    let unit: f32 = StandardUniform.sample(rng);
                    *value = low + (high - low) * unit;
                }
            }
            Init::Normal { mean, deviation } => normal(mean, deviation, rng, values),
            Init::TruncatedNormal { mean, deviation } => {
                for value in values {
                    let draws = std::iter::repeat_with(|| StandardNormal.sample(rng));
                    let unit: Option<f32> = { draws }.find(|unit: &f32| unit.abs() <= 2.0);
                    *value = mean + deviation * unit.unwrap_or(0.0);
                }
            }
            Init::GlorotUniform => uniform((6.0 / (fan_in + fan_out)).sqrt(), rng, values),
            Init::GlorotNormal => normal(0.0, (2.0 / (fan_in + fan_out)).sqrt(), rng, values),
            Init::HeUniform => uniform((6.0 / fan_in).sqrt(), rng, values),
            Init::HeNormal => normal(0.0, (2.0 / fan_in).sqrt(), rng, values),
            Init::LecunUniform => uniform((3.0 / fan_in).sqrt(), rng, values),
            Init::LecunNormal => normal(0.0, (1.0 / fan_in).sqrt(), rng, values),
            Init::Orthogonal { gain } => orthogonal::fill(gain, shape, rng, values),
        }
    }

    /// Whether a parameter of this shape can be drawn from it.
    pub(crate) fn check(self, shape: &[usize]) -> Result<(), Mismatch> {
        let wanted = match self {
            Init::Constant(constant) if !constant.is_finite() => "a finite number to start with",
            // A width past f32 is refused as well; NaN is in no comparison.
            Init::Uniform { low, high } if !(low <= high && (high - low).is_finite()) => {
                "a uniform start from a low to a higher, finite number"
            }
            Init::Normal { mean, deviation } | Init::TruncatedNormal { mean, deviation }
                if !(mean.is_finite() && deviation >= 0.0 && deviation.is_finite()) =>
            {
                "a normal start with a finite mean, and a deviation of 0 or more"
            }
            Init::Orthogonal { gain } if !gain.is_finite() => {
                "an orthogonal start with a finite gain"
            }
            Init::Orthogonal { .. } if !orthogonal::is_feasible(shape) => {
                return Err(Mismatch::new(
                    "an orthogonal start of fewer rows or columns",
                    "it would take minutes: start from `Init::GlorotUniform`",
                ));
            }
            _ => return Ok(()),
        };
        Err(Mismatch::new(wanted, format!("its own is {self:?}")))
    }
}

fn fans(shape: &[usize]) -> (f32, f32) {
    match shape {
        [] => (1.0, 1.0),
        [n] => (*n as f32, *n as f32),
        [kernel @ .., fan_in, fan_out] => {
            let taps: usize = kernel.iter().product();
            ((taps * fan_in) as f32, (taps * fan_out) as f32)
        }
    }
}

/// Uniform in ±`limit`.
fn uniform(limit: f32, rng: &mut Xoshiro256PlusPlus, values: &mut [f32]) {
    for value in values {
        let unit: f32 = StandardUniform.sample(rng);
        *value = limit * (2.0 * unit - 1.0);
    }
}

fn normal(mean: f32, deviation: f32, rng: &mut Xoshiro256PlusPlus, values: &mut [f32]) {
    for value in values {
        let unit: f32 = StandardNormal.sample(rng);
        *value = mean + deviation * unit;
    }
}

#[cfg(test)]
mod tests;
