//! The visitor's own photos, kept on the device while their tab is open so that a reload brings them back.
//!
//! They lie in the browser's Cache storage under the tab's name, which `sessionStorage` keeps through reloads. A tab holds a
//! lock (Web Locks) as long as it is open; photos of tabs without a lock are deleted at the next visit.

use js_sys::{Array, Function, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::prelude::*;
use web_sys::{Blob, Request, Response, Storage};

use super::{Photo, PhotoFault, decode};
use crate::js::{is_framed, property, set_property};

/// The cache's name.
const CACHE: &str = "lookout-photos-v1";
/// What the names of locks begin with.
const LOCK: &str = "lookout-tab-";
/// The key of the tab's name in `sessionStorage`.
const TAB: &str = "lookout-tab";
/// The key of the film strip's photos in `sessionStorage`.
const FILM: &str = "lookout-film";
/// What the names of a film strip's photos begin with, after the tab's.
const OF_FILM: &str = "film-";
/// Photos that are kept for a tab beside its film strip, the newest ones.
const MAX_PHOTOS: usize = 4;
/// Files with more bytes are not kept.
const MAX_BYTES: f64 = 100e6;

#[wasm_bindgen]
extern "C" {
    type Cache;

    #[wasm_bindgen(js_namespace = caches, js_name = open, catch)]
    async fn open_cache(name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    async fn put(this: &Cache, key: &str, response: &Response) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = match)]
    async fn find(this: &Cache, key: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch)]
    async fn keys(this: &Cache) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(method, catch, js_name = delete)]
    async fn remove(this: &Cache, key: &str) -> Result<JsValue, JsValue>;

    type LockManager;

    #[wasm_bindgen(method, catch)]
    fn request(this: &LockManager, name: &str, options: &Object, callback: &Function) -> Result<Promise, JsValue>;

    #[wasm_bindgen(method, catch)]
    async fn query(this: &LockManager) -> Result<JsValue, JsValue>;
}

/// The tab's `sessionStorage`; none in a frame, which keeps nothing: frames share it with the page that stands in the tab before
/// or after them, and the photos of one are no business of the other.
fn session() -> Option<Storage> {
    if is_framed() { None } else { window().session_storage().ok().flatten() }
}

/// The place where a tab's photos are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptPhotos {
    tab: String,
}

impl KeptPhotos {
    /// The place of this tab, and the end of what closed tabs have left. `None` in a frame, and where the browser cannot keep anything,
    /// e.g. outside secure contexts.
    pub async fn open() -> Option<Self> {
        let tab = tab_name()?;
        let locks: LockManager = property(&window().navigator(), "locks")?.unchecked_into();
        let outcome = async {
            hold(&locks, &tab)?;
            let held = held_names(&locks.query().await?);
            let cache = cache().await?;
            for key in keys(&cache).await? {
                if tab_of(&key).is_some_and(|owner| owner != tab && !held.contains(&format!("{LOCK}{owner}"))) {
                    cache.remove(&key).await?;
                }
            }
            Ok::<_, JsValue>(())
        };
        match outcome.await {
            Ok(()) => Some(Self { tab }),
            Err(error) => {
                leptos::logging::warn!("photos are not kept: {error:?}");
                None
            }
        }
    }

    /// Keeps a photo, and only the newest ones of those that are not in the film strip.
    ///
    /// # Arguments
    /// * `of_film` - the photo's number in the film strip, if it is in there.
    ///
    /// # Returns
    /// Its key; `None` if it is too large or the browser has no room.
    pub async fn keep(&self, photo: &PhotoSource, of_film: Option<u32>) -> Option<String> {
        if photo.blob.size() > MAX_BYTES {
            return None;
        }
        let name = String::from(js_sys::encode_uri_component(&photo.name));
        let place = of_film.map(|number| format!("{OF_FILM}{number}-")).unwrap_or_default();
        let key = format!("{}/{place}{:.0}?{name}", self.tab, js_sys::Date::now());
        let kept = async {
            let cache = cache().await?;
            cache.put(&address(&key), &Response::new_with_opt_blob(Some(&photo.blob))?).await?;
            if of_film.is_some() {
                return Ok(());
            }
            let mut own = keys(&cache).await?;
            own.retain(|it| tab_of(it).as_deref() == Some(&self.tab) && !is_of_film(it));
            for old in own.iter().rev().skip(MAX_PHOTOS) {
                cache.remove(old).await?;
            }
            Ok::<_, JsValue>(())
        };
        kept.await.inspect_err(|error| leptos::logging::warn!("the photo is not kept: {error:?}")).ok().map(|()| key)
    }
}

/// Opens a kept photo.
///
/// # Errors
/// [`PhotoFault::NotKept`] if it is gone, or why it cannot be decoded any more.
pub async fn open(key: &str) -> Result<Photo, PhotoFault> {
    let found = async { cache().await?.find(&address(key)).await }.await;
    let response: Response = found.ok().and_then(|it| it.dyn_into().ok()).ok_or(PhotoFault::NotKept)?;
    let blob = response.blob().map_err(|_| PhotoFault::NotKept)?;
    let blob = wasm_bindgen_futures::JsFuture::from(blob).await.map_err(|_| PhotoFault::NotKept)?;
    let mut photo = decode(blob.unchecked_into(), name_of(key)).await?;
    photo.kept = Some(key.to_owned());
    Ok(photo)
}

/// Whether this tab has a film strip from before a reload.
pub fn film_is_kept() -> bool {
    session().is_some_and(|it| it.get_item(FILM).is_ok_and(|it| it.is_some()))
}

/// What [`note_film`] has noted, before a reload.
pub fn noted_film() -> Vec<String> {
    let text = session().and_then(|it| it.get_item(FILM).ok().flatten()).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// Notes the photos of the film strip in order, one word each: keys, or what else they are opened by.
pub fn note_film(photos: &[String]) {
    let Some(storage) = session() else { return };
    let noted = if photos.is_empty() { storage.remove_item(FILM) } else { storage.set_item(FILM, &photos.join("\n")) };
    if let Err(error) = noted {
        leptos::logging::warn!("the film strip is not kept: {error:?}");
    }
}

/// Deletes kept photos; what is gone already does not matter.
pub async fn forget(gone: &[String]) {
    let Ok(cache) = cache().await else { return };
    for key in gone {
        if let Err(error) = cache.remove(&address(key)).await {
            leptos::logging::warn!("a photo is still kept: {error:?}");
        }
    }
}

impl KeptPhotos {
    /// Deletes photos of earlier film strips of this tab.
    ///
    /// # Arguments
    /// * `wanted` - the keys that stay.
    pub async fn forget_others(&self, wanted: &[String]) {
        let all = async { keys(&cache().await?).await }.await.unwrap_or_default();
        let own = all.iter().filter(|it| tab_of(it).as_deref() == Some(&self.tab) && is_of_film(it));
        let keys = own.filter_map(|it| it.rsplit_once("/kept/").map(|(_, key)| key.to_owned()));
        forget(&keys.filter(|key| !wanted.contains(key)).collect::<Vec<_>>()).await;
    }
}

/// What a photo is opened from again.
#[derive(Clone, Debug)]
pub struct PhotoSource {
    /// The file.
    pub blob: Blob,
    /// See [`Photo::name`].
    pub name: String,
    /// See [`Photo::alt`].
    pub alt: String,
    /// See [`Photo::sample`].
    pub sample: Option<String>,
    /// See [`Photo::address`].
    pub address: Option<String>,
    /// See [`Photo::kept`].
    pub kept: Option<String>,
}

impl PhotoSource {
    /// That of a photo.
    ///
    /// # Arguments
    /// * `kept` - its key among those that are kept.
    pub fn of(photo: &Photo, kept: Option<String>) -> Self {
        let Photo { source, name, alt, sample, address, .. } = photo;
        let (blob, name, alt) = (source.clone(), name.clone(), alt.clone());
        Self { blob, name, alt, sample: sample.clone(), address: address.clone(), kept }
    }

    /// Decodes it once more.
    ///
    /// # Errors
    /// Why not, e.g. because the file was deleted since.
    pub async fn open(self) -> Result<Photo, PhotoFault> {
        let mut photo = decode(self.blob, self.name).await?;
        (photo.alt, photo.sample, photo.address, photo.kept) = (self.alt, self.sample, self.address, self.kept);
        Ok(photo)
    }

    /// As [`PhotoSource::open`], under the name that the photo had.
    ///
    /// # Errors
    /// As there.
    pub async fn open_as(self, id: u32) -> Result<Photo, PhotoFault> {
        let mut photo = self.open().await?;
        photo.id = id;
        Ok(photo)
    }
}

/// The tab's name: the same through reloads, another one in every tab.
fn tab_name() -> Option<String> {
    let storage = session()?;
    if let Some(name) = storage.get_item(TAB).ok()? {
        return Some(name);
    }
    let name = format!("{:.0}{:.0}", js_sys::Date::now(), js_sys::Math::random() * 1e9);
    storage.set_item(TAB, &name).ok()?;
    Some(name)
}

/// Holds the tab's lock as long as the page is open.
fn hold(locks: &LockManager, tab: &str) -> Result<(), JsValue> {
    let options = Object::new();
    set_property(&options, "mode", &"shared".into())?; // a duplicated tab has the same name
    let for_ever = Closure::once_into_js(|_: JsValue| Promise::new(&mut |_, _| {}));
    let _until_the_page_is_gone = locks.request(&format!("{LOCK}{tab}"), &options, for_ever.unchecked_ref())?;
    Ok(())
}

fn held_names(locks: &JsValue) -> Vec<String> {
    let held = property(locks, "held").map(|it| Array::from(&it)).unwrap_or_default();
    held.iter().filter_map(|it| Reflect::get(&it, &"name".into()).ok()?.as_string()).collect()
}

async fn cache() -> Result<Cache, JsValue> {
    Ok(open_cache(CACHE).await?.unchecked_into())
}

/// The addresses of all kept photos, the oldest first.
async fn keys(cache: &Cache) -> Result<Vec<String>, JsValue> {
    let requests = Array::from(&cache.keys().await?);
    Ok(requests.iter().map(|it| it.unchecked_into::<Request>().url()).collect())
}

/// Where a key lies: caches are by address.
fn address(key: &str) -> String {
    format!("kept/{key}")
}

/// The tab that an address in the cache belongs to.
fn tab_of(address: &str) -> Option<String> {
    let (_, key) = address.rsplit_once("/kept/")?;
    key.split_once('/').map(|(tab, _)| tab.to_owned())
}

/// Whether an address in the cache, or a key, is that of a photo in a film strip.
fn is_of_film(key: &str) -> bool {
    let key = key.rsplit_once("/kept/").map_or(key, |(_, key)| key);
    key.split_once('/').is_some_and(|(_, place)| place.starts_with(OF_FILM))
}

/// The file name in a key.
pub fn name_of(key: &str) -> String {
    let encoded = key.split_once('?').map_or("", |(_, name)| name);
    js_sys::decode_uri_component(encoded).map_or_else(|_| encoded.to_owned(), String::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_name_their_tab() {
        let tab = tab_of("https://example.org/kept/course/kept/17000005/42?my%20cat.jpg");
        assert_eq!(tab.as_deref(), Some("17000005"));
        assert_eq!(tab_of("https://example.org/photos/cat.jpg"), None);
    }

    #[test]
    fn photos_of_a_film_strip_are_told_apart() {
        assert!(is_of_film("https://example.org/kept/17/film-3-42?a.jpg") && is_of_film("17/film-3-42?a.jpg"));
        assert!(!is_of_film("https://example.org/kept/17/42?film-3.jpg"));
    }
}
