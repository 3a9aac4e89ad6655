//! Selective Search: the segments of the photo, and the merges that group them.

use leptos::prelude::*;
use model::structures::{
    hierarchy::{Hierarchies, Hierarchy, Merge, Segmentation},
    stage::Artifact,
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    choice::{Choice, Cover},
    marks::{Line, NEUTRAL, outline, whole},
    raster::{cover, raster},
    stepping::Numbered,
};
use crate::{
    inside::selection::{OpenStage, Selection},
    paint::pen::{Pen, Shown},
};

/// Regions that are left before the visitor moves the slider: few enough to have shapes of things.
const REGIONS_LEFT: usize = 25;
/// Hierarchies of regions with their proposals.
pub struct HierarchiesView<'a> {
    /// What the search left.
    pub found: &'a Hierarchies,
}

impl HierarchiesView<'_> {
    /// The chosen hierarchy with its starting segments.
    fn chosen(&self, selection: &Selection) -> Option<(&Hierarchy, &Segmentation)> {
        let hierarchy = self.found.hierarchies.get(selection.map).or(self.found.hierarchies.first())?;
        Some((hierarchy, self.found.segmentations.get(hierarchy.segmentation)?))
    }

    /// How many merges are done.
    fn merges(&self, selection: &Selection) -> usize {
        let Some((hierarchy, _)) = self.chosen(selection) else { return 0 };
        let usual = (hierarchy.merges.len() + 1).saturating_sub(REGIONS_LEFT);
        selection.step.unwrap_or(usual).min(hierarchy.merges.len())
    }

    /// The merge that was done last.
    fn last(&self, selection: &Selection) -> Option<&Merge> {
        self.chosen(selection)?.0.merges.get(self.merges(selection).checked_sub(1)?)
    }

    /// The names of the starting segmentations with what their segments are compared by.
    fn names(&self) -> Vec<String> {
        let name = |hierarchy: &Hierarchy| {
            let segmentation = self.found.segmentations.get(hierarchy.segmentation);
            format!("{} · {}", segmentation.map_or("", |it| &it.name), hierarchy.name)
        };
        self.found.hierarchies.iter().map(name).collect()
    }

    /// The last merge in words.
    fn reading(&self, selection: &Selection) -> String {
        let Some((hierarchy, _)) = self.chosen(selection) else { return String::new() };
        let left = hierarchy.segments.len() - self.merges(selection);
        let regions = if left == 1 { "One region".into() } else { format!("{left} regions") };
        match self.last(selection) {
            Some(merge) => format!(
                "{regions}. The last two that became one were {:.0} % alike; the new one is {:.0} × {:.0} pixels, {} {} deep.",
                merge.similarity * 100.0,
                merge.bbox.width(),
                merge.bbox.height(),
                merge.level,
                if merge.level == 1 { "merge" } else { "merges" },
            ),
            None => format!("{regions}: the segments that the grouping starts from."),
        }
    }

    /// The regions after the chosen merges as pixels, each in a colour of its own.
    fn pixels(&self, selection: &Selection) -> Option<(Vec<u8>, (usize, usize))> {
        let (hierarchy, segmentation) = self.chosen(selection)?;
        let tops = hierarchy.after(self.merges(selection));
        let colours: Vec<[u8; 3]> = tops.into_iter().map(colour).collect();
        let pixel = |label: u16| {
            let [red, green, blue] = colours.get(usize::from(label)).copied().unwrap_or_default();
            [red, green, blue, 255]
        };
        Some((segmentation.iter().flat_map(pixel).collect(), (segmentation.width, segmentation.height)))
    }
}

/// A colour for a region: numbers in a row get hues that lie far apart.
fn colour(region: u32) -> [u8; 3] {
    // A turn by the golden ratio.
    let hue = (f64::from(region) * 0.618_033_988_75).fract() * 6.0;
    let value = if region.is_multiple_of(2) { 235.0 } else { 190.0 };
    let channel = |shift: f64| {
        let away = ((hue + shift) % 6.0 - 3.0).abs() - 1.0;
        // In 0 to 235.
        (value * (0.3 + 0.7 * away.clamp(0.0, 1.0))).round() as u8
    };
    [channel(0.0), channel(4.0), channel(2.0)]
}

impl StageView for HierarchiesView<'_> {
    fn words(&self, selection: &Selection) -> String {
        let Some((hierarchy, segmentation)) = self.chosen(selection) else {
            return "Nothing has been grouped yet.".into();
        };
        format!(
            "{} segments ({}), compared by {}: the two most alike neighbours become one, {} times. The boxes of all regions of {} \
             such groupings are the {} proposals.",
            hierarchy.segments.len(),
            segmentation.name,
            hierarchy.name,
            hierarchy.merges.len(),
            self.found.hierarchies.len(),
            self.found.proposals.len(),
        )
    }

    fn to_try(&self) -> &'static str {
        "Go through the merges until one region has the shape of a thing, and on until it is lost in a larger one."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let Some((pixels, size)) = self.pixels(selection) else { return Ok(()) };
        cover(pen, &shown.view, &whole(shown), &raster(&pixels, size)?, selection.opacity)?;
        let (Some((hierarchy, _)), Some(merge)) = (self.chosen(selection), self.last(selection)) else { return Ok(()) };
        for part in [merge.regions.0, merge.regions.1] {
            if let Some(bbox) = hierarchy.bbox(part as usize) {
                outline(pen, &shown.view, &bbox, Line::dashed(NEUTRAL))?;
            }
        }
        outline(pen, &shown.view, &merge.bbox, Line::solid(NEUTRAL))
    }

    fn key(&self, key: &str, selection: &mut Selection) -> bool {
        // The strip's keys until the visitor has begun to step.
        if selection.step.is_none() {
            return false;
        }
        let at = self.merges(selection);
        let last = self.chosen(selection).map_or(0, |it| it.0.merges.len());
        selection.step = match key {
            "ArrowLeft" => Some(at.saturating_sub(1)),
            "ArrowRight" => Some((at + 1).min(last)),
            "Escape" => None,
            _ => return false,
        };
        true
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        view! { <Controls stage/> }.into_any()
    }
}

fn read<T>(stage: OpenStage, read: impl FnOnce(&HierarchiesView) -> T) -> Option<T> {
    let with = |artifact: &Artifact| match artifact {
        Artifact::Hierarchies(found) => Some(read(&HierarchiesView { found })),
        _ => None,
    };
    stage.reading(|it| with(it.artifact)).flatten()
}

/// Which hierarchy, and how many merges.
#[component]
fn Controls(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let names = Memo::new(move |_| read(stage, |view| view.names()).unwrap_or_default());
    view! {
        <Choice id="hierarchy" label="Grouping" options=names chosen=Signal::derive(move || stage.selection().map)
            choose=move |map| stage.choose(|it| (it.map, it.step) = (map, None))/>
        <Merges stage/>
        <Cover stage/>
    }
}

/// Goes through the merges.
#[component]
fn Merges(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let of = move |value: fn(&HierarchiesView, &Selection) -> usize| {
        Memo::new(move |_| read(stage, |view| value(view, &stage.selection())).unwrap_or_default())
    };
    // None done is a stop of the slider, too.
    let count = of(|view, selection| view.chosen(selection).map_or(0, |it| it.0.merges.len()) + 1);
    let done = of(|view, selection| view.merges(selection));
    let reading = Memo::new(move |_| read(stage, |view| view.reading(&stage.selection())).unwrap_or_default());
    let words = move || format!("{} of {}", done.get(), count.get().saturating_sub(1));
    view! {
        <Numbered id="merges" label="Merges" count chosen=done words=Signal::derive(words)
            set=move |step| stage.choose(|it| it.step = Some(step))/>
        <p class="reading stage-reading" aria-live="polite">{move || reading.get()}</p>
    }
}

#[cfg(test)]
mod tests {
    use model::structures::{boxes::BBox, hierarchy::Proposal};

    use super::*;

    /// Two cells in a row that become one.
    fn found() -> Hierarchies {
        let span = |x0: f32, x1: f32| BBox::new(x0, 0.0, x1, 10.0);
        let merge = Merge { regions: (0, 1), similarity: 0.75, bbox: span(0.0, 20.0), level: 1 };
        let hierarchy = Hierarchy {
            name: "colour".into(),
            segmentation: 0,
            segments: vec![span(0.0, 10.0), span(10.0, 20.0)],
            merges: vec![merge],
        };
        let proposal = |region, bbox| Proposal { bbox, hierarchy: 0, region };
        Hierarchies {
            segmentations: vec![Segmentation::new("Lab, k = 100", (2, 1), &[0, 1])],
            hierarchies: vec![hierarchy],
            proposals: vec![proposal(2, span(0.0, 20.0)), proposal(0, span(0.0, 10.0))],
        }
    }

    #[test]
    fn merges_change_regions_and_words() {
        let found = found();
        let view = HierarchiesView { found: &found };
        let mut selection = Selection { step: Some(0), ..Selection::default() };
        assert_eq!(view.reading(&selection), "2 regions: the segments that the grouping starts from.");
        let (pixels, size) = view.pixels(&selection).expect("a segmentation");
        assert_eq!((size, pixels.len()), ((2, 1), 8));
        assert_ne!(pixels[..4], pixels[4..]);
        assert!(view.key("ArrowRight", &mut selection) && selection.step == Some(1));
        let (pixels, _) = view.pixels(&selection).expect("a segmentation");
        assert_eq!(pixels[..4], pixels[4..], "one region");
        let words = view.reading(&selection);
        assert!(
            words.starts_with("One region.") && words.contains("75 % alike") && words.contains("20 × 10"),
            "{words}"
        );
        assert!(view.key("Escape", &mut selection) && selection.step.is_none());
        assert!(!view.key("ArrowRight", &mut selection), "the strip's until the visitor steps");
    }

    #[test]
    fn the_slider_stays_within_what_there_is() {
        let found = found();
        let view = HierarchiesView { found: &found };
        let far = Selection { map: 9, step: Some(99), ..Selection::default() };
        assert_eq!(view.merges(&far), 1);
        assert_eq!(view.merges(&Selection::default()), 0, "25 regions are more than there are");
        assert_eq!(view.names(), ["Lab, k = 100 · colour"]);
        assert!(view.words(&far).contains("2 segments") && view.words(&far).contains("the 2 proposals"));
        let none = Hierarchies::default();
        let view = HierarchiesView { found: &none };
        assert!(view.pixels(&far).is_none() && view.reading(&far).is_empty() && view.last(&far).is_none());
    }

    #[test]
    fn neighbouring_numbers_have_other_colours() {
        let away = |a: [u8; 3], b: [u8; 3]| a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b))).sum::<u32>();
        assert!((0..200).all(|i| away(colour(i), colour(i + 1)) > 60));
    }
}
