//! PNG (W3C Recommendation, third edition, section 5): a walk over its chunks.

use super::{Format, PhotoError, PhotoHeader};
use crate::photo::{bytes::Bytes, exif};

pub(super) fn probe(bytes: &[u8]) -> Result<PhotoHeader, PhotoError> {
    let truncated = || PhotoError::Truncated(Format::Png);
    let malformed = |detail| PhotoError::Malformed { format: Format::Png, detail };
    let reader = Bytes::big_endian(bytes);
    let (mut stored, mut sides_swap, mut at) = (None, false, 8);
    loop {
        let length = reader.u32(at).ok_or_else(truncated)? as usize;
        let kind = reader.slice(at + 4, 4).ok_or_else(truncated)?;
        let data = reader.slice(at + 8, length).ok_or_else(truncated)?;
        match (kind, stored) {
            (b"IHDR", None) => stored = Some(size(data).ok_or(malformed("its header is cut off"))?),
            (_, None) => return Err(malformed("it does not begin with a header")),
            (b"eXIf", Some(_)) => sides_swap = exif::sides_swap(data),
            (b"IEND", Some(stored)) => return Ok(PhotoHeader::upright(Format::Png, stored, sides_swap)),
            _ => {}
        }
        // Length, kind and checksum take four bytes each.
        at = at.checked_add(length).and_then(|at| at.checked_add(12)).ok_or_else(truncated)?;
    }
}

/// Width and height of an image header.
fn size(data: &[u8]) -> Option<(u32, u32)> {
    let reader = Bytes::big_endian(data);
    Some((reader.u32(0)?, reader.u32(4)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::{MAX_PIXELS, probe};

    /// A file of chunks; nothing reads their checksums here.
    fn file(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, data) in chunks {
            file.extend((data.len() as u32).to_be_bytes());
            file.extend(*kind);
            file.extend(*data);
            file.extend([0; 4]);
        }
        file
    }

    fn ihdr(width: u32, height: u32) -> Vec<u8> {
        [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 2, 0, 0, 0]].concat()
    }

    #[test]
    fn chunks() {
        let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x05\0\0\0";
        let file = file(&[(b"IHDR", &ihdr(1, 8000)), (b"tRNS", &[0, 0]), (b"eXIf", exif), (b"IEND", &[])]);
        let header = probe(&file).expect("a whole file");
        assert_eq!((header.width, header.height), (8000, 1));
        for length in 8..file.len() - 4 {
            assert_eq!(probe(&file[..length]), Err(PhotoError::Truncated(Format::Png)), "{length}");
        }
    }

    #[test]
    fn sixty_megapixels_pass_and_a_hundred_and_one_do_not() {
        let of = |width, height| probe(&file(&[(b"IHDR", &ihdr(width, height)), (b"IEND", &[])]));
        assert_eq!(of(10_000, 6_000).map(|header| header.pixels()), Ok(60_000_000));
        assert!(of(10_000, 10_000).is_ok());
        assert_eq!(
            of(10_100, 10_000),
            Err(PhotoError::TooManyPixels { width: 10_100, height: 10_000, limit: MAX_PIXELS })
        );
        assert!(matches!(of(u32::MAX, u32::MAX), Err(PhotoError::TooManyPixels { .. })));
        assert_eq!(of(0, 5), Err(PhotoError::NoPixels));
    }
}
