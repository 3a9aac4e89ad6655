//! Faster R-CNN from files of weights to boxes and measures, on a folder made here. An untrained one says nothing of
//! worth: what is tested is that results have their form, lie in the photo and are measured on all that is labelled.

use std::{ffi::OsString, path::PathBuf};

use burn::{module::Module, tensor::Device};
use clap::Parser;
use model::{
    annotate::{Annotator, Options, load_network},
    data::folder::{DataFolder, Part},
    eval::coco::box_summary,
    heads::{box_head::BoxHead, faster_rcnn::RegionProposals, ssd::Ssd},
    measure::{
        boxes,
        proposals::{RegionProposer, measure, of_coco, of_voc},
    },
    nn::weights::{Pack, Weights},
    proposals::rpn::ProposalRule,
};

use crate::files::{photo_path, weights_path};

/// The options of the command line.
#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    options: Options,
}

fn cat() -> PathBuf {
    photo_path("cat.jpg")
}

fn detector() -> Ssd {
    load_network(&weights_path("cache/ssd.bpk"), &Device::flex()).expect("the packaged weights")
}

fn pack<M: Module>(network: &M) -> Vec<u8> {
    let mut pack = Pack::default();
    pack.add_module("", network).expect("finite numbers");
    pack.into_bytes().expect("names are there once")
}

/// A folder with the untrained system and the cat as a photo of VOC and of COCO, each with labels.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("lookout-faster-rcnn-{name}-{}", std::process::id()));
        for set in ["photos/voc", "photos/mini"] {
            std::fs::create_dir_all(root.join(set)).expect("a writable temporary folder");
        }
        let write = |name: &str, bytes: &[u8]| std::fs::write(root.join(name), bytes).expect("a writable folder");
        let (weights, device) = (Weights::untrained(3), Device::flex());
        let fits = "untrained weights have every shape";
        write("rpn.bpk", &pack(&RegionProposals::load(&weights, "", &device).expect(fits)));
        write("faster-rcnn.bpk", &pack(&BoxHead::load(&weights, "", &device).expect(fits)));
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

    fn proposals(&self) -> RegionProposals {
        load_network(&self.0.join("rpn.bpk"), &Device::flex()).expect("just packed")
    }

    /// The system of the command line with the folder's networks.
    fn annotator(&self) -> Annotator {
        let (weights, detector) = (self.0.clone().into_os_string(), weights_path("cache/ssd.bpk").into_os_string());
        let words = ["annotate", "--system", "faster-rcnn", "--weights"].map(OsString::from);
        let words = words.into_iter().chain([weights, "--detector".into(), detector]);
        Annotator::load(&CommandLine::parse_from(words).options).expect("just packed")
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
    let folder = Folder::new("boxes");
    let (photo, found) = folder.annotator().photo_objects(&cat(), "cat.jpg").expect("the run ends");
    let size = photo.size();
    assert_eq!(size, image::image_dimensions(cat()).expect("a sample photo"));
    assert!(!found.is_empty() && found.len() <= 100, "{}", found.len());
    for object in &found {
        let corners = object.corners();
        assert!(corners.x0 >= 0.0 && corners.y0 >= 0.0, "{corners:?}");
        assert!(corners.x1 <= size.0 as f32 + 0.01 && corners.y1 <= size.1 as f32 + 0.01, "{corners:?}");
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
    assert!(!results.is_empty() && results.iter().all(|result| result.image_id == Some(7)));
    assert!(box_summary(&mini.dataset, &results).expect("one photo").get("AP").is_some());

    let (ssd, device, proposals) = (detector(), Device::flex(), folder.proposals());
    let rule = ProposalRule { after_suppression: 50, ..ProposalRule::default() };
    let proposer = RegionProposer { backbone: ssd.backbone(), network: &proposals, rule, device: &device };
    for photos in [of_voc(&voc), of_coco(&mini)] {
        assert_eq!(photos[0].boxes.len(), 1, "neither difficult objects nor groups count");
        let (coverage, _) = measure(&photos, &proposer, &|| {}).expect("the run ends");
        let [few, many] = [1, 50].map(|most| coverage.mean_best_overlap(most).expect("an object"));
        assert!((0.0..=many).contains(&few) && many <= 1.0);
    }
}
