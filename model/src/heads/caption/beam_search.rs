//! Captions of a photo and of its regions, as in DenseCap (Johnson et al. 2016) with given regions: the language model says
//! each word after looking at the region, and beam search keeps the likeliest sentences.

use burn::{
    module::Module,
    tensor::{Device, Int, Tensor, TensorData, activation::softmax},
};

use super::{CaptionHead, END, RARE};
use crate::{
    backbone::PhotoFeatures,
    device::{RunError, read},
    nn::weights::{Network, Weights, WeightsError},
    ops::Region,
    structures::{
        boxes::BBox,
        caption::{Caption, Hypothesis, Word},
    },
};

/// Sentences that beam search keeps between words.
pub const BEAM: usize = 4;
/// How much long sentences are helped; chosen on the dev part, where 1 makes captions longer than people's and
/// costs 4 points of BLEU-1 (`assets/weights/caption.md`).
const LENGTH_POWER: f32 = 0.1;
/// No sentence has more words.
const MAX_WORDS: usize = 20;
/// Alternatives that a word remembers.
const ALTERNATIVES: usize = 5;
/// The note in the weights that lists the words, one a line.
pub const WORDS_NOTE: &str = "words";

/// The language model on the detector's backbone.
#[derive(Module, Debug)]
pub struct CaptionModel {
    head: CaptionHead,
    #[module(skip)]
    words: Vec<String>,
}

/// A sentence that is being said.
#[derive(Clone)]
struct Beam {
    words: Vec<Word>,
    last: usize,
    /// Sum of the words' log probabilities.
    log_probability: f32,
    done: bool,
}

impl Beam {
    /// What beams compete by: the log probability over a power of the length (Wu et al. 2016, section 7), so that short
    /// sentences do not win by being short.
    fn merit(&self) -> f32 {
        self.log_probability / ((self.words.len() + 1) as f32).powf(LENGTH_POWER)
    }

    fn text(&self) -> String {
        self.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    /// The beam for the page.
    fn hypothesis(&self, parent: usize) -> Hypothesis {
        let Self { log_probability, done: is_complete, .. } = *self;
        Hypothesis { text: self.text(), log_probability, parent, is_complete, is_chosen: false }
    }
}

/// The best sentence about a grid, with what was kept on the way to it.
struct Sentence {
    best: Beam,
    beams: Vec<Vec<Hypothesis>>,
}

/// Marks what the best of the last hypotheses came of.
fn mark_chosen(beams: &mut [Vec<Hypothesis>]) {
    let mut at = 0;
    for kept in beams.iter_mut().rev() {
        if let Some(hypothesis) = kept.get_mut(at) {
            hypothesis.is_chosen = true;
            at = hypothesis.parent;
        }
    }
}

impl CaptionModel {
    /// A model with given words and weights: for training.
    #[must_use]
    pub const fn new(head: CaptionHead, words: Vec<String>) -> Self {
        Self { head, words }
    }

    /// The grid that the model looks at: the whole photo, then regions of it.
    ///
    /// # Arguments
    /// * `regions` - in photo pixels.
    ///
    /// # Returns
    /// `[1 + regions, 49, 1856]`.
    #[must_use]
    pub fn grid(features: &PhotoFeatures, regions: &[BBox]) -> Tensor<3> {
        let (width, height) = (features.photo.0 as f32, features.photo.1 as f32);
        let clipped = regions.iter().map(|bbox| bbox.clip(width, height).scale(1.0 / width, 1.0 / height));
        let regions = clipped.map(|bbox| Region { photo: 0, bbox });
        CaptionHead::grid(&features.maps, &std::iter::once(Region::whole(0)).chain(regions).collect::<Vec<_>>())
    }

    /// Describes a photo and some regions of it, all in one batch.
    ///
    /// # Arguments
    /// * `grid` - from [`CaptionModel::grid`].
    /// * `regions` - of the grid after its first row, in photo pixels, each with the index of its detection.
    /// * `go_on` - called after each word; its error ends the run.
    ///
    /// # Returns
    /// The caption of the whole photo, then one for each region.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite, and that of `go_on`.
    pub async fn describe(
        &self,
        grid: Tensor<3>,
        regions: &[(usize, BBox)],
        go_on: impl AsyncFn() -> Result<(), RunError>,
    ) -> Result<Vec<Caption>, RunError> {
        let said = self.say(grid, BEAM, go_on).await?;
        let places = std::iter::once(None).chain(regions.iter().copied().map(Some));
        let captions = said.into_iter().zip(places).map(|(Sentence { best, beams }, region)| Caption {
            candidate: region.map(|(candidate, _)| candidate),
            region: region.map(|(_, bbox)| bbox),
            words: best.words,
            log_probability: best.log_probability,
            beams,
        });
        Ok(captions.collect())
    }

    /// The best sentence about each grid, without a photo: for measuring on many.
    ///
    /// # Arguments
    /// * `grid` - from [`CaptionHead::grid`].
    /// * `beam` - sentences kept between words.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn sentences(&self, grid: Tensor<3>, beam: usize) -> Result<Vec<String>, RunError> {
        let said = self.say(grid, beam, async || Ok(())).await?;
        Ok(said.into_iter().map(|sentence| sentence.best.text()).collect())
    }

    async fn say(
        &self,
        grid: Tensor<3>,
        width: usize,
        go_on: impl AsyncFn() -> Result<(), RunError>,
    ) -> Result<Vec<Sentence>, RunError> {
        let (count, device) = (grid.dims()[0], grid.device());
        let rows = |rows: Vec<usize>| {
            let rows: Vec<i32> = rows.into_iter().map(|row| row as i32).collect();
            Tensor::<1, Int>::from_data(TensorData::new(rows.clone(), [rows.len()]), &device)
        };
        let sight = self.head.look(grid);
        let vocabulary = self.head.vocabulary();
        let mut state = self.head.begin(sight.clone());
        let first = Beam { words: vec![], last: END, log_probability: 0.0, done: false };
        // One beam a sentence before the first word: equal ones would only repeat each other.
        let mut beams: Vec<Vec<Beam>> = vec![vec![first]; count];
        let mut history: Vec<Vec<Vec<Hypothesis>>> = vec![vec![]; count];
        let mut about = sight.clone();
        for _ in 0..=MAX_WORDS {
            let last = beams.iter().flatten().map(|beam| beam.last).collect();
            let (next, said) = self.head.step(&vocabulary, &about, state, rows(last), |x| x);
            let values = read(vec![softmax(said.logits, 1), said.gaze]).await?;
            let (chances, gazes) = (&values[0], &values[1]);
            let (vocabulary, cells) = (self.words.len(), gazes.len() / beams.iter().map(Vec::len).sum::<usize>());
            let (mut parents, mut photos, mut row) = (Vec::new(), Vec::new(), 0);
            for (photo, kept) in beams.iter_mut().enumerate() {
                let step = Step { first_row: row, vocabulary, cells, chances, gazes };
                row += kept.len();
                let grown = self.grow(kept, &step, width);
                if !kept.iter().all(|beam| beam.done) {
                    history[photo].push(grown.iter().map(|(parent, beam)| beam.hypothesis(*parent)).collect());
                }
                parents.extend(grown.iter().map(|(parent, _)| step.first_row + parent));
                photos.extend(std::iter::repeat_n(photo, grown.len()));
                *kept = grown.into_iter().map(|(_, beam)| beam).collect();
            }
            if beams.iter().flatten().all(|beam| beam.done) {
                break;
            }
            go_on().await?;
            state = next.select(rows(parents));
            about = sight.clone().select(0, rows(photos));
        }
        // Beams are in the order of their merit.
        let sentence = |(beams, mut history): (Vec<Beam>, Vec<Vec<Hypothesis>>)| {
            mark_chosen(&mut history);
            Some(Sentence { best: beams.into_iter().next()?, beams: history })
        };
        Ok(beams.into_iter().zip(history).filter_map(sentence).collect())
    }

    /// The best continuations of a sentence's beams, with the beam that each continues.
    fn grow(&self, beams: &[Beam], step: &Step<'_>, width: usize) -> Vec<(usize, Beam)> {
        let mut grown: Vec<(usize, Beam)> = Vec::new();
        for (i, beam) in beams.iter().enumerate() {
            if beam.done {
                grown.push((i, beam.clone()));
                continue;
            }
            let row = step.first_row + i;
            let chances = &step.chances[row * step.vocabulary..][..step.vocabulary];
            let likeliest = likeliest(chances, width.max(ALTERNATIVES));
            let alternatives =
                likeliest.iter().take(ALTERNATIVES).map(|&word| (self.text(word).to_owned(), chances[word]));
            let alternatives: Vec<(String, f32)> = alternatives.collect();
            for &word in likeliest.iter().take(width) {
                let mut next = beam.clone();
                next.log_probability += chances[word].max(f32::MIN_POSITIVE).ln();
                next.last = word;
                next.done = word == END || next.words.len() == MAX_WORDS;
                if word != END {
                    next.words.push(Word {
                        text: self.text(word).to_owned(),
                        probability: chances[word],
                        alternatives: alternatives.clone(),
                        gaze: step.gazes[row * step.cells..][..step.cells].to_vec(),
                    });
                }
                grown.push((i, next));
            }
        }
        grown.sort_by(|a, b| b.1.merit().total_cmp(&a.1.merit()));
        grown.truncate(width);
        grown
    }

    /// A word as the page shows it.
    fn text(&self, word: usize) -> &str {
        if word == END { "(end)" } else { &self.words[word] }
    }
}

impl Network for CaptionModel {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        let weights = Weights::from_bytes(bytes)?;
        let words: Vec<String> = weights.note(WORDS_NOTE)?.lines().map(str::to_owned).collect();
        Ok(Self { head: CaptionHead::load(&weights, words.len(), device)?, words })
    }
}

/// One step's numbers on the host.
struct Step<'a> {
    /// The row of the first beam.
    first_row: usize,
    vocabulary: usize,
    cells: usize,
    /// Probabilities, `[beams, words]`.
    chances: &'a [f32],
    /// Shares of the cells, `[beams, cells]`.
    gazes: &'a [f32],
}

/// The likeliest words, best first; never the one that stands for rare words, which says nothing.
fn likeliest(chances: &[f32], count: usize) -> Vec<usize> {
    let mut words: Vec<usize> = (0..chances.len()).filter(|&word| word != RARE).collect();
    let count = count.min(words.len());
    if count == 0 {
        return words;
    }
    let by_chance = |a: &usize, b: &usize| chances[*b].total_cmp(&chances[*a]);
    words.select_nth_unstable_by(count - 1, by_chance);
    words.truncate(count);
    words.sort_by(by_chance);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_words_come_first_and_the_rare_one_never() {
        assert_eq!(likeliest(&[0.1, 0.5, 0.05, 0.3], 2), [3, 0]);
        assert_eq!(likeliest(&[0.1, 0.9], 5), [0]);
    }

    #[test]
    fn the_caption_is_followed_back_through_its_parents() {
        let beam = |words: &[&str]| {
            let word =
                |text: &&str| Word { text: (*text).into(), probability: 0.5, alternatives: vec![], gaze: vec![] };
            Beam { words: words.iter().map(word).collect(), last: 2, log_probability: -1.0, done: false }
        };
        let mut beams = vec![
            vec![beam(&["a"]).hypothesis(0), beam(&["two"]).hypothesis(0)],
            vec![beam(&["two", "dogs"]).hypothesis(1), beam(&["a", "dog"]).hypothesis(0)],
        ];
        mark_chosen(&mut beams);
        let chosen: Vec<_> = beams.iter().flatten().filter(|it| it.is_chosen).map(|it| it.text.as_str()).collect();
        assert_eq!(chosen, ["two", "two dogs"]);
    }
}
