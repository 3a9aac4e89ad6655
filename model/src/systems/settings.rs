//! What systems can be asked to do differently.

use crate::{
    heads::{
        movenet::{MAX_PEOPLE, MIN_PERSON_SCORE, SecondLook},
        segment::map_size,
    },
    proposals::rpn::ProposalRule,
    structures::boxes::Suppression,
};

/// Detections with a lower score get no mask.
pub const MIN_MASK_SCORE: f32 = 0.2;
/// At most so many detections get a mask.
pub const MAX_MASKS: usize = 30;
/// Detections with a lower score get no caption: sentences about doubtful objects are about nothing.
pub const MIN_CAPTION_SCORE: f32 = 0.5;
/// At most so many regions get a caption.
pub const MAX_REGIONS: usize = 6;
/// A region with a smaller share of the photo gets no caption: the network sees it as a few cells.
pub const MIN_REGION: f32 = 0.02;

/// At most so many regions of Selective Search are looked at (Girshick et al. 2014).
pub const MAX_SEARCHED: usize = 2000;

/// What systems can be asked to do differently; the page uses the defaults.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Whether SSD looks at parts of the photo, too, for all systems on its boxes; and on them the mask branch at a crop of each,
    /// MoveNet at a mirrored crop of each.
    pub closer: bool,
    /// At most so many regions of a proposal network are looked at.
    pub rpn_proposals: usize,
    /// At most so many regions of Selective Search are looked at.
    pub searched_proposals: usize,
    /// Which people get joints.
    pub people: Suppression,
    /// Whether people are looked at a second time.
    pub second_look: SecondLook,
    /// Shapes of pixels that crops of people are tried with, width over height; the joints that score best stay. Not empty.
    pub pixel_aspects: Vec<f32>,
    /// Which detections get a mask.
    pub masks: Suppression,
    /// Which detections get a caption.
    pub regions: Suppression,
    /// The smallest share of the photo that gets a caption, 0 to 1.
    pub min_region: f32,
    /// Width and height of the class map; the photo's, at most [`crate::heads::segment::MAX_SIDE`] pixels long, if not given.
    pub map_size: Option<(usize, usize)>,
}

impl Settings {
    /// How people are looked at again: in a closer look mirrored, too, and before those whose skeleton is a neighbour's are looked at
    /// alone, since a mirrored crop has the neighbour, too. On the people of COCO's 80 fully labelled photos the average
    /// precision grows from 0.300 to 0.318.
    #[must_use]
    pub fn looks(&self) -> Vec<SecondLook> {
        let mirrored = self.closer && self.second_look == SecondLook::Alone;
        mirrored.then_some(SecondLook::Mirrored).into_iter().chain([self.second_look]).collect()
    }

    /// Width and height of the class map of a photo.
    ///
    /// # Arguments
    /// * `photo` - its width and height in pixels.
    #[must_use]
    pub fn class_map_size(&self, photo: (u32, u32)) -> (usize, usize) {
        self.map_size.unwrap_or_else(|| map_size(photo))
    }
}

impl Default for Settings {
    fn default() -> Self {
        let rule = |min_score, max_boxes| Suppression { min_score, max_boxes, ..Suppression::default() };
        Self {
            closer: false,
            rpn_proposals: ProposalRule::default().after_suppression,
            searched_proposals: MAX_SEARCHED,
            people: rule(MIN_PERSON_SCORE, MAX_PEOPLE),
            second_look: SecondLook::default(),
            pixel_aspects: vec![1.0],
            masks: rule(MIN_MASK_SCORE, MAX_MASKS),
            regions: rule(MIN_CAPTION_SCORE, MAX_REGIONS),
            min_region: MIN_REGION,
            map_size: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closer_look_mirrors_people_first() {
        let closer = |second_look| Settings { closer: true, second_look, ..Settings::default() }.looks();
        assert_eq!(closer(SecondLook::Alone), [SecondLook::Mirrored, SecondLook::Alone]);
        assert_eq!(closer(SecondLook::Turned), [SecondLook::Turned], "whoever asks for something else gets that");
        assert_eq!(Settings::default().looks(), [SecondLook::default()]);
    }
}
