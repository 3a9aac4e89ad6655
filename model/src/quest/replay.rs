//! Playing a recorded game again from its seed and its decisions, to see whether its numbers are true.

use std::rc::Rc;

use super::{
    data::DataSet,
    game::Verdict,
    player::{Next, Player},
    record::{Game, Outcome},
    tree::GameError,
};

/// A replay under way.
pub struct Replay {
    game: Game,
    player: Player,
    at: usize,
    verdict: Option<Verdict>,
}

impl Replay {
    /// Before the first step.
    ///
    /// # Arguments
    /// * `data` - that of the game's seed.
    #[must_use]
    pub fn new(game: Game, data: Rc<DataSet>) -> Self {
        let verdict = (data.statistics != game.statistics).then_some(Verdict::OtherData);
        Self { player: Player::new(game.seed, data), game, at: 0, verdict }
    }

    /// Steps that were played, and how many there are.
    #[must_use]
    pub const fn progress(&self) -> (usize, usize) {
        (self.at, self.game.steps.len())
    }

    /// Plays a batch, or a step that needs none; the verdict, once there is one.
    ///
    /// # Errors
    /// When the game breaks the rules.
    pub fn advance(&mut self) -> Result<Option<Verdict>, GameError> {
        if self.verdict.is_none() {
            self.verdict = self.go_on()?;
        }
        Ok(self.verdict)
    }

    /// The player, who has the checkpoints of the steps that were played.
    #[must_use]
    pub fn into_player(self) -> Player {
        self.player
    }

    /// The game.
    #[must_use]
    pub fn into_game(self) -> Game {
        self.game
    }

    fn go_on(&mut self) -> Result<Option<Verdict>, GameError> {
        let Some(step) = self.game.steps.get(self.at) else { return Ok(Some(Verdict::Same)) };
        let outcome = match self.player.epoch() {
            Some(_) => self.player.advance(0.0)?,
            None => match self.player.decide(step.decision)? {
                Next::Done(outcome) => Some(outcome),
                Next::Training => None,
            },
        };
        let Some(outcome) = outcome else { return Ok(None) };
        let is_same = match (&outcome, &step.outcome) {
            (Outcome::Trained(found), Outcome::Trained(said)) => found.is_same(said),
            (found, said) => found == said,
        };
        self.at += 1;
        Ok((!is_same).then_some(Verdict::Differs { step: self.at - 1 }))
    }
}
