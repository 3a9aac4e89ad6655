//! Saving games as a file, and loading those of a class.

use leptos::{prelude::*, task::spawn_local};
use model::quest::{
    board::csv,
    record::{File, MAX_FILE},
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, DragEvent, FileList, HtmlAnchorElement, HtmlInputElement, Url};

use crate::{
    numbers,
    state::{State, use_state},
};

/// Buttons for files; they can be dropped here, too.
#[component]
pub fn Files() -> impl IntoView {
    let state = use_state();
    let own = move || state.own.with(Vec::len);
    let imported = move || state.imported.with(Vec::len);
    let save = move |_| {
        let text = state.own.with_untracked(|games| File::of(games.clone()).write());
        save_file("hyperquest.json", "application/json", &text, state);
    };
    let save_table = move |_| {
        let mut games = state.own.get_untracked();
        games.extend(state.imported.get_untracked());
        save_file("hyperquest.csv", "text/csv", &csv(&games), state);
    };
    let load = move |event: web_sys::Event| {
        let input: HtmlInputElement = event_target(&event);
        if let Some(files) = input.files() {
            take(state, &files);
        }
        // The same file can be chosen again.
        input.set_value("");
    };
    let drop = move |event: DragEvent| {
        event.prevent_default();
        if let Some(files) = event.data_transfer().and_then(|it| it.files()) {
            take(state, &files);
        }
    };
    view! {
        <section class="quest-card quest-files" aria-labelledby="files-title"
            on:dragover=move |event: DragEvent| event.prevent_default() on:drop=drop>
            <h2 id="files-title" class="quest-title">"Take it with you, or bring a class"</h2>
            <p class="quest-hint">
                "One file holds all your games, with every decision. Load or drop the files of others: their games join the "
                "leaderboards, and each can be checked by training it again."
            </p>
            <div class="quest-buttons">
                <button type="button" class="quiet" data-testid="save-games" disabled=move || own() == 0 on:click=save>"Save my games (JSON)"</button>
                <button type="button" class="quiet" data-testid="save-decisions" disabled=move || own() + imported() == 0 on:click=save_table>"All decisions (CSV)"</button>
                <label class="quiet picker">
                    <input type="file" class="visually-hidden" data-testid="load-games" accept="application/json,.json" multiple on:change=load/>
                    "Load games"
                </label>
            </div>
            <p class="quest-hint" data-testid="imported">
                {move || (imported() > 0).then(|| format!("{} of others loaded. ", numbers::counted(imported(), "game")))}
                <Show when=move || { imported() > 0 }>
                    <button type="button" class="text" data-testid="forget-imported" on:click=move |_| state.forget_imported()>"Remove them"</button>
                </Show>
            </p>
        </section>
    }
}

/// Reads files one after the other and says what came of it.
fn take(state: State, files: &FileList) {
    let files: Vec<web_sys::File> = (0..files.length()).filter_map(|place| files.get(place)).collect();
    spawn_local(async move {
        let mut words = vec![];
        for file in files {
            let is_large = file.size() > MAX_FILE as f64;
            let text = if is_large { None } else { wasm_bindgen_futures::JsFuture::from(file.text()).await.ok() };
            let said = match text.and_then(|it| it.as_string()) {
                Some(text) => state.import(&text),
                None if is_large => format!("It is larger than {} MB.", MAX_FILE >> 20),
                None => "It cannot be read.".to_owned(),
            };
            words.push(format!("{}: {said}", file.name().chars().take(60).collect::<String>()));
        }
        state.notice.set(Some(words.join(" ")));
    });
}

/// Hands a text to the browser as a download.
fn save_file(name: &str, kind: &str, text: &str, state: State) {
    if let Err(error) = try_save(name, kind, text) {
        leptos::logging::error!("{name} is not saved: {error:?}");
        state.notice.set(Some("The browser does not let the page save a file.".into()));
    }
}

fn try_save(name: &str, kind: &str, text: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let blob = Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&text.into()), &options)?;
    let address = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&address);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&address)
}
