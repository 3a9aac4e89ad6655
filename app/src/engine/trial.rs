//! A first visit with a GPU: the CPU answers at once, the GPU's worker is loaded and timed beside it, and takes over if it
//! is the faster one. What was found out is kept for later visits.

use leptos::prelude::*;
use lookout_protocol::{Backend, FailureKind, Reply, Request};

use super::{
    choice::{Choice, Why},
    driver::{Engine, now},
    verdict::{Subject, Verdict, forget, remember},
    watchdog::patience,
    wire::{Heard, Wire},
};

/// The GPU's worker while it is on trial.
pub(super) struct Trial {
    subject: Subject,
    wire: Wire,
    /// The epoch that its messages belong to.
    epoch: u32,
    since: f64,
    device: String,
    gpu_ms: Option<f64>,
    cpu_ms: Option<f64>,
}

impl Trial {
    fn verdict(&self) -> Option<Verdict> {
        Some(Verdict { gpu_ms: self.gpu_ms?, cpu_ms: self.cpu_ms? })
    }
}

impl Engine {
    /// Starts the GPU's worker beside the CPU's.
    pub(super) fn begin_trial(self, subject: Subject) {
        // A number that no other worker has.
        let Some(epoch) = self.core.try_update_value(|core| {
            core.trials += 1;
            u32::MAX - core.trials
        }) else {
            return;
        };
        let heard = move |it| {
            // After the handover it is the worker.
            if self.core.with_value(|core| core.trial.is_none()) {
                self.heard(epoch, it);
            } else {
                self.heard_on_trial(epoch, it);
            }
        };
        // Where a second worker is refused, the CPU goes on.
        let Ok(wire) = Wire::open(Backend::Gpu, heard) else { return self.end_trial(Why::GpuFailed) };
        if wire.send(&Request::TimeNetwork).is_err() {
            return self.end_trial(Why::GpuFailed);
        }
        let trial = Trial { subject, wire, epoch, since: now(), device: String::new(), gpu_ms: None, cpu_ms: None };
        self.core.update_value(|core| core.trial = Some(trial));
    }

    fn heard_on_trial(self, epoch: u32, heard: Heard) {
        if self.core.with_value(|core| core.trial.as_ref().map(|it| it.epoch)) != Some(epoch) {
            return;
        }
        match heard {
            Heard::Reply(Reply::Ready { device, .. }) => self.note(|trial| trial.device = device),
            Heard::Reply(Reply::NetworkTime { ms }) => {
                self.note(|trial| trial.gpu_ms = Some(ms));
                // The CPU's worker is timed once the GPU's is silent: two at once would slow each other down.
                self.send(&Request::TimeNetwork);
            }
            Heard::Reply(Reply::Failed { why, detail, .. }) => {
                leptos::logging::warn!("the GPU on trial: {why:?}: {detail}");
                // A GPU that is not there or computes wrong will not be better next time; a download may be.
                if matches!(why, FailureKind::NoGpu | FailureKind::Network) {
                    self.with_trial(|trial| remember(&trial.subject, Backend::Cpu));
                }
                self.end_trial(Why::GpuFailed);
            }
            Heard::Crash(detail) => {
                leptos::logging::warn!("the GPU on trial: {detail}");
                self.end_trial(Why::GpuFailed);
            }
            // What it loads does not hold up the visitor.
            Heard::Reply(_) => {}
        }
    }

    /// The CPU's time; the verdict follows.
    pub(super) fn on_network_time(self, ms: f64) {
        self.note(|trial| trial.cpu_ms = Some(ms));
        let verdict = self.with_trial(|trial| {
            let verdict = trial.verdict()?;
            remember(&trial.subject, verdict.winner());
            Some(verdict)
        });
        let Some(Some(verdict)) = verdict else { return };
        leptos::logging::log!("timed: GPU {:.1} ms, CPU {:.1} ms", verdict.gpu_ms, verdict.cpu_ms);
        if verdict.winner() == Backend::Cpu {
            self.end_trial(Why::Faster);
        } else {
            self.hand_over();
        }
    }

    /// Makes the GPU's worker the worker, if it has won and nobody waits for the CPU's.
    pub(super) fn hand_over(self) {
        let handed = self.core.try_update_value(|core| {
            let idle = core.flight.is_none() && core.awaited.is_none();
            let won = |trial: &&Trial| trial.verdict().is_some_and(|it| it.winner() == Backend::Gpu);
            if !idle || core.trial.as_ref().is_none_or(|trial| !won(&trial)) {
                return None;
            }
            let Trial { wire, epoch, device, .. } = core.trial.take()?;
            core.wire = Some(wire); // ends the CPU's
            (core.epoch, core.sent, core.warm, core.cancelled_at) = (epoch, None, true, None);
            core.dog.hear(now());
            Some((device, core.look.take()))
        });
        let Some(Some((device, look))) = handed else { return };
        self.choice.set(Some(Choice { backend: Backend::Gpu, why: Why::Faster }));
        self.device.set(Some(device));
        if let Some(look) = look {
            look.missed();
        }
    }

    /// Ends the GPU's worker; the CPU stays.
    fn end_trial(self, why: Why) {
        self.core.update_value(|core| core.trial = None);
        self.choice.set(Some(Choice { backend: Backend::Cpu, why }));
    }

    /// Once a second: ends a trial whose worker says nothing.
    pub(super) fn watch_trial(self) {
        let silent = |trial: &Trial| trial.gpu_ms.is_none() && now() - trial.since > patience(Backend::Gpu, false);
        if self.with_trial(|trial| silent(trial)) == Some(true) {
            self.end_trial(Why::GpuFailed);
        }
    }

    /// The GPU has failed at work: the next visit tries it anew.
    pub(super) fn distrust_gpu(self) {
        forget();
    }

    fn note(self, change: impl FnOnce(&mut Trial)) {
        self.with_trial(change);
    }

    fn with_trial<T>(self, read: impl FnOnce(&mut Trial) -> T) -> Option<T> {
        self.core.try_update_value(|core| core.trial.as_mut().map(read)).flatten()
    }
}
