//! Faster R-CNN from files of weights to boxes and measures, on a folder made here. An untrained one says nothing of worth:
//! what is tested is that results have their form, lie in the photo and are measured on all that is labelled.
#![cfg(feature = "native")]

use std::path::{Path, PathBuf};

use burn::{module::Module, tensor::Device};
use clap::Parser;
use model::{
    annotate::{Annotator, Finding, Options},
    data_folder::{DataFolder, Part},
    heads::box_head::BoxHead,
    measure::{
        boxes,
        proposals::{Proposer, measure, of_coco, of_voc},
    },
    metrics::coco::box_summary,
    proposals::rpn::ProposalRule,
    systems::{faster_rcnn::RegionProposals, ssd::Ssd},
    weights::{Pack, Weights},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace").to_owned()
}

fn detector() -> PathBuf {
    let path = root().join("assets/cache/ssd.bpk");
    assert!(path.is_file(), "there is no {}; run `cargo xtask weights` first", path.display());
    path
}

fn cat() -> PathBuf {
    root().join("assets/photos/cat.jpg")
}

fn pack<M: Module>(network: &M) -> Vec<u8> {
    let mut pack = Pack::default();
    pack.add_module("", network).expect("finite numbers");
    pack.into_bytes().expect("names are there once")
}

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    options: Options,
}

/// A folder with the untrained system and the cat as a photo of VOC and of COCO, each with labels.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("lookout-regions-{name}-{}", std::process::id()));
        for set in ["photos/voc", "photos/mini"] {
            std::fs::create_dir_all(root.join(set)).expect("a writable temporary folder");
        }
        let write = |name: &str, bytes: &[u8]| std::fs::write(root.join(name), bytes).expect("a writable folder");
        let (weights, device) = (Weights::untrained(3), Device::flex());
        let fits = "untrained weights have every shape";
        write("rpn.bpk", &pack(&RegionProposals::load(&weights, "", &device).expect(fits)));
        write("boxes.bpk", &pack(&BoxHead::load(&weights, "", &device).expect(fits)));
        for copy in ["photos/voc/cat.jpg", "photos/mini/7.jpg"] {
            std::fs::copy(cat(), root.join(copy)).expect("a writable folder");
        }
        let object =
            r#"{"class": "cat", "box": [0, 0.2, 1, 1]}, {"class": "dog", "box": [0, 0, 0.1, 0.1], "difficult": 1}"#;
        write("voc.json", format!(r#"{{"boxes": {{"voc/cat": [{object}]}}}}"#).as_bytes());
        let (width, height) = image::image_dimensions(cat()).expect("a sample photo");
        let annotation = |id: u64, crowd: u8| {
            serde_json::json!({"id": id, "image_id": 7, "category_id": 17, "bbox": [0, 0, width, height], "area": 4500,
                "iscrowd": crowd})
        };
        let labels = serde_json::json!({
            "images": [{"id": 7, "file_name": "7.jpg", "width": width, "height": height}],
            "categories": [{"id": 17, "name": "cat"}],
            "annotations": [annotation(1, 0), annotation(2, 1)],
        });
        write("mini_instances.json", labels.to_string().as_bytes());
        Self(root)
    }

    fn annotator(&self) -> Annotator {
        let file = |name: &str| self.0.join(name).to_str().expect("a plain path").to_owned();
        let detector = detector().to_str().expect("a plain path").to_owned();
        let arguments = ["annotate", "--system", "faster-rcnn", "--weights", &file("boxes.bpk"), "--proposals"];
        let arguments =
            arguments.map(str::to_owned).into_iter().chain([file("rpn.bpk"), "--detector".into(), detector]);
        let arguments = arguments.chain(["--min-score".into(), "0.001".into()]);
        Annotator::load(&CommandLine::parse_from(arguments).options).expect("the weights are there")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // A folder that stays is the system's to remove.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn boxes_lie_in_the_photo() {
    let folder = Folder::new("annotate");
    let found = folder.annotator().annotate(&cat(), "cat.jpg").expect("the run ends");
    let (width, height) = image::image_dimensions(cat()).expect("a sample photo");
    assert!(found.len() <= 100);
    for finding in &found {
        let Finding::Object(object) = finding else { panic!("boxes are objects") };
        let corners = object.corners();
        assert!(corners.x0 >= 0.0 && corners.y0 >= 0.0, "{corners:?}");
        assert!(corners.x1 <= width as f32 + 0.01 && corners.y1 <= height as f32 + 0.01, "{corners:?}");
        assert!((0.0..=1.0).contains(&object.score));
    }
}

#[test]
fn everything_that_is_labelled_is_measured() {
    let folder = Folder::new("measure");
    let data = DataFolder::open(&folder.0);
    let voc = data.voc(Part::All).expect("labels").expect("a photo");
    let mini = data.mini_instances(Part::All).expect("labels").expect("a photo");

    let annotator = folder.annotator();
    let summary = boxes::voc(&voc, &annotator, &|| {}).expect("the run ends");
    assert_eq!(summary.classes.len(), 1, "a difficult dog is not asked for");
    assert!((0.0..=1.0).contains(&summary.mean().expect("a cat is there")));
    let results = boxes::coco(&mini, &annotator, &|| {}).expect("the run ends");
    assert!(results.iter().all(|result| result.image_id == Some(7)));
    assert!(box_summary(&mini.dataset, &results).expect("one photo").get("AP").is_some());

    let device = Device::flex();
    let detector = Ssd::load(std::fs::read(detector()).expect("it can be read"), &device).expect("its weights");
    let network = Weights::from_bytes(std::fs::read(folder.0.join("rpn.bpk")).expect("it was just written"));
    let network = RegionProposals::load(&network.expect("just packed"), "", &device).expect("just packed");
    let rule = ProposalRule { after_suppression: 50, ..ProposalRule::default() };
    let proposer = Proposer { backbone: detector.backbone(), network: &network, rule, device: &device };
    for photos in [of_voc(&voc), of_coco(&mini)] {
        assert_eq!(photos[0].boxes.len(), 1, "neither difficult objects nor groups count");
        let coverage = measure(&photos, proposer, &|| {}).expect("the run ends");
        let [few, many] = [1, 50].map(|most| coverage.mean_best_overlap(most).expect("an object"));
        assert!((0.0..=many).contains(&few) && many <= 1.0);
    }
}
