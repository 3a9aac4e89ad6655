//! A part of the photo that the visitor draws, to be looked at by itself: with Shift held, or after a press of its button.

use leptos::prelude::*;
use model::structures::boxes::BBox;

use super::zoom::Viewer;
use crate::{
    state::{Actions, PhotoState},
    words::controls,
};

/// A part narrower than so many CSS pixels is a slip of the hand.
const MIN_SIDE: f32 = 12.0;

/// What is being drawn: copies share it.
#[derive(Clone, Copy, Default)]
pub struct DrawnPart {
    /// Whether the next drag draws, as a press of the button asks.
    pub is_asked: RwSignal<bool>,
    /// Two corners in CSS pixels of the canvas, while the pointer is down.
    corners: RwSignal<Option<[(f32, f32); 2]>>,
}

impl DrawnPart {
    /// The pointer goes down. Returns whether it draws.
    ///
    /// # Arguments
    /// * `at` - in CSS pixels of the canvas.
    /// * `shift` - whether Shift is held.
    pub fn press(self, at: (f32, f32), shift: bool) -> bool {
        let draws = shift || self.is_asked.get_untracked();
        if draws {
            self.corners.set(Some([at, at]));
        }
        draws
    }

    /// The pointer moves. Returns whether it draws.
    pub fn drag(self, at: (f32, f32)) -> bool {
        let draws = self.corners.with_untracked(Option::is_some);
        if draws {
            self.corners.update(|corners| {
                if let Some([_, end]) = corners {
                    *end = at;
                }
            });
        }
        draws
    }

    /// The pointer goes up, or is taken away. Returns what it drew, in CSS pixels of the canvas.
    pub fn lift(self) -> Option<BBox> {
        let corners = self.corners.get_untracked()?;
        self.corners.set(None);
        self.is_asked.set(false);
        Some(between(corners))
    }
}

/// The part of the photo under a box on the canvas, in photo pixels; `None` if it is too small to be meant.
pub fn part_under(drawn: BBox, viewer: Viewer, photo: PhotoState) -> Option<BBox> {
    let (view, size) = (viewer.view.get_untracked(), untrack(|| photo.size()));
    if drawn.width() < MIN_SIDE || drawn.height() < MIN_SIDE {
        return None;
    }
    let ((x0, y0), (x1, y1)) = (view.to_photo((drawn.x0, drawn.y0)), view.to_photo((drawn.x1, drawn.y1)));
    let part = BBox::new(x0, y0, x1, y1).clip(size.width, size.height);
    (part.width() >= 1.0 && part.height() >= 1.0).then_some(part)
}

fn between([a, b]: [(f32, f32); 2]) -> BBox {
    BBox::new(a.0.min(b.0), a.1.min(b.1), a.0.max(b.0), a.1.max(b.1))
}

/// The outline of what is being drawn.
pub fn outline(drawn: DrawnPart) -> impl IntoView {
    let part = move || drawn.corners.get().map(between).unwrap_or_default();
    view! {
        <Show when=move || drawn.corners.with(Option::is_some)>
            <div
                class="drawn-part"
                style:left=move || pixels(part().x0)
                style:top=move || pixels(part().y0)
                style:width=move || pixels(part().width())
                style:height=move || pixels(part().height())
            ></div>
        </Show>
    }
}

fn pixels(length: f32) -> String {
    format!("{length:.0}px")
}

/// Tells how to draw a part, or takes that back.
pub fn ask(drawn: DrawnPart, actions: Actions) {
    drawn.is_asked.update(|it| *it = !*it);
    if drawn.is_asked.get_untracked() {
        actions.view.notifications.notice(controls::DRAG_OVER_PART());
    }
}
