//! What the page and the worker say to each other.
//!
//! Every message is one JavaScript object made by `serde-wasm-bindgen`; pixels travel beside it as a transferred
//! `ArrayBuffer` in the property `pixels`, so that they are never copied. Masks and class maps come back as
//! `Uint8Array`s inside the message. The shell `www/worker.js` answers
//! `Request::Start` itself (it fetches the module and the weights, reporting bytes) and hands everything after it to
//! the module.
//!
//! A run that somebody looks into is answered by [`Reply::Stages`] as soon as a stage is done, a plain one when a system or a
//! step of a long stage is, so that the page works once for all of them; then by [`Reply::Done`]. A newer `Run` replaces an
//! older one: the older one ends in [`Reply::Cancelled`].
//!
//! A worker serves one page, or several frames of one page (`www/shared_worker.js`): each has its own photo, and its numbers
//! of photos and runs are nobody else's. They take turns on the device; one that waits hears [`Reply::Stages`] without
//! stages now and then. [`Reply::Progress`], [`Reply::Ready`] and a [`Reply::Failed`] about the worker itself go to all of
//! them.

use model::{
    catalog::System,
    structures::{
        question::{Answer, Question},
        stage::{Kept, LayerTable, Stage},
    },
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
    /// Runs systems on a photo that was sent before.
    Run {
        /// Names this run in the replies.
        id: u32,
        /// The photo.
        photo: u32,
        /// The systems, in the order in which they run; stages that they share run once.
        systems: Vec<System>,
        /// Whether somebody looks inside: then every stage's artifact is read back, not only the results'.
        inside: bool,
        /// Whether stages of earlier runs on the photo are computed again, for their times.
        again: bool,
        /// Whether parts of the photo are looked at, too, by systems that can.
        closer: bool,
        /// What a worker that was lost had done of the run.
        kept: Vec<Kept>,
    },
    /// Asks a system about a photo that was sent before, beside runs; a newer question replaces an older one that waits.
    Ask {
        /// Names the question in the reply; no run has the same number.
        id: u32,
        /// The photo.
        photo: u32,
        /// Who is asked.
        system: System,
        /// What is asked.
        question: Question,
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

/// A stage of a run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SystemStage {
    /// The system whose stage it is.
    pub system: System,
    /// The stage.
    pub stage: Stage,
}

/// From the worker to the page: an object with one property, whose name is the kind. A kind among the other properties would have
/// every message copied into serde's own values first, whatever its size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
    /// Stages of a run that are done; a long one also on the way, with its progress.
    Stages {
        /// The run.
        id: u32,
        /// The stages in the order in which they were done.
        stages: Vec<SystemStage>,
    },
    /// What a long stage has done since it last said so: the page gives it to the worker that goes on, if this one is lost.
    Kept {
        /// The run.
        id: u32,
        /// What is done.
        kept: Kept,
    },
    /// All systems of a run are done.
    Done {
        /// The run.
        id: u32,
        /// The stages that were not said yet.
        stages: Vec<SystemStage>,
    },
    /// What a system answers to [`Request::Ask`].
    Answer {
        /// The question.
        id: u32,
        /// The answer.
        answer: Answer,
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
    /// The run was cancelled or overtaken, or the question was overtaken.
    Cancelled {
        /// The run, or the question.
        id: u32,
    },
    /// A run or a question (`id`) or the worker itself (no `id`) failed.
    Failed {
        /// The run or the question, if one failed.
        id: Option<u32>,
        /// Why.
        why: FailureKind,
        /// Details for a bug report, in English.
        detail: String,
    },
}
