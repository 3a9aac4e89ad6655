//! Notices a worker that has stopped answering.

use lookout_protocol::Backend;

/// Ticks further apart than this mean that the page itself was asleep (a closed laptop, a tab in the background).
const MAX_TICK_MS: f64 = 5_000.0;

/// Measures the silence of the worker. Times are milliseconds on any steady clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watchdog {
    fed: f64,
    ticked: f64,
}

impl Watchdog {
    /// Starts to listen.
    #[must_use]
    pub const fn new(now: f64) -> Self {
        Self { fed: now, ticked: now }
    }

    /// The worker said something, or something was asked of it.
    pub fn feed(&mut self, now: f64) {
        self.fed = now;
    }

    /// To be called about once a second; returns whether the worker has been silent for longer than `limit` ms.
    /// Time that the page itself slept does not count.
    pub fn tick(&mut self, now: f64, limit: f64) -> bool {
        if now - self.ticked > MAX_TICK_MS {
            self.fed += now - self.ticked;
        }
        self.ticked = now;
        now - self.fed > limit
    }
}

/// The silence that is still normal, in milliseconds: before the first result of a worker the GPU's programs are
/// compiled and the CPU warms up, later runs are much faster.
#[must_use]
pub const fn max_silence(backend: Backend, warm: bool) -> f64 {
    match (backend, warm) {
        (Backend::Gpu, false) => 60_000.0,
        (Backend::Cpu, false) => 45_000.0,
        (_, true) => 30_000.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_noticed_and_progress_is_not_an_alarm() {
        let mut dog = Watchdog::new(0.0);
        for second in 1..=60 {
            assert!(!dog.tick(f64::from(second) * 1e3, 60e3));
        }
        assert!(dog.tick(61e3, 60e3));
        dog.feed(61e3);
        assert!(!dog.tick(62e3, 60e3));
    }

    #[test]
    fn a_page_that_slept_blames_nobody() {
        let mut dog = Watchdog::new(0.0);
        assert!(!dog.tick(1e3, 30e3));
        assert!(!dog.tick(3_600e3, 30e3));
        let after = (1..=29).map(|s| 3_600e3 + f64::from(s) * 1e3);
        assert_eq!(after.map(|now| dog.tick(now, 30e3)).filter(|&alarm| alarm).count(), 0);
        assert!(dog.tick(3_630e3, 30e3));
    }
}
