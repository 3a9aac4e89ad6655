//! From a file to a photo on show: the header is read here, the pixels are decoded by the browser, which applies the
//! EXIF orientation and the colour profile.

use std::sync::atomic::{AtomicU32, Ordering};

use js_sys::{ArrayBuffer, Uint8Array};
use leptos::prelude::window;
use model::photo::probe;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, ImageBitmap, ImageBitmapOptions, ImageOrientation, ResizeQuality};

use super::{PhotoFault, shrink::decode_shrunk};
use crate::js::{canvas, pixel_buffer};

/// Photos with more pixels than this are scaled down while they are decoded: the network sees far fewer, and 12
/// megapixels are sharp on any screen.
const WORKING_PIXELS: f64 = 12e6;
/// Files with more bytes than this are not read.
const MAX_BYTES: f64 = 200e6;

/// A photo on show.
#[derive(Debug)]
pub struct Photo {
    /// Names the photo towards the worker.
    pub id: u32,
    /// The file's name.
    pub name: String,
    /// What is on it, for those who do not see it; the file's name if nobody said.
    pub alt: String,
    /// Pixels across, as decoded (at most 12 megapixels in all).
    pub width: u32,
    /// Pixels down, as decoded.
    pub height: u32,
    /// Pixels across of the upright original.
    pub full_width: u32,
    /// Pixels down of the upright original.
    pub full_height: u32,
    /// Upright pixels; may have transparent parts, to be shown on white.
    pub bitmap: ImageBitmap,
    /// The original, for export at full size.
    pub source: Blob,
    /// Which sample photo it is, if it is one.
    pub sample: Option<String>,
    /// The address that a link to the page names it by, if it comes from there.
    pub address: Option<String>,
    /// Its key among those that are kept, if it comes from there.
    pub kept: Option<String>,
}

/// The sizes of a photo, which are known without its pixels; width and height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PhotoSizes {
    /// As decoded.
    pub decoded: (u32, u32),
    /// Of the upright original.
    pub full: (u32, u32),
}

impl PhotoSizes {
    /// Pixels of the original for one of the decoded photo, across and down.
    #[must_use]
    pub fn scale(self) -> (f32, f32) {
        (self.full.0 as f32 / self.decoded.0 as f32, self.full.1 as f32 / self.decoded.1 as f32)
    }
}

impl Drop for Photo {
    fn drop(&mut self) {
        self.bitmap.close(); // gives the pixels back now, not at some later garbage collection
    }
}

impl Photo {
    /// The pixels for the network: RGBA, upright, on white, row by row; `width * height * 4` bytes.
    ///
    /// # Errors
    /// [`PhotoFault::NoRoom`] if the browser has no memory for them.
    pub fn pixels(&self) -> Result<ArrayBuffer, PhotoFault> {
        let (canvas, context) = canvas(self.width, self.height, true).map_err(|_| PhotoFault::NoRoom)?;
        draw_on_white(&context, &self.bitmap, self.width, self.height)?;
        let data = context.get_image_data(0.0, 0.0, f64::from(self.width), f64::from(self.height));
        canvas.set_width(0); // gives its pixels back now
        pixel_buffer(&data.map_err(|_| PhotoFault::NoRoom)?).ok_or(PhotoFault::NoRoom)
    }

    /// Photo pixels of the original for one of the decoded photo.
    #[must_use]
    pub fn full_scale(&self) -> (f32, f32) {
        self.sizes().scale()
    }

    /// Its sizes.
    #[must_use]
    pub const fn sizes(&self) -> PhotoSizes {
        PhotoSizes { decoded: (self.width, self.height), full: (self.full_width, self.full_height) }
    }

    /// The original at full size.
    ///
    /// # Errors
    /// [`PhotoFault::NoRoom`] if it cannot be decoded again.
    pub async fn full_bitmap(&self) -> Result<ImageBitmap, PhotoFault> {
        bitmap(&self.source, None).await.map_err(|_| PhotoFault::NoRoom)
    }
}

/// Decodes a file.
///
/// # Arguments
/// * `source` - the file.
/// * `name` - its name.
///
/// # Errors
/// Why it cannot be shown, as a sentence for the visitor.
pub async fn decode(source: Blob, name: String) -> Result<Photo, PhotoFault> {
    if source.size() > MAX_BYTES {
        return Err(PhotoFault::TooManyBytes((source.size() / 1e6) as u64));
    }
    let buffer = JsFuture::from(source.array_buffer()).await.map_err(|_| PhotoFault::Unreadable)?;
    let header = probe(&Uint8Array::new(&buffer).to_vec())?;
    let (full_width, full_height) = (header.width, header.height);
    let working = working_size(full_width, full_height);
    let bitmap = bitmap(&source, working).await.map_err(|_| PhotoFault::Undecodable(header.format))?;
    let (width, height) = (bitmap.width(), bitmap.height());
    Ok(Photo {
        id: next_id(),
        alt: name.clone(),
        name,
        width,
        height,
        full_width: if working.is_some() { full_width } else { width },
        full_height: if working.is_some() { full_height } else { height },
        bitmap,
        source,
        sample: None,
        address: None,
        kept: None,
    })
}

/// Names a photo, or a picture of the camera, towards the worker.
pub fn next_id() -> u32 {
    static NEXT: AtomicU32 = AtomicU32::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// The size to scale to while decoding; none if the photo is small enough as it is.
fn working_size(width: u32, height: u32) -> Option<(u32, u32)> {
    let pixels = f64::from(width) * f64::from(height);
    (pixels > WORKING_PIXELS).then(|| {
        let scale = (WORKING_PIXELS / pixels).sqrt();
        let side = |length: u32| ((f64::from(length) * scale) as u32).max(1);
        (side(width), side(height))
    })
}

async fn bitmap(source: &Blob, size: Option<(u32, u32)>) -> Result<ImageBitmap, JsValue> {
    if let Some(size) = size
        && let Some(bitmap) = decode_shrunk(source, size).await
    {
        return Ok(bitmap);
    }
    let options = ImageBitmapOptions::new();
    options.set_image_orientation(ImageOrientation::FromImage);
    if let Some((width, height)) = size {
        options.set_resize_width(width);
        options.set_resize_height(height);
        options.set_resize_quality(ResizeQuality::Low); // in the page's own time, so quickly
    }
    let promise = window().create_image_bitmap_with_blob_and_image_bitmap_options(source, &options)?;
    JsFuture::from(promise).await?.dyn_into()
}

/// Draws a bitmap over the whole canvas, on white.
///
/// # Errors
/// [`PhotoFault::NoRoom`] if the browser cannot draw it.
fn draw_on_white(
    context: &CanvasRenderingContext2d,
    bitmap: &ImageBitmap,
    width: u32,
    height: u32,
) -> Result<(), PhotoFault> {
    let (width, height) = (f64::from(width), f64::from(height));
    context.set_fill_style_str("#fff");
    context.fill_rect(0.0, 0.0, width, height);
    context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, width, height).map_err(|_| PhotoFault::NoRoom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_photos_are_scaled_and_keep_their_shape() {
        assert_eq!(working_size(4000, 3000), None);
        let (width, height) = working_size(10_000, 6_000).expect("60 megapixels are too many");
        assert!(f64::from(width) * f64::from(height) <= WORKING_PIXELS);
        assert!((f64::from(width) / f64::from(height) - 10.0 / 6.0).abs() < 1e-3);
        assert_eq!(working_size(1, 8000), None);
        assert_eq!(working_size(1, 60_000_000).map(|it| it.0), Some(1));
    }
}
