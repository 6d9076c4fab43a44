//! Weights that other libraries wrote: they are read in the layout that the caller names, and give what
//! these libraries' layers give. `tests/fixtures/make_torch_layouts.py` and `make_keras_layouts.py` made
//! the values.

mod models;

use chainrule::prelude::*;
use models::{keras_model, torch_model};
use ndarray::{Array2, ArrayD, ArrayViewD, ArrayViewMutD, array};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, serialize};
use serde::Deserialize;

#[derive(Deserialize)]
struct Case {
    layer: String,
    #[serde(default)]
    tensors: Vec<Tensor>,
    x_shape: Vec<usize>,
    x: Vec<f32>,
    y_shape: Vec<usize>,
    y: Vec<f32>,
}

#[derive(Deserialize)]
struct Tensor {
    name: String,
    shape: Vec<usize>,
    #[serde(default)]
    values: Vec<f32>,
    integer: Option<i64>,
}

impl Tensor {
    fn new(name: &str, shape: &[usize], values: impl IntoIterator<Item = f32>) -> Self {
        let values = values.into_iter().collect();
        Tensor { name: name.into(), shape: shape.into(), values, integer: None }
    }
}

impl Case {
    fn all(file: &str) -> Vec<Case> {
        #[derive(Deserialize)]
        struct File {
            cases: Vec<Case>,
        }
        let path = format!("{}/tests/fixtures/{file}", env!("CARGO_MANIFEST_DIR"));
        serde_json::from_str::<File>(&std::fs::read_to_string(path).unwrap()).unwrap().cases
    }

    /// The output of a model with these weights.
    fn output(&self, model: &Sequential, layout: WeightLayout) -> Result<ArrayD<f32>> {
        let mut model = model.clone().initialize(1);
        read(&self.tensors).layout(layout).load_into(&mut model)?;
        let x = ArrayViewD::from_shape(&self.x_shape[..], &self.x).unwrap();
        model.predict(&x)
    }
}

/// A file as another program writes it, without facts.
fn read(tensors: &[Tensor]) -> WeightFile {
    let bytes = tensors.iter().map(|tensor| match tensor.integer {
        Some(integer) => (Dtype::I64, integer.to_le_bytes().to_vec()),
        None => (Dtype::F32, tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect()),
    });
    let bytes: Vec<(Dtype, Vec<u8>)> = bytes.collect();
    let views = tensors.iter().zip(&bytes).map(|(tensor, (dtype, bytes))| {
        (&tensor.name, TensorView::new(*dtype, tensor.shape.clone(), bytes).unwrap())
    });
    WeightFile::from_bytes(&serialize(views, None).unwrap()).unwrap()
}

#[track_caller]
fn outputs_agree(case: &Case, y: &ArrayD<f32>) {
    assert_eq!(y.shape(), case.y_shape, "{}", case.layer);
    let largest = case.y.iter().fold(1f32, |largest, y| largest.max(y.abs()));
    for (i, (y, want)) in y.iter().zip(&case.y).enumerate() {
        assert!((y - want).abs() <= 2e-6 * largest, "{}, {i}: {y} for {want}", case.layer);
    }
}

#[test]
fn weights_of_pytorch_give_its_outputs() -> Result<()> {
    for case in Case::all("torch_layouts.json") {
        outputs_agree(&case, &case.output(&torch_model(&case.layer)?, WeightLayout::PyTorch)?);
    }
    Ok(())
}

#[test]
fn weights_of_keras_give_its_outputs() -> Result<()> {
    for case in Case::all("keras_layouts.json") {
        outputs_agree(&case, &case.output(&keras_model(&case.layer)?, WeightLayout::Keras)?);
    }
    Ok(())
}

/// Arrays that are as wide as they are high, and as there are steps.
#[test]
fn attention_of_pytorch_is_transposed() -> Result<()> {
    let model = Sequential::new([4, 4]).add(SelfAttention::new(2))?;
    let cases = Case::all("torch_attention.json");
    let case = cases.iter().find(|case| !case.tensors.is_empty()).unwrap();
    outputs_agree(case, &case.output(&model, WeightLayout::PyTorch)?);
    Ok(())
}

/// 0..16 as PyTorch's (out, in): the first input goes to output `o` with weight 4·o.
#[test]
fn a_square_dense_is_not_loaded_transposed() -> Result<()> {
    let weight = [Tensor::new("0.weight", &[4, 4], (0..16u8).map(f32::from))];
    let e0 = array![[1.0, 0.0, 0.0, 0.0]].into_dyn();
    let mut model = torch_model("square dense")?;
    for (layout, y) in [
        (WeightLayout::PyTorch, array![[0.0, 4.0, 8.0, 12.0]]),
        (WeightLayout::Keras, array![[0.0, 1.0, 2.0, 3.0]]),
        (WeightLayout::Chainrule, array![[0.0, 1.0, 2.0, 3.0]]),
    ] {
        read(&weight).layout(layout).load_into(&mut model)?;
        assert_eq!(model.predict(&e0)?, y.into_dyn(), "{layout}");
    }
    Ok(())
}

/// Positions of steps are (steps, d) in all libraries, and are no image's channels.
#[test]
fn positions_keep_their_axes() -> Result<()> {
    let mut model = Sequential::new([3, 2]).add(LearnedPositions::new())?;
    for (layout, name) in [
        (WeightLayout::PyTorch, "0.weight"),
        (WeightLayout::Keras, "0.embeddings"),
        (WeightLayout::Chainrule, "0.positions"),
    ] {
        model = model.initialize(1);
        let positions = [Tensor::new(name, &[3, 2], (0..6u8).map(f32::from))];
        read(&positions).layout(layout).load_into(&mut model)?;
        assert_eq!(model.params(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0], "{layout}");
    }
    Ok(())
}

/// A mixture of both libraries' names.
#[test]
fn arrays_may_have_the_names_of_this_library() -> Result<()> {
    let mut cases = Case::all("torch_layouts.json");
    let case = cases.iter_mut().find(|case| case.layer == "flattened image").unwrap();
    for (theirs, ours) in [("2.weight", "2.scale"), ("2.running_var", "2.running_variance")] {
        case.tensors.iter_mut().find(|own| own.name == theirs).unwrap().name = ours.into();
    }
    outputs_agree(case, &case.output(&torch_model(&case.layer)?, WeightLayout::PyTorch)?);
    Ok(())
}

/// Loads tensors into a model, which must refuse them and stay as it is.
#[track_caller]
fn refusal(model: &mut Sequential, file: WeightFile) -> FileError {
    let before = model.params().to_vec();
    let error = file.load_into(model).unwrap_err();
    assert_eq!(model.params(), before);
    match error {
        Error::File(error) => error,
        other => panic!("{other}"),
    }
}

#[test]
fn a_file_that_does_not_say_its_layout_is_refused() -> Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.safetensors");
    let weight = Array2::<f32>::ones((4, 4));
    let bytes: Vec<u8> = weight.iter().flat_map(|value| value.to_le_bytes()).collect();
    let view = TensorView::new(Dtype::F32, vec![4, 4], &bytes).unwrap();
    std::fs::write(&path, serialize([("0.weight", view)], None).unwrap()).unwrap();
    let mut model = torch_model("square dense")?;
    let before = model.params().to_vec();
    for error in [
        model.load_weights(&path).unwrap_err(),
        model.load_matching_weights(&path).unwrap_err(),
        WeightFile::read(&path)?.load_into(&mut model).unwrap_err(),
    ] {
        assert!(matches!(error, Error::File(FileError::NoLayout { .. })), "{error}");
        let fix = "WeightFile::read(..)?.layout(WeightLayout::PyTorch).load_into(&mut model)";
        assert!(error.to_string().contains(fix), "{error}");
    }
    assert_eq!(model.params(), before);
    let report =
        WeightFile::read(&path)?.layout(WeightLayout::PyTorch).load_matching_into(&mut model)?;
    assert!(report.is_complete() && model.params() == weight.as_slice().unwrap());
    Ok(())
}

#[test]
fn files_of_this_library_say_their_layout() -> Result<()> {
    let mut model = torch_model("square dense")?.initialize(3);
    let (weights, whole) = (model.weights_to_bytes()?, ModelFile::new(model.clone()).to_bytes()?);
    for bytes in [weights, whole] {
        let mut again = model.clone().initialize(4);
        WeightFile::from_bytes(&bytes)?.load_into(&mut again)?;
        assert_eq!(again.params(), model.params());
        WeightFile::from_bytes(&bytes)?.layout(WeightLayout::Chainrule).load_into(&mut again)?;
        let torch = WeightFile::from_bytes(&bytes)?.layout(WeightLayout::PyTorch);
        let error = refusal(&mut model, torch);
        assert!(matches!(error, FileError::Layout { .. }));
        assert!(error.to_string().contains("leave `.layout(..)` out"), "{error}");
    }
    Ok(())
}

#[test]
fn a_shape_of_another_layout_is_named_as_in_the_file() -> Result<()> {
    let mut model = Sequential::new([3]).add(Dense::new(2).bias(false))?;
    let ours = || read(&[Tensor::new("0.weight", &[3, 2], [0.0; 6])]);
    let error = refusal(&mut model, ours().layout(WeightLayout::PyTorch)).to_string();
    assert!(error.contains("`0.weight` of shape 2×3, but found 3×2"), "{error}");
    let report = ours().layout(WeightLayout::PyTorch).load_matching_into(&mut model)?;
    let reason = "the model has 2×3, the file 3×2".to_string();
    assert_eq!(report.mismatched, [("0.weight".to_string(), reason)]);
    assert!(report.unused.is_empty());
    Ok(())
}

/// A layer that adds a matrix to features.
struct Mixing;

impl Layer for Mixing {
    type Cache = ();

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        Ok(input.to_vec())
    }
    fn param_specs(&self, input: &[usize]) -> Vec<ParamSpec> {
        vec![ParamSpec::new("weight", &[input[0], input[0]], Init::Zeros)]
    }
    fn new_cache(&self, _: &[usize], _: usize) {}
    fn forward(
        &self,
        _: Params,
        x: ArrayViewD<f32>,
        mut y: ArrayViewMutD<f32>,
        _: &mut (),
        _: Pass<'_>,
    ) {
        y.assign(&x);
    }
    fn backward(
        &self,
        _: Params,
        _: Saved<()>,
        _: ArrayViewMutD<f32>,
        _: Option<ArrayViewMutD<f32>>,
        _: &mut [f32],
    ) {
    }
}

/// A layer is named where the weights cannot be brought into this library's layout.
#[test]
fn features_whose_order_cannot_be_followed_are_refused() -> Result<()> {
    let image = || Sequential::new([2, 2, 3]).add(Flatten);
    let gate = |x: Sequential| x.add(Slice::new(0..4));
    for (model, named) in [
        (image()?.add(Slice::new(0..4))?.add(Dense::new(2))?, "layer 0, Flatten"),
        (image()?.add(Branches::concatenate().branch(Ok).branch(gate))?, "layer 0, Flatten"),
        (image()?.add(Reshape::new([3, 2, 2]))?.add(Conv2d::new(1, 1))?, "layer 1, Reshape(3×2×2)"),
        (Sequential::new([4]).add(Mixing)?, "layer 0, Mixing"),
        (Sequential::new([2, 2, 3]).add(LayerNorm::new().axes(2))?, "layer 0, LayerNorm(2 axes)"),
    ] {
        let mut model = model;
        let error = refusal(&mut model, read(&[]).layout(WeightLayout::PyTorch));
        assert!(matches!(error, FileError::Layout { .. }), "{error}");
        assert!(error.to_string().contains(named), "{error}");
    }
    // One channel has one order.
    let mut grey = Sequential::new([2, 2, 1]).add(Flatten)?.add(Slice::new(0..2))?;
    read(&[]).layout(WeightLayout::PyTorch).load_into(&mut grey)
}
