//! The dialog with the code that embeds what is on show, beside a live picture of what it gives.

use leptos::{html, prelude::*};

use super::{
    base,
    code::{Embedded, Way},
    is_own_photo, shared,
};
use crate::{
    controls::Controls,
    export::clip_text,
    icon::{Icon, Shape},
    state::{Actions, use_actions},
    url_state::UrlState,
};

/// The dialog.
#[component]
pub fn Dialog(
    /// Whether it is open; set to `false` when it is closed.
    open: RwSignal<bool>,
) -> impl IntoView {
    let actions = use_actions();
    let node = NodeRef::<html::Dialog>::new();
    let (way, controls) = (RwSignal::new(Way::default()), RwSignal::new(Controls::Few));
    // What was on show as it was opened.
    let given = RwSignal::new(None::<Embedded>);
    Effect::new(move |_| {
        let Some(dialog) = node.get() else { return };
        match (open.get(), dialog.open()) {
            (true, false) => {
                given.set(Some(embedded(actions)));
                if let Err(error) = dialog.show_modal() {
                    leptos::logging::warn!("{error:?}");
                }
            }
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    let chosen = Memo::new(move |_| {
        let embedded = given.get()?;
        let state = UrlState { controls: controls.get(), ..embedded.state };
        Some(Embedded { state, ..embedded })
    });
    let code = move || chosen.with(|it| it.as_ref().map(|it| it.code(way.get())).unwrap_or_default());
    let on_close = move |_| {
        open.set(false);
        given.set(None); // with it goes the picture's frame
    };
    let is_own = move || given.with(|it| it.as_ref().is_some_and(|it| is_own_photo(&it.state)));
    view! {
        <dialog node_ref=node class="share" aria-labelledby="share-title" data-testid="share" on:close=on_close>
            <header class="share-head">
                <h2 class="block-title" id="share-title">"Embed in another page"</h2>
                <button type="button" class="round" aria-label="Close" data-testid="share-close" on:click=move |_| open.set(false)>
                    <Icon shape=Shape::Close/>
                </button>
            </header>
            <div class="share-parts">
                <div class="share-choices">
                    <Choice legend="What is shown round the photo" name="share-controls" chosen=controls
                        options=Controls::ALL.map(|it| (it, told(it))).to_vec()/>
                    <Choice legend="As" name="share-way" chosen=way options=Way::ALL.map(|it| (it, it.title())).to_vec()/>
                    <p class="field-hint">{move || way.get().hint()}</p>
                    <Show when=is_own>
                        <p class="field-hint" data-testid="share-own">
                            "Your own photo is not in the code: it stays on this device. Open a photo by its address, and the code names it."
                        </p>
                    </Show>
                    <label class="share-label" for="share-code">"Code"</label>
                    <textarea id="share-code" class="share-code" readonly rows="7" spellcheck="false" data-testid="share-code"
                        prop:value=code></textarea>
                    <button type="button" class="solid" data-testid="share-copy"
                        on:click=move |_| clip_text(actions.view, untrack(code), "The code is in the clipboard.")>"Copy code"</button>
                </div>
                <div class="share-preview">
                    <p class="share-label" id="share-picture">"What it gives"</p>
                    {move || chosen.get().map(|it| view! {
                        <iframe class="share-frame" data-testid="share-frame" title="What the code gives" src=it.address()></iframe>
                    })}
                </div>
            </div>
        </dialog>
    }
}

/// A choice of one of a few.
#[component]
fn Choice<T: Copy + PartialEq + Send + Sync + 'static>(
    /// What is chosen.
    legend: &'static str,
    /// Names the group.
    name: &'static str,
    /// The chosen one.
    chosen: RwSignal<T>,
    /// All, with their names.
    options: Vec<(T, &'static str)>,
) -> impl IntoView {
    let option = move |(value, title): (T, &'static str)| {
        let id = format!("{name}-{}", title.to_lowercase().replace(' ', "-"));
        view! {
            <label class="share-option" data-testid=id>
                <input type="radio" name=name prop:checked=move || chosen.get() == value on:change=move |_| chosen.set(value)/>
                {title}
            </label>
        }
    };
    view! {
        <fieldset class="share-group">
            <legend class="share-label">{legend}</legend>
            {options.into_iter().map(option).collect_view()}
        </fieldset>
    }
}

const fn told(controls: Controls) -> &'static str {
    match controls {
        Controls::None => "Nothing",
        Controls::Few => "Results",
        Controls::All => "Everything",
    }
}

/// What is on show now.
fn embedded(actions: Actions) -> Embedded {
    let size = untrack(|| actions.photo.size());
    let alt = actions.photo.shown.with_untracked(|it| it.as_ref().map(|it| it.alt.clone())).unwrap_or_default();
    Embedded { state: shared(actions), base: base(), aspect: size.width / size.height.max(1.0), alt }
}
