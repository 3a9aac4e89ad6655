//! YOLO's tensor as a wall: a tile of numbers for each cell, and how its size follows from boxes and classes.

use leptos::{html::Canvas, prelude::*};
use model::structures::{boxes::BBox, classes::COCO};
use wasm_bindgen::JsValue;
use web_sys::{KeyboardEvent, MouseEvent};

use super::{
    cells::{CellsView, read},
    choice::thousands,
    marks::{cell_at, moved},
    raster::{bright, heat_pixels, raster},
};
use crate::{
    inside::selection::OpenStage,
    paint::prepared,
    paint::{tokens::Tokens, view::Size},
    state::use_view,
};

/// Numbers in a row of a tile: the first row has the boxes, the others the classes.
const COLUMNS: usize = 10;
/// Cells of the grid in the paper.
const SIDE: usize = 7;
/// CSS pixels of a number.
const PIXEL: f32 = 4.0;

/// Columns and rows of numbers of a tile, with a gap on the right and below.
const fn tile(numbers: usize) -> (usize, usize) {
    (COLUMNS + 1, numbers.div_ceil(COLUMNS) + 1)
}

/// The numbers of all tiles in rows of the wall.
fn wall(view: &CellsView) -> (Vec<f32>, (usize, usize)) {
    let side = view.cells.side;
    let (width, height) = tile(view.numbers(0).len());
    let size = (side * width, side * height);
    let mut values = vec![0.0; size.0 * size.1];
    for cell in 0..side * side {
        let (left, top) = (cell % side * width, cell / side * height);
        for (i, number) in view.numbers(cell).into_iter().enumerate() {
            values[(top + i / COLUMNS) * size.0 + left + i % COLUMNS] = number;
        }
    }
    (values, size)
}

/// The wall; a click or the arrow keys choose a cell.
#[component]
pub fn Wall(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    let view = use_view();
    let chosen = Memo::new(move |_| read(stage, |it| it.chosen(&stage.selection())).flatten());
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let _ = view.is_dark(); // tracked: other tokens
        let at = chosen.get();
        let drawn = read(stage, |it| {
            let (values, size) = wall(it);
            let context = prepared(&canvas, Size::new(size.0 as f32 * PIXEL, size.1 as f32 * PIXEL), 1.0)?;
            context.set_image_smoothing_enabled(false);
            let from = raster(&heat_pixels(values.into_iter(), bright(&Tokens::read())), size)?;
            let (width, height) = (f64::from(canvas.width()), f64::from(canvas.height()));
            context.draw_image_with_html_canvas_element_and_dw_and_dh(&from, 0.0, 0.0, width, height)?;
            let side = it.cells.side as f64;
            let (x, y) = at.map(|(x, y)| (x as f64 * width / side, y as f64 * height / side)).unwrap_or_default();
            for (line, colour) in [(5.0, "#000"), (2.5, "#fff")] {
                context.set_line_width(line);
                context.set_stroke_style_str(colour);
                context.stroke_rect(x + 1.0, y + 1.0, width / side - 4.0, height / side - 4.0);
            }
            Ok::<(), JsValue>(())
        });
        if let Some(Err(error)) = drawn {
            leptos::logging::error!("the cells could not be drawn: {error:?}");
        }
    });
    let choose = move |cell: (usize, usize)| stage.choose(|it| (it.cell, it.all) = (Some(cell), false));
    let side = move || untrack(|| read(stage, |it| it.cells.side)).unwrap_or_default();
    let press = move |event: MouseEvent| {
        let Some(canvas) = node.get_untracked() else { return };
        let part = (
            event.offset_x() as f32 / canvas.client_width().max(1) as f32,
            event.offset_y() as f32 / canvas.client_height().max(1) as f32,
        );
        if let Some(cell) = cell_at(&BBox::new(0.0, 0.0, 1.0, 1.0), (side(), side()), part) {
            choose(cell);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let to = chosen.get_untracked().and_then(|cell| moved(&event.key(), cell, (side(), side())));
        if let Some(cell) = to {
            event.prevent_default();
            choose(cell);
        }
    };
    let place = move || chosen.get().map(|(x, y)| format!("Cell {x}, {y}"));
    let index = move || chosen.get().map(|(x, y)| (y * side() + x + 1).to_string());
    view! {
        <section class="vector" aria-label="The tensor">
            <canvas node_ref=node class="wall-canvas" data-testid="wall" tabindex="0" role="slider" aria-label="Cell of the grid"
                aria-valuemin="1" aria-valuemax=move || (side() * side()).to_string() aria-valuenow=index aria-valuetext=place
                on:keydown=on_key on:click=press></canvas>
            <p class="field-hint">"A tile for each cell. Its first row: x, y, w, h and confidence of each box; the other rows: "
                {COCO.len()}" classes."</p>
        </section>
    }
}

/// How many numbers the tensor has for some boxes a cell and some classes.
#[component]
pub fn TensorSize() -> impl IntoView {
    let (boxes, classes) = (RwSignal::new(2usize), RwSignal::new(20usize));
    let slider = move |id: &'static str, label: &'static str, most: usize, value: RwSignal<usize>| {
        let part = move || format!("{:.4}", (value.get() - 1) as f32 / (most - 1) as f32);
        let on_input = move |event| {
            if let Ok(count) = event_target_value(&event).parse::<usize>() {
                value.set(count.clamp(1, most));
            }
        };
        view! {
            <div class="field">
                <label class="field-label" for=id>{label}</label>
                <output class="field-value" for=id>{move || value.get()}</output>
                <input id=id class="slider" type="range" min="1" max=most step="1" data-testid=format!("{id}-slider")
                    prop:value=move || value.get().to_string() style:--part=part on:input=on_input/>
            </div>
        }
    };
    let size = move || {
        let (b, c) = (boxes.get(), classes.get());
        let count = thousands((SIDE * SIDE * (5 * b + c)) as f64);
        format!("{SIDE} \u{d7} {SIDE} \u{d7} (5 \u{d7} {b} + {c}) = {count} numbers")
    };
    let is_paper = move || boxes.get() == 2 && classes.get() == 20;
    view! {
        <section class="tensor-size">
            <h3 class="block-title">"How large is the tensor?"</h3>
            {slider("tensor-boxes", "B, boxes a cell", 6, boxes)}
            {slider("tensor-classes", "C, classes", 100, classes)}
            <p class="reading stage-reading" data-testid="tensor-size" aria-live="polite">{size}</p>
            <p class="field-hint">{move || if is_paper() { "As in the paper, with the 20 classes of PASCAL VOC." } else { "Confidence and place cost five numbers a box; classes are said once a cell." }}</p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_has_a_gap() {
        assert_eq!(tile(90), (11, 10));
        assert_eq!(tile(30), (11, 4));
    }
}
