//! Attention: each step of a sequence reads from other steps, and decides itself how much from which.
//!
//! ```text
//! S = q·kᵀ/√w        P = softmax(S), row by row        o = P·v
//! ```
//!
//! A step asks with its query `q`. Its score with another step is the product of `q` and that step's
//! key `k`. The softmax makes weights of the scores of a row, and the output is the mean of the values
//! `v` under these weights. `h` heads do this side by side, each with queries, keys and values of `w`
//! numbers. Without the factor `1/√w` the scores would grow with `w`, and a softmax of large scores has
//! almost no gradient.
//!
//! # The backward pass
//!
//! `o = P·v` is a product of matrices, and sends a gradient to both. So is `S`. Between them is the
//! softmax, whose derivative is `∂P[i, j]/∂S[i, l] = P[i, j]·([j = l] - P[i, l])`:
//!
//! ```text
//! dv = Pᵀ·do        dP = do·vᵀ
//! dS[i, j] = P[i, j]·(dP[i, j] - Σₗ dP[i, l]·P[i, l])
//! dq = dS·k/√w      dk = dSᵀ·q/√w
//! ```
//!
//! # What must not be seen
//!
//! A score that is -∞ gets the weight 0: the scores with later steps where attention is causal, and with
//! the padding of a shorter sequence. `P` is 0 there, hence `dS` too, and nothing flows back.
//!
//! `heads` holds the settings, `projection` the products with weights before and after the heads,
//! `core` the formulas above for all heads of a sample, and `softmax` the rows of its scores. The two
//! layers are [`SelfAttention`] and [`CrossAttention`].

mod core;
mod cross_attention;
mod heads;
mod parts;
mod projection;
mod self_attention;
mod softmax;

pub use cross_attention::CrossAttention;
pub use self_attention::SelfAttention;
