//! The task on all photos of the strip, one after the other, while the worker has nothing else to do.

use std::time::Duration;

use leptos::prelude::*;
use model::{catalog::System, run::Run};
use wasm_bindgen_futures::spawn_local;

use super::{
    queue::{self, MAX_FAILURES, Standing},
    summary::thumbnail_of,
};
use crate::{
    engine::{Missed, Phase},
    photo::{Frame, Photo, PhotoFault},
    results::Results,
    state::{Actions, FilmPhoto},
};

/// How long to wait for a worker that has something else to do.
const PAUSE: Duration = Duration::from_millis(300);

/// The work in the background: copies share it.
#[derive(Clone, Copy)]
pub struct Background {
    actions: Actions,
    /// Whether the visitor has stopped it.
    pub is_stopped: RwSignal<bool>,
    /// The systems that the visitor wants on all photos, however long they take.
    agreed: RwSignal<Vec<System>>,
    /// The photo that is being looked at.
    pub current: RwSignal<Option<FilmPhoto>>,
    /// Whether a photo is being decoded: one at a time.
    is_decoding: StoredValue<bool>,
    /// Numbers the photos that were begun: an answer to an earlier one does not count.
    turn: StoredValue<u32>,
}

impl Background {
    /// Begins whenever there is something to do, until the strip is gone.
    pub fn start(actions: Actions) -> Self {
        let background = Self {
            actions,
            is_stopped: RwSignal::new(false),
            agreed: RwSignal::new(Vec::new()),
            current: RwSignal::new(None),
            is_decoding: StoredValue::new(false),
            turn: StoredValue::new(0),
        };
        let result = actions.result;
        Effect::new(move |_| {
            let is_idle = result.engine.phase.get() != Phase::Running && !actions.photo.opening.get();
            let _ = (result.systems(), actions.film.photos.get(), actions.photo.shown.with(Option::is_some)); // tracked
            if is_idle && !background.is_stopped.get() && background.asks().is_none() {
                background.advance();
            }
        });
        on_cleanup(move || {
            if background.current.try_get_untracked().flatten().is_some() {
                result.engine.look_away();
            }
        });
        background
    }

    /// Stops it, or goes on.
    pub fn toggle(self) {
        self.is_stopped.update(|it| *it = !*it);
        if self.is_stopped.get_untracked() && self.current.get_untracked().is_some() {
            self.turn.update_value(|turn| *turn += 1);
            self.current.set(None);
            self.actions.result.engine.look_away();
        }
    }

    /// Milliseconds that the photos that wait would take, if the visitor is to decide whether to wait for them.
    pub fn asks(self) -> Option<f64> {
        let systems = self.actions.result.systems();
        let waiting = self.standings().iter().filter(|it| it.1 == Standing::Waiting).count();
        let of_photo = |it: &FilmPhoto| it.results.with(|results| wall_ms(results, &systems));
        let mut known: Vec<f64> = self.actions.film.photos.with(|photos| photos.iter().filter_map(of_photo).collect());
        known.extend(self.actions.result.results.with(|results| wall_ms(results, &systems)));
        queue::long_wait(&known, waiting).filter(|_| self.agreed.with(|agreed| *agreed != systems))
    }

    /// Runs the task on all photos, however long that takes.
    pub fn agree(self) {
        self.agreed.set(self.actions.result.systems_untracked());
    }

    /// Numbers and standing of all photos.
    pub fn standings(self) -> Vec<(u32, Standing)> {
        let systems = self.actions.result.systems();
        self.actions.film.photos.with(|photos| photos.iter().map(|it| (it.number, it.standing(&systems))).collect())
    }

    /// The photo on show, if it is in the strip.
    pub fn shown(self) -> Option<FilmPhoto> {
        let id = self.actions.photo.shown.with(|photo| photo.as_ref().map(|photo| photo.id))?;
        self.actions.film.photos.with(|photos| photos.iter().copied().find(|it| it.id() == id))
    }

    /// Looks at the next photo, unless one is looked at.
    fn advance(self) {
        if self.is_stopped.try_get_untracked() != Some(false) || self.current.get_untracked().is_some() {
            return;
        }
        if untrack(|| self.asks()).is_some() {
            return;
        }
        let (actions, engine) = (self.actions, self.actions.result.engine);
        let next = untrack(|| queue::next(&self.standings(), self.shown().map(|it| it.number)));
        let Some(photo) = next.and_then(|number| self.numbered(number)) else { return };
        if actions.is_live() {
            return self.later(PAUSE);
        }
        if engine.stopped.get_untracked() {
            engine.retry(None); // another photo is another try
        }
        self.turn.update_value(|turn| *turn += 1);
        let turn = self.turn.get_value();
        self.current.set(Some(photo));
        spawn_local(async move {
            while self.is_decoding.try_get_value() == Some(true) {
                gloo_timers::future::TimeoutFuture::new(20).await;
            }
            let frame = self.decoded(photo).await.and_then(|photo| frame_of(&photo));
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            match frame {
                Ok(frame) => {
                    let systems = self.actions.result.systems_untracked();
                    engine.look(frame, systems.clone(), Box::new(move |runs| self.answer(turn, photo, &systems, runs)));
                    self.decode_ahead(turn);
                }
                Err(fault) => {
                    photo.fault.set(Some(fault.to_string()));
                    self.current.set(None);
                    self.later(Duration::ZERO);
                }
            }
        });
    }

    /// Decodes a photo and draws it in small.
    async fn decoded(self, photo: FilmPhoto) -> Result<Photo, PhotoFault> {
        self.is_decoding.try_set_value(true);
        let opened = photo.open().await;
        if let Ok(opened) = &opened {
            photo.draw_thumbnail(opened);
        }
        self.is_decoding.try_set_value(false);
        opened
    }

    /// Draws the photos that wait in small, as long as the worker is busy with one.
    fn decode_ahead(self, turn: u32) {
        spawn_local(async move {
            gloo_timers::future::TimeoutFuture::new(400).await; // a quick task needs the time for itself
            while self.turn.try_get_value() == Some(turn) && self.current.try_get_untracked().flatten().is_some() {
                let waits = |it: &FilmPhoto| it.thumbnail.with_untracked(Option::is_none) && it.is_sound();
                let next = self.actions.film.photos.with_untracked(|photos| photos.iter().copied().find(waits));
                let Some(photo) = next else { return };
                if let Err(fault) = self.decoded(photo).await {
                    photo.fault.set(Some(fault.to_string()));
                }
            }
        });
    }

    fn answer(self, turn: u32, photo: FilmPhoto, systems: &[System], runs: Result<Vec<Run>, Missed>) {
        if self.turn.try_get_value() != Some(turn) {
            return;
        }
        let mut pause = Duration::ZERO;
        match runs {
            Ok(runs) => {
                let device = self.actions.result.engine.device.get_untracked().unwrap_or_default();
                let mut results = photo.results.get_untracked();
                runs.into_iter().for_each(|run| results.note_run(run, &device));
                let is_whole = systems.iter().all(|&system| results.finished(system).is_some());
                photo.results.set(results);
                if !is_whole {
                    photo.fail("The network has no result for this photo.");
                }
            }
            Err(Missed::Overtaken) => pause = PAUSE,
            Err(Missed::Failed(sentence)) => photo.fail(&sentence),
        }
        self.current.set(None);
        self.later(pause);
    }

    fn later(self, pause: Duration) {
        // The effect goes on where the page waits for the photo on show.
        let go = move || {
            let phase = self.actions.result.engine.phase;
            if phase.try_get_untracked() != Some(Phase::Running) {
                self.advance();
            }
        };
        set_timeout(go, pause);
    }

    fn numbered(self, number: u32) -> Option<FilmPhoto> {
        self.actions.film.photos.with_untracked(|photos| photos.iter().copied().find(|it| it.number == number))
    }
}

impl FilmPhoto {
    /// How far it is with a task.
    pub(super) fn standing(self, systems: &[System]) -> Standing {
        if self.fault.with(Option::is_some) {
            return Standing::Failed;
        }
        let is_done = self.results.with(|results| systems.iter().all(|&system| results.finished(system).is_some()));
        if is_done { Standing::Done } else { Standing::Waiting }
    }

    fn is_sound(&self) -> bool {
        self.fault.with_untracked(Option::is_none)
    }

    /// Notes that the worker has failed on it.
    fn fail(self, sentence: &str) {
        self.failures.update_value(|failures| *failures += 1);
        if self.failures.get_value() >= MAX_FAILURES {
            self.fault.set(Some(sentence.to_owned()));
        }
    }

    /// Draws it in small, once.
    pub(super) fn draw_thumbnail(self, photo: &Photo) {
        if self.thumbnail.with_untracked(Option::is_none) {
            match thumbnail_of(photo) {
                Ok(thumbnail) => self.thumbnail.set(Some(thumbnail)),
                Err(error) => leptos::logging::warn!("no small picture of {}: {error:?}", photo.name),
            }
        }
    }
}

/// Milliseconds of the systems' runs on a photo, or of the whole of a long stage at the pace at which it was stopped; `None`
/// while neither is known.
fn wall_ms(results: &Results, systems: &[System]) -> Option<f64> {
    if let Some(stage) = results.unfinished(systems) {
        let progress = stage.progress.filter(|it| it.done > 0)?;
        return Some(stage.ms * f64::from(progress.total) / f64::from(progress.done));
    }
    systems.iter().map(|&system| Some(results.finished(system)?.wall_ms)).sum()
}

/// A photo that is not on show, as the engine takes it.
fn frame_of(photo: &Photo) -> Result<Frame, PhotoFault> {
    Ok(Frame { id: photo.id, width: photo.width, height: photo.height, pixels: photo.pixels()? })
}
