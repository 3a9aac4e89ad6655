//! Classification + localization: one class and one box for the whole photo.

use std::{any::Any, sync::Arc};

use js_sys::Array;
use model::structures::{boxes::BBox, location::Location};
use wasm_bindgen::JsValue;

use super::{Layer, ResultData, Section};
use crate::{
    paint::pen::{Pen, Shown, Tag},
    settings::Settings,
    words::{classes, numbers, results},
};

/// The kind of this layer.
pub const KIND: &str = "location";

/// One class and one box.
#[derive(Clone)]
pub struct LocationLayer {
    /// The class's probabilities and the box.
    pub location: Location,
}

impl LocationLayer {
    /// A location; no setting concerns it.
    pub fn of(location: &Location) -> Self {
        Self { location: location.clone() }
    }

    /// The likeliest class and its probability.
    fn best(&self) -> (usize, f32) {
        self.location.best()
    }

    /// The name of the likeliest class.
    pub fn name(&self) -> &'static str {
        classes::of_location(self.best().0)
    }

    /// Whether it is one of the network's classes; the last one is none of them.
    fn is_thing(&self) -> bool {
        self.location.is_thing()
    }
}

impl Layer for LocationLayer {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn under(&self, _settings: &Settings) -> Arc<dyn Layer> {
        Arc::new(self.clone())
    }

    fn headline(&self) -> String {
        let name = self.name();
        name.get(..1).map_or_else(String::new, |first| first.to_uppercase() + &name[1..])
    }

    fn words(&self) -> String {
        results::location(self.is_thing(), self.best().1)
    }

    fn draw(&self, pen: &Pen, shown: &Shown, _joint: bool) -> Result<(), JsValue> {
        if !self.is_thing() {
            return Ok(());
        }
        pen.context.set_global_alpha(f64::from(shown.reveal));
        pen.frame(&self.location.bbox, self.best().0, &shown.view, false)
    }

    fn draw_labels(&self, pen: &Pen, shown: &Shown) -> Result<(), JsValue> {
        if !self.is_thing() {
            return Ok(());
        }
        let (slot, probability) = self.best();
        let number = numbers::part(probability);
        let tag = Tag { bbox: self.location.bbox, number, name: self.name().to_owned(), slot };
        pen.labels(&[tag], &shown.view)?;
        pen.context.set_global_alpha(1.0);
        Ok(())
    }

    fn accompany(&self, pen: &Pen, shown: &Shown, highlighted: Option<BBox>) -> Result<(), JsValue> {
        if !self.is_thing() || highlighted.is_some() {
            return Ok(());
        }
        self.draw(pen, shown, true)?;
        pen.context.set_line_dash(&Array::new())?;
        pen.context.set_global_alpha(1.0);
        Ok(())
    }

    fn addition(&self) -> Option<&'static str> {
        self.is_thing().then(results::ONE_BOX)
    }

    fn finding(&self) -> Option<String> {
        let (class, probability) = self.best();
        self.is_thing().then(|| results::located(class, probability))
    }

    fn section(&self) -> Option<Section> {
        Some(Section::Location)
    }

    fn data(&self) -> ResultData<'_> {
        ResultData::Location(&self.location)
    }

    fn list(&self) -> Section {
        Section::Probabilities
    }
}

#[cfg(test)]
mod tests {
    use model::structures::location::CLASSES;

    use super::*;

    fn layer(class: usize, probability: f32) -> LocationLayer {
        let mut probabilities = vec![(1.0 - probability) / 20.0; CLASSES.len()];
        probabilities[class] = probability;
        LocationLayer::of(&Location { probabilities, bbox: BBox::new(0.0, 0.0, 1.0, 1.0) })
    }

    #[test]
    fn one_thing_or_none() {
        let cat = layer(7, 0.8);
        assert_eq!((cat.headline().as_str(), cat.words().as_str()), ("Cat", "80% sure, in one box."));
        let none = layer(CLASSES.len() - 1, 0.7);
        assert_eq!(none.headline(), "None of these");
        assert!(none.words().contains("of 20 classes, and is 70% sure"), "{}", none.words());
    }
}
