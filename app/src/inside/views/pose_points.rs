//! Pose by regression: a person's vector, and the 28 numbers that it becomes.

use leptos::{html::Canvas, prelude::*};
use model::structures::stage::{Artifact, Peak, ScoreMaps};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    choice::{Choice, number},
    marks::{Line, NEUTRAL, connect, dot, outline},
    person_crops::numbers,
    raster::{bright, channel_pixels, raster},
};
use crate::{
    findings::counted,
    inside::selection::{OpenStage, Selection},
    paint::prepared,
    paint::{
        pen::{Pen, Shown, Tag},
        tokens::Tokens,
        view::{Size, hit},
    },
    palette::COLOURS,
    state::use_view,
};

/// Pairs of points that a limb connects: head and neck, then each side's arm and leg.
pub const LIMBS: [(usize, usize); 13] =
    [(0, 1), (1, 2), (2, 4), (4, 6), (1, 3), (3, 5), (5, 7), (1, 8), (8, 10), (10, 12), (1, 9), (9, 11), (11, 13)];
/// CSS pixels of a number of the vector.
const PIXEL: f32 = 10.0;

/// The points of people.
pub struct PosePointsView<'a> {
    /// Vector and points of each person.
    pub people: &'a [ScoreMaps],
}

/// A point in the table.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    index: usize,
    name: String,
    /// In fractions of the crop.
    at: (f32, f32),
}

impl<'a> PosePointsView<'a> {
    fn person(&self, selection: &Selection) -> Option<(usize, &'a ScoreMaps)> {
        let index = selection.map.min(self.people.len().checked_sub(1)?);
        Some((index, &self.people[index]))
    }

    fn rows(&self, selection: &Selection) -> Vec<Row> {
        let Some((_, person)) = self.person(selection) else { return vec![] };
        let (region, named) = (&person.region, person.names.iter().zip(&person.peaks));
        let at = |peak: &Peak| ((peak.to.0 - region.x0) / region.width(), (peak.to.1 - region.y0) / region.height());
        named.enumerate().map(|(index, (name, peak))| Row { index, name: name.to_string(), at: at(peak) }).collect()
    }

    fn vector_words(&self, selection: &Selection) -> Option<String> {
        let map = &self.person(selection)?.1.maps;
        Some(format!(
            "{} numbers from {} to {}: all that is left of the crop.",
            map.width * map.height,
            number(map.min),
            number(map.max)
        ))
    }
}

impl StageView for PosePointsView<'_> {
    fn words(&self, _: &Selection) -> String {
        match self.people.first() {
            None => "The detector found nobody, so there is nothing to regress.".into(),
            Some(person) => format!(
                "{}: a vector becomes {} numbers, x and y of {} points. Nothing says whether a point is hidden or out of the photo: \
                 everybody gets all of them.",
                counted(self.people.len(), "person"),
                person.peaks.len() * 2,
                person.peaks.len(),
            ),
        }
    }

    fn to_try(&self) -> &'static str {
        "Choose somebody whose legs are hidden: they get legs all the same, where legs are on average. Compare with MoveNet."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let Some((index, person)) = self.person(selection) else { return Ok(()) };
        let slot = index % COLOURS;
        outline(pen, &shown.view, &person.region, Line::dashed(NEUTRAL))?;
        let at = |point: usize| person.peaks.get(point).map(|peak| peak.to);
        for (from, to) in LIMBS {
            if let (Some(from), Some(to)) = (at(from), at(to)) {
                connect(pen, &shown.view, from, to, Line::solid(slot))?;
            }
        }
        for (point, peak) in person.peaks.iter().enumerate() {
            let is_chosen = selection.item == Some(point);
            dot(pen, &shown.view, peak.to, if is_chosen { 6.0 } else { 3.5 }, if is_chosen { NEUTRAL } else { slot })?;
        }
        let tag = |(index, person): (usize, &ScoreMaps)| Tag {
            bbox: person.region,
            number: (index + 1).to_string(),
            name: String::new(),
            slot: index % COLOURS,
        };
        pen.labels(&self.people.iter().enumerate().map(tag).collect::<Vec<_>>(), &shown.view)
    }

    fn press(&self, at: (f32, f32), slack: f32, selection: &mut Selection) {
        let boxes: Vec<_> = self.people.iter().map(|person| person.region).collect();
        selection.map = hit(&boxes, at, slack).unwrap_or(selection.map);
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        if self.people.is_empty() {
            return ().into_any();
        }
        let names = Signal::derive(move || read(stage, |view| numbers(view.people.len())).unwrap_or_default());
        let chosen = Signal::derive(move || {
            read(stage, |view| view.person(&stage.selection()).map(|it| it.0)).flatten().unwrap_or(0)
        });
        let choose = move |person| stage.choose(|it| (it.map, it.item) = (person, None));
        view! {
            <Choice id="person" label="Person" options=names chosen choose/>
            <Vector stage/>
            <Points stage/>
        }
        .into_any()
    }
}

fn read<T>(stage: OpenStage, read: impl FnOnce(&PosePointsView) -> T) -> Option<T> {
    let with = |artifact: &Artifact| match artifact {
        Artifact::ScoreMaps(people) => Some(read(&PosePointsView { people })),
        _ => None,
    };
    stage.reading(|it| with(it.artifact)).flatten()
}

/// The chosen person's vector as a picture.
#[component]
fn Vector(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    let view = use_view();
    let chosen = Memo::new(move |_| stage.selection().map);
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let _ = view.is_dark(); // tracked: other tokens
        let selection = Selection { map: chosen.get(), ..Selection::default() };
        let drawn = read(stage, |it| {
            let Some((_, person)) = it.person(&selection) else { return Ok(()) };
            let (map, size) = (&person.maps, (person.maps.width, person.maps.height));
            let context = prepared(&canvas, Size::new(size.0 as f32 * PIXEL, size.1 as f32 * PIXEL), 1.0)?;
            context.set_image_smoothing_enabled(false);
            let from = raster(&channel_pixels(map, 0, bright(&Tokens::read())), size)?;
            let (width, height) = (f64::from(canvas.width()), f64::from(canvas.height()));
            context.draw_image_with_html_canvas_element_and_dw_and_dh(&from, 0.0, 0.0, width, height)
        });
        if let Some(Err(error)) = drawn {
            leptos::logging::error!("the vector could not be drawn: {error:?}");
        }
    });
    let words = move || read(stage, |view| view.vector_words(&stage.selection())).flatten();
    view! {
        <figure class="stage-figure">
            <canvas node_ref=node class="vector-canvas" data-testid="pose-vector" aria-hidden="true"></canvas>
            <figcaption class="field-hint">{words}</figcaption>
        </figure>
    }
}

/// The points as numbers; one is chosen by its name.
#[component]
fn Points(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let rows = Memo::new(move |_| read(stage, |view| view.rows(&stage.selection())).unwrap_or_default());
    let row = move |row: Row| {
        let Row { index, name, at: (x, y) } = row;
        let key = name.clone();
        let pressed = move || (stage.selection().item == Some(index)).to_string();
        let toggle = move |_| stage.choose(|it| it.item = Some(index).filter(|_| it.item != Some(index)));
        view! {
            <tr data-testid="pose-point" data-name=key>
                <th scope="row"><button type="button" class="quiet" aria-pressed=pressed on:click=toggle>{name}</button></th>
                <td>{number(x)}</td>
                <td>{number(y)}</td>
            </tr>
        }
    };
    view! {
        <section class="bars">
            <h3 class="block-title" id="pose-points-title">"The 28 numbers, in parts of the crop"</h3>
            <table class="numbers" aria-labelledby="pose-points-title">
                <thead><tr><td></td><th scope="col">"x"</th><th scope="col">"y"</th></tr></thead>
                <tbody>{move || rows.get().into_iter().map(row).collect_view()}</tbody>
            </table>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use model::structures::{boxes::BBox, stage::FeatureMap};

    use super::*;

    fn person(x0: f32) -> ScoreMaps {
        let region = BBox::new(x0, 0.0, x0 + 100.0, 200.0);
        let peak = |i: usize| Peak { from: (0.0, 0.0), to: (x0 + i as f32 * 10.0, 50.0), score: 1.0 };
        ScoreMaps {
            region,
            candidate: None,
            names: (0..14).map(|i| format!("point {i}").into()).collect(),
            maps: FeatureMap::from_values("vector", (16, 32, 1), &[0.5; 512]),
            peaks: (0..14).map(peak).collect(),
        }
    }

    #[test]
    fn a_person_has_28_numbers() {
        let people = [person(0.0), person(300.0)];
        let view = PosePointsView { people: &people };
        let mut selection = Selection::default();
        assert!(view.words(&selection).starts_with("2 people: a vector becomes 28 numbers"));
        view.press((390.0, 20.0), 0.0, &mut selection);
        assert_eq!(view.person(&selection).map(|it| it.0), Some(1));
        let rows = view.rows(&selection);
        assert_eq!((rows.len(), rows[5].at), (14, (0.5, 0.25)));
        assert!(view.vector_words(&selection).is_some_and(|words| words.starts_with("512 numbers")));
        assert!(LIMBS.iter().all(|&(a, b)| a < 14 && b < 14));
        let nobody = PosePointsView { people: &[] };
        assert!(nobody.rows(&selection).is_empty() && nobody.words(&selection).contains("nobody"));
    }
}
