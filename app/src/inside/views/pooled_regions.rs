//! Proposals cut out of the feature pyramid: whatever a region's size, the same grid of cells for the layers behind.

use leptos::prelude::*;
use model::structures::{
    boxes::BBox,
    proposal::level_of,
    stage::{Artifact, FeatureMap, Region},
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    choice::{Choice, Cover, number},
    marks::{Line, NEUTRAL, cell_at, cell_box, grid, outline},
    raster::{bright, channel_pixels, channel_range, cover, raster, shown_channel},
    stepping::Numbered,
};
use crate::{
    inside::selection::{OpenStage, Reading, Selection},
    paint::{
        pen::{Pen, Shown, Tag},
        view::hit,
    },
};

/// The stages that cut proposals out of the feature pyramid.
pub const STAGES: [&str; 3] = [ROI_ALIGN, SPATIAL_PYRAMID, "roi-pool"];
/// The stage that rounds nothing.
const ROI_ALIGN: &str = "roi-align-7";
/// The stage with several grids a region.
const SPATIAL_PYRAMID: &str = "spatial-pyramid";
/// Grids of a region there, the finest first.
const GRIDS: usize = 3;

/// Regions with what was cut out of the pyramid for each.
pub struct PooledRegionsView<'a> {
    regions: &'a [Region],
    /// Whether regions were rounded to whole cells.
    rounded: bool,
    /// Elements of `regions` that belong to the same region.
    grids: usize,
    /// The pyramid's maps, where the run has read them.
    levels: &'a [FeatureMap],
    photo: BBox,
}

impl<'a> PooledRegionsView<'a> {
    /// The regions of a stage.
    pub fn of(regions: &'a [Region], it: &Reading<'a>) -> Self {
        let levels = it.run.stage("feature-pyramid").and_then(|stage| stage.artifact.as_ref());
        let levels = if let Some(Artifact::FeatureMaps(maps)) = levels { &maps[..] } else { &[] };
        let photo = BBox::new(0.0, 0.0, it.photo.width, it.photo.height);
        let grids = if it.key == SPATIAL_PYRAMID { GRIDS } else { 1 };
        Self { regions, rounded: it.key != ROI_ALIGN, grids, levels, photo }
    }

    /// Regions on show, each once.
    fn count(&self) -> usize {
        self.regions.len() / self.grids
    }

    /// The chosen region and its number.
    fn chosen(&self, selection: &Selection) -> Option<(usize, &'a Region)> {
        let index = selection.item.filter(|&it| it < self.count()).unwrap_or_default();
        let grid = selection.grid.unwrap_or_default().min(self.grids - 1);
        self.regions.get(index * self.grids + grid).map(|region| (index, region))
    }

    fn features(&self, selection: &Selection) -> Option<(&'a FeatureMap, usize)> {
        let map = self.chosen(selection)?.1.features.as_ref()?;
        Some((map, shown_channel(map, selection.channel)?))
    }

    /// The map that a region is cut out of: fine maps for small regions, coarse ones for large.
    fn level(&self, region: &Region) -> Option<&'a FeatureMap> {
        let in_fractions = region.bbox.scale(1.0 / self.photo.width(), 1.0 / self.photo.height());
        self.levels.get(level_of(&in_fractions))
    }

    /// The whole cells that RoIPool takes for a region, in photo pixels.
    fn snapped(&self, region: &Region) -> Option<BBox> {
        let map = self.level(region).filter(|_| self.rounded)?;
        let cell = (self.photo.width() / map.width as f32, self.photo.height() / map.height as f32);
        let BBox { x0, y0, x1, y1 } = region.bbox;
        let first = |v: f32, size: f32| (v / size).round() * size;
        let last = |v: f32, size: f32| ((v / size).round() + 1.0) * size;
        Some(BBox::new(first(x0, cell.0), first(y0, cell.1), last(x1, cell.0), last(y1, cell.1)))
    }

    fn reading(&self, selection: &Selection) -> Option<String> {
        let ((_, region), (map, channel)) = (self.chosen(selection)?, self.features(selection)?);
        let (min, max) = channel_range(map, channel);
        let range = format!("Channel {channel}: {} to {}", number(min), number(max));
        let cell = selection.pointed.and_then(|at| cell_at(&self.cut(region), (map.width, map.height), at));
        let value = cell.and_then(|(x, y)| Some(((x, y), map.value(channel, x, y)?)));
        Some(match value {
            Some(((x, y), value)) => format!("{range}. Bin ({x}, {y}): {}", number(value)),
            None => range,
        })
    }

    /// What the bins cover, in photo pixels.
    fn cut(&self, region: &Region) -> BBox {
        self.snapped(region).unwrap_or(region.bbox)
    }
}

impl StageView for PooledRegionsView<'_> {
    fn words(&self, selection: &Selection) -> String {
        let (Some((index, region)), Some((map, _))) = (self.chosen(selection), self.features(selection)) else {
            return "There is no proposal to cut out.".into();
        };
        let (columns, rows) = (map.width, map.height);
        let on = self.level(region).map_or_else(String::new, |level| {
            let part = region.bbox.width() / self.photo.width() * level.width as f32;
            let high = region.bbox.height() / self.photo.height() * level.height as f32;
            format!(" It covers {part:.1} × {high:.1} cells of the {} × {} map.", level.width, level.height)
        });
        let how = if self.grids > 1 {
            " Each bin of three grids, 4 × 4, 2 × 2 and 1 × 1, keeps its largest number: 21 numbers a channel, whatever the size."
                .to_owned()
        } else if self.rounded {
            format!(
                " RoIPool rounds it to whole cells (dashed) and keeps the largest number of each of {columns} × {rows} bins."
            )
        } else {
            format!(
                " RoIAlign rounds nothing: each of {columns} × {rows} bins is the mean of four samples between cells."
            )
        };
        format!("Proposal {} of {} on show.{on}{how}", index + 1, self.count())
    }

    fn to_try(&self) -> &'static str {
        "Compare a small proposal with a large one: both become the same grid, so the same layers can read them."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let Some((index, region)) = self.chosen(selection) else { return Ok(()) };
        for it in self.regions.iter().rev() {
            outline(pen, &shown.view, &it.bbox, Line { width: 1.0, ..Line::solid(NEUTRAL) }.faint(0.2))?;
        }
        let cut = self.cut(region);
        if let Some((map, channel)) = self.features(selection) {
            let size = (map.width, map.height);
            let canvas = raster(&channel_pixels(map, channel, bright(pen.tokens)), size)?;
            cover(pen, &shown.view, &cut, &canvas, selection.opacity * 0.75)?;
            grid(pen, &shown.view, &cut, size)?;
            if let Some(cell) = selection.pointed.and_then(|at| cell_at(&cut, size, at)) {
                outline(pen, &shown.view, &cell_box(&cut, size, cell), Line::solid(NEUTRAL))?;
            }
        }
        if self.rounded {
            outline(pen, &shown.view, &cut, Line::dashed(NEUTRAL))?;
        }
        outline(pen, &shown.view, &region.bbox, Line { width: 3.0, ..Line::solid(0) })?;
        let tag = Tag { bbox: region.bbox, number: (index + 1).to_string(), name: String::new(), slot: 0 };
        pen.labels(&[tag], &shown.view)
    }

    fn follows_pointer(&self) -> bool {
        true
    }

    fn press(&self, at: (f32, f32), slack: f32, selection: &mut Selection) {
        let boxes: Vec<_> = self.regions.iter().step_by(self.grids).map(|it| it.bbox).collect();
        selection.item = hit(&boxes, at, slack);
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        let count = Signal::derive(move || read(stage, |view| view.count()).unwrap_or_default());
        let grids: Signal<Vec<String>> = Signal::derive(move || {
            let names = |view: &PooledRegionsView| {
                let name = |it: &Region| it.features.as_ref().map(|map| format!("{} × {}", map.width, map.height));
                view.regions.iter().take(view.grids).filter_map(name).collect()
            };
            read(stage, names).unwrap_or_default()
        });
        let grid = Signal::derive(move || stage.selection().grid.unwrap_or_default());
        let chosen = Signal::derive(move || {
            read(stage, |view| view.chosen(&stage.selection()).map(|it| it.0)).flatten().unwrap_or_default()
        });
        let channels = Signal::derive(move || {
            read(stage, |view| view.features(&stage.selection()).map(|it| it.0.channels)).flatten().unwrap_or(1)
        });
        let channel = Signal::derive(move || {
            read(stage, |view| view.features(&stage.selection()).map(|it| it.1)).flatten().unwrap_or_default()
        });
        let reading = move || read(stage, |view| view.reading(&stage.selection())).flatten();
        view! {
            <Numbered id="proposal" label="Proposal" count chosen
                words=Signal::derive(move || format!("{} of {}", chosen.get() + 1, count.get()))
                set=move |index| stage.choose(|it| it.item = Some(index))/>
            <Show when=move || { grids.with(Vec::len) > 1 }>
                <Choice id="pyramid-grid" label="Grid" options=grids chosen=grid
                    choose=move |grid| stage.choose(|it| it.grid = Some(grid))/>
            </Show>
            <Numbered id="channel" label="Channel" count=channels chosen=channel
                words=Signal::derive(move || channel.get().to_string())
                set=move |index| stage.choose(|it| it.channel = Some(index))/>
            <p class="stage-reading" data-testid="reading" aria-live="polite">{reading}</p>
            <Cover stage/>
        }
        .into_any()
    }
}

fn read<T>(stage: OpenStage, read: impl FnOnce(&PooledRegionsView) -> T) -> Option<T> {
    let with = |it: &Reading| match it.artifact {
        Artifact::Regions(regions) => Some(read(&PooledRegionsView::of(regions, it))),
        _ => None,
    };
    stage.reading(with).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_rounded_to_whole_cells_of_its_level() {
        let map = |side: usize| FeatureMap::from_values("map", (side, side, 1), &vec![0.0; side * side]);
        let levels = [map(52), map(26), map(13)];
        let photo = BBox::new(0.0, 0.0, 520.0, 260.0);
        let region = |bbox| Region { bbox, candidate: None, picture: None, features: None };
        let regions = [region(BBox::new(104.0, 12.0, 118.0, 21.0)), region(BBox::new(0.0, 0.0, 519.0, 259.0))];
        let view = PooledRegionsView { regions: &regions, rounded: true, grids: 1, levels: &levels, photo };
        // Cells of 10 x 5 pixels: columns 10 to 12 and rows 2 to 4.
        assert_eq!(view.snapped(&regions[0]), Some(BBox::new(100.0, 10.0, 130.0, 25.0)));
        assert_eq!(view.level(&regions[1]).map(|it| it.width), Some(13));
        let aligned = PooledRegionsView { rounded: false, ..view };
        assert_eq!(aligned.cut(&regions[0]), regions[0].bbox);
    }
}
