//! Controls that figures share.

use leptos::prelude::*;

use super::setup::short;
use crate::inside::views::choice::Choice;

/// A slider with its value in words.
#[component]
pub fn Range(
    /// Its id; the test id is `<id>-slider`.
    id: &'static str,
    /// What it sets.
    #[prop(into)]
    label: Signal<String>,
    /// The least and the largest value.
    #[prop(into)]
    limits: Signal<(f64, f64)>,
    /// From one value to the next.
    step: f64,
    /// The value.
    #[prop(into)]
    value: Signal<f64>,
    /// The value in words.
    words: fn(f64) -> String,
    /// Takes a new value.
    set: impl Fn(f64) + Copy + Send + 'static,
) -> impl IntoView {
    let part = move || {
        let (least, largest) = limits.get();
        format!("{:.4}", ((value.get() - least) / (largest - least).max(f64::MIN_POSITIVE)).clamp(0.0, 1.0))
    };
    let on_input = move |event| {
        if let Ok(value) = event_target_value(&event).parse::<f64>() {
            let (least, largest) = limits.get_untracked();
            set(value.clamp(least, largest));
        }
    };
    view! {
        <div class="field">
            <label class="field-label" for=id>{move || label.get()}</label>
            <output class="field-value" for=id>{move || words(value.get())}</output>
            <input id=id class="slider" type="range" data-testid=format!("{id}-slider") min=move || limits.get().0.to_string()
                max=move || limits.get().1.to_string() step=step.to_string() prop:value=move || short(value.get())
                aria-valuetext=move || words(value.get()) style:--part=part on:input=on_input/>
        </div>
    }
}

/// "What to try", and a sentence.
pub fn to_try(sentence: &'static str) -> AnyView {
    view! { <p class="to-try fig-try"><b>"What to try: "</b>{sentence}</p> }.into_any()
}

/// The choice of a part of a figure.
///
/// # Arguments
/// * `all` - the parts in their order.
/// * `part` - the one that is open.
pub fn part_choice<P: Copy + PartialEq + Send + Sync + 'static>(
    all: &'static [P],
    title: fn(P) -> &'static str,
    part: Memo<P>,
    choose: impl Fn(P) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let names: Vec<String> = all.iter().map(|&it| title(it).to_owned()).collect();
    let chosen = Signal::derive(move || all.iter().position(|&it| it == part.get()).unwrap_or_default());
    view! {
        <div class="fig-parts">
            <Choice id="part" label="Part of the figure" options=Signal::stored(names) chosen
                choose=move |index: usize| choose(all[index])/>
        </div>
    }
}
