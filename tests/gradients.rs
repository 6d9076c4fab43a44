//! Proof that the gradient check finds what is wrong, and that fused layers are the same layers.
//! (Every layer and loss goes through it in `catalogue/`.)
#![cfg(feature = "sample")]

use chainrule::error::{GradientError, ModelError};
use chainrule::prelude::*;
use ndarray::{ArrayViewD, ArrayViewMutD};

/// A ReLU that no convolution recognizes as one.
#[derive(Clone, Copy)]
struct Separate;

impl Elementwise for Separate {
    fn f(&self, x: f32) -> f32 {
        Relu.f(x)
    }
    fn derivative(&self, x: f32, y: f32) -> f32 {
        Relu.derivative(x, y)
    }
}

#[test]
fn a_relu_fused_into_the_layer_before_it_gives_the_same_bits() {
    fn model(relu: impl Layer + Copy, filters: usize) -> Sequential {
        let model = Sequential::new([28, 28, 1]).add(Conv2d::new(16, 5).stride(2)).unwrap();
        let model = model.add(relu).unwrap().add(Conv2d::new(filters, 3)).unwrap();
        let model = model.add(relu).unwrap().add(BatchNorm::new()).unwrap().add(relu).unwrap();
        model.add(Flatten).unwrap().add(Dense::new(10)).unwrap()
    }
    /// The parameters after some steps, in which batch normalization is that of the batch.
    fn trained(mut model: Sequential, data: &Images) -> Vec<f32> {
        let mut trainer = Trainer::new(SoftmaxCrossEntropy, Sgd::new(0.1));
        trainer.fit(&mut model, data).unwrap();
        model.params().to_vec()
    }
    let data = Mnist::sample().test;
    // Few enough for one shard.
    let indices: Vec<usize> = (0..8).collect();
    // The second convolution is by Winograd's algorithm, and then a direct one.
    for filters in [32, 7] {
        let (fused, separate) = (model(Relu, filters), model(Separate, filters));
        let x = inputs(&data, &indices).unwrap();
        assert_eq!(fused.predict(&x).unwrap(), separate.predict(&x).unwrap());
        let few = data.take(300).unwrap();
        // Shards of other sizes round the sums over the batch in another way.
        let (fused, separate) =
            (trained(model(Relu, filters), &few), trained(model(Separate, filters), &few));
        assert!(fused.iter().zip(&separate).all(|(a, b)| (a - b).abs() < 1e-5));
        let of = |model: Sequential| model.gradient(&data, &indices, &SoftmaxCrossEntropy).unwrap();
        let (fused, separate) = (model(Relu, filters), model(Separate, filters));
        let (fused, separate) = (of(fused), of(separate));
        assert!(fused == separate);
        assert!(fused.1.iter().filter(|g| **g != 0.0).count() > fused.1.len() / 2);
    }
}

/// What a [`Broken`] layer gets wrong. Right, it is `y = w·x` with one weight.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Fault {
    None,
    InputGradient,
    WeightGradient,
    OneElement,
    ForgetsOutput,
    ForgetsInputGradient,
    OverwritesWeightGradient,
}

struct Broken(Fault);

impl Layer for Broken {
    type Cache = ();

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        Ok(input.to_vec())
    }

    fn param_specs(&self, _input: &[usize]) -> Vec<ParamSpec> {
        vec![ParamSpec::new("w", &[1], Init::HeNormal)]
    }

    fn new_cache(&self, _input: &[usize], _max_batch: usize) {}

    fn forward(
        &self,
        params: Params,
        x: ArrayViewD<f32>,
        mut y: ArrayViewMutD<f32>,
        _cache: &mut (),
        _pass: Pass<'_>,
    ) {
        y.zip_mut_with(&x, |y, x| *y = params.values[0] * x);
        if self.0 == Fault::ForgetsOutput {
            y.iter_mut().last().into_iter().for_each(|y| *y = f32::NAN);
        }
    }

    fn backward(
        &self,
        params: Params,
        saved: Saved<()>,
        dy: ArrayViewMutD<f32>,
        dx: Option<ArrayViewMutD<f32>>,
        dparams: &mut [f32],
    ) {
        let mut dw: f32 = dy.iter().zip(&saved.x).map(|(dy, x)| dy * x).sum();
        if self.0 == Fault::WeightGradient {
            dw *= 1.05;
        }
        match self.0 {
            Fault::OverwritesWeightGradient => dparams[0] = dw,
            _ => dparams[0] += dw,
        }
        let Some(mut dx) = dx else { return };
        let mut w = params.values[0];
        if self.0 == Fault::InputGradient {
            w = -w;
        }
        dx.zip_mut_with(&dy, |dx, dy| *dx = w * dy);
        if let Some(last) = dx.iter_mut().last() {
            match self.0 {
                Fault::OneElement => *last += 0.1,
                Fault::ForgetsInputGradient => *last = f32::NAN,
                _ => {}
            }
        }
    }
}

#[test]
fn the_check_finds_what_is_wrong() {
    gradcheck(&Broken(Fault::None), &[6], 3).unwrap();
    for (fault, part) in [
        (Fault::InputGradient, "∂L/∂x[0]"),
        (Fault::WeightGradient, "∂L/∂w[0]"),
        (Fault::OneElement, "∂L/∂x[17]"),
        (Fault::ForgetsOutput, "overwrite all of y"),
        (Fault::ForgetsInputGradient, "overwrite all of dx"),
        (Fault::OverwritesWeightGradient, "add to dparams"),
    ] {
        let message = gradcheck(&Broken(fault), &[6], 3).unwrap_err().to_string();
        assert!(message.contains(part) && message.contains("Broken"), "{fault:?}: {message}");
    }
}

/// A loss whose gradient is off by its factor.
#[derive(Debug)]
struct Halved;

impl Loss for Halved {
    fn check(&self, outputs: usize, targets: &chainrule::data::TargetKind) -> Result<(), Mismatch> {
        MeanSquaredError.check(outputs, targets)
    }

    fn loss(&self, prediction: &[f32], target: Target<'_>, gradient: Option<&mut [f32]>) -> f32 {
        MeanSquaredError.loss(prediction, target, gradient) / 2.0
    }
}

#[test]
fn the_check_of_losses_finds_what_is_wrong() {
    let error = gradcheck_loss(&Halved, 4).unwrap_err();
    assert!(matches!(error, Error::Gradient(GradientError::Differs { .. })), "{error}");
}

#[test]
fn a_shape_that_the_layer_refuses_is_an_error() {
    let error = gradcheck(&Conv2d::new(2, 5), &[3, 3, 1], 1).unwrap_err();
    assert!(matches!(error, Error::Model(ModelError::Layer { .. })), "{error}");
}

#[test]
fn there_must_be_something_to_check() {
    for (input, n) in [(&[3][..], 0), (&[0][..], 2), (&[usize::MAX, 2][..], 1)] {
        let error = gradcheck(&Flatten, input, n).unwrap_err();
        assert!(matches!(error, Error::Gradient(GradientError::Contract { .. })), "{error}");
    }
    assert!(gradcheck_loss(&MeanSquaredError, 0).is_err());
}
