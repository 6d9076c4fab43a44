//! A block of a transformer: attention between the steps, then two dense layers at each step.

use super::residual::Residual;
use super::{Block, Sequential};
use crate::error::Result;
use crate::layers::{Dense, Dropout, Gelu, LayerNorm, SelfAttention};

/// Adds two residual blocks: one of attention, in which steps read from each other, and one of two dense
/// layers, in which each step computes by itself.
///
/// ```text
/// z = x + dropout(attention(norm(x)))
/// y = z + dropout(dense(gelu(dense(norm(z)))))
///
/// dz = dy + Jᵀ·dy        J: the derivative of the layers of the second block
/// dx = dz + Kᵀ·dz        K: that of the first
/// ```
///
/// The norms come before the layers, as in GPT-2: then a shortcut leads from the output to the input, past all
/// norms, and deep models train without a warmup. Behind the last of such blocks belongs one more
/// [`LayerNorm`]. In the paper, the norms come after the sums, which [`TransformerBlock::post_norm`] does.
///
/// - **Plain twin**: [`reference::residual`](crate::reference::residual()), twice, around
///   [`reference::self_attention`](crate::reference::self_attention()) and
///   [`reference::dense`](crate::reference::dense()).
/// - **Input**: (steps, d), a sequence of features.
/// - **Output**: (steps, d).
/// - **Parameters**: those of the layers, in order: scale and shift (d) of a norm; the attention's
///   `4·d·(d + 1)`; scale and shift of the other norm; (d + 1)·hidden and (hidden + 1)·d of the dense layers.
/// - **Errors**: those of [`SelfAttention`], [`Dense`] and [`Dropout`].
/// - **Source**: A. Vaswani et al., "Attention is all you need", NIPS 2017; the norms before the layers: R. Xiong
///   et al., "On layer normalization in the transformer architecture", ICML 2020.
///
/// ```
/// use chainrule::prelude::*;
///
/// // Two blocks over 20 steps of 32 features, with 4 heads and 128 hidden units.
/// let model = Sequential::new([20, 32])
///     .add(TransformerBlock::new(4, 128).causal())?
///     .add(TransformerBlock::new(4, 128).causal().dropout(0.1))?
///     .add(LayerNorm::new())?
///     .add(Dense::new(10))?;
/// assert_eq!(model.output_shape(), [20, 10]);
/// # Ok::<(), chainrule::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct TransformerBlock {
    attention: SelfAttention,
    hidden: usize,
    dropout: f32,
    post_norm: bool,
}

impl TransformerBlock {
    /// Creates a block with this number of heads, and of units between the two dense layers: four times the
    /// features are usual.
    pub fn new(heads: usize, hidden: usize) -> Self {
        let attention = SelfAttention::new(heads);
        TransformerBlock { attention, hidden, dropout: 0.0, post_norm: false }
    }

    /// Lets no step see a later one.
    #[must_use]
    pub fn causal(self) -> Self {
        TransformerBlock { attention: self.attention.causal(), ..self }
    }

    /// Drops this share of what the attention and the dense layers add.
    #[must_use]
    pub fn dropout(self, rate: f32) -> Self {
        TransformerBlock { dropout: rate, ..self }
    }

    /// Puts the norms after the sums: `norm(x + f(x))`, as in the paper, in place of `x + f(norm(x))`.
    #[must_use]
    pub fn post_norm(self) -> Self {
        TransformerBlock { post_norm: true, ..self }
    }

    /// Adds `f` around a shortcut, with its norm and dropout.
    fn add_residual(
        self,
        model: Sequential,
        f: impl FnOnce(Sequential) -> Result<Sequential> + 'static,
    ) -> Result<Sequential> {
        let TransformerBlock { dropout, post_norm, .. } = self;
        let model = model.add(Residual::new(move |x| {
            let x = f(if post_norm { x } else { x.add(LayerNorm::new())? })?;
            if dropout == 0.0 { Ok(x) } else { x.add(Dropout::new(dropout)) }
        }))?;
        if post_norm { model.add(LayerNorm::new()) } else { Ok(model) }
    }
}

impl Block for TransformerBlock {
    fn add_to(self, model: Sequential) -> Result<Sequential> {
        let features = model.output_shape().last().copied().unwrap_or(1);
        let model = self.add_residual(model, move |x| x.add(self.attention))?;
        self.add_residual(model, move |x| {
            x.add(Dense::new(self.hidden))?.add(Gelu)?.add(Dense::new(features))
        })
    }
}
