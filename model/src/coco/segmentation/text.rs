//! Run lengths as text: each number in groups of five bits, lowest first, a sixth bit for "more follows", as one printable
//! character a group. From the fourth number on it is the difference to the one before the last that is written.

use crate::structures::rle::RleError;

/// The character of the group 0.
const ZERO: u8 = b'0';
/// More groups follow.
const MORE: i64 = 0x20;
/// The sign, in a number's last group.
const SIGN: i64 = 0x10;

/// Run lengths as COCO's text.
pub(super) fn encode(counts: &[u32]) -> String {
    let mut text = String::new();
    for (i, &count) in counts.iter().enumerate() {
        let mut rest = i64::from(count) - if i > 2 { i64::from(counts[i - 2]) } else { 0 };
        loop {
            let group = rest & 0x1f;
            rest >>= 5;
            let last = if group & SIGN == 0 { rest == 0 } else { rest == -1 };
            // A group and its flag are below 64.
            text.push(char::from(ZERO + if last { group } else { group | MORE } as u8));
            if last {
                break;
            }
        }
    }
    text
}

/// Run lengths from COCO's text.
pub(super) fn decode(text: &str) -> Result<Vec<u32>, RleError> {
    let mut counts: Vec<u32> = Vec::new();
    let (mut number, mut shift) = (0_i64, 0);
    for byte in text.bytes() {
        let group = i64::from(byte.checked_sub(ZERO).filter(|group| *group < 64).ok_or(RleError::Text)?);
        // Run lengths have 32 bits, differences one more.
        if shift > 30 {
            return Err(RleError::Text);
        }
        number |= (group & 0x1f) << shift;
        shift += 5;
        if group & MORE != 0 {
            continue;
        }
        if group & SIGN != 0 {
            number |= -1 << shift;
        }
        if counts.len() > 2 {
            number += i64::from(counts[counts.len() - 2]);
        }
        counts.push(u32::try_from(number).map_err(|_| RleError::Text)?);
        (number, shift) = (0, 0);
    }
    if shift == 0 { Ok(counts) } else { Err(RleError::Text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_survive() {
        let counts = vec![0, 15, 16, 31, 32, 1, 1_000_000, 5, u32::MAX, 0, u32::MAX];
        assert_eq!(decode(&encode(&counts)), Ok(counts));
        assert_eq!(decode(""), Ok(vec![]));
    }

    #[test]
    fn damaged_texts_are_errors() {
        for text in ["P", "0P", "!", "ooooooooooo0", "0000 0", "@"] {
            assert_eq!(decode(text), Err(RleError::Text), "{text}");
        }
    }
}
