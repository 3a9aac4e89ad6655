//! Live boxes or skeletons on the camera's picture: the newest frame is looked at when the one before is answered, so
//! that no frame waits in a queue.

use std::{collections::VecDeque, time::Duration};

use leptos::{
    html::{Canvas, Video},
    prelude::*,
};
use model::{
    catalog::{System, Task},
    run::Run,
};
use wasm_bindgen::JsValue;
use web_sys::HtmlVideoElement;

use crate::{
    engine::Missed,
    js::now,
    paint::prepared,
    paint::{
        pen::{Pen, Shown},
        tint::TintCache,
        tokens::Tokens,
        view::{Size, View},
    },
    photo::FrameGrabber,
    scene::Scene,
    state::{Actions, ResultState},
};

/// How long to wait for a worker that is not there.
const PAUSE: Duration = Duration::from_millis(250);

/// The live view: copies share it.
#[derive(Clone, Copy)]
pub struct Live {
    /// Whether the visitor wants it.
    pub on: RwSignal<bool>,
    /// What is found, and how often; no rate while nothing is looked for.
    pub caption: RwSignal<Option<(String, Option<f64>)>>,
    result: ResultState,
    actions: Actions,
    video: NodeRef<Video>,
    overlay: NodeRef<Canvas>,
    grabber: StoredValue<FrameGrabber, LocalStorage>,
    rate: StoredValue<FrameRate>,
    /// Which loop may go on: an older one ends.
    turn: StoredValue<u32>,
}

impl Live {
    /// A live view that is off.
    #[must_use]
    pub fn new(result: ResultState, actions: Actions, video: NodeRef<Video>, overlay: NodeRef<Canvas>) -> Self {
        Self {
            on: RwSignal::new(false),
            caption: RwSignal::new(None),
            result,
            actions,
            video,
            overlay,
            grabber: StoredValue::new_local(FrameGrabber::default()),
            rate: StoredValue::new(FrameRate::default()),
            turn: StoredValue::new(0),
        }
    }

    /// Begins to look, if the visitor wants it; the video has a picture.
    pub fn begin(self) {
        self.pause();
        if self.on.get_untracked() {
            self.actions.begin_live();
            self.step(self.turn.get_value());
        }
    }

    /// Stops to look and clears the overlay.
    pub fn pause(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.rate.set_value(FrameRate::default());
        self.caption.set(None);
        self.actions.end_live();
        if let Some(canvas) = self.overlay.get_untracked() {
            canvas.set_width(0); // empties it
        }
    }

    /// Switches it on or off.
    pub fn toggle(self) {
        self.on.update(|on| *on = !*on);
        self.begin();
    }

    fn step(self, turn: u32) {
        let current = move || self.turn.try_get_value() == Some(turn);
        let Some(video) = self.video.get_untracked().filter(|_| current()) else { return };
        let (task, systems) = (self.result.task.get_untracked(), self.result.systems_untracked());
        if !systems.iter().all(|system| system.info().live) {
            self.rest(task, &systems);
            set_timeout(move || self.step(turn), PAUSE);
            return;
        }
        let taken = self.grabber.try_update_value(|grabber| grabber.take(&video));
        let Some(Ok(frame)) = taken else {
            set_timeout(move || self.step(turn), PAUSE); // no picture yet
            return;
        };
        let size = Size::new(frame.width as f32, frame.height as f32);
        let answer = move |runs: Result<Vec<Run>, Missed>| {
            if !current() {
                return;
            }
            let Ok(runs) = runs else {
                if self.result.engine.stopped.get_untracked() {
                    self.on.set(false); // the page says why
                    self.pause();
                } else {
                    set_timeout(move || self.step(turn), PAUSE);
                }
                return;
            };
            self.show(&video, &runs, size);
            // With the next frame of the screen, so never while the tab is hidden.
            request_animation_frame(move || self.step(turn));
        };
        self.result.engine.look(frame, systems, Box::new(answer));
    }

    /// Says that the systems are not for live pictures.
    fn rest(self, task: Task, systems: &[System]) {
        let what = match (task, systems) {
            (Task::Captions, _) => "Captions take".to_owned(),
            (_, [system]) => format!("{} takes", system.info().title),
            _ => "Everything together takes".into(),
        };
        let sentence = format!("{what} seconds a picture: take the photo, or choose another task.");
        if self.caption.with_untracked(|it| it.as_ref().is_none_or(|it| it.0 != sentence)) {
            self.caption.set(Some((sentence, None)));
            if let Some(canvas) = self.overlay.get_untracked() {
                canvas.set_width(0); // empties it
            }
        }
    }

    fn show(self, video: &HtmlVideoElement, runs: &[Run], size: Size) {
        let scene = self.result.settings.with_untracked(|settings| Scene::of_runs(runs, settings));
        if let Err(error) = self.draw(video, &scene, size) {
            leptos::logging::warn!("the live picture could not be drawn: {error:?}");
        }
        let rate = self.rate.try_update_value(|rate| rate.note(now())).flatten();
        self.caption.set(Some((scene.headline(), Some(rate.unwrap_or(0.0)))));
    }

    fn draw(self, video: &HtmlVideoElement, scene: &Scene, size: Size) -> Result<(), JsValue> {
        let Some(canvas) = self.overlay.get_untracked() else { return Ok(()) };
        let shown = Size::new(video.client_width() as f32, video.client_height() as f32);
        let ratio = window().device_pixel_ratio() as f32;
        let context = prepared(&canvas, shown, ratio)?;
        let tokens = Tokens::read();
        let pen = Pen { context: &context, tokens: &tokens, canvas: shown, ratio };
        let state = Shown {
            photo: size,
            view: contained(size, shown),
            highlighted: None,
            word: None,
            pointed: None,
            reveal: 1.0,
            tints: &TintCache::default(),
        };
        pen.draw_photo(None, size, &state.view)?; // the video shows it
        scene.draw(&pen, &state)
    }
}

/// Where `object-fit: contain` puts a picture.
fn contained(picture: Size, frame: Size) -> View {
    let scale = (frame.width / picture.width).min(frame.height / picture.height);
    View {
        scale,
        left: (frame.width - picture.width * scale) / 2.0,
        top: (frame.height - picture.height * scale) / 2.0,
    }
}

/// Frames a second, over the last two seconds or so.
#[derive(Clone, Debug, Default)]
struct FrameRate {
    times: VecDeque<f64>,
}

impl FrameRate {
    /// How long a frame counts, in milliseconds.
    const MEMORY: f64 = 2_000.0;

    /// Notes a frame at a time in milliseconds. Returns the rate once there are two frames.
    fn note(&mut self, now: f64) -> Option<f64> {
        self.times.push_back(now);
        // Two frames always stay, however slow the device.
        while self.times.len() > 2 && self.times.front().is_some_and(|first| now - first > Self::MEMORY) {
            self.times.pop_front();
        }
        let span = now - self.times.front()?;
        (span > 0.0).then(|| (self.times.len() - 1) as f64 * 1e3 / span)
    }
}

/// The frame rate in words.
#[must_use]
pub fn rate_in_words(rate: f64) -> String {
    match rate {
        rate if rate <= 0.0 => "first frame".into(),
        rate if rate < 9.95 => format!("{rate:.1} frames a second"),
        rate => format!("{rate:.0} frames a second"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_follows_the_last_frames() {
        let mut rate = FrameRate::default();
        assert_eq!(rate.note(0.0), None);
        assert_eq!(rate.note(100.0), Some(10.0));
        for frame in 2..=20 {
            rate.note(f64::from(frame) * 100.0);
        }
        let slow = (0..12).filter_map(|frame| rate.note(4_000.0 + f64::from(frame) * 500.0)).last();
        assert!(slow.is_some_and(|it| (it - 2.0).abs() < 1e-9), "{slow:?}");
        let mut rare = FrameRate::default();
        rare.note(0.0);
        assert_eq!(rare.note(5_000.0), Some(0.2));
    }

    #[test]
    fn rates_have_digits_that_matter() {
        let shown = [0.0, 0.24, 7.36, 9.96, 31.4].map(rate_in_words);
        assert_eq!(
            shown,
            ["first frame", "0.2 frames a second", "7.4 frames a second", "10 frames a second", "31 frames a second"]
        );
    }

    #[test]
    fn the_overlay_lies_where_the_picture_is() {
        let view = contained(Size::new(640.0, 360.0), Size::new(800.0, 600.0));
        assert_eq!(view, View { scale: 1.25, left: 0.0, top: 75.0 });
    }
}
