//! The hand that trembles.

use pulp::{Simd, WithSimd};

use super::gaussian::{Gaussian, MAX_SIGMA};
use super::{Canvas, Transform};
use crate::error::TrainError;
use crate::error::in_range;
use crate::kernels::simd::arch;
use crate::random::Key;

/// Distorts an image as if it were drawn on rubber: each pixel comes from a little way off, and
/// neighbours from about the same side.
///
/// ```text
/// y(p) = x(p + d(p))        d = α·(G_σ ∗ u),  u even in -1..1, for each pixel and axis
/// ```
///
/// A component of the displacement `d` has a standard deviation of about 0.163·α/σ pixels: α = 34 and
/// σ = 4, the setting of the paper for 28×28, give 1.4 pixels. Maps that come right before it
/// ([`Rotate`](super::Rotate) and its like) share its resampling.
///
/// - **Source**: P. Simard, D. Steinkraus, J. Platt, "Best practices for convolutional neural networks
///   applied to visual document analysis", ICDAR 2003.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Elastic {
    alpha: f32,
    sigma: f32,
}

impl Elastic {
    /// As strong as `alpha`, within 0 and 1000, and as smooth as `sigma` pixels, within 1 and 20.
    pub fn new(alpha: f32, sigma: f32) -> Self {
        Elastic { alpha, sigma }
    }
}

/// One component of a field: smooth noise of shape (h, w), with room for what [`Gaussian::room`] tells.
pub(super) fn draw(
    filter: &Gaussian,
    alpha: f32,
    key: Key,
    to: &mut [f32],
    shape: [usize; 3],
    room: &mut [f32],
) {
    arch().dispatch(Even { alpha, key, to: &mut room[..filter.with_margins(shape)] });
    let field = filter.smooth(shape, room).chunks(filter.pitch(shape));
    for (to, from) in to.chunks_exact_mut(shape[1]).zip(field) {
        to.copy_from_slice(&from[..shape[1]]);
    }
}

/// Numbers that are even in `-alpha..alpha`.
struct Even<'a> {
    alpha: f32,
    key: Key,
    to: &'a mut [f32],
}

impl WithSimd for Even<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (u, counter) in self.to.iter_mut().zip(0..) {
            *u = self.alpha * (2.0 * self.key.unit(counter) - 1.0);
        }
    }
}

impl Transform for Elastic {
    fn name(&self) -> String {
        format!("Elastic(α {}, σ {})", self.alpha, self.sigma)
    }

    fn check(&self) -> Result<(), TrainError> {
        in_range("the α of an elastic distortion", self.alpha, 0.0..=1000.0, "from 0 to 1000")?;
        let wanted = "from 1 to 20 pixels";
        in_range("the σ of an elastic distortion", self.sigma, 1.0..=MAX_SIGMA, wanted)
    }

    fn apply(&self, image: &mut Canvas<'_>, key: Key) {
        if self.alpha == 0.0 {
            return;
        }
        let [height, width, _] = image.shape();
        let (shape, plane) = ([height, width, 1], height * width);
        let filter = Gaussian::new(self.sigma);
        let room = image.room(2 * plane + filter.room(shape));
        let (field, room) = room.split_at_mut(2 * plane);
        for (component, axis) in field.chunks_exact_mut(plane).zip(0..) {
            draw(&filter, self.alpha, key.fold(axis), component, shape, room);
        }
        image.displace();
    }
}
