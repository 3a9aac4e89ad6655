//! Taking the result away: an annotated picture at full photo size, and JSON in COCO's results format; as a file or
//! through the clipboard.

mod cutout;
mod deliver;
mod picture;
pub mod reports;
pub mod results;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use crate::{
    layers::MaskLayer,
    photo::Photo,
    state::{PhotoState, ResultState, ViewState, use_photo, use_result, use_view},
};
pub use deliver::{ExportFault, png};
use deliver::{copy_picture, copy_text, save};

/// The four ways out.
#[component]
pub fn ExportButtons() -> impl IntoView {
    let (photo, result, view) = (use_photo(), use_result(), use_view());
    view! {
        <section class="block" aria-labelledby="export-title">
            <h2 id="export-title" class="block-title">"Take it with you"</h2>
            <div class="export">
                <span class="export-kind" id="export-picture">"Picture"</span>
                <button type="button" class="quiet" data-testid="export-png" aria-describedby="export-picture"
                    on:click=move |_| save_picture(photo, result, view)>"Save PNG"</button>
                <button type="button" class="quiet" data-testid="copy-image" aria-describedby="export-picture"
                    on:click=move |_| clip_picture(photo, result, view)>"Copy image"</button>
                <span class="export-kind" id="export-data">"Data"</span>
                <button type="button" class="quiet" data-testid="export-json" aria-describedby="export-data"
                    on:click=move |_| save_results(photo, result, view)>"Save JSON"</button>
                <button type="button" class="quiet" data-testid="copy-json" aria-describedby="export-data"
                    on:click=move |_| clip_results(photo, result, view)>"Copy JSON"</button>
            </div>
        </section>
    }
}

/// Says how an export went.
fn tell(view: ViewState, outcome: Result<String, ExportFault>) {
    match outcome {
        Ok(sentence) => view.notifications.notice(&sentence),
        Err(fault) => view.notifications.fault(&fault.to_string()),
    }
}

/// The picture of what is on show.
async fn drawn(result: ResultState, photo: &Photo) -> Result<Blob, ExportFault> {
    picture::annotated(photo, &result.scene.get_untracked()).await
}

/// The results of what is on show.
fn written(result: ResultState, photo: &Photo) -> Result<String, ExportFault> {
    let nothing = || Err(ExportFault::Internal("there is no result".into()));
    result.scene.with_untracked(|scene| scene.lead().map_or_else(nothing, |lead| lead.json(photo)))
}

/// Saves the detections of the photo without the rest of it.
///
/// # Arguments
/// * `chosen` - one of them, by key; none for all that are shown.
pub fn save_cutout(photo: PhotoState, result: ResultState, view: ViewState, chosen: Option<usize>) {
    let Some(photo) = photo.shown.get_untracked() else { return };
    let scene = result.scene.get_untracked();
    spawn_local(async move {
        let findings = scene.lead().and_then(|it| it.findings().cloned()).unwrap_or_default();
        let named = findings.by_key(chosen).map(|it| it.name.replace(' ', "-"));
        let name = format!("{}-{}.png", stem(&photo.name), named.as_deref().unwrap_or("cutout"));
        let wanted = |key| findings.by_key(Some(key)).is_some() && chosen.is_none_or(|it| it == key);
        let masks = scene.find::<MaskLayer>().map(|it| it.masks.clone());
        let masks: Vec<_> = masks.iter().flat_map(|it| it.iter()).filter(|it| wanted(it.candidate)).collect();
        let made = cutout::png_of(&photo, &masks, chosen.is_some()).await;
        let saved = made.and_then(|blob| save(&blob, &name));
        tell(view, saved.map(|()| format!("{name} was saved, with a clear background.")));
    });
}

/// Puts a text into the clipboard and says so.
///
/// # Arguments
/// * `done` - what the page says then.
pub fn clip_text(view: ViewState, text: String, done: &'static str) {
    spawn_local(async move { tell(view, copy_text(&text).await.map(|()| done.into())) });
}

fn save_picture(photo: PhotoState, result: ResultState, view: ViewState) {
    let Some(photo) = photo.shown.get_untracked() else { return };
    spawn_local(async move {
        let name = format!("{}-lookout.png", stem(&photo.name));
        let made = drawn(result, &photo).await;
        let size = format!("{} × {}", photo.full_width, photo.full_height);
        tell(view, made.and_then(|blob| save(&blob, &name)).map(|()| format!("{name} was saved, {size} pixels.")));
    });
}

fn clip_picture(photo: PhotoState, result: ResultState, view: ViewState) {
    let Some(photo) = photo.shown.get_untracked() else { return };
    let made = async move { drawn(result, &photo).await };
    // The clipboard takes a promise: it has to be asked while the click is handled, the picture may come later.
    let copied = copy_picture(made);
    spawn_local(async move { tell(view, copied.await.map(|()| "The image is in the clipboard.".into())) });
}

fn save_results(photo: PhotoState, result: ResultState, view: ViewState) {
    let Some(photo) = photo.shown.get_untracked() else { return };
    let outcome = written(result, &photo).and_then(|text| {
        let name = format!("{}-lookout.json", stem(&photo.name));
        deliver::text_file(&text, "application/json")
            .and_then(|blob| save(&blob, &name))
            .map(|()| format!("{name} was saved."))
    });
    tell(view, outcome);
}

fn clip_results(photo: PhotoState, result: ResultState, view: ViewState) {
    let Some(photo) = photo.shown.get_untracked() else { return };
    let text = written(result, &photo);
    spawn_local(async move {
        let copied = match text {
            Ok(text) => copy_text(&text).await,
            Err(fault) => Err(fault),
        };
        tell(view, copied.map(|()| "The JSON is in the clipboard.".into()));
    });
}

/// A file name without its ending.
fn stem(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems() {
        assert_eq!(stem("a.b.jpg"), "a.b");
        assert_eq!(stem(".jpg"), ".jpg");
        assert_eq!(stem("photo"), "photo");
    }
}
