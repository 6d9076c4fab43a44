//! Convolution by its definition and by Winograd's algorithm against the plain loops.

use ndarray::{ArrayView1, ArrayView4};
use proptest::prelude::*;

use super::*;
use crate::kernels::convolution::Algorithm;
use crate::kernels::direct::Direct;
use crate::kernels::simd::forced::at_level;
use crate::kernels::winograd::Winograd;

/// Numbers to convolve, and what the plain loops make of them.
pub struct Example {
    pub x: Vec<f32>,
    pub weight: Vec<f32>,
    pub bias: Vec<f32>,
    pub dy: Vec<f32>,
    pub y: Vec<f32>,
    pub dx: Vec<f32>,
    pub dw: Vec<f32>,
    pub db: Vec<f32>,
}

impl Case {
    pub fn example(&self) -> Example {
        let Case { images, channels, filters, groups, rows, cols } = *self;
        let depth = channels / groups;
        let rng = &mut Key::new(self.x_size() as u64).rng();
        let x = normal(images * self.x_size(), rng);
        let dy = normal(images * self.y_size(filters), rng);
        let weight = normal(rows.kernel * cols.kernel * depth * filters, rng);
        let bias = normal(filters, rng);

        let kernel = (rows.kernel, cols.kernel, depth, filters);
        let w = ArrayView4::from_shape(kernel, &weight).unwrap();
        let (images, slides) = (self.inputs(&x, channels), self.slides());
        let size = (rows.output, cols.output);
        let y = reference::conv2d(images, w, ArrayView1::from(&bias), slides, size);
        let (dx, dw, db) =
            reference::conv2d_backward(images, w, self.outputs(&dy, filters), slides);
        let (y, dx) = (y.into_iter().collect(), dx.into_iter().collect());
        let (dw, db) = (dw.into_iter().collect(), db.to_vec());
        Example { x, weight, bias, dy, y, dx, dw, db }
    }
}

fn check_direct(case: Case) {
    let Case { channels, filters, rows, cols, .. } = case;
    let Example { x, weight, bias, dy, y: want_y, dx: want_dx, dw: want_dw, db: want_db } =
        case.example();
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
            lower_bound: f32::NEG_INFINITY,
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
            lower_bound: f32::NEG_INFINITY,
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
            dw_row: filters,
            kernel_width: cols.kernel,
            rows: &rows.forward(),
            cols: &cols.forward(),
        });
        // The forward pass adds in the order of the reference: not one bit differs.
        assert_eq!(bits(&y), bits(&want_y), "y at {level}");
        assert_close(&dx, &want_dx, "dx");
        assert_close(&dw, &want_dw, "dw");
        let now = [bits(&y), bits(&dx), bits(&dw)];
        assert_eq!(first.get_or_insert_with(|| now.clone()), &now, "{level} differs in its bits");
    }
    let mut db = vec![0.0; filters];
    add_rows(&dy, &mut db);
    assert_close(&db, &want_db, "db");
}

/// The passes of an algorithm at every level against the plain loops. With `exact`, the forward pass
/// adds in the order of the plain loops: not one bit differs.
pub fn check_algorithm(algorithm: &dyn Algorithm, case: Case, with_bias: bool, exact: bool) {
    let want = case.example();
    let bias = with_bias.then_some(&want.bias[..]);
    let shift = |y: &f32, at: usize| if with_bias { *y } else { y - want.bias[at % case.filters] };
    let want_y: Vec<f32> = want.y.iter().enumerate().map(|(at, y)| shift(y, at)).collect();
    let mut first: Option<[Vec<u32>; 3]> = None;
    for (level, arch) in levels() {
        let (mut y, mut dx) = (vec![f32::NAN; want.y.len()], vec![f32::NAN; want.x.len()]);
        let mut dw = vec![0.0; want.weight.len()];
        at_level(arch, || {
            let mut packed = vec![f32::NAN; algorithm.packed_len()];
            algorithm.pack(&want.weight, bias, &mut packed, true);
            let mut passes = algorithm.passes();
            // Twice: the second pass must not read what the first one left in the buffers.
            for _ in 0..2 {
                dw.fill(0.0);
                let weights = Weights { kernel: &want.weight, bias, packed: &packed };
                let lower_bound = f32::NEG_INFINITY;
                passes.forward(ForwardArgs { x: &want.x, weights, lower_bound, y: &mut y });
                let kernel = Some(KernelGradient { x: &want.x, dw: &mut dw });
                let (dy, dx) = (&want.dy[..], Some(&mut dx[..]));
                passes.backward(BackwardArgs { packed: &packed, dy, kernel, dx });
            }
        });
        if exact && with_bias {
            assert_eq!(bits(&y), bits(&want_y), "y at {level}");
        }
        assert_close(&y, &want_y, "y");
        assert_close(&dx, &want.dx, "dx");
        assert_close(&dw, &want.dw, "dw");
        let now = [bits(&y), bits(&dx), bits(&dw)];
        assert_eq!(first.get_or_insert_with(|| now.clone()), &now, "{level} differs in its bits");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn convolutions_of_any_shape_agree_with_plain_loops(case in case()) {
        check_direct(case);
    }

    #[test]
    fn direct_convolutions_of_any_shape_agree_with_plain_loops(
        case in case(),
        with_bias in any::<bool>(),
    ) {
        check_algorithm(&Direct::new(case.shape()), case, with_bias, true);
    }

    #[test]
    fn winograds_convolutions_agree_with_plain_loops(
        (images, channels, filters) in (1usize..4, 1usize..4, 1usize..4),
        sizes in [(1usize..14, 0usize..6, 0usize..6), (1usize..14, 0usize..6, 0usize..6)],
        with_bias in any::<bool>(),
    ) {
        let [rows, cols] = sizes.map(|(input, pad, pad_end)| {
            let input = input.max(3 - (pad + pad_end).min(2));
            let output = input + pad + pad_end - 2;
            Axis { input, kernel: 3, stride: 1, dilation: 1, pad, output }
        });
        let (channels, filters) = (channels * ALIGN, filters * ALIGN);
        let case = Case { images, channels, filters, groups: 1, rows, cols };
        let winograd = Winograd::new(case.shape()).expect("3×3, whole vectors");
        check_algorithm(&winograd, case, with_bias, false);
    }
}

#[test]
fn winograds_algorithm_is_for_3_by_3_kernels_of_stride_1_over_whole_vectors() {
    let axis = |kernel, stride| Axis { input: 9, kernel, stride, dilation: 1, pad: 0, output: 3 };
    let applies = |rows, cols, channels, filters| {
        Winograd::new(ConvShape { rows, cols, channels, filters, groups: 1 }).is_some()
    };
    assert!(applies(axis(3, 1), axis(3, 1), 16, 48));
    assert!(!applies(axis(3, 1), axis(3, 1), 1, 32));
    assert!(!applies(axis(3, 1), axis(3, 1), 16, 10));
    assert!(!applies(axis(3, 1), axis(3, 2), 16, 16));
    assert!(!applies(axis(5, 1), axis(3, 1), 16, 16));
}
