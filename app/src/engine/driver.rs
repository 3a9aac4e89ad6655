//! The engine at work: one worker, at most one run in flight.

use std::{rc::Rc, sync::Arc};

use leptos::prelude::*;
use lookout_protocol::{Backend, Found, Reply, Request, Task};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::{
    answer::{Answer, Timing},
    choice::{Choice, Why, choose},
    live::Look,
    loading::LoadState,
    recovery::Incident,
    trial::Trial,
    watchdog::Watchdog,
    wire::{Heard, Wire},
};
use crate::{photo::Photo, sentences::Sentences};

/// How the run for the photo on show stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Run {
    /// Nothing was asked.
    #[default]
    Idle,
    /// The answer is awaited.
    Running,
    /// The answer is there.
    Done,
    /// The visitor cancelled it.
    Cancelled,
    /// It failed; the sentence is on the page.
    Failed,
}

/// Handle to the engine: copies share it.
#[derive(Clone, Copy)]
pub struct Engine {
    /// The backend in use and why, once chosen.
    pub choice: RwSignal<Option<Choice>>,
    /// How far the worker is loaded.
    pub loading: RwSignal<LoadState>,
    /// Whether there is no worker, because it failed and was given up.
    pub stopped: RwSignal<bool>,
    /// What runs the network, in words, once the worker is ready.
    pub device: RwSignal<Option<String>>,
    /// How the current run stands.
    pub run: RwSignal<Run>,
    /// Everything that is known about the photo on show.
    pub answer: RwSignal<Option<Arc<Answer>>>,
    pub(super) sentences: Sentences,
    pub(super) core: StoredValue<Core, LocalStorage>,
}

/// A run that was asked for.
#[derive(Clone)]
pub(super) struct Flight {
    pub(super) id: u32,
    pub(super) photo: Rc<Photo>,
    pub(super) task: Task,
    pub(super) since: f64,
    /// Whether nobody wants its answer any more.
    pub(super) moot: bool,
}

pub(super) struct Core {
    pub(super) wire: Option<Wire>,
    /// Which worker a message comes from: those of a worker that was ended are dropped.
    pub(super) epoch: u32,
    /// The run that the page waits for.
    pub(super) flight: Option<Flight>,
    /// The run that the worker has been sent and has not answered. The worker's photo is in use until then, so another
    /// run on the same photo waits for that answer.
    pub(super) awaited: Option<Flight>,
    /// The camera's picture that the worker looks at.
    pub(super) look: Option<Look>,
    /// The photo that the worker holds.
    pub(super) sent: Option<u32>,
    pub(super) next_id: u32,
    pub(super) restarts: u32,
    pub(super) warm: bool,
    pub(super) dog: Watchdog,
    pub(super) cancelled_at: Option<f64>,
    pub(super) patience_ms: Option<f64>,
    /// The GPU's worker, while it is timed beside the CPU's.
    pub(super) trial: Option<Trial>,
    /// Trials so far.
    pub(super) trials: u32,
}

impl Engine {
    /// An engine that has not started yet.
    ///
    /// # Arguments
    /// * `sentences` - where failures are told.
    /// * `patience_s` - seconds of silence after which the worker counts as hung, instead of the usual ones.
    #[must_use]
    pub fn new(sentences: Sentences, patience_s: Option<f64>) -> Self {
        let core = Core {
            wire: None,
            epoch: 0,
            flight: None,
            awaited: None,
            look: None,
            sent: None,
            next_id: 1,
            restarts: 0,
            warm: false,
            dog: Watchdog::new(0.0),
            cancelled_at: None,
            patience_ms: patience_s.map(|seconds| seconds * 1e3),
            trial: None,
            trials: 0,
        };
        Self {
            choice: RwSignal::new(None),
            loading: RwSignal::default(),
            stopped: RwSignal::new(false),
            device: RwSignal::new(None),
            run: RwSignal::default(),
            answer: RwSignal::new(None),
            sentences,
            core: StoredValue::new_local(core),
        }
    }

    /// Chooses a backend, starts its worker and the watch over it.
    ///
    /// # Arguments
    /// * `asked` - the backend that the visitor insists on.
    pub fn start(self, asked: Option<Backend>) {
        spawn_local(async move {
            let (choice, trial) = choose(asked).await;
            self.open(choice);
            if let Some(subject) = trial {
                self.begin_trial(subject);
            }
        });
        gloo_timers::callback::Interval::new(1_000, move || self.tick()).forget();
    }

    /// Runs a task on a new photo; replaces a run in flight.
    pub fn look(self, photo: Rc<Photo>, task: Task) {
        self.answer.set(None);
        self.ask(photo, task);
    }

    /// Runs a task on the photo on show and keeps what is known about it; replaces a run in flight.
    pub fn ask(self, photo: Rc<Photo>, task: Task) {
        self.fly(photo, task);
        match (self.core.with_value(|core| core.wire.is_some()), self.choice.get_untracked()) {
            (true, _) => self.send_flight(),
            // It gave up earlier: a new photo is a new try.
            (false, Some(choice)) => self.open(choice),
            // Still choosing: `open` sends the flight.
            (false, None) => {}
        }
    }

    /// Stops waiting for the run in flight, because the answer at hand says enough; what it finds is still kept.
    pub fn settle(self) {
        self.core.update_value(|core| core.flight = None);
        self.run.set(Run::Done);
    }

    /// Takes back an answer that is known already, e.g. by undo.
    pub fn recall(self, answer: Option<Arc<Answer>>) {
        self.cancel();
        self.run.set(Run::Idle);
        if answer.is_some() {
            self.run.set(Run::Done);
        }
        self.answer.set(answer);
    }

    /// Cancels the run in flight, if there is one.
    pub fn cancel(self) {
        let id = self.core.try_update_value(|core| {
            core.cancelled_at = core.flight.as_ref().map(|_| now());
            if let Some(awaited) = &mut core.awaited {
                awaited.moot = true;
            }
            core.flight.take().map(|flight| flight.id)
        });
        let Some(Some(id)) = id else { return };
        self.run.set(Run::Cancelled);
        self.send(&Request::Cancel { id });
    }

    /// Moves to another backend, as the visitor asked; the photo on show runs again there.
    ///
    /// # Arguments
    /// * `photo` - the photo on show.
    pub fn switch(self, backend: Backend, photo: Option<Rc<Photo>>, task: Task) {
        self.core.update_value(|core| core.restarts = 0);
        if let Some(photo) = photo {
            self.fly(photo, task);
        }
        self.open(Choice { backend, why: Why::Asked });
    }

    /// Tries again after the engine gave up.
    ///
    /// # Arguments
    /// * `photo` - the photo on show.
    pub fn retry(self, photo: Option<Rc<Photo>>, task: Task) {
        self.core.update_value(|core| core.restarts = 0);
        if let Some(photo) = photo {
            self.fly(photo, task);
        }
        if let Some(choice) = self.choice.get_untracked() {
            self.open(choice);
        }
    }

    /// Whether the worker is up.
    #[must_use]
    pub fn is_ready(self) -> bool {
        self.device.with(Option::is_some)
    }

    fn fly(self, photo: Rc<Photo>, task: Task) {
        self.core.update_value(|core| {
            if core.awaited.as_ref().is_none_or(|it| it.photo.id != photo.id) {
                core.cancelled_at = None; // overtaken; otherwise the new run still waits for the cancelled one
            }
            core.flight = Some(Flight { id: core.take_id(), photo, task, since: now(), moot: false });
            core.dog.hear(now());
        });
        self.run.set(Run::Running);
    }

    pub(super) fn open(self, choice: Choice) {
        let epoch = self.core.try_update_value(|core| {
            core.wire = None; // ends the old worker before the new one starts
            core.epoch += 1;
            (core.sent, core.warm, core.cancelled_at, core.dog) = (None, false, None, Watchdog::new(now()));
            (core.awaited, core.trial) = (None, None);
            (core.epoch, core.look.take())
        });
        let Some((epoch, look)) = epoch else { return };
        self.choice.set(Some(choice));
        self.loading.set(LoadState::default());
        self.device.set(None);
        self.stopped.set(false);
        let heard = move |it| self.heard(epoch, it);
        match Wire::open(choice.backend, heard) {
            Ok(wire) => {
                self.core.update_value(|core| core.wire = Some(wire));
                self.send_flight();
                // The camera's picture is old by now: the next one is asked for.
                if let Some(look) = look {
                    look.missed();
                }
            }
            Err(error) => self.on_incident(Incident::Crashed, &format!("{error:?}")),
        }
    }

    /// Sends the photo (unless the worker has it) and the run in flight, unless that has to wait.
    fn send_flight(self) {
        let flight = self.core.with_value(|core| {
            let free = |flight: &&Flight| core.awaited.as_ref().is_none_or(|it| it.photo.id != flight.photo.id);
            core.flight.as_ref().filter(free).map(|it| (it.clone(), core.sent))
        });
        let Some((flight, sent)) = flight else { return };
        let Flight { id, photo, task, .. } = flight.clone();
        if sent != Some(photo.id) {
            let pixels = match photo.pixels() {
                Ok(pixels) => pixels,
                Err(fault) => {
                    self.core.update_value(|core| core.flight = None);
                    self.run.set(Run::Failed);
                    self.sentences.fault(&fault.to_string());
                    return;
                }
            };
            let request = Request::Photo { photo: photo.id, width: photo.width, height: photo.height };
            self.post(|wire| wire.send_pixels(&request, &pixels));
            self.core.update_value(|core| core.sent = Some(photo.id));
        }
        self.core.update_value(|core| core.awaited = Some(flight));
        self.send(&Request::Run { id, photo: photo.id, task });
    }

    pub(super) fn send(self, request: &Request) {
        self.post(|wire| wire.send(request));
    }

    pub(super) fn post(self, message: impl FnOnce(&Wire) -> Result<(), JsValue>) {
        let sent = self.core.with_value(|core| core.wire.as_ref().map(message));
        if let Some(Err(error)) = sent {
            self.on_incident(Incident::Crashed, &format!("{error:?}"));
        }
    }

    pub(super) fn heard(self, epoch: u32, heard: Heard) {
        let current = self.core.try_update_value(|core| {
            core.dog.hear(now());
            core.epoch == epoch
        });
        if current != Some(true) {
            return;
        }
        match heard {
            Heard::Crash(detail) => self.on_incident(Incident::Crashed, &detail),
            Heard::Reply(Reply::Ready { device, .. }) => self.device.set(Some(device)),
            Heard::Reply(Reply::Done { id, found, trace, kept }) => {
                // The rest of the timing is known when the run is.
                let timing = Timing { task: Task::default(), trace, kept, device: String::new(), wall_ms: 0.0 };
                self.on_done(id, *found, timing);
            }
            Heard::Reply(Reply::Kernels { .. } | Reply::Layers { .. }) => {}
            Heard::Reply(Reply::NetworkTime { ms }) => self.on_network_time(ms),
            Heard::Reply(Reply::Cancelled { id }) => {
                self.core.update_value(|core| core.cancelled_at = None);
                self.answered(id);
                self.send_flight();
                let look = self.core.try_update_value(|core| core.look.take_if(|it| it.id == id)).flatten();
                if let Some(look) = look {
                    look.missed();
                }
            }
            Heard::Reply(Reply::Failed { id, why, detail }) => {
                let answered = id.and_then(|id| self.answered(id));
                let ours = self
                    .core
                    .with_value(|core| core.flight.as_ref().map(|it| it.id).or(core.look.as_ref().map(|it| it.id)));
                // The failure of a run that nobody waits for is no news.
                if id.is_none() || id == ours {
                    self.on_incident(Incident::Reported(why), &detail);
                } else if answered.is_some() {
                    self.send_flight();
                }
            }
            Heard::Reply(progress @ Reply::Progress { .. }) => self.loading.update(|loading| loading.note(&progress)),
        }
        self.hand_over();
    }

    /// The worker's photo is free again. Returns the run that was answered, if it is the one that was awaited.
    fn answered(self, id: u32) -> Option<Flight> {
        self.core.try_update_value(|core| core.awaited.take_if(|it| it.id == id)).flatten()
    }

    fn on_done(self, id: u32, found: Found, timing: Timing) {
        let look = self.core.try_update_value(|core| {
            (core.warm, core.cancelled_at) = (true, None);
            core.look.take_if(|it| it.id == id)
        });
        if let Some(look) = look.flatten() {
            self.core.update_value(|core| core.restarts = 0);
            look.found(found);
            return;
        }
        let Some(Flight { photo, task, since, moot, .. }) = self.answered(id) else { return };
        // Kept even if the visitor has moved on to another task; not if they have cancelled or have another photo.
        let wanted = self.core.with_value(|core| core.flight.as_ref().map(|it| (it.photo.id, it.task)));
        let shown = self.run.get_untracked() == Run::Done && self.answer.with_untracked(Option::is_some);
        let wanted = match wanted {
            Some((photo_id, wanted)) if photo_id == photo.id => Some(wanted),
            None if shown && !moot => None,
            _ => return self.send_flight(),
        };
        let device = self.device.get_untracked().unwrap_or_default();
        let timing = Timing { task, device, wall_ms: now() - since, ..timing };
        let earlier = self.answer.get_untracked().map(|it| (*it).clone()).unwrap_or_default();
        let answer = earlier.with(found, timing);
        let complete = wanted.is_none_or(|wanted| answer.has(wanted));
        self.answer.set(Some(Arc::new(answer)));
        if complete {
            self.core.update_value(|core| (core.restarts, core.flight) = (0, None));
            self.run.set(Run::Done);
        } else {
            self.send_flight();
        }
    }
}

impl Core {
    /// A number for a run: later ones are larger.
    pub(super) fn take_id(&mut self) -> u32 {
        self.next_id += 1;
        self.next_id - 1
    }
}

pub(super) fn now() -> f64 {
    window().performance().map_or_else(js_sys::Date::now, |clock| clock.now())
}
