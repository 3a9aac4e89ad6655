//! What a region reads of the map, drawn over the photo.

use leptos::prelude::*;
use model::{
    figures::regions::{BinGrid, sample_points},
    structures::boxes::BBox,
};

use super::{Bench, setup::Method, uncovered};
use crate::figures::{
    boxes_on_photo::outline,
    svg::{grey, grey_range},
};

/// Cells, what is lost of the box, bins and samples.
pub fn of(bench: Bench) -> AnyView {
    let (method, bbox, side) = bench.setup.with(|it| (it.method, it.bbox, it.side));
    let (width, height) = bench.size();
    let in_photo = |it: &BBox| it.scale(1.0 / width as f32, 1.0 / height as f32);
    let bins = bench.bins(method);
    let read = bins.as_ref().map_or_else(
        || {
            BBox::new(
                (bbox.x0 * width as f32).floor(),
                (bbox.y0 * height as f32).floor(),
                (bbox.x1 * width as f32).ceil(),
                (bbox.y1 * height as f32).ceil(),
            )
        },
        BinGrid::extent,
    );
    let lost = bins.as_ref().map(|it| uncovered(&bbox, &in_photo(&it.extent()))).unwrap_or_default();
    view! {
        {map_cells(bench, &read)}
        <path class="map-lines" d=grid_lines(&read, (width, height))></path>
        {lost.iter().map(|it| outline(it, "region-lost", None)).collect_view()}
        {match &bins {
            Some(bins) => whole_bins(bins, (width, height), bench.bin.get(), bench),
            None => samples(&bbox, (width, height), side, bench.bin.get()),
        }}
        {bench.heads.shown().and_then(|it| it.1.corrected).map(|it| outline(&it, "box-line region-corrected", None))}
        {bench.masks.outlines()}
        {(method != Method::Align).then(|| outline(&in_photo(&read), "box-line region-read", None))}
    }
    .into_any()
}

/// The map's cells under a rectangle in cells, in their greys.
fn map_cells(bench: Bench, read: &BBox) -> Option<AnyView> {
    bench.map.with(|map| {
        let map = &map.as_ref()?.0;
        let range = grey_range(map);
        // Inside the map, so they are whole and small.
        let span = |from: f32, to: f32, count: usize| (from.max(0.0) as usize)..(to.max(0.0) as usize).min(count);
        let columns = span(read.x0, read.x1, map.width);
        let cells = span(read.y0, read.y1, map.height).flat_map(|y| columns.clone().map(move |x| (x, y)));
        let cell = |(x, y): (usize, usize)| {
            let (across, down) = (1000.0 / map.width as f64, 1000.0 / map.height as f64);
            let grey = grey(map.at(x, y), range);
            view! {
                <rect class="map-cell" x=x as f64 * across y=y as f64 * down width=across height=down fill=format!("rgb({grey} {grey} {grey})")></rect>
            }
        };
        Some(cells.map(cell).collect_view().into_any())
    })
}

/// The borders of cells under a rectangle in cells, as path data.
fn grid_lines(read: &BBox, (width, height): (usize, usize)) -> String {
    let (across, down) = (1000.0 / width as f32, 1000.0 / height as f32);
    let (x0, x1, y0, y1) = (read.x0 * across, read.x1 * across, read.y0 * down, read.y1 * down);
    let mut path = String::new();
    for column in read.x0 as usize..=read.x1.max(0.0) as usize {
        path += &format!("M{:.1} {y0:.1}V{y1:.1}", column as f32 * across);
    }
    for row in read.y0 as usize..=read.y1.max(0.0) as usize {
        path += &format!("M{x0:.1} {:.1}H{x1:.1}", row as f32 * down);
    }
    path
}

/// Bins of whole cells, the pointed one bold, with the cell of its largest number.
fn whole_bins(bins: &BinGrid, (width, height): (usize, usize), pointed: (usize, usize), bench: Bench) -> AnyView {
    let rect = |x: usize, y: usize| {
        let (columns, rows) = bins.bin(x, y);
        let (across, down) = (1.0 / width as f32, 1.0 / height as f32);
        BBox::new(
            columns.start as f32 * across,
            rows.start as f32 * down,
            columns.end as f32 * across,
            rows.end as f32 * down,
        )
    };
    let all = (0..bins.rows.len()).flat_map(|y| (0..bins.columns.len()).map(move |x| (x, y)));
    let cell = bench.map.with(|map| {
        let is_largest = bench.setup.with(|it| matches!(it.method, Method::Pool | Method::Pyramid));
        let from = is_largest.then(|| map.as_ref().map(|map| bins.largest(&map.0).1)).flatten()?;
        let cell = from.get(pointed.1 * bins.columns.len() + pointed.0).copied().flatten()?;
        let (x, y) = ((cell % width) as f32, (cell / width) as f32);
        Some(BBox::new(x, y, x + 1.0, y + 1.0).scale(1.0 / width as f32, 1.0 / height as f32))
    });
    view! {
        {all.map(|(x, y)| outline(&rect(x, y), "bin-line", None)).collect_view()}
        {outline(&rect(pointed.0, pointed.1), "bin-line bin-now", None)}
        {cell.map(|it| outline(&it, "bin-largest", None))}
    }
    .into_any()
}

/// Bins without rounding and their samples, those of the pointed bin large.
fn samples(bbox: &BBox, size: (usize, usize), side: usize, pointed: (usize, usize)) -> AnyView {
    let rect = |x: usize, y: usize| {
        let (w, h) = (bbox.width() / side as f32, bbox.height() / side as f32);
        let (left, top) = (bbox.x0 + x as f32 * w, bbox.y0 + y as f32 * h);
        BBox::new(left, top, left + w, top + h)
    };
    let dots = |x: usize, y: usize| {
        let points = sample_points(bbox, size, side, (x, y));
        let at =
            |(x, y): (f64, f64)| format!("M{:.1} {:.1}h.1", x / size.0 as f64 * 1000.0, y / size.1 as f64 * 1000.0);
        points.into_iter().map(at).collect::<String>()
    };
    let all: String = (0..side * side).map(|i| dots(i % side, i / side)).collect();
    let bins = || (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
    view! {
        {bins().map(|(x, y)| outline(&rect(x, y), "bin-line", None)).collect_view()}
        {outline(&rect(pointed.0, pointed.1), "bin-line bin-now", None)}
        <path class="sample-dots" d=all></path>
        <path class="sample-dots sample-now" d=dots(pointed.0, pointed.1)></path>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_run_round_every_cell() {
        let path = grid_lines(&BBox::new(2.0, 1.0, 4.0, 2.0), (10, 10));
        assert_eq!(path, "M200.0 100.0V200.0M300.0 100.0V200.0M400.0 100.0V200.0M200.0 100.0H400.0M200.0 200.0H400.0");
    }
}
