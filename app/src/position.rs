//! Where a thing is, in words, for those who do not see the photo.

use model::structures::boxes::BBox;

use crate::{findings::Finding, paint::view::Size, people::Person, words::results};

/// A box with at least this part of the photo is large, one with at most that part small.
const LARGE: f32 = 0.25;
const SMALL: f32 = 0.02;
/// A box that is at least this part as wide and as high as the photo is all over it.
const WHOLE: f32 = 0.85;
/// Things overlap if they share at least this part of the smaller one's box.
const OVERLAP: f32 = 0.2;
/// What stands in front ends lower by at least this part of the photo's height.
const LOWER: f32 = 0.04;

/// Size, place and what it stands in front of, e.g. "large, left, in front of horse 2".
///
/// # Arguments
/// * `finding` - one of `all`.
/// * `photo` - its size, in the pixels of the boxes.
#[must_use]
pub fn position_of_finding(finding: &Finding, all: &[Finding], photo: Size) -> String {
    let others = all.iter().filter(|it| it.key != finding.key);
    position(&finding.bbox, others.map(|it| (it.bbox, results::numbered(it))), photo)
}

/// Size, place and what it stands in front of, of a person among people.
///
/// # Arguments
/// * `person` - one of `all`.
/// * `photo` - its size, in the pixels of the boxes.
#[must_use]
pub fn position_of_person(person: &Person, all: &[Person], photo: Size) -> String {
    let others = all.iter().filter(|it| it.key != person.key);
    position(&person.bbox, others.map(|it| (it.bbox, results::person(it.number))), photo)
}

fn position(bbox: &BBox, others: impl Iterator<Item = (BBox, String)>, photo: Size) -> String {
    let mut words: Vec<String> = size(bbox, photo).into_iter().map(Into::into).collect();
    words.push(place(bbox, photo).into());
    let behind: Vec<String> =
        others.filter(|(other, _)| is_in_front(bbox, other, photo)).map(|(_, name)| name).collect();
    if !behind.is_empty() {
        words.push(results::in_front_of(&behind));
    }
    words.join(", ")
}

fn size(bbox: &BBox, photo: Size) -> Option<&'static str> {
    let part = bbox.clip(photo.width, photo.height).area() / (photo.width * photo.height).max(1.0);
    match part {
        part if part >= LARGE => Some(results::LARGE()),
        part if part <= SMALL => Some(results::SMALL()),
        _ => None,
    }
}

/// The third of the photo, across and down, that the middle of a box is in.
#[must_use]
pub fn place(bbox: &BBox, photo: Size) -> &'static str {
    let bbox = bbox.clip(photo.width, photo.height);
    if bbox.width() >= WHOLE * photo.width && bbox.height() >= WHOLE * photo.height {
        return results::ALL_OVER();
    }
    let third = |at: f32, of: f32| ((at / of.max(1.0) * 3.0) as usize).min(2);
    let (x, y) = bbox.centre();
    results::PLACES[third(y, photo.height)][third(x, photo.width)]()
}

/// Whether a thing stands in front of another one: they overlap, and it ends lower, as what is nearer does on one ground.
fn is_in_front(of: &BBox, other: &BBox, photo: Size) -> bool {
    let overlap = of.intersection(other) / of.area().min(other.area()).max(1.0);
    overlap >= OVERLAP && of.y1 - other.y1 >= LOWER * photo.height
}

#[cfg(test)]
mod tests {
    use super::*;

    const PHOTO: Size = Size::new(300.0, 300.0);

    fn horse(number: usize, bbox: BBox) -> Finding {
        Finding { key: number, number, class: 19, name: "horse", score: 0.9, bbox, slot: 0 }
    }

    #[test]
    fn places_are_thirds_of_the_photo() {
        let at = |x: f32, y: f32| place(&BBox::new(x - 5.0, y - 5.0, x + 5.0, y + 5.0), PHOTO);
        assert_eq!([at(20.0, 20.0), at(150.0, 150.0), at(290.0, 150.0)], ["top left", "in the middle", "right"]);
        assert_eq!([at(150.0, 290.0), at(290.0, 290.0)], ["at the bottom", "bottom right"]);
        assert_eq!(place(&BBox::new(-9.0, 0.0, 320.0, 290.0), PHOTO), "all over the photo");
    }

    #[test]
    fn what_ends_lower_stands_in_front_of_what_it_overlaps() {
        let all = [
            horse(1, BBox::new(0.0, 20.0, 160.0, 280.0)),
            horse(2, BBox::new(100.0, 20.0, 200.0, 200.0)),
            horse(3, BBox::new(280.0, 130.0, 290.0, 140.0)),
        ];
        let words = all.each_ref().map(|it| position_of_finding(it, &all, PHOTO));
        assert_eq!(words, ["large, left, in front of horse 2", "in the middle", "small, right"]);
        let german = || all.each_ref().map(|it| position_of_finding(it, &all, PHOTO));
        let german = crate::words::in_language(crate::words::Language::German, german);
        assert_eq!(german, ["groß, links, vor Pferd 2", "in der Mitte", "klein, rechts"]);
    }
}
