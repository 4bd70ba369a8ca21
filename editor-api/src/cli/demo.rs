//! `routewright demo`: a contact and an agent at a running server, live.

use clap::Args;

use super::{Reader, Stop, Verdict};
use crate::demo::play::{Play, PlayError};

/// Arguments of `demo`.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Address of the server.
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    url: String,
    /// An administrator's key of the tenant 'demo'; `serve --demo` prints one.
    #[arg(long, env = "ROUTEWRIGHT_KEY")]
    key: String,
}

impl Demo {
    pub(super) async fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let language = reader.language();
        let mut out = std::io::stdout();
        Play::new(&self.url, &self.key, language, &mut out)
            .run()
            .await
            .map_err(|error: PlayError| Stop(error.words()))?;
        Ok(Verdict::Fine)
    }
}
