//! Inputs of a shard on their way into a workspace, and how much of each counts.

use super::Sequential;
use super::lengths::output_length;
use super::workspace::Workspace;
use crate::data::Dataset;
use crate::error::{ModelError, Result};

impl Sequential {
    /// Reads the inputs with these numbers into a workspace.
    pub(super) fn load_inputs(
        &self,
        data: &dyn Dataset,
        indices: impl Iterator<Item = usize> + Clone,
        workspace: &mut Workspace,
    ) -> Result<()> {
        for (index, x) in indices.clone().zip(workspace.inputs()) {
            data.input(index, x)?;
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
    ) -> Result<usize, ModelError> {
        let steps = self.input_shape().first().copied().unwrap_or(0);
        if !(1..=steps).contains(&length) {
            return Err(ModelError::SequenceLength { what, sample, length, steps });
        }
        let mut lengths = vec![length];
        for node in &self.graph.nodes {
            let sources = node.sources.iter().map(|&source| lengths[source]);
            lengths.push(output_length(node, sources).map_err(|mismatch| {
                let (layer, mismatch) = (node.name.clone(), Box::new(mismatch));
                ModelError::Padded { what, sample, length, layer, mismatch }
            })?);
        }
        Ok(lengths[self.graph.head])
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
