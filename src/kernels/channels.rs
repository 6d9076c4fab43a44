//! The four loops of batch normalization, over the channels of pixels.
//!
//! Channels are taken in blocks of 16, all pixels for each: so what belongs to a channel (its mean,
//! its sums) stays in registers. Pixel by pixel over all channels, with the sums in memory, an epoch
//! of `mnist_resnet` took 12.4 s on one thread, and now takes 9.7. What is left waits for memory.

use pulp::{Simd, WithSimd};

use super::simd::arch;

/// Channels that are worked on together, while there are so many.
const CHANNELS_PER_BLOCK: usize = 16;

/// What happens to `W` channels, from number `c` on, of all pixels.
trait Channels {
    /// Returns `W`.
    fn run<const W: usize>(&mut self, c: usize) -> usize;
}

fn for_each_block(channels: usize, pass: impl Channels) {
    arch().dispatch(ChannelBlocks { channels, pass });
}

/// The blocks of all channels. (A closure as long as this would not be compiled for vectors: see
/// `simd.rs`.)
struct ChannelBlocks<P> {
    channels: usize,
    pass: P,
}

impl<P: Channels> WithSimd for ChannelBlocks<P> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, _simd: S) {
        let mut c = 0;
        while c < self.channels {
            c += match self.channels - c {
                CHANNELS_PER_BLOCK.. => self.pass.run::<CHANNELS_PER_BLOCK>(c),
                4.. => self.pass.run::<4>(c),
                _ => self.pass.run::<1>(c),
            };
        }
    }
}

/// `W` numbers from `c` on.
#[inline(always)]
fn block<T: Copy, const W: usize>(of: &[T], c: usize) -> [T; W] {
    *of[c..].first_chunk().expect("a block of channels fits")
}

/// Mean and 1/√(σ² + ε) of each channel.
#[derive(Clone, Copy)]
pub(crate) struct Normal<'a> {
    pub mean: &'a [f32],
    pub inverse: &'a [f32],
}

/// Adds Σx and Σx².
pub(crate) fn add_moments(x: &[f32], sum: &mut [f64], squares: &mut [f64]) {
    for_each_block(sum.len(), Moments { x, sum, squares });
}

struct Moments<'a> {
    x: &'a [f32],
    sum: &'a mut [f64],
    squares: &'a mut [f64],
}

impl Channels for Moments<'_> {
    #[inline(always)]
    fn run<const W: usize>(&mut self, c: usize) -> usize {
        let (mut sum, mut squares): ([f64; W], [f64; W]) =
            (block(self.sum, c), block(self.squares, c));
        for x in self.x.chunks_exact(self.sum.len()) {
            let x: [f32; W] = block(x, c);
            for l in 0..W {
                let x = f64::from(x[l]);
                sum[l] += x;
                squares[l] += x * x;
            }
        }
        self.sum[c..c + W].copy_from_slice(&sum);
        self.squares[c..c + W].copy_from_slice(&squares);
        W
    }
}

/// `y = max(scale·(x - mean)·inverse + shift, lower_bound)`
pub(crate) struct Normalize<'a> {
    pub normal: Normal<'a>,
    pub scale: &'a [f32],
    pub shift: &'a [f32],
    pub lower_bound: f32,
    pub x: &'a [f32],
    pub y: &'a mut [f32],
}

impl Normalize<'_> {
    pub fn run(self) {
        for_each_block(self.scale.len(), self);
    }
}

impl Channels for Normalize<'_> {
    #[inline(always)]
    fn run<const W: usize>(&mut self, c: usize) -> usize {
        let channels = self.scale.len();
        let mean: [f32; W] = block(self.normal.mean, c);
        let inverse: [f32; W] = block(self.normal.inverse, c);
        let (scale, shift): ([f32; W], [f32; W]) = (block(self.scale, c), block(self.shift, c));
        let lower_bound = self.lower_bound;
        for (x, y) in self.x.chunks_exact(channels).zip(self.y.chunks_exact_mut(channels)) {
            let x: [f32; W] = block(x, c);
            let y: &mut [f32; W] = y[c..].first_chunk_mut().expect("a block of channels fits");
            for l in 0..W {
                let normal = (x[l] - mean[l]) * inverse[l] * scale[l] + shift[l];
                y[l] = if normal < lower_bound { lower_bound } else { normal };
            }
        }
        W
    }
}

/// Source of the gradient of a normalization: `dy` counts where `y` is above the lower bound.
#[derive(Clone, Copy)]
pub(crate) struct OutputGradient<'a> {
    pub y: &'a [f32],
    pub dy: &'a [f32],
    pub lower_bound: f32,
}

/// Σdy and Σdy·x̂, overwritten.
pub(crate) fn sum_gradients(
    normal: Normal<'_>,
    x: &[f32],
    outputs: OutputGradient<'_>,
    dshift: &mut [f64],
    dscale: &mut [f64],
) {
    for_each_block(dshift.len(), GradientSums { normal, x, outputs, dshift, dscale });
}

struct GradientSums<'a> {
    normal: Normal<'a>,
    x: &'a [f32],
    outputs: OutputGradient<'a>,
    dshift: &'a mut [f64],
    dscale: &'a mut [f64],
}

impl Channels for GradientSums<'_> {
    #[inline(always)]
    fn run<const W: usize>(&mut self, c: usize) -> usize {
        let channels = self.dshift.len();
        let mean: [f32; W] = block(self.normal.mean, c);
        let inverse: [f32; W] = block(self.normal.inverse, c);
        let (mut dshift, mut dscale) = ([0.0; W], [0.0; W]);
        let OutputGradient { y, dy, lower_bound } = self.outputs;
        let outputs = y.chunks_exact(channels).zip(dy.chunks_exact(channels));
        for (x, (y, dy)) in self.x.chunks_exact(channels).zip(outputs) {
            let x: [f32; W] = block(x, c);
            let (y, dy): ([f32; W], [f32; W]) = (block(y, c), block(dy, c));
            for l in 0..W {
                let dy = if y[l] > lower_bound { dy[l] } else { 0.0 };
                dshift[l] += f64::from(dy);
                dscale[l] += f64::from(dy * ((x[l] - mean[l]) * inverse[l]));
            }
        }
        self.dshift[c..c + W].copy_from_slice(&dshift);
        self.dscale[c..c + W].copy_from_slice(&dscale);
        W
    }
}

/// `dx = scale·inverse·(dy - dshift - x̂·dscale)`, where `dshift` and `dscale` are means.
pub(crate) struct InputGradient<'a> {
    pub normal: Normal<'a>,
    pub scale: &'a [f32],
    pub dshift: &'a [f32],
    pub dscale: &'a [f32],
    pub x: &'a [f32],
    pub outputs: OutputGradient<'a>,
    pub dx: &'a mut [f32],
}

impl InputGradient<'_> {
    pub fn run(self) {
        for_each_block(self.scale.len(), self);
    }
}

impl Channels for InputGradient<'_> {
    #[inline(always)]
    fn run<const W: usize>(&mut self, c: usize) -> usize {
        let channels = self.scale.len();
        let mean: [f32; W] = block(self.normal.mean, c);
        let inverse: [f32; W] = block(self.normal.inverse, c);
        let mut scale: [f32; W] = block(self.scale, c);
        for l in 0..W {
            scale[l] *= inverse[l];
        }
        let (dshift, dscale): ([f32; W], [f32; W]) = (block(self.dshift, c), block(self.dscale, c));
        let OutputGradient { y, dy, lower_bound } = self.outputs;
        let inputs = self.x.chunks_exact(channels).zip(self.dx.chunks_exact_mut(channels));
        let outputs = y.chunks_exact(channels).zip(dy.chunks_exact(channels));
        for ((x, dx), (y, dy)) in inputs.zip(outputs) {
            let x: [f32; W] = block(x, c);
            let (y, dy): ([f32; W], [f32; W]) = (block(y, c), block(dy, c));
            let dx: &mut [f32; W] = dx[c..].first_chunk_mut().expect("a block of channels fits");
            for l in 0..W {
                let dy = if y[l] > lower_bound { dy[l] } else { 0.0 };
                dx[l] = scale[l] * (dy - dshift[l] - (x[l] - mean[l]) * inverse[l] * dscale[l]);
            }
        }
        W
    }
}
