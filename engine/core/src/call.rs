//! Calls to the outside: what a flow asks of another system, and what came of it, both as data.
//!
//! A node commands a [`Call`]; the runtime makes it after the commit, tries again where that is allowed, and the
//! [`CallAnswer`] comes back as an input. So the core stays deterministic: a journal holds every answer, and a rehearsal
//! gives its own. What it deliberately does not do: it opens no socket and knows no secret, only the names of secrets.

use std::{collections::BTreeMap, fmt, time::Duration};

use routewright_flows::HumanDuration;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::id::SecretId;

/// Something asked of another system.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "call", rename_all = "snake_case")]
pub enum Call {
    /// An HTTP request.
    Http(HttpCall),
    /// An e-mail.
    Mail(MailCall),
}

impl Call {
    /// What people are shown of it: whom it goes to, without what is in it.
    #[must_use]
    pub fn target(&self) -> String {
        match self {
            Self::Http(http) => format!("{} {}", http.method, http.url),
            Self::Mail(mail) => format!("mail {}", mail.to.join(", ")),
        }
    }

    /// How it may be tried.
    #[must_use]
    pub fn patience(&self) -> &Patience {
        match self {
            Self::Http(http) => &http.patience,
            Self::Mail(mail) => &mail.patience,
        }
    }
}

/// An HTTP request as it will be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpCall {
    /// The method.
    pub method: Method,
    /// Where to; `http` or `https`.
    pub url: String,
    /// Headers, by lower-case name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Headers whose values are secrets, by lower-case name. The runtime puts the values in; nothing else ever sees
    /// them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secret_headers: BTreeMap<String, SecretId>,
    /// What is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The secret that signs the request, when the receiver is to know that it is ours.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_with: Option<SecretId>,
    /// How long and how often it is tried.
    pub patience: Patience,
}

/// HTTP methods.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the names are HTTP's own")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// As HTTP writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// True when doing it twice is doing it once, by HTTP's own promise.
    #[must_use]
    pub const fn is_repeatable(self) -> bool {
        match self {
            Self::Get | Self::Put | Self::Delete => true,
            Self::Post | Self::Patch => false,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An e-mail as it will be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailCall {
    /// The secret that holds the address of the mail server, `smtps://user:password@mail.example.com`.
    pub server: SecretId,
    /// Who sends.
    pub from: String,
    /// Who receives.
    pub to: Vec<String>,
    /// Where answers go, when not to the sender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
    /// How long and how often it is tried.
    pub patience: Patience,
}

/// How long and how often a call is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patience {
    /// How long one attempt may take.
    pub timeout: HumanDuration,
    /// Attempts after the first, when that one brought no usable answer.
    pub retries: u8,
    /// The wait before the second attempt; it doubles before each further one.
    pub backoff: HumanDuration,
}

impl Patience {
    /// The wait before an attempt, counted from 1.
    #[must_use]
    pub fn wait_before(&self, attempt: u8) -> Duration {
        match attempt.checked_sub(2) {
            None => Duration::ZERO,
            Some(doublings) => self.backoff.get().saturating_mul(1 << u32::from(doublings).min(16)),
        }
    }

    /// How long all attempts may take with the waits between them.
    #[must_use]
    pub fn in_all(&self) -> Duration {
        let attempts = self.retries.saturating_add(1);
        let waits = (1..=attempts).map(|attempt| self.wait_before(attempt));
        waits.fold(self.timeout.get().saturating_mul(u32::from(attempts)), Duration::saturating_add)
    }
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum CallAnswer {
    /// The other system answered.
    Replied {
        /// The HTTP status.
        status: u16,
        /// What it said.
        #[serde(default)]
        body: String,
    },
    /// The mail server took the message.
    Accepted {},
    /// There is no usable answer, and no further attempt will be made.
    Failed {
        /// Why.
        why: CallFailure,
        /// What was heard of it, for people.
        message: String,
    },
}

/// Why a call has no usable answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CallFailure {
    /// No answer came in time.
    Timeout,
    /// The other system could not be reached, or broke off.
    Unreachable,
    /// The address is one that flows may not call: of this machine or of a private network.
    Forbidden,
    /// The answer was larger than flows may take.
    TooLarge,
    /// The host failed so often that it is left alone for a while.
    CircuitOpen,
    /// A secret that the call names does not exist.
    UnknownSecret,
    /// The call itself makes no sense: an address that is none, a header that is not allowed.
    Invalid,
    /// The other system refused for good: a mail server that knows no such mailbox.
    Refused,
}

impl CallFailure {
    /// The stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Unreachable => "unreachable",
            Self::Forbidden => "forbidden",
            Self::TooLarge => "too_large",
            Self::CircuitOpen => "circuit_open",
            Self::UnknownSecret => "unknown_secret",
            Self::Invalid => "invalid",
            Self::Refused => "refused",
        }
    }
}

impl CallAnswer {
    /// What people are shown of it: the status or the failure, without what is in it.
    #[must_use]
    pub fn outcome(&self) -> String {
        match self {
            Self::Replied { status, .. } => status.to_string(),
            Self::Accepted {} => "accepted".to_owned(),
            Self::Failed { why, .. } => why.as_str().to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use routewright_flows::HumanDuration;

    use super::Patience;

    #[test]
    fn waits_double_and_the_whole_is_their_sum() {
        let [timeout, backoff] = [5_000, 1_000].map(HumanDuration::from_millis);
        let patience = Patience { timeout, retries: 3, backoff };
        let waits: Vec<u64> = (1..=4).map(|attempt| patience.wait_before(attempt).as_secs()).collect();
        assert_eq!(waits, [0, 1, 2, 4]);
        assert_eq!(patience.in_all(), Duration::from_secs(4 * 5 + 7));
        assert_eq!(Patience { retries: 0, ..patience }.in_all(), Duration::from_secs(5));
    }
}
