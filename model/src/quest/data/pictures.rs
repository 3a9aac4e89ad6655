//! Pictures: a family says where its class has ink, and this file lays it on a background, turned, moved, coloured and
//! with noise.

use super::{DataSet, Examples, Values, counts, spoil};
use crate::{
    quest::{
        architecture::Input,
        draws::{between, whole},
        statistics::Family,
    },
    random::Random,
};

/// A family of pictures.
pub trait Painter {
    fn classes(&self) -> usize;
    /// How far a point lies inside the ink of a new picture of a class.
    ///
    /// # Arguments
    /// * `validation` - whether it is to measure on; what pictures are made from differs where there is only so much.
    fn picture(&self, class: usize, validation: bool, random: &mut Random) -> Box<dyn Fn(f32, f32) -> f32 + '_>;
    /// The largest turn either way, in turns, and the largest shift, as a share of the picture.
    fn freedom(&self) -> [f32; 2];
}

/// How strongly the pictures of a data set are distorted.
struct Strength {
    turn: f32,
    shift: f32,
    scales: [f32; 2],
    noise: f32,
    /// The least difference of ink and background.
    contrast: f32,
    /// Whether the ink is always the darker one; a linear layer cannot do with either.
    is_dark: bool,
    /// Stray marks on each picture, at most.
    marks: usize,
}

pub fn draw(family: Family, painter: &dyn Painter, random: &mut Random) -> DataSet {
    let side = [16, 24, 32, 32][random.below(4)];
    let channels = if random.below(4) == 0 { 1 } else { 3 };
    let [turn, shift] = painter.freedom();
    let strength = Strength {
        turn: turn * between(random, [0.4, 1.0]),
        shift: shift * between(random, [0.4, 1.0]),
        scales: [between(random, [0.55, 0.75]), between(random, [0.95, 1.15])],
        noise: between(random, [10.0, 38.0]),
        contrast: between(random, [28.0, 60.0]),
        is_dark: random.below(3) > 0,
        marks: random.below(4),
    };
    let [training, validation] = counts(random, [7000, 9000]);
    let length = side * side * channels;
    let mut values = Vec::with_capacity((training + validation) * length);
    let mut labels = Vec::with_capacity(training + validation);
    let canvas = Canvas { side, channels, strength };
    for place in 0..training + validation {
        let class = random.below(painter.classes());
        labels.push(u8::try_from(class).expect("there are at most ten classes"));
        let inside = painter.picture(class, place >= training, random);
        canvas.paint(&inside, random, &mut values);
    }
    let spoilt = between(random, [0.01, 0.05]);
    spoil(&mut labels, painter.classes(), spoilt, random);
    let rest = Examples {
        values: Values::Bytes(values.split_off(training * length)),
        length,
        labels: labels.split_off(training),
    };
    let training = Examples { values: Values::Bytes(values), length, labels };
    DataSet::new(family, Input::Image { side, channels }, painter.classes(), [training, rest])
}

/// A stray mark: a disc of the ink's colour.
struct Mark {
    place: [f32; 2],
    radius: f32,
}

/// What all pictures of a data set have in common.
struct Canvas {
    side: usize,
    channels: usize,
    strength: Strength,
}

impl Canvas {
    fn paint(&self, inside: &dyn Fn(f32, f32) -> f32, random: &mut Random, to: &mut Vec<u8>) {
        let Self { side, channels, strength } = self;
        let angle = std::f32::consts::TAU * between(random, [-strength.turn, strength.turn]);
        let scale = between(random, strength.scales);
        let (cos, sin) = (libm::cosf(angle) / scale, libm::sinf(angle) / scale);
        let mut shift = || 2.0 * between(random, [-strength.shift, strength.shift]);
        let shifts = [shift(), shift()];
        let (paper, ink) = colours(random, *channels, strength);
        // Light from one side.
        let slope = [between(random, [-30.0, 30.0]), between(random, [-30.0, 30.0])];
        let marks: Vec<Mark> = (0..random.below(strength.marks + 1)).map(|_| mark(random)).collect();
        // A pixel, in the units of the picture, which reaches from -1 to 1.
        let step = 2.0 / *side as f32;
        for line in 0..*side {
            for column in 0..*side {
                let place = [step * (column as f32 + 0.5) - 1.0, step * (line as f32 + 0.5) - 1.0];
                let [x, y] = [place[0] - shifts[0], place[1] - shifts[1]];
                let mut share = edge(inside(cos * x + sin * y, cos * y - sin * x) * scale, step);
                for mark in &marks {
                    let [dx, dy] = [place[0] - mark.place[0], place[1] - mark.place[1]];
                    share = share.max(edge(mark.radius - (dx * dx + dy * dy).sqrt(), step));
                }
                let light = slope[0] * place[0] + slope[1] * place[1];
                for channel in 0..*channels {
                    let colour = paper[channel] + share * (ink[channel] - paper[channel]) + light;
                    let noise = strength.noise * (random.uniform() + random.uniform() - 1.0) * 1.7;
                    to.push((colour + noise).clamp(0.0, 255.0) as u8);
                }
            }
        }
    }
}

/// How much of a pixel is covered whose centre lies this far inside.
fn edge(inside: f32, pixel: f32) -> f32 {
    (inside / pixel + 0.5).clamp(0.0, 1.0)
}

fn mark(random: &mut Random) -> Mark {
    let mut place = || between(random, [-1.0, 1.0]);
    Mark { place: [place(), place()], radius: between(random, [0.05, 0.16]) }
}

/// Paper and ink that differ enough.
fn colours(random: &mut Random, channels: usize, strength: &Strength) -> ([f32; 3], [f32; 3]) {
    loop {
        let mut colour = || std::array::from_fn(|_| whole(random, [25, 230]) as f32);
        let (paper, ink): ([f32; 3], [f32; 3]) = (colour(), colour());
        let sum = |differ: fn(f32) -> f32| (0..channels).map(|i| differ(paper[i] - ink[i])).sum::<f32>();
        if sum(f32::abs) <= strength.contrast * channels as f32 {
            continue;
        }
        return if strength.is_dark && sum(|it| it) < 0.0 { (ink, paper) } else { (paper, ink) };
    }
}
