//! Parts of a whole as bars with their numbers.

use leptos::prelude::*;

/// A bar.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// What it is of.
    pub name: String,
    /// Its length, 0 to 1.
    pub part: f32,
    /// Its number in words.
    pub value: String,
    /// Whether it stands out.
    pub chosen: bool,
}

impl Bar {
    /// A probability.
    pub fn of_probability(name: impl Into<String>, probability: f32, chosen: bool) -> Self {
        Self { name: name.into(), part: probability, value: percent(probability), chosen }
    }
}

/// A part in percent; small ones keep a digit.
pub fn percent(part: f32) -> String {
    match part * 100.0 {
        percent if percent < 0.05 => "0%".into(),
        percent if percent < 0.95 => format!("{percent:.1}%"),
        percent => format!("{percent:.0}%"),
    }
}

/// Softmax: scores as probabilities that sum to 1.
pub fn softmax(scores: &[f32]) -> Vec<f32> {
    let most = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let powers: Vec<f32> = scores.iter().map(|score| (score - most).exp()).collect();
    let sum: f32 = powers.iter().sum();
    powers.into_iter().map(|power| power / sum).collect()
}

/// A titled list of bars.
#[component]
pub fn Bars(
    /// Its test id; each bar's is "bar".
    id: &'static str,
    /// What the bars are of.
    #[prop(into)]
    title: Signal<String>,
    /// The bars.
    #[prop(into)]
    bars: Signal<Vec<Bar>>,
) -> impl IntoView {
    let row = |bar: Bar| {
        let key = bar.name.clone();
        view! {
            <div class="timing" data-testid="bar" data-name=key data-chosen=bar.chosen.to_string()
                style:--part=format!("{:.4}", bar.part.clamp(0.0, 1.0))>
                <dt>{bar.name}</dt>
                <dd>{bar.value}</dd>
            </div>
        }
    };
    view! {
        <section class="bars" aria-label=move || title.get()>
            <h3 class="block-title">{move || title.get()}</h3>
            <dl class="timings bars-list" data-testid=id>{move || bars.get().into_iter().map(row).collect_view()}</dl>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_sum_to_one_and_large_scores_do_not_overflow() {
        let even = softmax(&[2.0, 2.0]);
        assert_eq!(even, [0.5, 0.5]);
        let probabilities = softmax(&[1000.0, 999.0, -1000.0]);
        assert!((probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-6);
        assert!((probabilities[0] - 1.0 / (1.0 + (-1.0_f32).exp())).abs() < 1e-6, "{probabilities:?}");
        assert!(softmax(&[]).is_empty());
    }

    #[test]
    fn small_parts_keep_a_digit() {
        assert_eq!([0.0001, 0.004, 0.234, 1.0].map(percent), ["0%", "0.4%", "23%", "100%"]);
    }
}
