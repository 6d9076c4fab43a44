//! What the first layer looks for: its weights as pictures.

use super::section::{Section, img};
use crate::chart::escape;
use crate::picture::Picture;
use crate::sequential::Sequential;

/// Of more filters, the first are shown.
const SHOWN: usize = 64;

/// How many pixels wide or high a filter should be as a file, at least.
const FILE_SIZE: usize = 48;

/// The weights of each filter that sees pixels: (height, width, 1 or 3).
struct Filters {
    layer: String,
    height: usize,
    width: usize,
    weights: Vec<Vec<f32>>,
}

/// Those of the first layer that has weights, if it is a convolution of more than single pixels, or
/// a dense layer that reads the whole image.
fn first(model: &Sequential) -> Option<Filters> {
    let (layer, weight) = model.layers().find_map(|layer| Some((layer, layer.params().next()?)))?;
    let weight = Some(weight).filter(|weight| weight.name == "weight")?;
    let image = model.input_shape();
    let (height, width, channels, filters) = match (weight.values.shape(), image) {
        (&[kh, kw, c, filters], [_, _, _]) if layer.name().starts_with("Conv2d(") => {
            (kh, kw, c, filters)
        }
        (&[inputs, units], &[h, w, c]) if inputs == h * w * c => (h, w, c, units),
        _ => return None,
    };
    if !matches!(channels, 1 | 3) || height * width <= 1 {
        return None;
    }
    let params = &model.params()[weight.range];
    let weights = |filter| params.iter().skip(filter).step_by(filters).copied().collect();
    let weights = (0..filters).map(weights).collect();
    Some(Filters { layer: layer.name().to_string(), height, width, weights })
}

pub(super) fn section(model: &Sequential) -> Option<Section> {
    let Filters { layer, height, width, weights } = first(model)?;
    let mut section = Section::new("filters", "First layer");
    let count = weights.len();
    let which =
        if count > SHOWN { format!("the first {SHOWN} of {count}") } else { format!("{count}") };
    let colours = match weights[0].len() / (height * width) {
        1 => "Where a weight is orange, light speaks for the filter, where it is blue, darkness",
        _ => "Each colour stands for the weights of its channel, and grey for none",
    };
    section.paragraph(&format!(
        "The weights of {}: {which} filters. {colours}; each is scaled to its largest weight.",
        escape(&layer)
    ));
    let shape = [height, width, weights[0].len() / (height * width)];
    let pictures = weights.iter().take(SHOWN).map(|weights| Picture::of_weights(&shape, weights));
    let pictures: Vec<Picture> = pictures.collect::<Option<_>>()?;
    let size = if height.max(width) > 11 { " large" } else { "" };
    section.html += &format!("<div class=\"filters{size}\">\n");
    for (number, picture) in pictures.iter().enumerate() {
        section.html += &img(picture, &format!("Filter {number}"));
        section.html.push('\n');
    }
    section.html += "</div>\n";
    let by = FILE_SIZE.div_ceil(height.max(width));
    let larger: Vec<Picture> = pictures.iter().map(|picture| picture.larger(by)).collect();
    let sheet = Picture::sheet(&larger, 8, 6)?;
    section.files.push(("filters.png".to_string(), sheet.png()));
    Some(section)
}
