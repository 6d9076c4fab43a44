//! The share that one image of a mixture has.

use crate::kernels::math::{cos_turns, exp, ln};
use crate::random::Key;

/// Draws from the distribution Beta(α, α).
///
/// ```text
/// λ = ½·(1 ± 1/√(1 + 1/(w·cos² 2πv)))        w = u^(-1/α) - 1,  u and v even in 0..1
/// ```
///
/// This is Bailey's polar method for Student's t with 2α degrees of freedom (R. Bailey, "Polar
/// generation of random variates with the t-distribution", Mathematics of Computation 62, 1994), and
/// λ = ½·(1 + t/√(2α + t²)). It needs no rejection, whatever α is.
pub(super) fn beta(alpha: f32, key: Key) -> f32 {
    let (u, cos) = (1.0 - key.unit(0), cos_turns(key.unit(1)));
    // Bounded, because ∞·0 would be no number. What is cut off rounds to 0 or 1 anyway.
    let w = exp((-ln(u) / alpha).min(80.0)) - 1.0;
    let distance = 1.0 / (1.0 + 1.0 / (w * cos * cos)).sqrt();
    0.5 + 0.5 * distance.copysign(cos)
}
