//! The annotated picture at full photo size.

use web_sys::Blob;

use super::deliver::{ExportFault, png};
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

/// Draws the photo and what was found in it as a PNG of the original's size.
///
/// # Errors
/// [`ExportFault::NoRoom`] if the browser cannot hold the picture.
pub async fn annotated(photo: &Photo, scene: &Scene) -> Result<Blob, ExportFault> {
    let bitmap = photo.full_bitmap().await.map_err(|_| ExportFault::NoRoom)?;
    let (width, height) = (photo.full_width, photo.full_height);
    let (element, context) = canvas(width, height, false).map_err(|_| ExportFault::NoRoom)?;
    let ratio = (width.max(height) as f32 / USUAL_SIDE).max(1.0);
    let tokens = Tokens::read();
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
    bitmap.close();
    drawn.map_err(|_| ExportFault::NoRoom)?;
    png(&element).await
}
