//! Checkerboards: where copies of a filter overlap unevenly.

use leptos::{html::Canvas, prelude::*};
use model::figures::{grid::Grid, spectrum::shares, stack::stacked};
use wasm_bindgen::JsValue;
use web_sys::HtmlCanvasElement;

use super::{
    Bench,
    setup::{MAX_LAYERS, SIDES, bilinear},
};
use crate::{
    figures::{
        controls::to_try,
        numbers::{Numbers, lines, table},
        piece::PhotoPiece,
        svg::grey,
    },
    inside::views::{
        choice::{Choice, Switch},
        raster::raster,
    },
    paint::{prepared, view::Size},
};

/// Cells along each side of the map that the stack begins with.
const SIDE: usize = 8;
/// How often the mean a white cell is, at least.
const LIGHT: f64 = 1.4;
/// Pixels across of a picture.
const PICTURE: f32 = 320.0;

/// The part of the figure.
pub fn view(bench: Bench) -> AnyView {
    let setup = bench.setup;
    let input = Memo::new(move |_| {
        let (fine, on_photo) = (bench.fine.get(), setup.with(|it| it.on_photo));
        let mean = fine.values.iter().sum::<f64>() / fine.values.len().max(1) as f64;
        if on_photo { resized(&fine) } else { Grid::filled((SIDE, SIDE), if mean > 0.0 { mean } else { 1.0 }) }
    });
    let layers: Vec<String> = (1..=MAX_LAYERS).map(|it| it.to_string()).collect();
    let of = |is: bool| usize::from(is);
    view! {
        <p class="fig-lead">
            "A number that is the sum of four copies is larger than its neighbour of one, though the photo is flat there. "
            "A kernel whose side is a multiple of the stride lies over every cell equally often: ones of 2 \u{d7} 2 are nearest neighbour."
        </p>
        <div class="fig-choices">
            <Choice id="area" label="On" options=Signal::stored(vec!["a flat area".to_owned(), "the photo".to_owned()])
                chosen=Signal::derive(move || of(setup.with(|it| it.on_photo)))
                choose=move |index: usize| setup.update(|it| it.on_photo = index == 1)/>
            <Choice id="layers" label="Layers of stride 2" options=Signal::stored(layers)
                chosen=Signal::derive(move || setup.with(|it| it.layers - 1))
                choose=move |index: usize| setup.update(|it| it.layers = index + 1)/>
            <Choice id="stack" label="Filters" options=Signal::stored(vec!["All ones".to_owned(), "Bilinear".to_owned()])
                chosen=Signal::derive(move || of(setup.with(|it| it.bilinear)))
                choose=move |index: usize| setup.update(|it| it.bilinear = index == 1)/>
            <Switch id="stack-divide" label="Divide by count" on=Signal::derive(move || setup.with(|it| it.is_divided))
                set=move |on| setup.update(|it| it.is_divided = on)/>
        </div>
        <div class="fig-boards">
            {SIDES.map(|side| view! { <Board bench side input/> }).collect_view()}
        </div>
        <Show when=move || setup.with(|it| it.on_photo)>
            <div class="board-photo">
                <PhotoPiece square=Signal::derive(move || setup.with(|it| it.square)) cells=Signal::stored(SIDE)
                    set=move |square| setup.update(|it| (it.square, it.map) = (square, None))/>
            </div>
        </Show>
        {to_try("Go from one layer to three. Then divide by the count, or take bilinear filters: a layer can learn weights that leave no \
                 pattern, but nothing makes it do so. With 2 × 2 and 4 × 4 there is none to begin with.")}
        <Numbers text=move || setup.with(|it| {
            SIDES.map(|side| lines(&format!("Kernel {side} × {side}"), &stacked(&input.get(), &kernel(side, it.bilinear), 1, it.is_divided))).concat()
        })>
            {move || setup.with(|it| {
                let first = |side| stacked(&input.get(), &kernel(side, it.bilinear), 1, it.is_divided);
                view! {
                    {table("table-2", "Kernel 2 × 2, first layer", &first(2))}
                    {table("table-3", "Kernel 3 × 3, first layer", &first(3))}
                    {table("table-4", "Kernel 4 × 4, first layer", &first(4))}
                }
            })}
        </Numbers>
    }
    .into_any()
}

/// The photo's cells as the stack begins with them.
fn resized(fine: &Grid) -> Grid {
    Grid::from_fn((SIDE, SIDE), |x, y| fine.at(x * fine.width / SIDE, y * fine.height / SIDE))
}

/// A filter of the stack.
fn kernel(side: usize, is_bilinear: bool) -> Grid {
    if is_bilinear { bilinear(side) } else { Grid::filled((side, side), 1.0) }
}

/// How many copies of a kernel lie over a cell at stride 2, in words.
fn counts(side: usize) -> &'static str {
    match side {
        2 => "1 copy over every cell",
        3 => "1, 2 or 4 copies over a cell",
        _ => "4 copies over every cell",
    }
}

/// What comes of kernels of one size.
#[component]
fn Board(
    /// The figure.
    bench: Bench,
    /// The side of the kernel.
    side: usize,
    /// What the stack begins with.
    input: Memo<Grid>,
) -> impl IntoView {
    let node = NodeRef::<Canvas>::new();
    let map = Memo::new(move |_| {
        let (layers, is_bilinear, is_divided) = bench.setup.with(|it| (it.layers, it.bilinear, it.is_divided));
        input.with(|input| stacked(input, &kernel(side, is_bilinear), layers, is_divided))
    });
    let share = Memo::new(move |_| map.with(shares));
    Effect::new(move |_| {
        let Some(canvas) = node.get() else { return };
        if let Err(error) = map.with(|map| draw(&canvas, map)) {
            leptos::logging::error!("a map could not be drawn: {error:?}");
        }
    });
    let percent = move || format!("{:.1}%", share.get().nyquist * 100.0);
    let size = move || map.with(|it| format!("{} × {} cells", it.width, it.height));
    let label =
        move || format!("Kernel {side} by {side}: {}, {} of the energy at the Nyquist frequency", size(), percent());
    view! {
        <section class="board" data-testid="board" data-kernel=side data-nyquist=move || format!("{:.6}", share.get().nyquist)
            aria-label=format!("Kernel {side} by {side}")>
            <h2 class="fig-name">{format!("Kernel {side} × {side}")}</h2>
            <canvas node_ref=node class="board-picture" role="img" aria-label=label></canvas>
            <p class="board-share"><b>{percent}</b>" at the Nyquist frequency"</p>
            <p class="fig-note">{move || format!("{}. {}.", counts(side), size())}</p>
        </section>
    }
}

/// Draws a map.
fn draw(canvas: &HtmlCanvasElement, map: &Grid) -> Result<(), JsValue> {
    let context = prepared(canvas, Size::new(PICTURE, PICTURE), 1.0)?;
    if map.values.is_empty() {
        return Ok(());
    }
    // A flat map is light grey, and its pattern is both lighter and darker.
    let mean = map.values.iter().sum::<f64>() / map.values.len() as f64;
    let range = (0.0, map.range().1.max(LIGHT * mean));
    let pixels: Vec<u8> = map.values.iter().map(|&it| grey(it, range)).flat_map(|it| [it, it, it, 255]).collect();
    let picture = raster(&pixels, map.size())?;
    context.set_image_smoothing_enabled(false);
    let side = f64::from(PICTURE);
    context.draw_image_with_html_canvas_element_and_dw_and_dh(&picture, 0.0, 0.0, side, side)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_photo_s_cells_are_repeated_or_thinned_to_eight() {
        let four = Grid::from_fn((4, 4), |x, y| (4 * y + x) as f64);
        assert_eq!(resized(&four).values[..8], [0.0, 0.0, 1.0, 1.0, 2.0, 2.0, 3.0, 3.0]);
        let sixteen = Grid::from_fn((16, 16), |x, _| x as f64);
        assert_eq!(resized(&sixteen).values[..8], [0.0, 2.0, 4.0, 6.0, 8.0, 10.0, 12.0, 14.0]);
    }
}
