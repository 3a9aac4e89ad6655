//! The few things of the browser that many places need: properties by name, the clock, canvases, pixels.

use js_sys::{ArrayBuffer, Object, Reflect};
use leptos::prelude::{document, window};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

/// Reads a property; `None` if it is missing, undefined or null.
pub fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &JsValue::from_str(name)).ok().filter(|value| !value.is_undefined() && !value.is_null())
}

/// Writes a property.
///
/// # Errors
/// What the browser says, e.g. of a frozen object.
pub fn set_property(object: &JsValue, name: &str, value: &JsValue) -> Result<(), JsValue> {
    Reflect::set(object, &JsValue::from_str(name), value).map(|_| ())
}

/// Whether the visitor's main way to point is a finger.
pub fn is_touch() -> bool {
    window().match_media("(hover: none) and (pointer: coarse)").ok().flatten().is_some_and(|it| it.matches())
}

/// The key for commands on this system.
pub fn command_key() -> &'static str {
    let apple = window().navigator().platform().is_ok_and(|it| it.starts_with("Mac") || it.starts_with("iP"));
    if apple { "⌘" } else { "Ctrl" }
}

/// Whether the page is shown inside a frame of another one.
pub fn is_framed() -> bool {
    let window = window();
    // Another site's top may not be looked at, only compared.
    window.top().map_or(true, |top| top.is_none_or(|top| !js_sys::Object::is(&top, &window)))
}

/// Milliseconds on the page's steady clock.
pub fn now() -> f64 {
    window().performance().map_or_else(js_sys::Date::now, |clock| clock.now())
}

/// Makes a canvas off the page.
///
/// # Arguments
/// * `read_often` - keeps its pixels in memory rather than on the GPU, for those who read them.
///
/// # Errors
/// What the browser says when it refuses the size.
pub fn canvas(
    width: u32,
    height: u32,
    read_often: bool,
) -> Result<(HtmlCanvasElement, CanvasRenderingContext2d), JsValue> {
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    canvas.set_width(width);
    canvas.set_height(height);
    let options = Object::new();
    set_property(&options, "willReadFrequently", &read_often.into())?;
    let context = canvas.get_context_with_context_options("2d", &options)?.ok_or(JsValue::NULL)?;
    Ok((canvas, context.unchecked_into()))
}

/// The bytes behind an image's pixels; not `ImageData::data`, which copies them into this module's memory and back.
pub fn pixel_buffer(image: &ImageData) -> Option<ArrayBuffer> {
    property(&property(image, "data")?, "buffer")?.dyn_into().ok()
}
