//! The state of the page in three contexts: the photo, its results, and how they are viewed. [`Actions`] change more than
//! one of them at once.

mod actions;
mod film;
mod follow;
mod opening;
mod photo;
mod result;
mod session_history;
mod steps;
mod view;

use leptos::prelude::*;

pub use actions::{Actions, use_actions};
pub use film::{FilmLoader, FilmParts, FilmPhoto, FilmSource, FilmState};
pub use photo::{PhotoState, use_photo};
pub use result::{ResultState, use_result};
pub use session_history::keep_history;
pub use steps::{Entry, Step};
pub use view::{Lists, ViewState, use_view};

use crate::url_state::UrlState;

/// Makes the state that an address asks for and provides it to all components; nothing is loaded yet.
///
/// # Arguments
/// * `load_film` - fetches what works with several photos.
pub fn provide_state(url: &UrlState, load_film: FilmLoader) -> Actions {
    let (photo, view) = (PhotoState::default(), ViewState::new(url));
    let result = ResultState::new(url, view.notifications, view.inside);
    let actions = Actions::new(photo, result, view, FilmState::new(load_film));
    provide_context(photo);
    provide_context(result);
    provide_context(view);
    provide_context(actions);
    actions
}
