//! Handwritten digits, distorted.

use super::{
    DataSet,
    pictures::{self, Painter},
};
use crate::{quest::statistics::Family, random::Random};

/// See `assets/digits/README.md`.
static DIGITS: &[u8] = include_bytes!("../../../../assets/digits/digits.bin");
/// Height and width of a picture.
const SIDE: usize = 8;
/// Bytes of a picture with its label.
const LENGTH: usize = SIDE * SIDE + 1;
/// Pictures that validation examples are made from: the last ones, written by other people.
const VALIDATION: usize = 450;

struct Digits;

pub fn draw(random: &mut Random) -> DataSet {
    pictures::draw(Family::Digits, &Digits, random)
}

/// The ink of a pixel, from 0 to 1; none outside.
fn ink(picture: &[u8], x: i32, y: i32) -> f32 {
    let side = 0..SIDE as i32;
    if !side.contains(&x) || !side.contains(&y) {
        return 0.0;
    }
    f32::from(picture[y as usize * SIDE + x as usize]) / 16.0
}

impl Painter for Digits {
    fn classes(&self) -> usize {
        10
    }

    fn picture(&self, class: usize, validation: bool, random: &mut Random) -> Box<dyn Fn(f32, f32) -> f32 + '_> {
        let (training, held) = DIGITS.split_at(DIGITS.len() - VALIDATION * LENGTH);
        let part: &'static [u8] = if validation { held } else { training };
        let pictures = part.chunks_exact(LENGTH);
        let of_class: Vec<&'static [u8]> = pictures.filter(|it| usize::from(it[SIDE * SIDE]) == class).collect();
        let picture = of_class[random.below(of_class.len())];
        Box::new(move |x, y| {
            let place = |it: f32| (it + 1.0) * (SIDE as f32 / 2.0) - 0.5;
            let (x, y) = (place(x), place(y));
            let (left, top) = (x.floor(), y.floor());
            let (right, down) = (x - left, y - top);
            let (left, top) = (left as i32, top as i32);
            let line = |y| ink(picture, left, y) * (1.0 - right) + ink(picture, left + 1, y) * right;
            0.35 * (line(top) * (1.0 - down) + line(top + 1) * down - 0.5)
        })
    }

    fn freedom(&self) -> [f32; 2] {
        [0.08, 0.14]
    }
}
