//! How the GPU kernels cut their work, chosen by timing on the device at hand: large tiles save loads, small ones keep more
//! of a GPU's units busy, and no table knows which matters more on a visitor's adapter.

use std::{fmt, str::FromStr};

use burn::tensor::{Device, Tensor};
use web_time::Instant;

use super::{
    activation::Activation,
    compare::computes_right,
    conv1x1::conv1x1,
    gpu::{
        storage::{self, Storage},
        tiling::{CANDIDATES, choose, chosen},
    },
    packed_weights::PackedWeights,
    tensor_from::tensor_from,
    weight_cache::WeightCache,
};
use crate::device::{RunError, read};

/// Layers of the detector that candidates are timed on: side of the map, channels in and out. An early layer, a narrowing
/// one on the map in the middle, and one of the last, whose maps are small.
const LAYERS: [[usize; 3]; 3] = [[75, 24, 144], [19, 576, 96], [10, 960, 320]];
/// A measurement takes about this long, in milliseconds: browsers' clocks are coarse.
const LONG_ENOUGH: f64 = 8.0;
/// Measurements of each candidate; the best counts, because whatever disturbs one only makes it longer.
const TURNS: usize = 4;
/// Most repetitions in a measurement: its launches go out in one submission.
const MOST: usize = 64;
/// A larger tile has to save so much: registers that it takes are missed elsewhere.
const WORTH: f64 = 0.95;
/// Float16 has to take at most so much of the time of float32: scores move by a few thousandths.
const WORTH_LESS_PRECISION: f64 = 0.85;
/// What is timed first, and stays where nothing is faster by far.
const FIRST: Storage = Storage::Pairs;

/// How kernels work on a device: which of [`CANDIDATES`], and from which storage. Worth keeping for the next visit with the
/// same device and build, as its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choice {
    candidate: usize,
    storage: Storage,
}

impl Choice {
    /// What is in use now.
    #[must_use]
    pub fn current() -> Self {
        Self { candidate: chosen(), storage: storage::current() }
    }

    /// Uses this choice from now on, if the device computes right with it.
    ///
    /// # Returns
    /// Whether it does; otherwise nothing changes.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn adopt(self, device: &Device) -> Result<bool, RunError> {
        let before = Self::current();
        self.put();
        let is_right = self.storage.is_offered(device) && computes_right(device).await?;
        if !is_right {
            before.put();
        }
        Ok(is_right)
    }

    fn put(self) {
        choose(self.candidate);
        storage::choose(self.storage);
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.candidate, self.storage.name())
    }
}

impl FromStr for Choice {
    type Err = UnknownChoice;

    fn from_str(text: &str) -> Result<Self, UnknownChoice> {
        let (candidate, name) = text.split_once(' ').ok_or(UnknownChoice)?;
        let candidate = candidate.parse().ok().filter(|&it: &usize| it < CANDIDATES.len()).ok_or(UnknownChoice)?;
        Ok(Self { candidate, storage: Storage::named(name).ok_or(UnknownChoice)? })
    }
}

/// A text that no [`Choice`] of this build has.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no choice of this build")]
pub struct UnknownChoice;

/// What [`choose_by_timing`] measured: the milliseconds of one round of the timed layers.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// With each of [`CANDIDATES`], weights in pairs.
    pub pairs: [f64; CANDIDATES.len()],
    /// With the best of them, weights not in pairs.
    pub single: f64,
    /// With each of them in float16, where the device has it and computes right with it.
    pub half: Option<[f64; CANDIDATES.len()]>,
}

/// Times the candidates on a device and uses the fastest from now on, from the storage that is fastest (see [`storage`]).
/// Nothing else should run meanwhile.
///
/// # Errors
/// When the device fails or computes numbers that are not finite.
pub async fn choose_by_timing(device: &Device) -> Result<Timing, RunError> {
    let all = |storage| std::array::from_fn(|candidate| Choice { candidate, storage });
    let pairs = time(all(FIRST), device).await?;
    let mut choice = Choice { candidate: best(&pairs), storage: FIRST };
    let numbers = Choice { storage: Storage::Single, ..choice };
    // Both once more, in turn: what was timed a second ago may have been timed on a busier device.
    let [mut shortest, single] = time([choice, numbers], device).await?;
    choice.put();
    if single < WORTH * shortest && numbers.adopt(device).await? {
        (choice, shortest) = (numbers, single);
    }
    let mut timing = Timing { pairs, single, half: None };
    if (Choice { storage: Storage::Half, ..choice }).adopt(device).await? {
        let half = time(all(Storage::Half), device).await?;
        timing.half = Some(half);
        if half[best(&half)] < WORTH_LESS_PRECISION * shortest {
            choice = Choice { candidate: best(&half), storage: Storage::Half };
        }
        choice.put();
    }
    Ok(timing)
}

/// The milliseconds of one round of the timed layers with some choices; the last one stays in use.
async fn time<const N: usize>(choices: [Choice; N], device: &Device) -> Result<[f64; N], RunError> {
    let mut layers = Vec::with_capacity(N);
    for choice in choices {
        choice.put();
        let its = Layer::all(device);
        // Compiles the programs.
        rounds(&its, 1).await?;
        layers.push(its);
    }
    let mut times = [f64::INFINITY; N];
    let mut repetitions = 1;
    // In turn, so that something else that keeps the device busy for a moment does not hit one candidate only.
    for turn in 0..TURNS {
        for ((choice, layers), time) in choices.iter().zip(&layers).zip(&mut times) {
            choice.put();
            *time = rounds(layers, repetitions).await?.min(*time);
        }
        if turn == 0 {
            let once = times.iter().copied().fold(f64::INFINITY, f64::min).max(0.1);
            repetitions = ((LONG_ENOUGH / once).ceil() as usize).clamp(1, MOST / LAYERS.len());
        }
    }
    Ok(times)
}

/// The first candidate that no later one beats by far.
fn best(times: &[f64]) -> usize {
    let mut best = 0;
    for (candidate, &time) in times.iter().enumerate() {
        if time < WORTH * times[best] {
            best = candidate;
        }
    }
    best
}

/// A layer that candidates are timed on.
struct Layer {
    x: Tensor<4>,
    weight: PackedWeights,
    bias: Tensor<1>,
}

impl Layer {
    /// Each of [`LAYERS`], in the storage that is chosen.
    fn all(device: &Device) -> [Self; LAYERS.len()] {
        LAYERS.map(|[side, c_in, c_out]| Self {
            x: tensor_from(vec![1.0; side * side * c_in], [1, side, side, c_in], device),
            weight: PackedWeights::from_levels(&vec![1; c_in * c_out], vec![1.0; c_out], [c_in, c_out], device),
            bias: tensor_from(vec![1.0; c_out], [c_out], device),
        })
    }
}

/// Milliseconds of one round of the timed layers, measured on several.
async fn rounds(layers: &[Layer], count: usize) -> Result<f64, RunError> {
    let cache = WeightCache::default();
    let start = Instant::now();
    let mut ends = Vec::new();
    for _ in 0..count {
        ends = Vec::new();
        for Layer { x, weight, bias } in layers {
            let out = conv1x1(x.clone(), weight.clone(), bias.clone(), Activation::Relu6, None, &cache);
            ends.push(out.slice([0..1, 0..1, 0..1, 0..4]));
        }
    }
    read(ends).await?;
    Ok(start.elapsed().as_secs_f64() * 1e3 / count as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn larger_tiles_have_to_be_worth_it() {
        assert_eq!(best(&[4.0, 3.0, 2.95, 3.5]), 1);
        assert_eq!(best(&[4.0, 3.0, 2.0, 1.0]), 3);
        assert_eq!(best(&[1.0, 3.0, 2.0, 0.97]), 0);
    }

    #[test]
    fn a_choice_is_kept_as_a_text() {
        for storage in Storage::ALL {
            let choice = Choice { candidate: 3, storage };
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        for text in ["", "4 single", "1", "1 double", "-1 half", "1 half "] {
            assert_eq!(text.parse::<Choice>(), Err(UnknownChoice), "{text:?}");
        }
    }
}
