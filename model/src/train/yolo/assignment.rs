//! Which box of which cell answers for which object.

use super::EMPTY;
use crate::{
    heads::yolo::{BOXES, Cell, SIDE},
    structures::{boxes::BBox, classes::COCO},
    train::detection_labels::Labels,
};

/// What the cells of a batch should say.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Assignment {
    /// Boxes that answer for an object, counted through the batch.
    pub(super) responsible: Vec<i32>,
    /// For each of them where it should be: centre in its cell, square roots of width and height of the photo.
    pub(super) places: Vec<f32>,
    /// The confidence that each box of the batch should have.
    pub(super) confidences: Vec<f32>,
    /// How much that counts.
    pub(super) weights: Vec<f32>,
    /// Cells with an object, counted through the batch.
    pub(super) occupied: Vec<i32>,
    /// A row of classes for each of them: 1 at its object's.
    pub(super) classes: Vec<f32>,
    /// Likewise: 1 where a class is left out of the softmax.
    pub(super) left_out: Vec<f32>,
}

/// Appends a photo.
///
/// The cell that the centre of an object lies in answers for it; of several objects in a cell the largest one counts. Of a cell's
/// boxes the one that fits best as they are now answers, so that each comes to like other shapes.
///
/// # Arguments
/// * `cells` - what the network says now.
pub(super) fn assign(cells: &[Cell], labels: &Labels, into: &mut Assignment) {
    let mut objects = [None; SIDE * SIDE];
    for object in &labels.objects {
        let at = &mut objects[cell_of(&object.bbox)];
        if at.is_none_or(|other: &super::super::detection_labels::Object| other.bbox.area() < object.bbox.area()) {
            *at = Some(object);
        }
    }
    let mut known = [true; SIDE * SIDE];
    for unsure in &labels.unsure {
        known[cell_of(&unsure.bbox)] = false;
    }
    for (i, (cell, object)) in cells.iter().zip(objects).enumerate() {
        // Some thousand boxes have numbers that fit.
        let first = into.confidences.len() as i32;
        let answering = object.map(|object| best(cell, &object.bbox));
        for b in 0..BOXES {
            let own = object.filter(|_| answering == Some(b));
            into.confidences.push(own.map_or(0.0, |object| cell.boxes[b].iou(&object.bbox)));
            let empty = if known[i] { EMPTY } else { 0.0 };
            into.weights.push(if own.is_some() { 1.0 } else { empty });
        }
        if let (Some(object), Some(b)) = (object, answering) {
            into.responsible.push(first + b as i32);
            into.places.extend(place(i, &object.bbox));
            into.occupied.push(first / BOXES as i32);
            let row = into.classes.len();
            into.classes.resize(row + COCO.len(), 0.0);
            into.classes[row + object.class] = 1.0;
            into.left_out.resize(row + COCO.len(), 0.0);
            for &column in labels.unlabelled.iter().filter(|&&column| column != object.class) {
                into.left_out[row + column] = 1.0;
            }
        }
    }
}

/// The cell that a box's centre lies in.
fn cell_of(bbox: &BBox) -> usize {
    let (x, y) = bbox.centre_cell(SIDE);
    y * SIDE + x
}

/// What the numbers of a box should be.
fn place(cell: usize, bbox: &BBox) -> [f32; 4] {
    let (x, y) = bbox.centre();
    let inside = |at: f32, cell: usize| (at * SIDE as f32 - cell as f32).clamp(0.0, 1.0);
    [inside(x, cell % SIDE), inside(y, cell / SIDE), bbox.width().sqrt(), bbox.height().sqrt()]
}

/// The box of a cell that fits an object best; where none overlaps it, the one whose size is nearest.
fn best(cell: &Cell, truth: &BBox) -> usize {
    let fit = |bbox: &BBox| {
        let (dw, dh) = (bbox.width() - truth.width(), bbox.height() - truth.height());
        (bbox.iou(truth), -(dw * dw + dh * dh))
    };
    let better = |a: &usize, b: &usize| {
        let (a, b) = (fit(&cell.boxes[*a]), fit(&cell.boxes[*b]));
        a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
    };
    (0..BOXES).max_by(better).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::detection_labels::Object;

    #[test]
    fn the_better_box_of_the_centre_s_cell_answers() {
        let empty = BBox::new(0.9, 0.9, 0.91, 0.91);
        let cell = |boxes| Cell { boxes, confidences: [0.5; 2], classes: vec![0.0; COCO.len()] };
        let mut cells = vec![cell([empty; 2]); SIDE * SIDE];
        let dog = BBox::new(0.0, 0.0, 0.2, 0.2);
        cells[0] = cell([BBox::new(0.0, 0.0, 0.1, 0.1), dog]);
        let object = |class, bbox| Object { class, bbox };
        let labels = Labels {
            objects: vec![object(16, dog), object(3, BBox::new(0.05, 0.05, 0.1, 0.1))],
            unsure: vec![object(4, BBox::new(0.95, 0.95, 1.0, 1.0))],
            unlabelled: vec![16, 79],
        };
        let mut found = Assignment { confidences: vec![0.0; 98], weights: vec![0.0; 98], ..Assignment::default() };
        assign(&cells, &labels, &mut found);
        assert_eq!((&found.responsible[..], &found.occupied[..]), (&[99][..], &[49][..]), "counted through the batch");
        assert_eq!((found.confidences[99], found.weights[99], found.weights[98]), (1.0, 1.0, EMPTY));
        assert_eq!((found.weights[196 - 1], found.weights[196 - 3]), (0.0, EMPTY), "perhaps a thing in the last cell");
        assert_eq!(found.classes.iter().position(|&it| it > 0.0), Some(16));
        assert_eq!(found.left_out.iter().position(|&it| it > 0.0), Some(79), "not the object's own class");
        for (found, expected) in found.places.iter().zip([0.7, 0.7, 0.2f32.sqrt(), 0.2f32.sqrt()]) {
            assert!((found - expected).abs() < 1e-6);
        }
    }
}
