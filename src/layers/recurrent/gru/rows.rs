//! A step of a GRU, forward and backward: what is computed number by number, between the products.
//!
//! All slices of a row are cut to a length that is known, for loops without checks: with checks, the last sixteen
//! numbers of each row are computed one by one.

use crate::kernels::{math, simd::arch};

/// Gates and candidates of a step.
pub(super) struct Rows<'a> {
    pub units: usize,
    /// r and z side by side.
    pub gates: &'a mut [f32],
    /// The candidate.
    pub n: &'a mut [f32],
}

impl Rows<'_> {
    /// Computes `hidden = r·h`.
    pub fn hide(&self, h: &[f32], hidden: &mut [f32]) {
        let units = self.units;
        let rows = self.gates.chunks_exact(2 * units).zip(h.chunks_exact(units));
        for ((gates, h), hidden) in rows.zip(hidden.chunks_exact_mut(units)) {
            for j in 0..units {
                hidden[j] = gates[j] * h[j];
            }
        }
    }

    /// Computes the candidate from its sum and from what was read, if that is not in the sum, and the next state.
    pub fn next(&mut self, read: Option<&[f32]>, before: &[f32], after: &mut [f32]) {
        let units = self.units;
        arch().dispatch(
            #[inline(always)]
            || {
                for (row, gates) in self.gates.chunks_exact(2 * units).enumerate() {
                    let at = row * units;
                    let (r, z) = (&gates[..units], &gates[units..][..units]);
                    let (n, before) = (&mut self.n[at..][..units], &before[at..][..units]);
                    if let Some(read) = read {
                        let v = &read[at..][..units];
                        for j in 0..units {
                            n[j] = r[j].mul_add(v[j], n[j]);
                        }
                    }
                    let after = &mut after[at..][..units];
                    for j in 0..units {
                        n[j] = math::tanh(n[j]);
                        after[j] = z[j].mul_add(before[j] - n[j], n[j]);
                    }
                }
            },
        );
    }

    /// Computes the gradients of the sums of z and n in their place, and adds `dh·z` to that of the state before
    /// the step. Where r comes after the product, computes its gradient too, and that of what was read.
    pub fn previous(
        &mut self,
        mut read: Option<&mut [f32]>,
        h: &[f32],
        dh: &[f32],
        mut before: Option<&mut [f32]>,
    ) {
        let units = self.units;
        arch().dispatch(
            #[inline(always)]
            || {
                for (row, gates) in self.gates.chunks_exact_mut(2 * units).enumerate() {
                    let at = row * units;
                    let (r, z) = gates.split_at_mut(units);
                    let z = &mut z[..units];
                    let n = &mut self.n[at..][..units];
                    let (h, dh) = (&h[at..][..units], &dh[at..][..units]);
                    if let Some(before) = &mut before {
                        let before = &mut before[at..][..units];
                        for j in 0..units {
                            before[j] = dh[j].mul_add(z[j], before[j]);
                        }
                    }
                    for j in 0..units {
                        let (zj, nj) = (z[j], n[j]);
                        z[j] = dh[j] * (h[j] - nj) * zj * (1.0 - zj);
                        n[j] = dh[j] * (1.0 - zj) * (1.0 - nj * nj);
                    }
                    if let Some(read) = &mut read {
                        let v = &mut read[at..][..units];
                        for j in 0..units {
                            let rj = r[j];
                            r[j] = n[j] * v[j] * rj * (1.0 - rj);
                            v[j] = n[j] * rj;
                        }
                    }
                }
            },
        );
    }

    /// From the gradient of `hidden = r·h`, computes that of the sum of r in its place, and that of h.
    pub fn unhide(&mut self, h: &[f32], hidden: &mut [f32]) {
        let units = self.units;
        let rows = self.gates.chunks_exact_mut(2 * units).zip(h.chunks_exact(units));
        for ((gates, h), d) in rows.zip(hidden.chunks_exact_mut(units)) {
            for j in 0..units {
                let r = gates[j];
                gates[j] = d[j] * h[j] * r * (1.0 - r);
                d[j] *= r;
            }
        }
    }
}
