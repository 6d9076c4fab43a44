//! Attention of the heads of one sample: the formulas at the top of the module, on queries, keys and
//! values that are there.
//!
//! Queries, keys and values of a head are copied out of the rows of the projection, into rows of whole vectors:
//! so all products run without remainders. The factor `1/√w` goes into the queries.
//!
//! Queries go in blocks. A block stays in the caches from its scores to its outputs. Where attention is causal, a
//! block is short, and what is later than its last query is not computed.

use std::ops::Range;

use super::softmax::{softmax_rows, softmax_rows_backward};
use crate::kernels::aligned::Aligned;
use crate::kernels::simd::arch;
use crate::kernels::{ALIGN, Columns, MatMul, MatMulTransposed, Onto, transpose};

/// Number of queries in a block, and in a causal one.
const BLOCK: usize = 64;
const CAUSAL_BLOCK: usize = 16;

/// Sizes of the attention of one sample.
#[derive(Debug, Clone, Copy)]
pub(super) struct Core {
    pub heads: usize,
    /// Width of a head.
    pub width: usize,
    /// Largest numbers of queries, and of keys.
    pub queries: usize,
    pub keys: usize,
    /// `true` if query `i` sees no key after number `i`.
    pub causal: bool,
}

/// Place of the queries, the keys or the values of a sample in a buffer: that of the first, and the distance
/// from one to the next. Those of the heads are side by side.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub start: usize,
    pub row: usize,
}

/// Values that the forward pass keeps of each sample and head, and scratch buffers for one head.
#[derive(Debug)]
pub(super) struct CoreCache {
    q: Aligned,
    k: Aligned,
    v: Aligned,
    /// Weights, block by block.
    p: Aligned,
    /// Keys or values, a column each.
    columns: Aligned,
    /// Gradient of the weights of a block.
    ds: Aligned,
    /// Outputs, or their gradient.
    out: Aligned,
    dq: Aligned,
    dk: Aligned,
    dv: Aligned,
}

/// Sizes and places of one head of one sample in the buffers.
struct Head {
    /// Floats of a row of a query, a key or a value.
    width: usize,
    queries: usize,
    keys: usize,
    /// Number of keys with those of zeros that fill the last vector: the width of a row of weights.
    row: usize,
    /// Ranges of the queries, and of the keys or values.
    q: Range<usize>,
    k: Range<usize>,
    /// Start of the weights.
    p: usize,
}

/// A block of queries: the number of its first, the keys that it looks at, and ranges of its rows and weights.
struct Block {
    first: usize,
    seen: usize,
    rows: Range<usize>,
    p: Range<usize>,
}

impl Core {
    /// Floats of the queries, of the keys and of the weights of a head.
    fn lens(&self) -> [usize; 3] {
        let [width, keys] = [self.width, self.keys].map(|size| size.next_multiple_of(ALIGN));
        [self.queries * width, keys * width, self.queries * keys]
    }

    /// Number of queries in a block.
    fn block(&self) -> usize {
        if self.causal { CAUSAL_BLOCK } else { BLOCK }
    }

    /// The factor of all scores.
    fn scale(&self) -> f32 {
        1.0 / (self.width as f32).sqrt()
    }

    pub fn new_cache(&self, max_batch: usize) -> CoreCache {
        let [q, k, p] = self.lens();
        let all = max_batch * self.heads;
        let block = self.block().min(self.queries) * self.keys.next_multiple_of(ALIGN);
        CoreCache {
            q: Aligned::zeros(all * q),
            k: Aligned::zeros(all * k),
            v: Aligned::zeros(all * k),
            p: Aligned::zeros(all * p),
            columns: Aligned::zeros(k),
            ds: Aligned::zeros(block),
            out: Aligned::zeros(q),
            dq: Aligned::zeros(q),
            dk: Aligned::zeros(k),
            dv: Aligned::zeros(k),
        }
    }

    fn head(&self, sample: usize, head: usize, [queries, keys]: [usize; 2]) -> Head {
        let [q, k, p] = self.lens().map(|len| (sample * self.heads + head) * len);
        let [width, row] = [self.width, keys].map(|size| size.next_multiple_of(ALIGN));
        Head { width, queries, keys, row, q: q..q + queries * width, k: k..k + row * width, p }
    }

    fn blocks(&self, head: &Head) -> impl Iterator<Item = Block> {
        let (size, causal) = (self.block(), self.causal);
        let Head { width, queries, row, p, .. } = *head;
        (0..queries).step_by(size).map(move |first| {
            let end = (first + size).min(queries);
            let seen = if causal { end.next_multiple_of(ALIGN).min(row) } else { row };
            let p = p + first * row;
            Block { first, seen, rows: first * width..end * width, p: p..p + (end - first) * seen }
        })
    }

    /// Computes the outputs of a sample, which has `counts` of queries and keys, and sets those of other queries
    /// to 0. `places` are those of queries, keys and values in `values`.
    pub fn forward(
        &self,
        cache: &mut CoreCache,
        sample: usize,
        counts: [usize; 2],
        places: [Place; 3],
        values: &[f32],
        out: &mut [f32],
    ) {
        let total = self.heads * self.width;
        out[counts[0] * total..].fill(0.0);
        for number in 0..self.heads {
            let head = self.head(sample, number, counts);
            let [q, k, v] = places.map(|Place { start, row }| (start + number * self.width, row));
            self.gather(
                &values[q.0..],
                q.1,
                self.scale(),
                head.queries,
                &mut cache.q[head.q.clone()],
            );
            self.gather(&values[k.0..], k.1, 1.0, head.keys, &mut cache.k[head.k.clone()]);
            self.gather(&values[v.0..], v.1, 1.0, head.keys, &mut cache.v[head.k.clone()]);
            self.attend(cache, &head);
            let o = &cache.out[..head.q.len()];
            self.scatter(o, total, 1.0, &mut out[number * self.width..]);
        }
    }

    /// Computes weights and outputs of a head.
    fn attend(&self, cache: &mut CoreCache, head: &Head) {
        let CoreCache { q, k, v, p, columns, out, .. } = cache;
        let (width, row) = (head.width, head.row);
        let (q, k, v) = (&q[head.q.clone()], &k[head.k.clone()], &v[head.k.clone()]);
        let columns = &mut columns[..k.len()];
        transpose(k, width, columns);
        for Block { first, seen, rows, p: own } in self.blocks(head) {
            let (p, y) = (&mut p[own], &mut out[rows.clone()]);
            with_columns(&q[rows], columns, p, [width, seen, row]);
            softmax_rows(p, seen, |i| if self.causal { first + i + 1 } else { head.keys });
            MatMul { x: p, inputs: seen, w: v, onto: Onto::Zeros, y, outputs: width }.run();
        }
    }

    /// Computes the gradients of queries, keys and values, which go to their places in `dvalues`, from those of
    /// the outputs, and sets those of other steps to 0.
    pub fn backward(
        &self,
        cache: &mut CoreCache,
        sample: usize,
        counts: [usize; 2],
        places: [Place; 3],
        dout: &[f32],
        dvalues: &mut [f32],
    ) {
        let (total, [queries, keys]) = (self.heads * self.width, counts);
        let padding = [queries..self.queries, keys..self.keys, keys..self.keys];
        for (Place { start, row }, steps) in places.into_iter().zip(padding) {
            steps.for_each(|step| dvalues[start + step * row..][..total].fill(0.0));
        }
        for number in 0..self.heads {
            let head = self.head(sample, number, counts);
            let own = &dout[number * self.width..];
            self.gather(own, total, 1.0, queries, &mut cache.out[..head.q.len()]);
            self.attend_backward(cache, &head);
            let keys = keys * head.width;
            // The factor of the scores is in the queries that were kept, and so in dk.
            let gradients = [
                (&cache.dq[..head.q.len()], self.scale()),
                (&cache.dk[..keys], 1.0),
                (&cache.dv[..keys], 1.0),
            ];
            for (Place { start, row }, (gradient, scale)) in places.into_iter().zip(gradients) {
                let to = &mut dvalues[start + number * self.width..];
                self.scatter(gradient, row, scale, to);
            }
        }
    }

    /// Computes the gradients of a head from that of its outputs.
    fn attend_backward(&self, cache: &mut CoreCache, head: &Head) {
        let CoreCache { q, k, v, p, columns, ds, out: dout, dq, dk, dv } = cache;
        let (width, row) = (head.width, head.row);
        let (q, k, v) = (&q[head.q.clone()], &k[head.k.clone()], &v[head.k.clone()]);
        let columns = &mut columns[..k.len()];
        transpose(v, width, columns);
        dk[..k.len()].fill(0.0);
        dv[..k.len()].fill(0.0);
        for Block { seen, rows, p: own, .. } in self.blocks(head) {
            let (q, dout, dq) = (&q[rows.clone()], &dout[rows.clone()], &mut dq[rows]);
            let (dk, dv) = (&mut dk[..seen * width], &mut dv[..seen * width]);
            let (p, ds) = (&p[own.clone()], &mut ds[..own.len()]);
            with_columns(dout, columns, ds, [width, seen, row]);
            MatMulTransposed { x: p, inputs: seen, dy: dout, outputs: width, dw: dv }.run();
            softmax_rows_backward(p, ds, seen);
            MatMul { x: ds, inputs: seen, w: k, onto: Onto::Zeros, y: dq, outputs: width }.run();
            MatMulTransposed { x: ds, inputs: seen, dy: q, outputs: width, dw: dk }.run();
        }
    }

    /// Copies the rows of a head, times a number, and pads them with zeros; those after them are 0.
    fn gather(&self, from: &[f32], row: usize, scale: f32, rows: usize, to: &mut [f32]) {
        let width = self.width.next_multiple_of(ALIGN);
        let (to, padding) = to.split_at_mut(rows * width);
        padding.fill(0.0);
        for (from, to) in from.chunks(row).zip(to.chunks_exact_mut(width)) {
            let (to, padding) = to.split_at_mut(self.width);
            for (to, from) in to.iter_mut().zip(from) {
                *to = scale * from;
            }
            padding.fill(0.0);
        }
    }

    /// Copies the rows of a head, times a number, to where the heads stand side by side.
    fn scatter(&self, from: &[f32], row: usize, scale: f32, to: &mut [f32]) {
        let width = self.width.next_multiple_of(ALIGN);
        for (from, to) in from.chunks_exact(width).zip(to.chunks_mut(row)) {
            for (to, from) in to.iter_mut().zip(&from[..self.width]) {
                *to = scale * from;
            }
        }
    }
}

/// Products of each row of `x` with the first `seen` of the columns.
fn with_columns(x: &[f32], columns: &[f32], y: &mut [f32], [inputs, seen, row]: [usize; 3]) {
    let product = MatMul { x, inputs, w: columns, onto: Onto::Zeros, y, outputs: seen };
    arch().dispatch(Columns { product, row });
}
