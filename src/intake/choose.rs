//! The components that make one digit.

use super::ink::SMALL;
use super::{Area, Components, Ink, Mask};

/// Least size of a part of a digit, as a share of its largest component.
const LEAST_PART: f32 = 0.02;
/// Largest gap between a part and the rest, as a share of the rest's longer side.
const WIDEST_GAP: f32 = 0.25;
/// Weight of ink that runs out of a photograph, such as the edge of a table.
const AT_BORDER: f32 = 0.1;

/// Returns the ink of the digit: the largest component, and those near it that are not mere specks, such
/// as the bar of a 5. Ink that touches the border of a photograph is taken only where there is nothing
/// else.
pub(super) fn digit(ink: &Ink) -> Mask {
    let found = Components::of(&ink.mask);
    let (height, width) = (ink.mask.height(), ink.mask.width());
    let is_photograph = height.max(width) > SMALL;
    let touches = |area: &Area| {
        is_photograph
            && (area.top == 0 || area.left == 0 || area.bottom() == height || area.right() == width)
    };
    let weight = |index: usize| {
        let component = &found.list[index];
        let share = if touches(&component.area) { AT_BORDER } else { 1.0 };
        share * component.count as f32
    };
    let all = 0..found.list.len();
    let Some(main) = all.clone().max_by(|&a, &b| weight(a).total_cmp(&weight(b)).then(b.cmp(&a)))
    else {
        return ink.mask.clone();
    };
    let least = LEAST_PART * found.list[main].count as f32;
    let mut area = found.list[main].area;
    let mut chosen = vec![false; found.list.len()];
    chosen[main] = true;
    loop {
        let widest = WIDEST_GAP * area.longer() as f32;
        let next = all.clone().find(|&index| {
            let component = &found.list[index];
            !chosen[index]
                && component.count as f32 >= least
                && component.area.gap(&area) as f32 <= widest
                && (touches(&area) || !touches(&component.area))
        });
        let Some(next) = next else { break };
        chosen[next] = true;
        area = area.union(&found.list[next].area);
    }
    found.mask(|index| chosen[index])
}
