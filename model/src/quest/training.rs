//! Epochs, in steps of one batch, so that whoever runs them can look up in between.

use super::{
    data::{DataSet, Examples},
    draws::{Purpose, stream},
    kernels::softmax,
    network::{LayerWeights, Network, forward},
    operators::{self, Tracked},
    optimizer::Memory,
    record::Epoch,
    settings::Settings,
};
use crate::random::Random;

/// A network with its optimiser: what a checkpoint keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct Learner {
    /// The network.
    pub network: Network,
    /// The optimiser's memory.
    pub memory: Memory,
}

/// Groups of steps that an epoch tells of.
const GROUPS: usize = 20;
/// Examples of a measurement that are computed at once.
const CHUNK: usize = 50;

/// An epoch under way.
pub struct EpochRun {
    order: Vec<u32>,
    at: usize,
    settings: Settings,
    random: Random,
    group: Group,
    course: Vec<[f32; 2]>,
    exploded: bool,
}

/// What the steps since the last point of the course add up to.
#[derive(Default)]
struct Group {
    loss: f64,
    right: usize,
    count: usize,
}

impl EpochRun {
    /// Draws the order of the examples.
    ///
    /// # Arguments
    /// * `number` - which epoch on the way from the first checkpoint, from 1.
    #[must_use]
    pub fn new(seed: u32, number: usize, settings: Settings, data: &DataSet) -> Self {
        let mut random = stream(seed, Purpose::Epoch, number);
        let mut order: Vec<u32> = (0..).take(data.training.len()).collect();
        random.shuffle(&mut order);
        Self { order, at: 0, settings, random, group: Group::default(), course: vec![], exploded: false }
    }

    /// The share that is done.
    #[must_use]
    pub fn progress(&self) -> f32 {
        self.at as f32 / self.order.len().max(1) as f32
    }

    /// Loss and accuracy so far, a point for each group of steps.
    #[must_use]
    pub fn course(&self) -> &[[f32; 2]] {
        &self.course
    }

    /// Trains on one batch. Returns whether the epoch goes on.
    pub fn step(&mut self, learner: &mut Learner, data: &DataSet) -> bool {
        let indices = &self.order[self.at..(self.at + self.settings.batch as usize).min(self.order.len())];
        let labels = data.training.labels_of(indices);
        let (loss, right, gradients) =
            gradients(&learner.network, data.training.batch(indices), &labels, self.settings.dropout, &mut self.random);
        self.exploded = !loss.is_finite();
        if self.exploded {
            return false;
        }
        learner.memory.step(&mut learner.network, &gradients, &self.settings);
        self.at += indices.len();
        self.group.loss += f64::from(loss) * labels.len() as f64;
        self.group.right += right;
        self.group.count += labels.len();
        let is_last = self.at == self.order.len();
        if is_last || self.group.count * GROUPS >= self.order.len() {
            let Group { loss, right, count } = std::mem::take(&mut self.group);
            self.course.push([(loss / count as f64) as f32, right as f32 / count as f32]);
        }
        !is_last
    }

    /// Measures what the epoch led to.
    #[must_use]
    pub fn finish(self, learner: &Learner, data: &DataSet, seconds: f32) -> Epoch {
        let validation = measure(&learner.network, &data.validation, data.validation.len());
        let training = measure(&learner.network, &data.training, data.validation.len());
        let finite = |loss: f32| loss.is_finite().then_some(loss);
        Epoch {
            training_loss: finite(training.loss),
            training_accuracy: training.accuracy,
            validation_loss: finite(validation.loss),
            validation_accuracy: validation.accuracy,
            exploded: self.exploded || !training.loss.is_finite() || !validation.loss.is_finite(),
            course: self.course,
            seconds,
        }
    }
}

/// The mean loss of a batch, how many of it are right, and the gradient of each layer.
pub(super) fn gradients(
    network: &Network,
    x: Vec<f32>,
    labels: &[u8],
    dropout: f32,
    random: &mut Random,
) -> (f32, usize, Vec<LayerWeights>) {
    let parameters = network.tensors(operators::parameter::<2>, operators::parameter::<1>);
    let scores = forward(&network.architecture, &parameters, x, |x| drop(x, dropout, random));
    let (tracked, loss, right) = operators::cross_entropy(&scores, labels, network.architecture.classes);
    if !loss.is_finite() {
        return (loss, right, vec![]);
    }
    let found = tracked.backward();
    let gradient = |tensor: &Tracked| {
        let gradient = tensor.grad(&found).expect("the loss depends on every parameter");
        operators::values(&gradient).to_vec()
    };
    let layer = |[w, bias]: &[Tracked; 2]| LayerWeights { w: gradient(w), bias: gradient(bias) };
    (loss, right, parameters.iter().map(layer).collect())
}

fn drop(x: Tracked, rate: f32, random: &mut Random) -> Tracked {
    if rate <= 0.0 {
        return x;
    }
    let kept = 1.0 / (1.0 - rate);
    let count = operators::values(x.primitive()).len();
    let factors = (0..count).map(|_| if random.uniform() < rate { 0.0 } else { kept }).collect();
    operators::scale(&x, factors)
}

/// Loss and accuracy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measure {
    /// Mean cross-entropy in nats.
    pub loss: f32,
    /// Share of right answers.
    pub accuracy: f32,
}

/// Measures a network on the first examples.
#[must_use]
pub fn measure(network: &Network, examples: &Examples, count: usize) -> Measure {
    let (mut loss, mut right) = (0.0_f64, 0);
    let indices: Vec<u32> = (0..).take(count.min(examples.len())).collect();
    for chunk in indices.chunks(CHUNK) {
        let scores = network.scores(examples.batch(chunk));
        let judged = softmax::cross_entropy(&scores, &examples.labels_of(chunk), network.architecture.classes);
        loss += f64::from(judged.loss) * chunk.len() as f64;
        right += judged.right;
    }
    let count = indices.len().max(1);
    Measure { loss: (loss / count as f64) as f32, accuracy: right as f32 / count as f32 }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::quest::architecture::{Architecture, Input};

    /// What PyTorch says; `tests/reference/quest/make.py` wrote it.
    const REFERENCE: &str = include_str!("../../../tests/reference/quest/gradients.json");

    #[derive(Deserialize)]
    struct Case {
        case: String,
        loss: f32,
        labels: Vec<u8>,
        gradients: Vec<Vec<f32>>,
    }

    /// The formula of the script.
    fn numbers(count: usize, factor: usize, scale: f32) -> Vec<f32> {
        (0..count).map(|i| ((i * factor % 1009) as f32 / 1009.0 * 2.0 - 1.0) * scale).collect()
    }

    /// The network and the inputs of a case.
    fn network(case: &Case) -> (Network, Vec<f32>) {
        let (input, width) = match case.case.as_str() {
            "vectors" => (Input::Vector { dimensions: 5 }, 12),
            _ => (Input::Image { side: 17, channels: 3 }, 4),
        };
        let architecture = Architecture::uniform(input, 3, 2, width).expect("it is on offer");
        let mut layers = vec![];
        let mut place = 0;
        let mut next = |count: usize| {
            place += 1;
            numbers(count, 37 + 2 * (place - 1), 0.6)
        };
        for size in architecture.sizes() {
            layers.push(LayerWeights { w: next(size.fan_in * size.outputs), bias: next(size.outputs) });
        }
        layers.push(LayerWeights { w: next(architecture.features() * 3), bias: next(3) });
        (Network { architecture, layers }, numbers(case.labels.len() * input.len(), 101, 1.5))
    }

    fn cases() -> Vec<Case> {
        serde_json::from_str(REFERENCE).expect("the script writes such a list")
    }

    #[test]
    fn gradients_are_those_of_pytorch() {
        for case in cases() {
            let (network, x) = network(&case);
            let (loss, _, found) = gradients(&network, x, &case.labels, 0.0, &mut Random::new(1));
            assert!((loss - case.loss).abs() < 1e-5, "{}: {loss}, {}", case.case, case.loss);
            let found: Vec<_> = found.into_iter().flat_map(|layer| [layer.w, layer.bias]).collect();
            assert_eq!(found.len(), case.gradients.len());
            for (place, (found, expected)) in found.iter().zip(&case.gradients).enumerate() {
                assert_eq!(found.len(), expected.len());
                let difference = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
                let largest = expected.iter().map(|it| it.abs()).fold(0.0, f32::max);
                assert!(difference < 1e-5 * largest.max(1.0), "{}, tensor {place}: {difference}", case.case);
            }
        }
    }

    #[test]
    fn gradients_are_the_slope_of_the_loss() {
        for case in cases() {
            let (network, x) = network(&case);
            let loss =
                |network: &Network| f64::from(gradients(network, x.clone(), &case.labels, 0.0, &mut Random::new(1)).0);
            let (_, _, found) = gradients(&network, x.clone(), &case.labels, 0.0, &mut Random::new(1));
            let step = 2e-3_f32;
            for (place, gradient) in found.iter().enumerate() {
                for at in (0..gradient.w.len()).step_by(7) {
                    let mut moved = [network.clone(), network.clone()];
                    moved[0].layers[place].w[at] += step;
                    moved[1].layers[place].w[at] -= step;
                    let slope = (loss(&moved[0]) - loss(&moved[1])) / (2.0 * f64::from(step));
                    let difference = (slope - f64::from(gradient.w[at])).abs();
                    assert!(
                        difference < 6e-3,
                        "{}, layer {place}, weight {at}: {slope}, {}",
                        case.case,
                        gradient.w[at]
                    );
                }
            }
        }
    }

    #[test]
    fn dropout_keeps_the_mean() {
        let x = operators::constant(vec![1.0; 20_000], [1, 20_000]);
        let dropped = drop(x, 0.3, &mut Random::new(2));
        let values = operators::values(dropped.primitive());
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
        assert!(values.iter().any(|it| *it == 0.0));
    }

    #[test]
    fn training_learns_and_repeats() {
        let data = DataSet::of_family_and_seed(crate::quest::statistics::Family::Clusters, 3);
        let architecture = Architecture::proposed(data.statistics.input, data.statistics.classes);
        let play = || {
            let network = Network::drawn(&architecture, &mut stream(3, Purpose::FirstWeights, 0));
            let mut learner = Learner { network, memory: Memory::default() };
            let settings = Settings { dropout: 0.1, ..Settings::default() };
            let epoch = |learner: &mut Learner, number| {
                let mut run = EpochRun::new(3, number, settings, &data);
                while run.step(learner, &data) {}
                run.finish(learner, &data, 0.0)
            };
            [epoch(&mut learner, 1), epoch(&mut learner, 2)]
        };
        let [first, second] = play();
        assert_eq!(play(), [first.clone(), second.clone()], "the same seed gives the same numbers");
        let chance = (data.statistics.classes as f32).ln();
        assert!(second.validation_loss.is_some_and(|loss| loss < 0.8 * chance), "{second:?}");
        assert_eq!(first.course.len(), 20);
    }
}
