//! The photo with a row's result drawn on it: small in the row, larger beside the list of what is marked as right.

use leptos::{html::Canvas, prelude::*};
use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

use crate::{
    js::canvas,
    paint::{
        pen::{Highlight, Pen, Shown},
        prepared,
        tint::TintCache,
        tokens::Tokens,
        view::{Size, View},
    },
    photo::Photo,
    scene::Scene,
    state::{PhotoState, use_photo, use_view},
};

/// The longer side of the photo that all pictures are made from, in pixels.
const SIDE: f32 = 900.0;
/// Device pixels for one CSS pixel.
const SHARPNESS: f32 = 2.0;

/// How a picture is drawn.
#[derive(Clone, Copy)]
pub struct Format {
    /// CSS pixels across; the photo's shape says how many down.
    pub width: f32,
    /// CSS pixels down at most.
    pub max_height: f32,
    /// How much thinner lines and labels are than on the photo.
    pub shrink: f32,
}

/// Of the rows.
pub const SMALL: Format = Format { width: 132.0, max_height: 99.0, shrink: 2.6 };
/// Of the open row.
pub const LARGE: Format = Format { width: 324.0, max_height: 300.0, shrink: 1.25 };

impl Format {
    /// CSS pixels of a photo's picture: the whole photo, as large as the format lets it be.
    pub fn size(&self, photo: Size) -> Size {
        if photo.is_empty() {
            return Size::new(self.width, self.max_height);
        }
        let scale = (self.width / photo.width).min(self.max_height / photo.height);
        Size::new((photo.width * scale).round().max(1.0), (photo.height * scale).round().max(1.0))
    }
}

/// The photo, scaled down once for all pictures: copies share it.
#[derive(Clone, Copy)]
pub struct Source {
    photo: PhotoState,
    scaled: StoredValue<Option<(u32, HtmlCanvasElement)>, LocalStorage>,
}

impl Source {
    /// Of the photo on show.
    pub fn new(photo: PhotoState) -> Self {
        Self { photo, scaled: StoredValue::new_local(None) }
    }

    /// It, once there is a photo.
    pub fn get(self) -> Option<Result<HtmlCanvasElement, JsValue>> {
        self.photo.shown.with(|photo| photo.as_ref().map(|photo| self.of(photo)))
    }

    fn of(self, photo: &Photo) -> Result<HtmlCanvasElement, JsValue> {
        let known = self.scaled.with_value(|it| it.as_ref().filter(|it| it.0 == photo.id).map(|it| it.1.clone()));
        if let Some(known) = known {
            return Ok(known);
        }
        let scale = (SIDE / photo.width.max(photo.height).max(1) as f32).min(1.0);
        let side = |length: u32| (length as f32 * scale).round().max(1.0);
        let (width, height) = (side(photo.width), side(photo.height));
        let (element, context) = canvas(width as u32, height as u32, false)?;
        let (width, height) = (f64::from(width), f64::from(height));
        context.set_fill_style_str("#fff"); // transparent parts are white for the network too
        context.fill_rect(0.0, 0.0, width, height);
        context.draw_image_with_image_bitmap_and_dw_and_dh(&photo.bitmap, 0.0, 0.0, width, height)?;
        self.scaled.set_value(Some((photo.id, element.clone())));
        Ok(element)
    }
}

/// Draws the photo with a result.
///
/// # Arguments
/// * `from` - the photo in small.
/// * `photo` - its size in the pixels that results are in.
/// * `highlighted` - what stands out.
///
/// # Errors
/// What the browser says.
pub fn draw(
    onto: &HtmlCanvasElement,
    from: &HtmlCanvasElement,
    photo: Size,
    format: Format,
    scene: &Scene,
    highlighted: Option<Highlight>,
) -> Result<(), JsValue> {
    let shown_size = format.size(photo);
    let context = prepared(onto, shown_size, SHARPNESS)?;
    let size = Size::new(shown_size.width * format.shrink, shown_size.height * format.shrink);
    let tokens = Tokens::read();
    let pen = Pen { context: &context, tokens: &tokens, canvas: size, ratio: SHARPNESS / format.shrink };
    pen.clear()?;
    let (width, height) = (f64::from(size.width), f64::from(size.height));
    context.draw_image_with_html_canvas_element_and_dw_and_dh(from, 0.0, 0.0, width, height)?;
    let view = View { scale: size.width / photo.width.max(1.0), left: 0.0, top: 0.0 };
    let tints = TintCache::default();
    scene.draw(&pen, &Shown { photo, view, highlighted, word: None, pointed: None, reveal: 1.0, tints: &tints })
}

/// A picture that follows the result.
#[component]
pub fn Picture(
    /// The photo in small.
    source: Source,
    /// How it is drawn.
    format: Format,
    /// What was found.
    scene: Memo<Scene>,
    /// What stands out.
    #[prop(into)]
    highlighted: Signal<Option<Highlight>>,
) -> impl IntoView {
    let (photo, view) = (use_photo(), use_view());
    let node = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        let (Some(onto), Some(from)) = (node.get(), source.get()) else { return };
        let _ = view.is_dark(); // tracked: other tokens
        let size = photo.size();
        let drawn = from.and_then(|from| scene.with(|it| draw(&onto, &from, size, format, it, highlighted.get())));
        if let Err(error) = drawn {
            leptos::logging::error!("a picture of the comparison could not be drawn: {error:?}");
        }
    });
    let size = move || format.size(photo.size());
    view! {
        <canvas node_ref=node class="compare-canvas" aria-hidden="true"
            style:width=move || format!("{}px", size().width) style:aspect-ratio=move || format!("{:.4}", size().width / size().height)></canvas>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_hold_the_whole_photo() {
        assert_eq!(SMALL.size(Size::new(1320.0, 660.0)), Size::new(132.0, 66.0));
        assert_eq!(SMALL.size(Size::new(500.0, 1000.0)), Size::new(50.0, 99.0));
        assert_eq!(SMALL.size(Size::new(0.0, 0.0)), Size::new(132.0, 99.0));
    }
}
