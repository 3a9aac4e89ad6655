//! Captions: the regions that have a sentence, and where the network looked for a word.

use std::{any::Any, sync::Arc};

use js_sys::Array;
use leptos::prelude::*;
use model::structures::{
    boxes::BBox,
    caption::{Caption, GAZE, Word},
};
use wasm_bindgen::JsValue;

use super::{Layer, PointerAt};
use crate::{
    export::{ExportFault, reports},
    js::canvas,
    paint::{
        pen::{Pen, Shown, Tag},
        view::{View, hit},
    },
    palette::COLOURS,
    panel::captions::{Captions, Sentence},
    photo::Photo,
    settings::Settings,
};

/// How visible regions are beside the one that stands out.
const ASIDE: f64 = 0.22;

/// The palette slot of a caption's region.
#[must_use]
pub const fn slot_of_region(caption: usize) -> usize {
    caption.saturating_sub(1) % COLOURS
}

/// The photo's caption, then those of its regions.
#[derive(Clone)]
pub struct CaptionLayer {
    /// The captions.
    pub captions: Arc<Vec<Caption>>,
}

impl CaptionLayer {
    /// Captions; no setting concerns them.
    pub fn of(captions: &[Caption]) -> Self {
        Self { captions: Arc::new(captions.to_vec()) }
    }

    /// The caption of the whole photo.
    pub fn sentence(&self) -> String {
        let sentence = self.captions.first().map(Caption::sentence).unwrap_or_default();
        if sentence.is_empty() { "No words for this photo.".into() } else { sentence }
    }

    /// The caption that stands out, by itself or by one of its words.
    fn subject(&self, shown: &Shown) -> Option<usize> {
        shown.highlighted.or(shown.word.map(|it| it.0)).filter(|&it| it < self.captions.len())
    }
}

impl Layer for CaptionLayer {
    fn kind(&self) -> &'static str {
        "captions"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn under(&self, _settings: &Settings) -> Arc<dyn Layer> {
        Arc::new(self.clone())
    }

    fn headline(&self) -> String {
        self.sentence()
    }

    fn words(&self) -> String {
        match self.captions.len() {
            0 | 1 => "Nothing in the photo stands out enough for a sentence of its own.".into(),
            2 => "One region has a sentence of its own.".into(),
            n => format!("{} regions have sentences of their own.", n - 1),
        }
    }

    fn draw(&self, pen: &Pen, shown: &Shown, _joint: bool) -> Result<(), JsValue> {
        let subject = self.subject(shown);
        let pointed = shown.word.and_then(|(caption, word)| Some((self.captions.get(caption)?, word)));
        if let Some((caption, word)) = pointed {
            if let Some(word) = caption.words.get(word) {
                let whole = BBox::new(0.0, 0.0, shown.photo.width, shown.photo.height);
                pen.attention(word, &caption.region.unwrap_or(whole), &shown.view)?;
            }
        } else if let Some(region) = subject.and_then(|it| self.captions[it].region) {
            pen.dim_outside(&region, shown);
        }
        let regions = self.captions.iter().enumerate().filter_map(|(i, it)| Some((i, it.region?)));
        for (index, region) in regions.rev() {
            let aside = subject.is_some_and(|it| it != index);
            pen.context.set_global_alpha(f64::from(shown.reveal) * if aside { ASIDE } else { 1.0 });
            pen.frame(&region, slot_of_region(index), &shown.view, subject == Some(index))?;
        }
        pen.context.set_line_dash(&Array::new())
    }

    fn draw_labels(&self, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
        let subject = self.subject(shown);
        let regions = self.captions.iter().enumerate().filter_map(|(i, it)| Some((i, it.region?)));
        let named = regions.filter(|&(index, _)| subject.is_none_or(|it| it == index));
        let tags = named.map(|(index, bbox)| {
            let name = if subject == Some(index) { short(&self.captions[index]) } else { String::new() };
            Tag { bbox, number: index.to_string(), name, slot: slot_of_region(index) }
        });
        pen.context.set_global_alpha(f64::from(shown.reveal));
        pen.labels(&tags.collect::<Vec<_>>(), &shown.view)?;
        pen.context.set_global_alpha(1.0);
        Ok(())
    }

    fn hit(&self, at: &PointerAt) -> Option<usize> {
        let regions: Vec<_> = self.captions.iter().filter_map(|it| it.region).collect();
        hit(&regions, at.photo(), at.photo_slack()).map(|index| index + 1)
    }

    fn json(&self, photo: &Photo) -> Result<String, ExportFault> {
        reports::captions(photo, &self.captions)
    }

    fn list(&self) -> AnyView {
        view! { <Captions/> }.into_any()
    }

    fn companion(&self) -> Option<AnyView> {
        Some(view! { <Sentence/> }.into_any())
    }
}

impl Pen<'_> {
    /// Darkens what the network did not look at: the more of its attention a cell had, the lighter it stays.
    fn attention(&self, word: &Word, region: &BBox, view: &View) -> Result<(), JsValue> {
        let most = word.gaze.iter().copied().fold(0.0, f32::max);
        if word.gaze.len() != GAZE * GAZE || most <= 0.0 {
            return Ok(());
        }
        let (canvas, context) = canvas(GAZE as u32, GAZE as u32, false)?;
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
}

/// A caption short enough for a label.
fn short(caption: &Caption) -> String {
    const MAX_CHARS: usize = 44;
    let text = caption.plain();
    if text.chars().count() <= MAX_CHARS {
        return text;
    }
    let cut: String = text.chars().take(MAX_CHARS).collect();
    format!("{} …", cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole))
}
