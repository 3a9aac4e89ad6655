//! The page as a whole: header, stage, panel, intake, and what reaches every corner (drop, paste, keys).

use leptos::prelude::*;
use leptos_use::{use_document, use_event_listener};
use wasm_bindgen::JsCast;
use web_sys::{ClipboardEvent, DragEvent, HtmlElement, KeyboardEvent, MouseEvent};

use crate::{
    canvas::{Stage, Viewer, zoom_key},
    desk::{Desk, use_desk},
    icon::{Icon, Shape},
    panel::{EngineLine, Panel},
    photo::{intake::Intake, offer::Offer},
    tasks::TaskPicker,
    url_state::UrlState,
};

/// The page.
#[component]
pub fn App(
    /// What the page's address asks for.
    url: UrlState,
) -> impl IntoView {
    let desk = Desk::new(&url);
    provide_context(desk);
    let viewer = Viewer::new(desk);
    Effect::new(move |_| desk.theme.get().apply());
    keep_address(desk);
    let dragging = drops(desk);
    pastes(desk);
    keys(desk, viewer);
    mouse(desk);
    desk.engine.start(url.backend);
    let has_photo = move || desk.photo.with(Option::is_some);
    view! {
        <div class="page" data-testid="drop-zone" data-photo=move || has_photo().to_string()>
            <Header/>
            <main class="main" data-state=move || desk.state_word()>
                <Show when=has_photo fallback=Welcome>
                    <section class="stage" aria-label="Photo" style:--aspect=move || aspect(desk)>
                        <Stage desk viewer/>
                    </section>
                    <Panel/>
                </Show>
                <Intake wanted=url.sample.clone()/>
                <Show when=move || !has_photo()>
                    <footer class="foot"><EngineLine/></footer>
                </Show>
                <Messages/>
            </main>
            <Show when=move || dragging.get()>
                <div class="drop" aria-hidden="true"><p class="drop-words">"Drop it anywhere"</p></div>
            </Show>
        </div>
    }
}

/// Width over height of the photo on show, for the style sheet: on a narrow screen the stage is as high as it needs.
fn aspect(desk: Desk) -> String {
    let aspect = desk.photo.with(|photo| photo.as_ref().map(|photo| f64::from(photo.width) / f64::from(photo.height)));
    format!("{:.4}", aspect.unwrap_or(1.0))
}

/// Name, task and theme.
#[component]
fn Header() -> impl IntoView {
    let desk = use_desk();
    let toggle = move |_| desk.theme.update(|theme| *theme = theme.toggled(desk.system_dark.get_untracked()));
    let label = move || if desk.is_dark() { "Light theme" } else { "Dark theme" };
    view! {
        <header class="head">
            <p class="name"><Icon shape=Shape::Mark/>"Lookout"</p>
            <TaskPicker id="task"/>
            <button type="button" class="round" data-testid="theme-toggle" aria-label=label on:click=toggle>
                <Icon shape=Shape::Theme/>
            </button>
        </header>
    }
}

/// What the page says before there is a photo.
#[component]
fn Welcome() -> impl IntoView {
    view! {
        <section class="welcome">
            <h1 class="welcome-title">"What is where in this photo?"</h1>
            <p class="welcome-words">
                "Drop a photo anywhere. A neural network finds people, animals and everyday things in it, right here in "
                "your browser. The photo never leaves this device."
            </p>
        </section>
    }
}

/// The fault and the notice.
#[component]
fn Messages() -> impl IntoView {
    let desk = use_desk();
    let sentences = desk.sentences;
    let fault = move || sentences.shown_fault.get();
    view! {
        <div class="messages">
            <div class="message-slot" role="alert" data-testid="error" data-shown=move || fault().is_some().to_string()>
                {move || fault().map(|fault| view! {
                    <div class="message message-fault">
                        <p>{fault.sentence}</p>
                        <Show when=move || fault.retry>
                            <button type="button" class="text" data-testid="retry" on:click=move |_| desk.look_again()>"Try again"</button>
                        </Show>
                        <button type="button" class="round" aria-label="Dismiss" data-testid="dismiss" on:click=move |_| sentences.clear_fault()>
                            <Icon shape=Shape::Close/>
                        </button>
                    </div>
                })}
            </div>
            <div class="message-slot" role="status" data-testid="notice" data-shown=move || sentences.shown_notice.get().is_some().to_string()>
                {move || sentences.shown_notice.get().map(|text| view! { <div class="message"><p>{text}</p></div> })}
            </div>
        </div>
    }
}

/// Writes the state into the address as it changes.
fn keep_address(desk: Desk) {
    Effect::new(move |_| {
        let query = desk.url_state().query();
        let location = window().location();
        let (path, hash) = (location.pathname().unwrap_or_default(), location.hash().unwrap_or_default());
        let written = window().history().and_then(|history| {
            history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&format!("{path}{query}{hash}")))
        });
        if let Err(error) = written {
            leptos::logging::warn!("the address stays as it is: {error:?}");
        }
    });
}

/// Takes drops anywhere. Returns whether something is being dragged over the page.
fn drops(desk: Desk) -> RwSignal<bool> {
    let dragging = RwSignal::new(false);
    // Entering a child comes before leaving its parent, so the page is left when as many were left as entered.
    let depth = StoredValue::new(0_i32);
    let set_depth = move |value: i32| {
        depth.set_value(value.max(0));
        if dragging.get_untracked() != (value > 0) {
            dragging.set(value > 0);
        }
    };
    let over = move |event: DragEvent| event.prevent_default();
    let enter = move |event: DragEvent| {
        event.prevent_default();
        set_depth(depth.get_value() + 1);
    };
    let drop = move |event: DragEvent| {
        event.prevent_default();
        set_depth(0);
        if let Some(transfer) = event.data_transfer() {
            desk.open(Offer::from_transfer(&transfer).take());
        }
    };
    let _ = use_event_listener(use_document(), leptos::ev::dragover, over);
    let _ = use_event_listener(use_document(), leptos::ev::dragenter, enter);
    let _ = use_event_listener(use_document(), leptos::ev::dragleave, move |_| set_depth(depth.get_value() - 1));
    let _ = use_event_listener(use_document(), leptos::ev::drop, drop);
    dragging
}

/// Takes pasted photos and addresses, unless the visitor is writing.
fn pastes(desk: Desk) {
    let paste = move |event: ClipboardEvent| {
        let Some(transfer) = event.clipboard_data() else { return };
        let offer = Offer::from_transfer(&transfer);
        if is_writing(event.target()) && !offer.has_files() {
            return; // text for that field
        }
        event.prevent_default();
        desk.open(offer.take());
    };
    let _ = use_event_listener(use_document(), leptos::ev::paste, paste);
}

/// Remembers where the mouse was; after the handlers of the elements, which compare.
fn mouse(desk: Desk) {
    let note = move |event: MouseEvent| desk.mouse.set_value(Some((event.client_x(), event.client_y())));
    let _ = use_event_listener(use_document(), leptos::ev::mousemove, note);
}

/// Keys that work everywhere: Escape, undo, redo, zoom.
fn keys(desk: Desk, viewer: Viewer) {
    let key = move |event: KeyboardEvent| {
        let command = event.ctrl_key() || event.meta_key();
        let name = event.key();
        match name.as_str() {
            "Escape" => {
                let cancelled = desk.cancel();
                desk.isolated.update(|isolated| *isolated = isolated.filter(|_| cancelled));
                if !cancelled {
                    desk.sentences.clear_fault();
                }
            }
            "z" | "Z" if command && !is_writing(event.target()) => {
                event.prevent_default();
                if event.shift_key() { desk.redo() } else { desk.undo() }
            }
            "y" if command && !is_writing(event.target()) => {
                event.prevent_default();
                desk.redo();
            }
            _ if command || event.alt_key() || is_writing(event.target()) => {}
            _ if desk.photo.with_untracked(Option::is_some) && zoom_key(viewer, &name) => event.prevent_default(),
            _ => {}
        }
    };
    let _ = use_event_listener(use_document(), leptos::ev::keydown, key);
}

/// Whether keys and pastes belong to a field with text.
fn is_writing(target: Option<web_sys::EventTarget>) -> bool {
    let Some(element) = target.and_then(|it| it.dyn_into::<HtmlElement>().ok()) else { return false };
    let text_input = element.tag_name() == "INPUT"
        && !matches!(element.get_attribute("type").as_deref(), Some("range" | "file" | "checkbox" | "radio"));
    text_input || matches!(element.tag_name().as_str(), "TEXTAREA" | "SELECT")
}
