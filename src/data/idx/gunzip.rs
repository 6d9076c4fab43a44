//! Decompression of gzip files: members one after the other, as gzip reads them.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;

/// The first bytes of a gzip stream.
pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// A reader of what a gzip file holds. Several streams in a row are one content, and zeros after the
/// last are padding, as tapes and block devices have it. Anything else after it is an error.
pub(super) struct Gunzip<R> {
    /// The decoder of the current stream; none after the last.
    decoder: Option<GzDecoder<R>>,
}

impl<R: BufRead> Gunzip<R> {
    pub fn new(reader: R) -> Self {
        Gunzip { decoder: Some(GzDecoder::new(reader)) }
    }
}

impl<R: BufRead> Read for Gunzip<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        while let Some(decoder) = &mut self.decoder {
            let read = decoder.read(bytes)?;
            if read > 0 || bytes.is_empty() {
                return Ok(read);
            }
            // The stream is read to its end, and its checksum is right.
            let Some(mut rest) = self.decoder.take().map(GzDecoder::into_inner) else { break };
            match rest.fill_buf()?.first() {
                Some(&first) if first == MAGIC[0] => self.decoder = Some(GzDecoder::new(rest)),
                _ => check_padding(rest)?,
            }
        }
        Ok(0)
    }
}

/// Refuses bytes that are not 0.
fn check_padding(mut rest: impl BufRead) -> io::Result<()> {
    loop {
        let bytes = rest.fill_buf()?;
        if bytes.iter().any(|&byte| byte != 0) {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "bytes follow it that are no gzip stream",
            ));
        }
        match bytes.len() {
            0 => return Ok(()),
            len => rest.consume(len),
        }
    }
}
