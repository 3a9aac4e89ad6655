//! One photo of the strip: small, with what was found in it or why nothing was.

use leptos::{html::Canvas, prelude::*};

use super::{
    background::Background,
    strip::Place,
    summary::{draw, words_of},
};
use crate::{
    icon::{Icon, Shape},
    scene::Scene,
    settings::Settings,
    state::{FilmPhoto, use_actions, use_result, use_view},
};

/// One photo.
#[component]
pub fn Picture(
    /// The photo.
    photo: FilmPhoto,
    /// Where the visitor is.
    place: Place,
    /// The task on all photos.
    background: Background,
    /// The settings, once they have come to rest.
    settings: Signal<Settings>,
) -> impl IntoView {
    let (result, actions) = (use_result(), use_actions());
    let systems = Memo::new(move |_| result.systems());
    let scene = Memo::new(move |_| settings.with(|settings| systems.with(|systems| photo.scene(systems, settings))));
    let is_open = Memo::new(move |_| place.open.get() == Some(photo));
    let is_done = move || scene.with(|scene| scene.lead().is_some());
    let words = Memo::new(move |_| match (photo.fault.get(), background.current.get() == Some(photo)) {
        (Some(_), _) => photo.name.get_value(),
        (None, true) => "Looking".into(),
        (None, false) if is_done() => scene.with(words_of),
        (None, false) => "Waiting".into(),
    });
    let state = move || match (photo.fault.with(Option::is_some), is_done()) {
        (true, _) => "failed",
        (false, true) => "done",
        (false, false) => "waiting",
    };
    let label = move || match photo.fault.get() {
        Some(fault) => format!("{}: {fault}", photo.name.get_value()),
        None => format!("{}: {}", photo.name.get_value(), words.get()),
    };
    // Its first half: what is wrong. What to do is told when the photo is chosen.
    let why = move || photo.fault.get().map(|fault| fault.split(": ").next().unwrap_or_default().to_owned());
    let name = photo.name.get_value();
    let removal = format!("Remove {name}");
    // The strip is one stop of the Tab key: at the open photo, or at the first one.
    let is_stop = move || match place.open.get() {
        Some(open) => open == photo,
        None => actions.film.photos.with(|photos| photos.first() == Some(&photo)),
    };
    view! {
        <li class="film-item" data-testid="film-photo" data-state=state data-open=move || is_open.get().to_string()>
            <button type="button" class="film-photo" title=name aria-label=label
                aria-current=move || is_open.get().then_some("true")
                tabindex=move || if is_stop() { "0" } else { "-1" }
                on:click=move |_| place.go(photo)>
                <SmallPicture photo scene/>
                {move || why().map(|why| view! { <span class="film-why" data-testid="film-why">{why}</span> })}
                <span class="film-found" data-testid="film-found">{words}</span>
            </button>
            <button type="button" class="film-remove" data-testid="film-remove" aria-label=removal
                tabindex=move || if is_stop() { "0" } else { "-1" }
                on:click=move |_| place.remove(photo)><Icon shape=Shape::Close/></button>
        </li>
    }
}

/// The photo in small with what was found in it.
#[component]
fn SmallPicture(
    /// The photo.
    photo: FilmPhoto,
    /// What was found.
    scene: Memo<Scene>,
) -> impl IntoView {
    let view = use_view();
    let node = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        let (Some(canvas), Some(thumbnail)) = (node.get(), photo.thumbnail.get()) else { return };
        let (Some(sizes), _) = (photo.sizes.get_value(), view.is_dark()) else { return };
        if let Err(error) = scene.with(|scene| draw(&canvas, &thumbnail, sizes, scene)) {
            leptos::logging::error!("a small picture could not be drawn: {error:?}");
        }
    });
    view! { <canvas node_ref=node class="strip-picture" aria-hidden="true"></canvas> }
}
