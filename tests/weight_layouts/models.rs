//! The models of the fixtures, layer by layer.

use chainrule::prelude::*;

/// The layers of a case of PyTorch.
pub fn torch_model(layer: &str) -> Result<Sequential> {
    let new = |shape: &[usize]| Sequential::new(shape);
    match layer {
        "square dense" => new(&[4]).add(Dense::new(4).bias(false)),
        "square convolution" => new(&[3, 3, 3]).add(Conv2d::new(3, 3).bias(false)),
        "groups and norms" => new(&[6, 6, 2])
            .add(Conv2d::new(4, (3, 2)).groups(2))?
            .add(Prelu)?
            .add(BatchNorm::new())?
            .add(Conv2d::new(8, 3).groups(4))?
            .add(GroupNorm::new(2))?
            .add(ConvTranspose2d::new(4, (2, 3)).stride(2).groups(2)),
        "signal" => new(&[6, 4])
            .add(Conv1d::new(6, 3).groups(2))?
            .add(BatchNorm::new())?
            .add(Flatten)?
            .add(Dense::new(3)),
        "flattened image" => new(&[3, 4, 2])
            .add(Conv2d::new(3, 2))?
            .add(Flatten)?
            .add(BatchNorm::new())?
            .add(Prelu)?
            .add(LayerNorm::new())?
            .add(Dropout::new(0.5))?
            .add(Dense::new(18))?
            .add(Relu)?
            .add(Dense::new(4)),
        "image from features" => new(&[5])
            .add(Dense::new(12))?
            .add(BatchNorm::new())?
            .add(Relu)?
            .add(Reshape::new([2, 2, 3]))?
            .add(ConvTranspose2d::new(2, 2)),
        "image norm" => new(&[3, 5, 1]).add(Conv2d::new(3, 2))?.add(LayerNorm::new().axes(3)),
        "mean of an image" => new(&[4, 4, 2])
            .add(Conv2d::new(5, 2))?
            .add(GlobalAvgPool2d)?
            .add(Flatten)?
            .add(Dense::new(3)),
        "branches behind a flattened image" => new(&[2, 2, 3])
            .add(Flatten)?
            .add(Residual::new(|x| x.add(Dense::new(12))?.add(Tanh)))?
            .add(Dense::new(2)),
        other => panic!("no model for {other}"),
    }
}

/// The layers of a case of Keras.
pub fn keras_model(layer: &str) -> Result<Sequential> {
    let new = |shape: &[usize]| Sequential::new(shape);
    match layer {
        "square dense" => new(&[4]).add(Dense::new(4))?.add(BatchNorm::new()),
        "images" => new(&[6, 6, 2])
            .add(Conv2d::new(4, (3, 2)).groups(2))?
            .add(Prelu)?
            .add(BatchNorm::new())?
            .add(Conv2d::new(8, 3).groups(4))?
            .add(ConvTranspose2d::new(3, (2, 3)).stride(2))?
            .add(GroupNorm::new(3))?
            .add(Flatten)?
            .add(Dense::new(3)),
        "signal" => new(&[6, 4])
            .add(Conv1d::new(6, 3).groups(2))?
            .add(Conv1d::new(12, 2).groups(6))?
            .add(LayerNorm::new())?
            .add(Flatten)?
            .add(Dense::new(3)),
        other => panic!("no model for {other}"),
    }
}
