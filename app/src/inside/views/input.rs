//! The pixels that a network reads, over the photo that they come from.

use leptos::{html::Canvas, prelude::*};
use model::structures::stage::{Artifact, Picture};
use wasm_bindgen::JsValue;

use super::{
    StageView,
    choice::{Cover, number},
    marks::{Line, NEUTRAL, cell_at, cell_box, outline},
    raster::{cover, picture_pixels, raster},
};
use crate::{
    inside::selection::{OpenStage, Selection},
    paint::prepared,
    paint::{
        pen::{Pen, Shown},
        view::Size,
    },
};

/// What the network reads.
pub struct InputView<'a> {
    /// Its pixels.
    pub picture: &'a Picture,
    /// The photo's size in its own pixels.
    pub photo: Size,
}

impl InputView<'_> {
    const fn size(&self) -> (usize, usize) {
        (self.picture.width, self.picture.height)
    }

    /// Photo pixels across and down that one pixel of the network stands for.
    fn pixel(&self) -> (f32, f32) {
        let region = &self.picture.region;
        (region.width() / self.picture.width.max(1) as f32, region.height() / self.picture.height.max(1) as f32)
    }

    /// The pixel under the pointer with its red, green and blue.
    fn pointed(&self, selection: &Selection) -> Option<((usize, usize), [u8; 3])> {
        let (x, y) = cell_at(&self.picture.region, self.size(), selection.pointed?)?;
        let at = (y * self.picture.width + x) * 3;
        Some(((x, y), self.picture.rgb.get(at..at + 3)?.try_into().ok()?))
    }

    /// What is under the pointer, in words.
    fn reading(&self, selection: &Selection) -> String {
        let Some(((x, y), rgb)) = self.pointed(selection) else { return "Point at the photo to read a pixel.".into() };
        let [red, green, blue] = rgb.map(|value| number(f32::from(value) / 127.5 - 1.0));
        format!("Pixel ({x}, {y}): red {red}, green {green}, blue {blue}")
    }
}

impl StageView for InputView<'_> {
    fn words(&self, _: &Selection) -> String {
        let Picture { width, height, region, .. } = self.picture;
        let (across, down) = self.pixel();
        let of = if (region.width(), region.height()) == (self.photo.width, self.photo.height) {
            "The photo's"
        } else {
            "Its"
        };
        let squash = (across / down).max(down / across);
        let shape = match squash {
            squash if squash < 1.01 => "Shapes keep their proportions.".to_owned(),
            squash => {
                let narrower = if across > down { "narrower" } else { "lower" };
                format!("Everything gets {} times {narrower} than it is.", number(squash))
            }
        };
        format!(
            "{of} {:.0} × {:.0} pixels become {width} × {height}: one pixel of the network stands for {} × {} of them. {shape}",
            region.width(),
            region.height(),
            number(across),
            number(down),
        )
    }

    fn to_try(&self) -> &'static str {
        "Zoom in on something small and count its pixels: what is gone here, no later stage can find."
    }

    fn draw(&self, pen: &Pen, shown: &Shown, selection: &Selection) -> Result<(), JsValue> {
        let region = &self.picture.region;
        let canvas = raster(&picture_pixels(self.picture), self.size())?;
        cover(pen, &shown.view, region, &canvas, selection.opacity)?;
        match self.pointed(selection) {
            Some((cell, _)) => outline(pen, &shown.view, &cell_box(region, self.size(), cell), Line::solid(NEUTRAL)),
            None => Ok(()),
        }
    }

    fn follows_pointer(&self) -> bool {
        true
    }

    fn controls(&self, stage: OpenStage) -> AnyView {
        let read = move || stage.reading(|it| with(it.artifact, it.photo, |view| view.reading(&stage.selection())));
        view! {
            <Squashed stage/>
            <p class="reading stage-reading">{move || read().flatten()}</p>
            <Cover stage/>
        }
        .into_any()
    }
}

fn with<T>(artifact: &Artifact, photo: Size, read: impl FnOnce(&InputView) -> T) -> Option<T> {
    if let Artifact::Input(picture) = artifact { Some(read(&InputView { picture, photo })) } else { None }
}

/// The pixels as the network has them.
#[component]
fn Squashed(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let drawn = stage.reading(|it| with(it.artifact, it.photo, |view| view.draw_alone(&canvas))).flatten();
        if let Some(Err(error)) = drawn {
            leptos::logging::error!("the network's pixels could not be drawn: {error:?}");
        }
    });
    let caption = move || {
        let size = stage.reading(|it| with(it.artifact, it.photo, |view| view.size())).flatten().unwrap_or_default();
        format!("What the network has: {} × {} pixels, nothing else.", size.0, size.1)
    };
    view! {
        <figure class="stage-figure">
            <canvas node_ref=node class="stage-picture" aria-hidden="true"></canvas>
            <figcaption class="field-hint">{caption}</figcaption>
        </figure>
    }
}

impl InputView<'_> {
    /// Draws the network's pixels on a canvas of their size.
    ///
    /// # Errors
    /// What the browser says.
    pub fn draw_alone(&self, canvas: &web_sys::HtmlCanvasElement) -> Result<(), JsValue> {
        let context = prepared(canvas, Size::new(self.picture.width as f32, self.picture.height as f32), 1.0)?;
        let from = raster(&picture_pixels(self.picture), self.size())?;
        context.draw_image_with_html_canvas_element(&from, 0.0, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    #[test]
    fn the_squash_is_told_with_the_photos_numbers() {
        let region = BBox::new(0.0, 0.0, 640.0, 320.0);
        let picture = Picture { width: 2, height: 2, rgb: (0..12).map(|i| i * 20).collect(), region };
        let view = InputView { picture: &picture, photo: Size::new(640.0, 320.0) };
        let words = view.words(&Selection::default());
        assert!(words.contains("640 × 320") && words.contains("320 × 160") && words.contains("2.00 times narrower"));
        let selection = Selection { pointed: Some((330.0, 10.0)), ..Selection::default() };
        assert_eq!(view.pointed(&selection), Some(((1, 0), [60, 80, 100])));
        assert!(view.reading(&selection).starts_with("Pixel (1, 0): red \u{2212}0.53"));
        assert_eq!(view.pointed(&Selection::default()), None);
    }
}
