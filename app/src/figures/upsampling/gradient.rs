//! The forward pass of a transposed convolution beside the backward pass of a convolution.

use leptos::prelude::*;
use model::figures::{
    convolution::{Walk, gradient},
    grid::Grid,
    upsampling::transposed_convolution,
};

use super::{
    Bench,
    filter::{Filter, KernelAndStride},
};
use crate::figures::{
    cells::CellGrid,
    controls::to_try,
    numbers::{Numbers, lines, table},
    svg::Mark,
};

/// The part of the figure.
pub fn view(bench: Bench) -> AnyView {
    let (setup, pooled) = (bench.setup, bench.pooled);
    let map = Signal::derive(move || pooled.with(|it| it.map.clone()));
    let forward = Memo::new(move |_| {
        setup.with(|it| pooled.with(|map| transposed_convolution(&map.map, &it.filter, it.stride).map))
    });
    let backward = Memo::new(move |_| {
        setup.with(|it| {
            // The gradient does not depend on the input's own numbers: the convolution is linear in them.
            let input = forward.with(|it| Grid::filled(it.size(), 1.0));
            pooled.with(|map| gradient(&input, &it.filter, Walk { stride: it.stride, padding: 0 }, &map.map))
        })
    });
    let off = Memo::new(move |_| forward.with(|it| backward.with(|other| it.off(other))));
    let active = RwSignal::new(None::<usize>);
    let lit = Signal::derive(move || active.get().map(|cell| vec![Mark { cell, slot: 0 }]).unwrap_or_default());
    let size = move || forward.with(|it| format!("{} × {}", it.width, it.height));
    view! {
        <p class="fig-lead">
            "A convolution turns a large map into the small one. Sent back through it, the gradient of the small map becomes that of the large one: "
            "the very numbers of the transposed convolution."
        </p>
        <div class="fig-bench fig-gradient">
            <section class="bench-map">
                <h2 class="fig-name">"g: the small map"</h2>
                <CellGrid id="upstream" label="The small map g" map active=Signal::stored(None) choose=|_| {}/>
                <h2 class="fig-name">"The filter"</h2>
                <Filter bench marks=Signal::stored(Vec::new())/>
                <KernelAndStride bench/>
            </section>
            <section class="bench-half">
                <h2 class="fig-name">"Transposed convolution of g"</h2>
                <CellGrid id="forward" label="Transposed convolution of g" map=forward marks=lit active choose=move |cell| active.set(Some(cell))/>
                <p class="fig-note">"Copies of the filter, weighted and summed, forward."</p>
            </section>
            <section class="bench-half">
                <h2 class="fig-name">"Gradient of a convolution"</h2>
                <CellGrid id="backward" label="Gradient of a convolution" map=backward marks=lit active choose=move |cell| active.set(Some(cell))/>
                <p class="fig-note">"Reverse-mode automatic differentiation of the sum of g times the convolution, by its input."</p>
            </section>
        </div>
        <p class="fig-reading" data-testid="difference" data-off=move || off.get().to_string() aria-live="polite">
            {move || format!("{} numbers each. Largest difference between the two: {:.6}.", size(), off.get())}
        </p>
        {to_try("Change a weight, the kernel or the stride: both sides change, and the difference stays. The gradient is worked out by walking \
                 back through every product and sum of the convolution; no transposed convolution takes part in it.")}
        <Numbers text=move || forward.with(|it| lines("Transposed convolution", it)) + &backward.with(|it| lines("Gradient", it))>
            {move || table("table-forward", "Transposed convolution of g", &forward.get())}
            {move || table("table-backward", "Gradient of the convolution", &backward.get())}
        </Numbers>
    }
    .into_any()
}
