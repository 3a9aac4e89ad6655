//! What the page and the worker of a game say to each other.

use serde::{Deserialize, Serialize};

use crate::quest::{
    board::Baseline,
    photo::LabelledPhoto,
    record::{Decision, Game, Outcome},
    statistics::Statistics,
};

/// What the page asks of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Request {
    /// Keeps a photo, for the data set that has its fingerprint as its number.
    Photo {
        /// With its class map.
        photo: LabelledPhoto,
    },
    /// Makes the data set of a seed. What was under way for another one ends.
    Open {
        /// The seed.
        seed: u32,
    },
    /// Plays the steps of a game, so that it can go on where it stood.
    Resume {
        /// The game.
        game: Box<Game>,
    },
    /// Takes a decision.
    Decide {
        /// Which.
        decision: Decision,
    },
    /// Gives up the epoch under way.
    GiveUp,
    /// Trains the baselines of the data set, as long as nothing else is to do.
    Baselines,
    /// Plays a recorded game again and compares, as long as nothing else is to do.
    Check {
        /// The game.
        game: Box<Game>,
    },
}

/// What the worker answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Reply {
    /// The data set is there.
    Opened {
        /// Its seed.
        seed: u32,
        /// What a player is told.
        statistics: Statistics,
        /// Examples of each class.
        samples: Vec<Vec<Sample>>,
        /// The names of the classes; none where they have only numbers.
        names: Vec<String>,
        /// Multiply-adds of training a second, measured.
        speed: f64,
    },
    /// The data set cannot be made.
    NoData {
        /// Its seed.
        seed: u32,
        /// Why.
        why: String,
    },
    /// An epoch under way, or steps that are played again.
    Progress {
        /// The share that is done.
        share: f32,
        /// Loss and accuracy on the way.
        course: Vec<[f32; 2]>,
    },
    /// A decision is done.
    Done {
        /// What came of it.
        outcome: Outcome,
    },
    /// A decision was not possible.
    Refused {
        /// Why.
        why: String,
    },
    /// The epoch under way was given up.
    GivenUp,
    /// The game can go on.
    Resumed {
        /// Steps whose numbers were the recorded ones.
        steps: usize,
    },
    /// A baseline is trained.
    Baseline {
        /// The data set's seed.
        seed: u32,
        /// What it reaches.
        baseline: Baseline,
        /// Whether it is the last one.
        is_last: bool,
    },
    /// A recorded game is being played again.
    Checking {
        /// Which.
        game: String,
        /// Steps that were played.
        steps: usize,
        /// How many there are.
        of: usize,
    },
    /// A recorded game was played again.
    Checked {
        /// Which.
        game: String,
        /// What was found.
        verdict: Verdict,
    },
    /// The worker cannot go on.
    Failed {
        /// What happened, for the console.
        detail: String,
    },
}

/// An example to look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Sample {
    /// A vector.
    Vector {
        /// Its numbers.
        values: Vec<f32>,
    },
    /// A picture.
    Picture {
        /// Lines from the top, channels interleaved.
        #[serde(with = "serde_bytes")]
        pixels: Vec<u8>,
    },
}

/// What playing a recorded game again found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Verdict {
    /// Every number is what training gives, bit for bit.
    Same,
    /// The seed makes another data set.
    OtherData,
    /// The data set was cut from a photo that is not here.
    NoPhoto,
    /// A step of the game, from 0, has other numbers.
    Differs {
        /// Which.
        step: usize,
    },
    /// The game breaks the rules.
    Rules,
}
