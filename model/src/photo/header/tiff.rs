//! TIFF 6.0: the first directory.

use super::{Format, PhotoError, PhotoHeader};
use crate::photo::exif::{self, Directory, TAG_HEIGHT, TAG_WIDTH};

pub(super) fn probe(bytes: &[u8]) -> Result<PhotoHeader, PhotoError> {
    let truncated = PhotoError::Truncated(Format::Tiff);
    let directory = Directory::open(bytes).ok_or(truncated.clone())?;
    // The directory usually stands behind the pixels, so that a cut file has none.
    let width = directory.value(TAG_WIDTH).ok_or(truncated.clone())?;
    let height = directory.value(TAG_HEIGHT).ok_or(truncated)?;
    Ok(PhotoHeader::upright(Format::Tiff, (width, height), exif::sides_swap(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::probe;

    #[test]
    fn directory_behind_the_pixels() {
        let mut file = b"II*\0\x0c\0\0\0\x7f\x7f\x7f\x7f\x03\0".to_vec();
        for (tag, value) in [(0x0100_u16, 4_u8), (0x0101, 1), (0x0112, 6)] {
            file.extend(tag.to_le_bytes());
            file.extend([3, 0, 1, 0, 0, 0, value, 0, 0, 0]);
        }
        let header = probe(&file).expect("a whole file");
        assert_eq!((header.width, header.height), (1, 4));
        assert_eq!(probe(&file[..10]), Err(PhotoError::Truncated(Format::Tiff)));
    }
}
