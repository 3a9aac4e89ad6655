//! Notifications: what the page tells the visitor in passing, one fault at a time, and short notices that go away by themselves.

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
    /// Whether it outlasts the next success, which would come too soon for it to be read.
    stays: bool,
}

/// The notifications on show: copies share them.
#[derive(Clone, Copy)]
pub struct Notifications {
    /// The fault on show; stays until the next success or until it is dismissed.
    pub shown_fault: RwSignal<Option<Fault>>,
    /// The notice on show.
    pub shown_notice: RwSignal<Option<String>>,
    notices: StoredValue<u32>,
    /// The hints that were given: each comes once.
    hints: StoredValue<Vec<String>>,
}

impl Default for Notifications {
    fn default() -> Self {
        Self {
            shown_fault: RwSignal::new(None),
            shown_notice: RwSignal::new(None),
            notices: StoredValue::new(0),
            hints: StoredValue::default(),
        }
    }
}

impl Notifications {
    /// Shows what did not work.
    pub fn fault(self, sentence: &str) {
        self.show(Fault { sentence: sentence.into(), retry: false, stays: false });
    }

    /// Shows what is wrong with the page's address; outlasts the photo that the address opens.
    pub fn fault_in_address(self, sentence: &str) {
        let before = self.shown_fault.get_untracked().filter(|fault| fault.stays);
        let sentence = before.map_or_else(|| sentence.into(), |fault| format!("{} {sentence}", fault.sentence));
        self.show(Fault { sentence, retry: false, stays: true });
    }

    /// Shows what did not work, with a button for another try.
    pub fn fault_with_retry(self, sentence: &str) {
        self.show(Fault { sentence: sentence.into(), retry: true, stays: false });
    }

    fn show(self, fault: Fault) {
        self.shown_notice.set(None); // what it said is overtaken
        self.shown_fault.set(Some(fault));
    }

    /// Takes the fault away: something has worked, or the visitor tries something else.
    pub fn clear_fault(self) {
        match self.shown_fault.get_untracked() {
            Some(fault) if fault.stays => self.shown_fault.set(Some(Fault { stays: false, ..fault })),
            Some(_) => self.shown_fault.set(None),
            None => {}
        }
    }

    /// Takes the fault away, as the visitor asked. Returns whether there was one.
    pub fn dismiss_fault(self) -> bool {
        let is_shown = self.shown_fault.with_untracked(Option::is_some);
        if is_shown {
            self.shown_fault.set(None);
        }
        is_shown
    }

    /// Shows a notice that helps once.
    pub fn hint(self, sentence: &str) {
        if self.hints.with_value(|given| given.iter().all(|it| it != sentence)) {
            self.hints.update_value(|given| given.push(sentence.into()));
            self.notice(sentence);
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
