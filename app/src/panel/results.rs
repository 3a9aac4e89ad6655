//! The headline, the classes with their counts, and the list that a screen reader can read.

use leptos::prelude::*;

use super::{
    progress::{LoadLines, Pace, Waiting},
    row_button::RowButton,
};
use crate::{
    engine::Phase,
    findings::{ClassCount, Finding},
    layers::Layer,
    paint::{pen::Highlight, view::Size},
    position::position_of_finding,
    scene::{Addition, Scene},
    state::{Actions, use_actions, use_photo, use_result, use_view},
    swatch::swatch_class,
    words::{Language, classes, controls, numbers, progress},
};

/// What is going on, or what came of it, in large letters.
#[component]
pub fn Summary() -> impl IntoView {
    let (photo, result, actions) = (use_photo(), use_result(), use_actions());
    let phase = result.engine.phase;
    let stopped_at = move || Pace::now(result);
    let headline = move || match phase.get() {
        _ if photo.opening.get() => progress::OPENING().to_owned(),
        Phase::Running => progress::LOOKING().into(),
        Phase::Cancelled if stopped_at().is_some() => progress::STOPPED().into(),
        Phase::Cancelled | Phase::Idle => progress::CANCELLED().into(),
        Phase::Failed => progress::NO_RESULT().into(),
        Phase::Done => result.scene.with(Scene::headline),
    };
    let detail = move || match phase.get() {
        Phase::Done if !photo.opening.get() => result.scene.with(Scene::detail),
        Phase::Cancelled => stopped_at().map(|pace| pace.stopped()).unwrap_or_default(),
        _ => String::new(),
    };
    // A sentence in the place of a headline is set smaller.
    let is_sentence =
        move || phase.get() == Phase::Done && result.scene.with(|it| !it.is_joint() && it.sentence().is_some());
    // Captions are English, whatever the language of the page.
    let headline_lang =
        move || (is_sentence() && result.scene.with(Scene::is_headline_english)).then_some(Language::English.key());
    let waiting = move || photo.opening.get() || phase.get() == Phase::Running;
    let best_guess = Memo::new(move |_| {
        let is_done = phase.get() == Phase::Done && !photo.opening.get();
        result.scene.with(|scene| scene.lead().and_then(Layer::best_guess)).filter(|_| is_done)
    });
    let best_guess = move || best_guess.get();
    let squeezed = Memo::new(move |_| squeezed(photo.size()).filter(|_| phase.get() == Phase::Done));
    let stopped = move || matches!(phase.get(), Phase::Cancelled | Phase::Failed | Phase::Idle) && !photo.opening.get();
    view! {
        <header class="summary">
            <div aria-live="polite" aria-atomic="true">
                <h1 class="summary-title" class:summary-sentence=is_sentence lang=headline_lang>{headline}</h1>
                <p class="summary-words">{detail}</p>
            </div>
            {move || squeezed.get().map(|words| view! { <p class="field-hint" data-testid="squeezed">{words}</p> })}
            <Show when=waiting>
                <Waiting/>
                <LoadLines/>
                <button type="button" class="quiet" data-testid="cancel" on:click=move |_| { actions.cancel(); }>
                    {controls::CANCEL} <kbd>"Esc"</kbd>
                </button>
            </Show>
            {move || best_guess().map(|score| view! {
                <button type="button" class="quiet" data-testid="show-best"
                    on:click=move |_| show_from(actions, score)>{controls::SHOW_IT}</button>
            })}
            <Show when=stopped>
                <button type="button" class="solid" data-testid="look-again" on:click=move |_| actions.look_again()>{controls::LOOK_AGAIN}</button>
            </Show>
        </header>
    }
}

/// Lowers the score from which on things are shown, and says so: it holds for later photos, too.
fn show_from(actions: Actions, score: f32) {
    actions.set("score", |it| it.score = score);
    actions.view.notifications.notice(&controls::lowest_score_now(score));
}

/// A photo this many times as long as it is high, or the reverse, hides things from a network that sees a square.
const LONG: f32 = 3.0;

/// What a network that sees the photo as a square makes of a long one; nothing where that hardly matters.
fn squeezed(photo: Size) -> Option<String> {
    let ratio = photo.width / photo.height;
    let times = ratio.max(1.0 / ratio);
    (times >= LONG && times.is_finite()).then(|| controls::squeezed(times, photo.width > photo.height))
}

/// The class filter.
#[component]
pub fn Classes() -> impl IntoView {
    let findings = use_result().findings();
    let classes = move || findings.get().classes.clone();
    view! {
        <Show when=move || { classes().len() > 1 || classes().iter().any(|it| it.hidden) }>
            <div class="chips" role="group" aria-label=controls::SHOW_CLASSES>
                <For each=classes key=|it| (it.class, it.count, it.hidden, it.slot) let(class)>
                    <Chip class/>
                </For>
            </div>
        </Show>
    }
}

/// One class of the filter.
#[component]
fn Chip(
    /// The class with its count.
    class: ClassCount,
) -> impl IntoView {
    let actions = use_actions();
    let id = class.class;
    let toggle = move |_| {
        actions.set("class", |settings| {
            if !settings.hidden.remove(&id) {
                settings.hidden.insert(id);
            }
        });
    };
    view! {
        <button type="button" class="chip" data-testid="class-chip" data-class=class.name
            aria-pressed=(!class.hidden).to_string() on:click=toggle>
            <span class=swatch_class(class.slot) aria-hidden="true"></span>
            {move || classes::things(class.count, id)}
            <span class="chip-count">{class.count}</span>
        </button>
    }
}

/// What several layers add to the photo, each with a switch.
#[component]
pub fn Additions() -> impl IntoView {
    let (result, actions) = (use_result(), use_actions());
    let toggle = move |kind: &'static str| {
        actions.set("layer", |settings| {
            if !settings.hidden_layers.remove(kind) {
                settings.hidden_layers.insert(kind);
            }
        });
    };
    let chip = move |addition: Addition| {
        view! {
            <button type="button" class="chip" data-testid="layer-chip" data-layer=addition.kind
                aria-pressed=addition.is_drawn.to_string() on:click=move |_| toggle(addition.kind)>{addition.name}</button>
        }
    };
    view! {
        <div class="chips" role="group" aria-label=controls::SHOW_LAYERS>
            <For each=move || result.scene.with(Scene::additions) key=|it| (it.kind, it.name, it.is_drawn) let(addition)>
                {chip(addition)}
            </For>
        </div>
    }
}

/// The findings, best first.
#[component]
pub fn List() -> impl IntoView {
    let (findings, view) = (use_result().findings(), use_view());
    view! {
        <section aria-labelledby="list-title">
            <h2 id="list-title" class="visually-hidden">{controls::THINGS_FOUND}</h2>
            <ol class="results" data-testid="results" on:mouseleave=move |_| view.hover(None)>
                <For each=move || findings.get().shown.clone() key=|it| (it.key, it.number, it.slot, it.score.to_bits()) let(finding)>
                    <Row finding/>
                </For>
            </ol>
        </section>
    }
}

/// One finding. Pointing at it, or focusing it, isolates its box.
#[component]
fn Row(
    /// The finding.
    finding: Finding,
) -> impl IntoView {
    let (key, class, score) = (finding.key, finding.class, format!("{:.3}", finding.score));
    let percent = finding.percent();
    let (photo, findings) = (use_photo(), use_result().findings());
    let place = move || {
        findings.with(|it| it.by_key(Some(key)).map(|finding| position_of_finding(finding, &it.shown, photo.size())))
    };
    // Boxes and masks share the list.
    let kind = use_result().scene.with_untracked(|scene| scene.lead().map_or("", Layer::kind));
    view! {
        <li class="row" data-testid="result-row" data-class=finding.name data-score=score>
            <RowButton highlight=Highlight { kind, key }>
                <span class="row-number">{finding.number}</span>
                <span class=swatch_class(finding.slot) aria-hidden="true"></span>
                <span class="row-name">{move || classes::thing(class)}</span>
                <span class="row-score">{percent}<span class="unit">{numbers::PERCENT_SIGN}</span></span>
                <span class="visually-hidden" data-testid="position">{place}</span>
                <span class="row-bar" aria-hidden="true" style:--part=format!("{:.3}", finding.score)></span>
            </RowButton>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_photos_say_what_the_network_sees() {
        assert!(squeezed(Size::new(700.0, 100.0)).is_some_and(|words| words.contains("7 times as narrow")));
        assert!(squeezed(Size::new(100.0, 410.0)).is_some_and(|words| words.contains("4 times as low")));
        assert_eq!(squeezed(Size::new(300.0, 200.0)), None);
        assert_eq!(squeezed(Size::default()), None);
    }
}
