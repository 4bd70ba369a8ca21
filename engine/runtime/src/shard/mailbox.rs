//! Where callers leave inputs for the shard, bounded, and where the committer reports back.
//!
//! What it deliberately does not do: it knows no order but arrival; the shard sorts what it takes.

use std::{
    collections::VecDeque,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::error::{SubmitError, WriteError};

/// A bounded queue with one taker, who also hears of commits and of jumps of the clock.
#[derive(Debug)]
pub(crate) struct Mailbox<T> {
    state: Mutex<State<T>>,
    news: Condvar,
    max: usize,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    /// Batches that the committer has finished with, not yet heard of by the taker.
    committed: usize,
    /// Something else happened: look at the clock again.
    woken: bool,
    /// The taker sleeps until there is news. Waking costs a system call, so that only a sleeper is woken.
    asleep: bool,
    open: bool,
}

/// Why an input was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    /// As many wait as may.
    Full,
    /// The shard takes nothing more.
    Closed,
}

impl From<Refused> for SubmitError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Full => Self::Overloaded,
            Refused::Closed => Self::Stopped,
        }
    }
}

impl From<Refused> for WriteError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Full => Self::Overloaded,
            Refused::Closed => Self::Stopped,
        }
    }
}

/// What the taker finds.
#[derive(Debug)]
pub(crate) struct Taken<T> {
    /// What was waiting, in the order of arrival.
    pub(crate) commands: Vec<T>,
    /// How many batches were committed since the last time.
    pub(crate) committed: usize,
    /// False once nothing more will come.
    pub(crate) open: bool,
}

impl<T> Mailbox<T> {
    pub(crate) fn new(max: usize) -> Self {
        let state = State { waiting: VecDeque::new(), committed: 0, woken: false, asleep: false, open: true };
        Self { state: Mutex::new(state), news: Condvar::new(), max }
    }

    /// Leaves a command.
    pub(crate) fn post(&self, command: T) -> Result<(), Refused> {
        let mut state = self.lock();
        if !state.open {
            return Err(Refused::Closed);
        }
        if self.max <= state.waiting.len() {
            return Err(Refused::Full);
        }
        state.waiting.push_back(command);
        self.tell(state);
        Ok(())
    }

    /// The committer has finished with a batch.
    pub(crate) fn committed(&self) {
        let mut state = self.lock();
        state.committed += 1;
        self.tell(state);
    }

    /// Makes the taker look at the clock again.
    pub(crate) fn wake(&self) {
        let mut state = self.lock();
        state.woken = true;
        self.tell(state);
    }

    /// Nothing more is taken; what waits is still served.
    pub(crate) fn close(&self) {
        let mut state = self.lock();
        state.open = false;
        self.tell(state);
    }

    /// Nothing more is taken, and what waits is dropped unanswered.
    pub(crate) fn abandon(&self) {
        let mut state = self.lock();
        state.open = false;
        let dropped = std::mem::take(&mut state.waiting);
        self.tell(state);
        drop(dropped);
    }

    pub(crate) fn is_closed(&self) -> bool {
        !self.lock().open
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().waiting.len()
    }

    /// Takes what waits, at most `max`, as soon as there is any news and after `patience` at the latest. Commands are
    /// no news to a taker who can take none.
    pub(crate) fn take(&self, max: usize, patience: Patience) -> Taken<T> {
        let mut state = self.lock();
        let no_news = |state: &mut State<T>| {
            let commands = 0 < max && !state.waiting.is_empty();
            state.asleep =
                !(commands || 0 < state.committed || state.woken || (!state.open && state.waiting.is_empty()));
            state.asleep
        };
        match patience {
            Patience::None => {}
            Patience::Bounded(length) => {
                (state, _) =
                    self.news.wait_timeout_while(state, length, no_news).unwrap_or_else(PoisonError::into_inner);
                state.asleep = false;
            }
            Patience::Endless => {
                state = self.news.wait_while(state, no_news).unwrap_or_else(PoisonError::into_inner);
            }
        }
        let n_taken = max.min(state.waiting.len());
        let commands = state.waiting.drain(..n_taken).collect();
        state.woken = false;
        let committed = std::mem::take(&mut state.committed);
        Taken { commands, committed, open: state.open || !state.waiting.is_empty() }
    }

    /// Lets go of the state, and wakes the taker when he sleeps. One waking is enough, however much news there is.
    fn tell(&self, mut state: MutexGuard<'_, State<T>>) {
        let asleep = std::mem::take(&mut state.asleep);
        drop(state);
        if asleep {
            self.news.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Every critical section leaves the state whole, so a panic elsewhere does not spoil it.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a taker waits for news.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Not at all: there is work to do.
    None,
    /// So long.
    Bounded(Duration),
    /// Until there is some.
    Endless,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_takes_no_more_than_its_bound_and_keeps_the_order() {
        let mailbox = Mailbox::new(2);
        assert_eq!([mailbox.post(1), mailbox.post(2), mailbox.post(3)], [Ok(()), Ok(()), Err(Refused::Full)]);
        assert_eq!(mailbox.take(1, Patience::Endless).commands, [1]);
        assert_eq!(mailbox.post(4), Ok(()));
        assert_eq!(mailbox.take(9, Patience::Endless).commands, [2, 4]);
    }

    #[test]
    fn a_closed_one_serves_what_waits_and_takes_nothing_more() {
        let mailbox = Mailbox::new(8);
        mailbox.post(1).expect("it is open");
        mailbox.post(2).expect("it is open");
        mailbox.close();
        assert_eq!(mailbox.post(3), Err(Refused::Closed));
        let first = mailbox.take(1, Patience::Endless);
        assert_eq!((first.commands, first.open), (vec![1], true));
        let last = mailbox.take(1, Patience::Endless);
        assert_eq!((last.commands, last.open), (vec![2], false));
    }

    #[test]
    fn commands_do_not_wake_a_taker_who_can_take_none() {
        let mailbox = Mailbox::new(8);
        mailbox.post(1).expect("it is open");
        mailbox.committed();
        let taken = mailbox.take(0, Patience::Endless);
        assert_eq!((taken.commands.len(), taken.committed), (0, 1));
        assert!(mailbox.take(0, Patience::Bounded(Duration::from_millis(1))).commands.is_empty());
    }
}
