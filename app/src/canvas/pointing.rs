//! What a pointer or a key on the canvas points at.

use leptos::prelude::*;
use lookout_protocol::Task;
use web_sys::KeyboardEvent;

use super::{
    skeleton::{Figure, nearest},
    view::{View, hit},
};
use crate::{desk::Desk, engine::Run, findings::Findings, showing::Showing};

/// How far from a limb still points at it, in CSS pixels.
const LIMB_SLACK: f32 = 8.0;
/// How far an arrow key moves the place whose class is read, as a part of the photo.
const STEP: f32 = 0.02;

/// What is at a point of the canvas, by key. A person is where the limbs are, a thing where its mask is, else where the
/// box is.
pub fn pointed_at(desk: Desk, view: &View, at: (f32, f32), slack: f32) -> Option<usize> {
    if desk.engine.run.get_untracked() != Run::Done {
        return None;
    }
    let showing = desk.showing.get_untracked();
    let (place, slack_in_photo) = (view.to_photo(at), slack / view.scale);
    match showing.task {
        Task::Boxes => in_boxes(&showing.findings, place, slack_in_photo),
        Task::Masks | Task::Everything => {
            in_masks(&showing, place).or_else(|| in_boxes(&showing.findings, place, slack_in_photo))
        }
        Task::Skeletons => {
            let people = &showing.people;
            let figure = |it| Figure::of(it, people.limbs, people.joint_score, false, view);
            let figures: Vec<_> = people.shown.iter().map(figure).collect();
            let boxes: Vec<_> = people.shown.iter().map(|it| it.bbox).collect();
            let index = nearest(&figures, at, LIMB_SLACK + slack).or_else(|| hit(&boxes, place, slack_in_photo));
            index.map(|index| people.shown[index].key)
        }
        Task::Captions => {
            let regions: Vec<_> = showing.captions.iter().filter_map(|it| it.region).collect();
            hit(&regions, place, slack_in_photo).map(|index| index + 1)
        }
        Task::ClassMap | Task::Localize => None,
    }
}

fn in_boxes(findings: &Findings, place: (f32, f32), slack: f32) -> Option<usize> {
    let boxes: Vec<_> = findings.shown.iter().map(|it| it.bbox).collect();
    hit(&boxes, place, slack).map(|index| findings.shown[index].key)
}

/// The best thing whose mask holds a place: the one that lies on top.
fn in_masks(showing: &Showing, place: (f32, f32)) -> Option<usize> {
    let mut keys = showing.findings.shown.iter().map(|it| it.key);
    keys.find(|&key| showing.silhouettes.get(key).is_some_and(|it| it.contains(place)))
}

/// The place of the photo at a point of the canvas, as fractions of its width and height, where classes are read.
pub fn place_at(desk: Desk, view: &View, at: (f32, f32)) -> Option<(f32, f32)> {
    if desk.task.get_untracked() != Task::ClassMap || desk.engine.run.get_untracked() != Run::Done {
        return None;
    }
    let (width, height) = desk.photo.with_untracked(|it| it.as_ref().map(|it| (it.width as f32, it.height as f32)))?;
    let (x, y) = view.to_photo(at);
    let place = (x / width, y / height);
    let inside = (0.0..1.0).contains(&place.0) && (0.0..1.0).contains(&place.1);
    inside.then_some(place)
}

/// Moves the place whose class is read by the arrow keys; Escape leaves it. Returns whether the key was for it.
pub fn stroll(desk: Desk, event: &KeyboardEvent) -> bool {
    if desk.task.get_untracked() != Task::ClassMap || desk.engine.run.get_untracked() != Run::Done {
        return false;
    }
    let (dx, dy) = match event.key().as_str() {
        "ArrowLeft" => (-STEP, 0.0),
        "ArrowRight" => (STEP, 0.0),
        "ArrowUp" => (0.0, -STEP),
        "ArrowDown" => (0.0, STEP),
        "Escape" if desk.pointed.get_untracked().is_some() => {
            desk.pointed.set(None);
            return true;
        }
        _ => return false,
    };
    event.prevent_default();
    let (x, y) = desk.pointed.get_untracked().unwrap_or((0.5, 0.5));
    let within = |value: f32| value.clamp(0.0, 1.0 - f32::EPSILON);
    desk.pointed.set(Some((within(x + dx), within(y + dy))));
    true
}
