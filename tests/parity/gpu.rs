//! The GPU of this machine: its kernels against burn's own operations on the CPU, and SSD on it against TensorFlow.js, in
//! float32 and, where it has it, in float16. Not part of `cargo xtask test`, whose machine may have no GPU (a software
//! adapter for Vulkan does):
//!
//! `cargo test --release -p model --features gpu --test gpu`

use burn::tensor::Device;
use model::{
    ops::{
        compare::{KERNELS, Operators, Outcome, REFERENCES, computes_right, outcomes},
        gpu::{
            storage::{self, Storage},
            tiling::{TILINGS, choose},
        },
    },
    structures::{
        boxes::{Candidate, Suppression, suppress},
        skeleton::Skeleton,
        stage::Trace,
    },
    systems::{
        caption::Captioner,
        localize::Localizer,
        mask::Masker,
        pose::Pose,
        segment::Segmenter,
        ssd::{Seen, Ssd},
    },
};
use pollster::block_on;

#[path = "ssd/samples.rs"]
#[allow(dead_code, reason = "the test on the CPU needs more of it")]
mod samples;

use samples::{MAX_SCORE_GAP, check_samples, network, photo, weights};

/// Shapes for each operation and way of cutting its work.
const ROUNDS: usize = 12;
const SEED: u64 = 20_261_125;

/// Float16 has three digits: sums of up to seventy products of numbers up to 1 are off by hundredths at most.
const HALF_OFF: f32 = 0.03;

fn computed(device: &Device, by: Operators, seed: u64) -> Vec<Outcome> {
    block_on(outcomes(device, by, ROUNDS, seed)).expect("the device computes")
}

/// The largest difference from burn's own operations, with every way of cutting the work.
fn largest_difference(gpu: &Device, expected: &[Vec<Outcome>]) -> f32 {
    let mut largest = 0f32;
    for (candidate, expected) in expected.iter().enumerate() {
        choose(candidate);
        for (ours, theirs) in computed(gpu, KERNELS, SEED + candidate as u64).iter().zip(expected) {
            largest = largest.max(ours.off(theirs));
        }
    }
    largest
}

/// What every head says about one photo.
struct Said {
    /// 28 x 28 cells of each of the things that the CPU found.
    masks: Vec<Vec<u8>>,
    labels: Vec<u8>,
    location: (usize, f32),
    captions: Vec<String>,
    skeletons: Vec<Skeleton>,
}

impl Said {
    fn on(device: &Device, found: &[Candidate], kept: &[usize]) -> Self {
        let (mut trace, horses) = (Trace::default(), photo("horses.jpg"));
        let ssd: Ssd = network(device);
        let seen: Seen = ssd.look(&horses, device, &mut trace);
        let masker = Masker::load(weights("weights/mask.bpk"), device).expect("its weights");
        let masks = block_on(masker.masks(&seen, found, kept, &mut trace)).expect("it runs");
        let segmenter = Segmenter::load(weights("weights/segment.bpk"), device).expect("its weights");
        let map = block_on(segmenter.segment(&seen, &ssd, &mut trace)).expect("it runs");
        let localizer = Localizer::load(weights("weights/localize.bpk"), device).expect("its weights");
        let location = block_on(localizer.localize(&seen, &mut trace)).expect("it runs");
        let captioner = Captioner::load(weights("weights/caption.bpk"), device).expect("its weights");
        let captions = block_on(captioner.describe(&seen, &[found[kept[0]].bbox], &mut trace)).expect("it runs");
        let pose = Pose::load(weights("cache/movenet.bpk"), device).expect("its weights");
        let person = (found[kept[0]].bbox, found[kept[0]].score);
        let skeletons = block_on(pose.estimate(&horses, &[person], device, &mut trace)).expect("it runs");
        Self {
            masks: masks.into_iter().map(|mask| mask.cells).collect(),
            labels: map.labels,
            location: location.best(),
            captions: captions.iter().map(model::structures::caption::Caption::sentence).collect(),
            skeletons,
        }
    }

    /// The same in all that does not hang on the last digits.
    fn check_like(&self, cpu: &Self) {
        let unlike = |a: &[u8], b: &[u8], differ: fn(u8, u8) -> bool| {
            assert_eq!(a.len(), b.len());
            a.iter().zip(b).filter(|(a, b)| differ(**a, **b)).count() as f64 / a.len() as f64
        };
        for (ours, theirs) in self.masks.iter().zip(&cpu.masks) {
            let share = unlike(ours, theirs, |a, b| a.abs_diff(b) > 12);
            assert!(share < 0.02, "{share} of a mask's cells differ");
        }
        let share = unlike(&self.labels, &cpu.labels, |a, b| a != b);
        assert!(share < 0.01, "{share} of the class map differs");
        assert_eq!((self.masks.len(), self.location.0), (cpu.masks.len(), cpu.location.0));
        assert!((self.location.1 - cpu.location.1).abs() < 0.02, "{:?}, not {:?}", self.location, cpu.location);
        assert_eq!(self.captions, cpu.captions);
        for (ours, theirs) in self.skeletons.iter().zip(&cpu.skeletons) {
            let gaps = ours.joints.iter().zip(&theirs.joints).map(|(a, b)| (a.score - b.score).abs());
            assert!(gaps.fold(0f32, f32::max) < 0.03, "{ours:?} is not {theirs:?}");
        }
    }
}

// One test: the storage is a choice for the whole process.
#[test]
fn this_gpu_computes_what_the_cpu_and_tensorflow_js_do() {
    let options = Device::wgpu_options();
    let (gpu, setup) = block_on(options.init_with_setup_async()).expect("this test needs a GPU");
    let expected: Vec<_> =
        (0..TILINGS.len() as u64).map(|candidate| computed(&Device::flex(), REFERENCES, SEED + candidate)).collect();
    let (horses, mut trace) = (photo("horses.jpg"), Trace::default());
    let found = block_on(network(&Device::flex()).detect(&horses, &Device::flex(), &mut trace)).expect("it runs");
    let kept = suppress(&found, &Suppression::default()).kept;
    let cpu = Said::on(&Device::flex(), &found, &kept);

    for storage in [Storage::Pairs, Storage::Single] {
        let name = storage.name();
        storage::choose(storage);
        let off = largest_difference(&gpu, &expected);
        println!("{}: {name} is off by {off}", setup.adapter.get_info().name);
        assert!(off < 1e-4, "{name} is off by {off}");
        check_samples(&gpu, MAX_SCORE_GAP);
        Said::on(&gpu, &found, &kept).check_like(&cpu);
    }

    let has_half = Storage::Half.is_offered(&gpu);
    println!("float16: {has_half}");
    if has_half {
        storage::choose(Storage::Half);
        assert!(block_on(computes_right(&gpu)).expect("the device computes"));
        let off = largest_difference(&gpu, &expected);
        println!("float16 is off by {off}");
        assert!(off < HALF_OFF, "float16 is off by {off}");
        assert!(off > 1e-4, "this is not float16");
        check_samples(&gpu, MAX_SCORE_GAP);
        Said::on(&gpu, &found, &kept).check_like(&cpu);
    }
}
