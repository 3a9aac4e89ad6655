//! The probabilities that the mask branch gives each thing, as cells over it, and the outline that a threshold makes of
//! them.

use leptos::prelude::*;
use model::structures::{
    classes::coco_name,
    mask::{InstanceMask, SIDE},
    stage::Artifact,
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    choice::{Choice, Cover, number},
    marks::{Line, NEUTRAL, cell_at, cell_box, grid, outline, stroke},
    raster::{cover, heat_pixels, raster},
};
use crate::{
    adjust::Slider,
    contours::Outline,
    inside::selection::{OpenStage, Reading, Selection},
    paint::{
        pen::{Pen, Shown, Tag},
        tint::rgb,
        view::hit,
    },
    palette::Palette,
};

/// The grid of every mask.
const GRID: (usize, usize) = (SIDE, SIDE);

/// Grids of probabilities.
pub struct MaskGridsView<'a> {
    masks: &'a [InstanceMask],
    slots: Vec<usize>,
}

impl<'a> MaskGridsView<'a> {
    /// The masks of a run, in the colours that the result has.
    pub fn of(masks: &'a [InstanceMask], it: &Reading) -> Self {
        let classes: Vec<u16> = masks.iter().map(|mask| mask.class).collect();
        Self { masks, slots: Palette::of(it.detections()).instances(&classes) }
    }

    fn chosen(&self, selection: &Selection) -> Option<(usize, &'a InstanceMask)> {
        let index = selection.item.unwrap_or_default().min(self.masks.len().checked_sub(1)?);
        Some((index, &self.masks[index]))
    }

    fn names(&self) -> Vec<String> {
        let name = |mask: &InstanceMask| coco_name(mask.class).unwrap_or("unknown");
        self.masks.iter().enumerate().map(|(index, mask)| format!("{} {}", index + 1, name(mask))).collect()
    }

    /// The cell under the pointer with its probability.
    fn pointed(&self, selection: &Selection) -> Option<((usize, usize), f32)> {
        let (_, mask) = self.chosen(selection)?;
        let (x, y) = cell_at(&mask.bbox, GRID, selection.pointed?)?;
        Some(((x, y), probability(*mask.cells.get(y * SIDE + x)?)))
    }

    fn reading(&self, selection: &Selection) -> String {
        let Some(((x, y), part)) = self.pointed(selection) else { return "Point at the thing to read a cell.".into() };
        let verdict = if part >= selection.threshold { "the thing" } else { "not the thing" };
        format!("Cell ({x}, {y}): {:.0}%, {verdict}", part * 100.0)
    }

    /// How many cells count, in words.
    fn count_words(&self, selection: &Selection) -> Option<String> {
        let (_, mask) = self.chosen(selection)?;
        let threshold = selection.threshold * 100.0;
        let all = mask.cells.len();
        let (count, sure) = (above(mask, selection.threshold), undecided(mask));
        Some(format!("{count} of {all} cells have {threshold:.0}% or more. {sure} are undecided: between 10% and 90%."))
    }
}

/// The probability of a cell, 0 to 1.
fn probability(cell: u8) -> f32 {
    f32::from(cell) / 255.0
}

/// How many cells have at least a probability.
fn above(mask: &InstanceMask, threshold: f32) -> usize {
    mask.cells.iter().filter(|&&cell| probability(cell) >= threshold).count()
}

/// How many cells are neither surely the thing nor surely not.
fn undecided(mask: &InstanceMask) -> usize {
    mask.cells.iter().filter(|&&cell| (0.1..0.9).contains(&probability(cell))).count()
}

impl StageView for MaskGridsView<'_> {
    fn words(&self, selection: &Selection) -> String {
        let Some((_, mask)) = self.chosen(selection) else { return "No thing is sure enough to get a mask.".into() };
        format!(
            "Each thing gets {SIDE} × {SIDE} probabilities, whatever its size: one cell covers {} × {} pixels of the photo here. The \
             outline runs where they reach the threshold, interpolated between the middles of the cells.",
            number(mask.bbox.width() / SIDE as f32),
            number(mask.bbox.height() / SIDE as f32),
        )
    }

    fn to_try(&self) -> &'static str {
        "Move the threshold from 10% to 90%: a sure edge hardly moves, thin legs come and go."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let Some((index, mask)) = self.chosen(selection) else { return Ok(()) };
        let (view, slot) = (&shown.view, self.slots[index]);
        pen.dim_outside(&mask.bbox, shown);
        if mask.cells.len() == SIDE * SIDE {
            let parts = mask.cells.iter().map(|&cell| probability(cell));
            let canvas = raster(&heat_pixels(parts, rgb(pen.tokens.colour(slot))), GRID)?;
            cover(pen, view, &mask.bbox, &canvas, selection.opacity)?;
        }
        let cell = view.to_canvas(&cell_box(&mask.bbox, GRID, (0, 0)));
        // Closer lines would hide the cells.
        if cell.width().min(cell.height()) >= MIN_CELL {
            grid(pen, view, &mask.bbox, GRID)?;
        }
        outline(pen, view, &mask.bbox, Line::solid(slot))?;
        pen.context.begin_path();
        Outline::at(mask, selection.threshold * 255.0).trace(pen.context, view);
        stroke(pen, Line { width: 2.5, ..Line::solid(NEUTRAL) })?;
        if let Some((cell, _)) = self.pointed(selection) {
            outline(pen, view, &cell_box(&mask.bbox, GRID, cell), Line::solid(NEUTRAL))?;
        }
        let name = coco_name(mask.class).unwrap_or("unknown").to_owned();
        pen.labels(&[Tag { bbox: mask.bbox, number: (index + 1).to_string(), name, slot }], view)
    }

    fn follows_pointer(&self) -> bool {
        true
    }

    fn press(&self, at: (f32, f32), slack: f32, selection: &mut Selection) {
        let boxes: Vec<_> = self.masks.iter().map(|mask| mask.bbox).collect();
        selection.item = hit(&boxes, at, slack).or(selection.item);
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        if self.masks.is_empty() {
            return ().into_any();
        }
        let names = Signal::derive(move || read(stage, |view| view.names()).unwrap_or_default());
        let chosen = Signal::derive(move || {
            read(stage, |view| view.chosen(&stage.selection())?.0.into()).flatten().unwrap_or(0)
        });
        let count = Memo::new(move |_| read(stage, |view| view.count_words(&stage.selection())).flatten());
        let reading = move || read(stage, |view| view.reading(&stage.selection()));
        view! {
            <Choice id="region" label="Thing" options=names chosen choose=move |item| stage.choose(|it| it.item = Some(item))/>
            <Slider
                id="threshold"
                label="Threshold"
                hint="From which probability on a cell is the thing; the result takes 50%"
                lowest=0.0
                value=Signal::derive(move || stage.selection().threshold)
                set=move |value| stage.choose(|it| it.threshold = value)
            />
            <p class="stage-reading" data-testid="mask-count" aria-live="polite">{move || count.get()}</p>
            <p class="reading stage-reading" data-testid="mask-reading">{reading}</p>
            <Cover stage/>
        }
        .into_any()
    }
}

/// CSS pixels that a cell has at least where lines are drawn between cells.
const MIN_CELL: f32 = 5.0;

fn read<T>(stage: OpenStage, read: impl FnOnce(&MaskGridsView) -> T) -> Option<T> {
    let with = |it: &Reading| match it.artifact {
        Artifact::Masks(masks) => Some(read(&MaskGridsView::of(masks, it))),
        _ => None,
    };
    stage.reading(with).flatten()
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    /// The probability grows from left to right: 0, 9, 18 ... of 255.
    fn mask(x0: f32) -> InstanceMask {
        let cells = (0..SIDE * SIDE).map(|i| (i % SIDE * 9) as u8).collect();
        InstanceMask { candidate: 0, bbox: BBox::new(x0, 0.0, x0 + 56.0, 280.0), class: 18, score: 0.9, cells }
    }

    fn view(masks: &[InstanceMask]) -> MaskGridsView<'_> {
        MaskGridsView { masks, slots: (0..masks.len()).collect() }
    }

    #[test]
    fn cells_above_the_threshold_are_counted() {
        let mask = mask(0.0);
        assert_eq!([0.0, 0.5, 1.0].map(|it| above(&mask, it)), [784, 13 * SIDE, 0]);
        assert_eq!(undecided(&mask), 23 * SIDE, "steps 27 to 225 of 255");
        let masks = [mask];
        let words = view(&masks).count_words(&Selection::default()).expect("a mask");
        assert!(words.starts_with("364 of 784 cells have 50% or more."), "{words}");
    }

    #[test]
    fn one_half_is_where_the_result_draws_the_line() {
        use model::structures::mask::THING;
        assert!(probability(THING) >= 0.5 && probability(THING - 1) < 0.5);
    }

    #[test]
    fn the_cell_under_the_pointer_follows_the_threshold() {
        let masks = [mask(0.0), mask(100.0)];
        let (view, mut selection) = (view(&masks), Selection { pointed: Some((29.0, 15.0)), ..Selection::default() });
        assert_eq!(view.reading(&selection), "Cell (14, 1): 49%, not the thing");
        selection.threshold = 0.4;
        assert_eq!(view.reading(&selection), "Cell (14, 1): 49%, the thing");
        view.press((110.0, 10.0), 0.0, &mut selection);
        assert_eq!((selection.item, view.reading(&selection)), (Some(1), "Point at the thing to read a cell.".into()));
        assert_eq!(view.names(), ["1 dog", "2 dog"]);
        assert!(view.words(&selection).contains("one cell covers 2.00 × 10.0 pixels"));
    }
}
