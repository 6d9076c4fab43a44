//! What the MNIST examples share: how they train, what they write, and how they report.

mod options;

use chainrule::data::augment::{Rotate, Scale, Shift};
use chainrule::prelude::*;
use chainrule::report::Report;

use crate::print;
pub use options::Options;

/// Trains the model on MNIST as the options say, tests it, and reports.
pub fn train_and_report(mut model: Sequential, options: &Options) -> Result<()> {
    let mnist = load(options)?;
    println!("{}", model.summary());

    // The test images are for the end: what is chosen while training goes by others.
    let [most, held_out] = split(&mnist.train, [0.9, 0.1], options.seed)?;
    let (images, validation): (&dyn Dataset, Option<&dyn Dataset>) = match options.train_on_all {
        true => (&mnist.train, None),
        false => (&most, Some(&held_out)),
    };
    let history = train(&mut model, images, validation, options)?;
    if let (Some("interrupted"), Some(folder)) = (history.stopped.as_deref(), &options.checkpoints)
    {
        println!("the run is in {}: go on with --resume", folder.display());
        return print::check();
    }
    let result = model.evaluate(&mnist.test, &SoftmaxCrossEntropy)?;

    // Files first: standard output may be a pipe that waits for its reader.
    if let Some(path) = &options.report {
        let report = report(options, &model, &history, &result, &mnist);
        report.training_samples(images.len()).save(path)?;
    }
    let file = model_file(model, options, &result)?;
    if let Some(path) = &options.save {
        file.save(path)?;
    }
    if let Some(path) = &options.onnx {
        file.save_onnx(path)?;
    }
    show_mistakes(&result, &mnist.test);
    for (name, path) in
        [("report", &options.report), ("model", &options.save), ("ONNX", &options.onnx)]
    {
        if let Some(path) = path {
            println!("{name}: {}", path.display());
        }
    }
    let (wrong, total) = (result.wrong(), mnist.test.len());
    let accuracy = 100.0 * (total - wrong) as f64 / total as f64;
    println!("test accuracy {accuracy:.2} % ({wrong} of {total} wrong)");
    print::check()
}

/// Prints the confusion matrix and the worst mistakes.
fn show_mistakes(result: &Evaluation, test: &Images) {
    println!("{}", result.confusion(test.classes()));
    let worst = result.worst(3);
    for &i in &worst {
        print!("{:<30}", format!("a {} taken for a {}", result.actual[i], result.predicted[i]));
    }
    let images: Vec<_> = worst.iter().map(|&i| test.image(i)).collect();
    println!("\n{}\n", draw(&images));
}

fn train(
    model: &mut Sequential,
    images: &dyn Dataset,
    validation: Option<&dyn Dataset>,
    options: &Options,
) -> Result<History> {
    // Chosen on 10,000 images held out of the training set: there, three epochs of the
    // convolutional net came to 99.0 %, and to 98.3 % at a constant 0.001.
    let adam = Adam::new(options.lr).betas(0.9, 0.99);
    let mut trainer = Trainer::new(SoftmaxCrossEntropy, adam)
        .schedule(OneCycle::new(0.2))
        .epochs(options.epochs)
        .batch_size(options.batch_size)
        .seed(options.seed)
        .progress(true)
        .callback(Interrupt);
    if let Some(threads) = options.threads {
        trainer = trainer.threads(threads);
    }
    if options.augment {
        trainer = trainer.augment(augment());
    }
    if let Some(time) = options.seconds {
        trainer = trainer.callback(TimeBudget::new(time));
    }
    if let Some(path) = &options.log {
        trainer = match path.extension() {
            Some(extension) if extension == "jsonl" => trainer.callback(JsonLog::new(path)),
            _ => trainer.callback(CsvLog::new(path)),
        };
    }
    if let Some(folder) = &options.tensorboard {
        trainer = trainer.callback(TensorBoard::new(folder));
    }
    if let Some(folder) = &options.checkpoints {
        trainer = trainer.callback(Checkpoints::new(folder));
        let latest = if options.resume { Checkpoints::latest(folder)? } else { None };
        if let Some(checkpoint) = latest {
            trainer = trainer.resume(checkpoint);
        }
    }
    if let Some(validation) = validation {
        trainer = trainer.validation(validation);
    }
    if let Some(patience) = options.patience {
        trainer = trainer.callback(EarlyStopping::new(patience));
    }
    trainer.fit(model, images)
}

/// Chosen on 2,000 images held out of the sample's training images: there, thirty epochs of the
/// convolutional net came to 99.0 %, and to 98.6 % without.
fn augment() -> Augment {
    Augment::new()
        .with(Rotate::degrees(10.0))
        .with(Scale::between(0.9..=1.1))
        .with(Shift::pixels(2.0))
}

/// The full set from the directory asked for or from `data`, else the sample.
fn load(options: &Options) -> Result<Mnist> {
    let dir = options.data.clone().unwrap_or("data".into());
    match Mnist::load(&dir) {
        Ok(mnist) => {
            let (train, test) = (mnist.train.len(), mnist.test.len());
            println!("data: {}, {train} + {test} images\n", dir.display());
            Ok(mnist)
        }
        // Unless it was asked for, the full set may be absent; but not damaged.
        Err(DataError::MissingFile { .. } | DataError::MissingFolder { .. })
            if options.data.is_none() =>
        {
            println!("data: the sample in the crate, 10,000 + 10,000 images of MNIST");
            println!("      (./data-fetch.sh brings the full set, 60,000 + 10,000)\n");
            Ok(Mnist::sample())
        }
        Err(error) => Err(error.into()),
    }
}

fn report<'a>(
    options: &Options,
    model: &'a Sequential,
    history: &'a History,
    result: &'a Evaluation,
    mnist: &'a Mnist,
) -> Report<'a> {
    Report::new("Handwritten digits")
        .model(model)
        .history(history)
        .evaluation(result, &mnist.test)
        .setting("optimizer", format!("Adam, learning rate {}, one cycle", options.lr))
        .setting("epochs", options.epochs)
        .setting("batch size", options.batch_size)
        .setting("seed", options.seed)
        .setting("held out for validation", if options.train_on_all { "none" } else { "a tenth" })
        .setting("augmentation", if options.augment { augment() } else { Augment::new() })
}

/// With what one must know to use the model.
fn model_file(model: Sequential, options: &Options, result: &Evaluation) -> Result<ModelFile> {
    Ok(ModelFile::new(model)
        .scaling(Scaling::pixels())?
        .loss(&SoftmaxCrossEntropy)
        .fact("data", "MNIST")
        .fact("epochs", options.epochs)
        .fact("batch size", options.batch_size)
        .fact("seed", options.seed)
        .fact("augmented", options.augment)
        .fact("test accuracy", result.accuracy))
}
