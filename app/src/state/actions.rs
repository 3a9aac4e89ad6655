//! What a visitor does: chooses a task or a system, changes settings, cancels; `opening` has photos, `steps` going back.

use std::rc::Rc;

use leptos::prelude::*;
use lookout_protocol::Backend;
use model::catalog::{System, Task};

use super::{
    FilmState, PhotoState, ResultState, ViewState,
    session_history::{EntryState, PageSteps},
    steps::Snapshot,
};
use crate::{
    engine::{Job, Phase, backend_choice::Why},
    history::History,
    photo::{Photo, kept::KeptPhotos},
    results::Results,
    settings::Settings,
    url_state::UrlState,
};

/// What a visitor can do: copies share it.
#[derive(Clone, Copy)]
pub struct Actions {
    /// The photo on show.
    pub photo: PhotoState,
    /// Its results.
    pub result: ResultState,
    /// How they are viewed.
    pub view: ViewState,
    /// The photos that were opened together.
    pub film: FilmState,
    camera: StoredValue<Camera>,
    /// What can be undone and done again.
    pub(super) history: StoredValue<History<Snapshot>, LocalStorage>,
    /// Whether there is anything to undo, and to do again.
    pub(super) undoable: RwSignal<(bool, bool)>,
    /// The entries of the browser's session history.
    pub(super) steps: StoredValue<PageSteps, LocalStorage>,
    /// Whether an entry of the session history is being brought back.
    pub(super) restoring: RwSignal<bool>,
    /// Where own photos are kept, once that is known.
    pub(super) kept: StoredValue<Option<KeptPhotos>, LocalStorage>,
}

/// Whether the camera has the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Camera {
    Closed,
    Live {
        /// Whether the photo's run was cancelled for it.
        interrupted: bool,
    },
}

impl Actions {
    /// What can be done to the page's state.
    pub fn new(photo: PhotoState, result: ResultState, view: ViewState, film: FilmState) -> Self {
        let place = EntryState::current().map_or(0, |it| it.number);
        Self {
            photo,
            result,
            view,
            film,
            camera: StoredValue::new(Camera::Closed),
            history: StoredValue::new_local(History::default()),
            undoable: RwSignal::new((false, false)),
            steps: StoredValue::new_local(PageSteps::new(place)),
            restoring: RwSignal::new(false),
            kept: StoredValue::new_local(None),
        }
    }

    /// The key of the photo on show among those that are kept.
    pub fn kept_key(self) -> Option<String> {
        self.photo.kept_key()
    }

    /// The address asks for a photo that [`Actions::open_again`] will open: until then the address stays.
    pub fn await_photo(self) {
        self.restoring.set(true);
    }

    /// The photo that the address asks for is not there.
    pub fn give_up_photo(self) {
        self.end_restoring();
    }

    /// The address that brings this state back.
    ///
    /// # Arguments
    /// * `given` - the address that the page was opened with: what the page cannot change stays as it was given.
    pub fn url_state(self, given: &UrlState) -> UrlState {
        let (result, view) = (self.result, self.view);
        let chosen = result.engine.choice.get().filter(|choice| choice.why == Why::Asked);
        UrlState {
            task: result.task.get(),
            system: result.system.get(),
            inside: view.inside.get(),
            stage: view.stage.get(),
            compare: view.compare.get(),
            without: view.without.get(),
            settings: result.settings.get(),
            figure: view.figure.get(),
            set: view.figure_set.get(),
            sample: self.photo.shown.with(|photo| photo.as_ref().and_then(|photo| photo.sample.clone())),
            photo: self.photo.shown.with(|photo| photo.as_ref().and_then(|photo| photo.address.clone())),
            lesson: view.lesson.get(),
            step: view.step.get(),
            controls: view.controls.get(),
            fits_content: view.fits_content.get(),
            backend: chosen.map(|choice| choice.backend).or(given.backend),
            theme: view.theme.get(),
            lang: view.lang.get(),
            ..given.clone()
        }
    }

    /// What the main element says about the page in `data-state`.
    pub fn state_word(self) -> &'static str {
        if self.photo.opening.get() {
            return "opening";
        }
        if !self.photo.is_shown() {
            return "empty";
        }
        match self.result.engine.phase.get() {
            Phase::Running if self.result.engine.is_ready() => "running",
            Phase::Running => "loading",
            Phase::Done => "done",
            Phase::Cancelled | Phase::Idle => "cancelled",
            Phase::Failed => "error",
        }
    }

    pub(super) fn ask(self, photo: Rc<Photo>, systems: Vec<System>, background: bool) {
        let job = self.job(&photo, systems, background);
        self.result.engine.ask(photo, job);
    }

    fn job(self, photo: &Photo, systems: Vec<System>, background: bool) -> Job {
        let inside = self.view.inside.get_untracked();
        Job { photo: photo.id, systems, inside, again: false, background, closer: false }
    }

    /// Chooses a task; what is known about the photo on show is shown at once, the rest is run.
    pub fn choose_task(self, task: Task) {
        if self.result.task.get_untracked() != task {
            self.remember("task");
            self.view.release();
            self.result.task.set(task);
            self.complete_unless_stopped();
        }
    }

    /// Chooses a system of the task; its results are shown beside nothing else, and kept.
    pub fn choose_system(self, system: System) {
        if self.result.systems_untracked() != [system] {
            self.remember("task");
            self.view.release();
            self.result.system.set(Some(system));
            self.complete_unless_stopped();
        }
    }

    /// Opens or closes the look inside.
    pub fn look_inside(self, inside: bool) {
        if self.view.inside.get_untracked() != inside {
            self.view.inside.set(inside);
            if inside {
                self.view.compare.set(false);
                self.complete_unless_stopped();
            }
        }
    }

    /// Computes the stages of the task's systems once more, each timed apart; the result stays on show.
    pub fn time_stages(self) {
        if let Some(photo) = self.idle_photo() {
            let job = Job { again: true, ..self.job(&photo, self.result.systems_untracked(), true) };
            self.result.engine.ask(photo, job);
        }
    }

    /// Runs a system that another one is compared with, unless its result is known; the result on show stays.
    pub fn run_beside(self, system: System) {
        let Some(photo) = self.idle_photo() else { return };
        let mut systems = self.result.systems_untracked();
        let is_known = self.result.results.with_untracked(|results| {
            // What is still being read of the task's own systems goes on: this run replaces that one.
            systems.retain(|&system| !results.is_open(system));
            results.finished(system).is_some()
        });
        if !is_known {
            systems.push(system);
            self.ask(photo, systems, true);
        }
    }

    /// Runs a system that something beside the result needs with all its stages; the result on show stays.
    pub fn open_beside(self, system: System) {
        let is_open = self.result.results.with_untracked(|results| results.is_open(system));
        if let Some(photo) = self.idle_photo().filter(|_| !is_open) {
            let job = Job { inside: true, ..self.job(&photo, vec![system], true) };
            self.result.engine.ask(photo, job);
        }
    }

    /// Looks closer with some systems; the result on show stays until there is the closer one.
    pub fn look_closer(self, systems: Vec<System>) {
        if let Some(photo) = self.idle_photo() {
            let job = Job { inside: false, closer: true, ..self.job(&photo, systems, true) };
            self.result.engine.ask(photo, job);
        }
    }

    /// The photo on show, when its result is there and the worker is free for more.
    fn idle_photo(self) -> Option<Rc<Photo>> {
        let is_idle = self.result.is_done_untracked() && self.camera.get_value() == Camera::Closed;
        self.photo.shown.get_untracked().filter(|_| is_idle)
    }

    /// Runs what is not known about the photo on show, unless the visitor has stopped that.
    pub fn complete_unless_stopped(self) {
        if self.camera.get_value() != Camera::Closed {
            return; // the camera has the worker: the photo's turn comes when it is closed
        }
        let stopped = matches!(self.result.engine.phase.get_untracked(), Phase::Cancelled | Phase::Failed);
        // The visitor or the engine has given up on this photo: it stays so until they say "look again".
        if !stopped || self.result.results.with_untracked(|results| !results.is_empty()) {
            self.complete();
        }
    }

    /// Runs what is not known about the photo on show, if anything.
    pub(super) fn complete(self) {
        let Some(photo) = self.photo.shown.get_untracked() else { return };
        let (systems, inside) = (self.result.systems_untracked(), self.view.inside.get_untracked());
        let results = self.result.results;
        let without = |known: fn(&Results, System) -> bool| -> Vec<System> {
            results.with_untracked(|it| systems.iter().copied().filter(|&system| !known(it, system)).collect())
        };
        let missing = without(|results, system| results.finished(system).is_some());
        let wanted = if inside { without(Results::is_open) } else { missing.clone() };
        if missing.is_empty() {
            self.result.engine.settle();
        }
        if !wanted.is_empty() {
            self.ask(photo, wanted, missing.is_empty());
        }
    }

    /// Whether the camera has the worker.
    pub fn is_live(self) -> bool {
        self.camera.get_value() != Camera::Closed
    }

    /// The camera gets the worker.
    pub fn begin_live(self) {
        let interrupted = self.result.engine.phase.get_untracked() == Phase::Running;
        self.result.engine.cancel();
        self.camera.set_value(Camera::Live { interrupted });
    }

    /// The photo on show gets the worker back, and its run if that was interrupted or its task has changed.
    pub fn end_live(self) {
        let Camera::Live { interrupted } = self.camera.get_value() else { return };
        self.camera.set_value(Camera::Closed);
        self.result.engine.look_away();
        if (interrupted || self.result.is_done_untracked()) && !self.photo.opening.get_untracked() {
            self.complete();
        }
    }

    /// Changes the settings; can be undone.
    ///
    /// # Arguments
    /// * `what` - names the setting: quick changes of the same one are undone together.
    pub fn set(self, what: &'static str, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.result.settings.get_untracked();
        change(&mut settings);
        if settings != self.result.settings.get_untracked() {
            self.remember(what);
            self.result.settings.set(settings);
        }
    }

    /// Runs the photo on show again, e.g. after it was cancelled.
    pub fn look_again(self) {
        self.view.notifications.dismiss_fault();
        if !self.result.engine.stopped.get_untracked() {
            return self.complete();
        }
        let missing: Vec<System> = self.result.results.with_untracked(|results| {
            let systems = self.result.systems_untracked().into_iter();
            systems.filter(|&system| results.finished(system).is_none()).collect()
        });
        let photo = self.photo.shown.get_untracked().filter(|_| !missing.is_empty());
        self.result.engine.retry(photo.map(|photo| {
            let job = self.job(&photo, missing, false);
            (photo, job)
        }));
    }

    /// Moves to another backend; the photo on show runs again there.
    pub fn switch_backend(self, backend: Backend) {
        let photo = self.photo.shown.get_untracked();
        let run = photo.map(|photo| {
            let job = self.job(&photo, self.result.systems_untracked(), false);
            (photo, job)
        });
        self.result.engine.switch(backend, run);
    }

    /// Cancels what is going on: opening a photo, or the run in progress. Returns whether there was anything.
    pub fn cancel(self) -> bool {
        if self.give_up_opening() {
            return true;
        }
        let running = self.result.engine.phase.get_untracked() == Phase::Running;
        self.result.engine.cancel();
        running
    }
}

/// What a visitor can do, for components.
///
/// # Panics
/// Outside the page's root component, which provides it.
pub fn use_actions() -> Actions {
    expect_context()
}
