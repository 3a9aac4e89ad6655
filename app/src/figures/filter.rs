//! The weights of a filter as fields that can be edited.

use leptos::prelude::*;

use super::{
    setup::short,
    svg::{Mark, colour},
};

/// The weights, each a field of its own.
#[component]
pub fn Weights(
    /// Weights along each side.
    #[prop(into)]
    side: Signal<usize>,
    /// The weights, row by row.
    #[prop(into)]
    values: Signal<Vec<f64>>,
    /// Weights that are marked.
    #[prop(into)]
    marks: Signal<Vec<Mark>>,
    /// The least and the largest weight.
    limits: (f64, f64),
    /// Takes another weight.
    set: impl Fn(usize, f64) + Copy + Send + 'static,
) -> impl IntoView {
    let side = Memo::new(move |_| side.get());
    let weight = move |tap: usize| {
        let side = side.get_untracked();
        let (row, column) = (tap / side + 1, tap % side + 1);
        let value = move || values.with(|it| it.get(tap).copied().unwrap_or_default());
        let outline = move || marks.with(|all| all.iter().rev().find(|it| it.cell == tap).map(|it| colour(it.slot)));
        let take = move |event| {
            if let Some(value) = event_target_value(&event).parse::<f64>().ok().filter(|it| it.is_finite()) {
                set(tap, value.clamp(limits.0, limits.1));
            }
        };
        view! {
            <input class="filter-weight" type="number" step="0.25" min=limits.0 max=limits.1 data-testid="weight"
                aria-label=format!("Weight in row {row}, column {column}") prop:value=move || short(value())
                data-marked=move || outline().is_some().to_string() style:--mark=outline on:input=take/>
        }
    };
    view! {
        <div class="filter" role="group" aria-label="Filter" style:--side=move || side.get().to_string() data-testid="filter">
            {move || (0..side.get() * side.get()).map(weight).collect_view()}
        </div>
    }
}

/// Buttons of filters that can be taken as they are; the one in use is pressed.
pub fn preset_buttons(
    names: &[&'static str],
    is_on: impl Fn(usize) -> bool + Copy + Send + Sync + 'static,
    take: impl Fn(usize) + Copy + Send + 'static,
) -> AnyView {
    let button = move |(index, name): (usize, &&'static str)| {
        view! {
            <button type="button" class="fig-preset" aria-pressed=move || is_on(index).to_string() on:click=move |_| take(index)>{*name}</button>
        }
    };
    view! { <div class="fig-presets">{names.iter().enumerate().map(button).collect_view()}</div> }.into_any()
}
