//! Care for the worker: what follows when it fails, and the watch over its silence.

use leptos::prelude::*;
use lookout_protocol::Backend;

use super::{
    choice::{Choice, Why},
    driver::{Engine, Run, now},
    recovery::{Incident, Remedy, remedy, sentence},
    watchdog::patience,
};

/// A cancelled run that still keeps the worker busy after this many milliseconds is ended with the worker (CPU only: a
/// GPU's compiled programs are worth more than the wait).
const CANCEL_GRACE_MS: f64 = 1_500.0;

impl Engine {
    pub(super) fn on_incident(self, incident: Incident, detail: &str) {
        let Some(choice) = self.choice.get_untracked() else { return };
        leptos::logging::warn!("worker: {incident:?}: {detail}");
        let restarts = self.core.with_value(|core| core.restarts);
        let remedy = remedy(incident, choice.backend, restarts);
        let waiting = self.core.with_value(|core| core.flight.is_some());
        let text = sentence(incident, remedy, choice.backend, waiting);
        match remedy {
            Remedy::Restart => {
                self.core.update_value(|core| core.restarts += 1);
                self.sentences.notice(&text);
                self.open(choice);
            }
            Remedy::UseCpu => {
                self.core.update_value(|core| core.restarts = 0);
                self.sentences.notice(&text);
                self.distrust_gpu();
                self.open(Choice { backend: Backend::Cpu, why: Why::GpuFailed });
            }
            Remedy::GiveUp => {
                let waited = self.core.try_update_value(|core| {
                    core.wire = None;
                    core.epoch += 1;
                    core.restarts = 0;
                    core.awaited = None;
                    (core.flight.take().is_some(), core.look.take())
                });
                let (waited, look) = waited.unwrap_or_default();
                self.device.set(None);
                self.stopped.set(true);
                if waited {
                    self.run.set(Run::Failed);
                }
                self.sentences.fault_with_retry(&text);
                if let Some(look) = look {
                    look.missed();
                }
            }
        }
    }

    /// Once a second: the watchdog, and the end of a cancelled run that will not stop.
    pub(super) fn tick(self) {
        self.watch_trial();
        let Some(choice) = self.choice.get_untracked() else { return };
        let (hung, stuck) = self
            .core
            .try_update_value(|core| {
                let limit = core.patience_ms.unwrap_or_else(|| patience(choice.backend, core.warm));
                let silent = core.dog.tick(now(), limit);
                let stuck = core.cancelled_at.is_some_and(|at| now() - at > CANCEL_GRACE_MS);
                (silent && (core.flight.is_some() || core.look.is_some()) && core.wire.is_some(), stuck)
            })
            .unwrap_or_default();
        if hung {
            self.on_incident(Incident::Silent, "the watchdog's time is up");
        } else if stuck && choice.backend == Backend::Cpu && self.device.with_untracked(Option::is_some) {
            self.open(choice);
        }
    }
}
