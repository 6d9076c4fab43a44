//! Damaged files: they are refused, and bring no reader down.

use chainrule::prelude::*;

use crate::{fixture, keras_net, refusal, torch_net};

/// Returns `true` if the bytes are a file that fits the model.
fn loads(bytes: &[u8], model: &mut Sequential) -> bool {
    WeightFile::from_bytes(bytes).and_then(|file| file.load_into(model)).is_ok()
}

#[test]
fn files_cut_short_are_refused() {
    for (file, mut model) in [
        ("torch_plain.pth", torch_net()),
        ("torch_checkpoint.pth", torch_net()),
        ("keras_net.keras", keras_net()),
    ] {
        let bytes = std::fs::read(fixture(file)).unwrap();
        for end in (0..bytes.len()).step_by(7) {
            assert!(!loads(&bytes[..end], &mut model), "{file} cut at {end}");
        }
    }
    // The end of an HDF5 file may be of no use to a reader.
    let bytes = std::fs::read(fixture("keras_net.h5")).unwrap();
    for end in (0..bytes.len() / 2).step_by(7) {
        assert!(!loads(&bytes[..end], &mut keras_net()), "cut at {end}");
    }
}

/// A byte that is another leads to an error, or to other numbers.
#[test]
fn no_changed_byte_brings_the_reader_down() {
    for (file, model) in [
        ("torch_plain.pth", torch_net()),
        ("torch_checkpoint.pth", torch_net()),
        ("keras_net.keras", keras_net()),
        ("keras_net.h5", keras_net()),
    ] {
        let mut model = model;
        let bytes = std::fs::read(fixture(file)).unwrap();
        for (at, change) in (0..bytes.len()).step_by(11).zip([1, 0x80, 0xff, 0x40].iter().cycle()) {
            let mut bytes = bytes.clone();
            bytes[at] ^= change;
            loads(&bytes, &mut model);
        }
    }
}

/// The pickle of `torch_plain.pth`, whose sum in the archive would hide damage from its reader.
#[test]
fn no_changed_pickle_brings_the_reader_down() {
    let bytes = std::fs::read(fixture("torch_plain.pth")).unwrap();
    let start = bytes.windows(3).position(|bytes| bytes == b"\x80\x02c").unwrap();
    let length = pickle_length(&bytes);
    let mut model = torch_net();
    for at in start..start + length {
        for change in [0x01, 0x10, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= change;
            let sum = crc(&bytes[start..start + length]);
            replace_sum(&mut bytes, sum);
            loads(&bytes, &mut model);
        }
    }
}

/// A small file must not make its reader set aside much more than it holds.
#[test]
fn tensors_larger_than_their_storages_and_compressed_entries_are_refused() {
    let error = refusal("torch_expanded.pth", torch_net());
    assert!(error.contains("tensor `fc2.weight` reaches beyond its storage"), "{error}");
    assert!(error.contains(".contiguous()"), "{error}");
    let error = refusal("torch_compressed.pth", torch_net());
    assert!(error.contains("in its zip archive is compressed"), "{error}");
}

/// Place of the first entry, the pickle, in the list at the end of an archive.
fn in_list(bytes: &[u8]) -> usize {
    bytes.windows(4).position(|bytes| bytes == b"PK\x01\x02").unwrap()
}

fn pickle_length(bytes: &[u8]) -> usize {
    let at = in_list(bytes) + 24;
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

fn replace_sum(bytes: &mut [u8], sum: u32) {
    let at = in_list(bytes) + 16;
    bytes[at..at + 4].copy_from_slice(&sum.to_le_bytes());
}

fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}
