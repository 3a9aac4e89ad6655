//! Default boxes and anchors on their grids: the boxes of a cell before and after correction, with what the head says.

use leptos::prelude::*;
use model::structures::{
    boxes::BBox,
    classes::coco_name,
    stage::{AnchorGrid, Anchors, Artifact},
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    anchor_cell::Cell,
    choice::{Choice, Switch, thousands},
    marks::{Line, NEUTRAL, cell_at, cell_box, dot, grid, moved, outline, whole},
    raster::{bright, cover, heat_pixels, raster},
};
use crate::{
    adjust::ScoreSlider,
    inside::selection::{OpenStage, Reading, Selection},
    paint::pen::{Pen, Shown, Tag},
    palette::Palette,
};

/// Boxes on grids under the visitor's score.
pub struct AnchorsView<'a> {
    pub anchors: &'a Anchors,
    palette: Palette,
    score: f32,
    photo: BBox,
}

/// A box of the chosen cell in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub index: usize,
    /// Its number in the cell, from 1.
    pub number: usize,
    pub slot: usize,
    /// Whether it fired.
    pub fired: bool,
    /// Its best classes.
    pub classes: Vec<(&'static str, String)>,
    /// dx, dy, dw, dh.
    pub correction: Option<[f32; 4]>,
}

impl<'a> AnchorsView<'a> {
    /// The boxes of a stage.
    pub fn of(anchors: &'a Anchors, it: &Reading) -> Self {
        let palette = Palette::of(it.detections());
        let photo = BBox::new(0.0, 0.0, it.photo.width, it.photo.height);
        Self { anchors, palette, score: it.settings.score, photo }
    }

    fn best(&self, index: usize) -> (u16, f32) {
        self.anchors.top(index).next().unwrap_or_default()
    }

    fn fired(&self, index: usize) -> bool {
        self.best(index).1 >= self.score
    }

    fn slot(&self, index: usize) -> usize {
        let (class, _) = self.best(index);
        if self.fired(index) && class != 0 { self.palette.slot(class) } else { NEUTRAL }
    }

    /// The boxes of a grid as indices.
    fn of_grid(&self, grid: usize) -> std::ops::Range<usize> {
        let Some(it) = self.anchors.grids.get(grid) else { return 0..0 };
        let first = self.anchors.of_cell(grid, (0, 0)).start;
        first..first + it.width * it.height * it.per_cell
    }

    /// Grid and cell of a box.
    fn place(&self, index: usize) -> Option<(usize, (usize, usize))> {
        let grid = (0..self.anchors.grids.len()).find(|&grid| self.of_grid(grid).contains(&index))?;
        let AnchorGrid { width, per_cell, .. } = self.anchors.grids[grid];
        let cell = (index - self.of_grid(grid).start) / per_cell.max(1);
        Some((grid, (cell % width, cell / width)))
    }

    /// The surest of some boxes.
    fn surest(&self, boxes: std::ops::Range<usize>) -> Option<usize> {
        boxes.max_by(|&a, &b| self.best(a).1.total_cmp(&self.best(b).1))
    }

    /// The chosen grid and cell; where nothing is chosen, those of the surest box.
    pub fn chosen(&self, selection: &Selection) -> Option<(usize, (usize, usize))> {
        let grid = selection.grid.filter(|&it| it < self.anchors.grids.len());
        let usual = self.place(self.surest(grid.map_or(0..self.anchors.len(), |it| self.of_grid(it)))?)?;
        let grid = grid.unwrap_or(usual.0);
        let it = self.anchors.grids.get(grid)?;
        let cell = selection.cell.map(|(x, y)| (x.min(it.width - 1), y.min(it.height - 1)));
        Some((grid, cell.filter(|_| selection.grid.is_some()).unwrap_or(usual.1)))
    }

    /// The best classes of a box; one where the head knows no classes.
    fn named(&self, index: usize) -> impl Iterator<Item = (u16, f32)> + '_ {
        self.anchors.top(index).take(if self.is_class_agnostic() { 1 } else { usize::MAX })
    }

    pub fn rows(&self, selection: &Selection) -> Vec<Row> {
        let Some((grid, cell)) = self.chosen(selection) else { return vec![] };
        let name = |class: u16| if class == 0 { "object" } else { coco_name(class).unwrap_or("unknown") };
        let boxes = self.anchors.of_cell(grid, cell).enumerate();
        boxes
            .map(|(place, index)| Row {
                index,
                number: place + 1,
                slot: self.slot(index),
                fired: self.fired(index),
                classes: self.named(index).map(|(class, score)| (name(class), percent(score))).collect(),
                correction: self.anchors.correction(index),
            })
            .collect()
    }

    /// Whether the head only tells objects from background, as a region proposal network does.
    fn is_class_agnostic(&self) -> bool {
        self.anchors.classes.first() == Some(&0)
    }

    /// The largest score of each cell of a grid, row by row.
    fn cell_scores(&self, grid: usize) -> Vec<f32> {
        let Some(&AnchorGrid { per_cell, .. }) = self.anchors.grids.get(grid) else { return vec![] };
        let scores: Vec<f32> = self.of_grid(grid).map(|index| self.best(index).1).collect();
        scores.chunks_exact(per_cell.max(1)).map(|cell| cell.iter().copied().fold(0.0, f32::max)).collect()
    }

    /// How many boxes of each grid fired.
    fn fired_by_grid(&self) -> Vec<usize> {
        (0..self.anchors.grids.len()).map(|it| self.of_grid(it).filter(|&index| self.fired(index)).count()).collect()
    }

    fn draw_fired(&self, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
        let mut fired: Vec<usize> = (0..self.anchors.len()).filter(|&index| self.fired(index)).collect();
        fired.sort_by(|&a, &b| self.best(a).1.total_cmp(&self.best(b).1));
        for &index in &fired {
            if let Some(before) = self.anchors.bbox(index) {
                outline(pen, &shown.view, &before, Line::dashed(NEUTRAL).faint(0.5))?;
            }
        }
        for &index in &fired {
            if let Some(after) = self.anchors.corrected(index) {
                outline(pen, &shown.view, &after, Line::solid(self.slot(index)))?;
            }
        }
        Ok(())
    }

    fn draw_cell(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let Some((chosen, cell)) = self.chosen(selection) else { return Ok(()) };
        let it = &self.anchors.grids[chosen];
        let size = (it.width, it.height);
        if self.is_class_agnostic() {
            let heat = heat_pixels(self.cell_scores(chosen).into_iter(), bright(pen.tokens));
            cover(pen, &shown.view, &whole(shown), &raster(&heat, size)?, 0.7)?;
        }
        grid(pen, &shown.view, &whole(shown), size)?;
        for index in self.of_grid(chosen).filter(|&index| self.fired(index)) {
            if let Some(bbox) = self.anchors.bbox(index) {
                dot(pen, &shown.view, bbox.centre(), 3.5, self.slot(index))?;
            }
        }
        let at = cell_box(&whole(shown), size, cell);
        outline(pen, &shown.view, &at, Line { width: 3.0, ..Line::solid(NEUTRAL) })?;
        let boxes = self.anchors.of_cell(chosen, cell);
        let is_shown = |index: &usize| selection.item.is_none_or(|item| item == *index || !boxes.contains(&item));
        let mut tags = Vec::new();
        for index in boxes.clone().filter(is_shown) {
            let (Some(before), Some(after)) = (self.anchors.bbox(index), self.anchors.corrected(index)) else {
                continue;
            };
            let alpha = if self.fired(index) || selection.item == Some(index) { 1.0 } else { 0.55 };
            outline(pen, &shown.view, &before, Line::dashed(NEUTRAL).faint(alpha))?;
            outline(pen, &shown.view, &after, Line::solid(self.slot(index)).faint(alpha))?;
            let number = (index - boxes.start + 1).to_string();
            tags.push(Tag { bbox: after, number, name: String::new(), slot: self.slot(index) });
        }
        pen.labels(&tags, &shown.view)
    }
}

impl StageView for AnchorsView<'_> {
    fn words(&self, _: &Selection) -> String {
        let fired = self.fired_by_grid();
        let (all, count) = (self.anchors.len(), fired.iter().sum::<usize>());
        let (score, grids) = (percent(self.score), self.anchors.grids.len());
        let all = thousands(all as f64);
        if self.is_class_agnostic() {
            return format!(
                "{all} anchors of fixed sizes lie on {grids} grids. Of each the network says only whether an object is there: \
                 {count} have an objectness of {score} or more.",
            );
        }
        let others = thousands((self.anchors.len() - count) as f64);
        format!(
            "{all} boxes of fixed sizes lie on {grids} grids. {count} of them fired with {score} or more; the other {others} say \
             that nothing is there.",
        )
    }

    fn to_try(&self) -> &'static str {
        if self.is_class_agnostic() {
            return "Choose another grid: which one lights up on the smallest thing, which on the largest? Click a cell.";
        }
        "Click an empty place: its boxes answer as well, only unsure. Then find which grid sees the largest thing."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        if selection.all { self.draw_fired(pen, shown) } else { self.draw_cell(pen, shown, selection) }
    }

    fn press(&self, at: (f32, f32), _: f32, selection: &mut Selection) {
        let Some((grid, _)) = self.chosen(selection) else { return };
        let it = &self.anchors.grids[grid];
        if let Some(cell) = cell_at(&self.photo, (it.width, it.height), at) {
            *selection = Selection { grid: Some(grid), cell: Some(cell), item: None, all: false, ..*selection };
        }
    }

    fn key(&self, key: &str, selection: &mut Selection) -> bool {
        let (Some((grid, cell)), Some(_)) = (self.chosen(selection), selection.cell) else { return false };
        if key == "Escape" {
            (selection.cell, selection.item) = (None, None);
            return true;
        }
        let it = &self.anchors.grids[grid];
        let Some(cell) = moved(key, cell, (it.width, it.height)) else { return false };
        (selection.cell, selection.item) = (Some(cell), None);
        true
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        let grids = Signal::derive(move || read(stage, grid_names).unwrap_or_default());
        let chosen =
            Signal::derive(move || read(stage, |view| view.chosen(&stage.selection())).flatten().map_or(0, |it| it.0));
        let choose = move |grid: usize| {
            stage.choose(|it| *it = Selection { grid: Some(grid), cell: None, item: None, all: false, ..*it });
        };
        view! {
            <Choice id="grid" label="Grid, and how many of its boxes fired" options=grids chosen choose/>
            <Cell stage/>
            <Switch id="all-fired" label="Show all that fired" on=Signal::derive(move || stage.selection().all)
                set=move |all| stage.choose(|it| it.all = all)/>
            <ScoreSlider/>
        }
        .into_any()
    }
}

fn grid_names(view: &AnchorsView) -> Vec<String> {
    let name = |(it, fired): (&AnchorGrid, usize)| {
        let size = if it.width == it.height { it.width.to_string() } else { format!("{} × {}", it.width, it.height) };
        if fired == 0 { size } else { format!("{size} ({fired})") }
    };
    view.anchors.grids.iter().zip(view.fired_by_grid()).map(name).collect()
}

/// Reads the boxes of the open stage.
pub fn read<T>(stage: OpenStage, read: impl FnOnce(&AnchorsView) -> T) -> Option<T> {
    let with = |it: &Reading| match it.artifact {
        Artifact::Anchors(anchors) => Some(read(&AnchorsView::of(anchors, it))),
        _ => None,
    };
    stage.reading(with).flatten()
}

fn percent(part: f32) -> String {
    match part * 100.0 {
        percent if percent < 0.05 => "<0.1%".into(),
        percent if percent < 0.95 => format!("{percent:.1}%"),
        percent => format!("{percent:.0}%"),
    }
}

#[cfg(test)]
mod tests {
    use model::structures::stage::TOP;

    use super::*;

    /// A grid of 2 x 1 cells with 2 boxes each and one of 1 x 1 with 1 box; box 2 fires.
    fn anchors() -> Anchors {
        let grid = |width, height, per_cell| AnchorGrid { width, height, per_cell };
        let scores = |index: usize| if index == 2 { [0.9, 0.1, 0.05] } else { [0.2, 0.1, 0.05] };
        Anchors {
            grids: vec![grid(2, 1, 2), grid(1, 1, 1)],
            boxes: (0..20).map(|i| i as f32).collect(),
            corrections: (0..20).map(|i| i as f32 / 10.0).collect(),
            corrected: (0..20).map(|i| i as f32 + 1.0).collect(),
            classes: [1, 18, 17].repeat(5),
            scores: (0..5).flat_map(scores).collect(),
        }
    }

    fn view(anchors: &Anchors) -> AnchorsView<'_> {
        AnchorsView { anchors, palette: Palette::default(), score: 0.5, photo: BBox::new(0.0, 0.0, 200.0, 100.0) }
    }

    #[test]
    fn the_surest_box_is_shown_until_a_cell_is_chosen() {
        let anchors = anchors();
        let (view, mut selection) = (view(&anchors), Selection::default());
        assert_eq!(view.chosen(&selection), Some((0, (1, 0))));
        assert!(view.words(&selection).starts_with("5 boxes of fixed sizes lie on 2 grids. 1 of them fired with 50%"));
        view.press((20.0, 50.0), 0.0, &mut selection);
        assert_eq!(view.chosen(&selection), Some((0, (0, 0))));
        let rows = view.rows(&selection);
        assert_eq!(rows.iter().map(|row| (row.index, row.fired)).collect::<Vec<_>>(), [(0, false), (1, false)]);
        assert_eq!(rows[1].correction, Some([0.4, 0.5, 0.6, 0.7]));
        assert_eq!((rows[0].classes.len(), rows[0].classes[0].clone()), (TOP, ("person", "20%".to_owned())));
    }

    #[test]
    fn arrow_keys_move_a_chosen_cell_only() {
        let anchors = anchors();
        let (view, mut selection) = (view(&anchors), Selection::default());
        assert!(!view.key("ArrowLeft", &mut selection), "the key is for the stages");
        view.press((150.0, 50.0), 0.0, &mut selection);
        assert!(view.key("ArrowLeft", &mut selection) && selection.cell == Some((0, 0)));
        assert!(!view.key("a", &mut selection));
        assert!(view.key("Escape", &mut selection) && selection.cell.is_none());
    }

    #[test]
    fn boxes_know_their_grid_and_fired_ones_are_counted() {
        let anchors = anchors();
        let view = view(&anchors);
        assert_eq!((view.place(3), view.place(4), view.place(5)), (Some((0, (1, 0))), Some((1, (0, 0))), None));
        assert_eq!((view.fired_by_grid(), grid_names(&view)), (vec![1, 0], vec!["2 × 1 (1)".to_owned(), "1".into()]));
        let empty = Anchors::default();
        assert_eq!(self::view(&empty).chosen(&Selection::default()), None);
    }
}
