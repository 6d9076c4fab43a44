//! Pooling against its definition.

use ndarray::Array4;
use proptest::prelude::*;

use super::*;

/// The windows along an axis, and how many taps of each count: those in the input or, given its
/// length, in the padded axis.
fn windows(axis: Axis, padded: Option<usize>) -> (Vec<Span>, Vec<usize>) {
    let spans = axis.forward();
    let Some(end) = padded else {
        let counts = spans.iter().map(|span| span.taps).collect();
        return (spans, counts);
    };
    let single = |span: &Span, j| {
        let (out_start, in_start) = (span.out_start + j, span.in_start + j * span.in_step);
        Span { len: 1, out_start, in_start, ..*span }
    };
    let spans: Vec<_> =
        spans.iter().flat_map(|span| (0..span.len).map(move |j| single(span, j))).collect();
    let counts = spans.iter().map(|span| axis.taps_before(end, span.out_start)).collect();
    (spans, counts)
}

/// Checks both kinds; the mean counts all pixels of the `padded` image, if given.
fn check_pooling(case: Case, padded: Option<(usize, usize)>) {
    let Case { images, channels, rows, cols, .. } = case;
    let rng = &mut Key::new(case.x_size() as u64).rng();
    // A few values only, so that ties occur.
    let x: Vec<f32> = normal(images * case.x_size(), rng).iter().map(|v| v.round()).collect();
    let dy = normal(images * case.y_size(channels), rng);
    let (row_spans, row_counts) = windows(rows, padded.map(|size| size.0));
    let (col_spans, col_counts) = windows(cols, padded.map(|size| size.1));
    let pool = Pool {
        images,
        x_size: case.x_size(),
        y_size: case.y_size(channels),
        x_width: cols.input,
        y_width: cols.output,
        channels,
        rows: &row_spans,
        cols: &col_spans,
        row_counts: &row_counts,
        col_counts: &col_counts,
        exact: rows.windows_tile_input() && cols.windows_tile_input(),
    };
    let (images, slides, size) =
        (case.inputs(&x, channels), case.slides(), (rows.output, cols.output));
    let (kernel, grads) = ((rows.kernel, cols.kernel), case.outputs(&dy, channels));
    let flat = |array: Array4<f32>| -> Vec<f32> { array.into_iter().collect() };
    let want_max = flat(reference::max_pool2d(images, kernel, slides, size));
    let want_max_dx = flat(reference::max_pool2d_backward(images, grads, kernel, slides));
    let want_mean = flat(reference::avg_pool2d(images, kernel, slides, padded, size));
    let want_mean_dx =
        flat(reference::avg_pool2d_backward(images.dim(), grads, kernel, slides, padded));
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

/// An axis padded by less than the kernel, perhaps with one more window that hangs over its end.
fn pooled_axis() -> impl Strategy<Value = Axis> {
    let sizes = (1usize..14, 1usize..6, 1usize..4, 1usize..4);
    (sizes, any::<(usize, usize)>(), any::<bool>()).prop_filter_map(
        "the kernel fits, and every window sees the image",
        |((input, kernel, stride, dilation), (pad, pad_end), ceil)| {
            let extent = (kernel - 1) * dilation + 1;
            let [pad, pad_end] = [pad, pad_end].map(|pad| pad % extent);
            let room = (input + pad + pad_end).checked_sub(extent)?;
            let output = room / stride + 1;
            let one_more = ceil && output * stride < input + pad;
            let output = output + usize::from(one_more);
            let axis = Axis { input, kernel, stride, dilation, pad, output };
            (kernel == 1 || dilation <= input).then_some(axis)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn pooling_of_any_shape_agrees_with_plain_loops(
        images in 1usize..3,
        channels in 1usize..21,
        [rows, cols] in [pooled_axis(), pooled_axis()],
        padded in any::<bool>(),
    ) {
        let case = Case { images, channels, filters: channels, groups: 1, rows, cols };
        // As much padding behind the image as before it.
        let size = (rows.input + 2 * rows.pad, cols.input + 2 * cols.pad);
        check_pooling(case, padded.then_some(size));
    }
}

#[test]
fn pooling_of_windows_that_tile_the_image_agrees_with_plain_loops() {
    let axis =
        |kernel| Axis { input: 6, kernel, stride: kernel, dilation: 1, pad: 0, output: 6 / kernel };
    for channels in [1, 6, 16, 33] {
        let (rows, cols) = (axis(2), axis(3));
        assert!(rows.windows_tile_input() && cols.windows_tile_input());
        assert!(!Axis { dilation: 2, ..rows }.windows_tile_input());
        check_pooling(Case { images: 2, channels, filters: 1, groups: 1, rows, cols }, None);
    }
}
