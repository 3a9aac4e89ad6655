//! Corrected boxes before suppression: how many, and which default box each comes from.

use leptos::prelude::*;
use model::structures::{
    boxes::{BBox, Candidate},
    classes::coco_name,
    proposal::Proposal,
    stage::{Anchors, Artifact},
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    choice::ToggledRow,
    marks::{Line, NEUTRAL, connect, outline},
    proposals::{anchors_of, proposals_of},
};
use crate::{
    adjust::ScoreSlider,
    findings::counted,
    inside::selection::{OpenStage, Reading, Selection},
    paint::{
        pen::{Pen, Shown, Tag},
        view::hit,
    },
    palette::Palette,
};

/// Boxes that are listed.
const LISTED: usize = 40;

/// Scored boxes before suppression, under the visitor's score.
pub struct DetectionsView<'a> {
    candidates: &'a [Candidate],
    anchors: Option<&'a Anchors>,
    /// What the boxes were corrected from, where a first stage proposed them.
    proposals: Option<&'a [Proposal]>,
    palette: Palette,
    score: f32,
}

/// A box in the list.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    index: usize,
    name: &'static str,
    percent: String,
    slot: usize,
}

impl<'a> DetectionsView<'a> {
    /// The detections of a run.
    pub fn of(it: &Reading<'a>) -> Self {
        let candidates = match it.artifact {
            Artifact::Detections(found) => found,
            _ => it.detections(),
        };
        let (anchors, proposals) = (anchors_of(it), proposals_of(it));
        Self { candidates, anchors, proposals, palette: Palette::of(candidates), score: it.settings.score }
    }

    /// Those that count, best first.
    fn counted(&self) -> Vec<usize> {
        let mut best: Vec<usize> =
            (0..self.candidates.len()).filter(|&index| self.candidates[index].score >= self.score).collect();
        best.sort_by(|&a, &b| self.candidates[b].score.total_cmp(&self.candidates[a].score));
        best
    }

    fn rows(&self) -> Vec<Row> {
        let row = |index: usize| {
            let Candidate { class, score, .. } = self.candidates[index];
            Row {
                index,
                name: coco_name(class).unwrap_or("unknown"),
                percent: percent(score),
                slot: self.palette.slot(class),
            }
        };
        self.counted().into_iter().take(LISTED).map(row).collect()
    }

    fn chosen(&self, selection: &Selection) -> Option<(usize, &Candidate)> {
        let index = selection.item?;
        self.candidates.get(index).filter(|it| it.score >= self.score).map(|it| (index, it))
    }

    /// The proposal that a box was corrected from, where a first stage proposed it.
    fn proposal(&self, candidate: &Candidate) -> Option<&'a Proposal> {
        self.proposals?.get(candidate.prior as usize)
    }

    /// What a box was corrected from, the last before first: the proposal, and the anchor of that.
    fn before(&self, candidate: &Candidate) -> Vec<BBox> {
        let Some(proposal) = self.proposal(candidate) else {
            return self.anchors.and_then(|it| it.bbox(candidate.prior as usize)).into_iter().collect();
        };
        let anchor = proposal.anchor.and_then(|anchor| self.anchors?.bbox(anchor as usize));
        std::iter::once(proposal.bbox).chain(anchor).collect()
    }

    /// The way from an anchor over a proposal to a box, in words.
    fn corrections_in_words(&self, candidate: &Candidate, proposal: &Proposal) -> String {
        let size = |bbox: &BBox| format!("{:.0} × {:.0}", bbox.width(), bbox.height());
        let anchor = proposal.anchor.and_then(|anchor| self.anchors?.bbox(anchor as usize));
        let first = anchor.map_or_else(String::new, |anchor| {
            let (size, overlap) = (size(&anchor), anchor.iou(&proposal.bbox));
            format!("an anchor of {size} pixels, whose first correction (overlap {overlap:.2}) is ")
        });
        // Proposals of Selective Search have neither anchors nor an objectness.
        let sure = anchor.map_or_else(String::new, |_| format!(", {:.0}% object", proposal.score * 100.0));
        let second = if anchor.is_some() { "second " } else { "" };
        format!(
            "From {first}proposal {} of {} pixels{sure}; the {second}correction makes it {} pixels (overlap {:.2}).",
            candidate.prior + 1,
            size(&proposal.bbox),
            size(&candidate.bbox),
            proposal.bbox.iou(&candidate.bbox),
        )
    }

    /// Where the chosen box comes from, in words.
    fn origin(&self, selection: &Selection) -> Option<String> {
        let (_, candidate) = self.chosen(selection)?;
        if let Some(proposal) = self.proposal(candidate) {
            return Some(self.corrections_in_words(candidate, proposal));
        }
        let prior = candidate.prior as usize;
        let before = self.anchors.and_then(|it| it.bbox(prior));
        let Some(before) = before else { return Some(format!("From default box {prior}.")) };
        let (width, height) = (candidate.bbox.width() / before.width(), candidate.bbox.height() / before.height());
        Some(format!(
            "From default box {prior} of {:.0} × {:.0} pixels; the correction makes it {:.2} times as wide and {:.2} times as \
             high. Their overlap is {:.2}.",
            before.width(),
            before.height(),
            width,
            height,
            before.iou(&candidate.bbox),
        ))
    }
}

impl StageView for DetectionsView<'_> {
    fn words(&self, _: &Selection) -> String {
        let counted = self.counted();
        if counted.is_empty() {
            return format!("No box has {} or more: lower the score.", percent(self.score));
        }
        let mut classes: Vec<(u16, usize)> = Vec::new();
        for &index in &counted {
            let class = self.candidates[index].class;
            match classes.iter_mut().find(|it| it.0 == class) {
                Some(it) => it.1 += 1,
                None => classes.push((class, 1)),
            }
        }
        let named = classes.iter().map(|&(class, count)| self::counted(count, coco_name(class).unwrap_or("unknown")));
        let boxes = if counted.len() == 1 { "1 box has".into() } else { format!("{} boxes have", counted.len()) };
        format!(
            "{boxes} {} or more: {}. Several of them say the same thing.",
            percent(self.score),
            named.collect::<Vec<_>>().join(", "),
        )
    }

    fn to_try(&self) -> &'static str {
        match self.proposals {
            Some(_) if self.anchors.is_some() => {
                "Click a box and follow it back: the anchor, its first correction, the second one, the class."
            }
            Some(_) => "Click a box and follow it back to the proposal that was corrected to it.",
            None if self.anchors.is_none() => {
                "Lower the score and watch what comes: each box came from one cell, and no other network has looked again."
            }
            None => {
                "Lower the score and watch where boxes gather; click one to see the default box that it grew out of."
            }
        }
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let chosen = self.chosen(selection);
        for &index in self.counted().iter().rev() {
            let Candidate { bbox, class, .. } = &self.candidates[index];
            let alpha = if chosen.is_none_or(|(it, _)| it == index) { 1.0 } else { 0.2 };
            outline(pen, &shown.view, bbox, Line::solid(self.palette.slot(*class)).faint(alpha))?;
        }
        let Some((_, candidate)) = chosen else { return Ok(()) };
        let slot = self.palette.slot(candidate.class);
        let mut after = candidate.bbox;
        for before in self.before(candidate) {
            outline(pen, &shown.view, &before, Line::dashed(NEUTRAL))?;
            connect(pen, &shown.view, before.centre(), after.centre(), Line::solid(slot))?;
            after = before;
        }
        let name = coco_name(candidate.class).unwrap_or("unknown").to_owned();
        let tag = Tag { bbox: candidate.bbox, number: percent(candidate.score), name, slot };
        pen.labels(&[tag], &shown.view)
    }

    fn press(&self, at: (f32, f32), slack: f32, selection: &mut Selection) {
        let counted = self.counted();
        let boxes: Vec<_> = counted.iter().map(|&index| self.candidates[index].bbox).collect();
        let pressed = hit(&boxes, at, slack).map(|place| counted[place]);
        selection.item = pressed.filter(|_| pressed != selection.item);
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        let rows = Memo::new(move |_| stage.reading(|it| DetectionsView::of(it).rows()).unwrap_or_default());
        let more = move || {
            let more =
                stage.reading(|it| DetectionsView::of(it).counted().len()).unwrap_or_default().saturating_sub(LISTED);
            (more > 0).then(|| format!("and {more} less sure ones"))
        };
        let origin = move || stage.reading(|it| DetectionsView::of(it).origin(&stage.selection())).flatten();
        view! {
            <p class="stage-reading" data-testid="origin" aria-live="polite">
                {move || origin().unwrap_or_else(|| "Click a box to see where it comes from.".into())}
            </p>
            <ScoreSlider/>
            <ol class="short-rows">{move || rows.get().into_iter().map(|row| view! { <ToggledRow id="box" colour=row.slot name=row.name value=row.percent item=row.index stage/> }).collect_view()}</ol>
            <p class="field-hint">{more}</p>
        }
        .into_any()
    }
}

fn percent(score: f32) -> String {
    format!("{:.0}%", score * 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(x0: f32, class: u16, score: f32) -> Candidate {
        Candidate { bbox: BBox::new(x0, 0.0, x0 + 10.0, 20.0), class, score, prior: 0 }
    }

    #[test]
    fn boxes_above_the_score_are_counted_and_one_is_chosen_by_a_click() {
        let candidates = [candidate(0.0, 1, 0.6), candidate(50.0, 18, 0.9), candidate(90.0, 1, 0.3)];
        let anchors = Anchors { boxes: vec![0.0, 0.0, 5.0, 10.0], ..Anchors::default() };
        let palette = Palette::of(&candidates);
        let view =
            DetectionsView { candidates: &candidates, anchors: Some(&anchors), proposals: None, palette, score: 0.5 };
        let mut selection = Selection::default();
        assert_eq!(
            view.words(&selection),
            "2 boxes have 50% or more: 1 dog, 1 person. Several of them say the same thing."
        );
        view.press((5.0, 5.0), 0.0, &mut selection);
        assert_eq!(selection.item, Some(0));
        let origin = view.origin(&selection).expect("a box is chosen");
        assert!(origin.contains("5 × 10 pixels") && origin.contains("2.00 times as wide"), "{origin}");
        view.press((5.0, 5.0), 0.0, &mut selection);
        assert_eq!(selection.item, None, "a second click lets go");
        view.press((95.0, 5.0), 0.0, &mut selection);
        assert_eq!(selection.item, None, "not sure enough");
    }

    #[test]
    fn a_box_is_followed_back_over_its_proposal_to_its_anchor() {
        let candidates = [candidate(0.0, 18, 0.9)];
        let anchors = Anchors { boxes: vec![0.0, 0.0, 5.0, 10.0], ..Anchors::default() };
        let proposals = [Proposal { bbox: BBox::new(0.0, 0.0, 10.0, 10.0), score: 0.8, anchor: Some(0) }];
        let palette = Palette::of(&candidates);
        let view = DetectionsView {
            candidates: &candidates,
            anchors: Some(&anchors),
            proposals: Some(&proposals),
            palette,
            score: 0.5,
        };
        assert_eq!(view.before(&candidates[0]), [proposals[0].bbox, BBox::new(0.0, 0.0, 5.0, 10.0)]);
        let origin = view.origin(&Selection { item: Some(0), ..Selection::default() }).expect("a box is chosen");
        assert!(
            origin.contains("5 × 10 pixels") && origin.contains("makes it 10 × 20 pixels (overlap 0.50)"),
            "{origin}"
        );
    }
}
