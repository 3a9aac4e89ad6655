//! Going back: undo and redo, and the steps of the browser's session history.

use std::rc::{Rc, Weak};

use leptos::prelude::*;
use model::catalog::{System, Task};
use wasm_bindgen_futures::spawn_local;

use super::{
    Actions, FilmPhoto,
    session_history::{EntryState, PageSteps},
};
use crate::{
    js::now,
    photo::{
        Photo,
        address::from_link,
        kept,
        kept::{KeptPhotos, PhotoSource},
        samples,
    },
    results::Results,
    settings::Settings,
    url_state::UrlState,
};

/// Changes of one setting that are closer together than this are one step of undo.
const JOIN_MS: f64 = 800.0;
/// How many earlier photos undo brings back: each costs up to 48 MB.
const MAX_EARLIER_PHOTOS: usize = 2;
/// How many entries of the session history keep their results, which may hold every stage's maps.
const MAX_ENTRIES_WITH_RESULTS: usize = 6;

/// What undo brings back.
pub struct Snapshot {
    photo: Option<HeldPhoto>,
    film: Vec<FilmPhoto>,
    results: Results,
    settings: Settings,
    task: Task,
    system: Option<System>,
}

/// A photo as it was on show, and how to open it again once its pixels are given up.
struct HeldPhoto {
    photo: Weak<Photo>,
    source: PhotoSource,
    id: u32,
    /// Keeps its pixels.
    pixels: Option<Rc<Photo>>,
}

/// What makes an entry of the session history a step of its own: the photo, the task, the system, the figure.
pub type Step = (Option<u32>, Task, Option<System>, Option<String>);

/// What an entry of the session history brings back. It does not keep the photo's pixels.
pub struct Entry {
    photo: Option<(Weak<Photo>, PhotoSource)>,
    film: Vec<FilmPhoto>,
    results: Results,
    settings: Settings,
    task: Task,
    system: Option<System>,
}

impl Actions {
    /// Takes the last change back.
    pub fn undo(self) {
        let earlier = self.history.try_update_value(|history| history.undo(self.snapshot())).flatten();
        self.step_to(earlier);
    }

    /// Takes the last undo back.
    pub fn redo(self) {
        let later = self.history.try_update_value(|history| history.redo(self.snapshot())).flatten();
        self.step_to(later);
    }

    /// Whether there is anything to undo, and to do again.
    pub fn undoable(self) -> (bool, bool) {
        self.undoable.get()
    }

    fn step_to(self, snapshot: Option<Snapshot>) {
        if let Some(snapshot) = snapshot {
            self.leave_entry();
            self.restore(snapshot);
        }
        self.note_undoable();
    }

    fn note_undoable(self) {
        let now = self.history.with_value(|history| (history.can_undo(), history.can_redo()));
        if self.undoable.get_untracked() != now {
            self.undoable.set(now);
        }
    }

    fn restore(self, snapshot: Snapshot) {
        let Snapshot { photo, film, results, settings, task, system } = snapshot;
        self.end_restoring();
        self.photo.cancel_opening();
        self.view.release();
        self.film.set(film);
        self.result.settings.set(settings);
        let asked = (self.result.task.get_untracked(), self.result.system.get_untracked());
        if asked != (task, system) {
            self.result.task.set(task);
            self.result.system.set(system);
        }
        let shown = self.photo.shown.with_untracked(|photo| photo.as_ref().map(|photo| photo.id));
        if shown == photo.as_ref().map(|photo| photo.id) {
            if asked != (task, system) {
                self.complete_unless_stopped();
            }
            return;
        }
        let photo = match photo.map(|held| (held.photo.upgrade(), held)) {
            None => None,
            Some((Some(photo), _)) => Some(photo),
            Some((None, held)) => return self.open_again(held.source.open_as(held.id)),
        };
        let known = !results.is_empty();
        self.photo.shown.set(photo);
        self.result.engine.recall(known);
        self.result.results.set(results);
        self.complete(); // the task may be another than when the photo was left
    }

    fn snapshot(self) -> Snapshot {
        Snapshot {
            photo: self.photo.shown.get_untracked().map(|photo| self.held(photo)),
            film: self.film.photos.get_untracked(),
            results: self.result.results.get_untracked(),
            settings: self.result.settings.get_untracked(),
            task: self.result.task.get_untracked(),
            system: self.result.system.get_untracked(),
        }
    }

    /// Notes the present state before a change of it.
    pub fn remember(self, what: &'static str) {
        self.leave_entry();
        let present = self.snapshot();
        let join = if matches!(what, "photo" | "task") { 0.0 } else { JOIN_MS };
        self.history.update_value(|history| {
            history.note(present, what, now(), join);
            let mut photos: Vec<u32> = Vec::new();
            history.forget(|snapshot| {
                if let Some(photo) = snapshot.photo.as_ref().filter(|photo| photo.pixels.is_some())
                    && photos.last() != Some(&photo.id)
                {
                    photos.push(photo.id);
                }
                photos.len() <= MAX_EARLIER_PHOTOS
            });
        });
        self.note_undoable();
    }

    /// Gives up the pixels of photos that undo brings back: they are opened again then.
    pub(super) fn release_photos(self) {
        self.history.update_value(|history| {
            for photo in history.states_mut().filter_map(|state| state.photo.as_mut()) {
                photo.pixels = None;
            }
        });
    }

    fn held(self, photo: Rc<Photo>) -> HeldPhoto {
        let kept = self.photo.kept.with_untracked(|kept| kept.get(&photo.id).cloned());
        let source = PhotoSource::of(&photo, kept);
        HeldPhoto { photo: Rc::downgrade(&photo), source, id: photo.id, pixels: Some(photo) }
    }

    /// Notes what the open entry of the session history holds, before another one is opened.
    fn leave_entry(self) {
        let Snapshot { photo, film, results, settings, task, system } = self.snapshot();
        let photo = photo.map(|held| (held.photo, held.source));
        self.steps.update_value(|steps| {
            steps.leave(Entry { photo, film, results, settings, task, system });
            for old in steps.entries_mut().rev().skip(MAX_ENTRIES_WITH_RESULTS) {
                old.results = Results::new(old.results.photo);
            }
        });
    }

    /// The step that the present state is.
    pub fn step(self) -> Step {
        let id = self.photo.shown.with(|photo| photo.as_ref().map(|photo| photo.id));
        (id, self.result.task.get(), self.result.system.get(), self.view.figure.get())
    }

    /// Reads or changes the entries of the session history.
    pub fn with_steps<T>(self, change: impl FnOnce(&mut PageSteps) -> T) -> T {
        self.steps.try_update_value(change).expect("the page's root owns the steps and outlives all that uses them")
    }

    /// Whether an entry of the session history is being brought back.
    pub fn is_restoring(self) -> bool {
        self.restoring.get()
    }

    pub(super) fn end_restoring(self) {
        if self.restoring.get_untracked() {
            self.steps.update_value(PageSteps::settle);
            self.restoring.set(false);
        }
    }

    /// Brings back an entry of the session history: as it was left, or, after a reload, from its address.
    pub fn go_to(self, state: &EntryState) {
        self.remember("step");
        self.view.follow_figure(&UrlState::parse(&window().location().search().unwrap_or_default()));
        let found = self.with_steps(|steps| {
            let entry = steps.go(state.number)?;
            Some((
                entry.photo.clone(),
                entry.film.clone(),
                entry.results.clone(),
                entry.settings.clone(),
                entry.task,
                entry.system,
            ))
        });
        let Some((photo, film, results, settings, task, system)) = found else { return self.go_to_address(state) };
        match photo.map(|(photo, source)| (photo.upgrade(), source)) {
            None => self.restore(Snapshot { photo: None, film, results, settings, task, system }),
            Some((Some(photo), _)) => {
                self.restore(Snapshot { photo: Some(self.held(photo)), film, results, settings, task, system });
            }
            Some((None, source)) => {
                self.film.set(film);
                self.take_over(settings, task, system);
                self.open_again(source.open());
            }
        }
    }

    /// Brings back what the address says, which is all that is left of an entry of before a reload.
    fn go_to_address(self, state: &EntryState) {
        let url = UrlState::parse(&window().location().search().unwrap_or_default());
        self.take_over(url.settings, url.task, url.system);
        match (state.photo.clone(), url.sample, url.photo) {
            (Some(key), _, _) => self.open_again(async move { kept::open(&key).await }),
            (None, Some(key), _) => self.open_again(async move { samples::open(&key).await }),
            (None, None, Some(link)) => self.open_again(async move { from_link(&link).await }),
            (None, None, None) => {
                let present = self.snapshot();
                self.restore(Snapshot { photo: None, film: vec![], results: Results::default(), ..present });
            }
        }
    }

    fn take_over(self, settings: Settings, task: Task, system: Option<System>) {
        self.view.release();
        self.result.settings.set(settings);
        self.result.task.set(task);
        self.result.system.set(system);
    }

    /// Closes the photo: back to the start, with the task as it is.
    pub fn close(self) {
        if self.photo.shown.with_untracked(Option::is_none) {
            return;
        }
        self.remember("photo");
        let present = self.snapshot();
        self.restore(Snapshot { photo: None, film: vec![], results: Results::default(), ..present });
        self.view.inside.set(false);
        self.view.compare.set(false);
    }

    /// Begins to keep own photos, and brings back the one that was open before a reload.
    pub fn keep_photos(self) {
        if let Some(key) = EntryState::current().and_then(|it| it.photo) {
            self.open_again(async move { kept::open(&key).await });
        }
        if kept::film_is_kept() {
            self.film.with(self.view, move |parts| (parts.restore)(self));
        }
        spawn_local(async move {
            let place = KeptPhotos::open().await;
            self.kept.try_set_value(place);
            // A photo may have come before.
            if let Some(photo) = self.photo.shown.try_get_untracked().flatten() {
                self.keep(&photo);
            }
        });
    }

    /// Keeps a photo if it is the visitor's own and not kept yet.
    pub(super) fn keep(self, photo: &Photo) {
        let (kept, id) = (self.photo.kept, photo.id);
        if let Some(key) = photo.kept.clone() {
            kept.update(|it| drop(it.insert(id, key)));
            return;
        }
        // A sample, or a photo that the address names, is opened from there again.
        let (Some(place), None, None) = (self.kept.get_value(), &photo.sample, &photo.address) else { return };
        if kept.with_untracked(|it| it.contains_key(&id)) {
            return;
        }
        let source = PhotoSource::of(photo, None);
        spawn_local(async move {
            if let Some(key) = place.keep(&source, None).await {
                kept.try_update(|it| it.insert(id, key));
            }
        });
    }
}
