//! The squares that are cut out of the photo for people: what a network of one person reads.

use leptos::{html::Canvas, prelude::*};
use model::{
    catalog::STRETCHED_CROPS,
    structures::stage::{Artifact, Picture, Region},
};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    choice::{Choice, Cover, number},
    input::InputView,
    marks::{Line, outline},
    raster::{cover, picture_pixels, raster},
};
use crate::{
    findings::counted,
    inside::selection::{OpenStage, Reading, Selection},
    paint::{
        pen::{Pen, Shown, Tag},
        view::{Size, hit},
    },
    palette::COLOURS,
};

/// The stages with crops of people.
pub const STAGES: [&str; 2] = ["person-crops", STRETCHED_CROPS.key];

/// The crops of people.
pub struct PersonCropsView<'a> {
    /// A region for each person, best first.
    regions: &'a [Region],
    /// The photo's size in its own pixels.
    photo: Size,
    /// Whether boxes are stretched to squares, instead of squares cut out.
    stretched: bool,
}

impl<'a> PersonCropsView<'a> {
    /// The crops of a stage.
    pub fn of(regions: &'a [Region], it: &Reading) -> Self {
        Self { regions, photo: it.photo, stretched: it.key == STRETCHED_CROPS.key }
    }

    fn chosen(&self, selection: &Selection) -> Option<(usize, &'a Region)> {
        let index = selection.item.unwrap_or_default().min(self.regions.len().checked_sub(1)?);
        Some((index, &self.regions[index]))
    }

    /// How much of a crop reaches out of the photo, 0 to 1.
    fn outside(&self, region: &Region) -> f32 {
        let inside = region.bbox.clip(self.photo.width, self.photo.height).area();
        1.0 - inside / region.bbox.area().max(f32::MIN_POSITIVE)
    }

    /// The chosen crop's numbers.
    fn reading(&self, selection: &Selection) -> Option<String> {
        let (index, region) = self.chosen(selection)?;
        let Picture { width, height, .. } = region.picture.as_ref()?;
        let outside = match self.outside(region) {
            part if part < 0.005 => String::new(),
            part => format!(" {:.0}% of it lies outside the photo.", part * 100.0),
        };
        Some(format!(
            "Person {}: {:.0} × {:.0} pixels of the photo become {width} × {height}: one pixel of the network stands for {} of them \
             across.{outside}",
            index + 1,
            region.bbox.width(),
            region.bbox.height(),
            number(region.bbox.width() / (*width).max(1) as f32),
        ))
    }

    /// The chosen crop as what a network reads.
    fn input(&self, selection: &Selection) -> Option<InputView<'a>> {
        let picture = self.chosen(selection)?.1.picture.as_ref()?;
        Some(InputView { picture, photo: self.photo })
    }
}

impl StageView for PersonCropsView<'_> {
    fn words(&self, _: &Selection) -> String {
        match self.regions.len() {
            0 => "The detector found nobody, so there is nothing to look at.".into(),
            count if self.stretched => format!(
                "{}: each gets the detector's box with a margin, stretched to a square. The network sees one person at a time.",
                counted(count, "person"),
            ),
            count => format!(
                "{}: each gets a square of its own round the detector's box, scaled to one size. The network sees one person \
                 at a time.",
                counted(count, "person"),
            ),
        }
    }

    fn to_try(&self) -> &'static str {
        "Choose another person: a child far away and an adult close by become the same size. Look who else is in the square."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let Some((chosen, region)) = self.chosen(selection) else { return Ok(()) };
        if let Some(picture) = &region.picture {
            let canvas = raster(&picture_pixels(picture), (picture.width, picture.height))?;
            cover(pen, &shown.view, &picture.region, &canvas, selection.opacity)?;
        }
        let mut tags = Vec::new();
        for (index, region) in self.regions.iter().enumerate() {
            let slot = index % COLOURS;
            if index != chosen {
                outline(pen, &shown.view, &region.bbox, Line::dashed(slot))?;
            }
            tags.push(Tag { bbox: region.bbox, number: (index + 1).to_string(), name: String::new(), slot });
        }
        outline(pen, &shown.view, &region.bbox, Line { width: 3.0, ..Line::solid(chosen % COLOURS) })?;
        pen.labels(&tags, &shown.view)
    }

    fn press(&self, at: (f32, f32), slack: f32, selection: &mut Selection) {
        let boxes: Vec<_> = self.regions.iter().map(|region| region.bbox).collect();
        selection.item = hit(&boxes, at, slack).or(selection.item);
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        if self.regions.is_empty() {
            return ().into_any();
        }
        let names = Signal::derive(move || read(stage, |view| numbers(view.regions.len())).unwrap_or_default());
        let chosen = Signal::derive(move || {
            read(stage, |view| view.chosen(&stage.selection())?.0.into()).flatten().unwrap_or(0)
        });
        let reading = move || read(stage, |view| view.reading(&stage.selection())).flatten();
        view! {
            <Choice id="person" label="Person" options=names chosen choose=move |item| stage.choose(|it| it.item = Some(item))/>
            <p class="stage-reading" data-testid="crop-reading" aria-live="polite">{reading}</p>
            <Crop stage/>
            <Cover stage/>
        }
        .into_any()
    }
}

/// The numbers of several people, from 1.
pub fn numbers(count: usize) -> Vec<String> {
    (1..=count).map(|number| number.to_string()).collect()
}

fn read<T>(stage: OpenStage, read: impl FnOnce(&PersonCropsView) -> T) -> Option<T> {
    stage
        .reading(|it| match it.artifact {
            Artifact::Regions(regions) => Some(read(&PersonCropsView::of(regions, it))),
            _ => None,
        })
        .flatten()
}

/// The chosen person's pixels as the network has them, beside the photo.
#[component]
fn Crop(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    let chosen = Memo::new(move |_| stage.selection().item);
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let selection = Selection { item: chosen.get(), ..Selection::default() };
        let drawn = read(stage, |view| view.input(&selection).map(|it| it.draw_alone(&canvas))).flatten();
        if let Some(Err(error)) = drawn {
            leptos::logging::error!("the crop could not be drawn: {error:?}");
        }
    });
    view! {
        <figure class="stage-figure">
            <canvas node_ref=node class="stage-picture" data-testid="crop" aria-hidden="true"></canvas>
            <figcaption class="field-hint">"What the network has of this person, nothing else."</figcaption>
        </figure>
    }
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    fn region(x0: f32, side: f32) -> Region {
        let bbox = BBox::new(x0, 0.0, x0 + side, side);
        let picture = Picture { width: 192, height: 192, rgb: vec![0; 192 * 192 * 3], region: bbox };
        Region { bbox, candidate: None, picture: Some(picture), features: None }
    }

    #[test]
    fn a_click_chooses_a_person_whose_numbers_are_told() {
        let regions = [region(0.0, 96.0), region(300.0, 200.0)];
        let view = PersonCropsView { regions: &regions, photo: Size::new(400.0, 300.0), stretched: false };
        let mut selection = Selection::default();
        let reading = view.reading(&selection).expect("a person");
        assert!(reading.starts_with("Person 1: 96 × 96 pixels of the photo become 192 × 192: one pixel"), "{reading}");
        assert!(reading.ends_with("stands for 0.50 of them across."), "all of it is in the photo: {reading}");
        view.press((390.0, 20.0), 0.0, &mut selection);
        assert_eq!(view.chosen(&selection).map(|it| it.0), Some(1));
        let reading = view.reading(&selection).expect("a person");
        assert!(reading.ends_with("50% of it lies outside the photo."), "{reading}");
        view.press((200.0, 250.0), 0.0, &mut selection);
        assert_eq!(selection.item, Some(1), "a click beside all of them changes nothing");
        assert!(view.words(&selection).starts_with("2 people: each gets a square"));
        assert_eq!(numbers(2), ["1", "2"]);
    }

    #[test]
    fn without_people_there_is_nothing_to_choose() {
        let view = PersonCropsView { regions: &[], photo: Size::default(), stretched: true };
        assert!(view.chosen(&Selection::default()).is_none() && view.words(&Selection::default()).contains("nobody"));
    }
}
