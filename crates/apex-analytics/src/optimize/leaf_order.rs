//! An order of the leaves of a tree in which neighbors are near, after Bar-Joseph, Gifford and Jaakkola (2001).
//!
//! The tree stays as it is; only the two parts of a merge may change sides. `shortest[u, w]` is the least sum of
//! distances between neighbors of a cluster that begins with leaf `u` and ends with leaf `w`. From the leaves up, each
//! merge turns its two parts the way its own shortest path needs them. The libraries whose weights are compared do the
//! same; a merge does not turn again for the sake of those above it, so that a shorter order of the whole may exist.

use super::hierarchy::leaves;

/// Turns the merges so that neighboring leaves are near.
pub(super) fn turn(merges: &mut [(usize, usize)], distances: &[f64], size: usize) {
    let mut table = Table {
        size,
        distances,
        shortest: vec![0.0; size * size],
    };
    let members: Vec<Vec<usize>> = (0..size)
        .map(|leaf| vec![leaf])
        .chain((0..merges.len()).map(|merge| leaves(&merges[..=merge], size)))
        .collect();
    let mut turned = vec![false; merges.len()];
    for (left, right) in merges.iter() {
        let (left_sides, right_sides) = (
            sides(merges, &members, size, *left),
            sides(merges, &members, size, *right),
        );
        table.join(&left_sides, &right_sides);
        let (first, end) = table.best_ends(&members[*left], &members[*right]);
        if let Some(merge) = left.checked_sub(size) {
            turned[merge] = !left_sides.parts[0].contains(&first);
        }
        if let Some(merge) = right.checked_sub(size) {
            turned[merge] = !right_sides.parts[1].contains(&end);
        }
    }
    // A part that is turned is mirrored with all that is below it.
    for merge in (0..merges.len()).rev() {
        let (left, right) = merges[merge];
        for part in [left, right] {
            if let Some(below) = part.checked_sub(size) {
                turned[below] ^= turned[merge];
            }
        }
        if turned[merge] {
            merges[merge] = (right, left);
        }
    }
}

/// A cluster by its two parts: a path that begins in one ends in the other.
struct Sides<'a> {
    parts: [&'a [usize]; 2],
}

fn sides<'a>(merges: &[(usize, usize)], members: &'a [Vec<usize>], size: usize, cluster: usize) -> Sides<'a> {
    match cluster.checked_sub(size) {
        None => Sides {
            parts: [&members[cluster], &members[cluster]],
        },
        Some(merge) => Sides {
            parts: [&members[merges[merge].0], &members[merges[merge].1]],
        },
    }
}

struct Table<'a> {
    size: usize,
    distances: &'a [f64],
    shortest: Vec<f64>,
}

impl Table<'_> {
    /// Returns where the shortest path through two clusters begins and ends.
    fn best_ends(&self, left: &[usize], right: &[usize]) -> (usize, usize) {
        let mut best = (f64::INFINITY, 0, 0);
        for first in left {
            for end in right {
                let length = self.shortest[first * self.size + end];
                if length < best.0 {
                    best = (length, *first, *end);
                }
            }
        }
        (best.1, best.2)
    }

    /// Fills in the paths that begin in one cluster and end in the other.
    fn join(&mut self, left: &Sides<'_>, right: &Sides<'_>) {
        let size = self.size;
        let single = |sides: &Sides<'_>| sides.parts[0].as_ptr() == sides.parts[1].as_ptr();
        let turns = |sides: &Sides<'_>| if single(sides) { 1 } else { 2 };
        for left_turn in 0..turns(left) {
            let (begins, ends) = (left.parts[left_turn], left.parts[1 - left_turn]);
            for right_turn in 0..turns(right) {
                let (far, near) = (right.parts[right_turn], right.parts[1 - right_turn]);
                for first in begins {
                    // The shortest way from the first leaf to each leaf of the near part.
                    let way = |entry: &usize| {
                        let from =
                            |exit: &usize| self.shortest[first * size + exit] + self.distances[exit * size + entry];
                        ends.iter().map(from).fold(f64::INFINITY, f64::min)
                    };
                    let ways: Vec<f64> = near.iter().map(way).collect();
                    for end in far {
                        let lengths = near
                            .iter()
                            .zip(&ways)
                            .map(|(entry, way)| way + self.shortest[entry * size + end]);
                        let length = lengths.fold(f64::INFINITY, f64::min);
                        self.shortest[first * size + end] = length;
                        self.shortest[end * size + first] = length;
                    }
                }
            }
        }
    }
}
