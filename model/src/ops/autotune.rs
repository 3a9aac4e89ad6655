//! Choice of a tiling and a storage by timing on the device at hand: large tiles save loads, small ones keep more of a
//! GPU's units busy, and no table knows which matters more on a visitor's adapter.

use std::{fmt, str::FromStr};

use burn::tensor::{Device, Tensor};
use web_time::Instant;

use super::{
    activation::Activation,
    compare::computes_right,
    conv1x1::conv1x1,
    gpu::{
        storage::{self, Storage},
        tiling::{self, TILINGS},
    },
    packed_weights::PackedWeights,
    tensor_from::tensor_from,
    weight_cache::WeightCache,
};
use crate::device::{RunError, read};

/// Layers of the detector that tunings are timed on: side of the map, channels in and out. An early layer, a narrowing
/// one on the map in the middle, and one of the last, whose maps are small.
const LAYERS: [[usize; 3]; 3] = [[75, 24, 144], [19, 576, 96], [10, 960, 320]];
/// Length of a measurement in milliseconds: browsers' clocks are coarse.
const MEASUREMENT_MS: f64 = 8.0;
/// Measurements of each tuning; the best counts, because whatever disturbs one only makes it longer.
const TURNS: usize = 4;
/// Repetitions in a measurement at most: its launches go out in one submission.
const MAX_REPETITIONS: usize = 64;
/// Time of a larger tile at most, of that of a smaller one: registers that it takes are missed elsewhere.
const MAX_SHARE: f64 = 0.95;
/// Time of float16 at most, of that of float32: scores move by a few thousandths.
const MAX_SHARE_HALF: f64 = 0.85;
/// The storage that is timed first, and stays where none is faster by far.
const FIRST: Storage = Storage::Pairs;

/// A tiling and a storage, worth keeping for the next visit with the same device and build, as its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// Index in [`TILINGS`].
    tiling: usize,
    storage: Storage,
}

impl Tuning {
    /// The tuning in use.
    #[must_use]
    pub fn current() -> Self {
        Self { tiling: tiling::index(), storage: storage::current() }
    }

    /// Uses this tuning from now on, if the device computes right with it.
    ///
    /// # Returns
    /// Whether it does; otherwise nothing changes.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn adopt(self, device: &Device) -> Result<bool, RunError> {
        let before = Self::current();
        self.apply();
        let is_right = self.storage.is_offered(device) && computes_right(device).await?;
        if !is_right {
            before.apply();
        }
        Ok(is_right)
    }

    fn apply(self) {
        tiling::choose(self.tiling);
        storage::choose(self.storage);
    }
}

impl fmt::Display for Tuning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.tiling, self.storage.name())
    }
}

impl FromStr for Tuning {
    type Err = UnknownTuning;

    fn from_str(text: &str) -> Result<Self, UnknownTuning> {
        let (tiling, name) = text.split_once(' ').ok_or(UnknownTuning)?;
        let tiling = tiling.parse().ok().filter(|&index: &usize| index < TILINGS.len()).ok_or(UnknownTuning)?;
        Ok(Self { tiling, storage: Storage::named(name).ok_or(UnknownTuning)? })
    }
}

/// Error of a text that no [`Tuning`] of this build has.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no tuning of this build")]
pub struct UnknownTuning;

/// Milliseconds of one round of the timed layers, as [`choose_by_timing`] measured them.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// With each of [`TILINGS`], weights in pairs.
    pub pairs: [f64; TILINGS.len()],
    /// With the best tiling, weights not in pairs.
    pub single: f64,
    /// With each tiling in float16, where the device has it and computes right with it.
    pub half: Option<[f64; TILINGS.len()]>,
}

/// Times the tilings and storages on a device and uses the fastest from now on. Nothing else should run meanwhile.
///
/// # Errors
/// When the device fails or computes numbers that are not finite.
pub async fn choose_by_timing(device: &Device) -> Result<Timing, RunError> {
    let all = |storage| std::array::from_fn(|tiling| Tuning { tiling, storage });
    let pairs = time(all(FIRST), device).await?;
    let mut tuning = Tuning { tiling: best(&pairs), storage: FIRST };
    let unpaired = Tuning { storage: Storage::Single, ..tuning };
    // Both once more, in turn: what was timed a second ago may have been timed on a busier device.
    let [mut shortest, single] = time([tuning, unpaired], device).await?;
    tuning.apply();
    if single < MAX_SHARE * shortest && unpaired.adopt(device).await? {
        (tuning, shortest) = (unpaired, single);
    }
    let mut timing = Timing { pairs, single, half: None };
    if (Tuning { storage: Storage::Half, ..tuning }).adopt(device).await? {
        let half = time(all(Storage::Half), device).await?;
        timing.half = Some(half);
        if half[best(&half)] < MAX_SHARE_HALF * shortest {
            tuning = Tuning { tiling: best(&half), storage: Storage::Half };
        }
        tuning.apply();
    }
    Ok(timing)
}

/// The milliseconds of one round of the timed layers with some tunings; the last one stays in use.
async fn time<const N: usize>(tunings: [Tuning; N], device: &Device) -> Result<[f64; N], RunError> {
    let mut layers = Vec::with_capacity(N);
    for tuning in tunings {
        tuning.apply();
        let layers_of_tuning = Layer::all(device);
        // Compiles the programs.
        rounds(&layers_of_tuning, 1).await?;
        layers.push(layers_of_tuning);
    }
    let mut times = [f64::INFINITY; N];
    let mut repetitions = 1;
    // In turn, so that something else that keeps the device busy for a moment does not hit one tuning only.
    for turn in 0..TURNS {
        for ((tuning, layers), time) in tunings.iter().zip(&layers).zip(&mut times) {
            tuning.apply();
            *time = rounds(layers, repetitions).await?.min(*time);
        }
        if turn == 0 {
            let once = times.iter().copied().fold(f64::INFINITY, f64::min).max(0.1);
            repetitions = ((MEASUREMENT_MS / once).ceil() as usize).clamp(1, MAX_REPETITIONS / LAYERS.len());
        }
    }
    Ok(times)
}

/// The first tiling that no later one beats by far.
fn best(times: &[f64]) -> usize {
    let mut best = 0;
    for (index, &time) in times.iter().enumerate() {
        if time < MAX_SHARE * times[best] {
            best = index;
        }
    }
    best
}

/// A layer that tunings are timed on.
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
    fn a_larger_tile_has_to_save_time() {
        assert_eq!(best(&[4.0, 3.0, 2.95, 3.5]), 1);
        assert_eq!(best(&[4.0, 3.0, 2.0, 1.0]), 3);
        assert_eq!(best(&[1.0, 3.0, 2.0, 0.97]), 0);
    }

    #[test]
    fn a_tuning_is_kept_as_a_text() {
        for storage in Storage::ALL {
            let tuning = Tuning { tiling: 3, storage };
            assert_eq!(tuning.to_string().parse(), Ok(tuning));
        }
        for text in ["", "4 single", "1", "1 double", "-1 half", "1 half "] {
            assert_eq!(text.parse::<Tuning>(), Err(UnknownTuning), "{text:?}");
        }
    }
}
