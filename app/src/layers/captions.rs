//! Captions: the regions that have a sentence, and where the network looked for a word.

use std::{any::Any, sync::Arc};

use js_sys::Array;
use model::structures::{
    boxes::{BBox, Candidate},
    caption::{Caption, GAZE, Word},
};
use wasm_bindgen::JsValue;

use super::{Layer, PointerAt, ResultData, Section};
use crate::{
    doubt::{Doubt, doubt_about_photo, doubt_about_region},
    findings::Findings,
    js::canvas,
    paint::{
        pen::{Pen, Shown, Tag},
        view::{View, hit},
    },
    palette::{COLOURS, Palette},
    settings::Settings,
    words::results,
};

/// The kind of this layer.
pub const KIND: &str = "captions";
/// How visible regions are beside the one that stands out.
const ASIDE: f64 = 0.22;

/// The palette slot of a caption's region.
#[must_use]
pub const fn slot_of_region(caption: usize) -> usize {
    caption.saturating_sub(1) % COLOURS
}

/// The photo's caption, then those of its regions, with the boxes that they can be held against.
#[derive(Clone)]
pub struct CaptionLayer {
    /// The captions.
    pub captions: Arc<Vec<Caption>>,
    candidates: Arc<[Candidate]>,
    palette: Arc<Palette>,
    findings: Arc<Findings>,
}

impl CaptionLayer {
    /// Captions under the usual settings.
    ///
    /// # Arguments
    /// * `candidates` - the detections of the same photo.
    pub fn of(captions: &[Caption], candidates: &[Candidate]) -> Self {
        let palette = Palette::of(candidates);
        Self {
            captions: Arc::new(captions.to_vec()),
            findings: Arc::new(Findings::of(candidates, &Settings::default(), &palette)),
            candidates: candidates.into(),
            palette: Arc::new(palette),
        }
    }

    /// What speaks against a caption.
    ///
    /// # Arguments
    /// * `caption` - 0 is that of the whole photo.
    pub fn doubt(&self, caption: usize) -> Option<Doubt> {
        let caption = self.captions.get(caption)?;
        match (caption.candidate, caption.region) {
            (Some(candidate), _) => doubt_about_region(caption, candidate),
            (None, None) => doubt_about_photo(caption, &self.findings),
            (None, Some(_)) => None, // a region that no detector has named
        }
    }

    /// Whether [`CaptionLayer::alt_text`] is a caption: they are English, whatever the language of the page.
    pub fn is_alt_text_english(&self) -> bool {
        !self.captions.is_empty() && (self.doubt(0).is_none() || self.findings.in_words().is_empty())
    }

    /// A sentence for those who do not see the photo: the caption, or what the boxes hold where something speaks against it.
    pub fn alt_text(&self) -> String {
        let boxes = self.findings.in_words();
        if self.doubt(0).is_some() && !boxes.is_empty() { format!("{boxes}.") } else { self.sentence() }
    }

    /// Whether a word names what a region is of.
    ///
    /// # Arguments
    /// * `caption` - of the region.
    pub fn is_named(&self, caption: usize, word: &Word) -> bool {
        let candidate = self.captions.get(caption).and_then(|it| it.candidate);
        candidate.is_some_and(|it| word.detections.contains(&it))
    }

    /// What speaks against the caption of the photo, in words; empty if nothing does.
    pub fn doubt_in_words(&self) -> String {
        self.doubt(0).map(|doubt| doubt.in_words(&self.sentence(), &self.findings)).unwrap_or_default()
    }

    /// The caption of the whole photo.
    pub fn sentence(&self) -> String {
        let sentence = self.captions.first().map(Caption::sentence).unwrap_or_default();
        if sentence.is_empty() { results::NO_CAPTION().into() } else { sentence }
    }

    /// The caption that stands out, by itself or by one of its words.
    fn subject(&self, shown: &Shown) -> Option<usize> {
        shown.highlighted_in(KIND).or(shown.word.map(|it| it.0)).filter(|&it| it < self.captions.len())
    }
}

impl Layer for CaptionLayer {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn under(&self, settings: &Settings) -> Arc<dyn Layer> {
        Arc::new(Self { findings: Arc::new(Findings::of(&self.candidates, settings, &self.palette)), ..self.clone() })
    }

    fn headline(&self) -> String {
        self.alt_text()
    }

    fn words(&self) -> String {
        results::regions_with_captions(self.captions.len().saturating_sub(1))
    }

    fn detail(&self) -> String {
        let doubt = self.doubt_in_words();
        if doubt.is_empty() { format!("{} {}", self.words(), results::CAPTIONS_GUESS()) } else { doubt }
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
        let named = pointed.and_then(|(caption, word)| Some(&caption.words.get(word)?.detections));
        for candidate in named.into_iter().flatten().filter_map(|&it| self.candidates.get(it)) {
            pen.context.set_global_alpha(f64::from(shown.reveal));
            pen.frame(&candidate.bbox, self.palette.slot(candidate.class), &shown.view, true)?;
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

    fn data(&self) -> ResultData<'_> {
        ResultData::Captions(&self.captions)
    }

    fn list(&self) -> Section {
        Section::Captions
    }

    fn companion(&self) -> Option<Section> {
        Some(Section::Sentence)
    }

    fn section(&self) -> Option<Section> {
        Some(Section::RegionCaptions)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A sentence whose last word may name the one detection, a horse.
    fn layer(sentence: &str, names: bool) -> CaptionLayer {
        let word = |text: &str| Word {
            text: text.into(),
            probability: 0.9,
            alternatives: vec![],
            detections: vec![],
            gaze: vec![],
        };
        let mut words: Vec<Word> = sentence.split(' ').map(word).collect();
        if let Some(last) = words.last_mut().filter(|_| names) {
            last.detections.push(0);
        }
        let bbox = BBox::new(0.0, 0.0, 10.0, 10.0);
        let of_region =
            Caption { candidate: Some(0), region: Some(bbox), words: vec![], log_probability: 0.0, beams: vec![] };
        let caption = Caption { candidate: None, region: None, words, log_probability: -0.5, beams: vec![] };
        CaptionLayer::of(&[caption, of_region], &[Candidate { bbox, class: 19, score: 0.9, prior: 0 }])
    }

    #[test]
    fn alt_text_is_the_caption_unless_the_boxes_say_otherwise() {
        let (right, wrong) = (layer("grass and a horse", true), layer("a field of grass", false));
        assert_eq!((right.alt_text().as_str(), right.doubt_in_words().as_str()), ("Grass and a horse.", ""));
        assert_eq!(wrong.alt_text(), "1 horse.");
        assert_eq!(wrong.detail(), wrong.doubt_in_words());
        assert_eq!(wrong.headline(), "1 horse.", "a wrong word does not greet");
        assert!(wrong.detail().contains("“A field of grass.”"), "what the network said stays to be seen");
        let no_box = wrong.under(&Settings { score: 0.95, ..Settings::default() });
        let no_box = no_box.as_any().downcast_ref::<CaptionLayer>().map(CaptionLayer::alt_text);
        assert_eq!(no_box.as_deref(), Some("A field of grass."), "nothing else is known");
    }

    #[test]
    fn a_word_names_the_region_of_its_detection() {
        let layer = layer("grass and a horse", true);
        let words = layer.captions[0].words.clone();
        assert!(layer.is_named(1, &words[3]) && !layer.is_named(1, &words[0]));
        assert!(!layer.is_named(0, &words[3]), "the whole photo is no detection");
    }
}
