//! The state of the page: the photo, the settings, and everything that follows from them.

use std::{future::Future, rc::Rc, sync::Arc};

use leptos::prelude::*;
use leptos_use::use_preferred_dark;
use lookout_protocol::Task;
use wasm_bindgen_futures::spawn_local;

use crate::{
    engine::{Answer, Engine, Run},
    findings::Findings,
    history::History,
    palette::Palette,
    people::People,
    photo::{Photo, PhotoFault, offer::Taken},
    sentences::Sentences,
    settings::Settings,
    theme::Theme,
    url_state::UrlState,
};

/// Changes of one setting that are closer together than this are one step of undo.
const JOIN_MS: f64 = 800.0;
/// How many earlier photos undo brings back: each costs up to 48 MB.
const EARLIER_PHOTOS: usize = 2;

/// The state of the page: copies share it.
#[derive(Clone, Copy)]
pub struct Desk {
    /// The photo on show.
    pub photo: RwSignal<Option<Rc<Photo>>, LocalStorage>,
    /// Whether a photo is being opened.
    pub opening: RwSignal<bool>,
    /// What the visitor wants to know.
    pub task: RwSignal<Task>,
    /// What the visitor has set.
    pub settings: RwSignal<Settings>,
    /// The colours of the classes of the photo on show.
    pub palette: Memo<Arc<Palette>>,
    /// What was found, under the settings.
    pub findings: Memo<Arc<Findings>>,
    /// The people whose joints were found, under the settings.
    pub people: Memo<Arc<People>>,
    /// The finding or person that is pointed at or focused, by [`crate::findings::Finding::key`] or
    /// [`crate::people::Person::key`].
    pub isolated: RwSignal<Option<usize>>,
    /// The worker's side.
    pub engine: Engine,
    /// What is told in passing.
    pub sentences: Sentences,
    /// What the visitor has chosen.
    pub theme: RwSignal<Theme>,
    /// Whether the system is dark.
    pub system_dark: Signal<bool>,
    /// Where the mouse was last, in CSS pixels of the window: tells a movement of the mouse from one of the page under it.
    pub mouse: StoredValue<Option<(i32, i32)>>,
    live: StoredValue<Stage>,
    serial: StoredValue<u32>,
    history: StoredValue<History<Moment>, LocalStorage>,
    fixed: StoredValue<UrlState>,
}

/// Who has the worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// The photo on show.
    Photo,
    /// The camera.
    Camera {
        /// Whether the photo's run was cancelled for it.
        interrupted: bool,
    },
}

/// What undo brings back.
struct Moment {
    photo: Option<Rc<Photo>>,
    answer: Option<Arc<Answer>>,
    settings: Settings,
}

impl Desk {
    /// The state that an address asks for; nothing is loaded yet.
    #[must_use]
    pub fn new(url: &UrlState) -> Self {
        let sentences = Sentences::default();
        let engine = Engine::new(sentences, url.watchdog);
        let settings = RwSignal::new(url.settings());
        let palette = Memo::new(move |_| {
            Arc::new(engine.answer.with(|it| it.as_ref().map(|it| Palette::of(&it.candidates)).unwrap_or_default()))
        });
        let findings = Memo::new(move |_| {
            let answer = engine.answer.get();
            let candidates = answer.as_ref().map_or(&[][..], |it| it.candidates.as_slice());
            Arc::new(settings.with(|settings| Findings::of(candidates, settings, &palette.get())))
        });
        let people = Memo::new(move |_| {
            let answer = engine.answer.get();
            let skeletons = answer.as_ref().and_then(|it| it.skeletons.as_deref()).unwrap_or_default();
            Arc::new(settings.with(|settings| People::of(skeletons, settings)))
        });
        Self {
            photo: RwSignal::new_local(None),
            opening: RwSignal::new(false),
            task: RwSignal::new(url.task),
            settings,
            palette,
            findings,
            people,
            isolated: RwSignal::new(None),
            engine,
            sentences,
            theme: RwSignal::new(url.theme),
            system_dark: use_preferred_dark(),
            mouse: StoredValue::new(None),
            live: StoredValue::new(Stage::Photo),
            serial: StoredValue::new(0),
            history: StoredValue::new_local(History::default()),
            fixed: StoredValue::new(url.clone()),
        }
    }

    /// Whether the page looks dark now.
    #[must_use]
    pub fn is_dark(self) -> bool {
        self.theme.get().is_dark(self.system_dark.get())
    }

    /// The address that brings this state back.
    #[must_use]
    pub fn url_state(self) -> UrlState {
        // Backend and watchdog stay as the visitor gave them; the rest follows the page.
        let mut state = self.fixed.get_value();
        self.settings.with(|settings| state.note_settings(settings));
        state.task = self.task.get();
        state.theme = self.theme.get();
        state.sample = self.photo.with(|photo| photo.as_ref().and_then(|photo| photo.sample.clone()));
        if let Some(choice) = self.engine.choice.get() {
            let asked = choice.why == crate::engine::choice::Why::Asked;
            state.backend = asked.then_some(choice.backend).or(state.backend);
        }
        state
    }

    /// What the main element says about the page in `data-state`.
    #[must_use]
    pub fn state_word(self) -> &'static str {
        if self.opening.get() {
            return "opening";
        }
        if self.photo.with(Option::is_none) {
            return "empty";
        }
        match self.engine.run.get() {
            Run::Running if self.engine.is_ready() => "running",
            Run::Running => "loading",
            Run::Done => "done",
            Run::Cancelled | Run::Idle => "cancelled",
            Run::Failed => "error",
        }
    }

    /// Opens a photo and shows it; a later call overtakes an earlier one, and a failure leaves everything as it was.
    ///
    /// # Arguments
    /// * `photo` - yields the photo, or why there is none.
    pub fn open(self, photo: impl Future<Output = Result<Taken, PhotoFault>> + 'static) {
        let serial = self.serial.get_value() + 1;
        self.serial.set_value(serial);
        self.opening.set(true);
        spawn_local(async move {
            let taken = photo.await;
            if self.serial.try_get_value() != Some(serial) {
                return; // overtaken
            }
            self.opening.set(false);
            match taken {
                Ok(Taken { photo, notice }) => {
                    self.show(photo);
                    notice.inspect(|notice| self.sentences.notice(notice));
                }
                Err(fault) => self.sentences.fault(&fault.to_string()),
            }
        });
    }

    fn show(self, photo: Photo) {
        self.remember("photo");
        let photo = Rc::new(photo);
        self.sentences.clear_fault();
        self.isolated.set(None);
        self.settings.update(|settings| settings.hidden.clear()); // another photo has other classes
        self.photo.set(Some(photo.clone()));
        window().scroll_to_with_x_and_y(0.0, 0.0); // on a narrow screen the photo is above what was clicked
        self.engine.look(photo, self.task.get_untracked());
    }

    /// Chooses a task; what is known about the photo on show is shown at once, the rest is run.
    pub fn choose(self, task: Task) {
        if self.task.get_untracked() == task {
            return;
        }
        self.isolated.set(None);
        self.task.set(task);
        if self.live.get_value() != Stage::Photo {
            return; // the camera has the worker: the photo's turn comes when it is closed
        }
        match self.engine.run.get_untracked() {
            // The visitor or the engine has given up on this photo: it stays so until they say "look again".
            Run::Cancelled | Run::Failed if self.engine.answer.with_untracked(Option::is_none) => {}
            _ => self.complete(),
        }
    }

    /// Runs what the task needs to know about the photo on show, if anything.
    pub fn complete(self) {
        let Some(photo) = self.photo.get_untracked() else { return };
        let task = self.task.get_untracked();
        let known = self.engine.answer.with_untracked(|answer| answer.as_ref().is_some_and(|it| it.has(task)));
        if known { self.engine.settle() } else { self.engine.ask(photo, task) }
    }

    /// The camera gets the worker.
    pub fn begin_live(self) {
        let interrupted = self.engine.run.get_untracked() == Run::Running;
        self.engine.cancel();
        self.live.set_value(Stage::Camera { interrupted });
    }

    /// The photo on show gets the worker back, and its run if that was interrupted or its task has changed.
    pub fn end_live(self) {
        let Stage::Camera { interrupted } = self.live.get_value() else { return };
        self.live.set_value(Stage::Photo);
        self.engine.look_away();
        let done = self.engine.run.get_untracked() == Run::Done;
        if (interrupted || done) && !self.opening.get_untracked() {
            self.complete();
        }
    }

    /// Changes the settings; can be undone.
    ///
    /// # Arguments
    /// * `what` - names the setting: quick changes of the same one are undone together.
    pub fn set(self, what: &'static str, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.settings.get_untracked();
        change(&mut settings);
        if settings != self.settings.get_untracked() {
            self.remember(what);
            self.settings.set(settings);
        }
    }

    /// Runs the photo on show again, e.g. after it was cancelled.
    pub fn look_again(self) {
        self.sentences.clear_fault();
        let task = self.task.get_untracked();
        let missing = self.engine.answer.with_untracked(|answer| answer.as_ref().is_none_or(|it| !it.has(task)));
        self.engine.retry(self.photo.get_untracked().filter(|_| missing), task);
    }

    /// Cancels what is going on: opening a photo, or the run in flight. Returns whether there was anything.
    pub fn cancel(self) -> bool {
        if self.opening.get_untracked() {
            self.serial.update_value(|serial| *serial += 1);
            self.opening.set(false);
            return true;
        }
        let running = self.engine.run.get_untracked() == Run::Running;
        self.engine.cancel();
        running
    }

    /// Takes the last change back.
    pub fn undo(self) {
        let earlier = self.history.try_update_value(|history| history.undo(self.moment())).flatten();
        self.restore(earlier);
    }

    /// Takes the last undo back.
    pub fn redo(self) {
        let later = self.history.try_update_value(|history| history.redo(self.moment())).flatten();
        self.restore(later);
    }

    fn restore(self, moment: Option<Moment>) {
        let Some(Moment { photo, answer, settings }) = moment else { return };
        self.isolated.set(None);
        self.settings.set(settings);
        let same = |a: &Rc<Photo>, b: &Rc<Photo>| Rc::ptr_eq(a, b);
        let unchanged = match (self.photo.get_untracked(), &photo) {
            (Some(shown), Some(photo)) => same(&shown, photo),
            (None, None) => true,
            _ => false,
        };
        if unchanged {
            return;
        }
        self.photo.set(photo.clone());
        match (photo, answer) {
            (Some(photo), None) => self.engine.look(photo, self.task.get_untracked()),
            (_, answer) => {
                self.engine.recall(answer);
                self.complete(); // the task may be another than when the photo was left
            }
        }
    }

    fn moment(self) -> Moment {
        Moment {
            photo: self.photo.get_untracked(),
            answer: self.engine.answer.get_untracked(),
            settings: self.settings.get_untracked(),
        }
    }

    fn remember(self, what: &'static str) {
        let now = window().performance().map_or(0.0, |clock| clock.now());
        let present = self.moment();
        let join = if what == "photo" { 0.0 } else { JOIN_MS };
        self.history.update_value(|history| {
            history.note(present, what, now, join);
            let mut photos: Vec<u32> = Vec::new();
            history.forget(|moment| {
                if let Some(photo) = &moment.photo
                    && photos.last() != Some(&photo.id)
                {
                    photos.push(photo.id);
                }
                photos.len() <= EARLIER_PHOTOS
            });
        });
    }
}

/// The state of the page, for its components.
///
/// # Panics
/// Outside the page's root component, which provides it.
#[must_use]
pub fn use_desk() -> Desk {
    expect_context()
}
