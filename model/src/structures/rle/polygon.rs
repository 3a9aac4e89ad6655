//! Filling polygons as COCO's tools do: the outline is drawn on a grid five times as fine, and where it crosses the centre
//! line of a column of pixels, inside and outside change.

use super::RleError;

/// Fine cells for each pixel.
const FINE: i64 = 5;
/// The fine column and row through a pixel's centre.
const CENTRE: i64 = 2;
/// Coordinates further out are refused: drawing their outline would take for ever.
const FARTHEST: f64 = 1e6;

/// The places, ascending, at which inside and outside change, counted down the columns.
///
/// # Errors
/// [`RleError::Polygon`].
pub(super) fn toggles(points: &[f64], (width, height): (usize, usize)) -> Result<Vec<usize>, RleError> {
    if !points.len().is_multiple_of(2) || !points.iter().all(|at| at.abs() < FARTHEST) {
        return Err(RleError::Polygon);
    }
    // Truncated, not floored: COCO's tools do so left of and above the photo too.
    let fine = |at: f64| (FINE as f64 * at + 0.5) as i64;
    let corners: Vec<(i64, i64)> = points.chunks_exact(2).map(|point| (fine(point[0]), fine(point[1]))).collect();
    let (width, height) = (width as i64, height as i64);
    let mut toggles = Vec::new();
    for (i, &from) in corners.iter().enumerate() {
        let mut before = from;
        trace(from, corners[(i + 1) % corners.len()], |at| {
            // The outline passes between two fine columns; the left one decides whether that is a centre line.
            let left = at.0.min(before.0);
            let crosses = at.0 != before.0 && (left - CENTRE).rem_euclid(FINE) == 0;
            let column = (left - CENTRE).div_euclid(FINE);
            if crosses && (0..width).contains(&column) {
                let upper = at.1.min(before.1);
                // The first pixel whose centre is not above the outline.
                let row = (upper - CENTRE + FINE - 1).div_euclid(FINE).clamp(0, height);
                toggles.push((column * height + row) as usize);
            }
            before = at;
        });
    }
    toggles.sort_unstable();
    Ok(toggles)
}

/// Visits the fine cells of a line, a step at a time along its longer direction.
fn trace(from: (i64, i64), to: (i64, i64), mut visit: impl FnMut((i64, i64))) {
    let (across, down) = ((to.0 - from.0).abs(), (to.1 - from.1).abs());
    let wide = across >= down;
    let steps = across.max(down);
    if steps == 0 {
        return;
    }
    // Lines are computed rightwards or downwards, whichever way they are drawn, so that neighbours share their edge.
    let backwards = if wide { from.0 > to.0 } else { from.1 > to.1 };
    let (start, end) = if backwards { (to, from) } else { (from, to) };
    let slope = if wide { (end.1 - start.1) as f64 } else { (end.0 - start.0) as f64 } / steps as f64;
    for i in 0..=steps {
        let step = if backwards { steps - i } else { i };
        let aside = |at: i64| (at as f64 + slope * step as f64 + 0.5) as i64;
        visit(if wide { (start.0 + step, aside(start.1)) } else { (aside(start.0), start.1 + step) });
    }
}
