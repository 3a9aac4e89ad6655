//! The browser's session history: photos and tasks are its steps, and a reload brings back what was open.

use std::collections::BTreeMap;

use leptos::prelude::*;
use leptos_use::{use_event_listener, use_window};
use wasm_bindgen::JsValue;

use super::{Actions, Entry, Step};
use crate::{
    js::{is_framed, property},
    url_state::UrlState,
};

/// What the browser keeps beside the address of an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryState {
    /// The entry's place, counted from 0.
    pub number: u32,
    /// The key of the visitor's own photo among those that are kept, see [`crate::photo::kept`].
    pub photo: Option<String>,
}

impl EntryState {
    /// Reads what [`EntryState::text`] wrote; `None` for an entry of somebody else.
    fn parse(text: &str) -> Option<Self> {
        let (number, photo) = text.split_once(' ')?;
        Some(Self { number: number.parse().ok()?, photo: Some(photo.to_owned()).filter(|it| !it.is_empty()) })
    }

    fn text(&self) -> String {
        format!("{} {}", self.number, self.photo.as_deref().unwrap_or_default())
    }

    /// That of the entry that is open: the one before a reload, too.
    pub fn current() -> Option<Self> {
        let state = window().history().ok()?.state().ok()?;
        Self::parse(&state.as_string()?)
    }
}

/// How a state is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Write {
    /// As a new entry.
    Push,
    /// In the place of the open one.
    Replace,
}

/// The entries by their places, with what the page knows of each.
#[derive(Debug)]
pub struct Steps<K, E> {
    current: u32,
    /// What makes the open entry a step of its own; `None` while anything belongs to it.
    key: Option<K>,
    entries: BTreeMap<u32, E>,
}

impl<K: PartialEq, E> Steps<K, E> {
    /// The entries of a page that has just been opened, or opened again, at a place.
    pub const fn new(current: u32) -> Self {
        Self { current, key: None, entries: BTreeMap::new() }
    }

    /// Takes a new state over: another key is a further step, and what was ahead is gone.
    fn note(&mut self, key: K) -> Write {
        let same = self.key.as_ref().is_none_or(|it| *it == key);
        self.key = Some(key);
        if same {
            return Write::Replace;
        }
        self.current += 1;
        self.entries.retain(|&number, _| number < self.current);
        Write::Push
    }

    /// Whatever comes next belongs to the open entry.
    pub fn settle(&mut self) {
        self.key = None;
    }

    /// What the open entry holds, as it is left.
    pub fn leave(&mut self, entry: E) {
        self.entries.insert(self.current, entry);
    }

    /// Goes to a place. Returns what is known of it.
    pub fn go(&mut self, number: u32) -> Option<&E> {
        self.current = number;
        self.settle();
        self.entries.get(&number)
    }

    /// The entries, oldest first.
    pub fn entries_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut E> {
        self.entries.values_mut()
    }
}

/// Writes the state into the address and the session history as it changes, and follows the visitor back and forth.
///
/// # Arguments
/// * `given` - the address that the page was opened with.
pub fn keep_history(actions: Actions, given: UrlState) {
    Effect::new(move |written: Option<(String, String)>| {
        let query = actions.url_state(&given).query();
        let (step, photo) = (actions.step(), actions.kept_key());
        if actions.is_restoring() {
            return written.unwrap_or_default(); // on the way to what was there: not yet another state
        }
        let (write, number) = actions.with_steps(|steps| (steps.note(step), steps.current));
        // The steps of a frame would be those of the page around it, and a lesson is left as a whole.
        let write =
            if is_framed() || actions.view.lesson.with_untracked(Option::is_some) { Write::Replace } else { write };
        let state = EntryState { number, photo }.text();
        if write == Write::Push || written.as_ref().is_none_or(|it| *it != (query.clone(), state.clone())) {
            put(write, &query, &state);
        }
        (query, state)
    });
    let follow = move |event: web_sys::PopStateEvent| {
        let state = property(&event, "state").and_then(|it| it.as_string());
        // An entry of somebody else, e.g. of a link to a place in the page, changes nothing.
        if let Some(state) = state.as_deref().and_then(EntryState::parse) {
            actions.go_to(&state);
        }
    };
    let _ = use_event_listener(use_window(), leptos::ev::popstate, follow);
}

fn put(write: Write, query: &str, state: &str) {
    let location = window().location();
    let (path, hash) = (location.pathname().unwrap_or_default(), location.hash().unwrap_or_default());
    let (address, state) = (format!("{path}{query}{hash}"), JsValue::from_str(state));
    let written = window().history().and_then(|history| match write {
        Write::Push => history.push_state_with_url(&state, "", Some(&address)),
        Write::Replace => history.replace_state_with_url(&state, "", Some(&address)),
    });
    if let Err(error) = written {
        leptos::logging::warn!("the address stays as it is: {error:?}");
    }
}

/// The steps of the page, as [`Actions`] hold them.
pub type PageSteps = Steps<Step, Entry>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_of_entries_are_read_as_they_were_written() {
        let own = EntryState { number: 3, photo: Some("tab 1/7".into()) };
        for state in [EntryState::default(), own] {
            assert_eq!(EntryState::parse(&state.text()), Some(state));
        }
        assert_eq!((EntryState::parse("x 1"), EntryState::parse("5")), (None, None));
    }

    #[test]
    fn another_photo_or_task_is_a_step_and_a_setting_is_not() {
        let mut steps = Steps::<_, ()>::new(0);
        assert_eq!(steps.note("photo 1, boxes"), Write::Replace, "what the link opened");
        assert_eq!(steps.note("photo 1, boxes"), Write::Replace);
        assert_eq!((steps.note("photo 1, masks"), steps.current), (Write::Push, 1));
        assert_eq!((steps.note("photo 2, masks"), steps.current), (Write::Push, 2));
    }

    #[test]
    fn going_back_is_no_step_and_a_new_step_forgets_what_was_ahead() {
        let mut steps = Steps::new(0);
        for step in ["a", "b", "c"] {
            steps.note(step);
            steps.leave(step);
        }
        assert_eq!(steps.go(1), Some(&"b"));
        assert_eq!((steps.note("b"), steps.current), (Write::Replace, 1));
        assert_eq!((steps.note("d"), steps.current), (Write::Push, 2));
        steps.leave("d");
        assert_eq!(steps.go(2), Some(&"d"));
        assert_eq!(steps.go(7), None, "of before a reload");
    }
}
