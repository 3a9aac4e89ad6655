//! Captions of a photo and of its regions, as in DenseCap (Johnson et al. 2016) with given regions: the language model says
//! each word after looking at the region, and beam search keeps the likeliest sentences. Where detections say what is there,
//! it is held to them ([`super::choices`]): beginnings compete only with those that name as many of the categories that should
//! be named (Anderson et al. 2017; with their number alone, not their set, as Hokamp and Liu 2017 do).

use burn::{
    module::Module,
    tensor::{Device, Int, Tensor, TensorData, activation::softmax},
};

use super::{
    CaptionHead, END, Sight,
    beam::{Beam, MAX_WORDS},
    choices::{Choice, Prefix, likeliest},
    grounding::Grounding,
    lexicon::Lexicon,
};
use crate::{
    backbone::PhotoFeatures,
    device::{RunError, read},
    nn::weights::{Network, Weights, WeightsError},
    ops::Region,
    structures::{
        boxes::{BBox, Candidate},
        caption::{Caption, Hypothesis},
    },
};

/// Sentences that beam search keeps between words.
pub const BEAM: usize = 4;
/// The same for each number of named categories, where some should be named.
const NAMING_BEAM: usize = 3;
/// Alternatives that a word remembers.
const ALTERNATIVES: usize = 5;
/// The note in the weights that lists the words, one a line.
pub const WORDS_NOTE: &str = "words";

/// The language model on the detector's backbone.
#[derive(Module, Debug)]
pub struct CaptionModel {
    head: CaptionHead,
    sight: Sight,
    #[module(skip)]
    words: Vec<String>,
    #[module(skip)]
    lexicon: Lexicon,
}

/// The best sentence about a grid, with what was kept on the way to it.
struct Sentence {
    best: Beam,
    beams: Vec<Vec<Hypothesis>>,
}

/// Marks what one of the last hypotheses came of.
fn mark_chosen(beams: &mut [Vec<Hypothesis>], mut at: usize) {
    for kept in beams.iter_mut().rev() {
        if let Some(hypothesis) = kept.get_mut(at) {
            hypothesis.is_chosen = true;
            at = hypothesis.parent;
        }
    }
}

/// The beams of one sentence.
struct Search<'a> {
    grounding: Option<&'a Grounding>,
    /// Beams kept for each number of named categories.
    width: usize,
    beams: Vec<Beam>,
    history: Vec<Vec<Hypothesis>>,
}

impl<'a> Search<'a> {
    fn new(grounding: Option<&'a Grounding>, width: usize) -> Self {
        let width = if grounding.is_some_and(|it| it.wanted() > 0) { width.min(NAMING_BEAM) } else { width };
        // One beam before the first word: equal ones would only repeat each other.
        Self { grounding, width, beams: vec![Beam::new(grounding)], history: vec![] }
    }

    fn wanted(&self) -> usize {
        self.grounding.map_or(0, Grounding::wanted)
    }

    /// Beams that go on.
    fn active(&self) -> impl Iterator<Item = &Beam> {
        self.beams.iter().filter(|beam| !beam.done)
    }

    /// Keeps the best continuations of each number of named categories.
    ///
    /// # Arguments
    /// * `grown` - each with the beam that it continues.
    fn keep(&mut self, mut grown: Vec<(usize, Beam)>) -> Vec<usize> {
        grown.sort_by(|a, b| b.1.rank().total_cmp(&a.1.rank()));
        let mut counts = vec![0; self.wanted() + 1];
        grown.retain(|(_, beam)| {
            counts[beam.named] += 1;
            counts[beam.named] <= self.width
        });
        self.history.push(grown.iter().map(|(parent, beam)| beam.hypothesis(*parent)).collect());
        let parents = grown.iter().map(|it| it.0).collect();
        self.beams = grown.into_iter().map(|it| it.1).collect();
        // What cannot become better than what is complete need not go on.
        let complete = self.beams.iter().filter(|beam| beam.done).map(Beam::rank).fold(f32::NEG_INFINITY, f32::max);
        let wanted = self.wanted();
        for beam in &mut self.beams {
            if !beam.done && beam.highest_rank(wanted) <= complete {
                beam.done = true;
                beam.log_probability = f32::NEG_INFINITY;
            }
        }
        parents
    }

    fn finish(mut self) -> Option<Sentence> {
        let (at, best) = self.beams.into_iter().enumerate().max_by(|a, b| a.1.rank().total_cmp(&b.1.rank()))?;
        mark_chosen(&mut self.history, at);
        Some(Sentence { best, beams: self.history })
    }
}

impl CaptionModel {
    /// A model with given words and weights: for training.
    #[must_use]
    pub fn new(head: CaptionHead, words: Vec<String>) -> Self {
        Self { sight: head.sight(), head, lexicon: Lexicon::of(&words), words }
    }

    /// What the model sees: of the whole photo, then of regions of it.
    ///
    /// # Arguments
    /// * `regions` - in photo pixels.
    ///
    /// # Returns
    /// `[1 + regions, 49, 224]`.
    #[must_use]
    pub fn sight(&self, features: &PhotoFeatures, regions: &[BBox]) -> Tensor<3> {
        let (width, height) = (features.photo.0 as f32, features.photo.1 as f32);
        let clipped = regions.iter().map(|bbox| bbox.clip(width, height).scale(1.0 / width, 1.0 / height));
        let regions = clipped.map(|bbox| Region { photo: 0, bbox });
        self.sight.of(&features.maps, &std::iter::once(Region::whole(0)).chain(regions).collect::<Vec<_>>())
    }

    /// Describes a photo and some regions of it, all in one batch, in sentences that name what was detected.
    ///
    /// # Arguments
    /// * `sight` - from [`CaptionModel::sight`].
    /// * `photo` - width and height in pixels.
    /// * `detections` - before suppression.
    /// * `regions` - of what is seen after its first row, in photo pixels, each with the index of its detection.
    /// * `go_on` - called after each word; its error ends the run.
    ///
    /// # Returns
    /// The caption of the whole photo, then one for each region.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite, and that of `go_on`.
    pub async fn describe(
        &self,
        sight: Tensor<3>,
        photo: (u32, u32),
        detections: &[Candidate],
        regions: &[(usize, BBox)],
        go_on: impl AsyncFn() -> Result<(), RunError>,
    ) -> Result<Vec<Caption>, RunError> {
        let nouns = self.lexicon.nouns();
        let of_regions = regions.iter().map(|&(index, _)| Grounding::of_region(nouns, detections, photo, index));
        let groundings: Vec<Grounding> =
            std::iter::once(Grounding::of_photo(nouns, detections, photo)).chain(of_regions).collect();
        let searches = groundings.iter().map(|grounding| Search::new(Some(grounding), BEAM)).collect();
        let said = self.say(sight, searches, go_on).await?;
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

    /// The best sentence about each grid, without a photo or its detections: for measuring while training.
    ///
    /// # Arguments
    /// * `grid` - from [`CaptionHead::grid`].
    /// * `beam` - sentences kept between words.
    ///
    /// # Errors
    /// When the device fails or computes numbers that are not finite.
    pub async fn sentences(&self, grid: Tensor<3>, beam: usize) -> Result<Vec<String>, RunError> {
        let searches = (0..grid.dims()[0]).map(|_| Search::new(None, beam)).collect();
        let said = self.say(self.head.look(grid), searches, async || Ok(())).await?;
        Ok(said.into_iter().map(|sentence| sentence.best.text()).collect())
    }

    async fn say(
        &self,
        sight: Tensor<3>,
        mut searches: Vec<Search<'_>>,
        go_on: impl AsyncFn() -> Result<(), RunError>,
    ) -> Result<Vec<Sentence>, RunError> {
        let device = sight.device();
        let rows = |rows: Vec<usize>| {
            let rows: Vec<i32> = rows.into_iter().map(|row| row as i32).collect();
            Tensor::<1, Int>::from_data(TensorData::new(rows.clone(), [rows.len()]), &device)
        };
        let vocabulary = self.head.vocabulary();
        let mut state = self.head.begin(sight.clone());
        let mut about = sight.clone();
        for _ in 0..=MAX_WORDS {
            // Only beams that go on have a row.
            let last: Vec<usize> = searches.iter().flat_map(|it| it.active().map(|beam| beam.last)).collect();
            let count = last.len();
            let (next, said) = self.head.step(&vocabulary, &about, state, rows(last), |x| x);
            let values = read(vec![softmax(said.logits, 1), said.gaze]).await?;
            let cells = values[1].len() / count;
            let mut steps = values[0].chunks_exact(self.words.len()).zip(values[1].chunks_exact(cells)).enumerate();
            let (mut parents, mut photos) = (Vec::new(), Vec::new());
            for (photo, search) in searches.iter_mut().enumerate() {
                if search.active().next().is_none() {
                    continue;
                }
                let (grown, of_row) = self.grow(search, &mut steps);
                let kept = search.keep(grown);
                for (parent, beam) in kept.into_iter().zip(&search.beams) {
                    if !beam.done {
                        parents.push(of_row[parent]);
                        photos.push(photo);
                    }
                }
            }
            if parents.is_empty() {
                break;
            }
            go_on().await?;
            state = next.select(rows(parents));
            about = sight.clone().select(0, rows(photos));
        }
        Ok(searches.into_iter().filter_map(Search::finish).collect())
    }

    /// The continuations of a sentence's beams, each with the beam that it continues; and each beam's row.
    ///
    /// # Arguments
    /// * `steps` - of all rows that are left: the row's number, the probabilities of the words, the shares of the cells.
    fn grow<'a>(
        &self,
        search: &Search<'_>,
        steps: &mut impl Iterator<Item = (usize, (&'a [f32], &'a [f32]))>,
    ) -> (Vec<(usize, Beam)>, Vec<usize>) {
        let (mut grown, mut of_row) = (Vec::new(), Vec::new());
        for (i, beam) in search.beams.iter().enumerate() {
            if beam.done {
                grown.push((i, beam.clone()));
                of_row.push(0); // it has none, and nothing goes on from it
                continue;
            }
            let Some((row, (chances, gaze))) = steps.next() else { break };
            of_row.push(row);
            let said: Vec<&str> = beam.words.iter().flat_map(|word| word.text.split(' ')).collect();
            let prefix = Prefix {
                words: &self.words,
                lexicon: &self.lexicon,
                said: &said,
                grounding: search.grounding,
                used: &beam.used,
                after_noun: beam.words.last().is_some_and(|word| !word.detections.is_empty()),
                chances,
            };
            let choices = prefix.choices(search.width);
            let alternatives = self.alternatives(chances, &choices);
            grown.extend(choices.iter().map(|it| (i, beam.with(it, search.grounding, &alternatives, gaze))));
        }
        (grown, of_row)
    }

    /// The likeliest words, whether they may be said or not, and what detections choose, likeliest first.
    fn alternatives(&self, chances: &[f32], choices: &[Choice]) -> Vec<(String, f32)> {
        let text = |word: usize| if word == END { "(end)".to_owned() } else { self.words[word].clone() };
        let slots = choices.iter().filter(|it| it.naming.is_some()).map(|it| (it.text.clone(), it.probability));
        let mut likely: Vec<(String, f32)> = slots.collect();
        for word in likeliest(chances, ALTERNATIVES) {
            if likely.iter().all(|it| it.0 != text(word)) {
                likely.push((text(word), chances[word]));
            }
        }
        likely.sort_by(|a, b| b.1.total_cmp(&a.1));
        likely.truncate(ALTERNATIVES);
        likely
    }
}

impl Network for CaptionModel {
    fn load(bytes: Vec<u8>, device: &Device) -> Result<Self, WeightsError> {
        let weights = Weights::from_bytes(bytes)?;
        let words: Vec<String> = weights.note(WORDS_NOTE)?.lines().map(str::to_owned).collect();
        Ok(Self::new(CaptionHead::load(&weights, words.len(), device)?, words))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::structures::{caption::Word, nouns::Nouns};

    fn word(text: &str) -> Word {
        Word { text: text.into(), probability: 0.5, alternatives: vec![], detections: vec![], gaze: vec![] }
    }

    #[test]
    fn the_caption_is_followed_back_through_its_parents() {
        let beam = |words: &[&str]| Beam { words: words.iter().map(|it| word(it)).collect(), ..Beam::new(None) };
        let mut beams = vec![
            vec![beam(&["a"]).hypothesis(0), beam(&["two"]).hypothesis(0)],
            vec![beam(&["a", "dog"]).hypothesis(0), beam(&["two", "dogs"]).hypothesis(1)],
        ];
        mark_chosen(&mut beams, 1);
        let chosen: Vec<_> = beams.iter().flatten().filter(|it| it.is_chosen).map(|it| it.text.as_str()).collect();
        assert_eq!(chosen, ["two", "two dogs"]);
    }

    #[test]
    fn words_carry_their_detections_and_articles_agree() {
        let detection =
            |left: f32| Candidate { bbox: BBox::new(left, 0.0, left + 40.0, 40.0), class: 22, score: 0.9, prior: 0 };
        let grounding = Grounding::of_photo(&Nouns::of_coco(), &[detection(0.0)], (100, 100));
        let mut search = Search::new(Some(&grounding), BEAM);
        let choice = |text: &str, naming| Choice { text: text.into(), fed: 2, probability: 0.5, naming };
        let article = search.beams[0].with(&choice("a", None), Some(&grounding), &[], &[]);
        let naming = Some(crate::heads::caption::choices::Naming { thing: 0, count: 1 });
        let named = article.with(&choice("elephant", naming), Some(&grounding), &[], &[]);
        assert_eq!((named.text().as_str(), named.named), ("an elephant", 1));
        assert_eq!(named.words[1].detections, [0]);
        // A less likely sentence that names it outranks a likelier one, and both are kept.
        let silent = article.with(&choice("field", None), Some(&grounding), &[], &[]);
        let silent = silent.with(&choice("", None), Some(&grounding), &[], &[]);
        let ended = named.with(&Choice { probability: 0.1, ..choice("", None) }, Some(&grounding), &[], &[]);
        assert_eq!(search.keep(vec![(0, silent), (0, ended)]), [0, 0]);
        assert_eq!(search.finish().map(|it| it.best.text()).as_deref(), Some("an elephant"));
    }
}
