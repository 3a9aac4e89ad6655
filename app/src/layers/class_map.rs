//! Class maps: colours over the photo, and the class under the pointer.

use std::{any::Any, cell::RefCell, sync::Arc};

use leptos::prelude::*;
use model::structures::{boxes::BBox, class_map::ClassMap};
use wasm_bindgen::{Clamped, JsValue};
use web_sys::{HtmlCanvasElement, ImageData};

use super::Layer;
use crate::{
    export::{ExportFault, reports},
    js::canvas,
    legend::Legend,
    paint::{
        pen::{Pen, Shown, Tag},
        tokens::Tokens,
    },
    panel::{adjust::Opacity, legend::ClassLegend},
    photo::Photo,
    settings::Settings,
};

/// How visible classes are beside the one that stands out, 0 to 255.
const ASIDE: u8 = 40;
/// Arms of the cross at the place that is read, in CSS pixels.
const CROSS: f64 = 9.0;
/// The palette's white: for what has no class of its own.
const NEUTRAL: usize = 4;

/// A class map with its classes, colours and shares.
#[derive(Clone)]
pub struct ClassMapLayer {
    /// What the colours mean.
    pub legend: Arc<Legend>,
    opacity: f32,
}

impl ClassMapLayer {
    /// A class map under the usual settings.
    pub fn of(map: &ClassMap) -> Self {
        Self { legend: Arc::new(Legend::of(map.clone())), opacity: Settings::default().opacity }
    }

    fn draw_colours(&self, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
        let Some(tint) = shown.tints.tint(&self.legend, pen.tokens, shown.highlighted)? else { return Ok(()) };
        let (photo, view) = (shown.photo, &shown.view);
        // What stands out covers the photo more than usual: it may be the only class there is.
        let opacity = if shown.highlighted.is_some() { f32::midpoint(self.opacity, 1.0) } else { self.opacity };
        pen.context.set_global_alpha(f64::from(opacity * shown.reveal));
        pen.context.set_image_smoothing_enabled(true);
        pen.context.draw_image_with_html_canvas_element_and_dw_and_dh(
            &tint,
            f64::from(view.left),
            f64::from(view.top),
            f64::from(photo.width * view.scale),
            f64::from(photo.height * view.scale),
        )?;
        pen.context.set_global_alpha(1.0);
        Ok(())
    }
}

impl Layer for ClassMapLayer {
    fn kind(&self) -> &'static str {
        "class-map"
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn under(&self, settings: &Settings) -> Arc<dyn Layer> {
        Arc::new(Self { legend: self.legend.clone(), opacity: settings.opacity })
    }

    fn headline(&self) -> String {
        self.legend.headline()
    }

    fn words(&self) -> String {
        self.legend.in_words()
    }

    fn draw(&self, pen: &Pen, shown: &Shown, _joint: bool) -> Result<(), JsValue> {
        self.draw_colours(pen, shown)
    }

    fn draw_labels(&self, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
        let Some((at, (entry, probability))) = shown.pointed.and_then(|at| Some((at, self.legend.read(at)?))) else {
            return Ok(());
        };
        let (x, y) = (at.0 * shown.photo.width, at.1 * shown.photo.height);
        let view = &shown.view;
        draw_cross(pen, view.left + x * view.scale, view.top + y * view.scale);
        let gap = CROSS as f32 / view.scale;
        let tag = Tag {
            bbox: BBox::new(x, y - gap, x, y + gap),
            number: format!("{:.0}%", probability * 100.0),
            name: entry.name.to_owned(),
            slot: entry.slot.unwrap_or(NEUTRAL),
        };
        pen.labels(&[tag], view)
    }

    fn is_readable(&self) -> bool {
        true
    }

    fn json(&self, photo: &Photo) -> Result<String, ExportFault> {
        reports::class_map(photo, &self.legend)
    }

    fn list(&self) -> AnyView {
        view! { <ClassLegend/> }.into_any()
    }

    fn sliders(&self) -> Option<AnyView> {
        Some(view! { <Opacity/> }.into_any())
    }
}

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
    fn tint(
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
fn rgb(token: &str) -> [u8; 3] {
    let part = |at: usize| token.get(at..at + 2).and_then(|digits| u8::from_str_radix(digits, 16).ok()).unwrap_or(0);
    [part(1), part(3), part(5)]
}

fn draw_cross(pen: &Pen, x: f32, y: f32) {
    let (x, y) = (f64::from(x), f64::from(y));
    for (width, colour) in [(4.0, pen.tokens.halo(NEUTRAL)), (1.5, pen.tokens.colour(NEUTRAL))] {
        pen.context.begin_path();
        pen.context.move_to(x - CROSS, y);
        pen.context.line_to(x + CROSS, y);
        pen.context.move_to(x, y - CROSS);
        pen.context.line_to(x, y + CROSS);
        pen.context.set_line_width(width);
        pen.context.set_stroke_style_str(colour);
        pen.context.stroke();
    }
}
