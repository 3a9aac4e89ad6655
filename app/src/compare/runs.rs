//! Running the systems of the task one after the other, as long as nobody needs the worker for something else.

use std::rc::Rc;

use leptos::prelude::*;
use model::catalog::System;

use super::rows::{is_long, is_whole, left_out, order};
use crate::{
    engine::{Job, Phase},
    photo::Photo,
    state::Actions,
};

/// The runs of the comparison: copies share them.
#[derive(Clone, Copy)]
pub struct Runs {
    actions: Actions,
    /// Whether the visitor, or a failure, has stopped them.
    pub is_stopped: RwSignal<bool>,
    /// The system whose turn it is.
    pub current: RwSignal<Option<System>>,
    /// Systems whose times are measured once more.
    again: RwSignal<Vec<System>>,
    /// Whether the worker is to forget the photo's stages before the next run.
    forget: StoredValue<bool>,
    /// Whether the page's own run was measured once more: the first one of all has loaded and compiled on the way.
    is_warm: StoredValue<bool>,
}

impl Runs {
    /// Begins, and goes on whenever the worker is free, until the comparison is closed.
    pub fn start(actions: Actions) -> Self {
        let runs = Self {
            actions,
            is_stopped: RwSignal::new(false),
            current: RwSignal::new(None),
            again: RwSignal::new(Vec::new()),
            forget: StoredValue::new(false),
            is_warm: StoredValue::new(false),
        };
        // Another photo, another task: nothing of what was asked holds.
        Effect::new(move |earlier: Option<_>| {
            let now = (actions.photo.shown.with(|it| it.as_ref().map(|it| it.id)), actions.result.task.get());
            if earlier.is_some_and(|earlier| earlier != now) {
                runs.current.set(None);
                runs.again.set(Vec::new());
                runs.is_stopped.set(false);
                runs.is_warm.set_value(false);
            }
            now
        });
        Effect::new(move |_| runs.advance());
        on_cleanup(move || runs.end());
        runs
    }

    /// The systems that are compared.
    fn systems(self) -> Vec<System> {
        let without = self.actions.view.without.with(|keys| left_out(keys));
        order(self.actions.result.task.get()).into_iter().filter(|it| !without.contains(it)).collect()
    }

    fn is_whole(self, system: System) -> bool {
        let device = self.actions.result.engine.device.get();
        self.actions.result.results.with(|results| is_whole(results, system, device.as_deref()))
    }

    /// The system that runs next, if any.
    fn next(self) -> Option<System> {
        let again = self.again.get();
        self.systems().into_iter().find(|&system| again.contains(&system) || !self.is_whole(system))
    }

    fn advance(self) {
        let (engine, photo) = (self.actions.result.engine, self.actions.photo);
        let (is_busy, phase, gave_up) = (engine.busy.get(), engine.phase.get(), engine.stopped.get());
        let (next, is_stopped) = (self.next(), self.is_stopped.get());
        let shown = photo.shown.get().filter(|_| !photo.opening.get());
        if is_busy && phase == Phase::Running {
            self.current.set(None); // the page's own run goes first
            return self.overtake_long(next);
        }
        if is_busy || shown.is_none() {
            return;
        }
        if let Some(current) = self.current.get_untracked() {
            self.current.set(None);
            self.again.update(|again| again.retain(|&it| it != current));
            // It ended without its result: somebody has cancelled it, or it failed.
            if !self.is_whole(current) {
                return self.is_stopped.set(true);
            }
        }
        match (self.next(), shown) {
            _ if is_stopped => {}
            (Some(_), _) if gave_up => self.is_stopped.set(true),
            (Some(next), Some(photo)) if !self.actions.is_live() => self.ask(self.cold().unwrap_or(next), photo),
            _ => {}
        }
    }

    /// The one system that has run so far, if it is to be measured once more before the others.
    fn cold(self) -> Option<System> {
        let is_warm = self.is_warm.try_update_value(|it| std::mem::replace(it, true)).unwrap_or(true);
        let known: Vec<System> = untrack(|| self.systems().into_iter().filter(|&it| self.is_whole(it)).collect());
        let [only] = known[..] else { return None };
        let cold = (!is_warm && !is_long(only)).then_some(only);
        self.forget.update_value(|forget| *forget |= cold.is_some());
        cold
    }

    /// Quick systems do not wait for a long one that the page has asked for: its turn comes.
    fn overtake_long(self, next: Option<System>) {
        let shown = self.actions.result.systems_untracked();
        let is_quick = next.is_some_and(|next| !shown.contains(&next));
        if is_quick && shown.iter().any(|&it| is_long(it)) && self.actions.result.engine.is_ready() {
            self.actions.result.engine.cancel();
        }
    }

    fn ask(self, system: System, photo: Rc<Photo>) {
        self.current.set(Some(system));
        let again = self.forget.try_update_value(std::mem::take).unwrap_or_default();
        let job = Job { photo: photo.id, systems: vec![system], inside: false, again, background: true, closer: false };
        self.actions.result.engine.ask(photo, job);
    }

    /// Stops, or goes on.
    pub fn toggle(self) {
        let engine = self.actions.result.engine;
        if self.is_stopped.get_untracked() {
            if engine.stopped.get_untracked() {
                engine.retry(None); // another try
            }
            return self.is_stopped.set(false);
        }
        self.is_stopped.set(true);
        self.drop_current();
    }

    /// Measures the times of all systems once more: what was loaded and compiled on the way counts no longer.
    pub fn repeat(self) {
        self.drop_current();
        self.forget.set_value(true);
        self.again.set(untrack(|| self.systems()));
        self.is_stopped.set(false);
    }

    /// Ends the run of a system that is left out from now on.
    pub fn leave(self, system: System) {
        if self.current.get_untracked() == Some(system) {
            self.drop_current();
        }
    }

    fn drop_current(self) {
        let engine = self.actions.result.engine;
        self.current.set(None);
        if engine.busy.get_untracked() {
            engine.cancel();
        }
    }

    /// The comparison is closed: the worker is free again, for what the page itself lacks.
    fn end(self) {
        let engine = self.actions.result.engine;
        let is_own = self.current.try_get_untracked().flatten().is_some();
        if is_own && engine.busy.try_get_untracked() == Some(true) && engine.phase.get_untracked() != Phase::Running {
            engine.cancel();
        }
        if self.actions.photo.shown.try_with_untracked(Option::is_some) == Some(true) {
            self.actions.complete_unless_stopped();
        }
    }
}
