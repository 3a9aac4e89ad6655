//! Drawing of the figures as SVG: cells with numbers, marks on them, stacked bars, curves. Lengths are in units of the drawing's own
//! view box; colours are the style sheet's.

use leptos::prelude::*;
use model::figures::grid::Grid;

use crate::{inside::views::choice::number, palette::colour_of};

/// The side of a cell in units of the view box.
pub const CELL: f64 = 10.0;
/// Maps with more cells across have no numbers in their cells: they could not be read.
const MAX_NUMBERED: usize = 10;

/// A mark on a cell: an outline in a colour of the palette.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mark {
    /// Index of the cell, row by row.
    pub cell: usize,
    /// The slot of its colour.
    pub slot: usize,
}

/// The custom property of a palette slot's colour.
pub fn colour(slot: usize) -> String {
    format!("var(--class-{})", colour_of(slot))
}

/// The least and the largest number that greys run over: 0 to 1, and beyond where the map goes.
pub fn grey_range(map: &Grid) -> (f64, f64) {
    let (least, largest) = map.range();
    (least.min(0.0), largest.max(1.0))
}

/// A number's grey, 0 (black) to 255 (white).
pub fn grey(value: f64, (least, largest): (f64, f64)) -> u8 {
    // In 0 to 255.
    ((value - least) / (largest - least).max(f64::MIN_POSITIVE) * 255.0).clamp(0.0, 255.0).round() as u8
}

/// A number as it stands in a cell: short.
pub fn cell_text(value: f64) -> String {
    // Single precision prints the same three digits.
    let text = number(value as f32);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Where a cell lies: left and top.
pub fn place(cell: usize, width: usize) -> (f64, f64) {
    let width = width.max(1);
    ((cell % width) as f64 * CELL, (cell / width) as f64 * CELL)
}

/// The view box of a map.
pub fn view_box(map: &Grid) -> String {
    format!("-0.6 -0.6 {} {}", map.width as f64 * CELL + 1.2, map.height as f64 * CELL + 1.2)
}

/// The cells of a map, each in its grey with its number.
///
/// # Arguments
/// * `empty` - whether nothing was put into a cell: it is drawn as such, with a 0.
/// * `range` - as [`grey_range`] has it.
pub fn cells(map: &Grid, range: (f64, f64), empty: impl Fn(usize) -> bool) -> AnyView {
    let is_numbered = map.width <= MAX_NUMBERED;
    let cell = |(index, &value): (usize, &f64)| {
        let ((x, y), grey) = (place(index, map.width), grey(value, range));
        let ink = if empty(index) {
            "cell-empty"
        } else if grey < 128 {
            "cell-dark"
        } else {
            "cell-light"
        };
        let fill = (!empty(index)).then(|| format!("rgb({grey} {grey} {grey})"));
        view! {
            <g class=ink>
                <rect x=x y=y width=CELL height=CELL fill=fill></rect>
                {is_numbered.then(|| view! { <text x=x + CELL / 2.0 y=y + 6.1>{cell_text(value)}</text> })}
            </g>
        }
    };
    map.values.iter().enumerate().map(cell).collect_view().into_any()
}

/// Outlines of cells.
pub fn marks(marks: &[Mark], width: usize) -> AnyView {
    let mark = |it: &Mark| {
        let (x, y) = place(it.cell, width);
        let (x, y, side) = (x + 0.6, y + 0.6, CELL - 1.2);
        view! {
            <rect class="mark-halo" x=x y=y width=side height=side></rect>
            <rect class="mark" x=x y=y width=side height=side style:--box=colour(it.slot)></rect>
        }
    };
    marks.iter().map(mark).collect_view().into_any()
}

/// A curve of a plot, its points in 0 to 1 across and up, with the slot of its colour.
pub type Curve = (Vec<(f64, f64)>, usize);

/// Where a point of a plot lies.
fn plot_place((x, y): (f64, f64)) -> (f64, f64) {
    (10.0 + x * 86.0, 90.0 - y * 86.0)
}

/// Path data through points of a plot; empty without any.
fn plot_path(points: &[(f64, f64)]) -> String {
    let line: Vec<String> = points.iter().map(|&it| plot_place(it)).map(|(x, y)| format!("{x:.2} {y:.2}")).collect();
    if line.is_empty() { String::new() } else { format!("M{}", line.join("L")) }
}

/// The axes of a plot in a square of 100 units.
///
/// # Arguments
/// * `across`, `up` - what an axis means, its least and its largest value.
fn axes(across: (&'static str, &'static str, &'static str), up: (&'static str, &'static str, &'static str)) -> AnyView {
    view! {
        <path class="plot-grid" d="M10 47H96M10 4H96M53 90V4M96 90V4"></path>
        <path class="plot-axis" d="M10 4V90H96"></path>
        <text class="plot-text" x="53" y="98" text-anchor="middle">{across.0}</text>
        <text class="plot-text" x="10" y="95" text-anchor="middle">{across.1}</text>
        <text class="plot-text" x="96" y="95" text-anchor="middle">{across.2}</text>
        <text class="plot-text" x="4" y="47" text-anchor="middle" transform="rotate(-90 4 47)">{up.0}</text>
        <text class="plot-text" x="8" y="91" text-anchor="end">{up.1}</text>
        <text class="plot-text" x="8" y="6" text-anchor="end">{up.2}</text>
    }
    .into_any()
}

/// A plot of two parts, 0 to 1 each: a curve and its points, each with the class of its mark.
pub fn plot(
    across: &'static str,
    up: &'static str,
    curve: &[(f64, f64)],
    points: &[((f64, f64), &'static str)],
) -> AnyView {
    let mark = |&(at, class): &((f64, f64), &'static str)| {
        let (x, y) = plot_place(at);
        view! { <circle class=class cx=x cy=y r="1.8"></circle> }
    };
    view! {
        {axes((across, "0", "1"), (up, "0", "1"))}
        <path class="plot-curve" d=plot_path(curve)></path>
        {points.iter().map(mark).collect_view()}
    }
    .into_any()
}

/// A plot of several curves in colours of the palette, with points on them.
///
/// # Arguments
/// * `across`, `up` - what an axis means, its least and its largest value.
pub fn curve_plot(
    across: (&'static str, &'static str, &'static str),
    up: (&'static str, &'static str, &'static str),
    curves: &[Curve],
    points: &[((f64, f64), usize)],
) -> AnyView {
    let curve = |(points, slot): &Curve| {
        view! { <path class="plot-coloured" d=plot_path(points) style:--box=colour(*slot)></path> }
    };
    let mark = |&(at, slot): &((f64, f64), usize)| {
        let (x, y) = plot_place(at);
        view! { <circle class="plot-point" cx=x cy=y r="1.7" style:--box=colour(slot)></circle> }
    };
    view! {
        {axes(across, up)}
        {curves.iter().map(curve).collect_view()}
        {points.iter().map(mark).collect_view()}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greys_run_from_black_to_white_and_further_where_the_map_does() {
        let map = |values: &[f64]| Grid { width: values.len(), height: 1, values: values.to_vec() };
        assert_eq!(grey_range(&map(&[0.2, 0.7])), (0.0, 1.0));
        assert_eq!(grey_range(&map(&[-0.5, 2.0])), (-0.5, 2.0));
        assert_eq!([0.0, 0.5, 1.0, 7.0].map(|it| grey(it, (0.0, 1.0))), [0, 128, 255, 255]);
        assert_eq!((grey(0.0, (-1.0, 1.0)), grey(3.0, (3.0, 3.0))), (128, 0));
    }

    #[test]
    fn numbers_in_cells_are_short() {
        let texts = [0.5, 1.0, 0.0, -0.25, 12.34, 0.333].map(cell_text);
        assert_eq!(texts, ["0.5", "1", "0", "\u{2212}0.25", "12.3", "0.33"]);
        assert_eq!((place(5, 4), place(0, 0)), ((10.0, 10.0), (0.0, 0.0)));
    }
}
