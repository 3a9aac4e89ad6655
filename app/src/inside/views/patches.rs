//! The patches of a sliding window: where each lies on the photo, and all of them side by side.

use leptos::{html::Canvas, prelude::*};
use model::structures::{
    boxes::BBox,
    stage::{Artifact, Region},
};
use wasm_bindgen::JsValue;
use web_sys::{HtmlCanvasElement, KeyboardEvent, MouseEvent};

use super::{
    StageView,
    bars::percent,
    choice::thousands,
    marks::{Line, NEUTRAL, cell_at, cell_box, dot, moved, outline},
    raster::{picture_pixels, raster},
    stepping::Moves,
};
use crate::{
    inside::selection::{OpenStage, Selection},
    paint::prepared,
    paint::{
        pen::{Pen, Shown},
        view::Size,
    },
};

/// The stage with the patches of a sliding window.
pub const STAGE: &str = "patches";
/// Pixels of a patch in the contact sheet.
const TILE: f32 = 32.0;

/// Squares cut out of the photo round the cells of a grid.
pub struct PatchesView<'a> {
    /// The patches, row by row.
    pub regions: &'a [Region],
    /// The photo's size in its own pixels.
    pub photo: Size,
}

impl PatchesView<'_> {
    /// Patches across and down.
    fn grid(&self) -> (usize, usize) {
        let Some(first) = self.regions.first() else { return (0, 0) };
        let columns = self.regions.iter().take_while(|it| it.bbox.y0 == first.bbox.y0).count();
        (columns, self.regions.len() / columns.max(1))
    }

    const fn whole(&self) -> BBox {
        BBox::new(0.0, 0.0, self.photo.width, self.photo.height)
    }

    /// Column and row of the chosen patch; without a choice that in the middle.
    fn cell(&self, selection: &Selection) -> (usize, usize) {
        let (columns, rows) = self.grid();
        let (x, y) = selection.cell.unwrap_or((columns / 2, rows / 2));
        (x.min(columns.saturating_sub(1)), y.min(rows.saturating_sub(1)))
    }

    fn index(&self, (x, y): (usize, usize)) -> usize {
        y * self.grid().0 + x
    }

    fn chosen(&self, selection: &Selection) -> Option<&Region> {
        self.regions.get(self.index(self.cell(selection)))
    }

    /// How much of its pixels a patch shares with the one beside it, 0 to 1.
    fn shared(&self) -> Option<f32> {
        let [first, second, ..] = self.regions else { return None };
        Some(first.bbox.intersection(&second.bbox) / first.bbox.area())
    }

    /// The chosen patch, in words.
    fn reading(&self, selection: &Selection) -> String {
        let cell = self.cell(selection);
        let (x, y) = cell_box(&self.whole(), self.grid(), cell).centre();
        format!(
            "Patch {} of {}: the answer is for the pixel in its middle, ({x:.0}, {y:.0}).",
            self.index(cell) + 1,
            self.regions.len(),
        )
    }

    /// Draws all patches side by side, the chosen one framed.
    fn draw_sheet(&self, canvas: &HtmlCanvasElement, selection: &Selection) -> Result<(), JsValue> {
        let (columns, rows) = self.grid();
        let context = prepared(canvas, Size::new(columns as f32 * TILE, rows as f32 * TILE), 1.0)?;
        let (chosen, side) = (self.index(self.cell(selection)), f64::from(TILE));
        for (index, region) in self.regions.iter().enumerate() {
            let Some(picture) = &region.picture else { continue };
            let from = raster(&picture_pixels(picture), (picture.width, picture.height))?;
            let (x, y) = ((index % columns) as f64 * side, (index / columns) as f64 * side);
            context.draw_image_with_html_canvas_element_and_dw_and_dh(
                &from,
                x + 1.0,
                y + 1.0,
                side - 2.0,
                side - 2.0,
            )?;
            if index == chosen {
                for (inset, width, colour) in [(1.0, 4.0, "#000"), (1.0, 2.0, "#fff")] {
                    context.set_line_width(width);
                    context.set_stroke_style_str(colour);
                    context.stroke_rect(x + inset, y + inset, side - 2.0 * inset, side - 2.0 * inset);
                }
            }
        }
        Ok(())
    }
}

impl StageView for PatchesView<'_> {
    fn words(&self, _: &Selection) -> String {
        let Some(first) = self.regions.first() else { return "There are no patches.".into() };
        let pixels = f64::from(self.photo.width) * f64::from(self.photo.height);
        let shared = self.shared().map(|part| format!(" Two neighbours share {} of their pixels.", percent(part)));
        format!(
            "{} patches of {:.0} × {:.0} pixels, each a pass of the network; a pass for every pixel would be {:.0} × {:.0} = \
             {} passes.{}",
            self.regions.len(),
            first.bbox.width(),
            first.bbox.height(),
            self.photo.width,
            self.photo.height,
            thousands(pixels),
            shared.unwrap_or_default(),
        )
    }

    fn to_try(&self) -> &'static str {
        "Choose two patches side by side: nearly all pixels are the same, and the network computes them all twice."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        for region in self.regions {
            dot(pen, &shown.view, region.bbox.centre(), 1.75, NEUTRAL)?;
        }
        let Some(region) = self.chosen(selection) else { return Ok(()) };
        pen.dim_outside(&region.bbox, shown);
        outline(pen, &shown.view, &region.bbox, Line::solid(NEUTRAL))?;
        outline(pen, &shown.view, &cell_box(&self.whole(), self.grid(), self.cell(selection)), Line::solid(0))
    }

    fn press(&self, at: (f32, f32), _: f32, selection: &mut Selection) {
        if let Some(cell) = cell_at(&self.whole(), self.grid(), at) {
            selection.cell = Some(cell);
        }
    }

    fn key(&self, key: &str, selection: &mut Selection) -> bool {
        let Some(cell) = selection.cell else { return false };
        if key == "Escape" {
            selection.cell = None;
            return true;
        }
        let Some(cell) = moved(key, cell, self.grid()) else { return false };
        selection.cell = Some(cell);
        true
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        view! { <Sheet stage/> }.into_any()
    }
}

fn read<T>(stage: OpenStage, read: impl FnOnce(&PatchesView) -> T) -> Option<T> {
    let with = |artifact: &Artifact, photo: Size| match artifact {
        Artifact::Regions(regions) => Some(read(&PatchesView { regions, photo })),
        _ => None,
    };
    stage.reading(|it| with(it.artifact, it.photo)).flatten()
}

/// All patches side by side; click one, or move by the arrow keys.
#[component]
fn Sheet(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        if let Some(Err(error)) = read(stage, |view| view.draw_sheet(&canvas, &stage.selection())) {
            leptos::logging::error!("the patches could not be drawn: {error:?}");
        }
    });
    let go = move |key: &str| {
        let to = untrack(|| read(stage, |view| moved(key, view.cell(&stage.selection()), view.grid()))).flatten();
        if let Some(cell) = to {
            stage.choose(|it| it.cell = Some(cell));
        }
        to.is_some()
    };
    let on_click = move |event: MouseEvent| {
        let Some(canvas) = node.get_untracked() else { return };
        let part = (
            event.offset_x() as f32 / canvas.client_width().max(1) as f32,
            event.offset_y() as f32 / canvas.client_height().max(1) as f32,
        );
        let sheet = BBox::new(0.0, 0.0, 1.0, 1.0);
        if let Some(cell) = untrack(|| read(stage, |view| cell_at(&sheet, view.grid(), part))).flatten() {
            stage.choose(|it| it.cell = Some(cell));
        }
    };
    let on_key = move |event: KeyboardEvent| {
        if go(&event.key()) {
            event.prevent_default();
        }
    };
    let reading = Memo::new(move |_| read(stage, |view| view.reading(&stage.selection())).unwrap_or_default());
    let place = move || {
        let index = read(stage, |view| (view.index(view.cell(&stage.selection())) + 1, view.regions.len()));
        index.unwrap_or_default()
    };
    view! {
        <section class="sheet" aria-label="All patches">
            <div class="block-head">
                <h3 class="block-title">"All patches"</h3>
                <Moves label="Patch" go=move |key| { go(key); }/>
            </div>
            <canvas node_ref=node class="sheet-canvas" data-testid="sheet" tabindex="0" role="slider" aria-label="Patch"
                aria-valuemin="1" aria-valuemax=move || place().1.to_string() aria-valuenow=move || place().0.to_string()
                aria-valuetext=move || reading.get() on:click=on_click on:keydown=on_key></canvas>
            <p class="reading stage-reading" aria-live="polite">{move || reading.get()}</p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions() -> Vec<Region> {
        // Three across, two down, on 300 x 200 pixels, each 160 wide.
        let region = |i: usize| {
            let (x, y) = ((i % 3) as f32 * 100.0 + 50.0, (i / 3) as f32 * 100.0 + 50.0);
            let bbox = BBox::new(x - 80.0, y - 80.0, x + 80.0, y + 80.0);
            Region { bbox, candidate: None, picture: None, features: None }
        };
        (0..6).map(region).collect()
    }

    #[test]
    fn patches_are_counted_and_every_pixel_would_be_a_pass() {
        let regions = regions();
        let view = PatchesView { regions: &regions, photo: Size::new(300.0, 200.0) };
        assert_eq!((view.grid(), view.cell(&Selection::default())), ((3, 2), (1, 1)));
        let words = view.words(&Selection::default());
        assert!(
            words.starts_with("6 patches of 160 × 160 pixels") && words.contains("300 × 200 = 60,000 passes"),
            "{words}"
        );
        assert!((view.shared().expect("several") - 60.0 / 160.0).abs() < 1e-6);
        let mut selection = Selection::default();
        view.press((290.0, 20.0), 0.0, &mut selection);
        assert_eq!(selection.cell, Some((2, 0)));
        assert_eq!(view.reading(&selection), "Patch 3 of 6: the answer is for the pixel in its middle, (250, 50).");
        assert!(view.key("ArrowDown", &mut selection));
        assert_eq!(view.chosen(&selection), Some(&regions[5]));
        let none = PatchesView { regions: &[], photo: Size::default() };
        assert!(none.chosen(&selection).is_none() && none.grid() == (0, 0));
    }
}
