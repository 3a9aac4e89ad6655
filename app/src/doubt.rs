//! What speaks against a caption: that its words were unlikely, or that the boxes of the same photo hold something else.

use model::structures::{
    boxes::Candidate,
    caption::Caption,
    classes::{COCO, PERSON},
};

use crate::findings::{Findings, plural};

/// A sentence whose words had a lower mean (geometric) probability is unsure.
const MIN_MEAN_PROBABILITY: f32 = 0.25;

/// Other words for COCO's categories.
const SYNONYMS: [(&str, u16); 34] = [
    ("man", PERSON),
    ("men", PERSON),
    ("woman", PERSON),
    ("women", PERSON),
    ("boy", PERSON),
    ("boys", PERSON),
    ("girl", PERSON),
    ("girls", PERSON),
    ("child", PERSON),
    ("children", PERSON),
    ("kid", PERSON),
    ("kids", PERSON),
    ("toddler", PERSON),
    ("lady", PERSON),
    ("guy", PERSON),
    ("player", PERSON),
    ("players", PERSON),
    ("bike", 2),
    ("bikes", 2),
    ("motorbike", 4),
    ("motorbikes", 4),
    ("plane", 5),
    ("planes", 5),
    ("ship", 9),
    ("ships", 9),
    ("kitten", 17),
    ("kittens", 17),
    ("puppy", 18),
    ("puppies", 18),
    ("pony", 19),
    ("ponies", 19),
    ("cattle", 21),
    ("sofa", 63),
    ("television", 72),
];

/// What speaks against a caption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// Its words were unlikely.
    Unsure,
    /// It speaks of this, in its own word, and no box holds it.
    Names(String),
    /// It speaks of nothing that the boxes hold.
    Misses,
}

impl Doubt {
    /// The doubt about the caption of the whole photo in a sentence.
    pub fn in_words(&self, findings: &Findings) -> String {
        let boxes = findings.in_words();
        match self {
            Self::Names(word) if boxes.is_empty() => format!("Probably wrong: no box holds what it calls “{word}”."),
            Self::Names(word) => format!("Probably wrong: it says “{word}”, the boxes hold {boxes}."),
            Self::Misses => format!("Probably wrong: the boxes hold {boxes}."),
            Self::Unsure if boxes.is_empty() => "The network is not sure of this sentence.".into(),
            Self::Unsure => format!("The network is not sure of this sentence. The boxes hold {boxes}."),
        }
    }
}

/// What speaks against the caption of a whole photo.
///
/// # Arguments
/// * `findings` - what the boxes hold.
pub fn doubt_about_photo(caption: &Caption, findings: &Findings) -> Option<Doubt> {
    let has = |class: u16| findings.classes.iter().any(|it| it.class == class);
    let named = named_in(caption);
    if let Some((word, _)) = named.iter().find(|(_, class)| !has(*class)) {
        return Some(Doubt::Names(word.clone()));
    }
    if named.is_empty() && !findings.classes.is_empty() {
        return Some(Doubt::Misses);
    }
    is_unsure(caption).then_some(Doubt::Unsure)
}

/// What speaks against the caption of a region.
///
/// # Arguments
/// * `detection` - what the detector takes it for.
pub fn doubt_about_region(caption: &Caption, detection: &Candidate) -> Option<Doubt> {
    let named = named_in(caption);
    if named.iter().any(|(_, class)| *class == detection.class) {
        return is_unsure(caption).then_some(Doubt::Unsure);
    }
    Some(named.into_iter().next().map_or(Doubt::Misses, |(word, _)| Doubt::Names(word)))
}

fn is_unsure(caption: &Caption) -> bool {
    // The end of the sentence is chosen like a word.
    let choices = caption.words.len() + 1;
    (caption.log_probability / choices as f32).exp() < MIN_MEAN_PROBABILITY
}

/// The categories that a caption names, each with its word.
fn named_in(caption: &Caption) -> Vec<(String, u16)> {
    let words: Vec<&str> = caption.words.iter().map(|it| it.text.as_str()).collect();
    let mut named: Vec<(String, u16)> = Vec::new();
    for at in 0..words.len() {
        // "hot dog" is no dog.
        let two = words.get(at..at + 2).map(|pair| pair.join(" ")).and_then(|it| Some((class_of(&it)?, it)));
        let after_two = at > 0 && class_of(&words[at - 1..=at].join(" ")).is_some();
        let one = || class_of(words[at]).filter(|_| !after_two).map(|class| (class, words[at].to_owned()));
        if let Some((class, word)) = two.or_else(one)
            && named.iter().all(|it| it.1 != class)
        {
            named.push((word, class));
        }
    }
    named
}

/// The category that a word or two name, alone or several of them.
fn class_of(words: &str) -> Option<u16> {
    let synonym = SYNONYMS.iter().find(|it| it.0 == words).map(|it| it.1);
    let is_named = |name: &str| name == words || plural(name) == words;
    synonym.or_else(|| COCO.iter().find(|it| is_named(it.1)).map(|it| it.0))
}

#[cfg(test)]
mod tests {
    use model::structures::{boxes::BBox, caption::Word, classes::coco_name};

    use super::*;
    use crate::{palette::Palette, settings::Settings};

    fn caption(sentence: &str, mean_probability: f32) -> Caption {
        let word = |text: &str| Word { text: text.into(), probability: 0.5, alternatives: vec![], gaze: vec![] };
        let words: Vec<Word> = sentence.split(' ').map(word).collect();
        let log_probability = mean_probability.ln() * (words.len() + 1) as f32;
        Caption { candidate: None, region: None, words, log_probability, beams: vec![] }
    }

    fn boxes(classes: &[u16]) -> Vec<Candidate> {
        let candidate = |(at, &class): (usize, &u16)| {
            let left = at as f32 * 50.0;
            Candidate { bbox: BBox::new(left, 0.0, left + 10.0, 10.0), class, score: 0.9, prior: at as u32 }
        };
        classes.iter().enumerate().map(candidate).collect()
    }

    fn found(classes: &[u16]) -> Findings {
        let candidates = boxes(classes);
        Findings::of(&candidates, &Settings::default(), &Palette::of(&candidates))
    }

    #[test]
    fn words_that_name_a_category_are_known_alone_and_in_number() {
        for (words, class) in [("dogs", 18), ("people", 1), ("girl", 1), ("traffic lights", 10), ("hot dog", 58)] {
            assert_eq!(class_of(words), Some(class), "{words}");
        }
        assert_eq!(class_of("building"), None);
        assert!(SYNONYMS.iter().all(|it| coco_name(it.1).is_some()));
        let named: Vec<u16> =
            named_in(&caption("a man eats a hot dog on a bench", 0.5)).iter().map(|it| it.1).collect();
        assert_eq!(named, [1, 58, 15]);
    }

    #[test]
    fn a_sentence_that_the_boxes_do_not_bear_out_is_doubted() {
        let dogs = caption("a group of dogs are running through the grass", 0.9);
        let doubt = doubt_about_photo(&dogs, &found(&[19, 19, 19, 21]));
        assert_eq!(doubt, Some(Doubt::Names("dogs".into())));
        let words = doubt.map(|it| it.in_words(&found(&[19, 19, 19, 21])));
        assert_eq!(words.as_deref(), Some("Probably wrong: it says “dogs”, the boxes hold 3 horses, 1 cow."));
        assert_eq!(doubt_about_photo(&dogs, &found(&[18])), None);
        let grass = caption("the grass is green", 0.9);
        assert_eq!(doubt_about_photo(&grass, &found(&[18])), Some(Doubt::Misses));
        assert_eq!(doubt_about_photo(&grass, &found(&[])), None);
    }

    #[test]
    fn unlikely_words_are_doubted_even_where_the_boxes_agree() {
        assert_eq!(doubt_about_photo(&caption("a dog", 0.2), &found(&[18])), Some(Doubt::Unsure));
        let [dog] = &boxes(&[18])[..] else { panic!("one box") };
        assert_eq!(doubt_about_region(&caption("a dog", 0.9), dog), None);
        assert_eq!(doubt_about_region(&caption("a dog", 0.2), dog), Some(Doubt::Unsure));
        assert_eq!(doubt_about_region(&caption("a girl", 0.9), dog), Some(Doubt::Names("girl".into())));
        assert_eq!(doubt_about_region(&caption("some grass", 0.9), dog), Some(Doubt::Misses));
    }
}
