//! Deadlines by number, in pages of 32 neighbours. Numbers are given out one after the other, so pages are full
//! but for the edges: a deadline takes little more than its eight bytes, and one that is looked up is one page away.
//!
//! What it deliberately does not do: it keeps no order in time, and it cannot be walked (ADR 0009).

use crate::{index::Index, time::Timestamp};

/// The table.
#[derive(Debug, Default)]
pub(super) struct DeadlineTable {
    /// Where the page of a number lies.
    places: Index<u32>,
    pages: Vec<Page>,
    /// Pages that no number needs at present.
    spare: Vec<u32>,
    len: usize,
}

/// The deadlines of neighbours; one counts only while its bit is set.
#[derive(Debug, Clone, Copy, Default)]
struct Page {
    set: u32,
    deadlines: [Timestamp; PAGE],
}

/// Numbers of a page: as many as there are bits in [`Page::set`].
const PAGE: usize = 32;

impl DeadlineTable {
    /// The deadline of a number.
    pub(super) fn get(&self, number: u64) -> Option<Timestamp> {
        let (page, seat) = split(number);
        let page = self.pages.get(at(self.places.get(page)?))?;
        (page.set & 1 << seat != 0).then(|| page.deadlines[seat])
    }

    /// Gives a number a deadline, and says which it had.
    pub(super) fn insert(&mut self, number: u64, deadline: Timestamp) -> Option<Timestamp> {
        let (page, seat) = split(number);
        let place = match self.places.get(page) {
            Some(place) => place,
            None => self.open(page),
        };
        let page = &mut self.pages[at(place)];
        let old = std::mem::replace(&mut page.deadlines[seat], deadline);
        let had = page.set & 1 << seat != 0;
        page.set |= 1 << seat;
        self.len += usize::from(!had);
        had.then_some(old)
    }

    /// Takes a number out.
    pub(super) fn remove(&mut self, number: u64) -> Option<Timestamp> {
        let (page_number, seat) = split(number);
        let place = self.places.get(page_number)?;
        let page = &mut self.pages[at(place)];
        if page.set & 1 << seat == 0 {
            return None;
        }
        page.set &= !(1 << seat);
        let old = page.deadlines[seat];
        if page.set == 0 {
            self.places.remove(page_number);
            self.spare.push(place);
        }
        self.len -= 1;
        Some(old)
    }

    /// How many numbers have a deadline.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    #[cold]
    fn open(&mut self, page: u64) -> u32 {
        let place = self.spare.pop().unwrap_or_else(|| {
            self.pages.push(Page::default());
            u32::try_from(self.pages.len() - 1).expect("2^32 pages are more than memory holds")
        });
        self.places.insert(page, place);
        place
    }
}

/// The page of a number, and its seat there.
fn split(number: u64) -> (u64, usize) {
    (number / PAGE as u64, (number % PAGE as u64) as usize)
}

fn at(place: u32) -> usize {
    place as usize
}
