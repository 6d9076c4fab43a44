//! Activations: one function applied to every number.
//!
//! ```text
//! y = f(x)        dx = f'(x)·dy
//! ```
//!
//! They have no cache: `f'` is computed from the input and the output, which the engine keeps anyway.
//! Each file below is one `f` and its `f'`; the loops over them are here.

mod elu;
mod gelu;
mod hardswish;
mod leaky_relu;
mod mish;
mod relu;
mod selu;
mod sigmoid;
mod silu;
mod softplus;
mod tanh;

#[cfg(test)]
mod tests;

pub use elu::Elu;
pub use gelu::{Gelu, GeluTanh};
pub use hardswish::Hardswish;
pub use leaky_relu::LeakyRelu;
pub use mish::Mish;
pub use relu::Relu;
pub use selu::Selu;
pub use sigmoid::Sigmoid;
pub use silu::Silu;
pub use softplus::Softplus;
pub use tanh::Tanh;

use ndarray::{ArrayViewD, ArrayViewMutD};

use crate::kernels::{flat, flat_mut, simd::arch};
use crate::layer::{Layer, Mismatch, Params, Pass, Saved, type_label};

/// Function of one number. A type that implements it is a layer.
///
/// ```
/// use chainrule::prelude::*;
///
/// /// f(x) = x², f'(x) = 2x
/// struct Square;
///
/// impl Elementwise for Square {
///     fn f(&self, x: f32) -> f32 {
///         x * x
///     }
///     fn derivative(&self, x: f32, _y: f32) -> f32 {
///         2.0 * x
///     }
/// }
///
/// gradcheck(&Square, &[5], 3)?;
/// # Ok::<(), chainrule::Error>(())
/// ```
pub trait Elementwise: Send + Sync + 'static {
    /// Name of the layer in summaries and errors.
    fn label(&self) -> String {
        type_label::<Self>()
    }
    /// Checks the settings.
    fn check(&self) -> Result<(), Mismatch> {
        Ok(())
    }
    /// Computes f(x). With `#[inline(always)]` on it, the compiler turns the loop over it into vectors.
    fn f(&self, x: f32) -> f32;
    /// Computes f'(x), from `x` and `y` = f(x).
    fn derivative(&self, x: f32, y: f32) -> f32;
}

impl<E: Elementwise> Layer for E {
    type Cache = ();

    fn name(&self) -> String {
        self.label()
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        self.check()?;
        Ok(input.to_vec())
    }

    fn new_cache(&self, _input: &[usize], _max_batch: usize) {}

    fn forward(
        &self,
        _params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        _cache: &mut (),
        _pass: Pass<'_>,
    ) {
        let (x, y) = (flat(&x), flat_mut(&mut y));
        arch().dispatch(
            #[inline(always)]
            || {
                for (y, &x) in y.iter_mut().zip(x) {
                    *y = self.f(x);
                }
            },
        );
    }

    fn backward(
        &self,
        _params: Params<'_>,
        saved: Saved<'_, ()>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        _dparams: &mut [f32],
    ) {
        let Some(mut dx) = dx else { return };
        let (x, y, dy, dx) = (flat(&saved.x), flat(&saved.y), flat(&dy), flat_mut(&mut dx));
        arch().dispatch(
            #[inline(always)]
            || {
                for (((dx, &dy), &x), &y) in dx.iter_mut().zip(dy).zip(x).zip(y) {
                    *dx = self.derivative(x, y) * dy;
                }
            },
        );
    }
}
