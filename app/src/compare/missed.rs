//! Things that a system missed: those of the marked ones that the open row did not find, and a box that is drawn round a thing
//! that none found.

use leptos::{html::Div, prelude::*};
use model::structures::{
    boxes::BBox,
    classes::{COCO, PERSON},
};
use web_sys::{KeyboardEvent, PointerEvent};

use super::matching::{Thing, matches};
use crate::{
    icon::{Icon, Shape},
    paint::view::Size,
    state::use_photo,
};

/// A box smaller than this, in parts of the photo's sides, is a slip of the pointer.
const MIN_SIDE: f32 = 0.01;
/// How far an arrow key moves an edge, in parts of the photo's sides.
const STEP: f32 = 0.02;

/// The box between two points, inside the photo.
fn between(from: (f32, f32), to: (f32, f32), photo: Size) -> BBox {
    let (left, right) = (from.0.min(to.0), from.0.max(to.0));
    BBox::new(left, from.1.min(to.1), right, from.1.max(to.1)).clip(photo.width, photo.height)
}

/// The box that a visitor begins with: the middle of the photo.
fn middle(photo: Size) -> BBox {
    BBox::new(0.35, 0.35, 0.65, 0.65).scale(photo.width, photo.height)
}

/// The box after a key; `None` for a key that does not change it.
///
/// # Arguments
/// * `resize` - whether the right and the lower edge move, not the whole box.
fn after_key(bbox: &BBox, key: &str, resize: bool, photo: Size) -> Option<BBox> {
    let (dx, dy) = match key {
        "ArrowLeft" => (-STEP, 0.0),
        "ArrowRight" => (STEP, 0.0),
        "ArrowUp" => (0.0, -STEP),
        "ArrowDown" => (0.0, STEP),
        _ => return None,
    };
    let (dx, dy) = (dx * photo.width, dy * photo.height);
    if resize {
        let (least_x, least_y) = (bbox.x0 + MIN_SIDE * photo.width, bbox.y0 + MIN_SIDE * photo.height);
        let (x1, y1) = ((bbox.x1 + dx).max(least_x), (bbox.y1 + dy).max(least_y));
        return Some(BBox::new(bbox.x0, bbox.y0, x1, y1).clip(photo.width, photo.height));
    }
    let dx = dx.clamp(-bbox.x0, photo.width - bbox.x1);
    let dy = dy.clamp(-bbox.y0, photo.height - bbox.y1);
    Some(BBox::new(bbox.x0 + dx, bbox.y0 + dy, bbox.x1 + dx, bbox.y1 + dy))
}

/// Whether a box is large enough to be meant.
fn is_meant(bbox: &BBox, photo: Size) -> bool {
    bbox.width() >= MIN_SIDE * photo.width && bbox.height() >= MIN_SIDE * photo.height
}

/// The marked things that detections do not find.
fn missed(truth: &[Thing], found: &[Thing]) -> Vec<Thing> {
    let known = matches(truth, found);
    let is_found = |index: usize| known.contains(&Some(index));
    truth.iter().enumerate().filter(|it| !is_found(it.0)).map(|it| *it.1).collect()
}

/// A box over the picture, in percent of it: left, top, width, height.
fn place(bbox: &BBox, photo: Size) -> [String; 4] {
    let percent = |at: f32, of: f32| format!("{:.2}%", at / of.max(1.0) * 100.0);
    [
        percent(bbox.x0, photo.width),
        percent(bbox.y0, photo.height),
        percent(bbox.width(), photo.width),
        percent(bbox.height(), photo.height),
    ]
}

/// A box over the picture.
fn outline(class: &'static str, bbox: &BBox, photo: Size) -> impl IntoView + use<> {
    let [left, top, width, height] = place(bbox, photo);
    view! { <i class=class style:left=left style:top=top style:width=width style:height=height></i> }
}

/// The box that is being drawn: copies share it.
#[derive(Clone, Copy)]
pub struct Draft {
    /// In photo pixels; none while nothing is drawn.
    bbox: RwSignal<Option<BBox>>,
    /// Where the pointer went down, in photo pixels.
    from: StoredValue<Option<(f32, f32)>>,
    class: RwSignal<u16>,
    truth: RwSignal<Vec<Thing>>,
}

impl Draft {
    /// Nothing yet.
    pub fn new(truth: RwSignal<Vec<Thing>>) -> Self {
        Self { bbox: RwSignal::new(None), from: StoredValue::new(None), class: RwSignal::new(PERSON), truth }
    }

    fn keep(self, photo: Size) {
        if let Some(bbox) = self.bbox.get_untracked().filter(|bbox| is_meant(bbox, photo)) {
            let class = self.class.get_untracked();
            self.truth.update(|truth| truth.push(Thing { class, bbox }));
            self.bbox.set(None);
        }
    }
}

/// What lies over the large picture: missed things, and the box that is drawn.
#[component]
pub fn Overlay(
    /// The box that is drawn.
    draft: Draft,
    /// The detections of the open row.
    #[prop(into)]
    found: Signal<Vec<Thing>>,
) -> impl IntoView {
    let photo = use_photo();
    let node = NodeRef::<Div>::new();
    let lost = move || {
        let missed = draft.truth.with(|truth| found.with(|found| missed(truth, found)));
        let size = photo.size();
        missed.iter().map(|it| outline("compare-missed", &it.bbox, size)).collect_view()
    };
    let point = move |event: &PointerEvent| {
        let (size, area) = (photo.size(), node.get_untracked()?.get_bounding_client_rect());
        let x = (f64::from(event.client_x()) - area.left()) / area.width().max(1.0);
        let y = (f64::from(event.client_y()) - area.top()) / area.height().max(1.0);
        Some((x as f32 * size.width, y as f32 * size.height))
    };
    let press = move |event: PointerEvent| {
        // A finger scrolls, until the visitor has said that a box comes.
        if event.pointer_type() != "mouse" && draft.bbox.with_untracked(Option::is_none) {
            return;
        }
        draft.from.set_value(untrack(|| point(&event)));
        if let Some(area) = node.get_untracked()
            && let Err(error) = area.set_pointer_capture(event.pointer_id())
        {
            leptos::logging::warn!("no pointer capture: {error:?}"); // the drag ends at the picture's edge
        }
    };
    let drag = move |event: PointerEvent| {
        let (Some(from), Some(to)) = (draft.from.get_value(), untrack(|| point(&event))) else { return };
        draft.bbox.set(Some(between(from, to, untrack(|| photo.size()))));
    };
    let key = move |event: KeyboardEvent| {
        let (Some(bbox), size) = (draft.bbox.get_untracked(), untrack(|| photo.size())) else { return };
        match (event.key().as_str(), after_key(&bbox, &event.key(), event.shift_key(), size)) {
            (_, Some(moved)) => draft.bbox.set(Some(moved)),
            ("Enter", _) => draft.keep(size),
            ("Escape", _) => draft.bbox.set(None),
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let drawn = move || draft.bbox.get().map(|bbox| outline("compare-draft", &bbox, photo.size()));
    // The keys act at once where they are said.
    Effect::new(move |begun: Option<bool>| {
        let is_drawn = draft.bbox.with(Option::is_some);
        if let (true, Some(false), Some(area)) = (is_drawn, begun, node.get_untracked()) {
            drop(area.focus());
        }
        is_drawn
    });
    view! {
        <div node_ref=node class="compare-overlay" data-testid="compare-overlay" role="group"
            data-drawing=move || draft.bbox.with(Option::is_some).to_string()
            aria-label="Box of a missed thing: arrow keys move it, with Shift they resize it, Enter keeps it"
            tabindex=move || if draft.bbox.with(Option::is_some) { "0" } else { "-1" }
            on:pointerdown=press on:pointermove=drag on:pointerup=move |_| draft.from.set_value(None)
            on:pointercancel=move |_| draft.from.set_value(None) on:keydown=key>{lost}{drawn}</div>
    }
}

/// The class of the box that is drawn, and what keeps it.
#[component]
pub fn AddMissed(
    /// The box that is drawn.
    draft: Draft,
    /// Whether only people are looked for.
    #[prop(into)]
    people_only: Signal<bool>,
) -> impl IntoView {
    let photo = use_photo();
    let begin = move |_| draft.bbox.set(Some(middle(untrack(|| photo.size()))));
    let choose = move |event| draft.class.set(event_target_value(&event).parse().unwrap_or(PERSON));
    let options = COCO.iter().map(|(id, name)| view! { <option value=id.to_string()>{*name}</option> }).collect_view();
    let is_drawn = Memo::new(move |_| draft.bbox.with(Option::is_some));
    view! {
        <Show when=move || !is_drawn.get()>
            <button type="button" class="text" data-testid="add-missed" on:click=begin>"Mark a thing that was missed"</button>
        </Show>
        <div class="compare-add" hidden=move || !is_drawn.get()>
            <p class="field-hint">"Drag a box round it on the picture, or move it with the arrow keys (Shift resizes)."</p>
            <span class="select-frame" hidden=move || people_only.get()>
                <select class="select" aria-label="What the missed thing is" data-testid="missed-class" on:change=choose>
                    {options}
                </select>
                <Icon shape=Shape::Down/>
            </span>
            <div class="compare-buttons">
                <button type="button" class="quiet" data-testid="keep-missed" on:click=move |_| draft.keep(untrack(|| photo.size()))>"Keep it"</button>
                <button type="button" class="text" on:click=move |_| draft.bbox.set(None)>"Drop it"</button>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHOTO: Size = Size::new(100.0, 50.0);

    #[test]
    fn a_drag_in_any_direction_is_a_box_inside_the_photo() {
        assert_eq!(between((60.0, 40.0), (20.0, -5.0), PHOTO), BBox::new(20.0, 0.0, 60.0, 40.0));
        assert!(!is_meant(&between((20.0, 20.0), (20.4, 40.0), PHOTO), PHOTO));
        assert!(is_meant(&middle(PHOTO), PHOTO));
    }

    #[test]
    fn keys_move_and_resize_within_the_photo() {
        let bbox = BBox::new(1.0, 10.0, 41.0, 30.0);
        assert_eq!(after_key(&bbox, "ArrowLeft", false, PHOTO), Some(BBox::new(0.0, 10.0, 40.0, 30.0)));
        assert_eq!(after_key(&bbox, "ArrowDown", true, PHOTO), Some(BBox::new(1.0, 10.0, 41.0, 31.0)));
        let thin = BBox::new(1.0, 10.0, 2.5, 30.0);
        assert_eq!(after_key(&thin, "ArrowLeft", true, PHOTO), Some(BBox::new(1.0, 10.0, 2.0, 30.0)));
        assert_eq!(after_key(&bbox, "x", false, PHOTO), None);
    }

    #[test]
    fn what_is_marked_and_not_found_was_missed() {
        let thing = |class, x: f32| Thing { class, bbox: BBox::new(x, 0.0, x + 10.0, 10.0) };
        let truth = [thing(1, 0.0), thing(1, 30.0), thing(18, 60.0)];
        assert_eq!(missed(&truth, &[thing(1, 31.0), thing(18, 0.0)]), [truth[0], truth[2]]);
        assert_eq!(place(&BBox::new(10.0, 10.0, 60.0, 35.0), PHOTO), ["10.00%", "20.00%", "50.00%", "50.00%"]);
    }
}
