//! Slopes measured from a function alone, and their comparison with a claimed gradient.

use crate::error::GradientError;

/// The step `h`. In f32 the rounding of `L` costs about 1e-7/h, the curvature about h².
const STEP: f32 = 1e-2;

/// How far claim and slope may differ, as a share of the largest slope of the same array.
const TOLERANCE: f64 = 5e-3;

/// A measured derivative.
pub(super) struct Slope {
    value: f64,
    /// How much a smaller step changes it: large at a kink.
    doubt: f64,
}

impl Slope {
    pub fn measure(mut f: impl FnMut(f32) -> f64) -> Self {
        let mut central = |h: f32| (f(h) - f(-h)) / (2.0 * f64::from(h));
        let (wide, narrow) = (central(STEP), central(STEP / 2.0));
        // A kink that is nearer to one side than half a step shows in the one-sided slopes.
        let one_sided = ((f(STEP) - f(0.0)) - (f(0.0) - f(-STEP))) / f64::from(STEP);
        let narrow_sided =
            ((f(STEP / 2.0) - f(0.0)) - (f(0.0) - f(-STEP / 2.0))) * 2.0 / f64::from(STEP);
        // For a smooth function one-sided slopes differ in proportion to the step.
        let bend = (one_sided - 2.0 * narrow_sided).abs();
        Slope { value: (4.0 * narrow - wide) / 3.0, doubt: (wide - narrow).abs().max(bend) }
    }
}

/// Compares an array's claimed gradient with its slopes.
pub(super) fn compare(
    layer: &str,
    what: &str,
    claims: &[f32],
    slopes: &[Slope],
) -> Result<(), GradientError> {
    let largest = slopes.iter().map(|slope| slope.value.abs()).fold(1e-3, f64::max);
    let allowed = TOLERANCE * largest;
    let mut skipped = 0;
    for (index, (&claim, slope)) in claims.iter().zip(slopes).enumerate() {
        let analytic = f64::from(claim);
        if (analytic - slope.value).abs() <= allowed {
            continue;
        }
        // NaN is never allowed, and a doubtful slope contradicts nobody.
        if slope.doubt > allowed && analytic.is_finite() {
            skipped += 1;
            continue;
        }
        let (layer, what) = (layer.to_string(), what.to_string());
        return Err(GradientError::Differs { layer, what, index, analytic, numeric: slope.value });
    }
    let total = claims.len();
    if skipped == total && total > 0 || skipped > 1 + total / 5 {
        return Err(GradientError::Kinks { layer: layer.to_string(), skipped, total });
    }
    Ok(())
}
