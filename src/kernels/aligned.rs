//! Vectors of floats that start at a cache line.
//!
//! A 64-byte load that straddles two lines counts twice: with buffers as the allocator gives them
//! (16 bytes aligned), the convolutions of a 13×13×32 image took 1.07 to 1.17 times as long.

use std::ops::{Deref, DerefMut};

/// Floats per cache line.
const LINE: usize = 16;

/// A fixed number of floats, zero at first, from a multiple of 64 bytes on.
#[derive(Debug)]
pub(crate) struct Aligned {
    storage: Vec<f32>,
    start: usize,
    len: usize,
}

impl Aligned {
    pub fn zeros(len: usize) -> Self {
        let storage = vec![0.0; len + LINE - 1];
        // `align_offset` may decline to answer, with a huge number; then any start will do.
        let offset = storage.as_ptr().align_offset(LINE * size_of::<f32>());
        let start = if offset < LINE { offset } else { 0 };
        Aligned { storage, start, len }
    }

    /// The same floats, and zeros after them, `len` in all.
    pub fn extended(&self, len: usize) -> Self {
        let mut longer = Aligned::zeros(len);
        longer[..self.len].copy_from_slice(self);
        longer
    }
}

impl Clone for Aligned {
    fn clone(&self) -> Self {
        self.extended(self.len)
    }
}

impl Deref for Aligned {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.storage[self.start..self.start + self.len]
    }
}

impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.storage[self.start..self.start + self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::Aligned;

    #[test]
    fn it_starts_at_a_cache_line_and_keeps_what_it_held() {
        for len in [0, 1, 16, 1000] {
            let mut floats = Aligned::zeros(len);
            floats.fill(1.0);
            let longer = floats.extended(len + 5);
            assert_eq!(longer.as_ptr().align_offset(64), 0);
            assert_eq!(longer[..len], floats[..]);
            assert_eq!(longer[len..], [0.0; 5]);
        }
    }
}
