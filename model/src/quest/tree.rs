//! The checkpoints of a game: a tree, since a player may go back and take another way.

use super::{
    architecture::{Architecture, Growth, ShapeError},
    record::{Decision, Epoch, Game, Outcome},
    settings::{SettingError, Settings},
    statistics::Statistics,
};

/// A checkpoint.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The checkpoint before it; none for the first.
    pub parent: Option<usize>,
    /// The step of the game that made it.
    pub step: usize,
    /// Epochs on the way from the first checkpoint.
    pub epoch: usize,
    /// The network's shape.
    pub architecture: Architecture,
    /// Whether the loss had stopped being a number.
    pub exploded: bool,
}

/// Why a decision is not possible.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum GameError {
    /// There is no network yet.
    #[error("the network is chosen first")]
    NotStarted,
    /// There is a network already.
    #[error("the first network is chosen once")]
    Started,
    /// The game is over.
    #[error("the game is over")]
    Over,
    /// The current checkpoint is of no use.
    #[error("the weights are not numbers any more: go back to an earlier checkpoint")]
    Exploded,
    /// There is no such checkpoint.
    #[error("there is no checkpoint {0}")]
    NoCheckpoint(usize),
    /// Too many epochs.
    #[error("a game has at most {} epochs", Tree::MAX_EPOCHS)]
    TooLong,
    /// The network cannot have this shape.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The settings are not on offer.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// The outcome is not one of this decision.
    #[error("step {0} has the outcome of another decision")]
    Outcome(usize),
    /// Parameters of a network that does not have so many.
    #[error("step {0} says a wrong number")]
    Number(usize),
}

/// The checkpoints and where the game stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Tree {
    statistics: Statistics,
    /// In the order in which they were made: the index is the number of the checkpoint.
    pub nodes: Vec<Node>,
    /// The current checkpoint; none before the first.
    pub current: Option<usize>,
    /// Whether the game is over.
    pub is_over: bool,
    steps: usize,
    epochs: usize,
}

impl Tree {
    /// The most epochs of a game, discarded ones too.
    pub const MAX_EPOCHS: usize = 200;

    /// Before the first decision.
    #[must_use]
    pub const fn new(statistics: Statistics) -> Self {
        Self { statistics, nodes: Vec::new(), current: None, is_over: false, steps: 0, epochs: 0 }
    }

    /// After the steps of a game.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn of(game: &Game) -> Result<Self, GameError> {
        let mut tree = Self::new(game.statistics);
        for step in &game.steps {
            tree.take(&step.decision, &step.outcome)?;
        }
        Ok(tree)
    }

    /// The current checkpoint.
    #[must_use]
    pub fn node(&self) -> Option<&Node> {
        self.current.and_then(|current| self.nodes.get(current))
    }

    /// The network that a decision leads to.
    ///
    /// # Errors
    /// When the decision is not possible now.
    pub fn allows(&self, decision: &Decision) -> Result<Option<Architecture>, GameError> {
        if self.is_over {
            return Err(GameError::Over);
        }
        if let Decision::Start { layers, width } = *decision {
            let Statistics { input, classes, .. } = self.statistics;
            let architecture = Architecture::uniform(input, classes, layers, width)?;
            return if self.nodes.is_empty() { Ok(Some(architecture)) } else { Err(GameError::Started) };
        }
        let node = self.node().ok_or(GameError::NotStarted)?;
        match *decision {
            Decision::Train { .. } | Decision::Grow { .. } if node.exploded => Err(GameError::Exploded),
            Decision::Train { .. } if self.epochs >= Self::MAX_EPOCHS => Err(GameError::TooLong),
            Decision::Train { settings } => {
                settings.check()?;
                Ok(Some(node.architecture.clone()))
            }
            Decision::Grow { growth } => Ok(Some(node.architecture.grown(growth)?)),
            Decision::Revert { to } if to >= self.nodes.len() => Err(GameError::NoCheckpoint(to)),
            Decision::Revert { .. } | Decision::Start { .. } | Decision::Stop => Ok(None),
        }
    }

    /// Takes a decision with its outcome.
    ///
    /// # Errors
    /// When the decision is not possible now, or the outcome is not one of it.
    pub fn take(&mut self, decision: &Decision, outcome: &Outcome) -> Result<(), GameError> {
        let architecture = self.allows(decision)?;
        let exploded = match (decision, outcome) {
            (Decision::Train { .. }, Outcome::Trained(epoch)) => epoch.exploded,
            (Decision::Start { .. }, Outcome::Started { parameters }) => {
                self.has(*parameters, architecture.as_ref())?
            }
            (Decision::Grow { .. }, Outcome::Grown(grown)) => self.has(grown.parameters, architecture.as_ref())?,
            (Decision::Revert { .. }, Outcome::Reverted) | (Decision::Stop, Outcome::Stopped { .. }) => false,
            _ => return Err(GameError::Outcome(self.steps)),
        };
        let trained = usize::from(matches!(decision, Decision::Train { .. }));
        if let Some(architecture) = architecture {
            let epoch = self.node().map_or(0, |node| node.epoch) + trained;
            self.nodes.push(Node { parent: self.current, step: self.steps, epoch, architecture, exploded });
            self.current = Some(self.nodes.len() - 1);
        }
        match decision {
            Decision::Revert { to } => self.current = Some(*to),
            Decision::Stop => self.is_over = true,
            _ => {}
        }
        self.epochs += trained;
        self.steps += 1;
        Ok(())
    }

    fn has(&self, parameters: usize, architecture: Option<&Architecture>) -> Result<bool, GameError> {
        let is_right = architecture.is_some_and(|it| it.parameters() == parameters);
        if is_right { Ok(false) } else { Err(GameError::Number(self.steps)) }
    }

    /// The checkpoints from the first to this one.
    #[must_use]
    pub fn path(&self, to: Option<usize>) -> Vec<usize> {
        let parent = |node: &usize| self.nodes.get(*node).and_then(|node| node.parent);
        let mut path: Vec<usize> = std::iter::successors(to, parent).collect();
        path.reverse();
        path
    }
}

/// The epoch that made a checkpoint, with its settings; none for another step.
#[must_use]
pub fn epoch_of<'a>(game: &'a Game, node: &Node) -> Option<(&'a Settings, &'a Epoch)> {
    let step = game.steps.get(node.step)?;
    match (&step.decision, &step.outcome) {
        (Decision::Train { settings }, Outcome::Trained(epoch)) => Some((settings, epoch)),
        _ => None,
    }
}

/// The growth that made a checkpoint; none for another step.
#[must_use]
pub fn growth_of(game: &Game, node: &Node) -> Option<Growth> {
    match game.steps.get(node.step)?.decision {
        Decision::Grow { growth } => Some(growth),
        _ => None,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::quest::{
        architecture::Input,
        record::{Player, Step},
        statistics::Family,
    };

    /// A game of three epochs, one of them discarded.
    pub fn game() -> Game {
        let input = Input::Vector { dimensions: 12 };
        let statistics = Statistics { family: Family::Clusters, input, classes: 4, training: 4000, validation: 1200 };
        let train = Decision::Train { settings: Settings::default() };
        let epoch = |accuracy| {
            Outcome::Trained(Epoch {
                training_loss: Some(0.5),
                validation_loss: Some(0.7),
                validation_accuracy: accuracy,
                ..Epoch::default()
            })
        };
        let exploded = Outcome::Trained(Epoch { exploded: true, ..Epoch::default() });
        let parameters = 13 * 8 + 9 * 8 + 9 * 4;
        let steps = [
            (Decision::Start { layers: 2, width: 8 }, Outcome::Started { parameters }),
            (train, epoch(0.5)),
            (train, exploded),
            (Decision::Revert { to: 1 }, Outcome::Reverted),
            (train, epoch(0.6)),
            (Decision::Stop, Outcome::Stopped { accuracy: 0.6 }),
        ];
        let step = |(at, (decision, outcome))| Step { at, decision, outcome };
        let times = (0..).map(|second| f64::from(second) * 1000.0);
        Game {
            id: "g1".into(),
            seed: 7,
            statistics,
            started: 1.0,
            player: Player::default(),
            steps: times.zip(steps).map(step).collect(),
        }
    }

    #[test]
    fn going_back_leaves_a_branch() {
        let game = game();
        let tree = Tree::of(&game).expect("it follows the rules");
        assert_eq!(tree.nodes.iter().map(|node| node.parent).collect::<Vec<_>>(), [None, Some(0), Some(1), Some(1)]);
        assert_eq!(tree.path(tree.current), [0, 1, 3]);
        assert_eq!(tree.nodes[3].epoch, 2);
        assert!(tree.is_over && game.epochs() == 3);
        assert_eq!(game.score(), Some(0.6));
    }

    #[test]
    fn rules_are_kept() {
        let game = game();
        let train = Decision::Train { settings: Settings::default() };
        let mut tree = Tree::new(game.statistics);
        assert_eq!(tree.allows(&train), Err(GameError::NotStarted));
        for step in &game.steps[..3] {
            tree.take(&step.decision, &step.outcome).expect("it is a game");
        }
        assert_eq!(tree.allows(&train), Err(GameError::Exploded));
        assert_eq!(tree.allows(&Decision::Revert { to: 9 }), Err(GameError::NoCheckpoint(9)));
        assert_eq!(tree.allows(&Decision::Start { layers: 1, width: 8 }), Err(GameError::Started));
        assert_eq!(tree.take(&Decision::Stop, &Outcome::Reverted), Err(GameError::Outcome(3)));
        for step in &game.steps[3..] {
            tree.take(&step.decision, &step.outcome).expect("it is a game");
        }
        assert_eq!(tree.allows(&train), Err(GameError::Over));
    }

    #[test]
    fn wrong_parameters_are_noticed() {
        let mut game = game();
        game.steps[0].outcome = Outcome::Started { parameters: 3 };
        assert_eq!(Tree::of(&game), Err(GameError::Number(0)));
    }
}
