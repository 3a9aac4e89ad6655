//! What the page and the worker say to each other.
//!
//! Every message is one JavaScript object made by `serde-wasm-bindgen`; pixels travel beside it as a transferred
//! `ArrayBuffer` in the property `pixels`, so that they are never copied. Masks and class maps come back as
//! `Uint8Array`s inside the message. The shell `www/worker.js` answers
//! `Request::Start` itself (it fetches the module and the weights, reporting bytes) and hands everything after it to
//! the module.
//!
//! A worker serves one view. A newer `Run` makes an older one moot: the older one ends in `Reply::Cancelled`.

use model::{
    boxes::Candidate,
    caption::Caption,
    class_map::ClassMap,
    location::Location,
    mask::InstanceMask,
    skeleton::Skeleton,
    trace::{LayerTable, Trace},
};
use serde::{Deserialize, Serialize};

/// Which of burn's backends a worker module was built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    /// WebGPU.
    Gpu,
    /// `flex`: wasm with SIMD, one thread.
    Cpu,
}

/// What the visitor wants to know about the photo.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Labelled boxes (SSDLite MobileNetV2).
    #[default]
    Boxes,
    /// The joints of every person (SSDLite for the people, MoveNet for their joints).
    Skeletons,
    /// The pixels of every thing (SSDLite for the boxes, Mask R-CNN's mask branch).
    Masks,
    /// A class for each pixel (fully convolutional).
    ClassMap,
    /// A sentence about the photo and about each prominent region (SSDLite for the regions, an LSTM for the words).
    Captions,
    /// One class and one box for the whole photo (two heads on one vector).
    Localize,
    /// All of these.
    Everything,
}

/// What the networks said about a photo. `None` is what nobody has asked for yet.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    /// Every guess with a score of at least 0.05, in photo pixels, before suppression: the page suppresses, so that its
    /// sliders act at once.
    pub candidates: Option<Vec<Candidate>>,
    /// Every person whose box scores at least 0.2 (at most 20), best first.
    pub skeletons: Option<Vec<Skeleton>>,
    /// A mask for what suppression keeps of the guesses with a score of at least 0.2 (at most 30), best first.
    pub masks: Option<Vec<InstanceMask>>,
    /// The class of each pixel.
    pub class_map: Option<ClassMap>,
    /// The caption of the whole photo, then those of its prominent regions (at most 6), best first.
    pub captions: Option<Vec<Caption>>,
    /// The one class and the one box.
    pub location: Option<Location>,
}

impl Found {
    /// Whether it says what a task asks.
    #[must_use]
    pub const fn answers(&self, task: Task) -> bool {
        match task {
            Task::Boxes => self.candidates.is_some(),
            Task::Skeletons => self.candidates.is_some() && self.skeletons.is_some(),
            Task::Masks => self.candidates.is_some() && self.masks.is_some(),
            Task::ClassMap => self.class_map.is_some(),
            Task::Captions => self.captions.is_some(),
            Task::Localize => self.location.is_some(),
            Task::Everything => {
                self.candidates.is_some()
                    && self.skeletons.is_some()
                    && self.masks.is_some()
                    && self.class_map.is_some()
                    && self.captions.is_some()
                    && self.location.is_some()
            }
        }
    }

    /// Takes over what is said in `newer`; what it does not speak of stays.
    pub fn take_in(&mut self, newer: Self) {
        let Self { candidates, skeletons, masks, class_map, captions, location } = newer;
        self.candidates = candidates.or(self.candidates.take());
        self.skeletons = skeletons.or(self.skeletons.take());
        self.masks = masks.or(self.masks.take());
        self.class_map = class_map.or(self.class_map.take());
        self.captions = captions.or(self.captions.take());
        self.location = location.or(self.location.take());
    }
}

/// From the page to the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Request {
    /// A new photo: upright RGBA, composited on white, row by row in `pixels` (`width * height * 4` bytes).
    Photo {
        /// Names the photo in later requests.
        photo: u32,
        /// Pixels across.
        width: u32,
        /// Pixels down.
        height: u32,
    },
    /// Runs a task on a photo that was sent before.
    Run {
        /// Names this run in the replies.
        id: u32,
        /// The photo.
        photo: u32,
        /// The task.
        task: Task,
    },
    /// The run `id` is not wanted any more.
    Cancel {
        /// The run.
        id: u32,
    },
    /// Runs every operation that has kernels on random shapes, the same ones for the same seed: tests compare who computes.
    RunKernels {
        /// Who computes.
        by: Computer,
        /// Shapes for each operation.
        rounds: usize,
        /// Any number but 0.
        seed: u32,
    },
    /// Times the detector on this device, warm: the page compares backends with it.
    TimeNetwork,
    /// Times the detector's layers one by one: for the benchmark.
    TimeLayers {
        /// Measurements of each layer.
        rounds: usize,
    },
    /// Destroys the GPU device: lets tests see what a lost device does.
    LoseDevice,
}

/// Who computes in [`Request::RunKernels`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "who", rename_all = "kebab-case")]
pub enum Computer {
    /// The module's kernels.
    Kernels {
        /// Which way of cutting the work, of those that [`Reply::Kernels`] counts.
        cut: usize,
    },
    /// burn's own operations; the CPU's modules have them.
    Burn,
}

/// What is being loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Loading {
    /// The WebAssembly module of the backend.
    Module,
    /// The weights of the network.
    Weights,
    /// The device is set up and its programs are compiled; bytes are 0.
    Device,
}

/// Why a request failed; the page has one sentence for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// A file could not be fetched.
    Download,
    /// A file arrived with a wrong checksum.
    Checksum,
    /// The browser has no WebGPU, or no adapter.
    NoGpu,
    /// The GPU device was lost.
    DeviceLost,
    /// The network failed on this photo.
    Network,
    /// Memory ran out.
    Memory,
    /// Anything else: a bug.
    Internal,
}

/// From the worker to the page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Reply {
    /// Bytes so far. `total` is 0 when unknown.
    Progress {
        /// What is being loaded.
        what: Loading,
        /// Bytes so far.
        loaded: f64,
        /// Bytes in all.
        total: f64,
        /// Whether it came from the Cache API.
        cached: bool,
    },
    /// The worker can run tasks.
    Ready {
        /// Its backend.
        backend: Backend,
        /// What runs it, in words: the GPU's name, or "wasm SIMD, 1 thread".
        device: String,
    },
    /// The result of a run.
    Done {
        /// The run.
        id: u32,
        /// What the task asks, and what was needed on the way. (Boxed: every other message is small.)
        found: Box<Found>,
        /// Timings by stage; a stage whose result was kept from an earlier task on the same photo is not in it.
        trace: Trace,
        /// What was kept from an earlier task on the same photo, e.g. "backbone".
        kept: Vec<String>,
    },
    /// What `Request::RunKernels` computed.
    Kernels {
        /// Operation, shape and settings in words, and the numbers that came out.
        outcomes: Vec<(String, Vec<f32>)>,
        /// How many ways the kernels have of cutting their work.
        cuts: usize,
    },
    /// What `Request::TimeNetwork` found.
    NetworkTime {
        /// Milliseconds of one detection, warm.
        ms: f64,
    },
    /// What `Request::TimeLayers` found.
    Layers {
        /// The layers in order.
        table: LayerTable,
    },
    /// The run was cancelled or overtaken.
    Cancelled {
        /// The run.
        id: u32,
    },
    /// A run (`id`) or the worker itself (no `id`) failed.
    Failed {
        /// The run, if one failed.
        id: Option<u32>,
        /// Why.
        why: FailureKind,
        /// Details for a bug report, in English.
        detail: String,
    },
}
