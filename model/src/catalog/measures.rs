//! How quick and how good each system is: what its paper states, and what was measured here.
//!
//! Published numbers are of other networks on other machines: they stand beside the page's own and are marked as published.

use super::System;

/// What a paper states.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Published {
    /// Seconds for one photo on a GPU.
    pub seconds: f64,
    /// What the seconds leave out; empty if nothing.
    pub without: &'static str,
    /// The best quality that belongs to these seconds, as the paper writes it.
    pub quality: &'static str,
    /// What [`Published::quality`] is.
    pub measure: &'static str,
    /// The network and the GPU that it ran on.
    pub setting: &'static str,
    /// Authors and year.
    pub source: &'static str,
}

/// What was measured on photos that were kept back from training, with this project's weights.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measured {
    /// From 0 to 1, as the card has it.
    pub value: f32,
    /// What it is.
    pub measure: &'static str,
    /// On what, in words.
    pub on: &'static str,
    /// SSD's value on the same photos, where they are not all of the kept back ones.
    pub ssd_there: Option<f32>,
    /// The card of the weights, in `assets/weights`.
    pub card: &'static str,
    /// What says it again: the arguments of `evaluate`, or of `train` for a cross-validation.
    pub command: &'static str,
}

const VOC_2007: &str = "mAP on VOC 2007";
const VOC: &str = "VOC mAP";
const ALL: &str = "483 photos";
const SOME: &str = "97 of the photos";
const SEVEN: &str = "mean IoU of seven classes";
const LOCATED: &str = "class and box right";

impl System {
    /// What a paper states of the system; `None` where it states no seconds on a GPU.
    #[must_use]
    pub const fn published(self) -> Option<Published> {
        let (seconds, without, quality, measure, setting, source) = match self {
            // Girshick 2015, table 4 (largest networks, seconds without proposals) and table 1 (trained on VOC 2007).
            Self::Rcnn => (47.0, "proposals", "66.0", VOC_2007, "VGG16, K40", "Girshick 2015"),
            Self::SppNet => (2.3, "proposals", "63.1", VOC_2007, "VGG16, K40", "Girshick 2015"),
            Self::FastRcnn => (0.32, "proposals", "66.9 to 70.0", VOC_2007, "VGG16, K40", "Girshick 2015"),
            // Ren et al. 2015, tables 3 and 5: trained on VOC 2007 alone, and on 2007 and 2012.
            Self::FasterRcnn => (0.198, "", "69.9 to 73.2", VOC_2007, "VGG16, K40", "Ren et al. 2015"),
            Self::RFcn => (0.17, "", "79.5", VOC_2007, "ResNet-101, K40", "Dai et al. 2016"),
            // Redmon et al. 2016, table 1: 45 frames a second.
            Self::Yolo => (0.022, "", "63.4", VOC_2007, "Titan X", "Redmon et al. 2016"),
            // Liu et al. 2016, table 7: SSD300 at 46 frames a second; 77.2 with the later augmentation.
            Self::Ssd => (0.022, "", "74.3 to 77.2", VOC_2007, "VGG16, Titan X", "Liu et al. 2016"),
            // He et al. 2017, table 1 and section 4.4.
            Self::MaskRcnn => (0.195, "", "35.7", "mask AP on COCO", "ResNet-101-FPN, M40", "He et al. 2017"),
            // Long et al. 2015, table 3: FCN-8s.
            Self::Fcn => (0.175, "", "62.2", "mean IoU on VOC 2012", "VGG16, K40", "Long et al. 2015"),
            _ => return None,
        };
        Some(Published { seconds, without, quality, measure, setting, source })
    }

    /// What was measured of the system with this project's weights; `None` where nothing was.
    #[must_use]
    pub const fn measured(self) -> Option<Measured> {
        let (value, measure, on, ssd_there, card, command) = match self {
            Self::Ssd => (0.668, VOC, ALL, None, "faster-rcnn.md", "boxes --system ssd"),
            Self::FasterRcnn => (0.678, VOC, ALL, None, "faster-rcnn.md", "boxes --system faster-rcnn"),
            Self::RFcn => (0.610, VOC, ALL, None, "r-fcn.md", "boxes --system r-fcn"),
            Self::Yolo => (0.488, VOC, ALL, None, "yolo.md", "boxes --system yolo"),
            Self::FastRcnn => (0.691, VOC, SOME, Some(0.750), "fast-rcnn.md", "boxes --system fast-rcnn"),
            Self::SppNet => (0.670, VOC, SOME, Some(0.750), "spp-net.md", "boxes --system spp-net"),
            Self::Rcnn => (
                0.501,
                VOC,
                "97 of the photos, 1,000 proposals",
                Some(0.750),
                "rcnn.md",
                "boxes --system rcnn --proposals 1000",
            ),
            Self::Masks => {
                (0.627, "mean IoU in true boxes", "731 things", None, "mask.md", "mask --folds 5 --steps 250")
            }
            Self::Fcn => (0.719, SEVEN, "345 photos", None, "segment.md", "segment --system fcn"),
            Self::FcnMasks => (0.720, SEVEN, "345 photos", None, "segment.md", "segment --system fcn-masks"),
            Self::Localize => (0.557, LOCATED, ALL, None, "localize.md", "localize --system localize"),
            Self::IterativeLocalization => {
                (0.675, LOCATED, ALL, None, "localize.md", "localize --system iterative-localization")
            }
            Self::Captions => (0.380, "CIDEr of whole photos", "748 photos", None, "caption.md", "caption"),
            _ => return None,
        };
        Some(Measured { value, measure, on, ssd_there, card, command })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::CATALOG;

    #[test]
    fn every_measured_figure_stands_in_its_card() {
        let mut figures = 0;
        for measured in CATALOG.iter().filter_map(|info| info.system.measured()) {
            let path = format!("{}/../assets/weights/{}", env!("CARGO_MANIFEST_DIR"), measured.card);
            let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
            for value in [Some(measured.value), measured.ssd_there].into_iter().flatten() {
                let figure = format!("{value:.3}");
                assert!(text.contains(&figure), "{figure} is not in {}: bring the table up to date", measured.card);
                figures += 1;
            }
        }
        assert!(figures > 10);
    }

    #[test]
    fn published_seconds_fall_along_the_lecture() {
        let seconds = |system: System| system.published().map(|it| it.seconds);
        let order = [System::Rcnn, System::SppNet, System::FastRcnn, System::FasterRcnn, System::RFcn, System::Yolo];
        assert!(order.windows(2).all(|pair| seconds(pair[0]) > seconds(pair[1])));
        assert_eq!(System::SlidingWindow.published(), None);
    }
}
