//! What a player is told about a data set.

use serde::{Deserialize, Serialize};

use super::architecture::Input;

/// How the examples of a data set come about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// Vectors: several normal clusters a class.
    Clusters,
    /// Vectors: labelled by a random network.
    RandomNetwork,
    /// Vectors: spheres within each other.
    Shells,
    /// Vectors: the arms of a spiral.
    Spirals,
    /// Vectors: which of several directions have the same sign.
    Signs,
    /// Pictures: geometric shapes.
    Shapes,
    /// Pictures: stripes, checks and dots.
    Textures,
    /// Pictures: characters of an alphabet that was drawn for this game.
    Glyphs,
    /// Pictures: handwritten digits.
    Digits,
    /// Pictures: patches of a photo, labelled by its class map.
    Patches,
}

impl Family {
    /// All that a seed draws.
    pub const ALL: [Self; 9] = [
        Self::Clusters,
        Self::RandomNetwork,
        Self::Shells,
        Self::Spirals,
        Self::Signs,
        Self::Shapes,
        Self::Textures,
        Self::Glyphs,
        Self::Digits,
    ];

    /// Its name for players.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Clusters => "clusters",
            Self::RandomNetwork => "random network",
            Self::Shells => "shells",
            Self::Spirals => "spirals",
            Self::Signs => "signs",
            Self::Shapes => "shapes",
            Self::Textures => "textures",
            Self::Glyphs => "glyphs",
            Self::Digits => "digits",
            Self::Patches => "patches of a photo",
        }
    }
}

/// The statistics of a data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// How its examples come about.
    pub family: Family,
    /// What an example is.
    pub input: Input,
    /// Classes, at most ten.
    pub classes: usize,
    /// Examples to train on.
    pub training: usize,
    /// Examples to measure on.
    pub validation: usize,
}

impl Statistics {
    /// "3 x 32 x 32", "24".
    #[must_use]
    pub fn input_size(&self) -> String {
        match self.input {
            Input::Vector { dimensions } => dimensions.to_string(),
            Input::Image { side, channels } => format!("{channels} × {side} × {side}"),
        }
    }
}
