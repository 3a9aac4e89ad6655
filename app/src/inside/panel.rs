//! The panel of the open stage: its number and name, what is seen, its controls, what to try.

use leptos::prelude::*;
use model::catalog::{System, Task};

use super::{everything::Everything, selection::OpenStage, strip::suppression_ms, use_open_stage};
use crate::{
    settings::Settings,
    stages::{RESULT, StripItem, milliseconds, open_index, strip},
    state::{ResultState, use_actions, use_result, use_view},
};

/// The stage that is open, in words, with its controls.
pub fn view() -> AnyView {
    let (result, view, actions) = (use_result(), use_view(), use_actions());
    let stage = use_open_stage();
    let suppression_ms = Memo::new(move |_| suppression_ms(result));
    let item = Memo::new(move |_| {
        let systems = result.systems();
        let items = result.results.with(|results| strip(&systems, results, suppression_ms.get()));
        let index = view.stage.with(|stage| open_index(&items, stage.as_deref()))?;
        Some((index, items.into_iter().nth(index)?))
    });
    // Made anew when another stage opens, or when its value arrives.
    let open = Memo::new(move |_| (stage.get(), stage.get().is_some_and(|it| it.read(|_, _| ()).is_some())));
    let all_results = Memo::new(move |_| {
        result.systems().len() > 1 && item.with(|item| item.as_ref().is_some_and(|it| it.1.key == RESULT.key))
    });
    view! {
            <section class="stage-panel" data-testid="stage-panel" aria-label="Open stage" lang="en">
                <div aria-live="polite" aria-atomic="true">
                    <h2 class="stage-title">{move || item.get().map(|(index, it)| view! {
                        <span class="stage-number">{index + 1}</span>
                        {it.title}
                    })}</h2>
                    <p class="stage-time">{move || item.get().map(|it| time(&it.1))}</p>
                    <p class="summary-words">{move || words(stage.get(), item.get().map(|it| it.1), result.systems().len() > 1)}</p>
                </div>
                <Show when=move || has_closer_look(result)>
                    <p class="field-hint">"Stages are those of the first look; without the look inside, what the closer one has found is on show."</p>
                </Show>
                <Show when=move || item.with(|it| it.as_ref().is_some_and(|it| is_shared_time(&it.1)))>
                    <button type="button" class="quiet" data-testid="time-stages" on:click=move |_| actions.time_stages()>
                        "Time each stage"
                    </button>
                </Show>
                {move || match open.get() {
                    // Untracked: what is chosen in the controls must not make them anew.
                    (Some(stage), true) => Some(untrack(|| stage.read(|it, _| view! {
                        {it.controls(stage)}
                        <p class="to-try"><b>"What to try: "</b>{it.to_try()}</p>
                    }.into_any()))),
                    _ => None,
                }}
                <Show when=move || all_results.get()>
                    <Everything/>
                </Show>
            </section>
    }
    .into_any()
}

/// Whether a closer look has found something else than the stages show.
fn has_closer_look(result: ResultState) -> bool {
    result.settings.with(Settings::takes_closer_look) && result.results.with(|it| it.is_closer(&result.systems()))
}

/// The stage's time and passes, in words.
fn time(item: &StripItem) -> String {
    let Some(ms) = item.ms else { return String::new() };
    if item.queued {
        return format!(
            "The GPU was told what to do in {}, and does it later: the next stage that reads numbers waits for it.",
            milliseconds(ms),
        );
    }
    if item.waited_for > 0 {
        let before = if item.waited_for == 1 { "stage".to_owned() } else { format!("{} stages", item.waited_for) };
        return format!("{}, waiting for the {before} before it included.", milliseconds(ms));
    }
    let from = if item.reused { ", from the first run" } else { "" };
    let passes = match item.passes {
        0 => String::new(),
        1 => ", one pass of a network".into(),
        n => format!(", {n} passes of a network"),
    };
    format!("{}{passes}{from}", milliseconds(ms))
}

/// How the result comes of the stages before it.
///
/// # Arguments
/// * `several` - whether it is that of several systems.
fn result_words(system: System, several: bool) -> &'static str {
    match system.info().task {
        _ if several => "What the page shows without looking inside: all systems on one photo.",
        Task::Boxes => "The boxes that are left after suppression, best first.",
        Task::Skeletons if system == System::PoseRegression => {
            "The 28 numbers of each crop, put back into the photo. Nothing says how sure a joint is, so each has 100%."
        }
        Task::Skeletons if system == System::KeypointRcnn => {
            "The centre of mass around the likeliest place of each map, put back into the photo."
        }
        Task::Skeletons => {
            "The peak of each heat map, moved by its offset and put back into the photo. Of two skeletons that are almost \
             the same the better one stays."
        }
        Task::Masks => "The grid of each thing, scaled to its box and cut at 50%: a shape for each thing.",
        Task::ClassMap if matches!(system, System::Fcn | System::FcnMasks) => {
            "The scores of the cells, spread over all pixels between them, with boundaries that a guided filter has moved to the \
             edges of the photo: each pixel takes its likeliest class."
        }
        Task::ClassMap => {
            "The scores of the cells, spread over all pixels between them: each pixel takes its likeliest class."
        }
        Task::Captions => "The likeliest sentence that beam search has found for the photo and for each region.",
        Task::Localize | Task::Everything => "One class and one box, whatever is in the photo.",
    }
}

/// Whether the stage's time is not its own.
fn is_shared_time(item: &StripItem) -> bool {
    item.ms.is_some() && (item.queued || item.waited_for > 0)
}

/// What is seen; what is missing, if nothing is.
fn words(stage: Option<OpenStage>, item: Option<StripItem>, several: bool) -> String {
    let Some(item) = item else { return String::new() };
    let Some(stage) = stage else { return result_words(item.system, several).into() };
    if let Some(words) = stage.read(|view, selection| view.words(selection)) {
        return words;
    }
    match (item.progress, item.is_open) {
        (Some(progress), _) => format!("{} of {} done.", progress.done, progress.total),
        (None, true) => "There is no picture of this stage.".into(),
        (None, false) => "Not computed yet.".into(),
    }
}
