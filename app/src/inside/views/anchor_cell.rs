//! The boxes of a cell of default boxes or anchors, as rows.

use leptos::prelude::*;

use super::{
    anchors::{Row, read},
    choice::number,
    marks::moved,
};
use crate::{
    inside::selection::{OpenStage, Selection},
    swatch::swatch_class,
};

/// The boxes of the chosen cell.
#[component]
pub fn Cell(
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let rows = Memo::new(move |_| read(stage, |view| view.rows(&stage.selection())).unwrap_or_default());
    let place = Memo::new(move |_| {
        read(stage, |view| view.chosen(&stage.selection()).map(|(grid, cell)| (view.anchors.grids[grid], cell)))
            .flatten()
    });
    let title = move || place.get().map(|(_, (x, y))| format!("Cell ({x}, {y})"));
    let go = move |key: &'static str| {
        let to = untrack(|| {
            read(stage, |view| {
                let (grid, cell) = view.chosen(&stage.selection())?;
                let it = view.anchors.grids[grid];
                Some((grid, moved(key, cell, (it.width, it.height))?))
            })
        });
        if let Some((grid, cell)) = to.flatten() {
            stage.choose(|it| *it = Selection { grid: Some(grid), cell: Some(cell), item: None, all: false, ..*it });
        }
    };
    let arrow = move |key: &'static str, label: &'static str, sign: &'static str| {
        view! { <button type="button" class="step-button" aria-label=label on:click=move |_| go(key)>{sign}</button> }
    };
    view! {
        <section class="cell" data-testid="cell" data-cell=move || place.get().map(|(_, (x, y))| format!("{x},{y}"))>
            <div class="block-head">
                <h3 class="block-title">{title}</h3>
                <div class="steps" role="group" aria-label="Move to another cell">
                    {arrow("ArrowLeft", "Cell to the left", "←")}{arrow("ArrowUp", "Cell above", "↑")}
                    {arrow("ArrowDown", "Cell below", "↓")}{arrow("ArrowRight", "Cell to the right", "→")}
                </div>
            </div>
            <p class="field-hint">"Dashed: the box before its correction. Solid: after it."</p>
            <ol class="cell-boxes">{move || rows.get().into_iter().map(|row| view! { <BoxRow row stage/> }).collect_view()}</ol>
        </section>
    }
}

/// A box of the cell; a click draws it alone.
#[component]
fn BoxRow(
    /// The box.
    row: Row,
    /// The stage.
    stage: OpenStage,
) -> impl IntoView {
    let index = row.index;
    let chosen = move || stage.selection().item == Some(index);
    let toggle = move |_| {
        stage.choose(|it| (it.item, it.all) = (Some(index).filter(|_| it.item != Some(index)), false));
    };
    let names = ["dx", "dy", "dw", "dh"];
    let correction = row.correction.map(|values| {
        let item = |(name, value): (&'static str, f32)| view! { <div><dt>{name}</dt><dd>{number(value)}</dd></div> };
        view! { <dl class="correction">{names.into_iter().zip(values).map(item).collect_view()}</dl> }
    });
    let classes = row.classes.iter().map(|(name, score)| format!("{name} {score}")).collect::<Vec<_>>();
    let (best, others) =
        classes.split_first().map(|(best, others)| (best.clone(), others.join(", "))).unwrap_or_default();
    view! {
        <li data-testid="anchor" data-index=index data-fired=row.fired.to_string()>
            <button type="button" class="row-button box-row" aria-pressed=move || chosen().to_string() on:click=toggle>
                <span class="row-number">{row.number}</span>
                <span class=swatch_class(row.slot) aria-hidden="true"></span>
                <span class="box-best">{best}</span>
                <span class="box-others">{others}</span>
                {correction}
            </button>
        </li>
    }
}
