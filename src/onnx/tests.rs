//! The graph: the order of its axes, its names, its constants and its shapes.

use std::collections::BTreeSet;
use std::path::Path;

use prost::Message;

use super::export::Export;
use super::operators::operator;
use super::proto::*;
use crate::error::Result;
use crate::file::Registry;
use crate::layers::*;
use crate::loss::Outputs;
use crate::sequential::{Branches, Residual, Sequential};

/// The graph of a model that is built of this input.
fn graph(input: &[usize], layers: impl FnOnce(Sequential) -> Result<Sequential>) -> GraphProto {
    let model = layers(Sequential::new(input)).unwrap();
    let path = Path::new("m.onnx");
    Export { model: &model, scalings: &[], outputs: Outputs::Scores, temperature: 1.0, path }
        .graph()
        .unwrap()
}

fn operators(graph: &GraphProto) -> Vec<&str> {
    graph.node.iter().map(|node| &*node.op_type).collect()
}

/// The nodes that change the order of axes.
fn transposes(graph: &GraphProto) -> Vec<&str> {
    let transposes = graph.node.iter().filter(|node| node.op_type == "Transpose");
    transposes.map(|node| &*node.name).collect()
}

fn constant<'a>(graph: &'a GraphProto, name: &str) -> &'a TensorProto {
    graph.initializer.iter().find(|constant| constant.name == name).unwrap()
}

fn conv_net(x: Sequential) -> Result<Sequential> {
    x.add(Conv2d::new(4, 3))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Conv2d::new(8, 3))?
        .add(BatchNorm::new())?
        .add(Prelu)?
        .add(Dropout::new(0.5))?
        .add(Flatten)?
        .add(Dense::new(10))
}

#[test]
fn the_order_of_axes_changes_before_the_first_convolution_and_before_the_flatten() {
    let graph = graph(&[12, 12, 3], conv_net);
    let wanted = [
        "Transpose",
        "Conv",
        "Relu",
        "MaxPool",
        "Conv",
        "BatchNormalization",
        "PRelu",
        "Transpose",
        "Flatten",
        "Gemm",
    ];
    assert_eq!(operators(&graph), wanted);
    let orders: Vec<&[i64]> = [0, 7].map(|number| &graph.node[number].attribute[0].ints[..]).into();
    assert_eq!(orders, [[0, 3, 1, 2], [0, 2, 3, 1]]);
}

#[test]
fn the_order_of_axes_changes_only_where_it_matters() {
    let mlp = graph(&[28, 28, 1], |x| x.add(Flatten)?.add(Dense::new(3))?.add(BatchNorm::new()));
    assert_eq!(operators(&mlp), ["Flatten", "Gemm", "BatchNormalization"]);
    let any = graph(&[6, 5, 4], |x| {
        x.add(Relu)?
            .add(Slice::new(1..3))?
            .add(ZeroPad2d::new(1))?
            .add(Softmax)?
            .add(GlobalMaxPool2d)
    });
    assert_eq!(operators(&any), ["Relu", "Slice", "Pad", "Softmax", "ReduceMax"]);
    let mean = graph(&[6, 5, 4], |x| x.add(Conv2d::new(2, 3))?.add(GlobalAvgPool2d));
    assert_eq!(operators(&mean), ["Transpose", "Conv", "ReduceMean"]);
    // A single channel, or a single pixel, has the same numbers in the same places.
    let one = graph(&[3, 3, 4], |x| x.add(Conv2d::new(1, 2))?.add(Flatten));
    assert_eq!(operators(&one), ["Transpose", "Conv", "Flatten"]);
    let pixel = graph(&[3, 3, 4], |x| x.add(Conv2d::new(5, 3))?.add(Reshape::new([5])));
    assert_eq!(operators(&pixel), ["Transpose", "Conv", "Reshape"]);
    // The output has the model's order.
    let image = graph(&[3, 3, 4], |x| x.add(Conv2d::new(5, 1))?.add(Tanh));
    assert_eq!(operators(&image), ["Transpose", "Conv", "Tanh", "Transpose"]);
}

#[test]
fn branches_share_a_change_of_order() {
    let graph = graph(&[6, 6, 3], |x| {
        let inner = Residual::new(|x| x.add(Conv2d::new(3, 3).padding(Padding::Same)));
        x.add(
            Branches::concatenate()
                .branch(Ok)
                .branch(|x| x.add(inner))
                .branch(|x| x.add(Conv2d::depthwise(1))?.add(Sigmoid)),
        )?
        .add(Flatten)
    });
    assert_eq!(transposes(&graph), ["0.Transpose", "5.Transpose"]);
    let concat = graph.node.iter().find(|node| node.op_type == "Concat").unwrap();
    assert_eq!(concat.input[0], "0.Transpose");
}

/// A layer norm takes channels last: what is between two convolutions changes the order twice, and no
/// two changes follow each other.
#[test]
fn no_change_of_order_undoes_another() {
    let graph = graph(&[6, 6, 3], |x| {
        let conv = || Conv2d::new(3, 3).padding(Padding::Same);
        let norm = move |x: Sequential| x.add(LayerNorm::new())?.add(conv());
        x.add(conv())?.add(Residual::new(norm))?.add(LayerNorm::new())?.add(Flatten)
    });
    let wanted = [
        "Transpose",
        "Conv",
        "Transpose",
        "LayerNormalization",
        "Transpose",
        "Conv",
        "Add",
        "Transpose",
        "LayerNormalization",
        "Flatten",
    ];
    assert_eq!(operators(&graph), wanted);
    for node in graph.node.iter().filter(|node| node.op_type == "Transpose") {
        assert!(!node.input[0].contains("Transpose"), "{node:?}");
    }
}

#[test]
fn names_are_those_of_model_files_and_stand_for_one_thing() {
    let graph = graph(&[12, 12, 3], |x| conv_net(x)?.add(Silu)?.add(Reshape::new([5, 2])));
    let names: Vec<&String> = graph.initializer.iter().map(|constant| &constant.name).collect();
    let nodes = graph.node.iter().flat_map(|node| &node.output);
    let all: Vec<&String> = names.iter().copied().chain(nodes).collect();
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    for name in ["0.weight", "0.bias", "4.running_variance", "5.slope", "8.weight", "10.sizes"] {
        assert!(names.iter().any(|own| *own == name), "{name} in {names:?}");
    }
    let ends = (&graph.node[0].input[0], &graph.node.last().unwrap().output[0]);
    assert_eq!(ends, (&"input".to_string(), &"output".to_string()));
}

#[test]
fn the_axes_of_a_kernel_are_turned_round_and_numbers_begin_with_their_lowest_byte() {
    let mut model = Sequential::new([1, 2, 2]).add(Conv2d::new(3, (1, 2)).bias(false)).unwrap();
    // Number (column, channel, filter), as decimal digits.
    let digit = |i: usize| (100 * (i / 6) + 10 * (i / 3 % 2) + i % 3) as f32;
    model.set_params(&(0..12).map(digit).collect::<Vec<_>>()).unwrap();
    let path = Path::new("m.onnx");
    let export =
        Export { model: &model, scalings: &[], outputs: Outputs::Scores, temperature: 1.0, path };
    let graph = export.graph().unwrap();
    let TensorProto { dims, data_type, raw_data, .. } = constant(&graph, "0.weight");
    assert_eq!((&dims[..], *data_type), (&[3i64, 2, 1, 2][..], 1));
    let bytes = raw_data.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap()));
    let wanted = [0.0, 100.0, 10.0, 110.0, 1.0, 101.0, 11.0, 111.0, 2.0, 102.0, 12.0, 112.0];
    assert_eq!(bytes.collect::<Vec<f32>>(), wanted);
}

#[test]
fn a_file_says_what_it_is_and_leaves_the_size_of_a_batch_open() {
    let model = conv_net(Sequential::new([12, 12, 3])).unwrap();
    let path = Path::new("m.onnx");
    let export =
        Export { model: &model, scalings: &[], outputs: Outputs::Scores, temperature: 1.0, path };
    let facts = vec![("key", "a fact".to_string())];
    let bytes = export.bytes(facts).unwrap();
    let file = ModelProto::decode(&bytes[..]).unwrap();
    assert!(file.encode_to_vec() == bytes);
    assert_eq!((file.ir_version, &*file.producer_name), (9, "chainrule"));
    let operators = OperatorSetIdProto { domain: String::new(), version: 20 };
    assert_eq!(file.opset_import, [operators]);
    let facts = &file.metadata_props[0];
    assert_eq!((&*facts.key, &*facts.value), ("key", "a fact"));

    let graph = file.graph.unwrap();
    assert!(graph == export.graph().unwrap());
    let shape = |value: &ValueInfoProto| {
        let tensor = value.r#type.clone().unwrap().tensor_type.unwrap();
        assert_eq!(tensor.elem_type, TensorProto::FLOAT);
        tensor.shape.unwrap().dim.into_iter().map(|dim| dim.value.unwrap()).collect::<Vec<_>>()
    };
    let batch = || Size::Param("N".to_string());
    let input = [batch(), Size::Value(12), Size::Value(12), Size::Value(3)];
    assert_eq!((&*graph.input[0].name, shape(&graph.input[0])), ("input", input.into()));
    let output = vec![batch(), Size::Value(10)];
    assert_eq!((&*graph.output[0].name, shape(&graph.output[0])), ("output", output));
}

#[test]
fn every_layer_that_files_hold_has_an_operator() {
    let registry = Registry::default();
    let without: Vec<&str> = registry.names().filter(|name| operator(name).is_none()).collect();
    assert!(without.is_empty(), "add these to `operators.rs`: {without:?}");
}
