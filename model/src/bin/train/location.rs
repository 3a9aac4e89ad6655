//! What classification + localization learns from: the largest thing of each view.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use burn::tensor::Device;
use model::{
    data::folder::{BoxedPhoto, Part, VOC_IDS},
    heads::locate::{ComparedHeads, LocateHead, Sizes},
    nn::weights::{Pack, Weights},
    random::Random,
    structures::{boxes::BBox, location::CLASSES},
    train::{
        course::{scale_readers, train, write},
        detection_cache::{DetectionCache, Layout, Place},
        joint,
        labels::Folder,
        localize::{Localize, Thing},
        teacher::{SURE, TeacherBoxes},
        view::View,
    },
};

use crate::{Arguments, Usual, detection, detector, device};

/// Views of a photo that is learnt from: the whole, its mirror image, crops; of VOC, of `animals` and of COCO.
const VIEWS: [usize; 3] = [3, 1, 1];
/// As [`VIEWS`], where the end of the backbone learns, too: a view takes more of the disk, and a step longer.
const JOINT_VIEWS: [usize; 3] = [3, 2, 1];
/// A view keeps at least this share of each side of the photo.
const LEAST: f32 = 0.55;
/// The largest thing of a view is learnt where the view shows at least this share of it.
const SEEN: f32 = 0.5;
/// The class of photos with none of the others.
const NONE: usize = CLASSES.len() - 1;

/// What is in a photo: classes, as indices into [`CLASSES`], and boxes in fractions of it. `None` where that is not known.
type Known = Option<Vec<(usize, BBox)>>;

/// Numbers of a weight that is not worth ten bits: the two heads'.
const HALF_UP_TO: usize = 8192;

/// Heads that are compared: the weight of the box, and how many boxes there are. Their vector is short, so that they are quickly
/// fetched.
const COMPARED: [(f32, usize); 5] = [(0.5, 1), (1.0, 1), (2.0, 1), (5.0, 1), (2.0, CLASSES.len() - 1)];
/// The one that the last, with its own weight, starts from.
const ONE_BOX: usize = 2;
/// Numbers of their vector.
const COMPARED_VECTOR: usize = 64;

/// Trains the heads that the figure about losses compares, one after the other, into one file.
pub fn compare(arguments: &Arguments, mut lesson: Localize, usual: &Usual) -> Result<()> {
    let mut pack = Pack::compact();
    pack.note(ComparedHeads::COUNT, COMPARED.len().to_string());
    for (i, (box_weight, boxes)) in COMPARED.into_iter().enumerate() {
        lesson.box_weight = box_weight;
        lesson.sizes = Sizes { vector: COMPARED_VECTOR, boxes };
        let mut plan = arguments.plan(usual);
        if boxes > 1 {
            // From nothing its many boxes keep the classes from being learnt at all.
            plan.from = Some(plan.run.join(ONE_BOX.to_string()).join("best.bpk"));
        }
        plan.run = plan.run.join(i.to_string());
        println!("weight {box_weight}, {boxes} boxes");
        let (head, right) = train(&lesson, &plan, &device(arguments.backend)?)?;
        let prefix = ComparedHeads::prefix(i);
        scale_readers(&lesson, &mut pack, &prefix);
        pack.add_module(&i.to_string(), &head)?;
        pack.note(format!("{prefix}weight"), box_weight.to_string());
        pack.note(format!("{prefix}right"), format!("{right:.4}"));
    }
    let path = arguments.out.join("localize-heads.bpk");
    write(&path, &pack.into_bytes()?)?;
    println!("{}", path.display());
    Ok(())
}

/// Trains the heads together with the end of the backbone, which starts from the detector's.
pub fn train_jointly(arguments: &Arguments, lesson: &Localize, usual: &Usual) -> Result<()> {
    let mut plan = arguments.plan(usual);
    std::fs::create_dir_all(&plan.run)?;
    let finished = match &plan.from {
        Some(path) => Some((Weights::from_bytes(std::fs::read(path)?)?, path.display().to_string())),
        None => None,
    };
    let finished = finished.as_ref().map(|(weights, name)| (weights, name.as_str()));
    let start = plan.run.join("from.bpk");
    write(&start, &joint::beginning(detector(arguments)?.backbone(), finished, arguments.vector)?)?;
    plan.from = Some(start);
    let (head, best) = train(lesson, &plan, &device(arguments.backend)?)?;
    write_compact(arguments, &head, best)
}

/// Writes heads with a map of their own in ten bits: in float16 they would be 6 MB.
fn write_compact(arguments: &Arguments, head: &LocateHead, best: f64) -> Result<()> {
    let mut pack = Pack::compact().with_half_up_to(HALF_UP_TO);
    pack.add_module("", head)?;
    std::fs::create_dir_all(&arguments.out)?;
    let (path, bytes) = (arguments.out.join("localize.bpk"), pack.into_bytes()?);
    write(&path, &bytes)?;
    println!("{}: {} bytes, best {best:.4}", path.display(), bytes.len());
    Ok(())
}

/// VOC's photos and those of `animals` with boxes by people; COCO's with those of the teacher whose class people have listed.
pub fn lesson(arguments: &Arguments, folder: &Folder) -> Result<Localize> {
    let (data, mut random) = (folder.data(), Random::new(6));
    let voc = data.voc(Part::All)?.context("there is no voc.json")?;
    let voc: Vec<(String, Known)> = voc.into_iter().map(|photo| (photo.name.clone(), Some(boxed(&photo)))).collect();
    let animals: Vec<(String, Known)> = folder.animals()?.into_iter().map(|(name, it)| (name, Some(it))).collect();
    let sets = [("voc", voc), ("animals", animals), ("coco", coco(arguments, folder)?)];
    let ssd = detector(arguments)?;
    let (layout, counts, suffix) =
        if arguments.joint { (Layout::LOCATION_WIDE, JOINT_VIEWS, "-wide") } else { (Layout::LOCATION, VIEWS, "") };
    let (mut caches, mut train, mut dev) = (vec![], vec![vec![]; CLASSES.len()], [vec![], vec![]]);
    for (cache, (set, mut photos)) in sets.into_iter().enumerate() {
        let mut learnt = 0;
        photos.retain(|(photo, known)| {
            let counts = known.is_some() && Part::Train.has(photo);
            learnt += usize::from(counts);
            known.is_some() && (!counts || learnt <= arguments.most)
        });
        let views = photos.iter().flat_map(|(photo, _)| self::views(photo, counts[cache], &mut random));
        let views: Vec<View> = views.collect();
        println!("{set}: {} views", views.len());
        let path = arguments.cache.join(format!("{set}-location{suffix}.maps"));
        let it = DetectionCache::open(&path, views, layout, folder, ssd.backbone(), &Device::flex())?;
        let known: BTreeMap<String, Known> = photos.into_iter().collect();
        for (view, seen) in it.views.iter().enumerate() {
            let Some(thing) = known.get(&seen.photo).and_then(|known| thing(Place { cache, view }, seen, known)) else {
                continue;
            };
            match (Part::Dev.has(&seen.photo), cache) {
                (true, 0 | 1) => dev[cache].push(thing),
                (true, _) => {}
                (false, _) => train[thing.class].push(thing),
            }
        }
        caches.push(it);
    }
    ensure!(train.iter().all(|class| !class.is_empty()), "a class has no photo");
    println!("{:?} views a class, {} to measure on", train.iter().map(Vec::len).collect::<Vec<_>>(), dev[0].len());
    let [voc, animals] = dev;
    Ok(Localize {
        caches,
        // Half-way between equal classes and those of the photos.
        train: train.into_iter().map(|class| ((class.len() as f32).sqrt(), class)).collect(),
        dev: vec![("voc", voc), ("animals", animals)],
        batch: arguments.batch.unwrap_or(32),
        box_weight: arguments.box_weight,
        sizes: Sizes { vector: arguments.vector, boxes: 1 },
        joint: arguments.joint,
    })
}

/// The whole photo; of one that is learnt from, its mirror image and crops, too.
fn views(photo: &str, count: usize, random: &mut Random) -> Vec<View> {
    let whole = View::whole(photo);
    let count = if Part::Dev.has(photo) { 1 } else { count };
    let mut views = vec![whole.clone(), View { mirror: true, ..whole }];
    views.extend((2..count).map(|_| View::random(photo, LEAST, random)));
    views.truncate(count);
    views
}

/// The largest thing that a view shows; `None` where it is not known, or mostly outside.
fn thing(place: Place, view: &View, known: &Known) -> Option<Thing> {
    let boxes = known.as_ref()?.iter().map(|(class, bbox)| (*class, view.bbox(bbox)));
    let shown = boxes.map(|(class, whole)| (class, whole, whole.clip(1.0, 1.0)));
    let Some((class, whole, bbox)) = shown.max_by(|a, b| a.2.area().total_cmp(&b.2.area())) else {
        return Some(Thing { place, class: NONE, bbox: None });
    };
    (bbox.area() > 0.0 && bbox.area() >= SEEN * whole.area()).then_some(Thing { place, class, bbox: Some(bbox) })
}

/// The things of a photo of VOC: those that are not difficult, or else all.
fn boxed(photo: &BoxedPhoto) -> Vec<(usize, BBox)> {
    let easy = photo.objects.iter().any(|object| !object.difficult);
    let objects = photo.objects.iter().filter(|object| !(easy && object.difficult));
    objects.filter_map(|object| Some((class_of(object.class)?, object.bbox))).collect()
}

/// COCO's photos: what the teacher is sure of where people have listed its class; nothing where they have listed none.
fn coco(arguments: &Arguments, folder: &Folder) -> Result<Vec<(String, Known)>> {
    let photos = folder.data().coco_classes(Part::Train)?.context("there is no coco_classes.json")?;
    let teacher =
        if arguments.sources.untaught { TeacherBoxes::new() } else { detection::teacher_of(arguments, "coco")? };
    let known = |classes: &[u16], name: &str| -> Known {
        let listed: Vec<u16> = classes.iter().copied().filter(|class| VOC_IDS.contains(class)).collect();
        let sure = teacher.get(name).into_iter().flatten().filter(|it| it.score >= SURE && listed.contains(&it.class));
        let boxes: Vec<_> = sure.filter_map(|it| Some((class_of(it.class)?, it.bbox))).collect();
        // A listed class of which the teacher is not sure may be the largest thing.
        let all = listed.iter().all(|class| boxes.iter().any(|it| class_of(*class) == Some(it.0)));
        all.then_some(boxes)
    };
    Ok(photos.into_iter().map(|photo| (photo.name.clone(), known(&photo.classes, &photo.name))).collect())
}

/// The index into [`CLASSES`] of a COCO category id.
fn class_of(id: u16) -> Option<usize> {
    VOC_IDS.iter().position(|&it| it == id)
}
