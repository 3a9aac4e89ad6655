//! Patches of the visitor's own photo, labelled by its class map.

use super::{DataSet, Examples, Values, counts, spoil};
use crate::{
    quest::{
        architecture::Input,
        draws::{self, Purpose},
        photo::{LabelledPhoto, PhotoError},
        statistics::Family,
    },
    random::Random,
    structures::class_map::CLASSES,
};

/// Height and width of a patch.
const SIDE: usize = 24;
/// The share of a patch that has to be of its class.
const SHARE: f32 = 0.85;
/// Places for patches of a class, at least, to train on and to measure on.
const LEAST: [usize; 2] = [64, 24];
/// Classes at most, the largest ones.
const MAX_CLASSES: usize = 10;
/// How much brighter or darker a patch may be than the photo, and how much its contrast is multiplied with.
const LIGHT: f32 = 50.0;
const CONTRAST: [f32; 2] = [0.4, 1.3];
/// How much a pixel may differ from the photo either way, as the noise of a dark photo does.
const NOISE: f32 = 36.0;
/// The share of labels that are drawn at random: nobody reaches 100 %.
const SPOILT: f32 = 0.04;

/// Where a class's patches may lie, by their top left corners.
struct Places {
    class: u8,
    training: Vec<[usize; 2]>,
    validation: Vec<[usize; 2]>,
}

/// The data set of a photo: as many patches of each class, turned and mirrored, lighter or darker, with noise. They are grey:
/// colours alone tell the things of one photo apart, and nothing would be left to learn (a linear layer had 98 %).
///
/// A network is measured on a quarter of each thing's places that it never saw: the right one, or the lowest of what is
/// higher than wide.
///
/// # Errors
/// [`PhotoError::TooFewClasses`] when fewer than two classes have room for patches.
pub fn draw(photo: &LabelledPhoto) -> Result<DataSet, PhotoError> {
    if !photo.is_sound() {
        return Err(PhotoError::Damaged);
    }
    let mut classes: Vec<Places> = (0..CLASSES.len() as u8).filter_map(|class| places(photo, class)).collect();
    classes.sort_by_key(|it| std::cmp::Reverse(it.training.len()));
    classes.truncate(MAX_CLASSES);
    if classes.len() < 2 {
        return Err(PhotoError::TooFewClasses);
    }
    let mut random = draws::stream(photo.seed(), Purpose::Data, 0);
    let counts = counts(&mut random, [4000, 5000]);
    let length = SIDE * SIDE;
    let sets = [false, true].map(|is_validation| {
        let count = counts[usize::from(is_validation)];
        let (mut values, mut labels) = (Vec::with_capacity(count * length), Vec::with_capacity(count));
        for _ in 0..count {
            let class = random.below(classes.len());
            let Places { training, validation, .. } = &classes[class];
            let places = if is_validation { validation } else { training };
            let place = places[random.below(places.len())];
            labels.push(class as u8); // at most ten
            cut(photo, place, &mut random, &mut values);
        }
        spoil(&mut labels, classes.len(), SPOILT, &mut random);
        Examples { values: Values::Bytes(values), length, labels }
    });
    let mut data = DataSet::new(Family::Patches, Input::Image { side: SIDE, channels: 1 }, classes.len(), sets);
    data.names = classes.iter().map(|it| CLASSES[usize::from(it.class)]).collect();
    Ok(data)
}

/// A patch's pixels, grey.
fn cut(photo: &LabelledPhoto, [left, top]: [usize; 2], random: &mut Random, to: &mut Vec<u8>) {
    let across = usize::from(photo.size[0]);
    let (is_mirrored, is_turned) = (random.below(2) == 1, random.below(2) == 1);
    let (light, contrast) = (draws::between(random, [-LIGHT, LIGHT]), draws::between(random, CONTRAST));
    for y in 0..SIDE {
        for x in 0..SIDE {
            let x = if is_mirrored { SIDE - 1 - x } else { x };
            let (x, y) = if is_turned { (y, x) } else { (x, y) };
            let at = ((top + y) * across + left + x) * 3;
            let sum: u32 = photo.pixels[at..at + 3].iter().map(|byte| u32::from(*byte)).sum();
            let noise = NOISE * (random.uniform() + random.uniform() - 1.0);
            let grey = 128.0 + contrast * (sum as f32 / 3.0 - 128.0) + light + noise;
            to.push(grey.clamp(0.0, 255.0) as u8);
        }
    }
}

/// The places of a class; none if they are too few. Training and validation patches share no pixel.
fn places(photo: &LabelledPhoto, class: u8) -> Option<Places> {
    let mut all = all_places(photo, class);
    let range = |axis: usize| {
        let values = || all.iter().map(|place| place[axis]);
        values().max().unwrap_or_default() - values().min().unwrap_or_default()
    };
    let axis = usize::from(range(1) > range(0));
    all.sort_by_key(|place| (place[axis], place[1 - axis]));
    let border = all.get(all.len() * 3 / 4)?[axis];
    let (before, validation): (Vec<_>, Vec<_>) = all.into_iter().partition(|place| place[axis] < border);
    let training: Vec<_> = before.into_iter().filter(|place| place[axis] + SIDE <= border).collect();
    let is_enough = training.len() >= LEAST[0] && validation.len() >= LEAST[1];
    is_enough.then_some(Places { class, training, validation })
}

/// Top left corners of all patches that are of a class, by a summed area table (Crow 1984).
fn all_places(photo: &LabelledPhoto, class: u8) -> Vec<[usize; 2]> {
    let [across, down] = photo.size.map(usize::from);
    if across < SIDE || down < SIDE || !photo.labels.contains(&class) {
        return vec![];
    }
    let stride = across + 1;
    let mut table = vec![0_u32; stride * (down + 1)];
    for y in 0..down {
        let mut line = 0;
        for x in 0..across {
            line += u32::from(photo.labels[y * across + x] == class);
            table[(y + 1) * stride + x + 1] = table[y * stride + x + 1] + line;
        }
    }
    let least = (SHARE * (SIDE * SIDE) as f32) as u32;
    let count = |x: usize, y: usize| {
        let at = |x: usize, y: usize| table[y * stride + x];
        at(x + SIDE, y + SIDE) + at(x, y) - at(x + SIDE, y) - at(x, y + SIDE)
    };
    let line = |y: usize| (0..=across - SIDE).map(move |x| [x, y]);
    (0..=down - SIDE).flat_map(line).filter(|place| count(place[0], place[1]) >= least).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quest::photo::tests::halves;

    #[test]
    fn patches_come_from_their_classes_and_are_measured_elsewhere() {
        let photo = halves(300, 200);
        let data = draw(&photo).expect("both halves are large");
        assert_eq!(data.names, ["background", "horse"]);
        assert_eq!((data.statistics.classes, data.statistics.family), (2, Family::Patches));
        assert!((4000..=5000).contains(&data.training.len()) && (1200..=1600).contains(&data.validation.len()));
        let places = places(&photo, 13).expect("half of the photo");
        let last = places.training.iter().map(|it| it[1] + SIDE).max();
        let first = places.validation.iter().map(|it| it[1]).min();
        assert!(last <= first, "the horse's half is higher than wide: {last:?}, {first:?}");
        assert!(places.training.iter().all(|it| it[0] + SIDE / 5 >= 150), "a patch may reach over the border a little");
        let again = draw(&photo).expect("the same photo");
        assert_eq!(again.training.batch(&[0, 99]), data.training.batch(&[0, 99]));
    }

    #[test]
    fn a_photo_of_one_class_or_of_few_pixels_is_refused() {
        let mut photo = halves(300, 200);
        photo.labels.fill(0);
        assert_eq!(draw(&photo).err(), Some(PhotoError::TooFewClasses));
        for (width, height) in [(8, 200), (23, 23), (60, 24)] {
            assert_eq!(draw(&halves(width, height)).err(), Some(PhotoError::TooFewClasses), "{width} x {height}");
        }
    }
}
