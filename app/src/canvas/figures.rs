//! Drawing skeletons: left limbs solid and left joints round, right limbs broken and right joints square, so that the
//! sides differ without colour, which tells the people apart.

use std::f64::consts::TAU;

use js_sys::{Array, Object};
use model::structures::boxes::BBox;
use wasm_bindgen::JsValue;

use super::{
    draw::{Pen, Scene, Tag},
    skeleton::{Dot, Figure, Limb},
    view::View,
};
use crate::people::{People, Person, Side};

/// How much wider than a limb the dark line below it is, in CSS pixels.
const HALO: f32 = 2.2;
/// How visible guesses are.
const FAINT: f64 = 0.55;
/// How visible people are beside the one who stands out.
const ASIDE: f64 = 0.22;

impl Pen<'_> {
    /// Draws people and their numbers on what is there.
    pub(super) fn people(&self, people: &People, scene: &Scene, view: &View) -> Result<(), JsValue> {
        let isolated = people.shown.iter().find(|it| Some(it.key) == scene.isolated);
        if let Some(person) = isolated {
            self.veil(scene, view, &person.bbox);
        }
        // Worst first, so that the best lie on top; the one who stands out above all.
        let rest = people.shown.iter().rev().filter(|it| Some(it.key) != isolated.map(|it| it.key));
        for person in rest.chain(isolated) {
            let alone = isolated.is_some_and(|it| it.key == person.key);
            let alpha = if isolated.is_some() && !alone { ASIDE } else { 1.0 };
            let figure = Figure::of(person, people.limbs, people.joint_score, alone, view);
            self.figure(&figure, person.slot, alpha * f64::from(scene.reveal))?;
        }
        self.context.set_line_dash(&Array::new())?;
        self.context.set_line_cap("butt");
        self.context.set_global_alpha(f64::from(scene.reveal));
        let named = people.shown.iter().filter(|it| isolated.is_none_or(|isolated| isolated.key == it.key));
        self.labels(&named.map(|it| tag(it, isolated.is_some())).collect::<Vec<_>>(), view)?;
        self.context.set_global_alpha(1.0);
        Ok(())
    }

    /// Draws one person without a number.
    pub(super) fn person(&self, person: &Person, people: &People, alpha: f64, view: &View) -> Result<(), JsValue> {
        self.figure(&Figure::of(person, people.limbs, people.joint_score, false, view), person.slot, alpha)
    }

    fn figure(&self, figure: &Figure, slot: usize, alpha: f64) -> Result<(), JsValue> {
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
    let name = if alone { format!("person {}%", person.percent()) } else { String::new() };
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
