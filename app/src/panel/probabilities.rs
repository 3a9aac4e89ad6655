//! The probabilities of classification + localization.

use leptos::prelude::*;
use model::structures::location::CLASSES;

use crate::{layers::LocationLayer, state::use_result, swatch::swatch_class};

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
