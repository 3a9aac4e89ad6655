use super::*;
use crate::structures::boxes::BBox;

#[rustfmt::skip]
const WORDS: [&str; 15] = [
    "(end)", "(rare)", "a", "two", "dog", "dogs", "man", "red", "blue", "grass", "the", "horse", "running", "standing", "haired",
];

fn chances(likely: &[(&str, f32)]) -> Vec<f32> {
    WORDS.map(|word| likely.iter().find(|it| it.0 == word).map_or(0.001, |it| it.1)).to_vec()
}

fn thing(class: u16, group_of: u16, count: usize, must: bool) -> Thing {
    let nouns = crate::structures::nouns::Nouns::of_coco();
    let group = nouns.name(group_of).expect("a category").group;
    let boxes = vec![BBox::new(0.0, 0.0, 10.0, 10.0); count];
    Thing { class, group, detections: (0..count).collect(), sure: count, least: count, must, boxes }
}

fn texts(said: &[&str], grounding: Option<&Grounding>, used: &[usize], likely: &[(&str, f32)]) -> Vec<(String, f32)> {
    let words = WORDS.map(str::to_owned);
    let lexicon = Lexicon::of(&words);
    let (after_noun, chances) = (false, &chances(likely));
    let prefix = Prefix { words: &words, lexicon: &lexicon, said, grounding, used, after_noun, chances };
    prefix.choices(3).into_iter().map(|it| (it.text, it.probability)).collect()
}

#[test]
fn without_detections_anything_is_said() {
    let found = texts(&["a"], None, &[], &[("dog", 0.5), ("man", 0.3)]);
    assert_eq!((found[0].0.as_str(), found[1].0.as_str(), found.len()), ("dog", "man", 3));
}

#[test]
fn like_nouns_give_way_to_what_is_there() {
    let giraffes = Grounding { things: vec![thing(25, 25, 2, true)], first: None };
    let found = texts(&["two"], Some(&giraffes), &[0], &[("dogs", 0.5), ("man", 0.3)]);
    assert_eq!(found[0].0, "giraffes");
    assert!((found[0].1 - 0.5).abs() < 0.01, "{found:?}");
    assert!(found.iter().all(|it| it.0 != "dogs" && it.0 != "man"), "{found:?}");
    // One of two is none.
    let found = texts(&["a"], Some(&giraffes), &[0], &[("dog", 0.5)]);
    assert!(found.iter().all(|it| !it.0.contains("giraffe")), "{found:?}");
    // What the language model would never say still gets a part of what it gives to nouns.
    let found =
        texts(&["two"], Some(&Grounding { things: vec![thing(75, 75, 2, true)], first: None }), &[0], &[("dogs", 0.5)]);
    assert_eq!(found.iter().find(|it| it.0 == "remotes").map(|it| (it.1 * 10.0).round()), Some(1.0), "{found:?}");
}

#[test]
fn a_region_names_itself_first_and_only_once() {
    let dog = Grounding { things: vec![thing(18, 18, 1, true), thing(1, 1, 1, false)], first: Some(18) };
    let found = texts(&["a"], Some(&dog), &[0, 0], &[("(end)", 0.5), ("man", 0.4), ("dog", 0.1)]);
    assert_eq!(found[0].0, "dog");
    assert!(found.iter().all(|it| !it.0.is_empty() && it.0 != "man"), "{found:?}");
    let found = texts(&["a", "dog", "and", "a"], Some(&dog), &[1, 0], &[("man", 0.4), ("dog", 0.5)]);
    assert_eq!(found[0].0, "man", "{found:?}");
    let found = texts(&["a", "dog", "and", "the"], Some(&dog), &[1, 0], &[("dog", 0.5)]);
    assert_eq!(found[0].0, "dog", "it was named before");
    let words = WORDS.map(str::to_owned);
    let (lexicon, chances) = (Lexicon::of(&words), chances(&[("grass", 0.6), ("(end)", 0.01)]));
    let named = Prefix {
        words: &words,
        lexicon: &lexicon,
        said: &["a", "dog"],
        grounding: Some(&dog),
        used: &[1, 0],
        after_noun: true,
        chances: &chances,
    };
    let said: Vec<String> = named.choices(3).into_iter().map(|it| it.text).collect();
    assert_eq!(said, [""], "what follows is not the region's");
    // In a large vocabulary the end is not among the likeliest words.
    let words: Vec<String> = WORDS.iter().map(|&it| it.to_owned()).chain((0..50).map(|i| format!("word{i}"))).collect();
    let chances: Vec<f32> = (0..words.len()).map(|i| if i == 0 { 0.0001 } else { 0.01 }).collect();
    let said: Vec<String> =
        Prefix { words: &words, chances: &chances, ..named }.choices(3).into_iter().map(|it| it.text).collect();
    assert_eq!(said, [""]);
}

#[test]
fn what_takes_a_body_is_said_of_bodies() {
    let said = |word: &str, class: u16, likely: &[(&str, f32)]| {
        let seen = Grounding { things: vec![thing(class, class, 1, true)], first: None };
        texts(&["a", word, "is"], Some(&seen), &[1], likely).into_iter().map(|it| it.0).collect::<Vec<_>>()
    };
    let likely = [("running", 0.6), ("standing", 0.3)];
    assert_eq!(said("dog", 18, &likely)[0], "running");
    assert_eq!(said("train", 7, &likely)[0], "standing");
    assert!(said("train", 7, &likely).iter().all(|it| it != "running"));
    let young = |class| said("small", class, &[("haired", 0.6)]).contains(&"haired".to_owned());
    assert!(young(PERSON) && !young(18));
}

#[test]
fn not_everything_is_worn_and_nothing_is_on_its_like() {
    let nouns = |said: &[&str], class: u16, used: usize| {
        let seen = Grounding { things: vec![thing(1, 1, 1, true), thing(class, class, 1 + used, true)], first: None };
        let found = texts(said, Some(&seen), &[1, used], &[]);
        found.into_iter().any(|it| it.0 == crate::structures::nouns::Nouns::of_coco().name(class).unwrap().singular)
    };
    let (tie, bat, dog) = (32, 39, 18);
    assert!(nouns(&["a", "man", "wearing", "a"], tie, 0) && !nouns(&["a", "man", "wearing", "a"], bat, 0));
    assert!(!nouns(&["a", "dog", "on", "a"], dog, 1) && nouns(&["a", "dog", "and", "a"], dog, 1));
}

#[test]
fn colours_are_said_where_they_are_sure() {
    let nothing = Grounding::default();
    let found = texts(&["a"], Some(&nothing), &[], &[("red", 0.4), ("blue", 0.2)]);
    assert!(found.iter().any(|it| it.0 == "red") && found.iter().all(|it| it.0 != "blue"), "{found:?}");
    let found = texts(&["a"], Some(&nothing), &[], &[("red", 0.1), ("blue", 0.31)]);
    assert!(found.iter().any(|it| it.0 == "blue"), "{found:?}");
}

#[test]
fn the_likeliest_words_come_first_and_the_rare_one_never() {
    assert_eq!(likeliest(&[0.1, 0.5, 0.05, 0.3], 2), [3, 0]);
    assert_eq!(likeliest(&[0.1, 0.9], 5), [0]);
}
