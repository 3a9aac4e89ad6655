//! The tint of a class map: its colours over the photo, one pixel for each of the map's.

use std::{cell::RefCell, sync::Arc};

use wasm_bindgen::{Clamped, JsValue};
use web_sys::{HtmlCanvasElement, ImageData};

use super::tokens::Tokens;
use crate::{js::canvas, legend::Legend};

/// How visible classes are beside the one that stands out, 0 to 255.
const ASIDE: u8 = 40;

/// The coloured class map, kept while only the pointer moves.
#[derive(Default)]
pub struct TintCache(RefCell<Option<Tint>>);

struct Tint {
    legend: Arc<Legend>,
    tokens: Tokens,
    highlighted: Option<usize>,
    canvas: Option<HtmlCanvasElement>,
}

impl TintCache {
    /// The map in colour, made anew only if it, the colours or the class that stands out have changed.
    ///
    /// # Errors
    /// What the browser says, e.g. when it has no memory.
    pub fn tint(
        &self,
        legend: &Arc<Legend>,
        tokens: &Tokens,
        highlighted: Option<usize>,
    ) -> Result<Option<HtmlCanvasElement>, JsValue> {
        let mut kept = self.0.borrow_mut();
        let same =
            |it: &&Tint| Arc::ptr_eq(&it.legend, legend) && it.tokens == *tokens && it.highlighted == highlighted;
        if let Some(tint) = kept.as_ref().filter(same) {
            return Ok(tint.canvas.clone());
        }
        let canvas = tinted(legend, tokens, highlighted)?;
        *kept = Some(Tint { legend: legend.clone(), tokens: tokens.clone(), highlighted, canvas: canvas.clone() });
        Ok(canvas)
    }
}

/// A class map in colour: one pixel for each of its pixels, the background clear.
///
/// # Arguments
/// * `highlighted` - the class that stands out.
///
/// # Errors
/// What the browser says, e.g. when it has no memory.
fn tinted(legend: &Legend, tokens: &Tokens, highlighted: Option<usize>) -> Result<Option<HtmlCanvasElement>, JsValue> {
    let map = &legend.map;
    if map.labels.is_empty() {
        return Ok(None);
    }
    let mut colours = [[0_u8; 4]; 256];
    for entry in &legend.entries {
        let alone = highlighted == Some(usize::from(entry.class));
        let alpha = if highlighted.is_none() || alone { 255 } else { ASIDE };
        let rgb = match entry.slot {
            Some(slot) => rgb(tokens.colour(slot)),
            None if alone => rgb(&tokens.ground),
            None => continue,
        };
        colours[usize::from(entry.class)] = [rgb[0], rgb[1], rgb[2], alpha];
    }
    let pixels: Vec<u8> = map.labels.iter().flat_map(|&label| colours[usize::from(label)]).collect();
    let (width, height) = (map.width as u32, map.height as u32);
    let (canvas, context) = canvas(width, height, false)?;
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&pixels), width, height)?;
    context.put_image_data(&image, 0.0, 0.0)?;
    Ok(Some(canvas))
}

/// Red, green and blue of a token's `#rrggbb`; black for anything else.
pub fn rgb(token: &str) -> [u8; 3] {
    let part = |at: usize| token.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(0);
    [part(1), part(3), part(5)]
}
