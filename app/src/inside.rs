//! The look inside: the stages of what ran on the photo in a strip, the open one drawn on the photo and told in a panel.
//!
//! [`Inside`] and [`StagePanel`] are the components; [`draw`], [`press`], [`point`] and [`key`] are what the photo's canvas
//! calls while a stage is open.

mod everything;
mod panel;
mod selection;
mod stages;
mod strip;
mod thumbnail;
mod views;

use leptos::prelude::*;
use wasm_bindgen::JsValue;

pub use panel::StagePanel;
pub use selection::{OpenStage, Selections};
pub use stages::stages_of;
pub use strip::Inside;

use crate::{
    layers::PointerAt,
    paint::pen::{Pen, Shown},
    state::{use_photo, use_result, use_view},
};
use stages::{open_index, strip as strip_of};

/// The stage that is open and drawn in the place of the result; `None` while the result is.
pub fn use_open_stage() -> Memo<Option<OpenStage>> {
    let (photo, result, view) = (use_photo(), use_result(), use_view());
    Memo::new(move |_| {
        if !view.inside.get() {
            return None;
        }
        let systems = result.systems();
        let items = result.results.with(|results| strip_of(&systems, results, None));
        let index = view.stage.with(|stage| open_index(&items, stage.as_deref()))?;
        let item = &items[index];
        (index + 1 < items.len()).then(|| OpenStage::new(item.system, item.key, (photo, result, view)))
    })
}

/// Paints the open stage over the photo; nothing while it is not computed.
///
/// # Errors
/// What the browser says.
pub fn draw(stage: OpenStage, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
    stage.read(|view, selection| view.draw(pen, shown, selection)).unwrap_or(Ok(()))
}

/// A click or a tap on the photo while a stage is open.
pub fn press(stage: OpenStage, at: &PointerAt) {
    let mut selection = untrack(|| stage.selection());
    untrack(|| stage.read(|view, _| view.press(at.photo(), at.photo_slack(), &mut selection)));
    stage.choose(|it| *it = selection);
}

/// The pointer moves over the photo, or leaves it.
pub fn point(stage: OpenStage, at: Option<&PointerAt>) {
    let follows = untrack(|| stage.read(|view, _| view.follows_pointer()));
    if follows == Some(true) {
        stage.choose(|it| it.pointed = at.map(PointerAt::photo));
    }
}

/// A key while the photo has the focus. Returns whether it was for the stage.
pub fn key(stage: OpenStage, name: &str) -> bool {
    let mut selection = untrack(|| stage.selection());
    let taken = untrack(|| stage.read(|view, _| view.key(name, &mut selection))) == Some(true);
    stage.choose(|it| *it = selection);
    taken
}
