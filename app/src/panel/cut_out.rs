//! Cutting things out of the photo.

use leptos::prelude::*;

use crate::{
    export::save_cutout,
    icon::{Icon, Shape},
    state::{use_photo, use_result, use_view},
};

/// The choice of a thing, and the button that saves it without its surroundings.
#[component]
pub fn CutOut() -> impl IntoView {
    let (photo, result, view) = (use_photo(), use_result(), use_view());
    let findings = result.findings();
    let wanted = RwSignal::new(None::<usize>);
    // A thing that the settings have hidden meanwhile is not wanted any more.
    let chosen = move || wanted.get().filter(|key| findings.with(|it| it.shown.iter().any(|it| it.key == *key)));
    let choose = move |event| wanted.set(event_target_value(&event).parse().ok());
    let things = move || {
        let shown = findings.get().shown.clone();
        let option = move |key: usize, name: String| {
            view! { <option value=key.to_string() selected=move || chosen() == Some(key)>{name}</option> }
        };
        shown.into_iter().map(|it| option(it.key, format!("{} {}", it.number, it.name))).collect_view()
    };
    view! {
        <section class="block" aria-labelledby="cutout-title">
            <h2 id="cutout-title" class="block-title">"Cut out"</h2>
            <div class="cutout">
                <span class="select-frame">
                    <select class="select" aria-label="What to cut out" data-testid="cutout-select" on:change=choose>
                        <option value="" selected=move || chosen().is_none()>"all things"</option>
                        {things}
                    </select>
                    <Icon shape=Shape::Down/>
                </span>
                <button type="button" class="quiet" data-testid="cutout-save" aria-describedby="cutout-hint"
                    on:click=move |_| save_cutout(photo, result, view, chosen())>"Save cut-out"</button>
            </div>
            <p class="field-hint" id="cutout-hint">"A PNG in the photo's own pixels; everything else is clear."</p>
        </section>
    }
}
