//! Digits of other sources as grey pictures with labels.

use std::fs::File;
use std::io::{BufRead, BufReader, Error, ErrorKind, Read, Result};
use std::path::Path;

use chainrule::intake::Grey;
use flate2::read::MultiGzDecoder;

/// A picture of a digit, and the digit.
pub type Digit = (Grey, u8);

/// Reads the digits of US zip codes: a line each, the digit and 16×16 values from -1, paper, to 1, ink
/// (`zip.train.gz` of Hastie, Tibshirani, Friedman, "The Elements of Statistical Learning").
pub fn usps(path: &Path) -> Result<Vec<Digit>> {
    let mut digits = Vec::new();
    for (line, text) in lines(path)?.enumerate() {
        let text = text?;
        let values: Option<Vec<f32>> = text.split_whitespace().map(|n| n.parse().ok()).collect();
        let Some([digit, ink @ ..]) = values.as_deref() else {
            return Err(bad(path, line, "numbers"));
        };
        // A frame of paper: the digits fill their pictures.
        let ink: Vec<f32> = ink.iter().map(|x| 0.5 * (x + 1.0)).collect();
        let grey = framed(16, ink).ok_or_else(|| bad(path, line, "16×16 numbers"))?;
        digits.push((grey, *digit as u8));
    }
    Ok(digits)
}

/// Reads the digits of 30 writers: 32 lines of 0 and 1, where 1 is ink, and a line with the digit
/// (`optdigits-orig.tra.gz`, E. Alpaydin, C. Kaynak, UCI). A line with the number of digits may come first.
pub fn optdigits(path: &Path) -> Result<Vec<Digit>> {
    let mut digits = Vec::new();
    let mut ink = Vec::new();
    for (line, text) in lines(path)?.enumerate() {
        let text = text?;
        match text.trim() {
            row if row.len() == 32 => {
                ink.extend(row.bytes().map(|bit| f32::from(bit == b'1')));
            }
            _ if ink.is_empty() => {}
            digit => {
                let digit = digit.parse().map_err(|_| bad(path, line, "the digit"))?;
                let grey = framed(32, std::mem::take(&mut ink));
                digits.push((grey.ok_or_else(|| bad(path, line, "32 lines before"))?, digit));
            }
        }
    }
    Ok(digits)
}

/// Square picture of ink with a frame of paper around it.
fn framed(side: usize, ink: Vec<f32>) -> Option<Grey> {
    const FRAME: usize = 4;
    let framed = side + 2 * FRAME;
    let mut pixels = vec![0.0; framed * framed];
    if ink.len() != side * side {
        return None;
    }
    for (y, row) in ink.chunks_exact(side).enumerate() {
        pixels[(y + FRAME) * framed + FRAME..][..side].copy_from_slice(row);
    }
    Grey::new(framed, framed, pixels).ok()
}

/// Lines of a file, or of what a gzip file holds.
fn lines(path: &Path) -> Result<std::io::Lines<Box<dyn BufRead>>> {
    let mut file = BufReader::new(File::open(path)?);
    let is_gzip = file.fill_buf()?.starts_with(&[0x1f, 0x8b]);
    let text: Box<dyn Read> =
        if is_gzip { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) };
    let text: Box<dyn BufRead> = Box::new(BufReader::new(text));
    Ok(text.lines())
}

fn bad(path: &Path, line: usize, wanted: &str) -> Error {
    let text = format!("{}: expected {wanted} in line {}", path.display(), line + 1);
    Error::new(ErrorKind::InvalidData, text)
}
