//! The classes of a class map with their shares, and the class under the pointer.

use leptos::prelude::*;

use super::row_button::RowButton;
use crate::{
    layers::ClassMapLayer,
    legend::{Entry, percent},
    state::{use_result, use_view},
    swatch::swatch_class,
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
            <h2 id="legend-title" class="visually-hidden">"Classes"</h2>
            <ol class="results legend" data-testid="results" on:mouseleave=move |_| view.highlighted.set(None)>
                <For each=entries key=|it| (it.class, it.slot, it.share.to_bits()) let(entry)>
                    <Row entry/>
                </For>
            </ol>
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
    let words = move || match reading() {
        Some((entry, probability)) => view! {
            <span class=swatch_of(&entry) aria-hidden="true"></span>
            <span class="reading-name">{entry.name}</span>
            <span class="reading-number">{format!("{:.0}%", probability * 100.0)}</span>
        }
        .into_any(),
        None => view! { <span class="reading-hint">"Point at the photo to read its class."</span> }.into_any(),
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
    view! {
        <li class="row" data-testid="result-row" data-class=name data-share=share>
            <RowButton key>
                <span class=swatch_of(&entry) aria-hidden="true"></span>
                <span class="row-name">{entry.name}</span>
                <span class="row-score">{percent(entry.share)}</span>
                <span class="row-bar" aria-hidden="true" style:--part=format!("{:.3}", entry.share)></span>
            </RowButton>
        </li>
    }
}
