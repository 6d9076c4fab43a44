//! Pictures and maps of numbers as JSON: bytes in base64.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chainrule::intake::Grey;
use chainrule::ndarray::ArrayView2;
use serde_json::{Value, json};

/// Longest side of a picture that is sent: the page shows it smaller.
const LONGEST: usize = 140;

/// A grey picture, shrunk for the page: 255 is white. `of` is its own height and width.
pub fn picture(grey: &Grey) -> Value {
    let of = [grey.height(), grey.width()];
    let longest = of[0].max(of[1]);
    let shrunk = (longest > LONGEST).then(|| {
        let [height, width] = of.map(|side| (side * LONGEST / longest).max(1));
        grey.resize(height, width)
    });
    let shown = shrunk.and_then(Result::ok).unwrap_or_else(|| grey.clone());
    json!({
        "of": of,
        "height": shown.height(),
        "width": shown.width(),
        "pixels": bytes(shown.pixels()),
    })
}

/// Numbers from 0 to 1 as bytes.
pub fn bytes(values: &[f32]) -> String {
    let bytes: Vec<u8> = values.iter().map(|value| (255.0 * value).round() as u8).collect();
    BASE64_STANDARD.encode(bytes)
}

/// A map of signed numbers as bytes: 128 is 0, and 255 or 1 the `largest` of them, positive or negative.
pub fn signed(map: ArrayView2<'_, f32>) -> Value {
    let (height, width) = map.dim();
    let largest = map.iter().fold(0.0f32, |largest, value| largest.max(value.abs()));
    // A unit that is off has a map of zeros.
    let share = |value: &f32| if largest > 0.0 { value / largest } else { 0.0 };
    let bytes: Vec<u8> =
        map.iter().map(|value| (128.0 + 127.0 * share(value)).round() as u8).collect();
    json!({
        "height": height,
        "width": width,
        "largest": largest,
        "values": BASE64_STANDARD.encode(bytes),
    })
}
