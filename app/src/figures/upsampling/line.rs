//! The lecture's example in one dimension: two inputs weight copies of a filter of three numbers, and overlaps are summed.

use leptos::prelude::*;
use model::figures::{
    grid::Grid,
    upsampling::{Upsampled, transposed_convolution},
};

use super::Bench;
use crate::{
    figures::{
        controls::{Range, to_try},
        setup::short,
        svg::{cell_text, colour},
    },
    inside::views::choice::Choice,
    palette::colour_of,
};

/// Names of inputs and of weights.
pub const INPUTS: [&str; 4] = ["a", "b", "c", "d"];
pub const WEIGHTS: [&str; 3] = ["x", "y", "z"];
/// Inputs of the example.
const COUNT: usize = 2;
/// The side of a box and the distance of two rows, in units of the drawing.
const BOX: f64 = 18.0;
const ROW: f64 = 26.0;

/// Inputs a, b, c, d: those that were set, else the first row of the map.
pub fn inputs(bench: Bench) -> [f64; 4] {
    bench.setup.with(|it| it.inputs).unwrap_or_else(|| {
        // A map of two or three cells across begins again.
        bench.pooled.with(|it| std::array::from_fn(|i| it.map.at(i % it.map.width.max(1), i / it.map.width.max(1))))
    })
}

fn row(values: &[f64]) -> Grid {
    Grid { width: values.len(), height: 1, values: values.to_vec() }
}

/// The part of the figure.
pub fn view(bench: Bench) -> AnyView {
    let setup = bench.setup;
    let up = Memo::new(move |_| {
        let (line, stride) = setup.with(|it| (it.line, it.line_stride));
        transposed_convolution(&row(&inputs(bench)[..COUNT]), &row(&line), stride)
    });
    let asked = RwSignal::new(None::<usize>);
    let pointer = Memo::new(move |_| {
        let outputs = up.with(|it| it.map.width);
        asked.get().unwrap_or(outputs / 2).min(outputs.saturating_sub(1))
    });
    let last = Signal::derive(move || (0.0, up.with(|it| it.map.width).saturating_sub(1) as f64));
    view! {
        <p class="fig-lead">"Each input lays down a copy of the filter, weighted by itself. Where the copies overlap they are summed."</p>
        <div class="fig-line">
            <Drawing bench up pointer/>
            <div class="line-controls">
                <div class="line-inputs">{(0..COUNT).map(|i| input_slider(bench, i)).collect_view()}</div>
                <div class="line-weights">{(0..WEIGHTS.len()).map(|i| weight_slider(bench, i)).collect_view()}</div>
                <StrideChoice bench/>
                <Range id="pointer" label="Pointer on the output" limits=last step=1.0 words=|it| format!("{:.0}", it + 1.0)
                    value=Signal::derive(move || pointer.get() as f64) set=move |value| asked.set(Some(value as usize))/>
                <p class="fig-note" aria-live="polite" data-testid="pointer-words">{move || pointer_words(pointer.get(), bench.setup.with(|it| it.line_stride))}</p>
            </div>
        </div>
        <p class="fig-reading" data-testid="line-words" aria-live="polite">{move || up.with(words)}</p>
        {to_try("Set x and z to 0: no copies meet any more, and y alone is left. Then go to stride 1 and count the overlaps.")}
    }
    .into_any()
}

/// Inputs to outputs in one dimension: 1 or 2.
#[component]
pub fn StrideChoice(
    /// The figure.
    bench: Bench,
) -> impl IntoView {
    let setup = bench.setup;
    view! {
        <Choice id="line-stride" label="Stride" options=Signal::stored(vec!["1".to_owned(), "2".to_owned()])
            chosen=Signal::derive(move || setup.with(|it| it.line_stride - 1))
            choose=move |index: usize| setup.update(|it| it.line_stride = index + 1)/>
    }
}

/// Sets an input.
pub fn input_slider(bench: Bench, i: usize) -> AnyView {
    let set = move |value: f64| {
        let mut all = untrack(|| inputs(bench));
        all[i] = value;
        bench.setup.update(|it| it.inputs = Some(all));
    };
    let ids = ["line-a", "line-b", "line-c", "line-d"];
    let value = Signal::derive(move || inputs(bench)[i]);
    view! { <Range id=ids[i] label=INPUTS[i].to_owned() limits=(0.0, 1.0) step=0.01 value words=short set/> }.into_any()
}

/// Sets a weight.
pub fn weight_slider(bench: Bench, i: usize) -> AnyView {
    let ids = ["line-x", "line-y", "line-z"];
    let value = Signal::derive(move || bench.setup.with(|it| it.line[i]));
    let set = move |value: f64| bench.setup.update(|it| it.line[i] = value);
    view! { <Range id=ids[i] label=WEIGHTS[i].to_owned() limits=(-2.0, 2.0) step=0.25 value words=short set/> }
        .into_any()
}

/// A box with a text over another one.
fn boxed(x: f64, y: f64, slot: Option<usize>, letters: String, value: f64) -> AnyView {
    let class = slot.map_or("line-box", |_| "line-box line-filled");
    let fill = slot.map(colour);
    let ink = slot.map(|slot| format!("var(--class-ink-{})", colour_of(slot)));
    let middle = x + BOX / 2.0;
    view! {
        <g class=class style:--box=fill style:--ink-on=ink>
            <rect x=x y=y width=BOX height=BOX rx="2"></rect>
            <text x=middle y=y + 7.6 class="line-letters">{letters}</text>
            <text x=middle y=y + 14.2 class="line-value">{cell_text(value)}</text>
        </g>
    }
    .into_any()
}

/// The letters of an output, e.g. "az + bx".
pub fn letters(up: &Upsampled, cell: usize) -> String {
    let term = |it: &model::figures::upsampling::Term| format!("{}{}", INPUTS[it.input], WEIGHTS[it.tap]);
    up.terms[cell].iter().map(term).collect::<Vec<_>>().join(" + ")
}

/// Inputs, weighted copies and sums, one below the other.
#[component]
fn Drawing(
    /// The figure.
    bench: Bench,
    /// The sums.
    up: Memo<Upsampled>,
    /// The output cell that is pointed at.
    pointer: Memo<usize>,
) -> impl IntoView {
    let drawing = move || {
        let (inputs, line, stride) =
            (inputs(bench), bench.setup.with(|it| it.line), bench.setup.with(|it| it.line_stride));
        up.with(|up| {
            let left = |cell: usize| cell as f64 * BOX;
            let copies = (0..COUNT).map(|i| {
                let y = ROW * (i + 1) as f64;
                let weighted = |tap: usize| {
                    let name = format!("{}{}", INPUTS[i], WEIGHTS[tap]);
                    boxed(left(i * stride + tap) + 0.6, y, Some(i), name, inputs[i] * line[tap])
                };
                // The input stands over the middle of its copy.
                let input = boxed(left(i * stride + 1) + 0.6, 0.0, Some(i), INPUTS[i].into(), inputs[i]);
                (input, (0..line.len()).map(weighted).collect_view())
            });
            let sums = (0..up.map.width).map(|cell| {
                boxed(left(cell) + 0.6, ROW * (COUNT + 1) as f64 + 4.0, None, letters(up, cell), up.map.values[cell])
            });
            (copies.collect_view(), sums.collect_view())
        })
    };
    let view_box = move || {
        format!("0 -1 {} {}", up.with(|it| it.map.width) as f64 * BOX + 1.2, ROW * (COUNT + 1) as f64 + BOX + 6.0)
    };
    view! {
        <svg class="line-drawing" viewBox=view_box role="img" aria-label=move || up.with(words)>
            <path class="line-pointer" d=move || format!("M{:.1} -1V{:.1}", (pointer.get() as f64 + 0.5) * BOX + 0.6, ROW * (COUNT + 1) as f64 + BOX + 5.0)></path>
            {drawing}
        </svg>
    }
}

/// Where on the input an output lies: its middle is under the middle of the copy that the input lays down.
fn pointer_words(output: usize, stride: usize) -> String {
    let input = (output as f64 - 1.0) / stride as f64 + 1.0;
    let step = if stride == 1 {
        "one cell of the output is one cell of the input".to_owned()
    } else {
        "one cell of the output is half a cell of the input: a stride of ½, a \"fractionally strided\" convolution"
            .to_owned()
    };
    format!(
        "Output {} lies at input {}; {step}. The name that is preferred now is transposed convolution.",
        output + 1,
        short(input)
    )
}

/// The sums in words.
fn words(up: &Upsampled) -> String {
    let output = |cell: usize| format!("{} = {}", letters(up, cell), cell_text(up.map.values[cell]));
    let outputs: Vec<String> = (0..up.map.width).map(output).collect();
    format!("{} outputs: {}.", outputs.len(), outputs.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lecture_s_outputs_in_letters_and_numbers() {
        let up = |stride| transposed_convolution(&row(&[2.0, 3.0]), &row(&[1.0, 10.0, 0.5]), stride);
        assert_eq!(words(&up(2)), "5 outputs: ax = 2, ay = 20, az + bx = 4, by = 30, bz = 1.5.");
        assert!(pointer_words(2, 2).starts_with("Output 3 lies at input 1.5; one cell of the output is half a cell"));
        assert!(pointer_words(2, 1).starts_with("Output 3 lies at input 2; one cell of the output is one cell"));
        assert_eq!(words(&up(1)), "4 outputs: ax = 2, ay + bx = 23, az + by = 31, bz = 1.5.");
    }
}
