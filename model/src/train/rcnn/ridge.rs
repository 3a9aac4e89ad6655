//! Ridge regression by conjugate gradients (Hestenes and Stiefel 1952): the corrections of appendix C of the paper.

use super::svm::{Plane, Rows, add, dot};

/// Finds the plane that minimises the squared errors plus `penalty` times the squared length of the weights; the bias is free.
///
/// # Arguments
/// * `targets` - of each row.
/// * `steps` - of the search at most; it ends earlier when nothing is left to gain.
#[must_use]
pub fn solve(rows: Rows<'_>, targets: &[f32], penalty: f32, steps: usize) -> Plane {
    let features = rows.bytes.first().map_or(0, |row| row.len());
    let count = rows.bytes.len().max(1) as f32;
    // Rows and targets less their means need no bias.
    let mean = targets.iter().sum::<f32>() / count;
    let mut centre = vec![0.0; features];
    for row in rows.bytes {
        add(&mut centre, row, rows.scale / count);
    }
    let times = |weights: &[f32]| -> Vec<f32> {
        let shift: f32 = centre.iter().zip(weights).map(|(c, w)| c * w).sum();
        rows.bytes.iter().map(|row| dot(weights, row) * rows.scale - shift).collect()
    };
    let transposed = |values: &[f32]| -> Vec<f32> {
        let mut sum = vec![0.0; features];
        for (row, value) in rows.bytes.iter().zip(values) {
            add(&mut sum, row, value * rows.scale);
        }
        let all: f32 = values.iter().sum();
        sum.iter_mut().zip(&centre).for_each(|(sum, centre)| *sum -= centre * all);
        sum
    };
    let centred: Vec<f32> = targets.iter().map(|target| target - mean).collect();
    let mut weights = vec![0.0; features];
    let mut left = transposed(&centred);
    let mut direction = left.clone();
    let square = |values: &[f32]| values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>() as f32;
    let mut length = square(&left);
    let enough = length * 1e-10;
    for _ in 0..steps {
        if length <= enough || length <= f32::MIN_POSITIVE {
            break;
        }
        let along = times(&direction);
        let stride = length / (square(&along) + penalty * square(&direction));
        let mut back = transposed(&along);
        back.iter_mut().zip(&direction).for_each(|(back, direction)| *back += penalty * direction);
        weights.iter_mut().zip(&direction).for_each(|(weight, direction)| *weight += stride * direction);
        left.iter_mut().zip(&back).for_each(|(left, back)| *left -= stride * back);
        let next = square(&left);
        let keep = next / length;
        direction.iter_mut().zip(&left).for_each(|(direction, left)| *direction = left + keep * *direction);
        length = next;
    }
    let bias = mean - centre.iter().zip(&weights).map(|(c, w)| c * w).sum::<f32>();
    Plane { weights, bias }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_line_by_hand() {
        // Targets 1 and 3 at 0 and 2: slope 1 without a penalty; with one of 2, sum of products 2 over 2 + 2.
        let rows: [&[u8]; 2] = [&[0], &[2]];
        let line = |penalty| solve(Rows { bytes: &rows, scale: 1.0 }, &[1.0, 3.0], penalty, 10);
        assert!((line(0.0).weights[0] - 1.0).abs() < 1e-5 && (line(0.0).bias - 1.0).abs() < 1e-5);
        assert!((line(2.0).weights[0] - 0.5).abs() < 1e-5 && (line(2.0).bias - 1.5).abs() < 1e-5);
    }

    #[test]
    fn planes_are_scikit_learn_s() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/reference/rcnn/values.json");
        let values: Value = serde_json::from_slice(&std::fs::read(file).expect("the reference")).expect("JSON");
        let list = |value: &Value| -> Vec<f32> { serde_json::from_value(value.clone()).expect("numbers") };
        let rows: Vec<Vec<u8>> = serde_json::from_value(values["rows"].clone()).expect("bytes");
        let rows: Vec<&[u8]> = rows.iter().map(Vec::as_slice).collect();
        let scale = values["scale"].as_f64().expect("a number") as f32;
        for case in values["ridge"].as_array().expect("cases") {
            let penalty = case["penalty"].as_f64().expect("a number") as f32;
            let plane = solve(Rows { bytes: &rows, scale }, &list(&values["targets"]), penalty, 200);
            assert!((plane.bias - list(&case["bias"])[0]).abs() < 1e-3, "{plane:?}");
            for (found, expected) in plane.weights.iter().zip(list(&case["weights"])) {
                assert!((found - expected).abs() < 1e-3, "{found} is not {expected}");
            }
        }
    }
}
