//! What is said about one map through four ways of upsampling.

use leptos::prelude::*;

use super::{
    super::{Bench, POOL, Setup, setup::Way},
    Focus,
};
use crate::figures::svg::cell_text;

/// Where each maximum was, for those who do not see it.
pub fn positions(bench: Bench) -> String {
    const PLACES: [&str; POOL * POOL] = ["upper left", "upper right", "lower left", "lower right"];
    bench.pooled.with(|it| it.positions.iter().map(|&tap| PLACES[tap]).collect::<Vec<_>>().join(", "))
}

/// What remembering positions costs.
pub fn index_words(cells: usize) -> String {
    let bytes = (2 * cells).div_ceil(8);
    format!(
        "The pooling remembers where each maximum was: 2 bits a cell, {bytes} {} beside {} bytes of numbers.",
        if bytes == 1 { "byte" } else { "bytes" },
        4 * cells
    )
}

fn column_row(cell: usize, width: usize) -> String {
    format!("column {}, row {}", cell % width.max(1) + 1, cell / width.max(1) + 1)
}

/// The pointed cell in a sentence.
pub fn words(bench: Bench, focus: Focus) -> String {
    let Setup { way, is_divided, .. } = bench.setup.get();
    bench.up.with(|up| {
        bench.pooled.with(|pooled| match focus {
            Focus::Input(cell) => {
                let value = cell_text(pooled.map.values[cell]);
                let count = up.outputs_of(cell).count();
                let place = column_row(cell, pooled.map.width);
                match way {
                    Way::Nearest => format!("Map cell ({place}) is {value} and fills {count} cells."),
                    Way::Nails => format!("Map cell ({place}) is {value} and goes to the upper left of its square."),
                    Way::Unpooling => {
                        format!("Map cell ({place}) is {value} and goes back to where the maximum was.")
                    }
                    Way::Transposed => format!(
                        "Map cell ({place}) is {value}: the filter times {value} is laid over {count} cells of the output."
                    ),
                }
            }
            Focus::Output(cell) => {
                let place = column_row(cell, up.map.width);
                let (sum, count) = (up.map.values[cell], up.terms[cell].len());
                let value = cell_text(if is_divided && way == Way::Transposed { sum / count.max(1) as f64 } else { sum });
                match (way, count) {
                    (_, 0) => format!("Output ({place}) is 0: nothing was put here."),
                    (Way::Transposed, 1) => format!("Output ({place}) is {value}: one copy of the filter lies here."),
                    (Way::Transposed, _) => format!("Output ({place}) is {value}: {count} copies of the filter overlap here and are summed."),
                    _ => format!("Output ({place}) is {value}: one cell of the map was put here."),
                }
            }
        })
    })
}

/// What the whole output is, in a sentence.
pub fn summary(bench: Bench) -> String {
    bench.up.with(|up| {
        bench.fine.with(|fine| {
            let zeros = up.terms.iter().filter(|terms| terms.is_empty()).count();
            let cells = up.terms.len().max(1);
            let mut words = format!("{} × {} cells. ", up.map.width, up.map.height);
            if zeros > 0 {
                words += &format!("{:.0}% of them are 0. ", zeros as f64 / cells as f64 * 100.0);
            }
            if up.map.size() == fine.size() {
                let off: f64 = up.map.values.iter().zip(&fine.values).map(|(a, b)| (a - b).abs()).sum();
                words += &format!("Before the pooling they were {:.2} different on average.", off / cells as f64);
            } else if let Some([.., width, height]) =
                bench.setup.with(|it| it.kept(bench.pooled.with(|it| it.map.width)))
            {
                words += &format!("Dashed: the {width} × {height} that a framework keeps with padding 1.");
            }
            words
        })
    })
}

/// What the visitor could do.
pub const fn to_try_of(way: Way) -> &'static str {
    match way {
        Way::Nearest => {
            "Drag the square over an edge of the photo. The larger map has blocks, and no number that the small one had not."
        }
        Way::Nails => {
            "Count the zeros: three of four cells. Then switch to max unpooling and see the same numbers jump by a cell."
        }
        Way::Unpooling => {
            "Drag the square over a sharp edge: the numbers come back on their own side of it, where bed of nails always takes the \
             upper left."
        }
        Way::Transposed => {
            "Point at a cell of the small map and see its copy of the filter. Then set one weight to 3 and find it in every copy. \
             The same layer is also called upconvolution, fractionally strided convolution, backward strided convolution and, \
             wrongly, deconvolution: it is not the inverse of a convolution."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_cost_two_bits_a_cell() {
        assert!(index_words(16).contains("4 bytes beside 64 bytes"), "{}", index_words(16));
        assert!(index_words(4).contains("1 byte beside"));
        assert_eq!(column_row(5, 4), "column 2, row 2");
    }
}
