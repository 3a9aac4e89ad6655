//! YOLO (Redmon et al. 2016): one pass, one tensor that says everything.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::{Context, Detector, LocalBoxFuture, Output, backbone};
use crate::{
    catalog::{BACKBONE_288, CELL_BOXES, CELLS, INPUT_288},
    device::RunError,
    heads::{
        ssd::{MIN_SCORE, Ssd},
        yolo::{self, BOXES, INPUT, SIDE, YoloHead, detections},
    },
    photo::Framing,
    structures::{
        boxes::Candidate,
        stage::{Artifact, CellBox, Cells},
    },
};

/// YOLO on the detector's backbone.
pub struct YoloSystem {
    pub detector: Arc<Ssd>,
    pub head: Arc<YoloHead>,
}

/// The head's output on a photo.
struct PhotoCells {
    photo: (u32, u32),
    tensor: Tensor<4>,
}

impl Detector for YoloSystem {
    fn run<'a>(&'a self, cx: &'a mut Context<'_>) -> LocalBoxFuture<'a, Result<(), RunError>> {
        Box::pin(async move {
            let features = backbone::features(cx, &self.detector, INPUT, [INPUT_288.key, BACKBONE_288.key]).await?;
            let output = cx
                .stage(CELLS.key, async |_| {
                    Ok(PhotoCells { photo: features.photo, tensor: self.head.forward(&features.maps) })
                })
                .await?;
            cx.stage(CELL_BOXES.key, async |_| output.detections().await).await?;
            Ok(())
        })
    }
}

impl PhotoCells {
    async fn cells(&self) -> Result<Vec<yolo::Cell>, RunError> {
        // A batch of one photo.
        Ok(yolo::cells(self.tensor.clone()).await?.pop().unwrap_or_default())
    }

    fn framing(&self) -> Framing {
        Framing::squash(self.photo, (INPUT as u32, INPUT as u32))
    }

    /// Boxes in photo pixels, inside the photo, before suppression; their priors are places among the boxes of all cells.
    async fn detections(&self) -> Result<Vec<Candidate>, RunError> {
        let framing = self.framing();
        let mut found = detections(&self.cells().await?, MIN_SCORE);
        for detection in &mut found {
            detection.bbox = framing.fractions_to_photo(&detection.bbox);
        }
        Ok(found)
    }
}

impl Output for PhotoCells {
    fn last_tensor(&self) -> Option<Tensor<4>> {
        Some(self.tensor.clone())
    }

    async fn artifact(&self) -> Result<Artifact, RunError> {
        let framing = self.framing();
        let mut all = Cells { side: SIDE, per_cell: BOXES, ..Cells::default() };
        for cell in self.cells().await? {
            let boxes = cell.boxes.iter().zip(cell.confidences);
            let boxes = boxes.map(|(bbox, confidence)| CellBox { bbox: framing.fractions_to_photo(bbox), confidence });
            all.boxes.extend(boxes);
            all.classes.extend(cell.classes);
        }
        Ok(Artifact::Cells(all))
    }
}
