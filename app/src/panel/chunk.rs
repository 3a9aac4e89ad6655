//! The part of the panel that is fetched with the first task other than Boxes: the lists, sliders and tools of the other
//! kinds of results.
//!
//! [`lists`] is its entry. What only that function reaches is not in the page's first module; layers show it by [`later`].

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{
    adjust::{AdjustMasks, AdjustSkeletons, Opacity},
    captions::{Captions, RegionCaptions, Sentence},
    cut_out::CutOut,
    legend::{ClassLegend, ClassSection},
    people::{Joints, PeopleList},
    probabilities::{LocationSection, Probabilities},
    results::Additions,
};
use crate::{
    chunk::ChunkError,
    state::{ViewState, use_view},
};

/// What the part offers to the rest of the page; each makes a view.
#[derive(Clone, Copy)]
pub struct Lists {
    /// What several layers add to the photo.
    pub additions: fn() -> AnyView,
    /// Captions word by word.
    pub captions: fn() -> AnyView,
    /// The photo's caption beside other results.
    pub sentence: fn() -> AnyView,
    /// The captions of regions beside other results.
    pub region_captions: fn() -> AnyView,
    /// The key to a class map.
    pub legend: fn() -> AnyView,
    /// The classes of a class map beside other results.
    pub class_section: fn() -> AnyView,
    /// How strongly colours cover the photo.
    pub opacity: fn() -> AnyView,
    /// The probabilities of one class.
    pub probabilities: fn() -> AnyView,
    /// One class, one box beside other results.
    pub location_section: fn() -> AnyView,
    /// What is adjusted of masks.
    pub adjust_masks: fn() -> AnyView,
    /// What cuts things out.
    pub cut_out: fn() -> AnyView,
    /// People with the joints of one of them.
    pub people: fn() -> AnyView,
    /// What is adjusted of skeletons.
    pub adjust_skeletons: fn() -> AnyView,
}

/// Fetches the part, unless it is there already.
#[leptos::wasm_split::wasm_split(lists, wasm_split_path = ::leptos::wasm_split, fallible)]
fn lists() -> Result<Lists, ChunkError> {
    Ok(Lists {
        additions: || view! { <Additions/> }.into_any(),
        captions: || view! { <Captions/> }.into_any(),
        sentence: || view! { <Sentence/> }.into_any(),
        region_captions: || view! { <RegionCaptions/> }.into_any(),
        legend: || view! { <ClassLegend/> }.into_any(),
        class_section: || view! { <ClassSection/> }.into_any(),
        opacity: || view! { <Opacity/> }.into_any(),
        probabilities: || view! { <Probabilities/> }.into_any(),
        location_section: || view! { <LocationSection/> }.into_any(),
        adjust_masks: || view! { <AdjustMasks/> }.into_any(),
        cut_out: || view! { <CutOut/> }.into_any(),
        people: || view! { <PeopleList/><Joints/> }.into_any(),
        adjust_skeletons: || view! { <AdjustSkeletons/> }.into_any(),
    })
}

/// Fetches the part ahead of its use, e.g. while the networks run.
pub fn fetch(view: ViewState) {
    if view.lists.with_untracked(Option::is_some) {
        return;
    }
    spawn_local(async move {
        match lists().await {
            Ok(lists) => view.lists.set(Some(lists)),
            Err(error) => view.notifications.fault(&error.to_string()),
        }
    });
}

/// A view of the part, once that is there.
///
/// # Arguments
/// * `which` - chooses it.
pub fn later(which: fn(&Lists) -> fn() -> AnyView) -> AnyView {
    let view = use_view();
    fetch(view);
    (move || view.lists.with(|lists| lists.as_ref().map(which)).map(|make| make())).into_any()
}
