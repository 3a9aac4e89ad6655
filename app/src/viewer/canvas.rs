//! The canvas on the page: draws on every change, and turns pointers and keys into zoom, pan and isolation.

use std::rc::Rc;

use leptos::{html::Canvas, prelude::*};
use leptos_use::use_resize_observer;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlCanvasElement, KeyboardEvent, MouseEvent, PointerEvent};

use super::{
    buttons::{ZoomButtons, look_at_part},
    drawn_part::{DrawnPart, outline, part_under},
    gestures::{Gesture, Pointers},
    pointing::{move_probe, place_at, pointed_at},
    wheel::on_wheel,
    zoom::{Viewer, animate},
};
use crate::{
    inside::{self, OpenStage, use_open_stage},
    layers::PointerAt,
    paint::prepared,
    paint::{
        pen::{Pen, Shown},
        tint::TintCache,
        tokens::Tokens,
        view::{Size, View},
    },
    photo::Photo,
    results::Results,
    scene::Scene,
    state::{PhotoState, ResultState, ViewState, use_actions, use_photo, use_result, use_view},
    words::{controls, results},
};

/// Milliseconds in which a new result appears.
const REVEAL_MS: f64 = 320.0;
/// Zoom factor of a button, a key or a double click.
pub const STEP: f32 = 1.6;
/// CSS pixels that an arrow key moves the photo.
const NUDGE: f32 = 60.0;

/// The photo with its boxes.
#[component]
pub fn PhotoCanvas(
    /// Zoom and pan.
    viewer: Viewer,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    let (photo, result, view, actions) = (use_photo(), use_result(), use_view(), use_actions());
    let stage = use_open_stage();
    let reveal = revealing(result, viewer);
    observe_size(node, viewer);
    paint_on_change(node, viewer, (photo, result, view), stage, reveal);
    let pointers = StoredValue::new(Pointers::default());
    let drawn = DrawnPart::default();
    let pointer = move |canvas: (f32, f32), slack: f32| PointerAt { canvas, slack, view: viewer.view.get_untracked() };
    let point_at = move |canvas: (f32, f32), slack: f32| pointed_at(result, &pointer(canvas, slack));
    let read_at = move |at: Option<(f32, f32)>| {
        let at = at.and_then(|at| place_at(photo, result, &viewer.view.get_untracked(), at));
        if view.pointed.get_untracked() != at {
            view.pointed.set(at);
        }
    };
    let on_move = move |event: PointerEvent| {
        let at = (event.offset_x() as f32, event.offset_y() as f32);
        if drawn.drag(at) {
            return;
        }
        let gesture = pointers.try_update_value(|it| it.glide(event.pointer_id(), at)).flatten();
        match gesture {
            Some(Gesture::Pan(dx, dy)) => viewer.pan(dx, dy),
            Some(Gesture::Pinch { factor, at, delta }) => {
                viewer.pan(delta.0, delta.1);
                viewer.zoom(factor, at);
            }
            None if event.pointer_type() == "mouse" && !pointers.with_value(Pointers::busy) => {
                if let Some(stage) = stage.get_untracked() {
                    return inside::point(stage, Some(&pointer(at, 2.0)));
                }
                view.hover(point_at(at, 2.0));
                read_at(Some(at));
            }
            None => {}
        }
    };
    let on_lift = move |event: PointerEvent| {
        if let Some(drawn) = drawn.lift() {
            if let Some(part) = part_under(drawn, viewer, photo) {
                look_at_part(actions, part);
            }
            return;
        }
        let swipe = pointers.with_value(|it| it.swipe((event.offset_x() as f32, event.offset_y() as f32)));
        if let (Some(by), true, false) = (swipe, event.pointer_type() != "mouse", viewer.is_zoomed_untracked()) {
            actions.film.step(by);
        }
        let tapped = pointers.try_update_value(|it| it.lift(event.pointer_id())) == Some(true);
        if let (true, Some(stage)) = (tapped, stage.get_untracked()) {
            let at = (event.offset_x() as f32, event.offset_y() as f32);
            let slack = if event.pointer_type() == "mouse" { 2.0 } else { 8.0 };
            inside::point(stage, Some(&pointer(at, slack)));
            inside::press(stage, &pointer(at, slack));
        } else if tapped {
            let at = (event.offset_x() as f32, event.offset_y() as f32);
            let is_mouse = event.pointer_type() == "mouse";
            if !is_mouse {
                read_at(Some(at));
            }
            // A second tap on the same box lets go, and so does one beside all boxes.
            view.hold(point_at(at, if is_mouse { 2.0 } else { 8.0 }));
        }
    };
    let on_press = move |event: PointerEvent| {
        let at = (event.offset_x() as f32, event.offset_y() as f32);
        if !drawn.press(at, event.shift_key()) {
            pointers.update_value(|it| it.press(event.pointer_id(), at));
        }
        if let Some(canvas) = node.get_untracked()
            && let Err(error) = canvas.set_pointer_capture(event.pointer_id())
        {
            leptos::logging::warn!("no pointer capture: {error:?}"); // the drag ends at the canvas's edge
        }
    };
    let on_double = move |event: MouseEvent| {
        let at = (event.offset_x() as f32, event.offset_y() as f32);
        if viewer.is_zoomed() { viewer.reset() } else { viewer.glide(STEP * STEP, Some(at)) }
    };
    view! {
        <canvas
            node_ref=node
            class="stage-canvas"
            data-testid="canvas"
            role="img"
            tabindex="0"
            aria-label=move || description(photo, result)
            aria-describedby="stage-keys"
            data-zoomed=move || viewer.is_zoomed().to_string()
            data-drawing=move || drawn.is_asked.get().to_string()
            data-pointing=move || view.highlighted.get().is_some().to_string()
            on:wheel=move |event| on_wheel(viewer, view.notifications, &event)
            on:pointerdown=on_press
            on:pointermove=on_move
            on:pointerup=on_lift
            on:pointercancel=move |event: PointerEvent| {
                drawn.lift();
                pointers.update_value(|it| { it.lift(event.pointer_id()); });
            }
            on:pointerleave=move |event: PointerEvent| if event.pointer_type() == "mouse" {
                view.hover(None);
                read_at(None);
                if let Some(stage) = stage.get_untracked() {
                    inside::point(stage, None);
                }
            }
            on:dblclick=on_double
            on:keydown=move |event| match stage.get_untracked() {
                Some(stage) if inside::key(stage, &event.key()) => event.prevent_default(),
                Some(_) => on_key(viewer, &event),
                None if !move_probe(result, view, &event) => on_key(viewer, &event),
                None => {}
            }
        ></canvas>
        <p id="stage-keys" class="visually-hidden">
            {controls::PHOTO_KEYS}
        </p>
        {outline(drawn)}
        <ZoomButtons viewer drawn/>
    }
}

/// What a screen reader says about the canvas.
fn description(photo: PhotoState, result: ResultState) -> String {
    let known = |photo: &Rc<Photo>| (photo.alt.clone(), photo.sample.clone());
    let (alt, sample) = photo.shown.with(|photo| photo.as_ref().map(known)).unwrap_or_default();
    let scene = if result.is_done() { result.scene.with(Scene::description) } else { String::new() };
    results::photo(&alt, sample.as_deref(), &scene)
}

fn on_key(viewer: Viewer, event: &KeyboardEvent) {
    let (dx, dy) = match event.key().as_str() {
        "ArrowLeft" => (NUDGE, 0.0),
        "ArrowRight" => (-NUDGE, 0.0),
        "ArrowUp" => (0.0, NUDGE),
        "ArrowDown" => (0.0, -NUDGE),
        _ => return,
    };
    if viewer.is_zoomed() {
        event.prevent_default();
        viewer.pan(dx, dy);
    }
}

/// Runs from 0 to 1 after each new result; jumps for those who prefer less motion.
fn revealing(result: ResultState, viewer: Viewer) -> RwSignal<f32> {
    let reveal = RwSignal::new(1.0);
    let newest = StoredValue::new(0_u32);
    let result_number = Memo::new(move |_| result.results.with(Results::newest));
    Effect::new(move |_| {
        let answered = result_number.get().is_some();
        newest.update_value(|number| *number += 1);
        if !answered || viewer.is_calm() {
            reveal.set(1.0);
            return;
        }
        let number = newest.get_value();
        reveal.set(0.0);
        animate(REVEAL_MS, move |t| {
            let current = newest.try_get_value() == Some(number);
            if current {
                reveal.set(t);
            }
            current
        });
    });
    reveal
}

fn observe_size(node: NodeRef<Canvas>, viewer: Viewer) {
    use_resize_observer(node, move |entries, _| {
        if let Some(rect) = entries.first().map(web_sys::ResizeObserverEntry::content_rect) {
            viewer.canvas.set(Size::new(rect.width() as f32, rect.height() as f32));
        }
    });
}

fn paint_on_change(
    node: NodeRef<Canvas>,
    viewer: Viewer,
    (photo, result, view): (PhotoState, ResultState, ViewState),
    stage: Memo<Option<OpenStage>>,
    reveal: RwSignal<f32>,
) {
    let tokens = RwSignal::new(Tokens::default());
    Effect::new(move |_| {
        let _ = view.is_dark(); // tracked: the style sheet has other colours then
        request_animation_frame(move || tokens.set(Tokens::read()));
    });
    let ratio = device_ratio();
    let layer = StoredValue::new_local(PhotoLayer::default());
    let tints = StoredValue::new_local(TintCache::default());
    Effect::new(move |_| {
        let (Some(canvas), size, ratio) = (node.get(), viewer.canvas.get(), ratio.get()) else { return };
        let place = viewer.view.get();
        let (highlighted, word, pointed) = (view.highlighted.get(), view.word.get(), view.pointed.get());
        let (scene, reveal, photo_size) = (result.scene.get(), reveal.get(), photo.size());
        let painted = photo.shown.with(|photo| {
            let Some(photo) = photo else { return Ok(()) };
            let context = prepared(&canvas, size, ratio)?;
            tokens.with(|tokens| {
                let pen = Pen { context: &context, tokens, canvas: size, ratio };
                let copied = layer.try_update_value(|layer| layer.show(photo, &pen, photo_size, &place));
                copied.unwrap_or(Ok(()))?;
                tints.with_value(|tints| {
                    let shown = Shown { photo: photo_size, view: place, highlighted, word, pointed, reveal, tints };
                    match stage.get() {
                        Some(stage) => inside::draw(stage, &pen, &shown),
                        None => scene.draw(&pen, &shown),
                    }
                })
            })
        });
        if let Err(error) = painted {
            leptos::logging::error!("the photo could not be drawn: {error:?}");
        }
    });
}

/// The scaled photo, kept while only the boxes change: scaling 12 megapixels down takes far longer than copying it.
#[derive(Default)]
struct PhotoLayer {
    canvas: Option<HtmlCanvasElement>,
    shows: Option<(u32, View, Size, f32)>,
}

impl PhotoLayer {
    /// Draws the photo with `pen`, scaling it only if it, the view or the canvas has changed.
    fn show(&mut self, photo: &Photo, pen: &Pen, size: Size, view: &View) -> Result<(), JsValue> {
        let wanted = Some((photo.id, *view, pen.canvas, pen.ratio));
        if self.canvas.is_none() {
            self.canvas = Some(document().create_element("canvas")?.unchecked_into());
        }
        let Some(canvas) = &self.canvas else { return Ok(()) };
        if self.shows != wanted {
            let context = prepared(canvas, pen.canvas, pen.ratio)?;
            Pen { context: &context, ..*pen }.draw_photo(Some(&photo.bitmap), size, view)?;
            self.shows = wanted;
        }
        pen.copy_photo(canvas)
    }
}

/// `devicePixelRatio`, kept up to date when the window moves to another screen or the page is zoomed.
fn device_ratio() -> Signal<f32> {
    let ratio = leptos_use::use_device_pixel_ratio();
    Signal::derive(move || ratio.get() as f32)
}
