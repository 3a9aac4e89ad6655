//! Drawing captions (their regions, and where the network looked) and the one box of classification + localization.

use js_sys::Array;
use leptos::prelude::document;
use model::structures::{
    boxes::BBox,
    caption::{Caption, GAZE, Word},
    location::CLASSES,
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::{
    draw::{Pen, Scene, Tag},
    view::View,
};
use crate::{
    palette::COLOURS,
    showing::{Showing, names_one},
};

/// How visible regions are beside the one that stands out.
const ASIDE: f64 = 0.22;

/// The palette slot of a caption's region.
#[must_use]
pub const fn slot_of_region(caption: usize) -> usize {
    caption.saturating_sub(1) % COLOURS
}

impl Pen<'_> {
    /// Draws the regions that have a caption; while a word is pointed at, where the network looked for it.
    pub(super) fn captions(&self, showing: &Showing, scene: &Scene, view: &View) -> Result<(), JsValue> {
        let whole = BBox::new(0.0, 0.0, scene.photo.width, scene.photo.height);
        let pointed = scene.word.and_then(|(caption, word)| Some((caption, showing.captions.get(caption)?, word)));
        let subject = scene.isolated.or(scene.word.map(|it| it.0)).filter(|&it| it < showing.captions.len());
        if let Some((_, caption, word)) = pointed {
            if let Some(word) = caption.words.get(word) {
                self.gaze(word, &caption.region.unwrap_or(whole), view)?;
            }
        } else if let Some(region) = subject.and_then(|it| showing.captions[it].region) {
            self.veil(scene, view, &region);
        }
        let regions = showing.captions.iter().enumerate().filter_map(|(i, it)| Some((i, it.region?)));
        let mut tags = Vec::new();
        for (index, region) in regions.rev() {
            let aside = subject.is_some_and(|it| it != index);
            self.context.set_global_alpha(f64::from(scene.reveal) * if aside { ASIDE } else { 1.0 });
            self.frame(&region, slot_of_region(index), view, subject == Some(index))?;
            if !aside {
                let name = if subject == Some(index) { short(&showing.captions[index]) } else { String::new() };
                tags.push(Tag { bbox: region, number: index.to_string(), name, slot: slot_of_region(index) });
            }
        }
        self.context.set_line_dash(&Array::new())?;
        self.context.set_global_alpha(f64::from(scene.reveal));
        tags.reverse();
        self.labels(&tags, view)?;
        self.context.set_global_alpha(1.0);
        Ok(())
    }

    /// Darkens what the network did not look at: the more of its gaze a cell had, the lighter it stays.
    fn gaze(&self, word: &Word, region: &BBox, view: &View) -> Result<(), JsValue> {
        let most = word.gaze.iter().copied().fold(0.0, f32::max);
        if word.gaze.len() != GAZE * GAZE || most <= 0.0 {
            return Ok(());
        }
        let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
        canvas.set_width(GAZE as u32);
        canvas.set_height(GAZE as u32);
        let context: CanvasRenderingContext2d = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into();
        context.set_fill_style_str(&self.tokens.shadow);
        for (cell, share) in word.gaze.iter().enumerate() {
            context.set_global_alpha(f64::from(1.0 - share / most));
            context.fill_rect((cell % GAZE) as f64, (cell / GAZE) as f64, 1.0, 1.0);
        }
        let place = view.to_canvas(region);
        self.context.set_image_smoothing_enabled(true);
        self.context.draw_image_with_html_canvas_element_and_dw_and_dh(
            &canvas,
            f64::from(place.x0),
            f64::from(place.y0),
            f64::from(place.width()),
            f64::from(place.height()),
        )
    }

    /// Draws the one box, if it says something.
    pub(super) fn location(&self, showing: &Showing, scene: &Scene, view: &View) -> Result<(), JsValue> {
        let Some(location) = showing.location.as_ref().filter(|it| names_one(it)) else { return Ok(()) };
        let (class, probability) = location.best();
        self.context.set_global_alpha(f64::from(scene.reveal));
        self.frame(&location.bbox, class, view, false)?;
        let number = format!("{:.0}%", probability * 100.0);
        let name = CLASSES.get(class).copied().unwrap_or_default().to_owned();
        self.labels(&[Tag { bbox: location.bbox, number, name, slot: class }], view)?;
        self.context.set_global_alpha(1.0);
        Ok(())
    }
}

/// A caption short enough for a label.
fn short(caption: &Caption) -> String {
    const LONGEST: usize = 44;
    let text = caption.plain();
    if text.chars().count() <= LONGEST {
        return text;
    }
    let cut: String = text.chars().take(LONGEST).collect();
    format!("{} …", cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole))
}
