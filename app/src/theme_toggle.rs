//! The button for light and dark.

use leptos::prelude::*;

use crate::{
    icon::{Icon, Shape},
    state::use_view,
};

/// Light or dark.
#[component]
pub fn ThemeToggle() -> impl IntoView {
    let view = use_view();
    let toggle = move |_| {
        view.theme.update(|theme| *theme = theme.toggled(view.system_dark.get_untracked()));
        view.theme.get_untracked().remember();
    };
    let label = move || if view.is_dark() { "Light theme" } else { "Dark theme" };
    view! {
        <button type="button" class="round" data-testid="theme-toggle" aria-label=label on:click=toggle>
            <Icon shape=Shape::Theme/>
        </button>
    }
}
