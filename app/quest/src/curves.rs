//! What the plots show, as numbers: the branch that is played, discarded ones, and the epoch under way.

use model::quest::{
    record::{Epoch, Game},
    tree::{Tree, epoch_of},
};

/// What is plotted against the epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// Cross-entropy.
    Loss,
    /// Share of right answers.
    Accuracy,
}

/// A point: epochs and value.
pub type Point = [f32; 2];

/// The curves of a plot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Curves {
    /// Over training examples, at the end of each epoch of the branch that is played.
    pub training: Vec<Point>,
    /// Over validation examples.
    pub validation: Vec<Point>,
    /// Batches on the way, of that branch and of the epoch under way; a line each epoch.
    pub batches: Vec<Vec<Point>>,
    /// Steps of discarded branches over validation examples, and over training examples.
    pub discarded: [Vec<[Point; 2]>; 2],
    /// Epochs in which the loss stopped being a number.
    pub exploded: Vec<f32>,
    /// The end of the axis of epochs.
    pub epochs: f32,
    /// The upper end of the axis of values.
    pub top: f32,
}

/// The curves of a game.
///
/// # Arguments
/// * `live` - what the batches of the epoch under way say; loss and accuracy each.
pub fn curves(game: &Game, tree: &Tree, live: &[[f32; 2]], is_training: bool, quantity: Quantity) -> Curves {
    let pick = |point: [f32; 2]| point[usize::from(quantity == Quantity::Accuracy)];
    let values = |epoch: &Epoch| match quantity {
        Quantity::Loss => (epoch.training_loss, epoch.validation_loss),
        Quantity::Accuracy if epoch.exploded => (None, None),
        Quantity::Accuracy => (Some(epoch.training_accuracy), Some(epoch.validation_accuracy)),
    };
    let path = tree.path(tree.current);
    let mut curves = Curves { epochs: 4.0, ..Curves::default() };
    // The last values on the way to each checkpoint.
    let mut ends: Vec<[Option<Point>; 2]> = Vec::with_capacity(tree.nodes.len());
    for (number, node) in tree.nodes.iter().enumerate() {
        let before = node.parent.and_then(|parent| ends.get(parent).copied()).unwrap_or_default();
        let Some((_, epoch)) = epoch_of(game, node) else {
            ends.push(before);
            continue;
        };
        let (x, (training, validation)) = (node.epoch as f32, values(epoch));
        let is_current = path.contains(&number);
        curves.epochs = curves.epochs.max(x);
        if epoch.exploded {
            curves.exploded.push(x);
        }
        let points = [training, validation].map(|value| value.map(|value| [x, value]));
        if is_current {
            curves.training.extend(points[0]);
            curves.validation.extend(points[1]);
            curves.batches.push(batches(&epoch.course, x - 1.0, epoch.course.len(), pick));
        } else {
            for (segments, (before, point)) in curves.discarded.iter_mut().zip(before.into_iter().zip(points)) {
                segments.extend(before.zip(point).or(point.map(|it| (it, it))).map(|(from, to)| [from, to]));
            }
        }
        ends.push([points[0].or(before[0]), points[1].or(before[1])]);
    }
    if is_training {
        let done = tree.node().map_or(0, |node| node.epoch) as f32;
        curves.epochs = curves.epochs.max(done + 1.0);
        curves.batches.push(batches(live, done, GROUPS, pick));
    }
    curves.top = top(&curves, quantity);
    curves
}

/// Points that an epoch under way will have.
const GROUPS: usize = 20;

fn batches(course: &[[f32; 2]], start: f32, count: usize, pick: impl Fn([f32; 2]) -> f32) -> Vec<Point> {
    let point = |(place, values): (usize, &[f32; 2])| [start + (place + 1) as f32 / count.max(1) as f32, pick(*values)];
    course.iter().enumerate().map(point).filter(|point| point[1].is_finite()).collect()
}

/// The upper end: what the branch that is played needs, a little rounded.
fn top(curves: &Curves, quantity: Quantity) -> f32 {
    if quantity == Quantity::Accuracy {
        return 1.0;
    }
    let ends = curves.training.iter().chain(&curves.validation).map(|point| point[1]);
    let on_the_way = curves.batches.iter().flatten().map(|point| point[1]);
    let discarded = curves.discarded.iter().flatten().flatten().map(|point| point[1]);
    let largest = |values: &mut dyn Iterator<Item = f32>| values.filter(|it| it.is_finite()).fold(0.0, f32::max);
    // The first batches begin high, and an explosion would press everything else flat.
    let ends = largest(&mut { ends }).max(largest(&mut { discarded }).min(4.0));
    let most = if ends > 0.0 { ends * 1.25 } else { largest(&mut { on_the_way }).min(6.0) };
    let step = [0.2, 0.5, 1.0, 2.0, 4.0].into_iter().find(|step| most <= step * 5.0).unwrap_or(8.0);
    ((most / step).ceil() * step).clamp(0.4, 40.0)
}

/// The gap of the last epoch: validation minus training.
pub fn gap(curves: &Curves) -> Option<f32> {
    Some(curves.validation.last()?[1] - curves.training.last()?[1])
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::quest::record::{File, Outcome};

    /// A game as a file has it: an epoch, one that explodes, back, another one.
    fn game() -> Game {
        let epoch = |loss: &str, exploded: bool| {
            format!(
                r#"{{"was": "trained", "training_loss": {loss}, "training_accuracy": 0.6, "validation_loss": {loss},
                "validation_accuracy": 0.5, "exploded": {exploded}, "course": [[2.0, 0.1], [1.0, 0.4]], "seconds": 1}}"#
            )
        };
        let train = r#"{"do": "train", "settings": {"rate": 0.01, "dropout": 0, "decay": 0, "batch": 32,
            "optimizer": {"kind": "adam"}}}"#;
        let steps = [
            (r#"{"do": "start", "layers": 1, "width": 8}"#, r#"{"was": "started", "parameters": 74}"#.to_owned()),
            (train, epoch("1.5", false)),
            (train, epoch("null", true)),
            (r#"{"do": "revert", "to": 1}"#, r#"{"was": "reverted"}"#.to_owned()),
            (train, epoch("1.25", false)),
            (train, epoch("1.0", false)),
            (r#"{"do": "revert", "to": 1}"#, r#"{"was": "reverted"}"#.to_owned()),
        ];
        let steps =
            steps.map(|(decision, outcome)| format!(r#"{{"at": 1, "decision": {decision}, "outcome": {outcome}}}"#));
        let text = format!(
            r#"{{"format": "lookout-quest", "version": 1, "games": [{{"id": "a", "seed": 1, "started": 0, "statistics":
            {{"family": "clusters", "input": {{"kind": "vector", "dimensions": 5}}, "classes": 2, "training": 4000,
            "validation": 1200}}, "steps": [{}]}}]}}"#,
            steps.join(",")
        )
        .replace("74", &(6 * 8 + 9 * 2).to_string());
        File::read(&text).expect("it is a file").games.remove(0)
    }

    #[test]
    fn discarded_branches_stay_apart() {
        let game = game();
        let tree = game.check().expect("it follows the rules");
        let curves = curves(&game, &tree, &[[0.8, 0.6]], true, Quantity::Loss);
        assert_eq!(curves.validation, [[1.0, 1.5]]);
        assert_eq!(curves.discarded[1], [[[1.0, 1.5], [2.0, 1.25]], [[2.0, 1.25], [3.0, 1.0]]]);
        assert_eq!(curves.exploded, [2.0]);
        assert_eq!(curves.batches, [vec![[0.5, 2.0], [1.0, 1.0]], vec![[1.05, 0.8]]]);
        assert!((curves.top - 2.0).abs() < 1e-6 && (curves.epochs - 4.0).abs() < 1e-6);
    }

    #[test]
    fn the_gap_is_of_the_last_epoch() {
        let game = game();
        let tree = game.check().expect("it follows the rules");
        let curves = curves(&game, &tree, &[], false, Quantity::Accuracy);
        assert!(gap(&curves).is_some_and(|gap| (gap + 0.1).abs() < 1e-6));
        assert!(matches!(game.steps[1].outcome, Outcome::Trained(_)));
        assert_eq!(gap(&Curves::default()), None);
    }
}
