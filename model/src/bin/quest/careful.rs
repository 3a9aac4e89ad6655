//! A careful player: looks at the gaps and the course of the losses, as the lecture advises.

use std::rc::Rc;

use anyhow::Result;
use model::quest::{
    architecture::{Architecture, Growth, Input},
    data::DataSet,
    player::Player,
    record::{Decision, Epoch, Outcome},
    settings::Settings,
};

/// Epochs of a game, the first looks included.
const EPOCHS: usize = 14;
/// Rates that are looked at for an epoch each.
const RATES: [f32; 3] = [0.003, 0.01, 0.03];

struct Careful {
    player: Player,
    epochs: usize,
}

/// Plays a game and returns the validation accuracy of the checkpoint that it ends with.
pub fn play(seed: u32, data: &Rc<DataSet>) -> Result<f32> {
    let input = data.statistics.input;
    let mut careful = Careful { player: Player::new(seed, Rc::clone(data)), epochs: 0 };
    let (layers, width) = match input {
        Input::Vector { .. } => (2, 128),
        Input::Image { .. } => Architecture::proposal(input),
    };
    careful.decide(Decision::Start { layers, width })?;
    let mut settings = Settings { dropout: 0.1, ..Settings::default() };
    settings.rate = careful.best_rate(settings)?;
    let mut best = (f32::INFINITY, 0);
    let mut has_grown = false;
    while careful.epochs < EPOCHS {
        let epoch = careful.train(settings)?;
        let (training, validation) = (epoch.training_loss, epoch.validation_loss.unwrap_or(f32::INFINITY));
        let is_better = validation < best.0;
        if is_better {
            best = (validation, careful.checkpoint());
        } else {
            careful.decide(Decision::Revert { to: best.1 })?;
            settings.rate = (settings.rate * 0.4).max(Settings::RATES[0]);
        }
        let gap = validation - training.unwrap_or(validation);
        if gap > 0.25 * validation && settings.dropout < 0.4 {
            settings.dropout += 0.15;
        } else if gap < 0.05 * validation && !has_grown && careful.epochs > 5 {
            has_grown = true;
            let units = careful.player.tree().node().map_or(0, |node| node.architecture.layers[0].width / 2);
            careful.decide(Decision::Grow { growth: Growth::Wider { layer: 0, units } })?;
        }
    }
    careful.decide(Decision::Revert { to: best.1 })?;
    match careful.decide(Decision::Stop)? {
        Outcome::Stopped { accuracy } => Ok(accuracy),
        other => anyhow::bail!("the game ended with {other:?}"),
    }
}

impl Careful {
    fn decide(&mut self, decision: Decision) -> Result<Outcome> {
        Ok(self.player.play(decision, || 0.0)?)
    }

    fn train(&mut self, settings: Settings) -> Result<Epoch> {
        self.epochs += 1;
        match self.decide(Decision::Train { settings })? {
            Outcome::Trained(epoch) => Ok(epoch),
            other => anyhow::bail!("an epoch ended with {other:?}"),
        }
    }

    fn checkpoint(&self) -> usize {
        self.player.tree().current.unwrap_or_default()
    }

    /// Tries each rate for an epoch and goes back to the best.
    fn best_rate(&mut self, settings: Settings) -> Result<f32> {
        let mut best = (f32::INFINITY, RATES[0], 0);
        for rate in RATES {
            self.decide(Decision::Revert { to: 0 })?;
            let loss = self.train(Settings { rate, ..settings })?.validation_loss.unwrap_or(f32::INFINITY);
            if loss < best.0 {
                best = (loss, rate, self.checkpoint());
            }
        }
        self.decide(Decision::Revert { to: best.2 })?;
        Ok(best.1)
    }
}
