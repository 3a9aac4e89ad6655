//! Quality by the year of the paper: what papers state on PASCAL VOC, and what was measured here by the same rule.

use leptos::prelude::*;
use model::catalog::System;

use super::labels::{Area, place, text_width};

/// The whole drawing, and the frame of the points in it.
const WIDTH: f64 = 340.0;
const HEIGHT: f64 = 250.0;
const FRAME: Area = Area { x: 30.0, y: 10.0, width: 298.0, height: 206.0 };
/// A name's height.
const TEXT: f64 = 13.0;
/// The years that the plot begins and ends with.
const YEARS: (u32, u32) = (2012, 2017);
/// The systems in the order in which their papers came out.
const SYSTEMS: [System; 7] =
    [System::Rcnn, System::SppNet, System::FastRcnn, System::FasterRcnn, System::Yolo, System::Ssd, System::RFcn];
/// The quality that the plot begins and ends with.
const QUALITY: (f64, f64) = (0.25, 0.85);
/// What the papers' numbers must be of to lie on the axis.
const MEASURE: &str = "mAP on VOC 2007";
/// The best before deep learning, as tables 1 and 2 of Girshick et al. 2014 have them: parts models.
const BEFORE: [(&str, f64, f64); 2] = [("DPM v5", 2012.5, 0.337), ("DPM HSC", 2013.5, 0.343)];

/// A system with its year and its quality.
#[derive(Clone, Debug, PartialEq)]
struct Entry {
    title: &'static str,
    /// The year of the paper, and within it a place of its own.
    at: f64,
    /// What the paper states, 0 to 1: worst and best setting.
    published: Option<(f64, f64)>,
    /// What was measured here.
    measured: Option<f64>,
    /// Whether that was on other photos than of most.
    is_apart: bool,
    words: String,
}

/// The year that ends the words for a paper, e.g. "Girshick et al. 2014".
fn year(paper: &str) -> Option<u32> {
    paper.rsplit(' ').next()?.parse().ok()
}

/// Percent as a paper writes them, "69.9 to 73.2" or "66.0", as shares.
fn range(quality: &str) -> Option<(f64, f64)> {
    let mut numbers = quality.split(" to ").map(|it| it.parse::<f64>().ok().map(|it| (it * 10.0).round() / 1e3));
    let first = numbers.next()??;
    Some((first, numbers.next().flatten().unwrap_or(first)))
}

/// The systems of boxes that a paper or we have measured.
fn entries() -> Vec<Entry> {
    let dated = |system: System| Some((year(system.info().paper)?, system));
    let systems: Vec<(u32, System)> = SYSTEMS.into_iter().filter_map(dated).collect();
    let entry = |(index, &(year, system)): (usize, &(u32, System))| {
        let first = systems.iter().position(|it| it.0 == year).unwrap_or(index);
        let count = systems.iter().filter(|it| it.0 == year).count();
        let published = system.published().filter(|it| it.measure == MEASURE);
        let measured = system.measured();
        let title = system.info().title;
        let stated = published.map(|it| format!("{} {} in the paper", it.quality, it.measure));
        let ours = measured.map(|it| format!("{:.1} measured here on {}", it.value * 100.0, it.on));
        let words: Vec<String> = [stated, ours].into_iter().flatten().collect();
        Entry {
            title,
            at: f64::from(year) + ((index - first) as f64 + 0.5) / count as f64,
            published: published.and_then(|it| range(it.quality)),
            measured: measured.map(|it| f64::from(it.value)),
            is_apart: measured.is_some_and(|it| it.ssd_there.is_some()),
            words: format!("{year}, {title}: {}", words.join(", ")),
        }
    };
    let all: Vec<Entry> = systems.iter().enumerate().map(entry).collect();
    all.into_iter().filter(|it| it.published.is_some() || it.measured.is_some()).collect()
}

fn at(year: f64, quality: f64) -> (f64, f64) {
    let part = (year - f64::from(YEARS.0)) / f64::from(YEARS.1 - YEARS.0);
    let up = (quality - QUALITY.0) / (QUALITY.1 - QUALITY.0);
    (FRAME.x + part * FRAME.width, FRAME.y + (1.0 - up) * FRAME.height)
}

/// The plot.
#[component]
pub fn Years() -> impl IntoView {
    let all = entries();
    let text = all.iter().map(|it| view! { <li>{it.words.clone()}</li> }).collect_view();
    view! {
        <section class="compare-plot" aria-labelledby="compare-years-title">
            <h2 id="compare-years-title" class="block-title">"Quality by year"</h2>
            <svg class="plot" viewBox=format!("0 0 {WIDTH} {HEIGHT}") aria-hidden="true" data-testid="compare-years">{draw(&all)}</svg>
            <ul class="visually-hidden">{text}</ul>
            <ul class="compare-keys">
                <li><i class="compare-swatch compare-diamond"></i>"published, on VOC 2007, with large networks"</li>
                <li><i class="key-dot"></i>"measured here by the same rule, on our photos, all on one small network"</li>
            </ul>
            <p class="field-hint">
                "Until 2013 the best were models of parts without deep learning (DPM; Girshick et al. 2014, table 2)."
            </p>
        </section>
    }
}

fn draw(all: &[Entry]) -> impl IntoView + use<> {
    let (left, right, bottom) = (FRAME.x, FRAME.x + FRAME.width, FRAME.y + FRAME.height);
    let across = [0.3, 0.4, 0.5, 0.6, 0.7, 0.8].map(|quality| {
        let y = at(0.0, quality).1;
        view! {
            <line class="plot-line" x1=left x2=right y1=y y2=y></line>
            <text class="plot-tick" x={left - 5.0} y={y + 4.0} text-anchor="end">{quality}</text>
        }
    });
    let down = (YEARS.0..=YEARS.1).map(|year| {
        let x = at(f64::from(year), 0.0).0;
        let middle = at(f64::from(year) + 0.5, 0.0).0;
        view! {
            <line class="plot-line" x1=x x2=x y1=FRAME.y y2=bottom></line>
            {(year < YEARS.1).then(|| view! { <text class="plot-tick" x=middle y={bottom + 16.0} text-anchor="middle">{year}</text> })}
        }
    });
    let before = BEFORE.map(|(_, year, quality)| diamond(at(year, quality)));
    (
        across.into_iter().collect_view(),
        down.collect_view(),
        all.iter().map(mark).collect_view(),
        before.into_iter().collect_view(),
        names(all)
            .into_iter()
            .map(|(name, area)| {
                view! { <text class="plot-name" x=area.x y={area.y + TEXT - 3.0}>{name}</text> }
            })
            .collect_view(),
        view! { <text class="plot-tick" x=right y={HEIGHT - 4.0} text-anchor="end">"year of the paper"</text> },
    )
}

/// The names beside what is published, else beside what was measured.
fn names(all: &[Entry]) -> Vec<(&'static str, Area)> {
    let of_entry = |it: &Entry| Some((it.title, at(it.at, it.published.map(|it| it.1).or(it.measured)?)));
    let before = BEFORE.iter().map(|&(name, year, quality)| (name, at(year, quality)));
    let named: Vec<(&'static str, (f64, f64))> = all.iter().filter_map(of_entry).chain(before).collect();
    let others: Vec<_> =
        all.iter().filter_map(|it| Some(at(it.at, it.measured.filter(|_| it.published.is_some())?))).collect();
    let wanted: Vec<_> = named.iter().map(|it| (it.1, text_width(it.0))).collect();
    named.iter().map(|it| it.0).zip(place(&wanted, &others, TEXT, &FRAME)).collect()
}

fn mark(entry: &Entry) -> AnyView {
    let published = entry.published.map(|(worst, best)| {
        let ((x, low), (_, high)) = (at(entry.at, worst), at(entry.at, best));
        let measured = entry.measured.map_or(high, |it| at(entry.at, it).1);
        let (top, bottom) = (high.min(measured), low.max(measured));
        view! {
            <line class="plot-span" x1=x x2=x y1=top y2=bottom></line>
            {diamond((x, low))}{(high < low).then(|| diamond((x, high)))}
        }
    });
    let class = if entry.is_apart { "plot-dot plot-hollow" } else { "plot-dot" };
    let measured = entry.measured.map(|it| {
        let (x, y) = at(entry.at, it);
        view! { <circle class=class cx=x cy=y r="4.5"><title>{entry.words.clone()}</title></circle> }
    });
    view! { {published}{measured} }.into_any()
}

fn diamond((x, y): (f64, f64)) -> AnyView {
    view! { <path class="plot-published" d=format!("M{x:.1} {:.1}l5.5 5.5-5.5 5.5-5.5-5.5z", y - 5.5)></path> }
        .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_that_a_paper_measured_lies_in_its_year() {
        let all = entries();
        let titles: Vec<_> = all.iter().map(|it| it.title).collect();
        assert_eq!(titles, ["R-CNN", "SPP-net", "Fast R-CNN", "Faster R-CNN", "YOLO", "SSD", "R-FCN"]);
        assert!(all.iter().all(|it| it.published.is_some() && it.measured.is_some()), "{all:?}");
        assert!(all.windows(2).all(|pair| pair[0].at < pair[1].at));
        assert!((all[1].at - 2014.75).abs() < 1e-9);
        assert_eq!(
            all[1].words,
            "2014, SPP-net: 63.1 mAP on VOC 2007 in the paper, 67.0 measured here on 97 of the photos"
        );
    }

    #[test]
    fn numbers_of_papers_are_read_as_ranges() {
        assert_eq!((range("66.0"), range("69.9 to 73.2")), (Some((0.66, 0.66)), Some((0.699, 0.732))));
        assert_eq!((range("about 60"), year("Girshick et al. 2014"), year("anonymous")), (None, Some(2014), None));
    }

    #[test]
    fn names_lie_apart() {
        let names = names(&entries());
        for (index, (name, area)) in names.iter().enumerate() {
            let hits = |other: &Area| {
                area.x < other.x + other.width
                    && other.x < area.x + area.width
                    && area.y < other.y + TEXT
                    && other.y < area.y + TEXT
            };
            assert!(names[..index].iter().all(|other| !hits(&other.1)), "{name}: {names:?}");
        }
    }
}
