//! The class map of the photo with the learned filters of its way up replaced (00:22 and 00:32 of the lecture).

use std::sync::Arc;

use leptos::prelude::*;
use model::{
    catalog::System,
    figures::grid::Grid,
    structures::{
        class_map::ClassMap,
        question::{Answer, Question, UpsampledClassMaps, Upsampling},
    },
};

use super::Bench;
use crate::{
    compare::canvas::{Format, Picture, Source},
    figures::{
        answers::answers,
        controls::to_try,
        numbers::Numbers,
        svg::{cell_text, cells, view_box},
    },
    inside::views::choice::Choice,
    layers::ClassMapLayer,
    scene::Scene,
    state::{use_actions, use_photo},
};

/// How the maps are drawn.
const FORMAT: Format = Format { width: 380.0, max_height: 380.0, shrink: 1.4 };
/// The steps up that are replaced, in words.
const REPLACED: [&str; 3] = ["The last step, to stride 4", "The last two", "All three"];
/// The place of the learned way among the maps.
const LEARNED: usize = 0;

/// What a way is called, and what it does to a filter.
const fn words_of(way: Upsampling) -> (&'static str, &'static str, &'static str) {
    match way {
        Upsampling::Learned => {
            ("learned", "Learned", "Transposed convolution with the filters that the network has learnt.")
        }
        Upsampling::NearestNeighbour => (
            "nearest",
            "Nearest neighbour",
            "The upper left weight of each filter in all four places: four copies of one number.",
        ),
        Upsampling::BedOfNails => {
            ("nails", "Bed of nails", "That weight at the upper left, and zeros in the three other places.")
        }
    }
}

/// A map beside the learned one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Difference {
    /// The share of the pixels with another class, 0 to 1.
    changed: f32,
    /// How many times as long the borders between classes are.
    borders: f32,
}

impl Difference {
    fn of(map: &ClassMap, learned: &ClassMap) -> Self {
        let pixels = map.labels.len().max(1) as f32;
        let changed = map.labels.iter().zip(&learned.labels).filter(|(a, b)| a != b).count();
        Self { changed: changed as f32 / pixels, borders: borders(map) as f32 / borders(learned).max(1) as f32 }
    }

    fn words(self) -> String {
        let Self { changed, borders } = self;
        format!(
            "{:.1}% of the pixels have another class; the borders between classes are {borders:.2} times as long.",
            changed * 100.0
        )
    }
}

/// The length of the borders between classes, in sides of pixels.
fn borders(map: &ClassMap) -> usize {
    let row = |y: usize| map.labels.get(y * map.width..(y + 1) * map.width).unwrap_or_default();
    let across = (0..map.height).map(|y| row(y).windows(2).filter(|it| it[0] != it[1]).count());
    let down = (1..map.height).map(|y| row(y - 1).iter().zip(row(y)).filter(|(a, b)| a != b).count());
    across.chain(down).sum()
}

/// The part of the figure.
pub fn view(bench: Bench) -> AnyView {
    use_actions().view.needs_network.set(true);
    let setup = bench.setup;
    let steps = Memo::new(move |_| setup.with(|it| it.replaced));
    // Three at most.
    let question = Memo::new(move |_| Question::ClassMaps(steps.get() as u8));
    let known = answers(Signal::derive(move || vec![(System::Fcn, question.get())]));
    let maps = Memo::new(move |_| {
        known.with(|known| match known.first().map(|it| (&it.question, &it.answer)) {
            Some((asked, Answer::ClassMaps(maps))) if *asked == question.get() => Some(maps.clone()),
            _ => None,
        })
    });
    let source = Source::new(use_photo());
    let waiting = move || maps.with(Option::is_none).then_some("The network is computing the class map in three ways.");
    view! {
        <p class="fig-lead">
            "The network that makes the class map doubles its map three times on the way up, each time by a transposed convolution of 2 \u{d7} 2 \
             at stride 2: no copies overlap. Here it runs again with fixed functions in the place of what it has learnt."
        </p>
        <Choice id="replaced" label="Replaced" options=Signal::stored(REPLACED.map(str::to_owned).to_vec())
            chosen=Signal::derive(move || steps.get() - 1) choose=move |index: usize| setup.update(|it| it.replaced = index + 1)/>
        <p class="fig-note" role="status" data-testid="waiting">{waiting}</p>
        <div class="fig-tasks fig-ways">{Upsampling::ALL.into_iter().enumerate().map(|(index, way)| one(index, way, maps, source)).collect_view()}</div>
        <h2 class="fig-name">"Learned filters of the last step"</h2>
        <p class="fig-note">"The 24 with the largest weights of 80 \u{d7} 40, each in its own greys. Where the four weights differ, the filter says \
            where in its 2 \u{d7} 2 pixels something is, e.g. an edge; nearest neighbour would be four times the same grey."</p>
        <div class="fig-filters" data-testid="learned-filters">{move || maps.with(|maps| maps.as_ref().map(filters))}</div>
        {to_try("Even with the last step alone replaced, most of the thing is lost: the network has learnt to say by the place within the 2 × 2 \
                 what is there, and the layers after it read that. One that was trained with nearest neighbour from the start would have \
                 learnt to do without: this shows what the filters do, not how good such a network could be.")}
        <Numbers text=move || maps.with(|maps| maps.as_ref().map(text).unwrap_or_default())>
            <pre class="fig-text">{move || maps.with(|maps| maps.as_ref().map(text))}</pre>
        </Numbers>
    }
    .into_any()
}

/// One map, and what changed.
fn one(index: usize, way: Upsampling, maps: Memo<Option<UpsampledClassMaps>>, source: Source) -> AnyView {
    let (key, title, words) = words_of(way);
    let scene = Memo::new(move |_| {
        maps.with(|maps| {
            let map = maps.as_ref().and_then(|it| it.maps.get(index));
            map.map(|map| Scene::of_layer(Arc::new(ClassMapLayer::of(map)))).unwrap_or_default()
        })
    });
    let difference = Memo::new(move |_| {
        maps.with(|maps| {
            let maps = &maps.as_ref()?.maps;
            (index != LEARNED).then_some(())?;
            Some(Difference::of(maps.get(index)?, maps.get(LEARNED)?))
        })
    });
    let said = move || scene.with(|it| it.lead().map(|it| it.headline()));
    view! {
        <section class="fig-task" data-testid="upsampled-map" data-way=key
            data-changed=move || difference.get().map(|it| format!("{:.5}", it.changed)) aria-label=title>
            <h2 class="fig-name">{title}</h2>
            <Picture source format=FORMAT scene highlighted=Signal::stored(None)/>
            <p class="fig-task-said" aria-live="polite">{said}</p>
            <p class="fig-note">{words}</p>
            <p class="fig-reading" aria-live="polite">{move || difference.get().map(Difference::words)}</p>
        </section>
    }
    .into_any()
}

/// Filters in greys from each one's least weight to its largest.
fn filters(maps: &UpsampledClassMaps) -> AnyView {
    let one = |filter: &[f32; 4]| {
        let grid = Grid { width: 2, height: 2, values: filter.iter().map(|&it| f64::from(it)).collect() };
        let label = format!("Weights {}", grid.values.iter().map(|&it| cell_text(it)).collect::<Vec<_>>().join(", "));
        view! {
            <div class="cells"><svg viewBox=view_box(&grid) role="img" aria-label=label>{cells(&grid, grid.range(), |_| false)}</svg></div>
        }
    };
    maps.filters.iter().map(one).collect_view().into_any()
}

/// All numbers as text.
fn text(maps: &UpsampledClassMaps) -> String {
    let mut lines = vec![];
    for (way, map) in Upsampling::ALL.into_iter().zip(&maps.maps) {
        let difference = maps.maps.get(LEARNED).map(|it| Difference::of(map, it)).unwrap_or_default();
        lines.push(format!("{}: {}", words_of(way).1, difference.words()));
    }
    let filter = |it: &[f32; 4]| it.map(|weight| format!("{weight:.4}")).join(" ");
    lines.push("Learned filters, row by row:".into());
    lines.extend(maps.filters.iter().map(filter));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(width: usize, labels: &[u8]) -> ClassMap {
        ClassMap { width, height: labels.len() / width, labels: labels.to_vec(), certainty: vec![] }
    }

    #[test]
    fn borders_are_counted_between_pixels() {
        assert_eq!(borders(&map(3, &[0, 0, 1, 0, 0, 1])), 2);
        assert_eq!(borders(&map(2, &[0, 1, 1, 0])), 4);
        assert_eq!(borders(&ClassMap::default()), 0);
    }

    #[test]
    fn a_map_beside_the_learned_one() {
        let (learned, nails) = (map(4, &[0, 0, 1, 1, 0, 0, 1, 1]), map(4, &[0, 1, 1, 1, 0, 0, 1, 1]));
        let found = Difference::of(&nails, &learned);
        assert_eq!(found, Difference { changed: 0.125, borders: 1.5 });
        assert!(found.words().starts_with("12.5% of the pixels") && found.words().contains("1.50 times as long"));
        assert_eq!(Difference::of(&learned, &learned).changed, 0.0);
    }
}
