//! A graph while it is built: nodes, constants, and the order in which the axes of a value lie.
//!
//! Images of a model are (n, h, w, c), and the operators of ONNX for images take (n, c, h, w). A value
//! keeps the order in which it was computed, and an operator that takes any order leaves it so. A
//! `Transpose` is added only where an operator needs the other order, and all that read a value in that
//! order share it.

use ndarray::ArrayViewD;

use super::proto::*;
use crate::shape::len;

/// Name of the graph's input.
pub(super) const INPUT: &str = "input";
/// Name of the graph's output.
pub(super) const OUTPUT: &str = "output";

/// Order of the axes of a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// (n, .., c), as in a model. A value of at most one axis has this order.
    ChannelsLast,
    /// (n, c, ..), as in ONNX.
    ChannelsFirst,
}

/// A value of the model as a tensor of the graph.
#[derive(Debug, Clone)]
pub(super) struct Value {
    /// Name of the tensor.
    pub name: String,
    /// Shape of one sample, as in the model.
    pub shape: Vec<usize>,
    /// Order of the tensor's axes.
    pub order: Order,
}

impl Value {
    /// A value of a tensor with channels last.
    pub fn last(name: String, shape: &[usize]) -> Self {
        Value { name, shape: shape.to_vec(), order: Order::ChannelsLast }
    }

    /// A value of a tensor with channels first.
    pub fn first(name: String, shape: &[usize]) -> Self {
        Value::last(name, shape).ordered(Order::ChannelsFirst)
    }

    /// The value with its tensor in this order.
    pub fn ordered(self, order: Order) -> Self {
        let order = if self.shape.len() < 2 { Order::ChannelsLast } else { order };
        Value { order, ..self }
    }

    /// Number of the tensor's axis of channels.
    pub fn channel_axis(&self) -> usize {
        match self.order {
            Order::ChannelsLast => self.shape.len(),
            Order::ChannelsFirst => 1,
        }
    }

    /// Numbers of the tensor's axes between samples and channels: the height and the width of images.
    pub fn inner_axes(&self) -> std::ops::Range<usize> {
        let start = if self.order == Order::ChannelsLast { 1 } else { 2 };
        start..start + self.shape.len().saturating_sub(1)
    }
}

/// Nodes and constants of a graph.
#[derive(Debug, Default)]
pub(super) struct Graph {
    nodes: Vec<NodeProto>,
    constants: Vec<TensorProto>,
    /// Beginning of the names of what is added: the number of a layer.
    pub prefix: String,
}

impl Graph {
    /// Adds an operator, and returns the name of its output.
    pub fn node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: impl Into<Vec<AttributeProto>>,
    ) -> String {
        self.output_of(operator, inputs, attributes, 0)
    }

    /// Adds an operator with several outputs, and returns the name of the one at this place.
    pub fn output_of(
        &mut self,
        operator: &str,
        inputs: &[&str],
        attributes: impl Into<Vec<AttributeProto>>,
        place: usize,
    ) -> String {
        let name = self.unique(operator);
        // An output without a name is not wanted.
        let mut output = vec![String::new(); place];
        output.push(name.clone());
        self.nodes.push(NodeProto {
            input: inputs.iter().map(|input| input.to_string()).collect(),
            output,
            name: name.clone(),
            op_type: operator.to_string(),
            attribute: attributes.into(),
        });
        name
    }

    /// Adds a constant of floating point numbers, and returns its name.
    pub fn floats(&mut self, name: &str, values: ArrayViewD<'_, f32>) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, TensorProto::FLOAT, values.shape(), bytes)
    }

    /// Adds a constant vector of integers, and returns its name.
    pub fn ints(&mut self, name: &str, values: &[i64]) -> String {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        self.constant(name, TensorProto::INT64, &[values.len()], bytes)
    }

    fn constant(&mut self, name: &str, data_type: i32, shape: &[usize], bytes: Vec<u8>) -> String {
        let name = self.unique(name);
        let dims = shape.iter().map(|&size| size as i64).collect();
        self.constants.push(TensorProto { dims, data_type, name: name.clone(), raw_data: bytes });
        name
    }

    /// Returns a name that no tensor has: `3.Conv`, and `3.Conv_2` for the second of a layer.
    fn unique(&self, name: &str) -> String {
        let first = format!("{}.{name}", self.prefix);
        let more = (2..).map(|number| format!("{first}_{number}"));
        let mut names = std::iter::once(first.clone()).chain(more);
        let is_free = |name: &String| {
            self.nodes.iter().all(|node| node.name != *name)
                && self.constants.iter().all(|constant| constant.name != *name)
        };
        names.find(is_free).unwrap_or_default()
    }

    /// Returns the name of a value's tensor in this order of axes.
    pub fn in_order(&mut self, value: &Value, order: Order) -> String {
        if value.order == order || value.shape.len() < 2 {
            return value.name.clone();
        }
        let same = |node: &&NodeProto| node.op_type == "Transpose" && node.input[0] == value.name;
        if let Some(node) = self.nodes.iter().find(same) {
            return node.name.clone();
        }
        let end = value.shape.len();
        let order: Vec<usize> = match order {
            Order::ChannelsFirst => [0, end].into_iter().chain(1..end).collect(),
            Order::ChannelsLast => [0].into_iter().chain(2..=end).chain([1]).collect(),
        };
        self.node("Transpose", &[&value.name], [AttributeProto::ints("perm", order)])
    }

    /// Returns the name of a value's tensor with channels last.
    pub fn last(&mut self, value: &Value) -> String {
        self.in_order(value, Order::ChannelsLast)
    }

    /// Returns the name of a value's tensor with channels first.
    pub fn first(&mut self, value: &Value) -> String {
        self.in_order(value, Order::ChannelsFirst)
    }

    /// Returns the name of a tensor that holds the numbers of a value in the model's order, and may have
    /// axes in any order.
    pub fn row_major(&mut self, value: &Value) -> String {
        let channels = value.shape.last().copied().unwrap_or(1);
        // Axes of size 1 move no numbers.
        if [1, len(&value.shape)].contains(&channels) {
            return value.name.clone();
        }
        self.last(value)
    }

    /// Ends the graph with this output.
    pub fn finish(mut self, input: &[usize], output: &Value) -> GraphProto {
        let mut name = self.last(output);
        if name == INPUT {
            name = self.node("Identity", &[INPUT], []);
        }
        for tensor in
            self.nodes.iter_mut().flat_map(|node| node.input.iter_mut().chain(&mut node.output))
        {
            if *tensor == name {
                *tensor = OUTPUT.to_string();
            }
        }
        GraphProto {
            node: self.nodes,
            name: "chainrule".to_string(),
            initializer: self.constants,
            input: vec![value_info(INPUT, input)],
            output: vec![value_info(OUTPUT, &output.shape)],
        }
    }
}

/// Describes a batch of samples of this shape, whose size is `N`.
fn value_info(name: &str, shape: &[usize]) -> ValueInfoProto {
    let sizes = shape.iter().map(|&size| Size::Value(size as i64));
    let sizes = std::iter::once(Size::Param("N".to_string())).chain(sizes);
    let dim = sizes.map(|size| DimensionProto { value: Some(size) }).collect();
    let tensor =
        TensorTypeProto { elem_type: TensorProto::FLOAT, shape: Some(TensorShapeProto { dim }) };
    ValueInfoProto { name: name.to_string(), r#type: Some(TypeProto { tensor_type: Some(tensor) }) }
}
