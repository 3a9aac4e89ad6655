//! R-CNN's crops: a contact sheet of everything that went through the network, and where the chosen crop lies.

use leptos::{html::Canvas, prelude::*};
use model::structures::{
    boxes::{BBox, Candidate},
    classes::coco_name,
    stage::{Artifact, Region},
};
use wasm_bindgen::JsValue;
use web_sys::{HtmlCanvasElement, KeyboardEvent, MouseEvent};

use super::{
    StageView,
    bars::percent,
    choice::thousands,
    marks::{Line, NEUTRAL, cell_at, moved, outline},
    raster::raster,
    stepping::Moves,
};
use crate::{
    inside::selection::{OpenStage, Reading, Selection},
    paint::{
        pen::{Pen, Shown, Tag},
        prepared,
        view::Size,
    },
    palette::Palette,
};

/// The stage with the crops.
pub const STAGE: &str = "rcnn-crops";
/// Crops in a row of the sheet.
const COLUMNS: usize = 32;

/// Crops with what was found in each.
pub struct CropsView<'a> {
    /// The crops, in the order of the proposals.
    regions: &'a [Region],
    /// Detections before suppression; their priors are places among the crops.
    found: &'a [Candidate],
    palette: Palette,
    score: f32,
    photo: Size,
}

impl<'a> CropsView<'a> {
    /// The crops of a stage.
    pub fn of(regions: &'a [Region], it: &Reading<'a>) -> Self {
        let found = it.detections();
        Self { regions, found, palette: Palette::of(found), score: it.settings.score, photo: it.photo }
    }

    const fn grid(&self) -> (usize, usize) {
        (COLUMNS, self.regions.len().div_ceil(COLUMNS))
    }

    /// The best guess about a crop.
    fn best(&self, index: usize) -> Option<&'a Candidate> {
        let of_crop = self.found.iter().filter(|it| it.prior as usize == index);
        of_crop.max_by(|a, b| a.score.total_cmp(&b.score))
    }

    /// The chosen crop; without a choice the one with the surest guess.
    fn chosen(&self, selection: &Selection) -> Option<usize> {
        let last = self.regions.len().checked_sub(1)?;
        let usual = || self.found.iter().max_by(|a, b| a.score.total_cmp(&b.score)).map(|it| it.prior as usize);
        Some(selection.item.or_else(usual).unwrap_or_default().min(last))
    }

    fn cell(&self, selection: &Selection) -> (usize, usize) {
        let index = self.chosen(selection).unwrap_or_default();
        (index % COLUMNS, index / COLUMNS)
    }

    /// The crop in a cell of the sheet.
    fn at(&self, (x, y): (usize, usize)) -> Option<usize> {
        Some(y * COLUMNS + x).filter(|&index| index < self.regions.len())
    }

    fn name(guess: &Candidate) -> String {
        format!("{} {}", coco_name(guess.class).unwrap_or("unknown"), percent(guess.score))
    }

    fn reading(&self, selection: &Selection) -> Option<String> {
        let index = self.chosen(selection)?;
        let bbox = &self.regions[index].bbox;
        let said = self.best(index).map_or_else(|| "no class reaches 5%".into(), Self::name);
        Some(format!(
            "Crop {} of {}, {:.0} × {:.0} pixels: {said}.",
            index + 1,
            thousands(self.regions.len() as f64),
            bbox.width(),
            bbox.height()
        ))
    }

    /// The sheet's pixels: a tile for each crop.
    fn sheet(&self) -> Option<(Vec<u8>, (usize, usize))> {
        let side = self.regions.iter().find_map(|it| it.picture.as_ref())?.width;
        let (columns, rows) = self.grid();
        let (width, height) = (columns * side, rows * side);
        let mut rgba = vec![0; width * height * 4];
        for (index, region) in self.regions.iter().enumerate() {
            let Some(picture) = region.picture.as_ref().filter(|it| it.width == side) else { continue };
            let (left, top) = (index % columns * side, index / columns * side);
            for (y, row) in picture.rgb.chunks_exact(side * 3).enumerate().take(side) {
                let at = ((top + y) * width + left) * 4;
                for (pixel, rgb) in rgba[at..at + side * 4].chunks_exact_mut(4).zip(row.chunks_exact(3)) {
                    pixel.copy_from_slice(&[rgb[0], rgb[1], rgb[2], 255]);
                }
            }
        }
        Some((rgba, (width, height)))
    }

    fn draw_sheet(&self, canvas: &HtmlCanvasElement, selection: &Selection) -> Result<(), JsValue> {
        let Some((rgba, (width, height))) = self.sheet() else { return Ok(()) };
        let context = prepared(canvas, Size::new(width as f32, height as f32), 1.0)?;
        context.draw_image_with_html_canvas_element(&raster(&rgba, (width, height))?, 0.0, 0.0)?;
        let side = width as f64 / COLUMNS as f64;
        let (x, y) = self.cell(selection);
        for (line, colour) in [(6.0, "#000"), (3.0, "#fff")] {
            context.set_line_width(line);
            context.set_stroke_style_str(colour);
            context.stroke_rect(x as f64 * side + 1.0, y as f64 * side + 1.0, side - 2.0, side - 2.0);
        }
        Ok(())
    }
}

impl StageView for CropsView<'_> {
    fn words(&self, _: &Selection) -> String {
        let pixels: f32 = self.regions.iter().map(|it| it.bbox.clip(self.photo.width, self.photo.height).area()).sum();
        let times = pixels / (self.photo.width * self.photo.height).max(1.0);
        let sure = self.found.iter().filter(|it| it.score >= self.score).map(|it| it.prior);
        let sure = sure.collect::<std::collections::BTreeSet<_>>().len();
        let are = if sure == 1 { "crop is" } else { "crops are" };
        format!(
            "{} crops, each warped to one square and sent through the whole network alone: every pixel of the photo was computed \
             {times:.0} times on average. {sure} {are} something with {} or more.",
            thousands(self.regions.len() as f64),
            percent(self.score),
        )
    }

    fn to_try(&self) -> &'static str {
        "Move along the sheet: neighbours are nearly the same crop, and the network has computed each of them from the start."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let Some(index) = self.chosen(selection) else { return Ok(()) };
        let bbox = self.regions[index].bbox;
        pen.dim_outside(&bbox, shown);
        let guess = self.best(index).filter(|it| it.score >= self.score);
        let slot = guess.map_or(NEUTRAL, |it| self.palette.slot(it.class));
        outline(pen, &shown.view, &bbox, Line { width: 3.0, ..Line::solid(slot) })?;
        let name = guess.map(Self::name).unwrap_or_default();
        pen.labels(&[Tag { bbox, number: (index + 1).to_string(), name, slot }], &shown.view)
    }

    fn press(&self, at: (f32, f32), _: f32, selection: &mut Selection) {
        // The smallest crop there: large ones cover everything.
        let holds = |bbox: &BBox| (bbox.x0..bbox.x1).contains(&at.0) && (bbox.y0..bbox.y1).contains(&at.1);
        let there = self.regions.iter().enumerate().filter(|(_, region)| holds(&region.bbox));
        let smallest = there.min_by(|a, b| a.1.bbox.area().total_cmp(&b.1.bbox.area()));
        selection.item = smallest.map(|it| it.0).or(selection.item);
    }

    fn key(&self, key: &str, selection: &mut Selection) -> bool {
        if selection.item.is_none() {
            return false;
        }
        if key == "Escape" {
            selection.item = None;
            return true;
        }
        let to = moved(key, self.cell(selection), self.grid()).and_then(|cell| self.at(cell));
        selection.item = to.or(selection.item);
        to.is_some()
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        view! { <Sheet stage/> }.into_any()
    }
}

fn read<T>(stage: OpenStage, read: impl FnOnce(&CropsView) -> T) -> Option<T> {
    let with = |it: &Reading| match it.artifact {
        Artifact::Regions(regions) => Some(read(&CropsView::of(regions, it))),
        _ => None,
    };
    stage.reading(with).flatten()
}

/// All crops side by side; click one, or move by the arrow keys.
#[component]
fn Sheet(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        if let Some(Err(error)) = read(stage, |view| view.draw_sheet(&canvas, &stage.selection())) {
            leptos::logging::error!("the crops could not be drawn: {error:?}");
        }
    });
    let choose = move |cell: Option<(usize, usize)>| {
        let index = cell.and_then(|cell| untrack(|| read(stage, |view| view.at(cell))).flatten());
        if let Some(index) = index {
            stage.choose(|it| it.item = Some(index));
        }
        index.is_some()
    };
    let go = move |key: &str| {
        choose(untrack(|| read(stage, |view| moved(key, view.cell(&stage.selection()), view.grid()))).flatten())
    };
    let on_click = move |event: MouseEvent| {
        let Some(canvas) = node.get_untracked() else { return };
        let part = (
            event.offset_x() as f32 / canvas.client_width().max(1) as f32,
            event.offset_y() as f32 / canvas.client_height().max(1) as f32,
        );
        let sheet = BBox::new(0.0, 0.0, 1.0, 1.0);
        choose(untrack(|| read(stage, |view| cell_at(&sheet, view.grid(), part))).flatten());
    };
    let on_key = move |event: KeyboardEvent| {
        if go(&event.key()) {
            event.prevent_default();
        }
    };
    let reading = Memo::new(move |_| read(stage, |view| view.reading(&stage.selection())).flatten());
    let place = move || {
        let place = read(stage, |view| (view.chosen(&stage.selection()).map_or(0, |it| it + 1), view.regions.len()));
        place.unwrap_or_default()
    };
    view! {
        <section class="sheet" aria-label="All crops">
            <div class="block-head">
                <h3 class="block-title">"All crops"</h3>
                <Moves label="Crop" go=move |key| { go(key); }/>
            </div>
            <p class="reading stage-reading" data-testid="crop-reading" aria-live="polite">{move || reading.get()}</p>
            <canvas node_ref=node class="sheet-canvas" data-testid="crops" tabindex="0" role="slider" aria-label="Crop"
                aria-valuemin="1" aria-valuemax=move || place().1.to_string() aria-valuenow=move || place().0.to_string()
                aria-valuetext=move || reading.get() on:click=on_click on:keydown=on_key></canvas>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use model::structures::stage::Picture;

    use super::*;

    #[test]
    fn the_surest_crop_is_shown_and_a_click_takes_the_smallest_there() {
        let region = |x0: f32, side: f32| {
            let bbox = BBox::new(x0, 0.0, x0 + side, side);
            let picture = Some(Picture { width: 2, height: 2, rgb: vec![9; 12], region: bbox });
            Region { bbox, candidate: None, picture, features: None }
        };
        let regions: Vec<Region> = (0..40).map(|i| region(i as f32 * 10.0, 100.0 - i as f32)).collect();
        let guess = |prior, score| Candidate { bbox: regions[prior as usize].bbox, class: 18, score, prior };
        let found = [guess(3, 0.4), guess(34, 0.8)];
        let photo = Size::new(500.0, 100.0);
        let view = CropsView { regions: &regions, found: &found, palette: Palette::default(), score: 0.5, photo };
        let mut selection = Selection::default();
        assert_eq!((view.chosen(&selection), view.cell(&selection), view.grid()), (Some(34), (2, 1), (32, 2)));
        assert_eq!(view.reading(&selection).as_deref(), Some("Crop 35 of 40, 66 × 66 pixels: dog 80%."));
        let words = view.words(&selection);
        assert!(words.starts_with("40 crops") && words.contains("1 crop is something with 50%"), "{words}");
        view.press((105.0, 5.0), 0.0, &mut selection);
        assert_eq!(selection.item, Some(10));
        assert!(view.key("ArrowLeft", &mut selection) && selection.item == Some(9));
        selection.item = Some(39);
        assert!(!view.key("ArrowRight", &mut selection), "no crop lies there");
        let (rgba, size) = view.sheet().expect("pictures");
        assert_eq!((rgba.len(), size), (64 * 4 * 4, (64, 4)));
        let none = CropsView { regions: &[], found: &[], palette: Palette::default(), score: 0.5, photo };
        assert!(none.chosen(&selection).is_none() && none.sheet().is_none());
    }
}
