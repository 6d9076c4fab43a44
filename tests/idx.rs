//! IDX files: what is written comes back, and what is not a whole IDX file is refused by name.

use std::io::Write;
use std::path::Path;

use chainrule::data::idx::{self, ElementType, IdxArray};
use chainrule::error::IdxError;
use flate2::Compression;
use flate2::write::GzEncoder;
use ndarray::{ArrayD, ArrayViewD, Axis, IxDyn, arr0, array};
use proptest::collection::vec;
use proptest::prelude::*;

/// A header of the element type `code` and the dimensions, and then the elements' bytes.
fn file(code: u8, dimensions: &[u32], elements: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, code, dimensions.len() as u8];
    bytes.extend(dimensions.iter().flat_map(|dimension| dimension.to_be_bytes()));
    bytes.extend(elements);
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn refusal(bytes: &[u8]) -> IdxError {
    let error = idx::from_reader::<u8>(bytes, "some-file").unwrap_err();
    assert!(error.to_string().starts_with("some-file: expected"), "{error}");
    error
}

/// For one element type: an array of any shape up to rank 5 is itself after writing and reading,
/// plain and compressed, typed and untyped. Compared as bits, so that NaN equals itself.
macro_rules! round_trip {
    ($test:ident, $type:ty, $variant:ident, $bits:expr) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(32))]
            #[test]
            fn $test(shape in vec(0usize..4, 0..=5), bytes in vec(any::<[u8; 8]>(), 243)) {
                let count = shape.iter().product();
                let elements = bytes.iter().take(count).map(|b| {
                    <$type>::from_ne_bytes(b[..size_of::<$type>()].try_into().unwrap())
                });
                let array = ArrayD::from_shape_vec(IxDyn(&shape), elements.collect()).unwrap();

                let mut plain = Vec::new();
                idx::to_writer(&mut plain, "memory", &array).unwrap();
                for stored in [gzip(&plain), plain] {
                    let back = idx::from_reader::<$type>(&stored[..], "memory").unwrap();
                    prop_assert_eq!(back.mapv($bits), array.mapv($bits));
                    let any = idx::any_from_reader(&stored[..], "memory").unwrap();
                    let IdxArray::$variant(back) = any else { panic!("{:?}", any.element_type()) };
                    prop_assert_eq!(back.mapv($bits), array.mapv($bits));
                }
            }
        }
    };
}

round_trip!(u8_round_trip, u8, U8, |x| x);
round_trip!(i8_round_trip, i8, I8, |x| x);
round_trip!(i16_round_trip, i16, I16, |x| x);
round_trip!(i32_round_trip, i32, I32, |x| x);
round_trip!(f32_round_trip, f32, F32, f32::to_bits);
round_trip!(f64_round_trip, f64, F64, f64::to_bits);

proptest! {
    #[test]
    fn no_bytes_make_it_panic(code in 0u8..16, rank in 0u8..6, rest in vec(any::<u8>(), 0..40)) {
        let bytes = [&[0, 0, code, rank][..], &rest].concat();
        let _ = idx::any_from_reader(&bytes[..], "noise");
        let _ = idx::any_from_reader(&rest[..], "noise");
        let _ = idx::any_from_reader(&[&[0x1f, 0x8b, 8, 0][..], &rest].concat()[..], "noise");
    }
}

#[test]
fn bytes_are_those_of_the_format() {
    let write = |array: ArrayViewD<f32>| {
        let mut bytes = Vec::new();
        idx::to_writer(&mut bytes, "memory", &array).unwrap();
        bytes
    };
    let one = 1.0f32.to_be_bytes();
    assert_eq!(write(arr0(1.0).view().into_dyn()), file(0x0d, &[], &one));
    assert_eq!(write(array![1.0].view().into_dyn()), file(0x0d, &[1], &one));

    let shorts = idx::from_reader::<i16>(&file(0x0b, &[2], &[0xff, 0xfe, 1, 0])[..], "memory");
    assert_eq!(shorts.unwrap(), array![-2, 256].into_dyn());
    let doubles = idx::from_reader::<f64>(&file(0x0e, &[1], &0.1f64.to_be_bytes())[..], "memory");
    assert_eq!(doubles.unwrap(), array![0.1].into_dyn());
}

#[test]
fn elements_are_written_in_index_order_whatever_the_layout() {
    let transposed = array![[1u8, 2, 3], [4, 5, 6]].reversed_axes();
    let mut bytes = Vec::new();
    idx::to_writer(&mut bytes, "memory", &transposed).unwrap();
    assert_eq!(bytes, file(8, &[3, 2], &[1, 4, 2, 5, 3, 6]));
}

#[test]
fn gzip_is_told_by_content_and_not_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let (plain, zipped) = (dir.path().join("plain.gz"), dir.path().join("zipped"));
    let array = array![[1i32, -2], [3, 4]];
    idx::write(&plain, &array).unwrap();
    idx::write_gz(&zipped, &array).unwrap();
    assert_eq!(std::fs::read(&plain).unwrap()[..4], [0, 0, 0x0c, 2]);
    assert_eq!(std::fs::read(&zipped).unwrap()[..2], [0x1f, 0x8b]);
    for path in [plain, zipped] {
        assert_eq!(idx::read::<i32>(&path).unwrap(), array.clone().into_dyn());
        assert_eq!(idx::read_any(&path).unwrap().element_type(), ElementType::I32);
    }
}

#[test]
fn what_is_not_idx_is_refused() {
    assert!(matches!(refusal(b""), IdxError::NotIdx { found, .. } if found.is_empty()));
    assert!(matches!(refusal(b"\x89PNG...."), IdxError::NotIdx { found, .. } if found.len() == 4));
    assert!(matches!(refusal(&gzip(b"hello")), IdxError::NotIdx { .. }));
    assert!(matches!(
        refusal(&file(0x0a, &[1], &[0])),
        IdxError::UnknownElement { found: 0x0a, .. }
    ));
    let error = refusal(&file(0x0d, &[1], &[0; 4]));
    assert!(error.to_string().contains("expected elements of type u8, but found f32"), "{error}");
}

#[test]
fn a_file_of_another_length_than_its_header_says_is_refused() {
    for pack in [|bytes: &[u8]| bytes.to_vec(), gzip] {
        let short = refusal(&pack(&file(8, &[2, 3], &[0; 5]))).to_string();
        assert!(short.contains("6 bytes of elements, but found 5"), "{short}");
        let short = refusal(&pack(&file(8, &[2, 3], &[])[..9])).to_string();
        assert!(short.contains("8 bytes of dimensions, but found 5"), "{short}");
        let long = refusal(&pack(&file(8, &[2, 3], &[0; 7])));
        assert!(matches!(long, IdxError::TrailingBytes { expected: 6, .. }));
    }
}

#[test]
fn a_broken_gzip_stream_is_refused() {
    let whole = gzip(&file(8, &[100], &[7; 100]));
    let end = whole.len();
    let mut checksum = whole.clone();
    checksum[end - 8] ^= 1; // the CRC-32 is the 4 bytes before the last 4
    let trailing = [&whole[..], b"more"].concat();
    for broken in [&checksum, &whole[..end - 1], &whole[..end / 2], &whole[..5], &trailing] {
        assert!(matches!(refusal(broken), IdxError::Gzip { .. }), "{broken:02x?}");
    }
}

#[test]
fn several_streams_are_one_file_and_zeros_after_them_are_padding() {
    let file = file(8, &[100], &[7; 100]);
    let parts = [gzip(&file[..50]), gzip(&[]), gzip(&file[50..])].concat();
    let one = gzip(&file);
    let zeros = vec![0; 20_000]; // more than a buffer
    for whole in [&parts[..], &[&parts[..], &[0]].concat(), &[&one[..], &zeros].concat()] {
        let array = idx::from_reader::<u8>(whole, "memory").unwrap();
        assert_eq!(array.as_slice(), Some(&[7; 100][..]));
    }
    for broken in [[&one[..], &zeros, &[1]].concat(), [&one[..], &zeros, &one].concat()] {
        let error = refusal(&broken);
        assert!(matches!(error, IdxError::Gzip { .. }), "{error}");
    }
    let error = refusal(&[&one[..], b"more"].concat()).to_string();
    assert!(error.contains("bytes follow it that are no gzip stream"), "{error}");
}

#[test]
fn what_is_not_idx_is_told_with_the_fix() {
    let twice = refusal(&gzip(&gzip(&file(8, &[1], &[0]))));
    assert!(matches!(twice, IdxError::GzipTwice { .. }));
    assert!(twice.to_string().ends_with("compressed twice; unpack it once with gunzip"), "{twice}");
    for (bytes, fix) in [
        (&b""[..], "the file is empty"),
        (b"PK\x03\x04", "unpack it with unzip"),
        (b"\xfd7zXZ", "unpack it with unxz"),
        (b"BZh91", "unpack it with bunzip2"),
        (b"<!DOCTYPE html>", "this is a web page"),
        (b"\x93NUMPY", "an array of NumPy"),
        (b"5,0,0", "the right file"),
    ] {
        let error = refusal(bytes).to_string();
        assert!(error.contains(fix), "{error}");
    }
}

#[test]
fn a_header_that_announces_too_much_is_refused_before_memory_is_taken() {
    let too_large = refusal(&file(8, &[u32::MAX; 3], &[]));
    assert!(matches!(too_large, IdxError::TooLarge { .. }));
    let max = u32::MAX;
    for shape in [[max, max, max, 0], [0, max, max, max]] {
        let no_elements = refusal(&file(8, &shape, &[]));
        assert!(matches!(no_elements, IdxError::TooLarge { .. }));
    }
    assert!(matches!(refusal(&file(8, &[1 << 31; 255], &[])), IdxError::TooLarge { .. }));
    // Addressable (4 EiB) and absent.
    let absent = refusal(&file(8, &[1 << 31, 1 << 31], &[1, 2, 3]));
    assert!(matches!(absent, IdxError::Truncated { found: 3, .. }));
}

#[test]
fn what_a_header_cannot_say_is_not_written() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("high");
    let high = ArrayD::<u8>::zeros(IxDyn(&[1; 256]));
    assert!(matches!(idx::write(&path, &high), Err(IdxError::TooLarge { .. })));
    assert!(!path.exists());
    let most = high.index_axis_move(Axis(0), 0);
    idx::write(&path, &most).unwrap();
    assert_eq!(idx::read::<u8>(&path).unwrap(), most);
}

#[test]
fn an_error_of_the_system_names_the_file() {
    let path = Path::new("no-such-directory/file");
    let errors = [idx::read_any(path).map(drop), idx::write(path, &array![1u8])];
    for error in errors.map(Result::unwrap_err) {
        assert!(matches!(error, IdxError::Io { .. }));
        assert!(error.to_string().starts_with("no-such-directory/file: "), "{error}");
    }
}
