//! Instance and semantic segmentation of one photo: masks left of a line that the visitor moves, the class map right of it.

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use leptos::prelude::*;
use model::{
    catalog::System,
    structures::{
        boxes::BBox,
        class_map::{COCO_IDS, ClassMap},
        classes::coco_name,
        mask::InstanceMask,
        stage::Artifact,
    },
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    marks::{Line, NEUTRAL, connect},
};
use crate::{
    adjust::Slider,
    findings::{counted, plural},
    inside::selection::{OpenStage, Reading, Selection},
    layers::{Layer, layer_of},
    paint::{
        pen::{Pen, Shown, Tag},
        view::Size,
    },
    settings::Settings,
    state::{use_actions, use_result},
};

/// The system whose class map the masks are compared with.
const BESIDE: System = System::Fcn;

/// Masks and a class map on one photo.
pub struct WipeView<'a> {
    reading: Reading<'a>,
    masks: &'a [InstanceMask],
    /// `None` while it is computed.
    map: Option<&'a ClassMap>,
}

/// Layers by system, each with the number of the result that it shows.
type Layers = BTreeMap<System, (u32, Arc<dyn Layer>)>;

thread_local! {
    /// The layers of the last comparison: what follows the pointer is made once.
    static LAYERS: RefCell<Layers> = const { RefCell::new(BTreeMap::new()) };
}

/// A class with how many masks have it and whether the class map has it.
#[derive(Debug, PartialEq, Eq)]
struct Count {
    name: &'static str,
    things: usize,
    on_map: bool,
}

impl<'a> WipeView<'a> {
    /// The masks of a run beside the class map of the same photo.
    pub fn of(masks: &'a [InstanceMask], reading: &Reading<'a>) -> Self {
        let map = reading.results.finished(BESIDE).and_then(|it| it.run.class_map());
        Self { reading: *reading, masks, map }
    }

    /// Where the line is, in photo pixels from the left.
    fn line(&self, selection: &Selection) -> f32 {
        let width = self.reading.photo.width;
        selection.pointed.map_or(selection.wipe * width, |(x, _)| x.clamp(0.0, width))
    }

    fn settings(&self) -> &'a Settings {
        self.reading.settings
    }

    /// The result of a system as the page draws it; `None` until it is there.
    fn layer(&self, system: System) -> Option<Arc<dyn Layer>> {
        let known = self.reading.results.finished(system)?;
        let number = known.result?;
        let layer = LAYERS.with_borrow_mut(|layers| {
            if layers.get(&system).is_none_or(|kept| kept.0 != number) {
                layers.insert(system, (number, layer_of(&known.run)?));
            }
            layers.get(&system).map(|kept| kept.1.clone())
        })?;
        Some(layer.under(self.settings()))
    }

    /// The masks that are shown, by class; most things first.
    fn counts(&self) -> Vec<Count> {
        let score = self.settings().score.max(crate::settings::MIN_MASK_SCORE);
        let mut counts: Vec<Count> = Vec::new();
        for mask in self.masks.iter().filter(|mask| mask.score >= score) {
            let name = coco_name(mask.class).unwrap_or("unknown");
            match counts.iter_mut().find(|count| count.name == name) {
                Some(count) => count.things += 1,
                None => counts.push(Count { name, things: 1, on_map: self.is_on_map(mask.class) }),
            }
        }
        counts.sort_by_key(|count| std::cmp::Reverse(count.things));
        counts
    }

    fn is_on_map(&self, class: u16) -> bool {
        let label = COCO_IDS.iter().position(|&id| id == class).map(|index| index + 1);
        label.is_some_and(|label| self.map.is_some_and(|map| map.labels.iter().any(|&it| usize::from(it) == label)))
    }

    /// Draws within a part of the photo's width.
    fn clipped(
        &self,
        (from, to): (f32, f32),
        pen: &Pen,
        shown: &Shown,
        draw: impl FnOnce() -> Result<(), JsValue>,
    ) -> Result<(), JsValue> {
        let at = shown.view.to_canvas(&BBox::new(from, 0.0, to, self.reading.photo.height));
        pen.context.save();
        pen.context.begin_path();
        pen.context.rect(f64::from(at.x0), f64::from(at.y0), f64::from(at.width()), f64::from(at.height()));
        pen.context.clip();
        let drawn = draw();
        pen.context.restore();
        drawn
    }
}

impl StageView for WipeView<'_> {
    fn words(&self, _: &Selection) -> String {
        let left = "Left of the line each thing has its own pixels (instance segmentation); right of it each pixel has \
                    a class (semantic segmentation).";
        if self.map.is_none() {
            return format!("{left} The class map is being computed.");
        }
        let most = self.counts().into_iter().find(|count| count.on_map && count.things > 1);
        match most {
            Some(Count { name, things, .. }) => {
                format!("{left} {things} {} are {things} things on the left, one colour on the right.", plural(name))
            }
            None => {
                format!("{left} No class has two things here: a photo with several of a kind shows the difference.")
            }
        }
    }

    fn to_try(&self) -> &'static str {
        "Move the line across two things of one class that touch: the border between them is on the left only."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let (line, Size { width, height }) = (self.line(selection), self.reading.photo);
        for (system, part) in [(self.reading.run.system, (0.0, line)), (BESIDE, (line, width))] {
            if let Some(layer) = self.layer(system) {
                self.clipped(part, pen, shown, || layer.draw(pen, shown, false))?;
            }
        }
        connect(pen, &shown.view, (line, 0.0), (line, height), Line::solid(NEUTRAL))?;
        let side = |from: f32, to: f32, name: &str| Tag {
            bbox: BBox::new(from, 0.0, to, height),
            number: name.to_owned(),
            name: String::new(),
            slot: NEUTRAL,
        };
        pen.labels(&[side(0.0, line, "masks"), side(line, width, "class map")], &shown.view)
    }

    fn follows_pointer(&self) -> bool {
        true
    }

    fn press(&self, at: (f32, f32), _: f32, selection: &mut Selection) {
        selection.wipe = (at.0 / self.reading.photo.width.max(1.0)).clamp(0.0, 1.0);
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        let (result, actions) = (use_result(), use_actions());
        // Once a photo: a run that fails is told, not repeated.
        Effect::new(move |asked: Option<u32>| {
            let photo = result.results.with(|results| results.photo);
            if result.is_done() && asked != Some(photo) {
                actions.run_beside(BESIDE);
                return photo;
            }
            asked.unwrap_or_default()
        });
        view! {
            <Slider
                id="wipe"
                label="Line"
                hint="How far from the left masks are shown; the line follows the pointer, too"
                lowest=0.0
                value=Signal::derive(move || stage.selection().wipe)
                set=move |value| stage.choose(|it| it.wipe = value)
            />
            <ul class="wipe-counts" data-testid="wipe-counts">{move || rows(stage).collect_view()}</ul>
        }
        .into_any()
    }
}

/// The things of each class on both sides.
fn rows(stage: OpenStage) -> impl Iterator<Item = impl IntoView> {
    let rows = stage.reading(|it| match it.artifact {
        Artifact::Masks(masks) => {
            let view = WipeView::of(masks, it);
            let row = |count: &Count| (count.name, count.things, view.map.is_some().then_some(count.on_map));
            view.counts().iter().map(row).collect::<Vec<_>>()
        }
        _ => vec![],
    });
    rows.unwrap_or_default().into_iter().map(|(name, things, on_map)| {
        let right = match on_map {
            None => "",
            Some(true) => "one colour",
            Some(false) => "not on the map",
        };
        view! { <li data-class=name><span>{counted(things, name)}</span><span>{right}</span></li> }
    })
}

#[cfg(test)]
mod tests {
    use model::structures::mask::SIDE;

    use super::*;
    use crate::results::Results;

    fn mask(class: u16, score: f32) -> InstanceMask {
        let bbox = BBox::new(0.0, 0.0, 28.0, 28.0);
        InstanceMask { candidate: 0, bbox, class, score, cells: vec![255; SIDE * SIDE] }
    }

    fn with<T>(masks: &[InstanceMask], map: Option<&ClassMap>, read: impl FnOnce(&WipeView) -> T) -> T {
        let (run, artifact) = (model::run::Run::new(System::Masks), Artifact::Vector(vec![]));
        let (settings, results) = (Settings::default(), Results::new(1));
        let photo = Size::new(200.0, 100.0);
        let reading =
            Reading { key: "", run: &run, results: &results, artifact: &artifact, settings: &settings, photo };
        read(&WipeView { reading, masks, map })
    }

    #[test]
    fn two_dogs_are_two_things_and_one_colour() {
        let map = ClassMap { width: 2, height: 1, labels: vec![0, 12], certainty: vec![255; 2] };
        let masks = [mask(18, 0.9), mask(18, 0.8), mask(1, 0.7), mask(18, 0.1)];
        with(&masks, Some(&map), |view| {
            let expected = [("dog", 2, true), ("person", 1, false)];
            assert!(view.counts().iter().map(|it| (it.name, it.things, it.on_map)).eq(expected), "{:?}", view.counts());
            assert!(
                view.words(&Selection::default())
                    .ends_with("2 dogs are 2 things on the left, one colour on the right.")
            );
        });
        with(&masks, None, |view| {
            assert!(view.words(&Selection::default()).ends_with("The class map is being computed."));
        });
    }

    #[test]
    fn the_line_follows_the_pointer_and_stays_where_the_photo_was_pressed() {
        with(&[], None, |view| {
            let mut selection = Selection { pointed: Some((260.0, 0.0)), ..Selection::default() };
            assert_eq!(view.line(&selection), 200.0, "not beyond the photo");
            view.press((50.0, 20.0), 0.0, &mut selection);
            selection.pointed = None;
            assert_eq!((selection.wipe, view.line(&selection)), (0.25, 50.0));
        });
    }
}
