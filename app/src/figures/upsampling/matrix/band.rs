//! The matrix of a convolution of a whole row of the photo: almost nothing but zeros.

use leptos::{html::Canvas, prelude::*};
use model::figures::{
    grid::Grid,
    matrix::{convolution_matrix, product},
};
use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

use super::Bench;
use crate::{
    figures::{
        grey::{GreyPhoto, Square},
        svg::{Curve, curve_plot},
    },
    inside::views::{
        choice::{number, thousands},
        raster::raster,
    },
    paint::{prepared, view::Size},
};

/// Numbers of the row.
const LENGTH: usize = 300;
/// The slots of the row's curve and of its convolution's.
const ROW: usize = 0;
const CONVOLVED: usize = 3;

/// The grey values of the photo's middle row.
fn middle_row(photo: &GreyPhoto) -> Vec<f64> {
    let aspect = photo.aspect();
    let square = Square { left: 0.0, top: 0.0, side: 1.0 };
    // As long as the photo is wide: of a square of its shorter side only a part lies in the middle.
    let part = square.inside(aspect);
    let centred = Square { left: (1.0 - part.rect(aspect).2) / 2.0, top: (1.0 - part.rect(aspect).3) / 2.0, ..part };
    let cells = photo.cells(&centred, LENGTH);
    cells.values[LENGTH / 2 * LENGTH..][..LENGTH].to_vec()
}

/// The matrix without the columns of the padding.
fn band(weights: &[f64], stride: usize) -> Grid {
    let padded = convolution_matrix(weights, LENGTH + 2, stride);
    Grid::from_fn((LENGTH, padded.height), |x, y| padded.at(x + 1, y))
}

/// What the matrix is made of, in words.
fn words(matrix: &Grid) -> String {
    let filled = matrix.values.iter().filter(|&&it| it != 0.0).count();
    let all = matrix.values.len();
    format!(
        "{} rows and {} columns are {} numbers, of which {} are not 0, {}%: nobody stores them, the convolution says where they are.",
        matrix.height,
        matrix.width,
        thousands(all as f64),
        thousands(filled as f64),
        number((filled as f64 / all.max(1) as f64 * 100.0) as f32)
    )
}

/// The part below the small matrix.
///
/// # Arguments
/// * `photo` - its grey values.
pub fn view(bench: Bench, photo: Memo<Option<GreyPhoto>>) -> AnyView {
    let setup = bench.setup;
    let row = Memo::new(move |_| photo.with(|it| it.as_ref().map(middle_row).unwrap_or_else(|| vec![0.0; LENGTH])));
    let matrix = Memo::new(move |_| setup.with(|it| band(&it.line, it.line_stride)));
    let node = NodeRef::<Canvas>::new();
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        if let Err(error) = matrix.with(|it| draw(&canvas, it)) {
            leptos::logging::error!("the matrix could not be drawn: {error:?}");
        }
    });
    let curves = move || {
        matrix.with(|matrix| {
            row.with(|row| {
                let out = product(matrix, row);
                let most = out.iter().chain(row).fold(1.0_f64, |most, it| most.max(it.abs()));
                let curve = |values: &[f64], slot: usize| -> Curve {
                    let last = values.len().saturating_sub(1).max(1) as f64;
                    (
                        values
                            .iter()
                            .enumerate()
                            .map(|(i, it)| (i as f64 / last, (it / most).clamp(0.0, 1.0)))
                            .collect(),
                        slot,
                    )
                };
                curve_plot(
                    ("along the row", "", ""),
                    ("grey", "0", ""),
                    &[curve(row, ROW), curve(&out, CONVOLVED)],
                    &[],
                )
            })
        })
    };
    view! {
        <h2 class="fig-name">"The same for a row of the photo"</h2>
        <div class="fig-pair matrix-band">
            <canvas node_ref=node class="board-picture" style:aspect-ratio=move || matrix.with(|it| format!("{} / {}", it.width, it.height)) role="img" aria-label=move || matrix.with(words)></canvas>
            <div>
                <p class="fig-reading" data-testid="band-words">{move || matrix.with(words)}</p>
                <svg class="plot" viewBox="0 0 100 100" role="img" aria-label="The grey values of the photo's middle row, and their convolution">{curves}</svg>
                <p class="fig-note">"Yellow: the photo's middle row. Green: its product with the matrix."</p>
            </div>
        </div>
    }
    .into_any()
}

/// Draws a matrix: black where a weight is.
fn draw(canvas: &HtmlCanvasElement, matrix: &Grid) -> Result<(), JsValue> {
    let (width, height) = (matrix.width as f64, matrix.height as f64);
    let context = prepared(canvas, Size::new(width as f32, height as f32), 1.0)?;
    let most = matrix.values.iter().fold(f64::MIN_POSITIVE, |most, it| most.max(it.abs()));
    // In 0 to 255.
    let grey = |it: &f64| (255.0 * (1.0 - it.abs() / most)) as u8;
    let pixels: Vec<u8> = matrix.values.iter().map(grey).flat_map(|it| [it, it, it, 255]).collect();
    let picture = raster(&pixels, matrix.size())?;
    context.set_image_smoothing_enabled(false);
    context.draw_image_with_html_canvas_element_and_dw_and_dh(&picture, 0.0, 0.0, width, height)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_each_row_three_numbers_are_not_0() {
        let one = band(&[1.0, 2.0, 0.5], 1);
        assert_eq!(one.size(), (300, 300));
        assert!(
            words(&one).starts_with("300 rows and 300 columns are 90,000 numbers, of which 898 are not 0, 1.00%"),
            "{}",
            words(&one)
        );
        assert_eq!(band(&[1.0, 2.0, 0.5], 2).size(), (300, 150));
    }
}
