//! Products of matrices against those of matrixmultiply, which ndarray calls.

use ndarray::{Array2, ArrayView2};

use super::*;

#[test]
fn dense_products_agree_with_matrixmultiply() {
    let shapes = [(1, 1, 1), (7, 13, 10), (32, 784, 128), (5, 40, 17), (13, 33, 48), (4, 9, 112)];
    for (n, inputs, outputs) in shapes {
        let rng = &mut Key::new(9).rng();
        let (x, w) = (normal(n * inputs, rng), normal(inputs * outputs, rng));
        let (bias, dy) = (normal(outputs, rng), normal(n * outputs, rng));
        let matrix = |h, w, values| ArrayView2::from_shape((h, w), values).unwrap();
        let start = Array2::from_elem((inputs, outputs), 0.5);
        let want_y: Vec<f32> = (matrix(n, inputs, &x).dot(&matrix(inputs, outputs, &w))
            + ndarray::ArrayView1::from(&bias))
        .into_iter()
        .collect();
        let want_dw = start + matrix(n, inputs, &x).t().dot(&matrix(n, outputs, &dy));
        let want_dw: Vec<f32> = want_dw.iter().copied().collect();

        let mut padded = vec![f32::NAN; inputs * outputs.next_multiple_of(ALIGN)];
        pad_rows(&w, outputs, &mut padded);
        let mut first: Option<[Vec<u32>; 2]> = None;
        for (level, arch) in levels() {
            let (mut y, mut dw) = (vec![f32::NAN; n * outputs], vec![0.5; inputs * outputs]);
            let (w, bias) = (&padded, Some(&bias[..]));
            arch.dispatch(Multiply { x: &x, inputs, w, bias, y: &mut y, outputs });
            arch.dispatch(MultiplyTransposed { x: &x, inputs, dy: &dy, outputs, dw: &mut dw });
            assert_close(&y, &want_y, "y");
            assert_close(&dw, &want_dw, "dw");
            let now = [bits(&y), bits(&dw)];
            assert_eq!(first.get_or_insert_with(|| now.clone()), &now, "{level} differs");
        }
    }
}
