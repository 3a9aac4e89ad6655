//! The code that embeds a state of the page: the element of `lookout.js`, or a frame.

use crate::{controls::Controls, url_state::UrlState};

/// CSS pixels across that the frame's height is reckoned for.
const WIDTH: f32 = 720.0;
/// CSS pixels of a frame with everything in it.
const WHOLE: f32 = 720.0;
/// CSS pixels below the photo of what a few controls need.
const BELOW: f32 = 300.0;

/// The ways to embed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Way {
    /// `<look-out>`, for pages that take scripts.
    #[default]
    Element,
    /// `<iframe>`, for editors that take none.
    Frame,
}

impl Way {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Element, Self::Frame];

    /// Its name in the choice.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Element => "Element",
            Self::Frame => "Frame",
        }
    }

    /// Where it belongs.
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Element => {
                "For pages that take scripts. It has the height of what it shows, and loads when it comes near the screen."
            }
            Self::Frame => "For editors that take no scripts, such as those of learning platforms.",
        }
    }
}

/// What is embedded.
#[derive(Clone, Debug, PartialEq)]
pub struct Embedded {
    /// The page's state.
    pub state: UrlState,
    /// Where the page lies: an address that ends in a slash.
    pub base: String,
    /// Width over height of the photo.
    pub aspect: f32,
    /// What is on the photo, in words.
    pub alt: String,
}

impl Embedded {
    /// The address of the frame.
    pub fn address(&self) -> String {
        format!("{}{}", self.base, self.state.query())
    }

    /// The code, in HTML.
    pub fn code(&self, way: Way) -> String {
        match way {
            Way::Element => self.element(),
            Way::Frame => self.frame(),
        }
    }

    fn element(&self) -> String {
        let Self { state, base, alt, .. } = self;
        let query = state.query();
        let pairs = query.trim_start_matches('?').split('&').filter_map(|pair| pair.split_once('='));
        // The photo is named below; an open stage opens the look inside by itself.
        let pairs = pairs.filter(|(key, _)| *key != "photo" && !(*key == "inside" && state.stage.is_some()));
        let mut attributes: Vec<String> = pairs.map(|(key, value)| format!("{key}=\"{}\"", escaped(value))).collect();
        attributes.extend(state.photo.iter().map(|it| format!("src=\"{}\"", escaped(it))));
        if state.sample.is_some() || state.photo.is_some() {
            attributes.push(format!("ratio=\"{:.3}\"", self.aspect));
        }
        let whole = UrlState { controls: Controls::All, ..state.clone() };
        let link = escaped(&format!("{base}{}", whole.query()));
        let picture = self.picture().map_or_else(
            || "Open it in Lookout".to_owned(),
            |it| format!("<img src=\"{}\" alt=\"{}\">", escaped(&it), escaped(alt)),
        );
        format!(
            "<script src=\"{}lookout.js\" async></script>\n<look-out {}>\n  <a href=\"{link}\">{picture}</a>\n</look-out>",
            escaped(base),
            attributes.join(" ")
        )
    }

    fn frame(&self) -> String {
        format!(
            "<iframe src=\"{}\" width=\"100%\" height=\"{:.0}\" style=\"border: 0\" loading=\"lazy\" \
             allow=\"camera; clipboard-write; fullscreen\" title=\"Lookout: what is where in this photo\"></iframe>",
            escaped(&self.address()),
            self.height()
        )
    }

    /// The picture of those who run no scripts.
    fn picture(&self) -> Option<String> {
        let sample = self.state.sample.as_ref().map(|it| format!("{}photos/{it}.jpg", self.base));
        sample.or_else(|| self.state.photo.clone())
    }

    fn height(&self) -> f32 {
        let stage = (WIDTH / self.aspect.max(0.1)).min(WHOLE);
        let is_photo_alone = self.state.figure.is_none() && !self.state.compare;
        match self.state.controls {
            Controls::None if is_photo_alone => stage,
            Controls::Few if is_photo_alone && !self.state.inside => stage + BELOW,
            _ => WHOLE,
        }
    }
}

/// A text as the value of an attribute in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embedded(query: &str) -> Embedded {
        let base = "https://a.org/lookout/".to_owned();
        Embedded { state: UrlState::parse(query), base, aspect: 1.5, alt: "A \"cat\" & more".into() }
    }

    #[test]
    fn an_element_has_the_state_as_attributes_and_a_picture_to_fall_back_on() {
        let code = embedded("?system=faster-rcnn&inside=1&stage=rpn&sample=horses&controls=few").code(Way::Element);
        let expected = "<script src=\"https://a.org/lookout/lookout.js\" async></script>\n\
            <look-out system=\"faster-rcnn\" stage=\"rpn\" sample=\"horses\" controls=\"few\" ratio=\"1.500\">\n  \
            <a href=\"https://a.org/lookout/?system=faster-rcnn&amp;inside=1&amp;stage=rpn&amp;sample=horses\">\
            <img src=\"https://a.org/lookout/photos/horses.jpg\" alt=\"A &quot;cat&quot; &amp; more\"></a>\n</look-out>";
        assert_eq!(code, expected);
    }

    #[test]
    fn a_photo_by_its_address_is_the_source() {
        let code = embedded("?photo=https://b.org/a%20b.jpg%3Fc%3D%22&task=masks").code(Way::Element);
        assert!(code.contains("src=\"https://b.org/a b.jpg?c=&quot;\"") && !code.contains(" photo="), "{code}");
    }

    #[test]
    fn an_own_photo_is_in_no_code() {
        let code = embedded("?task=masks").code(Way::Element);
        assert!(!code.contains("<img") && !code.contains("ratio") && code.contains("Open it in Lookout"), "{code}");
    }

    #[test]
    fn a_frame_has_a_height_for_its_photo() {
        let height = |query: &str| embedded(query).height();
        assert_eq!(height("?controls=none&sample=cat"), 480.0);
        assert_eq!(height("?controls=few&sample=cat"), 780.0);
        assert_eq!(height("?sample=cat"), WHOLE);
        let code = embedded("?controls=none&sample=cat").code(Way::Frame);
        assert!(code.starts_with("<iframe src=\"https://a.org/lookout/?sample=cat&amp;controls=none\""), "{code}");
    }
}
