//! Detections: boxes with a class and a score, after suppression.

use std::{any::Any, sync::Arc};

use js_sys::Array;
use model::structures::boxes::Candidate;
use wasm_bindgen::JsValue;

use super::{Layer, PointerAt, ResultData, Section};
use crate::{
    findings::{Finding, Findings},
    paint::{
        pen::{Pen, Shown, Tag},
        view::hit,
    },
    palette::Palette,
    settings::Settings,
    words::{classes, numbers},
};

/// The kind of this layer.
pub const KIND: &str = "detections";
/// How visible boxes are beside the one that stands out.
const ASIDE: f64 = 0.22;

/// Detections before and after suppression.
pub struct DetectionLayer {
    candidates: Arc<[Candidate]>,
    palette: Arc<Palette>,
    findings: Arc<Findings>,
}

impl DetectionLayer {
    /// Detections before suppression under the usual settings.
    pub fn of(candidates: &[Candidate]) -> Self {
        Self::suppressed(candidates.into(), Arc::new(Palette::of(candidates)), &Settings::default())
    }

    fn suppressed(candidates: Arc<[Candidate]>, palette: Arc<Palette>, settings: &Settings) -> Self {
        let findings = Arc::new(Findings::of(&candidates, settings, &palette));
        Self { candidates, palette, findings }
    }
}

impl Layer for DetectionLayer {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn under(&self, settings: &Settings) -> Arc<dyn Layer> {
        Arc::new(Self::suppressed(self.candidates.clone(), self.palette.clone(), settings))
    }

    fn rank(&self) -> u8 {
        1
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

    fn draw(&self, pen: &Pen, shown: &Shown, _joint: bool) -> Result<(), JsValue> {
        let findings = &self.findings.shown;
        let highlighted = self.findings.by_key(shown.highlighted_in(KIND));
        if let Some(finding) = highlighted {
            pen.dim_outside(&finding.bbox, shown);
        }
        // Worst first, so that the best lie on top.
        for finding in findings.iter().rev() {
            let alpha = match highlighted {
                Some(it) if it.key != finding.key => ASIDE,
                _ => 1.0,
            };
            pen.context.set_global_alpha(alpha * f64::from(shown.reveal));
            pen.frame(&finding.bbox, finding.slot, &shown.view, highlighted.is_some_and(|it| it.key == finding.key))?;
        }
        pen.context.set_line_dash(&Array::new())
    }

    fn draw_labels(&self, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
        draw_labels(&self.findings, shown.highlighted_in(KIND), pen, shown)
    }

    fn hit(&self, at: &PointerAt) -> Option<usize> {
        hit_box(&self.findings.shown, at)
    }

    fn findings(&self) -> Option<&Arc<Findings>> {
        Some(&self.findings)
    }

    fn best_guess(&self) -> Option<f32> {
        self.findings.best_guess()
    }

    fn data(&self) -> ResultData<'_> {
        ResultData::Detections { findings: &self.findings.shown, masks: &[] }
    }

    fn list(&self) -> Section {
        Section::Things
    }

    fn sliders(&self) -> Option<Section> {
        Some(Section::AdjustBoxes)
    }
}

/// The key of the box under the pointer.
pub(super) fn hit_box(findings: &[Finding], at: &PointerAt) -> Option<usize> {
    let boxes: Vec<_> = findings.iter().map(|it| it.bbox).collect();
    hit(&boxes, at.photo(), at.photo_slack()).map(|index| findings[index].key)
}

/// The labels of detections: all of them, or that of the one that stands out.
///
/// # Arguments
/// * `highlighted` - its key.
pub(super) fn draw_labels(
    findings: &Findings,
    highlighted: Option<usize>,
    pen: &Pen,
    shown: &Shown,
) -> Result<(), JsValue> {
    let highlighted = findings.by_key(highlighted).map(|it| it.key);
    let named = findings.shown.iter().filter(|it| highlighted.is_none_or(|key| key == it.key));
    let tags: Vec<Tag> = named
        .map(|it| Tag {
            bbox: it.bbox,
            number: it.number.to_string(),
            name: format!("{} {}", classes::thing(it.class), numbers::percent(it.percent())),
            slot: it.slot,
        })
        .collect();
    pen.context.set_global_alpha(f64::from(shown.reveal));
    pen.labels(&tags, &shown.view)?;
    pen.context.set_global_alpha(1.0);
    Ok(())
}
