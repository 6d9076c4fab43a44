//! Randomness from counters.
//!
//! Nothing here has a shared stream that threads would draw from in some order. A [`Key`] is a
//! number derived from the seed and from *which* draw this is (epoch, step, layer, sample), and
//! each key starts a generator of its own. So the same seed gives the same bits for any number of
//! threads, and a run can go on from its middle.
//!
//! JAX's `fold_in` is the same idea. The generator is Xoshiro256++, which rand documents as
//! portable; keys are mixed by the finalizer of SplitMix64 (Steele, Lea, Flood: "Fast splittable
//! pseudorandom number generators", OOPSLA 2014).

use rand::SeedableRng;
use rand::rngs::Xoshiro256PlusPlus;

/// Names one random stream.
///
/// ```
/// use chainrule::random::Key;
///
/// let epoch = Key::new(42).fold(3);
/// assert_eq!(epoch.fold(7), Key::new(42).fold(3).fold(7));
/// assert_ne!(epoch.fold(7), epoch.fold(8));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(u64);

impl Key {
    /// The key of a seed.
    pub fn new(seed: u64) -> Self {
        Key(mix(seed))
    }

    /// The key of draw `counter` under this key.
    #[must_use]
    pub fn fold(self, counter: u64) -> Self {
        Key(mix(self.0 ^ mix(counter.wrapping_add(0x9e37_79b9_7f4a_7c15))))
    }

    /// Number `counter` of 2³² random numbers under this key, which any order may ask for. Two
    /// rounds of straight arithmetic on 32 bits: a loop over counters becomes vectors.
    #[inline(always)]
    pub fn hash(self, counter: u32) -> u32 {
        let (low, high) = (self.0 as u32, (self.0 >> 32) as u32);
        mix32(mix32(counter ^ low).wrapping_add(high))
    }

    /// [`Key::hash`] as a number from 0 up to, but not including, 1: one of 2²⁴, a step apart.
    #[inline(always)]
    pub fn unit(self, counter: u32) -> f32 {
        (self.hash(counter) >> 8) as f32 * (1.0 / 16_777_216.0)
    }

    /// A generator at the start of this key's stream.
    pub fn rng(self) -> Xoshiro256PlusPlus {
        Xoshiro256PlusPlus::seed_from_u64(self.0)
    }
}

/// A bijection of 64 bits in which every input bit moves every output bit.
fn mix(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A bijection of 32 bits, likewise: `lowbias32` of C. Wellons's "Prospecting for hash functions".
#[inline(always)]
fn mix32(x: u32) -> u32 {
    let x = (x ^ (x >> 16)).wrapping_mul(0x7feb_352d);
    let x = (x ^ (x >> 15)).wrapping_mul(0x846c_a68b);
    x ^ (x >> 16)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::Rng;

    #[test]
    fn keys_of_many_counters_differ() {
        let mut seen = std::collections::HashSet::new();
        for epoch in 0..100 {
            for sample in 0..100 {
                assert!(seen.insert(Key::new(0).fold(epoch).fold(sample).0));
            }
        }
    }

    #[test]
    fn the_bits_of_hashes_are_even_and_independent() {
        const N: u32 = 1 << 16;
        for key in [Key::new(0), Key::new(1).fold(2)] {
            for bit in 0..32 {
                let of = |hash: u32| hash >> bit & 1;
                let ones = (0..N).filter(|&i| of(key.hash(i)) == 1).count();
                let repeats = (0..N).filter(|&i| of(key.hash(i)) == of(key.hash(i + 1))).count();
                let other = key.fold(1);
                let shared = (0..N).filter(|&i| of(key.hash(i)) == of(other.hash(i))).count();
                for count in [ones, repeats, shared] {
                    // Five standard deviations, of √N/2 each.
                    assert!(count.abs_diff(N as usize / 2) < 5 * 128, "bit {bit}: {count} of {N}");
                }
            }
        }
    }

    #[test]
    fn a_stream_is_the_same_on_every_machine() {
        // Computed by a program of thirty lines in another language, from the three sources: these
        // numbers must never change, or saved seeds would mean something else.
        let mut rng = Key::new(1).fold(2).rng();
        let first: Vec<u64> = (0..3).map(|_| rng.next_u64()).collect();
        assert_eq!(
            first,
            [184_608_417_957_027_897, 10_996_436_917_146_375_986, 1_577_403_686_319_637_273]
        );
        let hashes: Vec<u32> = (0..3).map(|i| Key::new(1).fold(2).hash(i)).collect();
        assert_eq!(hashes, [55_692_471, 2_705_535_433, 876_339_685]);
    }
}
