//! GIF (89a specification, sections 17 to 27): a walk over its blocks.

use super::{Format, PhotoError, PhotoHeader};
use crate::photo::bytes::Bytes;

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;

pub(super) fn probe(bytes: &[u8]) -> Result<PhotoHeader, PhotoError> {
    let reader = Bytes::little_endian(bytes);
    let fields = || {
        let (width, height) = (reader.u16(6)?, reader.u16(8)?);
        let first = 13 + palette_length(reader.u8(10)?);
        // Only the first frame is read, so a cut behind it does no harm.
        first_frame_is_whole(&reader, first)?.then_some((u32::from(width), u32::from(height)))
    };
    let (width, height) = fields().ok_or(PhotoError::Truncated(Format::Gif))?;
    Ok(PhotoHeader { format: Format::Gif, width, height })
}

/// Walks the blocks from `at` to the end of the first image; `None` if one is cut off, `false` if another kind of block
/// (the trailer, or none that is known) comes before it.
fn first_frame_is_whole(reader: &Bytes<'_>, mut at: usize) -> Option<bool> {
    loop {
        let kind = reader.u8(at)?;
        at = match kind {
            EXTENSION => at + 2,
            // The descriptor's flags, its palette, and the code size before the data.
            IMAGE => at + 10 + palette_length(reader.u8(at + 9)?) + 1,
            _ => return Some(false),
        };
        // Data come in blocks with their length before them; one without bytes is the last.
        loop {
            let length = usize::from(reader.u8(at)?);
            at += length + 1;
            if length == 0 {
                break;
            }
        }
        if kind == IMAGE {
            return Some(true);
        }
    }
}

/// Bytes of the palette that follows a descriptor with these flags.
const fn palette_length(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 0x07) + 1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::photo::probe;

    const GRAPHIC_CONTROL: u8 = 0xf9;
    const TRAILER: u8 = 0x3b;
    const FRAME: &[u8] = &[IMAGE, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4c, 0x01, 0];

    fn screen() -> Vec<u8> {
        // 1 x 8000, a palette of two colours, then a graphic control.
        let mut file = b"GIF89a\x01\0\x40\x1f\x80\0\0".to_vec();
        file.extend([0, 0, 0, 255, 255, 255, EXTENSION, GRAPHIC_CONTROL, 4, 1, 0, 0, 0, 0]);
        file
    }

    #[test]
    fn the_first_frame_must_be_whole() {
        let still = [&screen()[..], FRAME, &[TRAILER]].concat();
        let header = probe(&still).expect("one frame");
        assert_eq!((header.width, header.height), (1, 8000));
        for length in 6..still.len() - 1 {
            assert_eq!(probe(&still[..length]), Err(PhotoError::Truncated(Format::Gif)), "{length}");
        }
        assert!(probe(&still[..still.len() - 1]).is_ok(), "only the trailer is missing");
        let animated = [&screen()[..], FRAME, &FRAME[..9]].concat();
        assert!(probe(&animated).is_ok(), "only the second frame is cut");
    }

    #[test]
    fn an_animation_without_a_frame_is_cut() {
        let empty = [&screen()[..], &[TRAILER]].concat();
        assert_eq!(probe(&empty), Err(PhotoError::Truncated(Format::Gif)));
    }
}
