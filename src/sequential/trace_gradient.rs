//! A glass model, backward: the gradient of the loss at each layer.

use std::any::Any;

use ndarray::{ArrayD, ArrayRef, ArrayView, Dimension};

use super::Sequential;
use super::check::check_data;
use super::join::Inputs;
use super::node::{Node, Op, ParamArray};
use super::trace::{Forward, LayerTrace, flat, packed, traces};
use crate::data::{Dataset, Target, TargetKind};
use crate::error::{Error, ModelError, Result, TrainError};
use crate::layer::{Lengths, Params, Saved};
use crate::loss::{Loss, classes_of_sequences, weighted_mean};
use crate::shape::len;

/// A forward and a backward pass, layer by layer: from [`Sequential::trace_gradient`].
#[derive(Debug, Clone)]
pub struct GradientTrace {
    /// Mean loss of the samples, weighted by [`Loss::weight`].
    pub loss: f64,
    /// Gradient of the loss by the model's input (n, input..).
    pub input: ArrayD<f32>,
    /// Inputs and output of each layer, in the order of [`Sequential::layers`].
    pub layers: Vec<LayerTrace>,
    /// Gradients of the loss at each layer, in the same order.
    pub gradients: Vec<LayerGradient>,
}

/// Gradients of the loss at one layer.
#[derive(Debug, Clone)]
pub struct LayerGradient {
    /// By each input: what this layer hands on to those before it.
    pub inputs: Vec<ArrayD<f32>>,
    /// By the output: the sum over all that read it.
    pub output: ArrayD<f32>,
    /// By each parameter array that can be trained: its name, and the gradient in its shape.
    pub params: Vec<(String, ArrayD<f32>)>,
}

impl Sequential {
    /// Runs inputs (n, input..) forward, and the gradient of their mean loss backward. Returns what each
    /// layer computed, the gradients of its input, output and parameters, and the gradient of the
    /// model's input. Layers work as in [`Sequential::trace`]; what is frozen has its gradient, too.
    ///
    /// ```
    /// use chainrule::prelude::*;
    /// use ndarray::array;
    ///
    /// let mut model = Sequential::new([2]).add(Dense::new(1))?;
    /// model.set_params(&[3.0, 4.0, 0.0])?; // 2 weights, 1 bias
    /// let (x, targets) = (array![[1.0, 2.0]], [Target::Values(&[10.0])]);
    /// let trace = model.trace_gradient(&x, &targets, &MeanSquaredError)?;
    /// // y = 11, dy = 2·(11 - 10), dw = x·dy, dx = w·dy
    /// assert_eq!(trace.loss, 1.0);
    /// assert_eq!(trace.gradients[0].params[0], ("weight".into(), array![[2.0], [4.0]].into_dyn()));
    /// assert_eq!(trace.input, array![[6.0, 8.0]].into_dyn());
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// Those of [`Sequential::trace`]; [`ModelError::TargetCount`] unless there is one target for each
    /// input, and [`ModelError::Target`] for one that does not fit the model; and as
    /// [`Sequential::evaluate`] where the loss does not fit model or targets.
    pub fn trace_gradient<D: Dimension>(
        &self,
        x: &ArrayRef<f32, D>,
        targets: &[Target<'_>],
        loss: &dyn Loss,
    ) -> Result<GradientTrace> {
        let Forward { values, mut caches } =
            Forward::run(self, "trace_gradient", x.view().into_dyn())?;
        let n = values[0].shape()[0];
        if targets.len() != n {
            return Err(ModelError::TargetCount { inputs: n, targets: targets.len() }.into());
        }
        let samples =
            Samples { inputs: &values[0], targets, outputs: len(self.output_shape()), loss };
        check_data(self, &samples, loss, "trace's").map_err(|error| match error {
            Error::Train(TrainError::BadTarget { index, target, wanted, .. }) => {
                ModelError::Target { index, target, wanted }.into()
            }
            error => error,
        })?;

        // One gradient for each value: those of all that read it add up.
        let mut by_value: Vec<ArrayD<f32>> =
            values.iter().map(|value| ArrayD::zeros(value.raw_dim())).collect();
        let (head, output) = (self.graph.head, &values[self.graph.head]);
        let (mean, dy) = mean_loss(output, targets, loss);
        by_value[head] = dy;
        let mut gradients = Vec::with_capacity(self.graph.nodes.len());
        // Gradients of tied layers wait here for the layer whose parameters they have.
        let mut shared = vec![0.0; self.params().len()];
        for (index, node) in self.graph.nodes.iter().enumerate().rev() {
            let output = by_value[index + 1].clone();
            let saved = (&values[..], index);
            let dparams = &mut shared[node.params.clone()];
            let gradient = self.node_gradient(node, saved, &mut *caches[index], output, dparams);
            for (&source, dx) in node.sources.iter().zip(&gradient.inputs) {
                by_value[source] += dx;
            }
            gradients.push(gradient);
        }
        gradients.reverse();
        let layers = traces(&self.graph, &values);
        Ok(GradientTrace { loss: mean, input: by_value.swap_remove(0), layers, gradients })
    }

    /// Computes the gradients by the inputs and by the parameters of a node, from that by its output. Those by the
    /// parameters are added to `dparams`.
    fn node_gradient(
        &self,
        node: &Node,
        (values, index): (&[ArrayD<f32>], usize),
        cache: &mut (dyn Any + Send),
        output: ArrayD<f32>,
        dparams: &mut [f32],
    ) -> LayerGradient {
        let zeros = |&source: &usize| ArrayD::zeros(values[source].raw_dim());
        let mut inputs: Vec<ArrayD<f32>> = node.sources.iter().map(zeros).collect();
        match &node.op {
            Op::Layer { layer, .. } => {
                let packed = packed(&**layer, node, self.params());
                let params =
                    Params { values: &self.params()[node.params.clone()], packed: &packed };
                let (x, y) = (values[node.sources[0]].view(), values[index + 1].view());
                // A layer may overwrite `dy`.
                let mut dy = output.clone();
                let dx = Some(inputs[0].view_mut());
                let saved = Saved { x, y, cache, lengths: Lengths::FULL };
                layer.backward(params, saved, dy.view_mut(), dx, dparams);
            }
            Op::Join(join) => {
                let get = |k: usize| {
                    let (source, part) =
                        self.graph.joined(node).nth(k).expect("one of its branches");
                    (flat(&values[source]), part)
                };
                let branches = Inputs { count: inputs.len(), get: &get };
                for (k, dx) in inputs.iter_mut().enumerate() {
                    let dx = dx.as_slice_mut().expect("a new array is contiguous");
                    join.backward(k, branches, flat(&output), dx, false);
                }
            }
        }
        let trained = node.arrays.iter().filter(|array| array.spec.trainable);
        let gradient = |ParamArray { spec, range, .. }: &ParamArray| {
            let own = range.start - node.params.start..range.end - node.params.start;
            let gradient = ArrayView::from_shape(&spec.shape[..], &dparams[own]);
            (spec.name.to_string(), gradient.expect("as long as its shape says").to_owned())
        };
        LayerGradient { inputs, output, params: trained.map(gradient).collect() }
    }
}

/// Computes the weighted mean of the losses, and its gradient by the outputs.
fn mean_loss(outputs: &ArrayD<f32>, targets: &[Target<'_>], loss: &dyn Loss) -> (f64, ArrayD<f32>) {
    let weights: f64 = targets.iter().map(|&target| f64::from(loss.weight(target))).sum();
    let mut gradient = ArrayD::zeros(outputs.raw_dim());
    let size = outputs.len() / targets.len();
    let rows = gradient.as_slice_mut().expect("a new array is contiguous").chunks_exact_mut(size);
    let mut sum = 0.0;
    for ((&target, output), dy) in targets.iter().zip(flat(outputs).chunks_exact(size)).zip(rows) {
        let weight = f64::from(loss.weight(target));
        sum += weight * f64::from(loss.loss(output, target, Some(dy)));
        let share = if weight > 0.0 { (weight / weights) as f32 } else { 0.0 };
        dy.iter_mut().for_each(|dy| *dy *= share);
    }
    (weighted_mean(sum, weights), gradient)
}

/// Inputs and targets as a data set, to be checked as one.
struct Samples<'a> {
    inputs: &'a ArrayD<f32>,
    targets: &'a [Target<'a>],
    /// Number of outputs of the model.
    outputs: usize,
    loss: &'a dyn Loss,
}

impl Dataset for Samples<'_> {
    fn len(&self) -> usize {
        self.targets.len()
    }

    fn input_shape(&self) -> Vec<usize> {
        self.inputs.shape()[1..].to_vec()
    }

    fn target_kind(&self) -> TargetKind {
        match self.targets.first() {
            Some(Target::Values(values)) => TargetKind::Values(values.len()),
            Some(Target::Classes(_)) => {
                let longest = self.targets.iter().map(|target| target.classes().len()).max();
                let (outputs, longest) = (self.outputs, longest.unwrap_or(0));
                let classes = classes_of_sequences(self.loss, outputs, longest);
                TargetKind::Sequences { classes: classes.unwrap_or(outputs), longest }
            }
            // A single output separates two classes.
            _ => TargetKind::Classes(self.outputs.max(2)),
        }
    }

    fn input(&self, index: usize, x: &mut [f32]) -> Result<()> {
        x.copy_from_slice(&flat(self.inputs)[index * x.len()..][..x.len()]);
        Ok(())
    }

    fn target(&self, index: usize) -> Target<'_> {
        self.targets[index]
    }
}
