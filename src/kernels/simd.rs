//! The widest vectors of this machine, found at run time.
//!
//! A kernel is written once against [`pulp::Simd`] and compiled for every level: AVX-512, AVX2
//! with FMA, NEON, and plain scalars. All levels give the same bits: an output adds up its
//! products one after the other with fused multiply-adds, and nothing is summed across the lanes
//! of a vector, so the width decides only how many outputs are worked on at once.
//!
//! `CHAINRULE_SIMD=avx2` or `=scalar` in the environment asks for a narrower level than the
//! machine has, to measure it or to check that claim.

use std::sync::OnceLock;

use pulp::{Arch, Simd};

/// The level that every kernel of this process runs at.
///
/// `arch().dispatch(kernel)` is the one way to run a loop at this level. It stands where the loop is
/// called, or in the `run` of a kernel that is called from several places; no function takes a level as
/// an argument. A kernel that is part of another, which has a `simd` already, is called by
/// `with_simd(simd)`.
///
/// A closure to dispatch wants `#[inline(always)]`: one that stays a function of its own is
/// compiled for the least of machines. A long one does so all the same, if it could be called more
/// than once, because the shim through which it is called then is no part of it: what is long
/// implements [`pulp::WithSimd`].
pub(crate) fn arch() -> Arch {
    #[cfg(test)]
    if let Some(arch) = forced::FORCED.get() {
        return arch;
    }
    chosen().1
}

/// The level of [`arch`] and its name.
pub(crate) fn chosen() -> (&'static str, Arch) {
    static CHOSEN: OnceLock<(&str, Arch)> = OnceLock::new();
    *CHOSEN.get_or_init(|| {
        let wish = std::env::var("CHAINRULE_SIMD").unwrap_or_default();
        let levels = levels();
        *levels.iter().find(|(name, _)| *name == wish).unwrap_or(&levels[0])
    })
}

/// Every level that this machine can run, by name, widest first.
pub(crate) fn levels() -> Vec<(&'static str, Arch)> {
    let mut levels = Vec::new();
    #[cfg(target_arch = "x86_64")]
    {
        levels.extend(pulp::x86::V4::try_new().map(|simd| ("avx512", Arch::V4(simd))));
        levels.extend(pulp::x86::V3::try_new().map(|simd| ("avx2", Arch::V3(simd))));
    }
    #[cfg(target_arch = "aarch64")]
    levels.extend(pulp::aarch64::Neon::try_new().map(|simd| ("neon", Arch::Neon(simd))));
    levels.push(("scalar", Arch::Scalar));
    levels
}

/// Loads `C` whole vectors from the front of `from`.
#[inline(always)]
pub(crate) fn load<S: Simd, const C: usize>(from: &[f32]) -> [S::f32s; C] {
    let (vectors, _) = S::as_simd_f32s(&from[..C * S::F32_LANES]);
    std::array::from_fn(|c| vectors[c])
}

/// Stores `C` whole vectors to the front of `to`.
#[inline(always)]
pub(crate) fn store<S: Simd, const C: usize>(to: &mut [f32], values: [S::f32s; C]) {
    let (vectors, _) = S::as_mut_simd_f32s(&mut to[..C * S::F32_LANES]);
    vectors.copy_from_slice(&values);
}

/// The larger of the two; NaN stays NaN, which a maximum would hide.
#[inline(always)]
pub(crate) fn at_least<S: Simd>(simd: S, x: S::f32s, bound: S::f32s) -> S::f32s {
    simd.select_f32s(simd.less_than_f32s(x, bound), bound, x)
}

/// A vector of `len` channels from the front of `from`, and zeros; or, where `WHOLE`, of whatever
/// stands there, so that its last lanes are those of the next pixels. A masked load is a call and
/// costs several times as much.
#[inline(always)]
pub(crate) fn load_part<S: Simd, const WHOLE: bool>(simd: S, from: &[f32], len: usize) -> S::f32s {
    if WHOLE { load::<S, 1>(from)[0] } else { simd.partial_load_f32s(&from[..len]) }
}

/// Stores the first `len` floats of a vector; or, where `WHOLE`, all of it: for loops that write in
/// ascending order, where what lands on the next pixels is written over when their turn comes.
#[inline(always)]
pub(crate) fn store_part<S: Simd, const WHOLE: bool>(
    simd: S,
    to: &mut [f32],
    len: usize,
    values: S::f32s,
) {
    if WHOLE {
        store::<S, 1>(to, [values]);
    } else {
        simd.partial_store_f32s(&mut to[..len], values);
    }
}

/// Runs tests at each level that the machine has.
#[cfg(test)]
pub(crate) mod forced {
    use std::cell::Cell;

    use pulp::Arch;

    thread_local! {
        pub(super) static FORCED: Cell<Option<Arch>> = const { Cell::new(None) };
    }

    /// Runs some code of this thread at a level.
    pub(crate) fn at_level<T>(arch: Arch, run: impl FnOnce() -> T) -> T {
        FORCED.set(Some(arch));
        let result = run();
        FORCED.set(None);
        result
    }
}
