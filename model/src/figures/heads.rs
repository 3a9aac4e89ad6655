//! Two linear heads on one shared vector: what they say, both losses, and which way each of the two pulls the vector (Girshick
//! 2015, "Fast R-CNN", section 2.3).

use super::losses::{Regression, cross_entropy};
use crate::structures::question::LinearHeads;

/// A fully connected layer without activation.
#[derive(Clone, Debug, Default, PartialEq)]
struct Linear {
    /// `[inputs, outputs]`.
    weights: Vec<f64>,
    /// As many as outputs.
    biases: Vec<f64>,
}

impl Linear {
    /// From rows of weights with the biases as the last row.
    fn new(rows: &[f32], inputs: usize) -> Self {
        let outputs = rows.len() / (inputs + 1);
        let all: Vec<f64> = rows.iter().copied().map(f64::from).collect();
        let (weights, biases) = all.split_at(inputs * outputs);
        Self { weights: weights.to_vec(), biases: biases[..outputs].to_vec() }
    }

    fn forward(&self, vector: &[f64]) -> Vec<f64> {
        let mut out = self.biases.clone();
        for (value, row) in vector.iter().zip(self.weights.chunks_exact(out.len().max(1))) {
            out.iter_mut().zip(row).for_each(|(sum, weight)| *sum += value * weight);
        }
        out
    }

    /// From the gradient by the outputs to that by the inputs.
    fn backward(&self, gradient: &[f64]) -> Vec<f64> {
        let rows = self.weights.chunks_exact(gradient.len().max(1));
        rows.map(|row| row.iter().zip(gradient).map(|(weight, it)| weight * it).sum()).collect()
    }
}

/// The heads with the vector of a photo.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heads {
    /// The photo's vector; none of its numbers is negative, since ReLU makes them.
    pub vector: Vec<f64>,
    /// How much the loss of the box counted when they were trained.
    pub box_weight: f64,
    /// The share of the dev part's photos where class and box are right, where it is known.
    pub right: Option<f64>,
    classes: Linear,
    corners: Linear,
}

/// What is true of a photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Truth {
    /// An index into the classes.
    pub class: usize,
    /// Left, top, right and bottom in fractions of the photo.
    pub corners: [f64; 4],
}

/// Both losses on a vector, and their gradients by it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pull {
    /// The probability of each class.
    pub probabilities: Vec<f64>,
    /// The four numbers of the box; of a box for each class, those of the true one.
    pub corners: Vec<f64>,
    /// Cross entropy.
    pub class_loss: f64,
    /// The sum of the regression losses, not weighted.
    pub box_loss: f64,
    /// The gradient of the class's loss by the vector.
    pub of_class: Vec<f64>,
    /// That of the box's loss, not weighted.
    pub of_box: Vec<f64>,
}

impl From<&LinearHeads> for Heads {
    fn from(it: &LinearHeads) -> Self {
        Self {
            vector: it.vector.iter().copied().map(f64::from).collect(),
            box_weight: f64::from(it.box_weight),
            right: it.right.map(f64::from),
            classes: Linear::new(&it.classes, it.vector.len()),
            corners: Linear::new(&it.corners, it.vector.len()),
        }
    }
}

impl Heads {
    /// Both losses on a vector, and their gradients by it.
    ///
    /// # Arguments
    /// * `vector` - the photo's, or what became of it.
    /// * `loss` - of each number of the box.
    #[must_use]
    pub fn pull(&self, vector: &[f64], truth: &Truth, loss: Regression) -> Pull {
        let (logits, corners) = (self.classes.forward(vector), self.corners.forward(vector));
        let probabilities = softmax(&logits);
        let class_loss = probabilities.get(truth.class).map_or(0.0, |&it| cross_entropy(it));
        let by_logits: Vec<f64> =
            (0..logits.len()).map(|i| probabilities[i] - f64::from(u8::from(i == truth.class))).collect();
        let first = first_number(truth.class, corners.len());
        let of_class = corners.get(first..first + 4).unwrap_or_default().to_vec();
        let errors: Vec<f64> = of_class.iter().zip(truth.corners).map(|(found, true_one)| found - true_one).collect();
        let mut by_corners = vec![0.0; corners.len()];
        by_corners.iter_mut().skip(first).zip(&errors).for_each(|(it, &error)| *it = loss.slope(error));
        Pull {
            class_loss,
            box_loss: errors.iter().map(|&it| loss.loss(it)).sum(),
            of_class: self.classes.backward(&by_logits),
            of_box: self.corners.backward(&by_corners),
            probabilities,
            corners: of_class,
        }
    }

    /// How many boxes there are: 1 for all classes, or one for each.
    #[must_use]
    pub fn boxes(&self) -> usize {
        self.corners.biases.len() / 4
    }

    /// Classes with their probabilities and the four numbers of their boxes, likeliest first.
    #[must_use]
    pub fn ranked(&self) -> Vec<(usize, f64, [f64; 4])> {
        let (probabilities, corners) =
            (softmax(&self.classes.forward(&self.vector)), self.corners.forward(&self.vector));
        let mut ranked: Vec<_> = probabilities
            .into_iter()
            .enumerate()
            .map(|(class, probability)| {
                let first = first_number(class, corners.len());
                (class, probability, std::array::from_fn(|i| corners.get(first + i).copied().unwrap_or_default()))
            })
            .collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
        ranked
    }
}

/// Where the numbers of a class's box begin; one box is every class's, and the last class, which has none, gets the first.
fn first_number(class: usize, numbers: usize) -> usize {
    if numbers == 0 { 0 } else { class * 4 % numbers }
}

impl Pull {
    /// The lengths of both gradients by the vector, that of the box weighted.
    #[must_use]
    pub fn lengths(&self, weight: f64) -> (f64, f64) {
        (length(&self.of_class), weight * length(&self.of_box))
    }

    /// The cosine of the angle between the two gradients: 1 if both pull the same way, -1 if against each other; `None` where one
    /// of them is 0.
    #[must_use]
    pub fn cosine(&self) -> Option<f64> {
        let (a, b) = (length(&self.of_class), length(&self.of_box));
        let dot: f64 = self.of_class.iter().zip(&self.of_box).map(|(a, b)| a * b).sum();
        (a > 0.0 && b > 0.0).then(|| dot / (a * b))
    }

    /// A step of gradient descent on the vector, which is what training does to the layers below. Numbers that are 0 stay 0: ReLU
    /// lets no gradient through.
    ///
    /// # Arguments
    /// * `weight` - of the box's loss.
    /// * `rate` - the learning rate.
    pub fn step(&self, vector: &mut [f64], weight: f64, rate: f64) {
        for (value, (class, corner)) in vector.iter_mut().zip(self.of_class.iter().zip(&self.of_box)) {
            if *value > 0.0 {
                *value = (*value - rate * (class + weight * corner)).max(0.0);
            }
        }
    }
}

fn length(vector: &[f64]) -> f64 {
    vector.iter().map(|it| it * it).sum::<f64>().sqrt()
}

fn softmax(logits: &[f64]) -> Vec<f64> {
    let most = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = logits.iter().map(|it| (it - most).exp()).collect();
    let sum: f64 = powers.iter().sum();
    powers.into_iter().map(|it| it / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOSS: Regression = Regression::SmoothL1 { bend: 0.05 };

    fn heads(boxes: usize) -> Heads {
        let number = |i: usize| (i * 37 % 19) as f32 / 10.0 - 0.9;
        let rows = |outputs: usize| (0..4 * outputs).map(|i| number(i + outputs)).collect();
        let (vector, classes) = (vec![0.5, 0.0, 1.5], rows(3));
        Heads::from(&LinearHeads { box_weight: 2.0, right: None, vector, classes, corners: rows(4 * boxes) })
    }

    const TRUTH: Truth = Truth { class: 1, corners: [0.2, 0.3, 0.6, 0.9] };

    #[test]
    fn gradients_are_those_of_the_losses() {
        for heads in [heads(1), heads(2)] {
            gradients_are_right(&heads);
        }
    }

    fn gradients_are_right(heads: &Heads) {
        let at = |vector: &[f64]| heads.pull(vector, &TRUTH, LOSS);
        let here = at(&heads.vector);
        for i in 0..heads.vector.len() {
            let moved = |by: f64| {
                let mut vector = heads.vector.clone();
                vector[i] += by;
                at(&vector)
            };
            let (more, less) = (moved(1e-6), moved(-1e-6));
            assert!(((more.class_loss - less.class_loss) / 2e-6 - here.of_class[i]).abs() < 1e-6);
            assert!(((more.box_loss - less.box_loss) / 2e-6 - here.of_box[i]).abs() < 1e-6);
        }
        let (class, bbox) = here.lengths(3.0);
        assert!(class > 0.0 && (bbox - 3.0 * here.lengths(1.0).1).abs() < 1e-12);
        assert!(here.cosine().is_some_and(|it| (-1.0..=1.0).contains(&it)));
    }

    #[test]
    fn steps_lower_the_weighted_sum_and_what_is_0_stays_0() {
        let heads = heads(1);
        let mut vector = heads.vector.clone();
        let sum = |it: &Pull| it.class_loss + 2.0 * it.box_loss;
        let mut before = heads.pull(&vector, &TRUTH, LOSS);
        for _ in 0..20 {
            before.step(&mut vector, 2.0, 0.01);
            let now = heads.pull(&vector, &TRUTH, LOSS);
            assert!(sum(&now) < sum(&before) + 1e-9);
            before = now;
        }
        assert_eq!(vector[1], 0.0);
        assert_eq!(Heads::default().pull(&[], &TRUTH, LOSS).cosine(), None);
    }

    #[test]
    fn each_class_has_its_own_box_or_all_have_one() {
        let (one, two) = (heads(1), heads(2));
        assert_eq!((one.boxes(), two.boxes()), (1, 2));
        let boxes = |heads: &Heads| {
            let mut all = heads.ranked();
            assert!(all.windows(2).all(|pair| pair[0].1 >= pair[1].1));
            all.sort_by_key(|it| it.0);
            all.into_iter().map(|it| it.2).collect::<Vec<_>>()
        };
        let (one, two) = (boxes(&one), boxes(&two));
        assert!(one[0] == one[1] && one[1] == one[2]);
        assert!(two[0] != two[1] && two[0] == two[2], "the last class has the first one's");
    }
}
