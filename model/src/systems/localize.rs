//! Classification + localization: one class and one box for the whole photo (Sermanet et al. 2014, "OverFeat").

use std::{rc::Rc, sync::Arc};

use super::{
    Context, Detector, LocalBoxFuture,
    artifacts::{NetworkInput, SharedVector},
    ssd,
};
use crate::{
    device::RunError,
    heads::{
        locate::{ComparedHeads, LocateHead},
        ssd::{self as detector, Ssd},
    },
    structures::question::{Answer, LinearHeads, Question, SeenLocation},
};

/// Two heads on the detector's backbone.
pub struct LocalizeSystem {
    pub detector: Arc<Ssd>,
    pub head: Arc<LocateHead>,
    /// Heads to compare; loaded for the question about them only.
    pub compared: Option<Arc<ComparedHeads>>,
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
            match (question, &self.compared) {
                (Question::Heads, _) => {
                    let vector = self.vector(cx).await?;
                    Ok(Some(Answer::Heads(vec![self.head.numbers(vector.0.clone()).await?])))
                }
                (Question::ComparedHeads, Some(heads)) => {
                    let features = ssd::features(cx, &self.detector).await?;
                    let mut all = vec![];
                    for it in &heads.0 {
                        let vector = it.head.vector(it.head.map(&features.maps));
                        let numbers = it.head.numbers(vector).await?;
                        all.push(LinearHeads { box_weight: it.box_weight, right: Some(it.right), ..numbers });
                    }
                    Ok(Some(Answer::Heads(all)))
                }
                (Question::Location(view), _) => {
                    let seen = NetworkInput::part(cx.photo, view, detector::INPUT, cx.device);
                    let features = self.detector.features(seen.tensor.clone());
                    let location = self.head.forward(&features, |vector| vector).location((1, 1)).await?;
                    Ok(Some(Answer::Location(SeenLocation { location, picture: seen.picture().await? })))
                }
                _ => Ok(None),
            }
        })
    }
}

impl LocalizeSystem {
    /// The vector that both heads share.
    async fn vector(&self, cx: &mut Context<'_>) -> Result<Rc<SharedVector>, RunError> {
        let features = ssd::features(cx, &self.detector).await?;
        cx.stage("vector", async |_| Ok(SharedVector(self.head.vector(self.head.map(&features.maps))))).await
    }
}
