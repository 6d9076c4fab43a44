//! What several tests share.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex};

use chainrule::data::{Images, Mnist};

/// The first `n` training images of the sample, decoded once.
pub fn digits(n: usize) -> &'static Images {
    static SAMPLE: LazyLock<Images> = LazyLock::new(|| Mnist::sample().train);
    static TAKEN: Mutex<BTreeMap<usize, &'static Images>> = Mutex::new(BTreeMap::new());
    let take = || &*Box::leak(Box::new(SAMPLE.take(n).expect("at most 10,000")));
    TAKEN.lock().expect("nobody panicked in it").entry(n).or_insert_with(take)
}
