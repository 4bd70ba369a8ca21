//! Lists, a page at a time: `?limit=&after=`, and a `next` link while there is more. Never an offset, so that a page
//! stays right while things are added.

use routewright_engine::TenantId;
use routewright_runtime::{DocumentKind, StoredDocument};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{door::Door, problem::Problem};

/// Things on a page when the caller does not say.
const LIMIT_DEFAULT: u32 = 100;

/// Things on a page at most; one of the runtime's lists holds twice as many.
const LIMIT_MAX: u32 = 500;

/// Which page.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PageQuery {
    /// Things on the page, 1 to 500; 100 when absent.
    #[serde(default)]
    pub limit: Option<u32>,
    /// The id that the page comes after.
    #[serde(default)]
    pub after: Option<String>,
}

impl PageQuery {
    /// The number of things on this page.
    pub(crate) fn limit(&self) -> Result<u32, Problem> {
        match self.limit.unwrap_or(LIMIT_DEFAULT) {
            limit @ 1..=LIMIT_MAX => Ok(limit),
            limit => Err(Problem::bad_query(format_args!("limit={limit} is not 1 to {LIMIT_MAX}"))),
        }
    }
}

/// One page.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Page<T> {
    /// The things.
    pub items: Vec<T>,
    /// Where the next page is; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page of at most `limit` of `items`, which were asked for one more, to know whether there is a next page.
    pub(crate) fn cut(mut items: Vec<T>, limit: u32, link: impl Fn(&T) -> String) -> Self {
        let more = (limit as usize) < items.len();
        items.truncate(limit as usize);
        let next = items.last().filter(|_| more).map(link);
        Self { items, next }
    }

    /// The same page, each thing as its readers see it.
    pub(crate) fn shown<U>(self, show: impl FnMut(T) -> Result<U, Problem>) -> Result<Page<U>, Problem> {
        let items = self.items.into_iter().map(show).collect::<Result<_, _>>()?;
        Ok(Page { items, next: self.next })
    }
}

/// A page of the documents of a kind, by id; `path` is where the list is.
pub(crate) async fn documents(
    door: &Door,
    tenant: TenantId,
    kind: DocumentKind,
    page: PageQuery,
    path: &str,
) -> Result<Page<StoredDocument>, Problem> {
    let limit = page.limit()?;
    let found = door.runtime.documents(tenant, kind, page.after, limit + 1).await?;
    Ok(Page::cut(found, limit, |last| format!("{path}?limit={limit}&after={}", last.id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_next_link_only_while_there_is_more() {
        for (given, limit, kept, next) in [(3, 2, 2, Some("1")), (2, 2, 2, None), (0, 2, 0, None)] {
            let page = Page::cut((0..given).collect::<Vec<u32>>(), limit, u32::to_string);
            assert_eq!((page.items.len(), page.next.as_deref()), (kept, next), "{given} of {limit}");
        }
    }
}
