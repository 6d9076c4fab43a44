//! Views: the input of a model, and the same a little turned, over which its outputs are averaged.

use super::{Grey, Intake, Turn};

impl Intake {
    /// Inputs whose outputs are averaged: the input itself, and turned to both sides.
    pub(crate) fn views(&self, input: &Grey) -> Vec<Grey> {
        let degrees = match self.turn {
            turn if turn > 0.0 => &[turn, -turn][..],
            _ => &[],
        };
        let size = [input.height(), input.width()];
        let turned = degrees.iter().map(|&degrees| Turn::within(size, degrees).of(input));
        std::iter::once(input.clone()).chain(turned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn views_turn_about_the_middle() {
        let bar = Grey::from_fn(29, 29, |y, _| if y == 14 { 1.0 } else { 0.0 });
        let views = Intake::default().turn(10.0).views(&bar);
        assert_eq!(views[0], bar);
        // Ten degrees: 1.76 rows up or down after ten columns.
        let level = |view: &Grey, x: usize| -> f32 {
            let mass: f32 = (0..29).map(|y| view.at(y, x)).sum();
            (0..29).map(|y| y as f32 * view.at(y, x)).sum::<f32>() / mass - 14.0
        };
        let sides: Vec<f32> = views[1..].iter().map(|view| level(view, 24)).collect();
        assert!((sides[0] + sides[1]).abs() < 1e-4, "{sides:?}");
        assert!((sides[0].abs() - 1.76).abs() < 0.1, "{sides:?}");
        assert!(views[1..].iter().all(|view| level(view, 14).abs() < 1e-4));
        assert_eq!(Intake::default().turn(0.0).views(&bar), [bar]);
    }
}
