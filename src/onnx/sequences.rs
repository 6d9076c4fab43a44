//! Layers for sequences: embeddings, and the recurrent ones.
//!
//! ONNX's recurrent operators take the steps first, and their weights transposed, with a row for each unit of each
//! gate. They have two biases, which are added up except for the candidate of a GRU.

use ndarray::{Array1, Array2, ArrayD, ArrayViewD, Axis, Ix1, Ix2, Slice, concatenate, stack};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::graph::{Graph, Value};
use super::layer::Layer;
use super::proto::{AttributeProto, TensorProto};
use crate::layers::Direction;

pub(super) fn embedding(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    #[derive(Deserialize)]
    struct Settings {
        padding: Option<usize>,
    }
    let Settings { padding } = layer.settings()?;
    let mut table = layer.param("weight").into_owned();
    if let Some(token) = padding {
        table.index_axis_mut(Axis(0), token).fill(0.0);
    }
    let table = graph.floats("weight", table.view());
    let to = AttributeProto::int("to", TensorProto::INT64 as usize);
    let tokens = graph.node("Cast", &[&x.name], [to]);
    Ok(Value::last(graph.node("Gather", &[&table, &tokens], []), layer.output()))
}

pub(super) fn unembedding(
    graph: &mut Graph,
    layer: &Layer<'_>,
    x: &Value,
) -> Result<Value, String> {
    let x = graph.last(x);
    let transposed = graph.floats("weight", layer.param("weight").reversed_axes());
    Ok(Value::last(graph.node("MatMul", &[&x, &transposed], []), layer.output()))
}

/// Settings of a recurrent layer, and of its cell.
#[derive(Deserialize)]
struct Settings<C> {
    cell: C,
    units: usize,
    every_step: bool,
    direction: Direction,
    learned_state: bool,
}

/// Arrays of one direction, as ONNX has them.
struct Arrays {
    /// (gates·units, in)
    w: Array2<f32>,
    /// (gates·units, units)
    r: Array2<f32>,
    /// (2·gates·units)
    b: Array1<f32>,
}

/// Arrays of a gate, as a layer has them.
struct Gate {
    /// (in, units)
    weight: Array2<f32>,
    /// (units, units)
    recurrent: Array2<f32>,
    /// (units) each, of the input and of the state.
    biases: [Array1<f32>; 2],
}

impl Arrays {
    fn of(gates: &[Gate]) -> Self {
        let join = |parts: Vec<_>| concatenate(Axis(0), &parts).expect("of one width");
        let biases = |k: usize| gates.iter().map(move |gate| gate.biases[k].view());
        let all: Vec<_> = biases(0).chain(biases(1)).collect();
        Arrays {
            w: join(gates.iter().map(|gate| gate.weight.t()).collect()),
            r: join(gates.iter().map(|gate| gate.recurrent.t()).collect()),
            b: concatenate(Axis(0), &all).expect("vectors"),
        }
    }
}

/// Parameters of one direction, whose names begin with a prefix.
struct Own<'l, 'm> {
    layer: &'l Layer<'m>,
    prefix: &'static str,
    units: usize,
}

impl Own<'_, '_> {
    fn param(&self, name: &str) -> ArrayViewD<'_, f32> {
        self.layer.param(&format!("{}{name}", self.prefix))
    }

    /// The columns of gate `k` of an array (.., gates·units).
    fn columns(&self, name: &str, k: usize) -> Array2<f32> {
        let array = self.param(name).into_dimensionality::<Ix2>().expect("a matrix");
        array.slice_axis(Axis(1), part(k, self.units)).into_owned()
    }

    fn vector(&self, name: &str) -> Array1<f32> {
        self.param(name).into_dimensionality::<Ix1>().expect("a vector").into_owned()
    }

    /// Gate `k` of the arrays with these names, with its biases.
    fn gate(&self, [weight, recurrent]: [&str; 2], k: usize, biases: [Array1<f32>; 2]) -> Gate {
        Gate { weight: self.columns(weight, k), recurrent: self.columns(recurrent, k), biases }
    }

    fn zeros(&self) -> Array1<f32> {
        Array1::zeros(self.units)
    }
}

/// The places of gate `k` among those of all gates.
fn part(k: usize, units: usize) -> Slice {
    Slice::from(k * units..(k + 1) * units)
}

pub(super) fn simple_rnn(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    #[derive(Deserialize)]
    struct Cell {
        relu: bool,
    }
    let settings: Settings<Cell> = layer.settings()?;
    let arrays = |own: Own<'_, '_>| {
        let biases = [own.vector("bias"), own.zeros()];
        Arrays::of(&[own.gate(["weight", "recurrent"], 0, biases)])
    };
    let function = if settings.cell.relu { "Relu" } else { "Tanh" };
    let functions = |count| vec![AttributeProto::texts("activations", &vec![function; count])];
    recurrent(graph, layer, x, ("RNN", &["state"]), &settings, arrays, functions)
}

/// The gates are i, f, g and o here, and i, o, f and g there.
pub(super) fn lstm(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    let settings: Settings<()> = layer.settings()?;
    let arrays = |own: Own<'_, '_>| {
        let gates = [(0, "input_bias"), (3, "output_bias"), (1, "forget_bias"), (2, "cell_bias")];
        Arrays::of(
            &gates.map(|(k, bias)| {
                own.gate(["weight", "recurrent"], k, [own.vector(bias), own.zeros()])
            }),
        )
    };
    recurrent(graph, layer, x, ("LSTM", &["state", "memory"]), &settings, arrays, |_| vec![])
}

/// The order is z, r and n there.
pub(super) fn gru(graph: &mut Graph, layer: &Layer<'_>, x: &Value) -> Result<Value, String> {
    #[derive(Deserialize)]
    struct Cell {
        reset_before: bool,
    }
    let settings: Settings<Cell> = layer.settings()?;
    let reset_before = settings.cell.reset_before;
    let arrays = |own: Own<'_, '_>| {
        let bias = own.vector("gate_bias");
        let gate = |k: usize| {
            let bias = bias.slice_axis(Axis(0), part(k, own.units)).into_owned();
            own.gate(["gate_weight", "gate_recurrent"], k, [bias, own.zeros()])
        };
        let read = if reset_before { own.zeros() } else { own.vector("recurrent_bias") };
        let biases = [own.vector("bias"), read];
        Arrays::of(&[gate(1), gate(0), own.gate(["weight", "recurrent"], 0, biases)])
    };
    let after = AttributeProto::int("linear_before_reset", usize::from(!reset_before));
    recurrent(graph, layer, x, ("GRU", &["state"]), &settings, arrays, |_| vec![after.clone()])
}

/// Adds an operator with the arrays of each direction, and the names of the parameters that are its first states.
fn recurrent<C: DeserializeOwned>(
    graph: &mut Graph,
    layer: &Layer<'_>,
    x: &Value,
    (operator, states): (&str, &[&str]),
    settings: &Settings<C>,
    arrays: impl Fn(Own<'_, '_>) -> Arrays,
    more: impl Fn(usize) -> Vec<AttributeProto>,
) -> Result<Value, String> {
    let (prefixes, direction): (&[&'static str], _) = match settings.direction {
        Direction::Forward => (&[""], "forward"),
        Direction::Reverse => (&["reverse_"], "reverse"),
        Direction::Both => (&["", "reverse_"], "bidirectional"),
    };
    let units = settings.units;
    let own = |prefix| Own { layer, prefix, units };
    let all: Vec<Arrays> = prefixes.iter().map(|prefix| arrays(own(prefix))).collect();
    let w = of_directions(all.iter().map(|arrays| arrays.w.clone().into_dyn()));
    let r = of_directions(all.iter().map(|arrays| arrays.r.clone().into_dyn()));
    let b = of_directions(all.iter().map(|arrays| arrays.b.clone().into_dyn()));

    let x = graph.last(x);
    let mut inputs =
        vec![graph.node("Transpose", &[&x], [AttributeProto::ints("perm", [1, 0, 2])])];
    inputs.extend(
        [("W", w), ("R", r), ("B", b)].map(|(name, array)| graph.floats(name, array.view())),
    );
    if settings.learned_state {
        let ends = [AttributeProto::int("start", 0), AttributeProto::int("end", 1)];
        let batch = graph.node("Shape", &[&x], ends);
        let count = graph.ints("directions", &[prefixes.len() as i64]);
        let width = graph.ints("units", &[units as i64]);
        let shape =
            graph.node("Concat", &[&count, &batch, &width], [AttributeProto::int("axis", 0)]);
        // No lengths.
        inputs.push(String::new());
        for name in states {
            let of =
                |prefix: &&'static str| own(prefix).vector(name).insert_axis(Axis(0)).into_dyn();
            let state = graph.floats(name, of_directions(prefixes.iter().map(of)).view());
            inputs.push(graph.node("Expand", &[&state, &shape], []));
        }
    }
    let mut attributes = more(prefixes.len());
    attributes.push(AttributeProto::int("hidden_size", units));
    attributes.push(AttributeProto::text("direction", direction));
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    // The outputs are all states, (steps, directions, n, units), and the last, (directions, n, units).
    let (place, order) =
        if settings.every_step { (0, vec![2, 0, 1, 3]) } else { (1, vec![1, 0, 2]) };
    let y = graph.output_of(operator, &inputs, attributes, place);
    let y = graph.node("Transpose", &[&y], [AttributeProto::ints("perm", order)]);
    let sizes = layer.output().iter().map(|&size| size as i64);
    let sizes = graph.ints("sizes", &std::iter::once(0).chain(sizes).collect::<Vec<_>>());
    Ok(Value::last(graph.node("Reshape", &[&y, &sizes], []), layer.output()))
}

/// One array with an axis for the directions in front.
fn of_directions(arrays: impl Iterator<Item = ArrayD<f32>>) -> ArrayD<f32> {
    let arrays: Vec<ArrayD<f32>> = arrays.collect();
    let views: Vec<_> = arrays.iter().map(|array| array.view()).collect();
    stack(Axis(0), &views).expect("of one shape")
}
