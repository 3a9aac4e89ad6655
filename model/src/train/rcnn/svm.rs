//! A linear support vector machine by dual coordinate descent (Hsieh et al. 2008, "A Dual Coordinate Descent Method for
//! Large-scale Linear SVM", algorithm 1 with the hinge loss), with hard negatives (Felzenszwalb et al. 2010, section 5).

use crate::random::Random;

/// Features of many rows in one scale: bytes times `scale`.
#[derive(Clone, Copy)]
pub struct Rows<'a> {
    /// A row each, as long as each other.
    pub bytes: &'a [&'a [u8]],
    /// What a step of a byte is worth.
    pub scale: f32,
}

/// A plane that parts two classes.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    /// A weight a feature.
    pub weights: Vec<f32>,
    /// What is added.
    pub bias: f32,
}

/// How a plane is found.
#[derive(Clone, Copy, Debug)]
pub struct SvmRule {
    /// What a row on the wrong side costs.
    pub cost: f32,
    /// The search ends when no row's gradient is further from its optimum.
    pub tolerance: f32,
    /// Or after so many passes.
    pub passes: usize,
    /// Makes the order of rows repeatable.
    pub seed: u64,
}

impl Plane {
    /// How far on the positive side a row is: at least 1 where it costs nothing, below -1 for an easy negative.
    #[must_use]
    pub fn margin(&self, row: &[u8], scale: f32) -> f32 {
        dot(&self.weights, row) * scale + self.bias
    }
}

/// Finds the plane that minimises half the squared length of weights and bias, plus the cost times the hinge losses.
///
/// # Arguments
/// * `positive` - of each row.
#[must_use]
pub fn solve(rows: Rows<'_>, positive: &[bool], rule: &SvmRule) -> Plane {
    let mut search = Search::new(rows.bytes.first().map_or(0, |row| row.len()));
    let members: Vec<usize> = (0..rows.bytes.len()).collect();
    search.descend(rows, positive, &members, rule);
    search.plane
}

/// As [`solve`] on those of many negatives that matter: from a few, rounds in which negatives that are not easy join.
///
/// # Arguments
/// * `first` - negatives that the first round knows.
/// * `rounds` - at most so many; it ends when no negative joins.
#[must_use]
pub fn solve_hard(rows: Rows<'_>, positive: &[bool], rule: &SvmRule, first: usize, rounds: usize) -> Plane {
    let mut search = Search::new(rows.bytes.first().map_or(0, |row| row.len()));
    let mut negatives: Vec<usize> = (0..rows.bytes.len()).filter(|&i| !positive[i]).collect();
    Random::new(rule.seed).shuffle(&mut negatives);
    let mut members: Vec<usize> = (0..rows.bytes.len()).filter(|&i| positive[i]).collect();
    let mut waiting = negatives.split_off(first.min(negatives.len()));
    members.extend(negatives);
    for _ in 0..rounds.max(1) {
        search.descend(rows, positive, &members, rule);
        let plane = &search.plane;
        let (hard, easy): (Vec<usize>, Vec<usize>) =
            waiting.into_iter().partition(|&i| plane.margin(rows.bytes[i], rows.scale) > -1.0);
        if hard.is_empty() {
            break;
        }
        members.extend(hard);
        waiting = easy;
    }
    search.plane
}

/// The plane so far, with the multiplier of each row that has one.
struct Search {
    plane: Plane,
    multipliers: std::collections::HashMap<usize, f32>,
}

impl Search {
    fn new(features: usize) -> Self {
        Self { plane: Plane { weights: vec![0.0; features], bias: 0.0 }, multipliers: std::collections::HashMap::new() }
    }

    fn descend(&mut self, rows: Rows<'_>, positive: &[bool], members: &[usize], rule: &SvmRule) {
        let mut order = members.to_vec();
        let mut random = Random::new(rule.seed);
        // The bias is the weight of a feature that is always 1.
        let norms: std::collections::HashMap<usize, f32> =
            members.iter().map(|&i| (i, squared(rows.bytes[i]) * rows.scale * rows.scale + 1.0)).collect();
        for _ in 0..rule.passes {
            random.shuffle(&mut order);
            let mut worst: f32 = 0.0;
            for &i in &order {
                let side = if positive[i] { 1.0 } else { -1.0 };
                let gradient = side * self.plane.margin(rows.bytes[i], rows.scale) - 1.0;
                let multiplier = self.multipliers.entry(i).or_insert(0.0);
                let held = (*multiplier <= 0.0 && gradient > 0.0) || (*multiplier >= rule.cost && gradient < 0.0);
                if held {
                    continue;
                }
                worst = worst.max(gradient.abs());
                let moved = (*multiplier - gradient / norms[&i]).clamp(0.0, rule.cost);
                let step = (moved - *multiplier) * side;
                *multiplier = moved;
                add(&mut self.plane.weights, rows.bytes[i], step * rows.scale);
                self.plane.bias += step;
            }
            if worst <= rule.tolerance {
                break;
            }
        }
    }
}

/// Numbers that a processor works on at once.
const LANES: usize = 8;

pub(super) fn dot(weights: &[f32], row: &[u8]) -> f32 {
    let mut sums = [0.0f32; LANES];
    let (chunks, rest) = weights.as_chunks::<LANES>();
    for (weights, bytes) in chunks.iter().zip(row.chunks_exact(LANES)) {
        for lane in 0..LANES {
            sums[lane] += weights[lane] * f32::from(bytes[lane]);
        }
    }
    let tail: f32 = rest.iter().zip(&row[row.len() - rest.len()..]).map(|(w, &b)| w * f32::from(b)).sum();
    sums.iter().sum::<f32>() + tail
}

pub(super) fn add(weights: &mut [f32], row: &[u8], factor: f32) {
    for (weight, &byte) in weights.iter_mut().zip(row) {
        *weight += f32::from(byte) * factor;
    }
}

fn squared(row: &[u8]) -> f32 {
    row.iter().map(|&byte| f32::from(byte) * f32::from(byte)).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    const RULE: SvmRule = SvmRule { cost: 1.0, tolerance: 1e-5, passes: 20_000, seed: 1 };

    #[test]
    fn a_plane_by_hand() {
        // Two rows on an axis: the widest margin lies halfway, and the bias is a weight like any other. With w and b the
        // margins 3 w + b = 1 and w + b = -1 give w = 1 and b = -2.
        let rows: [&[u8]; 2] = [&[3], &[1]];
        let plane = solve(Rows { bytes: &rows, scale: 1.0 }, &[true, false], &SvmRule { cost: 100.0, ..RULE });
        assert!((plane.weights[0] - 1.0).abs() < 1e-3 && (plane.bias + 2.0).abs() < 1e-3, "{plane:?}");
    }

    #[test]
    fn planes_are_scikit_learn_s() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/reference/rcnn/values.json");
        let values: Value = serde_json::from_slice(&std::fs::read(file).expect("the reference")).expect("JSON");
        let rows: Vec<Vec<u8>> = serde_json::from_value(values["rows"].clone()).expect("bytes");
        let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
        let positive: Vec<bool> = serde_json::from_value(values["positive"].clone()).expect("classes");
        let scale = values["scale"].as_f64().expect("a number") as f32;
        for case in values["svm"].as_array().expect("cases") {
            let cost = case["cost"].as_f64().expect("a number") as f32;
            let expected: Vec<f32> = serde_json::from_value(case["weights"].clone()).expect("numbers");
            let bias = case["bias"].as_f64().expect("a number") as f32;
            let rule = SvmRule { cost, ..RULE };
            let rows = Rows { bytes: &rows, scale };
            // Every negative that is left out in the end costs nothing: mining ends at the same plane.
            for plane in [solve(rows, &positive, &rule), solve_hard(rows, &positive, &rule, 5, 20)] {
                assert!((plane.bias - bias).abs() < 2e-3, "{} is not {bias}", plane.bias);
                for (found, expected) in plane.weights.iter().zip(&expected) {
                    assert!((found - expected).abs() < 2e-3, "{found} is not {expected}");
                }
            }
        }
    }

    #[test]
    fn no_rows_no_plane() {
        assert_eq!(solve(Rows { bytes: &[], scale: 1.0 }, &[], &RULE), Plane { weights: vec![], bias: 0.0 });
    }
}
