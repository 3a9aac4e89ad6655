//! Leaderboards, the history of games, and the table of decisions.

use serde::{Deserialize, Serialize};

use super::{
    architecture::Growth,
    record::{Decision, Game, Outcome},
    settings::{Optimizer, Settings},
};

/// A simple method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Always the most frequent class.
    Majority,
    /// The nearest training example's class.
    Neighbour,
    /// One linear layer and softmax.
    Linear,
    /// The network that the game proposes, five epochs with the proposed settings.
    Default,
    /// The best of four networks with drawn settings, three epochs each.
    Search,
}

impl Method {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Majority, Self::Linear, Self::Neighbour, Self::Default, Self::Search];

    /// Its name for players.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Majority => "Most frequent class",
            Self::Neighbour => "Nearest neighbour",
            Self::Linear => "Linear softmax, 5 epochs",
            Self::Default => "Default network, 5 epochs",
            Self::Search => "Best of 4 random networks, 3 epochs each",
        }
    }
}

/// What a method reaches.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// Which.
    pub method: Method,
    /// Share of right answers on the validation examples.
    pub accuracy: f32,
}

/// A row of a leaderboard.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What the row says: a player, or a method.
    pub title: String,
    /// Share of right answers on the validation examples.
    pub accuracy: f32,
    /// The game; none for a method.
    pub game: Option<String>,
    /// Epochs of the game.
    pub epochs: usize,
}

/// The leaderboard of a data set, the best first.
#[must_use]
pub fn leaderboard(seed: u32, games: &[Game], baselines: &[Baseline]) -> Vec<Row> {
    let of_game = |game: &Game| {
        let title = [&game.player.name, &game.player.id].into_iter().find(|it| !it.is_empty());
        Some(Row {
            title: title.cloned().unwrap_or_else(|| "You".to_owned()),
            accuracy: game.score()?,
            game: Some(game.id.clone()),
            epochs: game.epochs(),
        })
    };
    let of_method =
        |it: &Baseline| Row { title: it.method.title().to_owned(), accuracy: it.accuracy, game: None, epochs: 0 };
    let played = games.iter().filter(|game| game.seed == seed).filter_map(of_game);
    let mut rows: Vec<Row> = played.chain(baselines.iter().map(of_method)).collect();
    rows.sort_by(|a, b| b.accuracy.total_cmp(&a.accuracy));
    rows
}

/// What merging found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Merged {
    /// New games.
    pub added: usize,
    /// Games that are there already, as they are.
    pub same: usize,
    /// Games with the id of another one and other contents: left out.
    pub conflicting: usize,
    /// Games that go on from what was there: taken in its place.
    pub longer: usize,
}

/// Adds games to those that are there.
pub fn merge(games: &mut Vec<Game>, new: Vec<Game>) -> Merged {
    let mut merged = Merged::default();
    for game in new {
        let Some(known) = games.iter_mut().find(|known| known.id == game.id) else {
            games.push(game);
            merged.added += 1;
            continue;
        };
        let common = known.steps.len().min(game.steps.len());
        let is_one = known.seed == game.seed && known.steps[..common] == game.steps[..common];
        match (is_one, game.steps.len() > known.steps.len()) {
            (true, true) => {
                *known = game;
                merged.longer += 1;
            }
            (true, false) => merged.same += 1,
            (false, _) => merged.conflicting += 1,
        }
    }
    merged
}

/// Games that tell the same story under different ids: one was probably copied from another. Pairs of indices.
#[must_use]
pub fn duplicates(games: &[Game]) -> Vec<(usize, usize)> {
    let is_copy = |a: &Game, b: &Game| {
        let times = |game: &Game| game.steps.iter().map(|step| step.at.to_bits()).collect::<Vec<_>>();
        a.seed == b.seed && a.steps.len() > 2 && a.steps == b.steps && times(a) == times(b)
    };
    let pairs = (0..games.len()).flat_map(|b| (0..b).map(move |a| (a, b)));
    pairs.filter(|(a, b)| is_copy(&games[*a], &games[*b])).collect()
}

/// The columns of [`csv`].
const COLUMNS: &str = "game,seed,family,student id,name,course,step,seconds,decision,layers,width,rate,dropout,decay,batch,\
    optimizer,momentum,to,training loss,training accuracy,validation loss,validation accuracy,exploded,parameters";

/// All decisions of the games as a table, a row each (RFC 4180).
#[must_use]
pub fn csv(games: &[Game]) -> String {
    let mut text = COLUMNS.to_owned() + "\r\n";
    for game in games {
        for (number, step) in game.steps.iter().enumerate() {
            let mut cells = vec![
                game.id.clone(),
                game.seed.to_string(),
                game.statistics.family.title().to_owned(),
                game.player.id.clone(),
                game.player.name.clone(),
                game.player.course.clone(),
                number.to_string(),
                format!("{:.1}", step.at / 1000.0),
            ];
            cells.extend(decision_cells(&step.decision));
            cells.extend(outcome_cells(&step.outcome));
            let cells: Vec<_> = cells.iter().map(|cell| quoted(cell)).collect();
            text += &cells.join(",");
            text += "\r\n";
        }
    }
    text
}

/// Decision, layers, width, rate, dropout, decay, batch, optimizer, momentum, to.
fn decision_cells(decision: &Decision) -> [String; 10] {
    let mut cells: [String; 10] = Default::default();
    let mut put = |place: usize, text: String| cells[place] = text;
    match *decision {
        Decision::Start { layers, width } => {
            put(0, "start".into());
            put(1, layers.to_string());
            put(2, width.to_string());
        }
        Decision::Train { settings: Settings { rate, dropout, decay, batch, optimizer } } => {
            put(0, "train".into());
            put(3, rate.to_string());
            put(4, dropout.to_string());
            put(5, decay.to_string());
            put(6, batch.to_string());
            match optimizer {
                Optimizer::Sgd { momentum } => {
                    put(7, "sgd".into());
                    put(8, momentum.to_string());
                }
                Optimizer::Adam => put(7, "adam".into()),
            }
        }
        Decision::Revert { to } => {
            put(0, "revert".into());
            put(9, to.to_string());
        }
        Decision::Grow { growth: Growth::Wider { layer, units } } => {
            put(0, "wider".into());
            put(1, layer.to_string());
            put(2, units.to_string());
        }
        Decision::Grow { growth: Growth::Deeper { after } } => {
            put(0, "deeper".into());
            put(1, after.to_string());
        }
        Decision::Stop => put(0, "stop".into()),
    }
    cells
}

/// Training loss and accuracy, validation loss and accuracy, exploded, parameters.
fn outcome_cells(outcome: &Outcome) -> [String; 6] {
    let mut cells: [String; 6] = Default::default();
    let number = |value: Option<f32>| value.map(|it| it.to_string()).unwrap_or_default();
    match outcome {
        Outcome::Started { parameters } => cells[5] = parameters.to_string(),
        Outcome::Grown(grown) => cells[5] = grown.parameters.to_string(),
        Outcome::Trained(epoch) => {
            cells[0] = number(epoch.training_loss);
            cells[1] = epoch.training_accuracy.to_string();
            cells[2] = number(epoch.validation_loss);
            cells[3] = epoch.validation_accuracy.to_string();
            cells[4] = epoch.exploded.to_string();
        }
        Outcome::Stopped { accuracy } => cells[3] = accuracy.to_string(),
        Outcome::Reverted => {}
    }
    cells
}

/// A cell, in quotes where it needs them; one that a table program would take for a formula is kept a text.
fn quoted(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '@', '\t']) || (cell.starts_with('-') && cell.parse::<f64>().is_err());
    let cell = if is_formula { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quest::tree::tests::game;

    #[test]
    fn the_best_comes_first_and_other_data_sets_are_left_out() {
        let (mut other, mut open) = (game(), game());
        other.seed = 8;
        open.steps.pop();
        let baselines =
            [Baseline { method: Method::Majority, accuracy: 0.3 }, Baseline { method: Method::Default, accuracy: 0.7 }];
        let rows = leaderboard(7, &[game(), other, open], &baselines);
        assert_eq!(rows.iter().map(|row| row.accuracy).collect::<Vec<_>>(), [0.7, 0.6, 0.3]);
        assert_eq!((rows[1].title.as_str(), rows[1].epochs), ("You", 3));
    }

    #[test]
    fn merging_keeps_what_is_there() {
        let mut games = vec![game()];
        let (mut second, mut changed, mut shorter) = (game(), game(), game());
        second.id = "g2".into();
        changed.steps[1].at += 1.0;
        shorter.steps.pop();
        let merged = merge(&mut games, vec![game(), second, changed, shorter.clone()]);
        assert_eq!(merged, Merged { added: 1, same: 2, conflicting: 1, longer: 0 });
        let mut open = vec![shorter];
        assert_eq!(merge(&mut open, vec![game()]).longer, 1);
        assert!(open[0].score().is_some());
    }

    #[test]
    fn a_copied_game_is_noticed() {
        let mut copy = game();
        copy.id = "other".into();
        copy.player.name = "Somebody else".into();
        assert_eq!(duplicates(&[game(), copy]), [(0, 1)]);
    }

    #[test]
    fn each_decision_is_a_row() {
        let mut game = game();
        game.player.name = "=SUM(A1), \"x\"".into();
        let text = csv(&[game]);
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 7);
        let columns = COLUMNS.split(',').count();
        assert!(lines[1].contains("\"'=SUM(A1), \"\"x\"\"\""));
        assert_eq!(lines[2].replace("\"'=SUM(A1), \"\"x\"\"\"", "").split(',').count(), columns);
        assert!(lines[2].contains(",train,") && lines[2].contains(",0.5,"));
    }
}
