//! Whole models of Keras.

use chainrule::prelude::*;

use crate::{Case, fixture, keras_net, refusal};

const FILES: [&str; 2] = ["keras_net.keras", "keras_net.h5"];

#[test]
fn files_give_what_the_model_gives() -> Result<()> {
    let case = &Case::all("keras_files.json")[0];
    for file in FILES {
        let mut model = keras_net();
        model.load_weights(fixture(file))?;
        case.agrees(&model.predict(&case.x())?);
    }
    Ok(())
}

/// The layers of the net, of which one may differ.
fn net(norm: BatchNorm, conv: Conv2d, padding: Padding, with_tanh: bool) -> Result<Sequential> {
    let model = Sequential::new([6, 6, 2])
        .add(Conv2d::new(3, 2).padding(padding))?
        .add(Relu)?
        .add(norm)?
        .add(conv)?
        .add(Prelu)?
        .add(Flatten)?
        .add(Dense::new(6).bias(false))?;
    let model = if with_tanh { model.add(Tanh)? } else { model };
    model.add(Dense::new(6))
}

#[test]
fn settings_that_change_results_are_compared() -> Result<()> {
    let norm = || BatchNorm::new().epsilon(1e-3);
    let conv = || Conv2d::depthwise(3).stride(2);
    let same = Padding::Same;
    for file in FILES {
        // The softmax at the end may be left to the loss.
        net(norm(), conv(), same, true)?.load_weights(fixture(file))?;
        for (model, said, fix) in [
            (net(BatchNorm::new(), conv(), same, true)?, "ε = 1e-3", ".epsilon(0.001)"),
            (net(norm(), Conv2d::depthwise(3), same, true)?, "strides [2,2]", ".stride("),
            (net(norm(), conv(), Padding::Valid, true)?, "padding same", "Padding::Same"),
            (net(norm(), conv(), same, false)?, "the activation tanh", "`Tanh` behind it"),
        ] {
            let error = refusal(file, model);
            assert!(error.contains(said) && error.contains(fix), "{error}");
        }
    }
    Ok(())
}
