//! Detection systems, one a file: which stages run in which order, and nothing else. What the stages compute is in `heads/`,
//! `backbone` and `proposals/`.
//!
//! The page's worker, the command line, the evaluation, the benchmark and the tests all run systems through
//! [`Detector::run`]; so what is measured is what is shipped.

mod artifacts;
mod backbone;
mod captions;
mod closer_look;
pub(crate) mod closer_masks;
mod context;
mod densecap;
mod fast_rcnn;
mod faster_rcnn;
mod fcn;
mod fcn_full;
mod fcn_masks;
mod iterative_localization;
mod keypoint_rcnn;
mod localize;
mod mask_rcnn;
mod masks;
mod movenet;
mod networks;
mod pose_regression;
mod r_fcn;
mod rcnn;
mod region_features;
mod region_proposals;
mod selective_search;
mod settings;
mod sliding_segmentation;
mod sliding_window;
mod spp_net;
mod ssd;
mod yolo;

use std::pin::Pin;

use burn::tensor::Device;

pub use self::{
    context::{Collector, Context, Observer, Output, StageCache, Work},
    networks::{LoadError, Networks, Source},
    selective_search::selective_search,
    settings::{MIN_CAPTION_SCORE, Settings},
};
use crate::{
    catalog::System,
    device::RunError,
    photo::Photo,
    run::Run,
    structures::question::{Answer, Question},
};

/// A future on one thread.
pub type LocalBoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// A system with its networks on a device.
pub trait Detector: Send + Sync {
    /// Runs the system's stages in order; each is in the context's cache afterwards.
    ///
    /// # Errors
    /// When the run is cancelled, the device fails, or a network computes numbers that are not finite. Stages that were done
    /// by then stay in the cache.
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>>;

    /// Answers a question about the photo; the stages that it takes are those of the context's cache.
    ///
    /// # Returns
    /// `None` from a system that has no answer.
    ///
    /// # Errors
    /// As [`Detector::run`].
    fn answer<'a>(
        &'a self,
        _cx: &'a mut Context<'_>,
        _question: &'a Question,
    ) -> LocalBoxFuture<'a, Result<Option<Answer>, RunError>> {
        Box::pin(std::future::ready(Ok(None)))
    }
}

/// Loads a system; networks that are loaded already are shared.
///
/// # Errors
/// When weights cannot be had or are not the network's.
pub async fn load<S: Source>(system: System, networks: &Networks<S>) -> Result<Box<dyn Detector>, LoadError<S::Error>> {
    let detector = networks.get("ssd").await?;
    Ok(match system {
        System::Ssd => Box::new(ssd::SsdSystem { detector }),
        System::FasterRcnn => Box::new(faster_rcnn(networks).await?),
        System::FastRcnn => Box::new(fast_rcnn::FastRcnnSystem {
            detector,
            pyramid: networks.get("rpn").await?,
            boxes: networks.get("fast-rcnn").await?,
        }),
        System::Yolo => Box::new(yolo::YoloSystem { detector, head: networks.get("yolo").await? }),
        System::Rcnn => Box::new(rcnn::RcnnSystem { detector, head: networks.get("rcnn").await? }),
        System::SppNet => Box::new(spp_net::SppNetSystem {
            detector,
            pyramid: networks.get("rpn").await?,
            head: networks.get("spp-net").await?,
        }),
        System::RFcn => Box::new(r_fcn::RFcnSystem {
            detector,
            proposals: networks.get("rpn").await?,
            head: networks.get("r-fcn").await?,
        }),
        System::SlidingWindow => Box::new(sliding_window::SlidingWindow { boxes: faster_rcnn(networks).await? }),
        System::MoveNet => Box::new(movenet::MoveNetSystem { detector, network: networks.get("movenet").await? }),
        System::PoseRegression => {
            Box::new(pose_regression::PoseRegression { detector, head: networks.get("pose-regression").await? })
        }
        System::KeypointRcnn => Box::new(keypoint_rcnn(networks).await?),
        System::MaskRcnn => Box::new(mask_rcnn::MaskRcnnSystem {
            people: keypoint_rcnn(networks).await?,
            masks: networks.get("mask").await?,
        }),
        System::Masks => Box::new(masks::MaskSystem { detector, head: networks.get("mask").await? }),
        System::Fcn => Box::new(fcn(networks).await?),
        System::FcnMasks => {
            Box::new(fcn_masks::FcnMasks { fcn: fcn(networks).await?, masks: networks.get("mask").await? })
        }
        System::FcnFull => Box::new(fcn_full::FcnFullSystem { detector, head: networks.get("segment").await? }),
        System::SlidingSegmentation => {
            Box::new(sliding_segmentation::SlidingSegmentation { detector, head: networks.get("segment").await? })
        }
        System::DenseCap => Box::new(densecap::DenseCapSystem {
            boxes: faster_rcnn(networks).await?,
            model: networks.get("caption").await?,
        }),
        System::Captions => Box::new(captions::CaptionSystem { detector, model: networks.get("caption").await? }),
        System::Localize => Box::new(localize(networks).await?),
        System::IterativeLocalization => {
            Box::new(iterative_localization::IterativeLocalization { once: localize(networks).await? })
        }
    })
}

/// Loads a system to answer a question, which may take weights beside its own.
///
/// # Errors
/// As [`load`].
pub async fn load_to_answer<S: Source>(
    system: System,
    question: &Question,
    networks: &Networks<S>,
) -> Result<Box<dyn Detector>, LoadError<S::Error>> {
    match (system, question.weights()) {
        (System::Localize, Some(name)) => Ok(Box::new(localize::LocalizeSystem {
            compared: Some(networks.get(name).await?),
            ..localize(networks).await?
        })),
        (System::FasterRcnn, Some(name)) => Ok(Box::new(faster_rcnn::FasterRcnn {
            backward: Some(networks.get(name).await?),
            ..faster_rcnn(networks).await?
        })),
        (System::Fcn, Some(name)) => {
            Ok(Box::new(fcn::FcnSystem { unpooled: Some(networks.get(name).await?), ..fcn(networks).await? }))
        }
        _ => load(system, networks).await,
    }
}

async fn fcn<S: Source>(networks: &Networks<S>) -> Result<fcn::FcnSystem, LoadError<S::Error>> {
    let (detector, head) = (networks.get("ssd").await?, networks.get("segment").await?);
    Ok(fcn::FcnSystem { detector, head, unpooled: None })
}

async fn localize<S: Source>(networks: &Networks<S>) -> Result<localize::LocalizeSystem, LoadError<S::Error>> {
    let (detector, head) = (networks.get("ssd").await?, networks.get("localize").await?);
    Ok(localize::LocalizeSystem { detector, head, compared: None })
}

async fn faster_rcnn<S: Source>(networks: &Networks<S>) -> Result<faster_rcnn::FasterRcnn, LoadError<S::Error>> {
    Ok(faster_rcnn::FasterRcnn {
        detector: networks.get("ssd").await?,
        proposals: networks.get("rpn").await?,
        boxes: networks.get("faster-rcnn").await?,
        backward: None,
    })
}

async fn keypoint_rcnn<S: Source>(networks: &Networks<S>) -> Result<keypoint_rcnn::KeypointRcnn, LoadError<S::Error>> {
    Ok(keypoint_rcnn::KeypointRcnn {
        boxes: faster_rcnn(networks).await?,
        keypoints: networks.get("keypoint-branch").await?,
    })
}

/// Runs a system on a photo from the first stage on and collects what it says: for programs without a page.
///
/// # Errors
/// As [`Detector::run`].
pub async fn run_photo(
    system: System,
    detector: &dyn Detector,
    photo: &Photo,
    device: &Device,
    settings: &Settings,
) -> Result<Run, RunError> {
    collect(Collector::new(system, false), detector, photo, device, settings).await
}

/// As [`run_photo`], with every stage's artifact.
///
/// # Errors
/// As [`Detector::run`].
pub async fn look_inside(
    system: System,
    detector: &dyn Detector,
    photo: &Photo,
    device: &Device,
    settings: &Settings,
) -> Result<Run, RunError> {
    collect(Collector::new(system, true), detector, photo, device, settings).await
}

async fn collect(
    collector: Collector,
    detector: &dyn Detector,
    photo: &Photo,
    device: &Device,
    settings: &Settings,
) -> Result<Run, RunError> {
    let mut cache = StageCache::default();
    detector.run(&mut Context::new(photo, device, settings, &mut cache, &collector)).await?;
    Ok(collector.into_run())
}
