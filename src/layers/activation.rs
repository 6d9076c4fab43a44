//! Activations: one function applied to every number.
//!
//! ```text
//! y = f(x)        dx = f'(x)·dy
//! ```
//!
//! They keep nothing: `f'` is written in terms of the input and output that the engine has anyway.

use ndarray::{ArrayViewD, ArrayViewMutD};

use super::{flat, flat_mut};
use crate::kernels::{math, simd::arch};
use crate::layer::{Layer, Misfit, Mode, Params, Saved, type_label};

/// A function of one number. Implement it, and the layer follows.
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
    /// How the layer reads in summaries and errors.
    fn label(&self) -> String {
        type_label::<Self>()
    }
    /// f(x). Mark it `#[inline(always)]`, and the loop over it becomes vectors.
    fn f(&self, x: f32) -> f32;
    /// f'(x), given also `y` = f(x).
    fn derivative(&self, x: f32, y: f32) -> f32;
}

impl<E: Elementwise> Layer for E {
    type Cache = ();

    fn name(&self) -> String {
        self.label()
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Misfit> {
        Ok(input.to_vec())
    }

    fn new_cache(&self, _input: &[usize], _max_batch: usize) {}

    fn forward(
        &self,
        _params: Params<'_>,
        x: ArrayViewD<'_, f32>,
        mut y: ArrayViewMutD<'_, f32>,
        _cache: &mut (),
        _mode: Mode,
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

/// Rectified linear unit: `y = max(x, 0)`, `dx = dy` where x > 0, else 0.
///
/// Input and output: any shape. Source: V. Nair, G. Hinton, "Rectified linear units improve
/// restricted Boltzmann machines", ICML 2010.
///
/// ```
/// use chainrule::prelude::*;
/// use ndarray::array;
///
/// let model = Sequential::new([3]).add(Relu)?;
/// assert_eq!(model.predict(array![[-1.0, 0.0, 2.0]].into_dyn().view())?, array![[0.0, 0.0, 2.0]].into_dyn());
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Relu;

impl Elementwise for Relu {
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        // Not `x.max(0.0)`, which would turn NaN into 0 and hide it.
        if x < 0.0 { 0.0 } else { x }
    }
    #[inline(always)]
    fn derivative(&self, _x: f32, y: f32) -> f32 {
        if y > 0.0 { 1.0 } else { 0.0 }
    }
}

/// Leaky ReLU: `y = x` where x > 0, else `slope·x`; `dx = dy` or `slope·dy`.
///
/// Input and output: any shape. Source: A. Maas, A. Hannun, A. Ng, "Rectifier nonlinearities
/// improve neural network acoustic models", ICML 2013.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(LeakyRelu::new(0.1).f(-2.0), -0.2);
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LeakyRelu {
    slope: f32,
}

impl LeakyRelu {
    /// With this slope for negative inputs, usually 0.01 to 0.3.
    pub fn new(slope: f32) -> Self {
        LeakyRelu { slope }
    }
}

impl Elementwise for LeakyRelu {
    fn label(&self) -> String {
        format!("LeakyRelu({})", self.slope)
    }
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        if x > 0.0 { x } else { self.slope * x }
    }
    #[inline(always)]
    fn derivative(&self, x: f32, _y: f32) -> f32 {
        if x > 0.0 { 1.0 } else { self.slope }
    }
}

/// Logistic sigmoid: `y = 1/(1 + e⁻ˣ)`, `dx = y·(1 - y)·dy`.
///
/// Input and output: any shape; outputs lie in 0..1. Source: D. Rumelhart, G. Hinton, R. Williams,
/// "Learning representations by back-propagating errors", Nature 323, 1986.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(Sigmoid.f(0.0), 0.5);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sigmoid;

impl Elementwise for Sigmoid {
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        math::sigmoid(x)
    }
    #[inline(always)]
    fn derivative(&self, _x: f32, y: f32) -> f32 {
        y * (1.0 - y)
    }
}

/// Hyperbolic tangent: `y = tanh x`, `dx = (1 - y²)·dy`.
///
/// Input and output: any shape; outputs lie in -1..1. Source: Y. LeCun et al., "Efficient
/// BackProp", 1998, which prefers it to the logistic sigmoid because it is centred on 0.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(Tanh.f(0.0), 0.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tanh;

impl Elementwise for Tanh {
    #[inline(always)]
    fn f(&self, x: f32) -> f32 {
        math::tanh(x)
    }
    #[inline(always)]
    fn derivative(&self, _x: f32, y: f32) -> f32 {
        1.0 - y * y
    }
}
