//! All games that were played here: a table, and a line over games.

use leptos::prelude::*;
use model::quest::{photo::is_of_photo, record::Game};

use crate::{files::Files, numbers, state::use_state};

/// The history.
#[component]
pub fn History() -> impl IntoView {
    let state = use_state();
    let played = Memo::new(move |_| {
        let is_over = |game: &&Game| game.score().is_some();
        state.own.with(|own| own.iter().filter(is_over).cloned().collect::<Vec<_>>())
    });
    let is_start = move || state.machine.with(|it| it.game.is_none());
    let row = |game: Game| {
        let date = js_sys::Date::new(&game.started.into()).to_iso_string().as_string().unwrap_or_default();
        view! {
            <tr>
                <td>{date.split('T').next().unwrap_or_default().to_owned()}</td>
                <th scope="row">{data_set(&game)}</th>
                <td class="quest-figure">{game.epochs()}</td>
                <td class="quest-figure">{game.score().map(numbers::percent)}</td>
            </tr>
        }
    };
    view! {
        <Show when=move || played.with(|it| !it.is_empty())>
            <section class="quest-card quest-history" aria-labelledby="history-title" data-testid="history">
                <h2 id="history-title" class="quest-title">"Your games"</h2>
                <Line scores=Signal::derive(move || played.with(|it| it.iter().filter_map(Game::score).collect()))/>
                <div class="quest-scroll" tabindex="0" role="region" aria-label="Table of your games">
                    <table class="quest-table">
                        <thead><tr><th scope="col">"Date"</th><th scope="col">"Data set"</th><th scope="col" class="quest-figure">"Epochs"</th><th scope="col" class="quest-figure">"Validation"</th></tr></thead>
                        <tbody>{move || played.get().into_iter().rev().map(row).collect_view()}</tbody>
                    </table>
                </div>
            </section>
        </Show>
        <Show when=is_start><Files/></Show>
    }
}

/// "7, clusters"; a photo has no number that would tell anybody anything.
fn data_set(game: &Game) -> String {
    let family = game.statistics.family.title();
    if is_of_photo(game.seed) { family.to_owned() } else { format!("{}, {family}", game.seed) }
}

/// The scores as a line, once there are several.
#[component]
fn Line(scores: Signal<Vec<f32>>) -> impl IntoView {
    let points = move || {
        let scores = scores.get();
        let step = 300.0 / (scores.len().max(2) - 1) as f32;
        let point =
            |(place, score): (usize, &f32)| format!("{:.1},{:.1}", 5.0 + step * place as f32, 65.0 - 60.0 * score);
        scores.iter().enumerate().map(point).collect::<Vec<_>>().join(" ")
    };
    view! {
        <Show when=move || scores.with(|it| it.len() > 1)>
            <svg class="quest-line" viewBox="0 0 310 70" role="img" aria-label="Validation accuracy of one game after the other">
                <line class="quest-grid" x1="5" x2="305" y1="65" y2="65"/>
                <polyline class="quest-validation" points=points/>
            </svg>
        </Show>
    }
}
