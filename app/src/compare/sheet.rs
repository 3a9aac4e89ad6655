//! The comparison as a picture: the sentence, and a row a system with its photo, its bar and its numbers.

use leptos::prelude::*;
use model::catalog::Task;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement};

use super::{
    axis::Axis,
    canvas::{Format, SMALL, Source, draw},
    export::photo_name,
    parts::{Part, Piece},
    row::{Shown, published, what},
    rows::{Row, State},
    story::{percent, story, time, together},
};
use crate::{
    export::{ExportFault, png, save, tell},
    inside::thousands,
    js::canvas,
    paint::{tokens::token, view::Size},
    state::Actions,
};

/// CSS pixels of the sheet and of its parts; device pixels for one of them.
const WIDTH: f64 = 1180.0;
const MARGIN: f64 = 32.0;
const ROW: f64 = 124.0;
const BAR: Area = Area { left: 372.0, width: 430.0, height: 18.0 };
const NUMBERS: f64 = 834.0;
const SHARPNESS: f64 = 2.0;
/// Between two lines of text.
const LINE: f64 = 20.0;

struct Area {
    left: f64,
    width: f64,
    height: f64,
}

/// Saves the sheet of the rows that have run.
pub fn save_png(actions: Actions, rows: Vec<Shown>) {
    spawn_local(async move {
        let name = format!("{}-compare.png", photo_name(actions));
        let sheet = untrack(|| sheet(actions, &rows)).map_err(|_| ExportFault::NoRoom);
        let saved = async { save(&png(&sheet?).await?, &name) };
        tell(actions.view, saved.await.map(|it| it.told(format!("{name} was saved."))));
    });
}

/// What is drawn with.
struct Pencil {
    context: CanvasRenderingContext2d,
    font: String,
    ink: String,
    soft: String,
}

impl Pencil {
    fn text(&self, text: &str, (x, y): (f64, f64), size: f64, is_strong: bool) -> Result<(), JsValue> {
        self.set(size, is_strong);
        self.context.fill_text(text, x, y)
    }

    fn soft(&self, text: &str, (x, y): (f64, f64), width: f64) -> Result<f64, JsValue> {
        self.set(13.0, false);
        self.context.set_fill_style_str(&self.soft);
        let mut y = y;
        for line in self.lines(text, width)? {
            self.context.fill_text(&line, x, y)?;
            y += LINE - 3.0;
        }
        Ok(y)
    }

    fn set(&self, size: f64, is_strong: bool) {
        let weight = if is_strong { 600 } else { 400 };
        self.context.set_font(&format!("{weight} {size}px {}", self.font));
        self.context.set_fill_style_str(&self.ink);
    }

    /// A text in lines of a width, in the font that is set.
    fn lines(&self, text: &str, width: f64) -> Result<Vec<String>, JsValue> {
        let words: Vec<&str> = text.split(' ').collect();
        let mut widths = Vec::with_capacity(words.len());
        for word in &words {
            widths.push(self.context.measure_text(word)?.width());
        }
        let space = self.context.measure_text(" ")?.width();
        Ok(broken(&widths, space, width).into_iter().map(|(from, to)| words[from..to].join(" ")).collect())
    }
}

/// Where words are broken into lines.
///
/// # Arguments
/// * `widths` - of the words.
/// * `space` - between two words.
///
/// # Returns
/// The first word of each line, and the one after its last.
fn broken(widths: &[f64], space: f64, room: f64) -> Vec<(usize, usize)> {
    let (mut lines, mut first, mut used) = (Vec::new(), 0, 0.0);
    for (index, width) in widths.iter().enumerate() {
        if index > first && used + space + width > room {
            lines.push((first, index));
            (first, used) = (index, *width);
        } else {
            used += if index > first { space + width } else { *width };
        }
    }
    if first < widths.len() {
        lines.push((first, widths.len()));
    }
    lines
}

fn sheet(actions: Actions, rows: &[Shown]) -> Result<HtmlCanvasElement, JsValue> {
    let shown: Vec<&Shown> = rows.iter().filter(|it| it.row.run.is_some()).collect();
    let all: Vec<Row> = rows.iter().map(|it| it.row.clone()).collect();
    let (_, measuring) = canvas(1, 1, false)?;
    let mut pencil =
        Pencil { context: measuring, font: token("--font"), ink: token("--ink"), soft: token("--ink-soft") };
    pencil.set(17.0, false);
    let told = pencil.lines(&story(&all).unwrap_or_default(), WIDTH - 2.0 * MARGIN)?;
    let head = MARGIN + 44.0 + told.len() as f64 * 25.0 + 34.0;
    let height = head + shown.len() as f64 * ROW + 62.0 + MARGIN;
    let (element, context) = canvas((WIDTH * SHARPNESS) as u32, (height * SHARPNESS) as u32, false)?;
    context.scale(SHARPNESS, SHARPNESS)?;
    context.set_fill_style_str(&token("--paper"));
    context.fill_rect(0.0, 0.0, WIDTH, height);
    pencil.context = context;
    let title = format!("{}: {} systems, one photo", task_title(actions), shown.len());
    pencil.text(&title, (MARGIN, MARGIN + 24.0), 26.0, true)?;
    for (index, line) in told.iter().enumerate() {
        pencil.text(line, (MARGIN, MARGIN + 56.0 + index as f64 * 25.0), 17.0, false)?;
    }
    let axis = Axis::over(shown.iter().filter_map(|it| it.row.whole_ms).chain(published_ms(&shown)));
    draw_axis(&pencil, axis, head, height - 62.0 - MARGIN)?;
    let source = Source::new(actions.photo);
    for (index, it) in shown.iter().enumerate() {
        draw_row(&pencil, it, axis, head + index as f64 * ROW, (actions, source))?;
    }
    draw_key(&pencil, height - MARGIN - 30.0)?;
    let device = actions.result.engine.device.get_untracked().unwrap_or_default();
    let foot = format!("{} {device}. Published numbers are of other machines.", together(&all).unwrap_or_default());
    pencil.soft(foot.trim(), (MARGIN, height - MARGIN), WIDTH - 2.0 * MARGIN)?;
    Ok(element)
}

fn task_title(actions: Actions) -> &'static str {
    let task: Task = actions.result.task.get_untracked();
    task.title()
}

fn published_ms<'a>(rows: &'a [&Shown]) -> impl Iterator<Item = f64> + 'a {
    rows.iter().filter_map(|it| it.row.system.published()).map(|it| it.seconds * 1e3)
}

fn draw_axis(pencil: &Pencil, axis: Axis, top: f64, bottom: f64) -> Result<(), JsValue> {
    for (ms, name) in axis.ticks() {
        let x = BAR.left + axis.place(ms) * BAR.width;
        pencil.context.set_fill_style_str(&token("--line"));
        pencil.context.fill_rect(x, top - 8.0, 1.0, bottom - top);
        pencil.context.set_text_align("center");
        pencil.soft(&name, (x, top - 14.0), 200.0)?;
        pencil.context.set_text_align("start");
    }
    Ok(())
}

fn draw_row(
    pencil: &Pencil,
    shown: &Shown,
    axis: Axis,
    top: f64,
    (actions, source): (Actions, Source),
) -> Result<(), JsValue> {
    let row = &shown.row;
    let photo: Size = actions.photo.size();
    let format = Format { max_height: ROW as f32 - 18.0, ..SMALL };
    let size = format.size(photo);
    if let Some(from) = source.get() {
        let (small, _) = canvas(1, 1, false)?;
        draw(&small, &from?, photo, format, &shown.scene, None)?;
        let (width, height) = (f64::from(size.width), f64::from(size.height));
        pencil.context.draw_image_with_html_canvas_element_and_dw_and_dh(&small, MARGIN, top, width, height)?;
    }
    let name_x = MARGIN + f64::from(SMALL.width) + 20.0;
    pencil.text(&format!("{} {}", row.number, row.info().title), (name_x, top + 16.0), 17.0, true)?;
    pencil.soft(row.info().paper, (name_x, top + 36.0), 170.0)?;
    let took = row.whole_ms.map(time).unwrap_or_default();
    let took = if row.state == State::Done { took } else { format!("about {took}, extrapolated") };
    pencil.text(&took, (BAR.left, top + 16.0), 17.0, true)?;
    draw_bar(pencil, row, axis, top + 28.0)?;
    let so_far = if row.state == State::Done { "" } else { " (so far)" };
    let parts = Part::ALL.into_iter().filter(|&part| row.split.share(part) >= 0.005);
    let parts: Vec<String> =
        parts.map(|part| format!("{} {}", part.title().to_lowercase(), percent(row.split.share(part)))).collect();
    pencil.soft(&format!("{}{so_far}", parts.join(", ")), (BAR.left, top + 66.0), BAR.width)?;
    let y = pencil.soft(&counts(shown), (NUMBERS, top + 14.0), WIDTH - MARGIN - NUMBERS)?;
    let measured = row.system.measured().map(|it| format!("{:.3} {}, measured on {}", it.value, it.measure, it.on));
    let said = row.system.published().map(|it| format!("Published: {}", published(&it)));
    let mut y = y;
    for text in [measured, said].into_iter().flatten() {
        y = pencil.soft(&text, (NUMBERS, y), WIDTH - MARGIN - NUMBERS)?;
    }
    Ok(())
}

/// The counts of a row in words.
fn counts(shown: &Shown) -> String {
    let row = &shown.row;
    let passes = if row.passes == 1 { "pass" } else { "passes" };
    let mut counts = vec![format!("{} {passes}", thousands(f64::from(row.passes)))];
    counts.extend(
        row.proposals().filter(|it| !it.is_empty()).map(|it| format!("{} proposals", thousands(it.len() as f64))),
    );
    counts.extend(shown.count.map(|it| format!("{it} {}", what(row).to_lowercase())));
    counts.extend(shown.found.filter(|it| it.truth > 0).map(|it| format!("found {} of {} marked", it.found, it.truth)));
    counts.extend(shown.agreement.map(|it| format!("agrees with row 1 on {}", percent(f64::from(it)))));
    counts.join(", ")
}

fn draw_bar(pencil: &Pencil, row: &Row, axis: Axis, top: f64) -> Result<(), JsValue> {
    let whole = row.whole_ms.unwrap_or_else(|| row.split.total_ms()).max(f64::MIN_POSITIVE);
    let length = axis.place(whole) * BAR.width;
    let context = &pencil.context;
    let mut left = BAR.left;
    for Piece { part, is_shared, ms } in row.split.pieces() {
        let width = length * ms / whole;
        context.set_fill_style_str(&token(if is_shared { "--part-shared".into() } else { part_token(part) }.as_str()));
        context.fill_rect(left, top, width, BAR.height);
        if is_shared {
            context.set_fill_style_str(&token(&part_token(part)));
            context.fill_rect(left, top + BAR.height - 4.0, width, 4.0);
        }
        left += width;
    }
    context.set_stroke_style_str(&pencil.ink);
    context.set_line_width(1.0);
    context.stroke_rect(BAR.left, top, length, BAR.height);
    if let Some(published) = row.system.published() {
        diamond(context, BAR.left + axis.place(published.seconds * 1e3) * BAR.width, top + BAR.height / 2.0)?;
    }
    Ok(())
}

/// The custom property of a part's colour.
fn part_token(part: Part) -> String {
    format!("--part-{}", part.key())
}

/// The mark of a published time.
fn diamond(context: &CanvasRenderingContext2d, x: f64, y: f64) -> Result<(), JsValue> {
    context.save();
    context.translate(x, y)?;
    context.rotate(std::f64::consts::FRAC_PI_4)?;
    context.set_fill_style_str(&token("--paper"));
    context.fill_rect(-5.0, -5.0, 10.0, 10.0);
    context.stroke_rect(-5.0, -5.0, 10.0, 10.0);
    context.restore();
    Ok(())
}

fn draw_key(pencil: &Pencil, y: f64) -> Result<(), JsValue> {
    let parts = [Part::Proposals, Part::Backbone, Part::Heads, Part::Suppression];
    let parts = parts.map(|part| (part_token(part), part.title()));
    let shared = ("--part-shared".to_owned(), "Shared with a row above: ran once");
    let mut x = MARGIN;
    for (colour, name) in parts.into_iter().chain([shared]) {
        pencil.context.set_fill_style_str(&token(&colour));
        pencil.context.fill_rect(x, y - 11.0, 13.0, 13.0);
        pencil.soft(name, (x + 20.0, y), 400.0)?;
        x += 20.0 + pencil.context.measure_text(name)?.width() + 24.0;
    }
    pencil.context.set_stroke_style_str(&pencil.ink);
    diamond(&pencil.context, x + 6.0, y - 5.0)?;
    pencil.soft("Published time", (x + 20.0, y), 400.0).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_long_as_they_may_be() {
        assert_eq!(broken(&[30.0, 30.0, 30.0, 90.0, 10.0], 5.0, 70.0), [(0, 2), (2, 3), (3, 4), (4, 5)]);
        assert_eq!(broken(&[], 5.0, 70.0), []);
        assert_eq!(broken(&[200.0], 5.0, 70.0), [(0, 1)], "a long word has a line of its own");
    }
}
