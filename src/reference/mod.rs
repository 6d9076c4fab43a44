//! A plain twin of every layer and loss: the formula, and loops that compute it. Read these first.
//!
//! A twin is a pair of functions, such as [`dense()`] and [`dense_backward()`]. The forward function
//! computes the outputs from the inputs and the parameters. The backward function computes the
//! gradients of the loss `L` with respect to both, from the gradient `dy` = ∂L/∂y of the outputs.
//! The library does not run these functions: the [`layers`](crate::layers) compute the same faster, and
//! property tests (`tests/catalogue/twins/`) compare both passes of every layer with its twin.
//!
//! # How to read them
//!
//! Most backward passes follow from one rule. Each product `y += x·w` of a forward pass sends `dy·w`
//! to its `x` and `dy·x` to its `w`, and what arrives at one place adds up. [`dense_backward()`] and
//! [`conv2d_backward()`] are this rule and nothing else. A good order:
//!
//! 1. [`dense()`], then the same [as products of matrices](dense_by_matrices());
//! 2. [`relu()`] and the other activations: one function and its derivative;
//! 3. [`softmax_cross_entropy()`], where the backward pass of a model starts;
//! 4. [`conv1d()`], [`conv2d()`] and [the same by matrices](conv2d_by_matrices()), pooling;
//! 5. [`layer_norm()`] and [`batch_norm()`], where every output depends on many inputs;
//! 6. [`residual()`], where a model branches;
//! 7. [`embedding()`], [`simple_rnn()`], [`lstm()`] and [`gru()`], where the gradient goes back through time;
//! 8. [`attention()`], where the weights of a sum are computed too, then [`self_attention()`].
//!
//! # Conventions
//!
//! The gradient of `x` is called `dx`, and has its shape. Arrays carry the batch in front: features
//! are (n, in), signals (n, length, c), images (n, h, w, c). Gradients of parameters are sums over the
//! batch. The recurrent twins take one sequence, (steps, in). A function panics where the shapes of its arguments do not fit together.
//!
//! ```
//! use chainrule::reference::{dense, dense_backward};
//! use ndarray::array;
//!
//! let (x, w, b) = (array![[1.0, 2.0]], array![[3.0], [5.0]], array![0.5]);
//! assert_eq!(dense(x.view(), w.view(), b.view()), array![[13.5]]);
//!
//! let (dx, dw, db) = dense_backward(x.view(), w.view(), array![[2.0]].view());
//! assert_eq!((dx, dw, db), (array![[6.0, 10.0]], array![[2.0], [4.0]], array![2.0]));
//! ```

mod activation;
mod attention;
mod batch_norm;
mod branches;
mod conv1d;
mod conv2d;
mod conv_transpose2d;
mod cross_entropy;
mod ctc;
mod dense;
mod dropout;
mod embedding;
mod gelu;
mod gru;
mod loss;
mod lstm;
mod matrices;
mod multi_head;
mod norm;
mod pool;
mod pool1d;
mod positions;
mod shape;
mod simple_rnn;
mod slide;
mod softmax;

pub use activation::*;
pub use attention::*;
pub use batch_norm::*;
pub use branches::*;
pub use conv_transpose2d::*;
pub use conv1d::*;
pub use conv2d::*;
pub use cross_entropy::*;
pub use ctc::*;
pub use dense::*;
pub use dropout::*;
pub use embedding::*;
pub use gelu::*;
pub use gru::*;
pub use loss::*;
pub use lstm::*;
pub use matrices::*;
pub use multi_head::*;
pub use norm::*;
pub use pool::*;
pub use pool1d::*;
pub use positions::*;
pub use shape::*;
pub use simple_rnn::*;
pub use slide::Slide;
pub use softmax::*;
