//! Where the labels of the boxes go: near their box, inside the canvas, never on one another.
//!
//! Point-feature label placement by candidate positions, greedily from the most to the least important label: each tries
//! its usual places on the box, then slides along the edges, then shrinks to its number, and is left out when there is no
//! room at all (its box stays, and the list names it).

use model::structures::boxes::BBox;

use super::view::Size;

/// A label that wants a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Request {
    /// Its box, in CSS pixels of the canvas.
    pub bbox: BBox,
    /// The size of the whole label.
    pub full: Size,
    /// The size of the label shrunk to its number.
    pub short: Size,
}

/// A label's place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Placed {
    /// Index of the request.
    pub index: usize,
    /// Left edge in CSS pixels.
    pub x: f32,
    /// Top edge in CSS pixels.
    pub y: f32,
    /// Whether there was only room for the number.
    pub short: bool,
}

/// Free space between two labels.
const GAP: f32 = 2.0;
/// How many places along an edge are tried.
const STEPS: usize = 6;

/// Finds a place for each label that has room.
///
/// # Arguments
/// * `requests` - most important first.
/// * `canvas` - labels stay inside `[0, width] x [0, height]`.
///
/// # Returns
/// The placed labels in the order of the requests; no two overlap, all lie inside the canvas.
#[must_use]
pub fn place(requests: &[Request], canvas: Size) -> Vec<Placed> {
    let mut taken: Vec<BBox> = Vec::with_capacity(requests.len());
    let mut placed = Vec::with_capacity(requests.len());
    for (index, request) in requests.iter().enumerate() {
        let Some(visible) = visible_part(&request.bbox, canvas) else { continue };
        let found = [(request.full, false), (request.short, true)].into_iter().find_map(|(size, short)| {
            let spot = spots(&visible, size, canvas).into_iter().map(|(x, y)| at(x, y, size));
            spot.into_iter().find(|spot| is_free(spot, &taken)).map(|spot| (spot, short))
        });
        if let Some((spot, short)) = found {
            placed.push(Placed { index, x: spot.x0, y: spot.y0, short });
            taken.push(spot);
        }
    }
    placed
}

/// The part of a box that is on the canvas, if any.
fn visible_part(bbox: &BBox, canvas: Size) -> Option<BBox> {
    let off = bbox.x1 < 0.0 || bbox.y1 < 0.0 || bbox.x0 > canvas.width || bbox.y0 > canvas.height;
    (!off).then(|| bbox.clip(canvas.width, canvas.height))
}

/// Places to try, best first, as the label's top left corner; all inside the canvas.
fn spots(bbox: &BBox, size: Size, canvas: Size) -> Vec<(f32, f32)> {
    if size.width > canvas.width || size.height > canvas.height {
        return Vec::new();
    }
    let (above, below) = (bbox.y0 - size.height, bbox.y1);
    let (inside_top, inside_bottom) = (bbox.y0, bbox.y1 - size.height);
    let right = bbox.x1 - size.width;
    let mut spots = vec![
        (bbox.x0, above),
        (bbox.x0, inside_top),
        (right, above),
        (bbox.x0, below),
        (right, inside_top),
        (bbox.x0, inside_bottom),
        (right, inside_bottom),
        (right, below),
    ];
    // Along the four edges, then down the inside of the left edge.
    for step in 1..STEPS {
        let t = step as f32 / STEPS as f32;
        let x = bbox.x0 + (right - bbox.x0) * t;
        spots.extend([above, inside_top, inside_bottom, below].map(|y| (x, y)));
    }
    for step in 1..STEPS {
        let y = inside_top + (inside_bottom - inside_top) * step as f32 / STEPS as f32;
        spots.extend([(bbox.x0, y), (right, y), (bbox.x0 - size.width, y), (bbox.x1, y)]);
    }
    for spot in &mut spots {
        spot.0 = spot.0.clamp(0.0, canvas.width - size.width);
        spot.1 = spot.1.clamp(0.0, canvas.height - size.height);
    }
    spots
}

fn at(x: f32, y: f32, size: Size) -> BBox {
    BBox::new(x, y, x + size.width, y + size.height)
}

fn is_free(spot: &BBox, taken: &[BBox]) -> bool {
    let wide = BBox::new(spot.x0 - GAP, spot.y0 - GAP, spot.x1 + GAP, spot.y1 + GAP);
    taken.iter().all(|other| wide.intersection(other) <= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CANVAS: Size = Size::new(400.0, 300.0);
    const FULL: Size = Size::new(90.0, 20.0);
    const SHORT: Size = Size::new(22.0, 20.0);

    fn request(x0: f32, y0: f32, x1: f32, y1: f32) -> Request {
        Request { bbox: BBox::new(x0, y0, x1, y1), full: FULL, short: SHORT }
    }

    fn area(placed: &Placed) -> BBox {
        at(placed.x, placed.y, if placed.short { SHORT } else { FULL })
    }

    fn assert_valid(placed: &[Placed]) {
        for (i, one) in placed.iter().map(area).enumerate() {
            assert!(one.x0 >= 0.0 && one.y0 >= 0.0 && one.x1 <= CANVAS.width && one.y1 <= CANVAS.height, "{one:?}");
            for other in placed[..i].iter().map(area) {
                assert_eq!(one.intersection(&other), 0.0, "{one:?} {other:?}");
            }
        }
    }

    #[test]
    fn a_label_sits_on_its_box_and_moves_in_at_the_top_edge() {
        let placed = place(&[request(50.0, 60.0, 200.0, 150.0), request(210.0, 5.0, 390.0, 150.0)], CANVAS);
        assert_eq!((placed[0].x, placed[0].y, placed[0].short), (50.0, 40.0, false));
        assert_eq!((placed[1].x, placed[1].y), (210.0, 0.0));
        assert_valid(&placed);
    }

    #[test]
    fn equal_boxes_get_labels_side_by_side() {
        let placed = place(&[request(50.0, 60.0, 300.0, 200.0); 8], CANVAS);
        assert_eq!(placed.len(), 8);
        assert!(placed.iter().all(|it| !it.short));
        assert_valid(&placed);
    }

    #[test]
    fn a_crowd_shrinks_before_it_drops() {
        let crowd: Vec<Request> = (0..200)
            .map(|i| {
                let (x, y) = ((i * 37 % 390) as f32, (i * 53 % 280) as f32);
                request(x, y, x + 25.0, y + 30.0)
            })
            .collect();
        let placed = place(&crowd, CANVAS);
        assert_valid(&placed);
        assert!(placed.iter().any(|it| it.short));
        // The canvas holds at most 59 whole labels.
        assert!(placed.len() > 35, "{}", placed.len());
        assert!(!placed[0].short);
    }

    #[test]
    fn boxes_off_the_canvas_have_no_label() {
        let placed = place(&[request(-300.0, 10.0, -200.0, 50.0), request(-50.0, -50.0, 500.0, 500.0)], CANVAS);
        assert_eq!(placed.len(), 1);
        assert_eq!((placed[0].index, placed[0].x, placed[0].y), (1, 0.0, 0.0));
        assert!(place(&[request(0.0, 0.0, 9.0, 9.0)], Size::new(10.0, 10.0)).is_empty());
    }
}
