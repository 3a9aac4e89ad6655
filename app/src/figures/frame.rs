//! What is round a figure: its title and sentence, the way back, the photo it is on, the list of figures.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::catalog::{FIGURES, Figure, SAMPLE, figure};
use crate::{
    icon::{Icon, Shape},
    intake::PhotoPicker,
    photo::samples::{self, Sample},
    state::{use_actions, use_photo, use_view},
    theme_toggle::ThemeToggle,
    words::faults::Named,
};

/// The figure that the address names, or the list of figures.
pub fn view() -> AnyView {
    let (view, photo) = (use_view(), use_photo());
    open_some_photo();
    let shown = Memo::new(move |_| view.figure.get().and_then(|key| figure(&key)).map(|it| it.key));
    Effect::new(move |_| {
        let _ = photo.shown.with(Option::is_some); // tracked: the page's own title comes with the photo
        let title = shown.get().and_then(figure).map_or("Figures", |it| it.title);
        document().set_title(&format!("{title} · Lookout"));
    });
    view! {
        <header class="head fig-head">
            <a class="name" href="?" data-testid="back" on:click=move |event| {
                event.prevent_default();
                view.open_figure(None);
            }>
                <Icon shape=Shape::Mark/>"Lookout"
            </a>
            <Show when=move || shown.get().is_some()>
                <a class="text" href="?figure=all" data-testid="all-figures" on:click=move |event| {
                    event.prevent_default();
                    view.open_figure(Some("all"));
                }>"All figures"</a>
            </Show>
            <ThemeToggle/>
        </header>
        {move || match shown.get().and_then(figure) {
            Some(figure) => one(figure),
            None => view! { <FigureList/> }.into_any(),
        }}
    }
    .into_any()
}

/// A figure with what it says about itself.
fn one(figure: &'static Figure) -> AnyView {
    let photo = use_photo();
    view! {
        <article class="figure" data-testid="figure" data-figure=figure.key aria-labelledby="fig-title">
            <h1 class="fig-title" id="fig-title">{figure.title}</h1>
            <p class="fig-sentence">{figure.sentence}</p>
            <Show when=move || photo.is_shown() fallback=|| view! { <p class="fig-waiting" role="status">"Opening a photo"</p> }>
                {(figure.view)()}
            </Show>
            <Photos/>
        </article>
    }
    .into_any()
}

/// All figures.
#[component]
fn FigureList() -> impl IntoView {
    let view = use_view();
    let asked = view.figure.get_untracked().filter(|key| key != "all");
    if let Some(key) = asked {
        // The list opens a sample by itself, and that success is not an answer.
        view.notifications.fault_in_address(&crate::url_state::unknown_name(Named::Figure, &key));
    }
    let item = move |it: &'static Figure| {
        let open = move |event: leptos::ev::MouseEvent| {
            event.prevent_default();
            view.open_figure(Some(it.key));
        };
        view! {
            <li>
                <a class="fig-link" href=format!("?figure={}", it.key) data-testid="figure-link" on:click=open>
                    <span class="fig-link-title">{it.title}</span>
                    <span class="fig-link-words">{it.sentence}</span>
                </a>
            </li>
        }
    };
    view! {
        <section class="figure" data-testid="figure-list" aria-labelledby="fig-title">
            <h1 class="fig-title" id="fig-title">"Figures"</h1>
            <p class="fig-sentence">"One idea of the lecture each, to be touched on your own photo. Every number is computed here and now."</p>
            <ul class="fig-links">{FIGURES.iter().map(item).collect_view()}</ul>
        </section>
    }
}

/// The photo that the figure is on: the samples, and the visitor's own.
#[component]
fn Photos() -> impl IntoView {
    let samples = RwSignal::new(Vec::<Sample>::new());
    spawn_local(async move { samples.set(samples::list().await) });
    let (photo, actions) = (use_photo(), use_actions());
    let item = move |sample: Sample| {
        let key = sample.key().to_owned();
        let shown =
            move || photo.shown.with(|it| it.as_ref().is_some_and(|it| it.sample.as_deref() == Some(key.as_str())));
        let (path, label) = (sample.path(), format!("On the sample {}", sample.title));
        let id = format!("figure-sample-{}", sample.key());
        let open = move |_| {
            let sample = sample.clone();
            actions.open(async move { sample.load().await });
        };
        view! {
            <li>
                <button type="button" class="sample-button" data-testid=id aria-label=label aria-pressed=move || shown().to_string()
                    on:click=open>
                    <img class="sample-image" src=path alt="" decoding="async"/>
                </button>
            </li>
        }
    };
    view! {
        <div class="fig-photos">
            <span class="fig-photos-label">"On another photo"</span>
            <PhotoPicker class="quiet picker" testid="figure-file">"Choose"</PhotoPicker>
            <ul class="fig-samples" aria-label="Sample photos">
                {move || samples.get().into_iter().map(item).collect_view()}
            </ul>
        </div>
    }
}

/// Opens a sample where neither the visitor nor the address has a photo.
fn open_some_photo() {
    let (photo, actions, view) = (use_photo(), use_actions(), use_view());
    let is_tried = StoredValue::new(false); // once: a sample that cannot be had is told, not asked for again and again
    Effect::new(move |_| {
        if !photo.is_shown() && !photo.opening.get() && !actions.is_restoring() && !is_tried.get_value() {
            is_tried.set_value(true);
            let key = view.figure.get_untracked();
            let sample = key.as_deref().and_then(figure).map_or(SAMPLE, |it| it.sample);
            actions.open_again(async move { samples::open(sample).await });
        }
    });
}
