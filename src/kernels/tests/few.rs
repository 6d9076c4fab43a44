//! Convolutions of few channels and few filters against their definition.

use proptest::prelude::*;

use super::*;
use crate::kernels::grouped::Grouped;
use crate::kernels::scatter::{Scatter, scatters};
use crate::kernels::simd::forced::at_level;

fn check_grouped(case: Case) {
    let Case { channels, filters, rows, cols, .. } = case;
    let Some(grouped) = Grouped::new(rows, cols, channels, filters) else { return };
    let want = case.example();
    let mut packed = vec![f32::NAN; grouped.packed_len()];
    let bias = Some(&want.bias[..]);
    grouped.pack(&want.weight, bias, &mut packed);
    let mut first: Option<Vec<u32>> = None;
    for (level, arch) in levels() {
        let mut scratch = grouped.scratch();
        let mut y = vec![f32::NAN; want.y.len()];
        let mut dw = vec![0.0; want.weight.len()];
        // Twice: the second pass must not read what the first one left in the scratch space.
        for _ in 0..2 {
            dw.fill(0.0);
            at_level(arch, || {
                let weights = Weights { kernel: &want.weight, bias, packed: &packed };
                let lower_bound = f32::NEG_INFINITY;
                let args = ForwardArgs { x: &want.x, weights, lower_bound, y: &mut y };
                grouped.forward(args, &packed, &mut scratch);
                let gradient = KernelGradient { x: &want.x, dw: &mut dw };
                grouped.kernel_gradient(&want.dy, gradient, &mut scratch);
            });
        }
        // The zeros between the products change nothing.
        assert_eq!(bits(&y), bits(&want.y), "y at {level}");
        assert_close(&dw, &want.dw, "dw");
        let now = bits(&dw);
        assert_eq!(first.get_or_insert_with(|| now.clone()), &now, "{level} differs in its bits");
    }
}

fn check_scatter(case: Case) {
    let Case { channels, filters, rows, cols, .. } = case;
    let want = case.example();
    let across = cols.kernel * channels;
    let weights: Vec<f32> = want
        .weight
        .chunks_exact(across * filters)
        .flat_map(|row| {
            let mut to = vec![f32::NAN; filters * across.next_multiple_of(ALIGN)];
            transpose(row, filters, &mut to);
            to
        })
        .collect();
    let mut first: Option<Vec<u32>> = None;
    for (level, arch) in levels() {
        let (dy, mut dx) = (&want.dy[..], vec![f32::NAN; want.x.len()]);
        let weights = &weights[..];
        arch.dispatch(Scatter { rows, cols, channels, filters, dy, weights, dx: &mut dx });
        assert_close(&dx, &want.dx, "dx");
        let now = bits(&dx);
        assert_eq!(first.get_or_insert_with(|| now.clone()), &now, "{level} differs in its bits");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn grouped_convolutions_agree_with_plain_loops(mut case in case(), filters in 1usize..9) {
        case.filters = filters;
        case.channels = case.channels.min(8);
        check_grouped(case);
    }

    #[test]
    fn scattered_gradients_agree_with_plain_loops(mut case in case()) {
        // Without padding, and perhaps with a border that no window reaches.
        for axis in [&mut case.rows, &mut case.cols] {
            axis.pad = 0;
            axis.input = axis.input.max(axis.kernel);
            axis.output = (axis.input - axis.kernel) / axis.stride + 1;
        }
        check_scatter(case);
    }
}

#[test]
fn the_layers_of_lenet_5_agree_with_plain_loops() {
    let axis = |input, pad| {
        let output = input + 2 * pad - 4;
        Axis { input, kernel: 5, stride: 1, dilation: 1, pad, output }
    };
    let (first, second) = (axis(28, 2), axis(14, 0));
    let case = Case { images: 2, channels: 1, filters: 6, groups: 1, rows: first, cols: first };
    assert!(Grouped::new(first, first, 1, 6).is_some());
    check_grouped(case);
    assert!(scatters(second, second, 6));
    check_scatter(Case { channels: 6, filters: 16, rows: second, cols: second, ..case });
    // Padding, many channels, and kernels of one tap across are left to the other algorithm.
    assert!(!scatters(first, first, 6));
    assert!(!scatters(second, second, 32));
    assert!(!scatters(second, Axis { kernel: 1, output: 14, ..second }, 6));
    // Fourteen pixels come in twos; five filters would go three to a vector, but in twos as well.
    assert!(Grouped::new(second, Axis { output: 7, ..second }, 6, 8).is_none());
    assert!(Grouped::new(second, second, 6, 16).is_none());
}
