//! One small map through four ways of upsampling.

mod relief;
mod words;

use leptos::prelude::*;
use model::figures::upsampling::Term;

use super::{
    Bench, POOL,
    filter::{Filter, KernelAndStride},
    setup::{CELLS, Way},
};
use crate::{
    figures::{
        cells::CellGrid,
        controls::{Range, to_try},
        numbers::{Numbers, lines, table},
        piece::PhotoPiece,
        svg::{Mark, cell_text},
    },
    inside::views::{
        choice::{Choice, Switch},
        marks::NEUTRAL,
    },
    swatch::swatch_class,
};

/// What is pointed at.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Focus {
    Input(usize),
    Output(usize),
}

/// Terms of a sum that are written out.
const MAX_TERMS: usize = 16;

/// The cell that is marked before anything is pointed at: of those with most summands the one nearest to the middle.
fn most_telling(terms: &[Vec<Term>]) -> usize {
    let most = terms.iter().map(Vec::len).max().unwrap_or_default();
    let middle = terms.len() / 2;
    let full = terms.iter().enumerate().filter(|(_, it)| it.len() == most);
    full.map(|(cell, _)| cell).min_by_key(|&cell| cell.abs_diff(middle)).unwrap_or_default()
}

/// The part of the figure.
pub fn view(bench: Bench) -> AnyView {
    let Bench { setup, pooled, up, .. } = bench;
    let asked = RwSignal::new(None::<Focus>);
    let way = Memo::new(move |_| setup.with(|it| it.way));
    // What is pointed at may be gone with another size.
    let now = Memo::new(move |_| {
        let (inputs, outputs) = (pooled.with(|it| it.map.values.len()), up.with(|it| it.map.values.len()));
        match asked.get() {
            Some(it @ Focus::Input(cell)) if cell < inputs => it,
            Some(it @ Focus::Output(cell)) if cell < outputs => it,
            _ => Focus::Output(up.with(|it| most_telling(&it.terms))),
        }
    });
    let focus = Pointing { now, set: asked };
    let chosen = Signal::derive(move || Way::ALL.iter().position(|&it| it == way.get()).unwrap_or_default());
    let names: Vec<String> = Way::ALL.iter().map(|it| it.title().to_owned()).collect();
    view! {
        <Choice id="way" label="Way of upsampling" options=Signal::stored(names) chosen
            choose=move |index: usize| setup.update(|it| it.way = Way::ALL[index])/>
        <div class="fig-bench">
            <Source bench focus/>
            <SmallMap bench focus/>
            <Output bench focus/>
        </div>
        {move || to_try(words::to_try_of(way.get()))}
        <Text bench/>
    }
    .into_any()
}

/// What is pointed at, for reading and writing.
#[derive(Clone, Copy)]
struct Pointing {
    now: Memo<Focus>,
    set: RwSignal<Option<Focus>>,
}

/// The photo with the piece that is taken from it, and the filter.
#[component]
fn Source(
    /// The figure.
    bench: Bench,
    /// What is pointed at.
    focus: Pointing,
) -> impl IntoView {
    let Bench { setup, up, .. } = bench;
    let way = Memo::new(move |_| setup.with(|it| it.way));
    let taps = Signal::derive(move || tap_marks(&up.with(|it| terms_of(&it.terms, focus.now.get()))));
    view! {
        <section class="bench-photo" aria-labelledby="bench-photo">
            <h2 class="fig-name" id="bench-photo">"The photo"</h2>
            <PhotoPiece square=Signal::derive(move || setup.with(|it| it.square)) cells=Signal::derive(move || setup.with(|it| it.cells))
                set=move |square| setup.update(|it| (it.square, it.map) = (square, None))/>
            <Range id="cells" label="Cells along each side" limits=CELLS step=1.0
                value=Signal::derive(move || setup.with(|it| it.cells as f64)) words=|it| format!("{it:.0} × {it:.0}")
                set=move |value| setup.update(|it| (it.cells, it.map) = (value as usize, None))/>
            <Show when=move || way.get() == Way::Transposed>
                <h2 class="fig-name">"The filter"</h2>
                <Filter bench marks=taps/>
                <KernelAndStride bench/>
            </Show>
        </section>
    }
}

/// The small map, with what it is made of or what is laid down for each of its cells.
#[component]
fn SmallMap(
    /// The figure.
    bench: Bench,
    /// What is pointed at.
    focus: Pointing,
) -> impl IntoView {
    let Bench { setup, pooled, up, fine, .. } = bench;
    let way = Memo::new(move |_| setup.with(|it| it.way));
    let map = Signal::derive(move || pooled.with(|it| it.map.clone()));
    let inputs =
        Signal::derive(move || input_marks(focus.now.get(), &up.with(|it| terms_of(&it.terms, focus.now.get()))));
    let label = Signal::derive(move || {
        map.with(|it| format!("Small map, {} by {} cells. Arrow keys move.", it.width, it.height))
    });
    let active = Signal::derive(move || match focus.now.get() {
        Focus::Input(cell) => Some(cell),
        Focus::Output(_) => None,
    });
    let maxima = Signal::derive(move || {
        let at = inputs.get();
        pooled.with(|it| {
            let mark = |cell: usize| {
                let (x, y) = it.source(cell, POOL);
                let slot = at.iter().find(|mark| mark.cell == cell).map_or(NEUTRAL, |mark| mark.slot);
                Mark { cell: y * it.map.width * POOL + x, slot }
            };
            (0..it.map.values.len()).map(mark).collect::<Vec<_>>()
        })
    });
    view! {
        <section class="bench-map" aria-labelledby="bench-map">
            <h2 class="fig-name" id="bench-map">"The small map"</h2>
            <CellGrid id="input" label map marks=inputs active choose=move |cell| focus.set.set(Some(Focus::Input(cell)))/>
            <p class="fig-note">{move || map.with(|it| format!(
                "The largest grey value of each 2 × 2 of the photo's {0} × {0} cells: 0 is black, 1 white.", it.width * POOL
            ))}</p>
            <Show when=move || way.get() == Way::Unpooling>
                <h2 class="fig-name">"Before the pooling"</h2>
                <CellGrid id="fine" map=fine marks=maxima active=Signal::stored(None) choose=move |cell| {
                        let width = fine.with_untracked(|it| it.width);
                        let (x, y) = (cell % width / POOL, cell / width / POOL);
                        focus.set.set(Some(Focus::Input(y * (width / POOL) + x)));
                    }
                    label=Signal::derive(move || format!("The map before the pooling, with the position of each maximum: {}", words::positions(bench)))/>
                <p class="fig-note">{move || words::index_words(pooled.with(|it| it.positions.len()))}</p>
            </Show>
        </section>
    }
}

/// The larger map with what the pointed cell is a sum of.
#[component]
fn Output(
    /// The figure.
    bench: Bench,
    /// What is pointed at.
    focus: Pointing,
) -> impl IntoView {
    let Bench { setup, pooled, up, .. } = bench;
    let is_transposed = Memo::new(move |_| setup.with(|it| it.way == Way::Transposed));
    let shown = Memo::new(move |_| {
        let (counts, divided) = setup.with(|it| (it.counts, it.is_divided));
        up.with(|it| match (is_transposed.get(), counts, divided) {
            (true, true, _) => it.counts(),
            (true, false, true) => it.divided_by_count(),
            _ => it.map.clone(),
        })
    });
    let empty = Signal::derive(move || {
        up.with(|it| (0..it.terms.len()).filter(|&cell| it.terms[cell].is_empty()).collect::<Vec<_>>())
    });
    let marks = Signal::derive(move || match focus.now.get() {
        Focus::Output(cell) => vec![Mark { cell, slot: NEUTRAL }],
        Focus::Input(input) => up.with(|it| it.outputs_of(input).map(|(cell, _)| Mark { cell, slot: 0 }).collect()),
    });
    let frame = Signal::derive(move || setup.with(|it| it.kept(pooled.with(|it| it.map.width))));
    let active = Signal::derive(move || match focus.now.get() {
        Focus::Output(cell) => Some(cell),
        Focus::Input(input) => up.with(|it| it.outputs_of(input).map(|it| it.0).next()),
    });
    let label = Signal::derive(move || {
        shown.with(|it| format!("Upsampled map, {} by {} cells. Arrow keys move.", it.width, it.height))
    });
    view! {
        <section class="bench-out" aria-labelledby="bench-out">
            <h2 class="fig-name" id="bench-out">{move || setup.with(|it| it.way.title())}</h2>
            <CellGrid id="output" label map=shown empty marks frame active choose=move |cell| focus.set.set(Some(Focus::Output(cell)))/>
            <Reading bench focus/>
            <p class="fig-note" data-testid="summary">{move || words::summary(bench)}</p>
            <Show when=move || setup.with(|it| it.way == Way::Nails)>
                {move || shown.with(|map| relief::relief(map, format!("The same map as a relief: {}", words::summary(bench))))}
            </Show>
            <Show when=move || is_transposed.get()>
                <div class="fig-switches">
                    <Switch id="divide" label="Divide by count" on=Signal::derive(move || setup.with(|it| it.is_divided))
                        set=move |on| setup.update(|it| it.is_divided = on)/>
                    <Switch id="counts" label="Show the counts" on=Signal::derive(move || setup.with(|it| it.counts))
                        set=move |on| setup.update(|it| it.counts = on)/>
                </div>
            </Show>
        </section>
    }
}

/// The pointed cell in words and numbers.
#[component]
fn Reading(
    /// The figure.
    bench: Bench,
    /// What is pointed at.
    focus: Pointing,
) -> impl IntoView {
    let terms = move || {
        let Focus::Output(cell) = focus.now.get() else { return Vec::new() };
        let divided = bench.setup.with(|it| it.is_divided && it.way == Way::Transposed);
        bench.pooled.with(|pooled| {
            bench.up.with(|up| {
                let terms = up.terms.get(cell).cloned().unwrap_or_default();
                let text = |it: &Term| match bench.setup.with(|it| it.way) {
                    Way::Transposed => format!("{} × {}", cell_text(pooled.map.values[it.input]), cell_text(it.weight)),
                    _ => cell_text(pooled.map.values[it.input]),
                };
                let count = terms.len();
                let mut parts: Vec<_> = terms.iter().enumerate().map(|(i, it)| (Some(i), text(it))).collect();
                if divided && count > 1 {
                    parts.push((None, format!("divided by {count}")));
                }
                parts.truncate(MAX_TERMS + 1);
                parts
            })
        })
    };
    let part = |(slot, text): (Option<usize>, String)| {
        view! {
            <span class="term">
                {slot.map(|slot| view! { <span class=swatch_class(slot) aria-hidden="true"></span> })}
                {text}
            </span>
        }
    };
    view! {
        <div class="fig-reading" data-testid="reading" aria-live="polite" aria-atomic="true">
            <p>{move || words::words(bench, focus.now.get())}</p>
            <p class="terms" data-testid="terms">{move || terms().into_iter().map(part).collect_view()}</p>
        </div>
    }
}

/// All numbers as text.
#[component]
fn Text(
    /// The figure.
    bench: Bench,
) -> impl IntoView {
    let Bench { setup, pooled, up, fine, .. } = bench;
    let is_transposed = move || setup.with(|it| it.way == Way::Transposed);
    let text = move || {
        let mut text = lines("Small map", &pooled.with(|it| it.map.clone()));
        if is_transposed() {
            text += &lines("Filter", &setup.with(|it| it.filter.clone()));
        }
        text + &up.with(|up| lines("Upsampled map", &up.map) + &lines("Copies over each cell", &up.counts()))
    };
    view! {
        <Numbers text>
            {move || table("table-input", "Small map", &pooled.with(|it| it.map.clone()))}
            {move || is_transposed().then(|| table("table-filter", "Filter", &setup.with(|it| it.filter.clone())))}
            {move || table("table-output", "Upsampled map", &up.with(|it| it.map.clone()))}
            {move || is_transposed().then(|| table("table-counts", "Copies over each cell", &up.with(|it| it.counts())))}
            {move || table("table-fine", "Before the pooling", &fine.get())}
        </Numbers>
    }
}

/// The summands of the pointed output; none while an input is pointed at.
fn terms_of(terms: &[Vec<Term>], focus: Focus) -> Vec<Term> {
    match focus {
        Focus::Output(cell) => terms.get(cell).cloned().unwrap_or_default(),
        Focus::Input(_) => Vec::new(),
    }
}

/// The inputs of summands, each in the colour of its summand; or the input that is pointed at.
fn input_marks(focus: Focus, terms: &[Term]) -> Vec<Mark> {
    match focus {
        Focus::Input(cell) => vec![Mark { cell, slot: 0 }],
        Focus::Output(_) => terms.iter().enumerate().map(|(slot, it)| Mark { cell: it.input, slot }).collect(),
    }
}

fn tap_marks(terms: &[Term]) -> Vec<Mark> {
    terms.iter().enumerate().map(|(slot, it)| Mark { cell: it.tap, slot }).collect()
}

#[cfg(test)]
mod tests {
    use model::figures::{grid::Grid, upsampling::transposed_convolution};

    use super::*;

    #[test]
    fn the_first_cell_on_show_is_one_where_most_copies_overlap() {
        let up = transposed_convolution(&Grid::filled((4, 4), 1.0), &Grid::filled((3, 3), 1.0), 2);
        let cell = most_telling(&up.terms);
        assert_eq!(up.terms[cell].len(), 4);
        assert_eq!((cell % 9, cell / 9), (4, 4), "the middle of 9 x 9");
        assert_eq!(most_telling(&[]), 0);
    }

    #[test]
    fn marks_of_inputs_and_weights_share_the_colours_of_their_summands() {
        let terms = [Term { input: 3, tap: 8, weight: 1.0 }, Term { input: 4, tap: 6, weight: 1.0 }];
        assert_eq!(input_marks(Focus::Output(0), &terms), [Mark { cell: 3, slot: 0 }, Mark { cell: 4, slot: 1 }]);
        assert_eq!(tap_marks(&terms), [Mark { cell: 8, slot: 0 }, Mark { cell: 6, slot: 1 }]);
        assert_eq!(input_marks(Focus::Input(7), &terms), [Mark { cell: 7, slot: 0 }]);
        assert!(terms_of(&[terms.to_vec()], Focus::Output(1)).is_empty());
    }
}
