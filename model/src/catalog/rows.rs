//! The rows of the catalogue, and the stages that several systems share.

use super::{Info, StageInfo, System, Task, stage};
use crate::structures::{class_map, classes::COCO_NAMES, location};

/// The photo as the detector reads it.
pub const INPUT: StageInfo = stage("input", "Input");
/// MobileNetV2's feature maps.
pub const BACKBONE: StageInfo = stage("mobilenet-v2", "Backbone");
/// SSD's six maps with the class scores of every default box on them.
pub const CLASS_SCORES: StageInfo = stage("class-scores", "Six maps");
/// SSD's head on its six maps, with the default boxes that it corrects.
pub const DEFAULT_BOXES: StageInfo = stage("default-boxes", "Default boxes");
/// SSD's corrected boxes with scores, before suppression.
pub const CORRECTIONS: StageInfo = stage("corrections", "Corrections");
/// SSD's corrected boxes with those that it finds in parts of the photo, before suppression: in runs that look closer.
pub const CLOSER_LOOK: StageInfo = stage("closer-look", "Closer look");
/// The maps of the way up to stride 4, with the detector's class scores.
pub const UPSAMPLING: StageInfo = stage("upsampling", "Down and up");
/// A score for each class at each place of the stride-4 map.
pub const SCORE_MAPS: StageInfo = stage("score-maps", "Score maps");
/// The maps that the mask branch reads.
pub const MASK_PYRAMID: StageInfo = stage("mask-pyramid", "Up to stride 4");
/// The regions that get a mask.
pub const MASK_ALIGN: StageInfo = stage("roi-align", "RoIAlign");
/// The masks of SSD's boxes.
pub const MASK_HEAD: StageInfo = stage("mask-head", "Mask branch");
/// How many parts a closer look has.
pub const CLOSER_PARTS: u32 = 13;
/// Selective Search: segments, their merges and the proposals, which R-CNN, SPP-net and Fast R-CNN share.
pub const SELECTIVE_SEARCH: StageInfo = stage("selective-search", "Selective Search");

/// The photo as the region systems read it.
pub const INPUT_416: StageInfo = stage("input-416", "Input");
/// MobileNetV2's feature maps at the input of the region systems.
pub const BACKBONE_416: StageInfo = stage("mobilenet-v2-416", "Backbone");
/// The photo as YOLO reads it.
pub const INPUT_288: StageInfo = stage("input-288", "Input");
/// MobileNetV2's feature maps at YOLO's input.
pub const BACKBONE_288: StageInfo = stage("mobilenet-v2-288", "Backbone");
/// YOLO's tensor.
pub const CELLS: StageInfo = stage("cells", "7 × 7 cells");
/// The boxes of YOLO's cells with their classes, before suppression.
pub const CELL_BOXES: StageInfo = stage("cell-boxes", "Boxes of cells");

/// People's boxes with a margin, each stretched to a square.
pub const STRETCHED_CROPS: StageInfo = stage("stretched-crops", "Person crops");
/// The vector of each person, and the points that it becomes.
pub const POSE_POINTS: StageInfo = stage("pose-points", "28 numbers");
/// The points as joints.
pub const REGRESSED_JOINTS: StageInfo = stage("regressed-joints", "Joints");

/// One vector for the whole photo.
pub const VECTOR: StageInfo = stage("vector", "Vector");
/// A class and a box from the vector.
pub const TWO_HEADS: StageInfo = stage("two-heads", "Two heads");
/// A crop round the first box, as the network reads it.
pub const SECOND_CROP: StageInfo = stage("second-crop", "Crop round the box");
/// A class and a box from that crop, with what the first look says of the class.
pub const SECOND_LOOK: StageInfo = stage("second-look", "Second look");
/// A crop round the second box.
pub const THIRD_CROP: StageInfo = stage("third-crop", "Crop once more");
/// A class and a box from that crop, with what the looks before say of the class.
pub const THIRD_LOOK: StageInfo = stage("third-look", "Third look");

/// The feature pyramid on the backbone.
pub const PYRAMID: StageInfo = stage("feature-pyramid", "Feature pyramid");
/// The region proposal network's anchors with their objectness and first correction.
pub const ANCHORS: StageInfo = stage("rpn", "Anchors");
/// The anchors that became proposals.
pub const PROPOSALS: StageInfo = stage("proposals", "Proposals");
/// The best regions of Selective Search.
pub const SEARCHED: StageInfo = stage("searched-proposals", "Proposals");
/// The proposals on the pyramid, without rounding.
pub const ROI_ALIGN: StageInfo = stage("roi-align-7", "RoIAlign");
/// The second stage on aligned regions.
pub const ALIGNED_BOX_HEAD: StageInfo = stage("box-head-aligned", "Box head");

/// The regions of people on the backbone's maps, without rounding.
pub const PERSON_REGIONS: StageInfo = stage("person-regions", "RoIAlign of people");
/// For each joint of a person how likely each place is.
pub const KEYPOINT_MAPS: StageInfo = stage("keypoint-maps", "Places of joints");
/// The joints of people by their likeliest places.
pub const KEYPOINTS: StageInfo = stage("keypoints", "Joints");

/// Every system, those of a task together, its default first.
pub const CATALOG: &[Info] = &[
    Info {
        system: System::Ssd,
        key: "ssd",
        title: "SSD",
        paper: "Liu et al. 2016",
        task: Task::Boxes,
        weights: &["ssd"],
        classes: &COCO_NAMES,
        live: true,
        stages: &[INPUT, BACKBONE, CLASS_SCORES, DEFAULT_BOXES, CORRECTIONS],
    },
    Info {
        system: System::Yolo,
        key: "yolo",
        title: "YOLO",
        paper: "Redmon et al. 2016",
        task: Task::Boxes,
        weights: &["ssd", "yolo"],
        classes: &COCO_NAMES,
        live: true,
        stages: &[INPUT_288, BACKBONE_288, CELLS, CELL_BOXES],
    },
    Info {
        system: System::FasterRcnn,
        key: "faster-rcnn",
        title: "Faster R-CNN",
        paper: "Ren et al. 2015",
        task: Task::Boxes,
        weights: &["ssd", "rpn", "faster-rcnn"],
        classes: &COCO_NAMES,
        live: false,
        stages: &[INPUT_416, BACKBONE_416, PYRAMID, ANCHORS, PROPOSALS, ROI_ALIGN, ALIGNED_BOX_HEAD],
    },
    Info {
        system: System::FastRcnn,
        key: "fast-rcnn",
        title: "Fast R-CNN",
        paper: "Girshick 2015",
        task: Task::Boxes,
        weights: &["ssd", "rpn", "fast-rcnn"],
        classes: &COCO_NAMES,
        live: false,
        stages: &[
            SELECTIVE_SEARCH,
            SEARCHED,
            INPUT_416,
            BACKBONE_416,
            PYRAMID,
            stage("roi-pool", "RoIPool"),
            stage("box-head", "Box head"),
        ],
    },
    Info {
        system: System::Rcnn,
        key: "rcnn",
        title: "R-CNN",
        paper: "Girshick et al. 2014",
        task: Task::Boxes,
        weights: &["ssd", "rcnn"],
        classes: &COCO_NAMES,
        live: false,
        stages: &[
            SELECTIVE_SEARCH,
            SEARCHED,
            stage("rcnn-crops", "Crops"),
            stage("crop-scores", "Scores"),
            stage("crop-corrections", "Corrections"),
        ],
    },
    Info {
        system: System::SppNet,
        key: "spp-net",
        title: "SPP-net",
        paper: "He et al. 2014",
        task: Task::Boxes,
        weights: &["ssd", "rpn", "spp-net"],
        classes: &COCO_NAMES,
        live: false,
        stages: &[
            SELECTIVE_SEARCH,
            SEARCHED,
            INPUT_416,
            BACKBONE_416,
            PYRAMID,
            stage("spatial-pyramid", "Spatial pyramid"),
            stage("spp-head", "Head"),
        ],
    },
    Info {
        system: System::RFcn,
        key: "r-fcn",
        title: "R-FCN",
        paper: "Dai et al. 2016",
        task: Task::Boxes,
        weights: &["ssd", "rpn", "r-fcn"],
        classes: &COCO_NAMES,
        live: false,
        stages: &[
            INPUT_416,
            BACKBONE_416,
            PYRAMID,
            ANCHORS,
            PROPOSALS,
            stage("part-maps", "Score maps of parts"),
            stage("part-votes", "Votes"),
        ],
    },
    Info {
        system: System::SlidingWindow,
        key: "sliding-window",
        title: "Sliding window",
        paper: "Rowley et al. 1998",
        task: Task::Boxes,
        weights: &["ssd", "rpn", "faster-rcnn"],
        classes: &COCO_NAMES,
        live: false,
        stages: &[stage("windows", "Windows"), stage("window-scores", "Scored windows")],
    },
    Info {
        system: System::MoveNet,
        key: "movenet",
        title: "MoveNet",
        paper: "Votel and Li 2021",
        task: Task::Skeletons,
        weights: &["ssd", "movenet"],
        classes: &["person"],
        live: true,
        stages: &[
            INPUT,
            BACKBONE,
            CLASS_SCORES,
            DEFAULT_BOXES,
            CORRECTIONS,
            stage("person-crops", "Person crops"),
            stage("heat-maps", "Heat maps"),
            stage("joints", "Joints"),
        ],
    },
    Info {
        system: System::PoseRegression,
        key: "pose-regression",
        title: "Pose by regression",
        paper: "Toshev and Szegedy 2014",
        task: Task::Skeletons,
        weights: &["ssd", "pose-regression"],
        classes: &["person"],
        live: true,
        stages: &[
            INPUT,
            BACKBONE,
            CLASS_SCORES,
            DEFAULT_BOXES,
            CORRECTIONS,
            STRETCHED_CROPS,
            POSE_POINTS,
            REGRESSED_JOINTS,
        ],
    },
    Info {
        system: System::KeypointRcnn,
        key: "keypoint-rcnn",
        title: "Keypoint R-CNN",
        paper: "He et al. 2017",
        task: Task::Skeletons,
        weights: &["ssd", "rpn", "faster-rcnn", "keypoint-branch"],
        classes: &["person"],
        live: false,
        stages: &[
            INPUT_416,
            BACKBONE_416,
            PYRAMID,
            ANCHORS,
            PROPOSALS,
            ROI_ALIGN,
            ALIGNED_BOX_HEAD,
            PERSON_REGIONS,
            KEYPOINT_MAPS,
            KEYPOINTS,
        ],
    },
    Info {
        system: System::Masks,
        key: "masks",
        title: "Mask branch on SSD",
        paper: "He et al. 2017",
        task: Task::Masks,
        weights: &["ssd", "mask"],
        classes: &COCO_NAMES,
        live: true,
        stages: &[INPUT, BACKBONE, CLASS_SCORES, DEFAULT_BOXES, CORRECTIONS, MASK_PYRAMID, MASK_ALIGN, MASK_HEAD],
    },
    Info {
        system: System::MaskRcnn,
        key: "mask-rcnn",
        title: "Mask R-CNN",
        paper: "He et al. 2017",
        task: Task::Masks,
        weights: &["ssd", "rpn", "faster-rcnn", "keypoint-branch", "mask"],
        classes: &COCO_NAMES,
        live: false,
        stages: &[
            INPUT_416,
            BACKBONE_416,
            PYRAMID,
            ANCHORS,
            PROPOSALS,
            ROI_ALIGN,
            ALIGNED_BOX_HEAD,
            PERSON_REGIONS,
            KEYPOINT_MAPS,
            KEYPOINTS,
            stage("mask-pyramid-416", "Up to stride 4"),
            stage("roi-align-14", "RoIAlign of masks"),
            stage("mask-head-416", "Mask branch"),
        ],
    },
    Info {
        system: System::Fcn,
        key: "fcn",
        title: "Fully convolutional",
        paper: "Long et al. 2015",
        task: Task::ClassMap,
        weights: &["ssd", "segment"],
        classes: &class_map::CLASSES,
        live: true,
        stages: &[INPUT, BACKBONE, CLASS_SCORES, UPSAMPLING, SCORE_MAPS, stage("class-map", "Class map")],
    },
    Info {
        system: System::FcnMasks,
        key: "fcn-masks",
        title: "FCN and masks",
        paper: "Xiong et al. 2019",
        task: Task::ClassMap,
        weights: &["ssd", "mask", "segment"],
        classes: &class_map::CLASSES,
        live: true,
        stages: &[
            INPUT,
            BACKBONE,
            CLASS_SCORES,
            UPSAMPLING,
            SCORE_MAPS,
            DEFAULT_BOXES,
            CORRECTIONS,
            MASK_PYRAMID,
            MASK_ALIGN,
            MASK_HEAD,
            stage("joint-scores", "Scores and masks"),
            stage("joint-map", "Class map"),
        ],
    },
    Info {
        system: System::FcnFull,
        key: "fcn-full",
        title: "Full resolution",
        paper: "Long et al. 2015",
        task: Task::ClassMap,
        weights: &["ssd", "segment"],
        classes: &class_map::CLASSES,
        live: false,
        stages: &[stage("shifted-passes", "Sixteen passes"), stage("stitched-map", "Class map")],
    },
    Info {
        system: System::SlidingSegmentation,
        key: "sliding-segmentation",
        title: "Sliding window",
        paper: "Farabet et al. 2013",
        task: Task::ClassMap,
        weights: &["ssd", "segment"],
        classes: &class_map::CLASSES,
        live: false,
        stages: &[
            stage("patches", "Patches"),
            stage("patch-classes", "Class of each centre"),
            stage("painted-map", "Class map"),
        ],
    },
    Info {
        system: System::Captions,
        key: "captions",
        title: "LSTM on SSD's regions",
        paper: "Johnson et al. 2016",
        task: Task::Captions,
        weights: &["ssd", "caption"],
        classes: &[],
        live: false,
        stages: &[
            INPUT,
            BACKBONE,
            CLASS_SCORES,
            DEFAULT_BOXES,
            CORRECTIONS,
            stage("region-features", "Regions"),
            stage("words", "Words"),
        ],
    },
    Info {
        system: System::DenseCap,
        key: "densecap",
        title: "DenseCap",
        paper: "Johnson et al. 2016",
        task: Task::Captions,
        weights: &["ssd", "rpn", "faster-rcnn", "caption"],
        classes: &[],
        live: false,
        stages: &[
            INPUT_416,
            BACKBONE_416,
            PYRAMID,
            ANCHORS,
            PROPOSALS,
            ROI_ALIGN,
            ALIGNED_BOX_HEAD,
            stage("region-features-416", "Regions"),
            stage("words-416", "Words"),
        ],
    },
    Info {
        system: System::Localize,
        key: "localize",
        title: "Classification + localization",
        paper: "Sermanet et al. 2014",
        task: Task::Localize,
        weights: &["ssd", "localize"],
        classes: &location::CLASSES,
        live: true,
        stages: &[INPUT, BACKBONE, VECTOR, TWO_HEADS],
    },
    Info {
        system: System::IterativeLocalization,
        key: "iterative-localization",
        title: "Iterative localization",
        paper: "Gidaris and Komodakis 2015",
        task: Task::Localize,
        weights: &["ssd", "localize"],
        classes: &location::CLASSES,
        live: true,
        stages: &[INPUT, BACKBONE, VECTOR, TWO_HEADS, SECOND_CROP, SECOND_LOOK, THIRD_CROP, THIRD_LOOK],
    },
];
