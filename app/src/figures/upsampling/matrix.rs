//! Convolution as a matrix, and its transpose.

mod band;

use leptos::prelude::*;
use model::figures::{
    grid::Grid,
    matrix::{convolution_matrix, product, row_class, transposed},
};

use super::{
    Bench, Setup,
    line::{INPUTS, StrideChoice, WEIGHTS, inputs, weight_slider},
};
use crate::{
    figures::{
        controls::to_try,
        svg::{cell_text, colour},
    },
    inside::views::choice::Switch,
};

/// Inputs of the convolution, one of padding on each side included.
const LENGTH: usize = 6;

/// What the table shows.
#[derive(Clone, Debug, PartialEq)]
struct Product {
    matrix: Grid,
    /// The letter of each number of the matrix; empty for a 0.
    letters: Vec<&'static str>,
    input: Vec<f64>,
    input_letters: Vec<&'static str>,
    output: Vec<f64>,
    /// Which rows have the same pattern.
    classes: Vec<usize>,
}

impl Product {
    fn of(setup: &Setup, inputs: [f64; 4]) -> Self {
        let stride = setup.line_stride;
        let plain = convolution_matrix(&setup.line, LENGTH, stride);
        // Letters by the same rule as the numbers: 1, 2, 3 in the place of x, y, z.
        let named = convolution_matrix(&[1.0, 2.0, 3.0], LENGTH, stride);
        let turn = |it: Grid| if setup.is_transposed { transposed(&it) } else { it };
        let (matrix, named) = (turn(plain), turn(named));
        // In 0 to 3 by construction.
        let letter = |&it: &f64| (it as usize).checked_sub(1).map_or("", |tap| WEIGHTS[tap]);
        let (input, input_letters) = if setup.is_transposed {
            (inputs[..matrix.width].to_vec(), INPUTS[..matrix.width].to_vec())
        } else {
            ([&[0.0][..], &inputs, &[0.0]].concat(), [&["0"][..], &INPUTS, &["0"]].concat())
        };
        let output = product(&matrix, &input);
        let classes =
            (0..matrix.height).map(|row| if setup.is_transposed { row_class(row, stride) } else { 0 }).collect();
        Self { letters: named.values.iter().map(letter).collect(), matrix, input, input_letters, output, classes }
    }

    /// A row's sum in letters.
    fn letters_of(&self, row: usize) -> String {
        let cells = (0..self.matrix.width).map(|x| (self.letters[row * self.matrix.width + x], self.input_letters[x]));
        let terms: Vec<String> = cells
            .filter(|(weight, input)| !weight.is_empty() && *input != "0")
            .map(|(w, i)| format!("{i}{w}"))
            .collect();
        if terms.is_empty() { "0".into() } else { terms.join(" + ") }
    }
}

/// How far the transpose's product at stride 1 is from a convolution with the flipped kernel.
fn off_from_convolution(setup: &Setup, inputs: [f64; 4]) -> f64 {
    let transpose = transposed(&convolution_matrix(&setup.line, LENGTH, 1));
    let [x, y, z] = setup.line;
    let padded = [&[0.0; 2][..], &inputs, &[0.0; 2]].concat();
    let again = product(&convolution_matrix(&[z, y, x], padded.len(), 1), &padded);
    product(&transpose, &inputs).iter().zip(again).fold(0.0, |most: f64, (a, b)| most.max((a - b).abs()))
}

/// What the matrix shows, in a sentence.
fn words(setup: &Setup, inputs: [f64; 4]) -> String {
    match (setup.is_transposed, setup.line_stride) {
        (false, 1) => "Every row is a copy of the filter, one place further: the product is the convolution of a, b, c, d with one 0 on \
                       each side. Four inputs, four outputs."
            .into(),
        (false, _) => "At stride 2 each copy is two places further, so there are half as many rows: four inputs, two outputs.".into(),
        (true, 1) => format!(
            "Transposed, every row is again the same pattern, z, y, x: a convolution with the flipped filter and two zeros on each side. \
             Computed both ways, the largest difference is {:.6}.",
            off_from_convolution(setup, inputs)
        ),
        (true, _) => "Transposed at stride 2 there are two patterns: z and x in one row, y alone in the next. No filter that is moved along \
                      makes both, so this is no convolution: hence the name."
            .into(),
    }
}

/// The part of the figure.
pub fn view(bench: Bench) -> AnyView {
    let setup = bench.setup;
    let lit = RwSignal::new(None::<usize>);
    let state = Memo::new(move |_| {
        let inputs = inputs(bench);
        setup.with(|it| (Product::of(it, inputs), words(it, inputs)))
    });
    view! {
        <div class="fig-choices">
            <StrideChoice bench/>
            <Switch id="transpose" label="Transpose" on=Signal::derive(move || setup.with(|it| it.is_transposed))
                set=move |on| setup.update(|it| it.is_transposed = on)/>
        </div>
        <div class="fig-line fig-product">
            <div class="fig-matrix" data-testid="matrix">{move || state.with(|it| product_table(&it.0, lit))}</div>
            <div class="line-controls">
                <p class="fig-reading" data-testid="matrix-words" aria-live="polite">{move || state.with(|it| it.1.clone())}</p>
                <div class="line-weights">{(0..WEIGHTS.len()).map(|i| weight_slider(bench, i)).collect_view()}</div>
            </div>
        </div>
        {band::view(bench, bench.photo)}
        {to_try("Press Transpose at stride 1, then at stride 2, and compare neighbouring rows. Point at a row to see which output it makes.")}
    }
    .into_any()
}

/// The matrix, the input and the output side by side.
fn product_table(it: &Product, lit: RwSignal<Option<usize>>) -> AnyView {
    let rows = it.matrix.height.max(it.input.len());
    let classes: Vec<usize> = it.classes.clone();
    let two = classes.iter().any(|&class| class > 0);
    let line = move |y: usize| {
        let tint = classes.get(y).filter(|_| two).map(|&class| colour(class));
        let cells = (0..it.matrix.width).map(|x| match it.matrix.height > y {
            true => {
                let (letter, value) = (it.letters[y * it.matrix.width + x], it.matrix.at(x, y));
                let tint = tint.clone().filter(|_| !letter.is_empty());
                view! {
                    <td class="matrix-cell" class:matrix-zero=letter.is_empty() class:matrix-tinted=tint.is_some() style:--tint=tint>
                        <b>{letter}</b>{cell_text(value)}
                    </td>
                }
                .into_any()
            }
            false => view! { <td class="matrix-none"></td> }.into_any(),
        });
        let input = it.input.get(y).map(|&value| view! { <td class="matrix-cell matrix-vector"><b>{it.input_letters[y]}</b>{cell_text(value)}</td> });
        let output = it.output.get(y).map(|&value| {
            view! {
                <td class="matrix-cell matrix-result"><b>{it.letters_of(y)}</b>{cell_text(value)}</td>
            }
        });
        let (times, equals) = (if y == 0 { "×" } else { "" }, if y == 0 { "=" } else { "" });
        view! {
            <tr class:matrix-lit=move || lit.get() == Some(y) on:pointerenter=move |_| lit.set(Some(y)) on:pointerleave=move |_| lit.set(None)>
                {cells.collect_view()}
                <td class="matrix-sign">{times}</td>
                {input.map_or_else(|| view! { <td class="matrix-none"></td> }.into_any(), IntoAny::into_any)}
                <td class="matrix-sign">{equals}</td>
                {output.map_or_else(|| view! { <td class="matrix-none"></td> }.into_any(), IntoAny::into_any)}
            </tr>
        }
    };
    let caption =
        format!("Matrix of {} rows and {} columns, times the input, is the output", it.matrix.height, it.matrix.width);
    view! {
        <table><caption class="visually-hidden">{caption}</caption><tbody>{(0..rows).map(line).collect_view()}</tbody></table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INPUT: [f64; 4] = [1.0, 2.0, 3.0, 4.0];

    fn setup(line_stride: usize, is_transposed: bool) -> Setup {
        Setup { line: [1.0, 10.0, 100.0], line_stride, is_transposed, ..Setup::default() }
    }

    #[test]
    fn the_lecture_s_products() {
        let one = Product::of(&setup(1, false), INPUT);
        assert_eq!(
            (one.output.len(), one.letters_of(0), one.letters_of(1)),
            (4, "ay + bz".into(), "ax + by + cz".into())
        );
        assert_eq!(one.output[..2], [210.0, 321.0]);
        let transpose = Product::of(&setup(2, true), INPUT);
        let letters: Vec<_> = (0..6).map(|row| transpose.letters_of(row)).collect();
        assert_eq!(letters, ["ax", "ay", "az + bx", "by", "bz", "0"]);
        assert_eq!(
            (&transpose.output[..], &transpose.classes[..4]),
            (&[1., 10., 102., 20., 200., 0.][..], &[0, 1, 0, 1][..])
        );
    }

    #[test]
    fn the_words_say_when_it_is_a_convolution() {
        assert!(words(&setup(1, true), INPUT).ends_with("difference is 0.000000."));
        assert!(words(&setup(2, true), INPUT).contains("no convolution"));
    }
}
