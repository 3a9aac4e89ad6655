//! The data set: its statistics, and examples of each class.

use leptos::prelude::*;
use model::quest::{architecture::Input, game::Machine, statistics::Statistics};

use crate::{
    canvas::{Picture, pictures},
    numbers,
    state::use_state,
};

/// Statistics and examples.
#[component]
pub fn DataSet() -> impl IntoView {
    let machine = use_state().machine;
    let known = Memo::new(move |_| machine.with(|it| it.game.as_ref().map(|game| (game.seed, game.statistics))));
    view! {
        {move || known.get().map(|(seed, statistics)| view! {
            <section class="quest-data" aria-labelledby="data-title" data-testid="data-set">
                <h2 id="data-title" class="quest-title">{numbers::data_set(seed)}</h2>
                <Facts statistics/>
                <Samples machine input=statistics.input/>
            </section>
        })}
    }
}

/// The statistics.
#[component]
fn Facts(statistics: Statistics) -> impl IntoView {
    let is_image = matches!(statistics.input, Input::Image { .. });
    let rows = [
        ("Task", "Classification".to_owned()),
        ("Kind", if is_image { "Pictures" } else { "Vectors" }.to_owned() + ": " + statistics.family.title()),
        ("Classes", statistics.classes.to_string()),
        ("Input", statistics.input_size()),
        ("Training", format!("{} examples", numbers::whole(statistics.training))),
        ("Validation", format!("{} examples", numbers::whole(statistics.validation))),
    ];
    let row = |(name, value): (&'static str, String)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
    view! { <dl class="quest-facts" data-testid="statistics">{rows.into_iter().map(row).collect_view()}</dl> }
}

/// Ten examples of each class.
#[component]
fn Samples(machine: RwSignal<Machine>, input: Input) -> impl IntoView {
    let (samples, names) = machine.with_untracked(|it| (it.samples.clone(), it.names.clone()));
    let words = match input {
        Input::Image { .. } if !names.is_empty() => {
            "Ten training patches of each class. Training patches come from three quarters of a class's places in the photo, validation patches from the rest."
        }
        Input::Image { .. } => "Ten training examples of each class, as they come: a few have a wrong label.",
        Input::Vector { .. } => {
            "Ten training examples of each class: a line each, a cell a number, blue below zero, orange above."
        }
    };
    let row = |(class, samples): (usize, Vec<_>)| {
        let pictures = pictures(&samples, input);
        let name = names.get(class).cloned().unwrap_or_else(|| format!("Class {}", class + 1));
        view! {
            <li class="quest-class">
                <span class="quest-class-name">{name}</span>
                <span class="quest-pictures">{pictures.into_iter().map(|pixels| view! { <Picture pixels/> }).collect_view()}</span>
            </li>
        }
    };
    let kind = if matches!(input, Input::Image { .. }) { "quest-samples" } else { "quest-samples quest-vectors" };
    view! {
        <p class="quest-hint">{words}</p>
        <ul class=kind>{samples.into_iter().enumerate().map(row).collect_view()}</ul>
    }
}
