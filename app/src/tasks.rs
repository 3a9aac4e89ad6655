//! The choice of a task.

use leptos::prelude::*;
use lookout_protocol::Task;

use crate::{
    desk::use_desk,
    settings::{TASKS, task_key},
};

/// The tasks as a group of radio buttons: arrow keys choose, as everywhere.
#[component]
pub fn TaskPicker(
    /// Starts the test ids and names the group; two pickers differ in it.
    id: &'static str,
) -> impl IntoView {
    view! {
        <fieldset class="tasks">
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
    };
    view! {
        <label class="task" data-testid=format!("{id}-{key}")>
            <input class="visually-hidden" type="radio" name=id value=key
                prop:checked=move || desk.task.get() == task on:change=move |_| desk.choose(task)/>
            <span class="task-name">{name}</span>
        </label>
    }
}
