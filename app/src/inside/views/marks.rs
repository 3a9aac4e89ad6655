//! Lines and cells over the photo that stages share: thin, with a halo, so that they read on any photo.

use js_sys::Array;
use model::structures::boxes::BBox;
use wasm_bindgen::JsValue;

use crate::paint::{
    pen::{Pen, Shown},
    view::View,
};

/// The palette's white: for what has no class of its own.
pub const NEUTRAL: usize = 4;

/// How a box is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Its colour: a slot of the palette.
    pub slot: usize,
    /// CSS pixels across.
    pub width: f64,
    /// Whether it has gaps.
    pub dashed: bool,
    /// How visible it is, 0 to 1.
    pub alpha: f64,
}

impl Line {
    /// A line without gaps.
    pub const fn solid(slot: usize) -> Self {
        Self { slot, width: 2.25, dashed: false, alpha: 1.0 }
    }

    /// A thinner line with gaps.
    pub const fn dashed(slot: usize) -> Self {
        Self { slot, width: 1.5, dashed: true, alpha: 1.0 }
    }

    /// The same line, less visible.
    pub const fn faint(self, alpha: f64) -> Self {
        Self { alpha, ..self }
    }
}

/// Draws a box.
///
/// # Arguments
/// * `bbox` - in photo pixels.
///
/// # Errors
/// What the browser says.
pub fn outline(pen: &Pen, view: &View, bbox: &BBox, line: Line) -> Result<(), JsValue> {
    let at = view.to_canvas(bbox);
    pen.context.begin_path();
    pen.context.rect(f64::from(at.x0), f64::from(at.y0), f64::from(at.width()), f64::from(at.height()));
    stroke(pen, line)
}

/// Draws a line between two points in photo pixels.
///
/// # Errors
/// What the browser says.
pub fn connect(pen: &Pen, view: &View, from: (f32, f32), to: (f32, f32), line: Line) -> Result<(), JsValue> {
    let on_canvas = |(x, y): (f32, f32)| (f64::from(x * view.scale + view.left), f64::from(y * view.scale + view.top));
    let ((x0, y0), (x1, y1)) = (on_canvas(from), on_canvas(to));
    pen.context.begin_path();
    pen.context.move_to(x0, y0);
    pen.context.line_to(x1, y1);
    stroke(pen, line)
}

/// Draws an arrow between two points in photo pixels; none where they are the same.
///
/// # Errors
/// What the browser says.
pub fn arrow(pen: &Pen, view: &View, from: (f32, f32), to: (f32, f32), line: Line) -> Result<(), JsValue> {
    let ends = barbs(from, to);
    connect(pen, view, from, to, line)?;
    ends.into_iter().flatten().try_for_each(|end| connect(pen, view, to, end, line))
}

/// The far ends of the two short lines at an arrow's point: a third of its length.
fn barbs(from: (f32, f32), to: (f32, f32)) -> Option<[(f32, f32); 2]> {
    const PART: f32 = 0.33;
    let (dx, dy) = ((from.0 - to.0) * PART, (from.1 - to.1) * PART);
    let (sine, cosine) = std::f32::consts::FRAC_PI_6.sin_cos();
    let turned = |sine: f32| (to.0 + dx * cosine - dy * sine, to.1 + dx * sine + dy * cosine);
    (dx != 0.0 || dy != 0.0).then(|| [turned(sine), turned(-sine)])
}

/// Draws a dot of a radius in CSS pixels at a point in photo pixels.
///
/// # Errors
/// What the browser says.
pub fn dot(pen: &Pen, view: &View, (x, y): (f32, f32), radius: f64, slot: usize) -> Result<(), JsValue> {
    let (x, y) = (f64::from(x * view.scale + view.left), f64::from(y * view.scale + view.top));
    for (radius, colour) in [(radius + 1.25, pen.tokens.halo(slot)), (radius, pen.tokens.colour(slot))] {
        pen.context.begin_path();
        pen.context.arc(x, y, radius, 0.0, std::f64::consts::TAU)?;
        pen.context.set_fill_style_str(colour);
        pen.context.fill();
    }
    Ok(())
}

/// Draws the lines of a grid over a region of the photo.
///
/// # Arguments
/// * `region` - in photo pixels.
/// * `(columns, rows)` - how many cells it has.
///
/// # Errors
/// What the browser says.
pub fn grid(pen: &Pen, view: &View, region: &BBox, (columns, rows): (usize, usize)) -> Result<(), JsValue> {
    let at = view.to_canvas(region);
    let (x0, y0, x1, y1) = (f64::from(at.x0), f64::from(at.y0), f64::from(at.x1), f64::from(at.y1));
    pen.context.begin_path();
    for column in 0..=columns {
        let x = x0 + (x1 - x0) * column as f64 / columns.max(1) as f64;
        pen.context.move_to(x, y0);
        pen.context.line_to(x, y1);
    }
    for row in 0..=rows {
        let y = y0 + (y1 - y0) * row as f64 / rows.max(1) as f64;
        pen.context.move_to(x0, y);
        pen.context.line_to(x1, y);
    }
    stroke(pen, Line { width: 1.0, ..Line::solid(NEUTRAL) }.faint(0.6))
}

/// Strokes the context's path: the halo below, the colour above.
///
/// # Errors
/// What the browser says.
pub fn stroke(pen: &Pen, line: Line) -> Result<(), JsValue> {
    let pattern = if line.dashed { Array::of2(&6.0.into(), &4.0.into()) } else { Array::new() };
    pen.context.set_line_dash(&pattern)?;
    pen.context.set_line_join("round");
    pen.context.set_global_alpha(line.alpha);
    for (width, colour) in [(line.width + 1.75, pen.tokens.halo(line.slot)), (line.width, pen.tokens.colour(line.slot))]
    {
        pen.context.set_line_width(width);
        pen.context.set_stroke_style_str(colour);
        pen.context.stroke();
    }
    pen.context.set_global_alpha(1.0);
    pen.context.set_line_dash(&Array::new())
}

/// The part of a region that a cell of a grid covers, in photo pixels.
pub fn cell_box(region: &BBox, (columns, rows): (usize, usize), (x, y): (usize, usize)) -> BBox {
    let (width, height) = (region.width() / columns.max(1) as f32, region.height() / rows.max(1) as f32);
    let (left, top) = (region.x0 + x as f32 * width, region.y0 + y as f32 * height);
    BBox::new(left, top, left + width, top + height)
}

/// The cell of a grid over a region at a point in photo pixels; `None` outside.
pub fn cell_at(region: &BBox, (columns, rows): (usize, usize), at: (f32, f32)) -> Option<(usize, usize)> {
    let part = ((at.0 - region.x0) / region.width(), (at.1 - region.y0) / region.height());
    let inside = (0.0..1.0).contains(&part.0) && (0.0..1.0).contains(&part.1);
    let cell = |part: f32, count: usize| ((part * count as f32) as usize).min(count.saturating_sub(1));
    (inside && columns > 0 && rows > 0).then(|| (cell(part.0, columns), cell(part.1, rows)))
}

/// The whole photo as a box.
pub const fn whole(shown: &Shown) -> BBox {
    BBox::new(0.0, 0.0, shown.photo.width, shown.photo.height)
}

/// The cell that an arrow key leads to, at the edges the same one; `None` for other keys.
pub fn moved(key: &str, (x, y): (usize, usize), (columns, rows): (usize, usize)) -> Option<(usize, usize)> {
    let last = |count: usize| count.saturating_sub(1);
    match key {
        "ArrowLeft" => Some((x.saturating_sub(1), y)),
        "ArrowRight" => Some(((x + 1).min(last(columns)), y)),
        "ArrowUp" => Some((x, y.saturating_sub(1))),
        "ArrowDown" => Some((x, (y + 1).min(last(rows)))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cell_contains_its_own_centre_and_only_points_inside_have_a_cell() {
        let region = BBox::new(10.0, 20.0, 310.0, 120.0);
        for (x, y) in [(0, 0), (18, 18), (12, 7)] {
            assert_eq!(cell_at(&region, (19, 19), cell_box(&region, (19, 19), (x, y)).centre()), Some((x, y)));
        }
        assert_eq!(cell_at(&region, (19, 19), (9.9, 50.0)), None);
        assert_eq!(cell_at(&region, (19, 19), (310.0, 50.0)), None, "the right edge is outside");
        assert_eq!(cell_at(&BBox::default(), (1, 1), (0.0, 0.0)), None, "nothing is inside of nothing");
    }

    #[test]
    fn the_point_of_an_arrow_is_open_to_where_it_comes_from() {
        let [a, b] = barbs((0.0, 0.0), (9.0, 0.0)).expect("it has a length");
        assert!((a.0 - b.0).abs() < 1e-4 && (a.1 + b.1).abs() < 1e-4 && a.0 < 9.0 && a.0 > 4.5, "{a:?} {b:?}");
        assert_eq!(barbs((3.0, 3.0), (3.0, 3.0)), None);
    }

    #[test]
    fn arrow_keys_stop_at_the_edges() {
        assert_eq!(moved("ArrowLeft", (0, 3), (5, 5)), Some((0, 3)));
        assert_eq!(moved("ArrowDown", (0, 3), (5, 5)), Some((0, 4)));
        assert_eq!(moved("ArrowDown", (0, 4), (5, 5)), Some((0, 4)));
        assert_eq!(moved("Enter", (0, 4), (5, 5)), None);
    }
}
