//! Mixtures of two images return the share of the first.

use super::*;

#[test]
fn cutmix_tells_the_share_that_it_left() {
    let mut shares = Vec::new();
    for n in 0..300 {
        let mut image = vec![1.0; 11 * 17 * 2];
        let partner = vec![0.0; image.len()];
        let share = CutMix::new(1.0).mix(&mut image, &partner, [11, 17, 2], Key::new(n));
        let left = image.iter().sum::<f32>() / image.len() as f32;
        assert!((share - left).abs() < 1e-6, "{share} and {left}");
        shares.push(share);
    }
    assert!(shares.iter().any(|s| *s < 0.2) && shares.iter().any(|s| *s > 0.95));
}

#[test]
fn mixup_blends() {
    let (mut image, partner) = (vec![1.0; 12], vec![0.0; 12]);
    let share = Mixup::new(1.0).mix(&mut image, &partner, [2, 3, 2], Key::new(1));
    assert!(share > 0.0 && share < 1.0 && image.iter().all(|x| *x == share));
}
