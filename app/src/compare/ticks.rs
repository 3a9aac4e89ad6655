//! The open row: its result in large, and its boxes to be marked as right.

use leptos::prelude::*;

use super::{
    canvas::{LARGE, Picture, Source},
    matching::{Thing, matches, toggle},
    missed::{AddMissed, Draft, Overlay},
    row::Shown,
};
use crate::{
    layers::{CaptionLayer, ClassMapLayer, SKELETONS, SkeletonLayer},
    paint::pen::Highlight,
    scene::Scene,
    words::in_english,
};
use model::structures::classes::PERSON;

/// A box that can be marked as right.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Its layer's kind and its key there.
    pub highlight: Highlight,
    /// Its number on the photo.
    pub number: usize,
    /// Its class and score in words.
    pub words: String,
    /// What it says is there.
    pub thing: Thing,
}

/// The boxes of a result, best score first; `None` for a result without boxes of its own.
pub fn listed(scene: &Scene) -> Option<Vec<Listed>> {
    if let Some(layer) = scene.find::<SkeletonLayer>() {
        let person = |it: &crate::people::Person| Listed {
            highlight: Highlight { kind: SKELETONS, key: it.key },
            number: it.number,
            words: format!("person {} %", it.percent()),
            thing: Thing { class: PERSON, bbox: it.bbox },
        };
        return Some(layer.people.shown.iter().map(person).collect());
    }
    let lead = scene.lead()?;
    let finding = |it: &crate::findings::Finding| Listed {
        highlight: Highlight { kind: lead.kind(), key: it.key },
        number: it.number,
        words: format!("{} {} %", it.name, it.percent()),
        thing: Thing { class: it.class, bbox: it.bbox },
    };
    Some(lead.findings()?.shown.iter().map(finding).collect())
}

/// How many boxes, people, masks or sentences a result has; `None` for a class map, and before there is one.
pub fn count(scene: &Scene) -> Option<usize> {
    let sentences = || scene.find::<CaptionLayer>().map(|it| it.captions.len());
    listed(scene).map(|it| it.len()).or_else(sentences)
}

/// The class map of a result, if that is what it is.
pub fn class_map(scene: &Scene) -> Option<&ClassMapLayer> {
    scene.find()
}

/// The open row in large.
#[component]
pub fn Ticks(
    /// The open row.
    shown: Memo<Option<Shown>>,
    /// The photo in small.
    source: Source,
    /// What is marked as right.
    truth: RwSignal<Vec<Thing>>,
) -> impl IntoView {
    let scene = Memo::new(move |_| shown.with(|it| it.as_ref().map(|it| it.scene.clone()).unwrap_or_default()));
    let pointed = RwSignal::new(None::<Highlight>);
    let boxes = Memo::new(move |_| scene.with(listed));
    let things = move || boxes.with(|it| it.iter().flatten().map(|it| it.thing).collect::<Vec<_>>());
    let title = move || shown.with(|it| it.as_ref().map_or("", |it| it.row.info().title));
    let words = move || {
        scene.with(|scene| {
            scene.lead().map_or_else(|| "Its result comes here.".into(), |it| in_english(|| it.headline()))
        })
    };
    let all = move |_| {
        let found = untrack(things);
        truth.update(|truth| {
            for (index, found_is) in matches(truth, &found).into_iter().enumerate() {
                if found_is.is_none() {
                    truth.push(found[index]);
                }
            }
        });
    };
    let list = move || {
        let boxes = boxes.get().unwrap_or_default();
        boxes.into_iter().enumerate().map(|(index, it)| tick(index, it, (things, truth), pointed)).collect_view()
    };
    let has_list = move || boxes.with(Option::is_some);
    let people_only = Signal::derive(move || scene.with(|scene| scene.find::<SkeletonLayer>().is_some()));
    let draft = Draft::new(truth);
    let has_boxes = move || boxes.with(|it| it.as_ref().is_some_and(|it| !it.is_empty()));
    view! {
        <section class="compare-open" aria-labelledby="compare-open-title">
            <h2 id="compare-open-title" class="block-title">{title}": "{words}</h2>
            <div class="compare-large">
                <Picture source format=LARGE scene highlighted=pointed/>
                <Show when=has_list><Overlay draft found=Signal::derive(things)/></Show>
            </div>
            <Show when=has_list>
                <p class="field-hint">
                    "Tick the boxes that are right, here or in another row: each row then says what it found of them."
                </p>
                <ul class="compare-ticks">{list}</ul>
                <div class="compare-buttons">
                    <Show when=has_boxes>
                        <button type="button" class="text" data-testid="tick-all" on:click=all>"All are right"</button>
                    </Show>
                    <Show when=move || truth.with(|it| !it.is_empty())>
                        <button type="button" class="text" data-testid="tick-none" on:click=move |_| truth.set(vec![])>"Forget all"</button>
                    </Show>
                    <AddMissed draft people_only/>
                </div>
            </Show>
            <p class="field-hint" aria-live="polite">{move || marked(truth.with(Vec::len))}</p>
        </section>
    }
}

/// One box with its tick.
fn tick(
    index: usize,
    listed: Listed,
    (things, truth): (impl Fn() -> Vec<Thing> + Copy + Send + Sync + 'static, RwSignal<Vec<Thing>>),
    pointed: RwSignal<Option<Highlight>>,
) -> impl IntoView {
    let highlight = listed.highlight;
    let is_right = move || truth.with(|truth| matches(truth, &things()).get(index).copied().flatten().is_some());
    let change = move |_| {
        let found = untrack(things);
        truth.update(|truth| toggle(truth, &found, index));
    };
    view! {
        <li>
            <label class="compare-tick" data-testid="tick" on:pointerenter=move |_| pointed.set(Some(highlight))
                on:pointerleave=move |_| pointed.set(None)>
                <input type="checkbox" prop:checked=is_right on:change=change
                    on:focus=move |_| pointed.set(Some(highlight)) on:blur=move |_| pointed.set(None)/>
                <span class="strip-number">{listed.number}</span>" "{listed.words}
            </label>
        </li>
    }
}

fn marked(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "1 thing is marked as really there, and stays so while this page is open.".into(),
        n => format!("{n} things are marked as really there, and stay so while this page is open."),
    }
}
