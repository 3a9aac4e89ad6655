//! Taking the result away: an annotated picture at full photo size, and JSON in COCO's results format; as a file or
//! through the clipboard.

pub mod chunk;
mod cutout;
mod deliver;
mod downloads;
mod notes;
mod picture;
mod reports;
mod results;
mod table;

use std::rc::Rc;

use leptos::prelude::*;
use model::structures::boxes::BBox;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use crate::{
    icon::{Icon, Shape},
    json_format::JsonFormat,
    layers::{Layer, MaskLayer, ResultData},
    photo::{Photo, PhotoSizes},
    scene::Scene,
    state::{PhotoState, ResultState, ViewState, use_actions, use_photo, use_result, use_view},
    words::controls,
};
use deliver::copy;
pub use deliver::{ExportFault, copy_text, png, save, text_file};
pub use table::line as csv_line;

/// Drawing a picture of more megapixels is announced.
const MANY_MEGAPIXELS: f64 = 15.0;

/// The photo that a file is about, without its pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// The file's name.
    pub name: String,
    /// As decoded, and of the original.
    pub sizes: PhotoSizes,
}

impl Subject {
    /// Pixels of the original for one of the decoded photo, across and down.
    fn scale(&self) -> (f32, f32) {
        self.sizes.scale()
    }

    #[cfg(test)]
    fn test(name: &str, decoded: (u32, u32), full: (u32, u32)) -> Self {
        Self { name: name.to_owned(), sizes: PhotoSizes { decoded, full } }
    }
}

/// A photo with what is on show of it.
#[derive(Clone)]
pub struct Exported {
    /// The photo.
    pub photo: Subject,
    /// What is on show.
    pub scene: Scene,
}

/// The four ways out. What writes the files is fetched as soon as a visitor turns to them.
#[component]
pub fn ExportButtons(
    /// Further ways out.
    children: Children,
) -> impl IntoView {
    let (photo, result, view) = (use_photo(), use_result(), use_view());
    let chosen = RwSignal::new(JsonFormat::default());
    let is_objects = Memo::new(move |_| {
        result.scene.with(|scene| scene.lead().map(Layer::data).is_some_and(|data| ResultData::is_objects(&data)))
    });
    let format = move || if is_objects.get_untracked() { chosen.get_untracked() } else { JsonFormat::Results };
    let with_photo = move || photo.shown.get_untracked();
    let clip_picture = move |_| {
        if let Some(photo) = with_photo() {
            announce(view, &photo);
            clip(view, "image/png", drawn(result, photo), "The image is in the clipboard.");
        }
    };
    let clip_results = move |_| {
        if let Some(photo) = with_photo() {
            let made = async move {
                let json = written(result, photo, format()).await?;
                // Clipboards take text, whatever it holds.
                json.slice_with_i32_and_f64_and_content_type(0, json.size(), "text/plain")
                    .map_err(|_| ExportFault::NoRoom)
            };
            clip(view, "text/plain", made, "The JSON is in the clipboard.");
        }
    };
    view! {
        <section class="block" aria-labelledby="export-title" on:pointerenter=|_| prefetch() on:focusin=|_| prefetch()>
            <h2 id="export-title" class="block-title">"Take it with you"</h2>
            <div class="export">
                <span class="export-kind" id="export-picture">"Picture"</span>
                <button type="button" class="quiet" data-testid="export-png" aria-describedby="export-picture"
                    on:click=move |_| save_picture(photo, result, view)>"Save PNG"</button>
                <button type="button" class="quiet" data-testid="copy-image" aria-describedby="export-picture"
                    on:click=clip_picture>"Copy image"</button>
                <span class="export-kind" id="export-data">"Data"</span>
                <button type="button" class="quiet" data-testid="export-json" aria-describedby="export-data"
                    on:click=move |_| save_results(photo, result, view, format())>"Save JSON"</button>
                <button type="button" class="quiet" data-testid="copy-json" aria-describedby="export-data"
                    on:click=clip_results>"Copy JSON"</button>
                <Show when=move || is_objects.get()><FormatChoice chosen/></Show>
                {children()}
                {all_photos(chosen)}
            </div>
        </section>
    }
}

/// What saves files of all photos; nothing unless there are several.
fn all_photos(format: RwSignal<JsonFormat>) -> impl IntoView {
    let film = use_actions().film;
    view! {
        <Show when=move || film.is_open()>
            {move || film.parts.get().map(|parts| (parts.exports)(format))}
        </Show>
    }
}

/// The choice of a format for objects.
#[component]
fn FormatChoice(
    /// The chosen one.
    chosen: RwSignal<JsonFormat>,
) -> impl IntoView {
    let choose = move |event| {
        let key = event_target_value(&event);
        chosen.set(JsonFormat::ALL.into_iter().find(|it| it.key() == key).unwrap_or_default());
    };
    let option = move |format: JsonFormat| {
        view! { <option value=format.key() selected=move || chosen.get() == format>{format.title()}</option> }
    };
    view! {
        <label class="export-format">
            <span class="export-kind">"Format"</span>
            <span class="select-frame">
            <select class="select" data-testid="export-format" on:change=choose>
                {JsonFormat::ALL.map(option).into_iter().collect_view()}
            </select>
            <Icon shape=Shape::Down/>
            </span>
        </label>
    }
}

/// Fetches what writes the files; a failure is told when it is needed.
fn prefetch() {
    spawn_local(async {
        if let Err(error) = chunk::writers().await {
            leptos::logging::warn!("{error}");
        }
    });
}

/// Says that a large picture is being drawn: that takes seconds.
fn announce(view: ViewState, photo: &Photo) {
    let megapixels = f64::from(photo.full_width) * f64::from(photo.full_height) / 1e6;
    if megapixels > MANY_MEGAPIXELS {
        view.notifications.notice(&format!("Drawing {megapixels:.0} megapixels, which takes a moment."));
    }
}

/// Says how an export went.
pub fn tell(view: ViewState, outcome: Result<String, ExportFault>) {
    match outcome {
        Ok(sentence) => view.notifications.notice(&sentence),
        Err(fault) => view.notifications.fault(&fault.to_string()),
    }
}

/// The picture of what is on show.
async fn drawn(result: ResultState, photo: Rc<Photo>) -> Result<Blob, ExportFault> {
    let scene = result.scene.get_untracked();
    (chunk::writers().await?.picture)(photo, scene).await
}

/// A part of a photo as a file, at the original's size.
///
/// # Arguments
/// * `part` - in pixels of the decoded photo.
///
/// # Errors
/// Why there is none.
pub async fn part_of(photo: Rc<Photo>, part: BBox) -> Result<Blob, ExportFault> {
    (chunk::writers().await?.part)(photo, part).await
}

/// The results of what is on show, as a file.
async fn written(result: ResultState, photo: Rc<Photo>, format: JsonFormat) -> Result<Blob, ExportFault> {
    text_file(&results_text(result, photo, format).await?, "application/json")
}

/// The results of what is on show, as text.
///
/// # Errors
/// Why there is none.
pub async fn results_text(result: ResultState, photo: Rc<Photo>, format: JsonFormat) -> Result<String, ExportFault> {
    let photo = Subject { name: photo.name.clone(), sizes: photo.sizes() };
    let exported = Exported { photo, scene: result.scene.get_untracked() };
    (chunk::writers().await?.json)(&[exported], format)
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
        let masks = masks.iter().flat_map(|it| it.iter()).filter(|it| wanted(it.candidate)).cloned().collect();
        let made = async { (chunk::writers().await?.cutout)(photo, masks, chosen.is_some()).await };
        let saved = made.await.and_then(|blob| save(&blob, &name));
        tell(view, saved.map(|it| it.told(controls::cut_out_saved(&name))));
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
    announce(view, &photo);
    spawn_local(async move {
        let name = format!("{}-lookout.png", stem(&photo.name));
        let size = format!("{} × {}", photo.full_width, photo.full_height);
        let made = drawn(result, photo).await;
        tell(
            view,
            made.and_then(|blob| save(&blob, &name))
                .map(|it| it.told(format!("{name} was saved, the photo in {size} pixels."))),
        );
    });
}

fn save_results(photo: PhotoState, result: ResultState, view: ViewState, format: JsonFormat) {
    let Some(photo) = photo.shown.get_untracked() else { return };
    spawn_local(async move {
        let name = format!("{}-{}.json", stem(&photo.name), format.ending());
        let made = written(result, photo, format).await;
        tell(view, made.and_then(|blob| save(&blob, &name)).map(|it| it.told(format!("{name} was saved."))));
    });
}

/// Puts a file into the clipboard. It has to be asked while the click is handled, the file may come later.
fn clip(
    view: ViewState,
    kind: &'static str,
    made: impl Future<Output = Result<Blob, ExportFault>> + 'static,
    done: &'static str,
) {
    let copied = copy(kind, made);
    spawn_local(async move { tell(view, copied.await.map(|()| done.into())) });
}

/// A file name without its ending.
pub fn stem(name: &str) -> &str {
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
