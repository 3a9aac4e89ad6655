//! What is set in a figure, as words of the page's address: `set=view:overlap,kernel:3,map:0.1;0.9`.

use std::time::Duration;

use leptos::prelude::*;
use model::structures::boxes::BBox;

use crate::state::use_view;

/// Milliseconds without a change before the address is written: browsers refuse to write it at each step of a drag.
const REST_MS: u64 = 250;

/// Settings as pairs of a name and a value, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words(Vec<(String, String)>);

impl Words {
    /// Reads what [`Words::text`] wrote; what is no pair is left out.
    pub fn parse(text: &str) -> Self {
        let pairs = text.split(',').filter_map(|pair| pair.split_once(':'));
        Self(pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }

    /// The value of a name; the last one counts.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|pair| pair.0 == name).map(|pair| pair.1.as_str())
    }

    /// A finite number within limits; a number outside becomes the nearest one inside.
    pub fn number(&self, name: &str, (least, largest): (f64, f64)) -> Option<f64> {
        let value = self.get(name)?.parse::<f64>().ok().filter(|it| it.is_finite())?;
        Some(value.clamp(least, largest))
    }

    /// Numbers apart by semicolons, all finite.
    pub fn numbers(&self, name: &str) -> Option<Vec<f64>> {
        let numbers = self.get(name)?.split(';').map(|it| it.parse::<f64>().ok().filter(|it| it.is_finite()));
        numbers.collect()
    }

    /// A box in fractions of the photo, its corners in order and inside it.
    pub fn bbox(&self, name: &str) -> Option<BBox> {
        let inside = |it: f64| it.clamp(0.0, 1.0) as f32;
        match self.numbers(name).as_deref() {
            Some(&[x0, y0, x1, y1]) if x0 < x1 && y0 < y1 => {
                Some(BBox::new(inside(x0), inside(y0), inside(x1), inside(y1)))
            }
            _ => None,
        }
    }

    /// Adds a pair, unless the value is the usual one.
    pub fn push(&mut self, name: &str, value: impl ToString, usual: impl ToString) {
        let value = value.to_string();
        if value != usual.to_string() {
            self.0.push((name.to_owned(), value));
        }
    }

    /// As the address has them.
    pub fn text(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}:{value}")).collect::<Vec<_>>().join(",")
    }
}

/// Numbers with at most three decimals, apart by semicolons.
pub fn list(numbers: &[f64]) -> String {
    numbers.iter().map(|&it| short(it)).collect::<Vec<_>>().join(";")
}

/// A box's edges, as [`Words::bbox`] reads them.
pub fn corners(bbox: &BBox) -> String {
    list(&[bbox.x0, bbox.y0, bbox.x1, bbox.y1].map(f64::from))
}

/// A number with at most three decimals.
pub fn short(number: f64) -> String {
    let text = format!("{number:.3}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.to_owned() }
}

/// Settings that live in the address: read from it once, and written to it when they have rested.
///
/// # Arguments
/// * `read` - makes the settings from the address's words.
/// * `write` - the other way.
pub fn kept<T: Clone + PartialEq + Send + Sync + 'static>(
    read: fn(&Words) -> T,
    write: fn(&T) -> Words,
) -> RwSignal<T> {
    let view = use_view();
    let settings = RwSignal::new(read(&Words::parse(&view.figure_set.get_untracked())));
    let figure = view.figure.get_untracked();
    let mut put = debounce(Duration::from_millis(REST_MS), move |text: String| {
        // The figure may have been left since.
        if view.figure.try_get_untracked() == Some(figure.clone()) && view.figure_set.get_untracked() != text {
            view.figure_set.set(text);
        }
    });
    Effect::new(move |_| put(settings.with(|it| write(it).text())));
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_they_were_written() {
        let mut words = Words::default();
        words.push("view", "overlap", "ways");
        words.push("stride", 2, 2);
        words.push("map", list(&[0.5, -0.0001, 1.0 / 3.0]), "");
        assert_eq!(words.text(), "view:overlap,map:0.5;0;0.333");
        assert_eq!(Words::parse(&words.text()), words);
        assert_eq!(words.numbers("map"), Some(vec![0.5, 0.0, 0.333]));
        assert_eq!((words.get("stride"), words.number("view", (0.0, 1.0))), (None, None));
        let odd = Words::parse("a:1e9,b:NaN,,c,d:1;x,a:7");
        assert_eq!(
            (odd.number("a", (0.0, 5.0)), odd.number("b", (0.0, 5.0)), odd.numbers("d")),
            (Some(5.0), None, None)
        );
    }
}
