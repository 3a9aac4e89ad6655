//! AVIF and HEIC: the boxes of ISO/IEC 14496-12 with the item properties of ISO/IEC 23008-12.
//!
//! Properties are looked at without asking which item they belong to: the largest `ispe` is the photo (the others are
//! its tiles, its thumbnail and its alpha), and `irot`, where there is one, turns the photo. Browsers decode these files;
//! this only keeps too large ones away from them.

use super::{Format, PhotoError, PhotoHeader};
use crate::photo::bytes::Bytes;

/// What a file with a generic major brand is, by its compatible brands.
pub(super) fn compatible_format(bytes: &[u8]) -> Format {
    let length = Bytes::big_endian(bytes).u32(0).map_or(0, |length| length as usize).min(bytes.len());
    let avif = bytes.get(16..length).is_some_and(|brands| brands.chunks(4).any(|brand| brand == b"avif"));
    if avif { Format::Avif } else { Format::Heic }
}

pub(super) fn probe(bytes: &[u8], format: Format) -> Result<PhotoHeader, PhotoError> {
    let truncated = || PhotoError::Truncated(format);
    let mut meta = None;
    let mut end = 0;
    for (kind, body, extent) in boxes(bytes) {
        end = extent;
        if kind == b"meta" {
            meta = Some(body);
        }
    }
    // A box that reaches past the file is listed with the part that is there.
    if end > bytes.len() {
        return Err(truncated());
    }
    // `meta` begins with a version and flags.
    let meta = meta.and_then(|meta| meta.get(4..)).ok_or_else(truncated)?;
    let properties = inside(meta, b"iprp").and_then(|iprp| inside(iprp, b"ipco")).ok_or_else(truncated)?;
    let (mut size, mut quarters) = ((0, 0), 0);
    for (kind, body, _) in boxes(properties) {
        let reader = Bytes::big_endian(body);
        match kind {
            b"ispe" => {
                let found = (|| Some((reader.u32(4)?, reader.u32(8)?)))().ok_or_else(truncated)?;
                let area = |(width, height): (u32, u32)| u64::from(width) * u64::from(height);
                if area(found) > area(size) {
                    size = found;
                }
            }
            b"irot" => quarters = reader.u8(0).unwrap_or(0) & 3,
            _ => {}
        }
    }
    // `irot` counts quarters.
    Ok(PhotoHeader::upright(format, size, quarters % 2 == 1))
}

/// The boxes of `data` in order: kind, body (as much as is there) and where the box says that it ends.
fn boxes(data: &[u8]) -> impl Iterator<Item = (&[u8], &[u8], usize)> {
    let reader = Bytes::big_endian(data);
    let mut at = 0;
    std::iter::from_fn(move || {
        let kind = reader.slice(at + 4, 4)?;
        let (head, length) = match reader.u32(at)? {
            0 => (8, data.len() - at),
            1 => (16, usize::try_from(u64::from(reader.u32(at + 8)?) << 32 | u64::from(reader.u32(at + 12)?)).ok()?),
            length => (8, length as usize),
        };
        let end = at.checked_add(length.max(head))?;
        let body = data.get(at + head..end.min(data.len()))?;
        at = end;
        Some((kind, body, end))
    })
}

fn inside<'a>(data: &'a [u8], wanted: &[u8; 4]) -> Option<&'a [u8]> {
    boxes(data).find_map(|(kind, body, _)| (kind == wanted).then_some(body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::probe;

    fn boxed(kind: &[u8; 4], body: &[u8]) -> Vec<u8> {
        [&(body.len() as u32 + 8).to_be_bytes()[..], kind, body].concat()
    }

    fn ispe(width: u32, height: u32) -> Vec<u8> {
        boxed(b"ispe", &[&[0; 4][..], &width.to_be_bytes(), &height.to_be_bytes()].concat())
    }

    fn file(brands: &[u8]) -> Vec<u8> {
        let properties = [ispe(160, 120), ispe(4000, 3000), boxed(b"irot", &[1])].concat();
        let meta = [&[0; 4][..], &boxed(b"iprp", &boxed(b"ipco", &properties))].concat();
        [boxed(b"ftyp", brands), boxed(b"meta", &meta), boxed(b"mdat", &[7; 9])].concat()
    }

    #[test]
    fn the_largest_size_turned() {
        let header = probe(&file(b"avif\0\0\0\0mif1avif")).expect("a whole file");
        assert_eq!((header.format, header.width, header.height), (Format::Avif, 3000, 4000));
        assert_eq!(probe(&file(b"mif1\0\0\0\0avifmif1")).map(|header| header.format), Ok(Format::Avif));
        assert_eq!(probe(&file(b"mif1\0\0\0\0mif1heic")).map(|header| header.format), Ok(Format::Heic));
    }

    #[test]
    fn cuts_are_noticed() {
        let whole = file(b"heic\0\0\0\0mif1heic");
        for length in [30, 60, 90, whole.len() - 1] {
            assert_eq!(probe(&whole[..length]), Err(PhotoError::Truncated(Format::Heic)), "{length}");
        }
    }
}
