//! What stands below an exported picture: the caption, and what the colours of a class map mean.

use wasm_bindgen::JsValue;
use web_sys::CanvasRenderingContext2d;

use crate::{
    layers::{CLASS_MAP, ClassMapLayer},
    legend::percent,
    paint::{pen::Pen, tokens::Tokens},
    scene::Scene,
};

/// CSS pixels round the notes, of a line, of a colour's square, and between two entries.
const PADDING: f32 = 16.0;
const LINE: f32 = 26.0;
const SQUARE: f32 = 14.0;
const GAP: f32 = 20.0;

/// A piece of text that is not broken, with the palette's slot of the square before it.
#[derive(Clone, Debug, PartialEq)]
struct Piece {
    text: String,
    slot: Option<usize>,
    /// CSS pixels before the next piece on the same line.
    gap: f32,
}

/// The notes below a picture, laid out.
#[derive(Debug, Default)]
pub struct Notes {
    /// Pieces with their left edge and their line.
    placed: Vec<(Piece, f32, usize)>,
    lines: usize,
}

impl Notes {
    /// Lays out what a scene has to note.
    ///
    /// # Arguments
    /// * `context` - measures; any canvas's.
    /// * `width` - of the picture, in CSS pixels.
    ///
    /// # Errors
    /// What the browser says.
    pub fn of(scene: &Scene, context: &CanvasRenderingContext2d, tokens: &Tokens, width: f32) -> Result<Self, JsValue> {
        context.set_font(&font(tokens));
        let mut notes = Self::default();
        let room = width - 2.0 * PADDING;
        for pieces in [sentence(scene), legend(scene)].into_iter().filter(|it| !it.is_empty()) {
            let mut widths = Vec::with_capacity(pieces.len());
            for piece in &pieces {
                let square = if piece.slot.is_some() { SQUARE + 7.0 } else { 0.0 };
                widths.push((context.measure_text(&piece.text)?.width() as f32 + square, piece.gap));
            }
            let places = flow(&widths, room);
            let last = places.last().map_or(0, |it| it.1);
            let first = notes.lines;
            notes.placed.extend(pieces.into_iter().zip(places).map(|(piece, (x, line))| (piece, x, first + line)));
            notes.lines += last + 1;
        }
        Ok(notes)
    }

    /// CSS pixels that they take below the picture; 0 if there are none.
    pub fn height(&self) -> f32 {
        if self.lines == 0 { 0.0 } else { 2.0 * PADDING + self.lines as f32 * LINE }
    }

    /// Draws them.
    ///
    /// # Arguments
    /// * `pen` - of the canvas with the picture and the notes.
    /// * `top` - where the picture ends, in CSS pixels.
    ///
    /// # Errors
    /// What the browser says.
    pub fn draw(&self, pen: &Pen, top: f32) -> Result<(), JsValue> {
        if self.lines == 0 {
            return Ok(());
        }
        let context = pen.context;
        context.set_fill_style_str("#fff");
        context.fill_rect(0.0, f64::from(top), f64::from(pen.canvas.width), f64::from(self.height()));
        context.set_font(&font(pen.tokens));
        context.set_text_baseline("middle");
        for (piece, x, line) in &self.placed {
            let mut x = PADDING + x;
            let middle = top + PADDING + (*line as f32 + 0.5) * LINE;
            if let Some(slot) = piece.slot {
                let (left, up) = (f64::from(x), f64::from(middle - SQUARE / 2.0));
                context.set_fill_style_str(pen.tokens.colour(slot));
                context.fill_rect(left, up, f64::from(SQUARE), f64::from(SQUARE));
                context.set_stroke_style_str("#0006");
                context.set_line_width(1.0);
                context.stroke_rect(left + 0.5, up + 0.5, f64::from(SQUARE) - 1.0, f64::from(SQUARE) - 1.0);
                x += SQUARE + 7.0;
            }
            context.set_fill_style_str("#161616");
            context.fill_text(&piece.text, f64::from(x), f64::from(middle))?;
        }
        Ok(())
    }
}

fn font(tokens: &Tokens) -> String {
    format!("500 16px {}", tokens.font)
}

/// The photo's caption, word by word.
fn sentence(scene: &Scene) -> Vec<Piece> {
    let words = scene.alt_text().unwrap_or_default();
    words.split_whitespace().map(|word| Piece { text: word.to_owned(), slot: None, gap: 4.5 }).collect()
}

/// The classes of a class map that is drawn.
fn legend(scene: &Scene) -> Vec<Piece> {
    let is_drawn = !scene.additions().iter().any(|it| it.kind == CLASS_MAP && !it.is_drawn);
    let Some(map) = scene.find::<ClassMapLayer>().filter(|_| is_drawn) else { return Vec::new() };
    let entries = map.legend.entries.iter().filter(|it| it.slot.is_some());
    entries.map(|it| Piece { text: format!("{} {}", it.name, percent(it.share)), slot: it.slot, gap: GAP }).collect()
}

/// Places pieces one after the other, on a further line where there is no room.
///
/// # Arguments
/// * `widths` - of each piece, and of the gap behind it.
///
/// # Returns
/// The left edge and the line of each.
fn flow(widths: &[(f32, f32)], room: f32) -> Vec<(f32, usize)> {
    let (mut x, mut line) = (0.0_f32, 0);
    let place = |&(width, gap): &(f32, f32)| {
        if x > 0.0 && x + width > room {
            (x, line) = (0.0, line + 1);
        }
        let place = (x, line);
        x += width + gap;
        place
    };
    widths.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_break_into_lines_and_a_wide_one_has_a_line_of_its_own() {
        let widths = [(40.0, 10.0), (40.0, 10.0), (40.0, 10.0), (200.0, 10.0), (20.0, 10.0)];
        assert_eq!(flow(&widths, 100.0), [(0.0, 0), (50.0, 0), (0.0, 1), (0.0, 2), (0.0, 3)]);
        assert_eq!(flow(&[], 100.0), []);
    }
}
