//! A sweep as a chart of characters. Each holds 2×4 dots (Braille), so that a curve is a curve.

use std::fmt;

use super::LearningRates;
use super::plot::{Plot, number};

const COLUMNS: usize = 64;
const ROWS: usize = 12;

/// The bit of each dot of a character, by row and column.
const DOTS: [[u32; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

impl fmt::Display for LearningRates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(plot) = Plot::new(self) else {
            return write!(f, "too few learning rates to draw");
        };
        let column = |x: f64| (x * (COLUMNS - 1) as f64).round() as usize;
        let mark = plot.mark.as_ref().map(|(x, _, name)| (column(*x), name));

        for (row, dots) in braille(&plot.curve).iter().enumerate() {
            let label = match row {
                0 => number(plot.high),
                _ if row == ROWS - 1 => number(plot.low),
                _ => String::new(),
            };
            let chars = dots.iter().enumerate().map(|(column, &dots)| match (dots, mark) {
                (0, Some((at, _))) if at == column => '┊',
                (0, _) => ' ',
                _ => char::from_u32(0x2800 + dots).unwrap_or(' '),
            });
            let line = format!("{label:>9} │{}", chars.collect::<String>());
            writeln!(f, "{}", line.trim_end())?;
        }
        let mut axis = vec!['─'; COLUMNS];
        let mut names = vec![' '; COLUMNS + 8];
        for (x, name) in &plot.ticks {
            let at = column(*x);
            axis[at] = '┬';
            // A name that would touch its neighbour is left out.
            let start = at.saturating_sub(name.len() / 2);
            let room = start.saturating_sub(1)..(start + name.len() + 1).min(names.len());
            if names[room].iter().all(|&c| c == ' ') {
                names[start..start + name.len()].copy_from_slice(&name.chars().collect::<Vec<_>>());
            }
        }
        if let Some((at, _)) = mark {
            axis[at] = '▲';
        }
        writeln!(f, "{:>9} └{}", "loss", axis.iter().collect::<String>())?;
        writeln!(f, "{:>9}  {}", "rate", names.iter().collect::<String>().trim_end())?;
        match mark {
            Some((_, name)) => write!(f, "suggested learning rate: {name}"),
            None => write!(f, "no learning rate to suggest: the loss never falls"),
        }
    }
}

/// The dots of a curve, row by row from the top: each column of dots from where the curve enters it
/// to where it leaves.
fn braille(curve: &[(f64, f64)]) -> Vec<Vec<u32>> {
    let mut cells = vec![vec![0; COLUMNS]; ROWS];
    let (width, height) = ((2 * COLUMNS - 1) as f64, (4 * ROWS - 1) as f64);
    for pair in curve.windows(2) {
        let [(x0, y0), (x1, y1)] = [pair[0], pair[1]].map(|(x, y)| (x * width, (1.0 - y) * height));
        let steps = (x1 - x0).abs().max((y1 - y0).abs()).ceil().max(1.0);
        for step in 0..=steps as usize {
            let share = step as f64 / steps;
            let x = (x0 + share * (x1 - x0)).round() as usize;
            let y = (y0 + share * (y1 - y0)).round() as usize;
            cells[y / 4][x / 2] |= DOTS[y % 4][x % 2];
        }
    }
    cells
}
