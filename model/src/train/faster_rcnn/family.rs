//! The heads that learn together on one feature pyramid, and the files that they become.

use burn::{
    module::Module,
    tensor::{Device, Tensor},
};

use crate::{
    heads::{
        box_head::{BoxHead, BoxOutput},
        faster_rcnn::{Cut, RegionProposals},
        r_fcn::RFcnHead,
        spp::SppHead,
        top_down::LATERAL,
    },
    nn::weights::{Pack, Weights, WeightsError},
    proposals::levels::ByLevel,
    train::{
        TrainError,
        bank::{Map, SPREAD},
    },
};

/// The first stage, and second stages for each way to cut a region out of the pyramid.
///
/// RoIPool takes the largest numbers and RoIAlign means of them, so each has a head of its own. The aligned one and R-FCN, which
/// has only convolutions, send gradients into the pyramid: the others learn from what it has become.
#[derive(Module, Debug)]
pub struct RegionFamily {
    pub(super) proposals: RegionProposals,
    pub(super) boxes: BoxHead,
    pub(super) pooled: BoxHead,
    pub(super) spp: SppHead,
    pub(super) r_fcn: RFcnHead,
}

/// A second stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// RoIAlign, as Mask R-CNN has it.
    Aligned,
    /// RoIPool, as Fast R-CNN has it.
    Pooled,
    /// The spatial pyramid of SPP-net.
    Spp,
    /// The position-sensitive maps of R-FCN.
    RFcn,
}

impl Stage {
    /// All of them; the first one chooses the best checkpoint.
    pub const ALL: [Self; 4] = [Self::Aligned, Self::Pooled, Self::Spp, Self::RFcn];

    /// What its mean average precision is called in the log.
    pub const fn measure(self) -> &'static str {
        match self {
            Self::Aligned => "voc_map",
            Self::Pooled => "pooled_map",
            Self::Spp => "spp_map",
            Self::RFcn => "r_fcn_map",
        }
    }
}

/// The files of a family, without ending: the first stage, then those of [`Stage::ALL`].
pub const FILES: [&str; 5] = ["rpn", "faster-rcnn", "fast-rcnn", "spp-net", "r-fcn"];

impl RegionFamily {
    /// Loads `proposals.neck`, `proposals.rpn`, `boxes`, `pooled`, `spp` and `r-fcn`.
    ///
    /// # Errors
    /// When a tensor is missing or of another shape.
    pub fn load(weights: &Weights, device: &Device) -> Result<Self, WeightsError> {
        Ok(Self {
            proposals: RegionProposals::load(weights, "proposals.", device)?,
            boxes: BoxHead::load(weights, "boxes.", device)?,
            pooled: BoxHead::load(weights, "pooled.", device)?,
            spp: SppHead::load(weights, "spp.", device)?,
            r_fcn: RFcnHead::load(weights, "r_fcn.", device)?,
        })
    }

    /// What a second stage says of the regions, in the order of `sorted`.
    #[must_use]
    pub fn forward(&self, stage: Stage, maps: &[Tensor<4>; 3], sorted: &ByLevel) -> BoxOutput {
        match stage {
            Stage::Aligned => self.boxes.forward(Cut::Align.regions(sorted, maps)),
            Stage::Pooled => self.pooled.forward(Cut::Pool.regions(sorted, maps)),
            Stage::Spp => self.spp.forward(SppHead::pool(sorted, maps)),
            Stage::RFcn => RFcnHead::vote(&self.r_fcn.maps(&maps[1]), &sorted.regions()),
        }
    }

    /// The contents of [`FILES`].
    ///
    /// # Errors
    /// When numbers cannot be read or stored.
    pub fn files(&self) -> Result<[Vec<u8>; 5], TrainError> {
        let mut first = Pack::default();
        scale_readers(&mut first, "neck", |map| 1.0 / SPREAD[map as usize]);
        first.add_module("", &self.proposals)?;
        Ok([first.into_bytes()?, packed(&self.boxes)?, packed(&self.pooled)?, packed(&self.spp)?, packed(&self.r_fcn)?])
    }
}

fn packed<M: Module>(head: &M) -> Result<Vec<u8>, TrainError> {
    let mut pack = Pack::default();
    pack.add_module("", head)?;
    Ok(pack.into_bytes()?)
}

/// A checkpoint to go on from, of files: what [`RegionFamily::files`] has taken into the weights is taken out again. Files that
/// are not there begin anew.
///
/// # Arguments
/// * `file` - the bytes of one of [`FILES`].
///
/// # Errors
/// When a file is not the network's, or numbers cannot be read or stored.
pub fn checkpoint(file: impl Fn(&str) -> Option<Vec<u8>>) -> Result<Vec<u8>, TrainError> {
    let mut pack = Pack::exact();
    scale_readers(&mut pack, "proposals.neck", |map| SPREAD[map as usize]);
    let device = Device::flex();
    for (name, prefix) in FILES.into_iter().zip(["proposals", "boxes", "pooled", "spp", "r_fcn"]) {
        let Some(bytes) = file(name) else { continue };
        let weights = Weights::from_bytes(bytes)?;
        let add = match name {
            "rpn" => pack.add_module(prefix, &RegionProposals::load(&weights, "", &device)?),
            "spp-net" => pack.add_module(prefix, &SppHead::load(&weights, "", &device)?),
            "r-fcn" => pack.add_module(prefix, &RFcnHead::load(&weights, "", &device)?),
            _ => pack.add_module(prefix, &BoxHead::load(&weights, "", &device)?),
        };
        add?;
    }
    Ok(pack.into_bytes()?)
}

/// Has a pack multiply the rows of the layers that read the backbone's maps.
fn scale_readers(pack: &mut Pack, neck: &str, factor: impl Fn(Map) -> f32) {
    let readers = [
        ("lateral_8", Map::Stride8, LATERAL[0]),
        ("lateral_16", Map::Stride16, LATERAL[1]),
        ("lateral_32", Map::Stride32, LATERAL[2]),
        ("scene", Map::Stride32, LATERAL[2]),
    ];
    for (name, map, rows) in readers {
        pack.scale_rows(format!("{neck}.{name}.weight"), vec![factor(map); rows]);
    }
}
