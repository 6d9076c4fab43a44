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
            let (w, bias) = (&padded, Some(&bias[..]));
            arch.dispatch(MatMul { x: &x, inputs, w, bias, y: &mut y, outputs });
            arch.dispatch(MatMulTransposed { x: &x, inputs, dy: &dy, outputs, dw: &mut dw });
            assert_close(&y, &want_y, "y");
            assert_close(&dw, &want_dw, "dw");
            let now = [bits(&y), bits(&dw)];
            assert_eq!(first.get_or_insert_with(|| now.clone()), &now, "{level} differs");
        }
    }
}
