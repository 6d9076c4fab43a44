//! Layers: one file each, and one template for all.
//!
//! The documentation of a layer holds, in this order: its task; its formulas, forward and backward,
//! which the code below computes; its **plain twin** in [`reference`](crate::reference), the same
//! formulas in plain loops, to read first; **Input**, **Output** and **Parameters** with their shapes;
//! the **Errors** with which it refuses a setting or a neighbour; the **Source**, a paper or a book;
//! and an example that runs. The comment at the top of a file derives the backward pass or records a
//! decision.
//!
//! - Products: [`Dense`], [`Conv2d`] (with groups, [depthwise](Conv2d::depthwise) and dilated too),
//!   [`Conv1d`], [`ConvTranspose2d`].
//! - Smaller images: [`MaxPool2d`], [`AvgPool2d`], [`GlobalMaxPool2d`], [`GlobalAvgPool2d`]; shorter signals:
//!   [`MaxPool1d`], [`AvgPool1d`], [`GlobalMaxPool1d`], [`GlobalAvgPool1d`].
//! - Activations: [`Relu`] and its variants ([`LeakyRelu`], [`Prelu`], [`Elu`], [`Selu`]), the smooth ones
//!   ([`Gelu`], [`Silu`], [`Mish`], [`Hardswish`], [`Softplus`]), [`Sigmoid`], [`Tanh`], [`Softmax`];
//!   your own function by [`Elementwise`].
//! - Normalization: [`BatchNorm`], [`LayerNorm`], [`GroupNorm`].
//! - Against overfitting: [`Dropout`], [`Dropout2d`].
//! - Sequences: [`Embedding`] for tokens, and [`Unembedding`] for scores of them; [`SimpleRnn`], [`Lstm`] and [`Gru`], each a [`Recurrent`] layer;
//!   [`SelfAttention`] and [`CrossAttention`]; [`SinusoidalPositions`] and [`LearnedPositions`].
//! - Shapes: [`Flatten`], [`Reshape`], [`Slice`], [`ZeroPad1d`], [`ZeroPad2d`].
//! - Blocks of several layers: [`Residual`](crate::sequential::Residual),
//!   [`Branches`](crate::sequential::Branches), [`TransformerBlock`](crate::sequential::TransformerBlock); a layer with the parameters of another:
//!   [`Tied`](crate::sequential::Tied).
//!
//! To add one: its file, a line in the list below, one in that of the layers that files hold
//! (`src/file/registry.rs`), its plain twin (`src/reference/`), and an entry in the registry of the
//! tests (`tests/catalogue/registry/`), which then fail until it has its gradient checks, its fixture
//! by another library, its comparison with the twin and its documentation.

mod activation;
mod attention;
mod avg_pool1d;
mod avg_pool2d;
mod batch_norm;
mod conv1d;
mod conv2d;
mod conv_shape;
mod conv_transpose2d;
mod dense;
mod dropout;
mod dropout2d;
mod embedding;
mod flatten;
mod global_avg_pool1d;
mod global_avg_pool2d;
mod global_max_pool1d;
mod global_max_pool2d;
mod group_norm;
mod layer_norm;
mod learned_positions;
mod max_pool1d;
mod max_pool2d;
mod pooling;
mod prelu;
mod product;
mod recurrent;
mod reshape;
mod signal;
pub(crate) mod sinusoidal_positions;
mod size;
mod slice;
mod softmax;
mod unembedding;
pub(crate) mod window;
mod zero_pad1d;
mod zero_pad2d;

pub use activation::*;
pub use attention::*;
pub use avg_pool1d::AvgPool1d;
pub use avg_pool2d::AvgPool2d;
pub use batch_norm::BatchNorm;
pub use conv_transpose2d::ConvTranspose2d;
pub use conv1d::Conv1d;
pub use conv2d::Conv2d;
pub use dense::Dense;
pub use dropout::Dropout;
pub use dropout2d::Dropout2d;
pub use embedding::Embedding;
pub use flatten::Flatten;
pub use global_avg_pool1d::GlobalAvgPool1d;
pub use global_avg_pool2d::GlobalAvgPool2d;
pub use global_max_pool1d::GlobalMaxPool1d;
pub use global_max_pool2d::GlobalMaxPool2d;
pub use group_norm::GroupNorm;
pub use layer_norm::LayerNorm;
pub use learned_positions::LearnedPositions;
pub use max_pool1d::MaxPool1d;
pub use max_pool2d::MaxPool2d;
pub use prelu::Prelu;
pub use recurrent::{Cell, Direction, Gru, Lstm, Recurrent, SimpleRnn};
pub use reshape::Reshape;
pub use sinusoidal_positions::SinusoidalPositions;
pub use size::Size2;
pub use slice::Slice;
pub use softmax::Softmax;
pub use unembedding::Unembedding;
pub use window::Padding;
pub use zero_pad1d::ZeroPad1d;
pub use zero_pad2d::ZeroPad2d;
