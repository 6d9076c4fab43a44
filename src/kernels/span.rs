//! Which taps of a kernel fall inside the input, worked out once for each axis.
//!
//! A window that hangs over the border multiplies the padding's zeros. Rather than write those
//! zeros into a padded copy and then compute with them, an axis is cut into [`Span`]s: runs of
//! outputs that share the same taps. Rows × columns of spans are rectangles, and inside a
//! rectangle every output runs the same dense loop. The 3×3 input gradient of a 13×13 image,
//! padded by two all round, would cost 1.4 times the products that count; in spans it costs none.
//!
//! The forward pass and the input gradient are the same loop over different spans.

/// A run of `len` outputs along one axis that share the same taps.
///
/// Output `out_start + j·out_step` (for `j` in `0..len`) sums over `t` in `0..taps` the product of
/// input `in_start + j·in_step + t` and weight tap `tap_start + t`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub len: usize,
    pub out_start: usize,
    pub out_step: usize,
    pub in_start: usize,
    pub in_step: usize,
    pub tap_start: usize,
    pub taps: usize,
}

/// One axis of a sliding window: `input` positions, padded by `pad` zeros in front, seen through
/// `kernel` taps every `stride`, which gives `output` positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Axis {
    pub input: usize,
    pub kernel: usize,
    pub stride: usize,
    pub pad: usize,
    pub output: usize,
}

impl Axis {
    /// The spans of the forward pass: `y[o] = Σₖ x[o·stride + k - pad]·w[k]`.
    pub fn forward(&self) -> Vec<Span> {
        let taps = |o: usize| {
            let first = o * self.stride; // of the window, in padded coordinates
            let lo = self.pad.saturating_sub(first).min(self.kernel);
            let hi = (self.input + self.pad).saturating_sub(first).min(self.kernel);
            (lo, hi.max(lo))
        };
        let mut spans: Vec<Span> = Vec::new();
        for o in 0..self.output {
            let (lo, hi) = taps(o);
            let span = Span {
                len: 1,
                out_start: o,
                out_step: 1,
                in_start: (o * self.stride + lo).saturating_sub(self.pad),
                in_step: self.stride,
                tap_start: lo,
                taps: hi - lo,
            };
            push(&mut spans, span);
        }
        spans
    }

    /// The spans of the input gradient, `dx[i] = Σₖ dy[(i + pad - k)/stride]·w[k]` over the `k`
    /// that divide, against taps put in the order of [`Axis::gradient_order`].
    ///
    /// Positions with the same phase `(i + pad) mod stride` see every `stride`-th tap, so each
    /// phase is a correlation of stride 1 with a flipped, thinned-out kernel.
    pub fn input_gradient(&self) -> Vec<Span> {
        let mut spans: Vec<Span> = Vec::new();
        let mut first_tap = 0;
        for phase in 0..self.stride {
            let taps = self.phase_taps(phase);
            let start = (phase + self.stride - self.pad % self.stride) % self.stride;
            for i in (start..self.input).step_by(self.stride) {
                // Tap t of this phase reads dy[q - (taps - 1) + t]; keep those inside 0..output.
                let q = (i + self.pad) / self.stride;
                let lo = (taps.saturating_sub(1)).saturating_sub(q).min(taps);
                let hi = (self.output + taps).saturating_sub(q + 1).min(taps).max(lo);
                let span = Span {
                    len: 1,
                    out_start: i,
                    out_step: self.stride,
                    in_start: (q + lo + 1).saturating_sub(taps),
                    in_step: 1,
                    tap_start: first_tap + lo,
                    taps: hi - lo,
                };
                push(&mut spans, span);
            }
            first_tap += taps;
        }
        spans
    }

    /// The order in which the input gradient wants the kernel's taps: phase by phase, each phase
    /// flipped. For stride 1 this is the kernel backwards.
    pub fn gradient_order(self) -> impl Iterator<Item = usize> {
        (0..self.stride).flat_map(move |phase| {
            (0..self.phase_taps(phase)).rev().map(move |j| phase + j * self.stride)
        })
    }

    /// Whether every input position is in exactly one window.
    pub fn windows_tile_input(&self) -> bool {
        self.pad == 0 && self.stride == self.kernel && self.output * self.kernel == self.input
    }

    fn phase_taps(&self, phase: usize) -> usize {
        self.kernel.saturating_sub(phase).div_ceil(self.stride)
    }
}

/// Appends one output to the spans, as a continuation of the last one where it fits.
fn push(spans: &mut Vec<Span>, next: Span) {
    if let Some(last) = spans.last_mut() {
        let same_taps = last.tap_start == next.tap_start && last.taps == next.taps;
        let follows = next.out_start == last.out_start + last.len * last.out_step
            && (next.taps == 0 || next.in_start == last.in_start + last.len * last.in_step);
        if same_taps && follows {
            last.len += 1;
            return;
        }
    }
    // Without taps there is nothing to read: keep the start where any slice may begin.
    spans.push(if next.taps == 0 { Span { in_start: 0, in_step: 0, ..next } } else { next });
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn axes() -> impl Strategy<Value = Axis> {
        (1usize..12, 1usize..6, 1usize..4, 0usize..5, 0usize..5).prop_filter_map(
            "the kernel fits",
            |(input, kernel, stride, pad, pad_end)| {
                let padded = input + pad + pad_end;
                (padded >= kernel).then(|| Axis {
                    input,
                    kernel,
                    stride,
                    pad,
                    output: (padded - kernel) / stride + 1,
                })
            },
        )
    }

    /// All (output, input, tap) triples of some spans.
    fn triples(spans: &[Span]) -> Vec<(usize, usize, usize)> {
        let mut all = Vec::new();
        for s in spans {
            for j in 0..s.len {
                for t in 0..s.taps {
                    let out = s.out_start + j * s.out_step;
                    all.push((out, s.in_start + j * s.in_step + t, s.tap_start + t));
                }
            }
        }
        all.sort_unstable();
        all
    }

    /// The triples by the definition: every tap of every window that falls inside the input.
    fn definition(axis: &Axis) -> Vec<(usize, usize, usize)> {
        let mut all = Vec::new();
        for o in 0..axis.output {
            for k in 0..axis.kernel {
                let padded = o * axis.stride + k;
                if padded >= axis.pad && padded - axis.pad < axis.input {
                    all.push((o, padded - axis.pad, k));
                }
            }
        }
        all
    }

    proptest! {
        #[test]
        fn spans_cover_every_output_and_every_product_once(axis in axes()) {
            let forward = axis.forward();
            prop_assert_eq!(forward.iter().map(|s| s.len).sum::<usize>(), axis.output);
            prop_assert_eq!(triples(&forward), definition(&axis));

            let backward = axis.input_gradient();
            prop_assert_eq!(backward.iter().map(|s| s.len).sum::<usize>(), axis.input);
            let order: Vec<usize> = axis.gradient_order().collect();
            let mut transposed: Vec<_> =
                triples(&backward).into_iter().map(|(i, o, t)| (o, i, order[t])).collect();
            transposed.sort_unstable();
            prop_assert_eq!(transposed, definition(&axis));
        }
    }

    #[test]
    fn a_padded_axis_has_two_borders_and_an_interior() {
        let axis = Axis { input: 28, kernel: 3, stride: 1, pad: 1, output: 28 };
        let taps: Vec<_> = axis.forward().iter().map(|s| (s.len, s.taps)).collect();
        assert_eq!(taps, [(1, 2), (26, 3), (1, 2)]);
        assert!(axis.gradient_order().eq([2, 1, 0]));
    }
}
