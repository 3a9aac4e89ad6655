//! The line that says where the network runs, and why; with a switch.

use leptos::prelude::*;
use lookout_protocol::Backend;

use crate::desk::use_desk;

/// Where the network runs.
#[component]
pub fn EngineLine() -> impl IntoView {
    let desk = use_desk();
    let backend = move || desk.engine.choice.get().map(|choice| choice.backend);
    let sentence =
        move || desk.engine.choice.get().map_or_else(|| "Choosing where to run".to_owned(), |it| it.sentence());
    let state = move || match desk.engine.device.get() {
        Some(device) => device,
        None if desk.engine.stopped.get() => "not running".into(),
        // With a photo the panel's summary says it, larger.
        None if backend().is_some() && desk.photo.with(Option::is_none) => desk.engine.loading.get().sentence(),
        _ => String::new(),
    };
    let other = move || match backend() {
        Some(Backend::Gpu) => Backend::Cpu,
        _ => Backend::Gpu,
    };
    let label = move || match other() {
        Backend::Gpu => "Use the GPU",
        Backend::Cpu => "Use the CPU",
    };
    view! {
        <div class="engine">
            <p class="engine-line" data-testid="backend-line">
                <span class="engine-dot" data-ready=move || desk.engine.is_ready().to_string() aria-hidden="true"></span>
                <span>{sentence} <span class="engine-device">{state}</span></span>
            </p>
            <Show when=move || backend().is_some()>
                <button type="button" class="text" data-testid="backend-switch"
                    on:click=move |_| desk.engine.switch(other(), desk.photo.get_untracked(), desk.task.get_untracked())>
                    {label}
                </button>
            </Show>
        </div>
    }
}
