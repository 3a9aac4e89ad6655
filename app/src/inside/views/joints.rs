//! Skeletons of a stage before the last one, e.g. of Mask R-CNN, which goes on to masks.

use leptos::prelude::*;
use model::structures::{boxes::Candidate, skeleton::Skeleton};
use wasm_bindgen::JsValue;

use super::StageView;
use crate::{
    inside::selection::{OpenStage, Reading, Selection},
    layers::{Layer, SkeletonLayer},
    paint::pen::{Pen, Shown},
    settings::Settings,
};

/// People with their joints.
pub struct JointsView<'a> {
    skeletons: &'a [Skeleton],
    candidates: &'a [Candidate],
    settings: &'a Settings,
}

impl<'a> JointsView<'a> {
    /// The skeletons of a stage.
    pub fn of(skeletons: &'a [Skeleton], it: &Reading<'a>) -> Self {
        Self { skeletons, candidates: it.detections(), settings: it.settings }
    }
}

impl StageView for JointsView<'_> {
    fn words(&self, _: &Selection) -> String {
        let people = match self.skeletons.len() {
            0 => return "Nobody is sure enough to get joints.".into(),
            1 => "One person".to_owned(),
            count => format!("{count} people"),
        };
        format!("{people}: of each joint's map the centre of mass around the likeliest place, put back into the photo.")
    }

    fn to_try(&self) -> &'static str {
        "Compare a joint with its map in the stage before: where the map has two peaks, only one of them can be right."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, _: &Selection) -> Result<(), JsValue> {
        SkeletonLayer::of(self.skeletons, self.candidates).under(self.settings).draw(pen, shown, false)
    }

    fn controls(&self, _: OpenStage) -> AnyView {
        ().into_any()
    }
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    #[test]
    fn nobody_is_told_from_somebody() {
        let settings = Settings::default();
        let words = |skeletons: &[Skeleton]| {
            JointsView { skeletons, candidates: &[], settings: &settings }.words(&Selection::default())
        };
        assert_eq!(words(&[]), "Nobody is sure enough to get joints.");
        let bbox = BBox::new(0.0, 0.0, 10.0, 20.0);
        let person = Skeleton { bbox, box_score: 0.9, joints: vec![] };
        assert!(
            words(std::slice::from_ref(&person)).starts_with("One person: ")
                && words(&[person.clone(), person]).starts_with("2 people: ")
        );
    }
}
