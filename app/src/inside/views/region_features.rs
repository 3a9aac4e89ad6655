//! The regions that get a sentence, each with the grid of features that the language model looks at.

use leptos::prelude::*;
use model::structures::{
    boxes::Candidate,
    classes::coco_name,
    stage::{Artifact, FeatureMap, Region},
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    choice::{Choice, Cover, number},
    marks::{Line, cell_at, cell_box, grid, outline},
    raster::{bright, channel_pixels, channel_range, cover, raster, shown_channel},
    stepping::Numbered,
};
use crate::{
    inside::selection::{OpenStage, Reading, Selection},
    layers::slot_of_region,
    paint::{
        pen::{Pen, Shown, Tag},
        view::hit,
    },
};

/// The stages with the regions that get a sentence.
pub const STAGES: [&str; 2] = ["region-features", "region-features-416"];

/// Regions with what was pooled from each.
pub struct RegionFeaturesView<'a> {
    regions: &'a [Region],
    detections: &'a [Candidate],
}

impl<'a> RegionFeaturesView<'a> {
    /// The regions of a stage.
    pub fn of(regions: &'a [Region], it: &Reading<'a>) -> Self {
        Self { regions, detections: it.detections() }
    }

    /// The chosen region and its number; the first is the whole photo.
    fn chosen(&self, selection: &Selection) -> Option<(usize, &'a Region)> {
        let index = selection.item.filter(|&it| it < self.regions.len()).unwrap_or_default();
        self.regions.get(index).map(|region| (index, region))
    }

    /// The features of the chosen region with the channel that is on show.
    fn features(&self, selection: &Selection) -> Option<(&'a FeatureMap, usize)> {
        let map = self.chosen(selection)?.1.features.as_ref()?;
        Some((map, shown_channel(map, selection.channel)?))
    }

    /// What the detector calls a region.
    fn name(&self, region: &Region) -> &'static str {
        let class = region.candidate.and_then(|index| self.detections.get(index)).map(|it| it.class);
        class.map_or("whole photo", |class| coco_name(class).unwrap_or("unknown"))
    }

    fn names(&self) -> Vec<String> {
        let name = |(index, region): (usize, &Region)| match index {
            0 => "Photo".to_owned(),
            _ => format!("{index} {}", self.name(region)),
        };
        self.regions.iter().enumerate().map(name).collect()
    }

    fn reading(&self, selection: &Selection) -> Option<String> {
        let ((_, region), (map, channel)) = (self.chosen(selection)?, self.features(selection)?);
        let (min, max) = channel_range(map, channel);
        let range = format!("Channel {channel}: {} to {}", number(min), number(max));
        let cell = selection.pointed.and_then(|at| cell_at(&region.bbox, (map.width, map.height), at));
        let value = cell.and_then(|(x, y)| Some(((x, y), map.value(channel, x, y)?)));
        Some(match value {
            Some(((x, y), value)) => format!("{range}. Cell ({x}, {y}): {}", number(value)),
            None => range,
        })
    }
}

impl StageView for RegionFeaturesView<'_> {
    fn words(&self, selection: &Selection) -> String {
        let Some((index, region)) = self.chosen(selection) else { return "There are no regions.".into() };
        let others = match self.regions.len() - 1 {
            0 => "No detection is large and sure enough for a sentence of its own".to_owned(),
            1 => "One detection gets a sentence of its own".into(),
            n => format!("{n} detections get sentences of their own"),
        };
        let Some((map, _)) = self.features(selection) else { return format!("{others}.") };
        let place =
            if index == 0 { "The whole photo".into() } else { format!("Region {index}, {},", self.name(region)) };
        format!(
            "{others}. {place} becomes {} × {} cells, one for {:.0} × {:.0} pixels: that is all the language model sees of it.",
            map.width,
            map.height,
            region.bbox.width() / map.width.max(1) as f32,
            region.bbox.height() / map.height.max(1) as f32,
        )
    }

    fn to_try(&self) -> &'static str {
        "Choose the smallest region: large or small, each becomes the same grid, so one network can read them all."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let Some((chosen, region)) = self.chosen(selection) else { return Ok(()) };
        if let Some((map, channel)) = self.features(selection) {
            let size = (map.width, map.height);
            let canvas = raster(&channel_pixels(map, channel, bright(pen.tokens)), size)?;
            cover(pen, &shown.view, &region.bbox, &canvas, selection.opacity * 0.75)?;
            grid(pen, &shown.view, &region.bbox, size)?;
            if let Some(cell) = selection.pointed.and_then(|at| cell_at(&region.bbox, size, at)) {
                outline(pen, &shown.view, &cell_box(&region.bbox, size, cell), Line::solid(super::marks::NEUTRAL))?;
            }
        }
        let mut tags = Vec::new();
        for (index, it) in self.regions.iter().enumerate().skip(1) {
            let slot = slot_of_region(index);
            let width = if index == chosen { 3.5 } else { 1.75 };
            outline(pen, &shown.view, &it.bbox, Line { width, ..Line::solid(slot) })?;
            let name = if index == chosen { self.name(it).to_owned() } else { String::new() };
            tags.push(Tag { bbox: it.bbox, number: index.to_string(), name, slot });
        }
        pen.labels(&tags, &shown.view)
    }

    fn follows_pointer(&self) -> bool {
        true
    }

    fn press(&self, at: (f32, f32), slack: f32, selection: &mut Selection) {
        let boxes: Vec<_> = self.regions.iter().skip(1).map(|it| it.bbox).collect();
        selection.item = hit(&boxes, at, slack).map(|index| index + 1);
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        let names = Memo::new(move |_| read(stage, |view| view.names()).unwrap_or_default());
        let chosen = Signal::derive(move || {
            read(stage, |view| view.chosen(&stage.selection()).map(|it| it.0)).flatten().unwrap_or_default()
        });
        let features = Memo::new(move |_| {
            let count = |view: &RegionFeaturesView| {
                view.features(&stage.selection()).map(|(map, channel)| (map.channels, channel))
            };
            read(stage, count).flatten().unwrap_or_default()
        });
        let reading = move || read(stage, |view| view.reading(&stage.selection())).flatten();
        view! {
            <Choice id="region" label="Region" options=names chosen choose=move |index| stage.choose(|it| it.item = Some(index))/>
            <Numbered id="channel" label="Channel" count=Signal::derive(move || features.get().0)
                chosen=Signal::derive(move || features.get().1)
                words=Signal::derive(move || format!("{} of {}", features.get().1, features.get().0))
                set=move |channel| stage.choose(|it| it.channel = Some(channel))/>
            <p class="reading stage-reading" data-testid="region-reading">{reading}</p>
            <Cover stage/>
        }
        .into_any()
    }
}

fn read<T>(stage: OpenStage, read: impl FnOnce(&RegionFeaturesView) -> T) -> Option<T> {
    let with = |it: &Reading| match it.artifact {
        Artifact::Regions(regions) => Some(read(&RegionFeaturesView::of(regions, it))),
        _ => None,
    };
    stage.reading(with).flatten()
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    #[test]
    fn a_click_chooses_a_region_and_beside_them_the_photo() {
        let region = |bbox, candidate| Region {
            bbox,
            candidate,
            picture: None,
            features: Some(FeatureMap::from_values("aligned", (2, 2, 1), &[0.0, 1.0, 2.0, 3.0])),
        };
        let regions =
            [region(BBox::new(0.0, 0.0, 100.0, 80.0), None), region(BBox::new(10.0, 10.0, 30.0, 50.0), Some(0))];
        let detections = [Candidate { bbox: regions[1].bbox, class: 18, score: 0.9, prior: 4 }];
        let view = RegionFeaturesView { regions: &regions, detections: &detections };
        let mut selection = Selection::default();
        assert_eq!(view.names(), ["Photo", "1 dog"]);
        view.press((20.0, 20.0), 0.0, &mut selection);
        assert_eq!(view.chosen(&selection).map(|it| it.0), Some(1));
        assert!(view.words(&selection).contains("Region 1, dog, becomes 2 × 2 cells, one for 10 × 20 pixels"));
        selection.pointed = Some((25.0, 45.0));
        assert_eq!(view.reading(&selection).as_deref(), Some("Channel 0: 0.00 to 3.00. Cell (1, 1): 3.00"));
        view.press((90.0, 70.0), 0.0, &mut selection);
        assert_eq!(view.chosen(&selection).map(|it| it.0), Some(0));
    }
}
