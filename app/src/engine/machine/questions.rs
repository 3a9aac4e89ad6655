//! Questions beside runs: one at a time, and lost with the worker or with its photo.

use model::structures::question::Answer;

use super::Engine;
use crate::engine::event::{Effect, Query};

impl Engine {
    /// Sends a question, if the worker is free for it.
    pub(super) fn query(&mut self, query: Query, now: f64, out: &mut Vec<Effect>) {
        let id = self.take_run();
        self.asked = Some(id);
        match self.session.as_mut().and_then(|session| session.ask(id, query, now)) {
            Some(effect) => out.push(effect),
            None => self.miss_question(out),
        }
    }

    /// Hands over the answer, unless it comes too late.
    pub(super) fn answer(&mut self, id: u32, answer: Answer, out: &mut Vec<Effect>) {
        if self.asked.take_if(|asked| *asked == id).is_some() {
            self.restarts = 0;
            out.push(Effect::Answer(Some(answer)));
        }
    }

    /// Gives the question up where the worker holds another photo than the one that it is to take.
    pub(super) fn miss_question_for(&mut self, photo: u32, out: &mut Vec<Effect>) {
        if self.session.as_ref().is_some_and(|session| !session.holds(photo)) {
            self.miss_question(out);
        }
    }

    /// Gives the question up: it may be asked again.
    pub(super) fn miss_question(&mut self, out: &mut Vec<Effect>) {
        out.extend(self.asked.take().map(|_| Effect::Answer(None)));
    }
}
