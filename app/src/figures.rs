//! The figures of the lecture: pictures in which one idea can be touched, each on the photo on show and alone on the page
//! (`?figure=KEY`, the list of them: `?figure=all`). Only the entry is in the page's first module.

mod answers;
mod backbone;
mod boxes;
mod boxes_on_photo;
mod catalog;
mod cells;
mod chunk;
mod controls;
mod convolution;
mod crops;
mod filter;
mod frame;
mod grey;
mod input_size;
mod labelling;
mod losses;
mod numbers;
mod one_box;
mod per_pixel_loss;
mod piece;
mod points_on_photo;
mod pose_loss;
mod regions;
mod setup;
mod sliding_window;
mod svg;
mod tasks;
mod upsampling;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::state::use_view;

/// The figure that is open, once its part of the page is loaded.
#[component]
pub fn Figures() -> impl IntoView {
    let (view, page) = (use_view(), RwSignal::new(None::<fn() -> AnyView>));
    spawn_local(async move {
        match chunk::page().await {
            Ok(made) => page.set(Some(made)),
            Err(error) => {
                view.figure.set(None);
                view.notifications.fault(&error.to_string());
            }
        }
    });
    move || page.get().map(|page| page())
}
