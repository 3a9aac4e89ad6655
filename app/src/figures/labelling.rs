//! The figure about labels: what it costs to say by hand what the network is trained on (00:13, 00:53 and 01:12 of the lecture).

mod agreement;
mod sketch;

use leptos::{html::Canvas, prelude::*};
use leptos_use::use_interval_fn;
use model::{
    catalog::System,
    structures::{mask::InstanceMask, stage::Artifact},
};
use web_sys::{KeyboardEvent, PointerEvent};

use self::{
    agreement::{Labelled, coco_words, drawn, grid, labelled, pasted, words},
    sketch::{Kind, Sketch},
};
use super::{
    controls::to_try,
    piece::{PhotoPicture, place_of},
};
use crate::{
    inside::views::{choice::Choice, raster::raster},
    js::now,
    paint::{prepared, tint::rgb, tokens::Tokens, view::Size},
    results::result_of,
    state::{use_actions, use_photo, use_result, use_view},
};

/// Milliseconds between two readings of the clock on show.
const CLOCK_MS: u64 = 100;
/// How far an arrow key moves the cursor, in fractions of the photo; with Shift further.
const STEPS: (f32, f32) = (0.01, 0.05);
/// The slots of pixels that both, only the visitor and only the network count as the thing.
const BOTH: usize = 3;
const OWN: usize = 0;
const NETWORK: usize = 2;
/// How strongly they cover the photo, 0 to 255.
const COVER: u8 = 150;

/// What the figure works with: copies share it.
#[derive(Clone, Copy)]
struct Bench {
    sketch: RwSignal<Sketch>,
    masks: Memo<Option<Vec<InstanceMask>>>,
    /// The newest finished labels: a mask, a box.
    done: RwSignal<[Option<Labelled>; 2]>,
    /// Where keys set the next corner.
    cursor: RwSignal<Option<(f32, f32)>>,
    /// Where a drag began, while it lasts.
    from: StoredValue<Option<(f32, f32)>>,
    photo: Memo<(f32, f32)>,
}

impl Bench {
    fn new() -> Self {
        let (photo, result, actions) = (use_photo(), use_result(), use_actions());
        actions.view.needs_network.set(true);
        let masks = Memo::new(move |_| {
            result.results.with(|all| match result_of(&all.finished(System::Masks)?.run)? {
                Artifact::Masks(masks) => Some(masks.clone()),
                _ => None,
            })
        });
        Effect::new(move |_| {
            if result.is_done() && masks.with(Option::is_none) {
                actions.run_beside(System::Masks);
            }
        });
        let size = Memo::new(move |_| {
            let size = photo.size();
            (size.width.max(1.0), size.height.max(1.0))
        });
        let bench = Self {
            sketch: RwSignal::new(Sketch::default()),
            masks,
            done: RwSignal::new([None, None]),
            cursor: RwSignal::new(None),
            from: StoredValue::new(None),
            photo: size,
        };
        Effect::new(move |earlier: Option<_>| {
            let shown = photo.shown.with(|it| it.as_ref().map(|it| it.id));
            if earlier.is_some_and(|earlier| earlier != shown) {
                bench.begin(bench.sketch.with_untracked(|it| it.kind));
                bench.done.set([None, None]);
            }
            shown
        });
        Effect::new(move |_| {
            let masks = bench.masks.get().unwrap_or_default();
            let found = bench.sketch.with(|it| labelled(it, &masks, bench.photo.get()).map(|label| (it.kind, label)));
            if let Some((kind, label)) = found {
                bench.done.update(|all| all[kind as usize] = Some(label));
            }
        });
        bench
    }

    fn begin(self, kind: Kind) {
        self.sketch.set(Sketch::new(kind));
        self.from.set_value(None);
    }

    /// Draws which pixels both count as the thing, and which only one of the two.
    fn pixels(self) -> Option<(Vec<u8>, (usize, usize))> {
        let photo = self.photo.get();
        let size = grid(photo);
        self.sketch.with(|sketch| {
            self.masks.with(|masks| {
                let masks = masks.as_deref().unwrap_or_default();
                let index = labelled(sketch, masks, photo)?.nearest?.index;
                let own = drawn(sketch, size)?.to_pixels();
                let network = pasted(&masks[index], photo, size).to_pixels();
                let tokens = Tokens::read();
                let [both, only, theirs] = [BOTH, OWN, NETWORK].map(|slot| rgb(tokens.colour(slot)));
                let pixel = |(own, network): (bool, bool)| match (own, network) {
                    (true, true) => [both[0], both[1], both[2], COVER],
                    (true, false) => [only[0], only[1], only[2], COVER],
                    (false, true) => [theirs[0], theirs[1], theirs[2], COVER],
                    (false, false) => [0; 4],
                };
                Some((own.into_iter().zip(network).flat_map(pixel).collect(), size))
            })
        })
    }
}

/// The figure on the photo on show.
pub fn view() -> AnyView {
    let bench = Bench::new();
    let sketch = bench.sketch;
    let time = RwSignal::new(now());
    use_interval_fn(move || time.set(now()), CLOCK_MS);
    let clock = move || {
        let time = time.get();
        sketch.with(|it| format!("{:.1}", it.seconds(time)))
    };
    let kinds = Kind::ALL.map(|it| it.title().to_owned()).to_vec();
    let chosen = Signal::derive(move || sketch.with(|it| it.kind as usize));
    let is_open = move || sketch.with(|it| !it.is_closed && !it.corners.is_empty());
    view! {
        <Choice id="label" label="What to draw" options=Signal::stored(kinds) chosen
            choose=move |index: usize| bench.begin(Kind::ALL[index])/>
        <div class="fig-photo-side">
            <div>
                <LabelPhoto bench/>
                <p class="fig-note">"Green: you and the network. Yellow: only you. Orange: only the network."</p>
            </div>
            <div>
                <p class="big-number" data-testid="clock" aria-hidden="true">{clock}</p>
                <p class="fig-note">"seconds since the first corner"</p>
                <p class="fig-reading" aria-live="polite" data-testid="label-words">{move || reading(bench)}</p>
                <div class="fig-presets">
                    <button type="button" class="fig-preset" data-testid="label-close" disabled=move || !is_open()
                        on:click=move |_| sketch.update(|it| it.close(now()))>"Close the contour"</button>
                    <button type="button" class="fig-preset" data-testid="label-undo" disabled=move || !is_open()
                        on:click=move |_| sketch.update(Sketch::undo)>"Take a corner back"</button>
                    <button type="button" class="fig-preset" data-testid="label-begin" disabled=move || sketch.with(|it| it.corners.is_empty())
                        on:click=move |_| bench.begin(sketch.with_untracked(|it| it.kind))>"Begin again"</button>
                </div>
                <Costs bench/>
                <p class="fig-reading" data-testid="coco-words">{move || bench.done.with(|[mask, bbox]| coco_words(mask.as_ref(), bbox.as_ref()))}</p>
            </div>
        </div>
        {to_try("Draw one thing's mask as well as you can, then its box. Labelling is why data sets of boxes have far more photos than data sets \
                 of masks, and why a network that needs fewer labels is worth so much.")}
    }
    .into_any()
}

/// What is to be done, or what came of it.
fn reading(bench: Bench) -> String {
    bench.sketch.with(|it| match (it.kind, it.is_closed, it.corners.len()) {
        (kind, true, _) => bench.done.with(|all| all[kind as usize].as_ref().map(|label| words(kind, label))).unwrap_or_default(),
        (Kind::Mask, _, 0) => "Choose one thing. Click from corner to corner round it, or draw round it without letting go. With keys: arrows \
                               move, Space sets a corner, Enter closes."
            .into(),
        (Kind::Box, _, 0) => "Choose one thing. Click two opposite corners of its box, or drag from one to the other. With keys: arrows \
                              move, Space sets a corner."
            .into(),
        (Kind::Mask, _, n) => format!("{n} {}. A click on the first one, or Enter, closes the contour.", if n == 1 { "corner" } else { "corners" }),
        (Kind::Box, ..) => "One corner. The opposite one finishes the box.".into(),
    })
}

/// What each kind of label took, side by side.
#[component]
fn Costs(
    /// The figure.
    bench: Bench,
) -> impl IntoView {
    let row = move |kind: Kind| {
        let read = move |of: fn(&Labelled) -> String| {
            move || bench.done.with(|all| all[kind as usize].as_ref().map_or_else(|| "–".to_owned(), of))
        };
        let iou = |it: &Labelled| it.nearest.as_ref().map_or_else(|| "–".to_owned(), |it| format!("{:.2}", it.iou));
        view! {
            <tr data-testid="label-row" data-kind=kind.title()>
                <th scope="row">{kind.title()}</th>
                <td>{read(|it| format!("{:.1}", it.seconds))}</td>
                <td>{read(|it| it.corners.to_string())}</td>
                <td>{read(iou)}</td>
            </tr>
        }
    };
    view! {
        <div class="fig-table"><table class="loss-table">
            <caption class="visually-hidden">"What your labels took"</caption>
            <thead><tr><td></td><th scope="col">"seconds"</th><th scope="col">"corners"</th><th scope="col">"IoU with the network"</th></tr></thead>
            <tbody>{Kind::ALL.map(row).collect_view()}</tbody>
        </table></div>
    }
}

/// The photo that is drawn on.
#[component]
fn LabelPhoto(
    /// The figure.
    bench: Bench,
) -> impl IntoView {
    let theme = use_view();
    let node = NodeRef::<Canvas>::new();
    let sketch = bench.sketch;
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let _ = theme.is_dark(); // tracked: other tokens
        let (pixels, size) = bench.pixels().unwrap_or_default();
        let drawn = prepared(&canvas, Size::new(size.0.max(1) as f32, size.1.max(1) as f32), 1.0).and_then(|context| {
            context.clear_rect(0.0, 0.0, size.0 as f64, size.1 as f64);
            if size.0 == 0 {
                Ok(())
            } else {
                context.draw_image_with_html_canvas_element(&raster(&pixels, size)?, 0.0, 0.0)
            }
        });
        if let Err(error) = drawn {
            leptos::logging::error!("the label could not be drawn: {error:?}");
        }
    });
    let aspect = move || {
        let (width, height) = bench.photo.get();
        format!("{:.4}", width / height)
    };
    let path = move || {
        sketch.with(|it| {
            let points = it.outline().into_iter().map(|(x, y)| format!("{:.1} {:.1}", x * 1000.0, y * 1000.0));
            let points = points.collect::<Vec<_>>().join("L");
            if points.is_empty() { points } else { format!("M{points}{}", if it.is_closed { "z" } else { "" }) }
        })
    };
    let first = move || sketch.with(|it| it.corners.first().copied().filter(|_| !it.is_closed));
    let percent = |it: f32| format!("{:.2}%", it * 100.0);
    view! {
        <div class="paint-photo" data-testid="label-photo" role="application" aria-roledescription="picture" tabindex="0" style:aspect-ratio=aspect
            aria-label="The photo to label: arrow keys move, Space sets a corner, Enter closes the contour, Backspace takes a corner back"
            on:pointerdown=move |event| press(bench, &event) on:pointermove=move |event| draw(bench, &event)
            on:pointerup=move |event| lift(bench, &event) on:pointercancel=move |_| bench.from.set_value(None) on:keydown=move |event| key(bench, &event)>
            <PhotoPicture/>
            <canvas node_ref=node class="paint-cells" aria-hidden="true"></canvas>
            <svg class="photo-drawing" viewBox="0 0 1000 1000" preserveAspectRatio="none" aria-hidden="true">
                <path class="label-halo" d=path></path><path class="label-line" d=path></path>
            </svg>
            {move || first().map(|(x, y)| view! { <span class="label-corner" aria-hidden="true" style:left=percent(x) style:top=percent(y)></span> })}
            {move || bench.cursor.get().map(|(x, y)| view! { <span class="label-cursor" aria-hidden="true" style:left=percent(x) style:top=percent(y)></span> })}
        </div>
    }
}

fn at(event: &PointerEvent) -> Option<(f32, f32)> {
    // In fractions, so single precision is enough.
    place_of(event).map(|(x, y)| (x as f32, y as f32))
}

fn press(bench: Bench, event: &PointerEvent) {
    let Some(at) = at(event).filter(|_| event.button() == 0) else { return };
    event.prevent_default();
    bench.cursor.set(None);
    bench.from.set_value(Some(at));
    bench.sketch.update(|it| it.add(at, now()));
}

fn draw(bench: Bench, event: &PointerEvent) {
    if let (Some(_), Some(at)) = (bench.from.get_value(), at(event)) {
        bench.sketch.update(|it| it.draw_to(at, now()));
    }
}

/// Ends a drag: a contour that was drawn without letting go is closed, a box gets its second corner.
fn lift(bench: Bench, event: &PointerEvent) {
    let (Some(from), Some(to)) = (bench.from.get_value(), at(event)) else { return };
    bench.from.set_value(None);
    let is_drag = (from.0 - to.0).hypot(from.1 - to.1) > STEPS.0;
    bench.sketch.update(|it| match it.kind {
        Kind::Mask if it.was_drawn() => it.close(now()),
        Kind::Box if is_drag && !it.is_closed => it.add(to, now()),
        Kind::Mask | Kind::Box => {}
    });
}

fn key(bench: Bench, event: &KeyboardEvent) {
    let step = if event.shift_key() { STEPS.1 } else { STEPS.0 };
    let (x, y) = bench.cursor.get_untracked().unwrap_or((0.5, 0.5));
    let moved = match event.key().as_str() {
        "ArrowLeft" => Some((x - step, y)),
        "ArrowRight" => Some((x + step, y)),
        "ArrowUp" => Some((x, y - step)),
        "ArrowDown" => Some((x, y + step)),
        _ => None,
    };
    match (moved, event.key().as_str()) {
        (Some((x, y)), _) => bench.cursor.set(Some((x.clamp(0.0, 1.0), y.clamp(0.0, 1.0)))),
        (None, " ") => bench.sketch.update(|it| it.add((x, y), now())),
        (None, "Enter") => bench.sketch.update(|it| it.close(now())),
        (None, "Backspace") => bench.sketch.update(Sketch::undo),
        _ => return,
    }
    event.prevent_default();
    event.stop_propagation();
}
