//! Where the readers of a ring are.

use std::collections::VecDeque;

use slab::Slab;

/// So many different bounds are kept exactly; of more, each counts as the next power of two.
const EXACT_BOUNDS: usize = 16;

/// Where the readers of a ring are, to know which of its messages nobody will read any more.
///
/// A message costs as much for one reader as for thousands: readers with the same bound form a group, and what is done for
/// a message is done for each group. Of groups there are a few, never many.
#[derive(Debug, Default)]
pub(crate) struct Places {
    groups: Slab<Group>,
}

/// Readers with the same bound.
#[derive(Debug)]
struct Group {
    bound: usize,
    readers: usize,
    /// The number of the message that the last of them reads next. Those who are behind by more than the bound count as if they
    /// were there, for what they missed is not kept for them.
    first: u64,
    /// How many of them read this message next, and how many each one after it. The first is never 0.
    at: VecDeque<u32>,
}

impl Places {
    /// Whether nobody reads.
    pub(crate) fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Adds a reader that may be behind by `bound` messages, and reads the message `place` next, which comes next. Returns its
    /// group.
    pub(crate) fn add(&mut self, bound: usize, place: u64) -> usize {
        let is_exact = |groups: &Slab<Group>, bound| groups.iter().any(|(_, group)| group.bound == bound);
        let bound = match bound {
            _ if self.groups.len() < EXACT_BOUNDS || is_exact(&self.groups, bound) => bound,
            _ => bound.checked_next_power_of_two().unwrap_or(usize::MAX),
        };
        let known = self.groups.iter().find(|(_, group)| group.bound == bound).map(|(key, _)| key);
        let key = known.unwrap_or_else(|| {
            self.groups.insert(Group { bound, readers: 0, first: place, at: VecDeque::new() })
        });
        let group = &mut self.groups[key];
        group.readers += 1;
        group.count(place);
        key
    }

    /// A reader of this group goes from one place to a later one. Returns whether it was the last of its group.
    pub(crate) fn advance(&mut self, group: usize, from: u64, to: u64) -> bool {
        let group = &mut self.groups[group];
        group.count(to);
        group.discount(from)
    }

    /// A reader of this group reads no more. Returns whether it was the last of its group.
    pub(crate) fn remove(&mut self, key: usize, place: u64) -> bool {
        let group = &mut self.groups[key];
        group.readers -= 1;
        if group.readers == 0 {
            self.groups.remove(key);
            return true;
        }
        group.discount(place)
    }

    /// The number of the oldest message that somebody will read, if the next one that comes has the number `end`.
    pub(crate) fn oldest(&mut self, end: u64) -> u64 {
        let groups = self.groups.iter_mut();
        groups.map(|(_, group)| group.oldest(end)).min().unwrap_or(end)
    }
}

impl Group {
    fn oldest(&mut self, end: u64) -> u64 {
        let oldest = end.saturating_sub(self.bound as u64);
        while self.first < oldest {
            let late = self.at.pop_front().unwrap_or(0);
            self.first += 1;
            match self.at.front_mut() {
                Some(count) => *count += late,
                None => self.at.push_back(late),
            }
        }
        self.first
    }

    /// One more reader at this place.
    fn count(&mut self, place: u64) {
        let index = self.index(place);
        if self.at.len() <= index {
            self.at.resize(index + 1, 0);
        }
        self.at[index] += 1;
    }

    /// One reader less at this place. Returns whether the first place is a later one now.
    fn discount(&mut self, place: u64) -> bool {
        let index = self.index(place);
        self.at[index] -= 1;
        let first = self.first;
        self.skip();
        self.first > first
    }

    /// Passes over places where nobody is.
    fn skip(&mut self) {
        while self.at.len() > 1 && self.at.front() == Some(&0) {
            self.at.pop_front();
            self.first += 1;
        }
    }

    fn index(&self, place: u64) -> usize {
        place.saturating_sub(self.first) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small generator of numbers, the same in each run.
    struct Random(u64);

    impl Random {
        fn below(&mut self, end: u64) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0 % end
        }
    }

    /// Whatever readers do, what is kept is what one of them will read, and no more.
    #[test]
    fn the_oldest_is_what_a_look_at_all_readers_finds() {
        for seed in 1..=50 {
            let mut random = Random(seed);
            let (mut places, mut readers, mut end) = (Places::default(), Vec::new(), 0);
            for _ in 0..2000 {
                match random.below(8) {
                    0 if readers.len() < 40 => {
                        let bound = [1, 2, 7, 30, 100][random.below(5) as usize];
                        readers.push((bound, places.add(bound, end), end));
                    }
                    1 if !readers.is_empty() => {
                        let (_, group, place) =
                            readers.swap_remove(random.below(readers.len() as u64) as usize);
                        places.remove(group, place);
                    }
                    2..=4 if !readers.is_empty() => {
                        let index = random.below(readers.len() as u64) as usize;
                        let (bound, group, place) = &mut readers[index];
                        let oldest = end.saturating_sub(*bound as u64);
                        // It reads one, or learns what it missed.
                        let to = if *place < oldest { oldest } else { end.min(*place + 1) };
                        places.advance(*group, *place, to);
                        *place = to;
                    }
                    _ => end += 1,
                }
                let behind =
                    readers.iter().map(|&(bound, _, place)| place.max(end.saturating_sub(bound as u64)));
                assert_eq!(places.oldest(end), behind.min().unwrap_or(end), "seed {seed}, end {end}");
            }
        }
    }

    /// However many bounds there are, what is done for a message is done for a few groups.
    #[test]
    fn many_bounds_share_their_groups() {
        let mut places = Places::default();
        let readers: Vec<_> = (1..=2000).map(|bound| places.add(bound, 0)).collect();
        assert_eq!(places.groups.len(), EXACT_BOUNDS + 7, "the powers from 32 to 2048 beside the exact ones");
        for (bound, &group) in (1..).zip(&readers) {
            let kept = places.groups[group].bound;
            assert!((bound..2 * bound).contains(&kept), "{kept} for {bound}");
        }
        assert_eq!(places.oldest(5000), 5000 - 2048);
        for group in readers {
            places.remove(group, 0);
        }
        assert!(places.is_empty());
    }
}
