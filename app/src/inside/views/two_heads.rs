//! One class and one box for the whole photo, beside what a detector finds in it.

use leptos::prelude::*;
use model::{
    catalog::{SECOND_LOOK, System, THIRD_LOOK, Task},
    structures::{
        boxes::{Candidate, Suppression, suppress},
        classes::coco_name,
        location::{CLASSES, Location},
        stage::Artifact,
    },
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    bars::{Bar, Bars},
    choice::number,
    marks::{Line, NEUTRAL, connect, outline},
};
use crate::{
    findings::counted,
    inside::selection::{OpenStage, Reading, Selection},
    paint::{
        pen::{Pen, Shown, Tag},
        view::Size,
    },
    state::{use_actions, use_result},
};

/// What the two heads say.
pub struct TwoHeadsView<'a> {
    /// The class and the box.
    pub location: &'a Location,
    /// The photo's size in its own pixels.
    pub photo: Size,
    /// Whether the box is that of a further look, at a crop round the box before.
    pub is_at_crop: bool,
}

impl<'a> TwoHeadsView<'a> {
    /// The view of a stage that has produced a class and a box.
    pub fn of(location: &'a Location, it: &Reading<'a>) -> Self {
        Self { location, photo: it.photo, is_at_crop: [SECOND_LOOK.key, THIRD_LOOK.key].contains(&it.key) }
    }

    /// Whether it is one of the network's classes; the last one is none of them.
    fn is_thing(&self) -> bool {
        self.location.best().0 + 1 < CLASSES.len()
    }

    fn slot(&self) -> usize {
        if self.is_thing() { self.location.best().0 } else { NEUTRAL }
    }

    /// Name, fraction of the photo and pixels of the four numbers of the box.
    fn numbers(&self) -> [(&'static str, f32, f32); 4] {
        let (bbox, Size { width, height }) = (&self.location.bbox, self.photo);
        let of = |value: f32, whole: f32| value / whole.max(1.0);
        [
            ("x0", of(bbox.x0, width), bbox.x0),
            ("y0", of(bbox.y0, height), bbox.y0),
            ("x1", of(bbox.x1, width), bbox.x1),
            ("y1", of(bbox.y1, height), bbox.y1),
        ]
    }

    fn bars(&self) -> Vec<Bar> {
        let best = self.location.best().0;
        let bars = CLASSES.iter().zip(&self.location.probabilities).enumerate();
        bars.map(|(class, (&name, &probability))| Bar::of_probability(name, probability, class == best)).collect()
    }
}

/// How many things of each class a detector finds, in words.
///
/// # Arguments
/// * `candidates` - its boxes before suppression.
fn found(candidates: &[Candidate], rule: &Suppression) -> String {
    let mut classes: Vec<(u16, usize)> = Vec::new();
    for index in suppress(candidates, rule).kept {
        let class = candidates[index].class;
        match classes.iter_mut().find(|it| it.0 == class) {
            Some(it) => it.1 += 1,
            None => classes.push((class, 1)),
        }
    }
    if classes.is_empty() {
        return "nothing at all".into();
    }
    let named = classes.iter().map(|&(class, count)| counted(count, coco_name(class).unwrap_or("unknown")));
    named.collect::<Vec<_>>().join(", ")
}

impl StageView for TwoHeadsView<'_> {
    fn words(&self, _: &Selection) -> String {
        let (class, probability) = self.location.best();
        let name = CLASSES.get(class).copied().unwrap_or("unknown");
        if self.is_at_crop {
            return format!(
                "The looks so far together say “{name}” with {:.0}%. The four numbers are the last look's: in the crop the thing is \
                 large and in the middle, so its edges are easier to place. Where the box before is elsewhere, so is this one.",
                probability * 100.0
            );
        }
        let place = if self.is_thing() {
            "It has one box whatever is in the photo: a photo with three things still gets one."
        } else {
            "The other head still answers with a box: it has to, and here it says little."
        };
        format!("One head says “{name}” with {:.0}%, the other four numbers. {place}", probability * 100.0)
    }

    fn to_try(&self) -> &'static str {
        "Open a photo with three things, and one with none: there is one class and one box each time."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, _: &Selection) -> Result<(), JsValue> {
        let (bbox, Size { width, height }) = (self.location.bbox, self.photo);
        let ruler = Line::dashed(NEUTRAL).faint(0.7);
        for x in [bbox.x0, bbox.x1] {
            connect(pen, &shown.view, (x, 0.0), (x, height), ruler)?;
        }
        for y in [bbox.y0, bbox.y1] {
            connect(pen, &shown.view, (0.0, y), (width, y), ruler)?;
        }
        let slot = self.slot();
        let line = if self.is_thing() { Line::solid(slot) } else { Line::dashed(slot) };
        outline(pen, &shown.view, &bbox, Line { width: 3.0, ..line })?;
        let (class, probability) = self.location.best();
        let name = CLASSES.get(class).copied().unwrap_or_default().to_owned();
        pen.labels(&[Tag { bbox, number: format!("{:.0}%", probability * 100.0), name, slot }], &shown.view)
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        let bars = Memo::new(move |_| read(stage, |view| view.bars()).unwrap_or_default());
        view! {
            <Bars id="class-head" title="The class head" bars/>
            <Numbers stage/>
            <Detector/>
        }
        .into_any()
    }
}

fn read<T>(stage: OpenStage, read: impl FnOnce(&TwoHeadsView) -> T) -> Option<T> {
    let with = |it: &Reading| match it.artifact {
        Artifact::Location(location) => Some(read(&TwoHeadsView::of(location, it))),
        _ => None,
    };
    stage.reading(with).flatten()
}

/// The four numbers of the box head.
#[component]
fn Numbers(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let row = |(name, fraction, pixels): (&'static str, f32, f32)| {
        view! {
            <tr data-testid="box-number" data-name=name>
                <th scope="row">{name}</th>
                <td>{number(fraction)}</td>
                <td>{format!("{pixels:.0}")}</td>
            </tr>
        }
    };
    let rows = move || read(stage, |view| view.numbers()).into_iter().flatten().map(row).collect_view();
    view! {
        <section class="bars">
            <h3 class="block-title" id="box-head-title">"The box head"</h3>
            <table class="numbers" aria-labelledby="box-head-title">
                <thead>
                    <tr><td></td><th scope="col">"of the photo"</th><th scope="col">"pixels"</th></tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </section>
    }
}

/// What the detector finds in the same photo.
#[component]
fn Detector() -> impl IntoView {
    let (result, actions) = (use_result(), use_actions());
    let said = move || {
        let rule = result.settings.with(crate::settings::Settings::rule);
        result.results.with(|results| Some(found(results.finished(System::Ssd)?.run.detections()?, &rule)))
    };
    let sentence = move || match said() {
        Some(said) => format!("In the same photo the detector finds {said}: a box for each."),
        None => "The detector has not seen this photo yet; it has a box for each thing that it finds.".into(),
    };
    view! {
        <section class="bars" data-testid="detector-says">
            <h3 class="block-title">"Beside it: a detector"</h3>
            <p class="stage-reading">{sentence}</p>
            <button type="button" class="quiet" data-testid="see-boxes" on:click=move |_| actions.choose_task(Task::Boxes)>
                "See its boxes"
            </button>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    #[test]
    fn the_four_numbers_are_fractions_and_pixels() {
        let of_class = |class: usize| {
            let mut probabilities = vec![0.015; CLASSES.len()];
            probabilities[class] = 0.7;
            Location { probabilities, bbox: BBox::new(50.0, 20.0, 150.0, 90.0) }
        };
        let location = of_class(7);
        let view = TwoHeadsView { location: &location, photo: Size::new(200.0, 100.0), is_at_crop: false };
        let expected = [("x0", 0.25, 50.0), ("y0", 0.2, 20.0), ("x1", 0.75, 150.0), ("y1", 0.9, 90.0)];
        assert_eq!(view.numbers(), expected);
        assert!(view.words(&Selection::default()).starts_with("One head says “cat” with 70%"));
        assert_eq!(view.bars().iter().position(|bar| bar.chosen), Some(7));
        let second = TwoHeadsView { is_at_crop: true, ..view };
        assert!(second.words(&Selection::default()).starts_with("The looks so far together say “cat” with 70%"));
        let none = of_class(CLASSES.len() - 1);
        let view = TwoHeadsView { location: &none, is_at_crop: false, ..second };
        assert!(!view.is_thing() && view.words(&Selection::default()).contains("still answers with a box"));
    }

    #[test]
    fn a_detector_counts_by_class() {
        let candidate =
            |x: f32, class, score| Candidate { bbox: BBox::new(x, 0.0, x + 10.0, 10.0), class, score, prior: 0 };
        let boxes =
            [candidate(0.0, 20, 0.9), candidate(1.0, 20, 0.8), candidate(50.0, 20, 0.7), candidate(90.0, 1, 0.6)];
        assert_eq!(found(&boxes, &Suppression { min_score: 0.5, ..Suppression::default() }), "2 sheep, 1 person");
        assert_eq!(found(&[], &Suppression::default()), "nothing at all");
    }
}
