//! Characters of an alphabet that is drawn for the data set: strokes between the points of a grid.

use super::pictures::Painter;
use crate::{
    quest::draws::{between, whole},
    random::Random,
};

type Stroke = [[f32; 2]; 2];

pub struct Glyphs {
    alphabet: Vec<Vec<Stroke>>,
    /// How far the end of a stroke may lie from where it belongs.
    wobble: f32,
}

impl Glyphs {
    pub fn draw(random: &mut Random) -> Self {
        let count = whole(random, [5, 10]);
        let alphabet = (0..count).map(|_| glyph(random)).collect();
        Self { alphabet, wobble: between(random, [0.06, 0.2]) }
    }
}

/// A chain of three or four strokes, on a grid of three by three points.
fn glyph(random: &mut Random) -> Vec<Stroke> {
    let mut points: Vec<[f32; 2]> =
        (0..9).map(|i| [0.62 * ((i % 3) as f32 - 1.0), 0.62 * ((i / 3) as f32 - 1.0)]).collect();
    random.shuffle(&mut points);
    let count = whole(random, [4, 5]);
    points[..count].windows(2).map(|ends| [ends[0], ends[1]]).collect()
}

/// The distance of a point from a stroke.
fn distance(x: f32, y: f32, [from, to]: &Stroke) -> f32 {
    let along = [to[0] - from[0], to[1] - from[1]];
    let offset = [x - from[0], y - from[1]];
    let length = along[0] * along[0] + along[1] * along[1];
    let place = ((offset[0] * along[0] + offset[1] * along[1]) / length.max(1e-6)).clamp(0.0, 1.0);
    let [dx, dy] = [offset[0] - place * along[0], offset[1] - place * along[1]];
    (dx * dx + dy * dy).sqrt()
}

impl Painter for Glyphs {
    fn classes(&self) -> usize {
        self.alphabet.len()
    }

    fn picture(&self, class: usize, _: bool, random: &mut Random) -> Box<dyn Fn(f32, f32) -> f32 + '_> {
        let mut moved = |point: [f32; 2]| point.map(|it| it + between(random, [-self.wobble, self.wobble]));
        let strokes: Vec<Stroke> = self.alphabet[class].iter().map(|ends| ends.map(&mut moved)).collect();
        let thickness = between(random, [0.07, 0.13]);
        Box::new(move |x, y| {
            thickness - strokes.iter().map(|stroke| distance(x, y, stroke)).fold(f32::INFINITY, f32::min)
        })
    }

    fn freedom(&self) -> [f32; 2] {
        [0.09, 0.16]
    }
}
