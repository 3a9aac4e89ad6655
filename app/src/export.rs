//! Taking the result away: an annotated picture at full photo size, and JSON in COCO's results format; as a file or
//! through the clipboard.

mod cutout;
mod deliver;
mod picture;
mod reports;
mod results;

use leptos::prelude::*;
use lookout_protocol::Task;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use crate::{
    desk::{Desk, use_desk},
    photo::Photo,
};
pub use deliver::{ExportFault, png};
use deliver::{copy_picture, copy_text, save};

/// The four ways out.
#[component]
pub fn ExportButtons() -> impl IntoView {
    let desk = use_desk();
    view! {
        <section class="block" aria-labelledby="export-title">
            <h2 id="export-title" class="block-title">"Take it with you"</h2>
            <div class="export">
                <span class="export-kind" id="export-picture">"Picture"</span>
                <button type="button" class="quiet" data-testid="export-png" aria-describedby="export-picture"
                    on:click=move |_| save_picture(desk)>"Save PNG"</button>
                <button type="button" class="quiet" data-testid="copy-image" aria-describedby="export-picture"
                    on:click=move |_| clip_picture(desk)>"Copy image"</button>
                <span class="export-kind" id="export-data">"Data"</span>
                <button type="button" class="quiet" data-testid="export-json" aria-describedby="export-data"
                    on:click=move |_| save_results(desk)>"Save JSON"</button>
                <button type="button" class="quiet" data-testid="copy-json" aria-describedby="export-data"
                    on:click=move |_| clip_results(desk)>"Copy JSON"</button>
            </div>
        </section>
    }
}

/// Says how an export went.
fn tell(desk: Desk, outcome: Result<String, ExportFault>) {
    match outcome {
        Ok(sentence) => desk.sentences.notice(&sentence),
        Err(fault) => desk.sentences.fault(&fault.to_string()),
    }
}

/// The picture of what is on show.
async fn drawn(desk: Desk, photo: &Photo) -> Result<Blob, ExportFault> {
    picture::annotated(photo, &desk.showing.get_untracked()).await
}

/// The results of what is on show.
fn written(desk: Desk, photo: &Photo) -> Result<String, ExportFault> {
    let showing = desk.showing.get_untracked();
    let answer = desk.engine.answer.get_untracked();
    match showing.task {
        Task::Boxes => results::json(photo, &showing.findings.shown, &[]),
        Task::Masks | Task::Everything => {
            let masks = answer.as_ref().and_then(|it| it.found.masks.as_deref()).unwrap_or_default();
            results::json(photo, &showing.findings.shown, masks)
        }
        Task::Skeletons => {
            let skeletons = answer.as_ref().and_then(|it| it.found.skeletons.as_deref()).unwrap_or_default();
            results::keypoint_json(photo, showing.people.shown.iter().filter_map(|it| skeletons.get(it.key)))
        }
        Task::ClassMap => reports::class_map(photo, &showing.legend),
        Task::Captions => reports::captions(photo, &showing.captions),
        Task::Localize => reports::location(photo, showing.location.as_ref()),
    }
}

/// Saves the things of the photo without the rest of it.
///
/// # Arguments
/// * `thing` - one of them, by key; none for all that are shown.
pub fn save_cutout(desk: Desk, thing: Option<usize>) {
    let Some(photo) = desk.photo.get_untracked() else { return };
    let (answer, showing) = (desk.engine.answer.get_untracked(), desk.showing.get_untracked());
    spawn_local(async move {
        let chosen = showing.findings.shown.iter().filter(|it| thing.is_none_or(|key| key == it.key));
        let wanted: Vec<usize> = chosen.clone().map(|it| it.key).collect();
        let what = chosen.map(|it| it.name.replace(' ', "-")).next().filter(|_| thing.is_some());
        let name = format!("{}-{}.png", stem(&photo.name), what.as_deref().unwrap_or("cutout"));
        let masks = answer.as_ref().and_then(|it| it.found.masks.as_deref()).unwrap_or_default();
        let masks: Vec<_> = masks.iter().filter(|it| wanted.contains(&it.candidate)).collect();
        let made = cutout::png_of(&photo, &masks, thing.is_some()).await;
        tell(
            desk,
            made.and_then(|blob| save(&blob, &name)).map(|()| format!("{name} was saved, with a clear background.")),
        );
    });
}

/// Puts a text into the clipboard and says so.
///
/// # Arguments
/// * `done` - what the page says then.
pub fn clip_text(desk: Desk, text: String, done: &'static str) {
    spawn_local(async move { tell(desk, copy_text(&text).await.map(|()| done.into())) });
}

fn save_picture(desk: Desk) {
    let Some(photo) = desk.photo.get_untracked() else { return };
    spawn_local(async move {
        let name = format!("{}-lookout.png", stem(&photo.name));
        let made = drawn(desk, &photo).await;
        let size = format!("{} × {}", photo.full_width, photo.full_height);
        tell(desk, made.and_then(|blob| save(&blob, &name)).map(|()| format!("{name} was saved, {size} pixels.")));
    });
}

fn clip_picture(desk: Desk) {
    let Some(photo) = desk.photo.get_untracked() else { return };
    let made = async move { drawn(desk, &photo).await };
    // The clipboard takes a promise: it has to be asked while the click is handled, the picture may come later.
    let copied = copy_picture(made);
    spawn_local(async move { tell(desk, copied.await.map(|()| "The image is in the clipboard.".into())) });
}

fn save_results(desk: Desk) {
    let Some(photo) = desk.photo.get_untracked() else { return };
    let outcome = written(desk, &photo).and_then(|text| {
        let name = format!("{}-lookout.json", stem(&photo.name));
        deliver::text_file(&text, "application/json")
            .and_then(|blob| save(&blob, &name))
            .map(|()| format!("{name} was saved."))
    });
    tell(desk, outcome);
}

fn clip_results(desk: Desk) {
    let Some(photo) = desk.photo.get_untracked() else { return };
    let text = written(desk, &photo);
    spawn_local(async move {
        let copied = match text {
            Ok(text) => copy_text(&text).await,
            Err(fault) => Err(fault),
        };
        tell(desk, copied.map(|()| "The JSON is in the clipboard.".into()));
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
