//! The GPU of this machine: its kernels against burn's own operations on the CPU, and SSD on it against TensorFlow.js, in
//! float32 and, where it has it, in float16. Not part of `cargo xtask test`, whose machine may have no GPU (a software
//! adapter for Vulkan does):
//!
//! `cargo test --release -p model --features gpu --test gpu`

use burn::tensor::Device;
use model::{
    catalog::System,
    ops::{
        compare::{KERNELS, Operators, Outcome, REFERENCES, computes_right, outcomes},
        gpu::{
            storage::{self, Storage},
            tiling::{TILINGS, choose},
        },
    },
    structures::{caption::Caption, skeleton::Skeleton},
    systems::{Networks, Settings, load, run_photo},
};
use pollster::block_on;

#[path = "ssd/samples.rs"]
#[allow(dead_code, reason = "the test on the CPU needs more of it")]
mod samples;

use samples::{MAX_SCORE_GAP, check_samples, files::weight_files, photo};

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
    fn on(device: &Device) -> Self {
        let (networks, horses) = (Networks::new(weight_files(), device.clone()), photo("horses.jpg"));
        let run = |system: System| {
            let detector = block_on(load(system, &networks)).expect("its weights");
            block_on(run_photo(system, detector.as_ref(), &horses, device, &Settings::default())).expect("it runs")
        };
        let captions = run(System::Captions);
        Self {
            masks: run(System::Masks).masks().expect("masks").iter().map(|mask| mask.cells.clone()).collect(),
            labels: run(System::Fcn).class_map().expect("a class map").labels.clone(),
            location: run(System::Localize).location().expect("a location").best(),
            captions: captions.captions().expect("captions").iter().map(Caption::sentence).collect(),
            skeletons: run(System::MoveNet).skeletons().expect("skeletons").to_vec(),
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
    let cpu = Said::on(&Device::flex());

    for storage in [Storage::Pairs, Storage::Single] {
        let name = storage.name();
        storage::choose(storage);
        let off = largest_difference(&gpu, &expected);
        println!("{}: {name} is off by {off}", setup.adapter.get_info().name);
        assert!(off < 1e-4, "{name} is off by {off}");
        check_samples(&gpu, MAX_SCORE_GAP);
        Said::on(&gpu).check_like(&cpu);
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
        Said::on(&gpu).check_like(&cpu);
    }
}
