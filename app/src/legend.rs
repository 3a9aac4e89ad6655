//! From the class map of the worker to what the page shows: classes with their colours and shares.

use model::structures::class_map::{CLASSES, ClassMap};

use crate::{
    palette::Palette,
    words::{classes, numbers, results},
};

/// The class that is everything else.
pub const BACKGROUND: u8 = 0;

/// At most so many classes are put in words.
const MAX_WORDS: usize = 5;

/// The COCO category of each class of a class map, so that a cat has the colour of a cat everywhere.
#[rustfmt::skip]
const COCO_IDS: [u16; CLASSES.len()] =
    [0, 5, 2, 16, 9, 44, 6, 3, 17, 62, 21, 67, 18, 19, 4, 1, 64, 20, 63, 7, 72];

/// One class of a class map.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Index into [`CLASSES`].
    pub class: u8,
    /// Its name in English.
    pub name: &'static str,
    /// Its part of the photo, 0 to 1.
    pub share: f32,
    /// Its place in the palette; the background has none.
    pub slot: Option<usize>,
}

impl Entry {
    /// Its name in the language of the moment.
    #[must_use]
    pub fn title(&self) -> &'static str {
        classes::of_map(usize::from(self.class))
    }

    /// Its name with its share.
    #[must_use]
    pub fn with_share(&self) -> String {
        format!("{} {}", self.title(), percent(self.share))
    }
}

/// A class map with what its colours mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Legend {
    /// The class of each pixel.
    pub map: ClassMap,
    /// The classes that occur, the largest first, the background last.
    pub entries: Vec<Entry>,
}

impl Legend {
    /// Names and colours the classes of a map.
    #[must_use]
    pub fn of(map: ClassMap) -> Self {
        let mut shares = map.shares();
        shares.sort_by_key(|it| it.0 == BACKGROUND); // stable
        let coco = |class: u8| COCO_IDS.get(usize::from(class)).copied().unwrap_or_default();
        let things = shares.iter().filter(|it| it.0 != BACKGROUND);
        let palette = Palette::of_areas(&things.map(|&(class, _)| coco(class)).collect::<Vec<_>>());
        let entries = shares.into_iter().filter_map(|(class, share)| {
            let name = CLASSES.get(usize::from(class))?;
            Some(Entry { class, name, share, slot: (class != BACKGROUND).then(|| palette.slot(coco(class))) })
        });
        Self { entries: entries.collect(), map }
    }

    /// The class at a place with its probability.
    ///
    /// # Arguments
    /// * `at` - fractions of the photo's width and height.
    #[must_use]
    pub fn read(&self, at: (f32, f32)) -> Option<(&Entry, f32)> {
        let (class, probability) = self.map.at(at.0, at.1)?;
        Some((self.entries.iter().find(|it| it.class == class)?, probability))
    }

    /// The headline, e.g. "2 classes".
    #[must_use]
    pub fn headline(&self) -> String {
        results::classes_found(self.entries.iter().filter(|it| it.slot.is_some()).count())
    }

    /// The classes with their shares in words, e.g. "cat 41%, sofa 12%".
    #[must_use]
    pub fn in_words(&self) -> String {
        let things = self.entries.iter().filter(|it| it.slot.is_some());
        let words: Vec<String> = things.map(Entry::with_share).collect();
        if words.is_empty() {
            return results::NO_CLASS().into();
        }
        // The legend names them all.
        let rest = words.len().saturating_sub(MAX_WORDS);
        let more = if rest > 0 { results::and_more(rest) } else { String::new() };
        format!("{}{more}", words[..words.len() - rest].join(", "))
    }
}

/// A part in percent; small ones are not none.
#[must_use]
pub fn percent(part: f32) -> String {
    numbers::share(part)
}

#[cfg(test)]
mod tests {
    use model::structures::classes::coco_name;

    use super::*;

    #[test]
    fn classes_have_the_names_of_their_categories() {
        for (name, id) in CLASSES.into_iter().zip(COCO_IDS).skip(1) {
            let coco = coco_name(id).unwrap_or_default();
            let other = matches!(
                (name, coco),
                ("aeroplane", "airplane") | ("motorbike", "motorcycle") | ("sofa", "couch") | ("tv monitor", "tv")
            );
            assert!(name == coco || other, "{name} is not {coco}");
        }
    }

    #[test]
    fn shares_colours_and_readings() {
        let map = ClassMap { width: 4, height: 1, labels: vec![0, 0, 8, 15], certainty: vec![255, 255, 51, 255] };
        let legend = Legend::of(map);
        let order: Vec<_> = legend.entries.iter().map(|it| (it.name, it.slot.is_some())).collect();
        assert_eq!(order, [("cat", true), ("person", true), ("background", false)]);
        assert_ne!(legend.entries[0].slot, legend.entries[1].slot);
        assert_eq!((legend.headline().as_str(), legend.in_words().as_str()), ("2 classes", "cat 25%, person 25%"));
        let (entry, probability) = legend.read((0.6, 0.5)).expect("inside");
        assert_eq!((entry.name, (probability * 100.0).round()), ("cat", 20.0));
        assert_eq!(legend.read((1.2, 0.5)), None);
        assert_eq!(Legend::default().headline(), "Only background");
    }

    #[test]
    fn small_parts_are_not_none() {
        assert_eq!([0.0, 0.004, 0.016, 1.0].map(percent), ["0%", "under 1%", "2%", "100%"]);
    }
}
