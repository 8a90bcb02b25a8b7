//! Which part of the log is on the screen. The log holds some hundreds of messages, the page no more than [`SHOWN`] lines of
//! them, wherever in a hundred thousand somebody reads.

use sync::Log;

/// So many messages are in the page at most.
pub const SHOWN: u64 = 100;
/// The frame moves by so many.
const STEP: u64 = 40;

/// Where the page's part of the log is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Frame {
    /// At the end, and it follows it.
    #[default]
    End,
    /// From this message on.
    At(u64),
}

impl Frame {
    /// The first and the last message that it shows of a log, and whether what waits comes after them.
    pub fn of(self, log: &Log) -> Option<(u64, u64, bool)> {
        let (lo, hi) = log.window()?;
        let last_start = (hi + 1).saturating_sub(SHOWN).max(lo);
        let start = match self {
            Self::End => last_start,
            Self::At(seq) => seq.clamp(lo, last_start),
        };
        let end = hi.min(start + SHOWN - 1);
        Some((start, end, end == hi && log.attached()))
    }

    /// The frame a step further up; none when the log holds nothing there.
    pub fn up(self, log: &Log) -> Option<Self> {
        let ((start, ..), (lo, _)) = (self.of(log)?, log.window()?);
        (start > lo).then(|| Self::At(start.saturating_sub(STEP).max(lo)))
    }

    /// The frame a step further down; none when the log holds nothing there.
    pub fn down(self, log: &Log) -> Option<Self> {
        let ((start, end, _), (_, hi)) = (self.of(log)?, log.window()?);
        (end < hi).then(|| Self::At(start + STEP.min(hi - end)))
    }

    /// The frame that stays where it is, whatever is written at the end.
    pub fn held(self, log: &Log) -> Self {
        self.of(log).map_or(self, |(start, ..)| Self::At(start))
    }

    /// The frame with a message in its middle.
    pub const fn around(seq: u64) -> Self {
        Self::At(seq.saturating_sub(SHOWN / 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chat::rows::testing::{message, person};
    use model::Page;
    use sync::Direction;

    fn log(from: u64, to: u64, has_more: bool) -> Log {
        let mut log = Log::new(person(1).id);
        log.hear_of(if has_more { to + 50 } else { to }, 0, 0);
        let items = (from..=to).map(|seq| message(seq, 2, 1)).collect();
        log.apply_page(Page { items, has_more }, log.ask(Direction::From(from - 1)));
        log
    }

    #[test]
    fn the_page_shows_a_bounded_part_that_moves_with_the_reader() {
        let log = log(501, 800, false);
        assert_eq!(Frame::End.of(&log), Some((701, 800, true)));
        assert_eq!(Frame::End.down(&log), None);
        let mut frame = Frame::End;
        let mut steps = 0;
        while let Some(up) = frame.up(&log) {
            let (before, after) = (frame.of(&log), up.of(&log));
            let shared = before.zip(after).map(|(before, after)| after.1 + 1 - before.0);
            assert!(shared.is_some_and(|shared| shared >= SHOWN - STEP), "most of it stays");
            (frame, steps) = (up, steps + 1);
        }
        assert_eq!((steps, frame.of(&log)), (5, Some((501, 600, false))));
        while let Some(down) = frame.down(&log) {
            frame = down;
        }
        assert_eq!(frame.of(&log), Some((701, 800, true)));
        assert_eq!(Frame::around(650).of(&log), Some((600, 699, false)));
    }

    #[test]
    fn a_frame_that_is_held_does_not_move_when_something_is_written() {
        let mut log = log(1, 120, false);
        let held = Frame::End.held(&log);
        log.apply(message(121, 2, 1));
        assert_eq!(held.of(&log), Some((21, 120, false)));
        assert_eq!(Frame::End.of(&log), Some((22, 121, true)));
    }

    #[test]
    fn what_waits_is_only_shown_at_the_very_end() {
        assert_eq!(Frame::End.of(&log(1, 50, true)), Some((1, 50, false)));
        assert_eq!(Frame::End.of(&log(1, 50, false)), Some((1, 50, true)));
        assert_eq!(Frame::End.of(&Log::new(person(1).id)), None);
    }
}
