//! Small pictures of stages for the strip: the photo with the stage drawn on it.

use leptos::{html::Canvas, prelude::*};
use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

use super::{
    selection::{OpenStage, Selection},
    use_inside,
};
use crate::{
    js::canvas,
    paint::prepared,
    paint::{
        pen::{Pen, Shown},
        tint::TintCache,
        tokens::Tokens,
        view::{Size, View},
    },
    photo::Photo,
    stages::StripItem,
    state::{PhotoState, use_photo, use_result, use_view},
};

/// CSS pixels of a small picture, and of what is drawn in it: lines get thinner by the ratio.
const SHOWN: Size = Size::new(96.0, 64.0);
const DRAWN: Size = Size::new(288.0, 192.0);
/// Device pixels for one CSS pixel.
const SHARPNESS: f32 = 2.0;

/// The photo, scaled down once for all stages: copies share it.
#[derive(Clone, Copy)]
pub struct Miniature {
    canvas: StoredValue<Option<(u32, HtmlCanvasElement)>, LocalStorage>,
    photo: PhotoState,
}

impl Miniature {
    /// The photo on show.
    pub fn new(photo: PhotoState) -> Self {
        Self { canvas: StoredValue::new_local(None), photo }
    }

    /// Fills the small picture with the photo, cut at the edges.
    fn draw(self, pen: &Pen, size: Size, view: &View) -> Result<(), JsValue> {
        let canvas = self.photo.shown.with(|photo| photo.as_ref().map(|photo| self.scaled(photo))).transpose()?;
        let Some(canvas) = canvas else { return Ok(()) };
        let (left, top) = (f64::from(view.left), f64::from(view.top));
        let (width, height) = (f64::from(size.width * view.scale), f64::from(size.height * view.scale));
        pen.context.draw_image_with_html_canvas_element_and_dw_and_dh(&canvas, left, top, width, height)
    }

    fn scaled(self, photo: &Photo) -> Result<HtmlCanvasElement, JsValue> {
        let known = self.canvas.with_value(|it| it.as_ref().filter(|it| it.0 == photo.id).map(|it| it.1.clone()));
        if let Some(canvas) = known {
            return Ok(canvas);
        }
        let scale = (2.0 * DRAWN.width / photo.width.max(1) as f32)
            .max(2.0 * DRAWN.height / photo.height.max(1) as f32)
            .min(1.0);
        let pixels = |length: u32| (length as f32 * scale).round().max(1.0);
        let (width, height) = (pixels(photo.width), pixels(photo.height));
        let (canvas, context) = canvas(width as u32, height as u32, false)?;
        context.set_fill_style_str("#fff");
        context.fill_rect(0.0, 0.0, f64::from(width), f64::from(height));
        context.draw_image_with_image_bitmap_and_dw_and_dh(
            &photo.bitmap,
            0.0,
            0.0,
            f64::from(width),
            f64::from(height),
        )?;
        self.canvas.set_value(Some((photo.id, canvas.clone())));
        Ok(canvas)
    }
}

/// The small picture of a stage.
#[component]
pub fn Thumbnail(
    /// The stage.
    item: Memo<Option<StripItem>>,
    /// The small photo.
    miniature: Miniature,
) -> impl IntoView {
    let (photo, result, view, inside) = (use_photo(), use_result(), use_view(), use_inside());
    let node = NodeRef::<Canvas>::new();
    let tints = StoredValue::new_local(TintCache::default());
    let place = Memo::new(move |_| item.with(|item| item.as_ref().map(|it| (it.system, it.key, it.is_open))));
    let stage = move || place.get().map(|(system, key, _)| OpenStage::new(system, key, (photo, result, inside)));
    // The pointer leaves no mark in small pictures: they need not be drawn as it moves.
    let chosen =
        Memo::new(move |_| stage().map(|it| Selection { pointed: None, ..it.selection() }).unwrap_or_default());
    Effect::new(move |_| {
        let (Some(canvas), Some((_, key, is_open))) = (node.get(), place.get()) else { return };
        let _ = view.is_dark(); // tracked: other tokens
        let size = photo.size();
        if size.is_empty() {
            return;
        }
        let scale = (DRAWN.width / size.width).max(DRAWN.height / size.height);
        let (left, top) = ((DRAWN.width - size.width * scale) / 2.0, (DRAWN.height - size.height * scale) / 2.0);
        let lies = View { scale, left, top };
        let Some(stage) = stage() else { return };
        let drawn = tints.with_value(|tints| {
            let pixels = Size::new(SHOWN.width * SHARPNESS, SHOWN.height * SHARPNESS);
            let context = prepared(&canvas, pixels, 1.0)?;
            let ratio = pixels.width / DRAWN.width;
            let tokens = Tokens::read();
            let pen = Pen { context: &context, tokens: &tokens, canvas: DRAWN, ratio };
            let shown =
                Shown { photo: size, view: lies, highlighted: None, word: None, pointed: None, reveal: 1.0, tints };
            pen.clear()?;
            miniature.draw(&pen, size, &lies)?;
            if !is_open {
                return Ok(());
            }
            match stage.view(|view| view.draw(&pen, &shown, &chosen.get())) {
                Some(drawn) => drawn,
                None if stage.reading(|_| ()).is_some() => Ok(()),
                None => result.scene.with(|scene| scene.draw(&pen, &shown)),
            }
        });
        if let Err(error) = drawn {
            leptos::logging::error!("the small picture of {key} could not be drawn: {error:?}");
        }
    });
    view! { <canvas node_ref=node class="strip-picture" aria-hidden="true"></canvas> }
}
