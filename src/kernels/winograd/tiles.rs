//! Between images and the points of their tiles.

use pulp::Simd;

use super::transform::{TileTransform, both_axes};
use crate::kernels::ALIGN;
use crate::kernels::simd::{at_least, load, store};

/// How many points a tile is transformed to.
pub const POINTS: usize = 16;

/// How many tiles are worked on at a time: their points should stay in the second-level cache.
pub const TILES_PER_BLOCK: usize = 48;

/// The tiles of a batch of images, which overlap or hang over the border where they have to.
#[derive(Debug, Clone, Copy)]
pub struct Grid {
    pub height: usize,
    pub width: usize,
    pub channels: usize,
    /// How far the first tile begins above and left of the image.
    pub pad: [usize; 2],
    /// How many tiles an image has; they are two pixels apart.
    pub down: usize,
    pub across: usize,
}

/// Some tiles one after the other: the first one's number, and how many.
#[derive(Debug, Clone, Copy)]
pub struct TileBlock {
    pub first: usize,
    pub count: usize,
}

/// How pixels come into an image.
#[derive(Clone, Copy)]
pub enum Finish<'a> {
    /// In place of what was there, with the bias of their channels, and `lower_bound` where
    /// they are less.
    Replace { bias: Option<&'a [f32]>, lower_bound: f32 },
    /// Added to what was there.
    Add,
}

impl Grid {
    /// From the matrix of one point, (tile, channel), to that of the next: a cache line further
    /// than need be, or the points of a tile would meet in few sets of the first-level cache.
    pub fn stride(&self) -> usize {
        TILES_PER_BLOCK * self.channels + ALIGN
    }

    /// Calls `visit` with where the `N`×`N` pixels of each tile start, in order; pixels outside
    /// start at the `end` of all images.
    #[inline(always)]
    fn each_tile<const N: usize>(
        &self,
        end: usize,
        block: TileBlock,
        mut visit: impl FnMut([[usize; N]; N]),
    ) {
        let mut image = block.first / (self.down * self.across);
        let mut row = block.first / self.across % self.down;
        let mut col = block.first % self.across;
        let size = self.height * self.width * self.channels;
        for _ in 0..block.count {
            let mut places = [[end; N]; N];
            for i in 0..N {
                for j in 0..N {
                    // Left and above of the image, this wraps around to a large number.
                    let h = (2 * row + i).wrapping_sub(self.pad[0]);
                    let w = (2 * col + j).wrapping_sub(self.pad[1]);
                    if h < self.height && w < self.width {
                        places[i][j] = image * size + (h * self.width + w) * self.channels;
                    }
                }
            }
            visit(places);
            col += 1;
            if col == self.across {
                (row, col) = (row + 1, 0);
            }
            if row == self.down {
                (image, row) = (image + 1, 0);
            }
        }
    }

    /// The points of a block, by the transform `T` of `N`×`N` pixels each.
    #[inline(always)]
    pub fn read<S: Simd, T: TileTransform<N, 4>, const N: usize>(
        &self,
        simd: S,
        images: &[f32],
        block: TileBlock,
        points: &mut [f32],
    ) {
        let (mut at, stride) = (0, self.stride());
        self.each_tile::<N>(
            images.len(),
            block,
            #[inline(always)]
            |places| {
                for c in (0..self.channels).step_by(S::F32_LANES) {
                    let mut pixels = [[simd.splat_f32s(0.0); N]; N];
                    for i in 0..N {
                        for j in 0..N {
                            let place = places[i][j] + c;
                            if let Some(pixel) = images.get(place..place + S::F32_LANES) {
                                pixels[i][j] = load::<S, 1>(pixel)[0];
                            }
                        }
                    }
                    let square = both_axes::<S, T, N, 4>(simd, pixels);
                    for i in 0..4 {
                        for j in 0..4 {
                            store::<S, 1>(&mut points[(4 * i + j) * stride + at..], [square[i][j]]);
                        }
                    }
                    at += S::F32_LANES;
                }
            },
        );
    }

    /// `N`×`N` pixels for each tile of a block, by the transform `T` of its points.
    #[inline(always)]
    pub fn write<S: Simd, T: TileTransform<4, N>, const N: usize>(
        &self,
        simd: S,
        points: &[f32],
        block: TileBlock,
        images: &mut [f32],
        finish: Finish<'_>,
    ) {
        let (mut at, stride) = (0, self.stride());
        self.each_tile::<N>(
            images.len(),
            block,
            #[inline(always)]
            |places| {
                for c in (0..self.channels).step_by(S::F32_LANES) {
                    let square = load_each::<S, 4>(points, at, stride);
                    let pixels = both_axes::<S, T, 4, N>(simd, square);
                    // Without a bias, adding 0 turns -0 into +0, as in the other algorithms.
                    let bias = match finish {
                        Finish::Replace { bias: Some(bias), .. } => load::<S, 1>(&bias[c..])[0],
                        _ => simd.splat_f32s(0.0),
                    };
                    for i in 0..N {
                        for j in 0..N {
                            let place = places[i][j] + c;
                            if let Some(pixel) = images.get_mut(place..place + S::F32_LANES) {
                                let new = match finish {
                                    Finish::Replace { lower_bound, .. } => {
                                        let y = simd.add_f32s(bias, pixels[i][j]);
                                        at_least(simd, y, simd.splat_f32s(lower_bound))
                                    }
                                    Finish::Add => {
                                        let [old] = load::<S, 1>(pixel);
                                        simd.add_f32s(old, pixels[i][j])
                                    }
                                };
                                store::<S, 1>(pixel, [new]);
                            }
                        }
                    }
                    at += S::F32_LANES;
                }
            },
        );
    }
}

/// Loads the vector at `at` of each of `N`×`N` matrices of `size` floats.
#[inline(always)]
pub fn load_each<S: Simd, const N: usize>(
    from: &[f32],
    at: usize,
    size: usize,
) -> [[S::f32s; N]; N] {
    let mut tile = [[load::<S, 1>(&from[at..])[0]; N]; N];
    for i in 0..N {
        for j in 0..N {
            tile[i][j] = load::<S, 1>(&from[(N * i + j) * size + at..])[0];
        }
    }
    tile
}
