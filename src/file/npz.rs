//! NumPy's archive of arrays: a zip of one `.npy` file for each, stored as it is.

use std::io::{self, Error, ErrorKind, Write};

use flate2::Crc;

/// Array that is to be written.
pub(crate) struct Array<'a> {
    pub name: &'a str,
    pub shape: &'a [usize],
    pub values: &'a [f32],
}

/// Size of the header of an `.npy` file is a multiple of this.
const ALIGNMENT: usize = 64;
/// Bytes of an `.npy` file before the text of its header.
const PREFIX: usize = 10;

/// Writes an archive. The same arrays make the same bytes.
pub(crate) fn write(writer: &mut dyn Write, arrays: &[Array]) -> io::Result<()> {
    let (mut directory, mut offset) = (Vec::new(), 0u64);
    for array in arrays {
        let (name, content) = (format!("{}.npy", array.name), array.npy());
        let mut sum = Crc::new();
        sum.update(&content);
        let (length, name_length) = (short(content.len())?, name.len() as u16);
        // Version 2.0, names of UTF-8, stored, 1980-01-01; sum; both sizes; length of the name.
        let mut about = vec![20, 0, 0, 8, 0, 0, 0, 0, 0x21, 0];
        about.extend(sum.sum().to_le_bytes());
        about.extend([length.to_le_bytes(), length.to_le_bytes()].concat());
        about.extend([name_length.to_le_bytes(), [0; 2]].concat());
        let local = [b"PK\x03\x04", &about[..], name.as_bytes(), &content].concat();
        writer.write_all(&local)?;
        directory.extend([b"PK\x01\x02\x14\0", &about[..], &[0; 10]].concat());
        directory.extend(short(offset as usize)?.to_le_bytes());
        directory.extend(name.as_bytes());
        offset += local.len() as u64;
    }
    writer.write_all(&directory)?;
    let count = u16::try_from(arrays.len()).map_err(|_| too_large())?.to_le_bytes();
    let sizes = [short(directory.len())?.to_le_bytes(), short(offset as usize)?.to_le_bytes()];
    writer
        .write_all(&[b"PK\x05\x06\0\0\0\0", &count[..], &count, &sizes.concat(), &[0; 2]].concat())
}

fn short(number: usize) -> io::Result<u32> {
    u32::try_from(number).map_err(|_| too_large())
}

fn too_large() -> Error {
    let reason = "an .npz file holds at most 4 GiB and 65,535 arrays; name it `.safetensors`";
    Error::new(ErrorKind::InvalidInput, reason)
}

impl Array<'_> {
    /// Returns the bytes of an `.npy` file.
    fn npy(&self) -> Vec<u8> {
        let sizes: String = self.shape.iter().map(|size| format!("{size}, ")).collect();
        let mut header =
            format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({sizes}), }}");
        let end = (PREFIX + header.len() + 1).next_multiple_of(ALIGNMENT);
        header.extend(std::iter::repeat_n(' ', end - PREFIX - header.len() - 1));
        header.push('\n');
        let length = (header.len() as u16).to_le_bytes();
        let mut bytes = [b"\x93NUMPY\x01\0", &length[..], header.as_bytes()].concat();
        bytes.extend(self.values.iter().flat_map(|value| value.to_le_bytes()));
        bytes
    }
}
