//! The fast kernels against the plain loops, at every SIMD level of the machine that runs this.

use std::ops::Range;

use ndarray::ArrayView4;
use proptest::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Distribution, StandardNormal};

use super::simd::levels;
use super::*;
use crate::random::Key;
use crate::reference::{self, Slide};

mod convolution;
mod dense;
mod few;
mod grouped;
mod math;
mod pooling;

/// A convolution or pooling of odd sizes.
#[derive(Debug, Clone, Copy)]
struct Case {
    images: usize,
    channels: usize,
    filters: usize,
    groups: usize,
    rows: Axis,
    cols: Axis,
}

impl Case {
    fn shape(&self) -> ConvShape {
        let Case { channels, filters, groups, rows, cols, .. } = *self;
        ConvShape { rows, cols, channels, filters, groups }
    }

    fn slides(&self) -> [Slide; 2] {
        let slide =
            |axis: Axis| Slide { stride: axis.stride, dilation: axis.dilation, pad: axis.pad };
        [slide(self.rows), slide(self.cols)]
    }

    /// The images among some values, of the size of the input.
    fn inputs<'a>(&self, values: &'a [f32], channels: usize) -> ArrayView4<'a, f32> {
        let shape = (self.images, self.rows.input, self.cols.input, channels);
        ArrayView4::from_shape(shape, values).unwrap()
    }

    /// The images among some values, of the size of the output.
    fn outputs<'a>(&self, values: &'a [f32], channels: usize) -> ArrayView4<'a, f32> {
        let shape = (self.images, self.rows.output, self.cols.output, channels);
        ArrayView4::from_shape(shape, values).unwrap()
    }

    fn x_size(&self) -> usize {
        self.rows.input * self.cols.input * self.channels
    }

    fn y_size(&self, channels: usize) -> usize {
        self.rows.output * self.cols.output * channels
    }
}

/// Any padding, so that windows may lie wholly outside the image.
fn axis() -> impl Strategy<Value = Axis> {
    dilated_axis(1..2)
}

fn dilated_axis(dilation: Range<usize>) -> impl Strategy<Value = Axis> {
    (1usize..14, 1usize..6, 1usize..4, dilation, 0usize..9, 0usize..9).prop_filter_map(
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

fn case() -> impl Strategy<Value = Case> {
    (1usize..3, 1usize..41, 1usize..41, axis(), axis()).prop_map(
        |(images, channels, filters, rows, cols)| Case {
            images,
            channels,
            filters,
            groups: 1,
            rows,
            cols,
        },
    )
}

fn normal(len: usize, rng: &mut Xoshiro256PlusPlus) -> Vec<f32> {
    (0..len).map(|_| StandardNormal.sample(rng)).collect()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Equal up to rounding: sums of up to a few thousand products of normal numbers.
fn assert_close(fast: &[f32], slow: &[f32], what: &str) {
    for (i, (f, s)) in fast.iter().zip(slow).enumerate() {
        assert!((f - s).abs() <= 2e-4 * (1.0 + s.abs()), "{what}[{i}]: {f} instead of {s}");
    }
}
