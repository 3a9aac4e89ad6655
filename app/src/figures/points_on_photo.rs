//! The photo with points that can be dragged.

use leptos::{html::Div, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, KeyboardEvent, PointerEvent};

use super::piece::PhotoPicture;
use crate::state::use_photo;

/// How far an arrow key moves a point, in fractions of the photo.
const STEP: f32 = 0.01;

/// A point that can be dragged.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// Where, in fractions of the photo.
    pub at: (f32, f32),
    /// Its name.
    pub name: String,
}

fn inside((x, y): (f32, f32)) -> (f32, f32) {
    (x.clamp(0.0, 1.0), y.clamp(0.0, 1.0))
}

/// The photo with drawings and points over it.
#[component]
pub fn PhotoPoints(
    /// The points.
    #[prop(into)]
    points: Signal<Vec<Point>>,
    /// Takes a point in its new place.
    set: impl Fn(usize, (f32, f32)) + Copy + Send + Sync + 'static,
    /// SVG between the photo and the points, in fractions of the photo times 1000.
    children: ChildrenFn,
) -> impl IntoView {
    let photo = use_photo();
    let node = NodeRef::<Div>::new();
    let held = StoredValue::new(None::<usize>);
    let aspect = move || photo.size().aspect();
    let place = move |event: &PointerEvent| {
        let at = node.get_untracked()?.get_bounding_client_rect();
        let (x, y) = (f64::from(event.client_x()) - at.left(), f64::from(event.client_y()) - at.top());
        // In fractions, so single precision is enough.
        Some(inside(((x / at.width()) as f32, (y / at.height()) as f32)))
    };
    let drag = move |event: PointerEvent| {
        if let (Some(index), Some(at)) = (held.get_value(), place(&event)) {
            set(index, at);
        }
    };
    let take = move |event: PointerEvent, index: usize| {
        event.prevent_default();
        event.stop_propagation();
        held.set_value(Some(index));
        if let Some(element) = node.get_untracked().and_then(|it| it.dyn_into::<Element>().ok())
            && let Err(error) = element.set_pointer_capture(event.pointer_id())
        {
            leptos::logging::warn!("the drag ends at the photo's edge: {error:?}");
        }
    };
    let count = Memo::new(move |_| points.with(Vec::len));
    let point = move |index: usize| {
        let it = Memo::new(move |_| points.with(|all| all.get(index).cloned()));
        let key = move |event: KeyboardEvent| {
            let Some(Point { at: (x, y), .. }) = it.get_untracked() else { return };
            let to = match event.key().as_str() {
                "ArrowLeft" => (x - STEP, y),
                "ArrowRight" => (x + STEP, y),
                "ArrowUp" => (x, y - STEP),
                "ArrowDown" => (x, y + STEP),
                _ => return,
            };
            event.prevent_default();
            event.stop_propagation();
            set(index, inside(to));
        };
        let words = move || {
            it.get().map(|it| {
                format!(
                    "{}: {:.0}% from the left, {:.0}% from the top. Arrow keys move it.",
                    it.name,
                    it.at.0 * 100.0,
                    it.at.1 * 100.0
                )
            })
        };
        let percent = move |of: fn(&Point) -> f32| move || it.get().map(|it| format!("{:.3}%", of(&it) * 100.0));
        view! {
            <div class="photo-point" data-testid="photo-point" role="application" aria-roledescription="point" tabindex="0" aria-label=words
                style:left=percent(|it| it.at.0) style:top=percent(|it| it.at.1)
                on:pointerdown=move |event| take(event, index) on:keydown=key></div>
        }
    };
    view! {
        <div class="photo-boxes" data-testid="photo-points" node_ref=node style:aspect-ratio=move || format!("{:.4}", aspect())
            on:pointermove=drag on:pointerup=move |_| held.set_value(None) on:pointercancel=move |_| held.set_value(None)>
            <PhotoPicture/>
            <svg class="photo-drawing" viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">{children()}</svg>
            {move || (0..count.get()).map(point).collect_view()}
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_stay_on_the_photo() {
        assert_eq!([inside((-0.1, 0.5)), inside((0.3, 1.2))], [(0.0, 0.5), (0.3, 1.0)]);
    }
}
