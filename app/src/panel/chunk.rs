//! The part of the panel that is fetched with the first result, or ahead of it with the first task other than Boxes: all
//! but the headline and the list of things.
//!
//! [`lists`] is its entry. What only that function reaches is not in the page's first module; [`section`] shows it.

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use super::{
    captions::{Captions, RegionCaptions, Sentence},
    closer::CloserLook,
    cut_out::CutOut,
    held::HeldTools,
    legend::{ClassLegend, ClassSection},
    people::{Joints, PeopleList},
    probabilities::{LocationSection, Probabilities},
    results::{Additions, Classes, List},
    timings::Timings,
};
use crate::{
    adjust::{Adjust, AdjustBoxes, AdjustMasks, AdjustSkeletons, Opacity},
    chunk::ChunkError,
    export::ExportButtons,
    layers::Section,
    share::ShareButtons,
    state::{Lists, ViewState, use_view},
};

/// Fetches the part, unless it is there already.
#[leptos::wasm_split::wasm_split(lists, wasm_split_path = ::leptos::wasm_split, fallible)]
fn lists() -> Result<Lists, ChunkError> {
    Ok(Lists(view_of))
}

fn view_of(section: Section) -> AnyView {
    match section {
        Section::Things => ().into_any(), // in the page's first module
        Section::AdjustBoxes => view! { <Adjust><AdjustBoxes/></Adjust> }.into_any(),
        Section::Held => view! { <HeldTools/> }.into_any(),
        Section::Additions => view! { <Additions/> }.into_any(),
        Section::Captions => view! { <Captions/> }.into_any(),
        Section::Sentence => view! { <Sentence/> }.into_any(),
        Section::RegionCaptions => view! { <RegionCaptions/> }.into_any(),
        Section::Legend => view! { <ClassLegend/> }.into_any(),
        Section::Classes => view! { <ClassSection/> }.into_any(),
        Section::Opacity => view! { <Adjust><Opacity/></Adjust> }.into_any(),
        Section::Probabilities => view! { <Probabilities/> }.into_any(),
        Section::Location => view! { <LocationSection/> }.into_any(),
        Section::AdjustMasks => view! { <Adjust><AdjustMasks/></Adjust> }.into_any(),
        Section::CutOut => view! { <CutOut/> }.into_any(),
        Section::People => view! { <PeopleList/><Joints/> }.into_any(),
        Section::AdjustSkeletons => view! { <Adjust><AdjustSkeletons/></Adjust> }.into_any(),
        Section::CloserLook => view! { <CloserLook/> }.into_any(),
        Section::Timings => view! { <Timings/> }.into_any(),
        Section::Exports => view! { <ExportButtons><ShareButtons/></ExportButtons> }.into_any(),
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
        _ => {
            let view = use_view();
            fetch(view);
            (move || view.lists.with(|lists| lists.map(|lists| (lists.0)(which)))).into_any()
        }
    }
}
