//! `routewright record`: makes a test of a conversation that took place, to be read and kept with its flow.
//!
//! What it deliberately does not do: it looks for no flow. A test is added to the document that it is told, and whoever
//! keeps it reads what the contact wrote first.

use std::{collections::BTreeMap, path::PathBuf};

use clap::Args;
use routewright_engine::{
    InteractionId, TenantId,
    rehearsal::{Circumstances, record},
};
use routewright_flows::Words;

use super::{DataDir, Reader, Stop, Verdict, open_store, print_json, source};

/// Arguments of `record`.
#[derive(Debug, Args)]
pub(super) struct Record {
    /// The interaction.
    interaction: InteractionId,
    /// The tenant it belongs to.
    #[arg(long, default_value = "demo")]
    tenant: TenantId,
    /// What the test is to be called.
    #[arg(long)]
    name: Option<String>,
    /// The flow document to add the test to; standard output when absent.
    #[arg(long, value_name = "FILE")]
    into: Option<PathBuf>,
    #[command(flatten)]
    data: DataDir,
}

impl Record {
    pub(super) async fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let id = self.interaction;
        let runtime = open_store(&self.data.path).await?;
        let read = async {
            let view = runtime.interaction(self.tenant.clone(), id).await.map_err(Stop::because)?;
            let facts = runtime.timeline(self.tenant.clone(), id).await.map_err(Stop::because)?;
            Ok::<_, Stop>((view, facts))
        };
        let read = read.await;
        runtime.close().await;
        let (view, facts) = read?;
        let Some(view) = view else {
            return Err(Stop::new(
                format!("there is no interaction '{id}' of '{}'", self.tenant),
                format!("l’interaction « {id} » de « {} » n’existe pas", self.tenant),
            ));
        };
        let interaction = view.interaction;
        let told = |words: Words| reader.say(&words).to_owned();
        let name = self.name.unwrap_or_else(|| told(Words::new(format!("as in {id}"), format!("comme dans {id}"))));
        let circumstances = Circumstances {
            name,
            channel: interaction.channel,
            locale: interaction.contact.locale,
            contact: interaction.contact.fields.into_iter().collect::<BTreeMap<_, _>>(),
        };
        let scenario = record(circumstances, &facts);
        match self.into {
            None => {
                print_json(&serde_json::to_value(&scenario).map_err(Stop::because)?);
            }
            Some(path) => {
                let [mut document] = source::documents([path.as_path()], reader)?;
                document.tests.push(scenario);
                std::fs::write(&path, routewright_flows::format(&document)).map_err(Stop::because)?;
            }
        }
        Ok(Verdict::Fine)
    }
}
