//! What changed between two epochs, in words: the marks on the curves and the replay of the decisions.

use model::quest::{
    architecture::Growth,
    record::{Decision, Game, Outcome},
    settings::{Optimizer, Settings},
    tree::{Tree, epoch_of, growth_of},
};

use crate::numbers;

/// A change at the end of an epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// After which epoch.
    pub epoch: f32,
    /// What changed, a few words each.
    pub words: Vec<String>,
}

/// The changes of the branch that is played.
pub fn marks(game: &Game, tree: &Tree) -> Vec<Mark> {
    let mut marks: Vec<Mark> = vec![];
    let mut last: Option<&Settings> = None;
    let mut add = |epoch: usize, words: Vec<String>| match marks.last_mut() {
        _ if words.is_empty() => {}
        Some(mark) if (mark.epoch - epoch as f32).abs() < 0.5 => mark.words.extend(words),
        _ => marks.push(Mark { epoch: epoch as f32, words }),
    };
    for node in tree.path(tree.current).into_iter().filter_map(|number| tree.nodes.get(number)) {
        if let Some(growth) = growth_of(game, node) {
            add(node.epoch, vec![growth_words(growth)]);
        } else if let Some((settings, _)) = epoch_of(game, node) {
            if let Some(last) = last {
                add(node.epoch - 1, changes(last, settings));
            }
            last = Some(settings);
        }
    }
    marks
}

/// "layer 1 wider", "a layer after layer 1".
pub fn growth_words(growth: Growth) -> String {
    match growth {
        Growth::Wider { layer, units } => format!("layer {} +{units}", layer + 1),
        Growth::Deeper { after } => format!("new layer {}", after + 2),
    }
}

/// What differs between the settings of two epochs.
pub fn changes(before: &Settings, after: &Settings) -> Vec<String> {
    let mut words = vec![];
    let mut note = |differs: bool, text: String| words.extend(differs.then_some(text));
    note(before.rate.to_bits() != after.rate.to_bits(), format!("rate {}", numbers::rate(after.rate)));
    note(before.dropout.to_bits() != after.dropout.to_bits(), format!("dropout {}", after.dropout));
    note(before.decay.to_bits() != after.decay.to_bits(), format!("decay {}", after.decay));
    note(before.batch != after.batch, format!("batch {}", after.batch));
    note(before.optimizer != after.optimizer, optimizer(after.optimizer));
    words
}

/// "Adam", "momentum 0.9".
pub fn optimizer(optimizer: Optimizer) -> String {
    match optimizer {
        Optimizer::Adam => "Adam".to_owned(),
        Optimizer::Sgd { momentum } => format!("momentum {momentum}"),
    }
}

/// A decision with its effect.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// What the player did.
    pub did: String,
    /// What came of it.
    pub effect: String,
}

/// All decisions of a game.
pub fn told(game: &Game) -> Vec<Told> {
    let mut tree = Tree::new(game.statistics);
    let mut told = vec![];
    for step in &game.steps {
        let before = tree.path(tree.current);
        let last = before.iter().rev().find_map(|it| tree.nodes.get(*it).and_then(|node| epoch_of(game, node)));
        let did = match &step.decision {
            Decision::Start { layers, width } => {
                format!("Began with {} of {width}", numbers::counted(*layers, "layer"))
            }
            Decision::Train { settings } => match last.map(|(last, _)| changes(last, settings)) {
                Some(words) if words.is_empty() => "Went on".to_owned(),
                Some(words) => format!("Went on with {}", words.join(", ")),
                None => format!(
                    "Trained with rate {}, dropout {}, {}",
                    numbers::rate(settings.rate),
                    settings.dropout,
                    optimizer(settings.optimizer)
                ),
            },
            Decision::Revert { to } => format!("Went back to checkpoint {to}"),
            Decision::Grow { growth: Growth::Wider { layer, units } } => {
                format!("Made layer {} wider by {units}", layer + 1)
            }
            Decision::Grow { growth: Growth::Deeper { after } } => format!("Put a layer after layer {}", after + 1),
            Decision::Stop => "Stopped".to_owned(),
        };
        let effect = match &step.outcome {
            Outcome::Started { parameters } => format!("{} parameters", numbers::whole(*parameters)),
            Outcome::Trained(epoch) if epoch.exploded => "The loss exploded".to_owned(),
            Outcome::Trained(epoch) => {
                let change = last.map(|(_, last)| epoch.validation_accuracy - last.validation_accuracy);
                let change = change.map(|it| format!(" ({})", numbers::points(it))).unwrap_or_default();
                format!("Validation {}{change}", numbers::percent(epoch.validation_accuracy))
            }
            Outcome::Grown(grown) => {
                format!("{} parameters, outputs differ by {:.1e}", numbers::whole(grown.parameters), grown.difference)
            }
            Outcome::Stopped { accuracy } => format!("Final {}", numbers::percent(*accuracy)),
            Outcome::Reverted => String::new(),
        };
        told.push(Told { did, effect });
        if tree.take(&step.decision, &step.outcome).is_err() {
            break;
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_said() {
        let before = Settings::default();
        assert!(changes(&before, &before).is_empty());
        let after = Settings { rate: 0.001, dropout: 0.2, optimizer: Optimizer::Adam, ..before };
        assert_eq!(changes(&before, &after), ["rate 0.001", "dropout 0.2", "Adam"]);
        assert_eq!(changes(&after, &before), ["rate 0.01", "dropout 0", "momentum 0.9"]);
    }
}
