//! The orientation tag of EXIF, read from the TIFF structure that JPEG, PNG, WebP and TIFF all embed
//! (TIFF 6.0, section 2; EXIF 2.32, tag 0x0112). Nothing else of EXIF is looked at.

use super::bytes::Bytes;

/// How the stored pixels have to be turned to stand upright; the discriminants are EXIF's values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(u8)]
pub enum Orientation {
    /// As stored.
    #[default]
    Upright = 1,
    /// Mirrored left to right.
    FlipHorizontal = 2,
    /// Upside down.
    Rotate180 = 3,
    /// Mirrored top to bottom.
    FlipVertical = 4,
    /// Mirrored at the diagonal from the top left.
    Transpose = 5,
    /// To be turned clockwise by a quarter.
    Rotate90 = 6,
    /// Mirrored at the diagonal from the top right.
    Transverse = 7,
    /// To be turned anticlockwise by a quarter.
    Rotate270 = 8,
}

impl Orientation {
    /// From EXIF's value; anything but 1 to 8 means nothing and is taken as upright, as browsers do.
    #[must_use]
    pub const fn from_exif(value: u16) -> Self {
        match value {
            2 => Self::FlipHorizontal,
            3 => Self::Rotate180,
            4 => Self::FlipVertical,
            5 => Self::Transpose,
            6 => Self::Rotate90,
            7 => Self::Transverse,
            8 => Self::Rotate270,
            _ => Self::Upright,
        }
    }

    /// Whether width and height change places.
    #[must_use]
    pub const fn swaps_sides(self) -> bool {
        matches!(self, Self::Transpose | Self::Rotate90 | Self::Transverse | Self::Rotate270)
    }
}

/// Tag of the image's width in a TIFF directory.
pub(super) const TAG_WIDTH: u16 = 0x0100;
/// Tag of the image's height.
pub(super) const TAG_HEIGHT: u16 = 0x0101;
/// Tag of the bits of each sample.
pub(super) const TAG_BITS: u16 = 0x0102;
/// Tag of the colour space of the samples.
pub(super) const TAG_PHOTOMETRIC: u16 = 0x0106;
/// Tag of the orientation.
pub(super) const TAG_ORIENTATION: u16 = 0x0112;

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

    /// The (first) value of an integer tag; `None` if it is absent, cut off or of another type.
    pub(super) fn value(&self, tag: u16) -> Option<u32> {
        const SHORT: u16 = 3;
        const LONG: u16 = 4;
        for i in 0..usize::from(self.count) {
            let at = self.entries.checked_add(i * 12)?;
            if self.bytes.u16(at)? != tag {
                continue;
            }
            let (kind, count) = (self.bytes.u16(at + 2)?, self.bytes.u32(at + 4)?);
            // Four bytes fit in the entry; more are kept elsewhere and the entry holds their place.
            return match kind {
                SHORT if count <= 2 => self.bytes.u16(at + 8).map(u32::from),
                SHORT => self.bytes.u16(self.bytes.u32(at + 8)? as usize).map(u32::from),
                LONG if count == 1 => self.bytes.u32(at + 8),
                _ => None,
            };
        }
        None
    }
}

/// The orientation in a block of EXIF; upright where the block has none or cannot be read.
pub(super) fn orientation(tiff: &[u8]) -> Orientation {
    let value = Directory::open(tiff).and_then(|directory| directory.value(TAG_ORIENTATION));
    value.and_then(|value| u16::try_from(value).ok()).map_or_else(Orientation::default, Orientation::from_exif)
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
        assert_eq!(orientation(&little_endian(6)), Orientation::Rotate90);
        let big = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x08\0\0\0\0\0\0";
        assert_eq!(orientation(big), Orientation::Rotate270);
    }

    #[test]
    fn nonsense_is_upright() {
        assert_eq!(orientation(b""), Orientation::Upright);
        assert_eq!(orientation(&little_endian(9)), Orientation::Upright);
        assert_eq!(orientation(&little_endian(6)[..15]), Orientation::Upright);
        assert_eq!(orientation(b"II*\0\xff\xff\xff\xff"), Orientation::Upright);
    }
}
