//! Tenants at their beginning. A tenant is never without its default handling profile (FCE-01, FCE-03).

use routewright_engine::{TenantId, catalogue::ProfileSettings};
use routewright_flows::{Locale, Localised};
use routewright_runtime::{Change, DocumentKind, Expect, Runtime, WriteError};
use serde_json::{Value, json};

/// The tenant of a fresh data directory.
pub const MAIN: &str = "main";

/// A tenant could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum TenantError {
    /// The store refused.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The store could not be read.
    #[error(transparent)]
    Read(#[from] routewright_runtime::ReadError),
}

/// Makes a tenant, with its default handling profile, unless it is there.
///
/// # Errors
/// [`TenantError`] when the store cannot be read or written.
pub async fn ensure(runtime: &Runtime, tenant: &TenantId) -> Result<bool, TenantError> {
    let known = runtime.document(tenant.clone(), DocumentKind::Tenant, tenant.as_str()).await?;
    if known.is_some() {
        return Ok(false);
    }
    let put = |kind, id: &str, body| Change::Put { kind, id: id.to_owned(), expect: Expect::Absent, body };
    let changes = vec![
        put(DocumentKind::Tenant, tenant.as_str(), json!({})),
        put(DocumentKind::Profile, "default", default_profile()),
    ];
    runtime.write(tenant.clone(), "set-up".to_owned(), changes).await?;
    Ok(true)
}

/// FCE-01: 3 contacts at once, 60 s of wrap-up.
fn default_profile() -> Value {
    let title = [("en", "Default"), ("fr", "Par défaut")];
    let title = title.into_iter().filter_map(|(tag, text)| Some((Locale::new(tag).ok()?, text.to_owned())));
    let profile = ProfileSettings { default: true, title: Localised(title.collect()), ..ProfileSettings::default() };
    // Settings are plain structs with text keys, which always serialise.
    serde_json::to_value(profile).unwrap_or_default()
}
