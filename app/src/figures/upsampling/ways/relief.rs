//! A map as a relief: each cell a column as high as its number.

use leptos::prelude::*;
use model::figures::grid::Grid;

use crate::figures::svg::{grey, grey_range};

/// Half the width and half the height of a cell's top in units of the drawing.
const HALF: (f64, f64) = (10.0, 5.0);
/// The height of the largest number.
const HEIGHT: f64 = 46.0;

/// A column: the corners of its visible faces, and its grey.
#[derive(Clone, Debug, PartialEq)]
struct Column {
    top: [(f64, f64); 4],
    left: [(f64, f64); 4],
    right: [(f64, f64); 4],
    grey: u8,
    is_flat: bool,
}

/// The columns of a map, those behind first.
fn columns(map: &Grid) -> Vec<Column> {
    let range = grey_range(map);
    let (least, largest) = range;
    let unit = HEIGHT / (largest - least).max(f64::MIN_POSITIVE);
    let mut cells: Vec<(usize, usize)> = (0..map.height).flat_map(|y| (0..map.width).map(move |x| (x, y))).collect();
    cells.sort_by_key(|(x, y)| x + y);
    let column = |(x, y): (usize, usize)| {
        let value = map.at(x, y);
        let rise = (value - least) * unit;
        let place = |x: usize, y: usize, up: f64| {
            let (x, y) = (x as f64, y as f64);
            ((x - y) * HALF.0, (x + y) * HALF.1 - up)
        };
        let [back, right, front, left] = [(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)];
        let (high, low) = (|it: (usize, usize)| place(it.0, it.1, rise), |it: (usize, usize)| place(it.0, it.1, 0.0));
        Column {
            top: [high(back), high(right), high(front), high(left)],
            left: [high(left), high(front), low(front), low(left)],
            right: [high(front), high(right), low(right), low(front)],
            grey: grey(value, range),
            is_flat: rise <= 0.0,
        }
    };
    cells.into_iter().map(column).collect()
}

fn face(corners: &[(f64, f64); 4], class: &'static str, grey: u8) -> AnyView {
    let points = corners.map(|(x, y)| format!("{x:.1},{y:.1}")).join(" ");
    view! { <polygon class=class points=points fill=format!("rgb({grey} {grey} {grey})")></polygon> }.into_any()
}

/// The map as a relief.
pub fn relief(map: &Grid, label: String) -> AnyView {
    let column = |it: &Column| {
        // Its sides lie in the shade.
        let shade = |part: f64| (f64::from(it.grey) * part) as u8;
        let sides = (!it.is_flat).then(|| {
            view! { {face(&it.left, "relief-side", shade(0.82))}{face(&it.right, "relief-side", shade(0.62))} }
        });
        view! { {sides}{face(&it.top, "relief-top", it.grey)} }
    };
    let (width, height) = (map.width as f64, map.height as f64);
    let view_box = format!(
        "{:.1} {:.1} {:.1} {:.1}",
        -height * HALF.0 - 1.0,
        -HEIGHT - 1.0,
        (width + height) * HALF.0 + 2.0,
        (width + height) * HALF.1 + HEIGHT + 2.0,
    );
    view! {
        <svg class="relief" viewBox=view_box role="img" aria-label=label data-testid="relief">
            {columns(map).iter().map(column).collect_view()}
        </svg>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_high_as_their_numbers_and_those_behind_come_first() {
        let map = Grid { width: 2, height: 2, values: vec![1.0, 0.0, 0.0, 0.5] };
        let found = columns(&map);
        assert_eq!(found.len(), 4);
        // The first is the upper left cell, the furthest; the last one is nearest.
        assert_eq!((found[0].top[0], found[0].grey), ((0.0, -HEIGHT), 255));
        assert_eq!((found[3].top[2], found[3].is_flat), ((0.0, 4.0 * HALF.1 - HEIGHT / 2.0), false));
        assert!(found[1].is_flat && found[2].is_flat);
        assert_eq!(found[3].left[2], (0.0, 4.0 * HALF.1));
        assert!(columns(&Grid::default()).is_empty());
    }
}
