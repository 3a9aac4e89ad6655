//! The probabilities of classification + localization.

use leptos::prelude::*;
use model::structures::location::CLASSES;

use super::row_button::RowButton;
use crate::{
    layers::{LOCATION, LocationLayer},
    paint::pen::Highlight,
    state::{use_result, use_view},
    swatch::swatch_class,
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
            let (classes, _) = CLASSES.split_at(CLASSES.len() - 1);
            let none = format!("None of {}: {percent}% sure.", classes.join(", "));
            return Some(view! { <p class="field-hint">{none}</p> }.into_any());
        }
        let highlight = Highlight { kind: LOCATION, key: 0 };
        let row = view! {
            <ul class="results legend" on:mouseleave=move |_| view.hover(None)>
                <li class="row" data-testid="location-row" data-class=name>
                    <RowButton highlight>
                        <span class=swatch_class(class) aria-hidden="true"></span>
                        <span class="row-name">{name}</span>
                        <span class="row-score">{percent}<span class="unit">"%"</span></span>
                        <span class="row-bar" aria-hidden="true" style:--part=format!("{probability:.3}")></span>
                    </RowButton>
                </li>
            </ul>
        };
        Some(row.into_any())
    };
    view! {
        <section class="block" aria-labelledby="location-section-title" data-testid="section-location">
            <h2 id="location-section-title" class="block-title">"One class, one box"</h2>
            {row}
        </section>
    }
}

/// One bar for each class, in the network's order.
#[component]
pub fn Probabilities() -> impl IntoView {
    let result = use_result();
    let row = |class: usize, name: &'static str, probability: f32, best: bool| {
        let animal = class + 1 < CLASSES.len();
        let swatch = if animal { swatch_class(class) } else { "swatch swatch-none".into() };
        view! {
            <li class="chance" data-testid="chance" data-class=name data-best=best.to_string()>
                <span class=swatch aria-hidden="true"></span>
                <span class="chance-name">{name}</span>
                <span class="chance-score">{format!("{:.0}", probability * 100.0)}<span class="unit">"%"</span></span>
                <span class="row-bar chance-bar" aria-hidden="true" style:--part=format!("{probability:.3}")></span>
            </li>
        }
    };
    let rows = move || {
        let location = result.scene.with(|scene| scene.find::<LocationLayer>().map(|it| it.location.clone()));
        let best = location.as_ref().map(|it| it.best().0);
        let probabilities = location.map(|it| it.probabilities).unwrap_or_default();
        let rows = CLASSES.into_iter().zip(probabilities).enumerate();
        rows.map(|(class, (name, probability))| row(class, name, probability, Some(class) == best)).collect_view()
    };
    view! {
        <section aria-labelledby="chances-title">
            <h2 id="chances-title" class="visually-hidden">"Probabilities"</h2>
            <ul class="chances" data-testid="results">{rows}</ul>
        </section>
    }
}
