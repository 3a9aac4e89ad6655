//! Non-maximum suppression step by step: the best box stays and removes what overlaps it too much, then the next.

use leptos::prelude::*;
use leptos_use::use_interval_fn;
use model::structures::{
    boxes::{Candidate, Suppressed, SuppressionTrace, suppress},
    classes::coco_name,
    stage::Artifact,
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    marks::{Line, NEUTRAL, outline},
};
use crate::{
    adjust::AdjustBoxes,
    inside::selection::{OpenStage, Reading, Selection},
    paint::pen::{Pen, Shown, Tag},
    palette::Palette,
    settings::Settings,
};

/// Milliseconds of a step while playing.
const STEP_MS: u64 = 900;

/// A step of suppression.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// The best box that is left stays: an index into the candidates.
    Keep(usize),
    /// It removes another that overlaps it too much.
    Remove(Suppressed),
}

/// The steps of greedy suppression: each survivor, best first, followed by what it removes.
pub fn steps(trace: &SuppressionTrace) -> Vec<Step> {
    let removed_by = |by: usize| trace.suppressed.iter().filter(move |it| it.by == by).map(|&it| Step::Remove(it));
    trace.kept.iter().flat_map(|&kept| std::iter::once(Step::Keep(kept)).chain(removed_by(kept))).collect()
}

/// Suppression under the visitor's settings.
pub struct SuppressionView<'a> {
    candidates: &'a [Candidate],
    steps: Vec<Step>,
    palette: Palette,
    settings: &'a Settings,
}

impl<'a> SuppressionView<'a> {
    /// Suppresses the detections of a run.
    pub fn of(it: &Reading<'a>) -> Self {
        let candidates = match it.artifact {
            Artifact::Detections(found) => &found[..],
            _ => it.detections(),
        };
        let steps = steps(&suppress(candidates, &it.settings.rule()));
        Self { candidates, steps, palette: Palette::of(candidates), settings: it.settings }
    }

    fn done(&self, selection: &Selection) -> usize {
        selection.step.unwrap_or(self.steps.len()).min(self.steps.len())
    }

    fn name(&self, index: usize) -> String {
        let Candidate { class, score, .. } = self.candidates[index];
        format!("{} {:.0}%", coco_name(class).unwrap_or("unknown"), score * 100.0)
    }

    /// The last step that is done, in words.
    fn step_words(&self, selection: &Selection) -> String {
        let done = self.done(selection);
        match done.checked_sub(1).map(|last| self.steps[last]) {
            None if self.steps.is_empty() => "No box is sure enough: lower the score.".into(),
            None => format!("{} boxes, best first. Press Step.", self.steps.len()),
            Some(Step::Keep(index)) => format!("{} stays: no better box is left.", self.name(index)),
            Some(Step::Remove(Suppressed { candidate, by, iou })) => format!(
                "{} removes {}: they overlap by {iou:.2}, more than {:.2}.",
                self.name(by),
                self.name(candidate),
                self.settings.iou,
            ),
        }
    }

    fn tag(&self, index: usize, number: String) -> Tag {
        let Candidate { bbox, class, .. } = self.candidates[index];
        Tag { bbox, number, name: self.name(index), slot: self.palette.slot(class) }
    }
}

impl StageView for SuppressionView<'_> {
    fn words(&self, _: &Selection) -> String {
        let kept = self.steps.iter().filter(|it| matches!(it, Step::Keep(_))).count();
        let removed = self.steps.len() - kept;
        let things = |count: usize, one: &str, many: &str| {
            if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
        };
        format!(
            "Of {} with {:.0}% or more, {} and {} too much with a better one.",
            things(self.steps.len(), "box", "boxes"),
            self.settings.score * 100.0,
            things(kept, "stays", "stay"),
            things(removed, "overlaps", "overlap"),
        )
    }

    fn to_try(&self) -> &'static str {
        "Raise the overlap to 90% and a thing is counted twice; lower it to 10% and neighbours swallow each other."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let done = self.done(selection);
        let (past, waiting) = self.steps.split_at(done);
        let view = &shown.view;
        let bbox = |index: usize| &self.candidates[index].bbox;
        let slot = |index: usize| self.palette.slot(self.candidates[index].class);
        for step in waiting.iter().rev() {
            let (Step::Keep(index) | Step::Remove(Suppressed { candidate: index, .. })) = *step;
            outline(pen, view, bbox(index), Line { width: 1.25, ..Line::solid(slot(index)) }.faint(0.65))?;
        }
        for step in past {
            if let Step::Remove(Suppressed { candidate, .. }) = *step {
                outline(pen, view, bbox(candidate), Line::dashed(NEUTRAL).faint(0.55))?;
            }
        }
        let mut tags = Vec::new();
        let mut kept = 0;
        for step in past {
            if let Step::Keep(index) = *step {
                kept += 1;
                outline(pen, view, bbox(index), Line::solid(slot(index)))?;
                tags.push(self.tag(index, kept.to_string()));
            }
        }
        // While stepping, the two boxes of the step stand out.
        if let (Some(_), Some(&Step::Remove(Suppressed { candidate, by, iou }))) = (selection.step, past.last()) {
            outline(pen, view, bbox(by), Line { width: 3.5, ..Line::solid(slot(by)) })?;
            outline(pen, view, bbox(candidate), Line { width: 3.0, ..Line::dashed(slot(candidate)) })?;
            tags.retain(|tag| tag.bbox == *bbox(by));
            tags.push(Tag { name: format!("overlap {iou:.2}"), ..self.tag(candidate, "out".into()) });
        }
        pen.labels(&tags, view)
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        view! {
            <Steps stage/>
            <AdjustBoxes/>
        }
        .into_any()
    }
}

/// Play, pause, step and what the step did.
#[component]
fn Steps(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let read = move |selection: Selection| {
        stage.reading(|it| {
            let view = SuppressionView::of(it);
            (view.done(&selection), view.steps.len(), view.step_words(&selection))
        })
    };
    let state = Memo::new(move |_| read(stage.selection()).unwrap_or_default());
    let playing = RwSignal::new(false);
    let set = move |step: usize| stage.choose(|it| it.step = Some(step));
    let on = move || {
        let (done, count, _) = state.get_untracked();
        if done >= count { playing.set(false) } else { set(done + 1) }
    };
    use_interval_fn(
        move || {
            if playing.get_untracked() {
                on();
            }
        },
        STEP_MS,
    );
    let play = move |_| {
        let (done, count, _) = state.get_untracked();
        if !playing.get_untracked() && done >= count {
            set(0);
        }
        playing.update(|it| *it = !*it);
    };
    let by_hand = move |step: usize| {
        playing.set(false);
        set(step);
    };
    view! {
        <section class="suppression-steps" data-testid="steps" data-done=move || state.get().0 data-count=move || state.get().1>
            <p class="stage-reading" data-testid="step-words" aria-live="polite">{move || state.get().2}</p>
            <div class="steps-row">
                <button type="button" class="quiet" data-testid="steps-play" on:click=play>
                    {move || if playing.get() { "Pause" } else { "Play" }}
                </button>
                <div class="steps" role="group" aria-label="Steps">
                    <button type="button" class="step-button" aria-label="First step" data-testid="steps-first" on:click=move |_| by_hand(0)>"|←"</button>
                    <button type="button" class="step-button" aria-label="Step back" data-testid="steps-back"
                        on:click=move |_| by_hand(state.get_untracked().0.saturating_sub(1))>"←"</button>
                    <button type="button" class="step-button" aria-label="Step" data-testid="steps-on"
                        on:click=move |_| { playing.set(false); on(); }>"→"</button>
                </div>
                <p class="field-hint">{move || { let (done, count, _) = state.get(); format!("step {done} of {count}") }}</p>
            </div>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::{BBox, Suppression};

    use super::*;

    fn candidate(x0: f32, score: f32, prior: u32) -> Candidate {
        Candidate { bbox: BBox::new(x0, 0.0, x0 + 10.0, 10.0), class: 1, score, prior }
    }

    #[test]
    fn every_survivor_is_followed_by_what_it_removes_and_nothing_is_lost() {
        let boxes = [candidate(0.0, 0.7, 0), candidate(50.0, 0.9, 1), candidate(1.0, 0.8, 2), candidate(51.0, 0.6, 3)];
        let trace = suppress(&boxes, &Suppression::default());
        let steps = steps(&trace);
        let told: Vec<_> = steps
            .iter()
            .map(|step| match *step {
                Step::Keep(index) => (index, None),
                Step::Remove(it) => (it.candidate, Some(it.by)),
            })
            .collect();
        assert_eq!(told, [(1, None), (3, Some(1)), (2, None), (0, Some(2))]);
        assert_eq!(steps.len(), trace.kept.len() + trace.suppressed.len());
    }

    #[test]
    fn steps_follow_the_settings_and_a_step_that_is_gone_is_the_last() {
        let boxes = [candidate(0.0, 0.9, 0), candidate(1.0, 0.8, 1), candidate(50.0, 0.55, 2)];
        let view = |settings: &Settings, selection: &Selection| {
            let (steps, palette) = (steps(&suppress(&boxes, &settings.rule())), Palette::default());
            // Leaked by intention: tests only.
            let settings: &'static Settings = Box::leak(Box::new(settings.clone()));
            let view = SuppressionView { candidates: &boxes, steps, palette, settings };
            (view.done(selection), view.words(selection), view.step_words(selection))
        };
        let second = Selection { step: Some(2), ..Selection::default() };
        let (done, words, step) = view(&Settings::default(), &second);
        assert_eq!(words, "Of 3 boxes with 50% or more, 2 stay and 1 overlaps too much with a better one.");
        assert_eq!((done, step.as_str()), (2, "person 90% removes person 80%: they overlap by 0.82, more than 0.50."));
        let strict = Settings { score: 0.85, ..Settings::default() };
        let (done, words, step) = view(&strict, &second);
        assert_eq!((done, step.as_str()), (1, "person 90% stays: no better box is left."));
        assert_eq!(words, "Of 1 box with 85% or more, 1 stays and 0 overlap too much with a better one.");
        assert_eq!(view(&Settings { score: 0.95, ..strict }, &second).2, "No box is sure enough: lower the score.");
    }
}
