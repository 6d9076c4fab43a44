//! Fields of digits as they are found on paper, made of single digits.

use chainrule::data::Images;
use chainrule::intake::{Grey, Mask};
use chainrule::random::Key;

/// Difficulty of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Plain,
    Tilted,
    Noisy,
    Uneven,
    Lined,
    Boxed,
    Touching,
    LightOnDark,
    Mixed,
}

impl Kind {
    pub const ALL: [Kind; 9] = [
        Kind::Plain,
        Kind::Tilted,
        Kind::Noisy,
        Kind::Uneven,
        Kind::Lined,
        Kind::Boxed,
        Kind::Touching,
        Kind::LightOnDark,
        Kind::Mixed,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Plain => "plain, 20 to 120 pixels",
            Kind::Tilted => "tilted up to 10°",
            Kind::Noisy => "noise",
            Kind::Uneven => "uneven light",
            Kind::Lined => "ruling line",
            Kind::Boxed => "boxes",
            Kind::Touching => "a touching pair",
            Kind::LightOnDark => "light on dark",
            Kind::Mixed => "tilt, noise, light, line or boxes",
        }
    }
}

/// A field, and the digits in it.
pub struct Field {
    pub picture: Grey,
    pub digits: Vec<u8>,
}

/// Numbers drawn for one field.
struct Draw(Key);

impl Draw {
    /// A number from a range.
    fn within(&self, at: u32, low: f32, high: f32) -> f32 {
        low + (high - low) * self.0.unit(at)
    }

    fn coin(&self, at: u32) -> bool {
        self.0.unit(at) < 0.5
    }
}

/// Makes a field of `count` digits of a kind.
pub fn field(digits: &Images, count: usize, kind: Kind, key: Key) -> Field {
    let draw = Draw(key);
    let height = draw.within(0, 20.0, 120.0);
    let picks: Vec<usize> =
        (0..count as u32).map(|i| (key.unit(100 + i) * digits.len() as f32) as usize).collect();
    let mixed = kind == Kind::Mixed;
    let mut ink = Paper::new(height, count);
    let touching =
        (kind == Kind::Touching).then(|| 1 + (key.unit(1) * (count - 1) as f32) as usize);
    let is_boxed = kind == Kind::Boxed || mixed && draw.coin(2);
    let is_lined = kind == Kind::Lined || mixed && !is_boxed;
    let mut right = 0.8 * height;
    let mut cells = vec![right - 0.2 * height];
    for (index, &pick) in picks.iter().enumerate() {
        let digit = scaled(digits, pick, height * draw.within(200 + index as u32, 0.88, 1.08));
        let gap = height * draw.within(300 + index as u32, 0.1, if is_boxed { 0.2 } else { 0.45 });
        let jitter = height * draw.within(400 + index as u32, -0.05, 0.05);
        let top = (0.6 * height + height - digit.height() as f32 + jitter).max(0.0) as usize;
        let left = match touching {
            Some(second) if second == index => ink.touching(&digit, top, right as usize),
            _ => (right + gap + if is_boxed { 0.2 * height } else { 0.0 }) as usize,
        };
        ink.paste(&digit, top, left);
        right = (left + digit.width()) as f32;
        if is_boxed {
            right += 0.2 * height;
            cells.push(right);
        }
    }
    let end = right + 0.2 * height;
    let pen = (height * draw.within(3, 0.02, 0.05)).max(1.0);
    if is_lined {
        let y = 1.6 * height + height * draw.within(4, -0.04, 0.15);
        ink.bar([0.4 * height, y], [end + 0.2 * height, y + pen]);
    }
    if is_boxed {
        let (top, bottom) = (0.35 * height, 1.85 * height);
        for x in &cells {
            ink.bar([*x, top], [x + pen, bottom]);
        }
        for y in [top, bottom - pen] {
            ink.bar([cells[0], y], [end - 0.2 * height + pen, y + pen]);
        }
    }
    let size = [(2.2 * height) as usize, (end + 0.5 * height) as usize];
    let degrees = if kind == Kind::Tilted || mixed { draw.within(5, -10.0, 10.0) } else { 0.0 };
    let noise = if kind == Kind::Noisy {
        draw.within(6, 0.02, 0.08)
    } else if mixed {
        0.03
    } else {
        0.004
    };
    let shade = if kind == Kind::Uneven || mixed { draw.within(7, 0.2, 0.5) } else { 0.0 };
    let is_inverted = kind == Kind::LightOnDark || mixed && draw.coin(8);
    let picture = ink.photographed(size, degrees, shade, noise, is_inverted, &draw);
    Field { picture, digits: picks.iter().map(|&pick| digits.label(pick)).collect() }
}

/// Ink of a digit, cut out, of this height.
fn scaled(digits: &Images, index: usize, height: f32) -> Grey {
    let grey = Grey::from_image(digits.image(index)).expect("an image of MNIST");
    let bounds =
        Mask::from_fn(28, 28, |y, x| grey.at(y, x) > 0.2).bounds().expect("a digit has ink");
    let ink = grey.crop(bounds).expect("within the image");
    let width = height * ink.width() as f32 / ink.height() as f32;
    // A flat stroke is not enlarged.
    let scale = (1.3 * height / width).min(1.0);
    let side = |side: f32| ((scale * side) as usize).max(1);
    ink.resize(side(height), side(width)).expect("a small picture")
}

/// Ink on paper, before it is photographed.
struct Paper {
    width: usize,
    ink: Vec<f32>,
}

impl Paper {
    fn new(height: f32, count: usize) -> Self {
        let (rows, width) = ((2.4 * height) as usize, (2.2 * height * (count + 2) as f32) as usize);
        Paper { width, ink: vec![0.0; rows * width] }
    }

    fn at(&self, y: isize, x: isize) -> f32 {
        let inside = y >= 0 && x >= 0 && (x as usize) < self.width;
        let at = if inside { y as usize * self.width + x as usize } else { usize::MAX };
        self.ink.get(at).copied().unwrap_or(0.0)
    }

    fn paste(&mut self, digit: &Grey, top: usize, left: usize) {
        for y in 0..digit.height() {
            for x in 0..digit.width() {
                if let Some(pixel) = self.ink.get_mut((top + y) * self.width + left + x) {
                    *pixel = pixel.max(digit.at(y, x));
                }
            }
        }
    }

    /// Column at which a digit touches the ink left of it, which ends at `right`.
    fn touching(&self, digit: &Grey, top: usize, right: usize) -> usize {
        let touches = |left: usize| {
            (0..digit.height()).any(|y| {
                (0..digit.width()).any(|x| {
                    let here = (top + y) as isize;
                    digit.at(y, x) > 0.5 && self.at(here, (left + x) as isize - 1) > 0.5
                })
            })
        };
        (right.saturating_sub(digit.width())..=right)
            .rev()
            .find(|&left| touches(left))
            .unwrap_or(right)
    }

    /// Fills a rectangle from one corner (column, row) to the other.
    fn bar(&mut self, from: [f32; 2], to: [f32; 2]) {
        for y in from[1] as usize..(to[1].ceil() as usize).max(from[1] as usize + 1) {
            for x in from[0] as usize..(to[0].ceil() as usize).max(from[0] as usize + 1) {
                if let Some(pixel) = self.ink.get_mut(y * self.width + x) {
                    *pixel = pixel.max(0.9);
                }
            }
        }
    }

    /// The part of the paper from its first pixel on, turned, in some light, with noise.
    fn photographed(
        &self,
        [height, width]: [usize; 2],
        degrees: f32,
        shade: f32,
        noise: f32,
        is_inverted: bool,
        draw: &Draw,
    ) -> Grey {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (h, w) = (height as f32, width as f32);
        let rows = (h * cos + w * sin.abs()) as usize;
        let columns = (w * cos + h * sin.abs()) as usize;
        let (paper, tone) = (draw.within(20, 0.75, 0.95), draw.within(21, 0.1, 0.4));
        let (light_x, light_y) = (draw.within(22, -1.0, 1.0), draw.within(23, -1.0, 1.0));
        let mut pixels = Vec::with_capacity(rows * columns);
        for row in 0..rows {
            for column in 0..columns {
                let (y, x) = (row as f32 - 0.5 * rows as f32, column as f32 - 0.5 * columns as f32);
                let from = [cos * y - sin * x + 0.5 * h, sin * y + cos * x + 0.5 * w];
                let (top, left) = (from[0].floor(), from[1].floor());
                let (down, across) = (from[0] - top, from[1] - left);
                let at = |y: f32, x: f32| self.at((top + y) as isize, (left + x) as isize);
                let upper = at(0.0, 0.0) * (1.0 - across) + at(0.0, 1.0) * across;
                let lower = at(1.0, 0.0) * (1.0 - across) + at(1.0, 1.0) * across;
                let ink = upper * (1.0 - down) + lower * down;
                let place = light_x * x / columns as f32 + light_y * y / rows as f32;
                let light = 1.0 - shade * (0.5 + place).clamp(0.0, 1.0);
                let brightness = light * (paper + (tone - paper) * ink);
                // The sum of four even numbers is about normal, with a variance of 1/3.
                let key = draw.0.fold(1 + (row * columns + column) as u64);
                let sum: f32 = (0..4).map(|i| key.unit(i) - 0.5).sum();
                let seen = (brightness + noise * 1.732 * sum).clamp(0.0, 1.0);
                pixels.push(if is_inverted { 1.0 - seen } else { seen });
            }
        }
        Grey::new(rows, columns, pixels).expect("a picture of numbers")
    }
}
