//! GIF (89a specification, sections 17 to 27): a walk over its blocks.

use super::{Colour, Format, PhotoError, PhotoHeader};
use crate::photo::bytes::Bytes;

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;
const TRAILER: u8 = 0x3b;
const GRAPHIC_CONTROL: u8 = 0xf9;

pub(super) fn probe(bytes: &[u8]) -> Result<PhotoHeader, PhotoError> {
    let truncated = || PhotoError::Truncated(Format::Gif);
    let reader = Bytes::little_endian(bytes);
    let (width, height) = (|| Some((reader.u16(6)?, reader.u16(8)?)))().ok_or_else(truncated)?;
    let mut header = PhotoHeader::plain(Format::Gif, u32::from(width), u32::from(height));
    header.colour = Colour::Indexed;
    let mut at = 13 + palette_length(reader.u8(10).ok_or_else(truncated)?);
    let mut frames = 0;
    while let Some(block) = next_block(&reader, at) {
        match block.kind {
            TRAILER => break,
            IMAGE => frames += 1,
            _ => header.alpha |= frames == 0 && block.transparent,
        }
        at = block.end;
    }
    // Only the first frame is read, so a cut behind it does no harm.
    if frames == 0 {
        return Err(truncated());
    }
    header.animated = frames > 1;
    Ok(header)
}

struct Block {
    kind: u8,
    /// Where the next block begins.
    end: usize,
    /// Whether it makes a colour of the next image transparent.
    transparent: bool,
}

/// The block at `at`; `None` if it is cut off or of no known kind.
fn next_block(reader: &Bytes<'_>, at: usize) -> Option<Block> {
    let kind = reader.u8(at)?;
    let (data, transparent) = match kind {
        TRAILER => return Some(Block { kind, end: at + 1, transparent: false }),
        EXTENSION => (at + 2, reader.u8(at + 1)? == GRAPHIC_CONTROL && reader.u8(at + 3)? & 1 != 0),
        // The descriptor's flags, its palette, and the code size before the data.
        IMAGE => (at + 10 + palette_length(reader.u8(at + 9)?) + 1, false),
        _ => return None,
    };
    let mut end = data;
    loop {
        match usize::from(reader.u8(end)?) {
            0 => return Some(Block { kind, end: end + 1, transparent }),
            length => end += length + 1,
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

    const FRAME: &[u8] = &[IMAGE, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x4c, 0x01, 0];

    fn screen() -> Vec<u8> {
        // 1 x 8000, a palette of two colours, then a graphic control that makes one of them transparent.
        let mut file = b"GIF89a\x01\0\x40\x1f\x80\0\0".to_vec();
        file.extend([0, 0, 0, 255, 255, 255, EXTENSION, GRAPHIC_CONTROL, 4, 1, 0, 0, 0, 0]);
        file
    }

    #[test]
    fn frames_are_counted() {
        let still = [&screen()[..], FRAME, &[TRAILER]].concat();
        let header = probe(&still).expect("one frame");
        assert_eq!((header.width, header.height, header.alpha, header.animated), (1, 8000, true, false));
        let animated = [&screen()[..], FRAME, FRAME, &[TRAILER]].concat();
        assert!(probe(&animated).expect("two frames").animated);
    }

    #[test]
    fn the_first_frame_must_be_whole() {
        let still = [&screen()[..], FRAME, &[TRAILER]].concat();
        for length in 6..still.len() - 1 {
            assert_eq!(probe(&still[..length]), Err(PhotoError::Truncated(Format::Gif)), "{length}");
        }
        assert!(probe(&still[..still.len() - 1]).is_ok(), "only the trailer is missing");
    }
}
