//! What a photo without a panel says, and the way from a part of the page to the whole of it.

use leptos::prelude::*;

use super::progress::Waiting;
use crate::{
    controls::Controls,
    engine::Phase,
    scene::Scene,
    state::{use_actions, use_result},
    url_state::UrlState,
    words::{controls, progress},
};

/// How the photo stands, over its corner; once there is a result, for screen readers only.
#[component]
pub fn Status() -> impl IntoView {
    let (result, actions) = (use_result(), use_actions());
    let words = move || match result.engine.phase.get() {
        Phase::Running => progress::LOOKING().to_owned(),
        Phase::Done => result.scene.with(Scene::headline),
        Phase::Idle | Phase::Cancelled | Phase::Failed => progress::NO_RESULT().into(),
    };
    let is_running = move || result.engine.phase.get() == Phase::Running;
    let is_stopped = move || !is_running() && !result.is_done();
    view! {
        <aside class="frame-status" class:visually-hidden=move || result.is_done() aria-label=controls::RESULT>
            <p role="status" class:visually-hidden=is_running>{words}</p>
            <Show when=is_running><Waiting/></Show>
            <Show when=is_stopped>
                <button type="button" class="text" data-testid="look-again" on:click=move |_| actions.look_again()>{controls::LOOK_AGAIN}</button>
            </Show>
        </aside>
    }
}

/// The link to the page with everything, in the state that is on show.
#[component]
pub fn WholePage() -> impl IntoView {
    let actions = use_actions();
    let address = move || {
        let state = actions.url_state(&UrlState::default());
        let whole = UrlState { controls: Controls::All, fits_content: false, lesson: None, ..state };
        format!("./{}", whole.query())
    };
    view! {
        <p class="engine">
            <a class="text" href=address target="_blank" data-testid="whole-page">{controls::OPEN_IN_LOOKOUT}</a>
        </p>
    }
}
