//! The way to another digit: gradient descent on the pixels instead of the weights.

use chainrule::prelude::*;
use serde_json::{Value, json};

use crate::answer::Reader;
use crate::pixels;
use crate::verdict::verdict;

/// Largest number of steps.
const STEPS: usize = 100;
/// Length of a step: the root of the summed squares of the changes of ink.
///
/// Steps of one length reach 89 of 90 pairs of drawn digits, in 14 steps on average. Steps of 0.02 times
/// the gradient reach 86: a sure model has a loss so steep that they jump over the goal.
const LENGTH: f32 = 0.4;

impl Reader {
    /// Takes steps down the loss of a class until the model is sure of that class. With `g = dL/d ink`, a
    /// step is `ink ← ink - LENGTH · g / |g|`, and ink stays between 0 and 1.
    pub fn towards(&self, drawing: &[u8], class: usize) -> Result<Value> {
        let (answer, stages) = match self.ink(drawing)? {
            Ok(read) => read,
            Err(nothing) => return Ok(nothing),
        };
        let before = stages.input.pixels();
        let mut ink = before.to_vec();
        let mut saliency = None;
        let mut now = answer;
        let mut path = vec![now.probability(class)];
        while !(now.best().index == class && now.rejected().is_none()) && path.len() <= STEPS {
            let trace = self.gradient(&ink, class)?;
            saliency.get_or_insert_with(|| self.saliency(&trace, class));
            let descent = self.descent(&trace);
            let steepness = descent.iter().map(|slope| slope * slope).sum::<f32>().sqrt();
            let rate = LENGTH / steepness.max(f32::MIN_POSITIVE);
            for (ink, slope) in ink.iter_mut().zip(descent) {
                *ink = (*ink + rate * slope).clamp(0.0, 1.0);
            }
            now = self.classify(&ink)?;
            path.push(now.probability(class));
        }
        let change: Vec<f32> = ink.iter().zip(before).map(|(ink, before)| ink - before).collect();
        Ok(json!({
            "nothing": false,
            "class": self.name(class),
            "reached": now.best().index == class && now.rejected().is_none(),
            "steps": path.len() - 1,
            "path": path,
            "verdict": verdict(&now),
            "height": stages.input.height(),
            "width": stages.input.width(),
            "before": pixels::bytes(before),
            "after": pixels::bytes(&ink),
            "change": pixels::signed(self.map(&change)),
            "saliency": saliency,
        }))
    }
}
