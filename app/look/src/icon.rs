//! The page's few icons, drawn as strokes in the colour of the text around them.

use leptos::prelude::*;

/// What an icon shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A lookout's frame with a point of interest: the page's mark.
    Mark,
    /// More.
    Plus,
    /// Less.
    Minus,
    /// Away with it.
    Close,
    /// Go.
    Arrow,
    /// There is more to choose from.
    Down,
    /// A camera.
    Camera,
    /// Half light, half dark.
    Theme,
    /// A photo.
    Picture,
    /// The whole screen.
    Full,
    /// A part of a photo.
    Part,
    /// Take the last change back.
    Undo,
    /// Take the last undo back.
    Redo,
}

impl Shape {
    /// The strokes, as SVG path data on a 20 x 20 grid.
    const fn path(self) -> &'static str {
        match self {
            Self::Mark => {
                "M2.5 7V2.5H7M13 2.5h4.5V7M17.5 13v4.5H13M7 17.5H2.5V13M10 7.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6"
            }
            Self::Plus => "M10 4v12M4 10h12",
            Self::Minus => "M4 10h12",
            Self::Close => "M5 5l10 10M15 5L5 15",
            Self::Arrow => "M4 10h12M11 5l5 5-5 5",
            Self::Down => "M5.5 8l4.5 4.5L14.5 8",
            Self::Camera => "M3 6.5h3.2L7.6 4.5h4.8l1.4 2H17v9H3zM10 8.2a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4",
            Self::Picture => "M3 4.5h14v11H3zM3 13l4-4 3.5 3.5L13 10l4 4M13.2 7.4h.1",
            Self::Full => "M3.5 7.5v-4h4M12.5 3.5h4v4M16.5 12.5v4h-4M7.5 16.5h-4v-4",
            Self::Part => "M6 2.5V14h11.5M2.5 6H14v11.5",
            Self::Undo => "M7 4L3.5 7.5 7 11M3.5 7.5H12a4.25 4.25 0 0 1 0 8.5H7.5",
            Self::Redo => "M13 4l3.5 3.5L13 11M16.5 7.5H8a4.25 4.25 0 0 0 0 8.5h4.5",
            Self::Theme => "M10 3a7 7 0 1 0 0 14 7 7 0 0 0 0-14M10 3v14M10 6.5l4.5-.9M10 10h7M10 13.5l4.5.9",
        }
    }
}

/// An icon; it says nothing to a screen reader.
#[component]
pub fn Icon(
    /// What it shows.
    shape: Shape,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
            <path d=shape.path()></path>
        </svg>
    }
}
