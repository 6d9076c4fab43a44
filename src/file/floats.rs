//! Numbers of 16 and 64 bits with a fraction, as 32-bit floats.

use safetensors::Dtype;

/// Converts the bytes of numbers, the lowest byte of each first. Returns `None` for numbers of another
/// type, 32-bit floats among them.
pub(super) fn to_f32(dtype: Dtype, bytes: &[u8]) -> Option<Vec<u8>> {
    match dtype {
        Dtype::F16 => Some(each(bytes, |bits| half(u16::from_le_bytes(bits)))),
        // The upper half of a 32-bit float.
        Dtype::BF16 => Some(each(bytes, |[low, high]| f32::from_le_bytes([0, 0, low, high]))),
        Dtype::F64 => Some(each(bytes, |bits| f64::from_le_bytes(bits) as f32)),
        _ => None,
    }
}

fn each<const N: usize>(bytes: &[u8], convert: impl Fn([u8; N]) -> f32) -> Vec<u8> {
    let (numbers, _) = bytes.as_chunks();
    numbers.iter().flat_map(|number| convert(*number).to_le_bytes()).collect()
}

/// Returns a number of IEEE 754's binary16: 1 bit of sign, 5 of exponent, 10 of fraction. Every one is
/// a 32-bit float.
fn half(bits: u16) -> f32 {
    let fraction = f32::from(bits & 0x3ff) / 1024.0;
    let magnitude = match i32::from(bits >> 10 & 0x1f) {
        0 => fraction * 2f32.powi(-14),
        31 if fraction == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        exponent => (1.0 + fraction) * 2f32.powi(exponent - 15),
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_those_of_ieee_754() {
        for (bits, value) in [
            (0x0000, 0.0),
            (0x0001, 5.960_464_5e-8),
            (0x03ff, 6.097_555e-5),
            (0x0400, 6.103_515_6e-5),
            (0x3555, 0.333_251_95),
            (0x3c00, 1.0),
            (0xc000, -2.0),
            (0x7bff, 65504.0),
            (0x7c00, f32::INFINITY),
            (0xfc00, f32::NEG_INFINITY),
        ] {
            assert_eq!(half(bits), value, "{bits:x}");
        }
        assert!(half(0x7c01).is_nan() && half(0x8000).is_sign_negative());
    }

    #[test]
    fn other_types_stay_as_they_are() {
        assert_eq!(to_f32(Dtype::F32, &[0; 4]), None);
        assert_eq!(to_f32(Dtype::I64, &[0; 8]), None);
        assert_eq!(to_f32(Dtype::BF16, &[0xc0, 0x3f]), Some(1.5f32.to_le_bytes().to_vec()));
        assert_eq!(to_f32(Dtype::F64, &0.1f64.to_le_bytes()), Some(0.1f32.to_le_bytes().to_vec()));
    }
}
