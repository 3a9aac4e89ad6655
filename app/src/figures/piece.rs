//! The photo with a square on it that can be dragged: the piece that a figure works on.

use std::rc::Rc;

use leptos::{html::Canvas, prelude::*};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlCanvasElement, KeyboardEvent, PointerEvent};

use super::grey::{GreyPhoto, Square};
use crate::{
    paint::{prepared, view::Size},
    photo::Photo,
    state::use_photo,
};

/// Pixels across of the picture, at most.
const PICTURE: f32 = 640.0;
/// How far an arrow key moves the square, in its own sides.
const STEP: f64 = 0.125;
/// By how much a key changes its size.
const GROWTH: f64 = 1.1;

/// What a drag changes.
#[derive(Clone, Copy, PartialEq)]
enum Grip {
    /// The square's place: where in it, in fractions of the photo, it was taken.
    Middle(f64, f64),
    /// Its size.
    Corner,
}

/// The grey values of the photo on show; `None` without one.
pub fn grey_photo() -> Memo<Option<GreyPhoto>> {
    let photo = use_photo();
    Memo::new(move |_| {
        photo.shown.with(|photo| {
            photo.as_ref().and_then(|photo| {
                GreyPhoto::of(photo).inspect_err(|error| leptos::logging::error!("no grey values: {error:?}")).ok()
            })
        })
    })
}

/// The photo with the square.
#[component]
pub fn PhotoPiece(
    /// The square.
    #[prop(into)]
    square: Signal<Square>,
    /// Cells along each side of the square; drawn as a grid.
    #[prop(into)]
    cells: Signal<usize>,
    /// Takes another square.
    set: impl Fn(Square) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let photo = use_photo();
    let grip = StoredValue::new(None::<Grip>);
    let aspect = move || f64::from(photo.size().aspect());
    let rect = move || square.get().rect(aspect());
    let put = move |it: Square| set(it.inside(untrack(aspect)).rounded());
    let down = move |event: PointerEvent| {
        let Some((x, y)) = place_of(&event) else { return };
        let (left, top, width, height) = untrack(rect);
        let near = |a: f64, b: f64, slack: f64| (a - b).abs() < slack;
        let is_corner = near(x, left + width, width * 0.2) && near(y, top + height, height * 0.2);
        let is_inside = (left..left + width).contains(&x) && (top..top + height).contains(&y);
        grip.set_value(Some(if is_corner { Grip::Corner } else { Grip::Middle(x - left, y - top) }));
        if !is_corner && !is_inside {
            grip.set_value(Some(Grip::Middle(width / 2.0, height / 2.0)));
            put(Square { left: x - width / 2.0, top: y - height / 2.0, ..square.get_untracked() });
        }
        if let Some(element) = event.current_target().and_then(|it| it.dyn_into::<Element>().ok())
            && let Err(error) = element.set_pointer_capture(event.pointer_id())
        {
            leptos::logging::warn!("the drag ends at the photo's edge: {error:?}");
        }
        event.prevent_default();
    };
    let drag = move |event: PointerEvent| {
        let (Some(grip), Some((x, y))) = (grip.get_value(), place_of(&event)) else { return };
        let now = square.get_untracked();
        match grip {
            Grip::Middle(dx, dy) => put(Square { left: x - dx, top: y - dy, ..now }),
            Grip::Corner => {
                let aspect = untrack(aspect);
                let (across, down) = ((x - now.left) * aspect, y - now.top); // in heights
                let side = across.max(down) / aspect.min(1.0);
                let most = ((1.0 - now.left) * aspect).min(1.0 - now.top) / aspect.min(1.0);
                put(Square { side: side.min(most), ..now });
            }
        }
    };
    let lift = move |_: PointerEvent| grip.set_value(None);
    let key = move |event: KeyboardEvent| {
        let (now, (_, _, width, height)) = (square.get_untracked(), untrack(rect));
        let step = if event.shift_key() { 1.0 } else { STEP };
        let to = match event.key().as_str() {
            "ArrowLeft" => Square { left: now.left - width * step, ..now },
            "ArrowRight" => Square { left: now.left + width * step, ..now },
            "ArrowUp" => Square { top: now.top - height * step, ..now },
            "ArrowDown" => Square { top: now.top + height * step, ..now },
            "+" | "=" => Square { side: now.side * GROWTH, ..now },
            "-" => Square { side: now.side / GROWTH, ..now },
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        put(to);
    };
    let percent = |it: f64| format!("{:.3}%", it * 100.0);
    let words = move || {
        let (left, top, width, _) = rect();
        format!(
            "Square on the photo, {:.0}% from the left, {:.0}% from the top, {:.0}% wide. Arrow keys move it, plus and minus \
             change its size.",
            left * 100.0,
            top * 100.0,
            width * 100.0
        )
    };
    view! {
        <div class="piece" data-testid="piece" role="application" aria-roledescription="picture" tabindex="0" aria-label=words
            style:aspect-ratio=move || format!("{:.4}", aspect())
            on:pointerdown=down on:pointermove=drag on:pointerup=lift on:pointercancel=lift on:keydown=key>
            <PhotoPicture/>
            <div class="piece-square" style:left=move || percent(rect().0) style:top=move || percent(rect().1)
                style:width=move || percent(rect().2) style:height=move || percent(rect().3)>
                <svg viewBox=move || format!("0 0 {0} {0}", cells.get()) preserveAspectRatio="none" aria-hidden="true">
                    {move || (1..cells.get()).map(|i| view! {
                        <path class="piece-line" d=format!("M{i} 0V{0}M0 {i}H{0}", cells.get())></path>
                    }).collect_view()}
                </svg>
                <span class="piece-corner"></span>
            </div>
        </div>
    }
}

/// The photo on show, as wide as its place.
#[component]
pub fn PhotoPicture() -> impl IntoView {
    let (node, photo) = (NodeRef::<Canvas>::new(), use_photo());
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        photo.shown.with(|photo| {
            if let Some(Err(error)) = photo.as_ref().map(|photo| draw(&canvas, photo)) {
                leptos::logging::error!("the photo could not be drawn: {error:?}");
            }
        });
    });
    let alt = move || photo.shown.with(|photo| photo.as_ref().map(|photo| photo.alt.clone()));
    view! { <canvas node_ref=node class="piece-photo" role="img" aria-label=alt></canvas> }
}

fn draw(canvas: &HtmlCanvasElement, photo: &Rc<Photo>) -> Result<(), JsValue> {
    let (width, height) = (photo.width as f32, photo.height as f32);
    let scale = (PICTURE / width).min(PICTURE / height).min(1.0);
    let context = prepared(canvas, Size::new(width * scale, height * scale), 1.0)?;
    context.set_fill_style_str("#fff");
    let (width, height) = (f64::from(canvas.width()), f64::from(canvas.height()));
    context.fill_rect(0.0, 0.0, width, height);
    context.draw_image_with_image_bitmap_and_dw_and_dh(&photo.bitmap, 0.0, 0.0, width, height)
}

/// Where a pointer is, in fractions of the width and height of the element that listens.
pub fn place_of(event: &PointerEvent) -> Option<(f64, f64)> {
    let element: Element = event.current_target()?.dyn_into().ok()?;
    let at = element.get_bounding_client_rect();
    let (x, y) = (f64::from(event.client_x()) - at.left(), f64::from(event.client_y()) - at.top());
    Some((x / at.width(), y / at.height()))
}
