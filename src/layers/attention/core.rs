//! Attention of the heads of one sample: the formulas at the top of the module, on queries, keys and
//! values that are there.
//!
//! Queries, keys and values of a head are copied out of the rows of the projection, into rows of whole vectors:
//! so all products run without remainders. The factor `1/√w` goes into the queries.
//!
//! Queries go in blocks. A block stays in the caches from its scores to its outputs. Where attention is causal, a
//! block is short, and what is later than its last query is not computed.

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

/// What the forward pass keeps of each sample and head, and scratch buffers for one head.
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

/// Rows of a block: numbers of the first and of the end, and the number of keys that are looked at.
struct Block {
    first: usize,
    end: usize,
    keys: usize,
}

impl Core {
    /// Floats of a row of a query, a key or a value.
    fn padded(&self) -> usize {
        self.width.next_multiple_of(ALIGN)
    }

    fn block(&self) -> usize {
        if self.causal { CAUSAL_BLOCK } else { BLOCK }
    }

    /// Floats of the queries, of the keys and of the weights of a head.
    fn lens(&self) -> [usize; 3] {
        let (width, keys) = (self.padded(), self.keys.next_multiple_of(ALIGN));
        [self.queries * width, keys * width, self.queries * keys]
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

    /// Blocks of this number of queries, which see this number of keys.
    fn blocks(&self, queries: usize, keys: usize) -> impl Iterator<Item = Block> {
        let (size, causal) = (self.block(), self.causal);
        let keys = keys.next_multiple_of(ALIGN);
        (0..queries).step_by(size).map(move |first| {
            let end = (first + size).min(queries);
            let seen = if causal { end.next_multiple_of(ALIGN) } else { keys };
            Block { first, end, keys: seen.min(keys) }
        })
    }

    /// Computes the outputs of a sample, which has these numbers of queries and keys, and sets those of other
    /// queries to 0. `places` are those of queries, keys and values in `values`.
    pub fn forward(
        &self,
        cache: &mut CoreCache,
        sample: usize,
        [queries, keys]: [usize; 2],
        places: [Place; 3],
        values: &[f32],
        out: &mut [f32],
    ) {
        let (width, total) = (self.padded(), self.heads * self.width);
        let (q_len, k_len) = (queries * width, keys.next_multiple_of(ALIGN) * width);
        out[queries * total..].fill(0.0);
        for head in 0..self.heads {
            let [q, k, p] = self.lens().map(|len| (sample * self.heads + head) * len);
            let q = &mut cache.q[q..][..q_len];
            let (k, v) = (&mut cache.k[k..][..k_len], &mut cache.v[k..][..k_len]);
            let start = |place: Place| &values[place.start + head * self.width..];
            let scale = 1.0 / (self.width as f32).sqrt();
            self.gather(start(places[0]), places[0].row, queries, scale, q);
            self.gather(start(places[1]), places[1].row, keys, 1.0, k);
            self.gather(start(places[2]), places[2].row, keys, 1.0, v);
            let columns = &mut cache.columns[..k_len];
            transpose(k, width, columns);
            let o = &mut cache.out[..q_len];
            for Block { first, end, keys: seen } in self.blocks(queries, keys) {
                let p = &mut cache.p[p + first * (k_len / width)..][..(end - first) * seen];
                let q = &q[first * width..end * width];
                with_columns(q, columns, p, [width, seen, k_len / width]);
                let causal = self.causal;
                softmax_rows(p, seen, |i| if causal { first + i + 1 } else { keys });
                let y = &mut o[first * width..end * width];
                MatMul { x: p, inputs: seen, w: v, onto: Onto::Zeros, y, outputs: width }.run();
            }
            self.scatter(o, total, 1.0, &mut out[head * self.width..]);
        }
    }

    /// Computes the gradients of queries, keys and values, which go to their places in `dvalues`, from those of
    /// the outputs, and sets those of other steps to 0.
    pub fn backward(
        &self,
        cache: &mut CoreCache,
        sample: usize,
        [queries, keys]: [usize; 2],
        places: [Place; 3],
        dout: &[f32],
        dvalues: &mut [f32],
    ) {
        let (width, total) = (self.padded(), self.heads * self.width);
        let (q_len, k_len) = (queries * width, keys.next_multiple_of(ALIGN) * width);
        let counts = [queries..self.queries, keys..self.keys, keys..self.keys];
        for (Place { start, row }, padding) in places.into_iter().zip(counts) {
            for padding in padding.map(|step| start + step * row) {
                dvalues[padding..][..total].fill(0.0);
            }
        }
        for head in 0..self.heads {
            let [q, k, p] = self.lens().map(|len| (sample * self.heads + head) * len);
            let q = &cache.q[q..][..q_len];
            let (k, v) = (&cache.k[k..][..k_len], &cache.v[k..][..k_len]);
            let columns = &mut cache.columns[..k_len];
            transpose(v, width, columns);
            let dout = &dout[head * self.width..];
            self.gather(dout, total, queries, 1.0, &mut cache.out[..q_len]);
            let (dk, dv) = (&mut cache.dk[..k_len], &mut cache.dv[..k_len]);
            dk.fill(0.0);
            dv.fill(0.0);
            for Block { first, end, keys: seen } in self.blocks(queries, keys) {
                let p = &cache.p[p + first * (k_len / width)..][..(end - first) * seen];
                let rows = first * width..end * width;
                let (q, dout) = (&q[rows.clone()], &cache.out[rows.clone()]);
                let ds = &mut cache.ds[..p.len()];
                with_columns(dout, columns, ds, [width, seen, k_len / width]);
                let (dv, dk) = (&mut dv[..seen * width], &mut dk[..seen * width]);
                MatMulTransposed { x: p, inputs: seen, dy: dout, outputs: width, dw: dv }.run();
                softmax_rows_backward(p, ds, seen);
                let dq = &mut cache.dq[rows];
                MatMul { x: ds, inputs: seen, w: k, onto: Onto::Zeros, y: dq, outputs: width }
                    .run();
                MatMulTransposed { x: ds, inputs: seen, dy: q, outputs: width, dw: dk }.run();
            }
            // The queries that were kept have the factor, and so dk has it.
            let scale = 1.0 / (self.width as f32).sqrt();
            let gradients = [
                (&cache.dq[..q_len], scale),
                (&dk[..keys * width], 1.0),
                (&dv[..keys * width], 1.0),
            ];
            for (place, (gradient, scale)) in places.into_iter().zip(gradients) {
                let to = &mut dvalues[place.start + head * self.width..];
                self.scatter(gradient, place.row, scale, to);
            }
        }
    }

    /// Copies this number of rows of a head, times a number, and pads them with zeros; rows after them are 0.
    fn gather(&self, from: &[f32], row: usize, rows: usize, scale: f32, to: &mut [f32]) {
        let width = self.padded();
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
        for (from, to) in from.chunks_exact(self.padded()).zip(to.chunks_mut(row)) {
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
