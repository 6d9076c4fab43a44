//! The fast kernels against the plain loops, at every SIMD level of the machine that runs this.

use ndarray::ArrayView3;
use proptest::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Distribution, StandardNormal};

use super::reference::{self, Slide};
use super::simd::levels;
use super::*;
use crate::random::Key;

mod convolution;
mod dense;
mod few;
mod pooling;

/// A convolution or pooling of odd sizes.
#[derive(Debug, Clone, Copy)]
struct Case {
    images: usize,
    channels: usize,
    filters: usize,
    rows: Axis,
    cols: Axis,
}

impl Case {
    fn slide(&self) -> Slide {
        Slide { stride: (self.rows.stride, self.cols.stride), pad: (self.rows.pad, self.cols.pad) }
    }

    fn x_size(&self) -> usize {
        self.rows.input * self.cols.input * self.channels
    }

    fn y_size(&self, channels: usize) -> usize {
        self.rows.output * self.cols.output * channels
    }
}

/// Every padding that leaves no window wholly outside.
fn axis() -> impl Strategy<Value = Axis> {
    (1usize..14, 1usize..6, 1usize..4, 0usize..5, 0usize..5).prop_filter_map(
        "the kernel fits and reaches the image",
        |(input, kernel, stride, pad, pad_end)| {
            let padded = input + pad + pad_end;
            (padded >= kernel && pad < kernel && pad_end < kernel).then(|| Axis {
                input,
                kernel,
                stride,
                pad,
                output: (padded - kernel) / stride + 1,
            })
        },
    )
}

fn case() -> impl Strategy<Value = Case> {
    (1usize..3, 1usize..41, 1usize..41, axis(), axis()).prop_map(
        |(images, channels, filters, rows, cols)| Case { images, channels, filters, rows, cols },
    )
}

fn normal(len: usize, rng: &mut Xoshiro256PlusPlus) -> Vec<f32> {
    (0..len).map(|_| StandardNormal.sample(rng)).collect()
}

fn image(values: &[f32], index: usize, shape: (usize, usize, usize)) -> ArrayView3<'_, f32> {
    let size = shape.0 * shape.1 * shape.2;
    ArrayView3::from_shape(shape, &values[index * size..(index + 1) * size]).unwrap()
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
