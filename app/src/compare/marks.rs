//! What a visitor has marked as right, kept by photo while the page is open: the comparison may be closed meanwhile.

use std::{cell::RefCell, collections::BTreeMap};

use super::matching::Thing;

thread_local! {
    static MARKS: RefCell<BTreeMap<u32, Vec<Thing>>> = const { RefCell::new(BTreeMap::new()) };
}

/// The things that are marked on a photo.
pub fn on(photo: u32) -> Vec<Thing> {
    MARKS.with_borrow(|all| all.get(&photo).cloned().unwrap_or_default())
}

/// Keeps the things that are marked on a photo.
pub fn keep(photo: u32, things: Vec<Thing>) {
    MARKS.with_borrow_mut(|all| {
        if things.is_empty() {
            all.remove(&photo);
        } else {
            all.insert(photo, things);
        }
    });
}

#[cfg(test)]
mod tests {
    use model::structures::boxes::BBox;

    use super::*;

    #[test]
    fn marks_belong_to_their_photo() {
        let things = vec![Thing { class: 19, bbox: BBox::new(0.0, 0.0, 4.0, 4.0) }];
        keep(7, things.clone());
        assert_eq!((on(7), on(8)), (things, vec![]));
        keep(7, vec![]);
        assert_eq!(on(7), []);
    }
}
