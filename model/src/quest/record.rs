//! A game as it is kept, exported and imported.
//!
//! The file is JSON: `{"format": "lookout-quest", "version": 1, "games": [...]}`, each game with its seed, what the data set
//! is, who played it, and its steps: a decision with what came of it. Numbers of an outcome are 32-bit floats, written so
//! that they are read back bit for bit; a loss that is not finite is `null`. A game can be played again from its seed and
//! its decisions alone, which is how a changed file is found out.

use serde::{Deserialize, Serialize};

use super::{
    architecture::Growth,
    settings::Settings,
    statistics::Statistics,
    tree::{GameError, Tree},
};

/// What `format` says in a file.
pub const FORMAT: &str = "lookout-quest";
/// The newest version of the file that this program reads and writes.
pub const VERSION: u32 = 1;
/// Characters that are kept of a name or a student id.
pub const MAX_NAME: usize = 60;
/// Bytes of the largest file that is read.
pub const MAX_FILE: usize = 64 << 20;

/// A file of games.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct File {
    /// [`FORMAT`].
    pub format: String,
    /// Of the file.
    pub version: u32,
    /// The games, oldest first.
    pub games: Vec<Game>,
}

/// Who plays. Stays in the browser and in files that the player saves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Player {
    /// A student id; may be empty.
    #[serde(default)]
    pub id: String,
    /// A name; may be empty.
    #[serde(default)]
    pub name: String,
    /// The course of the lecturer's link; may be empty.
    #[serde(default)]
    pub course: String,
    /// Answers to the survey: question and answer.
    #[serde(default)]
    pub survey: Vec<(String, String)>,
}

/// One game.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Game {
    /// Tells games apart; drawn when the game begins.
    pub id: String,
    /// The data set's.
    pub seed: u32,
    /// The data set.
    pub statistics: Statistics,
    /// When it began: milliseconds since 1970.
    pub started: f64,
    /// Who played it.
    #[serde(default)]
    pub player: Player,
    /// What happened.
    pub steps: Vec<Step>,
}

/// A decision and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Milliseconds since the game began.
    pub at: f64,
    /// What the player did.
    pub decision: Decision,
    /// What came of it.
    pub outcome: Outcome,
}

/// What a player can do.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "do")]
pub enum Decision {
    /// Chooses the first network. Makes checkpoint 0.
    Start {
        /// Hidden layers.
        layers: usize,
        /// Units or channels of each.
        width: usize,
    },
    /// Trains for an epoch. Makes a checkpoint.
    Train {
        /// The settings of the epoch.
        settings: Settings,
    },
    /// Goes back to a checkpoint.
    Revert {
        /// Its number.
        to: usize,
    },
    /// Grows the network. Makes a checkpoint.
    Grow {
        /// How.
        growth: Growth,
    },
    /// Ends the game.
    Stop,
}

/// What came of a decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "was")]
pub enum Outcome {
    /// The network is there.
    Started {
        /// Its parameters.
        parameters: usize,
    },
    /// An epoch.
    Trained(Epoch),
    /// The checkpoint is back.
    Reverted,
    /// The network has grown.
    Grown(Grown),
    /// The game is over.
    Stopped {
        /// The validation accuracy of the last checkpoint.
        accuracy: f32,
    },
}

/// What an epoch led to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Epoch {
    /// Cross-entropy in nats over training examples, as many as there are validation examples; none when it is not finite.
    pub training_loss: Option<f32>,
    /// Share of right answers over the same.
    pub training_accuracy: f32,
    /// Cross-entropy over the validation examples.
    pub validation_loss: Option<f32>,
    /// Share of right answers over the validation examples.
    pub validation_accuracy: f32,
    /// Whether the loss stopped being a number; the epoch ended there.
    pub exploded: bool,
    /// Loss and accuracy of groups of steps on the way, with dropout.
    pub course: Vec<[f32; 2]>,
    /// How long it took, in seconds; not part of what a replay compares.
    pub seconds: f32,
}

impl Epoch {
    /// Whether a replay arrived at the same: all but the time.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Self { seconds: 0.0, ..self.clone() } == Self { seconds: 0.0, ..other.clone() }
    }
}

/// What a growth led to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Grown {
    /// Parameters of the larger network.
    pub parameters: usize,
    /// The largest difference of the scores on the held examples.
    pub difference: f32,
    /// The scores on eight held examples before, an example each.
    pub before: Vec<Vec<f32>>,
    /// The scores after.
    pub after: Vec<Vec<f32>>,
    /// The rule with this network's numbers.
    pub rule: Rule,
}

/// How the network grew, with numbers of one unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Rule {
    /// A unit was copied.
    Copied {
        /// The unit, from 0.
        unit: usize,
        /// Its copy.
        copy: usize,
        /// One outgoing weight before.
        before: f32,
        /// What the unit and its copies have of it now; their sum is `before`.
        after: Vec<f32>,
    },
    /// A layer that begins as the identity.
    Identity {
        /// Units of the layer.
        units: usize,
    },
}

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// It is too large.
    #[error("the file is larger than {} MB", MAX_FILE >> 20)]
    TooLarge,
    /// It is something else.
    #[error("this is not a file of HyperQuest games")]
    Other,
    /// It was written by a newer program.
    #[error("the file is of version {0}; this page reads up to version {VERSION}: reload it, or use a newer one")]
    Newer(u32),
    /// It is broken.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// A game in it breaks the rules.
    #[error("game {id}: {error}")]
    Rules {
        /// Which game.
        id: String,
        /// Which rule.
        error: GameError,
    },
}

impl File {
    /// A file of these games.
    #[must_use]
    pub fn of(games: Vec<Game>) -> Self {
        Self { format: FORMAT.to_owned(), version: VERSION, games }
    }

    /// Reads a file and checks that its games follow the rules. Names are cut to [`MAX_NAME`] characters.
    ///
    /// # Errors
    /// When it is no such file, too new, or damaged.
    pub fn read(text: &str) -> Result<Self, FileError> {
        if text.len() > MAX_FILE {
            return Err(FileError::TooLarge);
        }
        let value: serde_json::Value = serde_json::from_str(text).map_err(|_| FileError::Other)?;
        if value.get("format").and_then(serde_json::Value::as_str) != Some(FORMAT) {
            return Err(FileError::Other);
        }
        // A newer file may have fields that this program cannot read.
        match value.get("version").and_then(serde_json::Value::as_u64) {
            Some(version) if version > u64::from(VERSION) => {
                return Err(FileError::Newer(u32::try_from(version).unwrap_or(u32::MAX)));
            }
            Some(1..) => {}
            _ => return Err(FileError::Damaged("it says no version".into())),
        }
        let mut file: Self = serde_json::from_value(value).map_err(|error| FileError::Damaged(error.to_string()))?;
        for game in &mut file.games {
            game.check().map_err(|error| FileError::Rules { id: shortened(&game.id), error })?;
            game.id = shortened(&game.id);
            game.player.shorten();
        }
        Ok(file)
    }

    /// The file's text.
    ///
    /// # Panics
    /// Never: plain data always serialises.
    #[must_use]
    pub fn write(&self) -> String {
        serde_json::to_string(self).expect("plain data serialises")
    }
}

impl Player {
    /// Cuts what is too long.
    pub fn shorten(&mut self) {
        for text in [&mut self.id, &mut self.name, &mut self.course] {
            *text = shortened(text);
        }
        self.survey.truncate(20);
        for (question, answer) in &mut self.survey {
            *question = shortened(question);
            *answer = shortened(answer);
        }
    }
}

/// The first [`MAX_NAME`] characters, without control characters.
#[must_use]
pub fn shortened(text: &str) -> String {
    text.trim().chars().filter(|it| !it.is_control()).take(MAX_NAME).collect()
}

impl Game {
    /// Whether the steps follow the rules.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self) -> Result<Tree, GameError> {
        Tree::of(self)
    }

    /// The validation accuracy that counts: that of the last checkpoint, once the game is over.
    #[must_use]
    pub fn score(&self) -> Option<f32> {
        match self.steps.last() {
            Some(Step { outcome: Outcome::Stopped { accuracy }, .. }) => Some(*accuracy),
            _ => None,
        }
    }

    /// Epochs that were trained, discarded ones too.
    #[must_use]
    pub fn epochs(&self) -> usize {
        self.steps.iter().filter(|step| matches!(step.decision, Decision::Train { .. })).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quest::tree::tests::game;

    #[test]
    fn a_file_comes_back_bit_for_bit() {
        let mut game = game();
        if let Outcome::Trained(epoch) = &mut game.steps[1].outcome {
            epoch.validation_accuracy = f32::from_bits(0x3f0f_1234);
            epoch.course.push([1.0e-7 / 3.0, 0.1]);
        }
        let file = File::of(vec![game]);
        assert_eq!(File::read(&file.write()).expect("what was written is read"), file);
    }

    #[test]
    fn other_files_say_what_is_wrong() {
        for text in ["", "{}", "[1]", "{\"format\": \"coco\"}", "PNG"] {
            assert!(matches!(File::read(text), Err(FileError::Other)), "{text}");
        }
        let newer = r#"{"format": "lookout-quest", "version": 7, "games": "in another way"}"#;
        assert!(matches!(File::read(newer), Err(FileError::Newer(7))));
        let damaged = r#"{"format": "lookout-quest", "version": 1, "games": [{"id": 3}]}"#;
        assert!(matches!(File::read(damaged), Err(FileError::Damaged(_))));
        let mut game = game();
        game.steps.swap(0, 1);
        assert!(matches!(File::read(&File::of(vec![game]).write()), Err(FileError::Rules { .. })));
    }

    #[test]
    fn long_names_are_cut() {
        let mut game = game();
        game.player.name = "é".repeat(10_000);
        let file = File::read(&File::of(vec![game]).write()).expect("the name alone is long");
        assert_eq!(file.games[0].player.name.chars().count(), MAX_NAME);
    }
}
