//! Random data sets: the same seed gives the same numbers everywhere.

mod digits;
mod glyphs;
mod patches;
mod pictures;
mod shapes;
mod textures;
mod vectors;

use super::{
    architecture::Input,
    draws::{self, Purpose},
    photo::{LabelledPhoto, PhotoError},
    statistics::{Family, Statistics},
};
use crate::random::Random;

/// A data set.
pub struct DataSet {
    /// What a player is told about it.
    pub statistics: Statistics,
    /// To train on.
    pub training: Examples,
    /// To measure on.
    pub validation: Examples,
    /// The names of the classes; none where they have only numbers.
    pub names: Vec<&'static str>,
}

/// Examples with their labels.
pub struct Examples {
    values: Values,
    /// Numbers of an example.
    length: usize,
    /// From 0.
    pub labels: Vec<u8>,
}

enum Values {
    Floats(Vec<f32>),
    /// Pictures, at an eighth of the memory of what a network reads and its gradient.
    Bytes(Vec<u8>),
}

impl Examples {
    /// How many.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// What a network reads of these examples, `[indices, length]`. Pixels lie between -2 and 2.
    #[must_use]
    pub fn batch(&self, indices: &[u32]) -> Vec<f32> {
        let mut batch = Vec::with_capacity(indices.len() * self.length);
        for index in indices {
            let start = *index as usize * self.length;
            match &self.values {
                Values::Floats(values) => batch.extend_from_slice(&values[start..start + self.length]),
                Values::Bytes(values) => {
                    batch.extend(
                        values[start..start + self.length].iter().map(|byte| (f32::from(*byte) - 128.0) / 64.0),
                    );
                }
            }
        }
        batch
    }

    /// Their labels.
    #[must_use]
    pub fn labels_of(&self, indices: &[u32]) -> Vec<u8> {
        indices.iter().map(|index| self.labels[*index as usize]).collect()
    }

    /// A picture's pixels, lines from the top, channels interleaved; none for vectors.
    #[must_use]
    pub fn pixels(&self, index: usize) -> Option<&[u8]> {
        match &self.values {
            Values::Bytes(values) => values.get(index * self.length..(index + 1) * self.length),
            Values::Floats(_) => None,
        }
    }

    /// Up to `count` examples of a class, the first ones.
    #[must_use]
    pub fn of_class(&self, class: usize, count: usize) -> Vec<usize> {
        let mine = |i: &usize| usize::from(self.labels[*i]) == class;
        (0..self.len()).filter(mine).take(count).collect()
    }
}

impl DataSet {
    /// The data set of a seed. Its family is drawn, too: vectors and pictures each half of the time.
    #[must_use]
    pub fn of_seed(seed: u32) -> Self {
        let mut random = draws::stream(seed, Purpose::Data, 0);
        let vectors = [Family::Clusters, Family::RandomNetwork, Family::Shells, Family::Spirals, Family::Signs];
        let pictures =
            [Family::Shapes, Family::Textures, Family::Glyphs, Family::Shapes, Family::Glyphs, Family::Digits];
        let of = |random: &mut Random, families: &[Family]| families[random.below(families.len())];
        let family = if random.below(2) == 0 { of(&mut random, &vectors) } else { of(&mut random, &pictures) };
        Self::of_family(family, &mut random)
    }

    /// A data set of a family; [`Self::of_seed`] draws the family, this is for measuring families.
    #[must_use]
    pub fn of_family_and_seed(family: Family, seed: u32) -> Self {
        Self::of_family(family, &mut draws::stream(seed, Purpose::Data, 1))
    }

    /// The data set of patches of a photo.
    ///
    /// # Errors
    /// When the photo has too little of two classes.
    pub fn of_photo(photo: &LabelledPhoto) -> Result<Self, PhotoError> {
        patches::draw(photo)
    }

    fn of_family(family: Family, random: &mut Random) -> Self {
        match family {
            Family::Shapes => pictures::draw(family, &shapes::Shapes::draw(random), random),
            Family::Textures => pictures::draw(family, &textures::Textures::draw(random), random),
            Family::Glyphs => pictures::draw(family, &glyphs::Glyphs::draw(random), random),
            Family::Digits => digits::draw(random),
            _ => vectors::draw(family, random),
        }
    }

    fn new(family: Family, input: Input, classes: usize, [training, validation]: [Examples; 2]) -> Self {
        let statistics = Statistics { family, input, classes, training: training.len(), validation: validation.len() };
        Self { statistics, training, validation, names: vec![] }
    }
}

/// Training and validation counts, in steps of 50: thousands that change a little each time.
fn counts(random: &mut Random, [from, to]: [usize; 2]) -> [usize; 2] {
    [draws::whole(random, [from / 50, to / 50]) * 50, draws::whole(random, [24, 32]) * 50]
}

/// Gives a share of the labels to a class drawn at random: nobody reaches 100 % on such a data set.
fn spoil(labels: &mut [u8], classes: usize, share: f32, random: &mut Random) {
    for label in labels {
        if random.uniform() < share {
            *label = u8::try_from(random.below(classes)).expect("there are at most ten classes");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_makes_what_it_says() {
        for (seed, family) in (1..).zip(Family::ALL) {
            let data = DataSet::of_family_and_seed(family, seed);
            let Statistics { input, classes, training, validation, .. } = data.statistics;
            assert!((1000..10_000).contains(&training) && (300..=1600).contains(&validation), "{family:?}");
            assert!((2..=10).contains(&classes), "{family:?}");
            for (examples, count) in [(&data.training, training), (&data.validation, validation)] {
                assert_eq!((examples.len(), examples.length), (count, input.len()));
                for class in 0..classes {
                    let share = examples.labels.iter().filter(|label| usize::from(**label) == class).count();
                    assert!(share * classes * 4 > count, "{family:?}: class {class} has {share} of {count}");
                }
                assert!(examples.labels.iter().all(|label| usize::from(*label) < classes));
                let batch = examples.batch(&[0, 1, 2, 3]);
                assert!(batch.iter().all(|value| value.is_finite()));
                assert!(batch.iter().any(|value| *value != batch[0]), "{family:?} is not blank");
            }
        }
    }

    #[test]
    fn a_seed_repeats_and_another_differs() {
        let sum = |seed| {
            let data = DataSet::of_seed(seed);
            (data.statistics, data.training.batch(&[0, 7]), data.validation.labels)
        };
        assert_eq!(sum(3), sum(3));
        assert_ne!(sum(3), sum(4));
    }
}
