//! Products of matrices against their plain twin, which ndarray computes by matrixmultiply.

use ndarray::{ArrayView1, ArrayView2};

use super::*;

#[test]
fn dense_products_agree_with_matrixmultiply() {
    let shapes = [(1, 1, 1), (7, 13, 10), (32, 784, 128), (5, 40, 17), (13, 33, 48), (4, 9, 112)];
    for (n, inputs, outputs) in shapes {
        let rng = &mut Key::new(9).rng();
        let (x, w) = (normal(n * inputs, rng), normal(inputs * outputs, rng));
        let (bias, dy) = (normal(outputs, rng), normal(n * outputs, rng));
        let matrix = |h, w, values| ArrayView2::from_shape((h, w), values).unwrap();
        let (x_matrix, w_matrix) = (matrix(n, inputs, &x), matrix(inputs, outputs, &w));
        let want_y = reference::dense_by_matrices(x_matrix, w_matrix, ArrayView1::from(&bias));
        let dy_matrix = matrix(n, outputs, &dy);
        let (_, dw, _) = reference::dense_by_matrices_backward(x_matrix, w_matrix, dy_matrix);
        let want_y: Vec<f32> = want_y.into_iter().collect();
        let want_dw: Vec<f32> = dw.into_iter().map(|dw| dw + 0.5).collect();

        let mut padded = vec![f32::NAN; inputs * outputs.next_multiple_of(ALIGN)];
        pad_rows(&w, outputs, &mut padded);
        let mut first: Option<[Vec<u32>; 2]> = None;
        for (level, arch) in levels() {
            let (mut y, mut dw) = (vec![f32::NAN; n * outputs], vec![0.5; inputs * outputs]);
            let (w, onto) = (&padded, Onto::Bias(&bias));
            arch.dispatch(MatMul { x: &x, inputs, w, onto, y: &mut y, outputs });
            arch.dispatch(MatMulTransposed { x: &x, inputs, dy: &dy, outputs, dw: &mut dw });
            assert_close(&y, &want_y, "y");
            assert_close(&dw, &want_dw, "dw");
            let now = [bits(&y), bits(&dw)];
            assert_eq!(first.get_or_insert_with(|| now.clone()), &now, "{level} differs");
        }
    }
}

/// Half of the inputs, and then the other half onto that, give the bits of all at once: sums run in one order.
#[test]
fn a_product_may_be_added_to_another() {
    for (n, inputs, outputs) in [(1, 2, 1), (7, 12, 10), (32, 784, 128), (13, 34, 48)] {
        let rng = &mut Key::new(10).rng();
        let (x, w) = (normal(n * inputs, rng), normal(inputs * outputs, rng));
        let mut padded = vec![f32::NAN; padded_len(inputs, outputs)];
        pad_rows(&w, outputs, &mut padded);
        let half = inputs / 2;
        let columns = |range: std::ops::Range<usize>| -> Vec<f32> {
            x.chunks_exact(inputs).flat_map(|row| &row[range.clone()]).copied().collect()
        };
        let (left, right) = (columns(0..half), columns(half..inputs));
        let (top, bottom) = padded.split_at(padded_len(half, outputs));
        for (level, arch) in levels() {
            let product = |x: &[f32], inputs, w: &[f32], onto: Onto<'_>, y: &mut [f32]| {
                arch.dispatch(MatMul { x, inputs, w, onto, y, outputs });
            };
            let (mut at_once, mut halves) =
                (vec![f32::NAN; n * outputs], vec![f32::NAN; n * outputs]);
            product(&x, inputs, &padded, Onto::Zeros, &mut at_once);
            product(&left, half, top, Onto::Zeros, &mut halves);
            product(&right, inputs - half, bottom, Onto::Y, &mut halves);
            assert_eq!(bits(&halves), bits(&at_once), "{level}");
        }
    }
}
