//! Which part of a long list is in the page. The list says how many lines it has; the page holds [`HELD`] of them, wherever
//! somebody looks, and room for the others.

use model::mailbox::LetterLine;
use uuid::Uuid;

/// So many lines are in the page at most.
pub const HELD: u64 = 100;
/// So many of them come before the first one in sight, at least, where there are as many.
const BEFORE: u64 = 20;
/// What is held moves by so many, so that not every turn of the wheel asks anew.
const STEP: u64 = 20;

/// The first line to hold when this one is the first in sight.
pub const fn start(first: u64) -> u64 {
    first.saturating_sub(BEFORE) / STEP * STEP
}

/// A part of a list: the number of its first line, and the lines.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// The number of the first line.
    pub skip: u64,
    /// The lines.
    pub lines: &'a [LetterLine],
}

impl Part<'_> {
    fn place(self, id: Uuid) -> Option<u64> {
        let at = self.lines.iter().position(|line| line.id == id)?;
        u64::try_from(at).ok().map(|at| self.skip + at)
    }
}

/// By how many lines what is in sight has moved when `old` became `new`, so that it can be followed: letters came above it, or
/// went. `first` is the number of the first line in sight; when its letter is gone, the next one that is still there counts.
pub fn moved(old: Part<'_>, new: Part<'_>, first: u64) -> i64 {
    let from = usize::try_from(first.saturating_sub(old.skip)).unwrap_or(usize::MAX);
    let mut in_sight = old.lines.iter().skip(from);
    // What is gone leaves its place to what follows it.
    let now = in_sight.find_map(|line| new.place(line.id));
    now.map_or(0, |now| now.cast_signed() - first.cast_signed())
}

/// The neighbour that takes the focus when these letters go: the next one that stays, or else the one before.
pub fn neighbour(lines: &[LetterLine], going: &[Uuid]) -> Option<Uuid> {
    let stays = |line: &&LetterLine| !going.contains(&line.id);
    let first = lines.iter().position(|line| going.contains(&line.id))?;
    let after = lines.iter().skip(first).find(stays);
    let before = || lines.iter().take(first).rev().find(stays);
    after.or_else(before).map(|line| line.id)
}

/// The letters from one to another, both included, in the order of the list; only the second one when the first is not there.
pub fn range(lines: &[LetterLine], from: Uuid, to: Uuid) -> Vec<Uuid> {
    let place = |id: Uuid| lines.iter().position(|line| line.id == id);
    match (place(from), place(to)) {
        (Some(from), Some(to)) => {
            let (low, high) = (from.min(to), from.max(to));
            lines.iter().take(high + 1).skip(low).map(|line| line.id).collect()
        }
        _ => vec![to],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::testing::line;

    fn ids(lines: &[u128]) -> Vec<LetterLine> {
        lines.iter().map(|n| line(*n)).collect()
    }

    const fn uuid(n: u128) -> Uuid {
        Uuid::from_u128(n)
    }

    #[test]
    fn what_is_held_covers_what_is_in_sight_wherever_that_is() {
        for first in 0..10_000 {
            let start = start(first);
            assert!(start <= first && start + HELD >= first + 60, "{first}: {start}");
            assert!(start == 0 || first - start >= BEFORE, "{first}: {start}");
        }
        assert_eq!(start(33), start(25), "a few lines further nothing is asked");
    }

    fn shift(old: (u64, &[u128]), new: (u64, &[u128]), first: u64) -> i64 {
        let (before, after) = (ids(old.1), ids(new.1));
        let part = |skip, lines| Part { skip, lines };
        moved(part(old.0, &before), part(new.0, &after), first)
    }

    #[test]
    fn what_is_read_is_followed_when_letters_come_above_it() {
        assert_eq!(shift((0, &[1, 2, 3, 4]), (0, &[8, 9, 1, 2, 3, 4]), 2), 2);
        assert_eq!(shift((40, &[1, 2, 3, 4]), (40, &[9, 1, 2, 3]), 41), 1);
        assert_eq!(shift((0, &[1, 2, 3]), (0, &[1, 2, 3]), 1), 0);
    }

    #[test]
    fn what_goes_leaves_its_place_to_what_follows() {
        assert_eq!(
            shift((0, &[1, 2, 3, 4]), (0, &[1, 3, 4]), 1),
            0,
            "the one in sight went"
        );
        assert_eq!(shift((0, &[1, 2, 3, 4]), (0, &[2, 3, 4]), 2), -1, "one above went");
        assert_eq!(shift((0, &[1, 2]), (0, &[7, 8]), 0), 0, "another list altogether");
    }

    #[test]
    fn the_focus_goes_to_the_next_letter_that_stays_or_else_to_the_one_before() {
        let lines = ids(&[1, 2, 3, 4]);
        assert_eq!(neighbour(&lines, &[uuid(2)]), Some(uuid(3)));
        assert_eq!(neighbour(&lines, &[uuid(2), uuid(3)]), Some(uuid(4)));
        assert_eq!(neighbour(&lines, &[uuid(4)]), Some(uuid(3)));
        assert_eq!(neighbour(&lines, &[uuid(3), uuid(4)]), Some(uuid(2)));
        assert_eq!(neighbour(&ids(&[1]), &[uuid(1)]), None);
        assert_eq!(neighbour(&lines, &[uuid(9)]), None);
    }

    #[test]
    fn a_range_has_both_its_ends_whichever_comes_first() {
        let lines = ids(&[1, 2, 3, 4]);
        assert_eq!(range(&lines, uuid(1), uuid(3)), [uuid(1), uuid(2), uuid(3)]);
        assert_eq!(range(&lines, uuid(3), uuid(2)), [uuid(2), uuid(3)]);
        assert_eq!(range(&lines, uuid(9), uuid(2)), [uuid(2)]);
    }
}
