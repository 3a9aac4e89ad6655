//! Looking at the camera's pictures, one at a time.

use leptos::prelude::*;
use lookout_protocol::{Found, Request, Task};

use super::driver::{Engine, now};
use crate::photo::Frame;

/// A picture that the worker looks at, with the one who waits for it.
pub struct Look {
    /// The run.
    pub id: u32,
    tell: Box<dyn FnOnce(Option<Found>)>,
}

impl Look {
    /// Waits for the run `id`.
    pub fn new(id: u32, tell: impl FnOnce(Option<Found>) + 'static) -> Self {
        Self { id, tell: Box::new(tell) }
    }

    /// Tells what was found.
    pub fn found(self, found: Found) {
        (self.tell)(Some(found));
    }

    /// Tells that there will be no answer.
    pub fn missed(self) {
        (self.tell)(None);
    }
}

impl Engine {
    /// Looks at one picture of the camera; only to be called again when this one is answered.
    ///
    /// # Arguments
    /// * `tell` - called with what was found; with none if the worker had to be started again, or is not there.
    pub fn glimpse(self, frame: &Frame, task: Task, tell: impl FnOnce(Option<Found>) + 'static) {
        let sent = self.core.try_update_value(|core| {
            let (photo, id) = (frame.id, core.take_id());
            core.dog.hear(now());
            core.look = Some(Look::new(id, tell));
            core.sent = None; // this picture takes the photo's place
            core.wire.is_some().then_some((photo, id))
        });
        let Some((photo, id)) = sent.flatten() else {
            if let Some(look) = self.core.try_update_value(|core| core.look.take()).flatten() {
                look.missed();
            }
            return;
        };
        let request = Request::Photo { photo, width: frame.width, height: frame.height };
        self.post(|wire| wire.send_pixels(&request, &frame.pixels));
        self.send(&Request::Run { id, photo, task });
    }

    /// Forgets the camera's picture that is being looked at.
    pub fn look_away(self) {
        let id = self.core.try_update_value(|core| core.look.take().map(|look| look.id)).flatten();
        if let Some(id) = id {
            self.send(&Request::Cancel { id });
        }
    }
}
