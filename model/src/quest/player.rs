//! A game being played: takes decisions, trains, keeps the checkpoints.

use std::rc::Rc;

use super::{
    data::DataSet,
    draws::{Purpose, stream},
    growth,
    network::Network,
    optimizer::Memory,
    record::{Decision, Grown, Outcome},
    training::{EpochRun, Learner, measure},
    tree::{GameError, Tree},
};

/// Examples that show whether a growth keeps the function.
pub const HELD: usize = 8;

/// A game being played.
pub struct Player {
    seed: u32,
    data: Rc<DataSet>,
    tree: Tree,
    /// One for each checkpoint of the tree.
    checkpoints: Vec<Rc<Learner>>,
    epoch: Option<Running>,
}

/// An epoch under way.
struct Running {
    run: EpochRun,
    learner: Learner,
    decision: Decision,
}

/// What a decision leads to.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// It is done.
    Done(Outcome),
    /// An epoch has begun: [`Player::advance`] until it is done.
    Training,
}

impl Player {
    /// Before the first decision.
    #[must_use]
    pub fn new(seed: u32, data: Rc<DataSet>) -> Self {
        let tree = Tree::new(data.statistics);
        Self { seed, data, tree, checkpoints: vec![], epoch: None }
    }

    /// Where the game stands.
    #[must_use]
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Takes a decision; an epoch under way is given up.
    ///
    /// # Errors
    /// When the decision is not possible now.
    pub fn decide(&mut self, decision: Decision) -> Result<Next, GameError> {
        self.epoch = None;
        let architecture = self.tree.allows(&decision)?;
        let (outcome, learner) = match (decision, architecture) {
            (Decision::Start { .. }, Some(architecture)) => {
                let network = Network::drawn(&architecture, &mut stream(self.seed, Purpose::FirstWeights, 0));
                let parameters = architecture.parameters();
                (Outcome::Started { parameters }, Some(Learner { network, memory: Memory::default() }))
            }
            (Decision::Grow { growth }, _) => {
                let mut random = stream(self.seed, Purpose::Growth, self.checkpoints.len());
                let before = &self.current()?.network;
                let (network, rule) = growth::grow(before, growth, &mut random)?;
                let grown = self.compare(before, &network, rule);
                (Outcome::Grown(grown), Some(Learner { network, memory: Memory::default() }))
            }
            (Decision::Train { settings }, _) => {
                let number = self.tree.node().map_or(0, |node| node.epoch) + 1;
                let run = EpochRun::new(self.seed, number, settings, &self.data);
                self.epoch = Some(Running { run, learner: Learner::clone(self.current()?), decision });
                return Ok(Next::Training);
            }
            (Decision::Stop, _) => {
                let accuracy = measure(&self.current()?.network, &self.data.validation, usize::MAX).accuracy;
                (Outcome::Stopped { accuracy }, None)
            }
            (Decision::Revert { .. } | Decision::Start { .. }, _) => (Outcome::Reverted, None),
        };
        self.checkpoints.extend(learner.map(Rc::new));
        self.tree.take(&decision, &outcome)?;
        Ok(Next::Done(outcome))
    }

    /// Trains on one batch of the epoch under way; its outcome, once it is done.
    ///
    /// # Arguments
    /// * `seconds` - how long the epoch has taken, for the record.
    ///
    /// # Errors
    /// When no epoch is under way.
    pub fn advance(&mut self, seconds: f32) -> Result<Option<Outcome>, GameError> {
        let running = self.epoch.as_mut().ok_or(GameError::NotStarted)?;
        if running.run.step(&mut running.learner, &self.data) {
            return Ok(None);
        }
        let Running { run, learner, decision } = self.epoch.take().ok_or(GameError::NotStarted)?;
        let outcome = Outcome::Trained(run.finish(&learner, &self.data, seconds));
        self.tree.take(&decision, &outcome)?;
        self.checkpoints.push(Rc::new(learner));
        Ok(Some(outcome))
    }

    /// The epoch under way: its share that is done, and its course so far.
    #[must_use]
    pub fn epoch(&self) -> Option<(f32, &[[f32; 2]])> {
        self.epoch.as_ref().map(|running| (running.run.progress(), running.run.course()))
    }

    /// Gives up the epoch under way: the game stands where it stood before.
    pub fn give_up(&mut self) {
        self.epoch = None;
    }

    /// Plays a decision to its end.
    ///
    /// # Arguments
    /// * `seconds` - the clock, in seconds since any moment.
    ///
    /// # Errors
    /// When the decision is not possible now.
    pub fn play(&mut self, decision: Decision, seconds: impl Fn() -> f64) -> Result<Outcome, GameError> {
        let started = seconds();
        match self.decide(decision)? {
            Next::Done(outcome) => Ok(outcome),
            Next::Training => loop {
                if let Some(outcome) = self.advance((seconds() - started) as f32)? {
                    return Ok(outcome);
                }
            },
        }
    }

    fn current(&self) -> Result<&Learner, GameError> {
        let current = self.tree.current.and_then(|current| self.checkpoints.get(current));
        current.map(Rc::as_ref).ok_or(GameError::NotStarted)
    }

    /// The scores of two networks on held examples.
    fn compare(&self, before: &Network, after: &Network, rule: super::record::Rule) -> Grown {
        let x = || self.data.validation.batch(&(0..).take(HELD).collect::<Vec<_>>());
        let classes = before.architecture.classes;
        let [old, new] = [before.scores(x()), after.scores(x())];
        let difference = old.iter().zip(&new).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        let rows = |scores: &[f32]| scores.chunks_exact(classes).map(<[f32]>::to_vec).collect();
        Grown { parameters: after.architecture.parameters(), difference, before: rows(&old), after: rows(&new), rule }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The browser test plays the same decisions and expects the same numbers.
    #[test]
    fn a_plan_gives_the_numbers_that_the_browser_test_expects() {
        let plan: Vec<Decision> =
            serde_json::from_str(include_str!("../../../tests/browser/quest_plan.json")).expect("a list of decisions");
        let numbers: Vec<f32> =
            serde_json::from_str(include_str!("../../../tests/browser/quest_numbers.json")).expect("a list of numbers");
        let mut player = Player::new(2, Rc::new(DataSet::of_seed(2)));
        let mut found = vec![];
        for decision in plan {
            match player.play(decision, || 0.0).expect("the plan follows the rules") {
                Outcome::Trained(epoch) => found.push(epoch.validation_accuracy),
                Outcome::Grown(grown) => assert!(grown.difference < 1e-5, "{}", grown.difference),
                _ => {}
            }
        }
        assert_eq!(found, numbers);
    }
}
