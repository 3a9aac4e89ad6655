//! Drawing: the photo, the boxes, their labels. The same code draws the canvas on the page and the exported picture.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::JsValue;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap};

use super::{
    labels::{Placed, Request, place},
    tokens::Tokens,
    view::{Size, View},
};
use crate::{
    findings::Finding,
    palette::{LineStyle, style_of},
};

const LABEL_HEIGHT: f32 = 21.0;
const LABEL_PADDING: f32 = 7.0;
const LABEL_GAP: f32 = 6.0;
const LINE: f64 = 2.25;
const HALO: f64 = 4.5;

/// What is drawn.
pub struct Scene<'a> {
    /// The photo's pixels.
    pub bitmap: &'a ImageBitmap,
    /// The photo's size in the pixels that the findings are in.
    pub photo: Size,
    /// The findings, best first.
    pub findings: &'a [Finding],
    /// The finding that stands out, by key.
    pub isolated: Option<usize>,
    /// How far the boxes have appeared, 0 to 1.
    pub reveal: f32,
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
    /// # Errors
    /// What the browser says; an unfinished picture stays behind.
    pub fn draw_photo(&self, scene: &Scene, view: &View) -> Result<(), JsValue> {
        self.clear()?;
        self.photo(scene, view)
    }

    /// Draws boxes and labels on what is there.
    ///
    /// # Errors
    /// What the browser says; an unfinished picture stays behind.
    pub fn draw_findings(&self, scene: &Scene, view: &View) -> Result<(), JsValue> {
        let isolated = scene.findings.iter().find(|it| Some(it.key) == scene.isolated);
        if let Some(finding) = isolated {
            self.veil(scene, view, finding);
        }
        // Worst first, so that the best lie on top.
        for finding in scene.findings.iter().rev() {
            let alpha = match isolated {
                Some(it) if it.key != finding.key => 0.22,
                _ => 1.0,
            };
            self.context.set_global_alpha(alpha * f64::from(scene.reveal));
            self.outline(finding, view, isolated.is_some_and(|it| it.key == finding.key))?;
        }
        self.context.set_line_dash(&Array::new())?;
        self.context.set_global_alpha(f64::from(scene.reveal));
        self.labels(scene, view, isolated)?;
        self.context.set_global_alpha(1.0);
        Ok(())
    }

    /// Empties the canvas and sets the scale to CSS pixels.
    fn clear(&self) -> Result<(), JsValue> {
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

    fn photo(&self, scene: &Scene, view: &View) -> Result<(), JsValue> {
        let (left, top) = (f64::from(view.left), f64::from(view.top));
        let width = f64::from(scene.photo.width * view.scale);
        let height = f64::from(scene.photo.height * view.scale);
        // Close up, pixels are shown as they are.
        self.context.set_image_smoothing_enabled(view.scale * self.ratio < 4.0);
        // By name: web-sys lacks the quality.
        Reflect::set(self.context, &"imageSmoothingQuality".into(), &"high".into())?;
        self.context.set_fill_style_str("#fff"); // transparent parts are white for the network too
        self.context.fill_rect(left, top, width, height);
        self.context.draw_image_with_image_bitmap_and_dw_and_dh(scene.bitmap, left, top, width, height)
    }

    /// Dims the photo outside a box.
    fn veil(&self, scene: &Scene, view: &View, finding: &Finding) {
        let whole = view.to_canvas(&model::boxes::BBox::new(0.0, 0.0, scene.photo.width, scene.photo.height));
        let hole = view.to_canvas(&finding.bbox.clip(scene.photo.width, scene.photo.height));
        self.context.begin_path();
        for bbox in [whole, hole] {
            let (x, y) = (f64::from(bbox.x0), f64::from(bbox.y0));
            self.context.rect(x, y, f64::from(bbox.width()), f64::from(bbox.height()));
        }
        self.context.set_fill_style_str(&self.tokens.veil);
        self.context.fill_with_canvas_winding_rule(web_sys::CanvasWindingRule::Evenodd);
    }

    fn outline(&self, finding: &Finding, view: &View, strong: bool) -> Result<(), JsValue> {
        let bbox = view.to_canvas(&finding.bbox);
        let snap = |value: f32| f64::from((value * self.ratio).round() / self.ratio);
        let (x, y) = (snap(bbox.x0), snap(bbox.y0));
        let (width, height) = (snap(bbox.x1) - x, snap(bbox.y1) - y);
        let extra = if strong { 1.0 } else { 0.0 };
        self.context.set_line_dash(&Array::new())?;
        self.context.set_line_join("round");
        self.context.set_stroke_style_str(self.tokens.halo(finding.slot));
        self.context.set_line_width(HALO + extra);
        self.context.stroke_rect(x, y, width, height);
        self.context.set_line_dash(&dashes(style_of(finding.slot)))?;
        self.context.set_stroke_style_str(self.tokens.colour(finding.slot));
        self.context.set_line_width(LINE + extra);
        self.context.stroke_rect(x, y, width, height);
        Ok(())
    }

    fn labels(&self, scene: &Scene, view: &View, isolated: Option<&Finding>) -> Result<(), JsValue> {
        self.context.set_font(&format!("600 12.5px {}", self.tokens.font));
        self.context.set_text_baseline("middle");
        let shown: Vec<&Finding> = match isolated {
            Some(finding) => vec![finding],
            None => scene.findings.iter().collect(),
        };
        let texts: Vec<Text> = shown.iter().map(|finding| self.text(finding)).collect::<Result<_, _>>()?;
        let requests: Vec<Request> = shown
            .iter()
            .zip(&texts)
            .map(|(finding, text)| Request {
                bbox: view.to_canvas(&finding.bbox),
                full: text.full(),
                short: text.short(),
            })
            .collect();
        for placed in place(&requests, self.canvas) {
            self.label(shown[placed.index], &texts[placed.index], &placed)?;
        }
        Ok(())
    }

    fn text(&self, finding: &Finding) -> Result<Text, JsValue> {
        let number = finding.number.to_string();
        let name = format!("{} {}%", finding.name, finding.percent());
        let width = |text: &str| self.context.measure_text(text).map(|it| it.width() as f32);
        Ok(Text { number_width: width(&number)?, name_width: width(&name)?, number, name })
    }

    fn label(&self, finding: &Finding, text: &Text, placed: &Placed) -> Result<(), JsValue> {
        let size = if placed.short { text.short() } else { text.full() };
        let snap = |value: f32| f64::from((value * self.ratio).round() / self.ratio);
        let (x, y) = (snap(placed.x), snap(placed.y));
        let middle = y + f64::from(LABEL_HEIGHT) / 2.0 + 0.5;
        self.context.set_fill_style_str(self.tokens.colour(finding.slot));
        self.context.fill_rect(x, y, f64::from(size.width), f64::from(size.height));
        self.context.set_fill_style_str(self.tokens.ink(finding.slot));
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
