//! The ways to bring a photo, as one strip: large on the empty page, small below a photo.

use leptos::{html::Input, prelude::*};
use wasm_bindgen_futures::spawn_local;
use web_sys::SubmitEvent;

use super::camera::{self, MakeCamera};
use crate::{
    icon::{Icon, Shape},
    js::{command_key, is_touch},
    photo::{
        address::from_address,
        import::DropPayload,
        samples::{Sample, list},
    },
    state::{Actions, use_actions, use_photo, use_view},
    url_state::unknown_name,
    words::faults::Named,
};

/// Picker, camera, address field and sample photos.
#[component]
pub fn Intake(
    /// The sample that the page's address asks for.
    wanted: Option<String>,
) -> impl IntoView {
    let (photo, view, actions) = (use_photo(), use_view(), use_actions());
    let camera = RwSignal::new(false);
    let make_camera = RwSignal::new(None::<MakeCamera>);
    let open_camera = move |_| {
        camera.set(true);
        if make_camera.with_untracked(Option::is_none) {
            spawn_local(async move {
                match camera::load().await {
                    Ok(make) => make_camera.set(Some(make)),
                    Err(error) => {
                        camera.set(false);
                        view.notifications.fault(&error.to_string());
                    }
                }
            });
        }
    };
    view! {
        <section class="intake" aria-label="Choose photos">
            <div class="intake-ways">
                <PhotoPicker class="solid picker" testid="file-input">
                    // With a strip they join it; a single photo gives way.
                    {move || if actions.film.photos.with(Vec::is_empty) { "Choose photos" } else { "Add photos" }}
                </PhotoPicker>
                {(!is_touch()).then(|| view! {
                    <PhotoPicker class="quiet picker pick-folder" testid="folder-input" folder=true>"A folder"</PhotoPicker>
                })}
                <button type="button" class="quiet" data-testid="camera-open" on:click=open_camera>
                    <Icon shape=Shape::Camera/>
                    "Camera"
                </button>
                <AddressField/>
                <Show when=move || !photo.is_shown()>
                    <p class="welcome-hint" data-testid="paste-hint">
                        {if is_touch() {
                            "or try one of these".into_any()
                        } else {
                            view! { "or paste with " <kbd>{command_key()}</kbd> " " <kbd>"V"</kbd> ", or try one of these" }.into_any()
                        }}
                    </p>
                </Show>
            </div>
            <Samples wanted/>
            {move || make_camera.get().map(|make| make(camera))}
        </section>
    }
}

/// The file picker, for one photo or several: an input dressed as a button, so that keyboard and screen reader meet the real thing.
#[component]
pub fn PhotoPicker(
    /// The classes of the button.
    class: &'static str,
    /// The test id of the input.
    testid: &'static str,
    /// Whether it picks a folder.
    #[prop(optional)]
    folder: bool,
    /// What the button says.
    children: Children,
) -> impl IntoView {
    let actions = use_actions();
    let node = NodeRef::<Input>::new();
    Effect::new(move |_| {
        if let (true, Some(input)) = (folder, node.get()) {
            drop(input.set_attribute("webkitdirectory", "")); // HTML's name for picking folders, in all browsers
        }
    });
    let on_change = move |_| {
        let Some(input) = node.get_untracked() else { return };
        let files = input.files().filter(|files| files.length() > 0);
        let payload = files.map(|files| DropPayload::from_files(&files));
        input.set_value(""); // so that the same file can be chosen again
        if let Some(payload) = payload {
            actions.take(payload);
        }
    };
    view! {
        <label class=class>
            <input node_ref=node class="visually-hidden" type="file" accept="image/*" multiple=true
                data-testid=testid on:change=on_change/>
            {children()}
        </label>
    }
}

/// The field for the address of a photo.
#[component]
fn AddressField() -> impl IntoView {
    let actions = use_actions();
    let node = NodeRef::<Input>::new();
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        let Some(text) = node.get_untracked().map(|input| input.value()) else { return };
        actions.open(async move { from_address(&text).await });
    };
    view! {
        <form class="address" on:submit=on_submit novalidate="">
            <label class="visually-hidden" for="address">"Address of a picture"</label>
            <input node_ref=node id="address" class="address-input" type="text" inputmode="url" autocomplete="off" spellcheck="false"
                placeholder="Address of a picture" data-testid="url-input"/>
            <button type="submit" class="address-go" data-testid="url-go" aria-label="Open this address">
                <Icon shape=Shape::Arrow/>
            </button>
        </form>
    }
}

/// The sample photos.
#[component]
fn Samples(
    /// The sample to open at once.
    wanted: Option<String>,
) -> impl IntoView {
    let (actions, view) = (use_actions(), use_view());
    let samples = RwSignal::new(Vec::<Sample>::new());
    leptos::task::spawn_local(async move {
        let found = list().await;
        if let Some(key) = wanted {
            match found.iter().find(|it| it.key() == key) {
                Some(sample) => {
                    let sample = sample.clone();
                    actions.open_again(async move { sample.load().await });
                }
                None => {
                    actions.give_up_photo();
                    view.notifications.fault_in_address(&unknown_name(Named::Sample, &key));
                }
            }
        }
        samples.set(found);
    });
    view! {
        <ul class="samples" aria-label="Sample photos">
            <For each=move || samples.get() key=|it| it.file.clone() let(sample)>
                <SampleButton sample/>
            </For>
        </ul>
    }
}

/// One sample photo.
#[component]
fn SampleButton(
    /// The photo.
    sample: Sample,
) -> impl IntoView {
    let (photo, actions) = (use_photo(), use_actions());
    let key = sample.key().to_owned();
    let shown = move || photo.shown.with(|it| it.as_ref().is_some_and(|it| it.sample.as_deref() == Some(key.as_str())));
    let credit = format!("{}, photo: {}", sample.title, sample.credit);
    let chosen = sample.clone();
    view! {
        <li class="sample">
            <button type="button" class="sample-button" data-testid=format!("sample-{}", sample.key()) title=credit
                aria-pressed=move || shown().to_string() on:click=move |_| open_sample(actions, chosen.clone())>
                <img class="sample-image" src=sample.path() alt=sample.alt.clone() decoding="async"/>
                <span class="sample-title" aria-hidden="true">{sample.title.clone()}</span>
            </button>
        </li>
    }
}

fn open_sample(actions: Actions, sample: Sample) {
    actions.open(async move { sample.load().await });
}
