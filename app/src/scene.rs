//! Everything that is painted and said about a photo for one task, under the settings.

use std::{collections::BTreeSet, sync::Arc};

use model::{catalog::System, run::Run};
use wasm_bindgen::JsValue;

use crate::{
    layers::{CaptionLayer, Layer, Section, layer_of},
    paint::pen::{Pen, Shown},
    results::Results,
    settings::Settings,
    words::results,
};

/// The layers of a task's results under the usual settings, with their numbers: made once a result.
#[derive(Clone, Default)]
pub struct Sources(Vec<(u32, Arc<dyn Layer>)>);

impl PartialEq for Sources {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len() && self.0.iter().zip(&other.0).all(|(a, b)| a.0 == b.0)
    }
}

impl Sources {
    /// The layers of systems, once all of them have something to show: their results, or what a long stage has found so far.
    ///
    /// # Arguments
    /// * `closer` - whether what a closer look has found counts, once all of them have it.
    /// * `earlier` - what was made before: results that are in it are not worked out again.
    pub fn of(systems: &[System], results: &Results, closer: bool, earlier: Option<&Self>) -> Self {
        let closer = closer && results.is_closer(systems);
        let source = |&system: &System| {
            let known = results.closer_run(system).filter(|_| closer).or_else(|| results.run(system))?;
            let number = known.shown?;
            let earlier = earlier.and_then(|it| it.0.iter().find(|it| it.0 == number));
            match earlier {
                Some(earlier) => Some(earlier.clone()),
                None => Some((number, layer_of(&known.run)?)),
            }
        };
        Self(systems.iter().map(source).collect::<Option<_>>().unwrap_or_default())
    }
}

/// What is on show.
#[derive(Clone, Default)]
pub struct Scene {
    layers: Vec<Arc<dyn Layer>>,
    lead: usize,
    /// The kinds of layers that are not drawn beside others.
    hidden: BTreeSet<&'static str>,
}

/// What a layer adds to the photo beside others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addition {
    /// The layer's kind.
    pub kind: &'static str,
    /// What it adds, in words.
    pub name: &'static str,
    /// Whether it is drawn.
    pub is_drawn: bool,
}

impl PartialEq for Scene {
    fn eq(&self, other: &Self) -> bool {
        let same = self.layers.iter().zip(&other.layers).all(|(a, b)| Arc::ptr_eq(a, b));
        same && self.layers.len() == other.layers.len() && self.hidden == other.hidden
    }
}

impl Scene {
    /// The scene of a task's results.
    pub fn of(sources: &Sources, settings: &Settings) -> Self {
        Self::of_layers(sources.0.iter().map(|(_, layer)| layer.under(settings)).collect(), settings)
    }

    /// The scene of runs that are not kept, e.g. on the camera's picture.
    pub fn of_runs(runs: &[Run], settings: &Settings) -> Self {
        Self::of_layers(runs.iter().filter_map(layer_of).map(|layer| layer.under(settings)).collect(), settings)
    }

    /// The scene of one layer.
    pub fn of_layer(layer: Arc<dyn Layer>) -> Self {
        Self { layers: vec![layer], ..Self::default() }
    }

    fn of_layers(layers: Vec<Arc<dyn Layer>>, settings: &Settings) -> Self {
        let lead = (0..layers.len()).max_by_key(|&index| (layers[index].rank(), std::cmp::Reverse(index)));
        Self { layers, lead: lead.unwrap_or_default(), hidden: settings.hidden_layers.clone() }
    }

    /// The leading layer: list and export are its own.
    pub fn lead(&self) -> Option<&dyn Layer> {
        self.layers.get(self.lead).map(|layer| &**layer)
    }

    /// The layers beside the leading one.
    pub fn others(&self) -> impl Iterator<Item = &dyn Layer> {
        self.layers.iter().enumerate().filter(|(index, _)| *index != self.lead).map(|(_, layer)| &**layer)
    }

    /// Whether several layers lie over each other.
    pub const fn is_joint(&self) -> bool {
        self.layers.len() > 1
    }

    /// The layer of a kind.
    pub fn find<T: 'static>(&self) -> Option<&T> {
        self.layers.iter().find_map(|layer| layer.as_any().downcast_ref())
    }

    /// What several layers add to the photo; nothing for a single one.
    pub fn additions(&self) -> Vec<Addition> {
        let layers = self.layers.iter().filter(|_| self.is_joint());
        let addition = |layer: &Arc<dyn Layer>| {
            let kind = layer.kind();
            Some(Addition { kind, name: layer.addition()?, is_drawn: !self.hidden.contains(kind) })
        };
        layers.filter_map(addition).collect()
    }

    /// Whether the leading layer has found nothing at all, hidden things included.
    fn is_lead_empty(&self) -> bool {
        self.lead().and_then(|lead| lead.findings()).is_some_and(|it| it.classes.is_empty())
    }

    /// What the other layers have found where the leading one has found nothing.
    fn findings_of_others(&self) -> Vec<String> {
        if self.is_lead_empty() { self.others().filter_map(Layer::finding).collect() } else { Vec::new() }
    }

    /// What was found, in a few words.
    pub fn headline(&self) -> String {
        match (self.lead(), self.findings_of_others().is_empty()) {
            (Some(_), false) => results::NOTHING_IN_A_BOX().into(),
            (Some(lead), true) => lead.headline(),
            (None, _) => String::new(),
        }
    }

    /// More about it, or a way out of an empty result.
    pub fn detail(&self) -> String {
        let others = self.findings_of_others();
        if others.is_empty() { self.lead().map(Layer::detail).unwrap_or_default() } else { others.join(". ") }
    }

    /// The photo's caption, if there is one.
    pub fn sentence(&self) -> Option<String> {
        self.find::<CaptionLayer>().map(CaptionLayer::sentence)
    }

    /// A sentence for those who do not see the photo, if there is a caption: the caption, or what the boxes hold where they
    /// speak against it.
    pub fn alt_text(&self) -> Option<String> {
        self.find::<CaptionLayer>().map(CaptionLayer::alt_text)
    }

    /// Whether the headline is a caption: they are English, whatever the language of the page.
    pub fn is_headline_english(&self) -> bool {
        !self.is_joint() && self.find::<CaptionLayer>().is_some_and(CaptionLayer::is_alt_text_english)
    }

    /// The whole scene in one sentence, for those who do not see it.
    pub fn description(&self) -> String {
        let headline = self.alt_text().unwrap_or_else(|| self.headline());
        let others = self.findings_of_others().join(", ");
        let words = if others.is_empty() { self.lead().map(Layer::words).unwrap_or_default() } else { others };
        let colon = if words.is_empty() { "" } else { ": " };
        format!("{}{colon}{}.", headline.trim_end_matches('.'), words.trim_end_matches('.'))
    }

    /// Paints all layers over what is there: what lies below, the leading one, what the others add, the labels. If something
    /// of another layer stands out, that layer is painted alone.
    ///
    /// # Errors
    /// What the browser says; an unfinished picture stays behind.
    pub fn draw(&self, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
        let Some(lead) = self.lead() else { return Ok(()) };
        let alone = shown.highlighted.and_then(|it| self.others().find(|layer| layer.kind() == it.kind));
        if let Some(layer) = alone {
            layer.draw(pen, shown, false)?;
            return layer.draw_labels(pen, shown);
        }
        let drawn = |layer: &&dyn Layer| !self.hidden.contains(layer.kind());
        for layer in self.others().filter(drawn).filter(|_| shown.highlighted.is_none()) {
            layer.underlie(pen, shown)?;
        }
        let leads = drawn(&lead) || !self.is_joint() || shown.highlighted.is_some();
        if leads {
            lead.draw(pen, shown, self.is_joint())?;
        }
        let key = shown.highlighted_in(lead.kind());
        let highlighted = lead.findings().and_then(|it| it.by_key(key)).map(|it| it.bbox);
        for layer in self.others().filter(drawn) {
            layer.accompany(pen, shown, highlighted)?;
        }
        if leads { lead.draw_labels(pen, shown) } else { Ok(()) }
    }

    /// What the panel shows above the list.
    pub fn companions(&self) -> Vec<Section> {
        self.others().filter_map(Layer::companion).collect()
    }

    /// What the panel shows of the other layers below the list.
    pub fn sections(&self) -> Vec<Section> {
        self.others().filter_map(Layer::section).collect()
    }
}

#[cfg(test)]
mod tests {
    use model::structures::{
        boxes::{BBox, Candidate},
        class_map::ClassMap,
        location::Location,
        stage::{Artifact, Stage},
    };

    use super::*;

    /// The run of a system that ends with an artifact, with detections before it.
    fn run(system: System, artifact: Artifact, detections: &[Candidate]) -> Run {
        let stages = system.info().stages;
        let last = stages.len() - 1;
        let mut run = Run::new(system);
        for (at, info) in stages.iter().enumerate() {
            let artifact = match info.key {
                _ if at == last => Some(artifact.clone()),
                "corrections" => Some(Artifact::Detections(detections.to_vec())),
                _ => None,
            };
            run.note(Stage {
                key: info.key.into(),
                ms: 1.0,
                passes: 0,
                queued: false,
                reused: false,
                progress: None,
                artifact,
            });
        }
        run
    }

    fn everything(detections: &[Candidate], settings: &Settings) -> Scene {
        let map = ClassMap { width: 4, height: 1, labels: vec![4, 0, 0, 0], certainty: vec![255; 4] };
        let location = Location { probabilities: [[0.0; 20].as_slice(), &[1.0]].concat(), bbox: BBox::default() };
        let runs = [
            run(System::Ssd, Artifact::Detections(detections.to_vec()), detections),
            run(System::Fcn, Artifact::ClassMap(map), detections),
            run(System::Localize, Artifact::Location(location), detections),
        ];
        Scene::of_runs(&runs, settings)
    }

    #[test]
    fn what_only_the_class_map_has_is_named() {
        let scene = everything(&[], &Settings::default());
        assert_eq!((scene.headline().as_str(), scene.detail().as_str()), ("Nothing in a box", "Class map: boat 25%"));
        assert_eq!(scene.description(), "Nothing in a box: Class map: boat 25%.");
    }

    #[test]
    fn what_is_in_boxes_leads() {
        let boat = Candidate { bbox: BBox::new(0.0, 0.0, 9.0, 9.0), class: 9, score: 0.9, prior: 0 };
        let scene = everything(&[boat], &Settings::default());
        assert_eq!((scene.headline().as_str(), scene.detail().as_str()), ("1 thing found", "1 boat"));
        let hidden = Settings { hidden: BTreeSet::from([9]), ..Settings::default() };
        assert_eq!(everything(&[boat], &hidden).headline(), "Everything is hidden");
    }

    #[test]
    fn what_adds_something_can_be_switched_off() {
        let mut settings = Settings::default();
        let names = |scene: &Scene| scene.additions().iter().map(|it| (it.name, it.is_drawn)).collect::<Vec<_>>();
        assert_eq!(names(&everything(&[], &settings)), [("Class map", true)], "no thing, no box");
        settings.hidden_layers.insert("class-map");
        assert_eq!(names(&everything(&[], &settings)), [("Class map", false)]);
    }
}
