//! The language model: each word from the photo and the true words before it.

use std::collections::BTreeMap;

use burn::tensor::{Device, Distribution, Int, Tensor, TensorData, activation::log_softmax};

use half::slice::HalfFloatSliceExt;

use super::{
    TrainError,
    bank::{Bank, MAPS, Map, Place, features},
    course::Lesson,
};
use crate::{
    device::read,
    eval::captions::{Described, bleu, tokens},
    heads::caption::{CHANNELS, CaptionHead, CaptionModel, END, RARE, WORDS_NOTE},
    nn::weights::{Weights, WeightsError},
    ops::Region,
    random::Random,
    structures::caption::GAZE,
};

/// Words that a sentence keeps.
const LONGEST: usize = 18;
/// Share of the numbers that dropout clears before the answer (Srivastava et al. 2014).
const DROPOUT: f32 = 0.5;
/// Share of a word's probability that goes to all words (Szegedy et al. 2016, "Rethinking the Inception Architecture").
const SMOOTHING: f32 = 0.1;
/// Sentences that beam search keeps while measuring.
const BEAM: usize = 3;
/// Cells of a grid.
const CELLS: usize = GAZE * GAZE;

/// The words that a model knows, most frequent first, after the two that are no words.
#[derive(Clone, Debug)]
pub struct Vocabulary {
    words: Vec<String>,
    numbers: BTreeMap<String, usize>,
}

impl Vocabulary {
    /// The words that occur at least `least` times.
    #[must_use]
    pub fn of<'a>(sentences: impl Iterator<Item = &'a str>, least: usize) -> Self {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for word in sentences.flat_map(tokens) {
            *counts.entry(word).or_default() += 1;
        }
        let mut frequent: Vec<(String, usize)> = counts.into_iter().filter(|&(_, count)| count >= least).collect();
        frequent.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        // In the order of `END` and `RARE`.
        let words: Vec<String> =
            ["(end)", "(rare)"].map(str::to_owned).into_iter().chain(frequent.into_iter().map(|it| it.0)).collect();
        let numbers = words.iter().enumerate().map(|(number, word)| (word.clone(), number)).collect();
        Self { words, numbers }
    }

    /// A sentence as numbers, without its end.
    #[must_use]
    pub fn encode(&self, sentence: &str) -> Vec<usize> {
        tokens(sentence)
            .into_iter()
            .take(LONGEST)
            .map(|word| self.numbers.get(&word).copied().unwrap_or(RARE))
            .collect()
    }

    /// The words by number.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.words
    }
}

/// A photo's grid, in float16 bits, and its sentences.
struct Example {
    grid: Vec<half::f16>,
    sentences: Vec<Vec<usize>>,
    /// The sentences as people wrote them; only to measure on.
    written: Vec<String>,
}

/// `[photos, 49, 1856]`.
fn grids(examples: &[&Example], device: &Device) -> Tensor<3> {
    let mut values = vec![0.0; examples.len() * CELLS * CHANNELS];
    for (values, example) in values.chunks_exact_mut(CELLS * CHANNELS).zip(examples) {
        example.grid.convert_to_f32_slice(values);
    }
    Tensor::from_data(TensorData::new(values, [examples.len(), CELLS, CHANNELS]), device)
}

/// The photos with their sentences.
pub struct Captions {
    vocabulary: Vocabulary,
    train: Vec<Example>,
    dev: Vec<Example>,
    /// Photos a step; each brings all its sentences.
    batch: usize,
}

impl Captions {
    /// Cuts the grid of each photo out of its maps.
    ///
    /// # Arguments
    /// * `banks`, `places` - views of whole photos, with their sentences and whether they are for measuring.
    ///
    /// # Errors
    /// When a bank cannot be read.
    pub fn new(
        banks: &[Bank],
        places: &[(Place, Vec<String>, bool)],
        least: usize,
        batch: usize,
    ) -> Result<Self, TrainError> {
        let learned = places.iter().filter(|it| !it.2).flat_map(|it| &it.1).map(String::as_str);
        let vocabulary = Vocabulary::of(learned, least);
        let (mut train, mut dev) = (vec![], vec![]);
        for chunk in places.chunks(16) {
            let at: Vec<Place> = chunk.iter().map(|it| it.0).collect();
            let regions: Vec<Region> = (0..at.len()).map(Region::whole).collect();
            let grids = CaptionHead::grid(&features(banks, &at, &Device::flex())?, &regions);
            let grids = pollster::block_on(read(vec![grids]))?.remove(0);
            for ((_, sentences, is_dev), grid) in chunk.iter().zip(grids.chunks_exact(CELLS * CHANNELS)) {
                let written = if *is_dev { sentences.clone() } else { vec![] };
                let sentences = sentences.iter().map(|it| vocabulary.encode(it)).collect();
                let grid = grid.iter().map(|&v| half::f16::from_f32(v)).collect();
                if *is_dev { &mut dev } else { &mut train }.push(Example { grid, sentences, written });
            }
        }
        println!("{} words, {} photos, {} to measure on", vocabulary.words.len(), train.len(), dev.len());
        Ok(Self { vocabulary, train, dev, batch })
    }

    /// The mean loss a word, in nats.
    fn score(&self, head: &CaptionHead, examples: &[&Example], device: &Device, learn: bool) -> Tensor<1> {
        let grid = grids(examples, device);
        let (mut photos, mut sentences) = (Vec::new(), Vec::new());
        for (photo, example) in examples.iter().enumerate() {
            for sentence in &example.sentences {
                photos.push(photo as i32);
                sentences.push(sentence);
            }
        }
        let rows = sentences.len();
        let ints = |values: Vec<i32>| Tensor::<1, Int>::from_data(TensorData::new(values, [rows]), device);
        let drop = |share: f32, shape: [usize; 2]| {
            let kept = Tensor::<2>::random(shape, Distribution::Bernoulli(f64::from(1.0 - share)), device);
            kept / (1.0 - share)
        };
        let sight = head.look(grid).select(0, ints(photos));
        let vocabulary = head.vocabulary();
        let mut state = head.begin(sight.clone());
        let longest = sentences.iter().map(|it| it.len()).max().unwrap_or(0);
        let mut total = Tensor::<1>::zeros([1], device);
        let mut count = 0.0;
        let mut last = vec![END as i32; rows];
        for i in 0..=longest {
            let (next, said) = head.step(&vocabulary, &sight, state, ints(last.clone()), |x| {
                if learn {
                    let shape = x.dims();
                    x * drop(DROPOUT, shape)
                } else {
                    x
                }
            });
            state = next;
            let wanted: Vec<i32> = sentences.iter().map(|it| it.get(i).map_or(END, |&word| word) as i32).collect();
            // Behind its end a sentence says nothing.
            let weights: Vec<f32> = sentences.iter().map(|it| if i <= it.len() { 1.0 } else { 0.0 }).collect();
            count += weights.iter().sum::<f32>();
            let weights = Tensor::<1>::from_data(TensorData::new(weights, [rows]), device);
            let log = log_softmax(said.logits, 1);
            let chosen = log.clone().gather(1, ints(wanted.clone()).reshape([rows, 1])).reshape([rows]);
            let fit =
                if learn { chosen * (1.0 - SMOOTHING) + log.mean_dim(1).reshape([rows]) * SMOOTHING } else { chosen };
            total = total - (fit * weights).sum();
            last = wanted;
        }
        total / count.max(1.0)
    }
}

impl Lesson for Captions {
    type Head = CaptionHead;

    fn load(&self, weights: &Weights, device: &Device) -> Result<CaptionHead, WeightsError> {
        CaptionHead::load(weights, self.vocabulary.words.len(), device)
    }

    fn readers(&self) -> Vec<(&'static str, Vec<(usize, Map)>)> {
        vec![("look.weight", [Map::Stride16, Map::Stride32].map(|map| (MAPS[map as usize][2], map)).to_vec())]
    }

    fn loss(&self, head: &CaptionHead, random: &mut Random, device: &Device) -> Result<Tensor<1>, TrainError> {
        let examples: Vec<&Example> = (0..self.batch).map(|_| &self.train[random.below(self.train.len())]).collect();
        Ok(self.score(head, &examples, device, true))
    }

    fn measure(&self, head: &CaptionHead, device: &Device) -> Result<Vec<(&'static str, f64)>, TrainError> {
        let (mut sum, mut count) = (0.0, 0);
        for chunk in self.dev.chunks(32) {
            let examples: Vec<&Example> = chunk.iter().collect();
            let loss: f32 = self.score(head, &examples, device, false).into_scalar();
            (sum, count) = (sum + f64::from(loss) * chunk.len() as f64, count + chunk.len());
        }
        // Sentences take long: half of the photos are described.
        let captioner = CaptionModel::new(head.clone(), self.vocabulary.words.clone());
        let half = &self.dev[..self.dev.len().div_ceil(2)];
        let mut described = Vec::new();
        for chunk in half.chunks(64) {
            let examples: Vec<&Example> = chunk.iter().collect();
            let sentences = pollster::block_on(captioner.sentences(grids(&examples, device), BEAM))?;
            described.extend(sentences.iter().zip(chunk).map(|(caption, example)| Described {
                caption: tokens(caption),
                references: example.written.iter().map(|it| tokens(it)).collect(),
            }));
        }
        let [one, _, _, four] = bleu(&described);
        Ok(vec![("bleu_4", four), ("bleu_1", one), ("log_probability", -sum / count.max(1) as f64)])
    }

    fn notes(&self) -> Vec<(String, String)> {
        vec![(WORDS_NOTE.into(), self.vocabulary.words.join("\n"))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_words_share_a_number() {
        let vocabulary = Vocabulary::of(["a dog runs", "a dog sits"].into_iter(), 2);
        assert_eq!(vocabulary.words(), ["(end)", "(rare)", "a", "dog"]);
        assert_eq!(vocabulary.encode("A dog barks ."), [2, 3, RARE]);
    }
}
