//! Inputs of a shard on their way into a workspace, and how much of each counts.

use super::Sequential;
use super::lengths::output_length;
use super::workspace::Workspace;
use crate::data::Dataset;
use crate::error::{Result, SequenceError};
use crate::shape::len;

impl Sequential {
    /// Reads the inputs with these numbers into a workspace. Errors call the data set `what`.
    pub(super) fn load_inputs(
        &self,
        what: &'static str,
        data: &dyn Dataset,
        indices: impl Iterator<Item = usize> + Clone,
        workspace: &mut Workspace,
    ) -> Result<()> {
        for (index, x) in indices.clone().zip(workspace.inputs()) {
            data.input(index, x)?;
            self.check_numbers(what, index, x, data.sequence_length(index))?;
        }
        self.set_lengths(workspace, indices.map(|index| data.sequence_length(index)));
        Ok(())
    }

    /// Refuses a sample of which only the first `length` steps count, if a layer does. Returns the length of the
    /// output.
    pub(super) fn check_length(
        &self,
        what: &'static str,
        sample: usize,
        length: usize,
    ) -> Result<usize, SequenceError> {
        let steps = self.input_shape().first().copied().unwrap_or(0);
        if !(1..=steps).contains(&length) {
            return Err(SequenceError::Length { what, sample, length, steps });
        }
        let mut lengths = vec![length];
        for node in &self.graph.nodes {
            let output = output_length(&self.graph, node, |source| lengths[source]);
            lengths.push(output.map_err(|mismatch| {
                let (layer, mismatch) = (node.name.clone(), Box::new(mismatch));
                SequenceError::Padded { what, sample, length, layer, mismatch }
            })?);
        }
        Ok(lengths[self.graph.head])
    }

    /// Refuses an input with a number that a layer cannot take, such as one that is no token. Of a sequence, what
    /// comes after its length is not looked at.
    pub(crate) fn check_numbers(
        &self,
        what: &'static str,
        sample: usize,
        x: &[f32],
        length: Option<usize>,
    ) -> Result<(), SequenceError> {
        for node in self.graph.nodes.iter().filter(|node| node.sources[0] == 0) {
            let Some(layer) = node.layer() else { continue };
            let steps = self.input_shape().first().map_or(1, |&steps| steps.max(1));
            let counted = length.unwrap_or(steps).min(steps) * (len(self.input_shape()) / steps);
            layer.check_input(&x[..counted]).map_err(|mismatch| {
                let (layer, mismatch) = (node.name.clone(), Box::new(mismatch));
                SequenceError::Token { what, sample, layer, mismatch }
            })?;
        }
        Ok(())
    }

    /// Says how long the inputs in a workspace are, and clears what comes after.
    pub(crate) fn set_lengths(
        &self,
        workspace: &mut Workspace,
        lengths: impl Iterator<Item = Option<usize>>,
    ) {
        let Workspace { max_batch, activations, lengths: own, .. } = workspace;
        own.set(&self.graph, lengths);
        own.clear_padding(0, *max_batch, self.input_shape(), &mut activations[0]);
    }
}
