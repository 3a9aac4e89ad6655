//! What is known about the objects of a photo: people's boxes, a teacher's, and lists of classes.
//!
//! No photo here has true boxes of all 80 classes. What is not known must not be learnt: a class that a photo says nothing
//! about is left out of the softmax on its background, and so is a class near a box that may be one of it.

use super::{
    teacher::{SURE, TeacherBox},
    view::View,
};
use crate::{
    data::folder::{BoxedObject, VOC_IDS},
    structures::{
        boxes::BBox,
        classes::{COCO, coco_column},
    },
};

/// An object that a view shows less of than this share is not learnt as one.
const SEEN: f32 = 0.5;
/// An object that a view shows less of than this share is not there.
const GONE: f32 = 0.1;
/// An object with a shorter side, in fractions of the view, is not learnt: four pixels of 416.
const MIN_SIDE: f32 = 0.01;
/// A teacher's box that overlaps a true one of another class by this much is a mistake.
const MISTAKEN: f32 = 0.5;

/// An object.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Object {
    /// Its class: a column of [`COCO`].
    pub class: usize,
    /// Where, in fractions of the photo or the view.
    pub bbox: BBox,
}

/// What is known about the objects of a photo or a view.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labels {
    /// What is there.
    pub objects: Vec<Object>,
    /// What may be there: neither that it is nor that it is not is learnt.
    pub unsure: Vec<Object>,
    /// Columns of the classes that may be anywhere.
    pub unlabelled: Vec<usize>,
}

impl Labels {
    /// Of a photo whose objects of VOC's classes are boxed.
    ///
    /// # Arguments
    /// * `objects` - by people.
    /// * `teacher` - what the teacher found; `None` when it has not been asked, and the other 60 classes may be anywhere.
    #[must_use]
    pub fn boxed(objects: &[BoxedObject], teacher: Option<&[TeacherBox]>) -> Self {
        let mut labels = Self::default();
        for object in objects {
            let Some(class) = coco_column(object.class) else { continue };
            let list = if object.difficult { &mut labels.unsure } else { &mut labels.objects };
            list.push(Object { class, bbox: object.bbox });
        }
        let Some(teacher) = teacher else {
            labels.unlabelled = (0..COCO.len()).filter(|&column| !VOC_IDS.contains(&COCO[column].0)).collect();
            return labels;
        };
        let right = |it: &&TeacherBox| {
            let mistaken = objects.iter().any(|object| object.bbox.iou(&it.bbox) >= MISTAKEN);
            !VOC_IDS.contains(&it.class) && !mistaken
        };
        labels.add(teacher.iter().filter(right));
        labels
    }

    /// Of a photo of which people said which classes are in it.
    ///
    /// # Arguments
    /// * `classes` - COCO category ids of all classes in the photo.
    /// * `teacher` - what the teacher found.
    #[must_use]
    pub fn classed(classes: &[u16], teacher: &[TeacherBox]) -> Self {
        let mut labels = Self::default();
        labels.add(teacher.iter().filter(|it| classes.contains(&it.class)));
        // What is there but was not found may be anywhere.
        let found = |column: &usize| labels.objects.iter().any(|object| object.class == *column);
        let missed = classes.iter().filter_map(|&class| coco_column(class)).filter(|column| !found(column));
        labels.unlabelled = missed.collect();
        labels
    }

    fn add<'a>(&mut self, boxes: impl Iterator<Item = &'a TeacherBox>) {
        for it in boxes {
            let Some(class) = coco_column(it.class) else { continue };
            let list = if it.score >= SURE { &mut self.objects } else { &mut self.unsure };
            list.push(Object { class, bbox: it.bbox });
        }
    }

    /// What is known of a view: boxes in its fractions, clipped to it.
    #[must_use]
    pub fn in_view(&self, view: &View) -> Self {
        let mut labels = Self { unlabelled: self.unlabelled.clone(), ..Self::default() };
        let both = self.objects.iter().map(|it| (it, true)).chain(self.unsure.iter().map(|it| (it, false)));
        for (object, sure) in both {
            let whole = view.bbox(&object.bbox);
            let bbox = whole.clip(1.0, 1.0);
            if bbox.area() < GONE * whole.area() || bbox.area() <= 0.0 {
                continue;
            }
            let large = bbox.width() >= MIN_SIDE && bbox.height() >= MIN_SIDE;
            let learnt = sure && large && bbox.area() >= SEEN * whole.area();
            let list = if learnt { &mut labels.objects } else { &mut labels.unsure };
            list.push(Object { bbox, ..*object });
        }
        labels
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x0: f32, y0: f32, side: f32) -> BBox {
        BBox::new(x0, y0, x0 + side, y0 + side)
    }

    fn taught(class: u16, score: f32, bbox: BBox) -> TeacherBox {
        TeacherBox { class, score, bbox }
    }

    #[test]
    fn people_are_believed_before_the_teacher() {
        let car = BoxedObject { class: 3, bbox: square(0.0, 0.0, 0.5), difficult: false };
        let hard = BoxedObject { bbox: square(0.8, 0.8, 0.1), difficult: true, ..car };
        let teacher = [
            taught(3, 0.9, square(0.6, 0.0, 0.2)),  // one of VOC's classes
            taught(8, 0.9, square(0.0, 0.0, 0.45)), // a truck where people saw a car
            taught(13, 0.9, square(0.6, 0.6, 0.1)), // a stop sign
            taught(10, 0.3, square(0.6, 0.3, 0.1)), // perhaps a traffic light
        ];
        let labels = Labels::boxed(&[car, hard], Some(&teacher));
        let classes = |list: &[Object]| list.iter().map(|it| COCO[it.class].0).collect::<Vec<_>>();
        assert_eq!(classes(&labels.objects), [3, 13]);
        assert_eq!(classes(&labels.unsure), [3, 10]);
        assert!(labels.unlabelled.is_empty());
        assert_eq!(Labels::boxed(&[car], None).unlabelled.len(), 60);
    }

    #[test]
    fn a_listed_class_without_a_box_may_be_anywhere() {
        let teacher = [taught(1, 0.8, square(0.0, 0.0, 0.5)), taught(2, 0.9, square(0.5, 0.5, 0.5))];
        let labels = Labels::classed(&[1, 90], &teacher);
        assert_eq!(labels.objects.len(), 1, "nobody listed a bicycle");
        assert_eq!(labels.unlabelled, [79]);
    }

    #[test]
    fn what_a_view_cuts_is_unsure_and_then_gone() {
        let view = View { photo: String::new(), crop: BBox::new(0.5, 0.0, 1.0, 1.0), mirror: false };
        let seen = |x0: f32| {
            let objects = vec![Object { class: 0, bbox: square(x0, 0.0, 0.2) }];
            let labels = Labels { objects, ..Labels::default() }.in_view(&view);
            (labels.objects.len(), labels.unsure.len())
        };
        assert_eq!([seen(0.6), seen(0.45), seen(0.35), seen(0.31)], [(1, 0), (1, 0), (0, 1), (0, 0)]);
    }
}
