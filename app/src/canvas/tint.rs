//! Drawing class maps: colours over the photo, and the class under the pointer.

use leptos::prelude::document;
use model::structures::boxes::BBox;
use wasm_bindgen::{Clamped, JsCast, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::{
    draw::{Pen, Scene, Tag},
    tokens::Tokens,
    view::View,
};
use crate::{legend::Legend, showing::Showing};

/// How visible classes are beside the one that stands out, 0 to 255.
const ASIDE: u8 = 40;
/// Arms of the cross at the place that is read, in CSS pixels.
const CROSS: f64 = 9.0;

/// A class map in colour: one pixel for each of its pixels, the background clear.
///
/// # Arguments
/// * `isolated` - the class that stands out.
///
/// # Errors
/// What the browser says, e.g. when it has no memory.
pub fn tinted(legend: &Legend, tokens: &Tokens, isolated: Option<usize>) -> Result<Option<HtmlCanvasElement>, JsValue> {
    let map = &legend.map;
    if map.labels.is_empty() {
        return Ok(None);
    }
    let mut colours = [[0_u8; 4]; 256];
    for entry in &legend.entries {
        let alone = isolated == Some(usize::from(entry.class));
        let alpha = if isolated.is_none() || alone { 255 } else { ASIDE };
        let rgb = match entry.slot {
            Some(slot) => rgb(tokens.colour(slot)),
            None if alone => rgb(&tokens.ground),
            None => continue,
        };
        colours[usize::from(entry.class)] = [rgb[0], rgb[1], rgb[2], alpha];
    }
    let pixels: Vec<u8> = map.labels.iter().flat_map(|&label| colours[usize::from(label)]).collect();
    let (width, height) = (map.width as u32, map.height as u32);
    let canvas: HtmlCanvasElement = document().create_element("canvas")?.unchecked_into();
    canvas.set_width(width);
    canvas.set_height(height);
    let context: CanvasRenderingContext2d = canvas.get_context("2d")?.ok_or(JsValue::NULL)?.unchecked_into();
    let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&pixels), width, height)?;
    context.put_image_data(&image, 0.0, 0.0)?;
    Ok(Some(canvas))
}

/// Red, green and blue of a token's `#rrggbb`; black for anything else.
fn rgb(token: &str) -> [u8; 3] {
    let part = |at: usize| token.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(0);
    [part(1), part(3), part(5)]
}

impl Pen<'_> {
    /// Draws a class map over the photo, and the class at the place that is pointed at.
    pub(super) fn class_map(&self, showing: &Showing, scene: &Scene, view: &View) -> Result<(), JsValue> {
        if let Some(tint) = scene.tint {
            let (width, height) = (scene.photo.width * view.scale, scene.photo.height * view.scale);
            // What stands out covers the photo more than usual: it may be the only class there is.
            let opacity = if scene.isolated.is_some() { f32::midpoint(showing.opacity, 1.0) } else { showing.opacity };
            self.context.set_global_alpha(f64::from(opacity * scene.reveal));
            self.context.set_image_smoothing_enabled(true);
            self.context.draw_image_with_html_canvas_element_and_dw_and_dh(
                tint,
                f64::from(view.left),
                f64::from(view.top),
                f64::from(width),
                f64::from(height),
            )?;
            self.context.set_global_alpha(1.0);
        }
        let Some((at, (entry, probability))) = scene.pointed.and_then(|at| Some((at, showing.legend.read(at)?))) else {
            return Ok(());
        };
        let (x, y) = (at.0 * scene.photo.width, at.1 * scene.photo.height);
        self.cross(view.left + x * view.scale, view.top + y * view.scale);
        let gap = CROSS as f32 / view.scale;
        let tag = Tag {
            bbox: BBox::new(x, y - gap, x, y + gap),
            number: format!("{:.0}%", probability * 100.0),
            name: entry.name.to_owned(),
            slot: entry.slot.unwrap_or(NEUTRAL),
        };
        self.labels(&[tag], view)
    }

    fn cross(&self, x: f32, y: f32) {
        let (x, y) = (f64::from(x), f64::from(y));
        for (width, slot) in [(4.0, DARK), (1.5, NEUTRAL)] {
            self.context.begin_path();
            self.context.move_to(x - CROSS, y);
            self.context.line_to(x + CROSS, y);
            self.context.move_to(x, y - CROSS);
            self.context.line_to(x, y + CROSS);
            self.context.set_line_width(width);
            self.context.set_stroke_style_str(if slot == DARK {
                self.tokens.halo(NEUTRAL)
            } else {
                self.tokens.colour(NEUTRAL)
            });
            self.context.stroke();
        }
    }
}

/// The palette's white: for what has no class of its own.
pub(super) const NEUTRAL: usize = 4;
const DARK: usize = usize::MAX;
