//! The two parts of the sequences of a cross-attention, queries and memory.
//!
//! A product runs over the steps of all samples at once, and so each part of all samples lies in a buffer of its
//! own.

use super::core::{Core, Place};
use crate::kernels::aligned::Aligned;

/// Sizes of the two parts in a batch.
pub(super) struct Parts {
    /// Floats of the steps that are queries, and of those that are memory.
    pub inputs: [usize; 2],
    /// Floats of the queries behind the projection, and of keys and values.
    pub projected: [usize; 2],
    samples: usize,
    /// Width of all heads side by side.
    total: usize,
}

impl Parts {
    /// Those of a batch of `samples`.
    pub fn new(core: &Core, samples: usize, features: usize) -> Self {
        let (queries, keys) = (samples * core.queries, samples * core.keys);
        let total = core.heads * core.width;
        Parts {
            inputs: [queries * features, keys * features],
            projected: [queries * total, keys * 2 * total],
            samples,
            total,
        }
    }

    /// Number of floats of queries, keys and values.
    pub fn projected(&self) -> usize {
        self.projected[0] + self.projected[1]
    }

    /// The beginnings of two buffers that hold the parts of the inputs.
    pub fn of<'a>(&self, buffers: &'a mut [Aligned; 2]) -> [&'a mut [f32]; 2] {
        let [queries, memories] = buffers;
        [&mut queries[..self.inputs[0]], &mut memories[..self.inputs[1]]]
    }

    /// Copies each sample's queries and memory to where those of all samples are.
    pub fn split(&self, x: &[f32], queries: &mut [f32], memories: &mut [f32]) {
        let [query, memory] = self.inputs.map(|len| len / self.samples);
        let parts = queries.chunks_exact_mut(query).zip(memories.chunks_exact_mut(memory));
        for ((queries, memory), x) in parts.zip(x.chunks_exact(query + memory)) {
            let (first, rest) = x.split_at(query);
            queries.copy_from_slice(first);
            memory.copy_from_slice(rest);
        }
    }

    /// Copies the parts back into sequences.
    pub fn join(&self, queries: &[f32], memories: &[f32], x: &mut [f32]) {
        let [query, memory] = self.inputs.map(|len| len / self.samples);
        let parts = queries.chunks_exact(query).zip(memories.chunks_exact(memory));
        for ((queries, memory), x) in parts.zip(x.chunks_exact_mut(query + memory)) {
            let (first, rest) = x.split_at_mut(query);
            first.copy_from_slice(queries);
            rest.copy_from_slice(memory);
        }
    }

    /// Places of a sample's queries, keys and values.
    pub fn places(&self, sample: usize) -> [Place; 3] {
        let [queries, memory] = self.projected.map(|len| sample * (len / self.samples));
        let memory = self.projected[0] + memory;
        [
            Place { start: queries, row: self.total },
            Place { start: memory, row: 2 * self.total },
            Place { start: memory + self.total, row: 2 * self.total },
        ]
    }
}
