//! What the logs say is what the history says, also of a run that was interrupted; and TensorBoard
//! reads what was written for it.
#![cfg(all(feature = "csv", feature = "sample", feature = "tensorboard"))]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use base64::prelude::{BASE64_STANDARD, Engine};
use chainrule::metrics::Epoch;
use chainrule::prelude::*;
use chainrule::trainer::Run;
use chainrule::trainer::callbacks::{Callback, CsvLog, EventWriter, JsonLog, TensorBoard};
use ndarray::Array3;
use serde::Deserialize;
use tempfile::tempdir;

fn data() -> Images {
    Mnist::sample().train.take(300).unwrap()
}

fn model() -> Sequential {
    let conv = Sequential::new([28, 28, 1]).add(Conv2d::new(4, 5).stride(4)).unwrap();
    conv.add(Relu).unwrap().add(Flatten).unwrap().add(Dense::new(10)).unwrap()
}

fn trainer<'a>(validation: &'a Images) -> Trainer<'a> {
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).batch_size(100).validation(validation)
}

/// A run of four epochs that dies after batch 1 of the fourth, and goes on from a checkpoint after
/// the second.
fn interrupted<C: Callback>(callback: impl Fn() -> C, folder: &Path) -> History {
    struct Die;
    impl Callback for Die {
        fn batch(&mut self, run: &mut Run<'_>) -> Result<()> {
            match (run.epoch(), run.batch()) {
                (4, 1) => Err(TrainError::EmptySet { which: "killed" }.into()),
                _ => Ok(()),
            }
        }
    }
    let (data, checkpoints) = (data(), folder.join("checkpoints"));
    let saved = Checkpoints::new(&checkpoints).every_epochs(2).keep(9);
    let mut first = trainer(&data).epochs(4).callback(saved).callback(callback()).callback(Die);
    let error = first.fit(&mut model(), &data).unwrap_err();
    assert!(error.to_string().contains("killed"), "{error}");
    // As if the machine had died, and the last checkpoint had not been written.
    let from = checkpoints.join("epoch-0002.safetensors");
    let mut again = trainer(&data).epochs(4).callback(callback()).resume(from);
    again.fit(&mut model(), &data).unwrap()
}

/// Without the seconds, which differ.
fn without_seconds(epochs: &[Epoch]) -> Vec<Epoch> {
    epochs.iter().map(|epoch| Epoch { seconds: 0.0, ..epoch.clone() }).collect()
}

fn csv_epochs(path: &Path) -> Vec<Epoch> {
    csv::Reader::from_path(path).unwrap().deserialize().map(|row| row.unwrap()).collect()
}

fn json_lines(path: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_csv_log_is_the_history() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("log.csv");
    fs::write(&path, "an earlier run").unwrap();
    let data = data();
    let history =
        trainer(&data).epochs(3).callback(CsvLog::new(&path)).fit(&mut model(), &data).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(
        "epoch,loss,accuracy,validation_loss,validation_accuracy,learning_rate,seconds\n1,"
    ));
    assert!(csv_epochs(&path) == history.epochs);
}

#[test]
fn the_json_log_is_settings_history_and_end() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let data = data();
    let history = trainer(&data)
        .epochs(3)
        .seed(5)
        .callback(JsonLog::new(&path))
        .fit(&mut model(), &data)
        .unwrap();
    let lines = json_lines(&path);
    assert_eq!(
        lines[0].to_string(),
        r#"{"epochs":3,"samples":300,"batch_size":100,"seed":5,"parameters":1554,"layers":["Conv2d(4, 5×5, stride 4)","Relu","Flatten","Dense(10)"]}"#
    );
    let epochs = lines[1..4].iter().map(|line| serde_json::from_value(line.clone()).unwrap());
    assert!(epochs.collect::<Vec<Epoch>>() == history.epochs);
    assert_eq!(lines[4..], [serde_json::json!({"end": "all epochs are done", "verdict": null})]);
}

#[test]
fn an_interrupted_run_has_the_log_of_one_that_was_not() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("log.csv");
    let history = interrupted(|| CsvLog::new(&path), folder.path());
    assert!(csv_epochs(&path) == history.epochs && history.epochs.len() == 4);

    let folder = tempdir().unwrap();
    let path = folder.path().join("log.jsonl");
    let history = interrupted(|| JsonLog::new(&path), folder.path());
    let lines = json_lines(&path);
    let epochs = lines[1..5].iter().map(|line| serde_json::from_value(line.clone()).unwrap());
    assert!(epochs.collect::<Vec<Epoch>>() == history.epochs && lines.len() == 6);

    let data = data();
    let whole = trainer(&data).epochs(4).fit(&mut model(), &data).unwrap();
    assert!(without_seconds(&whole.epochs) == without_seconds(&history.epochs));
}

#[test]
fn a_log_that_cannot_be_written_is_an_error_and_trains_nothing() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let missing = file.join("log");
    let data = data();
    let logs: [Box<dyn Fn() -> Trainer<'static>>; 3] = [
        Box::new(|| plain().callback(CsvLog::new(&missing))),
        Box::new(|| plain().callback(JsonLog::new(&missing))),
        Box::new(|| plain().callback(TensorBoard::new(&missing))),
    ];
    fn plain() -> Trainer<'static> {
        Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01))
    }
    for trainer in logs {
        let mut net = model();
        let error = trainer().fit(&mut net, &data).unwrap_err();
        assert!(error.to_string().contains("file"), "{error}");
        assert!(net.params() == model().params());
    }
    let mut never = plain().callback(TensorBoard::new(folder.path()).every_batches(0));
    assert!(never.fit(&mut model(), &data).unwrap_err().to_string().contains("at least 1"));
}

/// What the real reader says.
#[derive(Deserialize)]
struct Read {
    version: f64,
    scalars: BTreeMap<String, Vec<(u64, f32)>>,
    histograms: BTreeMap<String, Vec<Histogram>>,
    images: BTreeMap<String, Vec<Picture>>,
    plugins: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Histogram {
    step: u64,
    min: f64,
    max: f64,
    num: f64,
    sum: f64,
    sum_squares: f64,
    bucket_limit: Vec<f64>,
    bucket: Vec<f64>,
}

#[derive(Deserialize)]
struct Picture {
    step: u64,
    width: usize,
    height: usize,
    png: String,
}

/// Reads a folder with TensorBoard, where Python has it: `CHAINRULE_PYTHON` names another Python.
fn read(folder: &Path) -> Option<Read> {
    let python = std::env::var("CHAINRULE_PYTHON").unwrap_or("python3".to_string());
    let has = Command::new(&python).args(["-c", "import tensorboard"]).output();
    if !has.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: {python} has no package `tensorboard`");
        return None;
    }
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/read_tensorboard.py");
    let output = Command::new(&python).arg(program).arg(folder).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// The pixels of a PNG, as in a row.
fn pixels(png: &str) -> Vec<u8> {
    let bytes = BASE64_STANDARD.decode(png).unwrap();
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    reader.next_frame(&mut pixels).unwrap();
    pixels
}

#[test]
fn tensorboard_reads_what_was_written() {
    let folder = tempdir().unwrap();
    let values: Vec<f32> = (0..1000).map(|i| (i as f32 / 100.0).sin()).collect();
    let picture = Array3::from_shape_fn((3, 5, 3), |(y, x, c)| (80 * y + 7 * x + c) as u8);
    let scalars = [(0, 0.1), (1, -1e-30), (1 << 40, f32::MAX), ((1 << 40) + 1, f32::MIN_POSITIVE)];
    let mut events = EventWriter::create(folder.path(), 0).unwrap();
    for (step, value) in scalars {
        events.scalar("group/a tag, ü", step, value).unwrap();
    }
    events.histogram("weights", 7, &values).unwrap();
    events.histogram("all the same", 7, &[2.5; 9]).unwrap();
    events.histogram("nothing", 7, &[]).unwrap();
    events.image("picture", 8, picture.view()).unwrap();
    assert!(events.image("empty", 8, Array3::zeros((0, 1, 1)).view()).is_err());
    events.flush().unwrap();

    let Some(read) = read(folder.path()) else { return };
    assert_eq!(read.version, 2.0);
    assert_eq!(read.scalars["group/a tag, ü"], scalars);
    let h = &read.histograms["weights"][0];
    let of = |value: fn(f64) -> f64| values.iter().map(|&v| value(f64::from(v))).sum::<f64>();
    let (min, max) = values.iter().fold((0f32, 0f32), |(a, b), &v| (a.min(v), b.max(v)));
    assert_eq!((h.step, h.num, h.min, h.max), (7, 1000.0, f64::from(min), f64::from(max)));
    assert_eq!((h.sum, h.sum_squares), (of(|v| v), of(|v| v * v)));
    assert_eq!((h.bucket.iter().sum::<f64>(), h.bucket.len()), (1000.0, 30));
    let below = |limit: f64| values.iter().filter(|&&v| f64::from(v) < limit).count() as f64;
    assert_eq!(h.bucket[0], below(h.bucket_limit[0]));
    let same = &read.histograms["all the same"][0];
    assert_eq!((same.min, same.max, &*same.bucket), (2.5, 2.5, &[9.0][..]));
    assert!(!read.histograms.contains_key("nothing") && !read.images.contains_key("empty"));
    let image = &read.images["picture"][0];
    assert_eq!((image.step, image.height, image.width), (8, 3, 5));
    assert!(pixels(&image.png) == picture.as_slice().unwrap());
    // In the browser, each is on its page.
    assert_eq!(read.plugins["scalars"], ["group/a tag, ü"]);
    assert_eq!(read.plugins["histograms"], ["all the same", "weights"]);
    assert_eq!(read.plugins["images"], ["picture"]);
}

#[test]
fn tensorboard_shows_an_interrupted_run_as_one() {
    let folder = tempdir().unwrap();
    let (runs, data) = (folder.path().join("run"), data());
    // What another run left in the folder is void.
    let mut earlier = EventWriter::create(&runs, 0).unwrap();
    (0..9).for_each(|step| earlier.scalar("loss/training", step, 9.0).unwrap());
    drop(earlier);
    let callback = || {
        let digits = [data.image(0), data.image(1)];
        TensorBoard::new(&runs).every_batches(2).filters(true).images("digits", &digits)
    };
    let history = interrupted(callback, folder.path());

    let Some(read_run) = read(&runs) else { return };
    let curve = |value: &dyn Fn(&Epoch) -> f64| -> Vec<(u64, f32)> {
        history.epochs.iter().map(|e| (e.epoch as u64, value(e) as f32)).collect()
    };
    let scalars = &read_run.scalars;
    assert_eq!(scalars["loss/training"], curve(&|e| e.loss));
    assert_eq!(scalars["loss/validation"], curve(&|e| e.validation_loss.unwrap()));
    assert_eq!(scalars["accuracy/training"], curve(&|e| e.accuracy.unwrap()));
    assert_eq!(scalars["accuracy/validation"], curve(&|e| e.validation_accuracy.unwrap()));
    assert_eq!(scalars["learning rate"], curve(&|e| f64::from(e.learning_rate)));
    assert_eq!(scalars.len(), 5);

    let counts = read_run.histograms.iter().map(|(tag, h)| (tag.as_str(), h.len(), h[3].num));
    assert_eq!(
        counts.collect::<Vec<_>>(),
        [
            ("parameters/0 Conv2d(4, 5×5, stride 4)/bias", 4, 4.0),
            ("parameters/0 Conv2d(4, 5×5, stride 4)/weight", 4, 100.0),
            ("parameters/3 Dense(10)/bias", 4, 10.0),
            ("parameters/3 Dense(10)/weight", 4, 1440.0),
        ]
    );
    let filters = &read_run.images["filters/0 Conv2d(4, 5×5, stride 4)"];
    assert_eq!(filters.len(), 4);
    assert_eq!((filters[0].width, filters[0].height), (2 * 40 + 1, 2 * 40 + 1));
    let digits = &read_run.images["digits"];
    assert_eq!((digits.len(), digits[0].width, digits[0].height), (1, 28 + 1 + 28, 28));

    // Three batches an epoch: every second of the whole run, each once.
    let batches = read(&runs.join("batches")).unwrap();
    let steps: Vec<u64> = batches.scalars["loss so far"].iter().map(|event| event.0).collect();
    assert_eq!(steps, [2, 4, 6, 8, 10, 12]);
}
