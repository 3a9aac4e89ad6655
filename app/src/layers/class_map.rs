//! Class maps: colours over the photo, and the class under the pointer.

use std::{any::Any, sync::Arc};

use model::structures::{boxes::BBox, class_map::ClassMap};
use wasm_bindgen::JsValue;

use super::{Layer, ResultData, Section};
use crate::{
    legend::{Entry, Legend},
    paint::pen::{Pen, Shown, Tag},
    settings::Settings,
    words::{classes, numbers, results},
};

/// The kind of this layer.
pub const KIND: &str = "class-map";
/// How strongly it covers the photo below other layers, beside how strongly it does alone.
const BELOW: f32 = 0.5;
/// Arms of the cross at the place that is read, in CSS pixels.
const CROSS: f64 = 9.0;
/// CSS pixels from which on a pixel of the map is a block.
const COARSE: f32 = 12.0;
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

    fn draw_colours(&self, pen: &Pen, shown: &Shown, opacity: f32) -> Result<(), JsValue> {
        let highlighted = shown.highlighted_in(KIND);
        let Some(tint) = shown.tints.tint(&self.legend, pen.tokens, highlighted)? else { return Ok(()) };
        let (photo, view) = (shown.photo, &shown.view);
        // What stands out covers the photo more than usual: it may be the only class there is.
        let opacity = if highlighted.is_some() { f32::midpoint(opacity, 1.0) } else { opacity };
        pen.context.set_global_alpha(f64::from(opacity * shown.reveal));
        // A coarse map, e.g. a sliding window's, is shown as the blocks that it is.
        let pixel = photo.width * view.scale / self.legend.map.width.max(1) as f32;
        pen.context.set_image_smoothing_enabled(pixel < COARSE);
        pen.context.draw_image_with_html_canvas_element_and_dw_and_dh(
            &tint,
            f64::from(view.left),
            f64::from(view.top),
            f64::from(photo.width * view.scale),
            f64::from(photo.height * view.scale),
        )?;
        pen.context.set_image_smoothing_enabled(true);
        pen.context.set_global_alpha(1.0);
        Ok(())
    }
}

impl Layer for ClassMapLayer {
    fn kind(&self) -> &'static str {
        KIND
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

    fn in_short(&self) -> String {
        if self.legend.entries.iter().any(|it| it.slot.is_some()) { self.words() } else { classes::of_map(0).into() }
    }

    fn draw(&self, pen: &Pen, shown: &Shown, _joint: bool) -> Result<(), JsValue> {
        self.draw_colours(pen, shown, self.opacity)
    }

    fn underlie(&self, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
        self.draw_colours(pen, shown, self.opacity * BELOW)
    }

    fn addition(&self) -> Option<&'static str> {
        Some(results::CLASS_MAP())
    }

    fn finding(&self) -> Option<String> {
        let things = self.legend.entries.iter().filter(|it| it.slot.is_some());
        let names: Vec<_> = things.map(Entry::with_share).collect();
        (!names.is_empty()).then(|| format!("{}: {}", results::CLASS_MAP(), names.join(", ")))
    }

    fn section(&self) -> Option<Section> {
        Some(Section::Classes)
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
            number: numbers::part(probability),
            name: entry.title().to_owned(),
            slot: entry.slot.unwrap_or(NEUTRAL),
        };
        pen.labels(&[tag], view)
    }

    fn is_readable(&self) -> bool {
        true
    }

    fn data(&self) -> ResultData<'_> {
        ResultData::ClassMap(&self.legend)
    }

    fn list(&self) -> Section {
        Section::Legend
    }

    fn sliders(&self) -> Option<Section> {
        Some(Section::Opacity)
    }
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
