//! The choice of a task.

use leptos::{html::Fieldset, prelude::*};
use lookout_protocol::Task;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::{
    desk::use_desk,
    settings::{TASKS, task_key},
};

/// CSS pixels left of the chosen task: enough to see that there are others.
const MARGIN: i32 = 60;

/// The tasks as a group of radio buttons: arrow keys choose, as everywhere.
#[component]
pub fn TaskPicker(
    /// Starts the test ids and names the group; two pickers differ in it.
    id: &'static str,
) -> impl IntoView {
    let desk = use_desk();
    let node = NodeRef::<Fieldset>::new();
    // On a narrow screen the tasks scroll: the chosen one stays in sight.
    Effect::new(move |_| {
        let (Some(fieldset), task) = (node.get(), desk.task.get()) else { return };
        let _ = desk.engine.run.get(); // tracked: the font may have arrived since, and with it other widths
        let chosen = fieldset.query_selector(&format!("[data-testid='{id}-{}']", task_key(task))).ok().flatten();
        if let Some(label) = chosen.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
            fieldset.set_scroll_left(label.offset_left() - MARGIN);
        }
    });
    view! {
        <fieldset node_ref=node class="tasks">
            <legend class="visually-hidden">"Task"</legend>
            {TASKS.into_iter().map(|task| view! { <TaskChoice id task/> }).collect_view()}
        </fieldset>
    }
}

/// One task.
#[component]
fn TaskChoice(
    /// As in [`TaskPicker`].
    id: &'static str,
    /// The task.
    task: Task,
) -> impl IntoView {
    let desk = use_desk();
    let key = task_key(task);
    let name = match task {
        Task::Boxes => "Boxes",
        Task::Skeletons => "Skeletons",
        Task::Masks => "Masks",
        Task::ClassMap => "Class map",
        Task::Captions => "Captions",
        Task::Localize => "Localize",
        Task::Everything => "Everything",
    };
    view! {
        <label class="task" data-testid=format!("{id}-{key}")>
            <input class="visually-hidden" type="radio" name=id value=key
                prop:checked=move || desk.task.get() == task on:change=move |_| desk.choose(task)/>
            <span class="task-name">{name}</span>
        </label>
    }
}
