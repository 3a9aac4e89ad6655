//! One small network, trained once with each of three unpoolings: where its boundaries lie (00:21 of the lecture).

mod picture;
mod shape;

use leptos::prelude::*;
use model::{
    catalog::System,
    eval::boundary::{BoundaryError, boundary_error},
    structures::{
        mask::THING,
        question::{Answer, Question, UnpooledMask, UnpooledMasks, Unpooling},
    },
};

use super::Bench;
use crate::{
    figures::{answers::answers, answers::percent, controls::to_try, numbers::Numbers, piece::PhotoPiece},
    state::{use_actions, use_photo},
};
use picture::{MaskPicture, Shapes};

/// What a way is called in attributes, in words, and what it does.
const fn words_of(way: Unpooling) -> (&'static str, &'static str, &'static str) {
    match way {
        Unpooling::NearestNeighbour => ("nearest", "Nearest neighbour", "Each number four times."),
        Unpooling::BedOfNails => {
            ("nails", "Bed of nails", "Each number at the upper left of its square, zeros beside it.")
        }
        Unpooling::MaxUnpooling => (
            "max",
            "Max unpooling",
            "Each number where the pooling on the way down found its square's maximum, zeros beside it.",
        ),
    }
}

/// Which pixels a network takes for a thing.
fn things(mask: &UnpooledMask) -> Vec<bool> {
    mask.things.iter().map(|&it| it >= THING).collect()
}

/// Which pixels the class map takes for one.
fn reference(masks: &UnpooledMasks) -> Vec<bool> {
    masks.class_map.iter().map(|&it| it > 0).collect()
}

/// How far a network's boundary lies from the class map's; `None` where one of them has none.
fn beside_class_map(masks: &UnpooledMasks, index: usize) -> Option<BoundaryError> {
    boundary_error(&things(masks.masks.get(index)?), &reference(masks), masks.side)
}

/// The place of the network whose boundary is nearest to the truth on photos that were kept back.
fn nearest(masks: &[UnpooledMask]) -> Option<usize> {
    (0..masks.len()).min_by(|&a, &b| masks[a].boundary_error.total_cmp(&masks[b].boundary_error))
}

/// What the photos that were kept back say, in a sentence.
fn outcome(masks: &[UnpooledMask]) -> String {
    let Some(best) = nearest(masks).map(|best| &masks[best]) else { return String::new() };
    let others = masks.iter().filter(|it| it.way != best.way);
    let others: Vec<String> =
        others.map(|it| format!("{} by {:.2}", words_of(it.way).1.to_lowercase(), it.boundary_error)).collect();
    let expected = if best.way == Unpooling::MaxUnpooling {
        "as the lecture says"
    } else {
        "not what the lecture leads to expect of so small a network"
    };
    format!(
        "On the photos that were kept back, the boundary of the network with {} misses the true one least, by {:.2} pixels on average \
         ({}): {expected}.",
        words_of(best.way).1.to_lowercase(),
        best.boundary_error,
        others.join(", ")
    )
}

/// The measures of a network on photos that were kept back.
fn measured(mask: &UnpooledMask) -> String {
    format!(
        "Kept back: {:.2} pixels off on average; {} of boundary pixels are on or next to the other boundary; IoU {}.",
        mask.boundary_error,
        percent(mask.near),
        percent(mask.iou)
    )
}

/// Where a network's boundary lies on this photo.
fn here(error: Option<BoundaryError>) -> String {
    match error {
        Some(error) => format!(
            "Here: {:.2} pixels from the class map's boundary on average, {} of boundary pixels on or next to it.",
            error.mean,
            percent(error.near as f32)
        ),
        None => {
            "Here: there is no boundary to compare, the network or the class map sees only one of thing and background."
                .into()
        }
    }
}

/// The part of the figure.
pub fn view(bench: Bench) -> AnyView {
    use_actions().view.needs_network.set(true);
    let setup = bench.setup;
    let known = answers(Signal::stored(vec![(System::Fcn, Question::Unpooled)]));
    let masks = Memo::new(move |_| {
        known.with(|known| match known.first().map(|it| &it.answer) {
            Some(Answer::Unpooled(masks)) => Some(masks.clone()),
            _ => None,
        })
    });
    let waiting = move || masks.with(Option::is_none).then_some("The three networks are being loaded.");
    let said = move || masks.with(|it| it.as_ref().map(|it| outcome(&it.masks)));
    view! {
        <p class="fig-lead">
            "A network of seven layers tells things (any of the 20 classes) from the background on 96 \u{d7} 96 pixels: pooled twice on the way \
             down, unpooled twice on the way up. It was trained three times, from the same random weights, on the same photos in the same order; \
             only the unpooling differs."
        </p>
        <p class="fig-note" role="status" data-testid="waiting">{waiting}</p>
        <div class="fig-bench">
            <section class="bench-photo" aria-labelledby="bench-photo">
                <h2 class="fig-name" id="bench-photo">"The photo"</h2>
                <PhotoPiece square=Signal::derive(move || setup.with(|it| it.square)) cells=Signal::stored(1)
                    set=move |square| setup.update(|it| (it.square, it.map) = (square, None))/>
                <p class="fig-note">"The square is what the second row shows: put it on an edge."</p>
            </section>
            <section class="bench-out" aria-labelledby="bench-out">
                <h2 class="fig-name" id="bench-out">"What came of it"</h2>
                <p class="fig-reading" data-testid="outcome" aria-live="polite">{said}</p>
                <p class="fig-note">
                    "The true outline is not known here. The dashed line is the outline of things in the class map of this page, which is made by \
                     a much larger network: a second opinion, no truth, and its own grid has cells as large as four pixels of a 300 \u{d7} 300 input."
                </p>
            </section>
        </div>
        <div class="fig-tasks fig-ways">
            {Unpooling::ALL.into_iter().enumerate().map(|(index, way)| one(bench, index, way, masks)).collect_view()}
        </div>
        {to_try("Put the square on a straight edge, then on legs or ears. Nearest neighbour gives the last convolutions blocks of 4 × 4 pixels to \
                 smooth; a bed of nails tells them nothing of where in a block an edge was; the remembered positions do, but they are those of \
                 the largest numbers, not of the boundary.")}
        <Numbers text=move || masks.with(|masks| masks.as_ref().map(text).unwrap_or_default())>
            <pre class="fig-text">{move || masks.with(|masks| masks.as_ref().map(text))}</pre>
        </Numbers>
    }
    .into_any()
}

/// One network: its mask on the photo and in the square, and how good it is.
fn one(bench: Bench, index: usize, way: Unpooling, masks: Memo<Option<UnpooledMasks>>) -> AnyView {
    let (key, title, words) = words_of(way);
    let photo = use_photo();
    let aspect = Memo::new(move |_| f64::from(photo.size().aspect()));
    let mask = Memo::new(move |_| masks.with(|it| it.as_ref()?.masks.get(index).cloned()));
    let error = Memo::new(move |_| masks.with(|it| beside_class_map(it.as_ref()?, index)));
    let shapes = Memo::new(move |_| {
        masks.with(|masks| {
            let masks = masks.as_ref()?;
            Some(Shapes::of(&things(masks.masks.get(index)?), &reference(masks), masks.side))
        })
    });
    let square = Signal::derive(move || bench.setup.with(|it| it.square).inside(aspect.get()).rect(aspect.get()));
    let attribute = move |of: fn(&UnpooledMask) -> f32| mask.with(|it| it.as_ref().map(|it| format!("{:.4}", of(it))));
    view! {
        <section class="fig-task" data-testid="trained" data-way=key
            data-iou=move || attribute(|it| it.iou) data-boundary=move || attribute(|it| it.boundary_error)
            data-off=move || error.get().map(|it| format!("{:.4}", it.mean)) aria-label=title>
            <h2 class="fig-name">{title}</h2>
            <MaskPicture id="trained-whole" shapes tint=index region=Signal::stored((0.0, 0.0, 1.0, 1.0))
                label=Signal::stored(format!("The photo with the mask by {}", title.to_lowercase()))/>
            <MaskPicture id="trained-zoom" shapes tint=index region=square
                label=Signal::stored(format!("The square, enlarged, with the mask by {}", title.to_lowercase()))/>
            <p class="fig-note">{words}</p>
            <p class="fig-task-said" aria-live="polite">{move || mask.with(|it| it.as_ref().map(measured))}</p>
            <p class="fig-reading" aria-live="polite">{move || mask.with(Option::is_some).then(|| here(error.get()))}</p>
        </section>
    }
    .into_any()
}

/// All numbers as text.
fn text(masks: &UnpooledMasks) -> String {
    let line = |(index, mask): (usize, &UnpooledMask)| {
        let pixels = things(mask).iter().filter(|&&it| it).count();
        format!(
            "{}: {} {} {pixels} of {} pixels are things.",
            words_of(mask.way).1,
            measured(mask),
            here(beside_class_map(masks, index)),
            mask.things.len()
        )
    };
    masks.masks.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three masks of 4 x 4 whose right half, right column and nothing are things, beside a class map of the right half.
    fn masks() -> UnpooledMasks {
        let columns = |from: usize| (0..16).map(|i| if i % 4 >= from { 200 } else { 20 }).collect::<Vec<u8>>();
        let errors = [(2, 3.0), (3, 4.5), (4, 2.5)];
        let mask = |(way, (from, boundary_error)): (Unpooling, (usize, f32))| UnpooledMask {
            way,
            things: columns(from),
            iou: 0.5,
            boundary_error,
            near: 0.25,
        };
        UnpooledMasks {
            side: 4,
            masks: Unpooling::ALL.into_iter().zip(errors).map(mask).collect(),
            class_map: columns(2).iter().map(|&it| u8::from(it > 100)).collect(),
        }
    }

    #[test]
    fn boundaries_are_compared_with_the_class_map_s() {
        let masks = masks();
        let means = [0, 1, 2, 3].map(|index| beside_class_map(&masks, index).map(|it| it.mean));
        assert_eq!(means, [Some(0.0), Some(1.0), None, None]);
        assert!(here(beside_class_map(&masks, 1)).starts_with("Here: 1.00 pixels from"));
        assert!(here(None).contains("no boundary to compare"));
    }

    #[test]
    fn what_came_of_it_is_said_as_it_is() {
        let mut masks = masks().masks;
        let said = outcome(&masks);
        assert!(said.contains("with max unpooling misses the true one least, by 2.50 pixels"), "{said}");
        assert!(said.contains("(nearest neighbour by 3.00, bed of nails by 4.50): as the lecture says"), "{said}");
        masks[2].boundary_error = 3.5;
        assert!(outcome(&masks).contains("with nearest neighbour") && outcome(&masks).contains("not what the lecture"));
        assert_eq!((outcome(&[]), nearest(&[])), (String::new(), None));
    }

    #[test]
    fn the_text_has_all_three() {
        let text = text(&masks());
        assert_eq!(text.lines().count(), 3);
        assert!(
            text.contains("Bed of nails: Kept back: 4.50 pixels off on average; 25.0% of boundary pixels"),
            "{text}"
        );
        assert!(text.contains("8 of 16 pixels are things."));
    }
}
