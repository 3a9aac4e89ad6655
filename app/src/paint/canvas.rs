//! Canvases to paint on.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::view::Size;

/// The canvas's context, with as many pixels as the screen has there.
///
/// # Errors
/// What the browser says.
pub fn prepared(canvas: &HtmlCanvasElement, size: Size, ratio: f32) -> Result<CanvasRenderingContext2d, JsValue> {
    let pixels = |length: f32| (length * ratio).round().max(1.0) as u32;
    // Setting a size clears the canvas and costs an allocation, even if it is the same.
    if canvas.width() != pixels(size.width) {
        canvas.set_width(pixels(size.width));
    }
    if canvas.height() != pixels(size.height) {
        canvas.set_height(pixels(size.height));
    }
    Ok(canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into())
}
