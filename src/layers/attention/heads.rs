//! Settings that the layers of attention share.

use serde::{Deserialize, Serialize};

use crate::error::Mismatch;
use crate::init::Init;
use crate::shape::{LIMIT, fits};

/// Number and width of the heads, and the start of the weights.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Heads {
    pub heads: usize,
    /// Numbers of a query, a key or a value; `None` where the heads divide the features.
    pub head_width: Option<usize>,
    pub bias: bool,
    pub init: Init,
}

impl Heads {
    pub fn new(heads: usize) -> Self {
        Heads { heads, head_width: None, bias: true, init: Init::GlorotUniform }
    }

    /// Width of a head for inputs of this number of features.
    pub fn width(&self, features: usize) -> usize {
        self.head_width.unwrap_or(features / self.heads.max(1))
    }

    /// Width of all heads side by side.
    pub fn total(&self, features: usize) -> usize {
        self.heads * self.width(features)
    }

    /// Settings that are not the defaults, for a name.
    pub fn label(&self) -> String {
        let width = self.head_width.map(|width| format!(" of {width}")).unwrap_or_default();
        let bias = if self.bias { "" } else { ", no bias" };
        format!("{}{width}{bias}", self.heads)
    }

    /// Refuses heads that do not fit the features, and more weights than memory should hold.
    pub fn check(&self, features: usize, queries: usize, keys: usize) -> Result<(), Mismatch> {
        if self.heads == 0 || self.head_width == Some(0) {
            return Err(Mismatch::new(
                "at least one head, and a width of at least 1",
                "4 heads are usual",
            ));
        }
        if self.head_width.is_none() && !features.is_multiple_of(self.heads) {
            return Err(Mismatch::new(
                format!("a number of features that {} heads divide", self.heads),
                "choose another number of heads, or say how wide a head is with `.head_width(..)`",
            ));
        }
        let width = self.head_width.unwrap_or(features / self.heads);
        let padded = |steps: usize| steps.checked_next_multiple_of(16).unwrap_or(usize::MAX);
        let sizes = [
            [self.heads, queries, padded(keys)],
            [self.heads, queries.max(padded(keys)), padded(width)],
            [self.heads, features, padded(width)],
        ];
        if !sizes.iter().all(|size| fits(size)) {
            return Err(Mismatch::new(
                format!("at most {LIMIT} weights, and as many of attention in a sample"),
                "use shorter sequences, or fewer or narrower heads",
            ));
        }
        Ok(())
    }
}

/// Refuses what is no sequence of features.
pub(super) fn sequence(input: &[usize]) -> Result<[usize; 2], Mismatch> {
    match *input {
        [steps, features] => Ok([steps, features]),
        _ => Err(Mismatch::new(
            "sequences of shape steps×features",
            "give the data this shape with `Reshape`",
        )),
    }
}
