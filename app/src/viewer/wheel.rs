//! The wheel over the photo: it zooms where that is all it can mean, and lets a page scroll that scrolls.

use leptos::prelude::{document, window};
use web_sys::WheelEvent;

use super::zoom::Viewer;
use crate::{
    js::{command_key, is_framed},
    notifications::Notifications,
    words::controls,
};

/// What the wheel is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// The photo.
    Zoom,
    /// The page.
    Scroll,
    /// The page, in which this one is a frame; the visitor may not know how else to zoom.
    ScrollWithHint,
}

/// How things stand when the wheel turns.
#[derive(Clone, Copy, Debug, Default)]
struct Situation {
    /// Whether Ctrl (or Apple's ⌘) is down, or fingers pinch on a touchpad, which browsers report likewise.
    ctrl: bool,
    /// Whether the page is a frame of another one.
    is_framed: bool,
    /// Whether zooming would change anything.
    would_zoom: bool,
    /// Whether the photo is larger than fitted.
    is_zoomed: bool,
    /// Whether the page could scroll that way.
    would_scroll: bool,
}

const fn meaning(now: Situation) -> Meaning {
    match now {
        Situation { ctrl: true, .. } => Meaning::Zoom, // never the browser's own zoom
        Situation { is_framed: true, .. } => Meaning::ScrollWithHint,
        Situation { would_zoom: false, .. } | Situation { is_zoomed: false, would_scroll: true, .. } => Meaning::Scroll,
        _ => Meaning::Zoom,
    }
}

/// Zooms the photo, or leaves the event to the page.
pub fn on_wheel(viewer: Viewer, notifications: Notifications, event: &WheelEvent) {
    // Lines and pages, as some mice report, in pixels.
    let unit = match event.delta_mode() {
        WheelEvent::DOM_DELTA_LINE => 30.0,
        WheelEvent::DOM_DELTA_PAGE => 400.0,
        _ => 1.0,
    };
    // Pinching on a touchpad comes as a wheel with Ctrl and small steps.
    let speed = if event.ctrl_key() { 0.01 } else { 0.0022 };
    let factor = (-event.delta_y() * unit * speed).clamp(-0.6, 0.6).exp() as f32;
    let at = (event.offset_x() as f32, event.offset_y() as f32);
    let now = Situation {
        ctrl: event.ctrl_key() || event.meta_key(),
        is_framed: is_framed(),
        would_zoom: viewer.would_zoom(factor, at),
        is_zoomed: viewer.is_zoomed_untracked(),
        would_scroll: would_scroll(event.delta_y()),
    };
    match meaning(now) {
        Meaning::Zoom => {
            event.prevent_default();
            viewer.zoom(factor, at);
        }
        Meaning::Scroll => {}
        Meaning::ScrollWithHint => {
            notifications.hint(&controls::wheel_hint(command_key()));
        }
    }
}

/// Whether the page itself could scroll by a turn of the wheel.
fn would_scroll(delta: f64) -> bool {
    let Some(root) = document().document_element() else { return false };
    let from = window().scroll_y().unwrap_or_default();
    let most = f64::from(root.scroll_height() - root.client_height());
    if delta > 0.0 { from < most - 1.0 } else { from > 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Situation =
        Situation { ctrl: false, is_framed: false, would_zoom: true, is_zoomed: false, would_scroll: false };

    #[test]
    fn on_a_page_that_does_not_scroll_the_wheel_zooms() {
        assert_eq!(meaning(WHOLE), Meaning::Zoom);
        assert_eq!(
            meaning(Situation { would_zoom: false, ..WHOLE }),
            Meaning::Scroll,
            "at 100 % there is no further out"
        );
    }

    #[test]
    fn a_page_that_scrolls_does_so_while_the_whole_photo_is_in_sight() {
        let scrolls = Situation { would_scroll: true, ..WHOLE };
        assert_eq!(meaning(scrolls), Meaning::Scroll);
        assert_eq!(meaning(Situation { is_zoomed: true, ..scrolls }), Meaning::Zoom);
        assert_eq!(meaning(Situation { ctrl: true, ..scrolls }), Meaning::Zoom);
    }

    #[test]
    fn in_a_frame_only_ctrl_zooms() {
        for is_zoomed in [false, true] {
            let framed = Situation { is_framed: true, is_zoomed, ..WHOLE };
            assert_eq!(meaning(framed), Meaning::ScrollWithHint);
            assert_eq!(meaning(Situation { ctrl: true, ..framed }), Meaning::Zoom);
        }
    }
}
