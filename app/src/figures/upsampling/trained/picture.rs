//! A part of the photo with a network's mask and the outline of the class map over it.

use leptos::{html::Canvas, prelude::*};
use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

use super::shape::{area, line};
use crate::{
    figures::svg::colour,
    paint::{prepared, view::Size},
    photo::Photo,
    state::use_photo,
};

/// The longer side of a picture in pixels.
const SIDE: f64 = 640.0;

/// What is drawn over the photo, as path data in pixels of the mask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shapes {
    area: String,
    line: String,
    reference: String,
    side: usize,
}

impl Shapes {
    /// Those of a mask and of the class map beside it.
    pub fn of(mask: &[bool], reference: &[bool], side: usize) -> Self {
        Self { area: area(mask, side), line: line(mask, side), reference: line(reference, side), side }
    }
}

/// A part of the photo with the mask.
#[component]
pub fn MaskPicture(
    /// Its test id.
    id: &'static str,
    /// What is drawn over it; nothing before it is known.
    shapes: Memo<Option<Shapes>>,
    /// The slot of the mask's colour in the palette.
    tint: usize,
    /// The part: left, top, width and height in fractions of the photo.
    region: Signal<(f64, f64, f64, f64)>,
    /// What it is, for those who do not see it.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let (node, photo) = (NodeRef::<Canvas>::new(), use_photo());
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        photo.shown.with(|photo| {
            if let Some(Err(error)) = photo.as_ref().map(|photo| draw(&canvas, photo, region.get())) {
                leptos::logging::error!("a part of the photo could not be drawn: {error:?}");
            }
        });
    });
    let aspect = move || {
        let (_, _, width, height) = region.get();
        f64::from(photo.size().aspect()) * width / height.max(f64::MIN_POSITIVE)
    };
    let view_box = move || {
        let side = shapes.with(|it| it.as_ref().map_or(0, |it| it.side)) as f64;
        let (left, top, width, height) = region.get();
        format!("{:.3} {:.3} {:.3} {:.3}", left * side, top * side, width * side, height * side)
    };
    let path = move |of: fn(&Shapes) -> &String| shapes.with(|it| it.as_ref().map(|it| of(it).clone()));
    view! {
        <div class="trained-picture" data-testid=id role="img" aria-label=move || label.get() style:--box=colour(tint)
            style:aspect-ratio=move || format!("{:.4}", aspect())>
            <canvas node_ref=node aria-hidden="true"></canvas>
            <svg viewBox=view_box preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <path class="trained-area" d=move || path(|it| &it.area)></path>
                <path class="trained-halo" d=move || path(|it| &it.line)></path>
                <path class="trained-line" d=move || path(|it| &it.line)></path>
                <path class="trained-reference" d=move || path(|it| &it.reference)></path>
            </svg>
        </div>
    }
}

/// Draws a part of the photo as large as its picture is.
fn draw(
    canvas: &HtmlCanvasElement,
    photo: &Photo,
    (left, top, width, height): (f64, f64, f64, f64),
) -> Result<(), JsValue> {
    let (across, down) = (f64::from(photo.width), f64::from(photo.height));
    let (from_width, from_height) = ((width * across).max(1.0), (height * down).max(1.0));
    let scale = SIDE / from_width.max(from_height);
    // At most SIDE.
    let context = prepared(canvas, Size::new((from_width * scale) as f32, (from_height * scale) as f32), 1.0)?;
    let (to_width, to_height) = (f64::from(canvas.width()), f64::from(canvas.height()));
    context.set_fill_style_str("#fff"); // transparent parts are white for the network too
    context.fill_rect(0.0, 0.0, to_width, to_height);
    context.draw_image_with_image_bitmap_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
        &photo.bitmap,
        left * across,
        top * down,
        from_width,
        from_height,
        0.0,
        0.0,
        to_width,
        to_height,
    )
}
