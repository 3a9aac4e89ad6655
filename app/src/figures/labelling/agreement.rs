//! A drawn label beside what the network says of the same thing.

use model::structures::{boxes::BBox, classes::coco_name, mask::InstanceMask, rle::Rle};

use super::sketch::{Kind, Sketch};

/// Pixels along the longer side of the grid that masks are compared on.
const SIDE: f32 = 320.0;

/// Things of COCO that were labelled, as the paper's abstract has them (Lin et al. 2014, "Microsoft COCO").
const COCO_THINGS: f64 = 2.5e6;
/// Seconds of work for a mask there: 22 hours for 1,000 (the same paper).
const COCO_SECONDS: f64 = 22.0 * 3600.0 / 1000.0;

/// A finished label with the network's nearest answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// Seconds that it took.
    pub seconds: f64,
    /// Corners of the contour, or 2.
    pub corners: usize,
    /// The network's thing that overlaps it most.
    pub nearest: Option<Nearest>,
}

/// The network's thing that overlaps a label most.
#[derive(Clone, Debug, PartialEq)]
pub struct Nearest {
    /// Its class.
    pub name: &'static str,
    /// Intersection over union of both masks, or of both boxes.
    pub iou: f64,
    /// Which mask it is.
    pub index: usize,
}

/// The grid that masks are compared on.
pub fn grid(photo: (f32, f32)) -> (usize, usize) {
    let scale = SIDE / photo.0.max(photo.1).max(1.0);
    // A few hundred at most.
    let side = |length: f32| ((length * scale).round() as usize).max(1);
    (side(photo.0), side(photo.1))
}

/// The pixels of a drawn contour; `None` where it cannot be filled.
pub fn drawn(sketch: &Sketch, size: (usize, usize)) -> Option<Rle> {
    let (width, height) = (size.0 as f64, size.1 as f64);
    let points: Vec<f64> =
        sketch.outline().iter().flat_map(|&(x, y)| [f64::from(x) * width, f64::from(y) * height]).collect();
    Rle::from_polygon(&points, size).ok()
}

/// The pixels of a network's mask.
pub fn pasted(mask: &InstanceMask, photo: (f32, f32), size: (usize, usize)) -> Rle {
    mask.paste(size, (size.0 as f32 / photo.0.max(1.0), size.1 as f32 / photo.1.max(1.0))).to_rle(size)
}

fn iou(a: &Rle, b: &Rle) -> f64 {
    let both = a.intersection(b) as f64;
    both / (a.area() as f64 + b.area() as f64 - both).max(1.0)
}

/// Compares a finished label with all things of the network.
///
/// # Arguments
/// * `photo` - width and height in pixels.
pub fn labelled(sketch: &Sketch, masks: &[InstanceMask], photo: (f32, f32)) -> Option<Labelled> {
    if !sketch.is_closed {
        return None;
    }
    let size = grid(photo);
    let own = drawn(sketch, size);
    let own_box: Option<BBox> = sketch.bbox().map(|it| it.scale(photo.0, photo.1));
    let overlap = |mask: &InstanceMask| match sketch.kind {
        Kind::Mask => own.as_ref().map_or(0.0, |own| iou(own, &pasted(mask, photo, size))),
        Kind::Box => own_box.map_or(0.0, |own| f64::from(own.iou(&mask.bbox))),
    };
    let all = masks.iter().enumerate().map(|(index, mask)| (index, overlap(mask), mask.class));
    let best = all.filter(|it| it.1 > 0.0).max_by(|a, b| a.1.total_cmp(&b.1));
    let nearest = best.map(|(index, iou, class)| Nearest { name: coco_name(class).unwrap_or("thing"), iou, index });
    Some(Labelled { seconds: sketch.seconds(0.0), corners: sketch.corners.len(), nearest })
}

/// A label in words.
pub fn words(kind: Kind, label: &Labelled) -> String {
    let what = match kind {
        Kind::Mask => format!("Your mask took {:.1} s and {} corners", label.seconds, label.corners),
        Kind::Box => format!("Your box took {:.1} s and two corners", label.seconds),
    };
    match &label.nearest {
        None => format!("{what}. The network has found nothing there."),
        Some(it) => format!("{what}. With the network's {} it has an IoU of {:.2}.", it.name, it.iou),
    }
}

/// Years of day and night.
fn years(seconds_each: f64) -> String {
    format!("{:.1} years", seconds_each * COCO_THINGS / (3600.0 * 24.0 * 365.25))
}

/// What all of COCO would take, in words.
pub fn coco_words(mask: Option<&Labelled>, bbox: Option<&Labelled>) -> String {
    let own = |name: &str, it: Option<&Labelled>| it.map(|it| format!("{name} {}", years(it.seconds)));
    let all: Vec<String> = [own("masks", mask), own("boxes", bbox)].into_iter().flatten().collect();
    let paper = format!(
        "In COCO's paper 1,000 masks took 22 hours of work, {COCO_SECONDS:.0} s each: {} for all 2.5 million things (published).",
        years(COCO_SECONDS)
    );
    let ratio = mask.zip(bbox).map_or_else(String::new, |(mask, bbox)| {
        format!(" Your mask took {:.1} times as long as your box.", mask.seconds / bbox.seconds.max(0.1))
    });
    if all.is_empty() {
        paper
    } else {
        format!("At your pace, day and night, all of COCO's things would take: {}.{ratio} {paper}", all.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask(bbox: BBox) -> InstanceMask {
        InstanceMask { candidate: 0, bbox, class: 19, score: 0.9, cells: vec![255; 28 * 28] }
    }

    fn square(kind: Kind) -> Sketch {
        let mut sketch = Sketch::new(kind);
        let corners: &[(f32, f32)] = match kind {
            Kind::Mask => &[(0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75)],
            Kind::Box => &[(0.25, 0.25), (0.75, 0.75)],
        };
        corners.iter().enumerate().for_each(|(i, &at)| sketch.add(at, 500.0 * i as f64));
        sketch.close(3000.0);
        sketch
    }

    #[test]
    fn labels_are_compared_with_the_thing_that_they_cover_best() {
        let photo = (640.0, 480.0);
        assert_eq!(grid(photo), (320, 240));
        let masks = [mask(BBox::new(0.0, 0.0, 320.0, 480.0)), mask(BBox::new(160.0, 120.0, 480.0, 360.0))];
        for kind in Kind::ALL {
            let found = labelled(&square(kind), &masks, photo).expect("it is finished");
            let nearest = found.nearest.clone().expect("it overlaps both");
            assert!(nearest.index == 1 && nearest.name == "horse" && nearest.iou > 0.98, "{nearest:?}");
            assert!(words(kind, &found).contains("the network's horse"));
        }
        assert_eq!(labelled(&Sketch::new(Kind::Mask), &masks, photo), None);
        let alone = labelled(&square(Kind::Box), &[], photo).expect("it is finished");
        assert_eq!(
            words(Kind::Box, &alone),
            "Your box took 0.5 s and two corners. The network has found nothing there."
        );
    }

    #[test]
    fn the_pace_is_told_for_all_of_coco() {
        let label = |seconds| Labelled { seconds, corners: 9, nearest: None };
        let text = coco_words(Some(&label(31.5576)), Some(&label(3.3)));
        assert!(text.contains("masks 2.5 years, boxes 0.3 years") && text.contains("9.6 times as long"), "{text}");
        assert!(
            coco_words(None, None)
                .starts_with("In COCO's paper 1,000 masks took 22 hours of work, 79 s each: 6.3 years")
        );
    }
}
