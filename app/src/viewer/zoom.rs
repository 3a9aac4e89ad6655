//! Zoom and pan as state: what wheel, fingers, buttons and keys act on.

use leptos::prelude::*;
use leptos_use::use_prefers_reduced_motion;
use model::structures::boxes::BBox;

use crate::{
    js::now,
    paint::view::{Size, View},
    state::PhotoState,
};

/// Milliseconds of an animated zoom.
const ZOOM_MS: f64 = 180.0;
/// Free space round the fitted photo, as a part of the canvas's shorter side, and its limits in CSS pixels.
const MARGIN: (f32, f32, f32) = (0.04, 8.0, 40.0);

/// Zoom and pan: copies share them.
#[derive(Clone, Copy)]
pub struct Viewer {
    /// Where the photo lies.
    pub view: RwSignal<View>,
    /// The canvas's size in CSS pixels.
    pub canvas: RwSignal<Size>,
    photo: Memo<Size>,
    fit: Memo<View>,
    calm: Signal<bool>,
    /// The animation that may go on, and where it ends; a newer one stops an older one.
    animation: StoredValue<(u32, Option<View>)>,
}

impl Viewer {
    /// A viewer of the photo on show: fits it anew whenever photo or canvas change.
    #[must_use]
    pub fn new(state: PhotoState) -> Self {
        let canvas = RwSignal::new(Size::default());
        let photo = Memo::new(move |_| state.size());
        let fit = Memo::new(move |_| {
            let canvas = canvas.get();
            let margin = (canvas.width.min(canvas.height) * MARGIN.0).clamp(MARGIN.1, MARGIN.2);
            View::fit(photo.get(), canvas, margin)
        });
        let view = RwSignal::new(View::default());
        let animation = StoredValue::new((0, None));
        let shown = state.shown;
        Effect::new(move |last: Option<(View, Option<u32>)>| {
            let (fit, id) = (fit.get(), shown.with(|photo| photo.as_ref().map(|photo| photo.id)));
            let fitted =
                last.is_none_or(|(old, old_id)| view.get_untracked().scale <= old.scale * 1.001 || old_id != id);
            animation.update_value(stop);
            if fitted {
                view.set(fit);
            } else {
                // Resized while zoomed in: stay there.
                view.update(|view| *view = view.settled(photo.get_untracked(), canvas.get_untracked()));
            }
            (fit, id)
        });
        let calm = use_prefers_reduced_motion();
        Self { view, canvas, photo, fit, calm, animation }
    }

    /// Whether the visitor prefers things not to move.
    #[must_use]
    pub fn is_calm(self) -> bool {
        self.calm.get_untracked()
    }

    /// Whether the photo is larger than fitted.
    #[must_use]
    pub fn is_zoomed(self) -> bool {
        self.view.get().scale > self.fit.get().scale * 1.001
    }

    /// As [`Viewer::is_zoomed`], without following changes.
    #[must_use]
    pub fn is_zoomed_untracked(self) -> bool {
        untrack(|| self.is_zoomed())
    }

    /// The magnification in percent of the fitted size.
    #[must_use]
    pub fn percent(self) -> u32 {
        (self.view.get().scale / self.fit.get().scale * 100.0).round() as u32
    }

    /// Zooms about a point at once, as wheel and fingers do.
    ///
    /// # Arguments
    /// * `at` - in CSS pixels of the canvas.
    pub fn zoom(self, factor: f32, at: (f32, f32)) {
        self.animation.update_value(stop);
        let view = self.view.get_untracked().zoomed(factor, at, &self.fit.get_untracked());
        self.view.set(self.settled(view));
    }

    /// Whether [`Viewer::zoom`] would change anything.
    #[must_use]
    pub fn would_zoom(self, factor: f32, at: (f32, f32)) -> bool {
        let now = self.view.get_untracked();
        let then = self.settled(now.zoomed(factor, at, &self.fit.get_untracked()));
        (then.scale / now.scale - 1.0).abs() > 1e-4
    }

    /// Zooms about a point, or the middle of the canvas, with an animation, as buttons and keys do.
    pub fn glide(self, factor: f32, at: Option<(f32, f32)>) {
        let at = at.unwrap_or_else(|| self.middle());
        let view = self.destination().zoomed(factor, at, &self.fit.get_untracked());
        self.glide_to(self.settled(view));
    }

    /// Shows the whole photo again.
    pub fn reset(self) {
        self.glide_to(self.fit.get_untracked());
    }

    /// One pixel of the original on one of the screen, about the middle of the canvas; the whole photo if it is so already.
    pub fn show_pixels(self, photo: PhotoState) {
        let original = photo.shown.with_untracked(|it| it.as_ref().map_or(1.0, |photo| photo.full_scale().0));
        let scale = original / window().device_pixel_ratio() as f32;
        let now = self.destination();
        let to = self.settled(now.zoomed(scale / now.scale, self.middle(), &self.fit.get_untracked()));
        if (to.scale / now.scale - 1.0).abs() < 1e-3 { self.reset() } else { self.glide_to(to) }
    }

    /// Zooms to a part of the photo.
    ///
    /// # Arguments
    /// * `part` - in photo pixels.
    pub fn show(self, part: BBox) {
        let to = View::showing(&part, self.canvas.get_untracked(), &self.fit.get_untracked());
        self.glide_to(self.settled(to));
    }

    /// The part of the photo that is on the canvas, in photo pixels.
    #[must_use]
    pub fn in_sight(self) -> BBox {
        let (view, canvas, photo) = (self.view.get(), self.canvas.get(), self.photo.get());
        let ((x0, y0), (x1, y1)) = (view.to_photo((0.0, 0.0)), view.to_photo((canvas.width, canvas.height)));
        BBox::new(x0, y0, x1, y1).clip(photo.width, photo.height)
    }

    /// How much larger things are to a network that sees only what is in sight: it scales the longer side to its own.
    #[must_use]
    pub fn gain(self) -> f32 {
        let (part, photo) = (self.in_sight(), self.photo.get());
        photo.width.max(photo.height) / part.width().max(part.height()).max(1.0)
    }

    /// Moves the photo at once by `(dx, dy)` CSS pixels.
    pub fn pan(self, dx: f32, dy: f32) {
        self.animation.update_value(stop);
        let view = self.view.get_untracked().panned(dx, dy);
        self.view.set(self.settled(view));
    }

    fn settled(self, view: View) -> View {
        view.settled(self.photo.get_untracked(), self.canvas.get_untracked())
    }

    /// The middle of the canvas in CSS pixels.
    fn middle(self) -> (f32, f32) {
        let canvas = self.canvas.get_untracked();
        (canvas.width / 2.0, canvas.height / 2.0)
    }

    /// Where the view is, or will be when the animation under way has ended: a second press acts on that.
    fn destination(self) -> View {
        self.animation.get_value().1.unwrap_or_else(|| self.view.get_untracked())
    }

    fn glide_to(self, to: View) {
        self.animation.update_value(stop);
        if self.is_calm() {
            self.view.set(to);
            return;
        }
        let (from, number) = (self.view.get_untracked(), self.animation.get_value().0);
        self.animation.set_value((number, Some(to)));
        animate(ZOOM_MS, move |t| {
            let current = self.animation.try_get_value().is_some_and(|it| it.0 == number);
            if current {
                self.view.set(from.blend(&to, 1.0 - (1.0 - t).powi(3)));
                if t >= 1.0 {
                    self.animation.set_value((number, None));
                }
            }
            current
        });
    }
}

/// Ends the animation under way where it is.
fn stop(animation: &mut (u32, Option<View>)) {
    *animation = (animation.0 + 1, None);
}

/// Calls `step` on each frame with the time that has passed as a part of `ms`, 0 to 1, until that is 1 or `step` says
/// `false`.
pub fn animate(ms: f64, step: impl FnMut(f32) -> bool + 'static) {
    fn frame(begin: f64, ms: f64, mut step: impl FnMut(f32) -> bool + 'static) {
        request_animation_frame(move || {
            let t = ((now() - begin) / ms).clamp(0.0, 1.0);
            if step(t as f32) && t < 1.0 {
                frame(begin, ms, step);
            }
        });
    }
    frame(now(), ms, step);
}
