//! The shell round the state machine: performs its effects, feeds it what workers, clock and visitor say, and keeps the
//! page's signals up to date.

use std::{collections::VecDeque, mem, rc::Rc};

use leptos::prelude::*;
use leptos_use::use_interval_fn;
use lookout_protocol::{Backend, Request, SystemStage};
use model::{
    catalog::System,
    run::Run,
    structures::question::{Answer, Question},
};
use wasm_bindgen_futures::spawn_local;

use super::{
    backend_cache::{Subject, forget, remember},
    backend_choice::{Choice, choose},
    event::{Effect, Event, Job, Missed, Phase, Query, Status},
    loading::LoadState,
    machine::Engine,
    session::SessionId,
    worker_handle::{Message, WorkerHandle},
};
use crate::{
    js::now,
    notifications::Notifications,
    photo::{Frame, Photo},
    results::Results,
    signal::change,
    words::faults,
};

/// Milliseconds between two looks at the clock.
const TICK_MS: u64 = 1_000;

/// The page's handle to the engine: copies share it.
#[derive(Clone, Copy)]
pub struct EngineHandle {
    /// The backend in use and why, once chosen.
    pub choice: RwSignal<Option<Choice>>,
    /// How far the worker is loaded.
    pub loading: RwSignal<LoadState>,
    /// Whether there is no worker, because it failed and was given up.
    pub stopped: RwSignal<bool>,
    /// What runs the network, in words, once the worker is ready.
    pub device: RwSignal<Option<String>>,
    /// How the current run stands.
    pub phase: RwSignal<Phase>,
    /// Whether there is a run that the page has asked for, in the background or not.
    pub busy: RwSignal<bool>,
    results: RwSignal<Results>,
    notifications: Notifications,
    shell: StoredValue<Shell, LocalStorage>,
}

/// Takes the runs on a frame, or why there are none.
type OnFrame = Box<dyn FnOnce(Result<Vec<Run>, Missed>)>;

/// Takes an answer, or `None` if there is none.
type OnAnswer = Box<dyn FnOnce(Option<Answer>)>;

/// What the machine does not hold: workers, pixels, callbacks.
struct Shell {
    machine: Engine,
    workers: Vec<(SessionId, WorkerHandle)>,
    photo: Option<Rc<Photo>>,
    frame: Option<Frame>,
    on_frame: Option<OnFrame>,
    on_answer: Option<OnAnswer>,
    /// What the backends' race is about.
    subject: Option<Subject>,
    events: VecDeque<Event>,
    /// Whether events are being worked off; effects may cause further events.
    busy: bool,
}

impl EngineHandle {
    /// An engine that has not started yet.
    ///
    /// # Arguments
    /// * `results` - takes the stages as they arrive.
    /// * `notifications` - where failures are told.
    /// * `max_silence_s` - seconds of silence after which the worker counts as hung, instead of the usual ones.
    pub fn new(results: RwSignal<Results>, notifications: Notifications, max_silence_s: Option<f64>) -> Self {
        let shell = Shell {
            machine: Engine::new(max_silence_s.map(|seconds| seconds * 1e3)),
            workers: Vec::new(),
            photo: None,
            frame: None,
            on_frame: None,
            on_answer: None,
            subject: None,
            events: VecDeque::new(),
            busy: false,
        };
        Self {
            choice: RwSignal::new(None),
            loading: RwSignal::default(),
            stopped: RwSignal::new(false),
            device: RwSignal::new(None),
            phase: RwSignal::default(),
            busy: RwSignal::new(false),
            results,
            notifications,
            shell: StoredValue::new_local(shell),
        }
    }

    /// Chooses a backend, starts its worker and the watch over it.
    ///
    /// # Arguments
    /// * `asked` - the backend that the visitor insists on.
    pub fn start(self, asked: Option<Backend>) {
        spawn_local(async move {
            let (choice, subject) = choose(asked).await;
            self.shell.update_value(|shell| shell.subject = subject);
            self.feed(Event::Chosen(choice));
        });
        use_interval_fn(move || self.feed(Event::Tick), TICK_MS);
    }

    /// Runs systems on a photo; replaces a run in progress.
    pub fn ask(self, photo: Rc<Photo>, job: Job) {
        self.shell.update_value(|shell| shell.photo = Some(photo));
        self.feed(Event::Ask(job));
    }

    /// Stops waiting for the run in progress, because the results at hand say enough; what it finds is still kept.
    pub fn settle(self) {
        self.feed(Event::Settle);
    }

    /// Stops the run in progress, because earlier results are shown again.
    pub fn recall(self, known: bool) {
        self.feed(Event::Recall { known });
    }

    /// Cancels the run in progress, if there is one.
    pub fn cancel(self) {
        self.feed(Event::Cancel);
    }

    /// Moves to another backend, as the visitor asked; the photo on show runs again there.
    pub fn switch(self, backend: Backend, run: Option<(Rc<Photo>, Job)>) {
        let job = self.hold(run);
        self.feed(Event::Switch(backend, job));
    }

    /// Tries again after the engine gave up.
    pub fn retry(self, run: Option<(Rc<Photo>, Job)>) {
        let job = self.hold(run);
        self.feed(Event::Retry(job));
    }

    /// Looks at one picture of the camera, or at a photo that is not on show. A picture that is still looked at is overtaken.
    ///
    /// # Arguments
    /// * `answer` - called with the runs, or with why there are none.
    pub fn look(self, frame: Frame, systems: Vec<System>, answer: OnFrame) {
        let job = Job { photo: frame.id, systems, inside: false, again: false, background: false, closer: false };
        let earlier = self.shell.try_update_value(|shell| {
            shell.frame = Some(frame);
            shell.on_frame.replace(answer)
        });
        if let Some(earlier) = earlier.flatten() {
            earlier(Err(Missed::Overtaken));
        }
        self.feed(Event::Frame(job));
    }

    /// Asks a question about the photo on show; the next one only once this one is answered.
    ///
    /// # Arguments
    /// * `answer` - called with the answer, or with `None` if the worker was not free or was lost.
    pub fn query(self, photo: Rc<Photo>, system: System, question: Question, answer: OnAnswer) {
        let query = Query { photo: photo.id, system, question };
        self.shell.update_value(|shell| (shell.photo, shell.on_answer) = (Some(photo), Some(answer)));
        self.feed(Event::Query(query));
    }

    /// Takes over a photo whose results are known: its run, if it gets one, sends these pixels.
    pub fn hold_photo(self, photo: Rc<Photo>) {
        self.shell.update_value(|shell| shell.photo = Some(photo));
    }

    /// Forgets the picture that is being looked at.
    pub fn look_away(self) {
        self.shell.update_value(|shell| (shell.frame, shell.on_frame) = (None, None));
        self.feed(Event::DropFrame);
    }

    /// Whether the worker is up.
    pub fn is_ready(self) -> bool {
        self.device.with(Option::is_some)
    }

    fn hold(self, run: Option<(Rc<Photo>, Job)>) -> Option<Job> {
        let (photo, job) = run?;
        self.shell.update_value(|shell| shell.photo = Some(photo));
        Some(job)
    }

    /// Works off an event and those that its effects cause, in order.
    fn feed(self, event: Event) {
        let begun = self.shell.try_update_value(|shell| {
            shell.events.push_back(event);
            mem::replace(&mut shell.busy, true)
        });
        if begun != Some(false) {
            return; // the page is gone, or a call further up does it
        }
        while let Some((effects, status)) = self.shell.try_update_value(Shell::step).flatten() {
            self.publish(status);
            for effect in effects {
                self.perform(effect);
            }
        }
    }

    /// Sets the signals that have changed.
    fn publish(self, status: Status) {
        change(self.choice, status.choice);
        change(self.loading, status.loading);
        change(self.device, status.device);
        change(self.stopped, status.stopped);
        change(self.phase, status.phase);
        change(self.busy, status.busy);
    }

    fn perform(self, effect: Effect) {
        match effect {
            Effect::Open(id, backend) => self.open(id, backend),
            Effect::Close(id) => self.shell.update_value(|shell| shell.workers.retain(|(open, _)| *open != id)),
            Effect::Send { to, pixels, request } => self.send(to, pixels, &request),
            Effect::Stages { photo, stages, device, wall_ms, closer } => {
                if self.results.with_untracked(|results| results.photo == photo) {
                    self.results.update(|results| {
                        for SystemStage { system, stage } in stages {
                            if closer {
                                results.note_closer(system, stage, &device, wall_ms);
                            } else {
                                results.note(system, stage, &device, wall_ms);
                            }
                        }
                    });
                }
            }
            Effect::Frame(runs) => {
                let answer = self.shell.try_update_value(|shell| shell.on_frame.take()).flatten();
                if let Some(answer) = answer {
                    answer(runs);
                }
            }
            Effect::Answer(answer) => {
                let asker = self.shell.try_update_value(|shell| shell.on_answer.take()).flatten();
                if let Some(asker) = asker {
                    asker(answer);
                }
            }
            Effect::Notice(sentence) => self.notifications.notice(&sentence),
            Effect::Fault { sentence, retry: true } => self.notifications.fault_with_retry(&sentence),
            Effect::Fault { sentence, retry: false } => self.notifications.fault(&sentence),
            Effect::Remember(backend) => self.shell.with_value(|shell| {
                if let Some(subject) = &shell.subject {
                    remember(subject, backend);
                }
            }),
            Effect::Forget => forget(),
            Effect::Log(line) => leptos::logging::warn!("{line}"),
        }
    }

    fn open(self, id: SessionId, backend: Backend) {
        let on_message = move |message| {
            self.feed(match message {
                Message::Reply(reply) => Event::Reply(id, reply),
                Message::Crash(detail) => Event::Crashed(id, detail),
                Message::Gone => Event::Gone(id),
            });
        };
        match WorkerHandle::open(backend, on_message) {
            Ok(worker) => self.shell.update_value(|shell| shell.workers.push((id, worker))),
            Err(error) => self.feed(Event::Crashed(id, format!("{error:?}"))),
        }
    }

    fn send(self, to: SessionId, pixels: Option<u32>, request: &Request) {
        let sent = self.shell.with_value(|shell| {
            let (_, worker) = shell.workers.iter().find(|(id, _)| *id == to)?;
            let first = pixels.map(|photo| shell.send_pixels(worker, photo));
            Some(
                first
                    .unwrap_or(Ok(()))
                    .and_then(|()| worker.send(request).map_err(|error| Event::Crashed(to, format!("{error:?}")))),
            )
        });
        if let Some(Err(event)) = sent {
            self.feed(event);
        }
    }
}

impl Shell {
    /// Takes the next event; `None` when there is none.
    fn step(&mut self) -> Option<(Vec<Effect>, Status)> {
        let Some(event) = self.events.pop_front() else {
            self.busy = false;
            return None;
        };
        let effects = self.machine.on(event, now());
        Some((effects, self.machine.status()))
    }

    /// Sends the pixels of the photo on show or of the camera's frame.
    fn send_pixels(&self, worker: &WorkerHandle, id: u32) -> Result<(), Event> {
        let (width, height, pixels) = match (&self.photo, &self.frame) {
            (_, Some(frame)) if frame.id == id => (frame.width, frame.height, frame.pixels.clone()),
            (Some(photo), _) if photo.id == id => {
                (photo.width, photo.height, photo.pixels().map_err(|fault| Event::NoPixels(fault.to_string()))?)
            }
            _ => return Err(Event::NoPixels(faults::PHOTO_GONE().into())),
        };
        let request = Request::Photo { photo: id, width, height };
        let sent = worker.send_pixels(&request, &pixels);
        sent.map_err(|error| Event::NoPixels(faults::not_handed_over(&format!("{error:?}"))))
    }
}
