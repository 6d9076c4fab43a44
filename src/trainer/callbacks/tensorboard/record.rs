//! TFRecord: messages one after the other, each with its length and two checksums.
//!
//! ```text
//! length (u64)   crc(length) (u32)   message   crc(message) (u32)        little-endian
//! ```
//!
//! The checksum is CRC-32C, turned and shifted, because that of bytes which contain their own
//! checksum says little:
//!
//! ```text
//! masked = (crc ≫ 15 | crc ≪ 17) + a282ead8   (mod 2³²)
//! ```

use std::io::{self, Write};

/// Writes one message with its frame.
pub(super) fn write(out: &mut impl Write, message: &[u8]) -> io::Result<()> {
    let length = (message.len() as u64).to_le_bytes();
    out.write_all(&length)?;
    out.write_all(&masked(&length).to_le_bytes())?;
    out.write_all(message)?;
    out.write_all(&masked(message).to_le_bytes())
}

fn masked(bytes: &[u8]) -> u32 {
    crc32c::crc32c(bytes).rotate_right(15).wrapping_add(0xa282_ead8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_the_definition() {
        // The check value of the CRC catalogue, and two of RFC 3720, appendix B.4.
        assert_eq!(crc32c::crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c::crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c::crc32c(&[0xff; 32]), 0x62a8_ab43);
        assert_eq!(masked(b"123456789"), 0xc78a_b0e5);
    }

    #[test]
    fn a_frame_is_length_checksum_message_checksum() {
        let mut out = Vec::new();
        write(&mut out, b"123456789").unwrap();
        assert_eq!(out.len(), 8 + 4 + 9 + 4);
        assert_eq!(out[..8], [9, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(out[12..21], *b"123456789");
        assert_eq!(out[21..], 0xc78a_b0e5u32.to_le_bytes());
    }
}
