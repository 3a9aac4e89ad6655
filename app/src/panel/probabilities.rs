//! The probabilities of classification + localization.

use leptos::prelude::*;
use model::structures::{location::CLASSES, ranking::ranked};

use super::row_button::RowButton;
use crate::{
    layers::{LOCATION, LocationLayer},
    paint::pen::Highlight,
    state::{use_result, use_view},
    swatch::swatch_class,
    words::{classes, lists, numbers},
};

/// The one class and the one box beside other results.
#[component]
pub fn LocationSection() -> impl IntoView {
    let (result, view) = (use_result(), use_view());
    let row = move || {
        let location = result.scene.with(|scene| scene.find::<LocationLayer>().map(|it| it.location.clone()))?;
        let (class, probability) = location.best();
        let name = CLASSES.get(class).copied().unwrap_or_default();
        let percent = format!("{:.0}", probability * 100.0);
        if !location.is_thing() {
            let none = lists::no_class(CLASSES.len() - 1, probability);
            return Some(view! { <p class="field-hint">{none}</p> }.into_any());
        }
        let highlight = Highlight { kind: LOCATION, key: 0 };
        let row = view! {
            <ul class="results legend" on:mouseleave=move |_| view.hover(None)>
                <li class="row" data-testid="location-row" data-class=name>
                    <RowButton highlight>
                        <span class=swatch_class(class) aria-hidden="true"></span>
                        <span class="row-name">{classes::of_location(class)}</span>
                        <span class="row-score">{percent}<span class="unit">{numbers::PERCENT_SIGN}</span></span>
                        <span class="row-bar" aria-hidden="true" style:--part=format!("{probability:.3}")></span>
                    </RowButton>
                </li>
            </ul>
        };
        Some(row.into_any())
    };
    view! {
        <section class="block" aria-labelledby="location-section-title" data-testid="section-location">
            <h2 id="location-section-title" class="block-title">{lists::ONE_CLASS}</h2>
            {row}
        </section>
    }
}

/// How many classes are shown at first.
const LIKELIEST: usize = 6;

/// A bar for each class, likeliest first: the first few, or all.
#[component]
pub fn Probabilities() -> impl IntoView {
    let result = use_result();
    let all = RwSignal::new(false);
    let location = move || result.scene.with(|scene| scene.find::<LocationLayer>().map(|it| it.location.clone()));
    let row = |(rank, (class, probability)): (usize, (usize, f32))| {
        let name = CLASSES.get(class).copied().unwrap_or_default();
        let thing = class + 1 < CLASSES.len();
        let swatch = if thing { swatch_class(class) } else { "swatch swatch-none".into() };
        view! {
            <li class="chance" data-testid="chance" data-class=name data-best=(rank == 0).to_string()>
                <span class=swatch aria-hidden="true"></span>
                <span class="chance-name">{classes::of_location(class)}</span>
                <span class="chance-score">{format!("{:.0}", probability * 100.0)}<span class="unit">{numbers::PERCENT_SIGN}</span></span>
                <span class="row-bar chance-bar" aria-hidden="true" style:--part=format!("{probability:.3}")></span>
            </li>
        }
    };
    let shown = move || if all.get() { CLASSES.len() } else { LIKELIEST };
    let rows = move || {
        let ranked = location().map(|it| ranked(&it.probabilities, usize::MAX)).unwrap_or_default();
        ranked.into_iter().take(shown()).enumerate().map(row).collect_view()
    };
    let others = move || {
        let rest: f32 = location()
            .map(|it| ranked(&it.probabilities, usize::MAX))
            .into_iter()
            .flatten()
            .skip(LIKELIEST)
            .map(|it| it.1)
            .sum();
        lists::further_classes(CLASSES.len() - LIKELIEST, rest)
    };
    view! {
        <section aria-labelledby="chances-title">
            <h2 id="chances-title" class="visually-hidden">{lists::PROBABILITIES}</h2>
            <ul class="chances" data-testid="results">{rows}</ul>
            <button type="button" class="quiet" data-testid="all-chances" aria-expanded=move || all.get().to_string()
                on:click=move |_| all.update(|all| *all = !*all)>
                {move || if all.get() { lists::LIKELIEST_ONLY().into() } else { others() }}
            </button>
        </section>
    }
}
