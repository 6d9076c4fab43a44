//! Tests of a search space: its grid, its draws, and what it refuses.

use super::*;
use proptest::prelude::*;

fn refusal(space: Space<f32>) -> String {
    space.check().unwrap_err().to_string()
}

#[test]
fn ranges_without_meaning_are_refused_by_name() {
    let space = || Space::new(0.0f32);
    let set = |c: &mut f32, v: f32| *c = v;
    for range in [1.0..1.0, 2.0..1.0, f32::NAN..1.0, 0.0..f32::INFINITY] {
        assert!(refusal(space().uniform("drop", range, set)).contains("`drop`"));
    }
    for range in [0.0..1.0, -1.0..1.0, 1.0..0.5, 1e-3..f32::INFINITY] {
        assert!(refusal(space().log_uniform("lr", range, set)).contains("above 0"));
    }
    #[allow(clippy::reversed_empty_ranges)]
    let reversed = space().integers("n", 3..=2, |c, v| *c = v as f32);
    assert!(refusal(reversed).contains("integers 3..=2"));
    assert!(refusal(space().choice("lr", [], set)).contains("at least one value"));
    let twice = space().choice("lr", [1.0], set).choice("lr", [2.0], set);
    assert!(refusal(twice).contains("comes twice"));
}

#[test]
fn a_grid_counts_like_nested_loops_and_takes_no_continuous_range() {
    let space = || {
        Space::new((0, ' ')).integers("n", 5..=6, |c, n| c.0 = n).choice(
            "letter",
            ['a', 'b', 'c'],
            |c, letter| c.1 = letter,
        )
    };
    assert_eq!(space().grid_len().unwrap(), 6);
    let points: Vec<_> = (0..6).map(|i| space().grid(i).0).collect();
    assert_eq!(points, [(5, 'a'), (5, 'b'), (5, 'c'), (6, 'a'), (6, 'b'), (6, 'c')]);
    assert_eq!(space().grid(4).1, ["6", "'b'"]);
    let endless = space().uniform("x", 0.0..1.0, |_, _| ());
    assert!(endless.grid_len().unwrap_err().to_string().contains("`choice`"));
}

#[test]
fn a_grid_of_absurd_size_does_not_overflow() {
    let all = 0..=usize::MAX;
    let space = Space::new(0).integers("a", all.clone(), |_, _| ()).integers("b", all, |_, _| ());
    assert_eq!(space.grid_len().unwrap(), usize::MAX);
}

#[test]
fn logarithms_are_spread_evenly() {
    let space = Space::new(0.0).log_uniform("lr", 1e-4..1e-1, |c: &mut f32, v| *c = v);
    let mut decades = [0; 3];
    for i in 0..3000 {
        let (lr, _) = space.draw(Key::new(1).fold(i));
        decades[(lr.log10() + 4.0) as usize] += 1;
    }
    // Four standard deviations.
    assert!(decades.iter().all(|&n| (1000i32 - n).abs() < 4 * 26), "{decades:?}");
}

#[test]
fn drawn_values_never_change() {
    // Saved searches would go on elsewhere.
    let space = Space::new((0.0, 0.0, 0))
        .log_uniform("lr", 1e-4..1e-1, |c, v| c.0 = v)
        .uniform("drop", 0.0..0.5, |c, v| c.1 = v)
        .integers("n", 16..=256, |c, v| c.2 = v);
    assert_eq!(space.draw(Key::new(1)).0, (0.024_256_969, 0.057_470_98, 19));
}

proptest! {
    #[test]
    fn values_stay_within_their_ranges(
        seed: u64,
        from in 1e-30f32..1e30,
        factor in 1.000_001f32..1e6,
        (a, b) in (0..1000usize, 0..usize::MAX - 1000),
    ) {
        let to = from * factor;
        prop_assume!(from < to);
        let space = Space::new((0.0, 0.0, 0))
            .log_uniform("a", from..to, |c, v| c.0 = v)
            .uniform("b", from..to, |c, v| c.1 = v)
            .integers("c", a..=a + b, |c, v| c.2 = v);
        prop_assert!(space.check().is_ok());
        let (x, y, n) = space.draw(Key::new(seed)).0;
        prop_assert!((from..to).contains(&x) && (from..to).contains(&y));
        prop_assert!((a..=a + b).contains(&n));
    }
}
