//! YOLO's cells: the boxes and the class of each, over the photo and as a wall of numbers.

use leptos::prelude::*;
use model::structures::{
    boxes::BBox,
    classes::COCO,
    stage::{Artifact, CellBox, Cells},
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    bars::{Bar, Bars, percent},
    cell_wall::{TensorSize, Wall},
    choice::{Switch, number, thousands},
    marks::{Line, NEUTRAL, cell_at, cell_box, grid, moved, outline, whole},
    raster::{bright, cover, heat_pixels, raster},
};
use crate::{
    adjust::ScoreSlider,
    inside::selection::{OpenStage, Reading, Selection},
    paint::pen::{Pen, Shown, Tag},
    palette::Palette,
    swatch::swatch_class,
};

/// Classes of a cell that are listed.
const LISTED: usize = 5;

/// Cells under the visitor's score.
pub struct CellsView<'a> {
    pub cells: &'a Cells,
    palette: Palette,
    score: f32,
    photo: BBox,
}

/// A box of the chosen cell in words.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    /// Its number in the cell, from 1.
    number: usize,
    slot: usize,
    /// How sure it is, and the class that it is most likely of.
    confidence: String,
    class: String,
    /// Centre in cells, width and height in photos.
    numbers: [f32; 4],
}

impl<'a> CellsView<'a> {
    /// The cells of a stage.
    pub fn of(cells: &'a Cells, it: &Reading) -> Self {
        let photo = BBox::new(0.0, 0.0, it.photo.width, it.photo.height);
        Self { cells, palette: Palette::of(it.detections()), score: it.settings.score, photo }
    }

    const fn grid(&self) -> (usize, usize) {
        (self.cells.side, self.cells.side)
    }

    const fn index(&self, (x, y): (usize, usize)) -> usize {
        y * self.cells.side + x
    }

    /// The likeliest class of a cell, a place in [`COCO`], and its probability.
    fn class(&self, cell: usize) -> (usize, f32) {
        let classes = self.cells.classes_of(cell).iter().copied().enumerate();
        classes.max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default()
    }

    /// The score of each box of a cell: its confidence times the probability of the likeliest class.
    fn scores(&self, cell: usize) -> impl Iterator<Item = f32> + '_ {
        let (_, chance) = self.class(cell);
        self.cells.boxes_of(cell).iter().map(move |it| it.confidence * chance)
    }

    fn best_score(&self, cell: usize) -> f32 {
        self.scores(cell).fold(0.0, f32::max)
    }

    fn slot(&self, cell: usize, score: f32) -> usize {
        if score >= self.score { self.palette.slot(COCO[self.class(cell).0].0) } else { NEUTRAL }
    }

    /// Column and row of the chosen cell; where nothing is chosen, of the surest.
    pub fn chosen(&self, selection: &Selection) -> Option<(usize, usize)> {
        let side = self.cells.side;
        let usual = (0..side * side).max_by(|&a, &b| self.best_score(a).total_cmp(&self.best_score(b)))?;
        Some(selection.cell.map_or((usual % side, usual / side), |(x, y)| (x.min(side - 1), y.min(side - 1))))
    }

    /// The numbers of a cell as its tile has them, 0 to 1: centre, size and confidence of each box, then the classes.
    pub fn numbers(&self, cell: usize) -> Vec<f32> {
        let boxes = self.cells.boxes_of(cell).iter().flat_map(|it| {
            let [x, y, width, height] = self.place(cell, it);
            [x, y, width, height, it.confidence]
        });
        boxes.chain(self.cells.classes_of(cell).iter().copied()).collect()
    }

    /// Centre of a box within its cell, width and height within the photo.
    fn place(&self, cell: usize, it: &CellBox) -> [f32; 4] {
        let (x, y) = it.bbox.centre();
        let side = self.cells.side;
        let inside = |at: f32, length: f32, cell: usize| at / length * side as f32 - cell as f32;
        let (width, height) = (self.photo.width(), self.photo.height());
        [
            inside(x, width, cell % side),
            inside(y, height, cell / side),
            it.bbox.width() / width,
            it.bbox.height() / height,
        ]
    }

    fn rows(&self, selection: &Selection) -> Vec<Row> {
        let Some(cell) = self.chosen(selection).map(|it| self.index(it)) else { return vec![] };
        let (class, _) = self.class(cell);
        let boxes = self.cells.boxes_of(cell).iter().zip(self.scores(cell)).enumerate();
        let row = |(i, (it, score)): (usize, (&CellBox, f32))| Row {
            number: i + 1,
            slot: self.slot(cell, score),
            confidence: percent(it.confidence),
            class: format!("{} {}", COCO[class].1, percent(score)),
            numbers: self.place(cell, it),
        };
        boxes.map(row).collect()
    }

    fn bars(&self, selection: &Selection) -> Vec<Bar> {
        let Some(cell) = self.chosen(selection).map(|it| self.index(it)) else { return vec![] };
        let mut classes: Vec<_> = self.cells.classes_of(cell).iter().copied().enumerate().collect();
        classes.sort_by(|a, b| b.1.total_cmp(&a.1));
        classes.truncate(LISTED);
        let bar =
            |(place, &(class, chance)): (usize, &(usize, f32))| Bar::of_probability(COCO[class].1, chance, place == 0);
        classes.iter().enumerate().map(bar).collect()
    }

    /// All boxes, the surer the thicker.
    fn draw_all(&self, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
        let cells = 0..self.cells.side * self.cells.side;
        let mut boxes: Vec<(f32, usize, &CellBox)> = cells
            .flat_map(|cell| self.scores(cell).zip(self.cells.boxes_of(cell)).map(move |(score, it)| (score, cell, it)))
            .collect();
        boxes.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (score, cell, it) in boxes {
            let line = Line { width: f64::from(1.0 + 4.0 * score), ..Line::solid(self.slot(cell, score)) };
            outline(pen, &shown.view, &it.bbox, line.faint(f64::from((0.25 + score).min(1.0))))?;
        }
        Ok(())
    }

    fn draw_cell(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let Some(chosen) = self.chosen(selection) else { return Ok(()) };
        let cell = self.index(chosen);
        let scores = (0..self.cells.side * self.cells.side).map(|cell| self.best_score(cell));
        let heat = heat_pixels(scores, bright(pen.tokens));
        cover(pen, &shown.view, &whole(shown), &raster(&heat, self.grid())?, 0.6)?;
        grid(pen, &shown.view, &whole(shown), self.grid())?;
        let at = cell_box(&whole(shown), self.grid(), chosen);
        outline(pen, &shown.view, &at, Line { width: 3.0, ..Line::solid(NEUTRAL) })?;
        let mut tags = Vec::new();
        for (i, (it, score)) in self.cells.boxes_of(cell).iter().zip(self.scores(cell)).enumerate() {
            let slot = self.slot(cell, score);
            let line = Line { width: f64::from(1.5 + 3.0 * it.confidence), ..Line::solid(slot) };
            outline(pen, &shown.view, &it.bbox, line.faint(f64::from((0.4 + it.confidence).min(1.0))))?;
            tags.push(Tag { bbox: it.bbox, number: (i + 1).to_string(), name: percent(it.confidence), slot });
        }
        pen.labels(&tags, &shown.view)
    }
}

impl StageView for CellsView<'_> {
    fn words(&self, _: &Selection) -> String {
        let Cells { side, per_cell, .. } = *self.cells;
        let cells = side * side;
        let fired = (0..cells).flat_map(|cell| self.scores(cell)).filter(|&it| it >= self.score).count();
        let (classes, boxes) = (self.cells.class_count(), cells * per_cell);
        format!(
            "One pass gave {side} \u{d7} {side} \u{d7} (5 \u{d7} {per_cell} + {classes}) = {} numbers, and nothing else was computed: each \
             cell says where its {per_cell} boxes are, how sure it is of each, and which one class they are of. {fired} of \
             {boxes} boxes have a score of {} or more.",
            thousands((cells * (5 * per_cell + classes)) as f64),
            percent(self.score),
        )
    }

    fn to_try(&self) -> &'static str {
        "Click the middle of a thing: the cell that its centre lies in answers for it. Two things in one cell? One is lost."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        if selection.all { self.draw_all(pen, shown) } else { self.draw_cell(pen, shown, selection) }
    }

    fn press(&self, at: (f32, f32), _: f32, selection: &mut Selection) {
        if let Some(cell) = cell_at(&self.photo, self.grid(), at) {
            (selection.cell, selection.all) = (Some(cell), false);
        }
    }

    fn key(&self, key: &str, selection: &mut Selection) -> bool {
        let (Some(cell), Some(_)) = (self.chosen(selection), selection.cell) else { return false };
        if key == "Escape" {
            selection.cell = None;
            return true;
        }
        let Some(cell) = moved(key, cell, self.grid()) else { return false };
        selection.cell = Some(cell);
        true
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        let rows = Memo::new(move |_| read(stage, |view| view.rows(&stage.selection())).unwrap_or_default());
        let bars = Signal::derive(move || read(stage, |view| view.bars(&stage.selection())).unwrap_or_default());
        let chosen = Memo::new(move |_| read(stage, |view| view.chosen(&stage.selection())).flatten());
        let title = move || chosen.get().map(|(x, y)| format!("Cell ({x}, {y})"));
        view! {
            <Wall stage/>
            <section class="cell" data-testid="cell" data-cell=move || chosen.get().map(|(x, y)| format!("{x},{y}"))>
                <h3 class="block-title">{title}</h3>
                <ol class="cell-boxes">{move || rows.get().into_iter().map(|row| view! { <BoxRow row/> }).collect_view()}</ol>
                <Bars id="cell-classes" title="If there is something, what is it?" bars/>
            </section>
            <Switch id="all-boxes" label="Show the boxes of all cells" on=Signal::derive(move || stage.selection().all)
                set=move |all| stage.choose(|it| it.all = all)/>
            <ScoreSlider/>
            <TensorSize/>
        }
        .into_any()
    }
}

/// Reads the cells of the open stage.
pub fn read<T>(stage: OpenStage, read: impl FnOnce(&CellsView) -> T) -> Option<T> {
    let with = |it: &Reading| match it.artifact {
        Artifact::Cells(cells) => Some(read(&CellsView::of(cells, it))),
        _ => None,
    };
    stage.reading(with).flatten()
}

/// A box of the cell.
#[component]
fn BoxRow(
    /// The box.
    row: Row,
) -> impl IntoView {
    let item = |(name, value): (&'static str, f32)| view! { <div><dt>{name}</dt><dd>{number(value)}</dd></div> };
    let numbers = ["x", "y", "w", "h"].into_iter().zip(row.numbers).map(item).collect_view();
    view! {
        <li data-testid="cell-box"><div class="row-button box-row">
            <span class="row-number">{row.number}</span>
            <span class=swatch_class(row.slot) aria-hidden="true"></span>
            <span class="box-best">{format!("confidence {}", row.confidence)}</span>
            <span class="box-others">{row.class}</span>
            <dl class="correction">{numbers}</dl>
        </div></li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells() -> Cells {
        let of = |x: f32, confidence| CellBox { bbox: BBox::new(x - 10.0, 20.0, x + 10.0, 40.0), confidence };
        // Two by two cells over 100 x 100 pixels; a dog in the second.
        let mut classes = vec![0.0; 4 * COCO.len()];
        classes[COCO.len() + 16] = 0.9;
        classes[COCO.len() + 15] = 0.1;
        let boxes = vec![of(25.0, 0.1), of(25.0, 0.0), of(75.0, 0.2), of(60.0, 0.8)];
        Cells { side: 2, per_cell: 2, boxes: [boxes, vec![of(25.0, 0.0); 4]].concat(), classes }
    }

    #[test]
    fn the_surest_cell_is_shown_first() {
        let cells = cells();
        let photo = BBox::new(0.0, 0.0, 100.0, 100.0);
        let view = CellsView { cells: &cells, palette: Palette::default(), score: 0.5, photo };
        let mut selection = Selection::default();
        assert_eq!(view.chosen(&selection), Some((1, 0)));
        let rows = view.rows(&selection);
        assert_eq!((rows[1].confidence.as_str(), rows[1].class.as_str()), ("80%", "dog 72%"));
        for (found, expected) in rows[1].numbers.into_iter().zip([0.2, 0.6, 0.2, 0.2]) {
            assert!((found - expected).abs() < 1e-5, "{found} is not {expected}");
        }
        assert_eq!(view.bars(&selection)[0].name, "dog");
        assert_eq!(view.numbers(1).len(), 90);
        assert!(view.words(&selection).contains("= 360 numbers") && view.words(&selection).contains("1 of 8 boxes"));
        view.press((10.0, 90.0), 0.0, &mut selection);
        assert_eq!(view.chosen(&selection), Some((0, 1)));
        assert!(view.key("ArrowRight", &mut selection) && view.chosen(&selection) == Some((1, 1)));
        assert!(view.key("Escape", &mut selection) && selection.cell.is_none());
    }
}
