//! Painted truth on a square grid of cells, and the loss of each painted cell.

use model::structures::class_map::CLASSES;

/// The class that is everything else.
const BACKGROUND: usize = 0;

/// A class for some cells of a square grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Painting {
    side: usize,
    classes: Vec<Option<u8>>,
}

/// The likeliest class of a cell.
fn best(probabilities: &[f32]) -> usize {
    probabilities.iter().enumerate().fold(0, |best, (class, &p)| if p > probabilities[best] { class } else { best })
}

/// The thing that most cells are; the background if there is none.
pub fn commonest(cells: &[Vec<f32>]) -> usize {
    let mut counts = [0; CLASSES.len()];
    for class in cells.iter().map(|it| best(it)).filter(|&it| it != BACKGROUND && it < CLASSES.len()) {
        counts[class] += 1;
    }
    (0..counts.len()).rev().max_by_key(|&class| counts[class]).filter(|&class| counts[class] > 0).unwrap_or(BACKGROUND)
}

impl Painting {
    /// Nothing painted on so many cells, which are as many across as down.
    pub fn of(cells: usize) -> Self {
        Self { side: cells.isqrt(), classes: vec![None; cells] }
    }

    /// Every cell as the network sees it.
    pub fn filled(cells: &[Vec<f32>]) -> Self {
        let mut painting = Self::of(cells.len());
        painting.fill(cells);
        painting
    }

    /// Cells across, and down.
    pub const fn side(&self) -> usize {
        self.side
    }

    /// The class of a cell, if it is painted.
    pub fn class(&self, cell: usize) -> Option<usize> {
        self.classes.get(cell).copied().flatten().map(usize::from)
    }

    /// Paints a disc.
    ///
    /// # Arguments
    /// * `cell` - its middle.
    /// * `radius` - in cells; 0 paints one cell.
    pub fn stroke(&mut self, cell: usize, radius: usize, class: u8) {
        if self.side == 0 {
            return;
        }
        let (x, y) = (cell % self.side, cell / self.side);
        let span = |at: usize| at.saturating_sub(radius)..(at + radius + 1).min(self.side);
        for row in span(y) {
            for column in span(x) {
                let (dx, dy) = (column.abs_diff(x), row.abs_diff(y));
                if dx * dx + dy * dy <= radius * radius + radius {
                    self.classes[row * self.side + column] = Some(class);
                }
            }
        }
    }

    /// Paints every cell as the network sees it.
    pub fn fill(&mut self, cells: &[Vec<f32>]) {
        for (class, probabilities) in self.classes.iter_mut().zip(cells) {
            *class = Some(best(probabilities) as u8); // of 21
        }
    }

    /// Nothing is painted any more.
    pub fn clear(&mut self) {
        self.classes.fill(None);
    }

    /// As pixels with alpha, one a cell.
    pub fn pixels(&self, colour: impl Fn(usize) -> [u8; 3], alpha: u8) -> Vec<u8> {
        let pixel = |class: &Option<u8>| match class.map(usize::from) {
            None => [0; 4],
            // As dark as the class map has it.
            Some(BACKGROUND) => [0, 0, 0, alpha / 2],
            Some(class) => {
                let [red, green, blue] = colour(class);
                [red, green, blue, alpha]
            }
        };
        self.classes.iter().flat_map(pixel).collect()
    }
}

/// The loss of each cell; none where nothing is painted.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Losses(Vec<Option<f32>>);

impl Losses {
    /// Minus the logarithm of the painted class's probability.
    pub fn of(painting: &Painting, cells: &[Vec<f32>]) -> Self {
        let loss = |(cell, probabilities): (usize, &Vec<f32>)| {
            let p = probabilities.get(painting.class(cell)?)?;
            Some(-p.max(f32::MIN_POSITIVE).ln())
        };
        Self(cells.iter().enumerate().map(loss).collect())
    }

    /// How many cells are painted.
    pub fn painted(&self) -> usize {
        self.0.iter().flatten().count()
    }

    /// The sum of all losses.
    pub fn sum(&self) -> f32 {
        self.0.iter().flatten().sum()
    }

    /// Their mean; `None` where nothing is painted.
    pub fn mean(&self) -> Option<f32> {
        (self.painted() > 0).then(|| self.sum() / self.painted() as f32)
    }

    /// As pixels: black for 0, the colour from `bright` on, clear where nothing is painted.
    pub fn pixels(&self, [red, green, blue]: [u8; 3], bright: f32) -> Vec<u8> {
        let pixel = |loss: &Option<f32>| match *loss {
            None => [0; 4],
            Some(loss) => {
                let part = (loss / bright).clamp(0.0, 1.0);
                let [red, green, blue] = [red, green, blue].map(|it| (f32::from(it) * part).round() as u8); // a part of a byte
                [red, green, blue, 225]
            }
        };
        self.0.iter().flat_map(pixel).collect()
    }
}

/// A cell in words: its softmax, its true class and its loss.
pub fn cell_words(truth: Option<usize>, probabilities: &[f32]) -> String {
    let name = |class: usize| CLASSES.get(class).copied().unwrap_or("unknown");
    let likeliest = best(probabilities);
    let says = format!("The network says {} with {:.1}%.", name(likeliest), probabilities[likeliest] * 100.0);
    match truth {
        None => format!("{says} Nothing is painted here, so there is no loss."),
        Some(truth) => {
            let p = probabilities.get(truth).copied().unwrap_or_default();
            let loss = -p.max(f32::MIN_POSITIVE).ln();
            format!("{says} It is painted {}, which has {:.1}%: −log {p:.3} = {loss:.3}.", name(truth), p * 100.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells() -> Vec<Vec<f32>> {
        let mut all = vec![vec![0.0; CLASSES.len()]; 9];
        for (i, cell) in all.iter_mut().enumerate() {
            cell[13] = if i < 3 { 0.8 } else { 0.1 };
            cell[0] = 1.0 - cell[13];
        }
        all
    }

    #[test]
    fn strokes_are_discs_that_stay_on_the_grid() {
        let mut painting = Painting::of(25);
        painting.stroke(12, 1, 7);
        let painted: Vec<_> = (0..25).filter(|&cell| painting.class(cell) == Some(7)).collect();
        assert_eq!(painted, [6, 7, 8, 11, 12, 13, 16, 17, 18]);
        painting.clear();
        painting.stroke(0, 2, 1);
        assert!(painting.class(0).is_some() && painting.class(24).is_none());
        Painting::default().stroke(3, 1, 1); // nothing to paint on
    }

    #[test]
    fn losses_are_those_of_the_painted_class() {
        let cells = cells();
        let mut painting = Painting::of(9);
        assert_eq!(Losses::of(&painting, &cells).mean(), None);
        painting.stroke(0, 0, 13);
        painting.stroke(8, 0, 13);
        let losses = Losses::of(&painting, &cells);
        assert_eq!(losses.painted(), 2);
        assert!((losses.mean().unwrap_or_default() - (-(0.8f32.ln()) - 0.1f32.ln()) / 2.0).abs() < 1e-5);
        painting.fill(&cells);
        assert!((Losses::of(&painting, &cells).sum() - (-3.0 * 0.8f32.ln() - 6.0 * 0.9f32.ln())).abs() < 1e-4);
        assert_eq!(commonest(&cells), 13);
        assert_eq!(losses.pixels([200, 100, 0], 1.0)[32..], [200, 100, 0, 225]);
    }

    #[test]
    fn a_cell_is_told_with_its_loss() {
        let cells = cells();
        assert_eq!(
            cell_words(Some(13), &cells[0]),
            "The network says horse with 80.0%. It is painted horse, which has 80.0%: −log 0.800 = 0.223."
        );
        assert!(cell_words(None, &cells[5]).contains("background with 90.0%"));
    }
}
