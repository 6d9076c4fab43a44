//! Convolutions with groups and dilation against their definition, by whichever algorithm.

use proptest::prelude::*;

use super::convolution::check_algorithm;
use super::*;
use crate::kernels::depthwise::Depthwise;
use crate::kernels::im2col::Im2col;

#[test]
fn a_lower_bound_replaces_smaller_outputs() {
    let axis = Axis { input: 7, kernel: 3, stride: 1, dilation: 2, pad: 1, output: 5 };
    for (channels, filters, groups) in [(6, 6, 6), (6, 9, 3), (17, 17, 17)] {
        let case = Case { images: 2, channels, filters, groups, rows: axis, cols: axis };
        let want = case.example();
        let convolution = Convolution::new(case.shape());
        let algorithm = convolution.algorithm();
        let mut packed = vec![f32::NAN; algorithm.packed_len()];
        let bias = Some(&want.bias[..]);
        algorithm.pack(&want.weight, bias, &mut packed, false);
        let mut y = vec![f32::NAN; want.y.len()];
        let weights = Weights { kernel: &want.weight, bias, packed: &packed };
        let args = ForwardArgs { x: &want.x, weights, lower_bound: 0.5, y: &mut y };
        algorithm.passes().forward(args);
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
        with_bias in any::<bool>(),
    ) {
        let (channels, filters) = (groups * depth, groups * width);
        let case = Case { images, channels, filters, groups, rows, cols };
        check_algorithm(&Im2col::new(case.shape()), case, with_bias, false);
    }

    #[test]
    fn depthwise_convolutions_agree_with_plain_loops(
        images in 1usize..3,
        channels in 1usize..70,
        [rows, cols] in [dilated_axis(1..5), dilated_axis(1..5)],
        with_bias in any::<bool>(),
    ) {
        let (filters, groups) = (channels, channels);
        let case = Case { images, channels, filters, groups, rows, cols };
        check_algorithm(&Depthwise::new(case.shape()), case, with_bias, true);
    }
}
