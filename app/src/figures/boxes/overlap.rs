//! Two boxes and their intersection over union.

use leptos::prelude::*;
use model::structures::boxes::BBox;

use super::Bench;
use crate::{
    figures::{
        boxes_on_photo::{Handle, PhotoBoxes, outline},
        controls::to_try,
        svg::colour,
    },
    inside::views::choice::thousands,
};

/// The names and the colours of the boxes.
const NAMES: [&str; 2] = ["A", "B"];
const SLOTS: [usize; 2] = [0, 1];

/// The part of two boxes that both have; `None` where they do not meet.
fn common(a: &BBox, b: &BBox) -> Option<BBox> {
    let both = BBox::new(a.x0.max(b.x0), a.y0.max(b.y0), a.x1.min(b.x1), a.y1.min(b.y1));
    (both.x0 < both.x1 && both.y0 < both.y1).then_some(both)
}

/// What an overlap means where one is asked for.
fn meaning(iou: f32) -> &'static str {
    match iou {
        iou if iou >= 0.7 => "A detection like this is right, an anchor like this positive (from 0.7 on).",
        iou if iou >= 0.5 => "PASCAL VOC counts a detection like this as right (from 0.5 on).",
        iou if iou >= 0.3 => {
            "Too little for a right detection; an anchor like this is ignored in training (0.3 to 0.7)."
        }
        iou if iou > 0.0 => "An anchor that overlaps a thing so little is background (below 0.3).",
        _ => "They do not meet.",
    }
}

/// The part of the figure.
pub fn view(bench: Bench) -> AnyView {
    let setup = bench.setup;
    let handles = Signal::derive(move || {
        setup.with(|it| (0..2).map(|i| Handle { bbox: it.pair[i], slot: SLOTS[i], name: NAMES[i] }).collect::<Vec<_>>())
    });
    let pair = Memo::new(move |_| setup.with(|it| it.pair));
    let iou = Memo::new(move |_| pair.with(|[a, b]| a.iou(b)));
    let row = move |name: &'static str, slot: Option<usize>, area: fn(&BBox, &BBox) -> f32| {
        let part = move || pair.with(|[a, b]| area(a, b));
        let most = move || pair.with(|[a, b]| union(a, b)).max(f32::MIN_POSITIVE);
        let fill = slot.map_or_else(|| "var(--ink)".to_owned(), colour);
        view! {
            <div class="area-row" data-testid="area" data-area=move || bench.pixels(part()).round().to_string()>
                <dt>{name}</dt>
                <dd>
                    <span class="area-bar" style:--part=move || format!("{:.4}", part() / most()) style:--fill=fill></span>
                    <span class="area-number">{move || thousands(bench.pixels(part()).round())}</span>
                </dd>
            </div>
        }
    };
    view! {
        <div class="fig-photo-side">
            <PhotoBoxes handles set=move |index, bbox| setup.update(|it| it.pair[index] = bbox)>
                {move || pair.with(|[a, b]| common(a, b).map(|both| outline(&both, "overlap-both", None)))}
            </PhotoBoxes>
            <div>
                <p class="big-number" data-testid="iou" data-value=move || format!("{:.6}", iou.get())>
                    {move || format!("{:.2}", iou.get())}
                </p>
                <p class="fig-note">"Intersection over union"</p>
                <dl class="areas" aria-label="Areas in pixels of the photo">
                    {row("A", Some(SLOTS[0]), |a, _| a.area())}
                    {row("B", Some(SLOTS[1]), |_, b| b.area())}
                    {row("Both", None, |a, b| a.intersection(b))}
                    {row("Either", None, union)}
                </dl>
                <p class="fig-reading" aria-live="polite" data-testid="iou-words">{move || {
                    let (both, either) = pair.with(|[a, b]| (a.intersection(b), union(a, b)));
                    format!(
                        "{} pixels in both, {} in either: {:.2}. {}",
                        thousands(bench.pixels(both).round()), thousands(bench.pixels(either).round()), iou.get(), meaning(iou.get())
                    )
                }}</p>
            </div>
        </div>
        {to_try("Lay one box exactly over the other, then move it by a tenth of its side: the overlap falls much faster than it looks. \
                 A small box inside a large one overlaps it little.")}
    }
    .into_any()
}

fn union(a: &BBox, b: &BBox) -> f32 {
    a.area() + b.area() - a.intersection(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intersection_and_union_by_hand() {
        let (a, b) = (BBox::new(0.0, 0.0, 0.5, 0.5), BBox::new(0.25, 0.25, 0.75, 0.75));
        assert_eq!(common(&a, &b), Some(BBox::new(0.25, 0.25, 0.5, 0.5)));
        assert!((union(&a, &b) - 0.4375).abs() < 1e-6);
        assert_eq!(common(&a, &BBox::new(0.5, 0.0, 1.0, 1.0)), None);
        assert_eq!(
            (meaning(0.0), meaning(0.5)),
            ("They do not meet.", "PASCAL VOC counts a detection like this as right (from 0.5 on).")
        );
    }
}
