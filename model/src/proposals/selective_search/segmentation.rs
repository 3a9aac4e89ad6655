//! The starting segments (Felzenszwalb and Huttenlocher 2004, "Efficient Graph-Based Image Segmentation"): pixels are nodes,
//! edges between neighbours cost their difference in colour, and two components join when the cheapest edge between them
//! costs no more than either has inside, plus `k` over its size.

use super::planes::{FRACTION, Planes};
use crate::structures::boxes::BBox;

/// Steps to the neighbours that a pixel has an edge to: across, down, and the two diagonals down.
const STEPS: [(isize, usize); 4] = [(1, 0), (0, 1), (1, 1), (-1, 1)];

/// The pixels of a photo in segments.
pub struct Segments {
    /// The segment of each pixel, row by row.
    pub labels: Vec<u16>,
    /// Pixels across.
    pub width: usize,
    /// Pixels of each segment.
    pub sizes: Vec<u32>,
    /// Where each segment lies.
    pub extents: Vec<Extent>,
}

/// A box in whole pixels: left, top, and one past right and bottom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    pub x0: u32,
    pub y0: u32,
    pub x1: u32,
    pub y1: u32,
}

impl Extent {
    const EMPTY: Self = Self { x0: u32::MAX, y0: u32::MAX, x1: 0, y1: 0 };

    /// The smallest box round both.
    pub fn union(self, other: Self) -> Self {
        Self {
            x0: self.x0.min(other.x0),
            y0: self.y0.min(other.y0),
            x1: self.x1.max(other.x1),
            y1: self.y1.max(other.y1),
        }
    }

    pub const fn area(self) -> u32 {
        (self.x1 - self.x0) * (self.y1 - self.y0)
    }

    /// The box with both axes scaled.
    pub fn bbox(self, (across, down): (f32, f32)) -> BBox {
        BBox::new(self.x0 as f32, self.y0 as f32, self.x1 as f32, self.y1 as f32).scale(across, down)
    }
}

/// Cuts pixels into segments.
///
/// # Arguments
/// * `coarseness` - Felzenszwalb and Huttenlocher's `k`, for values of 0 to 255.
/// * `min_size` - segments with fewer pixels join the neighbour with the cheapest edge.
pub fn segment(planes: &Planes, coarseness: f32, min_size: u32) -> Segments {
    let (width, height) = planes.size;
    // Labels have two bytes.
    let min_size = min_size.max((width * height).div_ceil(usize::from(u16::MAX)) as u32);
    let edges = Edges::sorted(planes);
    let mut forest = Forest::new(width * height);
    let scaled = coarseness.max(0.0) * (1 << FRACTION) as f32;
    let mut limits = vec![scaled; width * height];
    let mut left = Vec::new();
    for (from, to, cost) in edges.iter() {
        let (a, b) = (forest.root(from), forest.root(to));
        if a == b {
            continue;
        }
        let limit = limits[a as usize].min(limits[b as usize]);
        if f32::from(cost) <= limit {
            let root = forest.join(a, b);
            limits[root as usize] = f32::from(cost) + scaled / forest.sizes[root as usize] as f32;
        } else {
            left.push((from, to));
        }
    }
    for (from, to) in left {
        let (a, b) = (forest.root(from), forest.root(to));
        if a != b && forest.sizes[a as usize].min(forest.sizes[b as usize]) < min_size {
            forest.join(a, b);
        }
    }
    numbered(forest, width)
}

/// Edges between neighbouring pixels, cheapest first.
struct Edges {
    width: usize,
    /// Number of a pixel times four, plus the step.
    order: Vec<u32>,
    costs: Vec<u16>,
}

impl Edges {
    fn sorted(planes: &Planes) -> Self {
        let (width, height) = planes.size;
        let mut costs = vec![u16::MAX; width * height * STEPS.len()];
        let mut squares = vec![0i32; width];
        for y in 0..height {
            for (step, &(dx, dy)) in STEPS.iter().enumerate() {
                let first = usize::from(dx < 0);
                if y + dy >= height || width <= dx.unsigned_abs() {
                    continue;
                }
                let count = width - dx.unsigned_abs();
                let start = y * width + first;
                let other = (start + dy * width).wrapping_add_signed(dx);
                let squares = &mut squares[..count];
                squares.fill(0);
                for plane in &planes.channels {
                    add_squares(squares, &plane[start..start + count], &plane[other..other + count]);
                }
                for (i, &square) in squares.iter().enumerate() {
                    // At most 4080 times the root of three.
                    costs[(start + i) * STEPS.len() + step] = (square as f32).sqrt() as u16;
                }
            }
        }
        Self { width, order: by_cost(&costs), costs }
    }

    /// Both ends and the cost of each edge.
    fn iter(&self) -> impl Iterator<Item = (u32, u32, u16)> + '_ {
        self.order.iter().map(|&edge| {
            let from = edge as usize / STEPS.len();
            let (dx, dy) = STEPS[edge as usize % STEPS.len()];
            let to = (from + dy * self.width).wrapping_add_signed(dx);
            (from as u32, to as u32, self.costs[edge as usize])
        })
    }
}

fn add_squares(squares: &mut [i32], a: &[i16], b: &[i16]) {
    for ((square, &a), &b) in squares.iter_mut().zip(a).zip(b) {
        let difference = i32::from(a) - i32::from(b);
        *square += difference * difference;
    }
}

/// The edges by cost (a counting sort, so that equals keep their order); those without a cost are left out.
fn by_cost(costs: &[u16]) -> Vec<u32> {
    let most = costs.iter().copied().filter(|&cost| cost != u16::MAX).max().map_or(0, usize::from);
    let mut starts = vec![0u32; most + 2];
    for &cost in costs.iter().filter(|&&cost| cost != u16::MAX) {
        starts[usize::from(cost) + 1] += 1;
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let mut order = vec![0u32; starts.last().map_or(0, |&count| count as usize)];
    for (edge, &cost) in costs.iter().enumerate().filter(|edge| *edge.1 != u16::MAX) {
        let place = &mut starts[usize::from(cost)];
        // A photo of this search has far fewer edges than a u32 holds.
        order[*place as usize] = edge as u32;
        *place += 1;
    }
    order
}

/// Disjoint sets with union by size and path halving.
struct Forest {
    parents: Vec<u32>,
    sizes: Vec<u32>,
}

impl Forest {
    fn new(count: usize) -> Self {
        Self { parents: (0..count as u32).collect(), sizes: vec![1; count] }
    }

    fn root(&mut self, mut at: u32) -> u32 {
        while self.parents[at as usize] != at {
            let above = self.parents[self.parents[at as usize] as usize];
            self.parents[at as usize] = above;
            at = above;
        }
        at
    }

    /// Joins two roots and returns the root of both.
    fn join(&mut self, a: u32, b: u32) -> u32 {
        let (a, b) = if self.sizes[a as usize] >= self.sizes[b as usize] { (a, b) } else { (b, a) };
        self.parents[b as usize] = a;
        self.sizes[a as usize] += self.sizes[b as usize];
        a
    }
}

/// Numbers the components in the order of their first pixels.
fn numbered(mut forest: Forest, width: usize) -> Segments {
    let count = forest.parents.len();
    let mut numbers = vec![u16::MAX; count];
    let (mut labels, mut sizes, mut extents) = (Vec::with_capacity(count), Vec::new(), Vec::<Extent>::new());
    for pixel in 0..count {
        let root = forest.root(pixel as u32) as usize;
        if numbers[root] == u16::MAX {
            // At most 65,535 segments by the smallest size.
            numbers[root] = sizes.len() as u16;
            sizes.push(forest.sizes[root]);
            extents.push(Extent::EMPTY);
        }
        let (x, y) = ((pixel % width) as u32, (pixel / width) as u32);
        let extent = &mut extents[usize::from(numbers[root])];
        *extent = extent.union(Extent { x0: x, y0: y, x1: x + 1, y1: y + 1 });
        labels.push(numbers[root]);
    }
    Segments { labels, width, sizes, extents }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::proposals::selective_search::{colour::ColourSpace, planes::Rgb};

    fn row(values: &[i16]) -> Planes {
        let plane = values.iter().map(|value| value << FRACTION).collect();
        Planes { size: (values.len(), 1), channels: vec![plane] }
    }

    #[test]
    fn components_by_hand() {
        // The equal pixels join first. Two of them may cost up to k / 2: at 150 a step of 100 is too much, at 300 it is not.
        let planes = row(&[0, 0, 100, 100]);
        assert_eq!(segment(&planes, 150.0, 1).labels, [0, 0, 1, 1]);
        assert_eq!(segment(&planes, 300.0, 1).labels, [0; 4]);
        // A segment that is too small joins over its cheapest edge.
        let planes = row(&[0, 0, 0, 90, 200, 200, 200]);
        assert_eq!(segment(&planes, 50.0, 1).labels, [0, 0, 0, 1, 2, 2, 2]);
        let joined = segment(&planes, 50.0, 2);
        assert_eq!((joined.labels, joined.sizes), (vec![0, 0, 0, 0, 1, 1, 1], vec![4, 3]));
        assert_eq!(joined.extents[1], Extent { x0: 4, y0: 0, x1: 7, y1: 1 });
    }

    #[test]
    fn edges_lead_to_eight_neighbours() {
        // Two diagonals of one colour each.
        let plane = [0, 9, 0, 9, 0, 9, 0, 9, 0].map(|value: i16| (value * 20) << FRACTION).to_vec();
        let planes = Planes { size: (3, 3), channels: vec![plane] };
        assert_eq!(segment(&planes, 10.0, 1).labels, [0, 1, 0, 1, 0, 1, 0, 1, 0]);
    }

    #[test]
    fn segments_are_opencv_s() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/reference/selective_search/values.json");
        let values: Value = serde_json::from_slice(&std::fs::read(file).expect("the reference")).expect("JSON");
        for case in values["segmentations"].as_array().expect("cases") {
            let number = |key: &str| case[key].as_f64().expect("a number");
            let list = |key: &str| -> Vec<u16> {
                case[key].as_array().expect("numbers").iter().map(|v| v.as_u64().expect("a number") as u16).collect()
            };
            let size = (number("width") as usize, number("height") as usize);
            let pixels = list("rgb").chunks_exact(3).map(|rgb| [rgb[0] as u8, rgb[1] as u8, rgb[2] as u8]).collect();
            let planes = Planes::smoothed(&Rgb { size, pixels }, ColourSpace::Lab, number("sigma") as f32);
            let found = segment(&planes, number("k") as f32, number("min_size") as u32);
            let mut pairs: Vec<(u16, u16)> = found.labels.iter().copied().zip(list("labels")).collect();
            pairs.sort_unstable();
            pairs.dedup();
            assert_eq!(pairs.len(), found.sizes.len(), "each of ours is one of theirs: {pairs:?}");
            let theirs: std::collections::HashSet<u16> = pairs.iter().map(|pair| pair.1).collect();
            assert_eq!(pairs.len(), theirs.len(), "each of theirs is one of ours: {pairs:?}");
        }
    }
}
