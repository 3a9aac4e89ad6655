//! The pen: the photo, frames, dimmed surroundings and labels on a canvas. The same code paints the page, the camera's
//! picture and the exported one.

use js_sys::{Array, Object};
use model::structures::boxes::BBox;
use wasm_bindgen::JsValue;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap};

use super::{
    labels::{Placed, Request, place},
    tint::TintCache,
    tokens::Tokens,
    view::{Size, View},
};
use crate::{
    js::set_property,
    palette::{LineStyle, style_of},
};

const LABEL_HEIGHT: f32 = 21.0;
const LABEL_PADDING: f32 = 7.0;
const LABEL_GAP: f32 = 6.0;
const LINE: f64 = 2.25;
const HALO: f64 = 4.5;

/// A result that stands out on the photo and in the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Highlight {
    /// The kind of its layer, as `Layer::kind` has it.
    pub kind: &'static str,
    /// Which of the layer's: a detection, a person, a class or a caption.
    pub key: usize,
}

/// What layers are painted with, beside the pen.
pub struct Shown<'a> {
    /// The photo's size in the pixels that results are in.
    pub photo: Size,
    /// Where the photo lies on the canvas.
    pub view: View,
    /// What stands out.
    pub highlighted: Option<Highlight>,
    /// The caption and the word in it that are pointed at.
    pub word: Option<(usize, usize)>,
    /// The place whose class is read, as fractions of the photo's width and height.
    pub pointed: Option<(f32, f32)>,
    /// How far the results have appeared, 0 to 1.
    pub reveal: f32,
    /// Keeps the coloured class map while only the pointer moves.
    pub tints: &'a TintCache,
}

impl Shown<'_> {
    /// The key of what stands out in a layer of a kind.
    pub fn highlighted_in(&self, kind: &str) -> Option<usize> {
        self.highlighted.filter(|it| it.kind == kind).map(|it| it.key)
    }
}

/// What a label says, and where.
pub struct Tag {
    /// In photo pixels.
    pub bbox: BBox,
    /// What it shrinks to.
    pub number: String,
    /// What else it says, if anything.
    pub name: String,
    /// Its colour.
    pub slot: usize,
}

/// Where and with what it is drawn. All lengths are CSS pixels; the context is scaled to the device's.
pub struct Pen<'a> {
    /// The canvas's context.
    pub context: &'a CanvasRenderingContext2d,
    /// Colours and font.
    pub tokens: &'a Tokens,
    /// The canvas's size.
    pub canvas: Size,
    /// Device pixels for one CSS pixel.
    pub ratio: f32,
}

impl Pen<'_> {
    /// Draws the photo and nothing else.
    ///
    /// # Arguments
    /// * `bitmap` - none if something else shows the photo, below the canvas.
    ///
    /// # Errors
    /// What the browser says; an unfinished picture stays behind.
    pub fn draw_photo(&self, bitmap: Option<&ImageBitmap>, photo: Size, view: &View) -> Result<(), JsValue> {
        self.clear()?;
        let Some(bitmap) = bitmap else { return Ok(()) };
        let (left, top) = (f64::from(view.left), f64::from(view.top));
        let (width, height) = (f64::from(photo.width * view.scale), f64::from(photo.height * view.scale));
        // Close up, pixels are shown as they are.
        self.context.set_image_smoothing_enabled(view.scale * self.ratio < 4.0);
        // By name: web-sys lacks the quality.
        set_property(self.context, "imageSmoothingQuality", &"high".into())?;
        self.context.set_fill_style_str("#fff"); // transparent parts are white for the network too
        self.context.fill_rect(left, top, width, height);
        self.context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, left, top, width, height)
    }

    /// Empties the canvas and sets the scale to CSS pixels.
    ///
    /// # Errors
    /// What the browser says.
    pub fn clear(&self) -> Result<(), JsValue> {
        let ratio = f64::from(self.ratio);
        self.context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0)?;
        self.context.clear_rect(0.0, 0.0, f64::from(self.canvas.width), f64::from(self.canvas.height));
        Ok(())
    }

    /// Draws a canvas of the same size that [`Pen::draw_photo`] was used on: the photo need not be scaled again.
    ///
    /// # Errors
    /// What the browser says.
    pub fn copy_photo(&self, from: &HtmlCanvasElement) -> Result<(), JsValue> {
        self.clear()?;
        let ratio = f64::from(self.ratio);
        self.context.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0)?; // pixel for pixel
        self.context.draw_image_with_html_canvas_element(from, 0.0, 0.0)?;
        self.context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0)
    }

    /// Dims the photo outside a box.
    pub fn dim_outside(&self, bbox: &BBox, shown: &Shown) {
        let Size { width, height } = shown.photo;
        let whole = shown.view.to_canvas(&BBox::new(0.0, 0.0, width, height));
        let hole = shown.view.to_canvas(&bbox.clip(width, height));
        self.context.begin_path();
        for bbox in [whole, hole] {
            let (x, y) = (f64::from(bbox.x0), f64::from(bbox.y0));
            self.context.rect(x, y, f64::from(bbox.width()), f64::from(bbox.height()));
        }
        self.context.set_fill_style_str(&self.tokens.veil);
        self.context.fill_with_canvas_winding_rule(web_sys::CanvasWindingRule::Evenodd);
    }

    /// A box in the colour and line style of a slot.
    ///
    /// # Errors
    /// What the browser says.
    pub fn frame(&self, bbox: &BBox, slot: usize, view: &View, strong: bool) -> Result<(), JsValue> {
        let bbox = view.to_canvas(bbox);
        let snap = |value: f32| f64::from((value * self.ratio).round() / self.ratio);
        let (x, y) = (snap(bbox.x0), snap(bbox.y0));
        let (width, height) = (snap(bbox.x1) - x, snap(bbox.y1) - y);
        let extra = if strong { 1.0 } else { 0.0 };
        self.context.set_line_dash(&Array::new())?;
        self.context.set_line_join("round");
        self.context.set_stroke_style_str(self.tokens.halo(slot));
        self.context.set_line_width(HALO + extra);
        self.context.stroke_rect(x, y, width, height);
        self.context.set_line_dash(&dashes(style_of(slot)))?;
        self.context.set_stroke_style_str(self.tokens.colour(slot));
        self.context.set_line_width(LINE + extra);
        self.context.stroke_rect(x, y, width, height);
        Ok(())
    }

    /// The labels, each where there is room for it.
    ///
    /// # Errors
    /// What the browser says.
    pub fn labels(&self, tags: &[Tag], view: &View) -> Result<(), JsValue> {
        self.context.set_font(&format!("600 12.5px {}", self.tokens.font));
        self.context.set_text_baseline("middle");
        let texts: Vec<Text> = tags.iter().map(|tag| self.text(tag)).collect::<Result<_, _>>()?;
        let requests = tags.iter().zip(&texts).map(|(tag, text)| Request {
            bbox: view.to_canvas(&tag.bbox),
            full: if tag.name.is_empty() { text.short() } else { text.full() },
            short: text.short(),
        });
        for mut placed in place(&requests.collect::<Vec<_>>(), self.canvas) {
            let tag = &tags[placed.index];
            placed.short |= tag.name.is_empty();
            self.label(tag.slot, &texts[placed.index], &placed)?;
        }
        Ok(())
    }

    fn text(&self, tag: &Tag) -> Result<Text, JsValue> {
        let (number, name) = (tag.number.clone(), tag.name.clone());
        let width = |text: &str| self.context.measure_text(text).map(|it| it.width() as f32);
        Ok(Text { number_width: width(&number)?, name_width: width(&name)?, number, name })
    }

    fn label(&self, slot: usize, text: &Text, placed: &Placed) -> Result<(), JsValue> {
        let size = if placed.short { text.short() } else { text.full() };
        let snap = |value: f32| f64::from((value * self.ratio).round() / self.ratio);
        let (x, y) = (snap(placed.x), snap(placed.y));
        let middle = y + f64::from(LABEL_HEIGHT) / 2.0 + 0.5;
        self.context.set_fill_style_str(self.tokens.colour(slot));
        self.context.fill_rect(x, y, f64::from(size.width), f64::from(size.height));
        self.context.set_fill_style_str(self.tokens.ink(slot));
        let number_x = x + f64::from(LABEL_PADDING);
        self.context.fill_text(&text.number, number_x, middle)?;
        if !placed.short {
            let name_x = number_x + f64::from(text.number_width + LABEL_GAP * 2.0);
            let rule_x = number_x + f64::from(text.number_width + LABEL_GAP) - 0.5;
            self.context.fill_rect(rule_x, y + 5.0, 1.0, f64::from(LABEL_HEIGHT) - 10.0);
            self.context.fill_text(&text.name, name_x, middle)?;
        }
        Ok(())
    }
}

/// A label's words with their widths.
struct Text {
    number: String,
    name: String,
    number_width: f32,
    name_width: f32,
}

impl Text {
    fn full(&self) -> Size {
        let width = self.number_width + self.name_width + LABEL_GAP * 2.0 + LABEL_PADDING * 2.0;
        Size::new(width.ceil(), LABEL_HEIGHT)
    }

    fn short(&self) -> Size {
        Size::new((self.number_width + LABEL_PADDING * 2.0).ceil(), LABEL_HEIGHT)
    }
}

/// The dash pattern of a line style.
fn dashes(style: LineStyle) -> Object {
    let pattern = match style {
        LineStyle::Solid => Array::new(),
        LineStyle::Dashed => Array::of2(&9.0.into(), &5.0.into()),
        LineStyle::Dotted => Array::of2(&2.0.into(), &4.0.into()),
    };
    pattern.into()
}
