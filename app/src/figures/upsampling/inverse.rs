//! The transpose of a convolution beside what really undoes it.

use leptos::prelude::*;
use model::figures::{
    convolution::Walk,
    grid::Grid,
    inverse::{convolution_matrix_2d, inverse, undone},
    matrix::{product, transposed},
};

use super::{
    Bench,
    filter::{Filter, KernelAndStride},
    line::{StrideChoice, inputs, weight_slider},
};
use crate::figures::{
    cells::CellGrid,
    controls::{Range, to_try},
    numbers::{Numbers, lines, table},
    piece::PhotoPiece,
    svg::{Mark, cell_text},
    upsampling::setup::CELLS,
};

/// Inputs of the example in one dimension.
const LENGTH: usize = 4;

/// A convolution with what its transpose and its inverse make of the output.
#[derive(Clone, Debug, Default, PartialEq)]
struct Undoing {
    input: Grid,
    matrix: Grid,
    output: Grid,
    by_transpose: Grid,
    /// `None` where the convolution cannot be undone.
    by_inverse: Option<Grid>,
}

impl Undoing {
    /// Convolves with a border of zeros, so that with a kernel of an odd side there are as many outputs as inputs at stride 1.
    fn of(input: &Grid, kernel: &Grid, stride: usize) -> Self {
        let padding = |side: usize| if side % 2 == 1 { side / 2 } else { 0 };
        let walk = Walk { stride, padding: padding(kernel.width) };
        if input.values.is_empty() {
            return Self::default();
        }
        let matrix = convolution_matrix_2d(input.size(), kernel, walk);
        Self::by(input, matrix, walk.output(input.size(), kernel.size()))
    }

    /// As [`Undoing::of`] in one dimension.
    fn line(inputs: [f64; LENGTH], weights: &[f64; 3], stride: usize) -> Self {
        let weight = |x: usize, y: usize| (x + 1).checked_sub(y * stride).and_then(|tap| weights.get(tap)).copied();
        let matrix = Grid::from_fn((LENGTH, LENGTH / stride), |x, y| weight(x, y).unwrap_or(0.0));
        let input = Grid { width: LENGTH, height: 1, values: inputs.to_vec() };
        let size = (matrix.height, 1);
        Self::by(&input, matrix, size)
    }

    fn by(input: &Grid, matrix: Grid, (width, height): (usize, usize)) -> Self {
        let values = product(&matrix, &input.values);
        let back = |values: Vec<f64>| Grid { values, ..*input };
        Self {
            by_transpose: back(product(&transposed(&matrix), &values)),
            by_inverse: undone(&matrix, &values).map(back),
            output: Grid { width, height, values },
            input: input.clone(),
            matrix,
        }
    }

    /// How far the transpose's and the inverse's results are from the input at most.
    fn off(&self) -> (f64, Option<f64>) {
        (self.by_transpose.off(&self.input), self.by_inverse.as_ref().map(|it| it.off(&self.input)))
    }

    /// Whether there are as many outputs as inputs.
    fn is_square(&self) -> bool {
        self.matrix.width == self.matrix.height
    }

    fn inverse_name(&self) -> &'static str {
        if self.is_square() { "Inverse" } else { "Pseudo-inverse" }
    }

    fn words(&self) -> String {
        let (transpose, inverse) = self.off();
        let transpose = format!("The transpose's result is off by up to {transpose:.2}");
        match inverse {
            None => format!("{transpose}. This convolution has no inverse: different inputs have the same output."),
            Some(off) if self.is_square() => {
                format!("{transpose}, the inverse's by {off:.6}: only the inverse gives the input back.")
            }
            Some(off) => format!(
                "{transpose}, the pseudo-inverse's by up to {off:.2}: {} numbers cannot say {}. It gives the smallest input that has this output.",
                self.output.values.len(),
                self.input.values.len(),
            ),
        }
    }
}

/// The part of the figure.
pub fn view(bench: Bench) -> AnyView {
    let setup = bench.setup;
    let plane = Memo::new(move |_| setup.with(|it| bench.fine.with(|fine| Undoing::of(fine, &it.filter, it.stride))));
    let row = Memo::new(move |_| {
        let inputs = inputs(bench);
        setup.with(|it| Undoing::line(inputs, &it.line, it.line_stride))
    });
    view! {
        <p class="fig-lead">
            "Signal processing calls the inverse of a convolution deconvolution. The layer that was given that name multiplies by the transpose: "
            "it brings the size back, not the numbers."
        </p>
        <Plane bench plane/>
        <p class="fig-reading" aria-live="polite" data-testid="inverse-words">{move || plane.with(Undoing::words)}</p>
        <h2 class="fig-name">"The matrices of one dimension"</h2>
        <div class="fig-choices"><StrideChoice bench/></div>
        <div class="line-weights inverse-weights">{(0..3).map(|i| weight_slider(bench, i)).collect_view()}</div>
        {move || row.with(matrices)}
        <p class="fig-reading" aria-live="polite" data-testid="inverse-line-words">{move || row.with(Undoing::words)}</p>
        {to_try("Go to stride 1: the inverse gives the photo back to the last digit, the transpose does not. Then set every weight but the middle one to 0 and \
                 that to 1: now the two are the same. At stride 2 three quarters of the numbers are gone, and nothing brings them back.")}
        <Numbers text=move || plane.with(|it| {
            lines("Input", &it.input) + &lines("Convolution", &it.output) + &lines("Transpose of it", &it.by_transpose)
                + &it.by_inverse.as_ref().map(|by| lines(it.inverse_name(), by)).unwrap_or_default()
        })>
            {move || plane.with(|it| view! {
                {table("table-cells", "Input", &it.input)}
                {table("table-convolved", "Convolution", &it.output)}
                {table("table-transpose", "Transpose of it", &it.by_transpose)}
                {it.by_inverse.as_ref().map(|by| table("table-inverse", it.inverse_name(), by))}
            })}
        </Numbers>
    }
    .into_any()
}

/// The photo's cells, their convolution, and both ways back.
#[component]
fn Plane(
    /// The figure.
    bench: Bench,
    /// What is shown.
    plane: Memo<Undoing>,
) -> impl IntoView {
    let setup = bench.setup;
    let lit = RwSignal::new(None::<usize>);
    let marks = Signal::derive(move || lit.get().map(|cell| vec![Mark { cell, slot: 0 }]).unwrap_or_default());
    let grid = move |id: &'static str, name: &'static str, of: fn(&Undoing) -> Grid| {
        let map = Signal::derive(move || plane.with(of));
        view! { <CellGrid id label=name map marks active=lit choose=move |cell| lit.set(Some(cell))/> }
    };
    let output = Signal::derive(move || plane.with(|it| it.output.clone()));
    let off = move |of: fn(&Undoing) -> Option<f64>| {
        move || {
            plane
                .with(of)
                .map_or_else(|| "There is none.".to_owned(), |it| format!("Largest difference from the input: {it:.6}"))
        }
    };
    let name = move || plane.with(Undoing::inverse_name);
    view! {
        <div class="fig-bench fig-inverse">
            <section>
                <h2 class="fig-name">"The photo"</h2>
                <PhotoPiece square=Signal::derive(move || setup.with(|it| it.square)) cells=Signal::derive(move || bench.fine.with(|it| it.width))
                    set=move |square| setup.update(|it| (it.square, it.map) = (square, None))/>
                <Range id="cells" label="Cells along each side" limits=CELLS step=1.0
                    value=Signal::derive(move || setup.with(|it| it.cells as f64)) words=|it| format!("{0:.0} × {0:.0}", it * 2.0)
                    set=move |value| setup.update(|it| (it.cells, it.map) = (value as usize, None))/>
                <h2 class="fig-name">"The filter"</h2>
                <Filter bench marks=Signal::stored(Vec::new())/>
                <KernelAndStride bench/>
            </section>
            <section>
                <h2 class="fig-name">"Input"</h2>
                {grid("cells-input", "The photo's cells", |it| it.input.clone())}
                <h2 class="fig-name">"Its convolution"</h2>
                <CellGrid id="convolved" label="The convolution of the photo's cells" map=output active=Signal::stored(None) choose=|_| {}/>
                <p class="fig-note">{move || output.with(|it| format!("{} × {} numbers: {}.", it.width, it.height, cell_text(it.values.len() as f64)))}</p>
            </section>
            <section>
                <h2 class="fig-name">"Transpose of the convolution"</h2>
                {grid("by-transpose", "The transpose of the convolution", |it| it.by_transpose.clone())}
                <p class="fig-note" data-testid="transpose-off" data-off=move || plane.with(|it| it.off().0.to_string())>{off(|it| Some(it.off().0))}</p>
                <h2 class="fig-name">{move || format!("{} of the convolution", name())}</h2>
                {grid("by-inverse", "The inverse of the convolution", |it| it.by_inverse.clone().unwrap_or_default())}
                <p class="fig-note" data-testid="inverse-off" data-off=move || plane.with(|it| it.off().1.map(|it| it.to_string()))>{off(|it| it.off().1)}</p>
            </section>
        </div>
    }
}

/// The matrix, its transpose and its inverse, each with its product.
fn matrices(it: &Undoing) -> AnyView {
    let turned = transposed(&it.matrix);
    let undoing = inverse(&it.matrix);
    let column = |values: &[f64]| Grid { width: 1, height: values.len(), values: values.to_vec() };
    let part = |id: &'static str, name: &'static str, matrix: &Grid, input: &[f64], output: &[f64]| {
        view! {
            <section class="inverse-product" data-testid=id>
                <h3 class="inverse-name">{name}</h3>
                <div class="inverse-factors">
                    {small_table(name, matrix)}<span class="matrix-sign">"×"</span>{small_table("times", &column(input))}
                    <span class="matrix-sign">"="</span>{small_table("is", &column(output))}
                </div>
            </section>
        }
    };
    view! {
        <div class="inverse-products">
            {part("product-forward", "Convolution", &it.matrix, &it.input.values, &it.output.values)}
            {part("product-transpose", "Transpose", &turned, &it.output.values, &it.by_transpose.values)}
            {undoing.zip(it.by_inverse.as_ref()).map(|(undoing, by)| {
                part("product-inverse", it.inverse_name(), &undoing, &it.output.values, &by.values)
            })}
        </div>
    }
    .into_any()
}

/// A matrix as a table.
fn small_table(caption: &'static str, matrix: &Grid) -> AnyView {
    let row = |y: usize| {
        let cell = |x: usize| {
            let value = matrix.at(x, y);
            view! { <td class="matrix-cell" class:matrix-zero=value == 0.0>{cell_text(value)}</td> }
        };
        view! { <tr>{(0..matrix.width).map(cell).collect_view()}</tr> }
    };
    view! {
        <table class="inverse-table"><caption class="visually-hidden">{caption}</caption><tbody>{(0..matrix.height).map(row).collect_view()}</tbody></table>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_inverse_gives_the_input_back() {
        let input = Grid::from_fn((6, 6), |x, y| (x * 5 + y * 3) as f64 % 7.0);
        let kernel = Grid { width: 3, height: 3, values: vec![0.25, 0.5, 0.25, 0.5, 1.0, 0.5, 0.25, 0.5, 0.25] };
        let one = Undoing::of(&input, &kernel, 1);
        let (transpose, inverse) = one.off();
        assert!(transpose > 1.0 && inverse.is_some_and(|it| it < 1e-6), "{transpose} {inverse:?}");
        assert!(one.words().ends_with("only the inverse gives the input back."));
        let two = Undoing::of(&input, &kernel, 2);
        assert_eq!((two.output.size(), two.inverse_name()), ((3, 3), "Pseudo-inverse"));
        assert!(two.words().contains("9 numbers cannot say 36"), "{}", two.words());
        let nothing = Undoing::of(&input, &Grid::filled((3, 3), 0.0), 1);
        assert!(nothing.by_inverse.is_none() && nothing.words().contains("no inverse"));
        assert_eq!(Undoing::of(&Grid::default(), &kernel, 1), Undoing::default());
    }

    #[test]
    fn the_matrix_of_one_dimension_is_the_lecture_s_without_its_padding() {
        let one = Undoing::line([1.0, 2.0, 3.0, 4.0], &[1.0, 10.0, 100.0], 1);
        assert_eq!(one.matrix.values[..8], [10.0, 100.0, 0.0, 0.0, 1.0, 10.0, 100.0, 0.0]);
        assert_eq!(one.output.values, [210.0, 321.0, 432.0, 43.0]);
        let two = Undoing::line([1.0, 2.0, 3.0, 4.0], &[1.0, 10.0, 100.0], 2);
        assert_eq!(two.output.values, [210.0, 432.0]);
    }
}
