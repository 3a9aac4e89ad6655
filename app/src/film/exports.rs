//! Files of all photos of the strip: one archive of pictures, one JSON, one table.

use std::{
    cell::RefCell,
    io::{self, Write},
    rc::Rc,
};

use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use model::coco::image_id;
use rawzip::ZipArchiveWriter;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, BlobPropertyBag};

use super::queue::archive_names;
use crate::{
    export::{ExportFault, Exported, Subject, chunk::writers, save, stem, tell, text_file},
    json_format::JsonFormat,
    layers::ResultData,
    state::{Actions, FilmPhoto, use_actions},
};

/// What saves files of all photos.
pub fn view(format: RwSignal<JsonFormat>) -> AnyView {
    let actions = use_actions();
    let making = RwSignal::new(None::<(usize, usize)>);
    let count = move || actions.film.photos.with(Vec::len);
    let pictures = move |_| {
        if making.get_untracked().is_none() {
            save_pictures(actions, making);
        }
    };
    let word = move || match making.get() {
        Some((done, all)) => format!("{done} of {all}"),
        None => "Save ZIP".into(),
    };
    view! {
        <span class="export-kind export-all" id="export-all">{move || format!("All {} photos", count())}</span>
        <div class="export-files" role="group" aria-labelledby="export-all">
            <button type="button" class="quiet" data-testid="export-all-png" title="The pictures in one archive"
                aria-busy=move || making.get().is_some().to_string() on:click=pictures>{word}</button>
            <button type="button" class="quiet" data-testid="export-all-json" on:click=move |_| save_json(actions, format.get_untracked())>"Save JSON"</button>
            <button type="button" class="quiet" data-testid="export-all-csv" on:click=move |_| save_csv(actions)>"Save CSV"</button>
        </div>
    }
    .into_any()
}

/// The photos that have a result of the task, under names of their own, with the number of all.
fn exported(actions: Actions) -> (Vec<(FilmPhoto, Exported)>, usize) {
    let photos = actions.film.photos.get_untracked();
    let all = photos.len();
    let settings = actions.result.settings.get_untracked();
    let systems = actions.result.systems_untracked();
    let done = photos.into_iter().filter_map(|photo| {
        let scene = untrack(|| photo.scene(&systems, &settings));
        scene.lead()?;
        let photo_data = Subject { name: photo.name.get_value(), sizes: photo.sizes.get_value()? };
        Some((photo, Exported { photo: photo_data, scene }))
    });
    let mut done: Vec<_> = done.collect();
    let names = own_names(&done.iter().map(|it| it.1.photo.name.as_str()).collect::<Vec<_>>());
    for ((_, exported), name) in done.iter_mut().zip(names) {
        exported.photo.name = name;
    }
    (done, all)
}

/// Names that differ, and give numbers that differ, as COCO's files need: photos of several folders may be named alike.
fn own_names(names: &[&str]) -> Vec<String> {
    let mut taken = std::collections::BTreeSet::new();
    let own = |name: &&str| {
        let (stem, ending) = name.split_at(stem(name).len());
        let further = (2..).map(|number| format!("{stem}-{number}{ending}"));
        let mut names = std::iter::once((*name).to_owned()).chain(further);
        names.find(|name| taken.insert(image_id(name))).unwrap_or_default()
    };
    names.iter().map(own).collect()
}

/// What was saved, in words.
fn saved(name: &str, done: usize, all: usize) -> String {
    let without = match all - done {
        0 => return format!("{name} was saved."),
        1 => "1 has no result".to_owned(),
        n => format!("{n} have no result"),
    };
    format!("{name} was saved with {done} of {all} photos: {without}.")
}

fn save_json(actions: Actions, format: JsonFormat) {
    spawn_local(async move {
        let (photos, all) = exported(actions);
        let is_objects =
            photos.first().and_then(|it| it.1.scene.lead()).is_some_and(|it| ResultData::is_objects(&it.data()));
        let format = if is_objects { format } else { JsonFormat::Results };
        let name = format!("photos-{}.json", format.ending());
        let exported: Vec<Exported> = photos.into_iter().map(|it| it.1).collect();
        let made = async {
            let json = (writers().await?.json)(&exported, format)?;
            save(&text_file(&json, "application/json")?, &name)
        };
        tell(actions.view, made.await.map(|it| it.told(saved(&name, exported.len(), all))));
    });
}

fn save_csv(actions: Actions) {
    spawn_local(async move {
        let (photos, all) = exported(actions);
        let name = "photos-lookout.csv";
        let exported: Vec<Exported> = photos.into_iter().map(|it| it.1).collect();
        let made = async { save(&text_file(&(writers().await?.csv)(&exported), "text/csv")?, name) };
        tell(actions.view, made.await.map(|it| it.told(saved(name, exported.len(), all))));
    });
}

fn save_pictures(actions: Actions, making: RwSignal<Option<(usize, usize)>>) {
    spawn_local(async move {
        let (photos, all) = exported(actions);
        let (name, count) = ("photos-lookout.zip", photos.len());
        let made = async { save(&archive(photos, making).await?, name) };
        let outcome = made.await.map(|it| it.told(saved(name, count, all)));
        making.try_set(None);
        tell(actions.view, outcome);
    });
}

/// The annotated pictures in one archive. PNG files are as small as they get: they are stored. One photo has its pixels at a
/// time, and what is written goes to the browser, which keeps large files outside memory.
async fn archive(
    photos: Vec<(FilmPhoto, Exported)>,
    making: RwSignal<Option<(usize, usize)>>,
) -> Result<Blob, ExportFault> {
    let stems: Vec<&str> = photos.iter().map(|it| stem(&it.1.photo.name)).collect();
    let names = archive_names(&stems, "-lookout.png");
    let count = photos.len();
    let (sink, parts) = (Sink::default(), Array::new());
    let mut zip = ZipArchiveWriter::new(sink.clone());
    let room = |_| ExportFault::NoRoom;
    for (done, ((photo, exported), name)) in photos.into_iter().zip(names).enumerate() {
        making.try_set(Some((done, count)));
        let opened = Rc::new(photo.open().await.map_err(|_| ExportFault::NoRoom)?);
        let picture = (writers().await?.picture)(opened, exported.scene).await?;
        let bytes = JsFuture::from(picture.array_buffer()).await.map_err(room)?;
        let (mut entry, config) = zip.new_file(&name).start().map_err(internal)?;
        let mut data = config.wrap(&mut entry);
        data.write_all(&Uint8Array::new(&bytes).to_vec()).map_err(|_| ExportFault::NoRoom)?;
        let (_, descriptor) = data.finish().map_err(internal)?;
        entry.finish(descriptor).map_err(internal)?;
        parts.push(&JsValue::from(sink.take()?));
    }
    zip.finish().map_err(internal)?;
    parts.push(&JsValue::from(sink.take()?));
    blob(&parts)
}

fn internal(error: rawzip::Error) -> ExportFault {
    ExportFault::Internal(error.to_string())
}

fn blob(parts: &Array) -> Result<Blob, ExportFault> {
    let options = BlobPropertyBag::new();
    options.set_type("application/zip");
    Blob::new_with_blob_sequence_and_options(parts, &options).map_err(|_| ExportFault::NoRoom)
}

/// What was written and not yet given to the browser: copies share it.
#[derive(Clone, Default)]
struct Sink(Rc<RefCell<Vec<u8>>>);

impl Sink {
    fn take(&self) -> Result<Blob, ExportFault> {
        let bytes = std::mem::take(&mut *self.0.borrow_mut());
        blob(&Array::of1(&Uint8Array::from(&bytes[..])))
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_of_the_same_name_stay_apart() {
        assert_eq!(own_names(&["a.jpg", "b.jpg", "a.jpg"]), ["a.jpg", "b.jpg", "a-2.jpg"]);
        assert_eq!(own_names(&["012.jpg", "12.jpg"]), ["012.jpg", "12-2.jpg"], "both are photo 12 to COCO");
    }

    #[test]
    fn what_is_missing_is_said() {
        assert_eq!(saved("a.csv", 3, 3), "a.csv was saved.");
        assert_eq!(saved("a.csv", 2, 3), "a.csv was saved with 2 of 3 photos: 1 has no result.");
    }

    #[test]
    fn an_archive_holds_its_files() {
        let sink = Sink::default();
        let mut zip = ZipArchiveWriter::new(sink.clone());
        for (name, bytes) in [("a.png", &b"first"[..]), ("b.png", &b""[..])] {
            let (mut entry, config) = zip.new_file(name).start().expect("it is written to memory");
            let mut data = config.wrap(&mut entry);
            data.write_all(bytes).expect("it is written to memory");
            let (_, descriptor) = data.finish().expect("it is written to memory");
            entry.finish(descriptor).expect("it is written to memory");
        }
        zip.finish().expect("it is written to memory");
        let bytes = sink.0.borrow();
        let archive = rawzip::ZipArchive::from_slice(&bytes[..]).expect("it can be read");
        let names = archive.entries().map(|it| it.expect("it can be read").uncompressed_size_hint());
        assert_eq!(names.collect::<Vec<_>>(), [5, 0]);
    }
}
