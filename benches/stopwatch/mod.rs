//! What criterion does not print: floating-point operations a second, as a share of the most that
//! this machine can do.

#![allow(dead_code)] // each benchmark uses its part

use std::cell::Cell;
use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::Bencher;
use pulp::{Arch, Simd, WithSimd};

/// Times a routine for criterion, and remembers the quickest round.
pub struct Stopwatch(Cell<f64>);

impl Stopwatch {
    pub fn new() -> Self {
        Stopwatch(Cell::new(f64::INFINITY))
    }

    pub fn iter<T>(&self, b: &mut Bencher, mut routine: impl FnMut() -> T) {
        b.iter_custom(|rounds| {
            let start = Instant::now();
            for _ in 0..rounds {
                black_box(routine());
            }
            self.note(start.elapsed(), rounds)
        });
    }

    /// Takes note of a time that was measured elsewhere.
    pub fn note(&self, time: Duration, rounds: u64) -> Duration {
        self.0.set(self.0.get().min(time.as_secs_f64() / rounds as f64));
        time
    }

    /// Prints how many operations a second that was, beside the peak of `threads` threads right
    /// now: on a shared machine it is another one every minute.
    pub fn report(&self, flop: f64, threads: usize) {
        // Not where criterion ran everything once to see that it works, or left it out.
        if self.0.get().is_finite() && !std::env::args().any(|arg| arg == "--test") {
            let (rate, peak) = (flop / self.0.get(), peak(threads));
            let share = 100.0 * rate / peak;
            let (rate, peak) = (rate / 1e9, peak / 1e9);
            println!("{:24}{rate:.0} GFLOP/s, {share:.0} % of the peak of {peak:.0}\n", "");
        }
    }
}

/// The yardstick: fused multiply-adds between registers and nothing else, on so many threads.
/// Always the widest vectors, whatever `CHAINRULE_SIMD` says.
pub fn peak(threads: usize) -> f64 {
    let spin = Spin(black_box(100_000));
    let once = || {
        let start = Instant::now();
        let flop = Arch::new().dispatch(spin) as f64;
        flop / start.elapsed().as_secs_f64()
    };
    // The best of five: what disturbs can only slow it down.
    let best = || (0..5).map(|_| once()).fold(0.0, f64::max);
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(best)).collect();
        running.into_iter().map(|thread| thread.join().expect("no panic")).sum()
    })
}

/// How often to go round the accumulators; dispatching it counts the floating-point operations.
#[derive(Clone, Copy)]
struct Spin(u64);

impl WithSimd for Spin {
    type Output = u64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> u64 {
        // A multiply-add takes four or five cycles, and two start in each: at least ten must be
        // under way, and all must fit the registers.
        if S::REGISTER_COUNT >= 32 { self.run::<S, 24>(simd) } else { self.run::<S, 12>(simd) }
    }
}

impl Spin {
    #[inline(always)]
    fn run<S: Simd, const N: usize>(self, simd: S) -> u64 {
        let (factor, term) = black_box((simd.splat_f32s(0.5), simd.splat_f32s(0.5)));
        // Different starts: the compiler would keep one sum for equal ones.
        let mut sums: [S::f32s; N] = std::array::from_fn(|i| simd.splat_f32s(i as f32));
        for _ in 0..self.0 {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, factor, term);
            }
        }
        black_box(sums);
        2 * self.0 * (N * S::F32_LANES) as u64
    }
}
