//! One file a layer. Each opens with its two formulas; the code below computes them.

mod activation;
mod avg_pool2d;
mod conv1d;
mod conv2d;
mod conv_shape;
mod conv_transpose2d;
mod dense;
mod dropout;
mod flatten;
mod max_pool2d;
mod pooling;
mod softmax;
mod window;

pub use activation::{Elementwise, LeakyRelu, Relu, Sigmoid, Tanh};
pub use avg_pool2d::AvgPool2d;
pub use conv_transpose2d::ConvTranspose2d;
pub use conv1d::Conv1d;
pub use conv2d::Conv2d;
pub use dense::Dense;
pub use dropout::Dropout;
pub use flatten::Flatten;
pub use max_pool2d::MaxPool2d;
pub use softmax::Softmax;
pub(crate) use softmax::{max, softmax};
pub use window::Padding;

use ndarray::{ArrayBase, ArrayViewMutD, Data, IxDyn};

/// The numbers of a view; the engine's arrays are contiguous.
fn flat<S: Data<Elem = f32>>(view: &ArrayBase<S, IxDyn>) -> &[f32] {
    view.as_slice().expect("the engine passes contiguous arrays")
}

/// The numbers of a view to write to.
fn flat_mut<'a>(view: &'a mut ArrayViewMutD<'_, f32>) -> &'a mut [f32] {
    view.as_slice_mut().expect("the engine passes contiguous arrays")
}
