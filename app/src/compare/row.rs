//! One row of the comparison: the photo with the result, the time as a bar, and the numbers.

use leptos::prelude::*;
use model::catalog::{Measured, Published, System};

use super::{
    axis::Axis,
    canvas::{Picture, SMALL, Source},
    parts::Part,
    rows::{Row, State},
    story::{percent, time},
};
use crate::{inside::thousands, scene::Scene, words::in_english};

/// What a row found of what the visitor has marked as right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    /// Things that the row found.
    pub found: usize,
    /// Things that its proposals cover; `None` for a system without proposals.
    pub held: Option<usize>,
    /// Things that are there.
    pub truth: usize,
}

impl Found {
    /// The share that was found, 0 to 1; `None` while nothing is marked.
    pub fn share(&self) -> Option<f64> {
        (self.truth > 0).then(|| self.found as f64 / self.truth as f64)
    }
}

/// What a row shows beside what is known of its run.
#[derive(Clone, PartialEq)]
pub struct Shown {
    /// The run.
    pub row: Row,
    /// What was found, under the visitor's settings.
    pub scene: Scene,
    /// How many boxes, people, masks or sentences; `None` for a class map.
    pub count: Option<usize>,
    /// What it found of what is marked; `None` where nothing can be marked.
    pub found: Option<Found>,
    /// The share of the photo on which a class map agrees with that of the first row, 0 to 1.
    pub agreement: Option<f32>,
}

/// One row.
#[component]
pub fn RowView(
    /// What it shows.
    shown: Memo<Option<Shown>>,
    /// The photo in small.
    source: Source,
    /// The axis of all rows.
    axis: Memo<Axis>,
    /// Whether its result is the one that is looked at.
    is_open: Signal<bool>,
    /// Opens its result.
    open: Callback<()>,
    /// Leaves it out, or takes it in again.
    leave: Callback<()>,
) -> impl IntoView {
    let scene = Memo::new(move |_| shown.with(|it| it.as_ref().map(|it| it.scene.clone()).unwrap_or_default()));
    let with = move |read: fn(&Shown) -> String| shown.with(|it| it.as_ref().map(read).unwrap_or_default());
    let state = Memo::new(move |_| shown.with(|it| it.as_ref().map(|it| it.row.state)).unwrap_or(State::Waiting));
    let info = shown.with_untracked(|it| it.as_ref().map(|it| it.row.info()));
    let title = info.map_or("", |it| it.title);
    let number = shown.with_untracked(|it| it.as_ref().map(|it| it.row.number));
    view! {
        <li class="compare-row" data-testid="compare-row" data-system=info.map(|it| it.key)
            data-state=move || state.get().key()
            data-ms=move || shown.with(|it| it.as_ref().and_then(|it| it.row.ms()).map(|ms| format!("{ms:.3}")))
            data-passes=move || with(|it| it.row.passes.to_string())>
            <button type="button" class="compare-picture" aria-label=format!("Look at what {title} found")
                aria-pressed=move || is_open.get().to_string() on:click=move |_| open.run(())>
                <Picture source format=SMALL scene highlighted=Signal::stored(None)/>
            </button>
            <div class="compare-name">
                <h2 class="compare-title"><span class="strip-number">{number}</span>" "{title}</h2>
                <p class="compare-paper">{info.map(|it| it.paper)}</p>
                <label class="compare-take">
                    <input type="checkbox" data-testid=format!("take-{}", info.map_or("", |it| it.key))
                        prop:checked=move || state.get() != State::LeftOut on:change=move |_| leave.run(())/>
                    <span class="visually-hidden">{title}": "</span>
                    {move || if state.get() == State::LeftOut { "left out" } else { "compared" }}
                </label>
            </div>
            <div class="compare-time">
                <p class="compare-ms">{move || with(headline)}" "<span class="compare-note">{move || with(note)}</span></p>
                <Bar shown axis/>
                <p class="compare-parts" data-testid="compare-parts">{move || shown.with(|it| it.as_ref().map(parts))}</p>
            </div>
            <dl class="compare-numbers">{move || shown.with(|it| it.as_ref().map(numbers))}</dl>
            <p class="compare-says">{info.map(|it| says(it.system))}</p>
        </li>
    }
}

/// The bar: as long as the whole time on the logarithmic axis, split by each part's share of it.
#[component]
fn Bar(
    /// The row.
    shown: Memo<Option<Shown>>,
    /// The axis of all rows.
    axis: Memo<Axis>,
) -> impl IntoView {
    let bar = move || {
        let axis = axis.get();
        shown.with(|it| it.as_ref().map(|it| bar(&it.row, axis)))
    };
    let grid = move || {
        let axis = axis.get();
        let line = |(ms, _): (f64, String)| view! { <i class="compare-line" style:left=part(axis.place(ms))></i> };
        axis.ticks().into_iter().map(line).collect_view()
    };
    view! { <div class="compare-bar" aria-hidden="true">{grid}{bar}</div> }
}

fn bar(row: &Row, axis: Axis) -> impl IntoView + use<> {
    let whole = row.whole_ms.unwrap_or_else(|| row.split.total_ms());
    let length = if whole > 0.0 { axis.place(whole) } else { 0.0 };
    let share = |ms: f64| length * ms / whole.max(f64::MIN_POSITIVE);
    let mut left = 0.0;
    let pieces = row.split.pieces().into_iter().map(|piece| {
        let (from, width) = (left, share(piece.ms));
        left += width;
        view! {
            <i class="compare-piece" data-part=piece.part.key() data-shared=piece.is_shared.to_string()
                style:left=part(from) style:width=part(width)></i>
        }
    });
    let pieces = pieces.collect_view();
    let rest = length - left;
    let rest = (rest > 1e-4).then(|| {
        view! { <i class="compare-piece compare-rest" style:left=part(left) style:width=part(rest)></i> }
    });
    let published = row.system.published().map(|it| axis.place(it.seconds * 1e3));
    let published = published.map(|at| view! { <i class="compare-published" style:left=part(at)></i> });
    (pieces, rest, published)
}

/// A length in percent of the bar.
fn part(length: f64) -> String {
    format!("{:.3}%", length * 100.0)
}

/// The time in large letters.
fn headline(shown: &Shown) -> String {
    match (shown.row.state, shown.row.whole_ms) {
        (State::LeftOut, _) => "Left out".into(),
        (State::Waiting, _) => "Waiting".into(),
        (State::Running, None) => "Running".into(),
        (State::Stopped, None) => "Stopped".into(),
        (State::Done, Some(ms)) => time(ms),
        (_, Some(ms)) => format!("about {}", time(ms)),
        (State::Done, None) => String::new(),
    }
}

/// How far it is, or what of the time others have spent.
fn note(shown: &Shown) -> String {
    let row = &shown.row;
    match (row.state, &row.pace) {
        (State::Running, Some(pace)) => in_english(|| pace.sentence()),
        (State::Stopped, Some(pace)) => in_english(|| pace.stopped()),
        (State::Done, _) if row.split.shared_ms() >= 0.05 => {
            format!("of which {} ran once, in a row above", time(row.split.shared_ms()))
        }
        _ => String::new(),
    }
}

/// Where the time went, in words: with shares, where they are of the whole.
fn parts(shown: &Shown) -> impl IntoView + use<> {
    let (split, is_done) = (shown.row.split, shown.row.state == State::Done);
    let part = |part: Part| {
        let (ms, share) = (split.ms(part), split.share(part));
        let words = match is_done {
            _ if ms <= 0.0 => return None,
            true if share >= 0.005 => format!("{} {} ({})", part.title(), time(ms), percent(share)),
            true => format!("{} {}", part.title(), time(ms)),
            false => format!("{} {} so far", part.title(), time(ms)),
        };
        Some(view! { <span>{words}" "</span> })
    };
    Part::ALL.into_iter().filter_map(part).collect_view()
}

/// The numbers of a row, each with its name.
fn numbers(shown: &Shown) -> impl IntoView + use<> {
    let row = &shown.row;
    let is_begun = row.run.is_some();
    let proposals = row.proposals().map(|it| if it.is_empty() { "none".into() } else { thousands(it.len() as f64) });
    let own = [
        ("Passes", is_begun.then(|| thousands(f64::from(row.passes)))),
        ("Proposals", proposals),
        (what(row), shown.count.map(|it| it.to_string())),
    ];
    let right = shown.found.filter(|it| it.truth > 0 && is_begun).map(|it| (found(&it), "Found"));
    let agreement = shown.agreement.map(|it| (percent(f64::from(it)), "As row 1"));
    let number = |(value, name): (String, &'static str)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
    let own = own.into_iter().filter_map(|(name, value)| Some(number((value?, name))));
    (own.collect_view(), right.or(agreement).map(number))
}

/// What was measured on other photos, and what the paper says.
fn says(system: System) -> impl IntoView {
    let measured = system.measured().map(|it| view! { <span><b>"Measured: "</b>{measured(&it)}</span> });
    let published = system.published().map(|it| view! { <span><b>"Published: "</b>{published(&it)}</span> });
    (measured, published)
}

/// What a row's count is of.
pub fn what(row: &Row) -> &'static str {
    use model::catalog::Task;
    match row.info().task {
        Task::Skeletons => "People",
        Task::Masks => "Masks",
        Task::Captions => "Sentences",
        _ => "Boxes",
    }
}

fn found(found: &Found) -> String {
    let Found { found, held, truth } = found;
    match held {
        Some(held) => format!("{found} of {truth}; proposals hold {held}"),
        None => format!("{found} of {truth}"),
    }
}

fn measured(measured: &Measured) -> String {
    let Measured { value, measure, on, ssd_there, .. } = measured;
    match ssd_there {
        Some(ssd) => format!("{value:.3} {measure} on {on}, where SSD has {ssd:.3}"),
        None => format!("{value:.3} {measure} on {on}"),
    }
}

/// What the paper says, in words.
pub fn published(published: &Published) -> String {
    let Published { seconds, without, quality, measure, setting, source } = published;
    let without = if without.is_empty() { String::new() } else { format!(" without {without}") };
    format!("{seconds} s{without}, {quality} {measure} ({setting}; {source})")
}

#[cfg(test)]
mod tests {
    use model::catalog::System;

    use super::*;

    #[test]
    fn published_numbers_say_what_they_are() {
        let said = System::Rcnn.published().map(|it| published(&it));
        let expected = "47 s without proposals, 66.0 mAP on VOC 2007 (VGG16, K40; Girshick 2015)";
        assert_eq!(said.as_deref(), Some(expected));
    }

    #[test]
    fn found_shares_need_a_truth() {
        let found = |found, truth| Found { found, held: None, truth };
        assert_eq!((found(0, 0).share(), found(3, 4).share()), (None, Some(0.75)));
    }
}
