//! The fast kernels against the plain loops, at every SIMD level of the machine that runs this.

use ndarray::{Array1, Array3, Array4, ArrayView2, ArrayView3, ArrayView4};
use proptest::prelude::*;
use rand::rngs::Xoshiro256PlusPlus;
use rand_distr::{Distribution, StandardNormal};

use super::reference::{self, Slide};
use super::simd::levels;
use super::*;
use crate::random::Key;

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

fn check_convolution(case: Case) {
    let Case { images, channels, filters, rows, cols } = case;
    let rng = &mut Key::new(case.x_size() as u64).rng();
    let x = normal(images * case.x_size(), rng);
    let dy = normal(images * case.y_size(filters), rng);
    let weight = normal(rows.kernel * cols.kernel * channels * filters, rng);
    let bias = normal(filters, rng);
    let weight_view =
        ArrayView4::from_shape((rows.kernel, cols.kernel, channels, filters), &weight).unwrap();

    let mut padded = vec![f32::NAN; weight.len() / filters * filters.next_multiple_of(ALIGN)];
    pad_rows(&weight, filters, &mut padded);
    let tap = channels * filters;
    let flipped: Vec<f32> = rows
        .gradient_order()
        .flat_map(|i| cols.gradient_order().map(move |j| i * cols.kernel + j))
        .flat_map(|at| {
            let mut out = vec![f32::NAN; filters * channels.next_multiple_of(ALIGN)];
            transpose(&weight[at * tap..(at + 1) * tap], filters, &mut out);
            out
        })
        .collect();

    let in_shape = (rows.input, cols.input, channels);
    let out_shape = (rows.output, cols.output, filters);
    let mut want_dx = Vec::new();
    let mut want_dw = Array4::<f32>::zeros(weight_view.dim());
    let mut want_db = Array1::<f32>::zeros(filters);
    let mut want_y = Vec::new();
    for i in 0..images {
        let bias = ndarray::ArrayView1::from(&bias);
        let (x, dy) = (image(&x, i, in_shape), image(&dy, i, out_shape));
        let size = (rows.output, cols.output);
        want_y.extend(reference::conv2d(x, weight_view, bias, case.slide(), size));
        let (dx, dw, db) = reference::conv2d_backward(x, weight_view, dy, case.slide());
        want_dx.extend(dx);
        want_dw += &dw;
        want_db += &db;
    }

    let mut first: Option<[Vec<u32>; 3]> = None;
    for (level, arch) in levels() {
        let (mut y, mut dx) = (vec![f32::NAN; dy.len()], vec![f32::NAN; x.len()]);
        let mut dw = vec![0.0; weight.len()];
        arch.dispatch(Correlate {
            x: &x,
            x_size: case.x_size(),
            x_width: cols.input,
            x_channels: channels,
            weights: &padded,
            kernel_width: cols.kernel,
            bias: Some(&bias),
            y: &mut y,
            y_size: case.y_size(filters),
            y_width: cols.output,
            y_channels: filters,
            rows: &rows.forward(),
            cols: &cols.forward(),
        });
        arch.dispatch(Correlate {
            x: &dy,
            x_size: case.y_size(filters),
            x_width: cols.output,
            x_channels: filters,
            weights: &flipped,
            kernel_width: cols.kernel,
            bias: None,
            y: &mut dx,
            y_size: case.x_size(),
            y_width: cols.input,
            y_channels: channels,
            rows: &rows.input_gradient(),
            cols: &cols.input_gradient(),
        });
        arch.dispatch(Outer {
            x: &x,
            x_size: case.x_size(),
            x_width: cols.input,
            x_channels: channels,
            dy: &dy,
            dy_size: case.y_size(filters),
            dy_width: cols.output,
            dy_channels: filters,
            dw: &mut dw,
            kernel_width: cols.kernel,
            rows: &rows.forward(),
            cols: &cols.forward(),
        });
        // The forward pass adds in the order of the reference: not one bit differs.
        assert_eq!(bits(&y), bits(&want_y), "y at {level}");
        assert_close(&dx, &want_dx, "dx");
        assert_close(&dw, want_dw.as_slice().unwrap(), "dw");
        let now = [bits(&y), bits(&dx), bits(&dw)];
        assert_eq!(first.get_or_insert_with(|| now.clone()), &now, "{level} differs in its bits");
    }
    let mut db = vec![0.0; filters];
    add_rows(&dy, &mut db);
    assert_close(&db, want_db.as_slice().unwrap(), "db");
}

fn check_pooling(case: Case) {
    let Case { images, channels, rows, cols, .. } = case;
    let rng = &mut Key::new(case.x_size() as u64).rng();
    // A few values only, so that ties occur.
    let x: Vec<f32> = normal(images * case.x_size(), rng).iter().map(|v| v.round()).collect();
    let dy = normal(images * case.y_size(channels), rng);
    let (row_spans, col_spans) = (rows.forward(), cols.forward());
    let pool = Pool {
        images,
        x_size: case.x_size(),
        y_size: case.y_size(channels),
        x_width: cols.input,
        y_width: cols.output,
        channels,
        rows: &row_spans,
        cols: &col_spans,
        exact: rows.windows_tile_input() && cols.windows_tile_input(),
    };
    let (in_shape, size) = ((rows.input, cols.input, channels), (rows.output, cols.output));
    let kernel = (rows.kernel, cols.kernel);
    let (mut want_max, mut want_mean) = (Vec::new(), Vec::new());
    let (mut want_max_dx, mut want_mean_dx) = (Vec::new(), Vec::new());
    for i in 0..images {
        let x = image(&x, i, in_shape);
        let dy = image(&dy, i, (rows.output, cols.output, channels));
        let at = reference::max_pool2d(x, kernel, case.slide(), size);
        let mut dx = Array3::<f32>::zeros(in_shape);
        for ((h, w, c), &(row, col)) in at.indexed_iter() {
            want_max.push(x[[row, col, c]]);
            dx[[row, col, c]] += dy[[h, w, c]];
        }
        want_max_dx.extend(dx);
        want_mean.extend(reference::avg_pool2d(x, kernel, case.slide(), size));
        // The mean is linear: its gradient is the response to each unit input.
        let mut dx = Array3::<f32>::zeros(in_shape);
        for (place, slot) in dx.indexed_iter_mut() {
            let mut unit = Array3::<f32>::zeros(in_shape);
            unit[place] = 1.0;
            let y = reference::avg_pool2d(unit.view(), kernel, case.slide(), size);
            *slot = (&y * &dy).sum();
        }
        want_mean_dx.extend(dx);
    }
    for (level, arch) in levels() {
        let (mut y, mut dx) = (vec![f32::NAN; dy.len()], vec![f32::NAN; x.len()]);
        let mut argmax = vec![u32::MAX; dy.len()];
        arch.dispatch(MaxForward { pool, x: &x, y: &mut y, argmax: &mut argmax });
        assert_eq!(y, want_max, "maximum at {level}");
        arch.dispatch(MaxBackward { pool, argmax: &argmax, dy: &dy, dx: &mut dx });
        assert_close(&dx, &want_max_dx, "dx of the maximum");
        y.fill(f32::NAN);
        dx.fill(f32::NAN);
        arch.dispatch(MeanForward { pool, x: &x, y: &mut y });
        assert_close(&y, &want_mean, "mean");
        arch.dispatch(MeanBackward { pool, dy: &dy, dx: &mut dx });
        assert_close(&dx, &want_mean_dx, "dx of the mean");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn convolutions_of_any_shape_agree_with_plain_loops(case in case()) {
        check_convolution(case);
    }

    #[test]
    fn pooling_of_any_shape_agrees_with_plain_loops(mut case in case()) {
        // The check of the mean's gradient takes the square of the image's size.
        case.channels = case.channels.min(20);
        case.rows.input = case.rows.input.min(9).max(case.rows.kernel);
        case.rows.output = (case.rows.input + case.rows.pad - case.rows.kernel) / case.rows.stride + 1;
        check_pooling(case);
    }
}

#[test]
fn pooling_of_windows_that_tile_the_image_agrees_with_plain_loops() {
    let axis = |kernel| Axis { input: 6, kernel, stride: kernel, pad: 0, output: 6 / kernel };
    for channels in [1, 16, 33] {
        let (rows, cols) = (axis(2), axis(3));
        assert!(rows.windows_tile_input() && cols.windows_tile_input());
        check_pooling(Case { images: 2, channels, filters: 1, rows, cols });
    }
}

#[test]
fn dense_products_agree_with_matrixmultiply() {
    for (n, inputs, outputs) in [(1, 1, 1), (7, 13, 10), (32, 784, 128), (5, 40, 17)] {
        let rng = &mut Key::new(9).rng();
        let (x, w) = (normal(n * inputs, rng), normal(inputs * outputs, rng));
        // ndarray's `dot` is matrixmultiply's `sgemm`.
        let x_matrix = ArrayView2::from_shape((n, inputs), &x).unwrap();
        let want = x_matrix.dot(&ArrayView2::from_shape((inputs, outputs), &w).unwrap());
        let mut padded = vec![0.0; inputs * outputs.next_multiple_of(ALIGN)];
        pad_rows(&w, outputs, &mut padded);
        let mut y = vec![f32::NAN; n * outputs];
        let one = Axis { input: 1, kernel: 1, stride: 1, pad: 0, output: 1 };
        let many = Axis { input: n, output: n, ..one };
        simd::arch().dispatch(Correlate {
            x: &x,
            x_size: n * inputs,
            x_width: n,
            x_channels: inputs,
            weights: &padded,
            kernel_width: 1,
            bias: None,
            y: &mut y,
            y_size: n * outputs,
            y_width: n,
            y_channels: outputs,
            rows: &one.forward(),
            cols: &many.forward(),
        });
        assert_close(&y, want.as_slice().unwrap(), "y");
    }
}
