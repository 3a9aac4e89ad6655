//! Textures: stripes, checks and dots, each class with its own spacing and direction.

use super::pictures::Painter;
use crate::{
    quest::draws::{between, whole},
    random::Random,
};

#[derive(Clone, Copy)]
enum Pattern {
    Stripes,
    Checks,
    Dots,
    Waves,
}

struct Class {
    pattern: Pattern,
    /// Radians per half picture.
    frequency: f32,
    /// Cosine and sine of the direction.
    direction: [f32; 2],
}

pub struct Textures {
    classes: Vec<Class>,
    /// How far a picture's spacing may lie from its class's.
    jitter: f32,
}

impl Textures {
    pub fn draw(random: &mut Random) -> Self {
        let count = whole(random, [4, 10]);
        let first = between(random, [0.0, 1.0]);
        let class = |place: usize| {
            let pattern = [Pattern::Stripes, Pattern::Checks, Pattern::Dots, Pattern::Waves][random.below(4)];
            let angle = std::f32::consts::PI * (first + place as f32 / count as f32);
            let direction = [libm::cosf(angle), libm::sinf(angle)];
            Class { pattern, frequency: between(random, [5.0, 13.0]), direction }
        };
        let classes = (0..count).map(class).collect();
        Self { classes, jitter: between(random, [0.1, 0.3]) }
    }
}

impl Painter for Textures {
    fn classes(&self) -> usize {
        self.classes.len()
    }

    fn picture(&self, class: usize, _: bool, random: &mut Random) -> Box<dyn Fn(f32, f32) -> f32 + '_> {
        let Class { pattern, frequency, direction } = &self.classes[class];
        let frequency = frequency * (1.0 + between(random, [-self.jitter, self.jitter]));
        let phases = [between(random, [0.0, 6.3]), between(random, [0.0, 6.3])];
        let threshold = between(random, [-0.3, 0.3]);
        Box::new(move |x, y| {
            let along = frequency * (direction[0] * x + direction[1] * y) + phases[0];
            let across = frequency * (direction[0] * y - direction[1] * x) + phases[1];
            let value = match pattern {
                Pattern::Stripes => libm::sinf(along),
                Pattern::Checks => libm::sinf(along) * libm::sinf(across),
                Pattern::Dots => libm::sinf(along) + libm::sinf(across) - 0.6,
                Pattern::Waves => libm::sinf(along + 1.5 * libm::sinf(0.5 * across)),
            };
            (value - threshold) / frequency
        })
    }

    fn freedom(&self) -> [f32; 2] {
        [0.06, 0.1]
    }
}
