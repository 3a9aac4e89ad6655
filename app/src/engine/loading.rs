//! How far the worker has got before it can run: bytes of its module and of the weights, then the device.

use lookout_protocol::{Loading, Reply};

use crate::words::{Phrase, progress};

/// Bytes of one file.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bytes {
    /// So far.
    pub loaded: f64,
    /// In all; 0 when unknown.
    pub total: f64,
    /// Whether they come from the Cache API.
    pub cached: bool,
}

impl Bytes {
    fn complete(&self) -> bool {
        self.total > 0.0 && self.loaded >= self.total
    }
}

/// What has been reported so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LoadState {
    /// The WebAssembly module.
    pub module: Option<Bytes>,
    /// The weights.
    pub weights: Option<Bytes>,
    /// Whether the device is being set up.
    pub device: bool,
    /// The weights of a further network, which a task needs; only after the worker is ready.
    pub further: Option<Bytes>,
}

impl LoadState {
    /// Nothing reported yet.
    pub const fn new() -> Self {
        Self { module: None, weights: None, device: false, further: None }
    }

    /// Takes over a progress report; other replies change nothing.
    pub fn note(&mut self, reply: &Reply) {
        let Reply::Progress { what, loaded, total, cached } = *reply else { return };
        let bytes = Some(Bytes { loaded, total, cached });
        match what {
            Loading::Module => self.module = bytes,
            Loading::Weights if self.device => self.further = bytes,
            Loading::Weights => self.weights = bytes,
            Loading::Device => self.device = true,
        }
    }

    /// The part that has arrived, 0 to 1, while it is known.
    #[must_use]
    pub fn fraction(&self) -> Option<f64> {
        let files = [self.module?, self.weights?];
        let (loaded, total) = files.iter().fold((0.0, 0.0), |sum, it| (sum.0 + it.loaded, sum.1 + it.total));
        let known = files.iter().all(|it| it.total > 0.0);
        known.then(|| (loaded / total).clamp(0.0, 1.0))
    }

    /// What is going on, e.g. "First visit: getting the network, 4.1 of 12.0 MB".
    #[must_use]
    pub fn sentence(&self) -> String {
        let files = [self.module, self.weights];
        let some = || files.iter().flatten();
        let all_here = self.module.is_some_and(|it| it.complete()) && self.weights.is_some_and(|it| it.complete());
        if self.device || all_here {
            return progress::SETTING_UP().into();
        }
        if some().next().is_none() {
            return progress::STARTING().into();
        }
        let is_cached = some().all(|it| it.cached);
        let loaded: f64 = some().map(|it| it.loaded).sum();
        let total: f64 = some().map(|it| it.total).sum();
        let is_known = files.iter().all(|it| it.is_some_and(|it| it.total > 0.0));
        progress::loading(loaded, is_known.then_some(total), is_cached)
    }

    /// What is going on once the worker is ready, e.g. "Getting the network for this task, 1.2 of 4.7 MB".
    #[must_use]
    pub fn further_sentence(&self) -> String {
        match self.further {
            Some(bytes) if !bytes.complete() => progress::loading_further(bytes.loaded, bytes.total),
            _ => progress::RUNNING().into(),
        }
    }

    /// The part of a further network that has arrived, while one is on its way.
    #[must_use]
    pub fn further_fraction(&self) -> Option<f64> {
        let bytes = self.further.filter(|it| it.total > 0.0 && !it.complete())?;
        Some((bytes.loaded / bytes.total).clamp(0.0, 1.0))
    }

    /// One line for each file, e.g. `("Module", "1.2 of 3.4 MB", 0.35)`; the part is none while the size is unknown.
    #[must_use]
    pub fn lines(&self) -> Vec<(&'static str, String, Option<f64>)> {
        let line = |name: Phrase, bytes: Option<Bytes>| {
            bytes.map(|it| {
                let known = it.total > 0.0;
                let text = if it.complete() {
                    progress::file(it.total, None, it.cached)
                } else {
                    progress::file(it.loaded, known.then_some(it.total), it.cached)
                };
                (name(), text, known.then(|| (it.loaded / it.total).clamp(0.0, 1.0)))
            })
        };
        [line(progress::PROGRAM, self.module), line(progress::WEIGHTS, self.weights)].into_iter().flatten().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(what: Loading, loaded: f64, total: f64, cached: bool) -> Reply {
        Reply::Progress { what, loaded, total, cached }
    }

    #[test]
    fn sentences_follow_the_reports() {
        let mut state = LoadState::default();
        assert_eq!((state.sentence().as_str(), state.fraction()), ("Starting", None));
        state.note(&progress(Loading::Module, 1e6, 2e6, false));
        assert_eq!(state.sentence(), "First visit: getting the network, 1.0 MB");
        state.note(&progress(Loading::Weights, 3e6, 8e6, false));
        assert_eq!(state.sentence(), "First visit: getting the network, 4.0 of 10.0 MB");
        assert_eq!(state.fraction(), Some(0.4));
        assert_eq!(state.lines()[1], ("Weights", "3.0 of 8.0 MB".into(), Some(0.375)));
        state.note(&progress(Loading::Device, 0.0, 0.0, false));
        assert_eq!(state.sentence(), "Setting up the network");
    }

    #[test]
    fn the_cache_is_named() {
        let mut state = LoadState::default();
        state.note(&progress(Loading::Module, 2e6, 2e6, true));
        state.note(&progress(Loading::Weights, 1e6, 8e6, true));
        assert_eq!(state.sentence(), "From the cache, 3.0 of 10.0 MB");
        assert_eq!(state.lines()[0].1, "2.0 MB from the cache");
        state.note(&progress(Loading::Weights, 8e6, 8e6, true));
        assert_eq!(state.sentence(), "Setting up the network");
    }
}
