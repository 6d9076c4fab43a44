//! Raw inputs are scaled by a file as data was for training, bit by bit.

use chainrule::error::{DataError, FileError};
use chainrule::prelude::*;
use ndarray::{Array, ArrayD};

use crate::parts::{Parts, refusal, says};
use crate::{bits, small};

/// The predictions of a file's model for raw inputs, one after another.
fn from_raw(file: &ModelFile, mut raw: Vec<f32>) -> Vec<u32> {
    file.scalings.iter().for_each(|scaling| scaling.apply(&mut raw));
    let one = file.model.input_shape();
    let shape = [&[raw.len() / one.iter().product::<usize>()], one].concat();
    let x = ArrayD::from_shape_vec(shape, raw).unwrap();
    bits(file.model.predict(&x).unwrap().as_slice().unwrap())
}

/// The predictions of a model for a data set.
fn from_data(model: &Sequential, data: &dyn Dataset) -> Vec<u32> {
    let x = inputs(data, &(0..data.len()).collect::<Vec<_>>()).unwrap();
    bits(model.predict(&x).unwrap().as_slice().unwrap())
}

#[test]
fn times_of_day_are_scaled_as_for_training() {
    let (mean, day) = (1.7e9f32, 86_400.0f32);
    let times =
        Array::from_shape_fn((200, 1), |(n, _)| mean + day * ((n as f32 * 0.7).sin() * 2.0));
    let targets = times.mapv(|time| (time - mean) / day);
    let data = Arrays::new(times.clone().into_dyn(), targets.into_dyn()).unwrap();
    for scaling in [Scaling::of(&data).unwrap(), Scaling::new(vec![mean], vec![day]).unwrap()] {
        let scaled = scaling.scale(&data).unwrap();
        let mut model = Sequential::new([1]).add(Dense::new(8)).unwrap().add(Tanh).unwrap();
        model = model.add(Dense::new(1)).unwrap();
        Trainer::new(MeanSquaredError, Adam::new(0.01)).fit(&mut model, &scaled).unwrap();
        let before = from_data(&model, &scaled);
        let file = ModelFile::new(model).scaling(scaling.clone()).unwrap();
        let file = ModelFile::from_bytes(&file.to_bytes().unwrap()).unwrap();
        assert_eq!(from_raw(&file, times.iter().copied().collect()), before);
    }
}

/// One mean and one deviation for each pixel, of images whose bytes a user of the file has.
#[test]
fn images_are_scaled_pixel_by_pixel_as_for_training() {
    let images = Mnist::sample().train.take(100).unwrap();
    let scaling = Scaling::of(&images).unwrap();
    let scaled = scaling.scale(&images).unwrap();
    let model = Sequential::new([28, 28, 1]).add(Flatten).unwrap().add(Dense::new(10)).unwrap();
    let mut model = model.initialize(1);
    Trainer::new(SoftmaxCrossEntropy, Adam::new(0.01)).fit(&mut model, &scaled).unwrap();
    let before = from_data(&model, &scaled);
    let result = model.evaluate(&scaled, &SoftmaxCrossEntropy).unwrap();

    let file = ModelFile::new(model).scaling(Scaling::pixels()).unwrap().scaling(scaling).unwrap();
    let file = ModelFile::from_bytes(&file.to_bytes().unwrap()).unwrap();
    let bytes: Vec<u8> = images.pixels().iter().copied().collect();
    assert_eq!(from_raw(&file, bytes.iter().map(|&byte| byte.into()).collect()), before);
    let answers = file.classify_many(&bytes).unwrap();
    let best: Vec<usize> = answers.iter().map(|answer| answer.best().index).collect();
    assert_eq!(best, result.predicted);
}

#[test]
fn a_scaling_of_another_length_is_refused_at_once() {
    let three = || Scaling::new(vec![0.0; 3], vec![1.0; 3]).unwrap();
    let error = ModelFile::new(small()).scaling(three()).unwrap_err();
    assert!(matches!(error, Error::Data(DataError::Scaling { .. })));
    assert!(error.to_string().contains("3 means and deviations, but inputs are 2"), "{error}");
    // One that was put there in another way.
    let mut file = ModelFile::new(small());
    file.scalings = vec![three()];
    for error in [file.to_bytes().unwrap_err(), file.classify(&[1.0f32, 2.0]).unwrap_err()] {
        assert!(matches!(error, Error::File(FileError::BadFact { .. })), "{error}");
    }
}

#[test]
fn a_scaling_in_a_file_that_makes_no_sense_is_refused() {
    for (scaling, why) in [
        (r#"[{"mean":[0.0],"std":[0.0]}]"#, "the deviation above 0"),
        (r#"[{"mean":[0.0,1.0],"std":[1.0]}]"#, "2 means and 1 deviations"),
        (r#"[{"mean":[0.0,1.0,2.0],"std":[1.0,1.0,1.0]}]"#, "inputs are 2"),
        (r#"[{"mean":[1e39],"std":[1.0]}]"#, "number out of range"),
        (r#"[{"mean":[0.0],"std":[1.0],"shift":[0.0]}]"#, "unknown field `shift`"),
    ] {
        let error = refusal(&Parts::of(&small()).fact("chainrule.inputs", scaling));
        assert!(matches!(error, FileError::BadFact { .. }));
        says(&error, "`chainrule.inputs` of its metadata makes no sense");
        says(&error, why);
    }
}
