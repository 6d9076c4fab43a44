//! Grey pictures of files.

use std::path::Path;

use super::Grey;
use crate::decode;
use crate::error::Result;

/// Most bytes of a decoded picture, unless another limit is given.
const MOST_BYTES: u64 = 256 << 20;

impl Grey {
    /// Decodes a PNG or JPEG file, by its content and not its name, of at most 256 MiB when decoded. Colours become
    /// brightness as Rec. 709 weighs them, what is transparent shows white, and the picture is turned as its
    /// EXIF orientation says.
    ///
    /// ```no_run
    /// use chainrule::intake::Grey;
    ///
    /// let photo = Grey::open("photo.jpg")?;
    /// println!("{}×{}", photo.height(), photo.width());
    /// # Ok::<(), chainrule::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`PictureError::Io`](crate::error::PictureError::Io) if the file cannot be read,
    /// [`PictureError::Broken`](crate::error::PictureError::Broken) if it is not a whole picture, and
    /// [`PictureError::TooLarge`](crate::error::PictureError::TooLarge) for a larger one.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Grey::open_within(path, MOST_BYTES)
    }

    /// Decodes a file like [`Grey::open`], with a limit of your own to the bytes of the decoded picture: height times width
    /// times 1 for grey, 3 for colours, 4 where it may be transparent, and twice that for 16 bits. The
    /// memory that is used is at most five times as much.
    ///
    /// # Errors
    ///
    /// Those of [`Grey::open`].
    pub fn open_within(path: impl AsRef<Path>, most_bytes: u64) -> Result<Self> {
        let path = path.as_ref();
        let bytes = decode::read(path, most_bytes)?;
        Grey::decode(path, bytes, most_bytes)
    }

    /// Decodes the bytes of a file, such as one that came over a network.
    ///
    /// # Errors
    ///
    /// Those of [`Grey::open`], with `the bytes` in place of a path.
    pub fn from_file_bytes(bytes: &[u8], most_bytes: u64) -> Result<Self> {
        Grey::decode("the bytes".as_ref(), bytes.to_vec(), most_bytes)
    }

    fn decode(path: &Path, bytes: Vec<u8>, most_bytes: u64) -> Result<Self> {
        let (bytes, [height, width]) = decode::luma(path, bytes, most_bytes)?;
        Ok(Grey::from_bytes(height, width, &bytes)?)
    }
}
