//! R-FCN's score maps: one for each part of a class, and how the parts of a proposal vote.

use leptos::prelude::*;
use model::structures::{
    boxes::{BBox, Candidate, Suppression, suppress},
    classes::coco_name,
    proposal::Proposal,
    stage::{Artifact, FeatureMap, ScoreMaps},
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    choice::{Cover, ShortRow, number},
    marks::{Line, NEUTRAL, cell_box, grid, outline, whole},
    proposals::proposals_of,
    raster::{bright, cover, heat_pixels, raster},
};
use crate::{
    inside::selection::{OpenStage, Reading, Selection},
    paint::{
        pen::{Pen, Shown, Tag},
        view::hit,
    },
    palette::Palette,
};

/// The stage with the maps of parts.
pub const STAGE: &str = "part-maps";
/// Parts along each axis.
const PARTS: usize = 3;

/// The maps of the parts, and what the run found with them.
pub struct PartMapsView<'a> {
    parts: &'a [ScoreMaps],
    proposals: &'a [Proposal],
    /// The detections after suppression, best first.
    found: Vec<Candidate>,
    palette: Palette,
}

/// A detection in the list.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    index: usize,
    name: &'static str,
    percent: String,
    slot: usize,
}

impl<'a> PartMapsView<'a> {
    /// The maps of a stage.
    pub fn of(parts: &'a [ScoreMaps], it: &Reading<'a>) -> Self {
        let candidates = it.detections();
        let rule = it.settings.rule();
        let mut kept = suppress(candidates, &rule).kept;
        if kept.is_empty() {
            // How parts vote is seen on unsure detections as well.
            kept = suppress(candidates, &Suppression { min_score: 0.0, ..rule }).kept;
        }
        Self {
            parts,
            proposals: proposals_of(it).unwrap_or_default(),
            found: kept.into_iter().map(|index| candidates[index]).collect(),
            palette: Palette::of(candidates),
        }
    }

    /// The chosen detection, else the best.
    fn chosen(&self, selection: &Selection) -> Option<(usize, &Candidate, &'a Proposal)> {
        let index = selection.item.filter(|&it| it < self.found.len()).unwrap_or_default();
        let candidate = self.found.get(index)?;
        Some((index, candidate, self.proposals.get(candidate.prior as usize)?))
    }

    fn channel(&self, class: u16) -> Option<usize> {
        let name = coco_name(class)?;
        self.parts.first()?.names.iter().position(|it| it == name)
    }

    /// The mean logit of each part in its share of a proposal, by whole cells as the network pools.
    fn votes(&self, class: u16, bbox: &BBox) -> Option<Vec<f32>> {
        let channel = self.channel(class)?;
        let vote = |(part, scores): (usize, &ScoreMaps)| {
            let (map, whole) = (&scores.maps, &scores.region);
            let (rows, columns) = (
                cells(bbox.y0, bbox.y1, whole.height(), map.height, part / PARTS),
                cells(bbox.x0, bbox.x1, whole.width(), map.width, part % PARTS),
            );
            let values = rows.flat_map(|y| columns.clone().map(move |x| (x, y)));
            let values: Vec<f32> = values.filter_map(|(x, y)| map.value(channel, x, y)).collect();
            values.iter().sum::<f32>() / values.len().max(1) as f32
        };
        Some(self.parts.iter().enumerate().map(vote).collect())
    }

    fn rows(&self) -> Vec<Row> {
        let row = |(index, it): (usize, &Candidate)| Row {
            index,
            name: coco_name(it.class).unwrap_or("unknown"),
            percent: format!("{:.0}%", it.score * 100.0),
            slot: self.palette.slot(it.class),
        };
        self.found.iter().enumerate().map(row).collect()
    }
}

/// The cells of a part of a span along one axis: rounded to whole cells as R-FCN does, at least one.
fn cells(from: f32, to: f32, length: f32, count: usize, part: usize) -> std::ops::Range<usize> {
    let cell = |at: f32| (at / length.max(1.0) * count as f32).round();
    let (first, size) = (cell(from), (cell(to) - cell(from)).max(1.0) / PARTS as f32);
    let last = count.saturating_sub(1) as f32;
    let inside = |at: f32| (first + at).clamp(0.0, last) as usize;
    inside((part as f32 * size).floor())..inside(((part + 1) as f32 * size).ceil())
}

/// A channel as heat: clear for its least number, opaque for its largest.
fn heat(map: &FeatureMap, channel: usize) -> Vec<f32> {
    let cells = map.width * map.height;
    let values = map.steps.get(channel * cells..(channel + 1) * cells).unwrap_or_default();
    let (min, max) = values.iter().fold((u8::MAX, u8::MIN), |(min, max), &v| (min.min(v), max.max(v)));
    let range = f32::from(max.saturating_sub(min).max(1));
    values.iter().map(|&v| f32::from(v - min) / range).collect()
}

impl StageView for PartMapsView<'_> {
    fn words(&self, selection: &Selection) -> String {
        let Some((_, candidate, proposal)) = self.chosen(selection) else {
            return "Nine maps for each class: where its upper left would be, its upper middle, and so on. Nothing was \
                    found to vote for."
                .into();
        };
        let name = coco_name(candidate.class).unwrap_or("unknown");
        let votes = self.votes(candidate.class, &proposal.bbox).unwrap_or_default();
        let mean = votes.iter().sum::<f32>() / votes.len().max(1) as f32;
        format!(
            "Nine maps say where each part of a {name} is. Of the proposal, each ninth averages only the map of its own part, \
             and the nine votes are averaged: {}. No layer runs for the region.",
            number(mean),
        )
    }

    fn to_try(&self) -> &'static str {
        "Compare two detections of a class: the same maps serve both. Where a part is missing, its vote is low."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let Some((_, candidate, proposal)) = self.chosen(selection) else { return Ok(()) };
        let Some(channel) = self.channel(candidate.class) else { return Ok(()) };
        let photo = whole(shown);
        // The whole photo in the colours of the middle part, each ninth of the proposal in those of its own.
        if let Some(middle) = self.parts.get(PARTS * PARTS / 2) {
            let size = (middle.maps.width, middle.maps.height);
            let pixels = heat_pixels(heat(&middle.maps, channel).into_iter(), bright(pen.tokens));
            cover(pen, &shown.view, &photo, &raster(&pixels, size)?, selection.opacity * 0.5)?;
        }
        for (part, scores) in self.parts.iter().enumerate() {
            let (map, place) = (&scores.maps, (part % PARTS, part / PARTS));
            let values = heat(map, channel);
            let rows = cells(proposal.bbox.y0, proposal.bbox.y1, photo.height(), map.height, place.1);
            let columns = cells(proposal.bbox.x0, proposal.bbox.x1, photo.width(), map.width, place.0);
            let (width, height) = (columns.len(), rows.len());
            let cell = |(x, y): (usize, usize)| values.get(y * map.width + x).copied().unwrap_or_default();
            let own = rows.flat_map(|y| columns.clone().map(move |x| (x, y))).map(cell);
            let pixels = heat_pixels(own, bright(pen.tokens));
            if width > 0 && height > 0 {
                let at = cell_box(&proposal.bbox, (PARTS, PARTS), place);
                cover(pen, &shown.view, &at, &raster(&pixels, (width, height))?, selection.opacity)?;
            }
        }
        let slot = self.palette.slot(candidate.class);
        grid(pen, &shown.view, &proposal.bbox, (PARTS, PARTS))?;
        outline(pen, &shown.view, &proposal.bbox, Line { width: 3.0, ..Line::solid(slot) })?;
        outline(pen, &shown.view, &candidate.bbox, Line::dashed(NEUTRAL))?;
        let name = coco_name(candidate.class).unwrap_or("unknown").to_owned();
        let tag = Tag { bbox: proposal.bbox, number: format!("{:.0}%", candidate.score * 100.0), name, slot };
        pen.labels(&[tag], &shown.view)
    }

    fn press(&self, at: (f32, f32), slack: f32, selection: &mut Selection) {
        let boxes: Vec<_> = self.found.iter().map(|it| it.bbox).collect();
        selection.item = hit(&boxes, at, slack).or(selection.item);
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        let votes = Memo::new(move |_| {
            let read_votes = |view: &PartMapsView| {
                let selection = stage.selection();
                let (_, candidate, proposal) = view.chosen(&selection)?;
                view.votes(candidate.class, &proposal.bbox)
            };
            read(stage, read_votes).flatten().unwrap_or_default()
        });
        let rows = Memo::new(move |_| read(stage, |view| view.rows()).unwrap_or_default());
        view! {
            <Show when=move || !votes.with(Vec::is_empty)>
                <h3 class="block-title">"The votes of the nine parts"</h3>
                <ol class="part-votes" data-testid="part-votes">
                    {move || votes.get().into_iter().map(|vote| view! { <li>{number(vote)}</li> }).collect_view()}
                </ol>
            </Show>
            <ol class="short-rows">{move || rows.get().into_iter().map(|row| view! { <ShortRow id="voted" colour=row.slot name=row.name value=row.percent
                    chosen=move || stage.selection().item.unwrap_or_default() == row.index
                    press=move || stage.choose(|it| it.item = Some(row.index))/> }).collect_view()}</ol>
            <Cover stage/>
        }
        .into_any()
    }
}

fn read<T>(stage: OpenStage, read: impl FnOnce(&PartMapsView) -> T) -> Option<T> {
    let with = |it: &Reading| match it.artifact {
        Artifact::ScoreMaps(parts) => Some(read(&PartMapsView::of(parts, it))),
        _ => None,
    };
    stage.reading(with).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_part_votes_with_its_own_map() {
        let photo = BBox::new(0.0, 0.0, 70.0, 70.0);
        let part = |value: usize| ScoreMaps {
            region: photo,
            candidate: None,
            names: vec!["dog".into()],
            maps: FeatureMap::from_values("part", (7, 7, 1), &[value as f32; 49]),
            peaks: vec![],
        };
        let parts: Vec<_> = (0..9).map(part).collect();
        let proposals = [Proposal { bbox: BBox::new(0.0, 0.0, 60.0, 60.0), score: 0.9, anchor: None }];
        let found = vec![Candidate { bbox: proposals[0].bbox, class: 18, score: 0.8, prior: 0 }];
        let view = PartMapsView { parts: &parts, proposals: &proposals, found, palette: Palette::default() };
        let votes = view.votes(18, &proposals[0].bbox).expect("a dog has maps");
        assert_eq!(votes, (0..9).map(|part| part as f32).collect::<Vec<_>>());
        assert!(view.words(&Selection::default()).contains("averaged: 4.00"), "{}", view.words(&Selection::default()));
        // Six cells, two for each part.
        assert_eq!([0, 1, 2].map(|part| cells(0.0, 60.0, 70.0, 7, part)), [0..2, 2..4, 4..6]);
    }
}
