//! Export to ONNX: a trained model as a file that other programs run.
//!
//! [`Sequential::save_onnx`](crate::sequential::Sequential::save_onnx) writes the model by itself, and
//! [`ModelFile::save_onnx`](crate::sequential::ModelFile::save_onnx) with the scaling of raw inputs before
//! it and the probabilities of its outputs behind it. Both have a twin that returns the bytes, `to_onnx`.
//!
//! ```
//! use chainrule::prelude::*;
//!
//! # let folder = tempfile::tempdir().unwrap();
//! # let path = folder.path().join("digits.onnx");
//! let mnist = Mnist::sample();
//! # let mnist = Mnist { train: mnist.train.take(1000)?, test: mnist.test };
//! let mut model = Sequential::new([28, 28, 1])
//!     .add(Conv2d::new(8, 3))?
//!     .add(Relu)?
//!     .add(Flatten)?
//!     .add(Dense::new(10))?;
//! Trainer::new(SoftmaxCrossEntropy, Adam::new(0.001)).fit(&mut model, &mnist.train)?;
//! let names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
//! let file = ModelFile::new(model.with_class_names(names)?);
//! file.scaling(Scaling::pixels())?.loss(&SoftmaxCrossEntropy).save_onnx(&path)?;
//! # Ok::<(), chainrule::Error>(())
//! ```
//!
//! Python runs it (`pip install onnxruntime`):
//!
//! ```text
//! import json, numpy, onnxruntime
//! session = onnxruntime.InferenceSession("digits.onnx")
//! images = numpy.zeros((5, 28, 28, 1), "float32")  # the bytes of five images, as floats
//! (p,) = session.run(None, {"input": images})      # (5, 10), probabilities
//! names = json.loads(session.get_modelmeta().custom_metadata_map["chainrule.classes"])
//! print([names[best] for best in p.argmax(1)])
//! ```
//!
//! # What the graph is
//!
//! The input is called `input` and has the shape of a batch of the model's, (N, h, w, c) for images, of
//! 32-bit floats; `N` is open. The output is called `output`, with the model's shape and order of axes. A
//! tensor of weights is called as in a model file, `0.weight`. The operators of ONNX take images as
//! (N, c, h, w): there is a `Transpose` where the order has to change, most often one before the first
//! convolution and one before the first `Flatten`.
//!
//! The graph predicts: dropout is left out, and batch normalization uses its running statistics. Equal
//! models make equal bytes. In the metadata are `chainrule.classes` and `chainrule.training`, as JSON, as in
//! a [model file](mod@crate::file).
//!
//! # Operators
//!
//! | layer | operators |
//! | --- | --- |
//! | `Dense` | `Gemm` |
//! | `Conv2d`, `Conv1d` | `Conv` |
//! | `ConvTranspose2d` | `ConvTranspose` |
//! | `MaxPool2d`, `MaxPool1d` | `MaxPool`, after `Pad` where padding is as wide as the kernel |
//! | `AvgPool2d`, `AvgPool1d` | `AveragePool`; with odd padding that counts, or is as wide as the kernel, `Conv` and `Div` |
//! | `GlobalMaxPool2d`, `GlobalMaxPool1d` | `ReduceMax` |
//! | `GlobalAvgPool2d`, `GlobalAvgPool1d` | `ReduceMean` |
//! | `BatchNorm` | `BatchNormalization` |
//! | `LayerNorm` | `LayerNormalization` |
//! | `GroupNorm` | `Reshape`, `InstanceNormalization`, `Reshape`, `Mul`, `Add` |
//! | `Relu`, `LeakyRelu`, `Elu`, `Selu` | the same |
//! | `Prelu` | `PRelu` |
//! | `Sigmoid`, `Tanh`, `Softplus`, `Mish`, `Softmax` | the same |
//! | `Hardswish` | `HardSwish` |
//! | `Gelu`, `GeluTanh` | `Gelu`, with its attribute `approximate` |
//! | `Silu` | `Sigmoid`, `Mul` |
//! | `Flatten`, `Reshape` | the same |
//! | `Slice` | `Slice` |
//! | `Embedding` | `Cast`, `Gather` |
//! | `Unembedding` | `MatMul` |
//! | `SimpleRnn`, `Lstm`, `Gru` | `RNN`, `LSTM`, `GRU`, between `Transpose` and `Reshape` |
//! | `SelfAttention`, `CrossAttention` | `MatMul` and `Add` for each part, `Reshape`, `Transpose`, `Mul`, `Softmax`; `Add` of -∞ where causal |
//! | `ZeroPad2d`, `ZeroPad1d` | `Pad` |
//! | `SinusoidalPositions`, `LearnedPositions` | `Add` |
//! | `Dropout`, `Dropout2d` | none |
//! | `Residual`, `Branches` | `Add`, `Mul` (after `Unsqueeze` for one number a channel), `Concat` |
//! | [`Scaling`](crate::data::Scaling) | `Sub`, `Mul` |
//! | [`Outputs`](crate::loss::Outputs) | `Softmax` over a sample, `Sigmoid`, or none |
//!
//! A layer of your own has none: the export fails, and says which layer it is.
//!
//! The operators are those of version 20, the first that has `Gelu`; the file is of IR version 9. So ONNX
//! Runtime runs it since 1.17 (January 2024). `GroupNormalization` came with 21, `Attention`
//! with 23 and `Swish` with 24: they are written in older operators. The tests passed with ONNX Runtime 1.17, 1.20, 1.24, 1.30 and 1.32; 1.22
//! differs in that it refuses a `LayerNorm` over a single number.
//!
//! - **Source**: the [operators] and the [file format] of ONNX.
//!
//! [operators]: https://onnx.ai/onnx/operators/
//! [file format]: https://github.com/onnx/onnx/blob/main/docs/IR.md

mod activations;
mod attention;
mod ends;
mod export;
mod graph;
mod joins;
mod layer;
mod norms;
mod operators;
mod pools;
mod positions;
mod products;
mod proto;
mod save;
mod sequences;
mod shapes;
mod windows;

#[cfg(test)]
mod tests;
