//! The style sheet's colours, for the canvas: the one owner of colour is CSS.

use leptos::prelude::{document, window};

use crate::palette::{COLOURS, colour_of};

/// The values that drawing needs, read from the custom properties of the document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tokens {
    colours: Vec<String>,
    inks: Vec<String>,
    halos: Vec<String>,
    /// Lies over everything but the isolated box.
    pub veil: String,
    /// Shows what the network did not look at.
    pub shadow: String,
    /// The background of a class map, when it stands out.
    pub ground: String,
    /// The font family of labels.
    pub font: String,
}

/// The value of one custom property as it is now; empty if there is none.
#[must_use]
pub fn token(name: &str) -> String {
    let style = document().document_element().and_then(|root| window().get_computed_style(&root).ok().flatten());
    let value = style.and_then(|style| style.get_property_value(name).ok());
    value.unwrap_or_default().trim().to_owned()
}

impl Tokens {
    /// Reads the tokens as they are now; to be read again when the theme changes.
    #[must_use]
    pub fn read() -> Self {
        let style = document().document_element().and_then(|root| window().get_computed_style(&root).ok().flatten());
        let value = |name: &str| {
            style.as_ref().and_then(|style| style.get_property_value(name).ok()).unwrap_or_default().trim().to_owned()
        };
        let each = |prefix: &str| (0..COLOURS).map(|index| value(&format!("{prefix}{index}"))).collect();
        Self {
            colours: each("--class-"),
            inks: each("--class-ink-"),
            halos: each("--class-halo-"),
            veil: value("--veil"),
            shadow: value("--shadow"),
            ground: value("--ground"),
            font: value("--font"),
        }
    }

    /// The colour of a palette slot.
    #[must_use]
    pub fn colour(&self, slot: usize) -> &str {
        self.colours.get(colour_of(slot)).map_or("", String::as_str)
    }

    /// The colour of text on [`Tokens::colour`].
    #[must_use]
    pub fn ink(&self, slot: usize) -> &str {
        self.inks.get(colour_of(slot)).map_or("", String::as_str)
    }

    /// The colour of the thin lines beside an outline of [`Tokens::colour`], which keep it visible on any photo.
    #[must_use]
    pub fn halo(&self, slot: usize) -> &str {
        self.halos.get(colour_of(slot)).map_or("", String::as_str)
    }
}
