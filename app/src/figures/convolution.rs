//! The figure about convolution: a kernel on a piece of the photo, nine products and their sum (00:23 of the lecture).

mod cost;

use leptos::prelude::*;
use model::figures::{
    convolution::{Product, Walk, convolution},
    grid::Grid,
};

use super::{
    cells::CellGrid,
    controls::to_try,
    filter::{Weights, preset_buttons},
    grey::{MIN_SIDE, Square},
    numbers::{Numbers, lines, table},
    piece::{PhotoPiece, grey_photo},
    setup::{Words, kept, list, short},
    svg::{Mark, cell_text},
};
use crate::inside::views::{
    choice::{Choice, Switch},
    marks::NEUTRAL,
};

/// Cells of the piece along each axis.
const CELLS: usize = 4;
/// The side of the kernel.
const SIDE: usize = 3;
/// The least and the largest weight.
const LIMITS: (f64, f64) = (-9.0, 9.0);
/// A kernel with its name.
type Preset = (&'static str, fn() -> Grid);
/// Kernels that can be taken as they are.
const PRESETS: [Preset; 4] = [
    ("Mean", || kernel([1.0 / 9.0; 9])),
    ("Vertical edge", || kernel([-1.0, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0])),
    ("Horizontal edge", || kernel([-1.0, -2.0, -1.0, 0.0, 0.0, 0.0, 1.0, 2.0, 1.0])),
    ("Nothing but the middle", || kernel([0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0])),
];

fn kernel(values: [f64; SIDE * SIDE]) -> Grid {
    Grid { width: SIDE, height: SIDE, values: values.to_vec() }
}

/// What is set.
#[derive(Clone, Debug, PartialEq)]
struct Setup {
    square: Square,
    map: Option<Grid>,
    kernel: Grid,
    walk: Walk,
    /// The output that the kernel is on, row by row.
    place: usize,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            square: Square { left: 0.42, top: 0.3, side: 0.2 },
            map: None,
            kernel: PRESETS[1].1(),
            walk: Walk { stride: 1, padding: 1 },
            place: 5,
        }
    }
}

impl Setup {
    fn read(words: &Words) -> Self {
        let usual = Self::default();
        let map = words.numbers("map").filter(|it| it.len() == CELLS * CELLS);
        let square = match words.numbers("at").as_deref() {
            Some(&[left, top, side]) => {
                Square { left: left.clamp(0.0, 1.0), top: top.clamp(0.0, 1.0), side: side.clamp(MIN_SIDE, 1.0) }
            }
            _ => usual.square,
        };
        let weights = words.numbers("kernel").filter(|it| it.len() == SIDE * SIDE);
        let clamped = |it: Vec<f64>| it.into_iter().map(|it| it.clamp(LIMITS.0, LIMITS.1)).collect();
        let whole = |name: &str, limits, usual| words.number(name, limits).map_or(usual, |it| it.round() as usize);
        Self {
            square,
            map: map.map(|values| Grid { width: CELLS, height: CELLS, values }),
            kernel: weights.map_or(usual.kernel, |it| Grid { width: SIDE, height: SIDE, values: clamped(it) }),
            walk: Walk { stride: whole("stride", (1.0, 2.0), 1), padding: whole("padding", (0.0, 1.0), 1) },
            place: whole("place", (0.0, 15.0), usual.place),
        }
    }

    fn write(&self) -> Words {
        let (usual, mut words) = (Self::default(), Words::default());
        let place = |it: &Square| [it.left, it.top, it.side].map(short).join(";");
        match &self.map {
            Some(map) => words.push("map", list(&map.values), ""),
            None => words.push("at", place(&self.square), place(&usual.square)),
        }
        words.push("kernel", list(&self.kernel.values), list(&usual.kernel.values));
        words.push("stride", self.walk.stride, usual.walk.stride);
        words.push("padding", self.walk.padding, usual.walk.padding);
        words.push("place", self.place, usual.place);
        words
    }
}

/// The piece with its border of zeros, as the kernel sees it.
fn padded(piece: &Grid, padding: usize) -> Grid {
    let size = (piece.width + 2 * padding, piece.height + 2 * padding);
    Grid::from_fn(size, |x, y| match (x.checked_sub(padding), y.checked_sub(padding)) {
        (Some(x), Some(y)) => piece.at(x, y),
        _ => 0.0,
    })
}

/// The products in words: what was multiplied, and what comes of it.
fn sum_words(products: &[Product], place: usize, width: usize) -> String {
    let sum: f64 = products.iter().map(|it| it.value * it.weight).sum();
    let outside = products.iter().filter(|it| it.input.is_none()).count();
    let padding = match outside {
        0 => String::new(),
        n => format!(" {n} of them are with the zeros of the padding."),
    };
    format!(
        "Output (column {}, row {}) is the sum of {} products: {}.{padding}",
        place % width.max(1) + 1,
        place / width.max(1) + 1,
        products.len(),
        cell_text(sum)
    )
}

/// What comes out, in words.
fn size_words(walk: Walk, output: (usize, usize)) -> String {
    let ratio = if walk.stride == 1 {
        "one output for each place"
    } else {
        "one output for each second place, so half as many along each axis"
    };
    format!(
        "4 × 4 inputs, padding {}, stride {}: {} × {} outputs, {ratio}.",
        walk.padding, walk.stride, output.0, output.1
    )
}

/// The cell of the output whose kernel is centred nearest to a cell of the padded piece.
fn place_at(cell: usize, width: usize, walk: Walk, output: (usize, usize)) -> usize {
    nearest(cell / width, walk.stride, output.1) * output.0 + nearest(cell % width, walk.stride, output.0)
}

/// The place of a kernel of three whose middle is nearest to a cell of the padded axis.
fn nearest(cell: usize, stride: usize, count: usize) -> usize {
    let middle = |place: usize| place * stride + SIDE / 2;
    (0..count).min_by_key(|&place| middle(place).abs_diff(cell)).unwrap_or_default()
}

/// The figure on the photo on show.
pub fn view() -> AnyView {
    let setup = kept(Setup::read, Setup::write);
    let photo = grey_photo();
    let piece = Memo::new(move |_| {
        let it = setup.get();
        let of_photo =
            || photo.with(|photo| photo.as_ref().map(|photo| photo.cells(&it.square.inside(photo.aspect()), CELLS)));
        it.map.clone().or_else(of_photo).unwrap_or_default()
    });
    let output = Memo::new(move |_| setup.with(|it| piece.with(|piece| convolution(piece, &it.kernel, it.walk))));
    let place = Memo::new(move |_| setup.with(|it| it.place).min(output.with(|it| it.values.len()).saturating_sub(1)));
    let products = Memo::new(move |_| {
        let width = output.with(|it| it.width).max(1);
        let at = (place.get() % width, place.get() / width);
        setup.with(|it| piece.with(|piece| it.walk.products(piece, &it.kernel, at).collect::<Vec<_>>()))
    });
    let seen = Memo::new(move |_| piece.with(|piece| padded(piece, setup.with(|it| it.walk.padding))));
    let borders = Signal::derive(move || {
        let padding = setup.with(|it| it.walk.padding);
        let (width, height) = seen.with(Grid::size);
        let is_border = |cell: &usize| {
            let (x, y) = (cell % width, cell / width);
            x < padding || y < padding || x >= width - padding || y >= height - padding
        };
        (0..width * height).filter(is_border).collect::<Vec<_>>()
    });
    let frame = Signal::derive(move || {
        let (width, stride) = (output.with(|it| it.width).max(1), setup.with(|it| it.walk.stride));
        Some([place.get() % width * stride, place.get() / width * stride, SIDE, SIDE])
    });
    let choose = move |place: usize| setup.update(|it| it.place = place);
    let drag = move |cell: usize| {
        let (width, walk, size) =
            (seen.with_untracked(|it| it.width), setup.with_untracked(|it| it.walk), output.with_untracked(Grid::size));
        if size.0 > 0 {
            choose(place_at(cell, width, walk, size));
        }
    };
    let centre =
        Signal::derive(move || frame.get().map(|[x, y, ..]| (y + SIDE / 2) * seen.with(|it| it.width) + x + SIDE / 2));
    let products_text = move || {
        let part = |it: &Product| {
            view! { <li class="product"><span>{cell_text(it.value)}</span>" × "<span>{cell_text(it.weight)}</span><b>{cell_text(it.value * it.weight)}</b></li> }
        };
        products.with(|all| all.iter().map(part).collect_view())
    };
    view! {
        <div class="fig-bench conv-bench">
            <section class="bench-photo">
                <h2 class="fig-name">"The photo"</h2>
                <PhotoPiece square=Signal::derive(move || setup.with(|it| it.square)) cells=Signal::stored(CELLS)
                    set=move |square| setup.update(|it| (it.square, it.map) = (square, None))/>
                <div class="fig-choices">
                    <Choice id="stride" label="Stride" options=Signal::stored(vec!["1".to_owned(), "2".to_owned()])
                        chosen=Signal::derive(move || setup.with(|it| it.walk.stride - 1))
                        choose=move |index: usize| setup.update(|it| it.walk.stride = index + 1)/>
                    <Switch id="padding" label="Padding of zeros" on=Signal::derive(move || setup.with(|it| it.walk.padding == 1))
                        set=move |on| setup.update(|it| it.walk.padding = usize::from(on))/>
                </div>
                <h2 class="fig-name">"The kernel"</h2>
                <Weights side=Signal::stored(SIDE) values=Signal::derive(move || setup.with(|it| it.kernel.values.clone()))
                    marks=Signal::stored(Vec::new()) limits=LIMITS
                    set=move |tap: usize, weight| setup.update(|it| it.kernel.values[tap] = weight)/>
                {preset_buttons(&PRESETS.map(|it| it.0), move |index| setup.with(|it| it.kernel == PRESETS[index].1()),
                    move |index| setup.update(|it| it.kernel = PRESETS[index].1()))}
            </section>
            <section class="bench-map">
                <h2 class="fig-name">"Drag the kernel"</h2>
                <CellGrid id="input" map=seen empty=borders frame active=centre choose=drag
                    label="The piece of the photo with its padding. Arrow keys move the kernel."/>
                <p class="fig-note">{move || size_words(setup.with(|it| it.walk), output.with(Grid::size))}</p>
            </section>
            <section class="bench-out">
                <h2 class="fig-name">"Nine products and their sum"</h2>
                <ol class="products" data-testid="products">{products_text}</ol>
                <p class="fig-reading" aria-live="polite" data-testid="reading">
                    {move || products.with(|it| sum_words(it, place.get(), output.with(|it| it.width)))}
                </p>
                <h2 class="fig-name">"The output"</h2>
                <div class="conv-output">
                    <CellGrid id="output" map=output marks=Signal::derive(move || vec![Mark { cell: place.get(), slot: NEUTRAL }])
                        active=Signal::derive(move || Some(place.get())) choose label="The output. Arrow keys move the kernel."/>
                </div>
            </section>
        </div>
        {to_try("Drag the kernel over the piece, then switch to stride 2: it jumps two cells, and four outputs are left of sixteen. Drag the \
                 square over an edge of the photo and take the kernel for it.")}
        {cost::view()}
        <Numbers text=move || seen.with(|it| lines("Input with padding", it)) + &output.with(|it| lines("Output", it))>
            {move || table("table-input", "Input with padding", &seen.get())}
            {move || table("table-kernel", "Kernel", &setup.with(|it| it.kernel.clone()))}
            {move || table("table-output", "Output", &output.get())}
        </Numbers>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_brings_everything_back() {
        let setup = Setup {
            map: Some(Grid::filled((CELLS, CELLS), 0.5)),
            kernel: PRESETS[2].1(),
            walk: Walk { stride: 2, padding: 0 },
            place: 3,
            ..Setup::default()
        };
        assert_eq!(Setup::read(&Words::parse(&setup.write().text())), setup);
        assert_eq!(Setup::default().write().text(), "");
    }

    #[test]
    fn the_kernel_goes_to_the_nearest_of_its_places() {
        // Padded 6 x 6, stride 2: middles at 1 and 3.
        let walk = Walk { stride: 2, padding: 1 };
        let at = |x: usize, y: usize| place_at(y * 6 + x, 6, walk, (2, 2));
        assert_eq!([at(0, 0), at(1, 1), at(3, 0), at(5, 5), at(0, 4)], [0, 0, 1, 3, 2]);
        let one = Walk { stride: 1, padding: 1 };
        assert_eq!([place_at(7, 6, one, (4, 4)), place_at(28, 6, one, (4, 4))], [0, 15]);
    }

    #[test]
    fn products_and_sizes_are_told() {
        let walk = Walk { stride: 1, padding: 1 };
        let piece = Grid::filled((CELLS, CELLS), 0.5);
        let products: Vec<_> = walk.products(&piece, &kernel([1.0; 9]), (0, 0)).collect();
        assert_eq!(
            sum_words(&products, 0, 4),
            "Output (column 1, row 1) is the sum of 9 products: 2. 5 of them are with the zeros of the padding."
        );
        assert_eq!(padded(&piece, 1).values[..8], [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5]);
        assert!(size_words(Walk { stride: 2, padding: 1 }, (2, 2)).contains("2 × 2 outputs"));
    }
}
