//! Who works on the device next: one job at a time, in the order in which they were asked for, and none for long while others wait.

use std::collections::VecDeque;

/// Milliseconds after which a job gives way to that of another client.
const SLICE_MS: f64 = 500.0;

/// Numbers a job that waits.
pub type Ticket = u32;

struct Waiting {
    ticket: Ticket,
    client: u32,
}

struct Working {
    client: u32,
    until: f64,
}

/// The jobs that wait, and the one that has the device. Times are milliseconds on any steady clock.
#[derive(Default)]
pub struct Turns {
    working: Option<Working>,
    waiting: VecDeque<Waiting>,
    tickets: Ticket,
}

impl Turns {
    /// Lets a client's job wait behind those that wait already.
    pub fn queue(&mut self, client: u32) -> Ticket {
        self.tickets += 1;
        self.waiting.push_back(Waiting { ticket: self.tickets, client });
        self.tickets
    }

    /// Takes a job that is not wanted any more out of the queue.
    pub fn leave(&mut self, ticket: Ticket) {
        self.waiting.retain(|it| it.ticket != ticket);
    }

    /// Gives the device to a job, if it is free and nobody has waited for longer.
    ///
    /// # Arguments
    /// * `in_vain` - how many turns of the job came to nothing since one that did not: each is twice as long as the one before, so
    ///   that what cannot be interrupted gets done, too.
    pub fn begin(&mut self, ticket: Ticket, in_vain: u32, now: f64) -> bool {
        if self.working.is_some() {
            return false;
        }
        let Some(first) = self.waiting.pop_front_if(|first| first.ticket == ticket) else { return false };
        let until = now + SLICE_MS * f64::from(in_vain).exp2();
        self.working = Some(Working { client: first.client, until });
        true
    }

    /// Whether the job that has the device is to give way: its time is over, and another client waits.
    pub fn is_over(&self, now: f64) -> bool {
        let is_late = |working: &&Working| now >= working.until;
        let is_other = |working: &Working| self.waiting.iter().any(|it| it.client != working.client);
        self.working.as_ref().filter(is_late).is_some_and(is_other)
    }

    /// Frees the device.
    pub fn end(&mut self) {
        self.working = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_in_their_order() {
        let mut turns = Turns::default();
        let [first, second, third] = [1, 2, 1].map(|client| turns.queue(client));
        assert!(!turns.begin(second, 0, 0.0), "the first one waits for longer");
        assert!(turns.begin(first, 0, 0.0));
        assert!(!turns.begin(second, 0, 1.0), "the device is taken");
        turns.end();
        turns.leave(second);
        assert!(turns.begin(third, 0, 2.0));
    }

    #[test]
    fn a_long_job_gives_way_to_another_client_and_to_nobody_else() {
        let mut turns = Turns::default();
        let long = turns.queue(1);
        assert!(turns.begin(long, 0, 0.0));
        assert!(!turns.is_over(9e3), "nobody waits");
        turns.queue(1);
        assert!(!turns.is_over(9e3), "what its own client asks next waits for it");
        turns.queue(2);
        assert!(!turns.is_over(0.4e3));
        assert!(turns.is_over(0.5e3));
    }

    #[test]
    fn turns_in_vain_get_longer() {
        let mut turns = Turns::default();
        let long = turns.queue(1);
        turns.queue(2);
        assert!(turns.begin(long, 3, 0.0));
        assert!(!turns.is_over(3.9e3));
        assert!(turns.is_over(4e3));
    }
}
