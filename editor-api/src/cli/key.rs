//! `routewright key new`: a key made on the machine itself, when no key is left that could make one over HTTP. The
//! server must be stopped, because one process at a time has the store.

use clap::{Args, Subcommand, ValueEnum};
use routewright_engine::{AgentId, TenantId, TouchpointId};
use routewright_flows::Words;
use serde_json::json;

use super::{DataDir, Format, Reader, Stop, Verdict, open_store, print_json};
use crate::{
    keys::{NewKey, Role},
    tenant,
};

/// Arguments of `key`.
#[derive(Debug, Args)]
pub(super) struct Key {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a key; it is printed this once.
    New(New),
}

#[derive(Debug, Args)]
struct New {
    /// What the key may do.
    #[arg(long, value_enum, default_value = "administrator")]
    role: RoleName,
    /// The tenant it belongs to.
    #[arg(long, default_value = tenant::MAIN)]
    tenant: TenantId,
    /// The agent of an agent's key.
    #[arg(long, required_if_eq("role", "agent"))]
    agent: Option<AgentId>,
    /// The touchpoint of a touchpoint's key, or of its webchat's.
    #[arg(long, required_if_eq_any([("role", "touchpoint"), ("role", "visitor")]))]
    touchpoint: Option<TouchpointId>,
    /// What to call it.
    #[arg(long, default_value = "")]
    title: String,
    #[command(flatten)]
    data: DataDir,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RoleName {
    Administrator,
    Author,
    Supervisor,
    Agent,
    Touchpoint,
    Visitor,
}

impl Key {
    pub(super) async fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let Action::New(new) = self.action;
        let role = new.role()?;
        let runtime = open_store(&new.data.path).await?;
        tenant::ensure(&runtime, &new.tenant).await.map_err(Stop::because)?;
        let key = NewKey::make(role, new.title).map_err(Stop::because)?;
        let changes = vec![key.change()];
        runtime.write(new.tenant.clone(), "command-line".to_owned(), changes).await.map_err(Stop::because)?;
        runtime.close().await;
        match reader.format {
            Format::Json => {
                print_json(&json!({ "id": key.prefix, "key": key.secret.reveal(), "tenant": new.tenant }));
            }
            Format::Text => {
                println!("{}", key.secret.reveal());
                let (tenant, role) = (&new.tenant, key.stored.role.words());
                eprintln!(
                    "{}",
                    reader.say(&Words::new(
                        format!("{} for tenant '{tenant}', shown this once", role.en),
                        format!("{} pour l’organisation « {tenant} », affichée cette seule fois", role.fr),
                    ))
                );
            }
        }
        Ok(Verdict::Fine)
    }
}

impl New {
    fn role(&self) -> Result<Role, Stop> {
        let missing =
            |option: &str| Stop::new(format!("this role needs --{option}"), format!("ce rôle exige --{option}"));
        Ok(match self.role {
            RoleName::Administrator => Role::Administrator,
            RoleName::Author => Role::Author,
            RoleName::Supervisor => Role::Supervisor,
            RoleName::Agent => Role::Agent { agent: self.agent.clone().ok_or_else(|| missing("agent"))? },
            RoleName::Touchpoint => {
                Role::Touchpoint { touchpoint: self.touchpoint.clone().ok_or_else(|| missing("touchpoint"))? }
            }
            RoleName::Visitor => {
                Role::Visitor { touchpoint: self.touchpoint.clone().ok_or_else(|| missing("touchpoint"))? }
            }
        })
    }
}
