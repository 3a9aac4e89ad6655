//! Things cut out of the photo: its pixels where the masks are, nothing elsewhere.

use model::structures::mask::{InstanceMask, Patch};
use wasm_bindgen::Clamped;
use web_sys::{Blob, ImageData};

use super::deliver::{ExportFault, png};
use crate::{js::canvas, photo::Photo};

/// How fast opacity rises at a mask's edge: from none to all over this many of the 255 steps of its probability.
const EDGE: f32 = 48.0;

/// A PNG with alpha, in pixels of the original photo.
///
/// # Arguments
/// * `masks` - what is kept.
/// * `cropped` - whether the picture ends where the masks do; else it is as large as the photo.
///
/// # Errors
/// [`ExportFault::NoRoom`] if the browser cannot hold the picture, or there is nothing to cut out.
pub async fn png_of(photo: &Photo, masks: &[&InstanceMask], cropped: bool) -> Result<Blob, ExportFault> {
    let size = (photo.full_width as usize, photo.full_height as usize);
    let patches: Vec<Patch> = masks.iter().map(|mask| mask.paste(size, photo.full_scale())).collect();
    let (x, y, width, height) = frame(&patches, cropped, size).ok_or(ExportFault::NoRoom)?;
    let room = |_| ExportFault::NoRoom;
    let (element, context) = canvas(width as u32, height as u32, false).map_err(|_| ExportFault::NoRoom)?;
    for patch in patches.iter().filter(|it| !it.values.is_empty()) {
        // Pixels can only be put, not blended: each patch comes by a canvas of its own.
        let (part, part_context) =
            canvas(patch.width as u32, patch.height as u32, false).map_err(|_| ExportFault::NoRoom)?;
        let pixels: Vec<u8> = patch.values.iter().flat_map(|&value| [0, 0, 0, opacity(value)]).collect();
        let image =
            ImageData::new_with_u8_clamped_array_and_sh(Clamped(&pixels), patch.width as u32, patch.height as u32);
        part_context.put_image_data(&image.map_err(room)?, 0.0, 0.0).map_err(room)?;
        let (left, top) = (patch.x as f64 - x as f64, patch.y as f64 - y as f64);
        context.draw_image_with_html_canvas_element(&part, left, top).map_err(room)?;
    }
    let bitmap = photo.full_bitmap().await.map_err(|_| ExportFault::NoRoom)?;
    context.set_global_composite_operation("source-in").map_err(room)?;
    let drawn = context.draw_image_with_image_bitmap(&bitmap, -(x as f64), -(y as f64));
    bitmap.close();
    drawn.map_err(room)?;
    png(&element).await
}

/// The part of the photo that the picture shows: first column and row, width and height.
fn frame(patches: &[Patch], cropped: bool, (width, height): (usize, usize)) -> Option<(usize, usize, usize, usize)> {
    let full = patches.iter().filter(|it| !it.values.is_empty());
    let left = full.clone().map(|it| it.x).min()?;
    let top = full.clone().map(|it| it.y).min()?;
    let right = full.clone().map(|it| it.x + it.width).max()?;
    let bottom = full.map(|it| it.y + it.height).max()?;
    Some(if cropped { (left, top, right - left, bottom - top) } else { (0, 0, width, height) })
}

/// The opacity of a pixel, 0 to 255, by its probability: a short ramp at the edge.
fn opacity(probability: u8) -> u8 {
    let part = (f32::from(probability) - 127.5) / EDGE + 0.5;
    (part.clamp(0.0, 1.0) * 255.0).round() as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_are_short_and_symmetric() {
        assert_eq!((opacity(0), opacity(90), opacity(170), opacity(255)), (0, 0, 255, 255));
        assert_eq!(u16::from(opacity(120)) + u16::from(opacity(135)), 255);
    }

    #[test]
    fn one_thing_is_cropped_and_all_are_not() {
        let patch = |x, y| Patch { x, y, width: 2, height: 3, values: vec![255; 6] };
        let two = [patch(1, 4), patch(5, 2), Patch::default()];
        assert_eq!(frame(&two, true, (100, 50)), Some((1, 2, 6, 5)));
        assert_eq!(frame(&two, false, (100, 50)), Some((0, 0, 100, 50)));
        assert_eq!(frame(&[Patch::default()], false, (100, 50)), None);
    }
}
