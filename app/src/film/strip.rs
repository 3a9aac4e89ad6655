//! The strip: the photos in a row, and one line about the task that runs on them.

use std::time::Duration;

use leptos::{html::Ol, prelude::*};
use leptos_use::use_prefers_reduced_motion;
use wasm_bindgen::JsCast;
use web_sys::{HtmlElement, KeyboardEvent, ScrollBehavior, ScrollToOptions};

use super::{
    background::Background,
    keeping::{keep_photos, link},
    picture::Picture,
    queue,
};
use crate::{
    duration::seconds,
    intake::PhotoPicker,
    photo::PhotoFault,
    state::{Actions, FilmPhoto, use_actions},
};

/// How long the visitor has to rest on a photo before it is opened, so that none is decoded that is only passed.
const REST_MS: u32 = 60;
/// How long a slider has to rest before the small pictures follow.
const SETTLE: Duration = Duration::from_millis(250);

/// The photos of the strip as the visitor moves among them: copies share it.
#[derive(Clone, Copy)]
pub struct Place {
    /// The photo that is on show, or about to be.
    pub open: Memo<Option<FilmPhoto>>,
    /// The photo that the visitor wants to see.
    wanted: RwSignal<Option<FilmPhoto>>,
    actions: Actions,
}

impl Place {
    /// Opens a photo.
    pub fn go(self, photo: FilmPhoto) {
        self.wanted.set(Some(photo));
        if let Some(fault) = photo.fault.get_untracked() {
            self.actions.give_up_opening();
            let name = photo.name.get_value();
            return self.actions.view.notifications.fault(&format!("{name}: {fault}"));
        }
        self.actions.open_again(async move {
            gloo_timers::future::TimeoutFuture::new(REST_MS).await;
            if self.wanted.try_get_untracked().flatten() != Some(photo) {
                return Err(PhotoFault::NotKept); // overtaken: nobody is told
            }
            let opened = photo.open().await;
            if let Err(fault) = &opened {
                photo.fault.set(Some(fault.to_string()));
            }
            opened
        });
    }

    /// Opens the photo so many places after the one on show.
    fn step(self, by: isize) {
        let photos = self.actions.film.photos.get_untracked();
        let numbers: Vec<u32> = photos.iter().map(|it| it.number).collect();
        let next = queue::neighbour(&numbers, self.open.get_untracked().map(|it| it.number), by);
        if let Some(next) = photos.into_iter().find(|it| Some(it.number) == next) {
            self.go(next);
        }
    }

    /// Takes a photo out of the strip; can be undone.
    pub fn remove(self, photo: FilmPhoto) {
        let photos = self.actions.film.photos.get_untracked();
        if photos.len() <= 1 {
            return self.actions.close();
        }
        let numbers: Vec<u32> = photos.iter().map(|it| it.number).collect();
        let successor = queue::successor(&numbers, photo.number);
        let is_open = self.open.get_untracked() == Some(photo);
        self.actions.remember("photo");
        self.actions.film.photos.update(|photos| photos.retain(|it| *it != photo));
        if let Some(next) = photos.into_iter().find(|it| is_open && Some(it.number) == successor) {
            self.go(next);
        }
    }
}

/// The strip.
pub fn view() -> AnyView {
    view! { <Strip/> }.into_any()
}

#[component]
fn Strip() -> impl IntoView {
    let actions = use_actions();
    let film = actions.film;
    let background = Background::start(actions);
    keep_photos(actions);
    find_shown(actions);
    follow_results(actions, background);
    let wanted = RwSignal::new(None);
    let open = Memo::new(move |_| {
        let is_there = |it: &FilmPhoto| film.photos.with(|photos| photos.contains(it));
        wanted.get().filter(is_there).or_else(|| background.shown())
    });
    // What is opened otherwise, e.g. by undo, is no more what was wanted here.
    Effect::new(move |last: Option<Option<FilmPhoto>>| {
        let shown = background.shown();
        if shown.is_some() && last != Some(shown) {
            wanted.set(shown);
        }
        shown
    });
    let place = Place { open, wanted, actions };
    film.step.set_value(Some(Callback::new(move |by| place.step(by))));
    on_cleanup(move || film.step.set_value(None));
    let settings = settled_settings(actions);
    let list = NodeRef::<Ol>::new();
    reveal_open(list, open);
    let picture = move |photo: FilmPhoto| view! { <Picture photo place background settings/> };
    view! {
        <section class="film" aria-label="Photos" data-testid="film">
            <Head background/>
            <ol node_ref=list class="film-photos" on:keydown=move |event| on_key(place, list, &event)>
                <For each=move || film.photos.get() key=|it| it.number children=picture/>
            </ol>
        </section>
    }
}

/// How far the task is, with what acts on all photos.
#[component]
fn Head(
    /// The task on all photos.
    background: Background,
) -> impl IntoView {
    let actions = use_actions();
    let progress = Memo::new(move |_| queue::Progress::of(&background.standings()));
    let is_over = Memo::new(move |_| progress.get().is_over());
    let is_stopped = background.is_stopped;
    let asks = Memo::new(move |_| background.asks().map(seconds));
    let words = move || progress.get().sentence(is_stopped.get(), asks.get().as_deref());
    view! {
        <div class="film-head">
            <p class="film-words" role="status" data-testid="film-progress">{words}</p>
            <Show when=move || !is_over.get()>
                <progress class="bar" aria-label="Photos looked at" max="1" value=move || format!("{:.3}", progress.get().part())></progress>
            </Show>
            <div class="film-tools">
                <Show when=move || asks.get().is_some() && !is_stopped.get()>
                    <button type="button" class="text" data-testid="film-all" on:click=move |_| background.agree()>"Look at all"</button>
                </Show>
                <Show when=move || !is_over.get() && asks.get().is_none()>
                    <button type="button" class="text" data-testid="film-stop" on:click=move |_| background.toggle()>
                        {move || if is_stopped.get() { "Go on" } else { "Stop" }}
                    </button>
                </Show>
                <PhotoPicker class="text picker film-add" testid="film-add">"Add"</PhotoPicker>
                <button type="button" class="text" data-testid="film-remove-all" on:click=move |_| actions.close()>"Remove all"</button>
            </div>
        </div>
    }
}

/// Finds a photo in the strip that has been opened otherwise, e.g. after a reload.
fn find_shown(actions: Actions) {
    Effect::new(move |_| {
        let shown = actions.photo.shown.get();
        if let Some(photo) = shown.filter(|photo| actions.film.known(photo.id).is_none()) {
            link(actions, &photo);
        }
    });
}

/// Takes over what becomes known about the photo on show.
fn follow_results(actions: Actions, background: Background) {
    Effect::new(move |_| {
        let Some(film) = background.shown() else { return };
        actions.photo.shown.with(|photo| {
            if let Some(photo) = photo {
                film.sizes.set_value(Some(photo.sizes()));
                film.draw_thumbnail(photo);
            }
        });
        let results = actions.result.results.with(|results| (results.photo == film.id()).then(|| results.closed()));
        if let Some(results) = results.filter(|it| film.results.with_untracked(|known| known != it)) {
            film.results.set(results);
        }
    });
}

/// The settings once they have come to rest.
fn settled_settings(actions: Actions) -> Signal<crate::settings::Settings> {
    let settings = actions.result.settings;
    let settled = RwSignal::new(settings.get_untracked());
    let turn = StoredValue::new(0_u32);
    Effect::new(move |_| {
        settings.track();
        turn.update_value(|turn| *turn += 1);
        let now = turn.get_value();
        let take = move || {
            if turn.try_get_value() == Some(now) && settled.with_untracked(|it| *it != settings.get_untracked()) {
                settled.set(settings.get_untracked());
            }
        };
        set_timeout(take, SETTLE);
    });
    settled.into()
}

/// Keys in the strip: the focus goes with the photo that is opened.
fn on_key(place: Place, list: NodeRef<Ol>, event: &KeyboardEvent) {
    let many = isize::MAX / 2;
    match event.key().as_str() {
        "ArrowLeft" => place.step(-1),
        "ArrowRight" => place.step(1),
        "Home" => place.step(-many),
        "End" => place.step(many),
        "Delete" | "Backspace" => {
            if let Some(photo) = place.open.get_untracked() {
                place.remove(photo);
            }
        }
        _ => return,
    }
    event.prevent_default();
    request_animation_frame(move || {
        let open = list.get_untracked().and_then(|it| it.query_selector("[aria-current]").ok().flatten());
        if let Some(open) = open.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
            drop(open.focus());
        }
    });
}

/// Scrolls the strip so that the open photo is in sight.
fn reveal_open(list: NodeRef<Ol>, open: Memo<Option<FilmPhoto>>) {
    let calm = use_prefers_reduced_motion();
    Effect::new(move |_| {
        let (Some(list), Some(_)) = (list.get(), open.get()) else { return };
        request_animation_frame(move || {
            let Some(item) = list.query_selector("[aria-current]").ok().flatten() else { return };
            let (strip, item) = (list.get_bounding_client_rect(), item.get_bounding_client_rect());
            if item.left() < strip.left() || item.right() > strip.right() {
                let middle = (strip.width() - item.width()) / 2.0;
                let options = ScrollToOptions::new();
                options.set_left(f64::from(list.scroll_left()) + item.left() - strip.left() - middle);
                let behavior = if calm.get_untracked() { ScrollBehavior::Instant } else { ScrollBehavior::Smooth };
                options.set_behavior(behavior);
                list.scroll_to_with_scroll_to_options(&options);
            }
        });
    });
}
