//! Skeletons: left limbs solid and left joints round, right limbs broken and right joints square, so that the sides differ
//! without colour, which tells the people apart.

use std::{any::Any, f64::consts::TAU, sync::Arc};

use js_sys::{Array, Object};
use model::structures::{
    boxes::{BBox, Candidate},
    skeleton::Skeleton,
};
use wasm_bindgen::JsValue;

use super::{Layer, PointerAt, ResultData, Section};
use crate::{
    paint::{
        pen::{Pen, Shown, Tag},
        skeleton_geometry::{Dot, Figure, Limb, nearest},
        view::{View, hit},
    },
    people::{People, Person, Side},
    settings::Settings,
    words::results,
};

/// The kind of this layer.
pub const KIND: &str = "skeletons";
/// How much wider than a limb the dark line below it is, in CSS pixels.
const HALO: f32 = 2.2;
/// How visible guesses are.
const FAINT: f64 = 0.55;
/// How visible people are beside the one who stands out.
const ASIDE: f64 = 0.22;
/// As [`ASIDE`], where the skeletons accompany masks.
const ASIDE_MASKS: f64 = 0.25;
/// How far from a limb still points at it, in CSS pixels.
const LIMB_SLACK: f32 = 8.0;

/// Skeletons and the people that the settings make of them.
pub struct SkeletonLayer {
    skeletons: Arc<[Skeleton]>,
    candidates: Arc<[Candidate]>,
    /// Who is shown.
    pub people: Arc<People>,
}

impl SkeletonLayer {
    /// Skeletons under the usual settings.
    ///
    /// # Arguments
    /// * `candidates` - the detections that they were looked for in.
    pub fn of(skeletons: &[Skeleton], candidates: &[Candidate]) -> Self {
        let people = Arc::new(People::of(skeletons, candidates, &Settings::default()));
        Self { skeletons: skeletons.into(), candidates: candidates.into(), people }
    }
}

impl Layer for SkeletonLayer {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn under(&self, settings: &Settings) -> Arc<dyn Layer> {
        Arc::new(Self {
            skeletons: self.skeletons.clone(),
            candidates: self.candidates.clone(),
            people: Arc::new(People::of(&self.skeletons, &self.candidates, settings)),
        })
    }

    fn headline(&self) -> String {
        self.people.headline()
    }

    fn words(&self) -> String {
        self.people.in_words()
    }

    fn in_short(&self) -> String {
        if self.people.shown.is_empty() { results::NOBODY().into() } else { self.headline() }
    }

    fn draw(&self, pen: &Pen, shown: &Shown, _joint: bool) -> Result<(), JsValue> {
        let people = &self.people;
        let highlighted = people.by_key(shown.highlighted_in(KIND));
        if let Some(person) = highlighted {
            pen.dim_outside(&person.bbox, shown);
        }
        // Worst first, so that the best lie on top; the one who stands out above all.
        let rest = people.shown.iter().rev().filter(|it| Some(it.key) != highlighted.map(|it| it.key));
        for person in rest.chain(highlighted) {
            let alone = highlighted.is_some_and(|it| it.key == person.key);
            let alpha = if highlighted.is_some() && !alone { ASIDE } else { 1.0 };
            draw_person(person, people, alone, alpha * f64::from(shown.reveal), pen, &shown.view)?;
        }
        reset_lines(pen)
    }

    fn draw_labels(&self, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
        let highlighted = self.people.by_key(shown.highlighted_in(KIND));
        pen.context.set_global_alpha(f64::from(shown.reveal));
        let named = self.people.shown.iter().filter(|it| highlighted.is_none_or(|person| person.key == it.key));
        pen.labels(&named.map(|it| tag(it, highlighted.is_some())).collect::<Vec<_>>(), &shown.view)?;
        pen.context.set_global_alpha(1.0);
        Ok(())
    }

    fn accompany(&self, pen: &Pen, shown: &Shown, highlighted: Option<BBox>) -> Result<(), JsValue> {
        for person in self.people.shown.iter().rev() {
            let alpha = if highlighted.is_none_or(|bbox| bbox == person.bbox) { 1.0 } else { ASIDE_MASKS };
            draw_person(person, &self.people, false, alpha * f64::from(shown.reveal), pen, &shown.view)?;
        }
        reset_lines(pen)
    }

    fn hit(&self, at: &PointerAt) -> Option<usize> {
        let people = &self.people;
        let figure = |it| Figure::of(it, people.limbs, people.joint_score, false, &at.view);
        let figures: Vec<_> = people.shown.iter().map(figure).collect();
        let boxes: Vec<_> = people.shown.iter().map(|it| it.bbox).collect();
        let limb = nearest(&figures, at.canvas, LIMB_SLACK + at.slack);
        let index = limb.or_else(|| hit(&boxes, at.photo(), at.photo_slack()));
        index.map(|index| people.shown[index].key)
    }

    fn best_guess(&self) -> Option<f32> {
        self.people.best_guess()
    }

    fn data(&self) -> ResultData<'_> {
        let people = self.people.shown.iter().filter_map(|it| self.skeletons.get(it.key)).collect();
        ResultData::Skeletons { people, fourteen: self.people.fourteen }
    }

    fn list(&self) -> Section {
        Section::People
    }

    fn addition(&self) -> Option<&'static str> {
        (!self.people.shown.is_empty()).then(results::SKELETONS)
    }

    fn sliders(&self) -> Option<Section> {
        Some(Section::AdjustSkeletons)
    }
}

/// Draws one person without a number.
fn draw_person(
    person: &Person,
    people: &People,
    whole: bool,
    alpha: f64,
    pen: &Pen,
    view: &View,
) -> Result<(), JsValue> {
    pen.skeleton(&Figure::of(person, people.limbs, people.joint_score, whole, view), person.slot, alpha)
}

fn reset_lines(pen: &Pen) -> Result<(), JsValue> {
    pen.context.set_line_cap("butt");
    pen.context.set_line_dash(&Array::new())
}

impl Pen<'_> {
    fn skeleton(&self, figure: &Figure, slot: usize, alpha: f64) -> Result<(), JsValue> {
        let (colour, halo) = (self.tokens.colour(slot), self.tokens.halo(slot));
        self.context.set_line_cap("round");
        self.context.set_line_join("round");
        for limb in &figure.limbs {
            self.context.set_global_alpha(if limb.sure { alpha } else { alpha * FAINT });
            self.context.set_line_dash(&Array::new())?;
            self.line(limb, limb.width + HALO, halo);
            self.context.set_line_cap(if limb.side == Side::Right { "butt" } else { "round" });
            self.context.set_line_dash(&dashes(limb))?;
            self.line(limb, limb.width, colour);
            self.context.set_line_cap("round");
        }
        self.context.set_line_dash(&Array::new())?;
        for dot in &figure.dots {
            self.context.set_global_alpha(if dot.sure { alpha } else { alpha * FAINT });
            self.dot(dot, colour, halo)?;
        }
        Ok(())
    }

    fn line(&self, limb: &Limb, width: f32, colour: &str) {
        self.context.begin_path();
        self.context.move_to(f64::from(limb.from.0), f64::from(limb.from.1));
        self.context.line_to(f64::from(limb.to.0), f64::from(limb.to.1));
        self.context.set_stroke_style_str(colour);
        self.context.set_line_width(f64::from(width));
        self.context.stroke();
    }

    fn dot(&self, dot: &Dot, colour: &str, halo: &str) -> Result<(), JsValue> {
        if dot.sure {
            self.outline_of(dot, dot.radius + HALO / 2.0)?;
            self.context.set_fill_style_str(halo);
            self.context.fill();
            self.outline_of(dot, dot.radius)?;
            self.context.set_fill_style_str(colour);
            self.context.fill();
            return Ok(());
        }
        for (width, colour) in [(3.2, halo), (1.4, colour)] {
            self.outline_of(dot, dot.radius)?;
            self.context.set_stroke_style_str(colour);
            self.context.set_line_width(width);
            self.context.stroke();
        }
        Ok(())
    }

    /// The path around a joint: a circle, or on the right side a square.
    fn outline_of(&self, dot: &Dot, radius: f32) -> Result<(), JsValue> {
        let (x, y, radius) = (f64::from(dot.at.0), f64::from(dot.at.1), f64::from(radius));
        self.context.begin_path();
        if dot.side == Side::Right {
            let half = radius * 0.92;
            self.context.rect(x - half, y - half, half * 2.0, half * 2.0);
            return Ok(());
        }
        self.context.arc(x, y, radius, 0.0, TAU)
    }
}

/// The dash pattern of a limb: the right side is broken.
fn dashes(limb: &Limb) -> Object {
    match limb.side {
        Side::Right => {
            let (stroke, gap) = ((limb.width * 1.7).max(4.0), (limb.width * 1.1).max(3.0));
            Array::of2(&stroke.into(), &gap.into()).into()
        }
        Side::Left | Side::Middle => Array::new().into(),
    }
}

/// The label of a person: a number, and for one who stands out the score too.
fn tag(person: &Person, alone: bool) -> Tag {
    let name = if alone { results::person_with_score(person.percent()) } else { String::new() };
    let bbox = if alone { person.bbox } else { above_head(person) };
    Tag { bbox, number: person.number.to_string(), name, slot: person.slot }
}

/// A thin box over the middle of the highest joints, so that the number is above the head.
fn above_head(person: &Person) -> BBox {
    let BBox { x0, y0, x1, y1 } = person.bbox;
    let seen = person.joints.iter().map(|it| it.joint).filter(|it| it.score >= 0.2);
    let top = seen.min_by(|a, b| a.y.total_cmp(&b.y));
    let (x, y) = top.map_or(((x0 + x1) / 2.0, y0), |it| (it.x, it.y));
    let margin = (y1 - y0) * 0.06;
    BBox::new(x - margin / 2.0, y - margin * 1.4, x + margin / 2.0, y + margin)
}
