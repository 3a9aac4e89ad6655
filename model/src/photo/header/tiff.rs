//! TIFF 6.0: the first directory.

use super::{Colour, Format, PhotoError, PhotoHeader};
use crate::photo::exif::{self, Directory, TAG_BITS, TAG_HEIGHT, TAG_PHOTOMETRIC, TAG_WIDTH};

pub(super) fn probe(bytes: &[u8]) -> Result<PhotoHeader, PhotoError> {
    let truncated = PhotoError::Truncated(Format::Tiff);
    let directory = Directory::open(bytes).ok_or(truncated.clone())?;
    // The directory usually stands behind the pixels, so that a cut file has none.
    let width = directory.value(TAG_WIDTH).ok_or(truncated.clone())?;
    let height = directory.value(TAG_HEIGHT).ok_or(truncated)?;
    let colour = match directory.value(TAG_PHOTOMETRIC) {
        Some(0 | 1) => Colour::Grey,
        Some(2 | 6) => Colour::Rgb,
        Some(3) => Colour::Indexed,
        Some(5) => Colour::Cmyk,
        _ => Colour::Unknown,
    };
    let bits = directory.value(TAG_BITS).and_then(|bits| u8::try_from(bits).ok()).unwrap_or(1);
    let header = PhotoHeader { colour, bits, ..PhotoHeader::plain(Format::Tiff, width, height) };
    Ok(header.oriented(exif::orientation(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::{Orientation, probe};

    #[test]
    fn directory_behind_the_pixels() {
        let mut file = b"II*\0\x0c\0\0\0\x7f\x7f\x7f\x7f\x03\0".to_vec();
        for (tag, value) in [(0x0100_u16, 4_u8), (0x0101, 1), (0x0112, 6)] {
            file.extend(tag.to_le_bytes());
            file.extend([3, 0, 1, 0, 0, 0, value, 0, 0, 0]);
        }
        let header = probe(&file).expect("a whole file");
        assert_eq!((header.width, header.height, header.orientation), (1, 4, Orientation::Rotate90));
        assert_eq!(probe(&file[..10]), Err(PhotoError::Truncated(Format::Tiff)));
    }
}
