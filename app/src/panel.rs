//! The panel beside the photo: what was found, the settings, the timings, the ways out.

mod adjust;
mod captions;
mod class_map;
mod engine_line;
mod locate;
mod masks;
mod people;
mod progress;
mod results;
mod row_button;
mod timings;

use leptos::prelude::*;
use lookout_protocol::Task;

use crate::{desk::use_desk, engine::Run, export::ExportButtons};
pub use engine_line::EngineLine;
pub use progress::LoadLines;

/// The panel.
#[component]
pub fn Panel() -> impl IntoView {
    let desk = use_desk();
    let somebody = move || desk.task.get() == Task::Skeletons && desk.people.with(|it| !it.shown.is_empty());
    let cuttable = move || {
        matches!(desk.task.get(), Task::Masks | Task::Everything) && desk.findings.with(|it| !it.shown.is_empty())
    };
    let done = move || desk.engine.run.get() == Run::Done;
    view! {
        <aside class="panel" aria-label="Results">
            <results::Summary/>
            <Show when=done>
                <Show when=move || desk.task.get() == Task::Everything>
                    <captions::Sentence/>
                </Show>
                <Show when=move || matches!(desk.task.get(), Task::Boxes | Task::Masks | Task::Everything)>
                    <results::Classes/>
                    <results::List/>
                </Show>
                <Show when=move || desk.task.get() == Task::ClassMap>
                    <class_map::ClassLegend/>
                </Show>
                <Show when=move || desk.task.get() == Task::Captions>
                    <captions::Captions/>
                </Show>
                <Show when=move || desk.task.get() == Task::Localize>
                    <locate::Chances/>
                </Show>
                <Show when=somebody>
                    <people::PeopleList/>
                    <people::Joints/>
                </Show>
                <Show when=move || !matches!(desk.task.get(), Task::Captions | Task::Localize)>
                    <adjust::Adjust/>
                </Show>
                <Show when=cuttable>
                    <masks::CutOut/>
                </Show>
                <timings::Timings/>
                <ExportButtons/>
            </Show>
            <EngineLine/>
        </aside>
    }
}
