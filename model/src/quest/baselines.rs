//! What simple methods reach on a data set: really trained on it.

use std::rc::Rc;

use super::{
    architecture::{Architecture, Input},
    board::{Baseline, Method},
    data::{DataSet, Examples},
    draws::{Purpose, between, stream, whole},
    kernels::linear,
    network::Network,
    optimizer::Memory,
    settings::{Optimizer, Settings},
    training::{EpochRun, Learner, measure},
};

/// Epochs of a method that trains.
const EPOCHS: usize = 5;
/// Networks of the small random search, and the epochs of each.
const SEARCHED: usize = 4;
const SEARCH_EPOCHS: usize = 3;
/// Validation examples that are compared with all training examples at once.
const NEIGHBOUR_CHUNK: usize = 25;
/// Pictures of this side and larger are compared at half the size.
const HALVED: usize = 16;

/// The baselines of a data set, computed piece by piece.
pub struct Baselines {
    seed: u32,
    data: Rc<DataSet>,
    jobs: std::vec::IntoIter<Job>,
    current: Option<Work>,
    best: f32,
}

enum Job {
    Majority,
    Neighbour,
    Train(Method, Candidate),
}

struct Candidate {
    architecture: Architecture,
    settings: Settings,
    epochs: usize,
}

enum Work {
    Majority,
    Neighbour(Box<Neighbour>),
    Train(Box<Training>),
}

struct Training {
    method: Method,
    candidate: Candidate,
    learner: Learner,
    epoch: usize,
    run: EpochRun,
}

impl Baselines {
    /// Draws what the random search will try.
    #[must_use]
    pub fn new(seed: u32, data: Rc<DataSet>) -> Self {
        let super::statistics::Statistics { input, classes, .. } = data.statistics;
        let linear = Architecture { input, layers: vec![], classes };
        let plain = Settings { rate: linear_rate(input), ..Settings::default() };
        let mut jobs = vec![
            Job::Majority,
            Job::Train(Method::Linear, Candidate { architecture: linear, settings: plain, epochs: EPOCHS }),
            Job::Neighbour,
            Job::Train(
                Method::Default,
                Candidate {
                    architecture: Architecture::proposed(input, classes),
                    settings: Settings::default(),
                    epochs: EPOCHS,
                },
            ),
        ];
        let candidate = |place| Job::Train(Method::Search, candidate(seed, place, input, classes));
        jobs.extend((0..SEARCHED).map(candidate));
        Self { seed, data, jobs: jobs.into_iter(), current: None, best: 0.0 }
    }

    /// Computes a piece: a batch, or a few validation examples. Returns whether there is more to do.
    pub fn advance(&mut self, done: &mut impl FnMut(Baseline)) -> bool {
        let Some(work) = self.current.take().or_else(|| self.begin()) else { return false };
        let (method, accuracy) = match work {
            Work::Majority => (Method::Majority, majority(&self.data)),
            Work::Neighbour(mut neighbour) => match neighbour.advance() {
                Some(accuracy) => (Method::Neighbour, accuracy),
                None => {
                    self.current = Some(Work::Neighbour(neighbour));
                    return true;
                }
            },
            Work::Train(mut training) => match training.advance(self.seed, &self.data) {
                Some(accuracy) => (training.method, accuracy),
                None => {
                    self.current = Some(Work::Train(training));
                    return true;
                }
            },
        };
        if method == Method::Search {
            self.best = self.best.max(accuracy);
            // The search is one row: the best of what it tried.
            if self.jobs.len() == 0 {
                done(Baseline { method, accuracy: self.best });
            }
        } else {
            done(Baseline { method, accuracy });
        }
        true
    }

    fn begin(&mut self) -> Option<Work> {
        Some(match self.jobs.next()? {
            Job::Majority => Work::Majority,
            Job::Neighbour => Work::Neighbour(Box::new(Neighbour::new(&self.data))),
            Job::Train(method, candidate) => {
                Work::Train(Box::new(Training::new(method, candidate, self.seed, &self.data)))
            }
        })
    }
}

/// Linear softmax: all pixels share one layer, whose gradient is as long as the picture is large.
const fn linear_rate(input: Input) -> f32 {
    match input {
        Input::Vector { .. } => 0.01,
        Input::Image { .. } => 0.0005,
    }
}

fn candidate(seed: u32, place: usize, input: Input, classes: usize) -> Candidate {
    let mut random = stream(seed, Purpose::Baseline, 1 + place);
    let (layers, width) = match input {
        Input::Vector { .. } => (whole(&mut random, [1, 3]), 1 << whole(&mut random, [4, 7])),
        Input::Image { .. } => (whole(&mut random, [2, 4]), 4 * whole(&mut random, [2, 5])),
    };
    let architecture = Architecture::uniform(input, classes, layers, width).expect("it is on offer");
    // The logarithm of the rate is uniform between 0.0001 and 0.1.
    let rate = 1e-4 * libm::expf(6.907_755 * random.uniform());
    let dropout = between(&mut random, [0.0, 0.5]);
    let optimizer = if random.below(2) == 0 { Optimizer::Sgd { momentum: 0.9 } } else { Optimizer::Adam };
    Candidate {
        architecture,
        settings: Settings { rate, dropout, optimizer, ..Settings::default() },
        epochs: SEARCH_EPOCHS,
    }
}

fn majority(data: &DataSet) -> f32 {
    let count = |labels: &[u8], class: usize| labels.iter().filter(|label| usize::from(**label) == class).count();
    let most = (0..data.statistics.classes).max_by_key(|class| count(&data.training.labels, *class)).unwrap_or(0);
    count(&data.validation.labels, most) as f32 / data.validation.len().max(1) as f32
}

impl Training {
    fn new(method: Method, candidate: Candidate, seed: u32, data: &DataSet) -> Self {
        let network = Network::drawn(&candidate.architecture, &mut stream(seed, Purpose::Baseline, 0));
        let run = EpochRun::new(seed, 1, candidate.settings, data);
        Self { method, candidate, learner: Learner { network, memory: Memory::default() }, epoch: 1, run }
    }

    /// Trains on a batch; the validation accuracy, once it is done. One that explodes is measured as it is.
    fn advance(&mut self, seed: u32, data: &DataSet) -> Option<f32> {
        if self.run.step(&mut self.learner, data) {
            return None;
        }
        let is_cut = self.run.progress() < 1.0;
        if is_cut || self.epoch == self.candidate.epochs {
            return Some(measure(&self.learner.network, &data.validation, usize::MAX).accuracy);
        }
        self.epoch += 1;
        self.run = EpochRun::new(seed, self.epoch, self.candidate.settings, data);
        None
    }
}

/// The nearest training example by Euclidean distance; large pictures are compared at half their size.
struct Neighbour {
    data: Rc<DataSet>,
    /// `[length, training]`.
    transposed: Vec<f32>,
    /// Half the squared length of each training example.
    norms: Vec<f32>,
    length: usize,
    at: usize,
    right: usize,
}

impl Neighbour {
    fn new(data: &Rc<DataSet>) -> Self {
        let count = data.training.len();
        let all: Vec<u32> = (0..).take(count).collect();
        let examples = compared(&data.training, data.statistics.input, &all);
        let length = examples.len() / count.max(1);
        let mut transposed = vec![0.0; examples.len()];
        for (place, example) in examples.chunks_exact(length).enumerate() {
            for (i, value) in example.iter().enumerate() {
                transposed[i * count + place] = *value;
            }
        }
        let norms = examples.chunks_exact(length).map(|it| 0.5 * it.iter().map(|v| v * v).sum::<f32>()).collect();
        Self { data: Rc::clone(data), transposed, norms, length, at: 0, right: 0 }
    }

    fn advance(&mut self) -> Option<f32> {
        let validation = &self.data.validation;
        let end = (self.at + NEIGHBOUR_CHUNK).min(validation.len());
        let indices: Vec<u32> = (self.at as u32..end as u32).collect();
        let x = compared(validation, self.data.statistics.input, &indices);
        let products = linear::forward(&x, &self.transposed, &[], self.length, self.norms.len());
        for (products, index) in products.chunks_exact(self.norms.len()).zip(&indices) {
            let mut nearest = (f32::INFINITY, 0);
            for (place, (norm, product)) in self.norms.iter().zip(products).enumerate() {
                let distance = norm - product;
                if distance < nearest.0 {
                    nearest = (distance, place);
                }
            }
            self.right += usize::from(self.data.training.labels[nearest.1] == validation.labels[*index as usize]);
        }
        self.at = end;
        (end == validation.len()).then(|| self.right as f32 / validation.len().max(1) as f32)
    }
}

fn compared(examples: &Examples, input: Input, indices: &[u32]) -> Vec<f32> {
    let batch = examples.batch(indices);
    match input {
        Input::Image { side, channels } if side >= HALVED => halved(&batch, side, channels),
        _ => batch,
    }
}

/// The means of 2 x 2 pixels.
fn halved(batch: &[f32], side: usize, channels: usize) -> Vec<f32> {
    let half = side / 2;
    let mut out = Vec::with_capacity(batch.len() / 4);
    for image in batch.chunks_exact(side * side * channels) {
        for place in 0..half * half {
            let first = (2 * (place / half) * side + 2 * (place % half)) * channels;
            for channel in first..first + channels {
                let below = channel + side * channels;
                out.push(0.25 * (image[channel] + image[channel + channels] + image[below] + image[below + channels]));
            }
        }
    }
    out
}
