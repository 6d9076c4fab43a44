//! A model without its last layers.

use std::sync::OnceLock;

use super::Sequential;
use super::node::Op;
use crate::error::{ModelError, Result};

impl Sequential {
    /// Keeps the first `layers` layers, counted as in the summary. Longer than the model, it changes
    /// nothing.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let model = Sequential::new([4]).add(Dense::new(8))?.add(Relu)?.add(Dense::new(10))?;
    /// let body = model.clone().truncate(2)?;
    /// assert_eq!(body.output_shape(), [8]);
    /// assert_eq!(body.params(), &model.params()[..body.param_count()]);
    /// let other = body.add(Dense::new(2))?;
    /// assert_eq!(other.output_shape(), [2]);
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ModelError::Cut`] within the branches of a block.
    pub fn truncate(mut self, layers: usize) -> Result<Self> {
        let nodes = &mut self.graph.nodes;
        if layers >= nodes.len() {
            return Ok(self);
        }
        if self.depth > 0 {
            return Err(ModelError::Branch { block: "a block".to_string() }.into());
        }
        let starts_before = |&index: &usize| nodes[index].start(index) < layers;
        if let Some(join) = (layers..nodes.len()).rev().find(starts_before) {
            let (block, start) = (nodes[join].name.clone(), nodes[join].start(join));
            return Err(ModelError::Cut { at: layers, block, start, end: join + 1 }.into());
        }
        nodes.truncate(layers);
        if let Some(Op::Layer { fused, .. }) = nodes.last_mut().map(|last| &mut last.op) {
            // The next layer is gone, whose work it did.
            *fused = None;
        }
        self.params.truncate(nodes.iter().map(|node| node.params.end).max().unwrap_or(0));
        self.graph.head = layers;
        self.forks.retain(|&fork| fork < layers);
        self.class_names.clear();
        self.prepared = OnceLock::new();
        Ok(self)
    }

    /// Takes off the last `blocks` layers. A block of branches counts as one.
    ///
    /// ```
    /// use chainrule::prelude::*;
    ///
    /// let model = Sequential::new([4])
    ///     .add(Dense::new(8))?
    ///     .add(Residual::new(|x| x.add(Dense::new(8))?.add(Relu)))?
    ///     .add(Dense::new(10))?;
    /// assert_eq!(model.without_last(2)?.layers().len(), 1);
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ModelError::TooFew`] where the model has not as many.
    pub fn without_last(self, blocks: usize) -> Result<Self> {
        let mut end = self.graph.nodes.len();
        for taken in 0..blocks {
            let Some(last) = end.checked_sub(1) else {
                return Err(ModelError::TooFew { wanted: blocks, came: taken }.into());
            };
            end = self.graph.nodes[last].start(last);
        }
        self.truncate(end)
    }
}
