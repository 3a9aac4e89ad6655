//! What a pointer or a key on the canvas points at.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

use crate::{
    layers::{Layer, PointerAt},
    paint::{
        pen::Highlight,
        view::{Size, View},
    },
    state::{PhotoState, ResultState, ViewState},
};

/// How far an arrow key moves the place whose class is read, as a part of the photo.
const STEP: f32 = 0.02;

/// What is at a point of the canvas.
pub fn pointed_at(result: ResultState, at: &PointerAt) -> Option<Highlight> {
    let hit = |lead: &dyn Layer| Some(Highlight { kind: lead.kind(), key: lead.hit(at)? });
    result.is_done_untracked().then(|| result.scene.with_untracked(|scene| scene.lead().and_then(hit))).flatten()
}

/// Whether places of the photo can be read.
fn is_readable(result: ResultState) -> bool {
    result.is_done_untracked() && result.scene.with_untracked(|scene| scene.lead().is_some_and(Layer::is_readable))
}

/// The place of the photo at a point of the canvas, as fractions of its width and height, where classes are read.
pub fn place_at(photo: PhotoState, result: ResultState, view: &View, at: (f32, f32)) -> Option<(f32, f32)> {
    let Size { width, height } = untrack(|| photo.size());
    let (x, y) = view.to_photo(at);
    let place = (x / width, y / height);
    let inside = (0.0..1.0).contains(&place.0) && (0.0..1.0).contains(&place.1);
    (inside && is_readable(result)).then_some(place)
}

/// Moves the place whose class is read by the arrow keys; Escape leaves it. Returns whether the key was for it.
pub fn move_probe(result: ResultState, view: ViewState, event: &KeyboardEvent) -> bool {
    if !is_readable(result) {
        return false;
    }
    let (dx, dy) = match event.key().as_str() {
        "ArrowLeft" => (-STEP, 0.0),
        "ArrowRight" => (STEP, 0.0),
        "ArrowUp" => (0.0, -STEP),
        "ArrowDown" => (0.0, STEP),
        "Escape" if view.pointed.get_untracked().is_some() => {
            view.pointed.set(None);
            return true;
        }
        _ => return false,
    };
    event.prevent_default();
    let (x, y) = view.pointed.get_untracked().unwrap_or((0.5, 0.5));
    let within = |value: f32| value.clamp(0.0, 1.0 - f32::EPSILON);
    view.pointed.set(Some((within(x + dx), within(y + dy))));
    true
}
