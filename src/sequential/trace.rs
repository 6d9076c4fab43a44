//! A glass model: what flows through each layer of a forward pass.
//!
//! The passes here are for learning and diagnosis: each layer runs by itself, as it was added, on arrays
//! of its own. The passes of training fuse layers, write over buffers and skip gradients that are
//! not wanted; they are in `passes.rs`, and do not depend on these.

use std::any::Any;

use ndarray::{ArrayD, ArrayRef, ArrayViewD, Dimension};

use super::Sequential;
use super::graph::Graph;
use super::node::{Node, Op};
use super::passes::batch_shape;
use crate::error::Result;
use crate::kernels::aligned::Aligned;
use crate::layer::erased::ErasedLayer;
use crate::layer::{Mode, Params};
use crate::shape::len;

/// A forward pass, layer by layer: from [`Sequential::trace`].
#[derive(Debug, Clone)]
pub struct Trace {
    /// Inputs and output of each layer, in the order of [`Sequential::layers`].
    pub layers: Vec<LayerTrace>,
}

/// Inputs and output of one layer.
#[derive(Debug, Clone)]
pub struct LayerTrace {
    /// Number in the model, from 0.
    pub index: usize,
    /// Name with the settings, such as `Dense(10)`.
    pub name: String,
    /// Inputs (n, input..): one of a layer, and one of each branch where branches meet.
    pub inputs: Vec<ArrayD<f32>>,
    /// Output (n, output..).
    pub output: ArrayD<f32>,
}

impl Sequential {
    /// Runs inputs (n, input..) forward, and returns what each layer computed. Layers work as in
    /// prediction: dropout is off, and batch normalization uses its running statistics.
    ///
    /// Layers that training fuses into one pass, such as `Dense` and `Relu`, are shown one by one.
    ///
    /// ```
    /// use chainrule::prelude::*;
    /// use ndarray::array;
    ///
    /// let mut model = Sequential::new([2]).add(Dense::new(2))?.add(Relu)?;
    /// model.set_params(&[1.0, 0.0, 0.0, -1.0, 0.5, 0.0])?;
    /// let trace = model.trace(&array![[2.0, 3.0]])?;
    /// assert_eq!(trace.layers[0].output, array![[2.5, -3.0]].into_dyn());
    /// assert_eq!(trace.layers[1].output, array![[2.5, 0.0]].into_dyn());
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Sequential::predict`].
    pub fn trace<D: Dimension>(&self, x: &ArrayRef<f32, D>) -> Result<Trace> {
        let forward = Forward::run(self, "trace", x.view().into_dyn())?;
        Ok(Trace { layers: traces(&self.graph, &forward.values) })
    }
}

/// All values of a forward pass; value 0 is the input.
pub(super) struct Forward {
    pub values: Vec<ArrayD<f32>>,
    /// Caches of the layers.
    pub caches: Vec<Box<dyn Any + Send>>,
}

impl Forward {
    /// Runs a batch through a model; errors call it for `what`.
    pub fn run(model: &Sequential, what: &'static str, x: ArrayViewD<'_, f32>) -> Result<Forward> {
        let n = model.check_batch(what, x.shape())?;
        let values = vec![x.as_standard_layout().into_owned()];
        let samples = flat(&values[0]).chunks(len(model.input_shape()));
        for (sample, x) in samples.enumerate() {
            model.check_numbers(what, sample, x, None)?;
        }
        let mut forward = Forward { values, caches: Vec::new() };
        for node in &model.graph.nodes {
            let (y, cache) = forward.next(model, node, n);
            forward.values.push(y);
            forward.caches.push(cache);
        }
        Ok(forward)
    }

    /// Computes the output of the next node.
    fn next(
        &self,
        model: &Sequential,
        node: &Node,
        n: usize,
    ) -> (ArrayD<f32>, Box<dyn Any + Send>) {
        let mut y = ArrayD::zeros(batch_shape(n, &node.output));
        let mut cache: Box<dyn Any + Send> = Box::new(());
        match &node.op {
            Op::Layer { layer, .. } => {
                let x = self.values[node.sources[0]].view();
                let packed = packed(&**layer, node, model.params());
                let params =
                    Params { values: &model.params()[node.params.clone()], packed: &packed };
                cache = layer.new_cache(&node.input, n);
                layer.forward(params, x, y.view_mut(), &mut *cache, Mode::Infer.into());
            }
            Op::Join(join) => {
                let y = y.as_slice_mut().expect("a new array is contiguous");
                for (k, (source, part)) in model.graph.joined(node).enumerate() {
                    join.forward(k, flat(&self.values[source]), part, y);
                }
            }
        }
        (y, cache)
    }
}

/// Inputs and output of each node.
pub(super) fn traces(graph: &Graph, values: &[ArrayD<f32>]) -> Vec<LayerTrace> {
    let trace = |(index, node): (usize, &Node)| LayerTrace {
        index,
        name: node.name.clone(),
        inputs: node.sources.iter().map(|&source| values[source].clone()).collect(),
        output: values[index + 1].clone(),
    };
    graph.nodes.iter().enumerate().map(trace).collect()
}

/// Parameters of a layer in the layout that its kernels read.
pub(super) fn packed(layer: &dyn ErasedLayer, node: &Node, params: &[f32]) -> Aligned {
    let mut packed = Aligned::zeros(layer.packed_len(&node.input));
    layer.pack(&node.input, &params[node.params.clone()], &mut packed, true);
    packed
}

/// The values of an array of these passes, all of which are in row-major order.
pub(super) fn flat(array: &ArrayD<f32>) -> &[f32] {
    array.as_slice().expect("in row-major order")
}
