//! The panel beside the photo: what was found, the settings, the timings, the ways out.

pub mod adjust;
pub mod captions;
pub mod cut_out;
mod engine_line;
pub mod legend;
pub mod people;
pub mod probabilities;
mod progress;
pub mod results;
mod row_button;
mod timings;

use leptos::prelude::*;

use crate::{
    export::ExportButtons,
    inside::{StagePanel, use_open_stage},
    layers::Layer,
    state::{ResultState, use_result},
};
pub use engine_line::EngineLine;

/// The panel.
#[component]
pub fn Panel() -> impl IntoView {
    let (result, stage) = (use_result(), use_open_stage());
    view! {
        <aside class="panel" aria-label="Results">
            <StagePanel/>
            <Show when=move || !(result.is_done() && stage.get().is_some())>
                <results::Summary/>
            </Show>
            <Show when=move || result.is_done() && stage.get().is_none()>
                <Layers/>
                <timings::Timings/>
                <ExportButtons/>
            </Show>
            <EngineLine/>
        </aside>
    }
}

/// Lists, sliders and tools of the layers on show. They are made anew for another kind of result only: while settings
/// change, a slider that is being dragged and a row that has the focus stay.
#[component]
fn Layers() -> impl IntoView {
    let result = use_result();
    let shape = Memo::new(move |_| result.scene.with(|scene| (scene.lead().map(Layer::kind), scene.is_joint())));
    move || {
        // Read, not only tracked: a memo that nobody has read follows nothing.
        let _ = shape.get();
        parts(result)
    }
}

fn parts(result: ResultState) -> Option<impl IntoView> {
    let findings = result.findings();
    // Without anything to work on there are no tools.
    let some = move || findings.with(|it| !it.shown.is_empty());
    result.scene.with_untracked(|scene| {
        let lead = scene.lead()?;
        let tools = move || result.scene.with_untracked(|scene| scene.lead().and_then(Layer::tools));
        Some(view! {
            {scene.companions()}
            {lead.list()}
            {lead.sliders().map(|sliders| view! { <adjust::Adjust>{sliders}</adjust::Adjust> })}
            <Show when=some>{tools}</Show>
        })
    })
}
