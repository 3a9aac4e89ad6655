//! The figure about the image size: the same detector with the photo squashed to small and large squares (01:05 of the lecture).

use leptos::prelude::*;
use model::{
    catalog::System,
    structures::{
        boxes::Candidate,
        question::{Answer, Question, SizedDetections},
    },
};

use super::{
    answers::answers,
    boxes_on_photo::{PhotoBoxes, label, outline},
    controls::{Range, to_try},
    numbers::Numbers,
    setup::{Words, kept, short},
};
use crate::{
    findings::counted,
    inside::views::choice::{Choice, number},
    state::use_actions,
};

/// Sides of the input in pixels, multiples of the coarsest stride; the network was trained at [`TRAINED`].
const SIDES: [u16; 5] = [160, 256, 416, 576, 736];
/// How many sides are asked for once more before the others: the first pass at all takes longer, and its time would tell nothing.
const WARM_UP: usize = 1;
/// The place of the side of the training.
const TRAINED: usize = 2;
/// Detections of at most this part of the photo are small, as [`Setup::words`] counts them.
const SMALL: f32 = 0.02;
/// The slot of the colour of the boxes.
const SLOT: usize = 0;

/// What is set.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Setup {
    /// The place among [`SIDES`].
    side: usize,
    /// Detections have this score at least.
    score: f64,
}

impl Default for Setup {
    fn default() -> Self {
        Self { side: TRAINED, score: 0.5 }
    }
}

impl Setup {
    fn read(words: &Words) -> Self {
        let usual = Self::default();
        let named = words.number("side", (0.0, f64::from(u16::MAX)));
        let side = named.and_then(|side| SIDES.iter().position(|it| f64::from(*it) == side));
        Self { side: side.unwrap_or(usual.side), score: words.number("score", (0.05, 1.0)).unwrap_or(usual.score) }
    }

    fn write(&self) -> Words {
        let (usual, mut words) = (Self::default(), Words::default());
        words.push("side", SIDES[self.side], SIDES[usual.side]);
        words.push("score", short(self.score), short(usual.score));
        words
    }
}

/// The detections that are sure enough.
fn sure(it: &SizedDetections, score: f64) -> impl Iterator<Item = &Candidate> {
    it.detections.iter().filter(move |it| f64::from(it.score) >= score)
}

/// How many of them are small.
fn small(it: &SizedDetections, score: f64) -> usize {
    sure(it, score).filter(|it| it.bbox.area() <= SMALL).count()
}

/// The smallest and the largest input side by side.
fn words(all: &[SizedDetections], score: f64) -> Option<String> {
    let (first, last) = (all.first()?, all.last()?);
    let one = |it: &SizedDetections| {
        let (things, small) = (sure(it, score).count(), small(it, score));
        format!("{} in {}, {small} of them small", counted(things, "thing"), milliseconds(it.ms))
    };
    let pixels = (f32::from(last.side) / f32::from(first.side)).powi(2);
    Some(format!(
        "At {} pixels a side: {}. At {}: {}. That is {} times the pixels and {} times the time.",
        first.side,
        one(first),
        last.side,
        one(last),
        number(pixels),
        number((last.ms / first.ms.max(0.1)) as f32),
    ))
}

fn milliseconds(ms: f64) -> String {
    if ms < 1000.0 { format!("{ms:.0} ms") } else { format!("{:.1} s", ms / 1000.0) }
}

/// The figure on the photo on show.
pub fn view() -> AnyView {
    use_actions().view.needs_network.set(true);
    let setup = kept(Setup::read, Setup::write);
    let asked = SIDES[..WARM_UP].iter().chain(&SIDES).copied().collect();
    let known = answers(Signal::stored(vec![(System::FasterRcnn, Question::InputSides(asked))]));
    let found = Memo::new(move |_| {
        known.with(|known| match known.first().map(|it| &it.answer) {
            Some(Answer::InputSides(all)) => all.iter().skip(WARM_UP).cloned().collect(),
            _ => vec![],
        })
    });
    let chosen = Signal::derive(move || setup.with(|it| it.side));
    let score = Signal::derive(move || setup.with(|it| it.score));
    let shown = Memo::new(move |_| {
        found.with(|all| {
            let it = all.get(chosen.get());
            it.map(|it| sure(it, score.get()).copied().collect::<Vec<_>>()).unwrap_or_default()
        })
    });
    let drawing = move || {
        shown.with(|all| all.iter().map(|it| outline(&it.bbox, "box-line box-kept", Some(SLOT))).collect_view())
    };
    let labels = Signal::derive(move || shown.with(|all| all.iter().map(label).collect::<Vec<_>>()));
    let waiting =
        move || found.with(Vec::is_empty).then_some("Faster R-CNN is being loaded and looks at the photo five times.");
    let said = move || found.with(|all| words(all, score.get()));
    let options = SIDES.map(|side| format!("{side}")).to_vec();
    view! {
        <div class="fig-photo-side">
            <div>
                <PhotoBoxes handles=Signal::stored(Vec::new()) labels set=|_, _| {}>{drawing}</PhotoBoxes>
                <Choice id="side" label="Height and width of the input" options=Signal::stored(options) chosen
                    choose=move |index: usize| setup.update(|it| it.side = index)/>
            </div>
            <div>
                <p class="fig-note" role="status" data-testid="waiting">{waiting}</p>
                <p class="fig-reading" aria-live="polite" data-testid="size-words">{said}</p>
                <Range id="size-score" label="Score at least" limits=(0.05, 1.0) step=0.01 value=score words=short
                    set=move |value| setup.update(|it| it.score = value)/>
                {move || found.with(|all| (!all.is_empty()).then(|| table(all, chosen.get(), score.get())))}
                <p class="fig-note">{format!(
                    "The network was trained at {} pixels. It is convolutional, so that it takes any size; what it has learnt are things as large as they were then.",
                    SIDES[TRAINED],
                )}</p>
            </div>
        </div>
        {to_try("Go from the smallest input to the largest: each step costs time. Small things come, and large ones may be lost again, because they are \
                 larger than any that the network was trained on. At which size are most found?")}
        <Numbers text=move || said().unwrap_or_default()><p>{said}</p></Numbers>
    }
    .into_any()
}

/// A row for each side.
fn table(all: &[SizedDetections], chosen: usize, score: f64) -> AnyView {
    let longest = all.iter().map(|it| it.ms).fold(1.0, f64::max);
    let row = |(index, it): (usize, &SizedDetections)| {
        let things = sure(it, score).count();
        view! {
            <tr data-testid="size-row" data-side=it.side data-things=things data-chosen=(index == chosen).to_string()>
                <th scope="row">{it.side}</th>
                <td>{things}</td>
                <td>{small(it, score)}</td>
                <td class="size-time">
                    <div>
                        <span class="area-bar" style:--part=format!("{:.4}", it.ms / longest) style:--fill="var(--ink)"></span>
                        {milliseconds(it.ms)}
                    </div>
                </td>
            </tr>
        }
    };
    view! {
        <div class="fig-table"><table class="loss-table">
            <caption class="visually-hidden">"What is found at each size"</caption>
            <thead><tr><th scope="col">"side"</th><th scope="col">"things"</th><th scope="col">"small ones"</th><th scope="col">"time"</th></tr></thead>
            <tbody>{all.iter().enumerate().map(row).collect_view()}</tbody>
        </table></div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    #[test]
    fn the_address_brings_everything_back() {
        let setup = Setup { side: 4, score: 0.25 };
        assert_eq!(Setup::read(&Words::parse(&setup.write().text())), setup);
        assert_eq!(Setup::default().write().text(), "");
        assert_eq!(Setup::read(&Words::parse("side:417,score:7")).side, TRAINED);
    }

    #[test]
    fn small_and_large_inputs_are_compared() {
        let thing =
            |side: f32, score: f32| Candidate { bbox: BBox::new(0.0, 0.0, side, side), class: 1, score, prior: 0 };
        let small = SizedDetections { side: 160, ms: 20.0, detections: vec![thing(0.5, 0.9), thing(0.1, 0.3)] };
        let large = SizedDetections { side: 640, ms: 300.0, detections: vec![thing(0.5, 0.9), thing(0.1, 0.8)] };
        assert_eq!(
            words(&[small, large], 0.5).as_deref(),
            Some(
                "At 160 pixels a side: 1 thing in 20 ms, 0 of them small. At 640: 2 things in 300 ms, 1 of them small. \
                 That is 16.0 times the pixels and 15.0 times the time."
            )
        );
        assert_eq!(words(&[], 0.5), None);
    }
}
