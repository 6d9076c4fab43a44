//! Zero padding of signals. A padded signal is longer by the zeros in front of it and behind it, as it is
//! alone: what comes after its length is zero anyway.

use ndarray::{ArrayViewD, ArrayViewMutD};
use serde::{Deserialize, Serialize};

use super::signal;
use super::zero_pad2d::LARGEST;
use crate::kernels::{flat, flat_mut};
use crate::layer::{Layer, Mismatch, Params, Pass, Saved};
use crate::shape::len;

/// Puts zeros in front of a signal and behind it.
///
/// ```text
/// y[t, c]  = x[t - front, c]   inside the signal, else 0
/// dx[t, c] = dy[t + front, c]
/// ```
///
/// - **Plain twin**: [`reference::zero_pad1d`](crate::reference::zero_pad1d()), to read first.
/// - **Input**: (length, c), a signal.
/// - **Output**: (front + length + behind, c).
/// - **Parameters**: none.
/// - **Errors**: inputs that are not signals; more than 65536 steps at an end.
/// - **Source**: A. van den Oord et al., "WaveNet: a generative model for raw audio", 2016, whose
///   convolutions are causal by zeros in front.
///
/// ```
/// use chainrule::prelude::*;
///
/// assert_eq!(ZeroPad1d::new(2).output_shape(&[28, 3])?, [32, 3]);
/// assert_eq!(ZeroPad1d::new(0).ends(4, 0).output_shape(&[28, 3])?, [32, 3]);
/// # Ok::<(), Mismatch>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZeroPad1d {
    front: usize,
    behind: usize,
}

impl ZeroPad1d {
    /// This many steps in front, and as many behind.
    pub fn new(steps: usize) -> Self {
        ZeroPad1d { front: steps, behind: steps }
    }

    /// This many steps in front, and this many behind.
    #[must_use]
    pub fn ends(self, front: usize, behind: usize) -> Self {
        ZeroPad1d { front, behind }
    }
}

impl Layer for ZeroPad1d {
    type Cache = ();

    fn name(&self) -> String {
        match *self {
            ZeroPad1d { front, behind } if front == behind => format!("ZeroPad1d({front})"),
            ZeroPad1d { front, behind } => format!("ZeroPad1d({front}+{behind})"),
        }
    }

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        let [_, length, channels] = signal::image(input, "ZeroPad2d")?;
        if self.front > LARGEST || self.behind > LARGEST {
            return Err(Mismatch::new(
                format!("at most {LARGEST} steps at each end"),
                "check its settings",
            ));
        }
        Ok(vec![length.saturating_add(self.front + self.behind), channels])
    }

    fn output_length(
        &self,
        _input: &[usize],
        _output: &[usize],
        length: usize,
    ) -> Result<Option<usize>, Mismatch> {
        Ok(Some(self.front + length + self.behind))
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
        let (x_size, y_size) = (len(&x.shape()[1..]), len(&y.shape()[1..]));
        let start = self.front * x.shape()[2];
        let signals = flat(&x).chunks_exact(x_size);
        for (x, y) in signals.zip(flat_mut(&mut y).chunks_exact_mut(y_size)) {
            y[..start].fill(0.0);
            y[start..start + x_size].copy_from_slice(x);
            y[start + x_size..].fill(0.0);
        }
    }

    fn backward(
        &self,
        _params: Params<'_>,
        _saved: Saved<'_, ()>,
        dy: ArrayViewMutD<'_, f32>,
        dx: Option<ArrayViewMutD<'_, f32>>,
        _dparams: &mut [f32],
    ) {
        let Some(mut dx) = dx else { return };
        let (x_size, y_size) = (len(&dx.shape()[1..]), len(&dy.shape()[1..]));
        let start = self.front * dx.shape()[2];
        let signals = flat(&dy).chunks_exact(y_size);
        for (dy, dx) in signals.zip(flat_mut(&mut dx).chunks_exact_mut(x_size)) {
            dx.copy_from_slice(&dy[start..start + x_size]);
        }
    }
}
