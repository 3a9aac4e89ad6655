//! Vectors: a family draws the informative numbers, then irrelevant ones join them, and all may be mixed.

use super::{DataSet, Examples, Values, counts, spoil};
use crate::{
    quest::{
        architecture::Input,
        draws::{between, normal, whole},
        statistics::Family,
    },
    random::Random,
};

/// Draws the informative numbers of an example.
trait Source {
    fn classes(&self) -> usize;
    /// Numbers of an example.
    fn length(&self) -> usize;
    /// Writes an example and returns its class.
    fn example(&self, random: &mut Random, to: &mut [f32]) -> usize;
}

pub fn draw(family: Family, random: &mut Random) -> DataSet {
    match family {
        Family::RandomNetwork => finish(family, &RandomNetwork::draw(random), random),
        Family::Shells => finish(family, &Shells::draw(random), random),
        Family::Spirals => finish(family, &Spirals::draw(random), random),
        Family::Signs => finish(family, &Signs::draw(random), random),
        _ => finish(family, &Clusters::draw(random), random),
    }
}

fn finish(family: Family, source: &dyn Source, random: &mut Random) -> DataSet {
    let (classes, informative) = (source.classes(), source.length());
    let dimensions = informative + whole(random, [informative / 2, informative * 2 + 4]);
    let spoilt = between(random, [0.01, 0.06]);
    // Random directions are nearly at right angles: distances stay about what they were.
    let mixing: Option<Vec<f32>> = (random.below(2) == 0).then(|| {
        let scale = 1.0 / (dimensions as f32).sqrt();
        (0..dimensions * dimensions).map(|_| scale * normal(random)).collect()
    });
    let [training, validation] = counts(random, [4000, 6000]);
    let mut values = Vec::with_capacity((training + validation) * dimensions);
    let mut labels = Vec::with_capacity(training + validation);
    let mut example = vec![0.0; dimensions];
    for _ in 0..training + validation {
        let (informative, irrelevant) = example.split_at_mut(informative);
        labels.push(u8::try_from(source.example(random, informative)).expect("there are at most ten classes"));
        irrelevant.fill_with(|| normal(random));
        match &mixing {
            None => values.extend_from_slice(&example),
            Some(mixing) => {
                let mixed = |row: &[f32]| row.iter().zip(&example).map(|(a, b)| a * b).sum::<f32>();
                values.extend(mixing.chunks_exact(dimensions).map(mixed));
            }
        }
    }
    spoil(&mut labels, classes, spoilt, random);
    standardize(&mut values, dimensions, training);
    let rest = Examples {
        values: Values::Floats(values.split_off(training * dimensions)),
        length: dimensions,
        labels: labels.split_off(training),
    };
    let training = Examples { values: Values::Floats(values), length: dimensions, labels };
    DataSet::new(family, Input::Vector { dimensions }, classes, [training, rest])
}

/// Mean 0 and variance 1 of each number over the training examples, which come first.
fn standardize(values: &mut [f32], length: usize, training: usize) {
    for column in 0..length {
        let numbers = || values[..training * length].iter().skip(column).step_by(length).map(|it| f64::from(*it));
        let mean = numbers().sum::<f64>() / training as f64;
        let variance = numbers().map(|it| (it - mean) * (it - mean)).sum::<f64>() / training as f64;
        let scale = 1.0 / variance.sqrt().max(1e-6);
        for value in values[column..].iter_mut().step_by(length) {
            *value = ((f64::from(*value) - mean) * scale) as f32;
        }
    }
}

/// Several normal clusters a class.
struct Clusters {
    classes: usize,
    length: usize,
    /// `[clusters, length]`; cluster i is of class i modulo the classes.
    centres: Vec<f32>,
}

impl Clusters {
    fn draw(random: &mut Random) -> Self {
        let (classes, length) = (whole(random, [4, 10]), whole(random, [5, 10]));
        let clusters = classes * whole(random, [2, 4]);
        let spread = between(random, [1.15, 1.6]);
        Self { classes, length, centres: (0..clusters * length).map(|_| spread * normal(random)).collect() }
    }
}

impl Source for Clusters {
    fn classes(&self) -> usize {
        self.classes
    }

    fn length(&self) -> usize {
        self.length
    }

    fn example(&self, random: &mut Random, to: &mut [f32]) -> usize {
        let cluster = random.below(self.centres.len() / self.length);
        for (to, centre) in to.iter_mut().zip(&self.centres[cluster * self.length..]) {
            *to = centre + 0.8 * normal(random);
        }
        cluster % self.classes
    }
}

/// Labelled by the largest output of a random network with one hidden layer.
struct RandomNetwork {
    classes: usize,
    length: usize,
    /// `[hidden, length]`.
    first: Vec<f32>,
    /// `[classes, hidden]`.
    second: Vec<f32>,
    /// What makes the classes about equally frequent.
    offsets: Vec<f32>,
    noise: f32,
}

impl RandomNetwork {
    fn draw(random: &mut Random) -> Self {
        let (classes, length, hidden) = (whole(random, [3, 8]), whole(random, [5, 9]), whole(random, [12, 24]));
        let scale = 3.5 / (length as f32).sqrt();
        let first = (0..hidden * length).map(|_| scale * normal(random)).collect();
        let second = (0..classes * hidden).map(|_| normal(random)).collect();
        let noise = between(random, [0.05, 0.3]);
        let mut network = Self { classes, length, first, second, offsets: vec![0.0; classes], noise };
        network.balance(random);
        network
    }

    fn balance(&mut self, random: &mut Random) {
        let mut example = vec![0.0; self.length];
        for step in 0..4000 {
            let class = self.example(random, &mut example);
            let rate = 0.2 / (1.0 + step as f32 / 400.0);
            for (other, offset) in self.offsets.iter_mut().enumerate() {
                let surplus = if other == class { 1.0 } else { 0.0 } - 1.0 / self.classes as f32;
                *offset -= rate * surplus;
            }
        }
    }
}

impl Source for RandomNetwork {
    fn classes(&self) -> usize {
        self.classes
    }

    fn length(&self) -> usize {
        self.length
    }

    fn example(&self, random: &mut Random, to: &mut [f32]) -> usize {
        to.fill_with(|| normal(random));
        let sum = |row: &[f32], x: &[f32]| row.iter().zip(x).map(|(a, b)| a * b).sum::<f32>();
        let hidden: Vec<f32> = self.first.chunks_exact(self.length).map(|row| libm::tanhf(sum(row, to))).collect();
        let outputs = self.second.chunks_exact(hidden.len()).zip(&self.offsets);
        let scores: Vec<f32> =
            outputs.map(|(row, offset)| sum(row, &hidden) + offset + self.noise * normal(random)).collect();
        (0..scores.len()).reduce(|best, i| if scores[i] > scores[best] { i } else { best }).unwrap_or_default()
    }
}

/// Spheres within each other: the class is the distance from the centre.
struct Shells {
    classes: usize,
    length: usize,
    noise: f32,
}

impl Shells {
    fn draw(random: &mut Random) -> Self {
        Self { classes: whole(random, [2, 5]), length: whole(random, [3, 7]), noise: between(random, [0.05, 0.12]) }
    }
}

impl Source for Shells {
    fn classes(&self) -> usize {
        self.classes
    }

    fn length(&self) -> usize {
        self.length
    }

    fn example(&self, random: &mut Random, to: &mut [f32]) -> usize {
        let class = random.below(self.classes);
        to.fill_with(|| normal(random));
        let length = to.iter().map(|it| it * it).sum::<f32>().sqrt().max(1e-3);
        let radius = (class as f32 + 1.0) / self.classes as f32 * (1.0 + self.noise * normal(random));
        to.iter_mut().for_each(|it| *it *= 2.0 * radius / length);
        class
    }
}

/// The arms of a spiral in a plane, each a class.
struct Spirals {
    classes: usize,
    turns: f32,
    noise: f32,
}

impl Spirals {
    fn draw(random: &mut Random) -> Self {
        Self {
            classes: whole(random, [2, 5]),
            turns: between(random, [0.6, 1.1]),
            noise: between(random, [0.03, 0.07]),
        }
    }
}

impl Source for Spirals {
    fn classes(&self) -> usize {
        self.classes
    }

    fn length(&self) -> usize {
        2
    }

    fn example(&self, random: &mut Random, to: &mut [f32]) -> usize {
        let class = random.below(self.classes);
        let along = random.uniform().sqrt();
        let turn = self.turns * along + class as f32 / self.classes as f32;
        let angle = std::f32::consts::TAU * turn;
        to[0] = along * libm::cosf(angle) + self.noise * normal(random);
        to[1] = along * libm::sinf(angle) + self.noise * normal(random);
        class
    }
}

/// The signs of several directions say the class: exclusive or, with more classes.
struct Signs {
    bits: usize,
    length: usize,
    /// `[bits, length]`.
    directions: Vec<f32>,
    /// The class of each pattern of signs.
    classes: Vec<usize>,
}

impl Signs {
    fn draw(random: &mut Random) -> Self {
        let (bits, length, count) = (whole(random, [3, 4]), whole(random, [4, 7]), whole(random, [2, 4]));
        let directions = (0..bits * length).map(|_| normal(random)).collect();
        let mut classes: Vec<usize> = (0..1 << bits).map(|pattern| pattern % count).collect();
        random.shuffle(&mut classes);
        Self { bits, length, directions, classes }
    }
}

impl Source for Signs {
    fn classes(&self) -> usize {
        self.classes.iter().max().map_or(0, |largest| largest + 1)
    }

    fn length(&self) -> usize {
        self.length
    }

    fn example(&self, random: &mut Random, to: &mut [f32]) -> usize {
        // Few examples lie near a border.
        loop {
            to.fill_with(|| normal(random));
            let sums = self.directions.chunks_exact(self.length);
            let sums: Vec<f32> = sums.map(|row| row.iter().zip(&*to).map(|(a, b)| a * b).sum()).collect();
            if sums.iter().all(|sum| sum.abs() > 0.25) {
                let pattern = (0..self.bits).filter(|bit| sums[*bit] > 0.0).map(|bit| 1 << bit).sum::<usize>();
                return self.classes[pattern];
            }
        }
    }
}
