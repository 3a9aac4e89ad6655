//! Live steps of training on the painted truth: a last layer of the network learns this photo.

use std::time::Duration;

use leptos::{leptos_dom::helpers::IntervalHandle, prelude::*};
use model::figures::pixel_training::ScoreLayer;

use super::painting::Painting;
use crate::figures::svg::curve_plot;

/// The learning rate: with the logarithms of probabilities as scores larger ones begin to swing.
const RATE: f32 = 0.0006;
/// Milliseconds from one step to the next while training runs.
const PACE: Duration = Duration::from_millis(60);
/// Steps after which training ends by itself.
const MAX_STEPS: usize = 200;
/// The slot of the curve's colour.
const SLOT: usize = 0;
/// The least probability that a score is the logarithm of.
const LEAST: f32 = 1e-6;

/// The layer with the losses of its steps.
#[derive(Clone, Debug, PartialEq)]
struct Trained {
    layer: ScoreLayer,
    /// The mean before each step.
    means: Vec<f32>,
}

/// Training: copies share it.
#[derive(Clone, Copy)]
pub struct Training {
    scores: Memo<Option<Vec<Vec<f32>>>>,
    painting: RwSignal<Painting>,
    trained: RwSignal<Option<Trained>>,
    timer: StoredValue<Option<IntervalHandle>>,
    runs: RwSignal<bool>,
}

impl Training {
    /// Nothing trained yet.
    ///
    /// # Arguments
    /// * `probabilities` - of every class in every cell, by the network.
    pub fn new(probabilities: Memo<Option<Vec<Vec<f32>>>>, painting: RwSignal<Painting>) -> Self {
        let scores = Memo::new(move |_| {
            let logarithms = |cell: &Vec<f32>| cell.iter().map(|p| p.max(LEAST).ln()).collect::<Vec<_>>();
            probabilities.with(|all| all.as_ref().map(|all| all.iter().map(logarithms).collect::<Vec<_>>()))
        });
        let (timer, runs) = (StoredValue::new(None::<IntervalHandle>), RwSignal::new(false));
        let training = Self { scores, painting, trained: RwSignal::new(None), timer, runs };
        Effect::new(move |_| {
            scores.track(); // another photo begins anew
            training.undo();
        });
        on_cleanup(move || training.stop());
        training
    }

    /// The probabilities after training; those of the network before.
    pub fn apply(self, probabilities: &[Vec<f32>]) -> Vec<Vec<f32>> {
        self.trained.with(|trained| match trained {
            None => probabilities.to_vec(),
            Some(it) => {
                self.scores.with(|scores| scores.iter().flatten().map(|cell| it.layer.probabilities(cell)).collect())
            }
        })
    }

    fn step(self) {
        let steps = self.scores.with_untracked(|scores| {
            let scores = scores.as_ref()?;
            self.painting.with_untracked(|painting| {
                let cells = scores.iter().enumerate();
                let cells = cells.filter_map(|(cell, scores)| Some((&scores[..], painting.class(cell)?)));
                let mut trained = self.trained.get_untracked().unwrap_or_else(|| Trained {
                    layer: ScoreLayer::identity(scores.first().map_or(0, Vec::len)),
                    means: Vec::new(),
                });
                let mean = trained.layer.step(cells, RATE)?;
                trained.means.push(mean);
                let steps = trained.means.len();
                self.trained.try_set(Some(trained));
                Some(steps)
            })
        });
        if steps.is_none_or(|it| it >= MAX_STEPS) {
            self.stop();
        }
    }

    fn toggle(self) {
        if self.runs.get_untracked() {
            return self.stop();
        }
        if self.trained.with_untracked(|it| it.as_ref().is_some_and(|it| it.means.len() >= MAX_STEPS)) {
            self.undo();
        }
        let timer = set_interval_with_handle(move || self.step(), PACE).ok();
        self.runs.set(timer.is_some());
        self.timer.set_value(timer);
    }

    fn stop(self) {
        if let Some(Some(timer)) = self.timer.try_update_value(Option::take) {
            timer.clear();
        }
        self.runs.try_set(false);
    }

    fn undo(self) {
        self.stop();
        self.trained.try_set(None);
    }

    /// Its buttons, words and curve.
    ///
    /// # Arguments
    /// * `mean` - the mean of the painted cells as it is now.
    pub fn view(self, mean: impl Fn() -> Option<f32> + Copy + Send + Sync + 'static) -> AnyView {
        let can = move || self.scores.with(Option::is_some) && mean().is_some();
        let begun = move || self.trained.with(Option::is_some);
        let words = move || {
            self.trained.with(|it| it.as_ref().zip(mean()).map_or_else(
                || "Steps of gradient descent on this mean train a last layer, a 1 × 1 convolution of the 21 scores; at first it changes nothing.".to_owned(),
                |(it, now)| step_words(&it.means, now),
            ))
        };
        let curve = move || {
            let now = mean()?;
            self.trained.with(|it| it.as_ref().map(|it| plot(&it.means, now)))
        };
        view! {
            <h2 class="fig-name">"Train on it"</h2>
            <div class="fig-presets">
                <button type="button" class="fig-preset" data-testid="train-step" disabled=move || !can() on:click=move |_| self.step()>"One step"</button>
                <button type="button" class="fig-preset" data-testid="train" disabled=move || !can() on:click=move |_| self.toggle()>
                    {move || if self.runs.get() { "Stop" } else { "Train" }}
                </button>
                <button type="button" class="fig-preset" data-testid="untrain" disabled=move || !begun() on:click=move |_| self.undo()>"Forget it"</button>
            </div>
            <p class="fig-reading" data-testid="train-words">{words}</p>
            {curve}
        }
        .into_any()
    }
}

fn step_words(means: &[f32], now: f32) -> String {
    let first = means.first().copied().unwrap_or(now);
    let steps = means.len();
    format!("After {steps} {} the mean is {now:.3}; it was {first:.3}.", if steps == 1 { "step" } else { "steps" })
}

/// The mean over the steps.
fn plot(means: &[f32], now: f32) -> AnyView {
    let all: Vec<f64> = means.iter().copied().chain([now]).map(f64::from).collect();
    let (last, top) = ((all.len() - 1).max(1) as f64, all.iter().copied().fold(1e-6, f64::max));
    let curve: Vec<(f64, f64)> = all.iter().enumerate().map(|(i, it)| (i as f64 / last, it / top)).collect();
    view! {
        <svg class="plot" viewBox="0 0 100 100" role="img" aria-label="The mean loss over the steps of training">
            {curve_plot(("steps", "0", ""), ("mean loss", "0", ""), &[(curve, SLOT)], &[])}
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_count_the_steps() {
        assert_eq!(step_words(&[1.5], 1.25), "After 1 step the mean is 1.250; it was 1.500.");
        assert!(step_words(&[1.5, 1.25], 1.0).starts_with("After 2 steps the mean is 1.000"));
    }
}
