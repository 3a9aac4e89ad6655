//! The page as a whole: header, stage, panel, intake, and what reaches every corner (drop, paste, keys).

use leptos::{html::Section, prelude::*};
use leptos_use::{use_document, use_event_listener, use_window};
use model::catalog::Task;
use web_sys::{ClipboardEvent, DragEvent, KeyboardEvent, MouseEvent};

use crate::{
    compare::Compare,
    embed::talk_to_host,
    figures::Figures,
    film::{self, FilmStrip},
    focus::{is_at_rest, is_writing},
    icon::{Icon, Shape},
    inside::{Inside, provide_inside},
    intake::{Intake, PhotoPicker},
    js::{is_framed, is_touch},
    lesson::Lesson,
    panel::{EngineLine, Panel, Status, fetch},
    photo::import::DropPayload,
    picker::{CompareToggle, InsideToggle, SystemPicker, TaskPicker},
    state::{
        Actions, PhotoState, ViewState, keep_history, provide_state, use_actions, use_photo, use_result, use_view,
    },
    theme_toggle::ThemeToggle,
    url_state::UrlState,
    viewer::{PhotoCanvas, Viewer, zoom_key},
    words::{self, Language, controls, progress, results},
};

/// The page.
#[component]
pub fn App(
    /// What the page's address asks for.
    url: UrlState,
) -> impl IntoView {
    let actions = provide_state(&url, film::load);
    provide_inside();
    let (photo, view) = (use_photo(), use_view());
    let viewer = Viewer::new(photo);
    provide_context(viewer);
    let task = use_result().task;
    Effect::new(move |_| view.theme.get().apply());
    Effect::new(move |_| speak(view.language()));
    Effect::new(move |_| {
        let photo = photo.shown.with(|it| it.as_ref().map(|it| it.name.clone()));
        if view.figure.with(Option::is_none) {
            document().set_title(&title(photo.as_deref(), task.get()));
        }
    });
    if url.sample.is_some() || url.photo.is_some() {
        actions.await_photo();
    }
    actions.keep_photos();
    keep_history(actions, url.clone());
    open_named(actions, &url);
    talk_to_host(actions);
    // The lists of other tasks than the first are there when their results are; those of the first come while the network runs, when
    // the page waits for nothing else.
    Effect::new(move |_| {
        let runs = actions.state_word() == "running" && view.controls.get().has_panel();
        if runs || task.get() != Task::Boxes {
            fetch(view);
        }
    });
    let dragging = drops(actions);
    pastes(actions);
    keys(actions, photo, view, viewer);
    mouse(view);
    if !url.unknown.is_empty() {
        view.notifications.fault_in_address(&url.unknown.join(" "));
    }
    let engine = use_result().engine;
    // What is asked before the start waits for it.
    Effect::new(move |started: Option<bool>| {
        let (is_needed, is_started) = (view.needs_network.get(), started == Some(true));
        if is_needed && !is_started {
            engine.start(url.backend);
        }
        is_needed || is_started
    });
    let has_photo = move || photo.is_shown();
    let has_figure = move || view.figure.with(Option::is_some);
    let has_choices = move || view.controls.get().has_choices();
    // The page around a frame has a main part of its own, and perhaps further frames.
    let label = move || {
        is_framed().then(|| title(photo.shown.with(|it| it.as_ref().map(|it| it.name.clone())).as_deref(), task.get()))
    };
    // The first of them opens it.
    let wanted = StoredValue::new(url.sample.clone().filter(|_| url.controls.has_choices()));
    view! {
        <div class="page" class:page-figure=has_figure data-testid="drop-zone" data-photo=move || has_photo().to_string()
            data-controls=move || view.controls.get().key() data-lesson=move || view.lesson.with(Option::is_some).to_string() data-fit=move || view.fits_content.get().then_some("content")>
            <Show when=move || !has_figure() && has_choices()><Header/></Show>
            <Lesson/>
            <main class="main" data-state=move || actions.state_word() aria-label=label>
                <Show when=has_figure><Figures/></Show>
                <Show when=move || has_photo() && !has_figure() fallback=Start>
                    <Stage viewer/>
                    <FilmStrip/>
                    <Inside/>
                    <Compare/>
                    <Show when=move || view.controls.get().has_panel() fallback=Status><Panel/></Show>
                </Show>
                <Show when=has_choices><Intake wanted=wanted.try_update_value(Option::take).flatten()/></Show>
                <Show when=move || !has_photo() && has_choices()>
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

/// The photo with what lies over it. Where the panel lies below it and is scrolled up, the photo becomes a strip at the top
/// of the window, so that it is in sight while its sliders move.
#[component]
fn Stage(
    /// Zoom and pan.
    viewer: Viewer,
) -> impl IntoView {
    let photo = use_photo();
    let node = NodeRef::<Section>::new();
    let is_strip = RwSignal::new(false);
    let follow = move || {
        let Some(stage) = node.get_untracked() else { return };
        let scrolled = stage.parent_element().map_or(0.0, |main| -main.get_bounding_client_rect().top());
        let strip = f64::from(stage.offset_height()) - scrolled < strip_height();
        if is_strip.get_untracked() != strip {
            is_strip.set(strip);
        }
    };
    let _ = use_event_listener(use_window(), leptos::ev::scroll, move |_| follow());
    let _ = use_event_listener(use_window(), leptos::ev::resize, move |_| follow());
    view! {
        <section node_ref=node class="stage" aria-label=controls::PHOTO data-strip=move || is_strip.get().to_string()
            style:--aspect=move || aspect(photo)>
            <div class="stage-frame" data-testid="stage-frame">
                <PhotoCanvas viewer/>
                <div class="edits">
                    <PhotoPicker class="picker pick-another" testid="file-input-again">
                        <Icon shape=Shape::Picture/><span class="visually-hidden">"Choose another photo"</span>
                    </PhotoPicker>
                    <UndoButtons/>
                </div>
            </div>
        </section>
    }
}

/// Pixels down of the photo as a strip, as the style sheet has them (`--strip`).
fn strip_height() -> f64 {
    let height = window().inner_height().ok().and_then(|it| it.as_f64()).unwrap_or_default();
    (height * 0.3).clamp(150.0, 260.0)
}

/// Undo and redo, once there is anything to undo.
#[component]
fn UndoButtons() -> impl IntoView {
    let actions = use_actions();
    let undo = Memo::new(move |_| actions.undoable().0);
    let redo = Memo::new(move |_| actions.undoable().1);
    view! {
        <Show when=move || undo.get() || redo.get()>
            <div class="undo" role="group" aria-label="Undo">
                <button type="button" data-testid="undo" aria-label="Undo" aria-keyshortcuts="Control+Z"
                    disabled=move || !undo.get() on:click=move |_| actions.undo()><Icon shape=Shape::Undo/></button>
                <button type="button" data-testid="redo" aria-label="Redo" aria-keyshortcuts="Control+Shift+Z"
                    disabled=move || !redo.get() on:click=move |_| actions.redo()><Icon shape=Shape::Redo/></button>
            </div>
        </Show>
    }
}

/// Width over height of the photo on show, for the style sheet: on a narrow screen the stage is as high as it needs.
fn aspect(photo: PhotoState) -> String {
    format!("{:.4}", photo.size().aspect())
}

/// The tab's title: tells the tabs of several photos apart.
fn title(photo: Option<&str>, task: Task) -> String {
    photo.map_or_else(|| "Lookout".to_owned(), |name| format!("{name} · {} · Lookout", results::task(task)))
}

/// Says everything in a language from now on.
fn speak(language: Language) {
    words::set_language(language);
    let told = document().document_element().map(|it| it.set_attribute("lang", language.key()));
    if let Some(Err(error)) = told {
        leptos::logging::warn!("no language: {error:?}"); // the page is read as English
    }
}

/// Name, task, system, look inside, compare and theme.
#[component]
fn Header() -> impl IntoView {
    let actions = use_actions();
    view! {
        <header class="head">
            <button type="button" class="name" data-testid="start" aria-label="Lookout, to the start" on:click=move |_| actions.close()>
                <Icon shape=Shape::Mark/>"Lookout"
            </button>
            <TaskPicker id="task"/>
            <SystemPicker/>
            <InsideToggle/>
            <CompareToggle/>
            <a class="head-toggle head-quest" href="quest.html" data-testid="quest-link">"HyperQuest"</a>
            <ThemeToggle/>
        </header>
    }
}

/// What the page says before there is a photo, in a frame or a lesson that chooses it.
#[component]
fn Start() -> impl IntoView {
    let (photo, view) = (use_photo(), use_view());
    let words = move || if photo.opening.get() { progress::OPENING_PHOTO() } else { progress::NO_PHOTO() };
    view! {
        <Show when=move || view.controls.get().has_choices() fallback=move || view! {
            <p class="expecting" role="status">{words}</p>
        }><Welcome/></Show>
    }
}

/// Opens the photo that the address names, unless it is a sample that the ways to bring a photo open.
fn open_named(actions: Actions, url: &UrlState) {
    match (url.photo.clone(), url.sample.clone()) {
        (Some(link), _) => actions.open_link(link),
        (None, Some(key)) if !url.controls.has_choices() => actions.open_sample(key),
        _ => {}
    }
}

/// What the page says before there is a photo.
#[component]
fn Welcome() -> impl IntoView {
    view! {
        <section class="welcome">
            <h1 class="welcome-title">"What is where in this photo?"</h1>
            <p class="welcome-words">
                {if is_touch() { "Take or choose a photo." } else { "Drop a photo anywhere." }}
                " A neural network finds people, animals and everyday things in it, right here in your browser. The photo never leaves this device."
            </p>
        </section>
    }
}

/// The fault and the notice.
#[component]
fn Messages() -> impl IntoView {
    let (actions, notifications) = (use_actions(), use_view().notifications);
    let fault = move || notifications.shown_fault.get();
    view! {
        <div class="messages">
            <div class="message-slot" role="alert" data-testid="error" data-shown=move || fault().is_some().to_string()>
                {move || fault().map(|fault| view! {
                    <div class="message message-fault">
                        <p>{fault.sentence}</p>
                        <Show when=move || fault.retry>
                            <button type="button" class="text" data-testid="retry" on:click=move |_| actions.look_again()>{controls::TRY_AGAIN}</button>
                        </Show>
                        <button type="button" class="round" aria-label=controls::DISMISS data-testid="dismiss" on:click=move |_| { notifications.dismiss_fault(); }>
                            <Icon shape=Shape::Close/>
                        </button>
                    </div>
                })}
            </div>
            <div class="message-slot" role="status" data-testid="notice" data-shown=move || notifications.shown_notice.get().is_some().to_string()>
                {move || notifications.shown_notice.get().map(|text| view! { <div class="message"><p>{text}</p></div> })}
            </div>
        </div>
    }
}

/// Takes drops anywhere, unless the photo is somebody else's choice. Returns whether something is being dragged over the page.
fn drops(actions: Actions) -> RwSignal<bool> {
    let dragging = RwSignal::new(false);
    let is_taken = move || actions.view.controls.get_untracked().has_choices();
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
        set_depth(if is_taken() { depth.get_value() + 1 } else { 0 });
    };
    let drop = move |event: DragEvent| {
        event.prevent_default();
        set_depth(0);
        if let Some(transfer) = event.data_transfer().filter(|_| is_taken()) {
            actions.take(DropPayload::from_transfer(&transfer));
        }
    };
    let _ = use_event_listener(use_document(), leptos::ev::dragover, over);
    let _ = use_event_listener(use_document(), leptos::ev::dragenter, enter);
    let _ = use_event_listener(use_document(), leptos::ev::dragleave, move |_| set_depth(depth.get_value() - 1));
    let _ = use_event_listener(use_document(), leptos::ev::drop, drop);
    dragging
}

/// Takes pasted photos and addresses, unless the visitor is writing or the photo is somebody else's choice.
fn pastes(actions: Actions) {
    let paste = move |event: ClipboardEvent| {
        let Some(transfer) = event.clipboard_data() else { return };
        let payload = DropPayload::from_transfer(&transfer);
        let is_text = is_writing(event.target()) && !payload.has_files(); // for that field
        if is_text || !actions.view.controls.get_untracked().has_choices() {
            return;
        }
        event.prevent_default();
        actions.take(payload);
    };
    let _ = use_event_listener(use_document(), leptos::ev::paste, paste);
}

/// Remembers where the mouse was; after the handlers of the elements, which compare.
fn mouse(view: ViewState) {
    let note = move |event: MouseEvent| view.mouse.set_value(Some((event.client_x(), event.client_y())));
    let _ = use_event_listener(use_document(), leptos::ev::mousemove, note);
}

/// Closes what is open over the result: the comparison, or else the look inside.
fn close_views(view: ViewState) {
    if view.compare.get_untracked() {
        view.compare.set(false);
    } else if view.inside.get_untracked() {
        view.inside.set(false);
    }
}

/// Keys that work everywhere: Escape, undo, redo, zoom.
fn keys(actions: Actions, photo: PhotoState, view: ViewState, viewer: Viewer) {
    let key = move |event: KeyboardEvent| {
        let command = event.ctrl_key() || event.meta_key();
        let name = event.key();
        match name.as_str() {
            "Escape" => {
                let cancelled = actions.cancel();
                let released = !cancelled && view.highlighted.get_untracked().is_some();
                if released {
                    view.hover(None);
                    view.held.set(None);
                }
                if !cancelled && !released && !view.notifications.dismiss_fault() && !event.default_prevented() {
                    close_views(view);
                }
            }
            "z" | "Z" if command && !is_writing(event.target()) => {
                event.prevent_default();
                if event.shift_key() { actions.redo() } else { actions.undo() }
            }
            "y" if command && !is_writing(event.target()) => {
                event.prevent_default();
                actions.redo();
            }
            _ if command || event.alt_key() || is_writing(event.target()) => {}
            "ArrowLeft" | "ArrowRight"
                if !event.default_prevented()
                    && is_at_rest(event.target(), view)
                    && actions.film.step(if name == "ArrowLeft" { -1 } else { 1 }) =>
            {
                event.prevent_default();
            }
            _ if photo.shown.with_untracked(Option::is_some) && zoom_key(viewer, actions, &name) => {
                event.prevent_default()
            }
            _ => {}
        }
    };
    let _ = use_event_listener(use_document(), leptos::ev::keydown, key);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_name_photo_and_task() {
        assert_eq!(title(Some("cat.jpg"), Task::ClassMap), "cat.jpg · Class map · Lookout");
        assert_eq!(title(None, Task::Boxes), "Lookout");
    }
}
