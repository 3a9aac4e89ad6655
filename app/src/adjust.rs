//! The settings. They act at once on what the page holds; the network does not run again.

use leptos::prelude::*;

use crate::{
    icon::{Icon, Shape},
    settings::{MIN_MASK_SCORE, MIN_PERSON_SCORE, MIN_SCORE, Settings, competition_from_key, competition_key},
    state::{use_actions, use_result},
    words::{self, Phrase, controls, numbers},
};

/// The settings of what is on show, with a way back to the usual ones.
#[component]
pub fn Adjust(
    /// The sliders.
    children: Children,
) -> impl IntoView {
    let (result, actions) = (use_result(), use_actions());
    let changed = move || result.settings.with(|settings| *settings != Settings::default());
    view! {
        <section class="block" aria-labelledby="adjust-title" lang=words::LANG>
            <div class="block-head">
                <h2 id="adjust-title" class="block-title">{controls::ADJUST}</h2>
                <Show when=changed>
                    <button type="button" class="text" data-testid="reset" on:click=move |_| actions.set("reset", |it| *it = Settings::default())>{controls::RESET}</button>
                </Show>
            </div>
            {children()}
        </section>
    }
}

/// What tells people, and their joints, from guesses.
#[component]
pub fn AdjustSkeletons() -> impl IntoView {
    let (result, actions) = (use_result(), use_actions());
    view! {
        <Slider
            id="score"
            label=controls::PERSON_SCORE
            hint=|| controls::person_score_hint(MIN_PERSON_SCORE)
            lowest=MIN_SCORE
            value=Signal::derive(move || result.settings.with(|it| it.score))
            set=move |value| actions.set("score", |it| it.score = value)
        />
        <Slider
            id="joint-score"
            label=controls::JOINT_SCORE
            hint=controls::JOINT_SCORE_HINT
            lowest=0.0
            value=Signal::derive(move || result.settings.with(|it| it.joint_score))
            set=move |value| actions.set("joint score", |it| it.joint_score = value)
        />
    }
}

/// Which masks are shown, and how.
#[component]
pub fn AdjustMasks() -> impl IntoView {
    let (result, actions) = (use_result(), use_actions());
    let outline = move || result.settings.with(|it| it.outline);
    view! {
        <Slider
            id="score"
            label=controls::SCORE
            hint=|| controls::mask_score_hint(MIN_MASK_SCORE)
            lowest=MIN_SCORE
            value=Signal::derive(move || result.settings.with(|it| it.score))
            set=move |value| actions.set("score", |it| it.score = value)
        />
        <Opacity/>
        <label class="field switch">
            <span class="field-label">{controls::OUTLINES}</span>
            <input type="checkbox" role="switch" class="switch-box" data-testid="outline-switch" prop:checked=outline
                on:change=move |_| actions.set("outline", |it| it.outline = !it.outline)/>
        </label>
    }
}

/// How strongly colours cover the photo.
#[component]
pub fn Opacity() -> impl IntoView {
    let (result, actions) = (use_result(), use_actions());
    view! {
        <Slider
            id="opacity"
            label=controls::OPACITY
            hint=controls::OPACITY_HINT
            lowest=0.0
            value=Signal::derive(move || result.settings.with(|it| it.opacity))
            set=move |value| actions.set("opacity", |it| it.opacity = value)
        />
    }
}

/// What makes a finding of a guess.
#[component]
pub fn AdjustBoxes() -> impl IntoView {
    let (result, actions) = (use_result(), use_actions());
    let competition = move || result.settings.with(|settings| competition_key(settings.competition));
    let choose = move |event| {
        if let Some(competition) = competition_from_key(&event_target_value(&event)) {
            actions.set("competition", |settings| settings.competition = competition);
        }
    };
    view! {
            <ScoreSlider/>
            <Slider
                id="iou"
                label=controls::OVERLAP
                hint=controls::OVERLAP_HINT
                lowest=0.0
                value=Signal::derive(move || result.settings.with(|it| it.iou))
                set=move |value| actions.set("iou", |it| it.iou = value)
            />
            <div class="field">
                <label class="field-label" for="nms">{controls::COMPETITION}</label>
                <span class="select-frame">
                <select id="nms" class="select" data-testid="nms-select" prop:value=competition on:change=choose>
                    <option value="per-class" selected=move || competition() == "per-class">{controls::PER_CLASS}</option>
                    <option value="class-agnostic" selected=move || competition() == "class-agnostic">{controls::CLASS_AGNOSTIC}</option>
                </select>
                <Icon shape=Shape::Down/>
                </span>
            </div>
    }
}

/// The score from which a box counts.
#[component]
pub fn ScoreSlider() -> impl IntoView {
    let (result, actions) = (use_result(), use_actions());
    view! {
        <Slider
            id="score"
            label=controls::SCORE
            hint=controls::SCORE_HINT
            lang=words::LANG
            lowest=MIN_SCORE
            value=Signal::derive(move || result.settings.with(|it| it.score))
            set=move |value| actions.set("score", |it| it.score = value)
        />
    }
}

/// A slider from `lowest` to 1 in steps of 0.01, shown in percent.
#[component]
pub fn Slider(
    /// Its id; the test id is `<id>-slider`.
    id: &'static str,
    /// What it sets.
    #[prop(into)]
    label: TextProp,
    /// What that means.
    #[prop(into)]
    hint: TextProp,
    /// The language of both, where that of what is round it may be another.
    #[prop(optional)]
    lang: Option<Phrase>,
    /// The least value.
    lowest: f32,
    /// The value.
    value: Signal<f32>,
    /// Takes a new value.
    set: impl Fn(f32) + Copy + Send + 'static,
) -> impl IntoView {
    let percent = move || numbers::part(value.get());
    let part = move || format!("{:.4}", (value.get() - lowest) / (1.0 - lowest));
    let on_input = move |event| {
        if let Ok(value) = event_target_value(&event).parse::<f32>() {
            set(value.clamp(lowest, 1.0));
        }
    };
    view! {
        <div class="field" lang=lang>
            <label class="field-label" for=id>{move || label.get()}</label>
            <output class="field-value" for=id>{percent}</output>
            <input
                id=id
                class="slider"
                type="range"
                data-testid=format!("{id}-slider")
                min=lowest.to_string()
                max="1"
                step="0.01"
                prop:value=move || format!("{:.2}", value.get())
                aria-valuetext=percent
                aria-describedby=format!("{id}-hint")
                style:--part=part
                on:input=on_input
            />
            <p class="field-hint" id=format!("{id}-hint")>{move || hint.get()}</p>
        </div>
    }
}
