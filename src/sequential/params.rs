//! Parameters by name.

use std::ops::Range;

use ndarray::{ArrayRef, ArrayViewD, Dimension};

use super::Sequential;
use crate::error::ModelError;

/// A parameter array of a layer.
#[derive(Debug, Clone)]
pub struct ParamView<'a> {
    /// Name within the layer, such as `weight`.
    pub name: &'a str,
    /// Values, in the shape that the layer's documentation gives.
    pub values: ArrayViewD<'a, f32>,
    /// `true` if an optimizer may change it, `false` for a statistic that the layer keeps.
    pub trainable: bool,
    /// `true` if training leaves it as it is ([`Sequential::freeze`]).
    pub frozen: bool,
    /// Slice of [`Sequential::params`] that holds it.
    pub range: Range<usize>,
}

impl Sequential {
    /// Returns a parameter array by the name that it has in files: the number of its layer, and its name
    /// there.
    ///
    /// ```
    /// use chainrule::prelude::*;
    /// use ndarray::array;
    ///
    /// let mut model = Sequential::new([2]).add(Dense::new(3))?;
    /// assert_eq!(model.param("0.weight")?.shape(), [2, 3]);
    /// model.set_param("0.bias", &array![1.0, 2.0, 3.0])?;
    /// assert_eq!(model.param("0.bias")?[1], 2.0);
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`ModelError::NoParam`] for a name that the model does not have.
    pub fn param(&self, name: &str) -> Result<ArrayViewD<'_, f32>, ModelError> {
        Ok(self.find_param(name)?.1.values)
    }

    /// Replaces the values of a parameter array.
    ///
    /// # Errors
    ///
    /// [`ModelError::NoParam`] for a name that the model does not have, [`ModelError::ParamShape`] for an
    /// array of another shape.
    pub fn set_param<D: Dimension>(
        &mut self,
        name: &str,
        values: &ArrayRef<f32, D>,
    ) -> Result<(), ModelError> {
        let (node, own) = self.find_param(name)?;
        if own.values.shape() != values.shape() {
            let (wanted, came) = (own.values.shape().to_vec(), values.shape().to_vec());
            return Err(ModelError::ParamShape { name: name.to_string(), wanted, came });
        }
        let range = own.range;
        self.params[range].iter_mut().zip(values).for_each(|(own, &value)| *own = value);
        if let Some(prepared) = self.prepared.get_mut() {
            // The node itself, and those that are tied to it.
            let params = &self.graph.nodes[node].params;
            let changed = self.graph.nodes.iter().filter(|other| other.params == *params);
            changed.for_each(|other| prepared.pack_node(&self.graph, other, &self.params));
        }
        Ok(())
    }

    /// Finds an array, and the number of its node.
    fn find_param(&self, name: &str) -> Result<(usize, ParamView<'_>), ModelError> {
        let mut params = Vec::new();
        for layer in self.layers() {
            for own in layer.params() {
                let full = format!("{}.{}", layer.index(), own.name);
                if full == name {
                    return Ok((layer.index(), own));
                }
                params.push(full);
            }
        }
        Err(ModelError::NoParam { name: name.to_string(), params })
    }
}
