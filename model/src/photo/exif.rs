//! The orientation tag of EXIF, read from the TIFF structure that JPEG, PNG, WebP and TIFF all embed
//! (TIFF 6.0, section 2; EXIF 2.32, tag 0x0112). Nothing else of EXIF is looked at.

use super::bytes::Bytes;

/// Tag of the image's width in a TIFF directory.
pub(super) const TAG_WIDTH: u16 = 0x0100;
/// Tag of the image's height.
pub(super) const TAG_HEIGHT: u16 = 0x0101;
/// Tag of the orientation.
const TAG_ORIENTATION: u16 = 0x0112;

/// The first directory of a TIFF structure.
pub(super) struct Directory<'a> {
    bytes: Bytes<'a>,
    entries: usize,
    count: u16,
}

impl<'a> Directory<'a> {
    /// Opens the structure in `tiff`, which starts with its byte-order mark; `None` if it is none or is cut off.
    pub(super) fn open(tiff: &'a [u8]) -> Option<Self> {
        let bytes = match tiff.get(..4)? {
            b"II*\0" => Bytes::little_endian(tiff),
            b"MM\0*" => Bytes::big_endian(tiff),
            _ => return None,
        };
        let start = bytes.u32(4)? as usize;
        let count = bytes.u16(start)?;
        Some(Self { bytes, entries: start.checked_add(2)?, count })
    }

    /// The value of an integer tag; `None` if it is absent, cut off, a list or of another type.
    pub(super) fn value(&self, tag: u16) -> Option<u32> {
        const SHORT: u16 = 3;
        const LONG: u16 = 4;
        for i in 0..usize::from(self.count) {
            let at = self.entries.checked_add(i * 12)?;
            if self.bytes.u16(at)? != tag {
                continue;
            }
            let (kind, count) = (self.bytes.u16(at + 2)?, self.bytes.u32(at + 4)?);
            return match (kind, count) {
                (SHORT, 1) => self.bytes.u16(at + 8).map(u32::from),
                (LONG, 1) => self.bytes.u32(at + 8),
                _ => None,
            };
        }
        None
    }
}

/// Whether width and height change places once the stored pixels stand upright: orientations 5 to 8 turn by a quarter.
/// A block without orientation, or with one that cannot be read, is taken as upright, as browsers do.
pub(super) fn sides_swap(tiff: &[u8]) -> bool {
    let value = Directory::open(tiff).and_then(|directory| directory.value(TAG_ORIENTATION));
    value.is_some_and(|value| (5..=8).contains(&value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn little_endian(value: u8) -> Vec<u8> {
        let mut tiff = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
        tiff.extend([value, 0, 0, 0, 0, 0, 0, 0]);
        tiff
    }

    #[test]
    fn both_byte_orders() {
        for orientation in 1..=8 {
            assert_eq!(sides_swap(&little_endian(orientation)), orientation > 4, "{orientation}");
        }
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0";
        assert!(sides_swap(big));
    }

    #[test]
    fn nonsense_is_upright() {
        for tiff in [&b""[..], &little_endian(9), &little_endian(6)[..15], b"II*\0\xff\xff\xff\xff"] {
            assert!(!sides_swap(tiff), "{tiff:?}");
        }
    }
}
