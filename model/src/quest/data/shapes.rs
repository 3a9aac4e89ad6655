//! Geometric shapes.

use super::pictures::Painter;
use crate::{
    quest::draws::{between, whole},
    random::Random,
};

/// How far a point lies inside a shape; negative outside.
type Inside = fn(f32, f32) -> f32;

/// The shapes, each about 0.8 from its centre to its border.
const SHAPES: [Inside; 10] = [
    |x, y| 0.7 - length(x, y),
    |x, y| 0.62 - x.abs().max(y.abs()),
    // A triangle.
    |x, y| (0.4 - y).min((0.4 + 0.5 * y) - 0.866 * x.abs()),
    // A ring.
    |x, y| 0.17 - (length(x, y) - 0.58).abs(),
    // A cross.
    |x, y| (0.22 - x.abs().min(y.abs())).min(0.75 - x.abs().max(y.abs())),
    // A bar.
    |x, y| (0.2 - y.abs()).min(0.8 - x.abs()),
    // A crescent.
    |x, y| (0.7 - length(x, y)).min(length(x - 0.32, y) - 0.5),
    // A square frame.
    |x, y| 0.14 - (x.abs().max(y.abs()) - 0.56).abs(),
    // Two discs.
    |x, y| 0.33 - length(x.abs() - 0.42, y),
    // A lozenge, longer than it is wide.
    |x, y| 0.5 - (0.62 * x.abs() + y.abs()),
];

fn length(x: f32, y: f32) -> f32 {
    (x * x + y * y).sqrt()
}

pub struct Shapes {
    chosen: Vec<Inside>,
    /// How far shapes are drawn out of proportion.
    stretch: f32,
}

impl Shapes {
    pub fn draw(random: &mut Random) -> Self {
        let mut all = SHAPES;
        random.shuffle(&mut all);
        let classes = whole(random, [4, 10]);
        Self { chosen: all[..classes].to_vec(), stretch: between(random, [0.05, 0.35]) }
    }
}

impl Painter for Shapes {
    fn classes(&self) -> usize {
        self.chosen.len()
    }

    fn picture(&self, class: usize, _: bool, random: &mut Random) -> Box<dyn Fn(f32, f32) -> f32 + '_> {
        let inside = self.chosen[class];
        let stretch = 1.0 + between(random, [-self.stretch, self.stretch]);
        let smaller = between(random, [0.55, 0.9]);
        Box::new(move |x, y| smaller * inside(x * stretch / smaller, y / stretch / smaller))
    }

    fn freedom(&self) -> [f32; 2] {
        [0.5, 0.22]
    }
}
