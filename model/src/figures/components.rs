//! Connected regions of a class map: what it knows of things that touch each other.

use crate::structures::class_map::ClassMap;

/// The number of pixels of each connected region of a class, largest first; pixels touch at their sides.
#[must_use]
pub fn components(map: &ClassMap, class: u8) -> Vec<usize> {
    let (width, height) = (map.width, map.height);
    let mut seen: Vec<bool> = map.labels.iter().map(|&label| label != class).collect();
    let (mut sizes, mut open) = (Vec::new(), Vec::new());
    for first in 0..seen.len() {
        if std::mem::replace(&mut seen[first], true) {
            continue;
        }
        open.push(first);
        let mut size = 0;
        while let Some(at) = open.pop() {
            size += 1;
            let (x, y) = (at % width, at / width);
            let sides = [
                (x > 0).then(|| at - 1),
                (x + 1 < width).then_some(at + 1),
                (y > 0).then(|| at - width),
                (y + 1 < height).then_some(at + width),
            ];
            open.extend(sides.into_iter().flatten().filter(|&it| !std::mem::replace(&mut seen[it], true)));
        }
        sizes.push(size);
    }
    sizes.sort_unstable_by(|a, b| b.cmp(a));
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_that_touch_at_a_side_are_one_region() {
        let labels = vec![
            1, 1, 0, 2, //
            0, 1, 0, 1, //
            1, 0, 1, 1,
        ];
        let map = ClassMap { width: 4, height: 3, labels, certainty: vec![] };
        assert_eq!(components(&map, 1), [3, 3, 1]);
        assert_eq!((components(&map, 2), components(&map, 9)), (vec![1], vec![]));
        assert_eq!(components(&ClassMap::default(), 0), [0_usize; 0]);
    }
}
