//! The table from a layer's name in files to the operators that compute it.

use super::graph::{Graph, Value};
use super::layer::Layer;
use super::{activations, attention, norms, pools, positions, products, sequences, shapes};

/// Adds the operators of a layer to a graph, and returns its output.
pub(super) type Operator = fn(&mut Graph, &Layer<'_>, &Value) -> Result<Value, String>;

/// Returns what adds the layer of this name; `None` where ONNX has no operator for it.
pub(super) fn operator(layer: &str) -> Option<Operator> {
    Some(match layer {
        "AvgPool1d" => pools::avg_pool1d,
        "AvgPool2d" => pools::avg_pool2d,
        "BatchNorm" => norms::batch_norm,
        "Conv1d" => products::conv1d,
        "Conv2d" => products::conv2d,
        "ConvTranspose2d" => products::conv_transpose2d,
        "CrossAttention" => attention::cross_attention,
        "Dense" => products::dense,
        "Dropout" | "Dropout2d" => shapes::nothing,
        "Elu" => activations::elu,
        "Embedding" => sequences::embedding,
        "Flatten" => shapes::flatten,
        "Gelu" => activations::gelu,
        "GeluTanh" => activations::gelu_tanh,
        "GlobalAvgPool1d" | "GlobalAvgPool2d" => pools::global_avg,
        "GlobalMaxPool1d" | "GlobalMaxPool2d" => pools::global_max,
        "Gru" => sequences::gru,
        "GroupNorm" => norms::group_norm,
        "Hardswish" => activations::hardswish,
        "LayerNorm" => norms::layer_norm,
        "LeakyRelu" => activations::leaky_relu,
        "LearnedPositions" => positions::learned,
        "MaxPool1d" => pools::max_pool1d,
        "Lstm" => sequences::lstm,
        "MaxPool2d" => pools::max_pool2d,
        "Prelu" => activations::prelu,
        "Reshape" => shapes::reshape,
        "Mish" | "Relu" | "Selu" | "Sigmoid" | "Softplus" | "Tanh" => activations::same_name,
        "SelfAttention" => attention::self_attention,
        "Silu" => activations::silu,
        "SinusoidalPositions" => positions::sinusoidal,
        "SimpleRnn" => sequences::simple_rnn,
        "Slice" => shapes::slice,
        "Softmax" => activations::softmax,
        "Unembedding" => sequences::unembedding,
        "ZeroPad1d" => shapes::zero_pad1d,
        "ZeroPad2d" => shapes::zero_pad2d,
        _ => return None,
    })
}
