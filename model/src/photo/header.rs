//! Format and size of a photo and whether its end is there, read from its headers without decoding a pixel.
//!
//! The page asks before the browser decodes: a photo that is too large would bring the tab down, and a cut one would be
//! shown as if it were whole. Everything else about a file is left to the decoder, natively `image`.

mod avif;
mod bmp;
mod gif;
mod jpeg;
mod png;
mod tiff;
mod webp;

use std::fmt;

use super::{MAX_PIXELS, PhotoError};

/// The formats that are read. Which of them a browser decodes is for the browser to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JPEG (ITU-T T.81), with JFIF, EXIF or Adobe markers.
    Jpeg,
    /// PNG, APNG.
    Png,
    /// WebP, lossy or lossless.
    WebP,
    /// GIF 87a, 89a.
    Gif,
    /// Windows bitmap.
    Bmp,
    /// TIFF; Safari only.
    Tiff,
    /// AVIF; browsers only.
    Avif,
    /// HEIC, the photos of iPhones; Safari only.
    Heic,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Jpeg => "JPEG",
            Self::Png => "PNG",
            Self::WebP => "WebP",
            Self::Gif => "GIF",
            Self::Bmp => "BMP",
            Self::Tiff => "TIFF",
            Self::Avif => "AVIF",
            Self::Heic => "HEIC",
        })
    }
}

/// What the headers of a file say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhotoHeader {
    /// The format by its first bytes, whatever the file is called.
    pub format: Format,
    /// Pixels across once upright.
    pub width: u32,
    /// Pixels down once upright.
    pub height: u32,
}

impl PhotoHeader {
    /// Pixels in all.
    #[must_use]
    pub fn pixels(&self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// A stored size, upright once its sides have changed places where the file says so.
    fn upright(format: Format, (width, height): (u32, u32), sides_swap: bool) -> Self {
        let (width, height) = if sides_swap { (height, width) } else { (width, height) };
        Self { format, width, height }
    }
}

/// Reads the headers of a photo, format by its first bytes and upright size, and walks the blocks of the file to see
/// that its end is there. Decodes nothing, so it is quick on any size.
///
/// # Errors
/// What makes the file unusable, as a sentence for the visitor: empty, no image, a format that is not read, cut off,
/// damaged headers, no pixels, or more than [`MAX_PIXELS`].
pub fn probe(bytes: &[u8]) -> Result<PhotoHeader, PhotoError> {
    let header = match sniff(bytes)? {
        Format::Jpeg => jpeg::probe(bytes)?,
        Format::Png => png::probe(bytes)?,
        Format::WebP => webp::probe(bytes)?,
        Format::Gif => gif::probe(bytes)?,
        Format::Bmp => bmp::probe(bytes)?,
        Format::Tiff => tiff::probe(bytes)?,
        format @ (Format::Avif | Format::Heic) => avif::probe(bytes, format)?,
    };
    if header.width == 0 || header.height == 0 {
        return Err(PhotoError::NoPixels);
    }
    if header.pixels() > MAX_PIXELS {
        return Err(PhotoError::TooManyPixels { width: header.width, height: header.height, limit: MAX_PIXELS });
    }
    Ok(header)
}

/// The format by its magic number.
fn sniff(bytes: &[u8]) -> Result<Format, PhotoError> {
    let brand = || bytes.get(4..8).filter(|kind| kind == b"ftyp").and_then(|_| bytes.get(8..12));
    match bytes {
        [] => Err(PhotoError::Empty),
        [0xff, 0xd8, 0xff, ..] => Ok(Format::Jpeg),
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => Ok(Format::Png),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Format::WebP),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(Format::Gif),
        // "BM" begins many a text; the size of a bitmap's second header does not.
        [b'B', b'M', ..] if bmp::is_bitmap(bytes) => Ok(Format::Bmp),
        [b'I', b'I', b'*', 0, ..] | [b'M', b'M', 0, b'*', ..] => Ok(Format::Tiff),
        [0xff, 0x0a, ..] | [0, 0, 0, 0x0c, b'J', b'X', b'L', b' ', ..] => Err(PhotoError::UnsupportedFormat("JPEG XL")),
        [0, 0, 0, 0x0c, b'j', b'P', ..] => Err(PhotoError::UnsupportedFormat("JPEG 2000")),
        [b'8', b'B', b'P', b'S', ..] => Err(PhotoError::UnsupportedFormat("Photoshop")),
        [b'%', b'P', b'D', b'F', ..] => Err(PhotoError::UnsupportedFormat("PDF")),
        [0, 0, 1, 0, ..] => Err(PhotoError::UnsupportedFormat("Icon")),
        _ => match brand() {
            Some(b"avif" | b"avis") => Ok(Format::Avif),
            Some(b"heic" | b"heix" | b"heim" | b"heis" | b"hevc" | b"hevx") => Ok(Format::Heic),
            // A generic brand: the compatible brands say which.
            Some(b"mif1" | b"msf1" | b"miaf") => Ok(avif::compatible_format(bytes)),
            Some(_) => Err(PhotoError::UnsupportedFormat("Video")),
            None if is_svg(bytes) => Err(PhotoError::UnsupportedFormat("SVG")),
            None => Err(PhotoError::NotAnImage),
        },
    }
}

/// Whether a text begins like an SVG drawing.
fn is_svg(bytes: &[u8]) -> bool {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]);
    let head = head.trim_start_matches('\u{feff}').trim_start();
    head.starts_with('<') && head.contains("<svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_photo() {
        assert_eq!(probe(b""), Err(PhotoError::Empty));
        assert_eq!(probe(b"Dear students, BM is not a bitmap."), Err(PhotoError::NotAnImage));
        assert_eq!(
            probe(b"BM is not a bitmap, nor is this text, even though it is long."),
            Err(PhotoError::NotAnImage)
        );
        assert_eq!(probe(&[0]), Err(PhotoError::NotAnImage));
        assert_eq!(probe(b"<?xml version='1.0'?><svg xmlns=''/>"), Err(PhotoError::UnsupportedFormat("SVG")));
        assert_eq!(probe(b"%PDF-1.7"), Err(PhotoError::UnsupportedFormat("PDF")));
        assert_eq!(probe(b"\0\0\0\x18ftypmp42\0\0\0\0"), Err(PhotoError::UnsupportedFormat("Video")));
    }

    #[test]
    fn any_cut_of_a_magic_number_is_an_error() {
        for magic in [
            &b"\xff\xd8\xff\xe0"[..],
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\0\0\0\0WEBP",
            b"GIF89a",
            b"II*\0",
            b"\0\0\0\x0cftypavif",
        ] {
            for length in 0..=magic.len() {
                assert!(probe(&magic[..length]).is_err(), "{:?}", &magic[..length]);
            }
        }
    }
}
