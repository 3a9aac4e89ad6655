//! A fixed number of outputs: exactly one cat and one dog, whatever is in the photo (00:41 of the lecture).

use leptos::prelude::*;
use model::{
    catalog::System,
    structures::{boxes::BBox, location::CLASSES},
};

use super::{compared::Compared, shared::bbox_of};
use crate::{
    figures::{boxes_on_photo::outline, svg::colour},
    inside::views::choice::Switch,
    layers::layer_of,
    state::use_result,
};

/// The two things, each with the slot of its box.
const PAIR: [(&str, usize); 2] = [("cat", 2), ("dog", 5)];

/// The two boxes, once the head that has them is there: copies share it.
#[derive(Clone, Copy)]
pub struct Pair {
    on: RwSignal<bool>,
    boxes: Memo<Option<[BBox; 2]>>,
    /// How many of each the detector sees; `None` until it has looked.
    seen: Memo<Option<[usize; 2]>>,
}

impl Pair {
    /// Two boxes of the head that has one for each class.
    pub fn new(heads: Compared) -> Self {
        let result = use_result();
        let boxes = Memo::new(move |_| {
            let ranked = heads.per_class()?.ranked();
            let found = PAIR.map(|(name, _)| ranked.iter().find(|it| CLASSES.get(it.0) == Some(&name)));
            let [Some(cat), Some(dog)] = found else { return None };
            Some([cat, dog].map(|it| bbox_of(&it.2).clip(1.0, 1.0)))
        });
        let seen = Memo::new(move |_| {
            result.results.with(|all| {
                let layer = layer_of(&all.finished(System::Ssd)?.run)?;
                let shown = &layer.findings()?.shown;
                Some(PAIR.map(|(name, _)| shown.iter().filter(|it| it.name == name).count()))
            })
        });
        Self { on: RwSignal::new(false), boxes, seen }
    }

    fn shown(self) -> Option<[BBox; 2]> {
        self.boxes.get().filter(|_| self.on.get())
    }

    /// Whether the two boxes are on show.
    pub fn is_on(self) -> bool {
        self.shown().is_some()
    }

    /// Both boxes, over the photo.
    pub fn outlines(self) -> Option<AnyView> {
        let boxes = self.shown()?;
        Some(
            boxes.iter().zip(PAIR).map(|(it, (_, slot))| outline(it, "box-line", Some(slot))).collect_view().into_any(),
        )
    }

    /// Their names, where the boxes begin.
    pub fn labels(self) -> Signal<Vec<(f32, f32, String)>> {
        Signal::derive(move || {
            let boxes = self.shown().into_iter().flatten().zip(PAIR);
            boxes.map(|(it, (name, _))| (it.x0.min(0.85), it.y0.min(0.9), format!("the {name}"))).collect()
        })
    }

    /// The switch, and what the two boxes mean here.
    pub fn view(self) -> AnyView {
        let text = move || self.shown().map(|boxes| words(&boxes, self.seen.get()));
        view! {
            <Show when=move || self.boxes.with(Option::is_some)>
                <h2 class="fig-name">"A fixed number of outputs"</h2>
                <Switch id="pair" label="Exactly one cat and one dog" on=self.on set=move |on| self.on.set(on)/>
                <Show when=move || self.on.get()>
                    <p class="fig-note">
                        {PAIR.map(|(name, slot)| view! {
                            <span class="fig-key"><span class="loss-key" style:--box=colour(slot) aria-hidden="true"></span>{name}</span>
                        })}
                        "Eight numbers of the head that has a box for each class; how likely the classes are is not asked."
                    </p>
                    <p class="fig-reading" aria-live="polite" data-testid="pair-words">{text}</p>
                </Show>
            </Show>
        }
        .into_any()
    }
}

/// What the two boxes mean in a photo where the detector sees some of each.
fn words(boxes: &[BBox; 2], seen: Option<[usize; 2]>) -> String {
    let overlap = boxes[0].iou(&boxes[1]);
    let Some([cats, dogs]) = seen else { return format!("Two boxes; their IoU is {overlap:.2}.") };
    let number = |count: usize, name: &str| format!("{count} {name}{}", if count == 1 { "" } else { "s" });
    let meaning = match (cats, dogs) {
        (1, 1) => "The two boxes fit what is here",
        (0, 0) => "Both boxes are there all the same, on nothing that they could mean",
        (0, _) | (_, 0) if cats + dogs == 1 => "The other box is there all the same, on nothing that it could mean",
        _ => "There are no numbers for what is more than one of each, and none can be left out",
    };
    format!(
        "The detector sees {} and {}. {meaning}: the outputs are always two. Their IoU is {overlap:.2}.",
        number(cats, "cat"),
        number(dogs, "dog")
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_among_the_classes_and_the_words_follow_what_is_seen() {
        assert!(PAIR.iter().all(|(name, _)| CLASSES.contains(name)));
        let boxes = [BBox::new(0.0, 0.0, 0.5, 1.0), BBox::new(0.5, 0.0, 1.0, 1.0)];
        let said = |seen| words(&boxes, Some(seen));
        assert!(said([1, 1]).starts_with("The detector sees 1 cat and 1 dog. The two boxes fit"));
        assert!(said([1, 2]).contains("1 cat and 2 dogs. There are no numbers for what is more"));
        assert!(said([0, 1]).contains("The other box is there all the same") && said([0, 0]).contains("Both boxes"));
        assert_eq!(words(&boxes, None), "Two boxes; their IoU is 0.00.");
    }
}
