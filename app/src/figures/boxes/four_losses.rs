//! The four losses of Faster R-CNN on one true box: of its anchor's objectness and correction, and of the proposal's class and second
//! correction (Ren et al. 2015, sections 3.1.2 and 3.2).

use leptos::prelude::*;
use model::{
    catalog::{ANCHORS, System},
    figures::losses::{Regression, cross_entropy},
    structures::{
        boxes::{BBox, BoxCoding},
        classes::COCO,
        question::{Question, RegionClasses},
        stage::{Anchors, Artifact},
    },
};

use super::{Bench, TRUTH, feature_gradient};
use crate::{
    figures::{
        answers::{answers, background, region},
        boxes_on_photo::{Handle, PhotoBoxes, outline},
        controls::to_try,
        svg::colour,
    },
    state::{use_actions, use_result},
};

const SYSTEM: System = System::FasterRcnn;
/// The slots of the anchor, of the proposal and of the last box.
const ANCHOR: usize = 5;
pub const PROPOSAL: usize = 1;
pub const LAST: usize = 3;
/// The loss of each number of a correction, as the network was trained.
const LOSS: Regression = Regression::SmoothL1 { bend: 1.0 };
/// How the numbers of a correction are scaled, as the network was trained.
const CODING: BoxCoding = BoxCoding::SSD;

/// The anchor that overlaps the true box most, with what the proposal network says of it. Boxes are in fractions of the photo.
#[derive(Clone, Debug, PartialEq)]
struct Best {
    anchor: BBox,
    iou: f32,
    objectness: f32,
    proposal: BBox,
}

impl Best {
    fn of(anchors: &Anchors, truth: &BBox, (width, height): (f32, f32)) -> Option<Self> {
        let in_photo = truth.scale(width, height);
        let overlap = |index: usize| anchors.bbox(index).map_or(0.0, |it| it.iou(&in_photo));
        let index = (0..anchors.len()).max_by(|&a, &b| overlap(a).total_cmp(&overlap(b)))?;
        let fractions = |it: BBox| it.scale(1.0 / width, 1.0 / height);
        Some(Self {
            anchor: fractions(anchors.bbox(index)?),
            iou: overlap(index),
            objectness: anchors.top(index).next()?.1,
            proposal: fractions(anchors.corrected(index)?),
        })
    }
}

/// The four losses.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Losses {
    objectness: f64,
    anchor: f64,
    class: f64,
    region: f64,
}

/// The loss of a box beside the true one, both as corrections of the same box.
fn box_loss(found: &BBox, truth: &BBox, from: &BBox) -> f64 {
    let (found, truth) = (CODING.encode(found, from), CODING.encode(truth, from));
    found.into_iter().zip(truth).map(|(a, b)| LOSS.loss(f64::from(a) - f64::from(b))).sum()
}

impl Losses {
    fn of(best: &Best, said: &RegionClasses, class: usize, truth: &BBox) -> Option<Self> {
        Some(Self {
            objectness: cross_entropy(f64::from(best.objectness)),
            anchor: box_loss(&best.proposal, truth, &best.anchor),
            class: cross_entropy(f64::from(*said.probabilities.get(class)?)),
            region: box_loss(&said.corrected?, truth, &best.proposal),
        })
    }

    const fn all(self) -> [(&'static str, f64, usize); 4] {
        [
            ("Object or not", self.objectness, ANCHOR),
            ("First correction", self.anchor, PROPOSAL),
            ("Class", self.class, TRUTH),
            ("Second correction", self.region, LAST),
        ]
    }
}

/// The likeliest class that is not the background.
fn likeliest(said: &RegionClasses) -> usize {
    said.best(2).into_iter().map(|it| it.0).find(|&it| it != background(SYSTEM)).unwrap_or_default()
}

/// What the proposal network says of all anchors.
fn anchors() -> Memo<Option<Anchors>> {
    let (result, actions) = (use_result(), use_actions());
    let found = Memo::new(move |_| {
        result.results.with(|all| match all.finished(SYSTEM)?.run.stage(ANCHORS.key)?.artifact.as_ref()? {
            Artifact::Anchors(anchors) => Some(anchors.clone()),
            _ => None,
        })
    });
    Effect::new(move |_| {
        if result.is_done() && found.with(Option::is_none) {
            actions.open_beside(SYSTEM);
        }
    });
    found
}

/// The part of the figure.
pub fn view(bench: Bench) -> AnyView {
    let setup = bench.setup;
    let anchors = anchors();
    let best = Memo::new(move |_| {
        let (truth, photo) = (setup.with(|it| it.truth), bench.photo.get());
        anchors.with(|all| all.as_ref().and_then(|all| Best::of(all, &truth, photo)))
    });
    let questions = Memo::new(move |_| {
        best.with(|it| it.iter().map(|it| (SYSTEM, Question::Regions(vec![it.proposal]))).collect::<Vec<_>>())
    });
    let known = answers(questions.into());
    let said = Memo::new(move |_| known.with(|known| region(known, SYSTEM, None)));
    let true_class =
        Memo::new(move |_| setup.with(|it| it.class).or_else(|| said.with(|it| it.as_ref().map(likeliest))));
    let class = Memo::new(move |_| true_class.get().unwrap_or_default());
    let proposal = Memo::new(move |_| best.with(|best| best.as_ref().map(|it| it.proposal)));
    let losses = Memo::new(move |_| {
        let truth = setup.with(|it| it.truth);
        best.with(|best| said.with(|said| Losses::of(best.as_ref()?, said.as_ref()?, class.get(), &truth)))
    });
    let handles =
        Signal::derive(move || vec![Handle { bbox: setup.with(|it| it.truth), slot: TRUTH, name: "True box" }]);
    let drawing = move || {
        let last = said.with(|it| it.as_ref().and_then(|it| it.corrected));
        best.with(|it| {
            it.as_ref().map(|it| {
                view! {
                    {outline(&it.anchor, "box-line box-found", Some(ANCHOR))}
                    {outline(&it.proposal, "box-line box-found", Some(PROPOSAL))}
                    {last.map(|last| outline(&last, "box-line", Some(LAST)))}
                }
            })
        })
    };
    let waiting = move || losses.with(Option::is_none).then_some("Faster R-CNN is looking at the photo.");
    let option = move |(index, name): (usize, &'static str)| {
        view! { <option value=index.to_string() selected=move || class.get() == index>{name}</option> }
    };
    let classes = COCO.iter().enumerate().map(|(index, it)| (index, it.1));
    view! {
        <p class="fig-note" role="status" data-testid="waiting">{waiting}</p>
        <div class="fig-photo-side">
            <div>
                <PhotoBoxes handles set=move |_, bbox| setup.update(|it| it.truth = bbox)>{drawing}</PhotoBoxes>
                <p class="fig-note">"Dashed: the anchor that overlaps the true box most, and the proposal that its correction makes of it. Solid: the \
                    last box."</p>
                <div class="fig-choices">
                    <label class="field-label" for="true-class">"True class"</label>
                    <select id="true-class" class="select" data-testid="true-class" on:change=move |event| {
                        let chosen = event_target_value(&event).parse().ok();
                        setup.update(|it| it.class = chosen);
                    }>{classes.map(option).collect_view()}</select>
                </div>
            </div>
            <div>
                {move || losses.get().map(bars)}
                <p class="fig-reading" aria-live="polite" data-testid="losses-words">{move || {
                    let class = COCO.get(class.get()).map_or("", |it| it.1);
                    best.with(|best| losses.get().zip(best.as_ref()).map(|(losses, best)| words(losses, best, class)))
                }}</p>
            </div>
        </div>
        {feature_gradient::view(bench, proposal, true_class)}
        {to_try("Drag the true box to an empty place: the anchor there is sure that it is no object, and its loss grows. Choose a wrong class: only the \
                 third bar moves. All four are added up in training, each with a weight of its own.")}
    }
    .into_any()
}

fn bars(losses: Losses) -> AnyView {
    let all = losses.all();
    let most = all.iter().map(|it| it.1).fold(f64::MIN_POSITIVE, f64::max);
    let bar = |(name, value, slot): (&'static str, f64, usize)| {
        view! {
            <div class="area-row time-row" data-testid="four-loss" data-value=value.to_string()>
                <dt>{name}</dt>
                <dd>
                    <span class="area-bar" style:--part=format!("{:.4}", value / most) style:--fill=colour(slot)></span>
                    <span class="area-number">{format!("{value:.3}")}</span>
                </dd>
            </div>
        }
    };
    view! { <dl class="areas" aria-label="The four losses">{all.map(bar).collect_view()}</dl> }.into_any()
}

fn words(losses: Losses, best: &Best, class: &str) -> String {
    let sum: f64 = losses.all().iter().map(|it| it.1).sum();
    format!(
        "The best of all anchors overlaps the true box by {:.2}. The proposal network says object with {:.3}: a loss of −log {:.3} = {:.3}, without \
         a word about classes. The second stage pays {:.3} for the class \"{class}\". All four together: {sum:.3}.",
        best.iou, best.objectness, best.objectness, losses.objectness, losses.class,
    )
}

#[cfg(test)]
mod tests {
    use model::structures::stage::AnchorGrid;

    use super::*;

    fn two_anchors() -> Anchors {
        Anchors {
            grids: vec![AnchorGrid { width: 2, height: 1, per_cell: 1 }],
            boxes: vec![0.0, 0.0, 40.0, 40.0, 50.0, 10.0, 90.0, 50.0],
            corrections: vec![0.0; 8],
            corrected: vec![0.0, 0.0, 40.0, 40.0, 50.0, 10.0, 98.0, 50.0],
            classes: vec![0; 6],
            scores: vec![0.5, 0.0, 0.0, 0.8, 0.0, 0.0],
        }
    }

    #[test]
    fn the_anchor_that_overlaps_most_pays() {
        let truth = BBox::new(0.5, 0.1, 0.98, 0.5);
        let best = Best::of(&two_anchors(), &truth, (100.0, 100.0)).expect("two anchors");
        assert!((best.objectness - 0.8).abs() < 1e-6 && best.iou > 0.8 && best.proposal.iou(&truth) > 0.999);
        let mut said = RegionClasses { probabilities: vec![0.0; 81], corrected: Some(truth) };
        (said.probabilities[17], said.probabilities[80]) = (0.25, 0.75);
        assert_eq!(likeliest(&said), 17);
        let losses = Losses::of(&best, &said, 17, &truth).expect("it has both");
        assert!((losses.objectness + 0.8_f64.ln()).abs() < 1e-6 && (losses.class - 4_f64.ln()).abs() < 1e-6);
        assert!(losses.anchor < 1e-6 && losses.region < 1e-6, "both corrections are right: {losses:?}");
        // Half a width to the right is 10 x 0.5 in the coding, beyond the bend.
        let moved = BBox::new(0.74, 0.1, 1.22, 0.5);
        assert!((box_loss(&moved, &truth, &best.proposal) - 4.5).abs() < 1e-4);
        assert!(words(losses, &best, "horse").contains("for the class \"horse\""));
    }
}
