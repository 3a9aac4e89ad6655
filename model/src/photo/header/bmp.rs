//! Windows bitmaps: the file header and the start of the information header.

use super::{Format, PhotoError, PhotoHeader};
use crate::photo::bytes::Bytes;

const CORE_HEADER: u32 = 12;
/// `BI_RGB`: rows without compression, whose length follows from the header.
const UNCOMPRESSED: u32 = 0;

/// Whether a file that begins with "BM" goes on like a bitmap: its second header has one of the known sizes. A file
/// that ends before it counts, so that a cut bitmap is called cut.
pub(super) fn is_bitmap(bytes: &[u8]) -> bool {
    match Bytes::little_endian(bytes).u32(14) {
        Some(size) => matches!(size, 12 | 16 | 40 | 52 | 56 | 64 | 108 | 124),
        None => bytes.len() > 6 && bytes.get(6..10).is_none_or(|reserved| reserved == [0; 4]),
    }
}

pub(super) fn probe(bytes: &[u8]) -> Result<PhotoHeader, PhotoError> {
    let truncated = || PhotoError::Truncated(Format::Bmp);
    let reader = Bytes::little_endian(bytes);
    let fields = || {
        let (start, size) = (reader.u32(10)?, reader.u32(14)?);
        if size == CORE_HEADER {
            let (width, height) = (u32::from(reader.u16(18)?), u32::from(reader.u16(20)?));
            return Some((start, width, height, reader.u16(24)?, UNCOMPRESSED));
        }
        // Signed: rows of a negative height run from the top.
        let (width, height) = (reader.u32(18)?.cast_signed(), reader.u32(22)?.cast_signed());
        let compression = if size >= 40 { reader.u32(30)? } else { UNCOMPRESSED };
        Some((start, width.max(0).cast_unsigned(), height.unsigned_abs(), reader.u16(28)?, compression))
    };
    let (start, width, height, bits, compression) = fields().ok_or_else(truncated)?;
    if compression == UNCOMPRESSED {
        // Rows are padded to four bytes.
        let row = (u64::from(width) * u64::from(bits)).div_ceil(32) * 4;
        let end = row.saturating_mul(u64::from(height)).saturating_add(u64::from(start));
        if end > bytes.len() as u64 && u64::from(width) * u64::from(height) <= super::MAX_PIXELS {
            return Err(truncated());
        }
    }
    Ok(PhotoHeader { format: Format::Bmp, width, height })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::probe;

    fn file(width: i32, height: i32, rows: usize) -> Vec<u8> {
        let mut file = b"BM\0\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0".to_vec();
        file.extend(width.to_le_bytes());
        file.extend(height.to_le_bytes());
        file.extend([1, 0, 24, 0]);
        file.resize(54 + rows, 0);
        file
    }

    #[test]
    fn rows_from_the_top_or_the_bottom() {
        for height in [2, -2] {
            let header = probe(&file(3, height, 24)).expect("a whole file");
            assert_eq!((header.width, header.height), (3, 2));
        }
        for length in 7..78 {
            assert_eq!(probe(&file(3, 2, 24)[..length]), Err(PhotoError::Truncated(Format::Bmp)), "{length}");
        }
        assert_eq!(probe(&file(-3, 2, 24)), Err(PhotoError::NoPixels));
        assert!(matches!(probe(&file(i32::MAX, i32::MIN, 0)), Err(PhotoError::TooManyPixels { .. })));
    }
}
