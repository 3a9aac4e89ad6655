//! The training loop: steps, a schedule, checkpoints that a later run goes on from, and a log of every measurement.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    time::Instant,
};

use burn::{
    module::Module,
    optim::{AdamWConfig, GradientsParams, ModuleOptimizer, grad_clipping::GradientClippingConfig},
    tensor::{Device, Tensor},
};
use serde::{Deserialize, Serialize};

use super::{
    TrainError,
    bank::{Map, SPREAD},
};
use crate::{
    nn::weights::{Pack, Weights, WeightsError},
    random::Random,
};

/// A head with its data and its loss.
pub trait Lesson {
    /// What is trained.
    type Head: Module + Clone;

    /// Makes the head.
    ///
    /// # Errors
    /// When the weights are another head's.
    fn load(&self, weights: &Weights, device: &Device) -> Result<Self::Head, WeightsError>;

    /// The loss on a random batch.
    ///
    /// # Errors
    /// When the data cannot be read.
    fn loss(&self, head: &Self::Head, random: &mut Random, device: &Device) -> Result<Tensor<1>, TrainError>;

    /// Measures the head on the dev part, outside autodiff. The first measure chooses the best checkpoint: more is better.
    ///
    /// # Errors
    /// When the data cannot be read.
    fn measure(&self, head: &Self::Head, device: &Device) -> Result<Vec<(&'static str, f64)>, TrainError>;

    /// The weights that read the backbone's maps, with the map that each of their groups of rows reads, in order: a name
    /// and `(rows, which of the bank's maps)`.
    fn readers(&self) -> Vec<(&'static str, Vec<(usize, Map)>)>;

    /// What the weights say beside their tensors.
    fn notes(&self) -> Vec<(String, String)> {
        vec![]
    }
}

/// How to train.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Steps in all.
    pub steps: usize,
    /// The highest learning rate, reached after [`Plan::warm_up`] steps; it falls to 0 as a cosine.
    pub rate: f64,
    /// Steps to the highest rate.
    pub warm_up: usize,
    /// Weight decay (Loshchilov and Hutter 2019).
    pub decay: f32,
    /// Steps between two measurements and checkpoints.
    pub every: usize,
    /// Makes training repeatable.
    pub seed: u64,
    /// Weights to start from instead of random ones, a checkpoint's or a finished file's: tensors that they lack stay
    /// random.
    pub from: Option<PathBuf>,
    /// The folder for checkpoints and the log.
    pub run: PathBuf,
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Standing {
    step: usize,
    best: Option<f64>,
    seconds: f64,
}

/// Trains until the plan is done.
///
/// # Returns
/// The best head by its first measure, and that measure.
///
/// # Errors
/// When data or files fail, or the loss stops being a number.
pub fn train<L: Lesson>(lesson: &L, plan: &Plan, device: &Device) -> Result<(L::Head, f64), TrainError> {
    fs::create_dir_all(&plan.run).map_err(TrainError::file(&plan.run))?;
    let (latest, best, standing) =
        (plan.run.join("latest.bpk"), plan.run.join("best.bpk"), plan.run.join("standing.json"));
    let learning = device.clone().autodiff();
    let mut at: Standing =
        fs::read_to_string(&standing).ok().and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
    let begun = if at.step > 0 { Some(&latest) } else { plan.from.as_ref() };
    let mut head = match begun {
        Some(path) => begin(lesson, fs::read(path).map_err(TrainError::file(path))?, plan.seed, &learning)?,
        None => lesson.load(&Weights::untrained(plan.seed), &learning)?,
    };
    // The optimizer's moments are not kept: a resumed run warms up again.
    let resumed = at.step;
    let mut optimizer = optimizer(plan);
    let (mut clock, mut sum, mut count) = (Instant::now(), 0.0, 0);
    while at.step < plan.steps {
        let mut random = Random::new(plan.seed.wrapping_mul(1_000_003).wrapping_add(at.step as u64));
        let loss = lesson.loss(&head, &mut random, &learning)?;
        let value: f32 = loss.clone().into_scalar();
        if !value.is_finite() {
            return Err(TrainError::Diverged(at.step));
        }
        (sum, count) = (sum + f64::from(value), count + 1);
        let gradients = GradientsParams::from_grads(loss.backward(), &head);
        head = optimizer.step(rate(plan, at.step, resumed), head, gradients);
        at.step += 1;
        if at.step.is_multiple_of(plan.every) || at.step == plan.steps {
            let plain = head.valid();
            let measures = lesson.measure(&plain, device)?;
            at.seconds += clock.elapsed().as_secs_f64();
            clock = Instant::now();
            log(&plan.run.join("log.csv"), &at, sum / f64::from(count), &measures)?;
            (sum, count) = (0.0, 0);
            let merit = measures.first().map_or(0.0, |it| it.1);
            if at.best.is_none_or(|best| merit > best) {
                at.best = Some(merit);
                write(&best, &checkpoint(lesson, &plain)?)?;
            }
            write(&latest, &checkpoint(lesson, &plain)?)?;
            write(&standing, serde_json::to_string(&at).expect("plain numbers").as_bytes())?;
        }
    }
    let weights = Weights::from_bytes(fs::read(&best).map_err(TrainError::file(&best))?)?;
    Ok((lesson.load(&weights, device)?, at.best.unwrap_or(0.0)))
}

/// A head that begins with some weights. Those of a finished file are for the maps as the backbone gives them, which
/// [`pack`] has seen to; learning goes on with maps that are divided by their [`SPREAD`].
fn begin<L: Lesson>(lesson: &L, bytes: Vec<u8>, seed: u64, device: &Device) -> Result<L::Head, TrainError> {
    let weights = Weights::from_bytes(bytes)?.or_untrained(seed);
    let head = lesson.load(&weights, device)?;
    let mut pack = Pack::exact();
    let mut finished = false;
    for (name, groups) in lesson.readers().into_iter().filter(|(name, _)| weights.is_rounded(name)) {
        pack.scale_rows(name, row_factors(groups, |spread| spread));
        finished = true;
    }
    if !finished {
        return Ok(head);
    }
    pack.add_module("", &head)?;
    Ok(lesson.load(&Weights::from_bytes(pack.into_bytes()?)?, device)?)
}

fn optimizer(plan: &Plan) -> ModuleOptimizer {
    AdamWConfig::new()
        .with_weight_decay(plan.decay)
        .with_epsilon(1e-8)
        .with_grad_clipping(Some(GradientClippingConfig::Norm(5.0)))
        .init()
}

/// The learning rate of a step: a linear warm-up, then a cosine (Loshchilov and Hutter 2017, "SGDR").
fn rate(plan: &Plan, step: usize, resumed: usize) -> f64 {
    let part = step as f64 / plan.steps.max(1) as f64;
    let warm = ((step - resumed + 1) as f64 / plan.warm_up.max(1) as f64).min(1.0);
    plan.rate * warm * 0.5 * (1.0 + (std::f64::consts::PI * part).cos())
}

/// The head as a burnpack file, for the maps as the backbone gives them.
///
/// # Errors
/// When its numbers cannot be read or stored.
pub fn pack<L: Lesson>(lesson: &L, head: &L::Head) -> Result<Vec<u8>, TrainError> {
    let mut pack = Pack::default();
    scale_readers(lesson, &mut pack, "");
    fill(lesson, head, pack)
}

/// Has the weights that read the backbone's maps packed for the maps as the backbone gives them.
///
/// # Arguments
/// * `prefix` - of the head's tensors.
pub fn scale_readers<L: Lesson>(lesson: &L, pack: &mut Pack, prefix: &str) {
    for (name, groups) in lesson.readers() {
        pack.scale_rows(format!("{prefix}{name}"), row_factors(groups, |spread| 1.0 / spread));
    }
}

/// A factor for each row of a weight that reads maps, from the [`SPREAD`] of the map that it reads.
fn row_factors(groups: Vec<(usize, Map)>, of: fn(f32) -> f32) -> Vec<f32> {
    groups.into_iter().flat_map(|(rows, map)| std::iter::repeat_n(of(SPREAD[map as usize]), rows)).collect()
}

/// A checkpoint.
fn checkpoint<L: Lesson>(lesson: &L, head: &L::Head) -> Result<Vec<u8>, TrainError> {
    fill(lesson, head, Pack::exact())
}

fn fill<L: Lesson>(lesson: &L, head: &L::Head, mut pack: Pack) -> Result<Vec<u8>, TrainError> {
    pack.add_module("", head)?;
    for (key, text) in lesson.notes() {
        pack.note(key, text);
    }
    Ok(pack.into_bytes()?)
}

/// Writes beside the final place and renames: a cut run leaves no half-written file.
///
/// # Errors
/// When the disk refuses.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), TrainError> {
    let partial = path.with_extension("partial");
    fs::write(&partial, bytes).map_err(TrainError::file(&partial))?;
    fs::rename(&partial, path).map_err(TrainError::file(path))
}

/// Adds a line to the log and says it.
fn log(path: &Path, at: &Standing, loss: f64, measures: &[(&'static str, f64)]) -> Result<(), TrainError> {
    let new = !path.is_file();
    let mut file = fs::File::options().append(true).create(true).open(path).map_err(TrainError::file(path))?;
    let mut line = format!("{},{:.0},{loss:.5}", at.step, at.seconds);
    let mut names = String::from("step,seconds,loss");
    for (name, value) in measures {
        line += &format!(",{value:.5}");
        names += &format!(",{name}");
    }
    if new {
        writeln!(file, "{names}").map_err(TrainError::file(path))?;
    }
    println!("{names}: {line}");
    writeln!(file, "{line}").map_err(TrainError::file(path))
}

#[cfg(test)]
mod tests {
    use burn::tensor::TensorData;

    use super::*;
    use crate::{nn::Conv1x1, ops::Activation};

    fn plan(steps: usize, rate: f64, run: &Path) -> Plan {
        Plan { steps, rate, warm_up: 10, decay: 0.0, every: 25, seed: 1, from: None, run: run.to_owned() }
    }

    #[derive(Module, Debug)]
    struct Line {
        line: Conv1x1,
    }

    /// Three numbers become their sum and a difference.
    struct Sums;

    impl Sums {
        fn off(head: &Line, random: &mut Random, device: &Device) -> Tensor<1> {
            let values: Vec<f32> = (0..24).map(|_| random.uniform() - 0.5).collect();
            let wanted: Vec<f32> = values.chunks_exact(3).flat_map(|v| [v[0] + v[1] + v[2], v[0] - v[1]]).collect();
            let x = Tensor::from_data(TensorData::new(values, [1, 1, 8, 3]), device);
            let wanted = Tensor::from_data(TensorData::new(wanted, [1, 1, 8, 2]), device);
            (head.line.forward(x, None) - wanted).powi_scalar(2).mean()
        }
    }

    impl Lesson for Sums {
        type Head = Line;

        fn load(&self, weights: &Weights, device: &Device) -> Result<Line, WeightsError> {
            Ok(Line { line: Conv1x1::load(weights, "line", (3, 2), Activation::Linear, device)? })
        }

        fn readers(&self) -> Vec<(&'static str, Vec<(usize, Map)>)> {
            vec![("line.weight", vec![(1, Map::Stride4), (2, Map::Stride32)])]
        }

        fn loss(&self, head: &Line, random: &mut Random, device: &Device) -> Result<Tensor<1>, TrainError> {
            Ok(Self::off(head, random, device))
        }

        fn measure(&self, head: &Line, device: &Device) -> Result<Vec<(&'static str, f64)>, TrainError> {
            let off: f32 = Self::off(head, &mut Random::new(99), device).into_scalar();
            Ok(vec![("fit", -f64::from(off))])
        }
    }

    #[test]
    fn a_cut_run_goes_on_and_learns() {
        // A folder of this test's own; a crate for it would have burn built once more for the tests.
        let folder = std::env::temp_dir().join(format!("lookout-course-{}", std::process::id()));
        let (_, before) = train(&Sums, &plan(25, 1e-9, &folder), &Device::flex()).unwrap();
        let (head, after) = train(&Sums, &plan(300, 0.1, &folder), &Device::flex()).unwrap();
        assert!(before < -0.01 && after > -1e-4, "from {before} to {after}");
        let log = fs::read_to_string(folder.join("log.csv")).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        let steps: Vec<&str> = log.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        assert_eq!((steps[0], steps[1], steps[steps.len() - 1]), ("25", "50", "300"), "it went on where it was");
        let finished = pack(&Sums, &head).unwrap();
        let again = begin(&Sums, finished.clone(), 1, &Device::flex()).unwrap();
        let packed = Weights::from_bytes(finished).unwrap();
        let (weight, shape) = packed.values("line.weight").unwrap();
        assert_eq!(shape, [3, 2]);
        // Folded in: the first row reads a map that was divided by 3.8 while learning, the others one divided by 0.25.
        for (found, wanted) in weight.iter().zip([1.0 / 3.8, 1.0 / 3.8, 4.0, -4.0, 4.0, 0.0]) {
            assert!((found - wanted).abs() < 0.05 * wanted.abs().max(1.0), "{weight:?}");
        }
        let off: f32 = Sums::off(&again, &mut Random::new(99), &Device::flex()).into_scalar();
        assert!(off < 1e-4, "a finished file begins where learning ended: {off}");
    }

    #[test]
    fn the_rate_rises_and_falls() {
        let plan = plan(1000, 2.0, Path::new(""));
        assert!((rate(&plan, 0, 0) - 0.2).abs() < 1e-6);
        assert!((rate(&plan, 500, 0) - 1.0).abs() < 1e-6);
        assert!(rate(&plan, 999, 0) < 1e-4);
        assert!(rate(&plan, 500, 500) < 0.2, "a resumed run warms up again");
    }
}
