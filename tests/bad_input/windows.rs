//! Windows that do not fit the image, and paddings that no layer takes.

use chainrule::prelude::*;

use crate::refused;

#[test]
fn a_window_that_does_not_fit_is_refused() {
    let smaller = "use a smaller kernel";
    let image: &[usize] = &[4, 6, 2];
    refused(image, Conv2d::new(8, 5), "Conv2d(8, 5×5)", "a height of at least 5", smaller);
    refused(image, MaxPool2d::new(5), "MaxPool2d(5×5)", "a height of at least 5", smaller);
    let wide = AvgPool2d::new((2, 7)).stride(2);
    refused(image, wide, "AvgPool2d(2×7, stride 2)", "a width of at least 7", smaller);

    let (less, pad) = ("less padding than its kernel", "pad by at most kernel - 1");
    let right = Padding::Explicit { top: 0, bottom: 0, left: 0, right: 9 };
    let name = "MaxPool2d(2×2, padding 0+0×0+9)";
    refused(image, MaxPool2d::new(2).padding(right), name, less, pad);
    let name = "AvgPool2d(3×3, padding 3×2)";
    refused(image, AvgPool2d::new(3).padding((3, 2)), name, less, pad);
    let (most, check) = ("padding of at most 65536", "check its settings");
    for pixels in [65537, usize::MAX] {
        let name = format!("Conv2d(8, 3×3, padding {pixels})");
        refused(image, Conv2d::new(8, 3).padding(pixels), &name, most, check);
    }
}

#[test]
fn taps_and_padding_that_miss_the_image_are_refused() {
    let image: &[usize] = &[4, 6, 2];
    let name = "Conv2d(8, 3×3, dilation 3)";
    let smaller = "use a smaller kernel";
    refused(image, Conv2d::new(8, 3).dilation(3), name, "a height of at least 7", smaller);
    let same = MaxPool2d::new(2).dilation(5).padding(Padding::Same);
    let name = "MaxPool2d(2×2, dilation 5, same)";
    refused(image, same, name, "a dilation of at most its height of 4", "use a smaller dilation");

    let up = ConvTranspose2d::new(1, 2).stride(2).output_padding((0, 2));
    let name = "ConvTranspose2d(1, 2×2, stride 2, output padding 0×2)";
    refused(image, up, name, "an output padding less than its stride", "leave it out");
    let name = "ConvTranspose2d(1, 3×3, padding 2×0)";
    let up = ConvTranspose2d::new(1, 3).padding((2, 0));
    refused(&[1, 6, 2], up, name, "padding of less than the 3 pixels", "use less padding");

    let signals = "signals of shape length×channels";
    refused(image, Conv1d::new(8, 3), "Conv1d(8, 3)", signals, "use `Conv2d` for images");
    let channel = "put it before `Flatten`, or give a signal of single numbers an axis of channels with \
                   `Reshape::new([784, 1])`";
    refused(&[784], Conv1d::new(8, 3), "Conv1d(8, 3)", signals, channel);
    let (conv, at_least) = (Conv1d::new(8, 5).stride(2), "a width of at least 5");
    refused(&[4, 2], conv, "Conv1d(8, 5, stride 2)", at_least, smaller);
}
