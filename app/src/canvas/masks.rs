//! Drawing masks: coloured shapes with smooth edges; and everything together.

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::CanvasWindingRule;

use super::{
    draw::{Pen, Scene},
    view::View,
};
use crate::{findings::Finding, palette::COLOURS, showing::Showing, silhouettes::Silhouette};

/// How visible masks are beside the one that stands out.
const ASIDE: f64 = 0.25;
/// Width of an outline in CSS pixels; its halo is wider.
const LINE: f64 = 2.0;
const HALO: f64 = 4.0;

impl Pen<'_> {
    /// Draws the masks of the findings, and their labels.
    pub(super) fn masks(&self, showing: &Showing, scene: &Scene, view: &View) -> Result<(), JsValue> {
        let isolated = self.shapes(showing, scene, view)?;
        self.context.set_global_alpha(f64::from(scene.reveal));
        self.name_findings(&showing.findings.shown, isolated, view)
    }

    /// Draws masks, thin boxes, skeletons and labels, in that order.
    pub(super) fn everything(&self, showing: &Showing, scene: &Scene, view: &View) -> Result<(), JsValue> {
        let isolated = self.shapes(showing, scene, view)?;
        for finding in showing.findings.shown.iter().rev() {
            let aside = isolated.is_some_and(|it| it.key != finding.key);
            self.context.set_global_alpha(f64::from(scene.reveal) * if aside { ASIDE } else { 1.0 });
            self.thin_box(finding, view);
        }
        let people = showing.people.shown.iter().rev();
        for person in people {
            let alone = isolated.is_none_or(|it| it.bbox == person.bbox);
            self.person(person, &showing.people, if alone { 1.0 } else { ASIDE } * f64::from(scene.reveal), view)?;
        }
        self.context.set_line_dash(&Array::new())?;
        self.context.set_line_cap("butt");
        self.context.set_global_alpha(f64::from(scene.reveal));
        self.name_findings(&showing.findings.shown, isolated, view)
    }

    /// The masks alone, worst first, so that the best lie on top. Returns the finding that stands out.
    fn shapes<'a>(&self, showing: &'a Showing, scene: &Scene, view: &View) -> Result<Option<&'a Finding>, JsValue> {
        let findings = &showing.findings.shown;
        let isolated = findings.iter().find(|it| Some(it.key) == scene.isolated);
        if let Some(shape) = isolated.and_then(|it| showing.silhouettes.get(it.key)) {
            self.veil_round(shape, scene, view);
        }
        self.context.set_line_dash(&Array::new())?;
        self.context.set_line_join("round");
        for finding in findings.iter().rev() {
            let Some(shape) = showing.silhouettes.get(finding.key) else { continue };
            let (aside, alone) = match isolated {
                Some(it) if it.key != finding.key => (ASIDE, false),
                Some(_) => (1.0, true),
                None => (1.0, false),
            };
            let alpha = aside * f64::from(scene.reveal);
            self.trace(shape, view);
            if !showing.outline && !alone {
                self.context.set_global_alpha(alpha * f64::from(showing.opacity));
                self.context.set_fill_style_str(self.tokens.colour(finding.slot));
                self.context.fill_with_canvas_winding_rule(CanvasWindingRule::Evenodd);
            }
            self.context.set_global_alpha(alpha);
            for (width, colour) in [(HALO, self.tokens.halo(finding.slot)), (LINE, self.tokens.colour(finding.slot))] {
                self.context.set_line_width(width + if alone { 1.0 } else { 0.0 });
                self.context.set_stroke_style_str(colour);
                self.context.stroke();
            }
        }
        self.context.set_global_alpha(1.0);
        Ok(isolated)
    }

    /// Puts a shape's lines into the context's path.
    fn trace(&self, shape: &Silhouette, view: &View) {
        self.context.begin_path();
        self.add(shape, view);
    }

    fn add(&self, shape: &Silhouette, view: &View) {
        let place = |(x, y): (f32, f32)| (f64::from(x * view.scale + view.left), f64::from(y * view.scale + view.top));
        for line in &shape.contours {
            let mut points = line.iter().copied().map(place);
            let Some((x, y)) = points.next() else { continue };
            self.context.move_to(x, y);
            points.for_each(|(x, y)| self.context.line_to(x, y));
            self.context.close_path();
        }
    }

    /// Dims the photo outside a shape.
    fn veil_round(&self, shape: &Silhouette, scene: &Scene, view: &View) {
        let (width, height) = (f64::from(scene.photo.width * view.scale), f64::from(scene.photo.height * view.scale));
        self.context.begin_path();
        self.context.rect(f64::from(view.left), f64::from(view.top), width, height);
        self.add(shape, view);
        self.context.set_fill_style_str(&self.tokens.veil);
        self.context.fill_with_canvas_winding_rule(CanvasWindingRule::Evenodd);
    }

    /// A hair-line box: there, but less than what is inside it.
    fn thin_box(&self, finding: &Finding, view: &View) {
        let bbox = view.to_canvas(&finding.bbox);
        self.context.set_line_width(1.0);
        self.context.set_stroke_style_str(self.tokens.colour(finding.slot % COLOURS));
        let (x, y) = (f64::from(bbox.x0.round()) + 0.5, f64::from(bbox.y0.round()) + 0.5);
        self.context.stroke_rect(x, y, f64::from(bbox.width().round()), f64::from(bbox.height().round()));
    }
}
