//! Cutting things out of the photo.

use leptos::prelude::*;

use crate::{
    export::save_cutout,
    icon::{Icon, Shape},
    state::{use_photo, use_result, use_view},
    words::controls,
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
        shown.into_iter().map(|it| option(it.key, controls::choice(it.number, it.class))).collect_view()
    };
    view! {
        <section class="block" aria-labelledby="cutout-title">
            <h2 id="cutout-title" class="block-title">{controls::CUT_OUT}</h2>
            <div class="cutout">
                <span class="select-frame">
                    <select class="select" aria-label=controls::WHAT_TO_CUT_OUT data-testid="cutout-select" on:change=choose>
                        <option value="" selected=move || chosen().is_none()>{controls::ALL_THINGS}</option>
                        {things}
                    </select>
                    <Icon shape=Shape::Down/>
                </span>
                <button type="button" class="quiet" data-testid="cutout-save" aria-describedby="cutout-hint"
                    on:click=move |_| save_cutout(photo, result, view, chosen())>{controls::SAVE_CUT_OUT}</button>
            </div>
            <p class="field-hint" id="cutout-hint">{controls::CUT_OUT_HINT}</p>
        </section>
    }
}
