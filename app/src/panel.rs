//! The panel beside the photo: what was found, the settings, the timings, the ways out.

mod adjust;
mod engine_line;
mod progress;
mod results;
mod timings;

use leptos::prelude::*;

use crate::{desk::use_desk, engine::Run, export::ExportButtons};
pub use engine_line::EngineLine;
pub use progress::LoadLines;

/// The panel.
#[component]
pub fn Panel() -> impl IntoView {
    let desk = use_desk();
    let done = move || desk.engine.run.get() == Run::Done;
    view! {
        <aside class="panel" aria-label="Results">
            <results::Summary/>
            <Show when=done>
                <results::Classes/>
                <results::List/>
                <adjust::Adjust/>
                <timings::Timings/>
                <ExportButtons/>
            </Show>
            <EngineLine/>
        </aside>
    }
}
