//! The buttons over the corners of the stage: zoom, the photo's own pixels, the whole screen, and another look at a part.

use leptos::prelude::*;
use leptos_use::{use_document, use_event_listener};
use model::structures::boxes::BBox;
use wasm_bindgen_futures::spawn_local;

use super::{
    canvas::STEP,
    drawn_part::{DrawnPart, ask},
    zoom::Viewer,
};
use crate::{
    export::{part_of, stem},
    icon::{Icon, Shape},
    photo::decode,
    state::{Actions, use_actions, use_photo, use_result},
    words::{controls, numbers},
};

/// The part of the photo in sight has to be this much smaller than the photo, on one side, to be looked at by itself.
const MIN_GAIN: f32 = 1.3;

/// The buttons over the corners of the stage.
#[component]
pub fn ZoomButtons(
    /// Zoom and pan.
    viewer: Viewer,
    /// The part that is being drawn.
    drawn: DrawnPart,
) -> impl IntoView {
    let (photo, result, actions) = (use_photo(), use_result(), use_actions());
    let has_part = Memo::new(move |_| viewer.is_zoomed() && result.is_done() && viewer.gain() >= MIN_GAIN);
    let is_full = RwSignal::new(false);
    let follow = move |_| is_full.set(document().fullscreen_element().is_some());
    let _ = use_event_listener(use_document(), leptos::ev::fullscreenchange, follow);
    let full_label = move || if is_full.get() { controls::LEAVE_FULL_SCREEN() } else { controls::FULL_SCREEN() };
    view! {
        <Show when=move || has_part.get()>
            <button type="button" class="look-part" data-testid="look-part"
                on:click=move |_| look_at_part(actions, viewer.in_sight())>{controls::LOOK_IN_PART}</button>
        </Show>
        <div class="zoom" role="group" aria-label=controls::ZOOM>
            <button type="button" data-testid="zoom-out" aria-label=controls::ZOOM_OUT on:click=move |_| viewer.glide(1.0 / STEP, None)>
                <Icon shape=Shape::Minus/>
            </button>
            <button type="button" data-testid="zoom-reset" class="zoom-level" aria-label=move || controls::zoom_reset(viewer.percent()) on:click=move |_| viewer.reset()>
                {move || numbers::percent(viewer.percent())}
            </button>
            <button type="button" data-testid="zoom-in" aria-label=controls::ZOOM_IN on:click=move |_| viewer.glide(STEP, None)>
                <Icon shape=Shape::Plus/>
            </button>
            <button type="button" class="zoom-level zoom-own" data-testid="zoom-own" aria-label=controls::OWN_PIXELS
                title=controls::OWN_PIXELS on:click=move |_| viewer.show_pixels(photo)>"1:1"</button>
            <button type="button" data-testid="draw-part" aria-label=controls::DRAW_PART title=controls::DRAW_PART aria-pressed=move || drawn.is_asked.get().to_string()
                on:click=move |_| ask(drawn, actions)><Icon shape=Shape::Part/></button>
            {document().fullscreen_enabled().then(|| view! {
                <button type="button" class="zoom-own" data-testid="full-screen" aria-label=full_label title=full_label
                    on:click=move |_| toggle_full_screen()><Icon shape=Shape::Full/></button>
            })}
        </div>
    }
}

/// Acts on a key of the whole page, if it is one: `+`, `-`, `0`, `1`, `f`.
pub fn zoom_key(viewer: Viewer, actions: Actions, key: &str) -> bool {
    match key {
        "+" | "=" => viewer.glide(STEP, None),
        "-" => viewer.glide(1.0 / STEP, None),
        "0" => viewer.reset(),
        "1" => viewer.show_pixels(actions.photo),
        "f" => toggle_full_screen(),
        _ => return false,
    }
    true
}

/// Shows the page's main part alone, or everything again.
fn toggle_full_screen() {
    let document = document();
    if document.fullscreen_element().is_some() {
        return document.exit_fullscreen();
    }
    let stage = document.query_selector(".stage").ok().flatten();
    if let Some(Err(error)) = stage.map(|it| it.request_fullscreen()) {
        leptos::logging::warn!("no full screen: {error:?}");
    }
}

/// Opens a part of the photo as a photo of its own, cut out of the original: the networks see it larger.
///
/// # Arguments
/// * `part` - in photo pixels.
pub fn look_at_part(actions: Actions, part: BBox) {
    let Some(photo) = actions.photo.shown.get_untracked() else { return };
    spawn_local(async move {
        let name = format!("{}-part.png", stem(&photo.name));
        match part_of(photo, part).await {
            Ok(file) => actions.open(async move { decode(file, name).await }),
            Err(fault) => actions.view.notifications.fault(&fault.to_string()),
        }
    });
}
