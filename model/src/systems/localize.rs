//! Classification + localization: one class and one box for the whole photo (Sermanet et al. 2014, "OverFeat").

use std::{rc::Rc, sync::Arc};

use burn::tensor::Tensor;

use super::{
    Context, Detector, LocalBoxFuture,
    artifacts::{NetworkInput, SharedVector},
    ssd,
};
use crate::{
    catalog::TWO_HEADS,
    device::RunError,
    heads::{
        locate::{ComparedHeads, LocateHead},
        ssd::{self as detector, Ssd},
    },
    structures::{
        location::Location,
        question::{Answer, LinearHeads, Question, SeenLocation},
    },
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
            self.location(cx).await?;
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
                    let location = self.look(seen.tensor.clone()).await?;
                    Ok(Some(Answer::Location(SeenLocation { location, picture: seen.picture().await? })))
                }
                _ => Ok(None),
            }
        })
    }
}

impl LocalizeSystem {
    /// The class and the box of the whole photo.
    pub async fn location(&self, cx: &mut Context<'_>) -> Result<Rc<Location>, RunError> {
        let photo = cx.photo.size();
        let vector = self.vector(cx).await?;
        cx.stage(TWO_HEADS.key, async |_| self.head.heads(vector.0.clone()).location(photo).await).await
    }

    /// The class and the box of a part of the photo, in its fractions, beside the stages of a run.
    ///
    /// # Arguments
    /// * `pixels` - the part as the network reads it, `[1, 300, 300, 3]`.
    pub async fn look(&self, pixels: Tensor<4>) -> Result<Location, RunError> {
        let features = self.detector.features(pixels);
        self.head.forward(&features, |vector| vector).location((1, 1)).await
    }

    /// The vector that both heads share.
    async fn vector(&self, cx: &mut Context<'_>) -> Result<Rc<SharedVector>, RunError> {
        let features = ssd::features(cx, &self.detector).await?;
        cx.stage("vector", async |_| Ok(SharedVector(self.head.vector(self.head.map(&features.maps))))).await
    }
}
