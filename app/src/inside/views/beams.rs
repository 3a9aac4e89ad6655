//! The beginnings of a sentence that beam search keeps after each word.

use leptos::prelude::*;
use model::structures::caption::{Caption, Hypothesis};

/// A beginning in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    text: String,
    probability: String,
    fate: &'static str,
    is_chosen: bool,
}

/// What was kept after a word, best first.
///
/// # Arguments
/// * `word` - counted from 0.
pub fn rows(caption: &Caption, word: usize) -> Vec<Row> {
    let kept = caption.beams.get(word).map(Vec::as_slice).unwrap_or_default();
    let next = caption.beams.get(word + 1);
    let goes_on = |index: usize| next.is_none_or(|next| next.iter().any(|it| it.parent == index));
    let row = |(index, it): (usize, &Hypothesis)| Row {
        text: it.text.clone(),
        probability: probability(it.log_probability),
        fate: match it {
            Hypothesis { is_chosen: true, .. } => "becomes the caption",
            _ if !goes_on(index) => "dropped at the next word",
            Hypothesis { is_complete: true, .. } => "complete",
            _ => "goes on",
        },
        is_chosen: it.is_chosen,
    };
    kept.iter().enumerate().map(row).collect()
}

/// A probability of many words: small numbers keep two digits.
fn probability(log: f32) -> String {
    match f64::from(log).exp() * 100.0 {
        percent if percent >= 0.995 => format!("{percent:.0}%"),
        percent if percent >= 0.0995 => format!("{percent:.1}%"),
        percent if percent >= 0.000_995 => format!("{percent:.4}").trim_end_matches('0').to_owned() + "%",
        percent => format!("{percent:.0e}%"),
    }
}

/// The list of them.
#[component]
pub fn Beams(
    /// What was kept after the word on show.
    #[prop(into)]
    rows: Signal<Vec<Row>>,
) -> impl IntoView {
    let item = |row: Row| {
        view! {
            <li class="beam" data-testid="beam" data-chosen=row.is_chosen.to_string()>
                <span class="beam-text">{row.text}</span>
                <span class="beam-probability">{row.probability}</span>
                <span class="beam-fate">{row.fate}</span>
            </li>
        }
    };
    view! {
        <Show when=move || rows.with(|rows| !rows.is_empty())>
            <section class="bars" aria-labelledby="beams-title">
                <h3 class="block-title" id="beams-title">"What beam search keeps after this word"</h3>
                <ol class="beams" data-testid="beams">{move || rows.get().into_iter().map(item).collect_view()}</ol>
                <p class="field-hint">
                    "Each beginning has the product of its words' probabilities. The likeliest word now need not be in the "
                    "likeliest sentence, so several beginnings are kept."
                </p>
            </section>
        </Show>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_beginning_goes_on_ends_or_is_dropped() {
        let it = |text: &str, parent, is_complete, is_chosen| Hypothesis {
            text: text.into(),
            log_probability: -1.0,
            parent,
            is_complete,
            is_chosen,
        };
        let first = vec![it("a", 0, false, true), it("two", 0, false, false), it("the", 0, false, false)];
        let last = vec![it("a dog", 0, true, true), it("two", 1, true, false)];
        let caption =
            Caption { candidate: None, region: None, words: vec![], log_probability: -1.0, beams: vec![first, last] };
        let fates = |word| rows(&caption, word).into_iter().map(|row| row.fate).collect::<Vec<_>>();
        assert_eq!(fates(0), ["becomes the caption", "goes on", "dropped at the next word"]);
        assert_eq!(fates(1), ["becomes the caption", "complete"]);
        assert!(rows(&caption, 2).is_empty());
        assert_eq!(rows(&caption, 0)[0].probability, "37%");
    }

    #[test]
    fn small_probabilities_keep_their_first_digits() {
        let shown = [0.5_f32, 0.0312, 0.004, 0.000_21, 1e-7].map(|part| probability(part.ln()));
        assert_eq!(shown, ["50%", "3%", "0.4%", "0.021%", "1e-5%"]);
    }
}
