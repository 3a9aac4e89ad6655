//! How far things are before there is a result.

use leptos::prelude::*;
use model::structures::stage::{Progress, Stage};

use crate::{
    state::{ResultState, use_result},
    words::progress::{self, Counted},
};

/// One line about what is awaited, with a bar.
#[component]
pub fn Waiting() -> impl IntoView {
    let result = use_result();
    let engine = result.engine;
    let sentence = move || {
        if let Some(pace) = Pace::now(result).filter(|_| engine.is_ready()) {
            return pace.sentence();
        }
        let loading = engine.loading.get();
        if engine.is_ready() { loading.further_sentence() } else { loading.sentence() }
    };
    // A bar without a value moves to and fro.
    let value = move || {
        if let Some(pace) = Pace::now(result).filter(|_| engine.is_ready()) {
            return Some(pace.part());
        }
        let loading = engine.loading.get();
        if engine.is_ready() {
            return loading.further_fraction();
        }
        let fetching = !loading.device;
        loading.fraction().filter(|&part| fetching && part < 1.0)
    };
    view! {
        <div class="waiting" data-testid="progress">
            <p class="waiting-words" id="waiting-words">{sentence}</p>
            <progress class="bar" aria-labelledby="waiting-words" max="1" value=move || value().map(|it| format!("{it:.3}"))></progress>
        </div>
    }
}

/// How far a long stage is, and how quickly it goes.
#[derive(Clone, Debug, PartialEq)]
pub struct Pace {
    key: String,
    done: u32,
    total: u32,
    ms: f64,
}

impl Pace {
    /// The pace of the long stage that is on its way, or was when the run was cancelled.
    pub fn now(result: ResultState) -> Option<Self> {
        let systems = result.systems();
        result.results.with(|results| results.unfinished(&systems).map(Self::of))
    }

    /// The pace of a stage.
    pub fn of(stage: &Stage) -> Self {
        let Progress { done, total } = stage.progress.unwrap_or(Progress { done: 1, total: 1 });
        Self { key: stage.key.to_string(), done, total, ms: stage.ms }
    }

    /// What is counted.
    fn counted(&self) -> Counted {
        match &*self.key {
            "window-scores" => Counted::Windows,
            "rcnn-crops" => Counted::Crops,
            "patch-classes" => Counted::Patches,
            "shifted-passes" => Counted::Passes,
            _ => Counted::Steps,
        }
    }

    fn part(&self) -> f64 {
        f64::from(self.done) / f64::from(self.total.max(1))
    }

    /// Milliseconds that the whole stage takes at this pace.
    pub fn whole_ms(&self) -> f64 {
        self.ms / self.part().max(1e-6)
    }

    /// The stage while it goes on, e.g. "96 of 270 windows, 12 a second, 14 s left".
    pub fn sentence(&self) -> String {
        let Self { done, total, ms, .. } = self;
        let rate = f64::from(*done) / (ms / 1e3).max(1e-3);
        progress::pace(self.counted(), *done, *total, rate, self.whole_ms() - ms)
    }

    /// The stage when it was stopped, with what the rest would have taken.
    pub fn stopped(&self) -> String {
        let Self { done, total, ms, .. } = self;
        progress::stopped(self.counted(), *done, *total, *ms, self.whole_ms())
    }
}

/// Bytes of module and weights while they load.
#[component]
pub fn LoadLines() -> impl IntoView {
    let engine = use_result().engine;
    let lines = move || if engine.is_ready() { Vec::new() } else { engine.loading.get().lines() };
    view! {
        <dl class="load-lines">
            {move || {
                lines()
                    .into_iter()
                    .map(|(name, text, _)| view! { <div><dt>{name}</dt><dd>{text}</dd></div> })
                    .collect_view()
            }}
        </dl>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_stage_says_its_pace_and_what_is_left() {
        let pace = Pace { key: "window-scores".into(), done: 90, total: 270, ms: 9000.0 };
        assert_eq!(pace.sentence(), "90 of 270 windows, 10 a second, about 18 s left");
        assert_eq!(pace.stopped(), "Stopped after 90 of 270 windows and 9 s. All of them would take about 27 s.");
        assert!((pace.part() - 1.0 / 3.0).abs() < 1e-9);
    }
}
