//! Bringing the page to a state that somebody other than its visitor asks for: the host of its frame, or a lesson.

use leptos::prelude::*;

use super::Actions;
use crate::{signal::change, url_state::UrlState};

impl Actions {
    /// Brings the page to a state; what is there already stays as it is, and what is missing is run.
    ///
    /// # Arguments
    /// * `state` - the whole state; without a photo the one on show stays.
    pub fn follow(self, state: &UrlState) {
        let now = untrack(|| self.url_state(&UrlState::default()));
        let (view, result) = (self.view, self.result);
        change(view.controls, state.controls);
        change(view.fits_content, state.fits_content);
        change(view.lesson, state.lesson.clone());
        change(view.step, state.step);
        change(view.theme, state.theme);
        change(view.lang, state.lang);
        view.follow_figure(state);
        change(view.figure_set, state.set.clone());
        change(view.without, state.without.clone());
        change(view.compare, state.compare);
        change(view.stage, state.stage.clone());
        change(view.inside, state.inside);
        if (now.task, now.system) != (state.task, state.system) {
            view.release();
            change(result.task, state.task);
            change(result.system, state.system);
        }
        change(result.settings, state.settings.clone());
        if let Some(backend) = state.backend.filter(|_| now.backend != state.backend) {
            self.switch_backend(backend);
        }
        match (state.sample.clone(), state.photo.clone()) {
            (Some(key), _) if now.sample.as_ref() != Some(&key) => {
                self.open_sample(key);
            }
            (None, Some(link)) if now.photo.as_ref() != Some(&link) => {
                self.open_link(link);
            }
            _ => self.complete_unless_stopped(),
        }
    }
}
