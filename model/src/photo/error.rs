//! Why a file is not a photo that can be worked on. Every sentence says what the visitor can do.

use thiserror::Error;

use super::Format;

/// Why a photo cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PhotoError {
    /// The file has no bytes.
    #[error("This file is empty: choose another one, or copy it again from where it came.")]
    Empty,
    /// The bytes are no image, whatever the file is called.
    #[error("This file is not an image, whatever its name says: choose a JPEG, PNG, WebP, GIF or BMP photo.")]
    NotAnImage,
    /// An image or drawing in a format that is not read.
    #[error("{0} files are not supported: save the picture as JPEG or PNG and try again.")]
    UnsupportedFormat(&'static str),
    /// The end of the file is missing.
    #[error("This {0} file is incomplete, its end is missing: download or copy it again.")]
    Truncated(Format),
    /// The header contradicts itself or the format.
    #[error("This {format} file is damaged ({detail}): open it in a photo program and save it again.")]
    Malformed {
        /// The format that its first bytes promise.
        format: Format,
        /// What is wrong.
        detail: &'static str,
    },
    /// More pixels than [`super::MAX_PIXELS`].
    #[error(
        "This photo is too large ({width} x {height}, {} megapixels): make it smaller than {} megapixels and try again.",
        megapixels(u64::from(*width) * u64::from(*height)),
        limit / 1_000_000
    )]
    TooManyPixels {
        /// Pixels across, as stored.
        width: u32,
        /// Pixels down, as stored.
        height: u32,
        /// The most pixels that are read.
        limit: u64,
    },
    /// The decoder gave up.
    #[error("This {format} file could not be decoded ({detail}): open it in a photo program and save it again.")]
    Decode {
        /// The format.
        format: Format,
        /// What the decoder said.
        detail: String,
    },
    /// The file could not be read from disk.
    #[error("This file could not be read ({0}): check that it exists and that you may open it.")]
    Read(String),
    /// A photo without pixels.
    #[error("This photo has no pixels: choose another one.")]
    NoPixels,
    /// Width, height and the number of bytes do not belong together.
    #[error(
        "The pixels of this photo arrived incomplete ({width} x {height}: {got} bytes, not {expected}): try again."
    )]
    WrongLength {
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
        /// Bytes that the size asks for.
        expected: u64,
        /// Bytes that came.
        got: usize,
    },
}

/// Whole megapixels, rounded up so that a refused photo never reads as exactly the limit.
fn megapixels(pixels: u64) -> u64 {
    pixels.div_ceil(1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The next of all variants. A match without a wildcard: a further variant does not compile until it is in line.
    fn next(error: &PhotoError) -> Option<PhotoError> {
        Some(match error {
            PhotoError::Empty => PhotoError::NotAnImage,
            PhotoError::NotAnImage => PhotoError::UnsupportedFormat("SVG"),
            PhotoError::UnsupportedFormat(_) => PhotoError::Truncated(Format::Jpeg),
            PhotoError::Truncated(_) => PhotoError::Malformed { format: Format::Png, detail: "no header chunk" },
            PhotoError::Malformed { .. } => {
                PhotoError::TooManyPixels { width: 20_000, height: 10_000, limit: super::super::MAX_PIXELS }
            }
            PhotoError::TooManyPixels { .. } => PhotoError::Decode { format: Format::Gif, detail: "bad code".into() },
            PhotoError::Decode { .. } => PhotoError::Read("no such file".into()),
            PhotoError::Read(_) => PhotoError::NoPixels,
            PhotoError::NoPixels => PhotoError::WrongLength { width: 2, height: 2, expected: 16, got: 15 },
            PhotoError::WrongLength { .. } => return None,
        })
    }

    #[test]
    fn sentences_are_whole_and_say_what_to_do() {
        for error in std::iter::successors(Some(PhotoError::Empty), next) {
            let text = error.to_string();
            assert!(text.ends_with('.') && text.contains(": "), "{text}");
        }
        let large = PhotoError::TooManyPixels { width: 20_000, height: 10_000, limit: super::super::MAX_PIXELS };
        assert!(large.to_string().contains("20000 x 10000, 200 megapixels"));
    }
}
