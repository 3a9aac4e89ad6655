//! Where the time went.

use leptos::prelude::*;
use lookout_protocol::Task;

use crate::desk::use_desk;

/// The stages of the run with their milliseconds.
#[component]
pub fn Timings() -> impl IntoView {
    let desk = use_desk();
    let timing = Memo::new(move |_| {
        desk.engine.answer.with(|answer| answer.as_ref().and_then(|it| it.timing(desk.task.get()).cloned()))
    });
    let stages = move || timing.get().map(|it| it.trace.stages).unwrap_or_default();
    let total = move || timing.with(|it| it.as_ref().map_or(0.0, |it| it.trace.total_ms()));
    let wall = move || {
        timing.get().map(|it| {
            let what = result_of(it.task);
            format!("From the request to the {what}: {}", milliseconds(it.wall_ms))
        })
    };
    let kept = move || timing.with(|it| it.as_ref().map(|it| it.kept.clone()).unwrap_or_default());
    let kept_row = |what: String| {
        let stage = what.clone();
        view! {
            <div class="timing timing-kept" data-testid="kept" data-stage=stage>
                <dt>{what}</dt>
                <dd>"kept from before"</dd>
            </div>
        }
    };
    let longest = move || stages().iter().map(|it| it.ms).fold(0.0, f64::max).max(f64::MIN_POSITIVE);
    view! {
        <section class="block" aria-labelledby="timings-title" data-testid="timings">
            <div class="block-head">
                <h2 id="timings-title" class="block-title">"Time"</h2>
                <p class="block-note">{move || milliseconds(total())}</p>
            </div>
            <dl class="timings">
                {move || {
                    stages()
                        .into_iter()
                        .map(|stage| {
                            let part = format!("{:.4}", stage.ms / longest());
                            view! {
                                <div class="timing" style:--part=part>
                                    <dt>{stage.name}</dt>
                                    <dd>{milliseconds(stage.ms)}</dd>
                                </div>
                            }
                        })
                        .collect_view()
                }}
                {move || kept().into_iter().map(kept_row).collect_view()}
            </dl>
            <p class="field-hint">{wall}</p>
        </section>
    }
}

/// What a task ends with, in words.
const fn result_of(task: Task) -> &'static str {
    match task {
        Task::Boxes => "boxes",
        Task::Skeletons => "skeletons",
        Task::Masks => "masks",
        Task::ClassMap => "class map",
        Task::Captions => "captions",
        Task::Localize => "class and box",
        Task::Everything => "whole answer",
    }
}

/// A time as people read it: two or three digits that matter.
fn milliseconds(ms: f64) -> String {
    match ms {
        ms if ms < 9.95 => format!("{ms:.1} ms"),
        ms if ms < 999.5 => format!("{ms:.0} ms"),
        ms => format!("{:.2} s", ms / 1e3),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_digits_that_matter() {
        let shown = [0.04, 3.21, 9.96, 340.4, 999.6, 12_345.0].map(milliseconds);
        assert_eq!(shown, ["0.0 ms", "3.2 ms", "10 ms", "340 ms", "1.00 s", "12.35 s"]);
    }
}
