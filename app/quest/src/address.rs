//! What the address asks for: `?seed=7&course=cs231n&ask=id,name,survey`.

use leptos::prelude::window;
use model::quest::record::shortened;
use wasm_bindgen::JsValue;

/// The address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Address {
    /// The data set; none is drawn at random.
    pub seed: Option<u32>,
    /// The lecturer's course; empty where there is none.
    pub course: String,
    /// Whether the student id is asked for.
    pub asks_id: bool,
    /// Whether the name is asked for.
    pub asks_name: bool,
    /// Whether the survey is asked for.
    pub asks_survey: bool,
}

impl Address {
    /// Reads the part from the question mark on. What it does not know is left out.
    pub fn parse(search: &str) -> Self {
        let mut address = Self::default();
        for (key, value) in search.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('=')) {
            match key {
                "seed" => address.seed = value.parse().ok(),
                "course" => address.course = shortened(&decoded(value)),
                "ask" => {
                    for word in decoded(value).split(',') {
                        address.asks_id |= word == "id";
                        address.asks_name |= word == "name";
                        address.asks_survey |= word == "survey";
                    }
                }
                _ => {}
            }
        }
        address
    }

    /// The part from the question mark on, with another seed.
    pub fn with_seed(&self, seed: u32) -> String {
        let asks = [(self.asks_id, "id"), (self.asks_name, "name"), (self.asks_survey, "survey")];
        let asks: Vec<_> = asks.into_iter().filter(|(is_asked, _)| *is_asked).map(|(_, word)| word).collect();
        let mut text = format!("?seed={seed}");
        if !self.course.is_empty() {
            text += &format!("&course={}", encoded(&self.course));
        }
        if !asks.is_empty() {
            text += &format!("&ask={}", asks.join(","));
        }
        text
    }

    /// Puts the seed into the address of this page, without loading it again.
    pub fn show_seed(&self, seed: u32) {
        let Ok(history) = window().history() else { return };
        // Refused for pages opened from a file: the address then stays as it is.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&self.with_seed(seed)));
    }
}

/// `%41+b` as `A b`; bytes that are no text are left out.
fn decoded(value: &str) -> String {
    let bytes = value.as_bytes();
    let (mut out, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let hex = bytes.get(at + 1..at + 3).and_then(|it| std::str::from_utf8(it).ok());
        match (bytes[at], hex.and_then(|it| u8::from_str_radix(it, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        at += 1;
    }
    String::from_utf8_lossy(&out).replace('\u{fffd}', "")
}

fn encoded(value: &str) -> String {
    let byte = |it: u8| match it {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(it).to_string(),
        _ => format!("%{it:02X}"),
    };
    value.bytes().map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_comes_back() {
        let address = Address::parse("?seed=7&course=CS%20231n+%C3%A9&ask=id,survey&other=1");
        assert_eq!((address.seed, address.course.as_str()), (Some(7), "CS 231n é"));
        assert_eq!((address.asks_id, address.asks_name, address.asks_survey), (true, false, true));
        assert_eq!(Address::parse(&address.with_seed(7)), address);
    }

    #[test]
    fn nonsense_is_left_out() {
        for search in ["", "?", "?seed=minus", "?seed=-1", "?seed=99999999999", "?&&=", "?ask=", "?course=%"] {
            let address = Address::parse(search);
            assert_eq!((address.seed, address.asks_id), (None, false), "{search}");
        }
        assert!(Address::parse(&format!("?course={}", "a".repeat(9000))).course.len() < 100);
    }
}
