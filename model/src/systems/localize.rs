//! Classification + localization: one class and one box for the whole photo (Sermanet et al. 2014, "OverFeat").

use std::{rc::Rc, sync::Arc};

use super::{Context, Detector, LocalBoxFuture, artifacts::SharedVector, ssd};
use crate::{
    device::RunError,
    heads::{locate::LocateHead, ssd::Ssd},
    structures::question::{Answer, Question},
};

/// Two heads on the detector's backbone.
pub struct LocalizeSystem {
    pub detector: Arc<Ssd>,
    pub head: Arc<LocateHead>,
}

impl Detector for LocalizeSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let photo = cx.photo.size();
            let vector = self.vector(cx).await?;
            cx.stage("two-heads", async |_| self.head.heads(vector.0.clone()).location(photo).await).await?;
            Ok(())
        })
    }

    fn answer<'a>(
        &'a self,
        cx: &'a mut Context<'_>,
        question: &'a Question,
    ) -> LocalBoxFuture<'a, Result<Option<Answer>, RunError>> {
        Box::pin(async move {
            let Question::Heads = question else { return Ok(None) };
            let vector = self.vector(cx).await?;
            Ok(Some(Answer::Heads(vec![self.head.numbers(vector.0.clone()).await?])))
        })
    }
}

impl LocalizeSystem {
    /// The vector that both heads share.
    async fn vector(&self, cx: &mut Context<'_>) -> Result<Rc<SharedVector>, RunError> {
        let features = ssd::features(cx, &self.detector).await?;
        cx.stage("vector", async |_| Ok(SharedVector(self.head.vector(features.maps.stride_32.clone())))).await
    }
}
