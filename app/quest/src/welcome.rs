//! The start: who plays, and on which data set.

use leptos::prelude::*;
use lookout_look::handed_photo::handed_over;
use model::quest::{
    photo::is_of_photo,
    record::{Game, shortened},
};

use crate::{
    numbers,
    state::{State, random_seed, use_state},
};

/// The survey: a question with its answers.
const SURVEY: [(&str, [&str; 3]); 3] = [
    ("Have you trained a neural network before?", ["Never", "Once or twice", "Often"]),
    ("Do you know what a learning rate does?", ["No", "Roughly", "Yes"]),
    ("Have you taken a course on deep learning?", ["No", "I am taking one", "Yes"]),
];

/// The start.
#[component]
pub fn Welcome() -> impl IntoView {
    let state = use_state();
    let address = state.address.get_value();
    let photo = address.seed.filter(|seed| is_of_photo(*seed));
    let named = address.seed.filter(|seed| !is_of_photo(*seed));
    let seed = RwSignal::new(named.map(|it| it.to_string()).unwrap_or_default());
    let missing = move || missing(state);
    let play = move |seed: u32| {
        state.keep_player();
        state.play(seed);
    };
    let chosen = move || seed.with(|text| text.trim().parse::<u32>().ok());
    let has_seed = named.is_some();
    let has_other = address.seed.is_some();
    view! {
        <section class="quest-welcome">
            <h1 class="welcome-title">"Can you train it well?"</h1>
            <p class="welcome-words">
                "HyperQuest draws a random data set. You choose learning rate, network and dropout, train for an epoch, look at "
                "the curves, and choose again. Everything is trained here in your browser, and nothing leaves it."
            </p>
            <Who/>
            {photo.map(|seed| view! { <OfPhoto seed play is_missing=Signal::derive(move || missing().is_some())/> })}
            <div class="quest-start-row">
                <button type="button" class=if has_other { "quiet" } else { "solid" } data-testid="new-game"
                    disabled=move || missing().is_some() on:click=move |_| play(random_seed())>"New data set"</button>
                <form class="quest-seed" on:submit=move |event| {
                    event.prevent_default();
                    if let Some(seed) = chosen().filter(|_| missing().is_none()) {
                        play(seed);
                    }
                }>
                    <label for="seed">"or number"</label>
                    <input id="seed" data-testid="seed" class="quest-input" inputmode="numeric" autocomplete="off" size="7"
                        prop:value=seed on:input=move |event| seed.set(event_target_value(&event))/>
                    <button type="submit" class=if has_seed { "solid" } else { "quiet" } data-testid="play-seed"
                        disabled=move || chosen().is_none() || missing().is_some()>"Play"</button>
                </form>
            </div>
            <p class="quest-hint" role="status">{missing}</p>
            <Unfinished/>
        </section>
    }
}

/// The way into a data set that is cut from a photo.
#[component]
fn OfPhoto(
    /// Its number.
    seed: u32,
    /// Begins.
    play: impl Fn(u32) + Copy + 'static,
    /// Whether something has to be filled in before.
    is_missing: Signal<bool>,
) -> impl IntoView {
    if handed_over(seed).is_none() {
        let words = "This data set was cut from a photo that only its own tab has. Open a photo under ";
        return view! { <p class="quest-hint" data-testid="photo-elsewhere">{words}<a class="text" href="./?task=class-map">"Class map"</a>" and train on it from there."</p> }.into_any();
    }
    view! {
        <div class="quest-start-row">
            <button type="button" class="solid" data-testid="play-photo" disabled=is_missing on:click=move |_| play(seed)>"Play on your photo"</button>
            <p class="quest-hint">"Its patches are the data set, and its class map says what they show."</p>
        </div>
    }
    .into_any()
}

/// What the lecturer's link asks for and is not there yet.
fn missing(state: State) -> Option<&'static str> {
    let address = state.address.get_value();
    state.player.with(|player| {
        let lacks_survey = address.asks_survey && player.survey.len() < SURVEY.len();
        [
            (address.asks_id && player.id.trim().is_empty(), "The course asks for your student ID."),
            (address.asks_name && player.name.trim().is_empty(), "The course asks for your name."),
            (lacks_survey, "The course asks for the three answers."),
        ]
        .into_iter()
        .find_map(|(is_missing, words)| is_missing.then_some(words))
    })
}

/// Student id, name and survey.
#[component]
fn Who() -> impl IntoView {
    let state = use_state();
    let address = state.address.get_value();
    let is_asked = address.asks_id || address.asks_name || address.asks_survey;
    let course = address.course.clone();
    let label =
        if course.is_empty() { "Who plays (if you like)".to_owned() } else { format!("Who plays, for {course}") };
    let field = move |id: &'static str, title: &'static str| {
        let value = move || state.player.with(|it| if id == "player-id" { it.id.clone() } else { it.name.clone() });
        let set = move |event| {
            let text = shortened(&event_target_value(&event));
            state.player.update(|it| if id == "player-id" { it.id = text } else { it.name = text });
            state.keep_player();
        };
        view! {
            <label class="quest-field" for=id>{title}
                <input id=id data-testid=id class="quest-input" autocomplete="off" maxlength="60" prop:value=value on:change=set/>
            </label>
        }
    };
    view! {
        <details class="quest-who" open=is_asked>
            <summary>{label}</summary>
            <div class="quest-fields">{field("player-id", "Student ID")}{field("player-name", "Name")}</div>
            <div class="quest-fields">{SURVEY.into_iter().map(|(question, answers)| view! { <Question question answers/> }).collect_view()}</div>
            <p class="quest-hint">"All of this stays in this browser and in the files that you save."</p>
        </details>
    }
}

#[component]
fn Question(question: &'static str, answers: [&'static str; 3]) -> impl IntoView {
    let state = use_state();
    let answer = move || {
        let given =
            state.player.with(|it| it.survey.iter().find(|(asked, _)| asked == question).map(|it| it.1.clone()));
        given.unwrap_or_default()
    };
    let set = move |event| {
        let answer = event_target_value(&event);
        state.player.update(|player| {
            player.survey.retain(|(asked, _)| asked != question);
            if !answer.is_empty() {
                player.survey.push((question.to_owned(), answer));
            }
        });
        state.keep_player();
    };
    view! {
        <label class="quest-field">{question}
            <select class="quest-input" data-testid="survey" prop:value=answer on:change=set>
                <option value="">"–"</option>
                {answers.into_iter().map(|it| view! { <option value=it selected=move || answer() == it>{it}</option> }).collect_view()}
            </select>
        </label>
    }
}

/// Games that were not played to their end, newest first.
#[component]
fn Unfinished() -> impl IntoView {
    let state = use_state();
    let games = move || {
        let is_open = |game: &&Game| game.score().is_none() && !game.steps.is_empty();
        state.own.with(|own| own.iter().rev().filter(is_open).take(3).cloned().collect::<Vec<_>>())
    };
    let row = move |game: Game| {
        let words = format!("{}, {}", numbers::data_set(game.seed), numbers::counted(game.epochs(), "epoch"));
        let go_on = move |_| state.go_on(game.clone());
        view! { <li>{words}<button type="button" class="text" data-testid="go-on-kept" on:click=go_on>"Go on"</button></li> }
    };
    view! {
        <Show when=move || !games().is_empty()>
            <div class="quest-unfinished">
                <h2 class="quest-subtitle">"Not finished"</h2>
                <ul>{move || games().into_iter().map(row).collect_view()}</ul>
            </div>
        </Show>
    }
}
