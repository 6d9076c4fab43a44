//! Digits that MNIST's American writers rarely wrote: ones with a flag, crossed sevens, slashed zeros.

use chainrule::intake::Grey;
use chainrule::random::Key;

use super::canvas::{Canvas, SIDE};

/// Draws a digit that will be made `stretch` times as wide, and returns it with its class.
pub fn draw(key: Key, stretch: impl Fn(u8) -> f32) -> (Grey, u8) {
    let mut canvas = Canvas::new();
    // A number in a range.
    let within = |at: u32, low: f32, high: f32| low + (high - low) * key.unit(at);
    let width = within(0, 3.0, 17.0);
    let digit = match (key.unit(1) * 10.0) as usize {
        0..=6 => {
            let top = [within(2, 52.0, 66.0), within(3, 14.0, 22.0)];
            let foot = [top[0] + within(4, -18.0, 8.0), within(5, 88.0, 98.0)];
            let bend = within(6, -6.0, 6.0);
            let middle = [0.5 * (top[0] + foot[0]) + bend, 0.5 * (top[1] + foot[1])];
            canvas.curve([top, middle, foot], width);
            if key.unit(7) < 0.8 {
                // The flag begins at the top of the stem, or a little below.
                let start = [top[0], top[1] + within(8, 0.0, 8.0)];
                // It falls steeply, when stretched too: a level one would make a 7.
                let across = within(9, 8.0, 28.0);
                let down = across * within(10, 0.7, 1.6);
                let end = [top[0] - across / stretch(1), start[1] + down];
                canvas.line(start, end, width);
            }
            if key.unit(11) < 0.35 {
                let slope = within(12, -4.0, 4.0);
                let (left, right) = (within(13, 4.0, 24.0), within(14, 4.0, 24.0));
                canvas.line(
                    [foot[0] - left, foot[1] - slope],
                    [foot[0] + right, foot[1] + slope],
                    width,
                );
            }
            1
        }
        7..=8 => {
            let (left, right) = (within(2, 24.0, 34.0), within(3, 72.0, 88.0));
            let (top, bottom) = (within(4, 16.0, 24.0), within(5, 86.0, 98.0));
            let corner = [right, top + within(6, -4.0, 4.0)];
            let foot = [within(7, 38.0, 60.0), bottom];
            let bend = within(8, -10.0, 6.0);
            let middle = [0.5 * (corner[0] + foot[0]) + bend, 0.5 * (corner[1] + foot[1])];
            canvas.line([left, top + within(9, -2.0, 6.0)], corner, width);
            canvas.curve([corner, middle, foot], width);
            if key.unit(10) < 0.3 {
                canvas.line([left, top], [left - 2.0, top + within(11, 6.0, 16.0)], width);
            }
            let bar = [middle[0] + 0.5 * bend, middle[1] + within(12, -8.0, 8.0)];
            let (half, slope) = (within(13, 9.0, 20.0), within(14, -6.0, 6.0));
            canvas.line([bar[0] - half, bar[1] + slope], [bar[0] + half, bar[1] - slope], width);
            7
        }
        _ => {
            let (x, y) = (within(2, 18.0, 32.0), within(3, 32.0, 42.0));
            let centre = 0.5 * SIDE as f32;
            // Four quarters of an ellipse.
            for [across, down] in [[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]] {
                let (side, end) = ([centre + across * x, centre], [centre, centre + down * y]);
                canvas.curve([side, [side[0], end[1]], end], 0.7 * width);
            }
            let reach = within(4, 0.5, 1.15);
            let [dx, dy] = [0.7 * x * reach, 0.8 * y * reach];
            canvas.line([centre - dx, centre + dy], [centre + dx, centre - dy], 0.6 * width);
            0
        }
    };
    (canvas.picture(), digit)
}
