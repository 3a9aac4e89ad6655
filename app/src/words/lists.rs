//! The lists of the panel besides that of things: classes with their shares, probabilities, people with their joints, captions.

use super::{Phrase, classes::joint, numbers::part, say, tell};

// Class maps and probabilities.

/// The classes of a class map.
pub const CLASSES: Phrase = || say("Classes", "Klassen");
/// A class map without classes.
pub const NO_PIXEL: Phrase = || {
    say(
        "No pixel is likeliest of one of its 20 classes.",
        "Kein Pixel gehört am wahrscheinlichsten zu einer der 20 Klassen.",
    )
};
/// How to read a place with a finger.
pub const TOUCH_TO_READ: Phrase =
    || say("Touch the photo to read its class.", "Das Foto berühren, um die Klasse zu lesen.");
/// How to read a place with the mouse.
pub const POINT_TO_READ: Phrase =
    || say("Point at the photo to read its class.", "Auf das Foto zeigen, um die Klasse zu lesen.");
/// One class and one box for the photo.
pub const ONE_CLASS: Phrase = || say("One class, one box", "Eine Klasse, eine Box");
/// The probabilities of all classes.
pub const PROBABILITIES: Phrase = || say("Probabilities", "Wahrscheinlichkeiten");
/// Shows few of them.
pub const LIKELIEST_ONLY: Phrase = || say("Show the likeliest only", "Nur die wahrscheinlichsten zeigen");

/// No class at all.
pub fn no_class(classes: usize, probability: f32) -> String {
    let sure = part(probability);
    tell!("None of {classes} classes: {sure} sure.", "Keine von {classes} Klassen: zu {sure} sicher.")
}

/// The classes that are not shown.
pub fn further_classes(classes: usize, probability: f32) -> String {
    let together = part(probability);
    tell!("{classes} further classes, together {together}", "{classes} weitere Klassen, zusammen {together}")
}

// People.

/// The list of people.
pub const PEOPLE_FOUND: Phrase = || say("People found", "Gefundene Personen");
/// What a number in the list of people is.
pub const PERSON: Phrase = || say("person ", "Person ");
/// Shows the lecture's joints.
pub const FOURTEEN: Phrase = || say("14 joints", "14 Gelenke");
/// The person's left side.
pub const LEFT: Phrase = || say("left", "links");
/// The person's right side.
pub const RIGHT: Phrase = || say("right", "rechts");
/// What the joints of the lecture are.
pub const FOURTEEN_HINT: Phrase = || {
    say(
        "The lecture's 14 joints. Neck and top of head are not found by the network: they are derived from shoulders and \
         nose.",
        "Die 14 Gelenke der Vorlesung. Hals und Scheitel findet das Netz nicht: Sie sind aus Schultern und Nase \
         abgeleitet.",
    )
};
/// What sides and hollow joints are.
pub const SIDES_HINT: Phrase = || {
    say(
        "Left and right are the person's own. Hollow joints are guesses.",
        "Links und rechts gelten aus der Sicht der Person. Hohle Gelenke sind geraten.",
    )
};
/// A joint whose score is low.
pub const GUESS: Phrase = || say(" (guess)", " (geraten)");
/// A joint that was worked out from others.
pub const DERIVED: Phrase = || say("derived", "abgeleitet");
/// The column of joints.
pub const JOINT: Phrase = || say("joint", "Gelenk");
/// The column of their scores.
pub const JOINT_SCORES: Phrase = || say("score", "Wert");

/// The heading of a person's joints.
pub fn joints_of(number: usize) -> String {
    tell!("Joints of person {number}", "Gelenke von Person {number}")
}

/// A joint's side, empty if it has none, and its part of the body.
///
/// # Arguments
/// * `name` - in English.
pub fn side_and_part(name: &'static str, has_side: bool) -> (&'static str, &'static str) {
    let name = joint(name);
    if has_side { name.split_once(' ').unwrap_or(("", name)) } else { ("", name) }
}

/// What the table of joints holds.
pub fn joint_numbers(count: usize) -> String {
    let numbers = count * 2;
    tell!(
        "{numbers} numbers: x and y of {count} joints in pixels of the photo, each with its score",
        "{numbers} Zahlen: x und y von {count} Gelenken in Pixeln des Fotos, dazu je ein Wert"
    )
}

// Captions.

/// Copies the caption of the photo.
pub const COPY_ALT: Phrase = || say("Copy alt text", "Alternativtext kopieren");
/// Copies all captions.
pub const COPY_ALL: Phrase = || say("Copy all", "Alle kopieren");
/// The alternative text is copied.
pub const ALT_COPIED: Phrase =
    || say("The alt text is in the clipboard.", "Der Alternativtext ist in der Zwischenablage.");
/// The captions are copied.
pub const CAPTIONS_COPIED: Phrase =
    || say("The captions are in the clipboard.", "Die Beschreibungen sind in der Zwischenablage.");
/// The captions with what each word was chosen from.
pub const WORD_BY_WORD: Phrase = || say("Word by word", "Wort für Wort");
/// The caption of the photo.
pub const CAPTION: Phrase = || say("Caption", "Beschreibung");
/// The captions of regions.
pub const CAPTIONS_OF_REGIONS: Phrase = || say("Captions of regions", "Beschreibungen von Regionen");
/// What the list of words is.
pub const ALTERNATIVES_HINT: Phrase = || {
    say(
        "The likeliest words at this place, those that no box bears out among them. While a word is pointed at, the photo \
         stays light where the network looked. Bold words come from boxes, which are framed then.",
        "Die wahrscheinlichsten Wörter an dieser Stelle, auch die, die keine Box belegt. Solange auf ein Wort gezeigt wird, \
         bleibt das Foto dort hell, wo das Netz hinsah. Fette Wörter kommen aus Boxen, die dann umrahmt sind.",
    )
};

/// A word with its probability and the number of boxes that it is from.
pub fn word(word: &str, probability: f32, boxes: usize) -> String {
    let probability = part(probability);
    match boxes {
        0 => format!("{word}, {probability}"),
        1 => tell!("{word}, {probability}, from a box", "{word}, {probability}, aus einer Box"),
        _ => tell!("{word}, {probability}, from {boxes} boxes", "{word}, {probability}, aus {boxes} Boxen"),
    }
}

/// The heading of a word's alternatives.
pub fn instead_of(word: &str) -> String {
    tell!("Instead of “{word}”", "Statt „{word}“")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Language, in_language};

    #[test]
    fn joints_part_into_side_and_part() {
        let parts =
            || [side_and_part("left eye", true), side_and_part("nose", false), side_and_part("top of head", false)];
        assert_eq!(parts(), [("left", "eye"), ("", "nose"), ("", "top of head")]);
        assert_eq!(in_language(Language::German, parts), [("linkes", "Auge"), ("", "Nase"), ("", "Scheitel")]);
    }

    #[test]
    fn words_say_where_they_are_from() {
        let said = || [0, 1, 2].map(|boxes| word("dog", 0.5, boxes));
        assert_eq!(said(), ["dog, 50%", "dog, 50%, from a box", "dog, 50%, from 2 boxes"]);
        let german = ["dog, 50\u{a0}%", "dog, 50\u{a0}%, aus einer Box", "dog, 50\u{a0}%, aus 2 Boxen"];
        assert_eq!(in_language(Language::German, said), german);
    }
}
