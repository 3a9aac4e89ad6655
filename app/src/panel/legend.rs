//! The classes of a class map with their shares, and the class under the pointer.

use leptos::prelude::*;

use super::{row_button::RowButton, train::TrainOnPhoto};
use crate::{
    js::is_touch,
    layers::{CLASS_MAP, ClassMapLayer},
    legend::{Entry, percent},
    paint::pen::Highlight,
    scene::Scene,
    state::{use_result, use_view},
    swatch::swatch_class,
    words::{classes, lists, numbers, results},
};

/// The key to the colours.
#[component]
pub fn ClassLegend() -> impl IntoView {
    let (result, view) = (use_result(), use_view());
    let entries = move || {
        let legend = result.scene.with(|scene| scene.find::<ClassMapLayer>().map(|it| it.legend.clone()));
        legend.map(|legend| legend.entries.clone()).unwrap_or_default()
    };
    view! {
        <Reading/>
        <section aria-labelledby="legend-title">
            <h2 id="legend-title" class="visually-hidden">{lists::CLASSES}</h2>
            <ol class="results legend" data-testid="results" on:mouseleave=move |_| view.hover(None)>
                <For each=entries key=|it| (it.class, it.slot, it.share.to_bits()) let(entry)>
                    <Row entry/>
                </For>
            </ol>
        </section>
        <TrainOnPhoto/>
    }
}

/// The classes beside other results: those that are not background.
#[component]
pub fn ClassSection() -> impl IntoView {
    let (result, view) = (use_result(), use_view());
    let entries = move || {
        let legend = result.scene.with(|scene| scene.find::<ClassMapLayer>().map(|it| it.legend.clone()));
        let entries = legend.map(|legend| legend.entries.clone()).unwrap_or_default();
        entries.into_iter().filter(|it| it.slot.is_some()).collect::<Vec<_>>()
    };
    let none = move || entries().is_empty().then(lists::NO_PIXEL);
    view! {
        <section class="block" aria-labelledby="class-section-title" data-testid="section-class-map">
            <h2 id="class-section-title" class="block-title">{results::CLASS_MAP}</h2>
            <p class="field-hint">{none}</p>
            <ul class="results legend" on:mouseleave=move |_| view.hover(None)>
                <For each=entries key=|it| (it.class, it.slot, it.share.to_bits()) let(entry)>
                    <Row entry/>
                </For>
            </ul>
        </section>
    }
}

/// What is under the pointer.
#[component]
fn Reading() -> impl IntoView {
    let (result, view) = (use_result(), use_view());
    let reading = move || {
        let at = view.pointed.get()?;
        let legend = result.scene.with(|scene| scene.find::<ClassMapLayer>().map(|it| it.legend.clone()))?;
        legend.read(at).map(|(entry, probability)| (entry.clone(), probability))
    };
    let words = move || {
        match reading() {
        Some((entry, probability)) => view! {
            <span class=swatch_of(&entry) aria-hidden="true"></span>
            <span class="reading-name">{entry.title()}</span>
            <span class="reading-number">{numbers::part(probability)}</span>
        }
        .into_any(),
        None => view! { <span class="reading-hint">{if is_touch() { lists::TOUCH_TO_READ() } else { lists::POINT_TO_READ() }}</span> }.into_any(),
    }
    };
    view! { <p class="reading" aria-live="polite" data-testid="class-under-pointer">{words}</p> }
}

fn swatch_of(entry: &Entry) -> String {
    entry.slot.map_or_else(|| "swatch swatch-none".to_owned(), swatch_class)
}

/// One class. Pointing at it, or focusing it, makes it stand out.
#[component]
fn Row(
    /// The class.
    entry: Entry,
) -> impl IntoView {
    let (key, name, share) = (usize::from(entry.class), entry.name, format!("{:.4}", entry.share));
    let part = entry.share;
    // Beside other results the rows of the list are theirs.
    let testid = if use_result().scene.with_untracked(Scene::is_joint) { "class-row" } else { "result-row" };
    view! {
        <li class="row" data-testid=testid data-class=name data-share=share>
            <RowButton highlight=Highlight { kind: CLASS_MAP, key }>
                <span class=swatch_of(&entry) aria-hidden="true"></span>
                <span class="row-name">{move || classes::of_map(key)}</span>
                <span class="row-score">{move || percent(part)}</span>
                <span class="row-bar" aria-hidden="true" style:--part=format!("{:.3}", entry.share)></span>
            </RowButton>
        </li>
    }
}
