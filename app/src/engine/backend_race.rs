//! A first visit with a GPU: the CPU answers at once, the GPU's worker is loaded and timed beside it, and takes over if it
//! is the faster one.

use lookout_protocol::{Backend, FailureKind, Reply};

use super::session::Session;

/// The GPU's worker while it is timed beside the CPU's.
#[derive(Clone, Debug)]
pub struct Race {
    /// The GPU's worker.
    pub session: Session,
    gpu_ms: Option<f64>,
    cpu_ms: Option<f64>,
}

/// What follows from a message of the GPU's worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Nothing yet.
    Wait,
    /// The GPU is timed and silent: the CPU is timed now; two at once would slow each other down.
    TimeCpu,
    /// The GPU has failed.
    Lost {
        /// Whether it will not be better next time.
        for_good: bool,
    },
}

impl Race {
    /// A race that begins.
    pub const fn new(session: Session) -> Self {
        Self { session, gpu_ms: None, cpu_ms: None }
    }

    /// Takes a message of the GPU's worker.
    pub fn reply(&mut self, reply: &Reply, now: f64) -> Turn {
        if !matches!(reply, Reply::Progress { .. }) {
            self.session.note(reply, now); // loading does not hold up the visitor, and does not keep the race alive
        }
        match *reply {
            Reply::NetworkTime { ms } => {
                self.gpu_ms = Some(ms);
                Turn::TimeCpu
            }
            // A GPU that is not there or computes wrong will not be better next time; a download may be.
            Reply::Failed { why, .. } => {
                Turn::Lost { for_good: matches!(why, FailureKind::NoGpu | FailureKind::Network) }
            }
            _ => Turn::Wait,
        }
    }

    /// Whether the GPU is timed.
    pub const fn is_timed(&self) -> bool {
        self.gpu_ms.is_some()
    }

    /// Whether the CPU's worker is to be timed.
    pub const fn awaits_cpu(&self) -> bool {
        self.gpu_ms.is_some() && self.cpu_ms.is_none()
    }

    /// Takes the CPU's time.
    pub fn note_cpu(&mut self, ms: f64) {
        self.cpu_ms = Some(ms);
    }

    /// The faster backend, once both are timed.
    pub fn winner(&self) -> Option<Backend> {
        let (gpu, cpu) = (self.gpu_ms?, self.cpu_ms?);
        Some(if gpu < cpu { Backend::Gpu } else { Backend::Cpu })
    }

    /// Both times, GPU first, for the log.
    pub fn times(&self) -> Option<(f64, f64)> {
        Some((self.gpu_ms?, self.cpu_ms?))
    }

    /// To be called about once a second: whether the GPU's worker says nothing for too long.
    pub fn is_silent(&mut self, now: f64) -> bool {
        self.gpu_ms.is_none() && self.session.is_silent(now, None)
    }
}
