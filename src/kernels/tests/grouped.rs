//! Convolutions with groups and dilation against their definition, by whichever algorithm.

use proptest::prelude::*;

use super::*;
use crate::kernels::depthwise::Depthwise;
use crate::kernels::im2col::Im2col;

impl Case {
    fn shape(&self) -> ConvShape {
        let Case { channels, filters, groups, rows, cols, .. } = *self;
        ConvShape { rows, cols, channels, filters, groups }
    }
}

fn check_im2col(case: Case) {
    let im2col = Im2col::new(case.shape());
    let want = case.example();
    let mut packed = vec![f32::NAN; im2col.packed_len()];
    im2col.pack(&want.weight, &mut packed, true);
    let mut first: Option<[Vec<u32>; 3]> = None;
    for (level, arch) in levels() {
        let mut scratch = im2col.scratch();
        let (mut y, mut dx) = (vec![f32::NAN; want.y.len()], vec![f32::NAN; want.x.len()]);
        let mut dw = vec![0.0; want.weight.len()];
        // Twice: the second pass must not read what the first one left in the scratch space.
        for _ in 0..2 {
            dw.fill(0.0);
            let floor = f32::NEG_INFINITY;
            im2col.forward(arch, &want.x, &want.bias, &packed, floor, &mut y, &mut scratch);
            im2col.weight_gradient(arch, &want.x, &want.dy, &mut dw, &mut scratch);
            im2col.input_gradient(arch, &packed, &want.dy, &mut dx, &mut scratch);
        }
        assert_close(&y, &want.y, "y");
        assert_close(&dx, &want.dx, "dx");
        assert_close(&dw, &want.dw, "dw");
        let now = [bits(&y), bits(&dx), bits(&dw)];
        assert_eq!(first.get_or_insert_with(|| now.clone()), &now, "{level} differs in its bits");
    }
}

fn check_depthwise(case: Case) {
    let depthwise = Depthwise::new(case.rows, case.cols, case.channels);
    let want = case.example();
    let mut packed = vec![f32::NAN; depthwise.packed_len()];
    depthwise.pack(&want.weight, &mut packed, true);
    let mut first: Option<[Vec<u32>; 2]> = None;
    for (level, arch) in levels() {
        let mut scratch = depthwise.scratch();
        let (mut y, mut dx) = (vec![f32::NAN; want.y.len()], vec![f32::NAN; want.x.len()]);
        let mut dw = vec![0.0; want.weight.len()];
        for _ in 0..2 {
            dw.fill(0.0);
            let floor = f32::NEG_INFINITY;
            depthwise.forward(arch, &want.x, &want.bias, &packed, floor, &mut y, &scratch);
            depthwise.weight_gradient(arch, &want.x, &want.dy, &mut dw, &mut scratch);
            depthwise.input_gradient(arch, &packed, &want.dy, &mut dx, &scratch);
        }
        // The forward pass adds in the order of the reference: not one bit differs.
        assert_eq!(bits(&y), bits(&want.y), "y at {level}");
        assert_close(&dx, &want.dx, "dx");
        assert_close(&dw, &want.dw, "dw");
        let now = [bits(&dx), bits(&dw)];
        assert_eq!(first.get_or_insert_with(|| now.clone()), &now, "{level} differs in its bits");
    }
}

#[test]
fn a_floor_cuts_off_what_is_below() {
    let axis = Axis { input: 7, kernel: 3, stride: 1, dilation: 2, pad: 1, output: 5 };
    for (channels, filters, groups) in [(6, 6, 6), (6, 9, 3), (17, 17, 17)] {
        let case = Case { images: 2, channels, filters, groups, rows: axis, cols: axis };
        let want = case.example();
        let algorithm = case.shape().algorithm();
        let mut packed = vec![f32::NAN; algorithm.packed_len()];
        algorithm.pack(&want.weight, &want.bias, &mut packed, false);
        let mut y = vec![f32::NAN; want.y.len()];
        let params = (&want.weight[..], &want.bias[..]);
        algorithm.convolution().forward(&want.x, params, &packed, 0.5, &mut y);
        let cut: Vec<f32> = want.y.iter().map(|y| y.max(0.5)).collect();
        assert_close(&y, &cut, "y");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn grouped_and_dilated_convolutions_agree_with_plain_loops(
        images in 1usize..3,
        groups in 1usize..5,
        (depth, width) in (1usize..20, 1usize..20),
        [rows, cols] in [dilated_axis(1..5), dilated_axis(1..5)],
    ) {
        let (channels, filters) = (groups * depth, groups * width);
        check_im2col(Case { images, channels, filters, groups, rows, cols });
    }

    #[test]
    fn depthwise_convolutions_agree_with_plain_loops(
        images in 1usize..3,
        channels in 1usize..70,
        [rows, cols] in [dilated_axis(1..5), dilated_axis(1..5)],
    ) {
        let (filters, groups) = (channels, channels);
        check_depthwise(Case { images, channels, filters, groups, rows, cols });
    }
}
