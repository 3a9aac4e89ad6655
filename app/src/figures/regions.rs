//! The figure about regions: how a box of any size becomes a grid of fixed size on a feature map (00:56 and 01:09 of the lecture).

mod drawing;
mod heads;
mod masks;
mod setup;

use leptos::prelude::*;
use model::{
    catalog::{BACKBONE, System},
    figures::{
        grid::Grid,
        regions::{BinGrid, Rounding, roi_align, rounding},
    },
    structures::{boxes::BBox, question::RegionClasses, stage::Artifact},
};

use self::{
    heads::Heads,
    masks::Masks,
    setup::{GRIDS, Method, Setup},
};
use super::{
    boxes_on_photo::{Handle, PhotoBoxes},
    cells::CellGrid,
    controls::{Range, to_try},
    numbers::{Numbers, lines, table},
    setup::kept,
    svg::Mark,
};
use crate::{
    inside::views::{
        choice::{Choice, number},
        marks::NEUTRAL,
        raster::shown_channel,
    },
    state::{use_actions, use_photo, use_result},
};

/// The slot of the box's colour.
const SLOT: usize = 0;

/// What the figure works out: copies share it.
#[derive(Clone, Copy)]
struct Bench {
    setup: RwSignal<Setup>,
    /// A channel of the photo's map at the chosen stride, with its number among so many; `None` until it is there.
    map: Memo<Option<(Grid, usize, usize)>>,
    /// The bin that is pointed at: column and row.
    bin: Memo<(usize, usize)>,
    asked: RwSignal<Option<(usize, usize)>>,
    /// Pixels of the photo across and down.
    photo: Memo<(f32, f32)>,
    heads: Heads,
    masks: Masks,
}

impl Bench {
    fn new() -> Self {
        let (photo, result, actions) = (use_photo(), use_result(), use_actions());
        actions.view.needs_network.set(true);
        let setup = kept(Setup::read, Setup::write);
        let map = Memo::new(move |_| {
            let (level, channel) = setup.with(|it| (it.level, it.channel));
            result.results.with(|all| {
                let maps = all.finished(System::Ssd)?.run.stage(BACKBONE.key)?.artifact.as_ref()?;
                let Artifact::FeatureMaps(maps) = maps else { return None };
                let map = maps.get(level)?;
                let channel = shown_channel(map, channel)?;
                let value = |x, y| f64::from(map.value(channel, x, y).unwrap_or_default());
                // Two decimals, as they are printed.
                let value = |x: usize, y: usize| (value(x, y) * 100.0).round() / 100.0;
                Some((Grid::from_fn((map.width, map.height), value), channel, map.channels))
            })
        });
        Effect::new(move |_| {
            if result.is_done() && map.with(Option::is_none) {
                actions.open_beside(System::Ssd);
            }
        });
        let asked = RwSignal::new(None);
        let bin = Memo::new(move |_| {
            let side = setup.with(|it| it.side);
            asked.get().filter(|&(x, y)| x < side && y < side).unwrap_or((side / 2, side / 2))
        });
        let size = Memo::new(move |_| {
            let size = photo.size();
            (size.width.max(1.0), size.height.max(1.0))
        });
        let heads = Heads::new(setup);
        Self { setup, map, bin, asked, photo: size, heads, masks: Masks::new(setup, heads.is_known()) }
    }

    /// Cells of the map at the chosen stride.
    fn size(self) -> (usize, usize) {
        let level = self.setup.with(|it| it.level);
        self.map.with(|map| map.as_ref().map_or((GRIDS[level], GRIDS[level]), |it| it.0.size()))
    }

    /// The bins of a method, which RoIAlign does not have.
    fn bins(self, method: Method) -> Option<BinGrid> {
        let (bbox, side) = self.setup.with(|it| (it.bbox, it.side));
        match method {
            Method::Pool | Method::Pyramid => Some(BinGrid::roi_pool(&bbox, self.size(), side)),
            Method::PositionSensitive => Some(BinGrid::position_sensitive(&bbox, self.size(), side)),
            Method::Align => None,
        }
    }

    /// What a method's rounding does to the box.
    fn rounding(self, method: Method) -> Rounding {
        let (width, height) = self.size();
        let region = self.setup.with(|it| it.bbox).scale(width as f32, height as f32);
        self.bins(method).map_or_else(Rounding::default, |bins| rounding(&region, &bins.extent()))
    }

    /// How far the middle moves, in pixels of the photo.
    fn shift(self, method: Method) -> (f32, f32) {
        let ((width, height), (columns, rows)) = (self.photo.get(), self.size());
        let Rounding { shift: (x, y), .. } = self.rounding(method);
        (x * width / columns as f32, y * height / rows as f32)
    }

    /// What comes of the box.
    fn pooled(self, method: Method) -> Option<Grid> {
        let (bbox, side) = self.setup.with(|it| (it.bbox, it.side));
        self.map.with(|map| {
            let map = &map.as_ref()?.0;
            Some(match (method, self.bins(method)) {
                (Method::Pool | Method::Pyramid, Some(bins)) => bins.largest(map).0,
                (_, Some(bins)) => bins.mean(map),
                (_, None) => roi_align(map, &bbox, side),
            })
        })
    }

    /// A method in words.
    fn words(self, method: Method) -> String {
        let Rounding { lost, added, .. } = self.rounding(method);
        let (x, y) = self.shift(method);
        match method {
            Method::Align => "Nothing is rounded: every bin is the mean of four samples between the middles of cells, where the box really is.".into(),
            Method::Pyramid | Method::Pool | Method::PositionSensitive => {
                let last = match method {
                    Method::PositionSensitive => "each bin is a mean, and reads a map of its own",
                    Method::Pyramid => "each bin of three grids (16, 4 and 1) keeps its largest number",
                    Method::Pool | Method::Align => "each bin keeps its largest number",
                };
                format!(
                    "The corners are rounded to whole cells: {:.0}% of the box is lost, {:.0}% is added, and its middle moves by {} pixels; {last}.",
                    lost * 100.0,
                    added * 100.0,
                    number(x.hypot(y)),
                )
            }
        }
    }
}

/// The figure on the photo on show.
pub fn view() -> AnyView {
    let bench = Bench::new();
    let setup = bench.setup;
    let method = Memo::new(move |_| setup.with(|it| it.method));
    let handles = Signal::derive(move || vec![Handle { bbox: setup.with(|it| it.bbox), slot: SLOT, name: "Region" }]);
    let pooled = Memo::new(move |_| bench.pooled(method.get()).unwrap_or_default());
    let methods = Method::ALL.map(|it| it.title().to_owned()).to_vec();
    let strides = ["4", "8", "16", "32"].map(str::to_owned).to_vec();
    let sides = move || method.get().sides().iter().map(|side| format!("{side} × {side}")).collect::<Vec<_>>();
    let waiting =
        move || if bench.map.with(Option::is_none) { "The network is computing the photo's maps." } else { "" };
    let choose = move |cell: usize| {
        let side = setup.with_untracked(|it| it.side);
        bench.asked.set(Some((cell % side, cell / side)));
    };
    let active = Signal::derive(move || {
        let (x, y) = bench.bin.get();
        Some(y * setup.with(|it| it.side) + x)
    });
    let labels = Signal::derive(move || {
        let label = |(system, said)| said_at(system, &said);
        bench.heads.shown().and_then(label).into_iter().collect::<Vec<_>>()
    });
    let channels = Signal::derive(move || (0.0, bench.map.with(|it| it.as_ref().map_or(1, |it| it.2)) as f64 - 1.0));
    view! {
        <Choice id="method" label="From a box to a grid" options=Signal::stored(methods)
            chosen=Signal::derive(move || Method::ALL.iter().position(|&it| it == method.get()).unwrap_or_default())
            choose=move |index: usize| setup.update(|it| *it = it.clone().by(Method::ALL[index]))/>
        <div class="fig-photo-side">
            <div>
                <PhotoBoxes handles labels set=move |_, bbox| setup.update(|it| it.bbox = bbox)>{move || drawing::of(bench)}</PhotoBoxes>
                <p class="fig-note">"Red: what is lost of the box. Dots: the samples. Bold: the bin that you point at, and what it reads. Dashed: the head's corrected box."</p>
                <div class="fig-choices">
                    <Choice id="level" label="Stride of the map" options=Signal::stored(strides)
                        chosen=Signal::derive(move || setup.with(|it| it.level))
                        choose=move |index: usize| setup.update(|it| (it.level, it.channel) = (index, None))/>
                    <Choice id="bins" label="Bins" options=Signal::derive(sides)
                        chosen=Signal::derive(move || setup.with(|it| it.method.sides().iter().position(|&side| side == it.side)).unwrap_or_default())
                        choose=move |index: usize| setup.update(|it| it.side = it.method.sides()[index])/>
                </div>
                {heads::view(bench.heads, bench.photo)}
                {bench.masks.view(bench.photo)}
            </div>
            <div>
                <p class="big-number" data-testid="shift">{move || { let (x, y) = bench.shift(method.get()); number(x.hypot(y)) }}</p>
                <p class="fig-note">"pixels that the middle of the box moves"</p>
                <p class="fig-reading" aria-live="polite" data-testid="region-words">{move || bench.words(method.get())}</p>
                <Comparison bench/>
                <h2 class="fig-name">"What comes of it"</h2>
                <p class="fig-note" role="status" data-testid="waiting">{waiting}</p>
                <div class="pooled">
                    <CellGrid id="pooled" map=pooled active choose marks=Signal::derive(move || active.get().map(|cell| Mark { cell, slot: NEUTRAL }).into_iter().collect())
                        label=Signal::derive(move || pooled.with(|it| format!("The region as {} by {} numbers. Arrow keys move.", it.width, it.height)))/>
                </div>
                <p class="fig-note" data-testid="count">{move || setup.with(|it| format!(
                    "{} numbers of each channel, however large the box is.", it.method.count(it.side)
                ))}</p>
                <p class="fig-note">{move || bench.map.with(|it| it.as_ref().map(|it| format!(
                    "Channel {} of {} of the backbone's map, {} × {} cells over the photo.", it.1 + 1, it.2, it.0.width, it.0.height
                )))}</p>
                <Range id="channel" label="Channel" limits=channels step=1.0 words=|it| format!("{:.0}", it + 1.0)
                    value=Signal::derive(move || bench.map.with(|it| it.as_ref().map_or(0, |it| it.1)) as f64)
                    set=move |value| setup.update(|it| it.channel = Some(value as usize))/>
            </div>
        </div>
        {to_try("Make the box small on the map of stride 32 and drag it by a pixel: RoI pooling stays, then jumps by a whole cell, while RoIAlign follows. \
                 That is why masks, which need every pixel, came with RoIAlign.")}
        <Numbers text=move || pooled.with(|it| lines("The region", it)) + &bench.map.with(|it| it.as_ref().map(|it| lines("The map", &it.0)).unwrap_or_default())>
            {move || pooled.with(|it| table("table-pooled", "The region", it))}
        </Numbers>
    }
    .into_any()
}

/// The label of a corrected box with its place.
fn said_at(system: System, said: &RegionClasses) -> Option<(f32, f32, String)> {
    said.corrected.map(|bbox| (bbox.x0, bbox.y1.min(0.95), heads::label(system, said)))
}

/// What each method does to the box, side by side.
#[component]
fn Comparison(
    /// The figure.
    bench: Bench,
) -> impl IntoView {
    let row = move |method: Method| {
        let percent = |part: f32| format!("{:.0}%", part * 100.0);
        view! {
            <tr class:comparison-on=move || bench.setup.with(|it| it.method == method)>
                <th scope="row">{method.title()}</th>
                <td>{move || percent(bench.rounding(method).lost)}</td>
                <td>{move || percent(bench.rounding(method).added)}</td>
                <td data-testid="shift-of">{move || { let (x, y) = bench.shift(method); format!("{}, {}", number(x), number(y)) }}</td>
            </tr>
        }
    };
    view! {
        <div class="fig-table"><table class="loss-table">
            <caption class="visually-hidden">"What each method does to the box"</caption>
            <thead><tr><td></td><th scope="col">"lost"</th><th scope="col">"added"</th><th scope="col">"shift x, y (pixels)"</th></tr></thead>
            <tbody>{Method::ALL.map(row).collect_view()}</tbody>
        </table></div>
    }
}

/// Strips of a region that another rectangle does not cover; at most four.
fn uncovered(region: &BBox, covered: &BBox) -> Vec<BBox> {
    let (x0, x1) = (covered.x0.clamp(region.x0, region.x1), covered.x1.clamp(region.x0, region.x1));
    let (y0, y1) = (covered.y0.clamp(region.y0, region.y1), covered.y1.clamp(region.y0, region.y1));
    if x0 >= x1 || y0 >= y1 {
        return vec![*region];
    }
    let strips = [
        BBox::new(region.x0, region.y0, region.x1, y0),
        BBox::new(region.x0, y1, region.x1, region.y1),
        BBox::new(region.x0, y0, x0, y1),
        BBox::new(x1, y0, region.x1, y1),
    ];
    strips.into_iter().filter(|it| it.area() > 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strips_and_what_is_covered_make_up_the_region() {
        let region = BBox::new(0.0, 0.0, 4.0, 4.0);
        for covered in [BBox::new(1.0, 1.0, 3.0, 5.0), BBox::new(-1.0, -1.0, 9.0, 9.0), BBox::new(5.0, 0.0, 6.0, 1.0)] {
            let strips: f32 = uncovered(&region, &covered).iter().map(BBox::area).sum();
            assert!((strips + region.intersection(&covered) - 16.0).abs() < 1e-5, "{covered:?}");
        }
    }
}
