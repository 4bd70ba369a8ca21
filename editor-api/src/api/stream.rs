//! Server-sent events that can be taken up again. A stream reads what is stored after the last event its reader has
//! seen, then waits for a commit, and reads again: what is sent is always what is on disk, and a reader who missed a
//! wake-up still misses nothing.

use std::{convert::Infallible, future::Future, sync::Arc, time::Duration};

use axum::{
    extract::FromRequestParts,
    http::{HeaderName, request::Parts},
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::{Stream, StreamExt, stream};
use routewright_flows::Words;
use routewright_runtime::Committed;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::extract::text_header;
use crate::{door::Door, problem::Problem};

/// Silence before a comment keeps proxies from closing the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The number of the last event that the reader has seen.
pub(crate) struct LastEvent(pub Option<u64>);

impl<S: Send + Sync> FromRequestParts<S> for LastEvent {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let name = HeaderName::from_static("last-event-id");
        let Some(text) = text_header(&parts.headers, &name)?.filter(|text| !text.is_empty()) else {
            return Ok(Self(None));
        };
        let expected = Words::new("the id of an event", "l’identifiant d’un événement");
        text.parse().map(|id| Self(Some(id))).map_err(|_| Problem::bad_header("Last-Event-ID", &expected))
    }
}

/// An event of a stream, under a number that rises.
pub(crate) struct Numbered {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: &'static str,
    /// What it says, as JSON.
    pub data: String,
}

/// A stream of what is stored, page by page, that waits for commits that `concerns` it when there is no more.
///
/// The subscription begins before the first read, so nothing falls between the two.
pub(crate) fn replayed<F>(
    door: &Arc<Door>,
    after: Option<u64>,
    concerns: impl Fn(&Committed) -> bool + Send + Sync + 'static,
    read: impl Fn(Option<u64>) -> F + Send + 'static,
) -> Response
where
    F: Future<Output = Result<Vec<Numbered>, Problem>> + Send,
{
    let commits = door.runtime.subscribe();
    let pages = stream::unfold(
        (commits, after, true, concerns, read),
        |(mut commits, after, may_be_more, concerns, read)| async move {
            if !may_be_more {
                wait(&mut commits, &concerns).await?;
            }
            // A read that fails ends the stream; the reader comes back with the id of the last event he saw.
            let page = read(after).await.ok()?;
            let after = page.last().map(|last| last.id).or(after);
            let may_be_more = !page.is_empty();
            Some((stream::iter(page), (commits, after, may_be_more, concerns, read)))
        },
    );
    let events = pages.flatten().map(|one| Event::default().id(one.id.to_string()).event(one.name).data(one.data));
    respond(door, events)
}

/// Answers with a stream that ends when the server stops.
pub(crate) fn respond(door: &Door, events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let events = events.take_until(door.stopped()).map(Ok::<_, Infallible>);
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

/// Waits until a commit concerns the stream; none when there will be no more commits.
async fn wait(commits: &mut Receiver<Arc<Committed>>, concerns: &(impl Fn(&Committed) -> bool + Sync)) -> Option<()> {
    loop {
        match commits.recv().await {
            Ok(committed) if concerns(&committed) => return Some(()),
            Ok(_) => {}
            // Commits were missed: any of them may have concerned it.
            Err(RecvError::Lagged(_)) => return Some(()),
            Err(RecvError::Closed) => return None,
        }
    }
}
