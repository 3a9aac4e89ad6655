//! The panel beside the photo: what was found, the settings, the timings, the ways out.

pub mod captions;
mod chunk;
mod closer;
pub mod cut_out;
mod engine_line;
mod held;
pub mod legend;
pub mod people;
pub mod probabilities;
pub mod progress;
pub mod results;
mod row_button;
mod status;
mod timings;
mod train;

use leptos::prelude::*;

use crate::{
    inside::{StagePanel, use_open_stage},
    layers::{Layer, Section},
    state::{ResultState, use_photo, use_result, use_view},
    words::controls,
};
pub use chunk::fetch;
use chunk::section;
pub use engine_line::EngineLine;
pub use status::Status;
use status::WholePage;

/// The panel.
#[component]
pub fn Panel() -> impl IntoView {
    let (result, view, stage) = (use_result(), use_view(), use_open_stage());
    let has_choices = move || view.controls.get().has_choices();
    view! {
        <aside class="panel" aria-label=controls::RESULTS>
            <StagePanel/>
            <Show when=move || !(result.is_done() && stage.get().is_some())>
                <results::Summary/>
            </Show>
            <Show when=move || result.is_done() && stage.get().is_none()>
                <Layers/>
                <Show when=has_choices>
                    {section(Section::CloserLook)}
                    {section(Section::Timings)}
                    {section(Section::Exports)}
                </Show>
            </Show>
            <Show when=has_choices fallback=WholePage>
                <KeptLine/>
                <EngineLine/>
            </Show>
        </aside>
    }
}

/// Says that the visitor's own photo is kept.
#[component]
fn KeptLine() -> impl IntoView {
    let photo = use_photo();
    let kept = Memo::new(move |_| photo.kept_key().is_some());
    view! {
        <Show when=move || kept.get()>
            <p class="kept field-hint" data-testid="kept-photo">
                "Your photo stays on this device. It is kept there while this tab is open, so that a reload brings it back."
            </p>
        </Show>
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
    let held = use_view().held;
    let is_held = move || held.with(Option::is_some);
    result.scene.with_untracked(|scene| {
        let lead = scene.lead()?;
        let tools = move || result.scene.with_untracked(|scene| scene.lead().and_then(Layer::tools).map(section));
        Some(view! {
            {scene.companions().into_iter().map(section).collect_view()}
            {scene.is_joint().then(|| section(Section::Additions))}
            {section(lead.list())}
            {scene.sections().into_iter().map(section).collect_view()}
            <Show when=is_held>{section(Section::Held)}</Show>
            {lead.sliders().map(section)}
            <Show when=some>{tools}</Show>
        })
    })
}
