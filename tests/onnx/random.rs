//! Random networks of the catalogue: layers and blocks in any order in which they fit together.

use chainrule::prelude::*;
use chainrule::random::Key;
use rand::RngExt;

use crate::runtime::{Case, compare};

/// Number of networks.
const NETWORKS: u64 = 300;
/// Most values of an output within a network.
const LARGEST: usize = 2000;

/// Random choices.
struct Dice(rand::rngs::Xoshiro256PlusPlus);

impl Dice {
    fn new(key: Key) -> Self {
        Dice(key.rng())
    }

    /// A number from `low` up to `high`.
    fn size(&mut self, low: usize, high: usize) -> usize {
        self.0.random_range(low..=high)
    }

    fn pair(&mut self, low: usize, high: usize) -> (usize, usize) {
        (self.size(low, high), self.size(low, high))
    }

    fn coin(&mut self) -> bool {
        self.0.random()
    }

    /// A divisor of `n`.
    fn divisor(&mut self, n: usize) -> usize {
        let divisors: Vec<usize> = (1..=n).filter(|d| n.is_multiple_of(*d)).collect();
        divisors[self.size(0, divisors.len() - 1)]
    }

    fn padding(&mut self) -> Padding {
        let [(top, left), (bottom, right)] = [self.pair(0, 2), self.pair(0, 2)];
        let explicit = Padding::Explicit { top, bottom, left, right };
        [Padding::Valid, Padding::Same, explicit][self.size(0, 2)]
    }
}

/// Gives a model random parameters, and variances above 0.
pub fn randomize(mut model: Sequential, seed: u64) -> Sequential {
    model = model.initialize(seed);
    let mut rng = Key::new(seed).rng();
    let mut params = model.params().to_vec();
    for param in model.layers().flat_map(|layer| layer.params()) {
        let range = match param.name {
            "running_variance" | "scale" => 0.5..2.0,
            "weight" => continue,
            _ => -0.5..0.5,
        };
        params[param.range].iter_mut().for_each(|value| *value = rng.random_range(range.clone()));
    }
    model.set_params(&params).unwrap();
    model
}

/// Adds an activation, a normalization or dropout, which keep any shape.
fn add_function(x: Sequential, dice: &mut Dice) -> Result<Sequential> {
    let axes = x.output_shape().len();
    match dice.size(0, 18) {
        0 => x.add(Relu),
        1 => x.add(LeakyRelu::new(0.1)),
        2 => x.add(Prelu),
        3 => x.add(Elu::new(0.7)),
        4 => x.add(Selu),
        5 => x.add(Gelu),
        6 => x.add(GeluTanh),
        7 => x.add(Silu),
        8 => x.add(Mish),
        9 => x.add(Hardswish),
        10 => x.add(Softplus),
        11 => x.add(Sigmoid),
        12 => x.add(Tanh),
        13 => x.add(Softmax),
        14 => x.add(Dropout::new(0.5)),
        15 => x.add(Dropout2d::new(0.5)),
        16 => x.add(LayerNorm::new().axes(dice.size(1, axes)).epsilon(0.01)),
        _ => x.add(BatchNorm::new()),
    }
}

/// Adds a layer that keeps the shape.
fn add_keeping(x: Sequential, dice: &mut Dice) -> Result<Sequential> {
    let shape = x.output_shape().to_vec();
    let channels = shape[shape.len() - 1];
    match (dice.size(0, 6), shape.len()) {
        (0, 3) => x.add(Conv2d::new(channels, dice.pair(1, 3)).padding(Padding::Same)),
        (1, 3) => x.add(Conv2d::depthwise(dice.size(1, 3)).padding(Padding::Same)),
        (2, 3) => x.add(MaxPool2d::new(dice.size(1, 3)).stride(1).padding(Padding::Same)),
        (3, 3) => x.add(AvgPool2d::new(dice.size(1, 3)).stride(1).padding(Padding::Same)),
        (4, 3) => x.add(GroupNorm::new(dice.divisor(channels)).epsilon(0.01)),
        (0..2, 2) => x.add(Conv1d::new(channels, dice.size(1, 4)).padding(Padding::Same)),
        (2, 2) => x.add(SinusoidalPositions),
        (3, 2) => x.add(LearnedPositions::new()),
        (0..3, 1) => x.add(Dense::new(channels).bias(dice.coin())),
        _ => add_function(x, dice),
    }
}

/// Adds a layer that may change the shape.
fn add_layer(x: Sequential, dice: &mut Dice) -> Result<Sequential> {
    let shape = x.output_shape().to_vec();
    let (kernel, stride, dilation) = (dice.pair(1, 4), dice.pair(1, 3), dice.pair(1, 2));
    let (padding, channels) = (dice.padding(), shape[shape.len() - 1]);
    let (groups, count) = (dice.divisor(channels), dice.coin());
    match (dice.size(0, 12), &shape[..]) {
        (0..3, [_, _, _]) => {
            let conv = Conv2d::new(groups * dice.size(1, 3), kernel).groups(groups);
            x.add(conv.stride(stride).dilation(dilation).padding(padding).bias(count))
        }
        (3, [_, _, _]) => {
            let conv = ConvTranspose2d::new(groups * dice.size(1, 3), kernel).groups(groups);
            let more = dice.pair(0, 2);
            x.add(conv.stride(stride).dilation(dilation).padding(padding).output_padding(more))
        }
        (4, [_, _, _]) => {
            let pool = MaxPool2d::new(kernel).stride(stride).dilation(dilation).padding(padding);
            x.add(if count { pool.ceil() } else { pool })
        }
        (5, [_, _, _]) => {
            let pool = AvgPool2d::new(kernel).stride(stride).dilation(dilation).padding(padding);
            let pool = pool.count_padding(dice.coin());
            x.add(if count { pool.ceil() } else { pool })
        }
        (6, [_, _, _]) => {
            let ((top, bottom), (left, right)) = (dice.pair(0, 2), dice.pair(0, 2));
            x.add(ZeroPad2d::new(0).rows(top, bottom).cols(left, right))
        }
        (7, [_, _, _]) if dice.size(0, 3) == 0 => match count {
            true => x.add(GlobalAvgPool2d),
            false => x.add(GlobalMaxPool2d),
        },
        (8, [h, w, c]) => match count {
            true => x.add(Reshape::new([h * w, *c])),
            false => x.add(Reshape::new([*h, w * c])),
        },
        (0..5, [_, _]) => {
            let conv = Conv1d::new(groups * dice.size(1, 3), kernel.0).groups(groups);
            x.add(conv.stride(stride.0).dilation(dilation.0).padding(padding).bias(count))
        }
        (5, [_, _]) => {
            let pool = MaxPool1d::new(kernel.0).stride(stride.0).dilation(dilation.0);
            x.add(if count { pool.padding(padding).ceil() } else { pool.padding(padding) })
        }
        (6, [_, _]) => {
            let pool = AvgPool1d::new(kernel.0).stride(stride.0).dilation(dilation.0);
            let pool = pool.padding(padding).count_padding(dice.coin());
            x.add(if count { pool.ceil() } else { pool })
        }
        (7, [_, _]) => x.add(ZeroPad1d::new(0).ends(stride.0, dilation.1)),
        (8, [_, _]) if dice.size(0, 3) == 0 => match count {
            true => x.add(GlobalAvgPool1d),
            false => x.add(GlobalMaxPool1d),
        },
        (0..3, [_]) => x.add(Dense::new(dice.size(1, 20))),
        (3..6, [n]) => x.add(Reshape::new([n / groups, groups])),
        (6, [n]) => {
            let rows = dice.divisor(n / groups);
            x.add(Reshape::new([rows, n / groups / rows, groups]))
        }
        (9, _) => {
            let start = dice.size(0, channels - 1);
            x.add(Slice::new(start..dice.size(start + 1, channels)))
        }
        (10, _) if dice.size(0, 3) == 0 => x.add(Flatten),
        _ => add_keeping(x, dice),
    }
}

/// Adds a block whose branches are random themselves.
fn add_block(x: Sequential, key: Key, dice: &mut Dice) -> Result<Sequential> {
    let shape = x.output_shape().to_vec();
    let chain = move |number: u64| {
        move |x: Sequential| {
            let mut dice = Dice::new(key.fold(number));
            (0..dice.size(0, 3)).try_fold(x, |x, _| add_keeping(x, &mut dice))
        }
    };
    match dice.size(0, 4) {
        0 => x.add(Residual::new(chain(1))),
        1 => x.add(Branches::add().branch(chain(1)).branch(chain(2)).branch(Ok)),
        2 => {
            let channels = shape[shape.len() - 1];
            let part = dice.size(1, channels);
            let sliced = move |x: Sequential| chain(2)(x)?.add(Slice::new(0..part));
            x.add(Branches::concatenate().branch(chain(1)).branch(sliced))
        }
        3 => x.add(Branches::multiply().branch(chain(1)).branch(chain(2))),
        _ => {
            let channels = shape[shape.len() - 1];
            let gate = move |x: Sequential| {
                x.add(GlobalAvgPool2d)?.add(Dense::new(channels))?.add(Sigmoid)
            };
            x.add(Branches::multiply().branch(chain(1)).branch(gate))
        }
    }
}

/// A network of this seed. What does not fit where it is drawn is left out.
fn network(seed: u64) -> Sequential {
    let key = Key::new(seed).fold(1);
    let mut dice = Dice::new(key.fold(0));
    let (height, width) = dice.pair(1, 9);
    let channels = dice.size(1, 4);
    let input = [vec![height, width, channels], vec![height * 2, channels], vec![width + 1]];
    let kind = [0, 0, 0, 1, 2][dice.size(0, 4)];
    let mut model = Sequential::new(&input[kind][..]);
    let layers = dice.size(2, 10);
    for number in 0u64.. {
        let model_before = model.clone();
        let added = match dice.size(0, 4) {
            0 => add_block(model_before, key.fold(number + 1), &mut dice),
            _ => add_layer(model_before, &mut dice),
        };
        if let Some(longer) =
            added.ok().filter(|m| m.output_shape().iter().product::<usize>() < LARGEST)
        {
            model = longer;
        }
        if model.layers().len() >= layers {
            break;
        }
    }
    randomize(model, seed)
}

#[test]
fn random_networks_give_the_outputs_of_onnx_runtime() {
    let cases = (0..NETWORKS).map(|seed| Case::of(format!("network{seed}"), &network(seed)));
    let cases: Vec<Case> = cases.collect();
    compare(&cases);
}
