//! From photographs and other files to digits.
#![cfg(all(feature = "images", feature = "pretrained", feature = "sample"))]

mod bad_files;
mod peers;
mod photographs;
mod unlike;

use std::sync::OnceLock;

use chainrule::data::Images;
use chainrule::intake::Grey;
use chainrule::prelude::*;

/// Digit of MNIST's test set: 1 is ink.
fn digit(index: usize) -> (Grey, usize) {
    static TEST: OnceLock<Images> = OnceLock::new();
    let test = TEST.get_or_init(|| Mnist::sample().test);
    (Grey::from_image(test.image(index)).unwrap(), usize::from(test.label(index)))
}

/// A random number in 0..1 for each counter.
fn unit(counter: u64) -> f32 {
    chainrule::random::Key::new(11).fold(counter).unit(0)
}
