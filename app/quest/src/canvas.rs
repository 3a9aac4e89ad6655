//! Examples as small pictures.

use leptos::{html::Canvas, prelude::*};
use model::quest::{architecture::Input, game::Sample};
use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, ImageData};

/// A picture: width, height, and red, green, blue, alpha of each pixel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
}

/// The examples of a class: a picture each, or all vectors as the lines of one picture.
pub fn pictures(samples: &[Sample], input: Input) -> Vec<Pixels> {
    match input {
        Input::Image { side, channels } => {
            let pixels = samples.iter().filter_map(|sample| match sample {
                Sample::Picture { pixels } => Some(pixels),
                Sample::Vector { .. } => None,
            });
            pixels.map(|pixels| picture(pixels, side, channels)).collect()
        }
        Input::Vector { dimensions } => {
            let values = samples.iter().filter_map(|sample| match sample {
                Sample::Vector { values } => Some(values),
                Sample::Picture { .. } => None,
            });
            let rgba: Vec<u8> = values.flatten().flat_map(|value| colour(*value)).collect();
            let height = rgba.len() / 4 / dimensions.max(1);
            vec![Pixels { width: dimensions as u32, height: height as u32, rgba }]
        }
    }
}

fn picture(pixels: &[u8], side: usize, channels: usize) -> Pixels {
    let colour = |pixel: &[u8]| match *pixel {
        [red, green, blue] => [red, green, blue, 255],
        [grey, ..] => [grey, grey, grey, 255],
        [] => [0, 0, 0, 255],
    };
    let rgba = pixels.chunks_exact(channels.max(1)).flat_map(colour).collect();
    Pixels { width: side as u32, height: side as u32, rgba }
}

/// Blue below 0, orange above, as far from grey as the number is from 0.
fn colour(value: f32) -> [u8; 4] {
    let share = (value.abs() / 2.5).min(1.0);
    let end = if value < 0.0 { [47.0, 111.0, 208.0] } else { [217.0, 102.0, 10.0] };
    let mix = |end: f32| (235.0 + share * (end - 235.0)) as u8;
    [mix(end[0]), mix(end[1]), mix(end[2]), 255]
}

/// A picture on the page; what it shows is said by the text beside it.
#[component]
pub fn Picture(
    /// What it shows.
    pixels: Pixels,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    let (width, height) = (pixels.width, pixels.height);
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        let context =
            canvas.get_context("2d").ok().flatten().and_then(|it| it.dyn_into::<CanvasRenderingContext2d>().ok());
        let image = ImageData::new_with_u8_clamped_array_and_sh(Clamped(&pixels.rgba), width, height);
        // A canvas without a context, or an empty picture, stays blank.
        if let (Some(context), Ok(image)) = (context, image) {
            let _ = context.put_image_data(&image, 0.0, 0.0);
        }
    });
    view! { <canvas class="quest-picture" node_ref=node width=width height=height aria-hidden="true"></canvas> }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_are_as_large_as_their_examples() {
        let sample = |count: usize| Sample::Picture { pixels: vec![7; count] };
        let colour = pictures(&[sample(12), sample(12)], Input::Image { side: 2, channels: 3 });
        assert_eq!((colour.len(), colour[0].rgba.len()), (2, 16));
        let grey = pictures(&[sample(4)], Input::Image { side: 2, channels: 1 });
        assert_eq!(grey[0].rgba[..4], [7, 7, 7, 255]);
        let vectors = [Sample::Vector { values: vec![0.0, -3.0, 3.0] }, Sample::Vector { values: vec![1.0, 0.0, 0.0] }];
        let lines = pictures(&vectors, Input::Vector { dimensions: 3 });
        assert_eq!((lines[0].width, lines[0].height, lines[0].rgba.len()), (3, 2, 24));
    }
}
