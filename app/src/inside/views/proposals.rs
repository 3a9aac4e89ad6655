//! Region proposals over the photo: the best so many of them, which anchor one comes from, and how well they cover what
//! was found.

use leptos::prelude::*;
use model::structures::{
    boxes::{Candidate, suppress},
    classes::coco_name,
    proposal::Proposal,
    stage::{Anchors, Artifact},
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    choice::{Choice, ToggledRow, number, thousands},
    marks::{Line, NEUTRAL, outline},
};
use crate::{
    findings::counted,
    inside::selection::{OpenStage, Reading, Selection},
    paint::{
        pen::{Pen, Shown, Tag},
        view::hit,
    },
    palette::Palette,
};

/// Numbers of proposals to choose from.
const NUMBERS: [usize; 7] = [1, 10, 30, 100, 300, 1000, 2000];
/// The one that is shown first: more would hide the photo.
const USUAL: usize = 1;
/// Overlap from which a proposal covers an object, as in the measure of recall.
const COVERS: f32 = 0.5;

/// Proposals, best first.
pub struct ProposalsView<'a> {
    proposals: &'a [Proposal],
    anchors: Option<&'a Anchors>,
    /// The run's detections after suppression, best first, by the visitor's settings.
    found: Vec<Candidate>,
    palette: Palette,
}

/// A detection with the proposal that covers it best.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    name: String,
    slot: usize,
    proposal: usize,
    overlap: f32,
}

impl<'a> ProposalsView<'a> {
    /// The proposals of a stage.
    pub fn of(proposals: &'a [Proposal], it: &Reading<'a>) -> Self {
        let candidates = it.detections();
        let kept = suppress(candidates, &it.settings.rule()).kept;
        Self {
            proposals,
            anchors: anchors_of(it),
            found: kept.into_iter().map(|index| candidates[index]).collect(),
            palette: Palette::of(candidates),
        }
    }

    /// The numbers to choose from: up to the first that shows all.
    fn numbers(&self) -> Vec<usize> {
        let all = self.proposals.len();
        let mut numbers: Vec<usize> = NUMBERS.into_iter().filter(|&number| number < all).collect();
        numbers.push(all);
        numbers
    }

    fn shown(&self, selection: &Selection) -> &'a [Proposal] {
        let numbers = self.numbers();
        let at = selection.step.unwrap_or(USUAL).min(numbers.len() - 1);
        &self.proposals[..numbers[at]]
    }

    /// The proposal among the shown ones that overlaps a detection most.
    fn rows(&self, selection: &Selection) -> Vec<Row> {
        let shown = self.shown(selection);
        let row = |found: &Candidate| {
            let overlaps = shown.iter().map(|it| it.bbox.iou(&found.bbox)).enumerate();
            let (proposal, overlap) = overlaps.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
            let name = coco_name(found.class).unwrap_or("unknown").to_owned();
            Some(Row { name, slot: self.palette.slot(found.class), proposal, overlap })
        };
        self.found.iter().filter_map(row).collect()
    }

    fn chosen(&self, selection: &Selection) -> Option<(usize, &'a Proposal)> {
        let index = selection.item?;
        self.shown(selection).get(index).map(|it| (index, it))
    }

    /// Where the chosen proposal comes from, in words.
    fn origin(&self, selection: &Selection) -> Option<String> {
        let (index, proposal) = self.chosen(selection)?;
        let Some(anchor) = proposal.anchor.map(|it| it as usize) else {
            return Some(format!("Proposal {} of the ranking: no network has looked at it yet.", index + 1));
        };
        let rank = format!("Proposal {}: {:.0}% sure that it holds an object.", index + 1, proposal.score * 100.0);
        let before = self.anchors.and_then(|it| Some((it.bbox(anchor)?, it.correction(anchor)?)));
        let Some((before, [dx, dy, dw, dh])) = before else { return Some(rank) };
        Some(format!(
            "{rank} From an anchor of {:.0} × {:.0} pixels (dashed) by the first correction: dx {}, dy {}, dw {}, dh {}.",
            before.width(),
            before.height(),
            number(dx),
            number(dy),
            number(dw),
            number(dh),
        ))
    }
}

/// The anchors of a run.
pub fn anchors_of<'a>(it: &Reading<'a>) -> Option<&'a Anchors> {
    it.run.artifacts().find_map(|it| if let Artifact::Anchors(it) = it { Some(it) } else { None })
}

/// The proposals of a run.
pub fn proposals_of<'a>(it: &Reading<'a>) -> Option<&'a [Proposal]> {
    it.run.artifacts().find_map(|it| if let Artifact::Proposals(it) = it { Some(&it[..]) } else { None })
}

impl StageView for ProposalsView<'_> {
    fn words(&self, selection: &Selection) -> String {
        if self.proposals.is_empty() {
            return "There is no proposal: the photo is too small or of one colour.".into();
        }
        let (shown, rows) = (self.shown(selection).len(), self.rows(selection));
        let from = self.anchors.map_or_else(String::new, |it| format!(" of {} anchors", thousands(it.len() as f64)));
        let all = counted(self.proposals.len(), "proposal");
        let covered = rows.iter().filter(|row| row.overlap >= COVERS).count();
        let covers = match rows.len() {
            0 => String::new(),
            things => format!(" The best {shown} cover {covered} of the {} that were found.", counted(things, "thing")),
        };
        if self.anchors.is_none() {
            return format!("{all}, without any class: places where an object might be.{covers}");
        }
        format!("{all}{from}, without any class: only how likely an object is there.{covers}")
    }

    fn to_try(&self) -> &'static str {
        if self.anchors.is_none() {
            return "Choose 10, then 100: how many does it take until each thing is covered?";
        }
        "Choose 10, then 100: how many proposals does it take until each thing is covered? Click one to see its anchor."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let chosen = self.chosen(selection);
        let list = self.shown(selection);
        let crowded = if list.len() > 100 { 0.25 } else { 0.7 };
        let alpha = if chosen.is_some() { 0.12 } else { crowded };
        for proposal in list.iter().rev() {
            outline(pen, &shown.view, &proposal.bbox, Line { width: 1.25, ..Line::solid(NEUTRAL) }.faint(alpha))?;
        }
        let Some((_, proposal)) = chosen else { return Ok(()) };
        if let Some(before) = proposal.anchor.and_then(|anchor| self.anchors?.bbox(anchor as usize)) {
            outline(pen, &shown.view, &before, Line::dashed(NEUTRAL))?;
        }
        let row = self.rows(selection).into_iter().find(|row| Some(row.proposal) == selection.item);
        let slot = row.as_ref().map_or(NEUTRAL, |row| row.slot);
        outline(pen, &shown.view, &proposal.bbox, Line { width: 3.0, ..Line::solid(slot) })?;
        let rank = selection.item.map(|it| (it + 1).to_string()).unwrap_or_default();
        let number = if proposal.anchor.is_some() { format!("{:.0}%", proposal.score * 100.0) } else { rank };
        let tag = Tag { bbox: proposal.bbox, number, name: row.map(|row| row.name).unwrap_or_default(), slot };
        pen.labels(&[tag], &shown.view)
    }

    fn press(&self, at: (f32, f32), slack: f32, selection: &mut Selection) {
        let boxes: Vec<_> = self.shown(selection).iter().map(|it| it.bbox).collect();
        let pressed = hit(&boxes, at, slack);
        selection.item = pressed.filter(|_| pressed != selection.item);
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        let numbers = Signal::derive(move || {
            let words = |view: &ProposalsView| view.numbers().into_iter().map(|it| it.to_string()).collect();
            read(stage, words).unwrap_or_default()
        });
        let chosen = Signal::derive(move || {
            let last = numbers.with(Vec::len).saturating_sub(1);
            stage.selection().step.unwrap_or(USUAL).min(last)
        });
        let origin = move || read(stage, |view| view.origin(&stage.selection())).flatten();
        let rows = Memo::new(move |_| read(stage, |view| view.rows(&stage.selection())).unwrap_or_default());
        view! {
            <Choice id="proposals" label="How many, best first" options=numbers chosen
                choose=move |at| stage.choose(|it| (it.step, it.item) = (Some(at), None))/>
            <p class="stage-reading" data-testid="origin" aria-live="polite">
                {move || origin().unwrap_or_else(|| "Click a proposal to see where it comes from.".into())}
            </p>
            <Show when=move || !rows.with(Vec::is_empty)>
                <h3 class="block-title">"The best proposal for each thing, and their overlap"</h3>
            </Show>
            <ol class="short-rows">{move || rows.get().into_iter().map(|row| view! {
                <ToggledRow id="covered" colour=row.slot name=row.name value=format!("{:.2}", row.overlap) item=row.proposal stage/>
            }).collect_view()}</ol>
        }
        .into_any()
    }
}

fn read<T>(stage: OpenStage, read: impl FnOnce(&ProposalsView) -> T) -> Option<T> {
    let with = |it: &Reading| match it.artifact {
        Artifact::Proposals(proposals) => Some(read(&ProposalsView::of(proposals, it))),
        _ => None,
    };
    stage.reading(with).flatten()
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    fn proposal(x0: f32, score: f32) -> Proposal {
        Proposal { bbox: BBox::new(x0, 0.0, x0 + 10.0, 10.0), score, anchor: Some(0) }
    }

    #[test]
    fn things_are_covered_by_the_best_of_those_on_show() {
        let proposals: Vec<_> = (0..20).map(|i| proposal(i as f32 * 20.0, 0.9)).collect();
        let bbox = BBox::new(300.0, 0.0, 310.0, 20.0);
        let found = vec![Candidate { bbox, class: 18, score: 0.9, prior: 15 }];
        let view = ProposalsView { proposals: &proposals, anchors: None, found, palette: Palette::default() };
        assert_eq!(view.numbers(), [1, 10, 20]);
        let mut selection = Selection::default();
        assert_eq!((view.shown(&selection).len(), view.rows(&selection)[0].overlap), (10, 0.0));
        selection.step = Some(9);
        let rows = view.rows(&selection);
        assert_eq!((view.shown(&selection).len(), rows[0].proposal, rows[0].overlap), (20, 15, 0.5));
        assert!(view.words(&selection).contains("cover 1 of the 1 thing"), "{}", view.words(&selection));
        view.press((305.0, 5.0), 0.0, &mut selection);
        assert_eq!(view.chosen(&selection).map(|it| it.0), Some(15));
    }
}
