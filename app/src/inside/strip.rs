//! The strip of stages under the photo.

use leptos::{html::Ol, prelude::*};
use leptos_use::{use_document, use_event_listener, use_interval_fn, use_prefers_reduced_motion};
use model::structures::boxes::{Candidate, Suppression, suppress};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent, ScrollBehavior, ScrollToOptions};

use super::{
    thumbnail::{Miniature, Thumbnail},
    use_inside,
};
use crate::{
    js::now,
    stages::{RESULT, StripItem, milliseconds, open_index, step, strip, total},
    state::{ResultState, use_photo, use_result, use_view},
};

/// Milliseconds that a stage is shown while playing.
const PLAY_MS: u64 = 3_200;
/// Milliseconds in which suppression is repeated for a mean, since it takes far less than the clock can tell; and how many
/// means there are: their median does not mind that something else ran in between.
const TIMING_MS: f64 = 0.5;
const MEANS: usize = 5;

/// The strip.
pub fn view() -> AnyView {
    view! { <Strip/> }.into_any()
}

#[component]
fn Strip() -> impl IntoView {
    let (photo, result, view, inside) = (use_photo(), use_result(), use_view(), use_inside());
    let suppression_ms = Memo::new(move |_| suppression_ms(result));
    let items = Memo::new(move |_| {
        let systems = result.systems();
        result.results.with(|results| strip(&systems, results, suppression_ms.get()))
    });
    let open = Memo::new(move |_| {
        let key = view.stage.get();
        items.with(|items| open_index(items, key.as_deref()).map(|index| items[index].key))
    });
    // A stage of another task or system is not open, and what was chosen on another photo does not hold.
    Effect::new(move |_| {
        let is_known = |key: &str| items.with(|it| it.iter().any(|item| item.key == key));
        if !view.stage.with(|stage| stage.as_deref().is_none_or(is_known)) {
            view.stage.set(None);
        }
    });
    Effect::new(move |earlier: Option<_>| {
        let now = (photo.shown.with(|photo| photo.as_ref().map(|photo| photo.id)), result.systems());
        if earlier.is_some_and(|earlier| earlier != now) {
            inside.selections.update(std::collections::BTreeMap::clear);
        }
        now
    });
    let playing = RwSignal::new(false);
    let miniature = Miniature::new(photo);
    let list = NodeRef::<Ol>::new();
    reveal_open(list, open);
    let go = move |key: Option<&'static str>| {
        playing.set(false);
        if let Some(key) = key {
            view.stage.set(Some(key.into()));
        }
    };
    keys(list, move |name| {
        let (stage, items) = (view.stage.get_untracked(), items.get_untracked());
        match name {
            "ArrowLeft" => go(step(&items, stage.as_deref(), -1)),
            "ArrowRight" => go(step(&items, stage.as_deref(), 1)),
            "Home" => go(items.first().map(|item| item.key)),
            "End" => go(items.last().map(|item| item.key)),
            _ => return false,
        }
        true
    });
    let advance = move || {
        let items = items.get_untracked();
        let next = step(&items, open.get_untracked(), 1);
        if next == open.get_untracked() { playing.set(false) } else { view.stage.set(next.map(Into::into)) }
    };
    use_interval_fn(
        move || {
            if playing.get_untracked() {
                advance();
            }
        },
        PLAY_MS,
    );
    let play = move |_| {
        let from_start = items.with_untracked(|items| items.last().map(|it| it.key)) == open.get_untracked();
        if !playing.get_untracked() && from_start {
            let first = items.with_untracked(|items| items.first().map(|item| item.key.to_owned()));
            view.stage.set(first);
        }
        playing.update(|it| *it = !*it);
    };
    let keys_of = Memo::new(move |_| items.with(|items| items.iter().map(|item| item.key).collect::<Vec<_>>()));
    let numbered = move || {
        let numbered = keys_of.get().into_iter().enumerate();
        numbered
            .map(|(index, key)| {
                let item = Memo::new(move |_| items.with(|items| items.iter().find(|item| item.key == key).cloned()));
                let choose = move |()| go(Some(key));
                let is_open = Signal::derive(move || open.get() == Some(key));
                view! { <Item index item is_open choose miniature/> }
            })
            .collect_view()
    };
    view! {
        <section class="inside" aria-label="Stages" lang="en">
            <div class="strip-head">
                <button type="button" class="step-button strip-play" data-testid="stages-play"
                    aria-label=move || if playing.get() { "Pause" } else { "Play all stages" } on:click=play>
                    {move || if playing.get() { "❚❚" } else { "▶" }}
                </button>
                <p class="strip-total" data-testid="total">{move || items.with(|items| total(items))}</p>
            </div>
            <ol node_ref=list class="strip">{numbered}</ol>
        </section>
    }
}

/// One stage of the strip.
#[component]
fn Item(
    /// Its place, from 0.
    index: usize,
    /// The stage.
    item: Memo<Option<StripItem>>,
    /// Whether it is open.
    is_open: Signal<bool>,
    /// Opens it.
    choose: impl Fn(()) + Copy + Send + 'static,
    /// The small photo.
    miniature: Miniature,
) -> impl IntoView {
    let with = move |read: fn(&StripItem) -> String| item.with(|item| item.as_ref().map(read).unwrap_or_default());
    let note = move || with(note);
    let part = move || {
        item.with(|item| item.as_ref().and_then(|it| it.progress))
            .map(|it| f64::from(it.done) / f64::from(it.total.max(1)))
    };
    view! {
        <li>
            <button type="button" class="strip-item" data-testid="stage" data-stage=move || with(|it| it.key.into())
                data-ms=move || item.with(|item| item.as_ref().and_then(|it| it.ms)).map(|ms| format!("{ms:.4}"))
                data-reused=move || item.with(|item| item.as_ref().is_some_and(|it| it.reused)).to_string()
                data-queued=move || item.with(|item| item.as_ref().is_some_and(|it| it.queued)).to_string()
                data-open=move || item.with(|item| item.as_ref().is_some_and(|it| it.is_open)).to_string()
                aria-current=move || is_open.get().then_some("step")
                tabindex=move || if is_open.get() { "0" } else { "-1" }
                on:click=move |_| choose(())>
                <Thumbnail item miniature/>
                <span class="strip-name"><span class="strip-number">{index + 1}</span>" "{move || with(|it| it.title.into())}</span>
                <span class="strip-note">{note}</span>
                {move || part().map(|part| view! { <progress class="bar" max="1" value=format!("{part:.3}")></progress> })}
            </button>
        </li>
    }
}

/// The time of a stage, or how far it is.
fn note(item: &StripItem) -> String {
    match (item.progress, item.ms) {
        (Some(progress), _) => format!("{} of {}", progress.done, progress.total),
        (None, Some(_)) if item.queued => "queued".into(),
        (None, Some(ms)) if item.waited_for > 0 => format!("{} for {} stages", milliseconds(ms), item.waited_for + 1),
        (None, Some(_)) if item.reused => "from the first run".into(),
        (None, Some(ms)) if item.key == RESULT.key => format!("{} in all", milliseconds(ms)),
        (None, Some(ms)) if item.passes > 1 => format!("{}, {} passes", milliseconds(ms), item.passes),
        (None, Some(ms)) => milliseconds(ms),
        (None, None) if item.is_open => String::new(),
        (None, None) => "not computed yet".into(),
    }
}

/// Milliseconds that suppression of the detector's boxes takes on this page, once there are any.
pub fn suppression_ms(result: ResultState) -> Option<f64> {
    let systems = result.systems();
    let system = systems.into_iter().find(|it| it.info().task == model::catalog::Task::Boxes)?;
    let rule = result.settings.with_untracked(crate::settings::Settings::rule);
    result.results.with(|results| Some(time_suppression(results.finished(system)?.run.detections()?, &rule)))
}

/// Milliseconds that suppression of detections takes on this page.
pub fn time_suppression(candidates: &[Candidate], rule: &Suppression) -> f64 {
    let mut means = [0.0; MEANS].map(|_: f64| {
        let (begin, mut rounds) = (now(), 0_u32);
        while now() - begin < TIMING_MS {
            std::hint::black_box(suppress(std::hint::black_box(candidates), rule));
            rounds += 1;
        }
        (now() - begin) / f64::from(rounds.max(1))
    });
    means.sort_by(f64::total_cmp);
    means[MEANS / 2]
}

/// Calls `act` with keys that belong to the strip: pressed in it or on the photo, and not used there.
fn keys(list: NodeRef<Ol>, act: impl Fn(&str) -> bool + 'static) {
    let key = move |event: KeyboardEvent| {
        let modified = event.ctrl_key() || event.meta_key() || event.alt_key() || event.shift_key();
        let Some(target) = event.target().and_then(|it| it.dyn_into::<Element>().ok()) else { return };
        let belongs = target.closest(".inside, .stage, .inside-toggle").ok().flatten().is_some();
        if event.default_prevented() || modified || !belongs || !act(&event.key()) {
            return;
        }
        event.prevent_default();
        // The focus follows, where it is in the strip.
        let from_strip = target.closest(".strip").ok().flatten().is_some();
        request_animation_frame(move || {
            let open = list.get_untracked().and_then(|it| it.query_selector("[aria-current]").ok().flatten());
            if let (true, Some(open)) = (from_strip, open.and_then(|it| it.dyn_into::<HtmlElement>().ok())) {
                drop(open.focus());
            }
        });
    };
    let _ = use_event_listener(use_document(), leptos::ev::keydown, key);
}

/// Scrolls the strip so that the open stage is in sight.
fn reveal_open(list: NodeRef<Ol>, open: Memo<Option<&'static str>>) {
    let calm = use_prefers_reduced_motion();
    Effect::new(move |_| {
        let (Some(list), Some(_)) = (list.get(), open.get()) else { return };
        request_animation_frame(move || {
            let Some(item) = list.query_selector("[aria-current]").ok().flatten() else { return };
            let (strip, item) = (list.get_bounding_client_rect(), item.get_bounding_client_rect());
            let hidden = item.left() < strip.left() || item.right() > strip.right();
            if hidden {
                let to =
                    f64::from(list.scroll_left()) + item.left() - strip.left() - (strip.width() - item.width()) / 2.0;
                let options = ScrollToOptions::new();
                options.set_left(to);
                options.set_behavior(if calm.get_untracked() {
                    ScrollBehavior::Instant
                } else {
                    ScrollBehavior::Smooth
                });
                list.scroll_to_with_scroll_to_options(&options);
            }
        });
    });
}
