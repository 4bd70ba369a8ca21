//! Asking until it is understood: the loop of `ask` and `menu`.
//!
//! | event | misunderstood so far | what happens |
//! | --- | --- | --- |
//! | the node is entered | - | asks, waits |
//! | an answer that is understood | any | the node leaves by it |
//! | an answer that is not | fewer than `attempts` with it | asks again, waits anew |
//! | an answer that is not | `attempts` with it | leaves by `no_match` |
//! | silence for `timeout` | any | leaves by `timeout` |
//!
//! What it deliberately does not do: it knows neither the question nor what an answer means.

use std::time::Duration;

use routewright_engine::{
    contact::Message,
    event::Event,
    node::{Fault, Next, Turn},
};
use routewright_flows::AnswerTimes;

/// How patient a question is.
#[derive(Debug, Clone, Copy)]
pub struct Asking {
    /// How long it waits for each answer; as the channel's defaults say when absent (PBX-15..PBX-17), and
    /// [`TIMEOUT_DEFAULT`] where they say nothing.
    pub timeout: Option<Duration>,
    /// How many answers may be misunderstood.
    pub attempts: u8,
}

const TIMEOUT: &str = "timeout";

/// A contact who has not answered a bot for so long does something else.
const TIMEOUT_DEFAULT: Duration = Duration::from_secs(600);

impl Asking {
    /// The question was asked for the first time.
    pub fn begin(self, turn: &mut Turn<'_>) -> Next {
        self.wait(0, turn)
    }

    /// Something happened. `hear` leaves with an answer that it understands; `again` asks once more.
    ///
    /// # Errors
    /// Those of `hear` and `again`.
    pub fn resume(
        self,
        event: &Event,
        turn: &mut Turn<'_>,
        hear: impl FnOnce(&Message, &mut Turn<'_>) -> Result<Option<Next>, Fault>,
        again: impl FnOnce(&mut Turn<'_>) -> Result<(), Fault>,
    ) -> Result<Next, Fault> {
        match event {
            Event::Message(message) => {
                if let Some(next) = hear(message, turn)? {
                    return Ok(next);
                }
                let misunderstood = turn.memory::<u8>().saturating_add(1);
                if self.attempts <= misunderstood {
                    return Ok(Next::exit("no_match"));
                }
                again(turn)?;
                Ok(self.wait(misunderstood, turn))
            }
            Event::Alarm(_) => Ok(Next::exit("timeout")),
            Event::Routed(_) | Event::Answered(_) | Event::Returned { .. } => Ok(Next::Wait),
        }
    }

    /// How long one answer is waited for at most, where the catalogue gives contacts these times.
    pub fn longest(self, times: AnswerTimes) -> Duration {
        self.timeout.unwrap_or_else(|| times.or(TIMEOUT_DEFAULT))
    }

    fn wait(self, misunderstood: u8, turn: &mut Turn<'_>) -> Next {
        turn.alarm(TIMEOUT, self.timeout.or_else(|| turn.bot_timeout()).unwrap_or(TIMEOUT_DEFAULT));
        turn.remember(&misunderstood);
        Next::Wait
    }
}
