//! A map whose cells can be pointed at: by mouse, by finger, and with the arrow keys.

use leptos::prelude::*;
use model::figures::grid::Grid;
use web_sys::{KeyboardEvent, PointerEvent};

use super::{
    piece::place_of,
    svg::{Mark, cells, grey_range, marks as draw_marks, view_box},
};
use crate::inside::views::marks::moved;

/// A map with its numbers. The cell that is pointed at is told to `choose`; what that means, and what is marked for it, is
/// the owner's.
#[component]
pub fn CellGrid(
    /// Its test id.
    id: &'static str,
    /// What it is, for those who do not see it.
    #[prop(into)]
    label: Signal<String>,
    /// The map.
    #[prop(into)]
    map: Signal<Grid>,
    /// Cells that nothing was put into.
    #[prop(into, optional)]
    empty: Signal<Vec<usize>>,
    /// Outlined cells; later ones lie over earlier ones.
    #[prop(into, optional)]
    marks: Signal<Vec<Mark>>,
    /// A dashed rectangle: left, top, width, height in cells.
    #[prop(into, optional)]
    frame: Signal<Option<[usize; 4]>>,
    /// The cell that arrow keys start from.
    #[prop(into)]
    active: Signal<Option<usize>>,
    /// Takes the cell that is pointed at.
    choose: impl Fn(usize) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let size = Memo::new(move |_| map.with(Grid::size));
    let point = move |event: &PointerEvent| {
        if let Some(cell) = place_of(event).and_then(|at| cell_at(at, size.get_untracked())) {
            choose(cell);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let (width, height) = size.get_untracked();
        let at = active.get_untracked().filter(|&it| it < width * height).unwrap_or_default();
        if let Some((x, y)) = moved(&event.key(), (at % width.max(1), at / width.max(1)), (width, height)) {
            event.prevent_default();
            event.stop_propagation();
            choose(y * width + x);
        }
    };
    view! {
        <div class="cells" data-testid=id role="application" aria-roledescription="map" tabindex="0" aria-label=move || label.get()
            data-width=move || size.get().0 data-height=move || size.get().1
            on:pointermove=move |event| point(&event) on:pointerdown=move |event| point(&event) on:keydown=on_key>
            <svg viewBox=move || map.with(view_box) aria-hidden="true" focusable="false">
                {move || map.with(|map| empty.with(|empty| cells(map, grey_range(map), |cell| empty.binary_search(&cell).is_ok())))}
                {move || marks.with(|it| draw_marks(it, size.get().0))}
                {move || frame.get().map(|[x, y, width, height]| view! {
                    <rect class="cells-frame" x=x * 10 y=y * 10 width=width * 10 height=height * 10></rect>
                })}
            </svg>
        </div>
    }
}

/// The cell at a place of a map, in fractions of its width and height.
fn cell_at((x, y): (f64, f64), (width, height): (usize, usize)) -> Option<usize> {
    let inside = (0.0..1.0).contains(&x) && (0.0..1.0).contains(&y);
    // In 0 to the number of cells.
    inside.then(|| (y * height as f64) as usize * width + (x * width as f64) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_have_their_cells() {
        assert_eq!(cell_at((0.0, 0.0), (3, 2)), Some(0));
        assert_eq!(cell_at((0.99, 0.6), (3, 2)), Some(5));
        assert_eq!((cell_at((1.0, 0.5), (3, 2)), cell_at((f64::NAN, 0.5), (3, 2))), (None, None));
    }
}
