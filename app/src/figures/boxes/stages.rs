//! A single shot's boxes beside the proposals of a first stage, and what a second stage makes of them (01:04 of the lecture).

use leptos::prelude::*;
use model::{
    catalog::{PROPOSALS, System},
    structures::{
        boxes::{BBox, Candidate, Suppression, suppress},
        proposal::Proposal,
        stage::Artifact,
    },
};

use super::{Bench, Waiting};
use crate::{
    figures::{
        boxes_on_photo::{PhotoBoxes, label, outline},
        controls::{Range, to_try},
        setup::short,
        svg::colour,
    },
    inside::views::choice::{Switch, number},
    state::{use_actions, use_result},
};

/// The slots of the single shot's boxes, of proposals, and of what the second stage makes of them.
const SHOT: usize = 1;
const FIRST: usize = 4;
const SECOND: usize = 0;
/// Boxes of each kind that can be drawn.
const COUNTS: (f64, f64) = (1.0, 100.0);
/// From this overlap on a proposal is on a thing.
const ON: f32 = 0.5;

/// What both systems say of the photo, boxes in fractions of it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Both {
    /// The single shot's corrected default boxes that were sure enough, best first.
    shot: Vec<Candidate>,
    /// The first stage's proposals, best first.
    proposals: Vec<BBox>,
    /// The second stage's detections after suppression; each one's prior is its proposal.
    second: Vec<Candidate>,
}

impl Both {
    fn new(mut shot: Vec<Candidate>, proposals: &[Proposal], second: &[Candidate], min_score: f32) -> Self {
        shot.retain(|it| it.score >= min_score);
        shot.sort_by(|a, b| b.score.total_cmp(&a.score));
        let kept = suppress(second, &Suppression { min_score, ..Suppression::default() }).kept;
        Self {
            shot,
            proposals: proposals.iter().map(|it| it.bbox).collect(),
            second: kept.into_iter().map(|index| second[index]).collect(),
        }
    }

    /// How many things of the second stage lie under the first proposals.
    fn covered(&self, count: usize) -> usize {
        let first = &self.proposals[..count.min(self.proposals.len())];
        self.second.iter().filter(|it| first.iter().any(|proposal| proposal.iou(&it.bbox) >= ON)).count()
    }

    /// How far the second correction moves the middle of a box in the mean, in pixels; `None` without a detection.
    fn moved(&self, (width, height): (f32, f32)) -> Option<f32> {
        let moved = self.second.iter().filter_map(|it| {
            let ((x, y), from) = (it.bbox.centre(), self.proposals.get(it.prior as usize)?.centre());
            Some(((x - from.0) * width).hypot((y - from.1) * height))
        });
        let moved: Vec<f32> = moved.collect();
        (!moved.is_empty()).then(|| moved.iter().sum::<f32>() / moved.len() as f32)
    }

    fn words(&self, count: usize, photo: (f32, f32)) -> String {
        let things = self.second.len();
        let moved = self.moved(photo).map_or_else(String::new, |it| {
            format!(" Its correction moves the middle of a box by {} pixels in the mean.", number(it))
        });
        format!(
            "A single shot says class and box at once: {} of its boxes are sure enough, before suppression. The first stage says only object or \
             not: {} proposals. Of the {things} things that the second stage makes of them, {} lie under the first {count}.{moved}",
            self.shot.len(),
            self.proposals.len(),
            self.covered(count),
        )
    }
}

/// What Faster R-CNN found: proposals and detections in fractions of the photo; `None` until it has run.
fn two_stages(bench: Bench) -> Memo<Option<(Vec<Proposal>, Vec<Candidate>)>> {
    let (result, actions) = (use_result(), use_actions());
    let found = Memo::new(move |_| {
        let (width, height) = bench.photo.get();
        result.results.with(|all| {
            let run = &all.finished(System::FasterRcnn)?.run;
            let Artifact::Proposals(proposals) = run.stage(PROPOSALS.key)?.artifact.as_ref()? else { return None };
            let part = |bbox: &BBox| bbox.scale(1.0 / width, 1.0 / height);
            let proposals = proposals.iter().map(|it| Proposal { bbox: part(&it.bbox), ..*it }).collect();
            Some((proposals, run.detections()?.iter().map(|it| Candidate { bbox: part(&it.bbox), ..*it }).collect()))
        })
    });
    Effect::new(move |_| {
        let is_free = result.is_done() && !result.engine.busy.get() && bench.detections.with(Option::is_some);
        if is_free && found.with(Option::is_none) {
            actions.run_beside(System::FasterRcnn);
        }
    });
    found
}

/// The part of the figure.
pub fn view(bench: Bench) -> AnyView {
    let (setup, found) = (bench.setup, two_stages(bench));
    let count = Memo::new(move |_| setup.with(|it| it.count));
    let has_second = Memo::new(move |_| setup.with(|it| it.second));
    let both = Memo::new(move |_| {
        let min_score = setup.with(|it| it.score as f32);
        let (shot, (proposals, second)) = (bench.detections.get()?, found.get()?);
        Some(Both::new(shot, &proposals, &second, min_score))
    });
    let drawing = move || {
        let (count, has_second) = (count.get(), has_second.get());
        both.with(|both| {
            let it = both.as_ref()?;
            let shot = it.shot.iter().take(count).map(|it| outline(&it.bbox, "box-line", Some(SHOT))).collect_view();
            let first = it.proposals.iter().take(count).map(|it| outline(it, "box-line region-rounded", Some(FIRST)));
            let first = if has_second { None } else { Some(first.collect_view()) };
            let second = it.second.iter().filter(|_| has_second);
            let second = second.map(|it| outline(&it.bbox, "box-line box-kept", Some(SECOND))).collect_view();
            Some(view! { {shot}{first}{second} }.into_any())
        })
    };
    let labels = Signal::derive(move || {
        both.with(|both| {
            both.iter().filter(|_| has_second.get()).flat_map(|it| &it.second).map(label).collect::<Vec<_>>()
        })
    });
    let waiting = move || {
        let is_waiting = bench.detections.with(Option::is_some) && found.with(Option::is_none);
        is_waiting.then_some("Faster R-CNN is being loaded and looks at the photo.")
    };
    let key = |slot: usize, name: &'static str| {
        view! { <span class="fig-key"><span class="loss-key" style:--box=colour(slot) aria-hidden="true"></span>{name}</span> }
    };
    view! {
        <Waiting bench/>
        <p class="fig-note" role="status" data-testid="stages-waiting">{waiting}</p>
        <div class="fig-photo-side">
            <PhotoBoxes handles=Signal::stored(Vec::new()) labels set=|_, _| {}>{drawing}</PhotoBoxes>
            <div>
                <p class="fig-note">{key(SHOT, "SSD's boxes")}{key(FIRST, "the first stage's proposals")}{key(SECOND, "the second stage")}</p>
                <Switch id="second-stage" label="Second stage" on=has_second set=move |on| setup.update(|it| it.second = on)/>
                <Range id="shown-boxes" label="Boxes of each kind, best first" limits=COUNTS step=1.0 words=|it| format!("{it:.0}")
                    value=Signal::derive(move || count.get() as f64) set=move |value| setup.update(|it| it.count = value as usize)/>
                <Range id="stages-score" label="Score at least" limits=(0.05, 1.0) step=0.01 value=Signal::derive(move || setup.with(|it| it.score))
                    words=short set=move |value| setup.update(|it| it.score = value)/>
                <p class="fig-reading" aria-live="polite" data-testid="stages-words">{move || both.with(|it| it.as_ref().map(|it| it.words(count.get(), bench.photo.get())))}</p>
                <div class="fig-table"><table class="loss-table">
                    <caption class="visually-hidden">"The two side by side"</caption>
                    <thead><tr><td></td><th scope="col">"single shot"</th><th scope="col">"first stage"</th></tr></thead>
                    <tbody>
                        <tr><th scope="row">"boxes on grids"</th><td>"1,917 on six"</td><td>"21,294 on three"</td></tr>
                        <tr><th scope="row">"says of each"</th><td>"80 classes, 4 offsets"</td><td>"object or not, 4 offsets"</td></tr>
                        <tr><th scope="row">"then"</th><td>"suppression"</td><td>"a head for each region"</td></tr>
                    </tbody>
                </table></div>
            </div>
        </div>
        {to_try("Both lay boxes on grids and correct each of them once. Look at the proposals first: they have no class. Then switch the second stage \
                 on: each region is read once more, gets its class and a second correction, and what is no object goes.")}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_stage_is_told_by_its_proposals() {
        let bbox = |x0: f32| BBox::new(x0, 0.0, x0 + 0.2, 0.5);
        let proposal = |x0: f32| Proposal { bbox: bbox(x0), score: 1.0, anchor: None };
        let candidate = |x0: f32, score: f32, prior: u32| Candidate { bbox: bbox(x0), class: 18, score, prior };
        let second = [candidate(0.05, 0.9, 0), candidate(0.55, 0.8, 1), candidate(0.8, 0.01, 0)];
        let shot = vec![candidate(0.0, 0.4, 3), candidate(0.5, 0.7, 4), candidate(0.1, 0.1, 5)];
        let both = Both::new(shot, &[proposal(0.0), proposal(0.5)], &second, 0.3);
        assert_eq!((both.shot.len(), both.shot[0].score, both.second.len()), (2, 0.7, 2));
        assert_eq!([0, 1, 2, 9].map(|count| both.covered(count)), [0, 1, 2, 2]);
        assert!((both.moved((100.0, 100.0)).expect("two detections") - 5.0).abs() < 1e-3);
        let words = both.words(1, (100.0, 100.0));
        assert!(
            words.contains("2 of its boxes")
                && words.contains("Of the 2 things")
                && words.contains("1 lie under the first 1")
        );
        assert_eq!(Both::default().moved((1.0, 1.0)), None);
    }
}
