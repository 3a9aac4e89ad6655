//! Classification + localization: one class and one box for the whole photo (Sermanet et al. 2014, "OverFeat").

use std::sync::Arc;

use super::{Context, Detector, LocalBoxFuture, artifacts::SharedVector, ssd};
use crate::{
    device::RunError,
    heads::{locate::LocateHead, ssd::Ssd},
};

/// Two heads on the detector's backbone.
pub struct LocalizeSystem {
    pub detector: Arc<Ssd>,
    pub head: Arc<LocateHead>,
}

impl Detector for LocalizeSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let features = ssd::features(cx, &self.detector).await?;
            let (head, photo) = (&self.head, features.photo);
            let vector =
                cx.stage("vector", async |_| Ok(SharedVector(head.vector(features.maps.stride_32.clone())))).await?;
            cx.stage("two-heads", async |_| head.heads(vector.0.clone()).location(photo).await).await?;
            Ok(())
        })
    }
}
