//! A picture of the camera, small enough to be looked at many times a second.

use js_sys::ArrayBuffer;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, HtmlVideoElement};

use super::{PhotoFault, decode::next_id};
use crate::js::{canvas, pixel_buffer};

/// The longer side of a frame, at most: the networks see 300 pixels of the whole and 192 of a person.
const MAX_SIDE: u32 = 640;

/// Upright RGBA pixels, row by row.
pub struct Frame {
    /// Names it towards the worker.
    pub id: u32,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// `width * height * 4` bytes.
    pub pixels: ArrayBuffer,
}

/// Takes frames from a video, all on one canvas.
#[derive(Default)]
pub struct FrameGrabber {
    canvas: Option<(HtmlCanvasElement, CanvasRenderingContext2d)>,
}

impl FrameGrabber {
    /// What the video shows now.
    ///
    /// # Errors
    /// [`PhotoFault::NoRoom`] if the browser has no memory for it, or the video shows nothing yet.
    pub fn take(&mut self, video: &HtmlVideoElement) -> Result<Frame, PhotoFault> {
        let (width, height) = fitted(video.video_width(), video.video_height()).ok_or(PhotoFault::NoRoom)?;
        if self.canvas.as_ref().is_none_or(|(it, _)| (it.width(), it.height()) != (width, height)) {
            self.canvas = Some(canvas(width, height, true).map_err(|_| PhotoFault::NoRoom)?);
        }
        let (_, context) = self.canvas.as_ref().ok_or(PhotoFault::NoRoom)?;
        let (across, down) = (f64::from(width), f64::from(height));
        context
            .draw_image_with_html_video_element_and_dw_and_dh(video, 0.0, 0.0, across, down)
            .map_err(|_| PhotoFault::NoRoom)?;
        let data = context.get_image_data(0.0, 0.0, across, down).map_err(|_| PhotoFault::NoRoom)?;
        let pixels = pixel_buffer(&data).ok_or(PhotoFault::NoRoom)?;
        Ok(Frame { id: next_id(), width, height, pixels })
    }
}

/// The size of a frame of a video of this size; none if the video has no picture.
fn fitted(width: u32, height: u32) -> Option<(u32, u32)> {
    if width == 0 || height == 0 {
        return None;
    }
    let scale = (f64::from(MAX_SIDE) / f64::from(width.max(height))).min(1.0);
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).max(1);
    Some((side(width), side(height)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_small_and_keep_their_shape() {
        assert_eq!(fitted(1920, 1080), Some((640, 360)));
        assert_eq!(fitted(1080, 1920), Some((360, 640)));
        assert_eq!(fitted(320, 240), Some((320, 240)));
        assert_eq!(fitted(0, 0), None);
        assert_eq!(fitted(5000, 1), Some((640, 1)));
    }
}
