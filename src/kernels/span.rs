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
/// input `in_start + j·in_step + t·tap_step` and weight tap `tap_start + t`. Without dilation,
/// `tap_step` is 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub len: usize,
    pub out_start: usize,
    pub out_step: usize,
    pub in_start: usize,
    pub in_step: usize,
    pub tap_start: usize,
    pub tap_step: usize,
    pub taps: usize,
}

/// One axis of a sliding window: `input` positions, padded by `pad` zeros in front, seen every
/// `stride` through `kernel` taps `dilation` apart, which gives `output` positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Axis {
    pub input: usize,
    pub kernel: usize,
    pub stride: usize,
    pub dilation: usize,
    pub pad: usize,
    pub output: usize,
}

impl Axis {
    /// The spans of the forward pass: `y[o] = Σₖ x[o·stride + k·dilation - pad]·w[k]`.
    pub fn forward(&self) -> Vec<Span> {
        let mut spans = Vec::new();
        self.forward_into(&mut spans);
        spans
    }

    /// The same in a list that is overwritten.
    pub fn forward_into(&self, spans: &mut Vec<Span>) {
        let taps = |o: usize| {
            let lo = self.taps_before(self.pad, o);
            (lo, self.taps_before(self.input + self.pad, o).max(lo))
        };
        spans.clear();
        for o in 0..self.output {
            let (lo, hi) = taps(o);
            let span = Span {
                len: 1,
                out_start: o,
                out_step: 1,
                in_start: (o * self.stride + lo * self.dilation).saturating_sub(self.pad),
                in_step: self.stride,
                tap_start: lo,
                tap_step: self.dilation,
                taps: hi - lo,
            };
            push(spans, span);
        }
    }

    /// The input under tap `k` of the window of output `o`; `None` in the padding.
    pub fn under(&self, o: usize, k: usize) -> Option<usize> {
        let input = (o * self.stride + k * self.dilation).checked_sub(self.pad)?;
        (input < self.input).then_some(input)
    }

    /// How many taps of the window of output `o` lie before `end`, which counts the padding.
    pub fn taps_before(&self, end: usize, o: usize) -> usize {
        end.saturating_sub(o * self.stride).div_ceil(self.dilation).min(self.kernel)
    }

    /// The spans of the input gradient, `dx[i] = Σₖ dy[(i + pad - k·dilation)/stride]·w[k]` over the
    /// `k` that divide, against taps put in the order of [`Axis::gradient_order`].
    ///
    /// Positions with the same phase `(i + pad) mod stride` see every `period`-th tap, so each phase
    /// is a correlation of stride 1 with a flipped, thinned-out kernel. Where stride and dilation
    /// have a common divisor, some phases see none.
    pub fn input_gradient(&self) -> Vec<Span> {
        let Axis { stride, dilation, pad, .. } = *self;
        let common = gcd(stride, dilation);
        let mut spans: Vec<Span> = Vec::new();
        let mut first_tap = 0;
        for (first, off) in (0..self.period()).flat_map(|k| (0..common).map(move |off| (k, off))) {
            let taps = if off == 0 { self.taps_from(first) } else { 0 };
            // Tap t of this phase is t·jump positions after the last one, which stands at `last`.
            let jump = self.period() * dilation;
            let last = first * dilation + taps.saturating_sub(1) * jump;
            let phase = (first * dilation + off) % stride;
            let start = (phase + stride - pad % stride) % stride;
            for i in (start..self.input).step_by(stride) {
                // It reads dy[(i + pad - last + t·jump)/stride]; keep those inside 0..output.
                let at = i + pad;
                let lo = last.saturating_sub(at).div_ceil(jump).min(taps);
                let end = (self.output * stride + last).saturating_sub(at);
                let hi = end.div_ceil(jump).min(taps).max(lo);
                let span = Span {
                    len: 1,
                    out_start: i,
                    out_step: stride,
                    in_start: (at + lo * jump).saturating_sub(last) / stride,
                    in_step: 1,
                    tap_start: first_tap + lo,
                    tap_step: dilation / common,
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
        (0..self.period()).flat_map(move |first| {
            (0..self.taps_from(first)).rev().map(move |t| first + t * self.period())
        })
    }

    /// After how many taps the kernel meets the same phase of the stride again.
    fn period(&self) -> usize {
        self.stride / gcd(self.stride, self.dilation)
    }

    /// How many taps of the kernel there are from `first` on, a period apart.
    fn taps_from(&self, first: usize) -> usize {
        self.kernel.saturating_sub(first).div_ceil(self.period())
    }

    /// Whether every input position is in exactly one window.
    pub fn windows_tile_input(&self) -> bool {
        let side_by_side = self.stride == self.kernel && self.dilation == 1;
        self.pad == 0 && side_by_side && self.output * self.kernel == self.input
    }
}

/// The greatest common divisor.
fn gcd(a: usize, b: usize) -> usize {
    if b == 0 { a } else { gcd(b, a % b) }
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
        (1usize..12, 1usize..6, 1usize..5, 1usize..5, 0usize..5, 0usize..5).prop_filter_map(
            "the kernel fits",
            |(input, kernel, stride, dilation, pad, pad_end)| {
                let (padded, extent) = (input + pad + pad_end, (kernel - 1) * dilation + 1);
                (padded >= extent).then(|| Axis {
                    input,
                    kernel,
                    stride,
                    dilation,
                    pad,
                    output: (padded - extent) / stride + 1,
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
                    let input = s.in_start + j * s.in_step + t * s.tap_step;
                    all.push((out, input, s.tap_start + t));
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
                let padded = o * axis.stride + k * axis.dilation;
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
        let axis = Axis { input: 28, kernel: 3, stride: 1, dilation: 1, pad: 1, output: 28 };
        let taps: Vec<_> = axis.forward().iter().map(|s| (s.len, s.taps)).collect();
        assert_eq!(taps, [(1, 2), (26, 3), (1, 2)]);
        assert!(axis.gradient_order().eq([2, 1, 0]));
    }
}
