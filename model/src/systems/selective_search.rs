//! Selective Search as a stage, which R-CNN, SPP-net and Fast R-CNN share.

use std::rc::Rc;

use super::{Context, Output};
use crate::{
    catalog::SELECTIVE_SEARCH,
    device::RunError,
    proposals::selective_search::{Rule, SelectiveSearch},
    structures::{hierarchy::Hierarchies, stage::Artifact},
};

/// The hierarchies and the proposals of a photo, the proposals in photo pixels and likeliest first; the run can be ended after
/// each starting segmentation.
pub async fn selective_search(cx: &mut Context<'_>, rule: &Rule) -> Result<Rc<Hierarchies>, RunError> {
    let photo = cx.photo;
    cx.stage_with(SELECTIVE_SEARCH.key, rule, async |work| {
        let mut search = SelectiveSearch::new(photo, rule);
        while let Some(done) = search.step() {
            work.progress(done, search.total(), None).await?;
        }
        Ok(search.finish())
    })
    .await
}

impl Output for Hierarchies {
    async fn artifact(&self) -> Result<Artifact, RunError> {
        Ok(Artifact::Hierarchies(self.clone()))
    }
}
