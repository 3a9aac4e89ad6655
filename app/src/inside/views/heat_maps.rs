//! Heat maps of joints over the crops of people: where each joint is likely, its best cell, and the offset from there.

use leptos::prelude::*;
use model::{
    catalog::KEYPOINT_MAPS,
    structures::stage::{Artifact, Peak, ScoreMaps},
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    choice::{Choice, Cover, number},
    marks::{Line, NEUTRAL, arrow, cell_at, cell_box, dot, outline},
    person_crops::numbers,
    raster::{bright, cover, heat_pixels, raster},
};
use crate::{
    inside::selection::{OpenStage, Reading, Selection},
    paint::{
        pen::{Pen, Shown, Tag},
        view::hit,
    },
    palette::COLOURS,
};

/// Heat maps of people.
pub struct HeatMapsView<'a> {
    /// The maps of each person.
    pub people: &'a [ScoreMaps],
    /// Joints with a lower score are guesses.
    pub joint_score: f32,
    /// Whether the network predicts an offset in each cell.
    pub has_offsets: bool,
}

/// The stages with a map for each joint.
pub const STAGES: [&str; 2] = [WITH_OFFSETS, KEYPOINT_MAPS.key];
/// The one whose network predicts an offset in each cell.
const WITH_OFFSETS: &str = "heat-maps";

/// A joint in the list, or all of them.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    joint: Option<usize>,
    name: String,
    percent: String,
}

impl<'a> HeatMapsView<'a> {
    /// The maps of a stage.
    pub fn of(people: &'a [ScoreMaps], it: &Reading<'a>) -> Self {
        Self { people, joint_score: it.settings.joint_score, has_offsets: it.key == WITH_OFFSETS }
    }

    /// The chosen person.
    fn person(&self, selection: &Selection) -> Option<(usize, &'a ScoreMaps)> {
        let index = selection.map.min(self.people.len().checked_sub(1)?);
        Some((index, &self.people[index]))
    }

    /// The joints that count as found.
    fn sure(&self, person: &ScoreMaps) -> usize {
        person.peaks.iter().filter(|peak| peak.score >= self.joint_score).count()
    }

    fn rows(&self, selection: &Selection) -> Vec<Row> {
        let Some((_, person)) = self.person(selection) else { return vec![] };
        let all = Row { joint: None, name: "all joints".into(), percent: String::new() };
        let row = |(joint, (name, peak)): (usize, (&std::borrow::Cow<str>, &Peak))| Row {
            joint: Some(joint),
            name: name.to_string(),
            percent: percent(peak.score),
        };
        std::iter::once(all).chain(person.names.iter().zip(&person.peaks).enumerate().map(row)).collect()
    }

    /// The peak of the chosen joint, or what all joints are, in words.
    fn peak_words(&self, selection: &Selection) -> Option<String> {
        let (_, person) = self.person(selection)?;
        let Some((name, peak)) = joint_of(person, selection) else {
            let (sure, all) = (self.sure(person), person.peaks.len());
            let score = percent(self.joint_score);
            return Some(format!("{sure} of {all} joints have {score} or more. Choose one to see its own map."));
        };
        let (dx, dy) = offset(peak);
        let cell = person.region.width() / person.maps.width.max(1) as f32;
        if !self.has_offsets {
            let moved = dx.hypot(dy) / cell.max(f32::MIN_POSITIVE);
            return Some(format!(
                "{name}: {} lie within three places of the best one; their centre of mass is {} of a place beside its middle.",
                percent(peak.score),
                number(moved),
            ));
        }
        Some(format!(
            "{name}: {}. The offset moves it from the middle of its best cell by {} across and {} down, {} pixels of the photo: \
             {} of a cell.",
            percent(peak.score),
            number(dx),
            number(dy),
            number(dx.hypot(dy)),
            number(dx.hypot(dy) / cell.max(f32::MIN_POSITIVE)),
        ))
    }

    /// The cell under the pointer, in words.
    fn reading(&self, selection: &Selection) -> String {
        let pointed = self.person(selection).and_then(|(_, person)| {
            let at = cell_at(&person.region, (person.maps.width, person.maps.height), selection.pointed?)?;
            let (joint, score) = score_at(person, joint_index(person, selection), at)?;
            Some((at, person.names.get(joint)?, score))
        });
        match pointed {
            Some(((x, y), name, score)) => format!("Cell ({x}, {y}): {name} {}", percent(score)),
            None => "Point at the square to read a cell.".into(),
        }
    }
}

/// The chosen joint's place among the channels; `None` for all joints.
fn joint_index(person: &ScoreMaps, selection: &Selection) -> Option<usize> {
    selection.item.filter(|&it| it < person.maps.channels)
}

/// The chosen joint with its peak.
fn joint_of<'a>(person: &'a ScoreMaps, selection: &Selection) -> Option<(&'a str, &'a Peak)> {
    let joint = joint_index(person, selection)?;
    Some((person.names.get(joint)?, person.peaks.get(joint)?))
}

/// The score of a cell: of one joint, or of the one with the largest; with which joint it is.
fn score_at(person: &ScoreMaps, joint: Option<usize>, (x, y): (usize, usize)) -> Option<(usize, f32)> {
    let joints = joint.map_or(0..person.maps.channels, |it| it..it + 1);
    let scored = joints.filter_map(|joint| Some((joint, person.maps.value(joint, x, y)?)));
    scored.reduce(|best, it| if it.1 > best.1 { it } else { best })
}

/// The scores of one joint, or the largest of all, row by row.
fn scores(person: &ScoreMaps, joint: Option<usize>) -> impl Iterator<Item = f32> + '_ {
    let cells = (0..person.maps.height).flat_map(|y| (0..person.maps.width).map(move |x| (x, y)));
    cells.map(move |cell| score_at(person, joint, cell).map_or(0.0, |it| it.1))
}

/// How far a peak's offset moves it across and down, in photo pixels.
fn offset(peak: &Peak) -> (f32, f32) {
    (peak.to.0 - peak.from.0, peak.to.1 - peak.from.1)
}

fn percent(score: f32) -> String {
    format!("{:.0}%", score * 100.0)
}

impl StageView for HeatMapsView<'_> {
    fn words(&self, selection: &Selection) -> String {
        let Some((_, person)) = self.person(selection) else { return "There is nobody to look at.".into() };
        let maps = &person.maps;
        if !self.has_offsets {
            return format!(
                "From the person’s aligned region a map of {} × {} places for each of {} joints; each map is a softmax over \
                 its places and sums to 100%.",
                maps.width, maps.height, maps.channels,
            );
        }
        format!(
            "A map of {} × {} cells for each of {} joints: how likely the joint is in each cell. One cell covers {} pixels of the \
             photo across, too coarse for a joint, so the network also predicts an offset in each cell.",
            maps.width,
            maps.height,
            maps.channels,
            number(person.region.width() / maps.width.max(1) as f32),
        )
    }

    fn to_try(&self) -> &'static str {
        "Choose a wrist or an ankle that is hidden: its heat is weak or in two places. Compare the left with the right."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let Some((index, person)) = self.person(selection) else { return Ok(()) };
        let (view, slot, size) = (&shown.view, index % COLOURS, (person.maps.width, person.maps.height));
        pen.dim_outside(&person.region, shown);
        // The square root: what is unlikely can be seen as well.
        let heat = scores(person, joint_index(person, selection)).map(f32::sqrt);
        let canvas = raster(&heat_pixels(heat, bright(pen.tokens)), size)?;
        cover(pen, view, &person.region, &canvas, selection.opacity)?;
        outline(pen, view, &person.region, Line { width: 1.5, ..Line::solid(slot) })?;
        for other in self.people.iter().enumerate().filter(|it| it.0 != index).map(|it| it.1) {
            outline(pen, view, &other.region, Line::dashed(NEUTRAL).faint(0.5))?;
        }
        if let Some(cell) = selection.pointed.and_then(|at| cell_at(&person.region, size, at)) {
            outline(pen, view, &cell_box(&person.region, size, cell), Line { width: 1.0, ..Line::solid(NEUTRAL) })?;
        }
        let Some((name, peak)) = joint_of(person, selection) else {
            let sure = person.peaks.iter().filter(|peak| peak.score >= self.joint_score);
            return sure.map(|peak| peak.to).try_for_each(|to| dot(pen, view, to, 3.0, slot));
        };
        if let Some(cell) = cell_at(&person.region, size, peak.from) {
            outline(pen, view, &cell_box(&person.region, size, cell), Line::solid(NEUTRAL))?;
        }
        arrow(pen, view, peak.from, peak.to, Line { width: 1.5, ..Line::solid(slot) })?;
        dot(pen, view, peak.to, 3.5, slot)?;
        let near = cell_box(&person.region, size, cell_at(&person.region, size, peak.from).unwrap_or_default());
        pen.labels(&[Tag { bbox: near, number: percent(peak.score), name: name.into(), slot }], view)
    }

    fn follows_pointer(&self) -> bool {
        true
    }

    /// The joint that is nearest to the click, or the person whose square it is in.
    fn press(&self, at: (f32, f32), slack: f32, selection: &mut Selection) {
        let Some((_, person)) = self.person(selection) else { return };
        let distance = |peak: &Peak| (peak.to.0 - at.0).hypot(peak.to.1 - at.1);
        let cell = person.region.width() / person.maps.width.max(1) as f32;
        let near = person.peaks.iter().enumerate().filter(|(_, peak)| distance(peak) <= slack.max(cell) * 1.5);
        let joint = near.min_by(|a, b| distance(a.1).total_cmp(&distance(b.1))).map(|(joint, _)| joint);
        let regions: Vec<_> = self.people.iter().map(|person| person.region).collect();
        match (joint, hit(&[person.region], at, 0.0), hit(&regions, at, slack)) {
            (Some(_), _, _) => selection.item = joint.filter(|_| joint != selection.item),
            (None, Some(_), _) => selection.item = None,
            (None, None, Some(other)) => (selection.map, selection.item) = (other, None),
            (None, None, None) => {}
        }
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        if self.people.is_empty() {
            return ().into_any();
        }
        let names = Signal::derive(move || read(stage, |view| numbers(view.people.len())).unwrap_or_default());
        let chosen = Signal::derive(move || {
            read(stage, |view| view.person(&stage.selection())?.0.into()).flatten().unwrap_or(0)
        });
        let reading = move || read(stage, |view| view.reading(&stage.selection()));
        let peak = Memo::new(move |_| read(stage, |view| view.peak_words(&stage.selection())).flatten());
        let rows = Memo::new(move |_| read(stage, |view| view.rows(&stage.selection())).unwrap_or_default());
        view! {
            <Choice id="person" label="Person" options=names chosen choose=move |map| stage.choose(|it| it.map = map)/>
            <p class="stage-reading" data-testid="peak" aria-live="polite">{move || peak.get()}</p>
            <ul class="short-rows">{move || rows.get().into_iter().map(|row| view! { <JointRow row stage/> }).collect_view()}</ul>
            <p class="reading stage-reading" data-testid="heat-reading">{reading}</p>
            <Cover stage/>
        }
        .into_any()
    }
}

fn read<T>(stage: OpenStage, read: impl FnOnce(&HeatMapsView) -> T) -> Option<T> {
    stage
        .reading(|it| match it.artifact {
            Artifact::ScoreMaps(people) => Some(read(&HeatMapsView::of(people, it))),
            _ => None,
        })
        .flatten()
}

/// A joint in the list.
#[component]
fn JointRow(
    /// The joint.
    row: Row,
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let Row { joint, name, percent } = row;
    let key = name.clone();
    let chosen = move || stage.selection().item == joint;
    view! {
        <li data-testid="heat-joint" data-joint=key>
            <button type="button" class="row-button short-row" aria-pressed=move || chosen().to_string()
                on:click=move |_| stage.choose(|it| it.item = joint)>
                <span></span>
                <span>{name}</span>
                <span class="short-score">{percent}</span>
            </button>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use model::structures::{boxes::BBox, stage::FeatureMap};

    use super::*;

    /// Two cells of 50 pixels across and down, two joints: the first in cell (1, 0), the second unsure in (0, 1).
    fn person(x0: f32) -> ScoreMaps {
        let heat = [0.0, 0.0, 1.0, 0.1, 0.2, 0.25, 0.0, 0.0];
        let peak = |from: (f32, f32), score| Peak { from, to: (from.0 + 3.0, from.1 - 4.0), score };
        ScoreMaps {
            region: BBox::new(x0, 0.0, x0 + 100.0, 100.0),
            candidate: None,
            names: vec!["nose".into(), "left eye".into()],
            maps: FeatureMap::from_values("heat maps", (2, 2, 2), &heat),
            peaks: vec![peak((x0 + 75.0, 25.0), 1.0), peak((x0 + 25.0, 75.0), 0.25)],
        }
    }

    fn rounded(values: impl Iterator<Item = f32>) -> Vec<f32> {
        values.map(|it| (it * 100.0).round() / 100.0).collect()
    }

    #[test]
    fn all_joints_are_the_largest_of_their_maps() {
        let person = person(0.0);
        assert_eq!(rounded(scores(&person, None)), [0.0, 1.0, 0.25, 0.0]);
        assert_eq!(rounded(scores(&person, Some(0))), [0.0, 1.0, 0.2, 0.0]);
        assert_eq!(score_at(&person, None, (0, 1)).map(|it| it.0), Some(1), "the second joint is likelier there");
        assert_eq!(score_at(&person, None, (2, 0)), None);
    }

    #[test]
    fn clicks_choose_joints_and_people() {
        let people = [person(0.0), person(200.0)];
        let view = HeatMapsView { people: &people, joint_score: 0.3, has_offsets: true };
        let mut selection = Selection::default();
        assert!(view.peak_words(&selection).is_some_and(|it| it.starts_with("1 of 2 joints have 30% or more.")));
        view.press((30.0, 70.0), 2.0, &mut selection);
        assert_eq!(selection.item, Some(1));
        let words = view.peak_words(&selection).expect("a joint");
        assert!(
            words.starts_with("left eye: 25%.") && words.contains("by 3.00 across and \u{2212}4.00 down"),
            "{words}"
        );
        assert!(words.ends_with("5.00 pixels of the photo: 0.10 of a cell."), "{words}");
        view.press((250.0, 99.0), 0.0, &mut selection);
        assert_eq!((selection.map, selection.item), (1, None));
        assert_eq!(view.rows(&selection).iter().map(|row| row.joint).collect::<Vec<_>>(), [None, Some(0), Some(1)]);
    }

    #[test]
    fn the_cell_under_the_pointer_is_read() {
        let people = [person(0.0)];
        let view = HeatMapsView { people: &people, joint_score: 0.3, has_offsets: true };
        let at = |pointed, item| view.reading(&Selection { pointed, item, ..Selection::default() });
        assert_eq!(at(Some((60.0, 10.0)), None), "Cell (1, 0): nose 100%");
        assert_eq!(at(Some((60.0, 10.0)), Some(1)), "Cell (1, 0): left eye 10%");
        assert_eq!(at(Some((160.0, 10.0)), None), "Point at the square to read a cell.");
        assert!(HeatMapsView { people: &[], ..view }.person(&Selection::default()).is_none());
    }

    #[test]
    fn maps_without_offsets_say_how_much_is_near_the_best_place() {
        let people = [person(0.0)];
        let view = HeatMapsView { people: &people, joint_score: 0.3, has_offsets: false };
        let words = view.peak_words(&Selection { item: Some(1), ..Selection::default() }).expect("a joint");
        assert!(
            words.starts_with("left eye: 25% lie within three places") && words.contains("0.10 of a place"),
            "{words}"
        );
        assert!(view.words(&Selection::default()).contains("sums to 100%"));
    }
}
