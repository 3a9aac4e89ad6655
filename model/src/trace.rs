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
