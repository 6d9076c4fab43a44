//! No file brings its reader down.

use chainrule::prelude::*;
use ndarray::ArrayD;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::parts::{Parts, load_bytes};
use crate::small;

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
            let _ = model.predict(&x);
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
            prop_assert!(model.predict(&x).is_ok());
        }
    }
}

thread_local! {
    static SMALL: Vec<u8> = Parts::of(&small()).bytes();
}
