//! `routewright backup`: the store as one file that `serve --data` can run from, once it lies in a directory of its own.

use std::path::PathBuf;

use clap::Args;
use routewright_flows::Words;

use super::{DataDir, Reader, Stop, Verdict, open_store};

/// Arguments of `backup`.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// The file to write.
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    #[command(flatten)]
    data: DataDir,
}

impl Backup {
    pub(super) async fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let name = self.to.display().to_string();
        if self.to.exists() {
            return Err(Stop::new(
                format!("'{name}' exists already: choose another file"),
                format!("« {name} » existe déjà : choisissez un autre fichier"),
            ));
        }
        let runtime = open_store(&self.data.path).await?;
        let copied = runtime.backup(self.to).await.map_err(Stop::because);
        runtime.close().await;
        copied?;
        println!("{}", reader.say(&Words::new(format!("copied to {name}"), format!("copié dans {name}"))));
        Ok(Verdict::Fine)
    }
}
