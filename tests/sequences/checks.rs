//! The gradient check on padded sequences: it finds a layer that breaks its promises.

use chainrule::error::{GradientError, SequenceError};
use chainrule::prelude::*;
use ndarray::{ArrayViewD, ArrayViewMutD, Axis};

/// Mistakes of a [`Mean`].
#[derive(Clone, Copy, PartialEq, Debug)]
enum Fault {
    None,
    /// Both passes count the padding.
    CountsPadding,
    /// The backward pass alone counts it.
    CountsPaddingBackward,
    /// The steps behind a length are left unwritten.
    ForgetsPadding,
    /// The output is the input, and one step more of it counts.
    MoreSteps,
}

/// The mean over the steps that count, as [`GlobalAvgPool1d`], or one for each step.
struct Mean(Fault);

impl Mean {
    fn counted(&self, lengths: Lengths, sample: usize, steps: usize, backward: bool) -> usize {
        match self.0 {
            Fault::CountsPadding => steps,
            Fault::CountsPaddingBackward if backward => steps,
            _ => lengths.of(sample, steps),
        }
    }
}

impl Layer for Mean {
    type Cache = ();

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        Ok(if self.0 == Fault::MoreSteps { input.to_vec() } else { vec![input[1]] })
    }

    fn output_length(
        &self,
        input: &[usize],
        _: &[usize],
        length: usize,
    ) -> Result<Option<usize>, Mismatch> {
        Ok((self.0 == Fault::MoreSteps).then_some(input[0].min(length + 1)))
    }

    fn new_cache(&self, _input: &[usize], _max_batch: usize) {}

    fn forward(
        &self,
        _: Params,
        x: ArrayViewD<f32>,
        mut y: ArrayViewMutD<f32>,
        _: &mut (),
        pass: Pass<'_>,
    ) {
        if self.0 == Fault::MoreSteps {
            return y.assign(&x);
        }
        for (sample, (x, mut y)) in x.outer_iter().zip(y.outer_iter_mut()).enumerate() {
            let counted = self.counted(pass.lengths, sample, x.shape()[0], false);
            y.assign(&(x.sum_axis(Axis(0)) / counted as f32));
        }
    }

    fn backward(
        &self,
        _: Params,
        saved: Saved<()>,
        dy: ArrayViewMutD<f32>,
        dx: Option<ArrayViewMutD<f32>>,
        _: &mut [f32],
    ) {
        let Some(mut dx) = dx else { return };
        if self.0 == Fault::MoreSteps {
            return dx.assign(&dy);
        }
        for (sample, (mut dx, dy)) in dx.outer_iter_mut().zip(dy.outer_iter()).enumerate() {
            let steps = dx.shape()[0];
            let counted = self.counted(saved.lengths, sample, steps, true);
            for (step, mut dx) in dx.outer_iter_mut().enumerate() {
                match self.0 {
                    Fault::ForgetsPadding if step >= counted => {}
                    _ => dx.assign(&(&dy / counted as f32)),
                }
            }
        }
    }
}

#[test]
fn a_layer_that_mixes_padding_in_is_found() {
    let check = |fault| gradcheck_padded(&Mean(fault), &[4, 3], &[4, 2, 1]);
    check(Fault::None).unwrap();
    for (fault, part) in [
        (Fault::CountsPadding, "number 0 of y of sample 1, 2 steps padded to 4 is"),
        (Fault::CountsPaddingBackward, "∂L/∂x[12]"),
        (Fault::ForgetsPadding, "overwrite all of dx"),
        (Fault::MoreSteps, "of sequences of 2 steps, `output_length` lets 3 steps count"),
    ] {
        let message = check(fault).unwrap_err().to_string();
        assert!(message.contains(part), "{fault:?}: {message}");
        // Without padding, nothing is wrong.
        gradcheck(&Mean(fault), &[4, 3], 3).unwrap();
    }
}

#[test]
fn lengths_of_a_check_must_fit_the_layer() {
    let wrong = |lengths: &[usize]| gradcheck_padded(&Relu, &[4, 3], lengths).unwrap_err();
    assert!(matches!(wrong(&[2, 5]), Error::Sequence(SequenceError::Length { sample: 1, .. })));
    assert!(matches!(wrong(&[0]), Error::Sequence(SequenceError::Length { sample: 0, .. })));
    assert!(matches!(wrong(&[]), Error::Gradient(GradientError::Contract { .. })));
    let both = gradcheck_padded(&LayerNorm::new().axes(2), &[4, 3], &[4, 2]).unwrap_err();
    assert!(matches!(both, Error::Sequence(SequenceError::Padded { sample: 0, .. })), "{both}");
}

/// Layers that couple samples, draw noise or have parameters for each step.
#[test]
fn layers_of_all_kinds_pass() {
    let (input, lengths) = (&[5, 4], &[5, 1, 3]);
    gradcheck_padded(&BatchNorm::new(), input, lengths).unwrap();
    gradcheck_padded(&Dropout::new(0.4), input, lengths).unwrap();
    gradcheck_padded(&LearnedPositions::new(), input, lengths).unwrap();
    gradcheck_padded(&Prelu, input, lengths).unwrap();
    gradcheck_padded(&Flatten, input, lengths).unwrap();
    gradcheck_padded(&Slice::new(1..3), input, lengths).unwrap();
}
