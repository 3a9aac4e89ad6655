//! Between two epochs: go on, change something, go back, grow, or stop.

use leptos::prelude::*;
use model::quest::{
    game::{Event, Stage},
    record::{Decision, Epoch, Game},
    settings::Settings,
    tree::{Tree, epoch_of, growth_of},
};

use crate::{
    choices::{Controls, DropoutControl, FurtherControls, RateControl, cost},
    growing::Grow,
    marks::{changes, growth_words},
    numbers,
    state::{State, use_state},
};

/// The panel beside the plots.
#[component]
pub fn Rounds() -> impl IntoView {
    let state = use_state();
    let controls = Controls::of(state);
    let is_working = Memo::new(move |_| state.stage() == Stage::Working);
    let now = Memo::new(move |_| Now::of(state));
    let is_exploded = move || now.with(|it| it.as_ref().is_some_and(|it| it.is_exploded));
    view! {
        <section class="quest-card quest-rounds" aria-label="Round">
            <Standing now/>
            <Show when=move || is_working.get() fallback=move || view! {
                <Show when=move || !is_exploded() fallback=move || view! { <Exploded/> }>
                    <Turn controls now/>
                </Show>
            }>
                <Training/>
            </Show>
            <Checkpoints is_working/>
        </section>
    }
}

/// Where the game stands, for the panel.
#[derive(Clone, Debug, PartialEq)]
struct Now {
    epoch: usize,
    last: Option<(Settings, Epoch)>,
    is_exploded: bool,
    cost: String,
    chance: f32,
}

impl Now {
    fn of(state: State) -> Option<Self> {
        let tree = state.tree()?;
        let node = tree.node()?;
        let (last, statistics) = state.machine.with(|machine| {
            let game = machine.game.as_ref()?;
            let path = tree.path(tree.current);
            let last = path.iter().rev().find_map(|it| epoch_of(game, tree.nodes.get(*it)?));
            Some((last.map(|(settings, epoch)| (*settings, epoch.clone())), game.statistics))
        })?;
        Some(Self {
            epoch: node.epoch,
            last,
            is_exploded: node.exploded,
            cost: cost(state, &node.architecture, &statistics),
            chance: 1.0 / statistics.classes as f32,
        })
    }

    /// What the last epoch suggests, as the lecture has it.
    fn hint(&self) -> Option<&'static str> {
        let (settings, epoch) = self.last.as_ref()?;
        let (training, validation) = (epoch.training_loss?, epoch.validation_loss?);
        let first = epoch.course.first().map_or(training, |it| it[0]);
        if epoch.training_accuracy < 1.4 * self.chance && settings.rate > 0.05 {
            return Some(
                "The network answers alike whatever it sees: so high a rate has driven its units dead. Go back, with a lower one.",
            );
        }
        if first - training < 0.02 * first && epoch.training_accuracy < 0.95 {
            return Some("The loss hardly falls: try a higher rate; if it jumped, a lower one.");
        }
        if validation - training > 0.3 * validation {
            return Some(
                "The gap grows: the network learns the training examples by heart. More dropout or weight decay helps, or stopping.",
            );
        }
        (validation - training < 0.05 * validation && self.epoch > 3)
            .then_some("No gap: the network could learn more. Go on, or make it larger.")
    }
}

/// The last epoch's numbers.
#[component]
fn Standing(now: Memo<Option<Now>>) -> impl IntoView {
    view! {
        {move || now.get().map(|now| {
            let title = if now.epoch == 0 { "Before the first epoch".to_owned() } else { format!("After epoch {}", now.epoch) };
            let accuracy = now.last.as_ref().map(|(_, it)| it.validation_accuracy);
            let numbers = now.last.as_ref().map(|(_, epoch)| view! {
                <dl class="quest-numbers">
                    <div><dt>"Validation"</dt><dd>{numbers::percent(epoch.validation_accuracy)}</dd><dd>{numbers::loss(epoch.validation_loss)}</dd></div>
                    <div><dt>"Training"</dt><dd>{numbers::percent(epoch.training_accuracy)}</dd><dd>{numbers::loss(epoch.training_loss)}</dd></div>
                </dl>
            });
            view! {
                <div data-testid="quest-epoch" data-epoch=now.epoch data-val-accuracy=accuracy.map(|it| it.to_string())>
                    <h1 class="quest-title">{title}</h1>
                    {numbers}
                    <p class="quest-hint">{now.cost.clone()}</p>
                </div>
            }
        })}
    }
}

/// The player's turn.
#[component]
fn Turn(controls: Controls, now: Memo<Option<Now>>) -> impl IntoView {
    let state = use_state();
    let settings = controls.0;
    let label = move || {
        let last = now.with(|it| it.as_ref().and_then(|it| it.last.as_ref().map(|(settings, _)| *settings)));
        let is_changed = last.is_some_and(|last| !changes(&last, &settings.get()).is_empty());
        if is_changed { "Go on with the changes" } else { "Go on" }
    };
    let train = move |_| state.decide(Decision::Train { settings: settings.get_untracked() });
    view! {
        <p class="quest-advice">{move || now.with(|it| it.as_ref().and_then(Now::hint))}</p>
        <RateControl settings/>
        <DropoutControl settings/>
        <FurtherControls settings/>
        <div class="quest-buttons">
            <button type="button" class="solid" data-testid="train" on:click=train>{label}</button>
            <button type="button" class="quiet" data-testid="stop" on:click=move |_| state.decide(Decision::Stop)>"Stop here"</button>
        </div>
        <Grow/>
    }
}

/// The loss is no number any more.
#[component]
fn Exploded() -> impl IntoView {
    let state = use_state();
    let before = move || state.tree().and_then(|tree| tree.node().and_then(|node| node.parent));
    view! {
        <div class="quest-trouble" role="alert" data-testid="exploded">
            <p><strong>"The loss exploded. "</strong>"It is not a number any more, and neither are the weights: the steps were too long. Go back to a checkpoint, and on with a lower rate."</p>
            {move || before().map(|to| view! {
                <button type="button" class="solid" data-testid="revert-last"
                    on:click=move |_| state.decide(Decision::Revert { to })>"Back to the checkpoint before"</button>
            })}
        </div>
    }
}

/// An epoch is being trained.
#[component]
fn Training() -> impl IntoView {
    let state = use_state();
    let share = move || state.machine.with(|it| it.share);
    let words = move || format!("Training: {:.0} %", share() * 100.0);
    view! {
        <div class="quest-training-now">
            <p>{words}</p>
            <progress class="bar" max="1" value=share aria-label="Training"></progress>
            <button type="button" class="quiet" data-testid="give-up" on:click=move |_| state.take(Event::GiveUp)>"Cancel this epoch"</button>
        </div>
    }
}

/// A checkpoint in the list.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    number: usize,
    title: String,
    accuracy: Option<String>,
    is_current: bool,
    is_discarded: bool,
}

fn rows(game: &Game, tree: &Tree) -> Vec<Row> {
    let path = tree.path(tree.current);
    let row = |(number, node): (usize, &model::quest::tree::Node)| {
        let epoch = epoch_of(game, node);
        let title = match (epoch, growth_of(game, node)) {
            (Some(_), _) => format!("Epoch {}", node.epoch),
            (None, Some(growth)) => growth_words(growth),
            (None, None) => "First network".to_owned(),
        };
        let accuracy = epoch.map(|(_, epoch)| match epoch.exploded {
            true => "exploded".to_owned(),
            false => numbers::percent(epoch.validation_accuracy),
        });
        Row { number, title, accuracy, is_current: tree.current == Some(number), is_discarded: !path.contains(&number) }
    };
    tree.nodes.iter().enumerate().map(row).rev().collect()
}

/// All checkpoints, the newest first.
#[component]
fn Checkpoints(is_working: Memo<bool>) -> impl IntoView {
    let state = use_state();
    let found = Memo::new(move |_| {
        let tree = state.tree()?;
        state.machine.with(|machine| Some(rows(machine.game.as_ref()?, &tree)))
    });
    let item = move |row: Row| {
        let Row { number, title, accuracy, is_current, is_discarded } = row;
        let label = format!("Back to checkpoint {number}: {title}");
        view! {
            <li class="quest-checkpoint" data-testid="checkpoint" data-discarded=is_discarded.to_string()>
                <span class="quest-number">{number}</span>
                <span>{title}</span>
                <span class="quest-figure">{accuracy}</span>
                {if is_current {
                    view! { <span class="quest-here">"here"</span> }.into_any()
                } else {
                    view! {
                        <button type="button" class="text" data-testid=format!("revert-{number}") aria-label=label disabled=is_working
                            on:click=move |_| state.decide(Decision::Revert { to: number })>"Revert"</button>
                    }.into_any()
                }}
            </li>
        }
    };
    view! {
        <div class="quest-checkpoints">
            <h2 class="block-title">"Checkpoints"</h2>
            <ol class="quest-list">{move || found.get().unwrap_or_default().into_iter().map(item).collect_view()}</ol>
        </div>
    }
}
