//! JPEG (ITU-T T.81, annex B): a walk over its marker segments.

use super::{Format, PhotoError, PhotoHeader};
use crate::photo::{bytes::Bytes, exif};

const END_OF_IMAGE: u8 = 0xd9;
const START_OF_SCAN: u8 = 0xda;
const APP1: u8 = 0xe1;

/// What the segments said so far.
#[derive(Default)]
struct Found {
    /// Width and height of the frame as stored.
    size: Option<(u16, u16)>,
    /// Whether EXIF turns it by a quarter; the first block of EXIF counts.
    sides_swap: Option<bool>,
    scans: usize,
}

pub(super) fn probe(bytes: &[u8]) -> Result<PhotoHeader, PhotoError> {
    let truncated = || PhotoError::Truncated(Format::Jpeg);
    let reader = Bytes::big_endian(bytes);
    let mut found = Found::default();
    let mut at = 2; // behind the start of the image
    loop {
        let (marker, body) = next_marker(bytes, at).ok_or_else(truncated)?;
        at = match marker {
            END_OF_IMAGE => break,
            // Restart markers and the like stand alone.
            0x01 | 0xd0..=0xd8 => body,
            _ => {
                let length = usize::from(reader.u16(body).ok_or_else(truncated)?);
                let payload = reader.slice(body + 2, length.saturating_sub(2)).ok_or_else(truncated)?;
                found.segment(marker, payload)?;
                body + length.max(2)
            }
        };
    }
    found.header()
}

impl Found {
    fn segment(&mut self, marker: u8, payload: &[u8]) -> Result<(), PhotoError> {
        match marker {
            // Every start of frame (T.81, B.2.2) but 0xc4, 0xc8, 0xcc, which are tables and a reserved code.
            0xc0..=0xcf if !matches!(marker, 0xc4 | 0xc8 | 0xcc) && self.size.is_none() => {
                let reader = Bytes::big_endian(payload);
                let size = || Some((reader.u16(3)?, reader.u16(1)?));
                self.size = Some(size().ok_or(malformed("its frame header is cut off"))?);
            }
            APP1 if self.sides_swap.is_none() => {
                self.sides_swap = payload.strip_prefix(b"Exif\0\0").map(exif::sides_swap);
            }
            START_OF_SCAN => self.scans += 1,
            _ => {}
        }
        Ok(())
    }

    fn header(self) -> Result<PhotoHeader, PhotoError> {
        let (width, height) = self.size.ok_or(malformed("it has no frame header"))?;
        if self.scans == 0 {
            return Err(PhotoError::Truncated(Format::Jpeg));
        }
        let stored = (u32::from(width), u32::from(height));
        Ok(PhotoHeader::upright(Format::Jpeg, stored, self.sides_swap.unwrap_or(false)))
    }
}

const fn malformed(detail: &'static str) -> PhotoError {
    PhotoError::Malformed { format: Format::Jpeg, detail }
}

/// The next marker at or behind `at` and where its body begins. Skips entropy-coded data (in which a 0xff is followed
/// by 0x00 or by a restart marker) and fill bytes; `None` when the file ends before a marker.
fn next_marker(bytes: &[u8], mut at: usize) -> Option<(u8, usize)> {
    loop {
        at += bytes.get(at..)?.iter().position(|&byte| byte == 0xff)?;
        match *bytes.get(at + 1)? {
            0x00 | 0xd0..=0xd7 => at += 2,
            0xff => at += 1,
            marker => return Some((marker, at + 2)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::probe;

    /// The segments of a JPEG without its tables: enough for a header.
    fn skeleton(channels: u8, app1: &[u8], tail: &[u8]) -> Vec<u8> {
        let mut file = vec![0xff, 0xd8];
        file.extend(app1);
        file.extend([0xff, 0xc2, 0, 8 + channels * 3, 8, 0x01, 0x4d, 0x03, 0x09, channels]);
        file.extend(std::iter::repeat_n(0, usize::from(channels) * 3));
        file.extend([0xff, 0xda, 0, 2, 1, 2, 0xff, 0x00, 3, 0xff, 0xd0, 4]);
        file.extend(tail);
        file
    }

    fn app1(orientation: u8) -> Vec<u8> {
        let mut segment = b"\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
        segment.extend([orientation, 0, 0, 0, 0, 0, 0]);
        segment
    }

    #[test]
    fn size_and_orientation() {
        let header = probe(&skeleton(3, &[], &[0xff, 0xd9])).expect("a whole file");
        assert_eq!((header.width, header.height), (777, 333));
        for (orientation, size) in [(3, (777, 333)), (6, (333, 777))] {
            let turned = skeleton(1, &app1(orientation), &[0xff, 0xd9, 7, 7]);
            let turned = probe(&turned).expect("what follows the end is ignored");
            assert_eq!((turned.width, turned.height), size, "EXIF orientation {orientation}");
        }
    }

    #[test]
    fn every_cut_is_noticed() {
        let whole = skeleton(3, &app1(3), &[0xff, 0xd9]);
        for length in 3..whole.len() {
            assert_eq!(probe(&whole[..length]), Err(PhotoError::Truncated(Format::Jpeg)), "{length}");
        }
    }
}
