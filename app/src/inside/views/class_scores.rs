//! A map of scores for each class over the whole photo: a heat map a class, and all scores of one cell.

use leptos::prelude::*;
use model::structures::stage::{Artifact, FeatureMap, ScoreMaps};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    bars::{percent, softmax},
    choice::Cover,
    marks::{Line, NEUTRAL, cell_at, cell_box, moved, outline},
    raster::{bright, cover, raster},
    stepping::Moves,
};
use crate::{
    inside::selection::{OpenStage, Reading, Selection},
    paint::pen::{Pen, Shown},
};

/// The stage whose scores have those of masks added.
const JOINT: &str = "joint-scores";
/// The stages with the scores of classes.
pub const STAGES: [&str; 3] = ["score-maps", JOINT, "shifted-passes"];
/// The class that is everything else.
const BACKGROUND: usize = 0;
/// Classes of a cell that are put in words.
const TOLD: usize = 3;

/// Scores of classes over the photo.
pub struct ClassScoresView<'a> {
    /// The logits.
    scores: &'a ScoreMaps,
    /// Passes over pixels that the stage itself has made; 0 where it reads maps that are there.
    passes: u32,
    /// Whether masks were added.
    joint: bool,
}

/// The scores of a cell as probabilities, class by class; empty outside of the map.
fn probabilities(map: &FeatureMap, (x, y): (usize, usize)) -> Vec<f32> {
    let scores: Option<Vec<f32>> = (0..map.channels).map(|class| map.value(class, x, y)).collect();
    softmax(&scores.unwrap_or_default())
}

impl<'a> ClassScoresView<'a> {
    /// The scores of a stage.
    pub fn of(scores: &'a ScoreMaps, it: &Reading) -> Self {
        Self { scores, passes: it.run.stage(it.key).map_or(0, |stage| stage.passes), joint: it.key == JOINT }
    }

    const fn size(&self) -> (usize, usize) {
        (self.scores.maps.width, self.scores.maps.height)
    }

    fn name(&self, class: usize) -> &str {
        self.scores.names.get(class).map_or("unknown", |name| &**name)
    }

    fn cells(&self) -> impl Iterator<Item = (usize, usize)> {
        let (width, height) = self.size();
        (0..height).flat_map(move |y| (0..width).map(move |x| (x, y)))
    }

    /// In how many cells each class is the likeliest.
    fn wins(&self) -> Vec<usize> {
        let mut wins = vec![0; self.scores.maps.channels];
        for cell in self.cells() {
            // The largest logit has the largest probability.
            let score = |class: &usize| self.scores.maps.value(*class, cell.0, cell.1).unwrap_or(f32::NEG_INFINITY);
            let best = (0..wins.len()).reduce(|best, class| if score(&class) > score(&best) { class } else { best });
            if let Some(best) = best {
                wins[best] += 1;
            }
        }
        wins
    }

    /// The class whose map is on show: without a choice the one that most cells are, the background last.
    fn class(&self, selection: &Selection) -> usize {
        let usual = || {
            let wins = self.wins();
            let things = (BACKGROUND + 1..wins.len()).filter(|&class| wins[class] > 0);
            things.max_by_key(|&class| (wins[class], std::cmp::Reverse(class))).unwrap_or(BACKGROUND)
        };
        selection.item.filter(|&class| class < self.scores.maps.channels).unwrap_or_else(usual)
    }

    /// The probability of a class in each cell, row by row.
    fn heat(&self, class: usize) -> Vec<f32> {
        self.cells()
            .map(|cell| probabilities(&self.scores.maps, cell).get(class).copied().unwrap_or_default())
            .collect()
    }

    /// The cell that is read: under the pointer, else the chosen one, else the surest of a class.
    fn cell(&self, selection: &Selection) -> Option<(usize, usize)> {
        let pointed = selection.pointed.and_then(|at| cell_at(&self.scores.region, self.size(), at));
        let (width, height) = self.size();
        let chosen = selection.cell.map(|(x, y)| (x.min(width.saturating_sub(1)), y.min(height.saturating_sub(1))));
        pointed.or(chosen).or_else(|| {
            let heat = self.heat(self.class(selection));
            let best = (0..heat.len()).max_by(|&a, &b| heat[a].total_cmp(&heat[b]))?;
            Some((best % width, best / width))
        })
    }

    /// The cell that is read with the probabilities of all classes there.
    fn column(&self, selection: &Selection) -> Option<((usize, usize), Vec<f32>)> {
        let cell = self.cell(selection)?;
        Some((cell, probabilities(&self.scores.maps, cell)))
    }

    /// What the cell says, in words.
    fn reading(&self, (x, y): (usize, usize), probabilities: &[f32]) -> String {
        let mut classes: Vec<usize> = (0..probabilities.len()).collect();
        classes.sort_by(|&a, &b| probabilities[b].total_cmp(&probabilities[a]));
        let told =
            classes.iter().take(TOLD).map(|&class| format!("{} {}", self.name(class), percent(probabilities[class])));
        format!("Cell ({x}, {y}): {}", told.collect::<Vec<_>>().join(", "))
    }
}

impl StageView for ClassScoresView<'_> {
    fn words(&self, selection: &Selection) -> String {
        let (width, height) = self.size();
        let class = self.class(selection);
        let from = match self.passes {
            0 | 1 if self.joint => "those of the score maps with more for a class inside each of its masks".to_owned(),
            0 | 1 => "all from one pass".to_owned(),
            passes => format!("from {passes} passes over the photo, each moved by a few pixels"),
        };
        let share = self.wins().get(class).copied().unwrap_or_default() as f32 / (width * height).max(1) as f32;
        format!(
            "{} scores for each of {width} × {height} cells, {from}. The map shows how likely “{}” is: in {} of the cells it is \
             the likeliest.",
            self.scores.maps.channels,
            self.name(class),
            percent(share),
        )
    }

    fn to_try(&self) -> &'static str {
        "Move over the edge of a thing and watch two bars change places. Then choose a class that is not in the photo at all."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let bright = bright(pen.tokens);
        let pixel = |part: f32| {
            // In 0 to 255: a part of a byte.
            let [red, green, blue] = bright.map(|value| (f32::from(value) * part).round() as u8);
            [red, green, blue, 255]
        };
        let pixels: Vec<u8> = self.heat(self.class(selection)).into_iter().flat_map(pixel).collect();
        if pixels.is_empty() {
            return Ok(());
        }
        cover(pen, &shown.view, &self.scores.region, &raster(&pixels, self.size())?, selection.opacity)?;
        match self.cell(selection) {
            Some(cell) => {
                let bbox = cell_box(&self.scores.region, self.size(), cell);
                outline(pen, &shown.view, &bbox, Line::solid(NEUTRAL))
            }
            None => Ok(()),
        }
    }

    fn follows_pointer(&self) -> bool {
        true
    }

    fn press(&self, at: (f32, f32), _: f32, selection: &mut Selection) {
        if let Some(cell) = cell_at(&self.scores.region, self.size(), at) {
            selection.cell = Some(cell);
        }
    }

    fn key(&self, key: &str, selection: &mut Selection) -> bool {
        let Some(cell) = selection.cell else { return false };
        if key == "Escape" {
            selection.cell = None;
            return true;
        }
        let Some(cell) = moved(key, cell, self.size()) else { return false };
        (selection.cell, selection.pointed) = (Some(cell), None);
        true
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        view! {
            <Column stage/>
            <Cover stage/>
        }
        .into_any()
    }
}

fn read<T>(stage: OpenStage, read: impl FnOnce(&ClassScoresView) -> T) -> Option<T> {
    let with = |it: &Reading| match it.artifact {
        Artifact::ScoreMaps(maps) => maps.first().map(|scores| read(&ClassScoresView::of(scores, it))),
        _ => None,
    };
    stage.reading(with).flatten()
}

/// All scores of a cell; a click on a class shows its map.
#[component]
fn Column(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let names = read(stage, |view| view.scores.names.iter().map(ToString::to_string).collect::<Vec<_>>());
    let column = Memo::new(move |_| read(stage, |view| view.column(&stage.selection())).flatten());
    let class = Memo::new(move |_| read(stage, |view| view.class(&stage.selection())).unwrap_or_default());
    let reading = move || column.get().and_then(|(cell, all)| read(stage, |view| view.reading(cell, &all)));
    let go = move |key: &'static str| {
        let to = untrack(|| read(stage, |view| moved(key, view.cell(&stage.selection())?, view.size()))).flatten();
        if let Some(cell) = to {
            stage.choose(|it| (it.cell, it.pointed) = (Some(cell), None));
        }
    };
    let row = move |(index, name): (usize, String)| {
        let probability =
            move || column.with(|it| it.as_ref().and_then(|(_, all)| all.get(index).copied())).unwrap_or_default();
        let choose = move |_| stage.choose(|it| it.item = Some(index));
        let class_name = name.clone();
        view! {
            <li>
                <button type="button" class="row-button class-row" data-testid="class-score" data-class=class_name
                    aria-pressed=move || (class.get() == index).to_string() on:click=choose
                    style:--part=move || format!("{:.4}", probability())>
                    <span>{name}</span>
                    <span class="short-score">{move || percent(probability())}</span>
                </button>
            </li>
        }
    };
    view! {
        <section class="cell" data-testid="column" data-cell=move || column.get().map(|((x, y), _)| format!("{x},{y}"))>
            <div class="block-head">
                <h3 class="block-title">"All classes at one place"</h3>
                <Moves label="Cell" go/>
            </div>
            <p class="reading stage-reading" aria-live="polite">{reading}</p>
            <ul class="class-rows">{names.unwrap_or_default().into_iter().enumerate().map(row).collect_view()}</ul>
            <p class="field-hint">"A click on a class shows its map. The probabilities at one place sum to 100%."</p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    /// Two cells side by side with three classes: the left one is sure of class 2, the right one of class 0.
    fn scores() -> ScoreMaps {
        let maps = FeatureMap::from_values("logits", (1, 2, 3), &[0.0, 1.0, 5.0, 5.0, 0.0, 1.0]);
        let names = ["background", "cat", "dog"].map(Into::into).to_vec();
        ScoreMaps { region: BBox::new(0.0, 0.0, 200.0, 100.0), candidate: None, names, maps, peaks: vec![] }
    }

    #[test]
    fn a_cells_logits_are_told_as_probabilities() {
        let scores = scores();
        let view = ClassScoresView { scores: &scores, passes: 1, joint: false };
        let selection = Selection { pointed: Some((50.0, 50.0)), ..Selection::default() };
        let (cell, all) = view.column(&selection).expect("on the photo");
        assert_eq!(cell, (0, 0));
        assert!((all.iter().sum::<f32>() - 1.0).abs() < 1e-5);
        let exact = 1.0 / (1.0 + (-4.0_f32).exp() + (-5.0_f32).exp());
        assert!((all[2] - exact).abs() < 0.01, "{all:?}");
        assert!(view.reading(cell, &all).starts_with("Cell (0, 0): dog 98%"), "{}", view.reading(cell, &all));
        assert!(probabilities(&scores.maps, (2, 0)).is_empty(), "outside");
    }

    #[test]
    fn the_map_of_the_largest_thing_is_shown_until_a_class_is_chosen() {
        let scores = scores();
        let (view, mut selection) =
            (ClassScoresView { scores: &scores, passes: 16, joint: false }, Selection::default());
        assert_eq!((view.wins(), view.class(&selection)), (vec![1, 0, 1], 2));
        assert_eq!(view.cell(&selection), Some((0, 0)), "where it is surest");
        let words = view.words(&selection);
        assert!(
            words.contains("how likely “dog” is: in 50% of the cells") && words.contains("from 16 passes"),
            "{words}"
        );
        selection.item = Some(1);
        assert_eq!(view.class(&selection), 1);
        assert!(!view.key("ArrowRight", &mut selection), "the strip's until a cell is chosen");
        view.press((20.0, 20.0), 0.0, &mut selection);
        assert!(view.key("ArrowRight", &mut selection));
        assert_eq!((selection.cell, view.cell(&selection)), (Some((1, 0)), Some((1, 0))));
        assert!(view.key("Escape", &mut selection) && selection.cell.is_none());
    }
}
