//! The region's mask from features that RoI pooling has rounded, and from RoIAlign's (01:09 of the lecture).

use leptos::prelude::*;
use model::{
    catalog::System,
    structures::{
        boxes::BBox,
        mask::{InstanceMask, SIDE},
        question::{Answer, PooledMasks, Question},
    },
};

use super::setup::Setup;
use crate::{
    contours::Outline,
    figures::{answers::answers, svg::colour},
    inside::views::choice::{Switch, number},
};

/// The slots of the two outlines.
const POOL: usize = 1;
const ALIGN: usize = 4;
/// A cell with at least this value belongs to the thing: its probability is one half.
const EDGE: u8 = 128;

/// Both masks of the region, if they are wanted: copies share them.
#[derive(Clone, Copy)]
pub struct Masks {
    setup: RwSignal<Setup>,
    /// With the region that they are of: while the box moves, those of its last place.
    shown: Memo<Option<(BBox, PooledMasks)>>,
}

impl Masks {
    /// Asks for both while they are wanted.
    ///
    /// # Arguments
    /// * `is_free` - whether the figure's other questions are answered.
    pub fn new(setup: RwSignal<Setup>, is_free: Signal<bool>) -> Self {
        let question = Memo::new(move |_| {
            let bbox = setup.with(|it| it.masks.then_some(it.bbox)).filter(|_| is_free.get())?;
            Some((System::Masks, Question::Masks(vec![bbox])))
        });
        let known = answers(Signal::derive(move || question.get().into_iter().collect()));
        let shown = Memo::new(move |_| {
            known.with(|known| {
                let it = known.first()?;
                match (&it.question, &it.answer) {
                    (Question::Masks(boxes), Answer::Masks(masks)) => Some((*boxes.first()?, masks.first()?.clone())),
                    _ => None,
                }
            })
        });
        Self { setup, shown }
    }

    fn wanted(self) -> Option<(BBox, PooledMasks)> {
        self.shown.get().filter(|_| self.setup.with(|it| it.masks))
    }

    /// Both outlines, over the photo.
    pub fn outlines(self) -> Option<AnyView> {
        let (bbox, masks) = self.wanted()?;
        Some(
            view! {
                <path class="box-line region-rounded" d=path(&bbox, &masks.pool) style:--box=colour(POOL) data-testid="mask-pool"></path>
                <path class="box-line" d=path(&bbox, &masks.align) style:--box=colour(ALIGN) data-testid="mask-align"></path>
            }
            .into_any(),
        )
    }

    /// The switch, and how far the two are apart.
    pub fn view(self, photo: Memo<(f32, f32)>) -> AnyView {
        let words = move || self.wanted().map(|(bbox, masks)| words(&bbox, &masks, photo.get()));
        let waiting = move || {
            let waits = self.setup.with(|it| it.masks) && self.shown.with(Option::is_none);
            waits.then_some("The mask branch is being loaded and asked.")
        };
        view! {
            <Switch id="masks" label="Its mask by both ways of pooling" on=Signal::derive(move || self.setup.with(|it| it.masks))
                set=move |on| self.setup.update(|it| it.masks = on)/>
            <p class="fig-note" role="status" data-testid="masks-waiting">{waiting}</p>
            <Show when=move || self.wanted().is_some()>
                <p class="fig-note">
                    <span class="loss-key" style:--box=colour(ALIGN) aria-hidden="true"></span>"RoIAlign, solid"
                    <span class="loss-key region-key" style:--box=colour(POOL) aria-hidden="true"></span>"RoI pooling, dashed"
                </p>
                <p class="fig-reading" aria-live="polite" data-testid="mask-words">{words}</p>
            </Show>
        }
        .into_any()
    }
}

/// The outline of a mask in thousandths of the photo.
fn path(bbox: &BBox, cells: &[u8]) -> String {
    let bbox = bbox.scale(1000.0, 1000.0);
    let outline = Outline::of(&InstanceMask { candidate: 0, bbox, class: 0, score: 1.0, cells: cells.to_vec() });
    let line = |points: &Vec<(f32, f32)>| {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        format!("M{}Z", points.join("L"))
    };
    outline.contours.iter().map(line).collect()
}

/// Cells of a mask, and their middle in parts of the region.
fn middle(cells: &[u8]) -> Option<(f32, f32)> {
    let own = (0..cells.len()).filter(|&i| cells[i] >= EDGE);
    let (mut count, mut x, mut y) = (0.0, 0.0, 0.0);
    for i in own {
        (count, x, y) = (count + 1.0, x + (i % SIDE) as f32 + 0.5, y + (i / SIDE) as f32 + 0.5);
    }
    (count > 0.0).then(|| (x / count / SIDE as f32, y / count / SIDE as f32))
}

/// Intersection over union of two masks of one region.
fn iou(a: &[u8], b: &[u8]) -> f32 {
    let both = a.iter().zip(b);
    let (mut shared, mut all) = (0u16, 0u16);
    for (&a, &b) in both {
        shared += u16::from(a.min(b) >= EDGE);
        all += u16::from(a.max(b) >= EDGE);
    }
    if all == 0 { 1.0 } else { f32::from(shared) / f32::from(all) }
}

fn words(bbox: &BBox, masks: &PooledMasks, (width, height): (f32, f32)) -> String {
    let (Some(pool), Some(align)) = (middle(&masks.pool), middle(&masks.align)) else {
        return "The mask branch sees no thing here by at least one of the two ways.".into();
    };
    let (x, y) = ((pool.0 - align.0) * bbox.width() * width, (pool.1 - align.1) * bbox.height() * height);
    format!(
        "The two masks overlap by {:.2} (IoU); by rounding, the middle of the mask moves by {} pixels. The branch was trained on RoIAlign. It \
         reads maps of strides 4 and 8 at 300 \u{d7} 300 pixels: a cell is {} pixels of this photo wide.",
        iou(&masks.pool, &masks.align),
        number(x.hypot(y)),
        number(width / 75.0),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_far_two_masks_are_apart() {
        let columns = |from: usize, to: usize| -> Vec<u8> {
            (0..SIDE * SIDE).map(|i| if (from..to).contains(&(i % SIDE)) { 255 } else { 0 }).collect()
        };
        let masks = PooledMasks { align: columns(0, 14), pool: columns(7, 21) };
        assert!((iou(&masks.align, &masks.pool) - 1.0 / 3.0).abs() < 1e-6);
        assert_eq!((iou(&[0; 4], &[0; 4]), middle(&[0; SIDE * SIDE])), (1.0, None));
        let text = words(&BBox::new(0.0, 0.0, 0.5, 1.0), &masks, (800.0, 300.0));
        assert!(text.contains("overlap by 0.33") && text.contains("moves by 100 pixels"), "{text}");
        let none = PooledMasks { align: columns(0, 14), pool: columns(0, 0) };
        assert!(words(&BBox::new(0.0, 0.0, 0.5, 1.0), &none, (1.0, 1.0)).contains("no thing"));
    }

    #[test]
    fn the_outline_lies_in_the_region() {
        let cells: Vec<u8> = (0..SIDE * SIDE).map(|i| if i % SIDE < 14 { 255 } else { 0 }).collect();
        let path = path(&BBox::new(0.25, 0.5, 0.5, 0.75), &cells);
        assert!(path.starts_with('M') && path.ends_with('Z'));
        let numbers: Vec<f32> = path.split(['M', 'L', 'Z', ' ']).filter_map(|it| it.parse().ok()).collect();
        let (x, y): (Vec<f32>, Vec<f32>) = numbers.chunks_exact(2).map(|it| (it[0], it[1])).unzip();
        assert!(
            x.iter().all(|it| (245.0..=390.0).contains(it)) && y.iter().all(|it| (495.0..=755.0).contains(it)),
            "{path}"
        );
    }
}
