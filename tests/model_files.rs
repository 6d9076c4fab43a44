//! Model files: what is saved comes back bit by bit, and what is not right is refused by name.

use std::fs;
use std::path::{Path, PathBuf};

use chainrule::error::{FileError, ModelError};
use chainrule::file::{InputScaling, Registry};
use chainrule::prelude::*;
use ndarray::{ArrayD, ArrayViewD, ArrayViewMutD};
use proptest::prelude::*;
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A file in a folder of its own.
struct Place {
    folder: TempDir,
    path: PathBuf,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Place { path: folder.path().join("m.safetensors"), folder }
    }
}

fn small() -> Sequential {
    let model = Sequential::new([2]).add(Dense::new(3)).unwrap().add(Relu).unwrap();
    model.add(Dense::new(2)).unwrap().initialize(3)
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

/// Saves and loads it, and looks for any difference.
fn reload(model: &Sequential) -> Sequential {
    let Place { folder: _folder, path } = Place::new();
    let model = model.clone().initialize(5);
    model.save(&path).unwrap();
    let again = Sequential::load(&path).unwrap();
    assert_eq!(again.summary(), model.summary());
    assert!(bits(again.params()) == bits(model.params()));
    assert!(again.clone().initialize(7).params() == model.clone().initialize(7).params());
    let first = fs::read(&path).unwrap();
    again.save(&path).unwrap();
    assert!(fs::read(&path).unwrap() == first, "the same model makes other bytes");
    again
}

/// What a net makes of digits, and where two epochs of training bring it.
fn train(mut model: Sequential) -> (Vec<u32>, Vec<u32>) {
    let data = Mnist::sample().train.take(100).unwrap();
    let mut x = ArrayD::zeros(vec![100, 28, 28, 1]);
    for (i, mut x) in x.outer_iter_mut().enumerate() {
        data.input(i, x.as_slice_mut().unwrap()).unwrap();
    }
    let y = bits(model.predict(x.view()).unwrap().as_slice().unwrap());
    let trainer = Trainer::new(SoftmaxCrossEntropy, Adam::new(0.003)).batch_size(32).seed(4);
    trainer.epochs(2).fit(&mut model, &data).unwrap();
    (y, bits(model.params()))
}

/// A loaded net predicts and trains as the one that was saved.
#[track_caller]
fn goes_on_as_before(model: Sequential) {
    let again = reload(&model);
    assert!(train(again) == train(model.initialize(5)));
}

#[test]
fn the_convolutional_net_goes_on_as_before() {
    let model = Sequential::new([28, 28, 1]).add(Conv2d::new(32, 3).init(Init::HeNormal)).unwrap();
    let model = model.add(Relu).unwrap().add(MaxPool2d::new(2)).unwrap();
    let model = model.add(Conv2d::new(64, 3).init(Init::HeNormal)).unwrap().add(Relu).unwrap();
    let model = model.add(MaxPool2d::new(2)).unwrap().add(Flatten).unwrap();
    goes_on_as_before(model.add(Dropout::new(0.5)).unwrap().add(Dense::new(10)).unwrap());
}

/// A convolution that keeps the size, and its normalization.
fn conv(x: Sequential, channels: usize, stride: usize) -> Result<Sequential> {
    let conv = Conv2d::new(channels, 3).stride(stride).padding(Padding::Same).bias(false);
    x.add(conv.init(Init::HeNormal))?.add(BatchNorm::new())
}

#[test]
fn the_residual_net_goes_on_as_before() {
    let model = conv(Sequential::new([28, 28, 1]), 8, 2).unwrap().add(Relu).unwrap();
    let same = Residual::new(|x| conv(conv(x, 8, 1)?.add(Relu)?, 8, 1));
    let narrow = Residual::new(|x| conv(conv(x, 16, 2)?.add(Relu)?, 16, 1))
        .projection(|x| x.add(Conv2d::new(16, 1).stride(2).bias(false))?.add(BatchNorm::new()));
    let model = model.add(same).unwrap().add(Relu).unwrap().add(narrow).unwrap();
    let model = model.add(Relu).unwrap().add(GlobalAvgPool2d).unwrap();
    goes_on_as_before(model.add(Dense::new(10)).unwrap());
}

#[test]
fn the_separable_net_goes_on_as_before() {
    let model = Sequential::new([28, 28, 1]).add(Conv2d::new(16, 3).stride(2).bias(false)).unwrap();
    let model = model.add(BatchNorm::new()).unwrap().add(Relu).unwrap();
    let depthwise = Conv2d::depthwise(3).padding(Padding::Same).bias(false);
    let model = model.add(depthwise).unwrap().add(Conv2d::new(32, 1).bias(false)).unwrap();
    let model = model.add(BatchNorm::new().momentum(0.05)).unwrap().add(Silu).unwrap();
    goes_on_as_before(model.add(GlobalAvgPool2d).unwrap().add(Dense::new(10)).unwrap());
}

#[test]
fn branches_within_branches_go_on_as_before() {
    let dense = |units| move |x: Sequential| x.add(Dense::new(units))?.add(Tanh);
    let inner = move || {
        let branches = Branches::concatenate().branch(dense(3)).branch(Ok);
        branches.branch(|x| x.add(Dropout::new(0.2))?.add(Residual::new(|x| x.add(Relu))))
    };
    // A block at the start and at the end of a branch, branches without layers, and with views.
    let block = Branches::add()
        .branch(move |x| x.add(inner())?.add(Dense::new(6)))
        .branch(move |x| x.add(Dense::new(2))?.add(inner())?.add(Flatten)?.add(Dense::new(6)))
        .branch(|x| x.add(Dense::new(6))?.add(Residual::new(|x| x.add(Flatten))));
    let model = Sequential::new([28, 28, 1]).add(AvgPool2d::new(4)).unwrap().add(Flatten).unwrap();
    let model = model.add(block).unwrap().add(Branches::add().branch(Ok).branch(Ok)).unwrap();
    goes_on_as_before(model.add(Dense::new(10)).unwrap());
    let identity = Sequential::new([3]).add(Residual::new(Ok)).unwrap();
    reload(&identity);
}

#[test]
fn settings_come_back_to_the_last_bit() {
    for slope in [0.1, 1.0 / 3.0, f32::MIN_POSITIVE, 1e-45, -3.4e38, 7.038531e-26] {
        let model = Sequential::new([1]).add(LeakyRelu::new(slope)).unwrap();
        assert_eq!(reload(&model).summary(), model.summary());
        let y = |model: &Sequential| {
            let y = model.predict(ArrayD::from_elem(vec![1, 1], -1.0).view()).unwrap();
            y[[0, 0]].to_bits()
        };
        assert_eq!(y(&reload(&model)), (-slope).to_bits());
    }
}

/// A convolution that does the work of the ReLU behind it is described as it was added.
#[test]
fn fused_layers_are_described_one_by_one() {
    let model = Sequential::new([2, 2, 1]).add(Conv2d::new(1, 1)).unwrap().add(Relu).unwrap();
    let model = model.add(BatchNorm::new()).unwrap().add(Relu).unwrap();
    let window = json!({
        "kernel": [1, 1], "stride": [1, 1], "dilation": [1, 1], "padding": "Valid", "ceil": false
    });
    let conv = json!({
        "filters": 1, "groups": 1, "window": window, "init": "GlorotUniform", "bias": true
    });
    let norm = json!({"momentum": 0.1, "epsilon": 1e-5});
    let layers = json!([
        {"type": "Conv2d", "settings": conv}, {"type": "Relu"},
        {"type": "BatchNorm", "settings": norm}, {"type": "Relu"}
    ]);
    assert_eq!(Parts::of(&model).architecture(), json!({"input": [2, 2, 1], "layers": layers}));
}

#[test]
fn a_file_tells_what_its_user_must_know() {
    let Place { folder: _folder, path } = Place::new();
    let scaling = InputScaling::standard(&[1.0, 2.0], &[4.0, 8.0]);
    ModelFile::new(small())
        .scaling(scaling.clone())
        .classes(["yes", "nö"])
        .fact("zeal", "much")
        .fact("epochs", 10)
        .fact("accuracy", 0.1 + 0.2)
        .save(&path)
        .unwrap();
    let file = ModelFile::load(&path).unwrap();
    assert_eq!(file.scaling, Some(scaling));
    assert_eq!(file.classes, ["yes", "nö"]);
    let facts = json!({"zeal": "much", "epochs": 10, "accuracy": 0.1 + 0.2});
    assert_eq!(Value::Object(file.training.clone()), facts);
    assert_eq!(file.training.keys().collect::<Vec<_>>(), ["zeal", "epochs", "accuracy"]);
    let first = fs::read(&path).unwrap();
    file.save(&path).unwrap();
    assert!(fs::read(&path).unwrap() == first);
    let bytes = fs::read(&path).unwrap();
    let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
    let facts = header.metadata().as_ref().unwrap();
    assert_eq!(facts["chainrule.format"], "1");
    assert_eq!(facts["chainrule.version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(header.offset_keys(), ["0.weight", "0.bias", "2.weight", "2.bias"]);
    assert_eq!(
        facts["chainrule.model"],
        "{\"input\":[2],\"layers\":[\
         {\"type\":\"Dense\",\"settings\":{\"units\":3,\"init\":\"GlorotUniform\",\"bias\":true}},\
         {\"type\":\"Relu\"},\
         {\"type\":\"Dense\",\"settings\":{\"units\":2,\"init\":\"GlorotUniform\",\"bias\":true}}]}"
    );
    let bare = ModelFile::new(small());
    assert!(bare.scaling.is_none() && bare.classes.is_empty() && bare.training.is_empty());
}

#[test]
fn what_does_not_fit_the_model_is_not_saved() {
    let Place { folder, path } = Place::new();
    let refused = |file: ModelFile, why: &str| {
        let error = file.save(&path).unwrap_err();
        assert!(matches!(error, Error::File(FileError::BadFact { .. })), "{error}");
        assert!(error.to_string().contains(why), "{error}");
    };
    refused(ModelFile::new(small()).classes(["a", "b", "c"]), "3 names for 2 outputs");
    let three = InputScaling { scale: vec![1.0; 3], shift: vec![0.0; 3] };
    refused(ModelFile::new(small()).scaling(three), "one of each, or 2");
    let infinite = InputScaling::standard(&[0.0], &[0.0]);
    refused(ModelFile::new(small()).scaling(infinite), "not finite");
    let empty = Sequential::new([2]).save(&path).unwrap_err();
    assert!(matches!(empty, Error::Model(ModelError::Empty)));
    let into = path.clone();
    let half = Residual::new(move |x| {
        x.save(&into)?;
        Ok(x)
    });
    let error = small().add(half).unwrap_err();
    assert!(error.to_string().contains("when its branches have met"), "{error}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_model_that_has_diverged_leaves_the_old_file_whole() {
    let Place { folder, path } = Place::new();
    small().save(&path).unwrap();
    let old = fs::read(&path).unwrap();
    let mut diverged = small();
    let mut params = diverged.params().to_vec();
    params[6 + 1] = f32::INFINITY;
    diverged.set_params(&params).unwrap();
    for error in [diverged.save(&path), diverged.save_weights(&path)] {
        let error = error.unwrap_err();
        assert!(matches!(&error, Error::File(FileError::NotFinite { tensor, index: 1, .. })
            if tensor == "0.bias"));
        assert!(error.to_string().contains("number 1 of tensor `0.bias` is inf"), "{error}");
    }
    assert!(fs::read(&path).unwrap() == old);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_path_without_a_folder_and_one_in_no_folder() {
    let Place { folder, path } = Place::new();
    let error = small().save(folder.path().join("none/m.safetensors")).unwrap_err();
    assert!(matches!(error, Error::File(FileError::MissingFolder { .. })));
    let error = Sequential::load(&path).unwrap_err();
    assert!(matches!(error, Error::File(FileError::Io { .. })));
    let name = format!("chainrule-test-{}.safetensors", std::process::id());
    small().save(&name).unwrap();
    let again = Sequential::load(&name);
    fs::remove_file(name).unwrap();
    assert!(again.unwrap().params() == small().params());
}

/// A file as its parts, to be changed.
#[derive(Clone)]
struct Parts {
    header: Value,
    data: Vec<u8>,
}

impl Parts {
    fn of(model: &Sequential) -> Parts {
        let Place { folder: _folder, path } = Place::new();
        model.save(&path).unwrap();
        let bytes = fs::read(path).unwrap();
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let (header, data) = bytes[8..].split_at(length);
        Parts { header: serde_json::from_slice(header).unwrap(), data: data.to_vec() }
    }

    fn bytes(&self) -> Vec<u8> {
        self.bytes_with(&self.header.to_string())
    }

    fn bytes_with(&self, header: &str) -> Vec<u8> {
        [&(header.len() as u64).to_le_bytes(), header.as_bytes(), &self.data].concat()
    }

    fn fact(mut self, key: &str, value: impl Into<String>) -> Parts {
        self.header["__metadata__"][key] = value.into().into();
        self
    }

    fn architecture(&self) -> Value {
        serde_json::from_str(self.header["__metadata__"]["chainrule.model"].as_str().unwrap())
            .unwrap()
    }

    /// With another architecture.
    fn model(self, change: impl FnOnce(&mut Value)) -> Parts {
        let mut model = self.architecture();
        change(&mut model);
        self.fact("chainrule.model", model.to_string())
    }

    /// With a tensor of one number more.
    fn extra(mut self, name: &str) -> Parts {
        let start = self.data.len();
        self.data.extend(0.5f32.to_le_bytes());
        let info = json!({"dtype": "F32", "shape": [1], "data_offsets": [start, start + 4]});
        self.header[name] = info;
        self
    }
}

thread_local! {
    /// A file to be written over and over: a folder for each would take longer than all else.
    static PLACE: Place = Place::new();
}

fn load_bytes(bytes: &[u8]) -> Result<Sequential> {
    PLACE.with(|Place { path, .. }| {
        fs::write(path, bytes).unwrap();
        Sequential::load(path)
    })
}

/// The error of loading it, and of loading its weights into the model that it was: which must leave
/// that as it is.
#[track_caller]
fn refusals(bytes: &[u8]) -> [FileError; 2] {
    let mut model = small().initialize(9);
    let loaded = load_bytes(bytes);
    let path = PLACE.with(|place| place.path.clone());
    let results = [loaded.err(), model.load_weights(&path).err()];
    assert!(model.params() == small().initialize(9).params());
    results.map(|error| match error {
        Some(Error::File(error)) => {
            assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
            error
        }
        other => panic!("{other:?}"),
    })
}

/// The error of loading it.
#[track_caller]
fn refusal(parts: &Parts) -> FileError {
    match load_bytes(&parts.bytes()) {
        Err(Error::File(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn says(error: &FileError, words: &str) {
    assert!(error.to_string().contains(words), "{error}");
}

#[test]
fn a_file_cut_short_anywhere_is_refused() {
    let bytes = Parts::of(&small()).bytes();
    for end in 0..bytes.len() {
        let error = refusals(&bytes[..end]);
        assert!(error.iter().all(|error| matches!(error, FileError::Truncated { .. })));
    }
    let longer = [&bytes[..], &[0]].concat();
    assert!(refusals(&longer).iter().all(|e| matches!(e, FileError::NotSafetensors { .. })));
}

#[test]
fn a_tensor_missing_or_too_many_or_there_twice_is_named() {
    let parts = Parts::of(&small());
    for error in refusals(&parts.clone().extra("2.scale").bytes()) {
        assert!(matches!(&error, FileError::ExtraTensor { tensor, .. } if tensor == "2.scale"));
        says(&error, "`2.scale` that nothing wants");
    }
    let renamed = parts.header.to_string().replace("\"2.bias\"", "\"2.baas\"");
    for error in refusals(&parts.bytes_with(&renamed)) {
        assert!(matches!(&error, FileError::MissingTensor { tensor, .. } if tensor == "2.bias"));
        says(&error, "expected a tensor `2.bias`, but the file has none");
    }
    let doubled = parts.header.to_string().replace("\"2.bias\"", "\"0.bias\"");
    for error in refusals(&parts.bytes_with(&doubled)) {
        assert!(matches!(&error, FileError::DuplicateTensor { tensor, .. } if tensor == "0.bias"));
        says(&error, "`0.bias` is there twice");
    }
}

#[test]
fn a_tensor_of_another_shape_or_type_is_named() {
    let parts = Parts::of(&small());
    let mut turned = parts.clone();
    turned.header["0.weight"]["shape"] = json!([3, 2]);
    for error in refusals(&turned.bytes()) {
        assert!(matches!(error, FileError::Shape { .. }));
        says(&error, "`0.weight` of shape 2×3, but found 3×2");
    }
    let mut integers = parts;
    integers.header["0.weight"]["dtype"] = json!("I32");
    for error in refusals(&integers.bytes()) {
        assert!(matches!(error, FileError::Dtype { .. }));
        says(&error, "`0.weight` of numbers F32, but found I32");
    }
}

#[test]
fn numbers_that_are_not_finite_are_named() {
    for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
        let mut parts = Parts::of(&small());
        parts.data[4 * 5..4 * 6].copy_from_slice(&value.to_le_bytes());
        for error in refusals(&parts.bytes()) {
            assert!(matches!(error, FileError::NotFinite { index: 5, .. }));
            says(&error, &format!("number 5 of tensor `0.weight` is {value}"));
        }
    }
}

#[test]
fn a_newer_version_is_refused_before_all_else() {
    let parts = Parts::of(&small()).fact("chainrule.format", "2").fact("chainrule.model", "?");
    for error in refusals(&parts.bytes()) {
        assert!(matches!(error, FileError::NewerVersion { found: 2, known: 1, .. }));
        says(&error, "version 1 or before, but found version 2; use a newer version");
    }
    for error in refusals(&parts.fact("chainrule.format", "one").bytes()) {
        assert!(matches!(error, FileError::BadFact { .. }));
    }
}

#[test]
fn layers_that_make_no_sense_are_refused() {
    let parts = Parts::of(&small());
    let error = refusal(&parts.clone().model(|model| model["layers"][1]["type"] = json!("Wow")));
    assert!(matches!(error, FileError::UnknownLayer { index: 1, .. }));
    says(&error, "layer 1 is a `Wow`, which is not known here");
    let branches = json!({"type": "Multiply", "branches": [[], []]});
    let error = refusal(&parts.clone().model(|model| model["layers"][1] = branches));
    assert!(matches!(error, FileError::UnknownLayer { .. }));
    let error = refusal(&parts.clone().model(|model| {
        model["layers"][2]["settings"]["units"] = json!(-1);
    }));
    assert!(matches!(error, FileError::Settings { index: 2, .. }));
    says(&error, "the settings of layer 2, a `Dense`, make no sense: invalid value");
    let error = refusal(&parts.clone().model(|model| model["input"] = json!([2, 2])));
    assert!(matches!(error, FileError::Model { source: ModelError::Layer { .. }, .. }));
    says(&error, "add `Flatten` before it");
    let error = refusal(&parts.clone().model(|model| model["layers"] = json!([])));
    assert!(matches!(error, FileError::Model { source: ModelError::Empty, .. }));
    let error = refusal(&parts.clone().model(|model| model["more"] = json!(1)));
    assert!(matches!(error, FileError::BadFact { .. }));
    let error = refusal(&parts.fact("chainrule.classes", "[\"a\", \"b\", \"c\"]"));
    says(&error, "`chainrule.classes` of its metadata makes no sense: 3 names for 2 outputs");
    let signal = Sequential::new([8, 2]).add(Conv1d::new(2, 3).padding(Padding::Same)).unwrap();
    let error = refusal(&Parts::of(&signal).model(|model| {
        model["layers"][0]["settings"]["window"]["kernel"] = json!([2, 3]);
    }));
    assert!(matches!(error, FileError::Settings { index: 0, .. }));
    says(&error, "a kernel of height 2, not 1");
}

/// A file may not make its reader set aside more than it holds itself.
#[test]
fn a_model_larger_than_its_file_is_refused_before_it_is_made() {
    let parts = Parts::of(&small()).model(|model| {
        model["layers"][2]["settings"]["units"] = json!(1 << 26);
    });
    let error = refusal(&parts);
    assert!(matches!(error, FileError::Shape { .. }), "{error}");
}

/// A layer that this file registers.
#[derive(Clone, Serialize, Deserialize)]
struct Bend {
    by: f32,
}

impl Layer for Bend {
    type Cache = ();

    fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
        Ok(input.to_vec())
    }
    fn new_cache(&self, _: &[usize], _: usize) {}
    fn forward(
        &self,
        _: Params,
        x: ArrayViewD<f32>,
        mut y: ArrayViewMutD<f32>,
        _: &mut (),
        _: Mode,
    ) {
        y.assign(&x.mapv(|x| x + self.by * x * x));
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

#[test]
fn layers_of_ones_own_are_saved_by_name() {
    let Place { folder: _folder, path } = Place::new();
    let model = small().add(Bend { by: 0.1 }).unwrap();
    let error = model.save(&path).unwrap_err();
    assert!(matches!(&error, Error::File(FileError::NotSaveable { index: 3, layer, .. })
        if layer == "Bend"));
    assert!(error.to_string().contains("give it one in a `Registry`"), "{error}");

    let registry = Registry::default().with::<Bend>("Knick").with::<Bend>("Bend");
    model.save_with(&path, &registry).unwrap();
    assert!(matches!(Sequential::load(&path), Err(Error::File(FileError::UnknownLayer { .. }))));
    let again = Sequential::load_with(&path, &registry).unwrap();
    let x = ArrayD::from_elem(vec![1, 2], 0.7);
    assert_eq!(again.predict(x.view()).unwrap(), model.predict(x.view()).unwrap());

    // Files of a time when it had another name.
    model.save_with(&path, &Registry::default().with::<Bend>("Knick")).unwrap();
    assert_eq!(Sequential::load_with(&path, &registry).unwrap().summary(), model.summary());

    // What would not come back is not saved.
    let nan = small().add(Bend { by: f32::NAN }).unwrap();
    let error = nan.save_with(&path, &registry).unwrap_err();
    assert!(error.to_string().contains("do not come back as they are"), "{error}");
    // Its weights alone can be.
    nan.save_weights(&path).unwrap();
    let mut again = nan.clone().initialize(1);
    again.load_weights(&path).unwrap();
    assert!(again.params() == nan.params());
    let error = Sequential::load(&path).unwrap_err();
    assert!(matches!(error, Error::File(FileError::MissingFact { .. })));
    assert!(error.to_string().contains("load them with `load_weights`"), "{error}");
}

#[test]
fn two_arrays_of_one_name_are_refused() {
    #[derive(Serialize, Deserialize)]
    struct Twice;
    impl Layer for Twice {
        type Cache = ();
        fn output_shape(&self, input: &[usize]) -> Result<Vec<usize>, Mismatch> {
            Ok(input.to_vec())
        }
        fn param_specs(&self, _: &[usize]) -> Vec<ParamSpec> {
            vec![ParamSpec::new("w", &[1], Init::Zeros); 2]
        }
        fn new_cache(&self, _: &[usize], _: usize) {}
        fn forward(
            &self,
            _: Params,
            _: ArrayViewD<f32>,
            _: ArrayViewMutD<f32>,
            _: &mut (),
            _: Mode,
        ) {
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
    let Place { folder: _folder, path } = Place::new();
    let model = Sequential::new([1]).add(Twice).unwrap();
    let error = model.save_weights(path).unwrap_err();
    assert!(matches!(error, Error::File(FileError::DuplicateTensor { .. })));
}

/// Every number in the description of a layer, one after the other, made another.
fn with_numbers_changed(value: &Value, change: &mut dyn FnMut(Value)) {
    fn places(value: &Value, at: String, found: &mut Vec<String>) {
        match value {
            Value::Number(_) => found.push(at),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(i, v)| places(v, format!("{at}/{i}"), found))
            }
            Value::Object(map) => {
                map.iter().for_each(|(key, v)| places(v, format!("{at}/{key}"), found))
            }
            _ => {}
        }
    }
    let mut found = Vec::new();
    places(value, String::new(), &mut found);
    for place in found {
        for other in
            [json!(0), json!(2), json!(5), json!(1u64 << 40), json!(u64::MAX), json!(1e300)]
        {
            let mut value = value.clone();
            *value.pointer_mut(&place).unwrap() = other;
            change(value);
        }
    }
}

/// Models that a file describes and no program could have built must not bring the reader down.
#[test]
fn no_settings_in_a_file_bring_the_reader_down() {
    let image = Sequential::new([4, 4, 2]).add(Conv2d::new(3, 2).groups(1)).unwrap();
    let image = image.add(ConvTranspose2d::new(2, 2)).unwrap().add(MaxPool2d::new(2)).unwrap();
    let image = image.add(AvgPool2d::new(1)).unwrap().add(ZeroPad2d::new(1)).unwrap();
    let image = image.add(GroupNorm::new(2)).unwrap().add(BatchNorm::new()).unwrap();
    let image = image.add(Dropout2d::new(0.5)).unwrap().add(Reshape::new([2, 16])).unwrap();
    let conv = Conv1d::depthwise(2).padding(Padding::Same);
    let signal = Sequential::new([8, 2]).add(conv).unwrap();
    let signal = signal.add(LayerNorm::new()).unwrap().add(Elu::new(1.0)).unwrap();
    let signal = signal.add(Dropout::new(0.5)).unwrap().add(LeakyRelu::new(0.5)).unwrap();
    for model in [image, signal] {
        let parts = Parts::of(&model);
        with_numbers_changed(&parts.architecture(), &mut |architecture| {
            let parts = parts.clone().fact("chainrule.model", architecture.to_string());
            let Ok(model) = load_bytes(&parts.bytes()) else { return };
            let x = ArrayD::zeros([&[1], model.input_shape()].concat());
            let _ = model.predict(x.view());
        });
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    /// Whatever happens to a byte of the header, the file is refused, or still a whole model.
    #[test]
    fn no_damage_to_the_header_brings_the_reader_down(at: prop::sample::Index, byte: u8) {
        let mut bytes = SMALL.with(Clone::clone);
        let header = 8 + u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        bytes[at.index(header)] = byte;
        if let Ok(model) = load_bytes(&bytes) {
            let x = ArrayD::zeros([&[1], model.input_shape()].concat());
            prop_assert!(model.predict(x.view()).is_ok());
        }
    }
}

thread_local! {
    static SMALL: Vec<u8> = Parts::of(&small()).bytes();
}

/// Runs a program of Python, if there is one with safetensors and NumPy.
fn python(program: &str, path: &Path) -> Option<String> {
    let python = std::env::var("CHAINRULE_PYTHON").unwrap_or_else(|_| "python3".to_string());
    let run = |program: &str| {
        let mut command = std::process::Command::new(&python);
        command.arg("-c").arg(program).arg(path).output()
    };
    let there = run("import numpy, safetensors.numpy").is_ok_and(|out| out.status.success());
    if !there {
        eprintln!("skipped: {python} has no safetensors (pip install safetensors numpy)");
        return None;
    }
    let out = run(program).unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Some(String::from_utf8(out.stdout).unwrap())
}

#[test]
fn python_reads_the_file() {
    let Place { folder: _folder, path } = Place::new();
    let model = Sequential::new([6, 6, 1]).add(Conv2d::new(2, 3)).unwrap();
    let model = model.add(BatchNorm::new()).unwrap().add(Flatten).unwrap();
    let model = model.add(Dense::new(3)).unwrap().initialize(1);
    let file = ModelFile::new(model.clone()).classes(["a", "b", "c"]).fact("epochs", 3);
    file.save(&path).unwrap();
    let program = "
import json, sys
from safetensors import safe_open
with safe_open(sys.argv[1], 'numpy') as file:
    tensors = {name: file.get_tensor(name) for name in file.keys()}
    bits = {name: [t.dtype.name, t.shape, t.view('uint32').flatten().tolist()] for name, t in tensors.items()}
    print(json.dumps({'tensors': bits, 'metadata': file.metadata()}))
";
    let Some(said) = python(program, &path) else { return };
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["metadata"]["chainrule.classes"], r#"["a","b","c"]"#);
    assert_eq!(said["metadata"]["chainrule.training"], r#"{"epochs":3}"#);
    let mut params = bits(model.params()).into_iter();
    for (name, shape) in [
        ("0.weight", vec![3, 3, 1, 2]),
        ("0.bias", vec![2]),
        ("1.scale", vec![2]),
        ("1.shift", vec![2]),
        ("1.running_mean", vec![2]),
        ("1.running_variance", vec![2]),
        ("3.weight", vec![32, 3]),
        ("3.bias", vec![3]),
    ] {
        let values: Vec<u32> = params.by_ref().take(shape.iter().product()).collect();
        assert!(said["tensors"][name] == json!(["float32", shape, values]), "{name}");
    }
    assert_eq!(said["tensors"].as_object().unwrap().len(), 8);
}

#[test]
fn weights_by_python_are_loaded_by_name() {
    let Place { folder: _folder, path } = Place::new();
    let program = "
import sys, numpy
from safetensors.numpy import save_file
ramp = lambda *shape: numpy.arange(numpy.prod(shape), dtype='float32').reshape(shape) / 8
save_file({'2.bias': ramp(2), '2.weight': ramp(3, 2), '0.weight': ramp(2, 3), '0.bias': ramp(3)}, sys.argv[1])
";
    if python(program, &path).is_none() {
        return;
    }
    let mut model = small();
    model.load_weights(&path).unwrap();
    let ramp = |len: usize| (0..len).map(|i| i as f32 / 8.0);
    let wanted: Vec<f32> = [6, 3, 6, 2].into_iter().flat_map(ramp).collect();
    assert_eq!(model.params(), wanted);
    let error = Sequential::load(&path).unwrap_err();
    assert!(matches!(error, Error::File(FileError::MissingFact { .. })));
}
