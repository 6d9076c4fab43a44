//! Pooling against its definition.

use ndarray::Array3;
use proptest::prelude::*;

use super::*;

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
    for channels in [1, 6, 16, 33] {
        let (rows, cols) = (axis(2), axis(3));
        assert!(rows.windows_tile_input() && cols.windows_tile_input());
        check_pooling(Case { images: 2, channels, filters: 1, rows, cols });
    }
}
