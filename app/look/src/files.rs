//! Where the files of this build lie: beside the page, or, on hosts that keep files for ever, in a folder of their own.

use js_sys::Reflect;
use leptos::prelude::window;

/// The page's global in which `www/boot.js` leaves the folder.
const FOLDER: &str = "lookoutFiles";

/// The address of a file of this build, e.g. of a worker's script.
///
/// # Arguments
/// * `name` - its path in the build.
#[must_use]
pub fn of_build(name: &str) -> String {
    let folder = Reflect::get(&window(), &FOLDER.into()).ok().and_then(|it| it.as_string());
    // A page without `boot.js` has the files beside it.
    folder.unwrap_or_default() + name
}
