//! A vector of the whole photo, as a strip of cells.

use leptos::{html::Canvas, prelude::*};
use model::structures::{
    boxes::BBox,
    stage::{Artifact, FeatureMap},
};
use wasm_bindgen::JsValue;
use web_sys::{KeyboardEvent, MouseEvent, PointerEvent};

use super::{
    StageView,
    choice::{bytes, number},
    marks::{Line, NEUTRAL, cell_at, cell_box, outline},
    raster::{bright, channel_pixels, cover, raster},
};
use crate::{
    inside::selection::{OpenStage, Selection},
    paint::prepared,
    paint::{
        pen::{Pen, Shown},
        tokens::Tokens,
        view::Size,
    },
    state::use_view,
};

/// Cells in a row of the strip in the panel.
const COLUMNS: usize = 32;
/// Pixels of a cell in the panel.
const CELL: f32 = 16.0;
/// The part of the photo's height that the strip on it takes.
const HEIGHT: f32 = 0.14;

/// The numbers of a vector.
pub struct VectorView<'a> {
    /// The numbers.
    pub values: &'a [f32],
    /// The photo's size in its own pixels.
    pub photo: Size,
}

impl VectorView<'_> {
    fn range(&self) -> (f32, f32) {
        let (min, max) =
            self.values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(min, max), &it| (min.min(it), max.max(it)));
        if self.values.is_empty() { (0.0, 0.0) } else { (min, max) }
    }

    /// Where the strip lies on the photo: along its lower edge, all numbers in one row.
    const fn strip(&self) -> BBox {
        let Size { width, height } = self.photo;
        BBox::new(0.0, height * (1.0 - HEIGHT), width, height)
    }

    /// The number that is read: the one pointed at, else the chosen one, else the largest.
    fn chosen(&self, selection: &Selection) -> Option<usize> {
        let pointed = selection.pointed.and_then(|at| cell_at(&self.strip(), (self.values.len(), 1), at));
        let chosen = selection.item.filter(|&item| item < self.values.len());
        let largest = || (0..self.values.len()).max_by(|&a, &b| self.values[a].total_cmp(&self.values[b]));
        pointed.map(|(x, _)| x).or(chosen).or_else(largest)
    }

    /// The numbers as pixels from black on, in rows.
    fn pixels(&self, (columns, rows): (usize, usize), bright: [u8; 3]) -> Vec<u8> {
        let (min, _) = self.range();
        let mut values = self.values.to_vec();
        values.resize(columns * rows, min);
        channel_pixels(&FeatureMap::from_values("vector", (rows, columns, 1), &values), 0, bright)
    }

    fn rows(&self) -> usize {
        self.values.len().div_ceil(COLUMNS)
    }

    fn reading(&self, selection: &Selection) -> Option<String> {
        let index = self.chosen(selection)?;
        Some(format!("Number {} of {}: {}", index + 1, self.values.len(), number(self.values[index])))
    }
}

impl StageView for VectorView<'_> {
    fn words(&self, _: &Selection) -> String {
        let (min, max) = self.range();
        let zero = self.values.iter().filter(|&&it| it == 0.0).count();
        format!(
            "The whole photo as {} numbers from {} to {}: {}. {zero} of them are zero. Both heads read these and nothing else.",
            self.values.len(),
            number(min),
            number(max),
            bytes(self.values.len() * 4),
        )
    }

    fn to_try(&self) -> &'static str {
        "Open another photo of the same animal: which numbers stay bright? No place of the photo is left to point at."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        if self.values.is_empty() {
            return Ok(());
        }
        let size = (self.values.len(), 1);
        let canvas = raster(&self.pixels(size, bright(pen.tokens)), size)?;
        cover(pen, &shown.view, &self.strip(), &canvas, 1.0)?;
        outline(pen, &shown.view, &self.strip(), Line { width: 1.0, ..Line::solid(NEUTRAL) })?;
        match self.chosen(selection) {
            Some(index) => outline(pen, &shown.view, &cell_box(&self.strip(), size, (index, 0)), Line::solid(NEUTRAL)),
            None => Ok(()),
        }
    }

    fn follows_pointer(&self) -> bool {
        true
    }

    fn press(&self, at: (f32, f32), _: f32, selection: &mut Selection) {
        if let Some((index, _)) = cell_at(&self.strip(), (self.values.len(), 1), at) {
            selection.item = Some(index);
        }
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        view! { <Strip stage/> }.into_any()
    }
}

fn read<T>(stage: OpenStage, read: impl FnOnce(&VectorView) -> T) -> Option<T> {
    let with = |artifact: &Artifact, photo: Size| match artifact {
        Artifact::Vector(values) => Some(read(&VectorView { values, photo })),
        _ => None,
    };
    stage.reading(|it| with(it.artifact, it.photo)).flatten()
}

/// The number that a key leads to.
fn stepped(key: &str, index: usize, count: usize) -> Option<usize> {
    let last = count.saturating_sub(1);
    let to = match key {
        "ArrowLeft" => index.saturating_sub(1),
        "ArrowRight" => index + 1,
        "ArrowUp" => index.checked_sub(COLUMNS).unwrap_or(index),
        "ArrowDown" if index + COLUMNS > last => index,
        "ArrowDown" => index + COLUMNS,
        "Home" => 0,
        "End" => last,
        _ => return None,
    };
    Some(to.min(last))
}

/// The numbers in rows; point at one, or move by the arrow keys.
#[component]
fn Strip(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    let view = use_view();
    let chosen = Memo::new(move |_| read(stage, |it| it.chosen(&stage.selection())).flatten().unwrap_or_default());
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let _ = view.is_dark(); // tracked: other tokens
        let index = chosen.get();
        let drawn = read(stage, |it| {
            let size = (COLUMNS, it.rows().max(1));
            let context = prepared(&canvas, Size::new(size.0 as f32 * CELL, size.1 as f32 * CELL), 1.0)?;
            context.set_image_smoothing_enabled(false);
            let from = raster(&it.pixels(size, bright(&Tokens::read())), size)?;
            let (width, height) = (f64::from(canvas.width()), f64::from(canvas.height()));
            context.draw_image_with_html_canvas_element_and_dw_and_dh(&from, 0.0, 0.0, width, height)?;
            let cell = f64::from(CELL);
            let (x, y) = ((index % COLUMNS) as f64 * cell, (index / COLUMNS) as f64 * cell);
            for (width, colour) in [(5.0, "#000"), (2.5, "#fff")] {
                context.set_line_width(width);
                context.set_stroke_style_str(colour);
                context.stroke_rect(x + 1.0, y + 1.0, cell - 2.0, cell - 2.0);
            }
            Ok::<(), JsValue>(())
        });
        if let Some(Err(error)) = drawn {
            leptos::logging::error!("the vector could not be drawn: {error:?}");
        }
    });
    let count = move || read(stage, |it| it.values.len()).unwrap_or_default();
    let choose = move |index: usize| stage.choose(|it| (it.item, it.pointed) = (Some(index), None));
    let point = move |at: (i32, i32)| {
        let Some(canvas) = node.get_untracked() else { return };
        let part =
            (at.0 as f32 / canvas.client_width().max(1) as f32, at.1 as f32 / canvas.client_height().max(1) as f32);
        let rows = untrack(|| read(stage, |it| it.rows())).unwrap_or_default();
        let cell = cell_at(&BBox::new(0.0, 0.0, 1.0, 1.0), (COLUMNS, rows), part);
        if let Some(index) = cell.map(|(x, y)| y * COLUMNS + x).filter(|&it| it < untrack(count)) {
            choose(index);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if let Some(index) = stepped(&event.key(), chosen.get_untracked(), untrack(count)) {
            event.prevent_default();
            choose(index);
        }
    };
    let reading = move || read(stage, |it| it.reading(&stage.selection())).flatten();
    let range = move || {
        let (min, max) = read(stage, |it| it.range()).unwrap_or_default();
        format!("Black is {}, the brightest {}.", number(min), number(max))
    };
    view! {
        <section class="vector" aria-label="The vector">
            <canvas node_ref=node class="vector-canvas" data-testid="vector" tabindex="0" role="slider" aria-label="Number of the vector"
                aria-valuemin="1" aria-valuemax=move || count().to_string() aria-valuenow=move || (chosen.get() + 1).to_string()
                aria-valuetext=reading on:keydown=on_key
                on:click=move |event: MouseEvent| point((event.offset_x(), event.offset_y()))
                on:pointermove=move |event: PointerEvent| point((event.offset_x(), event.offset_y()))></canvas>
            <p class="reading stage-reading" data-testid="vector-reading">{reading}</p>
            <p class="field-hint">{range}</p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_read_by_pointer_choice_or_size() {
        let values: Vec<f32> = (0..256).map(|i| if i == 40 { 3.5 } else { 0.0 }).collect();
        let view = VectorView { values: &values, photo: Size::new(512.0, 100.0) };
        let mut selection = Selection::default();
        assert_eq!(view.reading(&selection).as_deref(), Some("Number 41 of 256: 3.50"));
        view.press((21.0, 99.0), 0.0, &mut selection);
        assert_eq!((selection.item, view.chosen(&selection)), (Some(10), Some(10)));
        view.press((21.0, 10.0), 0.0, &mut selection);
        assert_eq!(selection.item, Some(10), "above the strip is nothing");
        selection.pointed = Some((511.0, 95.0));
        assert_eq!(view.chosen(&selection), Some(255));
        assert!(
            view.words(&selection)
                .starts_with("The whole photo as 256 numbers from 0.00 to 3.50: 1 kB. 255 of them are zero")
        );
        assert_eq!(view.pixels((COLUMNS, 8), [200, 0, 0]).len(), 256 * 4);
        assert_eq!(VectorView { values: &[], photo: Size::default() }.reading(&selection), None);
    }

    #[test]
    fn keys_go_through_the_rows() {
        assert_eq!((stepped("ArrowDown", 3, 256), stepped("ArrowDown", 250, 256)), (Some(35), Some(250)));
        assert_eq!(
            (stepped("ArrowLeft", 0, 256), stepped("End", 0, 256), stepped("a", 0, 256)),
            (Some(0), Some(255), None)
        );
    }
}
