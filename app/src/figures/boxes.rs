//! The figure about boxes: their overlap, and what is decided by it (00:53, 01:00 and 01:04 of the lecture).

mod anchors;
mod feature_gradient;
mod four_losses;
mod overlap;
mod precision;
mod setup;
mod stages;
mod suppression;

use leptos::prelude::*;
use model::{
    catalog::System,
    structures::boxes::{BBox, Candidate},
};

use self::setup::{Part, Setup};
use super::{controls::part_choice, setup::kept};
use crate::state::{use_actions, use_photo, use_result};

/// The slot of the true box's colour.
const TRUTH: usize = 0;

/// What the parts of the figure share: copies share it.
#[derive(Clone, Copy)]
pub struct Bench {
    /// What is set.
    setup: RwSignal<Setup>,
    /// SSD's detections on the photo before suppression, boxes in fractions of the photo; `None` until they are there.
    detections: Memo<Option<Vec<Candidate>>>,
    /// Pixels of the photo across and down.
    photo: Memo<(f32, f32)>,
}

impl Bench {
    fn new() -> Self {
        let (photo, result, actions) = (use_photo(), use_result(), use_actions());
        actions.view.needs_network.set(true);
        let size = Memo::new(move |_| {
            let size = photo.size();
            (size.width.max(1.0), size.height.max(1.0))
        });
        let detections = Memo::new(move |_| {
            let (width, height) = size.get();
            result.results.with(|all| {
                let found = all.finished(System::Ssd)?.run.detections()?.to_vec();
                let scaled = |it: Candidate| Candidate { bbox: it.bbox.scale(1.0 / width, 1.0 / height), ..it };
                Some(found.into_iter().map(scaled).collect())
            })
        });
        // The address may have asked for another task, which does not need SSD's boxes.
        Effect::new(move |_| {
            if result.is_done() && detections.with(Option::is_none) {
                actions.run_beside(System::Ssd);
            }
        });
        let setup = kept(Setup::read, Setup::write);
        // To begin with the boxes are those of the photo's best detection.
        Effect::new(move |_| {
            let best = detections.with(|all| all.as_deref().and_then(best_of));
            if let (Some(best), true) = (best, setup.with_untracked(Setup::has_usual_boxes)) {
                setup.update(|it| it.begin_with(best));
            }
        });
        Self { setup, detections, photo: size }
    }

    /// An area in pixels of the photo.
    fn pixels(self, area: f32) -> f64 {
        let (width, height) = self.photo.get();
        f64::from(area) * f64::from(width) * f64::from(height)
    }
}

/// The figure on the photo on show.
pub fn view() -> AnyView {
    let bench = Bench::new();
    let part = Memo::new(move |_| bench.setup.with(|it| it.part));
    view! {
        {part_choice(&Part::ALL, Part::title, part, move |part| bench.setup.update(|it| it.part = part))}
        {move || match part.get() {
            Part::Overlap => overlap::view(bench),
            Part::Suppression => suppression::view(bench),
            Part::Anchors => anchors::view(bench),
            Part::Stages => stages::view(bench),
            Part::Losses => four_losses::view(bench),
            Part::Precision => precision::view(bench),
        }}
    }
    .into_any()
}

/// The box of the surest detection.
fn best_of(detections: &[Candidate]) -> Option<BBox> {
    detections.iter().max_by(|a, b| a.score.total_cmp(&b.score)).map(|it| it.bbox)
}

/// Says what is missing while there are no detections.
#[component]
fn Waiting(
    /// The figure.
    bench: Bench,
) -> impl IntoView {
    let result = use_result();
    let words = move || match bench.detections.with(Option::is_none) {
        true if result.engine.stopped.get() => "The network does not run: reload the page, then open the figure again.",
        true => "SSD is looking at the photo.",
        false => "",
    };
    view! { <p class="fig-note" role="status" data-testid="waiting">{words}</p> }
}
