//! The annotated picture at full photo size.

use model::structures::boxes::BBox;
use web_sys::Blob;

use super::{
    deliver::{ExportFault, png},
    notes::Notes,
};
use crate::{
    js::canvas,
    paint::{
        pen::{Pen, Shown},
        tint::TintCache,
        tokens::Tokens,
        view::{Size, View},
    },
    photo::Photo,
    scene::Scene,
};

/// On a photo with a longer side than this, lines and labels grow with it, so that they look as on the page.
const USUAL_SIDE: f32 = 1100.0;

/// Draws the photo and what was found in it as a PNG of the original's size, with a caption and the key to a class map below
/// it.
///
/// # Errors
/// [`ExportFault::NoRoom`] if the browser cannot hold the picture.
pub async fn annotated(photo: &Photo, scene: &Scene) -> Result<Blob, ExportFault> {
    let bitmap = photo.full_bitmap().await.map_err(|_| ExportFault::NoRoom)?;
    let (width, height) = (photo.full_width, photo.full_height);
    let ratio = (width.max(height) as f32 / USUAL_SIDE).max(1.0);
    let tokens = Tokens::read();
    let notes = canvas(1, 1, false)
        .and_then(|(_, measuring)| Notes::of(scene, &measuring, &tokens, width as f32 / ratio))
        .map_err(|_| ExportFault::NoRoom)?;
    let below = (notes.height() * ratio).ceil() as u32;
    let (element, context) = canvas(width, height + below, false).map_err(|_| ExportFault::NoRoom)?;
    let shown = Shown {
        photo: Size::new(photo.width as f32, photo.height as f32),
        // Sides of a scaled photo are whole pixels, so its two scales may differ by less than a pixel over the whole photo.
        view: View { scale: photo.full_scale().0 / ratio, left: 0.0, top: 0.0 },
        highlighted: None,
        word: None,
        pointed: None,
        reveal: 1.0,
        tints: &TintCache::default(),
    };
    let size = Size::new(width as f32 / ratio, height as f32 / ratio);
    let pen = Pen { context: &context, tokens: &tokens, canvas: size, ratio };
    let drawn = pen.draw_photo(Some(&bitmap), shown.photo, &shown.view).and_then(|()| scene.draw(&pen, &shown));
    let drawn = drawn.and_then(|()| {
        let whole = Size::new(size.width, size.height + notes.height());
        notes.draw(&Pen { canvas: whole, ..pen }, size.height)
    });
    bitmap.close();
    drawn.map_err(|_| ExportFault::NoRoom)?;
    png(&element).await
}

/// A part of the photo as a PNG, at the original's size.
///
/// # Arguments
/// * `part` - in pixels of the decoded photo.
///
/// # Errors
/// As [`annotated`].
pub async fn part_of(photo: &Photo, part: &BBox) -> Result<Blob, ExportFault> {
    let (across, down) = photo.full_scale();
    let part = part.scale(across, down).clip(photo.full_width as f32, photo.full_height as f32);
    let (left, top) = (part.x0.floor(), part.y0.floor());
    let side = |length: f32| (length.ceil() as u32).max(1);
    let (element, context) =
        canvas(side(part.x1 - left), side(part.y1 - top), false).map_err(|_| ExportFault::NoRoom)?;
    let bitmap = photo.full_bitmap().await.map_err(|_| ExportFault::NoRoom)?;
    let drawn = context.draw_image_with_image_bitmap(&bitmap, f64::from(-left), f64::from(-top));
    bitmap.close();
    drawn.map_err(|_| ExportFault::NoRoom)?;
    png(&element).await
}
