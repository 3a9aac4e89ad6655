//! The photo with boxes that can be dragged and resized, and drawings between the two.

use leptos::prelude::*;
use model::structures::{
    boxes::{BBox, Candidate},
    classes::coco_name,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent};

use super::{piece::PhotoPicture, svg::colour};
use crate::state::use_photo;

/// How far an arrow key moves or resizes, in fractions of the photo.
const STEP: f32 = 0.01;
/// The smallest side of a box, in fractions of the photo.
const MIN_SIDE: f32 = 0.02;

/// A box that can be dragged.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Handle {
    /// Where, in fractions of the photo.
    pub bbox: BBox,
    /// The slot of its colour.
    pub slot: usize,
    /// Its name.
    pub name: &'static str,
}

/// A detection in words: "dog 93%".
pub fn named(it: &Candidate) -> String {
    format!("{} {:.0}%", coco_name(it.class).unwrap_or("unknown"), it.score * 100.0)
}

/// A detection's words at its upper left corner, inside the photo.
///
/// # Arguments
/// * `it` - its box in fractions of the photo.
pub fn label(it: &Candidate) -> (f32, f32, String) {
    (it.bbox.x0.max(0.0), it.bbox.y0.clamp(0.0, 0.95), named(it))
}

/// What of a box is held: which of its edges move with the pointer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Grip {
    index: usize,
    left: bool,
    top: bool,
    right: bool,
    bottom: bool,
}

/// The box after its held edges have moved; it stays inside the photo and keeps a least size.
fn dragged(bbox: &BBox, grip: Grip, (dx, dy): (f32, f32)) -> BBox {
    if grip.left && grip.right {
        let dx = dx.clamp(-bbox.x0, (1.0 - bbox.x1).max(-bbox.x0));
        let dy = dy.clamp(-bbox.y0, (1.0 - bbox.y1).max(-bbox.y0));
        return BBox::new(bbox.x0 + dx, bbox.y0 + dy, bbox.x1 + dx, bbox.y1 + dy);
    }
    let mut to = *bbox;
    if grip.left {
        to.x0 = (bbox.x0 + dx).clamp(0.0, (bbox.x1 - MIN_SIDE).max(0.0));
    }
    if grip.right {
        to.x1 = (bbox.x1 + dx).clamp((bbox.x0 + MIN_SIDE).min(1.0), 1.0);
    }
    if grip.top {
        to.y0 = (bbox.y0 + dy).clamp(0.0, (bbox.y1 - MIN_SIDE).max(0.0));
    }
    if grip.bottom {
        to.y1 = (bbox.y1 + dy).clamp((bbox.y0 + MIN_SIDE).min(1.0), 1.0);
    }
    to
}

/// The photo with drawings and boxes over it.
#[component]
pub fn PhotoBoxes(
    /// The boxes that can be dragged.
    #[prop(into)]
    handles: Signal<Vec<Handle>>,
    /// Takes a box in its new place.
    set: impl Fn(usize, BBox) + Copy + Send + Sync + 'static,
    /// Short texts on the photo: left and top in fractions of it.
    #[prop(into, optional)]
    labels: Signal<Vec<(f32, f32, String)>>,
    /// SVG between the photo and the boxes, in fractions of the photo times 1000.
    children: ChildrenFn,
) -> impl IntoView {
    let photo = use_photo();
    let node = NodeRef::<leptos::html::Div>::new();
    let held = StoredValue::new(None::<(Grip, BBox, (f32, f32))>);
    let aspect = move || photo.size().aspect();
    let place = move |event: &PointerEvent| {
        let at = node.get_untracked().map(|it| it.get_bounding_client_rect());
        at.map_or((0.0, 0.0), |at| {
            let (x, y) = (f64::from(event.client_x()) - at.left(), f64::from(event.client_y()) - at.top());
            // In fractions, so single precision is enough.
            ((x / at.width()) as f32, (y / at.height()) as f32)
        })
    };
    let drag = move |event: PointerEvent| {
        if let Some((grip, from, (x, y))) = held.get_value() {
            let now = place(&event);
            set(grip.index, dragged(&from, grip, (now.0 - x, now.1 - y)));
        }
    };
    let take = move |event: PointerEvent, grip: Grip| {
        event.prevent_default();
        event.stop_propagation();
        let Some(handle) = handles.with_untracked(|all| all.get(grip.index).copied()) else { return };
        held.set_value(Some((grip, handle.bbox, place(&event))));
        if let Some(element) = node.get_untracked().and_then(|it| it.dyn_into::<Element>().ok())
            && let Err(error) = element.set_pointer_capture(event.pointer_id())
        {
            leptos::logging::warn!("the drag ends at the photo's edge: {error:?}");
        }
    };
    let count = Memo::new(move |_| handles.with(Vec::len));
    view! {
        <div class="photo-boxes" data-testid="photo-boxes" node_ref=node style:aspect-ratio=move || format!("{:.4}", aspect())
            on:pointermove=drag on:pointerup=move |_| held.set_value(None) on:pointercancel=move |_| held.set_value(None)>
            <PhotoPicture/>
            <svg class="photo-drawing" viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">{children()}</svg>
            {move || labels.get().into_iter().map(|(x, y, text)| view! {
                <span class="photo-label" aria-hidden="true" style:left=format!("{:.2}%", x * 100.0) style:top=format!("{:.2}%", y * 100.0)>
                    {text}
                </span>
            }).collect_view()}
            {move || (0..count.get()).map(|index| view! { <BoxHandle index handles set take/> }).collect_view()}
        </div>
    }
}

/// A box with its corners; arrow keys move it, with Shift its lower right corner.
#[component]
fn BoxHandle(
    /// Which one.
    index: usize,
    /// All.
    handles: Signal<Vec<Handle>>,
    /// Takes it in its new place.
    set: impl Fn(usize, BBox) + Copy + Send + Sync + 'static,
    /// Begins a drag.
    take: impl Fn(PointerEvent, Grip) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let handle = Memo::new(move |_| handles.with(|all| all.get(index).copied()));
    let side = move |of: fn(&BBox) -> f32| move || handle.get().map(|it| format!("{:.3}%", of(&it.bbox) * 100.0));
    let all = Grip { index, left: true, top: true, right: true, bottom: true };
    let corner = move |left: bool, top: bool| {
        let grip = Grip { index, left, top, right: !left, bottom: !top };
        let class =
            format!("box-corner box-{}-{}", if top { "top" } else { "bottom" }, if left { "left" } else { "right" });
        view! { <span class=class on:pointerdown=move |event| take(event, grip)></span> }
    };
    let key = move |event: KeyboardEvent| {
        let Some(it) = handle.get_untracked() else { return };
        let by = match event.key().as_str() {
            "ArrowLeft" => (-STEP, 0.0),
            "ArrowRight" => (STEP, 0.0),
            "ArrowUp" => (0.0, -STEP),
            "ArrowDown" => (0.0, STEP),
            _ => return,
        };
        event.prevent_default();
        event.stop_propagation();
        let grip = if event.shift_key() { Grip { left: false, top: false, ..all } } else { all };
        set(index, dragged(&it.bbox, grip, by));
    };
    let words = move || {
        handle.get().map(|it| {
            let [x, y, width, height] = it.bbox.to_xywh().map(|it| (it * 100.0).round());
            format!(
                "{}: {x}% from the left, {y}% from the top, {width}% wide, {height}% high. Arrow keys move it, with Shift they move \
                 its lower right corner.",
                it.name
            )
        })
    };
    view! {
        <div class="box-handle" data-testid="box-handle" role="application" aria-roledescription="box" tabindex="0" aria-label=words
            style:--box=move || handle.get().map(|it| colour(it.slot))
            style:left=side(|it| it.x0) style:top=side(|it| it.y0) style:width=side(BBox::width) style:height=side(BBox::height)
            on:pointerdown=move |event| take(event, all) on:keydown=key>
            <span class="box-name" aria-hidden="true">{move || handle.get().map(|it| it.name)}</span>
            {corner(true, true)}{corner(false, true)}{corner(true, false)}{corner(false, false)}
        </div>
    }
}

/// A box of a drawing over the photo, in fractions of the photo.
pub fn outline(bbox: &BBox, class: &'static str, slot: Option<usize>) -> AnyView {
    let [x, y, width, height] = bbox.to_xywh().map(|it| f64::from(it) * 1000.0);
    view! { <rect class=class x=x y=y width=width height=height style:--box=slot.map(colour)></rect> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: BBox, expected: BBox) {
        for (a, b) in found.to_xywh().into_iter().zip(expected.to_xywh()) {
            assert!((a - b).abs() < 1e-6, "{found:?} is not {expected:?}");
        }
    }

    #[test]
    fn boxes_stay_inside_the_photo_and_keep_a_least_size() {
        let bbox = BBox::new(0.2, 0.2, 0.5, 0.6);
        let whole = Grip { index: 0, left: true, top: true, right: true, bottom: true };
        close(dragged(&bbox, whole, (0.1, -0.1)), BBox::new(0.3, 0.1, 0.6, 0.5));
        close(dragged(&bbox, whole, (3.0, -3.0)), BBox::new(0.7, 0.0, 1.0, 0.4));
        let corner = Grip { left: false, top: false, ..whole };
        close(dragged(&bbox, corner, (-1.0, 0.1)), BBox::new(0.2, 0.2, 0.2 + MIN_SIDE, 0.7));
        close(
            dragged(&bbox, Grip { right: false, bottom: false, ..whole }, (-9.0, 0.9)),
            BBox::new(0.0, 0.6 - MIN_SIDE, 0.5, 0.6),
        );
    }
}
