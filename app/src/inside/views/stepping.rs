//! Going through many: a slider over numbered things, and buttons that move on a grid.

use leptos::prelude::*;

/// A slider over things that are numbered from 0.
#[component]
pub fn Numbered(
    /// Its id; the test id is `<id>-slider`.
    id: &'static str,
    /// What it goes through.
    label: &'static str,
    /// How many there are.
    #[prop(into)]
    count: Signal<usize>,
    /// The one that is chosen.
    #[prop(into)]
    chosen: Signal<usize>,
    /// The chosen one in words.
    #[prop(into)]
    words: Signal<String>,
    /// Takes another.
    set: impl Fn(usize) + Copy + Send + 'static,
) -> impl IntoView {
    let last = move || count.get().saturating_sub(1);
    let part = move || format!("{:.4}", chosen.get() as f64 / last().max(1) as f64);
    let on_input = move |event| {
        if let Ok(value) = event_target_value(&event).parse::<usize>() {
            set(value.min(untrack(last)));
        }
    };
    view! {
        <div class="field">
            <label class="field-label" for=id>{label}</label>
            <output class="field-value" for=id>{move || words.get()}</output>
            <input id=id class="slider" type="range" data-testid=format!("{id}-slider") min="0"
                max=move || last().to_string() step="1" prop:value=move || chosen.get().to_string()
                aria-valuetext=move || words.get() style:--part=part on:input=on_input/>
        </div>
    }
}

/// Four buttons that move on a grid.
#[component]
pub fn Moves(
    /// What moves, e.g. "cell".
    label: &'static str,
    /// Takes the name of the arrow key that does the same.
    go: impl Fn(&'static str) + Copy + Send + 'static,
) -> impl IntoView {
    let arrows = [
        ("ArrowLeft", "to the left", "←"),
        ("ArrowUp", "above", "↑"),
        ("ArrowDown", "below", "↓"),
        ("ArrowRight", "to the right", "→"),
    ];
    let button = move |(key, place, sign): (&'static str, &'static str, &'static str)| {
        view! {
            <button type="button" class="step-button" aria-label=format!("{label} {place}") on:click=move |_| go(key)>{sign}</button>
        }
    };
    view! { <div class="steps" role="group" aria-label=format!("Move: {label}")>{arrows.map(button).collect_view()}</div> }
}
