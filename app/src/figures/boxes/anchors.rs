//! Which anchors learn a thing, which learn background, and which nothing; and the cell that answers for it in YOLO.

use leptos::prelude::*;
use model::{
    proposals::{
        anchors::{LEVELS, PER_POSITION, anchors},
        matching::{Match, Thresholds, match_boxes},
    },
    structures::boxes::BBox,
};

use super::{Bench, TRUTH};
use crate::{
    figures::{
        boxes_on_photo::{Handle, PhotoBoxes, outline},
        controls::{Range, to_try},
        setup::short,
    },
    inside::views::choice::{Choice, thousands},
};

/// Rows and columns of the levels, as the page's region proposal network has them: strides 8, 16 and 32 at 416 x 416.
const GRIDS: [(usize, usize); LEVELS] = [(52, 52), (26, 26), (13, 13)];
/// Cells of YOLO v1's grid along each axis.
const YOLO: usize = 7;
/// The most ignored anchors that are drawn as boxes.
const MAX_IGNORED: usize = 12;

/// The anchors matched with a true box.
#[derive(Clone, Debug, Default, PartialEq)]
struct Matched {
    /// Anchors that learn the thing, with their overlaps.
    positive: Vec<(usize, f32)>,
    /// Anchors that learn nothing, those that overlap most first.
    ignored: Vec<(usize, f32)>,
    /// How many learn background.
    negative: usize,
    /// The largest overlap.
    best: f32,
}

impl Matched {
    fn of(boxes: &[BBox], truth: &BBox, thresholds: Thresholds) -> Self {
        let mut it = Self::default();
        for (index, found) in match_boxes(boxes, std::slice::from_ref(truth), &[], thresholds).into_iter().enumerate() {
            let iou = if found == Match::Negative { 0.0 } else { boxes[index].iou(truth) };
            match found {
                Match::Positive(_) => it.positive.push((index, iou)),
                Match::Ignored => it.ignored.push((index, iou)),
                Match::Negative => it.negative += 1,
            }
            it.best = it.best.max(iou);
        }
        it.ignored.sort_by(|a, b| b.1.total_cmp(&a.1));
        it
    }

    /// The level that most of the positive anchors are on.
    fn level(&self) -> usize {
        let on = |level: usize| self.positive.iter().filter(|it| level_of(it.0) == level).count();
        (0..LEVELS).rev().max_by_key(|&level| on(level)).unwrap_or_default()
    }

    fn words(&self, positive: f64) -> String {
        let count = self.positive.len() + self.ignored.len() + self.negative;
        let best = if f64::from(self.best) < positive {
            format!(
                "None reaches {}, so the best one counts all the same ({:.2}): no thing is left without an anchor.",
                short(positive),
                self.best
            )
        } else {
            format!("The best one overlaps the thing by {:.2}.", self.best)
        };
        format!(
            "{} anchors: {} positive, {} ignored, {} negative. {best}",
            thousands(count as f64),
            self.positive.len(),
            thousands(self.ignored.len() as f64),
            thousands(self.negative as f64)
        )
    }
}

/// The first anchor of a level.
fn first_of(level: usize) -> usize {
    GRIDS[..level].iter().map(|(rows, columns)| rows * columns * PER_POSITION).sum()
}

/// The level that an anchor is on.
fn level_of(anchor: usize) -> usize {
    (0..LEVELS).rev().find(|&level| anchor >= first_of(level)).unwrap_or_default()
}

/// Dots at the positions of a level as path data, in thousandths of the photo: of positive, of ignored and of all other
/// positions.
fn dots(level: usize, matched: &Matched) -> [String; 3] {
    let (rows, columns) = GRIDS[level];
    let mut kinds = vec![2; rows * columns];
    for (kind, anchors) in [(1, &matched.ignored), (0, &matched.positive)] {
        for &(anchor, _) in anchors.iter().filter(|it| level_of(it.0) == level) {
            kinds[(anchor - first_of(level)) / PER_POSITION] = kind;
        }
    }
    let mut paths: [String; 3] = Default::default();
    for (position, &kind) in kinds.iter().enumerate() {
        let middle = |at: usize, count: usize| (at as f32 + 0.5) / count as f32 * 1000.0;
        let (x, y) = (middle(position % columns, columns), middle(position / columns, rows));
        paths[kind] += &format!("M{x:.1} {y:.1}h.1");
    }
    paths
}

/// The part of the figure.
pub fn view(bench: Bench) -> AnyView {
    let setup = bench.setup;
    let boxes = StoredValue::new(anchors(&GRIDS));
    let matched = Memo::new(move |_| {
        let (truth, positive, negative) = setup.with(|it| (it.truth, it.positive as f32, it.negative as f32));
        let thresholds = Thresholds { positive, negative, ..Thresholds::ANCHORS };
        boxes.with_value(|boxes| Matched::of(boxes, &truth, thresholds))
    });
    let level = Memo::new(move |_| setup.with(|it| it.level).unwrap_or_else(|| matched.with(Matched::level)));
    let handles =
        Signal::derive(move || vec![Handle { bbox: setup.with(|it| it.truth), slot: TRUTH, name: "True box" }]);
    let cell = Memo::new(move |_| setup.with(|it| it.truth.centre_cell(YOLO)));
    let drawing = move || {
        let level = level.get();
        matched.with(|it| {
            let on_level = |it: &&(usize, f32)| level_of(it.0) == level;
            let drawn = |anchor: usize, class: &'static str| boxes.with_value(|boxes| outline(&boxes[anchor], class, None));
            let [positive, ignored, other] = dots(level, it);
            view! {
                <path class="anchor-dots anchor-other" d=other></path>
                <path class="anchor-dots anchor-ignored" d=ignored></path>
                <path class="anchor-dots anchor-positive" d=positive></path>
                {it.ignored.iter().filter(on_level).take(MAX_IGNORED).map(|it| drawn(it.0, "box-line anchor-box-ignored")).collect_view()}
                {it.positive.iter().filter(on_level).map(|it| drawn(it.0, "box-line anchor-box-positive")).collect_view()}
            }
        })
    };
    let levels = GRIDS.map(|(rows, columns)| format!("{columns} × {rows}")).to_vec();
    let part = move |of: fn(&Matched) -> usize| move || matched.with(|it| thousands(of(it) as f64));
    view! {
        <div class="fig-photo-side">
            <PhotoBoxes handles set=move |_, bbox| setup.update(|it| it.truth = bbox)>{drawing}</PhotoBoxes>
            <div>
                <dl class="anchor-counts" data-testid="anchor-counts">
                    <div class="anchor-count anchor-count-positive"><dt>"positive"</dt><dd data-testid="positive">{part(|it| it.positive.len())}</dd></div>
                    <div class="anchor-count anchor-count-ignored"><dt>"ignored"</dt><dd data-testid="ignored">{part(|it| it.ignored.len())}</dd></div>
                    <div class="anchor-count anchor-count-negative"><dt>"negative"</dt><dd data-testid="negative">{part(|it| it.negative)}</dd></div>
                </dl>
                <p class="fig-reading" aria-live="polite" data-testid="anchor-words">{move || matched.with(|it| it.words(setup.with(|it| it.positive)))}</p>
                <Range id="positive" label="Positive from this overlap on" limits=(0.0, 1.0) step=0.01
                    value=Signal::derive(move || setup.with(|it| it.positive)) words=short
                    set=move |value| setup.update(|it| (it.positive, it.negative) = (value, it.negative.min(value)))/>
                <Range id="negative" label="Negative below this overlap" limits=(0.0, 1.0) step=0.01
                    value=Signal::derive(move || setup.with(|it| it.negative)) words=short
                    set=move |value| setup.update(|it| (it.negative, it.positive) = (value, it.positive.max(value)))/>
                <Choice id="level" label="Positions on show" options=Signal::stored(levels) chosen=level
                    choose=move |index: usize| setup.update(|it| it.level = Some(index))/>
                <p class="fig-note">"Dots: positions with six anchors each. Boxes: anchors that are positive, and the best of the ignored ones."</p>
            </div>
        </div>
        <section class="fig-photo-side cell-side" aria-labelledby="cell-title">
            <PhotoBoxes handles set=move |_, bbox| setup.update(|it| it.truth = bbox)>
                {(1..YOLO).map(|i| view! {
                    <path class="yolo-line" d=format!("M{0} 0V1000M0 {0}H1000", i * 1000 / YOLO)></path>
                }).collect_view()}
                {move || {
                    let ((x, y), side) = (cell.get(), 1.0 / YOLO as f32);
                    let (left, top) = (x as f32 * side, y as f32 * side);
                    outline(&BBox::new(left, top, left + side, top + side), "yolo-cell", None)
                }}
                {move || {
                    let (x, y) = setup.with(|it| it.truth.centre());
                    view! { <path class="yolo-centre" d=format!("M{:.1} {:.1}h.1", x * 1000.0, y * 1000.0)></path> }
                }}
            </PhotoBoxes>
            <div>
                <h2 class="fig-name" id="cell-title">"The same thing in YOLO"</h2>
                <p data-testid="cell-words" aria-live="polite">{move || {
                    let (x, y) = cell.get();
                    format!(
                        "Its centre lies in column {}, row {} of 7 × 7 cells. That one cell answers for it, whatever the overlap; the 48 others \
                         learn that there is nothing.", x + 1, y + 1
                    )
                }}</p>
            </div>
        </section>
        {to_try("Make the box small and thin: fewer anchors reach the threshold, at last only the best one. Then move it by half a cell and see \
                 YOLO's answer jump to another cell.")}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_anchor_is_matched_and_levels_are_told_apart() {
        let boxes = anchors(&GRIDS);
        assert_eq!(boxes.len(), (52 * 52 + 26 * 26 + 13 * 13) * PER_POSITION);
        assert_eq!([first_of(0), first_of(1), first_of(2)].map(level_of), [0, 1, 2]);
        assert_eq!(level_of(first_of(1) - 1), 0);
        let found = Matched::of(&boxes, &BBox::new(0.25, 0.25, 0.75, 0.75), Thresholds::ANCHORS);
        assert_eq!(found.positive.len() + found.ignored.len() + found.negative, boxes.len());
        assert!(found.positive.len() > 1 && found.best > 0.9, "{}", found.words(0.7));
        assert_eq!(found.level(), 2, "a square of half the photo is an anchor of the coarsest level");
        let thin = Matched::of(&boxes, &BBox::new(0.5, 0.1, 0.51, 0.9), Thresholds::ANCHORS);
        assert!(thin.best < 0.3 && !thin.positive.is_empty());
        assert!(thin.words(0.7).contains("None reaches 0.7"), "{}", thin.words(0.7));
    }

    #[test]
    fn each_position_has_one_dot() {
        let found = Matched {
            positive: vec![(first_of(2) + 1, 0.8)],
            ignored: vec![(first_of(2) + 7, 0.5)],
            ..Matched::default()
        };
        let paths = dots(2, &found).map(|path| path.matches('M').count());
        assert_eq!(paths, [1, 1, 13 * 13 - 2]);
    }
}
