//! A look inside a trained network: what each layer makes of a digit, which pixels the answer depends
//! on, and how large the gradients are.
//!
//! ```text
//! cargo run --example look_inside
//! ```
//!
//! It prints a table of the layers, and writes `look_inside.svg`, a picture for any browser.

#[macro_use]
#[path = "../print/mod.rs"]
mod print; // its `println!` survives a closed pipe
mod picture;

use std::error::Error;

use chainrule::prelude::*;
use chainrule::sequential::GradientTrace;
use ndarray::{ArrayD, ArrayView2, Ix4, s};

use picture::{Colours, Picture, Tile};

/// Maps shown of each layer.
const MAPS: usize = 8;

fn main() -> Result<(), Box<dyn Error>> {
    let mnist = Mnist::sample();
    let model = train(&mnist.train)?;

    // A digit as the model sees it: numbers from 0 to 1, in a batch of one.
    let index = 18;
    let class = usize::from(mnist.test.label(index));
    let pixels = mnist.test.image(index).mapv(|byte| f32::from(byte) / 255.0);
    let x = pixels.insert_axis(ndarray::Axis(0)).into_dyn();
    let trace = model.trace_gradient(&x, &[Target::Class(class)], &SoftmaxCrossEntropy)?;

    let outputs = &trace.layers[trace.layers.len() - 1].output;
    let answer = outputs.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    let answer = answer.map_or(0, |(class, _)| class);
    println!("a {class}, taken for a {answer}, with a loss of {:.4}\n", trace.loss);
    print_table(&trace);

    let mut picture = Picture::new(MAPS);
    let saliency = trace.input.mapv(|dx| -dx);
    picture.row(
        "Input",
        &format!("a {class}, taken for a {answer}"),
        [
            Tile { name: "pixels".into(), values: map(&x, 0), colours: Colours::Ink },
            Tile { name: "-dL/dx".into(), values: map(&saliency, 0), colours: Colours::Signed },
        ],
    );
    picture.note(
        2,
        &[
            "-dL/dx: red where more ink would lower the loss, blue where less would.",
            "Layers: red numbers are positive, blue ones negative.",
            "Each map is scaled to its largest number.",
        ],
    );
    for layer in trace.layers.iter().filter(|layer| layer.output.ndim() == 4) {
        let shape = &layer.output.shape()[1..];
        let tile = |k: usize| Tile {
            name: format!("map {k}"),
            values: map(&layer.output, k),
            colours: Colours::Signed,
        };
        let size = format!("{} maps of {}×{}", shape[2], shape[0], shape[1]);
        picture.row(&layer.name, &size, (0..shape[2].min(MAPS)).map(tile));
    }
    std::fs::write("look_inside.svg", picture.svg())?;
    println!("\npicture: look_inside.svg");
    Ok(print::check()?)
}

/// Trains a small convolutional network for two epochs.
fn train(images: &Images) -> Result<Sequential> {
    let mut model = Sequential::new([28, 28, 1])
        .add(Conv2d::new(8, 5))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Conv2d::new(16, 3))?
        .add(Relu)?
        .add(MaxPool2d::new(2))?
        .add(Flatten)?
        .add(Dense::new(10))?
        .initialize(3);
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01))
        .schedule(OneCycle::new(0.3))
        .epochs(2)
        .fit(&mut model, images)?;
    Ok(model)
}

/// Prints each layer with its shape, and the lengths of its output and of the gradients there.
fn print_table(trace: &GradientTrace) {
    println!(
        "Layer               Output           |y|      |dL/dy|      |dL/d weight|  |dL/d bias|"
    );
    for (layer, gradient) in trace.layers.iter().zip(&trace.gradients) {
        let shape: Vec<String> = layer.output.shape()[1..].iter().map(usize::to_string).collect();
        print!("{:<20}{:<10}", layer.name, shape.join("×"));
        print!("{:>10.2}{:>13.4}", length(&layer.output), length(&gradient.output));
        for (_, values) in &gradient.params {
            print!("{:>15.4}", length(values));
        }
        println!();
    }
}

/// Length of an array as a vector.
fn length(values: &ArrayD<f32>) -> f32 {
    values.iter().map(|value| value * value).sum::<f32>().sqrt()
}

/// Map `k` of the only image of a batch.
fn map(images: &ArrayD<f32>, k: usize) -> ArrayView2<'_, f32> {
    let images = images.view().into_dimensionality::<Ix4>().expect("a batch of images");
    images.slice_move(s![0, .., .., k])
}
