//! Maps and pictures as canvases: one pixel a number, and mosaics of channels.

use model::structures::{
    boxes::BBox,
    stage::{FeatureMap, Picture},
};
use wasm_bindgen::{Clamped, JsValue};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use crate::{
    js::canvas,
    paint::{pen::Pen, tint::rgb, tokens::Tokens, view::View},
};

/// The palette's brightest colour: the end of the scale from black.
const BRIGHT: usize = 0;

/// Puts pixels on a canvas of their own.
///
/// # Arguments
/// * `rgba` - row by row, four bytes a pixel.
///
/// # Errors
/// What the browser says, e.g. when it has no memory.
pub fn raster(rgba: &[u8], (width, height): (usize, usize)) -> Result<HtmlCanvasElement, JsValue> {
    let (width, height) = (width as u32, height as u32);
    let (canvas, context) = canvas(width, height, false)?;
    context.put_image_data(&ImageData::new_with_u8_clamped_array_and_sh(Clamped(rgba), width, height)?, 0.0, 0.0)?;
    Ok(canvas)
}

/// Pixels of a picture with alpha.
pub fn picture_pixels(picture: &Picture) -> Vec<u8> {
    picture.rgb.chunks_exact(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]).collect()
}

/// The least and the largest step of a channel.
pub fn channel_steps(map: &FeatureMap, channel: usize) -> (u8, u8) {
    let steps = channel_of(map, channel).iter();
    let (min, max) = steps.fold((u8::MAX, u8::MIN), |(min, max), &step| (min.min(step), max.max(step)));
    (min.min(max), max)
}

/// The least and the largest number of a channel.
pub fn channel_range(map: &FeatureMap, channel: usize) -> (f32, f32) {
    let (min, max) = channel_steps(map, channel);
    let number = |step: u8| map.min + (map.max - map.min) * f32::from(step) / 255.0;
    (number(min), number(max))
}

fn channel_of(map: &FeatureMap, channel: usize) -> &[u8] {
    let cells = map.width * map.height;
    map.steps.get(channel * cells..(channel + 1) * cells).unwrap_or_default()
}

/// A channel as pixels, its own range stretched over the colours from black on.
///
/// # Arguments
/// * `bright` - the colour of its largest number.
pub fn channel_pixels(map: &FeatureMap, channel: usize, bright: [u8; 3]) -> Vec<u8> {
    let (min, max) = channel_steps(map, channel);
    let range = f32::from(max - min).max(1.0);
    let pixel = |&step: &u8| {
        let part = f32::from(step - min) / range;
        // In 0 to 255: a part of a byte.
        let [red, green, blue] = bright.map(|value| (f32::from(value) * part).round() as u8);
        [red, green, blue, 255]
    };
    channel_of(map, channel).iter().flat_map(pixel).collect()
}

/// Channels among which the most telling one is looked for: a page of the mosaic.
const FIRST_PAGE: usize = 64;

/// The channel that is on show: the chosen one, else the one of the first page whose picture varies most. `None` for a map
/// without channels.
pub fn shown_channel(map: &FeatureMap, chosen: Option<usize>) -> Option<usize> {
    let last = map.channels.checked_sub(1)?;
    if let Some(chosen) = chosen {
        return Some(chosen.min(last));
    }
    let first_page = || 0..=last.min(FIRST_PAGE - 1);
    let range = |channel: usize| {
        let (min, max) = channel_steps(map, channel);
        u64::from(max - min)
    };
    let widest = first_page().map(range).max().unwrap_or_default();
    // As it is drawn, from its own least number to its own largest: a channel that lights up in one corner only is dark.
    let variance = |channel: usize| {
        let steps = channel_of(map, channel);
        let sum: u64 = steps.iter().map(|&step| u64::from(step)).sum();
        let squares: u64 = steps.iter().map(|&step| u64::from(step) * u64::from(step)).sum();
        // Times the square of the number of cells, which is the same for all.
        (squares * steps.len() as u64 - sum * sum) * 1000 / (range(channel) * range(channel)).max(1)
    };
    let telling = first_page().filter(|&channel| range(channel) * 4 >= widest);
    telling.max_by_key(|&channel| (variance(channel), std::cmp::Reverse(channel)))
}

/// Parts as pixels of one colour: clear for 0, opaque for 1.
pub fn heat_pixels(parts: impl Iterator<Item = f32>, [red, green, blue]: [u8; 3]) -> Vec<u8> {
    // In 0 to 255: a part of a byte.
    parts.flat_map(|part| [red, green, blue, (part.clamp(0.0, 1.0) * 255.0).round() as u8]).collect()
}

/// The colour of the largest numbers.
pub fn bright(tokens: &Tokens) -> [u8; 3] {
    rgb(tokens.colour(BRIGHT))
}

/// Draws a canvas over a region of the photo, its pixels as they are.
///
/// # Arguments
/// * `region` - in photo pixels.
/// * `opacity` - 0 to 1.
///
/// # Errors
/// What the browser says.
pub fn cover(pen: &Pen, view: &View, region: &BBox, from: &HtmlCanvasElement, opacity: f32) -> Result<(), JsValue> {
    let at = view.to_canvas(region);
    pen.context.set_global_alpha(f64::from(opacity));
    pen.context.set_image_smoothing_enabled(false);
    pen.context.draw_image_with_html_canvas_element_and_dw_and_dh(
        from,
        f64::from(at.x0),
        f64::from(at.y0),
        f64::from(at.width()),
        f64::from(at.height()),
    )?;
    pen.context.set_image_smoothing_enabled(true);
    pen.context.set_global_alpha(1.0);
    Ok(())
}

/// A page of channels as tiles, row by row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mosaic {
    /// Tiles across; as many down.
    pub side: usize,
    /// Channels in all.
    pub channels: usize,
    /// The page, from 0.
    pub page: usize,
}

impl Mosaic {
    /// The page that a channel is on.
    pub const fn of_channel(channel: usize, channels: usize, side: usize) -> Self {
        Self { side, channels, page: channel / (side * side) }
    }

    /// How many pages there are.
    pub const fn pages(&self) -> usize {
        self.channels.div_ceil(self.side * self.side)
    }

    /// Rows of tiles that a page has room for: fewer if all channels fit on one page.
    pub fn rows(&self) -> usize {
        self.side.min(self.channels.div_ceil(self.side)).max(1)
    }

    /// The channels of the page.
    pub fn shown(&self) -> std::ops::Range<usize> {
        let first = self.page * self.side * self.side;
        first.min(self.channels)..(first + self.side * self.side).min(self.channels)
    }

    /// The place of a channel's tile: column and row.
    pub fn tile(&self, channel: usize) -> Option<(usize, usize)> {
        let place = channel.checked_sub(self.shown().start).filter(|_| self.shown().contains(&channel))?;
        Some((place % self.side, place / self.side))
    }

    /// The channel at a point, in parts of the mosaic's width and height.
    pub fn channel_at(&self, (x, y): (f32, f32)) -> Option<usize> {
        let inside = (0.0..1.0).contains(&x) && (0.0..1.0).contains(&y);
        let tile = |part: f32, count: usize| (part * count as f32) as usize;
        let channel = self.shown().start + tile(y, self.rows()) * self.side + tile(x, self.side);
        (inside && self.shown().contains(&channel)).then_some(channel)
    }

    /// The channel that a key leads to, on this page or another.
    pub fn moved(&self, key: &str, channel: usize) -> Option<usize> {
        let last = self.channels.saturating_sub(1);
        let to = match key {
            "ArrowLeft" => channel.saturating_sub(1),
            "ArrowRight" => channel + 1,
            "ArrowUp" => channel.checked_sub(self.side).unwrap_or(channel),
            "ArrowDown" if channel + self.side > last => channel,
            "ArrowDown" => channel + self.side,
            "PageUp" => channel.checked_sub(self.side * self.side).unwrap_or(channel),
            "PageDown" => channel + self.side * self.side,
            "Home" => 0,
            "End" => last,
            _ => return None,
        };
        Some(to.min(last))
    }

    /// Draws the page: a tile for each channel, the chosen one framed.
    ///
    /// # Arguments
    /// * `length` - the mosaic's width in pixels of the canvas.
    ///
    /// # Errors
    /// What the browser says.
    pub fn draw(
        &self,
        context: &CanvasRenderingContext2d,
        length: f64,
        map: &FeatureMap,
        chosen: Option<usize>,
        bright: [u8; 3],
    ) -> Result<(), JsValue> {
        let (tile, gap) = (length / self.side as f64, (length / 160.0).max(1.0));
        context.clear_rect(0.0, 0.0, length, tile * self.rows() as f64);
        context.set_image_smoothing_enabled(false);
        for channel in self.shown() {
            let Some((x, y)) = self.tile(channel) else { continue };
            let (x, y) = (x as f64 * tile, y as f64 * tile);
            let canvas = raster(&channel_pixels(map, channel, bright), (map.width, map.height))?;
            if chosen == Some(channel) {
                context.set_fill_style_str("#000");
                context.fill_rect(x, y, tile, tile);
                context.set_fill_style_str(&format!("rgb({} {} {})", bright[0], bright[1], bright[2]));
                context.fill_rect(x + gap, y + gap, tile - 2.0 * gap, tile - 2.0 * gap);
            }
            let inset = if chosen == Some(channel) { 3.0 * gap } else { gap / 2.0 };
            let side = tile - 2.0 * inset;
            context.draw_image_with_html_canvas_element_and_dw_and_dh(&canvas, x + inset, y + inset, side, side)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mosaic_has_every_channel_on_one_page_and_finds_it_again() {
        let channels = 144;
        let pages = Mosaic::of_channel(0, channels, 8).pages();
        assert_eq!(pages, 3);
        let mut seen = Vec::new();
        for page in 0..pages {
            let mosaic = Mosaic { side: 8, channels, page };
            for channel in mosaic.shown() {
                let (x, y) = mosaic.tile(channel).expect("on the page");
                let middle = ((x as f32 + 0.5) / 8.0, (y as f32 + 0.5) / 8.0);
                assert_eq!(mosaic.channel_at(middle), Some(channel));
                assert_eq!(Mosaic::of_channel(channel, channels, 8), mosaic);
                seen.push(channel);
            }
        }
        assert!(seen.into_iter().eq(0..channels));
        let few = Mosaic::of_channel(0, 24, 8);
        assert_eq!((few.rows(), few.pages(), few.channel_at((0.99, 0.99))), (3, 1, Some(23)));
        let last = Mosaic { side: 8, channels, page: 2 };
        assert_eq!((last.channel_at((0.9, 0.9)), last.channel_at((1.0, 0.0)), last.tile(3)), (None, None, None));
    }

    #[test]
    fn keys_move_over_the_pages_and_stop_at_the_ends() {
        let mosaic = Mosaic::of_channel(63, 144, 8);
        assert_eq!((mosaic.moved("ArrowRight", 63), mosaic.moved("ArrowDown", 63)), (Some(64), Some(71)));
        assert_eq!((mosaic.moved("ArrowUp", 3), mosaic.moved("ArrowDown", 140)), (Some(3), Some(140)));
        assert_eq!((mosaic.moved("End", 3), mosaic.moved("PageDown", 100)), (Some(143), Some(143)));
        assert_eq!(mosaic.moved("a", 3), None);
    }

    #[test]
    fn heat_is_clear_where_there_is_none() {
        assert_eq!(heat_pixels([0.0, 1.0, 1.5].into_iter(), [9, 8, 7]), [9, 8, 7, 0, 9, 8, 7, 255, 9, 8, 7, 255]);
    }

    #[test]
    fn the_channel_that_varies_most_is_shown_until_another_is_chosen() {
        // Channel 1 varies; 0 is flat, 2 is flat but for one cell.
        let cell = |i: usize| [3.0, if i.is_multiple_of(2) { 0.0 } else { 8.0 }, if i == 3 { 8.0 } else { 0.0 }];
        let values: Vec<f32> = (0..16).flat_map(cell).collect();
        let map = FeatureMap::from_values("stride 8", (4, 4, 3), &values);
        assert_eq!([None, Some(0), Some(9)].map(|it| shown_channel(&map, it)), [Some(1), Some(0), Some(2)]);
        assert_eq!(shown_channel(&FeatureMap::from_values("none", (0, 0, 0), &[]), None), None);
    }

    #[test]
    fn a_channel_is_stretched_over_its_own_range() {
        // Channel 0 is 0 and 1, channel 1 is 10 and 10.
        let map = FeatureMap::from_values("stride 8", (1, 2, 2), &[0.0, 10.0, 1.0, 10.0]);
        let (min, max) = channel_range(&map, 0);
        assert!(min == 0.0 && (max - 1.0).abs() < 0.03, "{max}");
        assert_eq!(channel_pixels(&map, 0, [200, 100, 0]), [0, 0, 0, 255, 200, 100, 0, 255]);
        assert_eq!(channel_pixels(&map, 1, [200, 100, 0]), [0, 0, 0, 255, 0, 0, 0, 255], "flat");
        assert_eq!((channel_steps(&map, 7), channel_pixels(&map, 7, [1, 1, 1]).len()), ((0, 0), 0));
    }
}
