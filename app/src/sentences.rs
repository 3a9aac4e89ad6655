//! What the page tells the visitor in passing: one fault at a time, and short notices that go away by themselves.

use std::time::Duration;

use leptos::prelude::*;

/// How long a notice stays.
const NOTICE: Duration = Duration::from_secs(6);

/// A sentence about something that did not work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What happened and what the visitor can do.
    pub sentence: String,
    /// Whether the page offers another try.
    pub retry: bool,
}

/// The sentences on show: copies share them.
#[derive(Clone, Copy)]
pub struct Sentences {
    /// The fault on show; stays until the next success or until it is dismissed.
    pub shown_fault: RwSignal<Option<Fault>>,
    /// The notice on show.
    pub shown_notice: RwSignal<Option<String>>,
    notices: StoredValue<u32>,
}

impl Default for Sentences {
    fn default() -> Self {
        Self { shown_fault: RwSignal::new(None), shown_notice: RwSignal::new(None), notices: StoredValue::new(0) }
    }
}

impl Sentences {
    /// Shows what did not work.
    pub fn fault(self, sentence: &str) {
        self.show(Fault { sentence: sentence.into(), retry: false });
    }

    /// Shows what did not work, with a button for another try.
    pub fn fault_with_retry(self, sentence: &str) {
        self.show(Fault { sentence: sentence.into(), retry: true });
    }

    fn show(self, fault: Fault) {
        self.shown_notice.set(None); // what it said is overtaken
        self.shown_fault.set(Some(fault));
    }

    /// Takes the fault away.
    pub fn clear_fault(self) {
        if self.shown_fault.with_untracked(Option::is_some) {
            self.shown_fault.set(None);
        }
    }

    /// Shows a notice for a while; the latest one wins.
    pub fn notice(self, sentence: &str) {
        let number = self.notices.get_value() + 1;
        self.notices.set_value(number);
        self.shown_notice.set(Some(sentence.into()));
        let hide = move || {
            if self.notices.try_get_value() == Some(number) {
                self.shown_notice.set(None);
            }
        };
        set_timeout(hide, NOTICE);
    }
}
