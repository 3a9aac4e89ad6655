//! The part of the page that is fetched when a visitor first looks inside: strip, panel and the views of stages.
//!
//! [`parts`] is its entry. What only that function reaches is not in the page's first module; the rest of the page calls
//! it through [`Parts`].

use leptos::prelude::*;
use wasm_bindgen::JsValue;

use super::{panel, selection::OpenStage, strip};
use crate::{
    chunk::ChunkError,
    layers::PointerAt,
    paint::pen::{Pen, Shown},
};

/// What the look inside offers to the rest of the page.
#[derive(Clone, Copy)]
pub struct Parts {
    /// The strip of stages.
    pub strip: fn() -> AnyView,
    /// The panel of the open stage.
    pub panel: fn() -> AnyView,
    /// Paints the open stage over the photo; nothing while it is not computed.
    pub draw: fn(OpenStage, &Pen, &Shown) -> Result<(), JsValue>,
    /// Takes a click or a tap on the photo.
    pub press: fn(OpenStage, &PointerAt),
    /// Takes a movement of the pointer over the photo, or its leaving.
    pub point: fn(OpenStage, Option<&PointerAt>),
    /// Takes a key while the photo has the focus; returns whether it was for the stage.
    pub key: fn(OpenStage, &str) -> bool,
}

/// Fetches the part, unless it is there already.
#[leptos::wasm_split::wasm_split(inside, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn parts() -> Result<Parts, ChunkError> {
    Ok(Parts { strip: strip::view, panel: panel::view, draw, press, point, key })
}

fn draw(stage: OpenStage, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
    stage.read(|view, selection| view.draw(pen, shown, selection)).unwrap_or(Ok(()))
}

fn press(stage: OpenStage, at: &PointerAt) {
    let mut selection = untrack(|| stage.selection());
    untrack(|| stage.read(|view, _| view.press(at.photo(), at.photo_slack(), &mut selection)));
    stage.choose(|it| *it = selection);
}

fn point(stage: OpenStage, at: Option<&PointerAt>) {
    let follows = untrack(|| stage.read(|view, _| view.follows_pointer()));
    if follows == Some(true) {
        stage.choose(|it| it.pointed = at.map(PointerAt::photo));
    }
}

fn key(stage: OpenStage, name: &str) -> bool {
    let mut selection = untrack(|| stage.selection());
    let taken = untrack(|| stage.read(|view, _| view.key(name, &mut selection))) == Some(true);
    stage.choose(|it| *it = selection);
    taken
}
