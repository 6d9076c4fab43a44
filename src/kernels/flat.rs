//! The values of an array as one slice, as kernels take them.

use ndarray::{ArrayBase, ArrayViewMutD, Data, IxDyn};

/// The values of an array that a layer is passed, in row-major order.
///
/// # Panics
///
/// If the array is not contiguous and in row-major order, as all arrays are that the engine passes to
/// a layer.
pub fn flat<S: Data<Elem = f32>>(view: &ArrayBase<S, IxDyn>) -> &[f32] {
    view.as_slice().expect("the engine passes contiguous arrays")
}

/// The values of an array that a layer is passed to write to, in row-major order.
///
/// # Panics
///
/// Those of [`flat`].
pub fn flat_mut<'a>(view: &'a mut ArrayViewMutD<'_, f32>) -> &'a mut [f32] {
    view.as_slice_mut().expect("the engine passes contiguous arrays")
}
