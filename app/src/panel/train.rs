//! The way from a class map to HyperQuest: patches of the photo are its data set.

use leptos::prelude::*;
use lookout_look::handed_photo::hand_over;
use model::{quest::photo::LabelledPhoto, structures::class_map::ClassMap};

use crate::{
    layers::ClassMapLayer,
    photo::Photo,
    state::{use_photo, use_result, use_view},
};

/// The game's page with a data set; the number follows.
const GAME: &str = "quest.html?seed=";

/// The button that hands the photo and its class map to the game.
#[component]
pub fn TrainOnPhoto() -> impl IntoView {
    let (photo, result, view) = (use_photo(), use_result(), use_view());
    let legend = move || result.scene.with(|scene| scene.find::<ClassMapLayer>().map(|it| it.legend.clone()));
    let has_classes = move || legend().is_some_and(|it| it.entries.len() > 1);
    let train = move |_| {
        let handed = match (photo.shown.get_untracked(), legend()) {
            (Some(photo), Some(legend)) => hand(&photo, &legend.map),
            _ => return,
        };
        match handed {
            // The photo is here again when the visitor comes back: the browser's history has it.
            Ok(seed) => go(&format!("{GAME}{seed}")),
            Err(sentence) => view.notifications.fault(sentence),
        }
    };
    view! {
        <Show when=move || view.controls.get().has_choices() && has_classes()>
            <section class="block" aria-labelledby="train-title">
                <h2 id="train-title" class="block-title">"Train on it"</h2>
                <div class="cutout">
                    <button type="button" class="quiet" data-testid="train-on-photo" aria-describedby="train-hint" on:click=train>
                        "Train a network on this photo"
                    </button>
                </div>
                <p class="field-hint" id="train-hint">
                    "HyperQuest cuts patches of 24 × 24 pixels from it, with this map's classes as their labels. The photo stays in this tab."
                </p>
            </section>
        </Show>
    }
}

/// Hands a photo over. Returns the number of its data set, or what to say.
fn hand(photo: &Photo, map: &ClassMap) -> Result<u32, &'static str> {
    const ROOM: &str = "This device has no memory for another copy of the photo: close other tabs, then try again.";
    const KEPT: &str = "This browser keeps nothing for this page, so HyperQuest cannot get the photo: allow site data, then try again.";
    let pixels = js_sys::Uint8Array::new(&photo.pixels().map_err(|_| ROOM)?.into()).to_vec();
    // The map was made of this photo.
    let small = LabelledPhoto::new(&pixels, (photo.width as usize, photo.height as usize), map).map_err(|_| ROOM)?;
    let seed = small.seed();
    hand_over(seed, &small.to_bytes()).map_err(|error| {
        leptos::logging::warn!("the photo is not handed over: {error:?}");
        KEPT
    })?;
    Ok(seed)
}

fn go(address: &str) {
    if let Err(error) = window().location().assign(address) {
        leptos::logging::error!("no way to {address}: {error:?}");
    }
}
