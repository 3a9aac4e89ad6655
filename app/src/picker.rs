//! The choice of a task, of a system that answers it, and of looking inside.

use leptos::{html::Fieldset, prelude::*};
use model::catalog::{System, Task};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::{
    icon::{Icon, Shape},
    state::{Actions, use_actions, use_result, use_view},
};

/// CSS pixels left of the chosen task: enough to see that there are others.
const MARGIN: i32 = 60;

/// The tasks as a group of radio buttons: arrow keys choose, as everywhere.
#[component]
pub fn TaskPicker(
    /// Starts the test ids and names the group; two pickers differ in it.
    id: &'static str,
) -> impl IntoView {
    let result = use_result();
    let node = NodeRef::<Fieldset>::new();
    // On a narrow screen the tasks scroll: the chosen one stays in sight.
    Effect::new(move |_| {
        let (Some(fieldset), task) = (node.get(), result.task.get()) else { return };
        let _ = result.engine.phase.get(); // tracked: the font may have arrived since, and with it other widths
        let chosen = fieldset.query_selector(&format!("[data-testid='{id}-{}']", task.key())).ok().flatten();
        if let Some(label) = chosen.and_then(|it| it.dyn_into::<HtmlElement>().ok()) {
            fieldset.set_scroll_left(label.offset_left() - MARGIN);
        }
    });
    view! {
        <fieldset node_ref=node class="tasks">
            <legend class="visually-hidden">"Task"</legend>
            {Task::ALL.into_iter().map(|task| view! { <TaskChoice id task/> }).collect_view()}
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
    let (result, actions) = (use_result(), use_actions());
    view! {
        <label class="task" data-testid=format!("{id}-{}", task.key())>
            <input class="visually-hidden" type="radio" name=id value=task.key()
                prop:checked=move || result.task.get() == task on:change=move |_| actions.choose_task(task)/>
            <span class="task-name">{task.title()}</span>
        </label>
    }
}

/// The systems of the task, where there are several.
#[component]
pub fn SystemPicker() -> impl IntoView {
    let (result, actions) = (use_result(), use_actions());
    let several = Memo::new(move |_| has_several(result.task.get()));
    let chosen = move || result.systems().first().copied();
    let choose = move |event| {
        if let Some(system) = System::from_key(&event_target_value(&event)) {
            actions.choose_system(system);
        }
    };
    let options = move || {
        let option = |system: System, title: &'static str| {
            view! { <option value=system.key() selected=move || chosen() == Some(system)>{title}</option> }
        };
        result.task.get().systems().map(|info| option(info.system, info.title)).collect_view()
    };
    view! {
        <Show when=move || several.get()>
            <label class="system">
                <span class="system-by">"by"</span>
                <span class="select-frame">
                    <select class="select" aria-label="System" data-testid="system"
                        prop:value=move || chosen().map(System::key).unwrap_or_default() on:change=choose>{options}</select>
                    <Icon shape=Shape::Down/>
                </span>
            </label>
        </Show>
    }
}

/// The switch that opens the stages of what ran.
#[component]
pub fn InsideToggle() -> impl IntoView {
    let toggle = |actions: Actions| actions.look_inside(!actions.view.inside.get_untracked());
    switch("inside", "Look inside", use_view().inside, |_| true, toggle)
}

/// The switch that opens the comparison of the task's systems; not there for a task with one system.
#[component]
pub fn CompareToggle() -> impl IntoView {
    let toggle = |actions: Actions| {
        actions.view.inside.set(false);
        actions.view.compare.update(|it| *it = !*it);
    };
    switch("compare", "Compare", use_view().compare, has_several, toggle)
}

/// A switch of the header.
///
/// # Arguments
/// * `id` - its test id and, with "-toggle", its class.
/// * `is_offered` - whether a task has it.
fn switch(
    id: &'static str,
    word: &'static str,
    is_on: RwSignal<bool>,
    is_offered: fn(Task) -> bool,
    toggle: fn(Actions),
) -> impl IntoView {
    let (result, actions) = (use_result(), use_actions());
    view! {
        <button type="button" class=format!("head-toggle {id}-toggle") data-testid=id aria-label=word
            hidden=move || !is_offered(result.task.get()) aria-pressed=move || is_on.get().to_string()
            on:click=move |_| toggle(actions)><span>{word}</span></button>
    }
}

/// Whether several systems answer a task.
pub fn has_several(task: Task) -> bool {
    task.systems().nth(1).is_some()
}
