//! What was found in a photo of the strip: the photo in small, with the result drawn on it and in a few words.

use leptos::prelude::*;
use model::catalog::System;
use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

use crate::{
    js::canvas,
    layers::Layer,
    paint::prepared,
    paint::{
        pen::{Pen, Shown},
        tint::TintCache,
        tokens::Tokens,
        view::{Size, View},
    },
    photo::{Photo, PhotoSizes},
    scene::{Scene, Sources},
    settings::Settings,
    state::FilmPhoto,
};

/// CSS pixels of a small picture, and of what is drawn in it: lines get thinner by the ratio.
const SHOWN: Size = Size::new(96.0, 64.0);
const DRAWN: Size = Size::new(288.0, 192.0);
/// Device pixels for one CSS pixel.
const SHARPNESS: f32 = 2.0;
/// A photo is at most so many times wider, or higher, in small than the picture that shows it.
const MAX_STRETCH: f32 = 4.0;

/// The scale at which a photo fills the small picture, cut at the edges; from photo pixels to those of [`DRAWN`].
fn cover((width, height): (u32, u32)) -> f32 {
    (DRAWN.width / width.max(1) as f32).max(DRAWN.height / height.max(1) as f32)
}

/// A photo in small, on white.
///
/// # Errors
/// What the browser says.
pub fn thumbnail_of(photo: &Photo) -> Result<HtmlCanvasElement, JsValue> {
    let scale = cover((photo.width, photo.height)) * SHOWN.width * SHARPNESS / DRAWN.width;
    let most = MAX_STRETCH * SHOWN.width * SHARPNESS;
    let side = |length: u32| (length as f32 * scale).round().clamp(1.0, most);
    let (width, height) = (side(photo.width), side(photo.height));
    let (element, context) = canvas(width as u32, height as u32, false)?;
    let (width, height) = (f64::from(width), f64::from(height));
    context.set_fill_style_str("#fff");
    context.fill_rect(0.0, 0.0, width, height);
    context.draw_image_with_image_bitmap_and_dw_and_dh(&photo.bitmap, 0.0, 0.0, width, height)?;
    Ok(element)
}

impl FilmPhoto {
    /// What was found by systems under settings; by a closer look, where the photo was open long enough for one.
    pub(super) fn scene(self, systems: &[System], settings: &Settings) -> Scene {
        let closer = settings.takes_closer_look();
        self.results.with(|results| Scene::of(&Sources::of(systems, results, closer, None), settings))
    }
}

/// What a scene holds in a few words.
pub fn words_of(scene: &Scene) -> String {
    scene.lead().map(Layer::in_short).unwrap_or_default()
}

/// Draws a photo in small, with what was found in it.
///
/// # Errors
/// What the browser says.
pub fn draw(
    canvas: &HtmlCanvasElement,
    thumbnail: &HtmlCanvasElement,
    sizes: PhotoSizes,
    scene: &Scene,
) -> Result<(), JsValue> {
    let size = Size::new(sizes.decoded.0 as f32, sizes.decoded.1 as f32);
    let scale = cover(sizes.decoded);
    let (left, top) = ((DRAWN.width - size.width * scale) / 2.0, (DRAWN.height - size.height * scale) / 2.0);
    let view = View { scale, left, top };
    let context = prepared(canvas, Size::new(SHOWN.width * SHARPNESS, SHOWN.height * SHARPNESS), 1.0)?;
    let tokens = Tokens::read();
    let pen = Pen { context: &context, tokens: &tokens, canvas: DRAWN, ratio: SHOWN.width * SHARPNESS / DRAWN.width };
    pen.clear()?;
    let (width, height) = (f64::from(size.width * scale), f64::from(size.height * scale));
    context.draw_image_with_html_canvas_element_and_dw_and_dh(
        thumbnail,
        f64::from(left),
        f64::from(top),
        width,
        height,
    )?;
    let shown = Shown {
        photo: size,
        view,
        highlighted: None,
        word: None,
        pointed: None,
        reveal: 1.0,
        tints: &TintCache::default(),
    };
    scene.draw(&pen, &shown)
}
