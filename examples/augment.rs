//! What augmentation makes of digits, as a picture.
//!
//! ```text
//! cargo run --example augment
//! ```
//!
//! It writes `augmented.png`: a row for each transform, with an original on the left, and at the
//! bottom a few rows of a whole recipe.

#[macro_use]
mod print; // its `println!` survives a closed pipe

use chainrule::data::augment::*;
use chainrule::prelude::*;

fn main() -> Result<()> {
    let digits = Mnist::sample().train;
    let mut sheet = Sheet::default();
    let singles = [
        Augment::new().with(Rotate::degrees(30.0)),
        Augment::new().with(Shift::pixels(4.0)),
        Augment::new().with(Scale::between(0.7..=1.3)),
        Augment::new().with(Scale::between(0.7..=1.3).per_axis()),
        Augment::new().with(Shear::degrees(30.0)),
        Augment::new().with(Elastic::new(34.0, 4.0)),
        Augment::new().with(Thickness::pixels(1.0)),
        Augment::new().with(Blur::between(0.0..=1.5)),
        Augment::new().with(GaussianNoise::new(0.2)),
        Augment::new().with(SaltAndPepper::new(0.1)),
        Augment::new().with(Brightness::new(0.4)),
        Augment::new().with(Contrast::between(0.2..=1.5)),
        Augment::new().with(Cutout::pixels(10)),
        Augment::new().with(Erase::area(0.02..=0.2)),
        Augment::new().mix(Mixup::new(1.0)),
        Augment::new().mix(CutMix::new(1.0)),
    ];
    let recipe = Augment::new()
        .with(Rotate::degrees(10.0))
        .with(Scale::between(0.9..=1.1).per_axis())
        .with(Shear::degrees(10.0))
        .with(Shift::pixels(2.0))
        .with(Elastic::new(25.0, 4.0))
        .sometimes(0.5, Thickness::between(-0.4..=0.6));

    println!("augmented.png, from its top:");
    for (number, augment) in singles.iter().enumerate() {
        println!("  {augment}");
        sheet.add(augment, &digits, &[number + 20], 12, 1)?;
    }
    println!("  {recipe}");
    sheet.add(&recipe, &digits, &[0, 1, 2, 3, 4, 5, 6, 7], 12, 1)?;
    sheet.save_png("augmented.png")?;
    print::check()
}
