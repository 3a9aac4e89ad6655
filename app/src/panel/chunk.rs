//! The part of the panel that is fetched with the first task other than Boxes: the lists, sliders and tools of the other
//! kinds of results.
//!
//! [`lists`] is its entry. What only that function reaches is not in the page's first module; [`section`] shows it.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{
    captions::{Captions, RegionCaptions, Sentence},
    cut_out::CutOut,
    held::HeldTools,
    legend::{ClassLegend, ClassSection},
    people::{Joints, PeopleList},
    probabilities::{LocationSection, Probabilities},
    results::{Additions, Classes, List},
};
use crate::{
    adjust::{AdjustBoxes, AdjustMasks, AdjustSkeletons, Opacity},
    chunk::ChunkError,
    layers::Section,
    state::{Lists, ViewState, use_view},
};

/// Fetches the part, unless it is there already.
#[leptos::wasm_split::wasm_split(lists, wasm_split_path = ::leptos::wasm_split, fallible)]
fn lists() -> Result<Lists, ChunkError> {
    Ok(Lists(view_of))
}

fn view_of(section: Section) -> AnyView {
    match section {
        Section::Things | Section::AdjustBoxes => ().into_any(), // in the page's first module
        Section::Held => view! { <HeldTools/> }.into_any(),
        Section::Additions => view! { <Additions/> }.into_any(),
        Section::Captions => view! { <Captions/> }.into_any(),
        Section::Sentence => view! { <Sentence/> }.into_any(),
        Section::RegionCaptions => view! { <RegionCaptions/> }.into_any(),
        Section::Legend => view! { <ClassLegend/> }.into_any(),
        Section::Classes => view! { <ClassSection/> }.into_any(),
        Section::Opacity => view! { <Opacity/> }.into_any(),
        Section::Probabilities => view! { <Probabilities/> }.into_any(),
        Section::Location => view! { <LocationSection/> }.into_any(),
        Section::AdjustMasks => view! { <AdjustMasks/> }.into_any(),
        Section::CutOut => view! { <CutOut/> }.into_any(),
        Section::People => view! { <PeopleList/><Joints/> }.into_any(),
        Section::AdjustSkeletons => view! { <AdjustSkeletons/> }.into_any(),
    }
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

/// A section of the panel; most once the part is there.
pub fn section(which: Section) -> AnyView {
    match which {
        Section::Things => view! { <Classes/><List/> }.into_any(),
        Section::AdjustBoxes => view! { <AdjustBoxes/> }.into_any(),
        _ => {
            let view = use_view();
            fetch(view);
            (move || view.lists.with(|lists| lists.map(|lists| (lists.0)(which)))).into_any()
        }
    }
}
