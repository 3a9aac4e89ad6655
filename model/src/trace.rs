//! What a system did: typed stages with their milliseconds. The page draws these and runs nothing again.

use serde::{Deserialize, Serialize};

/// One stage of a system, with what it produced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// What the stage is called in the field, e.g. "backbone" or "suppression".
    pub name: String,
    /// Wall-clock milliseconds, reads from the device included.
    pub ms: f64,
}

/// A network's layer, timed alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerTime {
    /// What it is called among the weights, e.g. `backbone.blocks.3.expand`.
    pub name: String,
    /// Its kind in words, with the stride: "1x1", "depthwise 3x3 /2".
    pub kind: String,
    /// `[batch, height, width, channels]`.
    pub input: [usize; 4],
    /// `[batch, height, width, channels]`.
    pub output: [usize; 4],
    /// Multiply-adds of one run (windows that hang over an edge are counted in full).
    pub multiply_adds: f64,
    /// Milliseconds of one run, the median.
    pub ms: f64,
}

/// A network's layers with their times, and what the device can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayerTable {
    /// In the order in which they run.
    pub layers: Vec<LayerTime>,
    /// Multiply-adds a second of a plain matrix product, in billions.
    pub peak: f64,
}

/// The stages of one run, in order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// The stages so far.
    pub stages: Vec<Stage>,
}

impl Trace {
    /// Notes a finished stage.
    pub fn push(&mut self, name: impl Into<String>, ms: f64) {
        self.stages.push(Stage { name: name.into(), ms });
    }

    /// The sum of the stages, in milliseconds.
    #[must_use]
    pub fn total_ms(&self) -> f64 {
        self.stages.iter().map(|stage| stage.ms).sum()
    }
}
