//! Non-maximum suppression of this photo's detections, step by step.

use leptos::prelude::*;
use model::structures::{
    boxes::{Candidate, Suppressed, Suppression, suppress},
    classes::coco_name,
};

use super::{Bench, Waiting};
use crate::{
    figures::{
        boxes_on_photo::{PhotoBoxes, outline},
        controls::{Range, to_try},
        setup::short,
    },
    inside::views::suppression::{Step, steps},
    palette::Palette,
};

/// What was done after some steps.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    candidates: Vec<Candidate>,
    steps: Vec<Step>,
    done: usize,
}

impl State {
    fn name(&self, index: usize) -> String {
        let Candidate { class, score, .. } = self.candidates[index];
        format!("{} {:.0}%", coco_name(class).unwrap_or("unknown"), score * 100.0)
    }

    /// The last step in words.
    fn words(&self, iou: f64) -> String {
        match self.done.checked_sub(1).map(|last| self.steps[last]) {
            None if self.steps.is_empty() => "No box is sure enough: lower the score.".into(),
            None => format!("{} boxes, the best one first.", self.steps.len()),
            Some(Step::Keep(index)) => {
                format!("{} stays: of the boxes that are left it is the best.", self.name(index))
            }
            Some(Step::Remove(it)) => {
                format!(
                    "{} goes: it overlaps {} by {:.2}, more than {iou:.2}.",
                    self.name(it.candidate),
                    self.name(it.by),
                    it.iou
                )
            }
        }
    }

    /// Kept, removed and waiting boxes after the steps done.
    fn counts(&self) -> (usize, usize, usize) {
        let kept = self.steps[..self.done].iter().filter(|it| matches!(it, Step::Keep(_))).count();
        (kept, self.done - kept, self.steps.len() - self.done)
    }

    fn draw(&self) -> AnyView {
        let palette = Palette::of(&self.candidates);
        let slot = |index: usize| Some(palette.slot(self.candidates[index].class));
        let drawn = |(at, step): (usize, &Step)| {
            let is_last = at + 1 == self.done;
            let (index, class) = match (*step, at < self.done) {
                (Step::Keep(index), true) => (index, "box-line box-kept"),
                (Step::Remove(it), true) if is_last => (it.candidate, "box-line box-now"),
                (Step::Remove(it), true) => (it.candidate, "box-line box-gone"),
                (Step::Keep(index) | Step::Remove(Suppressed { candidate: index, .. }), false) => {
                    (index, "box-line box-waiting")
                }
            };
            outline(&self.candidates[index].bbox, class, slot(index))
        };
        // What stays lies on top.
        let (kept, others): (Vec<_>, Vec<_>) =
            self.steps.iter().enumerate().partition(|it| matches!(it.1, Step::Keep(_)));
        others.into_iter().chain(kept).map(drawn).collect_view().into_any()
    }
}

/// How many numbers the answer is made of: another photo, or another score, needs another count of them.
fn numbers_words(boxes: usize) -> String {
    format!(
        "As numbers that is 4 × {boxes} = {}, and no network with a fixed count of outputs can say them.",
        4 * boxes
    )
}

/// The part of the figure.
pub fn view(bench: Bench) -> AnyView {
    let setup = bench.setup;
    let step = RwSignal::new(None::<usize>);
    let all = Memo::new(move |_| {
        let (iou, min_score) = setup.with(|it| (it.iou as f32, it.score as f32));
        let candidates = bench.detections.get().unwrap_or_default();
        let rule = Suppression { iou, min_score, ..Suppression::default() };
        (steps(&suppress(&candidates, &rule)), candidates)
    });
    let state = Memo::new(move |_| {
        let (steps, candidates) = all.get();
        let done = step.get().unwrap_or(steps.len()).min(steps.len());
        State { candidates, steps, done }
    });
    let count = Signal::derive(move || all.with(|it| it.0.len()) as f64);
    let go = move |by: isize| {
        let (done, last) = state.with_untracked(|it| (it.done, it.steps.len()));
        step.set(Some(done.saturating_add_signed(by).min(last)));
    };
    view! {
        <Waiting bench/>
        <div class="fig-photo-side">
            <PhotoBoxes handles=Signal::stored(Vec::new()) set=|_, _| {}>{move || state.with(State::draw)}</PhotoBoxes>
            <div>
                <p class="big-number" data-testid="kept">{move || state.with(|it| it.counts().0)}</p>
                <p class="fig-note" data-testid="suppression-counts">{move || {
                    let (kept, removed, waiting) = state.with(State::counts);
                    format!("{kept} stay, {removed} are gone, {waiting} wait. {}", numbers_words(kept))
                }}</p>
                <p class="fig-reading" aria-live="polite" data-testid="step-words">{move || state.with(|it| it.words(setup.with(|it| it.iou)))}</p>
                <div class="steps-row">
                    <button type="button" class="quiet" data-testid="steps-first" on:click=move |_| step.set(Some(0))>"From the start"</button>
                    <div class="steps" role="group" aria-label="Steps">
                        <button type="button" class="step-button" aria-label="Step back" on:click=move |_| go(-1)>"←"</button>
                        <button type="button" class="step-button" aria-label="Step" data-testid="steps-on" on:click=move |_| go(1)>"→"</button>
                    </div>
                </div>
                <Range id="steps" label="Steps done" limits=Signal::derive(move || (0.0, count.get())) step=1.0
                    value=Signal::derive(move || state.with(|it| it.done as f64)) words=|it| format!("{it:.0}")
                    set=move |value| step.set(Some(value as usize))/>
                <Range id="nms-iou" label="Overlap at most" limits=(0.0, 1.0) step=0.01 value=Signal::derive(move || setup.with(|it| it.iou))
                    words=short set=move |value| setup.update(|it| it.iou = value)/>
                <Range id="nms-score" label="Score at least" limits=(0.05, 1.0) step=0.01 value=Signal::derive(move || setup.with(|it| it.score))
                    words=short set=move |value| setup.update(|it| it.score = value)/>
            </div>
        </div>
        {to_try("Begin from the start and step: a box stays, then what overlaps it too much goes. Raise the overlap to 0.9 and things are \
                 counted twice; lower it to 0.1 and neighbours swallow each other.")}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    #[test]
    fn steps_are_told_and_counted() {
        let candidate =
            |x0: f32, score: f32| Candidate { bbox: BBox::new(x0, 0.0, x0 + 0.2, 0.2), class: 1, score, prior: 0 };
        let candidates = vec![candidate(0.0, 0.8), candidate(0.01, 0.9), candidate(0.5, 0.7)];
        let steps = steps(&suppress(&candidates, &Suppression::default()));
        let state = |done| State { candidates: candidates.clone(), steps: steps.clone(), done };
        assert_eq!([state(0), state(2), state(3)].map(|it| it.counts()), [(0, 0, 3), (1, 1, 1), (2, 1, 0)]);
        assert_eq!(state(2).words(0.5), "person 80% goes: it overlaps person 90% by 0.90, more than 0.50.");
        assert_eq!(State::default().words(0.5), "No box is sure enough: lower the score.");
    }
}
