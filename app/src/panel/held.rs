//! What acts on the one thing that was clicked.

use leptos::prelude::*;
use model::structures::boxes::BBox;
use wasm_bindgen_futures::spawn_local;

use crate::{
    export::{part_of, save, stem},
    findings::Finding,
    paint::view::Size,
    state::{Actions, use_actions, use_photo, use_result, use_view},
    viewer::{Viewer, look_at_part},
    words::{controls, results},
};

/// How much of the photo round a thing is looked at with it, as a part of its sides.
const CONTEXT: f32 = 0.15;

/// The name of what was clicked, with what can be done with it alone; nothing while nothing is held.
#[component]
pub fn HeldTools() -> impl IntoView {
    let (photo, view, actions, findings) = (use_photo(), use_view(), use_actions(), use_result().findings());
    let viewer: Viewer = expect_context();
    let held = Memo::new(move |_| findings.with(|it| it.by_key(view.held.get().map(|held| held.key)).cloned()));
    let tools = move || {
        held.get().map(|thing| {
            let (part, name) = (thing.bbox, results::numbered(&thing));
            let label = controls::only(&name);
            let around = with_context(&part, photo.size());
            view! {
                <div class="held" role="group" aria-label=label data-testid="held">
                    <span class="held-name">{name}</span>
                    <button type="button" class="text" data-testid="held-zoom" on:click=move |_| viewer.show(part)>{controls::ZOOM_TO_IT}</button>
                    <button type="button" class="text" data-testid="held-look" on:click=move |_| look_at_part(actions, around)>{controls::LOOK_AGAIN}</button>
                    <button type="button" class="text" data-testid="held-save" on:click=move |_| save_thing(actions, &thing)>{controls::SAVE_IT}</button>
                </div>
            }
        })
    };
    view! { {tools} }
}

/// A box with some of the photo round it.
fn with_context(bbox: &BBox, photo: Size) -> BBox {
    let (dx, dy) = (bbox.width() * CONTEXT, bbox.height() * CONTEXT);
    BBox::new(bbox.x0 - dx, bbox.y0 - dy, bbox.x1 + dx, bbox.y1 + dy).clip(photo.width, photo.height)
}

/// Saves the part of the photo that holds a thing, in the photo's own pixels.
fn save_thing(actions: Actions, thing: &Finding) {
    let Some(photo) = actions.photo.shown.get_untracked() else { return };
    let name = format!("{}-{}-{}.png", stem(&photo.name), thing.name.replace(' ', "-"), thing.number);
    let part = thing.bbox;
    spawn_local(async move {
        match part_of(photo, part).await.and_then(|file| save(&file, &name)) {
            Ok(_) => {} // the browser shows it
            Err(fault) => actions.view.notifications.fault(&fault.to_string()),
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_context_ends_at_the_photo() {
        let around = with_context(&BBox::new(10.0, 100.0, 110.0, 200.0), Size::new(400.0, 210.0));
        assert_eq!(around, BBox::new(0.0, 85.0, 125.0, 210.0));
    }
}
