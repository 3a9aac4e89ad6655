//! The end of a game: the leaderboard of its data set, and the decisions once more.

use leptos::prelude::*;
use model::quest::{
    board::{Method, Row, leaderboard},
    game::Verdict,
    record::Game,
};

use crate::{
    files::Files,
    marks::told,
    numbers,
    state::{Checking, State, random_seed, use_state},
};

/// The end.
#[component]
pub fn Board() -> impl IntoView {
    let state = use_state();
    let score = Memo::new(move |_| state.machine.with(|it| it.game.as_ref().and_then(Game::score)));
    let seed = Memo::new(move |_| state.machine.with(|it| it.seed()));
    let again = move |_| {
        if let Some(seed) = seed.get_untracked() {
            state.play(seed);
        }
    };
    view! {
        <div class="quest-end">
            <section class="quest-card" aria-labelledby="board-title">
                <h1 id="board-title" class="quest-title">{move || score.get().map(|it| format!("{} on the validation examples", numbers::percent(it)))}</h1>
                <p class="quest-hint">{move || seed.get().map(|seed| format!("The leaderboard of data set {seed}. Whoever opens this address plays the same data."))}</p>
                <Leaderboard/>
                <div class="quest-buttons">
                    <button type="button" class="solid" data-testid="next-game" on:click=move |_| state.play(random_seed())>"New data set"</button>
                    <button type="button" class="quiet" data-testid="play-again" on:click=again>"This one again"</button>
                </div>
            </section>
            <Replay/>
        </div>
        <Files/>
    }
}

/// Own games, imported ones, and simple methods.
#[component]
fn Leaderboard() -> impl IntoView {
    let state = use_state();
    let rows = Memo::new(move |_| {
        let (seed, baselines) = state.machine.with(|it| (it.seed(), it.baselines.clone()));
        let mut games = state.own.get();
        // Own games that were saved and loaded again are there once.
        let known: Vec<String> = games.iter().map(|game| game.id.clone()).collect();
        games.extend(
            state.imported.with(|it| it.iter().filter(|game| !known.contains(&game.id)).cloned().collect::<Vec<_>>()),
        );
        seed.map(|seed| leaderboard(seed, &games, &baselines)).unwrap_or_default()
    });
    let missing = move || state.machine.with(|it| Method::ALL.len() - it.baselines.len().min(Method::ALL.len()));
    let current = move || state.machine.with(|it| it.game.as_ref().map(|game| game.id.clone()));
    let best = move || rows.with(|rows| rows.first().map_or(0.0, |row| row.accuracy));
    let own_score = move || state.machine.with(|it| it.game.as_ref().and_then(Game::score));
    let line = move |(place, row): (usize, Row)| {
        let is_this = row.game.is_some() && row.game == current();
        let behind = own_score().map(|own| row.accuracy - own).filter(|_| !is_this);
        let width = format!("{:.1}%", 100.0 * row.accuracy / best().max(0.01));
        view! {
            <tr data-testid="board-row" data-this=is_this.to_string() data-method=row.game.is_none().to_string()>
                <td class="quest-figure">{place + 1}</td>
                <th scope="row">{row.title.clone()}
                    <span class="quest-epochs">{(row.epochs > 0).then(|| numbers::counted(row.epochs, "epoch"))}</span></th>
                <td class="quest-figure"><span class="quest-bar" style:width=width></span>{numbers::percent(row.accuracy)}</td>
                <td class="quest-figure">{behind.map(numbers::points)}</td>
                <td>{row.game.clone().map(|id| view! { <Check id/> })}</td>
            </tr>
        }
    };
    view! {
        <div class="quest-scroll" tabindex="0" role="region" aria-label="Leaderboard">
            <table class="quest-table quest-leaderboard" data-testid="leaderboard" data-missing=missing>
                <thead><tr>
                    <th scope="col"><span class="visually-hidden">"Place"</span></th><th scope="col">"Who"</th>
                    <th scope="col">"Validation"</th><th scope="col">"To you"</th><th scope="col">"Numbers"</th>
                </tr></thead>
                <tbody>{move || rows.get().into_iter().enumerate().map(line).collect_view()}</tbody>
            </table>
        </div>
        <p class="quest-hint" role="status">{move || (missing() > 0).then_some("Simple methods are being trained on the same data.")}</p>
    }
}

/// Plays a game again to see whether its numbers are true.
#[component]
fn Check(id: String) -> impl IntoView {
    let state = use_state();
    let found = {
        let id = id.clone();
        Memo::new(move |_| state.checks.with(|checks| checks.get(&id).copied()))
    };
    let start = move |_| {
        if let Some(game) = game(state, &id) {
            state.check(game);
        }
    };
    view! {
        {move || match found.get() {
            None => view! {
                <button type="button" class="text" data-testid="check" on:click=start.clone()>"Check"</button>
            }.into_any(),
            Some(Checking::Under(steps, of)) => format!("step {steps} of {of}").into_any(),
            Some(Checking::Done(Verdict::Same)) => view! { <span class="quest-true">"true to the bit"</span> }.into_any(),
            Some(Checking::Done(verdict)) => view! { <span class="quest-false">{verdict_words(verdict)}</span> }.into_any(),
        }}
    }
}

fn verdict_words(verdict: Verdict) -> String {
    match verdict {
        Verdict::Same => "true to the bit".to_owned(),
        Verdict::OtherData => "other data".to_owned(),
        Verdict::Differs { step } => format!("step {} has other numbers", step + 1),
        Verdict::Rules => "breaks the rules".to_owned(),
    }
}

fn game(state: State, id: &str) -> Option<Game> {
    let find = |games: &Vec<Game>| games.iter().find(|game| game.id == id).cloned();
    state.own.with_untracked(find).or_else(|| state.imported.with_untracked(find))
}

/// The decisions of this game, one after the other.
#[component]
fn Replay() -> impl IntoView {
    let state = use_state();
    let steps = Memo::new(move |_| {
        let pairs = |game: &Game| told(game).into_iter().map(|it| (it.did, it.effect)).collect::<Vec<_>>();
        state.machine.with(|it| it.game.as_ref().map(pairs).unwrap_or_default())
    });
    let row = |(did, effect): (String, String)| view! { <li><span>{did}</span><span class="quest-effect">{effect}</span></li> };
    view! {
        <section class="quest-card" aria-labelledby="replay-title" data-testid="replay">
            <h2 id="replay-title" class="quest-title">"What you decided"</h2>
            <ol class="quest-replay">{move || steps.get().into_iter().map(row).collect_view()}</ol>
        </section>
    }
}
