//! Class maps: the finished one, and the one that a sliding window fills patch by patch.

use leptos::prelude::*;
use model::{
    catalog::System,
    structures::{
        boxes::BBox,
        class_map::{CLASSES, ClassMap},
        stage::{Artifact, Stage},
    },
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    bars::{Bar, Bars, percent},
    choice::thousands,
    marks::{Line, NEUTRAL, cell_box, outline, whole},
    raster::{cover, raster},
};
use crate::{
    inside::selection::{OpenStage, Reading, Selection},
    layers::{ClassMapLayer, Layer},
    legend::Legend,
    paint::{
        pen::{Pen, Shown},
        tint::rgb,
        view::Size,
    },
    settings::Settings,
    stages::milliseconds,
    state::use_result,
    words::in_english,
};

/// The stage that fills its map patch by patch.
const BY_PATCHES: &str = "patch-classes";
/// The stages whose maps follow the edges of the photo.
const ALONG_EDGES: [&str; 2] = ["class-map", "joint-map"];
/// How much of a finished background patch is seen through, 0 to 255.
const GROUND: u8 = 120;

/// A class map, finished or not.
pub struct ClassMapView<'a> {
    map: &'a ClassMap,
    settings: &'a Settings,
    photo: Size,
    /// Whether its boundaries were moved to the edges of the photo.
    along_edges: bool,
    /// Crops that are scored, and all; none where the whole map comes from one pass.
    patches: Option<Patches>,
}

/// How far a sliding window is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Patches {
    done: usize,
    total: usize,
    /// Milliseconds so far.
    ms: f64,
}

impl Patches {
    /// How far a stage is.
    fn of(stage: &Stage, total: usize) -> Self {
        let (done, total) = stage.progress.map_or((total, total), |it| (it.done as usize, it.total as usize));
        Self { done, total, ms: stage.ms }
    }

    /// Milliseconds of one patch; `None` before the first.
    fn each_ms(&self) -> Option<f64> {
        (self.done > 0).then(|| self.ms / self.done as f64)
    }

    /// Milliseconds that a number of patches would take at the measured rate.
    ///
    /// # Arguments
    /// * `count` - e.g. one patch for every pixel.
    fn extrapolated_ms(&self, count: f64) -> Option<f64> {
        Some(self.each_ms()? * count)
    }

    /// Crop, rate and what is left, in words.
    fn words(&self) -> String {
        let crop = format!("Crop {} of {}", self.done, self.total);
        let Some(each) = self.each_ms().filter(|&ms| ms > 0.0) else { return format!("{crop}.") };
        let rate = format!("{:.1} a second", 1e3 / each);
        match self.total - self.done {
            0 => format!("{crop}: {rate}, {} each.", milliseconds(each)),
            left => format!("{crop}: {rate}, {} left.", duration(each * left as f64)),
        }
    }
}

/// A time in the unit in which people say it.
pub fn duration(ms: f64) -> String {
    match ms / 1e3 {
        seconds if seconds < 1.0 => format!("{ms:.0} ms"),
        seconds if seconds < 99.5 => format!("{seconds:.0} seconds"),
        seconds if seconds < 99.5 * 60.0 => format!("{:.0} minutes", seconds / 60.0),
        seconds if seconds < 47.5 * 3600.0 => format!("{:.1} hours", seconds / 3600.0),
        seconds => format!("{:.1} days", seconds / 86_400.0),
    }
}

impl<'a> ClassMapView<'a> {
    /// The map of a stage.
    pub fn of(map: &'a ClassMap, it: &Reading<'a>) -> Self {
        let stage = it.run.stage(it.key).filter(|_| it.key == BY_PATCHES);
        let patches = stage.map(|stage| Patches::of(stage, map.labels.len()));
        Self { map, settings: it.settings, photo: it.photo, along_edges: ALONG_EDGES.contains(&it.key), patches }
    }

    /// The classes with their shares of what is known so far.
    fn legend(&self) -> Legend {
        let Some(Patches { done, .. }) = self.patches else { return Legend::of(self.map.clone()) };
        let known = |values: &[u8]| values[..done.min(values.len())].to_vec();
        let (labels, certainty) = (known(&self.map.labels), known(&self.map.certainty));
        Legend::of(ClassMap { width: labels.len(), height: 1, labels, certainty })
    }

    /// Pixels of what is known so far, four bytes each.
    fn pixels(&self, pen: &Pen, done: usize) -> Vec<u8> {
        let legend = self.legend();
        let ground = rgb(&pen.tokens.ground);
        let colour = |label: u8| match legend.entries.iter().find(|it| it.class == label).and_then(|it| it.slot) {
            Some(slot) => (rgb(pen.tokens.colour(slot)), 235),
            None => (ground, GROUND),
        };
        let pixel = |(index, &label): (usize, &u8)| {
            let ([red, green, blue], alpha) = colour(label);
            [red, green, blue, if index < done { alpha } else { 0 }]
        };
        self.map.labels.iter().enumerate().flat_map(pixel).collect()
    }

    /// Draws one block a patch, and the cell that was last.
    fn draw_patches(&self, pen: &Pen, shown: &Shown, patches: Patches) -> Result<(), JsValue> {
        let (size, region) = ((self.map.width, self.map.height), whole(shown));
        if self.map.labels.is_empty() || size.0 == 0 {
            return Ok(());
        }
        cover(pen, &shown.view, &region, &raster(&self.pixels(pen, patches.done), size)?, 1.0)?;
        let last = patches.done.checked_sub(1).filter(|_| patches.done < patches.total);
        match last {
            Some(last) => {
                let cell: BBox = cell_box(&region, size, (last % size.0, last / size.0));
                outline(pen, &shown.view, &cell, Line::solid(NEUTRAL))
            }
            None => Ok(()),
        }
    }

    fn bars(&self) -> Vec<Bar> {
        let bar = |entry: &crate::legend::Entry| Bar {
            name: entry.name.into(),
            part: entry.share,
            value: percent(entry.share),
            chosen: false,
        };
        self.legend().entries.iter().map(bar).collect()
    }

    fn pixels_of_photo(&self) -> f64 {
        f64::from(self.photo.width) * f64::from(self.photo.height)
    }

    /// What a pass for every pixel would take, in words.
    fn every_pixel(&self) -> Option<String> {
        let pixels = self.pixels_of_photo();
        let patches = self.patches?;
        let ms = patches.extrapolated_ms(pixels)?;
        Some(format!(
            "A pass for each of the {} pixels would take {} on this device, at the {} that one patch took.",
            thousands(pixels),
            duration(ms),
            milliseconds(patches.each_ms()?),
        ))
    }
}

impl StageView for ClassMapView<'_> {
    fn words(&self, _: &Selection) -> String {
        if let Some(patches) = self.patches {
            return format!("{} Each patch paints one cell: the class of the pixel in its middle.", patches.words());
        }
        let edges = if self.along_edges {
            " A guided filter (He et al. 2013) has moved the boundaries to the edges of the photo."
        } else {
            ""
        };
        format!(
            "{} × {} pixels, each with the likeliest of {} classes: {}.{edges}",
            self.map.width,
            self.map.height,
            CLASSES.len(),
            in_english(|| self.legend().in_words()).trim_end_matches('.'),
        )
    }

    fn to_try(&self) -> &'static str {
        if self.patches.is_some() {
            "Compare it with the fully convolutional system: the same networks, one pass, far more cells."
        } else {
            "Find two things of one class that touch: the map has one colour for both and cannot count them."
        }
    }

    fn draw(&self, pen: &Pen, shown: &Shown, _: &Selection) -> Result<(), JsValue> {
        match self.patches {
            Some(patches) => self.draw_patches(pen, shown, patches),
            None => ClassMapLayer::of(self.map).under(self.settings).draw(pen, shown, false),
        }
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        let bars = Memo::new(move |_| read(stage, |view| view.bars()).unwrap_or_default());
        let by_patches = self.patches.is_some();
        view! {
            {by_patches.then(|| view! { <Cost stage/> })}
            <Bars id="shares" title="Shares of the classes" bars/>
        }
        .into_any()
    }
}

fn read<T>(stage: OpenStage, read: impl FnOnce(&ClassMapView) -> T) -> Option<T> {
    let with = |it: &Reading| match it.artifact {
        Artifact::ClassMap(map) => Some(read(&ClassMapView::of(map, it))),
        _ => None,
    };
    stage.reading(with).flatten()
}

/// How far the window is, and what every pixel would cost.
#[component]
fn Cost(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let result = use_result();
    let patches = Memo::new(move |_| read(stage, |view| view.patches).flatten().unwrap_or_default());
    let every_pixel = move || read(stage, |view| view.every_pixel()).flatten();
    // The same photo at once, if the visitor has asked for it.
    let at_once = move || {
        let ms = result.results.with(|results| {
            let run = &results.finished(System::Fcn)?.run;
            Some(run.stages.iter().map(|stage| stage.ms).sum::<f64>())
        });
        ms.map(|ms| format!("The fully convolutional system took {} for the whole photo.", milliseconds(ms)))
    };
    view! {
        <section class="patch-cost" data-testid="patch-cost" data-done=move || patches.get().done
            data-total=move || patches.get().total>
            <progress class="bar" max="1" aria-label="Crops that are scored"
                value=move || format!("{:.3}", patches.get().done as f64 / patches.get().total.max(1) as f64)></progress>
            <p class="stage-reading" data-testid="every-pixel">{every_pixel}" "{at_once}</p>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_is_extrapolated_from_the_patches_that_are_done() {
        let patches = Patches { done: 57, total: 176, ms: 1140.0 };
        assert_eq!((patches.each_ms(), patches.extrapolated_ms(90_000.0)), (Some(20.0), Some(1_800_000.0)));
        assert_eq!(patches.words(), "Crop 57 of 176: 50.0 a second, 2 seconds left.");
        assert_eq!(Patches { done: 176, ms: 3520.0, ..patches }.words(), "Crop 176 of 176: 50.0 a second, 20 ms each.");
        let none = Patches { done: 0, ms: 3.0, ..patches };
        assert_eq!((none.extrapolated_ms(1.0), none.words().as_str()), (None, "Crop 0 of 176."));
    }

    #[test]
    fn times_have_the_unit_in_which_people_say_them() {
        let hour = 3_600_000.0;
        let shown = [450.0, 30_000.0, 0.5 * hour, 3.2 * hour, 72.0 * hour].map(duration);
        assert_eq!(shown, ["450 ms", "30 seconds", "30 minutes", "3.2 hours", "3.0 days"]);
    }

    #[test]
    fn only_what_is_scored_counts() {
        let map = ClassMap { width: 2, height: 2, labels: vec![8, 8, 0, 0], certainty: vec![255; 4] };
        let settings = Settings::default();
        let patches = Some(Patches { done: 2, total: 4, ms: 10.0 });
        let view =
            ClassMapView { map: &map, settings: &settings, photo: Size::new(40.0, 20.0), along_edges: true, patches };
        assert_eq!(view.bars().iter().map(|bar| (bar.name.as_str(), bar.part)).collect::<Vec<_>>(), [("cat", 1.0)]);
        let words = view.every_pixel().expect("some are done");
        assert!(words.contains("800 pixels would take 4 seconds"), "{words}");
        let whole = ClassMapView { patches: None, ..view };
        assert!(
            whole
                .words(&Selection::default())
                .starts_with("2 × 2 pixels, each with the likeliest of 21 classes: cat 50%")
        );
    }
}
