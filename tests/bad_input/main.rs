//! Models, arrays and data sets that make no sense: each is refused by a type, and by a sentence
//! that tells what to do. Nothing panics, hangs or asks for more memory than there is.

mod missing;
mod windows;

use chainrule::error::{DataError, ModelError, TrainError};
use chainrule::prelude::*;
use ndarray::{Array, Array4, ArrayD, Axis, array};

/// Adds a layer after Relu, and demands an error that names both, the shape between them, what was
/// wanted and the fix.
#[track_caller]
fn refused(input: &[usize], layer: impl Layer, name: &str, wanted: &str, fix: &str) {
    let error = Sequential::new(input).add(Relu).unwrap().add(layer).unwrap_err();
    let message = error.to_string();
    let shape: Vec<String> = input.iter().map(usize::to_string).collect();
    let shape = if shape.is_empty() { "()".to_string() } else { shape.join("×") };
    for part in [
        &format!("layer 1, {name}, cannot follow Relu, which gives {shape}: wanted "),
        wanted,
        &format!("; {fix}"),
    ] {
        assert!(message.contains(part), "no \"{part}\" in \"{message}\"");
    }
    let Error::Model(ModelError::Layer { index: 1, layer, before, came, .. }) = error else {
        panic!("not a mismatch of layer 1: {message}");
    };
    assert_eq!((&*layer, &*before, &*came), (name, "Relu", input));
}

#[test]
fn a_layer_is_refused_an_input_of_the_wrong_rank() {
    refused(&[28, 28, 1], Dense::new(10), "Dense(10)", "steps of features", "add `Flatten`");
    refused(&[], Dense::new(10), "Dense(10)", "steps of features", "add `Flatten`");
    let images = "images of shape height×width×channels";
    refused(&[784], Conv2d::new(8, 3), "Conv2d(8, 3×3)", images, "put it before `Flatten`");
    let reshape = "`Reshape::new([28, 28, 1])` before it gives grey images an axis of channels";
    refused(&[28, 28], MaxPool2d::new(2), "MaxPool2d(2×2)", images, reshape);
    refused(&[2, 3, 4, 5], AvgPool2d::new(2), "AvgPool2d(2×2)", images, "put it before `Flatten`");
    refused(&[], Softmax, "Softmax", "at least one axis", "give the samples an axis of classes");
    refused(&[], Prelu, "Prelu", "at least one axis", "give the samples an axis of channels");
    refused(&[6], GroupNorm::new(2), "GroupNorm(2)", images, "use `LayerNorm`");
    refused(&[6], Dropout2d::new(0.5), "Dropout2d(0.5)", images, "use `Dropout`");
    refused(&[28, 28], ZeroPad2d::new(1), "ZeroPad2d(1)", images, reshape);
    refused(&[784], GlobalMaxPool2d, "GlobalMaxPool2d", images, "put it before `Flatten`");
}

#[test]
fn settings_without_meaning_are_refused() {
    let image: &[usize] = &[4, 6, 2];
    refused(image, Conv2d::new(0, 3), "Conv2d(0, 3×3)", "at least one filter", "`Conv2d::new`");
    refused(&[4], Dense::new(0), "Dense(0)", "at least one unit", "`Dense::new`");
    let (window, one) = ("a kernel and a stride of 1 to", "use 1");
    refused(image, Conv2d::new(8, 0), "Conv2d(8, 0×0)", window, one);
    refused(image, Conv2d::new(8, 3).stride(0), "Conv2d(8, 3×3, stride 0)", window, one);
    refused(image, MaxPool2d::new(0), "MaxPool2d(0×0)", window, one);
    let flat = AvgPool2d::new(2).stride((2, 0));
    refused(image, flat, "AvgPool2d(2×2, stride 2×0)", "its width has kernel 2, stride 0", one);
    refused(&[4], LeakyRelu::new(f32::NAN), "LeakyRelu(NaN)", "a finite slope", "0.01 to 0.3");
    refused(&[4], Elu::new(0.0), "Elu(0)", "a finite alpha above 0", "1 is usual");
    refused(&[4], Elu::new(f32::INFINITY), "Elu(inf)", "a finite alpha above 0", "1 is usual");
    let (numbers, shape) = ("samples of 6 numbers, as its shape 2×3 has", "give it a shape");
    refused(&[7], Reshape::new([2, 3]), "Reshape(2×3)", numbers, shape);
    let (small, usual) = ("a finite epsilon above 0", "1e-5 is usual");
    refused(&[4], LayerNorm::new().epsilon(0.0), "LayerNorm", small, usual);
    refused(image, GroupNorm::new(2).epsilon(f32::NAN), "GroupNorm(2)", small, usual);
    refused(&[4], LayerNorm::new().axes(0), "LayerNorm(0 axes)", "at least one axis", "`.axes(1)`");
    let momentum = BatchNorm::new().momentum(1.5);
    refused(&[4], momentum, "BatchNorm", "a momentum from 0 to 1", "0.1 is usual");
    refused(
        &[4],
        BatchNorm::new().epsilon(0.0),
        "BatchNorm",
        "a finite epsilon above 0",
        "1e-5 is usual",
    );
    refused(&[], BatchNorm::new(), "BatchNorm", "at least one axis", "give the samples an axis");
    let (axes, lower) = ("at least 2 axes", "lower `.axes");
    refused(&[4], LayerNorm::new().axes(2), "LayerNorm(2 axes)", axes, lower);
    let (groups, divides) = ("channels in 0 groups", "take a number of groups that divides");
    refused(image, GroupNorm::new(0), "GroupNorm(0)", groups, divides);
    refused(&[2, 2, 7], GroupNorm::new(3), "GroupNorm(3)", "channels in 3 groups", divides);
    let spread = MaxPool2d::new(2).dilation(0);
    refused(image, spread, "MaxPool2d(2×2, dilation 0)", "stride 2, dilation 0", one);
    let (groups, none) = ("groups that divide its channels and filters", "use 1 to have no groups");
    refused(image, Conv2d::new(8, 3).groups(0), "Conv2d(8, 3×3, groups 0)", groups, none);
    refused(image, Conv2d::new(8, 3).groups(4), "Conv2d(8, 3×3, groups 4)", groups, none);
    refused(image, Conv2d::new(5, 3).groups(2), "Conv2d(5, 3×3, groups 2)", groups, none);
    let up = ConvTranspose2d::new(3, 2).groups(2);
    refused(image, up, "ConvTranspose2d(3, 2×2, groups 2)", groups, none);
    for (rate, name) in [(1.0, "Dropout(1)"), (-0.1, "Dropout(-0.1)"), (f32::NAN, "Dropout(NaN)")] {
        refused(&[4], Dropout::new(rate), name, "from 0 up to, but not including, 1", "0.2 to 0.5");
    }
}

#[test]
fn sizes_beyond_any_machine_are_refused_before_memory_is_asked_for() {
    const MAX: usize = usize::MAX;
    for shape in [[0, 3], [3, 0], [MAX, 2], [1 << 20, 1 << 20]] {
        let error = Sequential::new(shape).add(Flatten).unwrap_err();
        let Error::Model(ModelError::InputShape { came, .. }) = &error else { panic!("{error}") };
        assert_eq!(came, &shape);
        assert!(error.to_string().contains(&format!("{}×{}", shape[0], shape[1])), "{error}");
    }
    let numbers = "1 to 268435456 outputs";
    for units in [MAX, MAX / 2, 1 << 40] {
        refused(&[4], Dense::new(units), &format!("Dense({units})"), numbers, "check its settings");
    }
    let conv = Conv2d::new(MAX, 3);
    refused(&[9, 9, 1], conv, &format!("Conv2d({MAX}, 3×3)"), numbers, "check its settings");

    let shape = Reshape::new([MAX, 2]);
    refused(&[4], shape, &format!("Reshape({MAX}×2)"), "a shape of as many", "its sizes multiply");
    let pad = ZeroPad2d::new(MAX);
    refused(&[9, 9, 1], pad, &format!("ZeroPad2d({MAX})"), "at most 65536 pixels", "check its");

    let (parameters, fewer) = ("at most 268435456 parameters", "use fewer units");
    refused(&[1 << 14], Dense::new(1 << 15), "Dense(32768)", parameters, fewer);
    // A row of one weight each, which would be padded to sixteen.
    refused(&[1], Dense::new(1 << 27), "Dense(134217728)", parameters, fewer);
    let conv = Conv2d::new(1, 16_000).padding(Padding::Same);
    refused(&[9, 9, 1], conv, "Conv2d(1, 16000×16000, same)", parameters, fewer);

    let (window, one) = ("a kernel and a stride of 1 to", "use 1");
    let name = format!("Conv2d(1, 1×1, stride {MAX})");
    refused(&[9, 9, 1], Conv2d::new(1, 1).stride(MAX), &name, window, one);
    let name = format!("ConvTranspose2d(1, 1×1, stride {})", 1 << 16);
    refused(&[9, 9, 1], ConvTranspose2d::new(1, 1).stride(1 << 16), &name, numbers, "check its");
    let pool = MaxPool2d::new(1 << 40).padding(Padding::Same);
    refused(&[9, 9, 1], pool, &format!("MaxPool2d({0}×{0}, same)", 1u64 << 40), window, one);
}

#[test]
fn a_model_without_layers_is_refused() {
    let mut model = Sequential::new([2]);
    let data = Arrays::new(ArrayD::zeros(vec![3, 2]), ArrayD::zeros(vec![3, 2])).unwrap();
    for error in [
        model.predict(&ArrayD::zeros(vec![1, 2])).unwrap_err(),
        model.evaluate(&data, &MeanSquaredError).unwrap_err(),
        Trainer::new(MeanSquaredError, Sgd::new(0.1)).fit(&mut model, &data).unwrap_err(),
    ] {
        assert!(matches!(error, Error::Model(ModelError::Empty)), "{error}");
        assert!(error.to_string().contains("`.add(...)`"), "{error}");
    }
}

fn pooled() -> Sequential {
    let model = Sequential::new([4, 6, 2]).add(MaxPool2d::new(2)).unwrap().add(Flatten).unwrap();
    model.add(Dense::new(3)).unwrap()
}

#[test]
fn predict_refuses_an_array_that_is_no_batch() {
    let wanted = "predict takes an array of shape n×4×6×2, a batch of its inputs; got ";
    for (shape, told) in [
        (&[7, 6, 4, 2][..], "7×6×4×2"),
        (&[], "()"),
        (&[4, 6, 2], "4×6×2; `x.insert_axis(Axis(0))` makes a batch of a single input"),
        (
            &[7, 2, 4, 6],
            "7×2×4×6; its channels come first, and belong last (n×h×w×c): \
             `x.permuted_axes([0, 2, 3, 1])`",
        ),
        (
            &[7, 48],
            "7×48; `x.into_shape_with_order((7, 4, 6, 2))` gives it this shape, if its values are in \
             the order h×w×c",
        ),
    ] {
        let error = pooled().predict(&ArrayD::zeros(shape)).unwrap_err();
        let Error::Model(ModelError::Input { came, .. }) = &error else { panic!("{error}") };
        assert_eq!(came, shape);
        assert_eq!(error.to_string(), format!("{wanted}{told}"));
    }
}

/// The fixes that are named are those of ndarray.
#[test]
fn the_fix_for_an_array_makes_a_batch_of_it() {
    let model = pooled();
    let x = Array::from_shape_fn((7, 4, 6, 2), |(n, h, w, c)| (n * 7 + h * 5 + w * 3 + c) as f32);
    let y = model.predict(&x).unwrap();
    let channels_first = x.view().permuted_axes([0, 3, 1, 2]).as_standard_layout().into_owned();
    assert!(model.predict(&channels_first).is_err());
    assert_eq!(model.predict(&channels_first.permuted_axes([0, 2, 3, 1])).unwrap(), y);
    let flat = x.view().into_shape_with_order((7, 48)).unwrap();
    assert!(model.predict(&flat).is_err());
    assert_eq!(model.predict(&flat.into_shape_with_order((7, 4, 6, 2)).unwrap()).unwrap(), y);
    let single = x.index_axis(Axis(0), 3);
    assert!(model.predict(&single).is_err());
    let alone = model.predict(&single.insert_axis(Axis(0))).unwrap();
    assert_eq!(alone.index_axis(Axis(0), 0), y.index_axis(Axis(0), 3));
}

#[test]
fn predict_takes_any_memory_layout_and_an_empty_batch() {
    let x = Array::from_shape_fn((5, 2, 6, 4), |(n, c, w, h)| (n * 7 + c * 5 + w * 3 + h) as f32);
    let permuted = x.permuted_axes([0, 3, 2, 1]).into_dyn();
    assert!(!permuted.is_standard_layout());
    let contiguous = permuted.as_standard_layout();
    let model = pooled();
    let y = model.predict(&permuted).unwrap();
    assert_eq!(y, model.predict(&contiguous).unwrap());

    let nothing = model.predict(&ArrayD::zeros(vec![0, 4, 6, 2])).unwrap();
    assert_eq!(nothing.shape(), [0, 3]);
}

#[test]
fn parameters_of_another_length_are_refused_and_leave_the_model_alone() {
    let mut model = pooled();
    let before = model.params().to_vec();
    for len in [0, before.len() - 1, before.len() + 1] {
        let error = model.set_params(&vec![0.0; len]).unwrap_err();
        let Error::Model(ModelError::ParamCount { wanted, came }) = error else {
            panic!("{error}");
        };
        assert_eq!((wanted, came), (before.len(), len));
        assert!(error.to_string().contains(&format!("39 parameters, got {len}")), "{error}");
    }
    assert_eq!(model.params(), before);
}

#[test]
fn arrays_without_numbers_or_partners_are_refused() {
    let arrays = |inputs: &[usize], targets: &[usize]| {
        Arrays::new(ArrayD::zeros(inputs), ArrayD::zeros(targets)).unwrap_err()
    };
    for (inputs, targets, told) in [
        (&[0, 2][..], &[0, 1][..], "inputs of shape 0×2"),
        (&[3, 0], &[3, 1], "inputs of shape 3×0"),
        (&[3, 2], &[3, 0], "targets of shape 3×0"),
        (&[], &[], "inputs of shape ()"),
    ] {
        let error = arrays(inputs, targets);
        assert!(matches!(error, Error::Data(DataError::NoNumbers { .. })), "{error}");
        assert!(error.to_string().contains(told), "{error}");
    }
    let error = arrays(&[3, 2], &[4, 1]);
    let Error::Data(DataError::TargetCount { inputs: 3, targets: 4 }) = error else {
        panic!("{error}");
    };
    assert!(error.to_string().contains("expected 3 targets, one for each input, but found 4"));
}

#[test]
fn images_without_a_label_each_are_refused() {
    let images = |labels: &[u8]| Images::new(Array4::zeros((3, 2, 2, 1)), labels.to_vec(), 10);
    let error = images(&[1, 2]).unwrap_err();
    assert!(matches!(error, DataError::LabelCount { images: 3, labels: 2 }), "{error}");
    let error = images(&[1, 10, 11]).unwrap_err();
    let DataError::LabelRange { index: 1, label: 10, classes: 10 } = error else {
        panic!("{error}");
    };
    assert!(error.to_string().contains("labels below 10"), "{error}");
}

/// `main` prints an error with `Debug`, and so its reader must find a sentence there.
#[test]
fn debug_of_an_error_is_its_sentence() {
    let data = Arrays::new(array![[1.0]].into_dyn(), array![[1.0]].into_dyn()).unwrap();
    let model = Sequential::new([1]).add(Dense::new(2)).unwrap();
    for error in [
        Sequential::new([0]).add(Flatten).unwrap_err(),
        Error::from(DataError::NoImages),
        model.evaluate(&data, &MeanSquaredError).unwrap_err(),
        Error::from(TrainError::EmptySet { which: "training" }),
        gradcheck(&Dense::new(0), &[1], 1).unwrap_err(),
    ] {
        assert_eq!(format!("{error:?}"), error.to_string());
        assert_eq!(format!("{error:#?}"), error.to_string());
    }
}
