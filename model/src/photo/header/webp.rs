//! WebP (RFC 9649): RIFF chunks round a VP8 key frame (RFC 6386, section 9.1) or a VP8L image.

use super::{Format, PhotoError, PhotoHeader};
use crate::photo::{bytes::Bytes, exif};

pub(super) fn probe(bytes: &[u8]) -> Result<PhotoHeader, PhotoError> {
    let truncated = || PhotoError::Truncated(Format::WebP);
    let malformed = |detail| PhotoError::Malformed { format: Format::WebP, detail };
    let reader = Bytes::little_endian(bytes);
    let riff = reader.u32(4).ok_or_else(truncated)? as usize;
    let end = riff.checked_add(8).filter(|&end| end <= bytes.len()).ok_or_else(truncated)?;
    let (mut stored, mut sides_swap, mut pictures, mut at) = (None, false, 0, 12);
    while at + 8 <= end {
        let kind = reader.slice(at, 4).ok_or_else(truncated)?;
        let length = reader.u32(at + 4).ok_or_else(truncated)? as usize;
        let data = reader.slice(at + 8, length).ok_or_else(truncated)?;
        let found = match kind {
            b"VP8X" => extended(data),
            b"VP8 " => lossy(data),
            b"VP8L" => lossless(data),
            _ => None,
        };
        // The extended header comes first and has the last word.
        stored = stored.or(found);
        match kind {
            b"VP8 " | b"VP8L" | b"ANMF" => pictures += 1,
            // Some writers put JPEG's prefix before the block.
            b"EXIF" => sides_swap = exif::sides_swap(data.strip_prefix(b"Exif\0\0").unwrap_or(data)),
            _ => {}
        }
        // Chunks are padded to an even length.
        at = at.checked_add(length + (length & 1) + 8).ok_or_else(truncated)?;
    }
    if pictures == 0 {
        return Err(truncated());
    }
    let stored = stored.ok_or(malformed("it has no image header"))?;
    Ok(PhotoHeader::upright(Format::WebP, stored, sides_swap))
}

fn extended(data: &[u8]) -> Option<(u32, u32)> {
    let reader = Bytes::little_endian(data);
    Some((reader.u24_le(4)? + 1, reader.u24_le(7)? + 1))
}

fn lossy(data: &[u8]) -> Option<(u32, u32)> {
    let reader = Bytes::little_endian(data);
    if reader.slice(3, 3)? != [0x9d, 0x01, 0x2a] {
        return None;
    }
    // The two top bits hold a scale that decoders ignore.
    Some((u32::from(reader.u16(6)? & 0x3fff), u32::from(reader.u16(8)? & 0x3fff)))
}

fn lossless(data: &[u8]) -> Option<(u32, u32)> {
    let reader = Bytes::little_endian(data);
    if reader.u8(0)? != 0x2f {
        return None;
    }
    let bits = reader.u32(1)?;
    Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::probe;

    fn file(chunks: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
        let mut body = b"WEBP".to_vec();
        for (kind, data) in chunks {
            body.extend(*kind);
            body.extend((data.len() as u32).to_le_bytes());
            body.extend(*data);
            body.extend(std::iter::repeat_n(0, data.len() & 1));
        }
        [b"RIFF", &(body.len() as u32).to_le_bytes()[..], &body].concat()
    }

    #[test]
    fn three_kinds_of_header() {
        let frame = [0, 0, 0, 0x9d, 0x01, 0x2a, 0x09, 0x03, 0x4d, 0x41];
        let header = probe(&file(&[(b"VP8 ", &frame)])).expect("lossy");
        assert_eq!((header.width, header.height), (777, 333));
        // 14 bits of width - 1, 14 of height - 1, one of alpha.
        let packed: u32 = 776 | 332 << 14 | 1 << 28;
        let lossless = [&[0x2f][..], &packed.to_le_bytes()].concat();
        let header = probe(&file(&[(b"VP8L", &lossless)])).expect("lossless");
        assert_eq!((header.width, header.height), (777, 333));
        let canvas = [0x02, 0, 0, 0, 0x08, 0x03, 0, 0x4c, 0x01, 0];
        let exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0";
        let header = probe(&file(&[(b"VP8X", &canvas), (b"ANMF", &[0; 3]), (b"EXIF", exif)])).expect("extended");
        assert_eq!((header.width, header.height), (333, 777), "turned by EXIF");
    }

    #[test]
    fn cuts_are_noticed() {
        let whole = file(&[(b"VP8 ", &[0, 0, 0, 0x9d, 0x01, 0x2a, 1, 0, 1, 0])]);
        assert_eq!(probe(&whole).map(|header| header.pixels()), Ok(1));
        for length in 12..whole.len() {
            assert_eq!(probe(&whole[..length]), Err(PhotoError::Truncated(Format::WebP)), "{length}");
        }
    }
}
