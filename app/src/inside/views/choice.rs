//! Controls that stages share.

use leptos::prelude::*;

use crate::{adjust::Slider, swatch::swatch_class};

/// One of several, as a row of radio buttons: arrow keys choose.
#[component]
pub fn Choice(
    /// Starts the test ids and names the group.
    id: &'static str,
    /// What is chosen, in words.
    label: &'static str,
    /// The words of the options.
    #[prop(into)]
    options: Signal<Vec<String>>,
    /// Which is chosen.
    #[prop(into)]
    chosen: Signal<usize>,
    /// Takes another choice.
    choose: impl Fn(usize) + Copy + Send + 'static,
) -> impl IntoView {
    let option = move |(index, name): (usize, String)| {
        view! {
            <label class="choice" data-testid=format!("{id}-{index}")>
                <input class="visually-hidden" type="radio" name=id prop:checked=move || chosen.get() == index
                    on:change=move |_| choose(index)/>
                <span class="choice-name">{name}</span>
            </label>
        }
    };
    view! {
        <fieldset class="choices">
            <legend class="field-label">{label}</legend>
            <div class="choices-row">{move || options.get().into_iter().enumerate().map(option).collect_view()}</div>
        </fieldset>
    }
}

/// A thing in a short list, with a number; pressed while it is chosen.
#[component]
pub fn ShortRow(
    /// Its test id.
    id: &'static str,
    /// The slot of its colour in the palette.
    colour: usize,
    /// Its name.
    #[prop(into)]
    name: String,
    /// The number, in words.
    value: String,
    /// Whether it is chosen.
    chosen: impl Fn() -> bool + Send + Sync + 'static,
    /// Takes a click.
    press: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <li data-testid=id>
            <button type="button" class="row-button short-row" aria-pressed=move || chosen().to_string()
                on:click=move |_| press()>
                <span class=swatch_class(colour) aria-hidden="true"></span>
                <span>{name}</span>
                <span class="short-score">{value}</span>
            </button>
        </li>
    }
}

/// A thing in a short list that a click chooses, and a second one lets go.
#[component]
pub fn ToggledRow(
    /// As in [`ShortRow`].
    id: &'static str,
    /// As in [`ShortRow`].
    colour: usize,
    /// As in [`ShortRow`].
    #[prop(into)]
    name: String,
    /// As in [`ShortRow`].
    value: String,
    /// What is chosen: the stage's item.
    item: usize,
    /// The stage.
    stage: super::OpenStage,
) -> impl IntoView {
    let chosen = move || stage.selection().item == Some(item);
    let press = move || stage.choose(|it| it.item = Some(item).filter(|_| it.item != Some(item)));
    view! { <ShortRow id colour name value chosen press/> }
}

/// How strongly the stage covers the photo.
#[component]
pub fn Cover(
    /// The stage.
    stage: super::OpenStage,
) -> impl IntoView {
    view! {
        <Slider
            id="cover"
            label="Opacity"
            hint="How strongly it covers the photo"
            lowest=0.0
            value=Signal::derive(move || stage.selection().opacity)
            set=move |value| stage.choose(|it| it.opacity = value)
        />
    }
}

/// A switch with its words.
#[component]
pub fn Switch(
    /// Its test id.
    id: &'static str,
    /// What it switches on.
    label: &'static str,
    /// Whether it is on.
    #[prop(into)]
    on: Signal<bool>,
    /// Takes another state.
    set: impl Fn(bool) + Copy + Send + 'static,
) -> impl IntoView {
    view! {
        <label class="field switch">
            <span class="field-label">{label}</span>
            <input type="checkbox" role="switch" class="switch-box" data-testid=id prop:checked=move || on.get()
                on:change=move |_| set(!on.get_untracked())/>
        </label>
    }
}

/// A number with three digits that matter, the minus as typographers set it.
pub fn number(value: f32) -> String {
    let text = match value.abs() {
        size if size >= 99.95 => format!("{:.0}", value.abs()),
        size if size >= 9.995 => format!("{:.1}", value.abs()),
        _ => format!("{:.2}", value.abs()),
    };
    let is_zero = text.chars().all(|c| matches!(c, '0' | '.'));
    if value < 0.0 && !is_zero { format!("\u{2212}{text}") } else { text }
}

/// A number of bytes, e.g. "1.2 MB".
pub fn bytes(count: usize) -> String {
    match count as f64 {
        count if count < 999.5 => format!("{count} B"),
        count if count < 999.5e3 => format!("{:.0} kB", count / 1e3),
        count => format!("{:.1} MB", count / 1e6),
    }
}

/// A whole number with its thousands apart, e.g. "90,000".
pub fn thousands(count: f64) -> String {
    let digits = format!("{count:.0}");
    let place = |(at, digit): (usize, char)| {
        let comma = at > 0 && (digits.len() - at).is_multiple_of(3);
        comma.then_some(',').into_iter().chain(std::iter::once(digit))
    };
    digits.chars().enumerate().flat_map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_zero_has_no_sign() {
        let shown = [0.034, -0.11, -0.001, 12.345, -345.6].map(number);
        assert_eq!(shown, ["0.03", "\u{2212}0.11", "0.00", "12.3", "\u{2212}346"]);
        assert_eq!([0.0, 999.0, 90_000.0, 1_234_567.0].map(thousands), ["0", "999", "90,000", "1,234,567"]);
        assert_eq!([640, 5_000, 3_240_000].map(bytes), ["640 B", "5 kB", "3.2 MB"]);
    }
}
