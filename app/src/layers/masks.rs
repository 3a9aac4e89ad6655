//! Instance masks: shapes with smooth edges, each in a colour of its own, and hair-line boxes where other layers lie over
//! them.

use std::{any::Any, sync::Arc};

use js_sys::Array;
use model::structures::{boxes::Candidate, mask::InstanceMask, skeleton::Skeleton};
use wasm_bindgen::JsValue;
use web_sys::CanvasWindingRule;

use super::{
    Layer, PointerAt, ResultData, Section, SkeletonLayer,
    detections::{draw_labels, hit_box},
};
use crate::{
    contours::{Contours, Outline},
    findings::{Finding, Findings},
    paint::{
        pen::{Pen, Shown},
        view::View,
    },
    palette::{COLOURS, Palette},
    settings::{MIN_MASK_SCORE, Settings},
    words::results,
};

/// The kind of this layer.
pub const KIND: &str = "masks";
/// How visible masks are beside the one that stands out.
const ASIDE: f64 = 0.25;
/// Width of an outline in CSS pixels; its halo is wider.
const LINE: f64 = 2.0;
const HALO: f64 = 4.0;

/// Masks with the detections that they belong to.
#[derive(Clone)]
pub struct MaskLayer {
    /// The masks, best first.
    pub masks: Arc<[InstanceMask]>,
    candidates: Arc<[Candidate]>,
    palette: Arc<Palette>,
    contours: Arc<Contours>,
    findings: Arc<Findings>,
    /// The joints of people, where the system finds them beside the masks.
    people: Option<Arc<dyn Layer>>,
    opacity: f32,
    outline: bool,
}

impl MaskLayer {
    /// Masks under the usual settings.
    ///
    /// # Arguments
    /// * `candidates` - the detections that the masks name.
    /// * `skeletons` - people whom the same system has found.
    pub fn of(masks: &[InstanceMask], candidates: &[Candidate], skeletons: Option<&[Skeleton]>) -> Self {
        let layer = Self {
            masks: masks.into(),
            candidates: candidates.into(),
            palette: Arc::new(Palette::of(candidates)),
            contours: Arc::new(Contours::of(masks)),
            findings: Arc::default(),
            people: skeletons.map(|people| Arc::new(SkeletonLayer::of(people, candidates)) as Arc<dyn Layer>),
            opacity: 0.0,
            outline: false,
        };
        layer.with(&Settings::default())
    }

    fn with(&self, settings: &Settings) -> Self {
        let kept: Vec<usize> = self.masks.iter().map(|mask| mask.candidate).collect();
        let score = settings.score.max(MIN_MASK_SCORE);
        let rule = Settings { score, ..settings.clone() };
        let mut findings = Findings::of_kept(&self.candidates, &kept, &rule, &self.palette);
        // All masks have a part in it, shown or not, so no slider ever changes a colour.
        let slots = self.palette.instances(&self.masks.iter().map(|mask| mask.class).collect::<Vec<_>>());
        for finding in &mut findings.shown {
            if let Some(place) = kept.iter().position(|&key| key == finding.key) {
                finding.slot = slots[place];
            }
        }
        // A class has the colour of its best thing.
        for class in &mut findings.classes {
            if let Some(place) = self.masks.iter().position(|mask| mask.class == class.class) {
                class.slot = slots[place];
            }
        }
        let people = self.people.as_ref().map(|people| people.under(settings));
        let (opacity, outline) = (settings.opacity, settings.outline);
        Self { findings: Arc::new(findings), people, opacity, outline, ..self.clone() }
    }

    /// The masks alone, worst first, so that the best lie on top.
    fn draw_masks(&self, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
        let highlighted = self.findings.by_key(shown.highlighted_in(KIND));
        if let Some(outline) = highlighted.and_then(|it| self.contours.get(it.key)) {
            dim_round(outline, pen, shown);
        }
        pen.context.set_line_dash(&Array::new())?;
        pen.context.set_line_join("round");
        for finding in self.findings.shown.iter().rev() {
            let Some(outline) = self.contours.get(finding.key) else { continue };
            let (aside, alone) = match highlighted {
                Some(it) if it.key != finding.key => (ASIDE, false),
                Some(_) => (1.0, true),
                None => (1.0, false),
            };
            let alpha = aside * f64::from(shown.reveal);
            pen.context.begin_path();
            outline.trace(pen.context, &shown.view);
            if !self.outline && !alone {
                pen.context.set_global_alpha(alpha * f64::from(self.opacity));
                pen.context.set_fill_style_str(pen.tokens.colour(finding.slot));
                pen.context.fill_with_canvas_winding_rule(CanvasWindingRule::Evenodd);
            }
            pen.context.set_global_alpha(alpha);
            for (width, colour) in [(HALO, pen.tokens.halo(finding.slot)), (LINE, pen.tokens.colour(finding.slot))] {
                pen.context.set_line_width(width + if alone { 1.0 } else { 0.0 });
                pen.context.set_stroke_style_str(colour);
                pen.context.stroke();
            }
        }
        pen.context.set_global_alpha(1.0);
        Ok(())
    }
}

impl Layer for MaskLayer {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn under(&self, settings: &Settings) -> Arc<dyn Layer> {
        Arc::new(self.with(settings))
    }

    fn rank(&self) -> u8 {
        2
    }

    fn headline(&self) -> String {
        self.findings.headline()
    }

    fn words(&self) -> String {
        self.findings.in_words()
    }

    fn in_short(&self) -> String {
        self.findings.in_short()
    }

    fn detail(&self) -> String {
        self.findings.detail()
    }

    fn draw(&self, pen: &Pen, shown: &Shown, joint: bool) -> Result<(), JsValue> {
        self.draw_masks(pen, shown)?;
        if let Some(people) = &self.people {
            let alone = self.findings.by_key(shown.highlighted_in(KIND)).map(|it| it.bbox);
            people.accompany(pen, shown, alone)?;
        }
        if !joint {
            return Ok(());
        }
        for finding in self.findings.shown.iter().rev() {
            let aside = self.findings.by_key(shown.highlighted_in(KIND)).is_some_and(|it| it.key != finding.key);
            pen.context.set_global_alpha(f64::from(shown.reveal) * if aside { ASIDE } else { 1.0 });
            thin_box(finding, pen, &shown.view);
        }
        Ok(())
    }

    fn draw_labels(&self, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
        draw_labels(&self.findings, shown.highlighted_in(KIND), pen, shown)
    }

    /// The best detection whose mask holds the point: the one that lies on top; else the box.
    fn hit(&self, at: &PointerAt) -> Option<usize> {
        let point = at.photo();
        let mut keys = self.findings.shown.iter().map(|it| it.key);
        let mask = keys.find(|&key| self.contours.get(key).is_some_and(|it| it.contains(point)));
        mask.or_else(|| hit_box(&self.findings.shown, at))
    }

    fn findings(&self) -> Option<&Arc<Findings>> {
        Some(&self.findings)
    }

    fn best_guess(&self) -> Option<f32> {
        self.findings.best_guess().filter(|&it| it >= MIN_MASK_SCORE)
    }

    fn data(&self) -> ResultData<'_> {
        ResultData::Detections { findings: &self.findings.shown, masks: &self.masks }
    }

    fn list(&self) -> Section {
        Section::Things
    }

    fn sliders(&self) -> Option<Section> {
        Some(Section::AdjustMasks)
    }

    fn addition(&self) -> Option<&'static str> {
        Some(results::MASKS())
    }

    fn tools(&self) -> Option<Section> {
        Some(Section::CutOut)
    }
}

/// Dims the photo outside an outline.
fn dim_round(outline: &Outline, pen: &Pen, shown: &Shown) {
    let (photo, view) = (shown.photo, &shown.view);
    let (width, height) = (f64::from(photo.width * view.scale), f64::from(photo.height * view.scale));
    pen.context.begin_path();
    pen.context.rect(f64::from(view.left), f64::from(view.top), width, height);
    outline.trace(pen.context, view);
    pen.context.set_fill_style_str(&pen.tokens.veil);
    pen.context.fill_with_canvas_winding_rule(CanvasWindingRule::Evenodd);
}

/// A hair-line box: there, but less than what is inside it.
fn thin_box(finding: &Finding, pen: &Pen, view: &View) {
    let bbox = view.to_canvas(&finding.bbox);
    pen.context.set_line_width(1.0);
    pen.context.set_stroke_style_str(pen.tokens.colour(finding.slot % COLOURS));
    let (x, y) = (f64::from(bbox.x0.round()) + 0.5, f64::from(bbox.y0.round()) + 0.5);
    pen.context.stroke_rect(x, y, f64::from(bbox.width().round()), f64::from(bbox.height().round()));
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    #[test]
    fn only_detections_with_a_mask_are_shown() {
        let bbox = BBox::new(0.0, 0.0, 10.0, 10.0);
        let candidate = |score| Candidate { bbox, class: 17, score, prior: 0 };
        let mask = InstanceMask { candidate: 1, bbox, class: 17, score: 0.9, cells: vec![] };
        let layer = MaskLayer::of(&[mask], &[candidate(0.8), candidate(0.9)], None);
        let keys = |layer: &dyn Layer| layer.findings().map(|it| it.shown.iter().map(|it| it.key).collect::<Vec<_>>());
        assert_eq!(keys(&layer), Some(vec![1]));
        assert_eq!(keys(&*layer.under(&Settings { score: 0.95, ..Settings::default() })), Some(vec![]));
    }

    #[test]
    fn two_things_of_a_class_have_two_colours_that_no_setting_changes() {
        let bbox = BBox::new(0.0, 0.0, 10.0, 10.0);
        let scores = [0.9, 0.8, 0.7];
        let candidates = scores.map(|score| Candidate { bbox, class: 18, score, prior: 0 });
        let mask = |candidate| InstanceMask { candidate, bbox, class: 18, score: scores[candidate], cells: vec![] };
        let layer = MaskLayer::of(&[mask(0), mask(1), mask(2)], &candidates, None);
        let slots =
            |layer: &dyn Layer| layer.findings().map(|it| it.shown.iter().map(|it| it.slot).collect::<Vec<_>>());
        let all = slots(&layer).expect("masks have findings");
        assert!(all.len() == 3 && all[0] != all[1] && all[1] != all[2] && all[0] != all[2], "{all:?}");
        let fewer = layer.under(&Settings { score: 0.75, ..Settings::default() });
        assert_eq!(slots(&*fewer).as_deref(), Some(&all[..2]));
    }
}
