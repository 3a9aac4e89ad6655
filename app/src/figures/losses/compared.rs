//! Heads that were trained with other weights of the box, and one with a box for each class, on the photo on show.

use leptos::prelude::*;
use model::{
    catalog::System,
    figures::heads::{Heads, Truth},
    structures::{boxes::BBox, location::CLASSES, question::Question},
};

use super::shared::{LOSS, all_heads, bbox_of, said};
use crate::figures::{answers::answers, boxes_on_photo::outline};

/// How many classes are listed with their boxes.
const LIKELIEST: usize = 6;
/// The slot of the box of the chosen class.
const CHOSEN: usize = 6;

/// The heads, once a visitor has asked for them: copies share them.
#[derive(Clone, Copy)]
pub struct Compared {
    truth: Memo<Option<Truth>>,
    wanted: RwSignal<bool>,
    heads: Memo<Vec<Heads>>,
    /// The class whose box is drawn; until one is chosen the likeliest.
    class: RwSignal<Option<usize>>,
}

impl Compared {
    /// None are asked for yet.
    ///
    /// # Arguments
    /// * `truth` - the true class and box, once they are known.
    /// * `is_free` - whether the figure's other question is answered.
    pub fn new(truth: Memo<Option<Truth>>, is_free: Signal<bool>) -> Self {
        let wanted = RwSignal::new(false);
        let known = answers(Signal::derive(move || {
            let asks = wanted.get() && is_free.get();
            asks.then_some((System::Localize, Question::ComparedHeads)).into_iter().collect()
        }));
        Self {
            truth,
            wanted,
            heads: Memo::new(move |_| known.with(|known| all_heads(known))),
            class: RwSignal::new(None),
        }
    }

    /// The head with a box for each class.
    pub fn per_class(self) -> Option<Heads> {
        self.heads.with(|all| all.iter().find(|it| it.boxes() > 1).cloned())
    }

    /// The box of the chosen class.
    pub fn outline(self) -> Option<AnyView> {
        let ranked = self.per_class()?.ranked();
        let chosen = self.class.get();
        let (.., corners) = ranked.iter().find(|it| chosen.is_none_or(|class| it.0 == class))?;
        Some(outline(&bbox_of(corners), "box-line", Some(CHOSEN)))
    }

    /// What they say, or a button that asks them.
    pub fn view(self) -> AnyView {
        let is_there = move || self.heads.with(|all| !all.is_empty());
        view! {
            <h2 class="fig-name">"Heads that were trained with other weights"</h2>
            <Show when=is_there fallback=move || self.ask()>
                {move || self.weights_table()}
                {move || self.classes_table()}
            </Show>
        }
        .into_any()
    }

    fn ask(self) -> impl IntoView {
        let words = move || {
            if self.wanted.get() {
                "They are being fetched and asked."
            } else {
                "Five further heads, 3 MB, on this photo."
            }
        };
        view! {
            <div class="fig-presets">
                <button type="button" class="fig-preset" data-testid="compare-heads" disabled=move || self.wanted.get()
                    on:click=move |_| self.wanted.set(true)>"Ask them"</button>
            </div>
            <p class="fig-note" role="status">{words}</p>
        }
    }

    /// The heads on this photo, a row each.
    fn weights_table(self) -> Option<AnyView> {
        let truth = self.truth.get()?;
        let row = |heads: &Heads| {
            let it = heads.pull(&heads.vector, &truth, LOSS);
            let overlap = bbox_of(&it.corners).iou(&bbox_of(&truth.corners));
            let boxes = if heads.boxes() > 1 { "a class" } else { "one" };
            view! {
                <tr data-testid="weight-row" data-weight=heads.box_weight.to_string() data-boxes=heads.boxes().to_string()>
                    <th scope="row">{heads.box_weight.to_string()}</th>
                    <td>{boxes}</td>
                    <td>{said(&it.probabilities)}</td>
                    <td>{format!("{overlap:.2}")}</td>
                    <td>{format!("{:.3}", it.class_loss + heads.box_weight * it.box_loss)}</td>
                    <td>{heads.right.map(|it| format!("{:.1}%", it * 100.0))}</td>
                </tr>
            }
        };
        let rows = self.heads.with(|all| all.iter().map(row).collect_view());
        Some(
            view! {
                <div class="fig-table"><table class="loss-table">
                    <caption>"Trained with other weights of the box, on this photo"</caption>
                    <thead><tr>
                        <th scope="col">"weight"</th><th scope="col">"boxes"</th><th scope="col">"says"</th><th scope="col">"IoU"</th>
                        <th scope="col">"its own loss"</th><th scope="col">"right on dev"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table></div>
                <p class="fig-note">"Their own losses cannot be compared: the weight is in them. “Right on dev” can: the share of the photos that no \
                    head has seen in which class and box (IoU ≥ 0.5) are right."</p>
            }
            .into_any(),
        )
    }

    /// The likeliest classes with the box that each of them has.
    fn classes_table(self) -> Option<AnyView> {
        let (ranked, truth) = (self.per_class()?.ranked(), self.truth.get()?);
        let first = ranked.first()?.0;
        let row = |&(class, probability, corners): &(usize, f64, [f64; 4])| {
            let bbox: BBox = bbox_of(&corners);
            let is_chosen = move || (self.class.get().unwrap_or(first) == class).to_string();
            let name = CLASSES.get(class).copied().unwrap_or_default();
            view! {
                <tr data-testid="class-box" data-class=name>
                    <th scope="row">
                        <button type="button" class="fig-preset" aria-pressed=is_chosen on:click=move |_| self.class.set(Some(class))>{name}</button>
                    </th>
                    <td>{format!("{:.1}%", probability * 100.0)}</td>
                    {[bbox.x0, bbox.y0, bbox.x1, bbox.y1].map(|it| view! { <td>{format!("{it:.2}")}</td> }).collect_view()}
                    <td>{format!("{:.2}", bbox.iou(&bbox_of(&truth.corners)))}</td>
                </tr>
            }
        };
        // The last class is none of the others: it has no box.
        let things = ranked.iter().filter(|it| it.0 + 1 < CLASSES.len()).take(LIKELIEST);
        Some(
            view! {
                <div class="fig-table"><table class="loss-table">
                    <caption>"With a box for each class: choose one"</caption>
                    <thead><tr>
                        <th scope="col">"class"</th><th scope="col">"probability"</th><th scope="col">"left"</th><th scope="col">"top"</th>
                        <th scope="col">"right"</th><th scope="col">"bottom"</th><th scope="col">"IoU"</th>
                    </tr></thead>
                    <tbody>{things.map(row).collect_view()}</tbody>
                </table></div>
                <p class="fig-note">"It answers with all its boxes at once; the class head chooses which of them counts. In training only the box of \
                    the true class learns from a photo."</p>
            }
            .into_any(),
        )
    }
}
