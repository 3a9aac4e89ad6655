//! Faster R-CNN learns one photo by heart, from files on disk to files of weights.

use std::convert::Infallible;

use burn::tensor::Device;
use model::{
    catalog::System,
    data::folder::BoxedObject,
    heads::ssd::Ssd,
    nn::weights::Weights,
    photo::Photo,
    structures::boxes::BBox,
    systems::{Networks, Settings, Source, load, run_photo},
    train::{
        course::{Plan, train},
        detection_cache::{DetectionCache, Layout, Place},
        detection_labels::{Labels, Object},
        detection_measure::{Example, Measured},
        faster_rcnn::{FILES, FasterRcnnLesson, checkpoint},
        labels::Folder,
        view::View,
    },
};

/// Where the dog is: a grey square on black.
const DOG: BBox = BBox::new(0.25, 0.375, 0.75, 0.875);

/// Weights in memory.
struct Packed<F>(F);

impl<F: Fn(&str) -> Vec<u8>> Source for Packed<F> {
    type Error = Infallible;

    async fn weights(&self, name: &'static str) -> Result<Vec<u8>, Infallible> {
        Ok((self.0)(name))
    }
}

#[test]
fn a_photo_is_learnt_by_heart() {
    let root = std::env::temp_dir().join(format!("lookout-learning-{}", std::process::id()));
    std::fs::create_dir_all(root.join("photos/voc")).expect("a writable temporary folder");
    let square = DOG.scale(64.0, 64.0);
    let picture = image::RgbImage::from_fn(64, 64, |x, y| {
        let (x, y) = (x as f32, y as f32);
        let inside = (square.x0..square.x1).contains(&x) && (square.y0..square.y1).contains(&y);
        image::Rgb(if inside { [200, 180, 160] } else { [0, 0, 0] })
    });
    picture.save(root.join("photos/voc/p.webp")).expect("a writable folder");

    let device = Device::flex();
    let ssd = Ssd::from_weights(&Weights::untrained(1), &device).expect("every shape");
    let views = vec![View::whole("voc/p")];
    let open = || {
        DetectionCache::open(
            &root.join("voc.maps"),
            views.clone(),
            Layout::REGIONS,
            &Folder::new(&root),
            ssd.backbone(),
            &device,
        )
    };
    drop(open().expect("a photo and a writable folder"));
    // The maps are not computed again: the photo may be gone.
    let hidden = root.join("photos/voc/p.away");
    std::fs::rename(root.join("photos/voc/p.webp"), &hidden).expect("a writable folder");
    let cache = open().expect("all maps are there");
    std::fs::rename(&hidden, root.join("photos/voc/p.webp")).expect("a writable folder");

    let place = Place { cache: 0, view: 0 };
    let labels = Labels { objects: vec![Object { class: 16, bbox: DOG }], ..Labels::default() };
    let measured = Measured { place, objects: vec![BoxedObject { class: 18, bbox: DOG, difficult: false }] };
    let groups = vec![(1.0, vec![Example { place, labels }])];
    let lesson = FasterRcnnLesson::new(vec![cache], groups, vec![measured], 1).expect("a view");
    let run = root.join("run");
    let plan = Plan { steps: 60, rate: 1e-3, warm_up: 10, decay: 0.0, every: 20, seed: 1, from: None, run };
    let (head, precision) = train(&lesson, &plan, &device).expect("finite losses");
    assert!(precision > 0.99, "mean average precision {precision}");

    // The files do the same from the photo itself.
    let files = head.files().expect("finite numbers");
    let file = |name: &str| files[FILES.iter().position(|it| *it == name).expect("one of the files")].clone();
    // They become a checkpoint again, up to float16.
    let weights = |bytes: Vec<u8>| Weights::from_bytes(bytes).expect("just packed");
    let joined = weights(checkpoint(|name| Some(file(name))).expect("finite numbers"));
    let learnt = weights(std::fs::read(root.join("run/best.bpk")).expect("the best checkpoint"));
    let names =
        ["proposals.neck.lateral_16", "proposals.neck.scene", "boxes.first", "spp.layers.first", "r_fcn.scores"];
    for name in names.map(|name| format!("{name}.weight")) {
        let ((found, _), (wanted, _)) = (joined.values(&name).expect(&name), learnt.values(&name).expect(&name));
        let close = |(found, wanted): (&f32, &f32)| (found - wanted).abs() <= 1e-3 * wanted.abs() + 1e-5;
        assert!(found.len() == wanted.len() && found.iter().zip(&wanted).all(close), "{name}");
    }
    let photo = Photo::open(root.join("photos/voc/p.webp")).expect("the picture");
    let networks = Networks::new(Packed(file), device.clone());
    networks.put("ssd", ssd);
    let run = pollster::block_on(async {
        let detector = load(System::FasterRcnn, &networks).await.map_err(|_| ()).expect("just packed");
        run_photo(System::FasterRcnn, detector.as_ref(), &photo, &device, &Settings::default()).await
    });
    let run = run.expect("finite numbers");
    let found = run.detections().expect("a detector");
    let best = found.iter().max_by(|a, b| a.score.total_cmp(&b.score)).expect("a dog");
    assert_eq!(best.class, 18);
    assert!(best.bbox.iou(&square) > 0.6, "{best:?}");
    std::fs::remove_dir_all(&root).expect("it was just made");
}
