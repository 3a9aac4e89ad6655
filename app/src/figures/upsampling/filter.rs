//! The editable filter with its size and stride.

use leptos::prelude::*;
use model::figures::grid::Grid;

use super::{
    Bench,
    setup::{SIDES, WEIGHTS, bilinear},
};
use crate::{
    figures::{
        filter::{Weights, preset_buttons},
        svg::Mark,
    },
    inside::views::choice::Choice,
};

/// A filter of any side with its name.
type Preset = (&'static str, fn(usize) -> Grid);
/// Filters that can be taken as they are.
const PRESETS: [Preset; 3] = [
    ("Bilinear", bilinear),
    ("All ones", |side| Grid::filled((side, side), 1.0)),
    ("1, 2, 3 …", |side| Grid::from_fn((side, side), |x, y| (y * side + x + 1) as f64)),
];

/// Kernel and stride.
#[component]
pub fn KernelAndStride(
    /// The figure.
    bench: Bench,
) -> impl IntoView {
    let setup = bench.setup;
    let sides = SIDES.map(|side| format!("{side} × {side}")).to_vec();
    let side =
        Signal::derive(move || setup.with(|it| SIDES.iter().position(|&side| side == it.filter.width)).unwrap_or(1));
    let stride = Signal::derive(move || setup.with(|it| it.stride - 1));
    view! {
        <div class="fig-choices">
            <Choice id="kernel" label="Kernel" options=Signal::stored(sides) chosen=side
                choose=move |index: usize| setup.update(|it| it.filter = bilinear(SIDES[index]))/>
            <Choice id="stride" label="Stride" options=Signal::stored(vec!["1".to_owned(), "2".to_owned()]) chosen=stride
                choose=move |index: usize| setup.update(|it| it.stride = index + 1)/>
        </div>
    }
}

/// The weights with ready ones.
#[component]
pub fn Filter(
    /// The figure.
    bench: Bench,
    /// Weights that are marked.
    #[prop(into)]
    marks: Signal<Vec<Mark>>,
) -> impl IntoView {
    let setup = bench.setup;
    let set = move |tap: usize, weight: f64| {
        setup.update(|it| {
            if let Some(it) = it.filter.values.get_mut(tap) {
                *it = weight;
            }
        });
    };
    view! {
        <Weights side=Signal::derive(move || setup.with(|it| it.filter.width)) values=Signal::derive(move || setup.with(|it| it.filter.values.clone()))
            marks limits=WEIGHTS set/>
        {preset_buttons(&PRESETS.map(|it| it.0), move |index| setup.with(|it| it.filter == PRESETS[index].1(it.filter.width)),
            move |index| setup.update(|it| it.filter = PRESETS[index].1(it.filter.width)))}
    }
}
