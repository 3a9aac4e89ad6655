//! Workers that belong to another frame of the page round this one, which may take them with it.

use super::Engine;
use crate::engine::{backend_choice::Why, event::Effect, session::SessionId};

impl Engine {
    /// Goes on with another worker where one is gone: nothing has failed, so nothing is said, and what the page waits for is sent
    /// again. In a race whose GPU is timed the other frame has had both times: what it has closed is the slower one.
    pub(super) fn replace(&mut self, from: SessionId, now: f64, out: &mut Vec<Effect>) {
        let Some(choice) = self.choice else { return };
        if let Some(race) = self.race.as_ref().filter(|race| race.session.id == from) {
            let is_timed = race.is_timed();
            return if is_timed { self.end_race(Why::Faster, out) } else { self.race_again(now, out) };
        }
        if self.session.as_ref().is_none_or(|session| session.id != from) {
            return; // a worker that was replaced
        }
        if let Some(race) = self.race.take_if(|race| race.is_timed()) {
            self.use_gpu(race, now, out);
            return self.send_wanted(now, out);
        }
        self.open(choice, now, out);
    }
}
