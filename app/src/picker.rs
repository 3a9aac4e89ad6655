//! The choice of a task, of a system that answers it, and of looking inside.

use leptos::{html::Fieldset, prelude::*};
use model::catalog::{System, Task};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

use crate::{
    icon::{Icon, Shape},
    state::{use_actions, use_result, use_view},
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
    let (view, actions) = (use_view(), use_actions());
    let inside = move || view.inside.get();
    view! {
        <button type="button" class="inside-toggle" data-testid="inside" aria-pressed=move || inside().to_string()
            on:click=move |_| actions.look_inside(!inside())>"Look inside"</button>
    }
}

/// The switch that opens the comparison of the task's systems; not there for a task with one system.
#[component]
pub fn CompareToggle() -> impl IntoView {
    let (view, result) = (use_view(), use_result());
    let compare = move || view.compare.get();
    let toggle = move |_| {
        view.inside.set(false);
        view.compare.update(|it| *it = !*it);
    };
    view! {
        <button type="button" class="inside-toggle compare-toggle" data-testid="compare" aria-label="Compare"
            hidden=move || !has_several(result.task.get()) aria-pressed=move || compare().to_string()
            on:click=toggle><span>"Compare"</span></button>
    }
}

/// Whether several systems answer a task.
pub fn has_several(task: Task) -> bool {
    task.systems().nth(1).is_some()
}
