//! Names and axes of the weights of a layer, in several libraries.

use std::fmt;

/// Library whose names and axes the weights of a file have.
///
/// Files of this library say that they are in its own layout. Of any other file it must be told:
/// [`WeightFile::layout`](crate::sequential::WeightFile::layout) does.
///
/// | layer | `Chainrule` | `PyTorch` | `Keras` |
/// | --- | --- | --- | --- |
/// | `Dense` | `weight` (in, units) | `weight` (units, in) | `kernel` (in, units) |
/// | `Conv1d` | `weight` (k, c, filters) | `weight` (filters, c, k) | `kernel` (k, c, filters) |
/// | `Conv2d` | `weight` (kh, kw, c, filters) | `weight` (filters, c, kh, kw) | `kernel` (kh, kw, c, filters) |
/// | depthwise | `weight` (kh, kw, 1, filters) | `weight` (filters, 1, kh, kw) | `kernel` (kh, kw, c, filters/c) |
/// | `ConvTranspose2d` | `weight` (kh, kw, filters, c) | `weight` (c, filters, kh, kw) | `kernel` (kh, kw, filters, c) |
/// | `SelfAttention` | `in_weight` (d, 3·h·w), `out_weight` (h·w, d) | `in_proj_weight` (3·h·w, d), `out_proj.weight` (d, h·w) | apart for queries, keys and values |
/// | norms | `scale`, `shift` | `weight`, `bias` | `gamma`, `beta` |
/// | `BatchNorm` | `running_mean`, `running_variance` | `running_mean`, `running_var` | `moving_mean`, `moving_variance` |
/// | `Prelu` | `slope` (c) | `weight` (c) | `alpha` (1, 1, c) |
/// | `LearnedPositions` | `positions` (steps, d) | `weight` (steps, d) | `embeddings` (steps, d) |
///
/// Sizes `c` of `Conv1d` and `Conv2d`, and `filters` of `ConvTranspose2d`, are those of one group. An
/// array may also have this library's name in place of the other's. PyTorch's `num_batches_tracked` is
/// left out.
///
/// Images are channels first in PyTorch, so that what it flattens has another order: value (i, j, k)
/// of an image (h, w, c) is feature `(i·w + j)·c + k` here, and feature `(k·h + i)·w + j` there. The
/// weights of a `Dense` behind a [`Flatten`](crate::layers::Flatten), of one before a
/// [`Reshape`](crate::layers::Reshape), and of what is between them, are brought into this library's
/// order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WeightLayout {
    /// Names and axes in the documentation of [`layers`](crate::layers).
    Chainrule,
    /// Those of `torch.nn`, as in `state_dict()`.
    PyTorch,
    /// Those of `keras.layers`, as in `layer.weights`.
    Keras,
}

impl WeightLayout {
    /// Returns the name of an array that this library calls `own`.
    pub(crate) fn name(self, own: &str) -> &str {
        match (self, own) {
            (WeightLayout::PyTorch, "scale" | "slope" | "positions") => "weight",
            (WeightLayout::PyTorch, "shift") => "bias",
            (WeightLayout::PyTorch, "running_variance") => "running_var",
            (WeightLayout::PyTorch, "in_weight") => "in_proj_weight",
            (WeightLayout::PyTorch, "in_bias") => "in_proj_bias",
            (WeightLayout::PyTorch, "out_weight") => "out_proj.weight",
            (WeightLayout::PyTorch, "out_bias") => "out_proj.bias",
            (WeightLayout::Keras, "weight") => "kernel",
            (WeightLayout::Keras, "scale") => "gamma",
            (WeightLayout::Keras, "shift") => "beta",
            (WeightLayout::Keras, "running_mean") => "moving_mean",
            (WeightLayout::Keras, "running_variance") => "moving_variance",
            (WeightLayout::Keras, "slope") => "alpha",
            (WeightLayout::Keras, "positions") => "embeddings",
            _ => own,
        }
    }
}

impl fmt::Display for WeightLayout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WeightLayout::Chainrule => "chainrule",
            WeightLayout::PyTorch => "PyTorch",
            WeightLayout::Keras => "Keras",
        })
    }
}
