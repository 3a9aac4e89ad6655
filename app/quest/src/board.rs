//! The end of a game: the leaderboard of its data set, and the decisions once more.

use std::time::Duration;

use leptos::prelude::*;
use model::quest::{
    board::{Method, Row, leaderboard},
    game::Verdict,
    photo::is_of_photo,
    record::Game,
};

use crate::{
    files::Files,
    marks::told,
    numbers,
    state::{Checking, State, random_seed, use_state},
};

/// From one decision of a replay to the next.
const STEP: Duration = Duration::from_millis(700);

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
                <p class="quest-hint">{move || seed.get().map(whose)}</p>
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

/// Who can play on a data set.
fn whose(seed: u32) -> String {
    if is_of_photo(seed) {
        "The leaderboard of your photo's patches. The photo is only in this tab: save your games as a file to keep their numbers.".to_owned()
    } else {
        format!("The leaderboard of data set {seed}. Whoever opens this address plays the same data.")
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
                    <th scope="col" class="quest-figure">"Validation"</th><th scope="col" class="quest-figure">"To you"</th><th scope="col">"Numbers"</th>
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
        Verdict::NoPhoto => "its photo is not here".to_owned(),
        Verdict::Differs { step } => format!("step {} has other numbers", step + 1),
        Verdict::Rules => "breaks the rules".to_owned(),
    }
}

fn game(state: State, id: &str) -> Option<Game> {
    let find = |games: &Vec<Game>| games.iter().find(|game| game.id == id).cloned();
    state.own.with_untracked(find).or_else(|| state.imported.with_untracked(find))
}

/// The decisions of this game, one after the other; played again they make the curves grow.
#[component]
fn Replay() -> impl IntoView {
    let state = use_state();
    let steps = Memo::new(move |_| {
        let pairs = |game: &Game| told(game).into_iter().map(|it| (it.did, it.effect)).collect::<Vec<_>>();
        state.machine.with(|it| it.game.as_ref().map(pairs).unwrap_or_default())
    });
    let count = Memo::new(move |_| steps.with(Vec::len));
    let shown = Memo::new(move |_| state.replay.get().unwrap_or_else(|| count.get()));
    let row = move |(place, (did, effect)): (usize, (String, String))| {
        let is_last = move || (place + 1 == shown.get() && state.replay.with(Option::is_some)).then_some("step");
        let is_later = move || place >= shown.get();
        view! {
            <li data-testid="replay-row" class:quest-later=is_later aria-current=is_last>
                <span>{did}</span><span class="quest-effect">{effect}</span>
            </li>
        }
    };
    view! {
        <section class="quest-card" aria-labelledby="replay-title" data-testid="replay">
            <h2 id="replay-title" class="quest-title">"What you decided"</h2>
            <Player shown count/>
            <ol class="quest-replay">{move || steps.get().into_iter().enumerate().map(row).collect_view()}</ol>
        </section>
    }
}

/// Plays the decisions again, one after the other, or goes to one of them.
#[component]
fn Player(
    /// Decisions that are on show.
    shown: Memo<usize>,
    /// All decisions.
    count: Memo<usize>,
) -> impl IntoView {
    let state = use_state();
    let timer = StoredValue::new(None::<IntervalHandle>);
    let is_playing = RwSignal::new(false);
    let go = move |to: usize| state.replay.set(Some(to).filter(|&to| to < count.get_untracked()));
    let pause = move || {
        is_playing.set(false);
        timer.update_value(|timer| {
            if let Some(timer) = timer.take() {
                timer.clear();
            }
        });
    };
    let advance = move || {
        go(shown.get_untracked() + 1);
        if shown.get_untracked() >= count.get_untracked() {
            pause();
        }
    };
    let press = move |_| {
        if is_playing.get_untracked() {
            return pause();
        }
        if shown.get_untracked() >= count.get_untracked() {
            go(0);
        }
        match set_interval_with_handle(advance, STEP) {
            Ok(handle) => {
                timer.set_value(Some(handle));
                is_playing.set(true);
            }
            Err(error) => leptos::logging::error!("the replay could not begin: {error:?}"),
        }
    };
    on_cleanup(move || {
        pause();
        state.replay.set(None);
    });
    let slide = move |event| {
        pause();
        if let Ok(to) = event_target_value(&event).parse() {
            go(to);
        }
    };
    let words = move || format!("{} of {}", shown.get(), numbers::counted(count.get(), "decision"));
    view! {
        <div class="quest-player">
            <button type="button" class="quiet" data-testid="replay-play" on:click=press>{move || if is_playing.get() { "Pause" } else { "Play again" }}</button>
            <input type="range" data-testid="replay-step" aria-label="Decisions on show" min="0" max=count step="1"
                aria-valuetext=words prop:value=move || shown.get().to_string() on:input=slide/>
            <output class="quest-hint">{words}</output>
        </div>
    }
}
