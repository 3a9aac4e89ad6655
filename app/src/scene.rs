//! Everything that is painted and said about a photo for one task, under the settings.

use std::sync::Arc;

use leptos::prelude::*;
use model::{catalog::System, run::Run};
use wasm_bindgen::JsValue;

use crate::{
    layers::{CaptionLayer, Layer, layer_of},
    paint::pen::{Pen, Shown},
    results::Results,
    settings::Settings,
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
    /// * `earlier` - what was made before: results that are in it are not worked out again.
    pub fn of(systems: &[System], results: &Results, earlier: Option<&Self>) -> Self {
        let source = |&system: &System| {
            let known = results.run(system)?;
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
}

impl PartialEq for Scene {
    fn eq(&self, other: &Self) -> bool {
        self.layers.len() == other.layers.len() && self.layers.iter().zip(&other.layers).all(|(a, b)| Arc::ptr_eq(a, b))
    }
}

impl Scene {
    /// The scene of a task's results.
    pub fn of(sources: &Sources, settings: &Settings) -> Self {
        Self::of_layers(sources.0.iter().map(|(_, layer)| layer.under(settings)).collect())
    }

    /// The scene of runs that are not kept, e.g. on the camera's picture.
    pub fn of_runs(runs: &[Run], settings: &Settings) -> Self {
        Self::of_layers(runs.iter().filter_map(layer_of).map(|layer| layer.under(settings)).collect())
    }

    fn of_layers(layers: Vec<Arc<dyn Layer>>) -> Self {
        let lead = (0..layers.len()).max_by_key(|&index| (layers[index].rank(), std::cmp::Reverse(index)));
        Self { layers, lead: lead.unwrap_or_default() }
    }

    /// The leading layer: headline, list and export are its own.
    pub fn lead(&self) -> Option<&dyn Layer> {
        self.layers.get(self.lead).map(|layer| &**layer)
    }

    /// Whether several layers lie over each other.
    pub const fn is_joint(&self) -> bool {
        self.layers.len() > 1
    }

    /// The layer of a kind.
    pub fn find<T: 'static>(&self) -> Option<&T> {
        self.layers.iter().find_map(|layer| layer.as_any().downcast_ref())
    }

    /// What was found, in a few words.
    pub fn headline(&self) -> String {
        self.lead().map(Layer::headline).unwrap_or_default()
    }

    /// The photo's caption, if there is one.
    pub fn sentence(&self) -> Option<String> {
        self.find::<CaptionLayer>().map(CaptionLayer::sentence)
    }

    /// The whole scene in one sentence, for those who do not see it.
    pub fn description(&self) -> String {
        let headline = self.sentence().unwrap_or_else(|| self.headline());
        let words = self.lead().map(Layer::words).unwrap_or_default();
        let colon = if words.is_empty() { "" } else { ": " };
        format!("{}{colon}{}.", headline.trim_end_matches('.'), words.trim_end_matches('.'))
    }

    /// Paints all layers over what is there: the leading one, what the others add, the labels.
    ///
    /// # Errors
    /// What the browser says; an unfinished picture stays behind.
    pub fn draw(&self, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
        let Some(lead) = self.lead() else { return Ok(()) };
        lead.draw(pen, shown, self.is_joint())?;
        let highlighted = lead.findings().and_then(|it| it.by_key(shown.highlighted)).map(|it| it.bbox);
        for layer in self.layers.iter().enumerate().filter(|(index, _)| *index != self.lead).map(|it| it.1) {
            layer.accompany(pen, shown, highlighted)?;
        }
        lead.draw_labels(pen, shown)
    }

    /// What the panel shows above the list.
    pub fn companions(&self) -> Vec<AnyView> {
        let others = self.layers.iter().enumerate().filter(|(index, _)| *index != self.lead);
        others.filter_map(|(_, layer)| layer.companion()).collect()
    }
}
