//! How far things are before there is a result.

use leptos::prelude::*;

use crate::state::use_result;

/// One line about what is awaited, with a bar.
#[component]
pub fn Waiting() -> impl IntoView {
    let engine = use_result().engine;
    let sentence = move || {
        let loading = engine.loading.get();
        if engine.is_ready() { loading.further_sentence() } else { loading.sentence() }
    };
    // A bar without a value moves to and fro.
    let value = move || {
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
