//! Questions beside runs: a system answers about a region what its run says of it, from stages that are there.

use std::sync::Arc;

use burn::tensor::Device;
use model::{
    annotate::WeightFiles,
    catalog::System,
    heads::{
        rcnn::with_context,
        segment::{ClassLogits, SegmentHead},
        ssd::Ssd,
    },
    photo::Photo,
    run::Run,
    structures::{
        boxes::{BBox, Suppression, suppress},
        class_map::ClassMap,
        classes::coco_column,
        location::CLASSES,
        question::{
            Answer, Crop, Kept, LinearHeads, PhotoView, Question, RegionClasses, ScoredCrop, SeenLocation,
            SizedDetections,
        },
        stage::Artifact,
    },
    systems::{Collector, Context, Detector, Networks, Settings, StageCache, load, load_to_answer},
};
use serde::Deserialize;

use crate::files::{photo, reference, weight_files};

/// A photo with its stages, and the networks.
struct Bench {
    networks: Networks<WeightFiles>,
    photo: Photo,
    settings: Settings,
    cache: StageCache,
}

impl Bench {
    fn new(name: &str) -> Self {
        let settings = Settings { searched_proposals: 40, ..Settings::default() };
        let networks = Networks::new(weight_files(), Device::flex());
        Self { networks, photo: photo(name), settings, cache: StageCache::default() }
    }

    fn system(&self, system: System) -> Box<dyn Detector> {
        pollster::block_on(load(system, &self.networks)).expect("the weights are there")
    }

    fn run(&mut self, system: System) -> Run {
        let (detector, device, observer) =
            (self.system(system), self.networks.device().clone(), Collector::new(system, false));
        let mut cx = Context::new(&self.photo, &device, &self.settings, &mut self.cache, &observer);
        pollster::block_on(detector.run(&mut cx)).expect("the CPU does not fail");
        observer.into_run()
    }

    /// The class scores that a class map of the photo is made of.
    fn class_scores(&self) -> ClassLogits {
        let networks = async {
            let detector: Arc<Ssd> = self.networks.get("ssd").await.expect("the weights are there");
            let head: Arc<SegmentHead> = self.networks.get("segment").await.expect("the weights are there");
            (detector, head)
        };
        let (detector, head) = pollster::block_on(networks);
        let features = detector.photo_features(&self.photo, self.networks.device()).maps;
        let (_, logits) = head.forward(&features, &detector.class_scores(&features).prior());
        pollster::block_on(ClassLogits::read(logits)).expect("the CPU does not fail")
    }

    /// An answer with the stages that it took.
    fn ask(&mut self, system: System, question: &Question) -> (Option<Answer>, Run) {
        let detector =
            pollster::block_on(load_to_answer(system, question, &self.networks)).expect("the weights are there");
        let (device, observer) = (self.networks.device().clone(), Collector::new(system, false));
        let mut cx = Context::new(&self.photo, &device, &self.settings, &mut self.cache, &observer);
        let answer = pollster::block_on(detector.answer(&mut cx, question)).expect("the CPU does not fail");
        (answer, observer.into_run())
    }

    fn regions(&mut self, system: System, boxes: &[BBox]) -> (Vec<RegionClasses>, Run) {
        match self.ask(system, &Question::Regions(boxes.to_vec())) {
            (Some(Answer::Regions(regions)), run) => (regions, run),
            (other, _) => panic!("{system:?}: {other:?}"),
        }
    }
}

fn close(found: &BBox, expected: &BBox) -> bool {
    found.to_xywh().into_iter().zip(expected.to_xywh()).all(|(a, b)| (a - b).abs() < 2e-3)
}

#[test]
fn systems_say_of_a_proposal_what_their_runs_say() {
    let mut bench = Bench::new("horses.jpg");
    let (width, height) = (bench.photo.width() as f32, bench.photo.height() as f32);
    for system in [System::FasterRcnn, System::FastRcnn, System::SppNet, System::RFcn] {
        let run = bench.run(system);
        let proposals = run.artifacts().find_map(|it| match it {
            Artifact::Proposals(proposals) => Some(proposals.clone()),
            _ => None,
        });
        let proposals = proposals.expect("the system has proposals");
        let boxes: Vec<BBox> =
            proposals.iter().map(|it| it.bbox.scale(1.0 / width, 1.0 / height).clip(1.0, 1.0)).collect();
        let (said, stages) = bench.regions(system, &boxes);
        assert!(!stages.stages.is_empty() && stages.stages.iter().all(|it| it.reused), "{system:?}: computed twice");
        let detections = run.detections().expect("the system detects");
        assert!(detections.len() > 3, "{system:?}");
        for it in detections {
            let region = &said[it.prior as usize];
            let probability = region.probabilities[coco_column(it.class).expect("one of COCO's")];
            assert!((probability - it.score).abs() < 5e-3, "{system:?}: {probability} is not {}", it.score);
            let corrected = region.corrected.expect("it corrects boxes");
            assert!(close(&corrected, &it.bbox.scale(1.0 / width, 1.0 / height)), "{system:?}: {corrected:?}");
        }
    }
}

#[test]
fn windows_and_patches_have_classes_too_and_no_region_no_answer() {
    let mut bench = Bench::new("horses.jpg");
    let window = BBox::new(0.25, 0.25, 0.7, 0.9);
    for (system, classes) in [(System::SlidingWindow, 81), (System::SlidingSegmentation, 21)] {
        let (said, _) = bench.regions(system, &[window, BBox::new(0.0, 0.0, 0.1, 0.1)]);
        assert_eq!((said.len(), said[0].probabilities.len()), (2, classes));
        assert!(said.iter().all(|it| (it.probabilities.iter().sum::<f32>() - 1.0).abs() < 1e-4));
        assert_eq!(bench.regions(system, &[]).0, []);
    }
    assert_eq!(bench.regions(System::RFcn, &[]).0, []);
    assert_eq!(bench.regions(System::FastRcnn, &[]).0, []);
    assert_eq!(bench.ask(System::Ssd, &Question::Regions(vec![window])).0, None);
    assert_eq!(bench.ask(System::FasterRcnn, &Question::Heads).0, None);
}

#[test]
fn the_numbers_of_the_two_heads_give_what_they_say() {
    let mut bench = Bench::new("cat.jpg");
    let run = bench.run(System::Localize);
    let Some(Artifact::Location(location)) = run.artifacts().last() else { panic!("it says one class and one box") };
    let (answer, stages) = bench.ask(System::Localize, &Question::Heads);
    assert!(stages.stages.iter().all(|it| it.reused));
    let Some(Answer::Heads(heads)) = answer else { panic!("{answer:?}") };
    let LinearHeads { vector, classes, corners, box_weight, .. } = &heads[0];
    assert_eq!((heads.len(), vector.len(), *box_weight), (1, 192, 6.0));
    let output = |weights: &[f32], columns: usize| -> Vec<f32> {
        let (rows, biases) = weights.split_at(vector.len() * columns);
        let sum = |column: usize| -> f32 {
            vector.iter().zip(rows.chunks_exact(columns)).map(|(v, row)| v * row[column]).sum()
        };
        (0..columns).map(|column| biases[column] + sum(column)).collect()
    };
    let logits = output(classes, CLASSES.len());
    let total: f32 = logits.iter().map(|it| it.exp()).sum();
    for (logit, probability) in logits.iter().zip(&location.probabilities) {
        assert!((logit.exp() / total - probability).abs() < 1e-3);
    }
    let corners = output(corners, 4);
    let (width, height) = (bench.photo.width() as f32, bench.photo.height() as f32);
    assert!(close(
        &BBox::new(corners[0], corners[1], corners[2], corners[3]).clip(1.0, 1.0),
        &location.bbox.scale(1.0 / width, 1.0 / height)
    ));
}

#[test]
fn heads_to_compare_differ_in_the_weight_of_the_box_and_in_their_boxes() {
    let mut bench = Bench::new("cat.jpg");
    let (answer, _) = bench.ask(System::Localize, &Question::ComparedHeads);
    let Some(Answer::Heads(heads)) = answer else { panic!("{answer:?}") };
    let boxes = |it: &LinearHeads| it.corners.len() / (it.vector.len() + 1) / 4;
    let kinds: Vec<(f32, usize)> = heads.iter().map(|it| (it.box_weight, boxes(it))).collect();
    assert_eq!(kinds, [(0.5, 1), (1.0, 1), (2.0, 1), (5.0, 1), (2.0, CLASSES.len() - 1)]);
    assert!(heads.iter().all(|it| it.right.is_some_and(|right| (0.1..0.9).contains(&right))));
    // Who runs the system does not load them.
    let detector = bench.system(System::Localize);
    let (device, observer) = (bench.networks.device().clone(), Collector::new(System::Localize, false));
    let mut cx = Context::new(&bench.photo, &device, &bench.settings, &mut bench.cache, &observer);
    assert_eq!(pollster::block_on(detector.answer(&mut cx, &Question::ComparedHeads)).expect("no failure"), None);
}

#[test]
fn a_region_has_the_mask_of_the_run_and_one_from_rounded_features() {
    let mut bench = Bench::new("cat.jpg");
    let run = bench.run(System::Masks);
    let masks = run.artifacts().find_map(|it| if let Artifact::Masks(masks) = it { Some(masks.clone()) } else { None });
    let mask = masks.expect("the cat has a mask").remove(0);
    let bbox = mask.bbox.scale(1.0 / bench.photo.width() as f32, 1.0 / bench.photo.height() as f32);
    let (answer, stages) = bench.ask(System::Masks, &Question::Masks(vec![bbox]));
    assert!(!stages.stages.is_empty() && stages.stages.iter().all(|it| it.reused), "the pyramid is there");
    let Some(Answer::Masks(found)) = answer else { panic!("{answer:?}") };
    assert!(found[0].align.iter().zip(&mask.cells).all(|(a, b)| a.abs_diff(*b) <= 2));
    let cells =
        |of: fn(u8, u8) -> bool| found[0].align.iter().zip(&found[0].pool).filter(|it| of(*it.0, *it.1)).count();
    let (both, any) = (cells(|a, b| a.min(b) > 127), cells(|a, b| a.max(b) > 127));
    assert!(both < any && both as f32 > 0.6 * any as f32, "{both} of {any} cells");
    assert_eq!(bench.ask(System::Masks, &Question::Masks(vec![])).0, Some(Answer::Masks(vec![])));
}

#[test]
fn a_class_map_with_its_learned_filters_is_that_of_the_run_and_others_differ() {
    let mut bench = Bench::new("horses.jpg");
    let run = bench.run(System::Fcn);
    let map = run.artifacts().find_map(|it| if let Artifact::ClassMap(map) = it { Some(map.clone()) } else { None });
    let map = map.expect("it makes a class map");
    let (answer, stages) = bench.ask(System::Fcn, &Question::ClassMaps(3));
    assert!(!stages.stages.is_empty() && stages.stages.iter().all(|it| it.reused), "backbone and scores are there");
    let Some(Answer::ClassMaps(found)) = answer else { panic!("{answer:?}") };
    let [learned, nearest, nails] = &found.maps[..] else { panic!("{} maps", found.maps.len()) };
    let changed = |other: &ClassMap| {
        assert_eq!((other.width, other.height), (learned.width, learned.height));
        let differ = other.labels.iter().zip(&learned.labels).filter(|(a, b)| a != b).count();
        differ as f32 / learned.labels.len() as f32
    };
    // Both are of the same scores; the run's follows the edges of the photo, too.
    let scores = bench.class_scores();
    assert_eq!(learned, &scores.class_map((map.width, map.height)));
    assert_eq!(map, scores.class_map_along_edges(&bench.photo, (map.width, map.height)));
    assert!(changed(&map) > 0.0 && changed(&map) < 0.02, "{} of the pixels", changed(&map));
    assert!(changed(nearest) > 0.002 && changed(nails) > 0.002, "{} {}", changed(nearest), changed(nails));
    // One step that is replaced changes less than three, which leave little of the map in either way.
    let Some(Answer::ClassMaps(last)) = bench.ask(System::Fcn, &Question::ClassMaps(1)).0 else { panic!("no answer") };
    assert!(changed(&last.maps[1]) > 0.0 && changed(&last.maps[1]) < changed(nearest));
    assert!(changed(&last.maps[1]) < changed(&last.maps[2]), "a bed of nails leaves three of four places empty");
    let size = |it: &[f32; 4]| it.iter().map(|weight| weight * weight).sum::<f32>();
    assert!(found.filters.len() == 24 && found.filters.is_sorted_by(|a, b| size(a) >= size(b)));
    assert_eq!(bench.ask(System::Fcn, &Question::Heads).0, None);
}

#[test]
fn crops_of_proposals_have_the_scores_of_the_run_and_grey_changes_them() {
    let mut bench = Bench::new("horses.jpg");
    let run = bench.run(System::Rcnn);
    let guessed = run.stage("crop-scores").and_then(|it| it.artifact.clone());
    let Some(Artifact::Detections(guessed)) = guessed else { panic!("{guessed:?}") };
    let best = guessed.iter().max_by(|a, b| a.score.total_cmp(&b.score)).expect("it finds something");
    let (across, down) = (1.0 / bench.photo.width() as f32, 1.0 / bench.photo.height() as f32);
    let (thing, region) = (best.bbox.scale(across, down), with_context(&best.bbox).scale(across, down));
    let crops = [Kept::Photo, Kept::Box, Kept::Segment].map(|keeps| Crop { thing, region, keeps });
    let (answer, stages) = bench.ask(System::Rcnn, &Question::Crops(crops.to_vec()));
    assert!(stages.stages.iter().all(|it| it.reused), "the photo was searched before");
    let Some(Answer::Crops(scored)) = answer else { panic!("{answer:?}") };
    let column = coco_column(best.class).expect("one of COCO's");
    assert!((scored[0].scores[column] - best.score).abs() < 2e-3, "{} {}", scored[0].scores[column], best.score);
    let grey = |it: &ScoredCrop| it.picture.rgb.chunks_exact(3).filter(|rgb| rgb.iter().all(|&it| it == 128)).count();
    let [all, boxed, segment] = [0, 1, 2].map(|i| grey(&scored[i]));
    // 16 of 227 pixels on each side are context.
    assert!(all < boxed && boxed < segment && (6300..6900).contains(&boxed), "{all} {boxed} {segment}");
    let own = scored[2].segment.expect("proposals are boxes of segments");
    assert!(own.iou(&thing) > 0.99 && scored[0].segment.is_none(), "{own:?}");
    assert_eq!(bench.ask(System::Rcnn, &Question::Crops(vec![])).0, Some(Answer::Crops(vec![])));
}

#[test]
fn an_untrained_backbone_has_maps_of_the_same_shapes_and_other_numbers() {
    let mut bench = Bench::new("cat.jpg");
    let maps = |bench: &mut Bench, seed| match bench.ask(System::Ssd, &Question::UntrainedMaps(seed)).0 {
        Some(Answer::Maps(maps)) => maps,
        other => panic!("{other:?}"),
    };
    let (one, again, other) = (maps(&mut bench, 1), maps(&mut bench, 1), maps(&mut bench, 2));
    let shapes: Vec<_> = one.iter().map(|it| (it.width, it.height, it.channels)).collect();
    assert_eq!(shapes, [(75, 75, 24), (38, 38, 32), (19, 19, 96), (10, 10, 1280)]);
    assert!(one == again && one != other);
    assert!(one.iter().all(|it| it.min < it.max), "a map is flat");
}

#[test]
fn the_whole_photo_has_the_location_of_the_run_and_a_turn_moves_it() {
    let mut bench = Bench::new("cat.jpg");
    let run = bench.run(System::Localize);
    let Some(Artifact::Location(location)) = run.artifacts().last() else { panic!("it says one class and one box") };
    let ask = |bench: &mut Bench, turns| {
        let view = PhotoView { region: BBox::new(0.0, 0.0, 1.0, 1.0), turns };
        match bench.ask(System::Localize, &Question::Location(view)).0 {
            Some(Answer::Location(seen)) => seen,
            other => panic!("{other:?}"),
        }
    };
    let upright = ask(&mut bench, 0);
    let (width, height) = (bench.photo.width() as f32, bench.photo.height() as f32);
    assert!(close(&upright.location.bbox, &location.bbox.scale(1.0 / width, 1.0 / height)));
    assert!((upright.location.probabilities[0] - location.probabilities[0]).abs() < 2e-3);
    // The upper left pixel goes to the upper right, the lower right, the lower left.
    let pixel = |seen: &SeenLocation, x: usize, y: usize| {
        let at = (y * seen.picture.width + x) * 3;
        seen.picture.rgb[at..at + 3].to_vec()
    };
    let first = pixel(&upright, 0, 0);
    for (turns, (x, y)) in [(1, (299, 0)), (2, (299, 299)), (3, (0, 299))] {
        let turned = ask(&mut bench, turns);
        assert_eq!(pixel(&turned, x, y), first, "{turns} turns");
        assert!(!close(&turned.location.bbox, &upright.location.bbox));
    }
}

/// What the browser tests expect of a region, in `tests/reference/figures/values.json`.
#[derive(Deserialize)]
struct Expected {
    regions: Vec<Region>,
    answers: Answers,
}

/// Other answers about a sample.
#[derive(Deserialize)]
struct Answers {
    photo: String,
    /// The share of the class map's pixels that change with nearest neighbour and with a bed of nails.
    changed: [f32; 2],
    /// A box, and R-CNN's score for a horse of it: warped, in a square with context, on grey.
    thing: [f32; 4],
    scores: [f32; 3],
    /// The numbers of the box in a part of the photo.
    part: [f32; 4],
    corners: [f32; 4],
    /// How many things Faster R-CNN is sure of (0.5) with the photo at 160, 256, 416, 576 and 736 pixels a side.
    sides: [usize; 5],
}

/// A region of a sample with its class.
#[derive(Deserialize)]
struct Region {
    photo: String,
    system: System,
    bbox: [f32; 4],
    /// A place among the probabilities.
    class: usize,
    probability: f32,
}

#[test]
fn regions_are_what_the_browser_tests_expect() {
    let expected: Expected = reference("figures/values.json");
    let mut bench = Bench::new(&expected.regions[0].photo);
    for Region { system, bbox: [x0, y0, x1, y1], class, probability, .. } in expected.regions {
        let (said, _) = bench.regions(system, &[BBox::new(x0, y0, x1, y1)]);
        let best = said[0].best(1)[0];
        assert!(best.0 == class && (best.1 - probability).abs() < 5e-3, "{system:?}: {best:?}");
    }
}

#[test]
fn answers_are_what_the_browser_tests_expect() {
    let Answers { photo, changed, thing, scores, part, corners, sides } =
        reference::<Expected>("figures/values.json").answers;
    let mut bench = Bench::new(&photo);
    let close = |found: &[f32], expected: &[f32]| found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 5e-3);
    let Some(Answer::ClassMaps(maps)) = bench.ask(System::Fcn, &Question::ClassMaps(1)).0 else { panic!("no maps") };
    let share = |map: &ClassMap| {
        let differ = map.labels.iter().zip(&maps.maps[0].labels).filter(|(a, b)| a != b).count();
        differ as f32 / map.labels.len() as f32
    };
    let found = [share(&maps.maps[1]), share(&maps.maps[2])];
    assert!(close(&found, &changed), "{found:?}");

    let of = |[x0, y0, x1, y1]: [f32; 4]| BBox::new(x0, y0, x1, y1);
    let (thing, width, height) = (of(thing), bench.photo.width() as f32, bench.photo.height() as f32);
    let pixels = thing.scale(width, height);
    let half = pixels.width().max(pixels.height()) / 2.0;
    let ((x, y), scale) = (pixels.centre(), |it: BBox| with_context(&it).scale(1.0 / width, 1.0 / height));
    let square = scale(BBox::new(x - half, y - half, x + half, y + half));
    let crops = [(scale(pixels), Kept::Photo), (square, Kept::Photo), (square, Kept::Box)];
    let crops = crops.map(|(region, keeps)| Crop { thing, region, keeps }).to_vec();
    let Some(Answer::Crops(scored)) = bench.ask(System::Rcnn, &Question::Crops(crops)).0 else { panic!("no scores") };
    let horse = coco_column(19).expect("one of COCO's");
    let found: Vec<f32> = scored.iter().map(|it| it.scores[horse]).collect();
    assert!(close(&found, &scores), "{found:?}");

    let question = Question::Location(PhotoView { region: of(part), turns: 0 });
    let Some(Answer::Location(seen)) = bench.ask(System::Localize, &question).0 else { panic!("no location") };
    let BBox { x0, y0, x1, y1 } = seen.location.bbox;
    assert!(close(&[x0, y0, x1, y1], &corners), "{:?}", seen.location.bbox);

    let question = Question::InputSides(vec![160, 256, 416, 576, 736]);
    let Some(Answer::InputSides(sizes)) = bench.ask(System::FasterRcnn, &question).0 else { panic!("no detections") };
    let sure = |it: &SizedDetections| it.detections.iter().filter(|it| it.score >= 0.5).count();
    let found: Vec<usize> = sizes.iter().map(sure).collect();
    assert_eq!(found, sides);
}

#[test]
fn the_side_of_the_training_finds_what_the_run_finds_and_others_are_rounded() {
    let mut bench = Bench::new("horses.jpg");
    let run = bench.run(System::FasterRcnn);
    let found = run.detections().expect("it detects");
    let kept = suppress(found, &Suppression { min_score: 0.05, ..Suppression::default() }).kept;
    let Some(Answer::InputSides(sizes)) = bench.ask(System::FasterRcnn, &Question::InputSides(vec![416, 255, 9000])).0
    else {
        panic!("no detections")
    };
    assert_eq!(sizes.iter().map(|it| it.side).collect::<Vec<_>>(), [416, 224, 800]);
    let (width, height) = (bench.photo.width() as f32, bench.photo.height() as f32);
    assert_eq!(sizes[0].detections.len(), kept.len());
    for (index, seen) in kept.iter().zip(&sizes[0].detections) {
        let expected = found[*index].bbox.scale(1.0 / width, 1.0 / height);
        assert_eq!(seen.class, found[*index].class);
        assert!(close(&seen.bbox, &expected) && (seen.score - found[*index].score).abs() < 1e-3);
    }
    assert!(sizes.iter().all(|it| it.ms > 0.0 && !it.detections.is_empty()));
}
