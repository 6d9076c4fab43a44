//! Convolution as a product of matrices: for any dilation, stride, padding and groups.
//!
//! The windows of some output pixels are copied out of the image, one to a row ("image to column",
//! from where columns come first in memory). A row times the kernel is a pixel's output, and the
//! gradients are those of a dense layer; `dx` adds each row back to where it was copied from.
//!
//! ```text
//! X[p, (i, j, c)] = x[h·s + i·d - p, w·s + j·d - p, c], or 0 in the padding
//! y = X·W + b            dW = Xᵀ·dy            dX = dy·Wᵀ, and its numbers added up in dx
//! ```
//!
//! With groups this is done for each, over its channels and filters. The matrix repeats every pixel
//! once a tap, and so is made for [`PIXELS_PER_BLOCK`] pixels at a time, to be still in the cache when it is
//! multiplied.
//!
//! Source: K. Chellapilla, S. Puri, P. Simard, "High performance convolutional neural networks for
//! document processing", 2006.

use pulp::{Simd, WithSimd};

use super::convolution::{
    Algorithm, BackwardArgs, ConvPasses, ConvShape, ForwardArgs, KernelGradient,
};
use super::simd::arch;
use super::{ALIGN, MatMul, MatMulTransposed, Onto, transpose};
use crate::kernels::aligned::Aligned;

/// Rows of the matrix: whole tiles of `MatMul`, whether of 6, 8 or 12 rows.
const PIXELS_PER_BLOCK: usize = 48;

/// A convolution by products of matrices.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Im2col {
    shape: ConvShape,
    /// The sizes of one group's product: floats of a window, and filters.
    inputs: usize,
    outputs: usize,
}

/// Its passes, and room for one block of one group and for the gradient of the kernel.
#[derive(Debug)]
struct Im2colPasses {
    im2col: Im2col,
    /// X, and then dX: (pixel, input)
    windows: Aligned,
    /// y, or dy: (pixel, output)
    pixels: Aligned,
    /// (group, input, output)
    dw: Aligned,
}

/// Some output pixels, counted through all images.
#[derive(Clone, Copy)]
struct PixelBlock {
    first: usize,
    count: usize,
}

impl Algorithm for Im2col {
    /// W and Wᵀ of each group.
    fn packed_len(&self) -> usize {
        self.shape.groups * self.group_len().iter().sum::<usize>()
    }

    fn pack(&self, kernel: &[f32], _bias: Option<&[f32]>, packed: &mut [f32], dx: bool) {
        let [len, transposed_len] = self.group_len();
        let width = self.outputs.next_multiple_of(ALIGN);
        for (group, packed) in packed.chunks_exact_mut(len + transposed_len).enumerate() {
            let (w, transposed) = packed.split_at_mut(len);
            let rows = kernel.chunks_exact(self.shape.filters).zip(w.chunks_exact_mut(width));
            for (row, to) in rows {
                let (to, padding) = to.split_at_mut(self.outputs);
                to.copy_from_slice(&row[group * self.outputs..][..self.outputs]);
                padding.fill(0.0);
            }
            if dx {
                transpose(w, width, transposed);
            }
        }
    }

    fn passes(&self) -> Box<dyn ConvPasses> {
        Box::new(Im2colPasses {
            im2col: *self,
            windows: Aligned::zeros(PIXELS_PER_BLOCK * self.inputs),
            pixels: Aligned::zeros(PIXELS_PER_BLOCK * self.outputs),
            dw: Aligned::zeros(self.shape.groups * self.inputs * self.outputs),
        })
    }
}

impl ConvPasses for Im2colPasses {
    fn forward(&mut self, args: ForwardArgs<'_>) {
        let Im2colPasses { im2col, windows, pixels, .. } = self;
        let ForwardArgs { x, weights, lower_bound, y } = args;
        let (inputs, outputs) = (im2col.inputs, im2col.outputs);
        for (block, group) in im2col.blocks(y) {
            let windows = &mut windows[..block.count * inputs];
            let pixels = &mut pixels[..block.count * outputs];
            im2col.gather(block, group, x, windows);
            let [w, _] = im2col.matrices(weights.packed, group);
            let bias = weights.bias.map(|bias| &bias[group * outputs..][..outputs]);
            let onto = bias.map_or(Onto::Zeros, Onto::Bias);
            MatMul { x: windows, inputs, w, onto, y: pixels, outputs }.run();
            for (y, sums) in im2col.filters_mut(y, block, group).zip(pixels.chunks_exact(outputs)) {
                for (y, &sum) in y.iter_mut().zip(sums) {
                    *y = if sum < lower_bound { lower_bound } else { sum };
                }
            }
        }
    }

    fn backward(&mut self, args: BackwardArgs<'_>) {
        let BackwardArgs { packed, dy, kernel, dx } = args;
        if let Some(gradient) = kernel {
            self.kernel_gradient(dy, gradient);
        }
        if let Some(dx) = dx {
            self.input_gradient(packed, dy, dx);
        }
    }
}

impl Im2colPasses {
    fn kernel_gradient(&mut self, dy: &[f32], KernelGradient { x, dw }: KernelGradient<'_>) {
        let Im2colPasses { im2col, windows, pixels, dw: sums } = self;
        let (inputs, outputs) = (im2col.inputs, im2col.outputs);
        sums.fill(0.0);
        for (block, group) in im2col.blocks(dy) {
            let windows = &mut windows[..block.count * inputs];
            let pixels = &mut pixels[..block.count * outputs];
            im2col.gather(block, group, x, windows);
            im2col.copy_filters(dy, block, group, pixels);
            let dw = &mut sums[group * inputs * outputs..][..inputs * outputs];
            MatMulTransposed { x: windows, inputs, dy: pixels, outputs, dw }.run();
        }
        for (group, sums) in sums.chunks_exact(inputs * outputs).enumerate() {
            let rows = dw.chunks_exact_mut(im2col.shape.filters).zip(sums.chunks_exact(outputs));
            for (dw, sums) in rows {
                for (dw, sum) in dw[group * outputs..].iter_mut().zip(sums) {
                    *dw += sum;
                }
            }
        }
    }

    fn input_gradient(&mut self, packed: &[f32], dy: &[f32], dx: &mut [f32]) {
        let Im2colPasses { im2col, windows, pixels, .. } = self;
        let (inputs, outputs) = (im2col.inputs, im2col.outputs);
        dx.fill(0.0);
        for (block, group) in im2col.blocks(dy) {
            let windows = &mut windows[..block.count * inputs];
            let pixels = &mut pixels[..block.count * outputs];
            im2col.copy_filters(dy, block, group, pixels);
            let [_, w] = im2col.matrices(packed, group);
            MatMul {
                x: pixels,
                inputs: outputs,
                w,
                onto: Onto::Zeros,
                y: windows,
                outputs: inputs,
            }
            .run();
            arch().dispatch(Col2im { im2col, block, group, windows, dx });
        }
    }
}

impl Im2col {
    pub fn new(shape: ConvShape) -> Self {
        let ConvShape { rows, cols, channels, filters, groups } = shape;
        let inputs = rows.kernel * cols.kernel * (channels / groups);
        Im2col { shape, inputs, outputs: filters / groups }
    }

    /// The floats of a group's W and Wᵀ, their rows padded to whole vectors.
    fn group_len(&self) -> [usize; 2] {
        let width = self.outputs.next_multiple_of(ALIGN);
        [self.inputs * width, width * self.inputs.next_multiple_of(ALIGN)]
    }

    /// All blocks of output pixels, each with all groups.
    fn blocks(&self, y: &[f32]) -> impl Iterator<Item = (PixelBlock, usize)> + use<> {
        let (pixels, groups) = (y.len() / self.shape.filters, self.shape.groups);
        (0..pixels).step_by(PIXELS_PER_BLOCK).flat_map(move |first| {
            let block = PixelBlock { first, count: PIXELS_PER_BLOCK.min(pixels - first) };
            (0..groups).map(move |group| (block, group))
        })
    }

    /// A group's W and Wᵀ.
    fn matrices<'a>(&self, packed: &'a [f32], group: usize) -> [&'a [f32]; 2] {
        let [len, transposed_len] = self.group_len();
        let (w, transposed) = packed[group * (len + transposed_len)..].split_at(len);
        [w, &transposed[..transposed_len]]
    }

    /// A group's filters of the pixels of a block.
    fn filters_mut<'a>(
        &self,
        y: &'a mut [f32],
        block: PixelBlock,
        group: usize,
    ) -> impl Iterator<Item = &'a mut [f32]> + use<'a> {
        let (outputs, filters) = (self.outputs, self.shape.filters);
        let pixels = y[block.first * filters..].chunks_exact_mut(filters).take(block.count);
        pixels.map(move |pixel| &mut pixel[group * outputs..][..outputs])
    }

    fn copy_filters(&self, dy: &[f32], block: PixelBlock, group: usize, to: &mut [f32]) {
        let (outputs, filters) = (self.outputs, self.shape.filters);
        let pixels = dy[block.first * filters..].chunks_exact(filters);
        for (to, pixel) in to.chunks_exact_mut(outputs).zip(pixels) {
            to.copy_from_slice(&pixel[group * outputs..][..outputs]);
        }
    }

    /// Copies the windows of a block out of the images.
    fn gather(&self, block: PixelBlock, group: usize, x: &[f32], windows: &mut [f32]) {
        let mut taps = windows.chunks_exact_mut(self.shape.channels / self.shape.groups);
        self.for_each_tap(block, group, |pixel| {
            let Some(tap) = taps.next() else { return };
            match pixel {
                Some(at) => tap.copy_from_slice(&x[at..at + tap.len()]),
                None => tap.fill(0.0),
            }
        });
    }

    /// Where the group's channels stand under each tap of the windows of a block, in the order of
    /// the matrix; `None` in the padding.
    #[inline(always)]
    fn for_each_tap(&self, block: PixelBlock, group: usize, mut visit: impl FnMut(Option<usize>)) {
        let ConvShape { rows, cols, channels, groups, .. } = self.shape;
        let first_channel = group * (channels / groups);
        for pixel in block.first..block.first + block.count {
            let (row, w) = (pixel / cols.output, pixel % cols.output);
            let (image, h) = (row / rows.output, row % rows.output);
            for i in 0..rows.kernel {
                let row = rows.under(h, i);
                for j in 0..cols.kernel {
                    visit(row.zip(cols.under(w, j)).map(|(row, col)| {
                        ((image * rows.input + row) * cols.input + col) * channels + first_channel
                    }));
                }
            }
        }
    }
}

/// Adds the windows of a block to where they were copied from.
struct Col2im<'a> {
    im2col: &'a Im2col,
    block: PixelBlock,
    group: usize,
    windows: &'a [f32],
    dx: &'a mut [f32],
}

impl WithSimd for Col2im<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _simd: S) {
        let Col2im { im2col, block, group, windows, dx } = self;
        let mut taps = windows.chunks_exact(im2col.shape.channels / im2col.shape.groups);
        im2col.for_each_tap(block, group, |pixel| {
            let (Some(tap), Some(at)) = (taps.next(), pixel) else { return };
            for (dx, value) in dx[at..at + tap.len()].iter_mut().zip(tap) {
                *dx += value;
            }
        });
    }
}
