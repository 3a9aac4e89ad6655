//! Regions after RoIAlign: the bins of each region on the photo, where a bin takes its samples, and the features that come
//! of it.

use leptos::prelude::*;
use model::{
    catalog::PERSON_REGIONS,
    structures::{
        boxes::{BBox, Candidate},
        classes::coco_name,
        stage::{Artifact, FeatureMap, Region},
    },
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    choice::{Choice, Cover, number},
    feature_maps::{Channels, with_channel},
    marks::{Line, NEUTRAL, cell_at, cell_box, dot, grid, moved, outline},
    raster::{bright, channel_pixels, channel_range, cover, raster, shown_channel},
};
use crate::{
    inside::selection::{OpenStage, Reading, Selection},
    paint::{
        pen::{Pen, Shown},
        view::{Size, hit},
    },
    palette::Palette,
};

/// The stages with the regions of things on a finer map.
pub const STAGES: [&str; 3] = ["roi-align", "roi-align-14", PERSON_REGIONS.key];
/// Samples that a bin takes along each axis, as the network's RoIAlign has them (He et al. 2017, section 3).
const SAMPLES: usize = 2;

/// The regions of things with their pooled features.
pub struct RoiAlignView<'a> {
    regions: &'a [Region],
    candidates: &'a [Candidate],
    /// The map that the features are pooled from, if it is known.
    map: Option<&'a FeatureMap>,
    photo: Size,
    /// Whether the regions are of people.
    is_of_people: bool,
}

/// A region of the chosen thing with its features.
struct Chosen<'a> {
    index: usize,
    bbox: BBox,
    features: &'a FeatureMap,
    channel: usize,
    bin: (usize, usize),
}

impl Chosen<'_> {
    const fn bins(&self) -> (usize, usize) {
        (self.features.width, self.features.height)
    }
}

impl<'a> RoiAlignView<'a> {
    /// The regions of a stage.
    pub fn of(it: &Reading<'a>) -> Self {
        let regions = if let Artifact::Regions(regions) = it.artifact { &regions[..] } else { &[] };
        let pooled = regions.iter().find_map(|region| region.features.as_ref());
        // "aligned at stride 4" comes from the last maps of which one ends with "stride 4".
        let stride = pooled.and_then(|it| it.name.rsplit_once(" at ")).map(|it| it.1);
        let maps = it.run.artifacts().rev().filter_map(|it| match it {
            Artifact::FeatureMaps(maps) => Some(maps),
            _ => None,
        });
        let named = |map: &&FeatureMap| stride.is_some_and(|stride| map.name.ends_with(stride));
        let map = maps.flatten().find(named);
        let is_of_people = it.key == PERSON_REGIONS.key;
        Self { regions, candidates: it.detections(), map, photo: it.photo, is_of_people }
    }

    fn chosen(&self, selection: &Selection) -> Option<Chosen<'a>> {
        let index = selection.item.unwrap_or_default().min(self.regions.len().checked_sub(1)?);
        let region = &self.regions[index];
        let features = region.features.as_ref()?;
        let channel = shown_channel(features, selection.channel)?;
        let inside = |&(x, y): &(usize, usize)| x < features.width && y < features.height;
        let bin = selection.cell.filter(inside).unwrap_or_else(|| strongest(features, channel));
        Some(Chosen { index, bbox: region.bbox, features, channel, bin })
    }

    fn names(&self) -> Vec<String> {
        let name = |region: &Region| {
            let class = region.candidate.and_then(|it| self.candidates.get(it)).map(|it| it.class);
            class.map_or("whole photo", |class| coco_name(class).unwrap_or("unknown"))
        };
        self.regions.iter().enumerate().map(|(index, it)| format!("{} {}", index + 1, name(it))).collect()
    }

    /// The colours of the regions, as their masks have them.
    fn slots(&self) -> Vec<usize> {
        let class = |it: &Region| it.candidate.and_then(|it| self.candidates.get(it)).map_or(0, |it| it.class);
        Palette::of(self.candidates).instances(&self.regions.iter().map(class).collect::<Vec<_>>())
    }

    /// Cells of the map that a length of the photo covers, across and down.
    fn cells(&self, (width, height): (f32, f32)) -> Option<(f32, f32)> {
        let map = self.map.filter(|_| !self.photo.is_empty())?;
        Some((width / self.photo.width * map.width as f32, height / self.photo.height * map.height as f32))
    }

    /// The chosen bin in words.
    fn bin_words(&self, selection: &Selection) -> Option<String> {
        let it = self.chosen(selection)?;
        let (x, y) = it.bin;
        let value = it.features.value(it.channel, x, y)?;
        let (min, max) = channel_range(it.features, it.channel);
        let map = self.map.map_or(String::new(), |map| {
            let points = samples(&it.bbox, it.bins(), it.bin);
            let count = cells_read(&points, self.photo, (map.width, map.height)).len();
            format!(" They read {count} cells of the map.")
        });
        Some(format!(
            "Bin ({x}, {y}), channel {}: {}, the mean of {} samples.{map} The channel runs from {} to {} here.",
            it.channel,
            number(value),
            SAMPLES * SAMPLES,
            number(min),
            number(max),
        ))
    }
}

/// The bin with a channel's largest number.
fn strongest(features: &FeatureMap, channel: usize) -> (usize, usize) {
    let bins = (0..features.height).flat_map(|y| (0..features.width).map(move |x| (x, y)));
    let value = |&(x, y): &(usize, usize)| features.value(channel, x, y).unwrap_or(f32::NEG_INFINITY);
    bins.max_by(|a, b| value(a).total_cmp(&value(b))).unwrap_or_default()
}

/// Where a bin takes its samples, in photo pixels: the middles of its [`SAMPLES`] x [`SAMPLES`] equal parts, row by row.
fn samples(region: &BBox, bins: (usize, usize), bin: (usize, usize)) -> Vec<(f32, f32)> {
    let bin = cell_box(region, bins, bin);
    let parts = (0..SAMPLES).flat_map(|y| (0..SAMPLES).map(move |x| (x, y)));
    parts.map(|part| cell_box(&bin, (SAMPLES, SAMPLES), part).centre()).collect()
}

/// The cells of a map over the whole photo that samples are interpolated between: the four whose middles are nearest to
/// each, every cell once.
fn cells_read(points: &[(f32, f32)], photo: Size, (columns, rows): (usize, usize)) -> Vec<(usize, usize)> {
    let taps = |part: f32, count: usize| {
        let last = count.saturating_sub(1);
        // Not negative, so it rounds down.
        let first = ((part * count as f32 - 0.5).clamp(0.0, last as f32)) as usize;
        [first, (first + 1).min(last)]
    };
    let mut cells = Vec::new();
    for &(x, y) in points {
        for row in taps(y / photo.height, rows) {
            cells.extend(taps(x / photo.width, columns).map(|column| (column, row)));
        }
    }
    cells.sort_unstable_by_key(|&(x, y)| (y, x));
    cells.dedup();
    cells
}

impl StageView for RoiAlignView<'_> {
    fn words(&self, selection: &Selection) -> String {
        let Some(it) = self.chosen(selection) else {
            let none = if self.is_of_people {
                "Nobody is sure enough to get joints."
            } else {
                "No thing is sure enough to get a mask."
            };
            return none.into();
        };
        let (columns, rows) = it.bins();
        let size = match self.cells((it.bbox.width(), it.bbox.height())) {
            Some((width, height)) => format!("covers {} × {} cells of the map", number(width), number(height)),
            None => format!("has {:.0} × {:.0} pixels", it.bbox.width(), it.bbox.height()),
        };
        format!(
            "The box {size}. Whatever its size, it is cut into {columns} × {rows} bins without rounding, and each bin is the mean \
             of {SAMPLES} × {SAMPLES} samples between cells: {} numbers for each of {columns} × {rows} bins.",
            it.features.channels,
        )
    }

    fn to_try(&self) -> &'static str {
        "Choose the smallest thing: its bins are smaller than the map's cells, so neighbouring samples read the same cells."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let Some(it) = self.chosen(selection) else { return Ok(()) };
        let (view, slots) = (&shown.view, self.slots());
        for (index, region) in self.regions.iter().enumerate().filter(|other| other.0 != it.index) {
            outline(pen, view, &region.bbox, Line::dashed(slots[index]).faint(0.7))?;
        }
        let pixels = channel_pixels(it.features, it.channel, bright(pen.tokens));
        cover(pen, view, &it.bbox, &raster(&pixels, it.bins())?, selection.opacity)?;
        grid(pen, view, &it.bbox, it.bins())?;
        outline(pen, view, &it.bbox, Line::solid(slots[it.index]))?;
        let points = samples(&it.bbox, it.bins(), it.bin);
        if let Some(map) = self.map {
            let (size, photo) = ((map.width, map.height), BBox::new(0.0, 0.0, self.photo.width, self.photo.height));
            for cell in cells_read(&points, self.photo, size) {
                outline(pen, view, &cell_box(&photo, size, cell), Line { width: 1.0, ..Line::dashed(NEUTRAL) })?;
            }
        }
        outline(pen, view, &cell_box(&it.bbox, it.bins(), it.bin), Line { width: 3.0, ..Line::solid(NEUTRAL) })?;
        points.into_iter().try_for_each(|point| dot(pen, view, point, 2.0, NEUTRAL))
    }

    /// The bin under the click, or another thing.
    fn press(&self, at: (f32, f32), slack: f32, selection: &mut Selection) {
        let Some(it) = self.chosen(selection) else { return };
        if let Some(bin) = cell_at(&it.bbox, it.bins(), at) {
            selection.cell = Some(bin);
            return;
        }
        let boxes: Vec<_> = self.regions.iter().map(|region| region.bbox).collect();
        if let Some(index) = hit(&boxes, at, slack) {
            (selection.item, selection.cell) = (Some(index), None);
        }
    }

    fn key(&self, key: &str, selection: &mut Selection) -> bool {
        let (Some(it), Some(bin)) = (self.chosen(selection), selection.cell) else { return false };
        let to = if key == "Escape" { None } else { Some(moved(key, bin, it.bins())) };
        match to {
            None => selection.cell = None,
            Some(Some(bin)) => selection.cell = Some(bin),
            Some(None) => return false,
        }
        true
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        if self.regions.is_empty() {
            return ().into_any();
        }
        let names = Signal::derive(move || stage.reading(|it| RoiAlignView::of(it).names()).unwrap_or_default());
        let chosen = Signal::derive(move || {
            let index = stage.reading(|it| RoiAlignView::of(it).chosen(&stage.selection()).map(|it| it.index));
            index.flatten().unwrap_or_default()
        });
        let choose = move |item: usize| stage.choose(|it| (it.item, it.cell) = (Some(item), None));
        let bin = Memo::new(move |_| stage.reading(|it| RoiAlignView::of(it).bin_words(&stage.selection())).flatten());
        let channel =
            move || with_channel(stage, features_of, |map, channel| format!("{}, channel {channel}", map.name));
        view! {
            <Choice id="region" label="Thing" options=names chosen choose/>
            <p class="stage-reading" data-testid="bin" aria-live="polite">{move || bin.get()}</p>
            <p class="field-hint">"Dots: the samples. Dashed: the cells that they are read from. Click another bin."</p>
            <Channels stage map_of=features_of/>
            <p class="field-hint">{channel}</p>
            <Cover stage/>
        }
        .into_any()
    }
}

/// The features of the chosen region.
fn features_of<'a>(it: &Reading<'a>, selection: &Selection) -> Option<&'a FeatureMap> {
    RoiAlignView::of(it).chosen(selection).map(|it| it.features)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn region(bbox: BBox) -> Region {
        // Channel 0 is largest at (1, 0), channel 1 at (0, 1).
        let values = [0.0, 0.0, 4.0, 1.0, 2.0, 5.0, 1.0, 0.0];
        let features = FeatureMap::from_values("aligned at stride 4", (2, 2, 2), &values);
        Region { bbox, candidate: Some(0), picture: None, features: Some(features) }
    }

    #[test]
    fn samples_are_the_middles_of_the_parts_of_their_bin() {
        let region = BBox::new(10.0, 20.0, 66.0, 132.0); // bins of 4 x 8 pixels
        let points = samples(&region, (14, 14), (1, 2));
        assert_eq!(points, [(15.0, 38.0), (17.0, 38.0), (15.0, 42.0), (17.0, 42.0)]);
        let all: Vec<_> = (0..14).map(|x| samples(&region, (14, 14), (x, 0))[0].0).collect();
        assert!(all.windows(2).all(|pair| (pair[1] - pair[0] - 4.0).abs() < 1e-3), "bins are not rounded to cells");
    }

    /// The ramp of the operator's own test: the box (1, 1, 3, 3) of 5 x 5 cells has bins of half a cell.
    #[test]
    fn a_sample_reads_the_four_cells_whose_middles_are_around_it() {
        let photo = Size::new(50.0, 50.0);
        assert_eq!(cells_read(&[(20.0, 30.0)], photo, (5, 5)), [(1, 2), (2, 2), (1, 3), (2, 3)]);
        assert_eq!(cells_read(&[(1.0, 1.0)], photo, (5, 5)), [(0, 0), (1, 0), (0, 1), (1, 1)], "at the edge");
        assert_eq!(cells_read(&[(49.0, 49.0)], photo, (5, 5)), [(4, 4)], "beyond the last middle");
        let small = samples(&BBox::new(10.0, 10.0, 30.0, 30.0), (4, 4), (1, 1));
        assert_eq!(cells_read(&small, photo, (5, 5)).len(), 4, "all samples of a small bin read the same cells");
    }

    #[test]
    fn the_strongest_bin_is_shown_until_one_is_clicked() {
        let regions = [region(BBox::new(0.0, 0.0, 100.0, 50.0)), region(BBox::new(200.0, 0.0, 220.0, 20.0))];
        let map = FeatureMap::from_values("up at stride 4", (10, 20, 1), &[0.0; 200]);
        let candidates = [Candidate { bbox: regions[0].bbox, class: 18, score: 0.9, prior: 0 }];
        let photo = Size::new(400.0, 100.0);
        let view =
            RoiAlignView { regions: &regions, candidates: &candidates, map: Some(&map), photo, is_of_people: false };
        let mut selection = Selection { channel: Some(0), ..Selection::default() };
        let chosen = |selection: &Selection| view.chosen(selection).map(|it| (it.index, it.bin));
        assert_eq!(chosen(&selection), Some((0, (1, 0))));
        assert!(view.words(&selection).starts_with("The box covers 5.00 × 5.00 cells of the map."));
        let words = view.bin_words(&selection).expect("a bin");
        assert!(words.starts_with("Bin (1, 0), channel 0: 4.00, the mean of 4 samples."), "{words}");
        view.press((10.0, 40.0), 0.0, &mut selection);
        assert_eq!(chosen(&selection), Some((0, (0, 1))));
        assert!(view.key("ArrowRight", &mut selection) && selection.cell == Some((1, 1)));
        view.press((210.0, 10.0), 0.0, &mut selection);
        assert_eq!(chosen(&selection), Some((1, (1, 0))));
        assert!(!view.key("ArrowLeft", &mut selection), "no bin is chosen: the key is for the stages");
        assert_eq!(view.names(), ["1 dog", "2 dog"]);
        assert!(view.slots()[0] != view.slots()[1]);
    }
}
