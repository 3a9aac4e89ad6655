//! Where a network's time goes, layer by layer.

use serde::{Deserialize, Serialize};

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
