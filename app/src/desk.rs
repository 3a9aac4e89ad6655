//! The state of the page: the photo, the settings, and everything that follows from them.

use std::{future::Future, rc::Rc, sync::Arc};

use leptos::prelude::*;
use leptos_use::use_preferred_dark;
use lookout_protocol::{Found, Task};
use wasm_bindgen_futures::spawn_local;

use crate::{
    engine::{Answer, Engine, Run},
    findings::Findings,
    history::History,
    legend::Legend,
    palette::Palette,
    people::People,
    photo::{Photo, PhotoFault, offer::Taken},
    sentences::Sentences,
    settings::Settings,
    showing::{Showing, things},
    silhouettes::Silhouettes,
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
    /// Everything that is drawn and said, for the task.
    pub showing: Memo<Arc<Showing>>,
    /// The caption and the word in it that are pointed at or focused.
    pub word: RwSignal<Option<(usize, usize)>>,
    /// The place of the photo whose class is read, as fractions of its width and height.
    pub pointed: RwSignal<Option<(f32, f32)>>,
    /// The finding or person that is pointed at or focused, by [`crate::findings::Finding::key`] or
    /// [`crate::people::Person::key`]; with class maps a class, with captions a caption.
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
        let task = RwSignal::new(url.task);
        let palette = Memo::new(move |_| {
            Arc::new(with_found(engine, |it| Palette::of(it.candidates.as_deref().unwrap_or_default())))
        });
        let findings = Memo::new(move |_| {
            let (task, settings, palette) = (task.get(), settings.get(), palette.get());
            Arc::new(with_found(engine, |it| things(task, it, &settings, &palette)))
        });
        let people = Memo::new(move |_| {
            let settings = settings.get();
            Arc::new(with_found(engine, |it| People::of(it.skeletons.as_deref().unwrap_or_default(), &settings)))
        });
        let showing = showing(engine, task, settings, findings, people);
        Self {
            photo: RwSignal::new_local(None),
            opening: RwSignal::new(false),
            task,
            settings,
            palette,
            findings,
            people,
            showing,
            word: RwSignal::new(None),
            pointed: RwSignal::new(None),
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
        self.let_go();
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
        self.let_go();
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
        self.let_go();
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

    /// Nothing is pointed at any more.
    fn let_go(self) {
        self.isolated.set(None);
        self.word.set(None);
        self.pointed.set(None);
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

/// Reads what was found so far.
fn with_found<T>(engine: Engine, read: impl FnOnce(&Found) -> T) -> T {
    engine.answer.with(|answer| match answer {
        Some(answer) => read(&answer.found),
        None => read(&Found::default()),
    })
}

/// Everything on show; what takes long to work out follows the answer only, not the settings.
fn showing(
    engine: Engine,
    task: RwSignal<Task>,
    settings: RwSignal<Settings>,
    findings: Memo<Arc<Findings>>,
    people: Memo<Arc<People>>,
) -> Memo<Arc<Showing>> {
    let silhouettes =
        Memo::new(move |_| Arc::new(with_found(engine, |it| Silhouettes::of(it.masks.as_deref().unwrap_or_default()))));
    let legend =
        Memo::new(move |_| Arc::new(with_found(engine, |it| Legend::of(it.class_map.clone().unwrap_or_default()))));
    let captions = Memo::new(move |_| Arc::new(with_found(engine, |it| it.captions.clone().unwrap_or_default())));
    Memo::new(move |_| {
        let (opacity, outline) = settings.with(|it| (it.opacity, it.outline));
        Arc::new(Showing {
            task: task.get(),
            findings: findings.get(),
            people: people.get(),
            silhouettes: silhouettes.get(),
            legend: legend.get(),
            captions: captions.get(),
            location: with_found(engine, |it| it.location.clone()),
            opacity,
            outline,
        })
    })
}

/// The state of the page, for its components.
///
/// # Panics
/// Outside the page's root component, which provides it.
#[must_use]
pub fn use_desk() -> Desk {
    expect_context()
}
