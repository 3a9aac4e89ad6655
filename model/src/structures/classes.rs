//! The names of what the networks know.

/// COCO's 80 object categories as `(category id, name)`, by id. Ids run from 1 to 90 with gaps: 10 categories were
/// planned and never annotated (Lin et al. 2014, "Microsoft COCO: Common Objects in Context").
#[rustfmt::skip]
pub const COCO: [(u16, &str); 80] = [
    (1, "person"), (2, "bicycle"), (3, "car"), (4, "motorcycle"), (5, "airplane"), (6, "bus"), (7, "train"),
    (8, "truck"), (9, "boat"), (10, "traffic light"), (11, "fire hydrant"), (13, "stop sign"), (14, "parking meter"),
    (15, "bench"), (16, "bird"), (17, "cat"), (18, "dog"), (19, "horse"), (20, "sheep"), (21, "cow"),
    (22, "elephant"), (23, "bear"), (24, "zebra"), (25, "giraffe"), (27, "backpack"), (28, "umbrella"),
    (31, "handbag"), (32, "tie"), (33, "suitcase"), (34, "frisbee"), (35, "skis"), (36, "snowboard"),
    (37, "sports ball"), (38, "kite"), (39, "baseball bat"), (40, "baseball glove"), (41, "skateboard"),
    (42, "surfboard"), (43, "tennis racket"), (44, "bottle"), (46, "wine glass"), (47, "cup"), (48, "fork"),
    (49, "knife"), (50, "spoon"), (51, "bowl"), (52, "banana"), (53, "apple"), (54, "sandwich"), (55, "orange"),
    (56, "broccoli"), (57, "carrot"), (58, "hot dog"), (59, "pizza"), (60, "donut"), (61, "cake"), (62, "chair"),
    (63, "couch"), (64, "potted plant"), (65, "bed"), (67, "dining table"), (70, "toilet"), (72, "tv"),
    (73, "laptop"), (74, "mouse"), (75, "remote"), (76, "keyboard"), (77, "cell phone"), (78, "microwave"),
    (79, "oven"), (80, "toaster"), (81, "sink"), (82, "refrigerator"), (84, "book"), (85, "clock"), (86, "vase"),
    (87, "scissors"), (88, "teddy bear"), (89, "hair drier"), (90, "toothbrush"),
];

/// The names of [`COCO`]'s categories, in its order.
pub const COCO_NAMES: [&str; COCO.len()] = {
    let mut names = [""; COCO.len()];
    let mut at = 0;
    while at < COCO.len() {
        names[at] = COCO[at].1;
        at += 1;
    }
    names
};

/// The category id of people, the only ones with skeletons.
pub const PERSON: u16 = 1;

/// The name of a COCO category id, if it is one of the 80.
#[must_use]
pub fn coco_name(id: u16) -> Option<&'static str> {
    coco_column(id).map(|at| COCO[at].1)
}

/// Where a COCO category id is in [`COCO`], if it is one of the 80.
#[must_use]
pub fn coco_column(id: u16) -> Option<usize> {
    COCO.binary_search_by_key(&id, |&(id, _)| id).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend_and_gaps_have_no_name() {
        assert!(COCO.windows(2).all(|pair| pair[0].0 < pair[1].0));
        assert_eq!(coco_name(1), Some("person"));
        assert_eq!(coco_name(90), Some("toothbrush"));
        assert_eq!(coco_name(12), None);
        assert_eq!(coco_name(0), None);
    }
}
