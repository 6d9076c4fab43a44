//! How parameters start.
//!
//! A layer of `fan_in` inputs multiplies the variance of what flows forward by `fan_in·Var[w]`,
//! and of the gradients that flow back by `fan_out·Var[w]`. Glorot's choice `Var[w] = 2/(fan_in +
//! fan_out)` keeps both near 1 for tanh-like activations; He's `Var[w] = 2/fan_in` makes up for
//! the half that ReLU sets to zero.
//!
//! Sources: X. Glorot, Y. Bengio, "Understanding the difficulty of training deep feedforward
//! neural networks", AISTATS 2010; K. He et al., "Delving deep into rectifiers", ICCV 2015.

use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Distribution, StandardNormal, StandardUniform};

/// The distribution that a parameter is drawn from at the start.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Init {
    /// All zeros: for biases. Weights that start equal would stay equal.
    Zeros,
    /// All this number: ones for the scale of a normalization.
    Constant(f32),
    /// Uniform in ±√(6 / (fan_in + fan_out)).
    GlorotUniform,
    /// Normal with variance 2 / (fan_in + fan_out).
    GlorotNormal,
    /// Uniform in ±√(6 / fan_in).
    HeUniform,
    /// Normal with variance 2 / fan_in.
    HeNormal,
}

impl Init {
    /// Draws `values`, the parameter of shape `shape` in row-major order.
    ///
    /// Fans follow from the shape as in Keras: a matrix (in, out) has these two; for a kernel
    /// (kh, kw, in, out) both are multiplied by kh·kw; a vector (n) has n of each.
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
            Init::Constant(value) => values.fill(value),
            Init::GlorotUniform => uniform((6.0 / (fan_in + fan_out)).sqrt(), rng, values),
            Init::GlorotNormal => normal((2.0 / (fan_in + fan_out)).sqrt(), rng, values),
            Init::HeUniform => uniform((6.0 / fan_in).sqrt(), rng, values),
            Init::HeNormal => normal((2.0 / fan_in).sqrt(), rng, values),
        }
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

/// Normal around 0.
fn normal(deviation: f32, rng: &mut Xoshiro256PlusPlus, values: &mut [f32]) {
    for value in values {
        let unit: f32 = StandardNormal.sample(rng);
        *value = deviation * unit;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Key;

    #[test]
    fn variances_are_what_the_papers_ask_for() {
        let shape = [3, 3, 20, 30];
        let (fan_in, fan_out) = (180.0, 270.0);
        for (init, want) in [
            (Init::GlorotUniform, 2.0 / (fan_in + fan_out)),
            (Init::GlorotNormal, 2.0 / (fan_in + fan_out)),
            (Init::HeUniform, 2.0 / fan_in),
            (Init::HeNormal, 2.0 / fan_in),
            (Init::Zeros, 0.0),
        ] {
            let mut w = vec![f32::NAN; shape.iter().product()];
            init.fill(&shape, &mut Key::new(1).rng(), &mut w);
            let mean = w.iter().sum::<f32>() / w.len() as f32;
            let variance = w.iter().map(|w| (w - mean).powi(2)).sum::<f32>() / w.len() as f32;
            // 5,400 draws: the relative deviation of a sample variance is about √(2/5400) = 2 %.
            assert!((variance - want).abs() <= 0.08 * want, "{init:?}: {variance} for {want}");
            assert!(mean.abs() <= 4.0 * (want / w.len() as f32).sqrt(), "{init:?}: mean {mean}");
        }
    }
}
