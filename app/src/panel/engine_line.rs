//! The line that says where the network runs, and why; with a switch.

use leptos::prelude::*;
use lookout_protocol::Backend;

use crate::{
    engine::backend_choice::Why,
    state::{use_actions, use_photo, use_result},
};

/// Where the network runs.
#[component]
pub fn EngineLine() -> impl IntoView {
    let (engine, photo, actions) = (use_result().engine, use_photo(), use_actions());
    let backend = move || engine.choice.get().map(|choice| choice.backend);
    let sentence = move || engine.choice.get().map_or_else(|| "Choosing where to run".to_owned(), |it| it.sentence());
    let state = move || match engine.device.get() {
        Some(device) => device,
        None if engine.stopped.get() => "not running".into(),
        // With a photo the panel's summary says it, larger.
        None if backend().is_some() && !photo.is_shown() => engine.loading.get().sentence(),
        _ => String::new(),
    };
    // No offer of what the browser does not have.
    let has_gpu = move || !matches!(engine.choice.get().map(|it| it.why), Some(Why::NoWebGpu | Why::NoAdapter));
    let other = move || match backend() {
        Some(Backend::Gpu) => Backend::Cpu,
        _ => Backend::Gpu,
    };
    let label = move || match other() {
        Backend::Gpu => "Use the GPU",
        Backend::Cpu => "Use the CPU",
    };
    let open_figures = move |event: leptos::ev::MouseEvent| {
        // With a modifier key the browser opens the link in a tab of its own.
        if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
            event.prevent_default();
            actions.view.open_figure(Some("all"));
        }
    };
    view! {
        <div class="engine">
            <p class="engine-line" data-testid="backend-line">
                <span class="engine-dot" data-ready=move || engine.is_ready().to_string() aria-hidden="true"></span>
                <span>{sentence} <span class="engine-device">{state}</span></span>
            </p>
            <span class="engine-ways">
            <Show when=move || backend().is_some() && has_gpu()>
                <button type="button" class="text" data-testid="backend-switch"
                    on:click=move |_| actions.switch_backend(other())>
                    {label}
                </button>
            </Show>
            <a class="text" href="?figure=all" data-testid="figures" on:click=open_figures>"Figures"</a>
            <a class="text" href="quest.html">"HyperQuest"</a>
            <a class="text" href="about.html" target="_blank" data-testid="about">"About"</a>
            </span>
        </div>
    }
}
