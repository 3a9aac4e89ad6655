//! The lesson above the photo: where one is, what the step says, and the ways on.

use std::sync::Arc;

use leptos::prelude::*;
use leptos_use::{use_document, use_event_listener};
use wasm_bindgen_futures::spawn_local;
use web_sys::KeyboardEvent;

use super::load::{Loaded, load};
use crate::{
    focus::{is_at_rest, is_writing},
    icon::{Icon, Shape},
    state::{Actions, use_actions, use_view},
    url_state::UrlState,
    words::{self, controls},
};

/// The lesson that the address names.
pub fn view() -> AnyView {
    let (actions, view) = (use_actions(), use_view());
    let lesson = RwSignal::new(None::<Arc<Loaded>>);
    Effect::new(move |_| {
        let Some(name) = view.lesson.get() else { return };
        lesson.set(None);
        spawn_local(async move {
            let loaded = load(&name).await;
            if view.lesson.try_get_untracked().flatten().as_ref() != Some(&name) {
                return; // another one has been asked for since
            }
            match loaded {
                Ok(loaded) => lesson.set(Some(Arc::new(loaded))),
                Err(error) => view.notifications.fault_in_address(&error.to_string()),
            }
        });
    });
    Effect::new(move |_| {
        let (Some(lesson), place) = (lesson.get(), view.step.get()) else { return };
        let (number, _) = lesson.file.step(place);
        if place == number {
            show(actions, &lesson, number);
        } else {
            view.step.set(number); // comes back here
        }
    });
    let go = move |by: isize| {
        lesson.with_untracked(|lesson| {
            let Some(lesson) = lesson else { return };
            let (number, _) = lesson.file.step(view.step.get_untracked());
            let (next, _) = lesson.file.step(number.saturating_add_signed(by));
            view.step.set(next);
        });
    };
    let key = move |event: KeyboardEvent| {
        let is_command = event.ctrl_key() || event.meta_key() || event.alt_key();
        let is_free = !event.default_prevented() && !is_command && !is_writing(event.target());
        let by = match event.key().as_str() {
            "PageDown" if is_free => 1,
            "PageUp" if is_free => -1,
            "ArrowRight" if is_free && is_at_rest(event.target(), view) => 1,
            "ArrowLeft" if is_free && is_at_rest(event.target(), view) => -1,
            _ => return,
        };
        event.prevent_default();
        go(by);
    };
    let _ = use_event_listener(use_document(), leptos::ev::keydown, key);
    (move || lesson.get().map(|lesson| shown(&lesson, view.step, go))).into_any()
}

/// Brings the page to a step.
fn show(actions: Actions, lesson: &Loaded, place: usize) {
    let page = untrack(|| actions.url_state(&UrlState::default()));
    let (number, step) = lesson.file.step(place);
    let photo = step.photo.as_deref().and_then(|it| lesson.photo(it));
    untrack(|| actions.follow(&step.state(&page, number, photo)));
    document().set_title(&format!("{} · {} · Lookout", step.title, lesson.file.title));
}

fn shown(lesson: &Arc<Loaded>, step: RwSignal<usize>, go: impl Fn(isize) + Copy + 'static) -> AnyView {
    let count = lesson.file.steps.len();
    let at = {
        let lesson = lesson.clone();
        move || {
            let (number, step) = lesson.file.step(step.get());
            (number, step.clone())
        }
    };
    let at = Memo::new(move |_| at());
    let number = move || at.with(|it| it.0);
    let place = {
        let title = lesson.file.title.clone();
        move || controls::lesson_place(&title, number(), count)
    };
    let titles = lesson.file.steps.iter().enumerate();
    let options = titles.map(|(index, it)| view! {
        <option value=(index + 1).to_string() selected=move || number() == index + 1>{format!("{}  {}", index + 1, it.title)}</option>
    });
    let options = options.collect_view();
    let choose = move |event| {
        if let Ok(chosen) = event_target_value(&event).parse() {
            step.set(chosen);
        }
    };
    let paragraphs =
        move || at.with(|it| it.1.paragraphs().map(|text| view! { <p>{text.to_owned()}</p> }).collect_view());
    view! {
        <section class="lesson" data-testid="lesson" aria-label=controls::LESSON lang=lesson.file.lang.clone()>
            <div class="lesson-words" aria-live="polite">
                <p class="lesson-place" data-testid="lesson-place">{place}</p>
                <h1 class="lesson-title">{move || at.with(|it| it.1.title.clone())}</h1>
                <div class="lesson-text">{paragraphs}</div>
            </div>
            <nav class="lesson-keys" aria-label=controls::LESSON_STEPS lang=words::LANG>
                <button type="button" class="quiet" data-testid="lesson-back" aria-keyshortcuts="PageUp"
                    disabled=move || number() == 1 on:click=move |_| go(-1)>{controls::BACK}</button>
                <span class="select-frame">
                    <select class="select" aria-label=controls::STEP data-testid="lesson-step" prop:value=move || number().to_string()
                        on:change=choose>{options}</select>
                    <Icon shape=Shape::Down/>
                </span>
                <button type="button" class="solid" data-testid="lesson-next" aria-keyshortcuts="PageDown"
                    disabled=move || number() == count on:click=move |_| go(1)>{controls::NEXT}</button>
            </nav>
        </section>
    }
    .into_any()
}
