//! What a player sets for a round.

use serde::{Deserialize, Serialize};

/// How a gradient becomes a step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Optimizer {
    /// Stochastic gradient descent with momentum (Polyak 1964); plain where it is 0.
    Sgd {
        /// The share of the last step that is kept.
        momentum: f32,
    },
    /// Adam (Kingma and Ba 2015) with decoupled weight decay (Loshchilov and Hutter 2019).
    Adam,
}

/// The settings of a round.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// The learning rate.
    pub rate: f32,
    /// The probability that a unit is left out of a training step.
    pub dropout: f32,
    /// The weight decay (L2).
    pub decay: f32,
    /// Examples of a step.
    pub batch: u32,
    /// How a gradient becomes a step.
    pub optimizer: Optimizer,
}

/// A setting that the game does not offer.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("the {what} {value} is outside {from} to {to}")]
pub struct SettingError {
    /// Which setting.
    pub what: &'static str,
    /// Its value.
    pub value: f64,
    /// The least.
    pub from: f64,
    /// The most.
    pub to: f64,
}

impl Settings {
    /// Learning rates on offer; 1 explodes, the least one crawls.
    pub const RATES: [f32; 2] = [1e-5, 1.0];
    /// Dropout rates on offer.
    pub const DROPOUTS: [f32; 2] = [0.0, 0.9];
    /// Weight decays on offer.
    pub const DECAYS: [f32; 2] = [0.0, 0.1];
    /// Batch sizes on offer.
    pub const BATCHES: [u32; 5] = [16, 32, 64, 128, 256];
    /// Momenta on offer.
    pub const MOMENTA: [f32; 2] = [0.0, 0.99];

    /// Whether the game offers this.
    ///
    /// # Errors
    /// The first setting that is outside its range, or not a number.
    pub fn check(&self) -> Result<(), SettingError> {
        let within = |what, value: f32, [from, to]: [f32; 2]| {
            let error = SettingError { what, value: f64::from(value), from: f64::from(from), to: f64::from(to) };
            if (from..=to).contains(&value) { Ok(()) } else { Err(error) }
        };
        within("learning rate", self.rate, Self::RATES)?;
        within("dropout", self.dropout, Self::DROPOUTS)?;
        within("weight decay", self.decay, Self::DECAYS)?;
        if let Optimizer::Sgd { momentum } = self.optimizer {
            within("momentum", momentum, Self::MOMENTA)?;
        }
        if Self::BATCHES.contains(&self.batch) {
            return Ok(());
        }
        let [from, .., to] = Self::BATCHES;
        Err(SettingError { what: "batch size", value: self.batch.into(), from: from.into(), to: to.into() })
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self { rate: 0.01, dropout: 0.0, decay: 0.0, batch: 32, optimizer: Optimizer::Sgd { momentum: 0.9 } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_game_does_not_offer_is_refused() {
        let good = Settings::default();
        good.check().expect("the default is on offer");
        Settings { optimizer: Optimizer::Adam, ..good }.check().expect("so is Adam");
        let bad = [
            Settings { rate: f32::NAN, ..good },
            Settings { rate: 2.0, ..good },
            Settings { dropout: 0.95, ..good },
            Settings { decay: -0.1, ..good },
            Settings { batch: 33, ..good },
            Settings { optimizer: Optimizer::Sgd { momentum: 1.0 }, ..good },
        ];
        for settings in bad {
            settings.check().expect_err("outside its range");
        }
    }
}
