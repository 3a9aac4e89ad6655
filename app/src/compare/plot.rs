//! Time against quality: what was measured on many photos, and what was found on this one.

use leptos::prelude::*;

use super::{
    axis::Axis,
    labels::{Area, place, text_width},
    row::Shown,
    story::{percent, time},
};

/// The whole drawing, and the frame of the points in it.
const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 262.0;
const FRAME: Area = Area { x: 30.0, y: 10.0, width: 298.0, height: 208.0 };
/// A name's height.
const TEXT: f64 = 13.0;

/// A point.
#[derive(Clone, Debug, PartialEq)]
struct Point {
    name: &'static str,
    at: (f64, f64),
    /// Whether it says what was found on this photo.
    is_here: bool,
    /// Whether it was measured on other photos than most.
    is_apart: bool,
    words: String,
}

fn at(axis: Axis, ms: f64, quality: f64) -> (f64, f64) {
    (FRAME.x + axis.place(ms) * FRAME.width, FRAME.y + (1.0 - quality) * FRAME.height)
}

/// The points of rows whose time is known.
fn points(rows: &[Shown], axis: Axis) -> Vec<Point> {
    let mut points = Vec::new();
    for shown in rows {
        let (Some(ms), info) = (shown.row.whole_ms, shown.row.info()) else { continue };
        let took = time(ms);
        if let Some(it) = info.system.measured() {
            let words = format!("{}: {took}, {:.3} {} on {}", info.title, it.value, it.measure, it.on);
            let (at, is_apart) = (at(axis, ms, f64::from(it.value)), it.ssd_there.is_some());
            points.push(Point { name: info.title, at, is_here: false, is_apart, words });
        }
        if let Some(share) = shown.found.and_then(|it| it.share()) {
            let words = format!("{}: {took}, {} of what is marked on this photo", info.title, percent(share));
            points.push(Point { name: info.title, at: at(axis, ms, share), is_here: true, is_apart: false, words });
        }
    }
    points
}

/// The names of the points: one a system, at what was measured if there is that.
fn names(points: &[Point]) -> Vec<(&'static str, Area)> {
    let mut named: Vec<&Point> = Vec::new();
    for point in points {
        if named.iter().all(|it| it.name != point.name) {
            named.push(point);
        }
    }
    let others: Vec<_> = points.iter().filter(|it| !named.contains(it)).map(|it| it.at).collect();
    let wanted: Vec<_> = named.iter().map(|it| (it.at, text_width(it.name))).collect();
    let areas = place(&wanted, &others, TEXT, &FRAME);
    named.into_iter().map(|it| it.name).zip(areas).collect()
}

/// The plot.
#[component]
pub fn Plot(
    /// All rows.
    rows: Memo<Vec<Shown>>,
    /// The axis of time.
    axis: Memo<Axis>,
) -> impl IntoView {
    let measures = Memo::new(move |_| rows.with(|rows| Measures::of(rows)));
    let drawing = move || rows.with(|rows| draw(&points(rows, axis.get()), axis.get()));
    let words = move || rows.with(|rows| points(rows, axis.get()).into_iter().map(|it| it.words).collect::<Vec<_>>());
    let text = move || words().into_iter().map(|it| view! { <li>{it}</li> }).collect_view();
    view! {
        <section class="compare-plot" aria-labelledby="compare-plot-title">
            <h2 id="compare-plot-title" class="block-title">"Time against quality"</h2>
            <svg class="plot" viewBox=format!("0 0 {WIDTH} {HEIGHT}") aria-hidden="true" data-testid="compare-plot">{drawing}</svg>
            <ul class="visually-hidden">{text}</ul>
            <ul class="compare-keys">
                <li hidden=move || !measures.get().some><i class="key-dot"></i>{move || measures.get().words}</li>
                <li hidden=move || !measures.get().apart><i class="key-dot key-hollow"></i>"the same on some of the photos, where SSD has 0.750"</li>
                <li hidden=move || !measures.get().here><i class="key-dot key-square"></i>"what it found of the things that you marked on this photo"</li>
            </ul>
            <p class="field-hint" hidden=move || measures.get().here || !measures.get().can_mark>
                "Tick the boxes that are right above: what each system found of them on this photo becomes a second point."
            </p>
        </section>
    }
}

/// What the plot's key says.
#[derive(Clone, Debug, Default, PartialEq)]
struct Measures {
    some: bool,
    apart: bool,
    here: bool,
    can_mark: bool,
    words: String,
}

impl Measures {
    fn of(rows: &[Shown]) -> Self {
        let measured = || rows.iter().filter(|it| it.row.whole_ms.is_some()).filter_map(|it| it.row.system.measured());
        let words = measured().next().map(|it| format!("{} with these weights, on {}", it.measure, it.on));
        Self {
            some: words.is_some(),
            apart: measured().any(|it| it.ssd_there.is_some()),
            here: rows.iter().any(|it| it.found.is_some_and(|it| it.truth > 0)),
            can_mark: rows.iter().any(|it| it.found.is_some()),
            words: words.unwrap_or_default(),
        }
    }
}

fn draw(points: &[Point], axis: Axis) -> impl IntoView + use<> {
    let (left, right, bottom) = (FRAME.x, FRAME.x + FRAME.width, FRAME.y + FRAME.height);
    let across = [0.0, 0.25, 0.5, 0.75, 1.0].map(|quality| {
        let y = at(axis, 1.0, quality).1;
        view! {
            <line class="plot-line" x1=left x2=right y1=y y2=y></line>
            <text class="plot-tick" x={left - 5.0} y={y + 4.0} text-anchor="end">{quality}</text>
        }
    });
    let down = axis.ticks().into_iter().map(|(ms, name)| {
        let x = at(axis, ms, 0.0).0;
        view! {
            <line class="plot-line" x1=x x2=x y1=FRAME.y y2=bottom></line>
            <text class="plot-tick" x=x y={bottom + 16.0} text-anchor="middle">{name}</text>
        }
    });
    let marks = points.iter().map(mark).collect_view();
    let names = names(points).into_iter().map(|(name, area)| {
        view! { <text class="plot-name" x=area.x y={area.y + TEXT - 3.0}>{name}</text> }
    });
    (
        across.into_iter().collect_view(),
        down.collect_view(),
        marks,
        names.collect_view(),
        view! { <text class="plot-tick" x=right y={HEIGHT - 8.0} text-anchor="end">"time on this device, logarithmic"</text> },
    )
}

fn mark(point: &Point) -> AnyView {
    let (x, y) = point.at;
    if point.is_here {
        return view! { <rect class="plot-here" x={x - 4.0} y={y - 4.0} width="8" height="8"><title>{point.words.clone()}</title></rect> }
            .into_any();
    }
    let class = if point.is_apart { "plot-dot plot-hollow" } else { "plot-dot" };
    view! { <circle class=class cx=x cy=y r="4.5"><title>{point.words.clone()}</title></circle> }.into_any()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use model::catalog::{System, Task};

    use super::{
        super::{
            row::Found,
            rows::{rows, tests::results},
        },
        *,
    };
    use crate::scene::Scene;

    fn shown(found: Option<Found>) -> Vec<Shown> {
        let known = results(&[
            (System::Ssd, &[("mobilenet-v2", 30.0, 1), ("corrections", 12.0, 0)]),
            (System::SppNet, &[("selective-search", 900.0, 0), ("searched-proposals", 0.0, 0), ("spp-head", 80.0, 0)]),
        ]);
        let rows = rows(Task::Boxes, &BTreeSet::new(), &known, None, None, |_| None);
        let shown = |row| Shown { row, scene: Scene::default(), count: None, found, agreement: None };
        rows.into_iter().map(shown).collect()
    }

    #[test]
    fn systems_are_where_their_time_and_quality_are() {
        let axis = Axis::over([1000.0]);
        let points = points(&shown(None), axis);
        let [ssd, spp] = &points[..] else { panic!("two systems have run: {points:?}") };
        assert!(ssd.at.0 < spp.at.0 && !ssd.is_apart && spp.is_apart);
        assert!((ssd.at.1 - (FRAME.y + FRAME.height * (1.0 - 0.668))).abs() < 1e-3);
        assert_eq!(ssd.words, "SSD: 42 ms, 0.668 VOC mAP on 483 photos");
    }

    #[test]
    fn what_is_marked_adds_a_point_and_no_name() {
        let found = Some(Found { found: 3, held: None, truth: 4 });
        let points = points(&shown(found), Axis::over([1000.0]));
        assert_eq!(points.len(), 4);
        assert_eq!(names(&points).iter().map(|it| it.0).collect::<Vec<_>>(), ["SSD", "SPP-net"]);
        assert_eq!(points[1].words, "SSD: 42 ms, 75\u{a0}% of what is marked on this photo");
    }
}
