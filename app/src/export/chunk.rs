//! The part of the page that writes files: fetched when a visitor turns to the ways out.
//!
//! [`writers`] is its entry. What only that function reaches is not in the page's first module; the rest of the page calls
//! it through [`Writers`].

use std::rc::Rc;

use model::structures::{boxes::BBox, mask::InstanceMask};
use web_sys::Blob;

use super::{Exported, cutout, deliver::ExportFault, picture, results, table};
use crate::{chunk::ChunkError, json_format::JsonFormat, photo::Photo, scene::Scene};

/// A file in the making.
pub type Making = std::pin::Pin<Box<dyn Future<Output = Result<Blob, ExportFault>>>>;

/// What writes files.
#[derive(Clone, Copy)]
pub struct Writers {
    /// The annotated picture at full photo size.
    pub picture: fn(Rc<Photo>, Scene) -> Making,
    /// What is on show of photos as JSON.
    pub json: fn(&[Exported], JsonFormat) -> Result<String, ExportFault>,
    /// What is on show of photos as a table.
    pub csv: fn(&[Exported]) -> String,
    /// A part of the photo, in pixels of the decoded photo, at the original's size.
    pub part: fn(Rc<Photo>, BBox) -> Making,
    /// Things without the rest of the photo; the flag crops the picture to them.
    pub cutout: fn(Rc<Photo>, Vec<InstanceMask>, bool) -> Making,
}

/// Fetches the part, unless it is there already.
#[leptos::wasm_split::wasm_split(export, wasm_split_path = ::leptos::wasm_split, fallible)]
pub fn writers() -> Result<Writers, ChunkError> {
    Ok(Writers { picture, json: results::json, csv: table::csv, part, cutout })
}

fn picture(photo: Rc<Photo>, scene: Scene) -> Making {
    Box::pin(async move { picture::annotated(&photo, &scene).await })
}

fn part(photo: Rc<Photo>, part: BBox) -> Making {
    Box::pin(async move { picture::part_of(&photo, &part).await })
}

fn cutout(photo: Rc<Photo>, masks: Vec<InstanceMask>, is_cropped: bool) -> Making {
    Box::pin(async move { cutout::png_of(&photo, &masks.iter().collect::<Vec<_>>(), is_cropped).await })
}
