//! Between a 3×3 kernel and its points.

use pulp::{Simd, WithSimd};

use super::tiles::load_each;
use super::transform::{Kernel, KernelBack, both_axes};
use crate::kernels::simd::{load, store};

/// U = G·g·Gᵀ, for all pairs of channel and filter.
pub(super) struct KernelPoints<'a> {
    pub size: usize,
    pub weight: &'a [f32],
    pub u: &'a mut [f32],
}

impl WithSimd for KernelPoints<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        for at in (0..self.size).step_by(S::F32_LANES) {
            let g = load_each::<S, 3>(self.weight, at, self.size);
            let u = both_axes::<S, Kernel, 3, 4>(simd, g);
            for (p, u) in u.as_flattened().iter().enumerate() {
                store::<S, 1>(&mut self.u[p * self.size + at..], [*u]);
            }
        }
    }
}

/// dW += Gᵀ·dU·G, for all pairs of channel and filter.
#[inline(always)]
pub(super) fn add_kernel_gradient<S: Simd>(simd: S, du: &[f32], dw: &mut [f32]) {
    let size = dw.len() / 9;
    for at in (0..size).step_by(S::F32_LANES) {
        let du = load_each::<S, 4>(du, at, size);
        let dg = both_axes::<S, KernelBack, 4, 3>(simd, du);
        for (tap, dg) in dg.as_flattened().iter().enumerate() {
            let dw = &mut dw[tap * size + at..];
            let [old] = load::<S, 1>(dw);
            store::<S, 1>(dw, [simd.add_f32s(old, *dg)]);
        }
    }
}
