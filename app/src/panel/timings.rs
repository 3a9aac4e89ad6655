//! Where the time went.

use leptos::prelude::*;
use model::catalog::{System, Task};

use crate::{results::Results, state::use_result};

/// A stage in the list.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    key: &'static str,
    name: String,
    /// Milliseconds; `None` if an earlier task had computed it.
    ms: Option<f64>,
}

/// The stages of the task's runs with their milliseconds.
#[component]
pub fn Timings() -> impl IntoView {
    let result = use_result();
    let rows = Memo::new(move |_| {
        let systems = result.systems();
        result.results.with(|results| rows_of(&systems, results))
    });
    let total = move || rows.with(|rows| rows.iter().filter_map(|row| row.ms).sum::<f64>());
    let wall = move || {
        let systems = result.systems();
        let ms = result.results.with(|results| {
            systems.iter().filter_map(|&system| results.finished(system)).map(|it| it.wall_ms).fold(0.0, f64::max)
        });
        format!("From the request to the {}: {}", result_of(result.task.get()), milliseconds(ms))
    };
    let views = move || {
        let (kept, computed): (Vec<Row>, Vec<Row>) = rows.get().into_iter().partition(|row| row.ms.is_none());
        let longest = computed.iter().filter_map(|row| row.ms).fold(f64::MIN_POSITIVE, f64::max);
        let computed = computed.into_iter().map(|row| {
            let ms = row.ms.unwrap_or_default();
            view! {
                <div class="timing" style:--part=format!("{:.4}", ms / longest)>
                    <dt>{row.name}</dt>
                    <dd>{milliseconds(ms)}</dd>
                </div>
            }
        });
        let kept = kept.into_iter().map(|row| {
            view! {
                <div class="timing timing-kept" data-testid="kept" data-stage=row.key>
                    <dt>{row.name}</dt>
                    <dd>"kept from before"</dd>
                </div>
            }
        });
        (computed.collect_view(), kept.collect_view())
    };
    view! {
        <section class="block" aria-labelledby="timings-title" data-testid="timings">
            <div class="block-head">
                <h2 id="timings-title" class="block-title">"Time"</h2>
                <p class="block-note">{move || milliseconds(total())}</p>
            </div>
            <dl class="timings">{views}</dl>
            <p class="field-hint">{wall}</p>
        </section>
    }
}

/// The stages of systems, those that several share once.
fn rows_of(systems: &[System], results: &Results) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    for &system in systems {
        let Some(known) = results.finished(system) else { continue };
        for info in system.info().stages {
            let Some(stage) = known.run.stage(info.key) else { continue };
            if rows.iter().all(|row| row.key != info.key) {
                let ms = (!stage.reused).then_some(stage.ms);
                rows.push(Row { key: info.key, name: in_a_list(info.title), ms });
            }
        }
    }
    rows
}

/// A title without its capital; names of their own, e.g. "RoIAlign", keep theirs.
fn in_a_list(title: &str) -> String {
    if title.chars().skip(1).any(char::is_uppercase) { title.to_owned() } else { title.to_lowercase() }
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
    use model::structures::stage::{Artifact, Stage};

    use super::*;

    #[test]
    fn times_have_digits_that_matter() {
        let shown = [0.04, 3.21, 9.96, 340.4, 999.6, 12_345.0].map(milliseconds);
        assert_eq!(shown, ["0.0 ms", "3.2 ms", "10 ms", "340 ms", "1.00 s", "12.35 s"]);
    }

    #[test]
    fn a_stage_that_systems_share_is_listed_once_and_what_was_kept_says_so() {
        let stage = |key: &'static str, reused| Stage {
            key: key.into(),
            ms: 7.0,
            passes: 0,
            reused,
            queued: false,
            progress: None,
            artifact: Some(Artifact::Vector(vec![])),
        };
        let mut results = Results::new(1);
        results.note(System::Fcn, stage("mobilenet-v2", false), "a", 1.0);
        results.note(System::Fcn, stage("class-map", false), "a", 1.0);
        results.note(System::Localize, stage("mobilenet-v2", true), "a", 1.0);
        results.note(System::Localize, stage("two-heads", false), "a", 1.0);
        let listed = |systems: &[System]| -> Vec<_> {
            rows_of(systems, &results).into_iter().map(|row| (row.name, row.ms.is_some())).collect()
        };
        let row = |name: &str, computed| (name.to_owned(), computed);
        assert_eq!(listed(&[System::Localize]), [row("backbone", false), row("two heads", true)]);
        let both = [row("backbone", true), row("class map", true), row("two heads", true)];
        assert_eq!(listed(&[System::Fcn, System::Localize, System::Ssd]), both);
    }

    #[test]
    fn names_keep_their_capitals() {
        assert_eq!((in_a_list("RoIAlign"), in_a_list("Default boxes")), ("RoIAlign".into(), "default boxes".into()));
    }
}
