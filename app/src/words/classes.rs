//! The names of what the networks know: things, one or several of them, and joints.

use model::structures::{
    class_map,
    classes::{COCO, coco_column},
    location,
    skeleton::JOINT_NAMES,
};

use super::{Language, language, say};
use crate::findings::{self, plural};

/// One and several of each of COCO's categories in German, by id.
#[rustfmt::skip]
const GERMAN: [(u16, &str, &str); COCO.len()] = [
    (1, "Person", "Personen"), (2, "Fahrrad", "Fahrräder"), (3, "Auto", "Autos"), (4, "Motorrad", "Motorräder"),
    (5, "Flugzeug", "Flugzeuge"), (6, "Bus", "Busse"), (7, "Zug", "Züge"), (8, "Lastwagen", "Lastwagen"),
    (9, "Boot", "Boote"), (10, "Ampel", "Ampeln"), (11, "Hydrant", "Hydranten"),
    (13, "Stoppschild", "Stoppschilder"), (14, "Parkuhr", "Parkuhren"), (15, "Sitzbank", "Sitzbänke"),
    (16, "Vogel", "Vögel"), (17, "Katze", "Katzen"), (18, "Hund", "Hunde"), (19, "Pferd", "Pferde"),
    (20, "Schaf", "Schafe"), (21, "Kuh", "Kühe"), (22, "Elefant", "Elefanten"), (23, "Bär", "Bären"),
    (24, "Zebra", "Zebras"), (25, "Giraffe", "Giraffen"), (27, "Rucksack", "Rucksäcke"),
    (28, "Regenschirm", "Regenschirme"), (31, "Handtasche", "Handtaschen"), (32, "Krawatte", "Krawatten"),
    (33, "Koffer", "Koffer"), (34, "Frisbee", "Frisbees"), (35, "Ski", "Ski"), (36, "Snowboard", "Snowboards"),
    (37, "Ball", "Bälle"), (38, "Drachen", "Drachen"), (39, "Baseballschläger", "Baseballschläger"),
    (40, "Baseballhandschuh", "Baseballhandschuhe"), (41, "Skateboard", "Skateboards"),
    (42, "Surfbrett", "Surfbretter"), (43, "Tennisschläger", "Tennisschläger"), (44, "Flasche", "Flaschen"),
    (46, "Weinglas", "Weingläser"), (47, "Tasse", "Tassen"), (48, "Gabel", "Gabeln"), (49, "Messer", "Messer"),
    (50, "Löffel", "Löffel"), (51, "Schüssel", "Schüsseln"), (52, "Banane", "Bananen"), (53, "Apfel", "Äpfel"),
    (54, "Sandwich", "Sandwiches"), (55, "Orange", "Orangen"), (56, "Brokkoli", "Brokkoli"),
    (57, "Karotte", "Karotten"), (58, "Hotdog", "Hotdogs"), (59, "Pizza", "Pizzas"), (60, "Donut", "Donuts"),
    (61, "Kuchen", "Kuchen"), (62, "Stuhl", "Stühle"), (63, "Sofa", "Sofas"),
    (64, "Topfpflanze", "Topfpflanzen"), (65, "Bett", "Betten"), (67, "Esstisch", "Esstische"),
    (70, "Toilette", "Toiletten"), (72, "Fernseher", "Fernseher"), (73, "Laptop", "Laptops"),
    (74, "Computermaus", "Computermäuse"), (75, "Fernbedienung", "Fernbedienungen"),
    (76, "Tastatur", "Tastaturen"), (77, "Handy", "Handys"), (78, "Mikrowelle", "Mikrowellen"),
    (79, "Backofen", "Backöfen"), (80, "Toaster", "Toaster"), (81, "Waschbecken", "Waschbecken"),
    (82, "Kühlschrank", "Kühlschränke"), (84, "Buch", "Bücher"), (85, "Uhr", "Uhren"), (86, "Vase", "Vasen"),
    (87, "Schere", "Scheren"), (88, "Teddybär", "Teddybären"), (89, "Föhn", "Föhne"),
    (90, "Zahnbürste", "Zahnbürsten"),
];

// A category without its row does not compile.
const _: () = {
    let mut at = 0;
    while at < COCO.len() {
        assert!(GERMAN[at].0 == COCO[at].0);
        at += 1;
    }
};

/// COCO's joints in German, in its order.
#[rustfmt::skip]
const GERMAN_JOINTS: [&str; JOINT_NAMES.len()] = [
    "Nase", "linkes Auge", "rechtes Auge", "linkes Ohr", "rechtes Ohr", "linke Schulter", "rechte Schulter",
    "linker Ellbogen", "rechter Ellbogen", "linkes Handgelenk", "rechtes Handgelenk", "linke Hüfte", "rechte Hüfte",
    "linkes Knie", "rechtes Knie", "linkes Fußgelenk", "rechtes Fußgelenk",
];

/// The name of a thing.
///
/// # Arguments
/// * `class` - its COCO category id.
pub fn thing(class: u16) -> &'static str {
    let Some(at) = coco_column(class) else { return "" };
    say(COCO[at].1, GERMAN[at].1)
}

/// The name of things, as `count` of them are called.
///
/// # Arguments
/// * `class` - their COCO category id.
pub fn things(count: usize, class: u16) -> String {
    match (coco_column(class), language()) {
        (Some(at), Language::English) if count != 1 => plural(COCO[at].1),
        (Some(at), Language::German) if count != 1 => GERMAN[at].2.into(),
        _ => thing(class).into(),
    }
}

/// A number with its noun, e.g. "2 people".
///
/// # Arguments
/// * `class` - a COCO category id.
pub fn counted(count: usize, class: u16) -> String {
    match (coco_column(class), language()) {
        (Some(at), Language::English) => findings::counted(count, COCO[at].1),
        _ => format!("{count} {}", things(count, class)),
    }
}

/// The name of a class of a class map.
///
/// # Arguments
/// * `class` - its number there; 0 is the background.
pub fn of_map(class: usize) -> &'static str {
    let english = class_map::CLASSES.get(class).copied().unwrap_or_default();
    match (language(), class.checked_sub(1)) {
        (Language::English, _) => english,
        (Language::German, None) => "Hintergrund",
        (Language::German, Some(at)) => class_map::COCO_IDS.get(at).map_or(english, |&id| thing(id)),
    }
}

/// The name of a class of classification + localization.
///
/// # Arguments
/// * `class` - its number there; the last one is none of the others.
pub fn of_location(class: usize) -> &'static str {
    if class + 1 < location::CLASSES.len() {
        return of_map(class + 1); // without the background
    }
    say(location::CLASSES[location::CLASSES.len() - 1], "nichts davon")
}

/// The name of a joint, its side first if it has one.
///
/// # Arguments
/// * `name` - in English.
pub fn joint(name: &'static str) -> &'static str {
    match (language(), JOINT_NAMES.iter().position(|it| *it == name)) {
        (Language::English, _) => name,
        (Language::German, Some(at)) => GERMAN_JOINTS[at],
        (Language::German, None) if name == "neck" => "Hals",
        (Language::German, None) => "Scheitel",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::structures::classes::PERSON;

    use super::*;
    use crate::words::in_language;

    fn german<T>(say: impl FnOnce() -> T) -> T {
        in_language(Language::German, say)
    }

    #[test]
    fn every_category_has_names_of_its_own() {
        let names: BTreeSet<&str> = COCO.iter().map(|it| german(|| thing(it.0))).collect();
        assert_eq!(names.len(), COCO.len());
        for &(id, one, many) in &GERMAN {
            let capital = |name: &str| name.starts_with(char::is_uppercase);
            assert!(capital(one) && capital(many), "{id}: {one}, {many}");
            assert_eq!(german(|| things(1, id)), one);
            assert_eq!(german(|| things(0, id)), many);
        }
        for (english, name) in
            [("horse", "Pferd"), ("sink", "Waschbecken"), ("toothbrush", "Zahnbürste"), ("kite", "Drachen")]
        {
            let id = COCO.iter().find(|it| it.1 == english).map_or(0, |it| it.0);
            assert_eq!((thing(id), german(|| thing(id))), (english, name));
        }
        assert_eq!((thing(12), german(|| thing(12))), ("", ""), "a gap");
    }

    #[test]
    fn things_are_counted_in_each_language() {
        let both = |count, class| (counted(count, class), german(|| counted(count, class)));
        assert_eq!(both(2, 19), ("2 horses".into(), "2 Pferde".into()));
        assert_eq!(both(1, PERSON), ("1 person".into(), "1 Person".into()));
        assert_eq!(both(3, PERSON), ("3 people".into(), "3 Personen".into()));
        assert_eq!(both(0, 82), ("0 refrigerators".into(), "0 Kühlschränke".into()));
        assert_eq!((things(2, 6), german(|| things(2, 6))), ("buses".into(), "Busse".into()));
    }

    #[test]
    fn the_classes_of_pixels_and_of_the_one_box_have_names() {
        for class in 0..class_map::CLASSES.len() {
            assert_eq!(of_map(class), class_map::CLASSES[class]);
            assert!(german(|| of_map(class)).starts_with(char::is_uppercase), "{class}");
        }
        assert_eq!((german(|| of_map(0)), german(|| of_map(8))), ("Hintergrund", "Katze"));
        for class in 0..location::CLASSES.len() {
            assert_eq!(of_location(class), location::CLASSES[class]);
        }
        assert_eq!((german(|| of_location(7)), german(|| of_location(20))), ("Katze", "nichts davon"));
    }

    #[test]
    fn joints_say_their_side_first() {
        for name in JOINT_NAMES.into_iter().chain(["neck", "top of head"]) {
            let said = german(|| joint(name));
            assert_eq!(joint(name), name);
            assert_eq!(name.starts_with("left "), said.starts_with("link"), "{name}: {said}");
            assert_eq!(name.starts_with("right "), said.starts_with("recht"), "{name}: {said}");
        }
        assert_eq!(
            german(|| (joint("neck"), joint("top of head"), joint("left hip"))),
            ("Hals", "Scheitel", "linke Hüfte")
        );
    }
}
