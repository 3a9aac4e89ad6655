//! The headline, the classes with their counts, and the list that a screen reader can read.

use leptos::prelude::*;
use lookout_protocol::Task;

use super::{
    progress::{LoadLines, Waiting},
    row_button::RowButton,
};
use crate::{
    canvas::{swatch_class, swatch_class_of},
    desk::{Desk, use_desk},
    engine::Run,
    findings::{ClassCount, Finding, plural},
};

/// What is going on, or what came of it, in large letters.
#[component]
pub fn Summary() -> impl IntoView {
    let desk = use_desk();
    let headline = move || match desk.engine.run.get() {
        _ if desk.opening.get() => "Opening".to_owned(),
        Run::Running => "Looking".into(),
        Run::Cancelled | Run::Idle => "Cancelled".into(),
        Run::Failed => "No result".into(),
        // The caption has a place of its own below.
        Run::Done if desk.task.get() == Task::Everything => desk.findings.with(|it| it.headline()),
        Run::Done => desk.showing.with(|it| it.headline()),
    };
    let detail = move || match desk.engine.run.get() {
        Run::Done if !desk.opening.get() => detail_of(desk),
        _ => String::new(),
    };
    let is_sentence = move || desk.task.get() == Task::Captions && desk.engine.run.get() == Run::Done;
    let waiting = move || desk.opening.get() || desk.engine.run.get() == Run::Running;
    let stopped =
        move || matches!(desk.engine.run.get(), Run::Cancelled | Run::Failed | Run::Idle) && !desk.opening.get();
    view! {
        <header class="summary">
            <div aria-live="polite" aria-atomic="true">
                <h1 class="summary-title" class:summary-sentence=is_sentence>{headline}</h1>
                <p class="summary-words">{detail}</p>
            </div>
            <Show when=waiting>
                <Waiting/>
                <LoadLines/>
                <button type="button" class="quiet" data-testid="cancel" on:click=move |_| { desk.cancel(); }>
                    "Cancel" <kbd>"Esc"</kbd>
                </button>
            </Show>
            <Show when=stopped>
                <button type="button" class="solid" data-testid="look-again" on:click=move |_| desk.look_again()>"Look again"</button>
            </Show>
        </header>
    }
}

/// The classes in words, or a way out of an empty list.
fn detail_of(desk: Desk) -> String {
    if !matches!(desk.task.get(), Task::Boxes | Task::Masks | Task::Everything) {
        return desk.showing.with(|it| it.in_words());
    }
    let findings = desk.findings.get();
    if !findings.classes.is_empty() {
        return findings.in_words();
    }
    let percent = findings.best_score.map(|best| (best * 100.0).floor());
    match percent {
        Some(best) if best >= 5.0 => format!("The best guess has {best}%. Lower the score to see it."),
        _ => {
            "The network sees none of its 80 kinds of things here. Try a photo of people, animals or everyday objects."
                .into()
        }
    }
}

/// The class filter.
#[component]
pub fn Classes() -> impl IntoView {
    let desk = use_desk();
    let classes = move || desk.findings.get().classes.clone();
    view! {
        <Show when=move || { classes().len() > 1 || classes().iter().any(|it| it.hidden) }>
            <div class="chips" role="group" aria-label="Show or hide classes">
                <For each=classes key=|it| (it.class, it.count, it.hidden, it.slot) let(class)>
                    <Chip class/>
                </For>
            </div>
        </Show>
    }
}

/// One class of the filter.
#[component]
fn Chip(
    /// The class with its count.
    class: ClassCount,
) -> impl IntoView {
    let desk = use_desk();
    let id = class.class;
    let toggle = move |_| {
        desk.set("class", |settings| {
            if !settings.hidden.remove(&id) {
                settings.hidden.insert(id);
            }
        });
    };
    view! {
        <button type="button" class="chip" data-testid="class-chip" data-class=class.name
            aria-pressed=(!class.hidden).to_string() on:click=toggle>
            <span class=swatch_class_of(class.slot) aria-hidden="true"></span>
            {if class.count == 1 { class.name.to_owned() } else { plural(class.name) }}
            <span class="chip-count">{class.count}</span>
        </button>
    }
}

/// The findings, best first.
#[component]
pub fn List() -> impl IntoView {
    let desk = use_desk();
    view! {
        <section aria-labelledby="list-title">
            <h2 id="list-title" class="visually-hidden">"Things found"</h2>
            <ol class="results" data-testid="results" on:mouseleave=move |_| desk.isolated.set(None)>
                <For each=move || desk.findings.get().shown.clone() key=|it| (it.key, it.number, it.slot) let(finding)>
                    <Row finding/>
                </For>
            </ol>
        </section>
    }
}

/// One finding. Pointing at it, or focusing it, isolates its box.
#[component]
fn Row(
    /// The finding.
    finding: Finding,
) -> impl IntoView {
    let (key, name, score) = (finding.key, finding.name, format!("{:.3}", finding.score));
    let percent = finding.percent();
    view! {
        <li class="row" data-testid="result-row" data-class=name data-score=score>
            <RowButton key>
                <span class="row-number">{finding.number}</span>
                <span class=swatch_class(&finding) aria-hidden="true"></span>
                <span class="row-name">{finding.name}</span>
                <span class="row-score">{percent}<span class="unit">"%"</span></span>
                <span class="row-bar" aria-hidden="true" style:--part=format!("{:.3}", finding.score)></span>
            </RowButton>
        </li>
    }
}
