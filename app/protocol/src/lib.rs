//! What the page and the worker say to each other.
//!
//! Every message is one JavaScript object made by `serde-wasm-bindgen`; pixels travel beside it as a transferred
//! `ArrayBuffer` in the property `pixels`, so that they are never copied. The shell `www/worker.js` answers
//! `Request::Start` itself (it fetches the module and the weights, reporting bytes) and hands everything after it to
//! the module.
//!
//! A worker serves one view. A newer `Run` makes an older one moot: the older one ends in `Reply::Cancelled`.

use model::{
    boxes::Candidate,
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
    /// Compares the device's kernels with burn's own operations on random shapes: for tests.
    CompareKernels {
        /// Shapes for each kernel.
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
        /// Every guess with a score of at least 0.05, in photo pixels, before suppression: the page suppresses, so that
        /// its sliders act at once.
        candidates: Vec<Candidate>,
        /// For `Task::Skeletons`: every person whose box scores at least 0.2 (at most 20), best first.
        #[serde(default)]
        skeletons: Vec<Skeleton>,
        /// Timings by stage; a stage whose result was kept from an earlier task on the same photo is not in it.
        trace: Trace,
    },
    /// What `Request::CompareKernels` found.
    Kernels {
        /// Kernel, shape and settings in words, and the largest absolute difference.
        comparisons: Vec<(String, f32)>,
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
