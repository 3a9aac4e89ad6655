//! Which way the two losses pull the vector that both heads share, and where steps of training bring it.

use std::time::Duration;

use leptos::{leptos_dom::helpers::IntervalHandle, prelude::*};
use model::{
    catalog::System,
    figures::{
        heads::{Heads, Pull, Truth},
        losses::Regression,
    },
    structures::{
        boxes::BBox,
        location::CLASSES,
        question::{Answer, Question},
    },
};

use super::{
    FOUND, TRUTH,
    gradients::bars,
    setup::{BEND, Setup},
};
use crate::figures::{
    answers::{Answered, answers},
    boxes_on_photo::outline,
    controls::Range,
    svg::curve_plot,
};

/// The slot of the box that the steps have moved.
const MOVED: usize = 4;
/// Milliseconds from one step to the next while training runs.
const PACE: Duration = Duration::from_millis(40);
/// Steps after which training ends by itself.
const MAX_STEPS: usize = 300;
/// The loss of each number of the box, as the network was trained.
pub(super) const LOSS: Regression = Regression::SmoothL1 { bend: BEND };
/// Learning rates that can be chosen, as powers of ten.
const RATES: (f64, f64) = (-3.0, 0.5);
/// The learning rate to begin with, as a power of ten.
const RATE: f64 = -1.0;

/// Where steps of training have brought the vector.
#[derive(Clone, Debug, Default, PartialEq)]
struct Trail {
    vector: Vec<f64>,
    /// Both losses before the first step and after each, that of the box not weighted.
    losses: Vec<(f64, f64)>,
}

/// The heads of the photo with what is true of it: copies share it.
#[derive(Clone, Copy)]
pub struct Shared {
    setup: RwSignal<Setup>,
    truth: Memo<Option<Truth>>,
    heads: Memo<Option<Heads>>,
    trail: RwSignal<Trail>,
    timer: StoredValue<Option<IntervalHandle>>,
    runs: RwSignal<bool>,
    rate: RwSignal<f64>,
}

/// All heads that were answered.
pub(super) fn all_heads(known: &[Answered]) -> Vec<Heads> {
    match known.first().map(|it| &it.answer) {
        Some(Answer::Heads(heads)) => heads.iter().map(Heads::from).collect(),
        _ => Vec::new(),
    }
}

impl Shared {
    /// Asks for the heads.
    ///
    /// # Arguments
    /// * `truth` - the true class and box, once they are known.
    pub fn new(setup: RwSignal<Setup>, truth: Memo<Option<Truth>>) -> Self {
        let known = answers(Signal::stored(vec![(System::Localize, Question::Heads)]));
        let heads = Memo::new(move |_| known.with(|known| all_heads(known).into_iter().next()));
        let trail = RwSignal::new(Trail::default());
        let (timer, runs) = (StoredValue::new(None::<IntervalHandle>), RwSignal::new(false));
        let shared = Self { setup, truth, heads, trail, timer, runs, rate: RwSignal::new(RATE) };
        Effect::new(move |_| {
            // Losses by another truth cannot be compared.
            truth.track();
            heads.track();
            shared.begin();
        });
        on_cleanup(move || shared.stop());
        shared
    }

    /// Whether the heads are there.
    pub fn is_ready(self) -> Signal<bool> {
        Signal::derive(move || self.heads.with(Option::is_some))
    }

    fn begin(self) {
        self.stop();
        self.trail.set(Trail {
            vector: self.heads.with_untracked(|it| it.as_ref().map(|it| it.vector.clone()).unwrap_or_default()),
            losses: Vec::new(),
        });
    }

    fn stop(self) {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
        self.runs.try_set(false);
    }

    /// Both losses on the vector as it is now.
    fn pull(self) -> Option<Pull> {
        let truth = self.truth.get()?;
        self.heads.with(|heads| {
            let heads = heads.as_ref()?;
            self.trail.with(|trail| {
                (trail.vector.len() == heads.vector.len()).then(|| heads.pull(&trail.vector, &truth, LOSS))
            })
        })
    }

    fn step(self) {
        let (Some(pull), weight) = (untrack(|| self.pull()), self.setup.with_untracked(|it| it.weight)) else { return };
        let rate = 10f64.powf(self.rate.get_untracked());
        let truth = self.truth.get_untracked();
        let steps = self.trail.try_update(|trail| {
            if trail.losses.is_empty() {
                trail.losses.push((pull.class_loss, pull.box_loss));
            }
            pull.step(&mut trail.vector, weight, rate);
            trail.losses.len()
        });
        let after = untrack(|| self.pull()).filter(|_| truth.is_some());
        self.trail.try_update(|trail| trail.losses.extend(after.map(|it| (it.class_loss, it.box_loss))));
        if steps.is_none_or(|it| it >= MAX_STEPS) {
            self.stop();
        }
    }

    fn toggle(self) {
        if self.runs.get_untracked() {
            return self.stop();
        }
        if self.trail.with_untracked(|it| it.losses.len() > MAX_STEPS) {
            self.begin();
        }
        let timer = set_interval_with_handle(move || self.step(), PACE).ok();
        self.runs.set(timer.is_some());
        self.timer.set_value(timer);
    }

    /// The box that the steps have moved.
    pub fn outline(self) -> Option<AnyView> {
        let corners = self.pull().filter(|_| self.trail.with(|it| !it.losses.is_empty()))?.corners;
        Some(outline(&bbox_of(&corners), "box-line", Some(MOVED)))
    }

    /// The gradients, and the steps.
    pub fn view(self) -> AnyView {
        let weight = move || self.setup.with(|it| it.weight);
        let pull = Memo::new(move |_| self.pull());
        let begun = move || self.trail.with(|it| !it.losses.is_empty());
        let is_ready = move || pull.with(Option::is_some);
        view! {
            <h2 class="fig-name">"On the vector that both heads share"</h2>
            <p class="fig-note" role="status" data-testid="vector-waiting">
                {move || (!is_ready()).then_some("The heads are being asked for their weights.")}
            </p>
            {move || pull.with(|it| it.as_ref().map(|it| {
                bars("Lengths of the gradients with respect to the shared vector", it.lengths(weight()))
            }))}
            <p class="fig-reading" aria-live="polite" data-testid="vector-words">{move || pull.with(|it| it.as_ref().map(|it| words(it, weight())))}</p>
            <Range id="rate" label="Learning rate" limits=RATES step=0.05 value=self.rate words=rate_words set=move |value| self.rate.set(value)/>
            <div class="fig-presets">
                <button type="button" class="fig-preset" data-testid="step" disabled=move || !is_ready() on:click=move |_| self.step()>"One step"</button>
                <button type="button" class="fig-preset" data-testid="train" disabled=move || !is_ready() on:click=move |_| self.toggle()>
                    {move || if self.runs.get() { "Stop" } else { "Train" }}
                </button>
                <button type="button" class="fig-preset" data-testid="begin" disabled=move || !begun() on:click=move |_| self.begin()>"Begin again"</button>
            </div>
            <p class="fig-reading" data-testid="step-words">{move || pull.with(|it| it.as_ref().map(|it| self.trail.with(|trail| trail_words(trail, it))))}</p>
            <Show when=begun>{move || self.trail.with(|it| curves(it, weight()))}</Show>
        }
        .into_any()
    }
}

fn rate_words(exponent: f64) -> String {
    format!("{:.4}", 10f64.powf(exponent)).trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A box from the four numbers, which may have crossed.
pub(super) fn bbox_of(corners: &[f64]) -> BBox {
    let at = |i: usize| corners.get(i).copied().unwrap_or_default() as f32;
    BBox::new(at(0).min(at(2)), at(1).min(at(3)), at(0).max(at(2)), at(1).max(at(3))).clip(1.0, 1.0)
}

/// The likeliest class, e.g. "horse 92.1%".
pub(super) fn said(probabilities: &[f64]) -> String {
    let best = probabilities.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1));
    best.map_or_else(String::new, |(class, p)| format!("{} {:.1}%", CLASSES[class], p * 100.0))
}

fn words(pull: &Pull, weight: f64) -> String {
    let (class, bbox) = pull.lengths(weight);
    let together = match pull.cosine() {
        None => String::new(),
        Some(cosine) => {
            let way = match cosine {
                it if it > 0.3 => "they pull the same way",
                it if it < -0.3 => "they pull against each other",
                _ => "they pull almost at a right angle",
            };
            format!(": {way} (cosine {})", format!("{cosine:.2}").replace('-', "\u{2212}"))
        }
    };
    format!(
        "By its {} numbers the gradient of the class is {class:.3} long, that of the weighted box {bbox:.3}{together}.",
        pull.of_class.len()
    )
}

fn trail_words(trail: &Trail, now: &Pull) -> String {
    match trail.losses.len() {
        0 => "A step moves the vector against the sum of both gradients, as training moves it by the layers below."
            .into(),
        count => format!(
            "After {} {}: {}; loss of the class {:.3}, of the box {:.3}.",
            count - 1,
            if count == 2 { "step" } else { "steps" },
            said(&now.probabilities),
            now.class_loss,
            now.box_loss,
        ),
    }
}

/// Both losses over the steps.
fn curves(trail: &Trail, weight: f64) -> AnyView {
    let steps = (trail.losses.len().saturating_sub(1)).max(1) as f64;
    let top = trail.losses.iter().map(|it| it.0.max(weight * it.1)).fold(1e-6, f64::max);
    let curve = |of: &dyn Fn(&(f64, f64)) -> f64| -> Vec<(f64, f64)> {
        trail.losses.iter().enumerate().map(|(i, it)| (i as f64 / steps, of(it) / top)).collect()
    };
    let all = [(curve(&|it| it.0), TRUTH), (curve(&|it| weight * it.1), FOUND)];
    view! {
        <svg class="plot" viewBox="0 0 100 100" role="img" aria-label="Both losses over the steps of training">
            {curve_plot(("steps", "0", ""), ("loss", "0", ""), &all, &[])}
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_say_which_way_the_losses_pull() {
        let pull = |of_box: Vec<f64>| Pull { of_class: vec![3.0, 4.0], of_box, ..Pull::default() };
        let text = words(&pull(vec![0.3, 0.4]), 2.0);
        assert!(
            text.contains("5.000 long, that of the weighted box 1.000: they pull the same way (cosine 1.00)"),
            "{text}"
        );
        assert!(words(&pull(vec![-3.0, -4.0]), 1.0).contains("against each other (cosine \u{2212}1.00)"));
        assert!(words(&pull(vec![0.0, 0.0]), 1.0).ends_with("box 0.000."));
    }

    #[test]
    fn crossed_numbers_are_a_box_all_the_same() {
        assert_eq!(bbox_of(&[0.75, 0.5, 0.25, 1.5]), BBox::new(0.25, 0.5, 0.75, 1.0));
        assert_eq!((rate_words(-1.0), rate_words(0.0), rate_words(-2.5)), ("0.1".into(), "1".into(), "0.0032".into()));
        assert_eq!(said(&[0.25, 0.75]), format!("{} 75.0%", CLASSES[1]));
    }
}
