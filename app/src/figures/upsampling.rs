//! The figure about upsampling: ways from a small map to a larger one (00:17 to 00:32 of the lecture).

mod class_map;
mod filter;
mod gradient;
mod inverse;
mod line;
mod matrix;
mod overlap;
mod setup;
mod trained;
mod ways;

use leptos::prelude::*;
use model::figures::{
    grid::Grid,
    upsampling::{Pooled, Upsampled, max_pooling, nearest_neighbour},
};

pub use setup::{Part, Setup};

use super::{controls::part_choice, grey::GreyPhoto, piece::grey_photo, setup::kept};

/// Cells of the pooling's squares along each axis.
const POOL: usize = 2;

/// What the parts of the figure share: copies share it.
#[derive(Clone, Copy)]
pub struct Bench {
    /// What is set.
    pub setup: RwSignal<Setup>,
    /// The photo's grey values.
    pub photo: Memo<Option<GreyPhoto>>,
    /// The photo's cells before pooling.
    pub fine: Memo<Grid>,
    /// The small map: their max pooling.
    pub pooled: Memo<Pooled>,
    /// That map, upsampled.
    pub up: Memo<Upsampled>,
}

impl Bench {
    fn new() -> Self {
        let setup = kept(Setup::read, Setup::write);
        let photo = grey_photo();
        let fine = Memo::new(move |_| {
            let it = setup.get();
            match it.map {
                Some(map) => nearest_neighbour(&map, POOL).map,
                None => photo.with(|photo| {
                    photo
                        .as_ref()
                        .map(|photo| photo.cells(&it.square.inside(photo.aspect()), it.cells * POOL))
                        .unwrap_or_default()
                }),
            }
        });
        let pooled = Memo::new(move |_| fine.with(|fine| max_pooling(fine, POOL)));
        let up = Memo::new(move |_| setup.with(|setup| pooled.with(|pooled| setup.upsample(pooled))));
        Self { setup, photo, fine, pooled, up }
    }
}

/// The figure on the photo on show.
pub fn view() -> AnyView {
    let bench = Bench::new();
    let part = Memo::new(move |_| bench.setup.with(|it| it.part));
    view! {
        {part_choice(&Part::ALL, Part::title, part, move |part| bench.setup.update(|it| it.part = part))}
        {move || match part.get() {
            Part::Ways => ways::view(bench),
            Part::Overlap => overlap::view(bench),
            Part::Line => line::view(bench),
            Part::Matrix => matrix::view(bench),
            Part::Inverse => inverse::view(bench),
            Part::Gradient => gradient::view(bench),
            Part::ClassMap => class_map::view(bench),
            Part::Trained => trained::view(bench),
        }}
    }
    .into_any()
}
