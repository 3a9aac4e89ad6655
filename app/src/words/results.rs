//! What was found: headlines, what is said below them, places on the photo, labels.

use model::{
    catalog::Task,
    structures::{classes::PERSON, location},
};

use super::{
    Phrase,
    classes::{counted, of_location, thing},
    numbers::{part, percent},
    say, tell,
};
use crate::{doubt::Doubt, findings::Finding};

/// A task.
pub fn task(task: Task) -> &'static str {
    let german = match task {
        Task::Boxes => "Boxen",
        Task::Skeletons => "Skelette",
        Task::Masks => "Masken",
        Task::ClassMap => "Klassenkarte",
        Task::Captions => "Beschreibungen",
        Task::Localize => "Lokalisierung",
        Task::Everything => "Alles",
    };
    say(task.title(), german)
}

// Things in boxes.

/// The headline for a number of things on show.
///
/// # Arguments
/// * `all_hidden` - whether the visitor has switched off whatever there is.
pub fn things_found(count: usize, all_hidden: bool) -> String {
    match count {
        0 if all_hidden => say("Everything is hidden", "Alles ist ausgeblendet").into(),
        0 => say("Nothing found", "Nichts gefunden").into(),
        1 => say("1 thing found", "1 Objekt gefunden").into(),
        count => tell!("{count} things found", "{count} Objekte gefunden"),
    }
}

/// The best guess, where nothing counts as found.
///
/// # Arguments
/// * `class` - a COCO category id.
pub fn best_guess(class: u16, score: f32) -> String {
    let (name, score) = (thing(class), part(score));
    tell!("The best guess is a {name} with {score}.", "Die beste Vermutung: {name} mit {score}.")
}

/// Nothing, not even a guess.
pub const NO_THING: Phrase = || {
    say(
        "The network sees none of its 80 kinds of things here. Try a photo of people, animals or everyday objects.",
        "Das Netz sieht hier keine seiner 80 Arten von Objekten. Besser geht es mit Fotos von Menschen, Tieren oder \
         Alltagsgegenständen.",
    )
};

/// Nothing, below a small picture.
pub const NOTHING: Phrase = || say("nothing", "nichts");

/// The headline where only other layers than that of the boxes have found something.
pub const NOTHING_IN_A_BOX: Phrase = || say("Nothing in a box", "Nichts in einer Box");

/// A thing with its number.
pub fn numbered(finding: &Finding) -> String {
    format!("{} {}", thing(finding.class), finding.number)
}

/// The masks, as something that lies on the photo.
pub const MASKS: Phrase = || say("Masks", "Masken");

// People.

/// The headline for skeletons, some of fewer people than there are boxes of.
pub fn people_found(skeletons: usize, boxes: usize) -> String {
    match skeletons {
        0 if boxes == 0 => say("Nobody found", "Niemand gefunden").into(),
        _ if skeletons >= boxes => counted(skeletons, PERSON),
        _ => {
            let people = counted(boxes, PERSON);
            match skeletons {
                1 => tell!("1 skeleton for {people}", "1 Skelett für {people}"),
                _ => tell!("{skeletons} skeletons for {people}", "{skeletons} Skelette für {people}"),
            }
        }
    }
}

/// How many joints of people can be seen.
pub fn joints_in_sight(joints: usize, all: usize) -> String {
    tell!("{joints} of {all} joints in sight", "{joints} von {all} Gelenken sichtbar")
}

/// The best guess, where nobody counts as found.
pub fn best_person(score: f32) -> String {
    let score = part((score * 100.0).floor() / 100.0);
    tell!("The best guess has {score}.", "Die beste Vermutung hat {score}.")
}

/// Nobody, not even a guess.
pub const NOBODY_IN_SIGHT: Phrase = || {
    say(
        "There is no person in this photo that the network could see. Try one with people in it.",
        "Das Netz sieht auf diesem Foto keine Person. Besser geht es mit einem Foto von Menschen.",
    )
};

/// Nobody, below a small picture.
pub const NOBODY: Phrase = || say("nobody", "niemand");

/// The skeletons, as something that lies on the photo.
pub const SKELETONS: Phrase = || say("Skeletons", "Skelette");

/// A person with their number.
pub fn person(number: usize) -> String {
    tell!("person {number}", "Person {number}")
}

/// The label of a person who stands out, beside their number.
pub fn person_with_score(score: u32) -> String {
    let score = percent(score);
    tell!("person {score}", "Person {score}")
}

/// Both scores of a person, in whole percent.
pub fn scores(of_box: u32, of_skeleton: u32) -> String {
    let (of_box, of_skeleton) = (percent(of_box), percent(of_skeleton));
    tell!(
        "Box {of_box}, skeleton {of_skeleton}: the box times the mean of the joints in sight.",
        "Box {of_box}, Skelett {of_skeleton}: das Produkt aus Box und Mittel der sichtbaren Gelenke."
    )
}

// Class maps.

/// The headline for a number of classes besides the background.
pub fn classes_found(count: usize) -> String {
    match count {
        0 => say("Only background", "Nur Hintergrund").into(),
        1 => say("1 class", "1 Klasse").into(),
        count => tell!("{count} classes", "{count} Klassen"),
    }
}

/// No class besides the background.
pub const NO_CLASS: Phrase = || {
    say(
        "Nowhere is one of the 20 kinds of things likeliest that this network knows. Try a photo of people or animals.",
        "An keiner Stelle ist eine der 20 Arten von Objekten am wahrscheinlichsten, die dieses Netz kennt. Besser geht es mit \
         Fotos von Menschen oder Tieren.",
    )
};

/// The classes that a short list leaves out.
pub fn and_more(count: usize) -> String {
    tell!(" and {count} more", " und {count} weitere")
}

/// The class map, as something that lies on the photo.
pub const CLASS_MAP: Phrase = || say("Class map", "Klassenkarte");

// One class, one box.

/// The likeliest class and how sure the network is of it.
///
/// # Arguments
/// * `is_thing` - whether it is one of the classes, not none of them.
pub fn location(is_thing: bool, probability: f32) -> String {
    let (sure, classes) = (part(probability), location::CLASSES.len() - 1);
    if is_thing {
        return tell!("{sure} sure, in one box.", "Zu {sure} sicher, in einer Box.");
    }
    tell!(
        "This network looks for one thing of {classes} classes, and is {sure} sure that there is none.",
        "Dieses Netz sucht ein Objekt aus {classes} Klassen und ist zu {sure} sicher, dass keines da ist."
    )
}

/// The likeliest class beside other results.
///
/// # Arguments
/// * `class` - its number in classification + localization.
pub fn located(class: usize, probability: f32) -> String {
    let (name, sure) = (of_location(class), part(probability));
    tell!("Localize: {name} {sure}", "Lokalisierung: {name} {sure}")
}

/// The one box, as something that lies on the photo.
pub const ONE_BOX: Phrase = || say("One box", "Eine Box");

// Captions: English sentences, with words of the page round them.

/// How many regions have captions of their own.
pub fn regions_with_captions(count: usize) -> String {
    match count {
        0 => say(
            "Nothing in the photo stands out enough for a sentence of its own.",
            "Nichts auf dem Foto fällt so auf, dass es einen eigenen Satz bekommt.",
        )
        .into(),
        1 => say("One region has a sentence of its own.", "Eine Region hat einen eigenen Satz.").into(),
        count => tell!("{count} regions have sentences of their own.", "{count} Regionen haben eigene Sätze."),
    }
}

/// What the boxes cannot bear out.
pub const CAPTIONS_GUESS: Phrase = || {
    say(
        "Boxes bear out the things that are named; what they do, and where, is a guess.",
        "Die genannten Dinge sind durch Boxen belegt; was sie tun und wo, ist geraten.",
    )
};

/// A caption without words.
pub const NO_CAPTION: Phrase = || say("No words for this photo.", "Keine Worte für dieses Foto.");

/// What speaks against the caption of the whole photo.
///
/// # Arguments
/// * `sentence` - the caption.
/// * `has_boxes` - whether what the boxes hold stands in its place.
pub fn doubted(doubt: Doubt, sentence: &str, has_boxes: bool) -> String {
    match doubt {
        Doubt::Misses => tell!(
            "The language model says “{sentence}”, which names nothing of what the boxes hold.",
            "Das Sprachmodell sagt „{sentence}“ und nennt damit nichts von dem, was in den Boxen ist."
        ),
        Doubt::Unsure if has_boxes => tell!(
            "The language model says “{sentence}”, and is not sure of it.",
            "Das Sprachmodell sagt „{sentence}“ und ist sich nicht sicher."
        ),
        Doubt::Unsure => {
            say("The network is not sure of this sentence.", "Das Netz ist sich bei diesem Satz nicht sicher.").into()
        }
    }
}

/// As [`doubted`], in a word or two.
pub fn doubt(doubt: Doubt) -> &'static str {
    match doubt {
        Doubt::Unsure => say("unsure", "unsicher"),
        Doubt::Misses => say("probably wrong", "vermutlich falsch"),
    }
}

// Places on the photo.

/// A thing that takes much of the photo.
pub const LARGE: Phrase = || say("large", "groß");
/// A thing that takes little of it.
pub const SMALL: Phrase = || say("small", "klein");
/// A thing that takes almost all of it.
pub const ALL_OVER: Phrase = || say("all over the photo", "über das ganze Foto");

/// The thirds of the photo, row by row from the top left.
pub const PLACES: [[Phrase; 3]; 3] = [
    [|| say("top left", "oben links"), || say("at the top", "oben"), || say("top right", "oben rechts")],
    [|| say("left", "links"), || say("in the middle", "in der Mitte"), || say("right", "rechts")],
    [|| say("bottom left", "unten links"), || say("at the bottom", "unten"), || say("bottom right", "unten rechts")],
];

/// What a thing stands in front of.
pub fn in_front_of(others: &[String]) -> String {
    let others = others.join(say(" and ", " und "));
    tell!("in front of {others}", "vor {others}")
}

/// What is on the sample photos in German, by their keys; `photos.json` has the English.
const SAMPLES: [(&str, &str); 7] = [
    ("giraffes", "Zwei Giraffen nebeneinander vor trockenen Bäumen"),
    ("coffee", "Eine rote Tasse Kaffee auf einer roten Untertasse mit Löffel, auf einem Holztisch"),
    ("cat", "Das Gesicht einer rötlich getigerten Katze, die nach oben schaut"),
    ("mariachi", "Lachende Mariachi in Schwarz und Weiß mit roten Schleifen, an Trompeten und Gitarren"),
    (
        "astronaut",
        "Eileen Collins in einem orangefarbenen Raumanzug, neben einer Flagge und einem Modell des Spaceshuttles",
    ),
    ("horses", "Eine Gruppe dunkler Pferde mit zwei Fohlen auf einer Wiese unter blauem Himmel"),
    (
        "stage",
        "Etwa ein Dutzend Menschen in römischen Gewändern und Masken auf einer dunklen Bühne, in der Mitte eine Gestalt \
         in Rot",
    ),
];

/// The photo with its description, for those who do not see it.
///
/// # Arguments
/// * `alt` - what is on it, in English; the file's name if nobody said.
/// * `sample` - the key of the sample photo that it is, if it is one.
/// * `scene` - what was found; empty while nothing is known.
pub fn photo(alt: &str, sample: Option<&str>, scene: &str) -> String {
    let german = SAMPLES.iter().find(|it| Some(it.0) == sample).map_or(alt, |it| it.1);
    let gap = if scene.is_empty() { "" } else { " " };
    tell!("Photo: {alt}.{gap}{scene}", "Foto: {german}.{gap}{scene}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        photo::samples::Sample,
        words::{Language, in_language},
    };

    #[test]
    fn headlines_agree_with_their_numbers() {
        let headlines = || [0, 1, 5].map(|count| things_found(count, false));
        assert_eq!(headlines(), ["Nothing found", "1 thing found", "5 things found"]);
        let german = in_language(Language::German, headlines);
        assert_eq!(german, ["Nichts gefunden", "1 Objekt gefunden", "5 Objekte gefunden"]);
        let people = || [people_found(0, 0), people_found(1, 3), people_found(0, 2), people_found(2, 1)];
        assert_eq!(people(), ["Nobody found", "1 skeleton for 3 people", "0 skeletons for 2 people", "2 people"]);
        let german = in_language(Language::German, people);
        assert_eq!(german, ["Niemand gefunden", "1 Skelett für 3 Personen", "0 Skelette für 2 Personen", "2 Personen"]);
    }

    #[test]
    fn every_sample_photo_is_described_in_german() {
        let list = include_str!("../../../assets/photos/photos.json");
        let samples: Vec<Sample> = serde_json::from_str(list).expect("the committed list is valid");
        for sample in samples {
            let described = || photo(&sample.alt, Some(sample.key()), "");
            assert_eq!(described(), format!("Photo: {}.", sample.alt));
            let german = in_language(Language::German, described);
            assert!(german.starts_with("Foto: ") && !german.contains(&sample.alt), "{german}");
        }
        assert_eq!(in_language(Language::German, || photo("a.jpg", None, "1 Pferd.")), "Foto: a.jpg. 1 Pferd.");
    }

    #[test]
    fn tasks_are_named_in_both_languages() {
        for it in Task::ALL {
            assert_eq!(task(it), it.title());
            assert_ne!(in_language(Language::German, || task(it)), it.title());
        }
    }
}
