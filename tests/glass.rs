//! The glass model: what a trace shows is what the layers compute, by slopes and by the plain twins.

use chainrule::prelude::*;
use chainrule::reference::{
    self, Slide, conv2d, conv2d_backward, dense, dense_backward, relu, relu_backward,
};
use ndarray::{Array, ArrayBase, ArrayD, Axis, Data, Dimension, Ix1, Ix2, Ix4, Zip, array};

/// Asserts that two arrays hold the same values, up to the rounding of sums in another order.
#[track_caller]
fn close<D: Dimension, S: Data<Elem = f32>>(name: &str, one: &ArrayD<f32>, two: &ArrayBase<S, D>) {
    assert_eq!(one.shape(), two.shape(), "{name}");
    let allowed = 1e-5 * one.iter().fold(1.0f32, |most, x| most.max(x.abs()));
    for (i, (one, two)) in one.iter().zip(two).enumerate() {
        assert!((one - two).abs() <= allowed, "{name}[{i}]: {one} and {two}");
    }
}

/// Branches in a residual block, a view at the end of a branch, batch normalization, and fused layers.
fn branching() -> Result<Sequential> {
    let sides = Branches::concatenate()
        .branch(|x| x.add(Flatten))
        .branch(|x| x.add(MaxPool2d::new(2))?.add(Flatten)?.add(Dense::new(3))?.add(Relu));
    let model = Sequential::new([6, 5, 2])
        .add(Conv2d::new(3, 3).padding(Padding::Same))?
        .add(BatchNorm::new())?
        .add(Relu)?
        .add(Residual::new(|x| x.add(Conv2d::new(3, 1))?.add(Relu)?.add(Dropout::new(0.5))))?
        .add(sides)?
        .add(Dense::new(4))?
        .initialize(5);
    // Biases and statistics that are not those of a new layer.
    let mut model = model;
    let moved = |(i, &w): (usize, &f32)| w + 0.05 * ((i * 7 % 11) as f32 - 3.0).abs();
    let params: Vec<f32> = model.params().iter().enumerate().map(moved).collect();
    model.set_params(&params)?;
    Ok(model)
}

fn inputs() -> ArrayD<f32> {
    let number = |i: usize| ((i * 37 % 101) as f32 - 50.0) / 50.0;
    ArrayD::from_shape_vec(vec![3, 6, 5, 2], (0..180).map(number).collect()).unwrap()
}

const TARGETS: [Target; 3] = [Target::Class(1), Target::Class(3), Target::Class(0)];

#[test]
fn a_trace_ends_in_the_prediction_and_each_layer_reads_what_came_before() -> Result<()> {
    let model = branching()?;
    let trace = model.trace(&inputs())?;
    let last = trace.layers.last().unwrap();
    close("prediction", &model.predict(&inputs())?, &last.output);
    assert_eq!(trace.layers[0].inputs[0], inputs());
    for (traced, layer) in trace.layers.iter().zip(model.layers()) {
        assert_eq!((traced.index, &*traced.name), (layer.index(), layer.name()));
        assert_eq!(traced.output.shape()[1..], *layer.output_shape());
        assert_eq!(traced.inputs[0].shape()[1..], *layer.input_shape());
    }
    // Fused in training, and shown one by one: batch normalization gives negative numbers.
    let (norm, relu) = (&trace.layers[1], &trace.layers[2]);
    assert!(norm.output.iter().any(|&y| y < 0.0));
    assert_eq!(norm.output.mapv(|y| y.max(0.0)), relu.output);
    // Dropout is off, and the two branches of a block meet.
    let residual = trace.layers.iter().find(|layer| layer.name == "Residual").unwrap();
    assert_eq!(residual.inputs[1], relu.output);
    assert_eq!(&residual.inputs[0] + &residual.inputs[1], residual.output);
    let sides = trace.layers.iter().find(|layer| layer.name == "Concatenate").unwrap();
    assert_eq!((sides.inputs[0].shape(), sides.inputs[1].shape()), (&[3, 90][..], &[3, 3][..]));
    let joined = ndarray::concatenate(Axis(1), &[sides.inputs[0].view(), sides.inputs[1].view()]);
    assert_eq!(joined.unwrap(), sides.output);
    Ok(())
}

#[test]
fn traced_gradients_are_those_of_training_and_the_slopes_of_the_loss() -> Result<()> {
    let model = branching()?;
    let trace = model.trace_gradient(&inputs(), &TARGETS, &SoftmaxCrossEntropy)?;
    let targets = Array::from_shape_fn((3, 4), |(n, k)| (TARGETS[n] == Target::Class(k)) as u8);
    let targets = targets.mapv(f32::from).into_dyn();
    let data = Arrays::new(inputs(), targets.clone())?;
    let (loss, gradient) = model.gradient(&data, &[0, 1, 2], &SoftmaxCrossEntropy)?;
    assert!((loss - trace.loss).abs() < 1e-6);
    for (layer, traced) in model.layers().zip(&trace.gradients) {
        let trained: Vec<_> = layer.params().filter(|own| own.trainable).collect();
        assert_eq!(trained.len(), traced.params.len());
        for (own, (name, values)) in trained.into_iter().zip(&traced.params) {
            assert_eq!(own.name, name);
            let wanted = Array::from_shape_vec(values.shape(), gradient[own.range].to_vec());
            close(&format!("{} {name}", layer.index()), values, &wanted.unwrap());
        }
    }

    // The slope of the loss along each input, in 64 bits from there on.
    let loss_at = |x: ArrayD<f32>| -> Result<f64> {
        let data = Arrays::new(x, targets.clone())?;
        Ok(model.evaluate(&data, &SoftmaxCrossEntropy)?.loss)
    };
    let h = 1e-2;
    let mut kinks = 0;
    for i in 0..inputs().len() {
        let at = |step: f32| {
            let mut x = inputs();
            x.as_slice_mut().unwrap()[i] += step;
            loss_at(x)
        };
        let (down, here, up) = (at(-h)?, at(0.0)?, at(h)?);
        let (left, right) = ((here - down) / f64::from(h), (up - here) / f64::from(h));
        // A ReLU or a maximum changed sides within the step.
        if (left - right).abs() > 2e-3 {
            kinks += 1;
            continue;
        }
        let traced = f64::from(trace.input.as_slice().unwrap()[i]);
        let slope = (left + right) / 2.0;
        assert!((slope - traced).abs() < 1e-3, "input {i}: {slope} and {traced}");
    }
    assert!(kinks < 60, "{kinks} kinks");
    Ok(())
}

#[test]
fn each_layer_of_a_trace_equals_its_plain_twin() -> Result<()> {
    let model = Sequential::new([6, 5, 2])
        .add(Conv2d::new(3, 3))?
        .add(Relu)?
        .add(Flatten)?
        .add(Dense::new(4))?
        .initialize(5);
    let trace = model.trace_gradient(&inputs(), &TARGETS, &SoftmaxCrossEntropy)?;
    let [conv, act, flatten, out] = &trace.layers[..] else { panic!("four layers") };
    let [dconv, dact, dflatten, dout] = &trace.gradients[..] else { panic!("four layers") };

    let slides = [Slide { stride: 1, dilation: 1, pad: 0 }; 2];
    let x = inputs().into_dimensionality::<Ix4>().unwrap();
    let w = model.param("0.weight")?.into_dimensionality::<Ix4>().unwrap();
    let b = model.param("0.bias")?.into_dimensionality::<Ix1>().unwrap();
    close("y of conv", &conv.output, &conv2d(x.view(), w, b, slides, (4, 3)));
    close("y of relu", &act.output, &conv.output.mapv(relu));
    assert_eq!(flatten.output.iter().collect::<Vec<_>>(), act.output.iter().collect::<Vec<_>>());
    let flat = flatten.output.view().into_dimensionality::<Ix2>().unwrap();
    let w2 = model.param("3.weight")?.into_dimensionality::<Ix2>().unwrap();
    let b2 = model.param("3.bias")?.into_dimensionality::<Ix1>().unwrap();
    close("y of dense", &out.output, &dense(flat, w2, b2));

    // Backward, from the loss on.
    let mut dz = Array::zeros((3, 4));
    for (n, target) in TARGETS.into_iter().enumerate() {
        let z = out.output.index_axis(Axis(0), n).into_dimensionality::<Ix1>().unwrap();
        let t = Array::from_shape_fn(4, |k| if target == Target::Class(k) { 1.0 } else { 0.0 });
        let own = reference::softmax_cross_entropy_backward(z, t.view()) / 3.0;
        dz.row_mut(n).assign(&own);
    }
    close("dy of dense", &dout.output, &dz);
    let (dx, dw, db) = dense_backward(flat, w2, dz.view());
    close("dx of dense", &dout.inputs[0], &dx);
    close("dw of dense", &dout.params[0].1, &dw);
    close("db of dense", &dout.params[1].1, &db);
    close("dy of flatten", &dflatten.output, &dx);
    let dx = dx.into_shape_with_order((3, 4, 3, 3)).unwrap();
    close("dy of relu", &dact.output, &dx);
    let z = conv.output.view().into_dimensionality::<Ix4>().unwrap();
    let dx = Zip::from(&z).and(&dx).map_collect(|&z, &dy| relu_backward(z, dy));
    close("dy of conv", &dconv.output, &dx);
    let (dx, dw, db) = conv2d_backward(x.view(), w, dx.view(), slides);
    close("dx of conv", &dconv.inputs[0], &dx);
    close("dx of the model", &trace.input, &dx);
    close("dw of conv", &dconv.params[0].1, &dw);
    close("db of conv", &dconv.params[1].1, &db);
    Ok(())
}

#[test]
fn a_trace_changes_nothing_and_shows_what_is_frozen() -> Result<()> {
    let model = branching()?;
    let free = model.trace_gradient(&inputs(), &TARGETS, &SoftmaxCrossEntropy)?;
    let frozen = model.clone().freeze(..)?;
    let trace = frozen.trace_gradient(&inputs(), &TARGETS, &SoftmaxCrossEntropy)?;
    assert_eq!(trace.input, free.input);
    assert!(trace.input.iter().any(|&dx| dx != 0.0));
    assert_eq!(model.params(), branching()?.params());
    Ok(())
}

#[test]
fn parameters_are_read_and_set_by_name() -> Result<()> {
    let mut model = Sequential::new([2]).add(Dense::new(2))?.add(Relu)?.add(Dense::new(1))?;
    let x = array![[1.0, 2.0]].into_dyn();
    model.predict(&x)?;
    model.set_param("0.weight", &array![[1.0, 0.0], [0.0, 1.0]])?;
    // A view in another order than memory's.
    model.set_param("2.weight", &array![[3.0, 5.0]].t())?;
    assert_eq!(model.param("2.weight")?, array![[3.0], [5.0]].into_dyn());
    assert_eq!(model.predict(&x)?[[0, 0]], 13.0);

    let error = model.param("1.weight").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model has no parameter `1.weight`: its parameters are 0.weight, 0.bias, 2.weight, 2.bias"
    );
    let error = model.set_param("2.bias", &x).unwrap_err();
    assert_eq!(error.to_string(), "parameter `2.bias` has shape 1, got an array of shape 1×2");
    Ok(())
}

#[test]
fn what_cannot_be_traced_is_refused() -> Result<()> {
    let model = branching()?;
    let one = inputs().index_axis_move(Axis(0), 0);
    let error = model.trace(&one).unwrap_err().to_string();
    assert!(error.starts_with("trace takes an array of shape n×6×5×2"), "{error}");
    let refusal = |targets: &[Target]| {
        let trace = model.trace_gradient(&inputs(), targets, &SoftmaxCrossEntropy);
        trace.unwrap_err().to_string()
    };
    assert_eq!(
        refusal(&TARGETS[..2]),
        "3 inputs and 2 targets came: give one target for each input"
    );
    let error = refusal(&[Target::Class(0), Target::Class(4), Target::Class(0)]);
    assert_eq!(error, "target 1 is class 4: wanted 4 classes, counted from 0");
    let error = refusal(&[Target::Class(0), Target::Values(&[1.0]), Target::Class(0)]);
    assert_eq!(error, "target 1 is 1 values: wanted 4 classes, counted from 0");
    assert!(Sequential::new([2]).trace(&array![[1.0, 2.0]]).is_err());
    Ok(())
}
