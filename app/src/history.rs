//! Undo and redo.

/// The most states that are kept.
const DEPTH: usize = 60;

/// States before and after the present one, which its owner holds.
#[derive(Debug)]
pub struct History<T> {
    past: Vec<T>,
    future: Vec<T>,
    last: Option<(&'static str, f64)>,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self { past: Vec::new(), future: Vec::new(), last: None }
    }
}

impl<T> History<T> {
    /// Notes the present state before a change.
    ///
    /// # Arguments
    /// * `present` - the state as it is.
    /// * `what` - what changes; changes of the same thing within `join_ms` of each other are one step, so that one drag
    ///   of a slider is undone at once.
    /// * `now` - milliseconds on any steady clock.
    pub fn note(&mut self, present: T, what: &'static str, now: f64, join_ms: f64) {
        let joins = self.last.is_some_and(|(last, at)| last == what && now - at < join_ms);
        self.last = Some((what, now));
        self.future.clear();
        if joins && !self.past.is_empty() {
            return;
        }
        self.past.push(present);
        if self.past.len() > DEPTH {
            self.past.remove(0);
        }
    }

    /// Goes back one step.
    ///
    /// # Returns
    /// The earlier state; `present` is kept for [`History::redo`].
    pub fn undo(&mut self, present: T) -> Option<T> {
        let earlier = self.past.pop()?;
        self.future.push(present);
        self.last = None;
        Some(earlier)
    }

    /// Takes the last [`History::undo`] back.
    ///
    /// # Returns
    /// The later state; `present` is kept for [`History::undo`].
    pub fn redo(&mut self, present: T) -> Option<T> {
        let later = self.future.pop()?;
        self.past.push(present);
        self.last = None;
        Some(later)
    }

    /// Whether [`History::undo`] would find an earlier state.
    pub const fn can_undo(&self) -> bool {
        !self.past.is_empty()
    }

    /// Whether [`History::redo`] would find a later state.
    pub const fn can_redo(&self) -> bool {
        !self.future.is_empty()
    }

    /// The kept states, for what they hold.
    pub fn states_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.past.iter_mut().chain(&mut self.future)
    }

    /// Keeps only the newest states that `keep` accepts without a break; older ones are forgotten.
    ///
    /// # Arguments
    /// * `keep` - called from the newest state to the oldest, until it says no.
    pub fn forget(&mut self, keep: impl FnMut(&T) -> bool) {
        let mut keep = keep;
        let broken = self.past.iter().rposition(|state| !keep(state));
        if let Some(broken) = broken {
            self.past.drain(..=broken);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let mut history = History::default();
        history.note(1, "a", 0.0, 10.0);
        history.note(2, "b", 1.0, 10.0);
        assert_eq!(history.undo(3), Some(2));
        assert!(history.can_undo() && history.can_redo());
        assert_eq!(history.undo(2), Some(1));
        assert!(!history.can_undo());
        assert_eq!(history.undo(1), None);
        assert_eq!(history.redo(1), Some(2));
        history.note(2, "c", 2.0, 10.0);
        assert_eq!(history.redo(9), None);
    }

    #[test]
    fn a_drag_is_one_step() {
        let mut history = History::default();
        for (value, now) in [(1, 0.0), (2, 5.0), (3, 10.0), (4, 100.0)] {
            history.note(value, "slider", now, 20.0);
        }
        assert_eq!(history.undo(5), Some(4));
        assert_eq!(history.undo(4), Some(1));
    }

    #[test]
    fn old_states_can_be_forgotten() {
        let mut history = History::default();
        for value in 0..5 {
            history.note(value, "x", 0.0, -1.0);
        }
        history.forget(|&state| state >= 3);
        assert_eq!((history.undo(9), history.undo(9), history.undo(9)), (Some(4), Some(3), None));
    }
}
