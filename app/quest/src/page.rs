//! The page as a whole: header, message, and the screen that the game is at.

use leptos::prelude::*;
use leptos_use::use_preferred_dark;
use lookout_look::{
    icon::{Icon, Shape},
    theme::Theme,
};
use model::quest::game::Stage;

use crate::{
    address::Address,
    board::Board,
    choices::FirstChoices,
    data_set::DataSet,
    growing::LastGrowth,
    history::History,
    instructions::{Instructions, are_read, note_read},
    plots::Plots,
    rounds::Rounds,
    state::State,
    welcome::Welcome,
};

/// The page.
#[component]
pub fn Page(
    /// What the address asks for.
    address: Address,
) -> impl IntoView {
    let state = State::provide(address);
    let shows_instructions = RwSignal::new(!are_read());
    let stage = Memo::new(move |_| state.stage());
    let has_network = Memo::new(move |_| state.tree().is_some_and(|tree| tree.current.is_some()));
    let word = move || match stage.get() {
        Stage::None => "start",
        Stage::Opening => "opening",
        Stage::Resuming => "resuming",
        Stage::Deciding if has_network.get() => "deciding",
        Stage::Deciding => "choosing",
        Stage::Working => "working",
        Stage::Over => "over",
        Stage::Failed => "failed",
    };
    view! {
        <div class="page quest-page" data-testid="quest">
            <Header shows_instructions/>
            <main class="quest" data-state=word>
                <Notice/>
                <Show when=move || shows_instructions.get()>
                    <Instructions close=move || {
                        note_read();
                        shows_instructions.set(false);
                    }/>
                </Show>
                {move || match stage.get() {
                    Stage::None => view! { <Welcome/><History/> }.into_any(),
                    Stage::Opening => view! { <Waiting words="Making the data set"/> }.into_any(),
                    Stage::Resuming => view! { <Resuming/> }.into_any(),
                    Stage::Failed => view! { <Waiting words="Training has ended"/> }.into_any(),
                    Stage::Over => view! { <Board/><Plots/><DataSet/><History/> }.into_any(),
                    Stage::Deciding | Stage::Working => view! { <Play has_network/> }.into_any(),
                }}
            </main>
        </div>
    }
}

/// The first choices, or the rounds.
#[component]
fn Play(
    /// Whether the network was chosen.
    has_network: Memo<bool>,
) -> impl IntoView {
    view! {
        <div class="quest-play" class:quest-first=move || !has_network.get()>
            <Show when=move || has_network.get() fallback=|| view! { <FirstChoices/> }>
                <Rounds/>
                <div class="quest-view">
                    <Plots/>
                    <LastGrowth/>
                </div>
            </Show>
        </div>
        <DataSet/>
    }
}

#[component]
fn Header(
    /// Whether the instructions are open.
    shows_instructions: RwSignal<bool>,
) -> impl IntoView {
    let state = crate::state::use_state();
    let theme = RwSignal::new(Theme::remembered());
    let system_dark = use_preferred_dark();
    let toggle = move |_| {
        theme.update(|theme| *theme = theme.toggled(system_dark.get_untracked()));
        theme.get_untracked().remember();
        theme.get_untracked().apply();
    };
    let label = move || if theme.get().is_dark(system_dark.get()) { "Light theme" } else { "Dark theme" };
    view! {
        <header class="head">
            <a class="name" href="./" aria-label="Lookout, to the photo page"><Icon shape=Shape::Mark/>"Lookout"</a>
            <button type="button" class="quest-name" data-testid="quest-start" on:click=move |_| state.leave()>"HyperQuest"</button>
            <span class="quest-spring"></span>
            <button type="button" class="text" data-testid="how" aria-expanded=move || shows_instructions.get().to_string()
                on:click=move |_| shows_instructions.update(|it| *it = !*it)>"How to play"</button>
            <button type="button" class="round" data-testid="theme-toggle" aria-label=label on:click=toggle>
                <Icon shape=Shape::Theme/>
            </button>
        </header>
    }
}

/// A sentence for the player.
#[component]
fn Notice() -> impl IntoView {
    let notice = crate::state::use_state().notice;
    view! {
        <div role="status" data-testid="notice">
            {move || notice.get().map(|text| view! {
                <div class="quest-notice">
                    <p>{text}</p>
                    <button type="button" class="round" aria-label="Dismiss" on:click=move |_| notice.set(None)>
                        <Icon shape=Shape::Close/>
                    </button>
                </div>
            })}
        </div>
    }
}

/// Something that takes a moment.
#[component]
fn Waiting(
    /// What is going on.
    words: &'static str,
) -> impl IntoView {
    view! {
        <section class="quest-waiting" role="status"><p>{words}</p><progress class="bar" aria-label=words></progress></section>
    }
}

/// A kept game is being played again.
#[component]
fn Resuming() -> impl IntoView {
    let machine = crate::state::use_state().machine;
    let share = move || machine.with(|it| it.share);
    let words =
        "Training again to where you were: the same seed and the same decisions give the same network, bit for bit.";
    view! {
        <section class="quest-waiting" role="status">
            <p>{words}</p>
            <progress class="bar" max="1" value=share aria-label="Training again"></progress>
        </section>
    }
}
