//! Average precision of this photo as its detections are taken one by one.

use leptos::prelude::*;
use model::{
    figures::precision::{Point, average_precision, curve},
    structures::{
        boxes::{Candidate, Suppression, suppress},
        classes::coco_name,
    },
};

use super::{Bench, Waiting};
use crate::figures::{
    boxes_on_photo::{PhotoBoxes, named, outline},
    controls::{Range, to_try},
    svg::plot,
};

/// Detections with a lower score are not asked about.
const MIN_SCORE: f32 = 0.1;
/// The most detections that are asked about.
const MAX_DETECTIONS: usize = 14;
/// To begin with, detections of at least this score count as right.
const SURE: f32 = 0.5;

/// What the visitor says of the detections.
#[derive(Clone, Debug, Default, PartialEq)]
struct Judged {
    detections: Vec<Candidate>,
    is_right: Vec<bool>,
    missed: usize,
    taken: usize,
}

impl Judged {
    fn average_precision(&self) -> Option<f64> {
        average_precision(&self.is_right, self.missed, self.taken)
    }

    /// The last detection taken, in words.
    fn words(&self) -> String {
        let points = curve(&self.is_right, self.missed);
        let Some(last) = self.taken.checked_sub(1).filter(|&it| it < points.len()) else {
            return "No detection is taken yet: precision and recall have no value.".into();
        };
        let Point { recall, precision } = points[last];
        let right = self.is_right[..=last].iter().filter(|&&it| it).count();
        let Candidate { class, score, .. } = self.detections[last];
        format!(
            "{} {:.0}% is {}. Of {} taken {right} are right: precision {precision:.2}. Of {} things {right} are found: recall {recall:.2}.",
            coco_name(class).unwrap_or("unknown"),
            score * 100.0,
            if self.is_right[last] { "right" } else { "wrong" },
            last + 1,
            self.is_right.iter().filter(|&&it| it).count() + self.missed,
        )
    }

    fn draw_curve(&self) -> AnyView {
        let points: Vec<(f64, f64)> =
            curve(&self.is_right, self.missed)[..self.taken].iter().map(|it| (it.recall, it.precision)).collect();
        let class = |right: bool| if right { "plot-right" } else { "plot-wrong" };
        let marked: Vec<_> = points.iter().copied().zip(self.is_right.iter().map(|&it| class(it))).collect();
        plot("recall", "precision", &points, &marked)
    }

    /// The numbers of the detections, at their upper left corners.
    fn labels(&self) -> Vec<(f32, f32, String)> {
        let label =
            |(index, it): (usize, &Candidate)| (it.bbox.x0.max(0.0), it.bbox.y0.max(0.0), (index + 1).to_string());
        self.detections.iter().enumerate().take(self.taken).map(label).collect()
    }

    fn draw_boxes(&self) -> AnyView {
        let drawn = |(index, it): (usize, &Candidate)| {
            let class = match (index < self.taken, self.is_right[index]) {
                (false, _) => "box-line box-waiting-plain",
                (true, true) => "box-line box-right",
                (true, false) => "box-line box-wrong",
            };
            outline(&it.bbox, class, None)
        };
        self.detections.iter().enumerate().rev().map(drawn).collect_view().into_any()
    }
}

/// The part of the figure.
pub fn view(bench: Bench) -> AnyView {
    let detections = Memo::new(move |_| {
        let all = bench.detections.get().unwrap_or_default();
        let kept = suppress(&all, &Suppression { min_score: MIN_SCORE, ..Suppression::default() }).kept;
        kept.into_iter().take(MAX_DETECTIONS).map(|index| all[index]).collect::<Vec<_>>()
    });
    let ticks = RwSignal::new(None::<Vec<bool>>);
    let (missed, taken) = (RwSignal::new(0_usize), RwSignal::new(None::<usize>));
    Effect::new(move |_| {
        detections.track(); // another photo: its detections are judged anew
        ticks.set(None);
        taken.set(None);
        missed.set(0);
    });
    let judged = Memo::new(move |_| {
        let detections = detections.get();
        let usual = || detections.iter().map(|it| it.score >= SURE).collect::<Vec<_>>();
        let is_right = ticks.get().filter(|it| it.len() == detections.len()).unwrap_or_else(usual);
        let taken = taken.get().unwrap_or(detections.len()).min(detections.len());
        Judged { is_right, missed: missed.get(), taken, detections }
    });
    let item = move |index: usize| {
        let name = move || judged.with(|it| it.detections.get(index).map(named));
        let is_right = move || judged.with(|it| it.is_right.get(index).copied().unwrap_or_default());
        let is_taken = move || judged.with(|it| index < it.taken);
        let tick = move |_| {
            let mut all = judged.with_untracked(|it| it.is_right.clone());
            if let Some(it) = all.get_mut(index) {
                *it = !*it;
            }
            ticks.set(Some(all));
        };
        view! {
            <li>
                <label class="judge" data-taken=move || is_taken().to_string()>
                    <input type="checkbox" data-testid="judge" prop:checked=is_right on:change=tick/>
                    <span class="judge-number" aria-hidden="true">{index + 1}</span>
                    <span>{name}</span>
                </label>
            </li>
        }
    };
    let count = Memo::new(move |_| judged.with(|it| it.detections.len()));
    let ap = move || judged.with(|it| it.average_precision().map_or_else(|| "–".to_owned(), |it| format!("{it:.2}")));
    view! {
        <Waiting bench/>
        <div class="fig-photo-side">
            <div>
                <PhotoBoxes handles=Signal::stored(Vec::new()) set=|_, _| {} labels=Signal::derive(move || judged.with(Judged::labels))>
                    {move || judged.with(Judged::draw_boxes)}
                </PhotoBoxes>
                <fieldset class="judges">
                    <legend class="field-label">"Right, as you see it"</legend>
                    <ol>{move || (0..count.get()).map(item).collect_view()}</ol>
                </fieldset>
            </div>
            <div>
                <p class="big-number" data-testid="ap" data-value=move || judged.with(|it| it.average_precision().unwrap_or_default().to_string())>{ap}</p>
                <p class="fig-note">"Average precision, as PASCAL VOC 2007 measures it, over all classes at once"</p>
                <svg class="plot" viewBox="0 0 100 100" role="img" aria-label=move || judged.with(Judged::words)>{move || judged.with(Judged::draw_curve)}</svg>
                <p class="fig-reading" aria-live="polite" data-testid="ap-words">{move || judged.with(Judged::words)}</p>
                <Range id="taken" label="Detections taken, best first" limits=Signal::derive(move || (0.0, count.get() as f64)) step=1.0
                    value=Signal::derive(move || judged.with(|it| it.taken as f64)) words=|it| format!("{it:.0}")
                    set=move |value| taken.set(Some(value as usize))/>
                <Range id="missed" label="Things that no detection has found" limits=(0.0, 10.0) step=1.0
                    value=Signal::derive(move || missed.get() as f64) words=|it| format!("{it:.0}") set=move |value| missed.set(value as usize)/>
            </div>
        </div>
        {to_try("Take one detection after the other: recall only grows, precision falls at each wrong one. Call the best detection wrong, then \
                 the last one, and compare what it costs.")}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    #[test]
    fn what_is_taken_is_told() {
        let candidate = |score: f32| Candidate { bbox: BBox::default(), class: 1, score, prior: 0 };
        let judged = Judged {
            detections: vec![candidate(0.9), candidate(0.4)],
            is_right: vec![true, false],
            missed: 1,
            taken: 2,
        };
        assert_eq!(
            judged.words(),
            "person 40% is wrong. Of 2 taken 1 are right: precision 0.50. Of 2 things 1 are found: recall 0.50."
        );
        assert!(Judged { taken: 0, ..judged.clone() }.words().starts_with("No detection"));
        let ap = judged.average_precision().expect("there are things to find");
        assert!((ap - 6.0 / 11.0).abs() < 1e-9, "{ap}");
    }
}
