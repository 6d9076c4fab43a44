//! Every layer by itself, over settings and shapes.

use chainrule::file::Registry;
use chainrule::layers::{Cell, Direction, Recurrent};
use chainrule::prelude::*;

use crate::random::randomize;
use crate::runtime::{Case, compare};

/// Models of one layer.
#[derive(Default)]
struct Models(Vec<Sequential>);

impl Models {
    fn layer<L: Layer + Clone>(&mut self, layer: L, inputs: &[&[usize]]) {
        for &input in inputs {
            self.0.push(Sequential::new(input).add(layer.clone()).unwrap());
            // Behind a convolution the channels come first.
            let model = match *input {
                [_, channels] => Sequential::new(input).add(Conv1d::new(channels, 1)),
                [_, _, channels] => Sequential::new(input).add(Conv2d::new(channels, 1)),
                _ => continue,
            };
            self.0.push(model.unwrap().add(layer.clone()).unwrap());
        }
    }
}

const ANY: &[&[usize]] = &[&[1], &[7], &[4, 3], &[3, 2, 5], &[2, 3, 2, 4], &[]];
const AXES: &[&[usize]] = &[&[1], &[7], &[4, 3], &[3, 2, 5], &[2, 3, 2, 4]];

fn activations(models: &mut Models) {
    models.layer(Relu, ANY);
    models.layer(LeakyRelu::new(0.2), ANY);
    models.layer(LeakyRelu::new(0.0), ANY);
    models.layer(Elu::new(1.0), ANY);
    models.layer(Elu::new(0.3), ANY);
    models.layer(Selu, ANY);
    models.layer(Gelu, ANY);
    models.layer(GeluTanh, ANY);
    models.layer(Silu, ANY);
    models.layer(Mish, ANY);
    models.layer(Hardswish, ANY);
    models.layer(Softplus, ANY);
    models.layer(Sigmoid, ANY);
    models.layer(Tanh, ANY);
    models.layer(Prelu, AXES);
    models.layer(Softmax, AXES);
}

fn convolutions(models: &mut Models) {
    let lopsided = Padding::Explicit { top: 2, bottom: 0, left: 1, right: 3 };
    models.layer(Dense::new(3), &[&[1], &[7], &[4, 2], &[1, 3]]);
    models.layer(Dense::new(1).bias(false), &[&[5], &[3, 2]]);
    models.layer(Conv2d::new(5, 3), &[&[3, 3, 1], &[6, 5, 2]]);
    models.layer(Conv2d::new(2, 2).stride((2, 3)).bias(false), &[&[5, 7, 3]]);
    models.layer(Conv2d::new(2, 3).stride(2).padding(Padding::Same), &[&[7, 8, 1], &[1, 1, 2]]);
    models.layer(Conv2d::new(3, (3, 4)).stride((1, 2)).padding(lopsided), &[&[4, 5, 2]]);
    models.layer(Conv2d::new(3, 2).dilation((2, 1)).padding(1), &[&[3, 3, 1], &[5, 4, 2]]);
    models.layer(Conv2d::new(3, 4).dilation(2).padding(Padding::Same), &[&[6, 7, 1]]);
    models.layer(Conv2d::new(6, 2).groups(3), &[&[2, 3, 3], &[3, 2, 6]]);
    models.layer(Conv2d::depthwise(3).padding(Padding::Same), &[&[4, 5, 3], &[2, 7, 16]]);
    models.layer(Conv2d::depthwise(2).dilation(3).bias(false), &[&[5, 4, 5]]);
    // Windows that see nothing of the image.
    models.layer(Conv2d::new(17, 2).padding((2, 3)), &[&[1, 1, 3], &[3, 2, 1]]);
    models.layer(Conv2d::new(3, 1).padding(1), &[&[2, 3, 2]]);

    let causal = Padding::Explicit { top: 0, bottom: 0, left: 2, right: 0 };
    models.layer(Conv1d::new(5, 3), &[&[3, 1], &[7, 2]]);
    models.layer(Conv1d::new(4, 3).stride(2).dilation(2).groups(2), &[&[9, 6]]);
    models.layer(Conv1d::depthwise(3).padding(causal).bias(false), &[&[1, 1], &[5, 3]]);
    models.layer(Conv1d::new(2, 4).stride(3).padding(Padding::Same), &[&[8, 2]]);

    let up = ConvTranspose2d::new;
    models.layer(up(3, 3), &[&[3, 2, 1], &[2, 2, 5]]);
    models.layer(up(2, 3).stride(2).padding(Padding::Same), &[&[3, 2, 3]]);
    // A kernel shorter than the stride.
    models.layer(up(2, 2).stride(3).padding(Padding::Same), &[&[2, 3, 1]]);
    models.layer(up(2, 1).stride(4).padding(Padding::Same).output_padding(3), &[&[2, 3, 2]]);
    let one = Padding::Explicit { top: 1, bottom: 1, left: 1, right: 0 };
    models.layer(up(4, 3).stride((2, 3)).padding(one).output_padding((1, 2)), &[&[3, 2, 3]]);
    models.layer(up(3, 2).dilation(3).output_padding((2, 0)).bias(false), &[&[2, 3, 2]]);
    models.layer(ConvTranspose2d::new(3, (2, 3)).stride(2).padding((2, 4)), &[&[3, 4, 2]]);
    models.layer(up(4, 3).stride(2).groups(2), &[&[2, 3, 6]]);
}

fn pools(models: &mut Models) {
    let images: &[&[usize]] = &[&[4, 4, 1], &[5, 7, 3], &[6, 4, 2]];
    models.layer(MaxPool2d::new(2), images);
    models.layer(MaxPool2d::new((3, 2)).stride((2, 1)).padding(Padding::Same), images);
    models.layer(MaxPool2d::new(3).stride(2).ceil(), images);
    models.layer(MaxPool2d::new(2).stride(3).padding(1).ceil(), images);
    models.layer(MaxPool2d::new(2).dilation((2, 3)), images);
    models.layer(MaxPool2d::new(2).dilation(3).padding(3).stride(2).ceil(), images);
    for counts in [false, true] {
        let pool = |kernel| AvgPool2d::new(kernel).count_padding(counts);
        models.layer(pool(2), images);
        models.layer(pool(3).stride((2, 1)).padding(Padding::Same), images);
        models.layer(pool(3).stride(2).ceil(), images);
        models.layer(pool(3).stride(2).padding(1).ceil(), images);
        models.layer(pool(2).stride(3).padding((0, 1)).ceil(), images);
        models.layer(pool(2).dilation((2, 3)), images);
        models.layer(pool(3).dilation((1, 2)).padding(2), images);
        models.layer(pool(2).dilation(3).padding(3).stride(2).ceil(), images);
    }
    models.layer(GlobalAvgPool2d, images);
    models.layer(GlobalMaxPool2d, images);
}

fn signals(models: &mut Models) {
    let signals: &[&[usize]] = &[&[4, 1], &[7, 3], &[6, 2]];
    let ends = |left, right| Padding::Explicit { top: 0, bottom: 0, left, right };
    models.layer(MaxPool1d::new(2), signals);
    models.layer(MaxPool1d::new(3).stride(2).padding(Padding::Same), signals);
    models.layer(MaxPool1d::new(2).stride(3).padding(ends(1, 0)).ceil(), signals);
    models.layer(MaxPool1d::new(2).dilation(3).padding(ends(3, 3)).stride(2).ceil(), signals);
    for counts in [false, true] {
        let pool = |kernel| AvgPool1d::new(kernel).count_padding(counts);
        models.layer(pool(2), signals);
        models.layer(pool(3).stride(2).padding(Padding::Same), signals);
        models.layer(pool(3).stride(2).padding(ends(1, 1)).ceil(), signals);
        models.layer(pool(2).stride(3).padding(ends(0, 1)).ceil(), signals);
        models.layer(pool(2).dilation(3).padding(ends(3, 2)).stride(2).ceil(), signals);
    }
    models.layer(GlobalAvgPool1d, signals);
    models.layer(GlobalMaxPool1d, signals);
    models.layer(ZeroPad1d::new(0), signals);
    models.layer(ZeroPad1d::new(0).ends(3, 1), signals);
    // Zeros do not become the padding of a pool.
    let model = || Sequential::new([4, 2]).add(Conv1d::new(3, 1)).unwrap().add(ZeroPad1d::new(2));
    models.0.push(model().unwrap().add(MaxPool1d::new(3)).unwrap());
    models.0.push(model().unwrap().add(AvgPool1d::new(3)).unwrap());
    models.layer(SinusoidalPositions, signals);
    models.layer(LearnedPositions::new(), signals);
}

fn norms(models: &mut Models) {
    models.layer(BatchNorm::new(), AXES);
    models.layer(BatchNorm::new().epsilon(0.1), AXES);
    models.layer(LayerNorm::new(), &[&[5], &[4, 33], &[2, 3, 8]]);
    models.layer(LayerNorm::new().axes(2), &[&[3, 2], &[2, 3, 5]]);
    models.layer(LayerNorm::new().axes(3).epsilon(0.1), &[&[2, 3, 5]]);
    models.layer(GroupNorm::new(1), &[&[3, 2, 1], &[2, 3, 5]]);
    models.layer(GroupNorm::new(2), &[&[3, 3, 4], &[1, 2, 18]]);
    models.layer(GroupNorm::new(3).epsilon(0.1), &[&[3, 4, 3]]);
}

fn shapes(models: &mut Models) {
    models.layer(Flatten, ANY);
    models.layer(Flatten, &[&[3, 4, 1], &[1, 1, 6]]);
    models.layer(Reshape::new([6]), &[&[6], &[2, 3], &[3, 1, 2], &[6, 1, 1]]);
    models.layer(Reshape::new([5, 1, 2, 3]), &[&[30], &[3, 10], &[5, 2, 3]]);
    models.layer(Reshape::new([]), &[&[], &[1], &[1, 1, 1]]);
    models.layer(Slice::new(0..1), &[&[1], &[4, 3], &[3, 2, 5]]);
    models.layer(Slice::new(2..5), &[&[5], &[2, 3, 7]]);
    models.layer(Slice::steps(1..3), &[&[4, 3], &[3, 2, 5]]);
    models.layer(ZeroPad2d::new(0), &[&[2, 3, 1]]);
    models.layer(ZeroPad2d::new(2).rows(0, 3), &[&[2, 4, 2]]);
    models.layer(ZeroPad2d::new(0).rows(1, 0).cols(0, 4), &[&[3, 2, 7]]);
    // A frame does not become the padding of a pool.
    for pool in [true, false] {
        let mut model = Sequential::new([4, 4, 2]).add(Conv2d::new(3, 1)).unwrap();
        model = model.add(ZeroPad2d::new(0).rows(1, 0).cols(2, 4)).unwrap();
        models.0.push(match pool {
            true => model.add(MaxPool2d::new(3)).unwrap(),
            false => model.add(AvgPool2d::new(3)).unwrap(),
        });
    }
    models.layer(Dropout::new(0.5), ANY);
    models.layer(Dropout2d::new(0.5), &[&[2, 3, 5]]);
}

fn attention(models: &mut Models) {
    models.layer(SelfAttention::new(1), &[&[1, 1], &[5, 3]]);
    models.layer(SelfAttention::new(4).causal(), &[&[7, 8], &[1, 4]]);
    models.layer(SelfAttention::new(2).head_width(5).bias(false), &[&[4, 3]]);
    models.layer(CrossAttention::new(1, 2), &[&[3, 1], &[6, 5]]);
    models.layer(CrossAttention::new(2, 3).head_width(5), &[&[5, 3]]);
    models.layer(CrossAttention::new(4, 1).bias(false), &[&[4, 8]]);
    // The channels come first behind a convolution.
    for causal in [false, true] {
        let block = TransformerBlock::new(2, 7).dropout(0.5);
        let block = if causal { block.causal() } else { block.post_norm() };
        let model = Sequential::new([6, 3]).add(Conv1d::new(4, 2)).unwrap();
        let model = model.add(Branches::append().branch(Ok).branch(|x| x.add(Slice::steps(2..4))));
        models.0.push(model.unwrap().add(block).unwrap());
    }
}

fn sequences(models: &mut Models) {
    models.layer(Embedding::new(5, 3), &[&[4], &[1]]);
    models.layer(Embedding::new(3, 2).padding(1), &[&[6]]);
    models.layer(Unembedding::new(6), &[&[3], &[4, 2], &[1, 16]]);
    let tied = Sequential::new([4]).add(Embedding::new(5, 3)).unwrap();
    models.0.push(tied.add(Tanh).unwrap().add(Tied::to(0, Unembedding::new(5))).unwrap());
    for every in [false, true] {
        recurrent(models, every, SimpleRnn::new(5));
        recurrent(models, every, SimpleRnn::new(2).relu());
        recurrent(models, every, Lstm::new(3));
        recurrent(models, every, Gru::new(3));
        recurrent(models, every, Gru::new(4).reset_before());
    }
}

/// A recurrent layer in all directions, with and without a state.
fn recurrent<C: Cell>(models: &mut Models, every: bool, layer: Recurrent<C>) {
    let layer = if every { layer.every_step() } else { layer };
    models.layer(layer, &[&[1, 1], &[5, 3]]);
    models.layer(layer.direction(Direction::Reverse), &[&[4, 2]]);
    models.layer(layer.direction(Direction::Both), &[&[4, 2]]);
    models.layer(layer.direction(Direction::Both).learned_state(), &[&[3, 2]]);
}

/// Models of each layer, with random parameters.
fn models() -> Vec<Sequential> {
    let mut models = Models::default();
    for family in [activations, convolutions, pools, signals, norms, shapes, attention, sequences] {
        family(&mut models);
    }
    let number = models.0.into_iter().enumerate();
    number.map(|(seed, model)| randomize(model, seed as u64)).collect()
}

#[test]
fn every_layer_gives_the_outputs_of_onnx_runtime() {
    let name = |(number, model): (usize, &Sequential)| {
        let layers: Vec<&str> = model.layers().map(|layer| layer.name()).collect();
        let label = format!("{number} {:?} {}", model.input_shape(), layers.join(" "));
        let label = label.replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        Case::of(label, model)
    };
    let cases: Vec<Case> = models().iter().enumerate().map(name).collect();
    compare(&cases);
}

#[test]
fn every_layer_of_the_registry_is_exported() {
    let models = models();
    for name in Registry::default().names() {
        let is_layer = |label: &str| label.split('(').next() == Some(name);
        let has = |model: &Sequential| model.layers().last().is_some_and(|l| is_layer(l.name()));
        let mut own = models.iter().filter(|model| has(model)).peekable();
        assert!(own.peek().is_some(), "{name} has no model here: add one, and its operator");
        own.for_each(|model| drop(model.to_onnx().unwrap()));
    }
}
