//! Blocks of several layers: run as part of a model, behind a bias of the input's shape, whose
//! gradient is the input's.

use chainrule::file::Registry;
use chainrule::prelude::*;
use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD, Axis, Zip};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::LayerEntry;
use crate::case::{Config, Run, floats, sizes};
use crate::files::survives;

pub fn entries() -> Vec<LayerEntry> {
    vec![
        LayerEntry {
            name: "Residual",
            fixture: "residual",
            run: |case| match case["config"]["block"].as_str().unwrap() {
                "identity" => run_case(identity(), case),
                "projection" => run_case(projection(), case),
                _ => run_case(nested(), case),
            },
            check: || {
                check(identity(), &[3, 4, 3]);
                check(projection(), &[5, 4, 3]);
                check(nested(), &[3, 3, 2]);
            },
        },
        LayerEntry {
            name: "Branches",
            fixture: "branches",
            run: |case| match case["config"]["join"].as_str() {
                Some("multiply") => run_case(branches(Branches::multiply()), case),
                Some("append") => run_case(appended(), case),
                Some(_) => run_case(squeeze_and_excite(3), case),
                None if Config(&case["config"]).flag("concatenate") => {
                    run_case(branches(Branches::concatenate()), case)
                }
                None => run_case(branches(Branches::add()), case),
            },
            check: || {
                check(branches(Branches::add()), &[3, 4, 3]);
                check(branches(Branches::concatenate()), &[3, 4, 3]);
                check(branches(Branches::multiply()), &[3, 4, 3]);
                check(squeeze_and_excite(5), &[2, 3, 5]);
                check(squeeze_and_excite(70), &[2, 1, 70]);
                check(appended(), &[6, 3]);
                // The square of the input, and a gate for each of its slices.
                check(Branches::multiply().branch(Ok).branch(Ok), &[4]);
                let gated = Branches::multiply().branch(|x| x.add(Slice::new(0..3)));
                check(gated.branch(|x| x.add(Slice::new(3..6))?.add(Sigmoid)), &[2, 6]);
                // One way twice, and a view at the start of a branch.
                check(Branches::add().branch(Ok).branch(Ok), &[4]);
                let views = Branches::concatenate().branch(|x| x.add(Flatten)?.add(Dense::new(2)));
                check(views.branch(|x| x.add(Flatten)), &[2, 3]);
            },
        },
    ]
}

fn conv(filters: usize, kernel: usize) -> Conv2d {
    Conv2d::new(filters, kernel).padding(Padding::Same)
}

fn identity() -> Residual {
    Residual::new(|x| x.add(conv(4, 3))?.add(Tanh)?.add(conv(3, 3)))
}

fn projection() -> Residual {
    Residual::new(|x| x.add(conv(5, 3).stride(2))?.add(Tanh)?.add(conv(5, 3)))
        .projection(|x| x.add(Conv2d::new(5, 1).stride(2)))
}

fn nested() -> Residual {
    let inner = Residual::new(|x| x.add(Tanh)?.add(conv(2, 1)));
    Residual::new(|x| x.add(Tanh)?.add(conv(2, 3))?.add(inner))
}

fn branches(of: Branches) -> Branches {
    of.branch(|x| x.add(conv(3, 3)))
        .branch(|x| x.add(conv(3, 1))?.add(Tanh)?.add(conv(3, 3)))
        .branch(Ok)
}

/// The steps 2 to 4 as they are, all 6 through a dense layer, and the last two.
fn appended() -> Branches {
    let middle = Branches::append().branch(|x| x.add(Slice::steps(2..5)));
    middle.branch(|x| x.add(Dense::new(3))).branch(|x| x.add(Slice::steps(4..6)))
}

/// Each channel times a number that follows from the means of all channels.
fn squeeze_and_excite(channels: usize) -> Branches {
    let gates = move |x: Sequential| x.add(GlobalAvgPool2d)?.add(Dense::new(channels))?.add(Tanh);
    Branches::multiply().branch(Ok).branch(gates)
}

/// `y = x + b`, with a number for each of the input's.
#[derive(Serialize, Deserialize)]
struct Offset;

impl Layer for Offset {
    type Cache = ();

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        Ok(input.to_vec())
    }

    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        vec![ParamSpec::new("offset", input, Init::Zeros)]
    }

    fn new_cache(&self, _: &[usize], _: usize) {}

    fn forward(
        &self,
        params: Params,
        x: ArrayViewD<f32>,
        mut y: ArrayViewMutD<f32>,
        _: &mut (),
        _: Pass<'_>,
    ) {
        let b = ArrayViewD::from_shape(&x.shape()[1..], params.values).unwrap();
        Zip::from(&mut y).and(&x).and_broadcast(&b).for_each(|y, x, b| *y = x + b);
    }

    fn backward(
        &self,
        _: Params,
        _: Saved<()>,
        dy: ArrayViewMutD<f32>,
        dx: Option<ArrayViewMutD<f32>>,
        dparams: &mut [f32],
    ) {
        if let Some(mut dx) = dx {
            dx.assign(&dy);
        }
        dparams.iter_mut().zip(&dy.sum_axis(Axis(0))).for_each(|(db, dy)| *db += dy);
    }
}

/// `Σ t·y`: a loss whose gradient is the target.
#[derive(Debug)]
struct Direction;

impl Loss for Direction {
    fn check(&self, _: usize, _: &TargetKind) -> Result<(), Mismatch> {
        Ok(())
    }

    fn loss(&self, y: &[f32], target: Target, gradient: Option<&mut [f32]>) -> f32 {
        let Target::Values(t) = target else { panic!("values") };
        if let Some(gradient) = gradient {
            gradient.copy_from_slice(t);
        }
        y.iter().zip(t).map(|(y, t)| y * t).sum()
    }
}

fn model(block: impl Block, input: &[usize]) -> Sequential {
    Sequential::new(input).add(Offset).unwrap().add(block).unwrap()
}

/// Both passes of a block on a case of one sample.
pub fn run_case(block: impl Block, case: &Value) -> Run {
    let x = ArrayD::from_shape_vec(sizes(&case["x_shape"]), floats(&case["x"])).unwrap();
    let dy = ArrayD::from_shape_vec(sizes(&case["y_shape"]), floats(&case["dy"])).unwrap();
    run_block(block, &x, &floats(&case["params"]), &dy)
}

/// Both passes of a block on one sample.
pub fn run_block(block: impl Block, x: &ArrayD<f32>, params: &[f32], dy: &ArrayD<f32>) -> Run {
    let mut model = model(block, &x.shape()[1..]);
    let offset = vec![0.0; x.len()];
    model.set_params(&[&offset[..], params].concat()).unwrap();
    let y = model.predict(x).unwrap();
    assert_eq!(y.shape(), dy.shape());
    let dy = dy.to_shape(vec![1, y.len()]).unwrap().into_owned();
    let data = Arrays::new(x.clone(), dy).unwrap();
    let (_, mut dx) = model.gradient(&data, &[0], &Direction).unwrap();
    let dparams = dx.split_off(offset.len());
    Run { y: y.into_raw_vec_and_offset().0, dx, dparams }
}

/// Checks the gradient of a model of this block, on two samples, and that files hold it.
pub fn check(block: impl Block, input: &[usize]) {
    let model = model(block, input).initialize(1);
    survives(model.clone(), &Registry::default().with::<Offset>("Offset"));
    let (size, outputs) = (input.iter().product::<usize>(), model.output_shape().iter().product());
    let number = |i: usize| ((i * 37 % 101) as f32 - 50.0) / 50.0;
    let x = (0..2 * size).map(number).collect();
    let t = (1..=2 * outputs).map(number).collect();
    let x = ArrayD::from_shape_vec([&[2], input].concat(), x).unwrap();
    let data = Arrays::new(x, ArrayD::from_shape_vec(vec![2, outputs], t).unwrap()).unwrap();
    gradcheck_model(&model, &data, &Direction).unwrap();
}
