//! `routewright node`: node types of one's own, judged and installed.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Args, Subcommand};
use reqwest::StatusCode;
use routewright_engine::{custom::Manifest, node::Registry};
use routewright_flows::{Kind, Words};
use routewright_nodes::conformance::{Shortcoming, check_manifest};
use serde_json::{Value, json};

use super::{Format, Reader, Stop, Verdict, on_large_stack, on_runtime, print_json};

/// Arguments of `node`.
#[derive(Debug, Args)]
pub(super) struct Node {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge manifests of node types by the conformance suite, with the tests they carry.
    Check(Check),
    /// Judge a manifest and install it on a running server, or replace it there.
    Install(Install),
    /// Retire a type on a running server: nothing new may use it, and what is published keeps it.
    Retire(Retire),
}

/// Node types of one's own, for commands that work without a server.
#[derive(Debug, Default, Args)]
pub(super) struct OwnTypes {
    /// Manifest of a node type that the flows use, or a folder of them (*.json); may be given again.
    #[arg(long = "types", value_name = "PATH")]
    manifests: Vec<PathBuf>,
}

impl OwnTypes {
    /// The types of this build, and these.
    ///
    /// Flows are held to what a server would hold them to, which installs only sound manifests. Whether these are sound is
    /// what `node check` says; here a manifest must only be usable.
    pub(super) fn registry(&self) -> Result<Arc<Registry>, Stop> {
        let mut registry = Registry::clone(&super::registry());
        for file in self.files()? {
            let manifest = read(&file)?;
            let taken = registry.has(&manifest.kind).then(|| {
                Words::new(
                    format!("'{}' is a type that exists already", manifest.kind),
                    format!("« {} » est un type qui existe déjà", manifest.kind),
                )
            });
            if let Some(fault) = manifest.faults().into_iter().chain(taken).next() {
                let name = file.display();
                return Err(Stop::new(
                    format!("'{name}' cannot be used: {}", fault.en),
                    format!("« {name} » est inutilisable : {}", fault.fr),
                ));
            }
            registry = registry.install(manifest);
        }
        Ok(Arc::new(registry))
    }

    /// The manifests, those of a folder in the order of their names.
    fn files(&self) -> Result<Vec<PathBuf>, Stop> {
        let mut files = Vec::new();
        for path in &self.manifests {
            if !path.is_dir() {
                files.push(path.clone());
                continue;
            }
            let inside = std::fs::read_dir(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
            let inside = inside.map_err(|error| {
                let name = path.display();
                Stop::new(
                    format!("the folder '{name}' cannot be read: {error}"),
                    format!("le dossier « {name} » est illisible : {error}"),
                )
            })?;
            let mut manifests: Vec<PathBuf> = inside.into_iter().map(|entry| entry.path()).collect();
            manifests.retain(|file| file.extension().is_some_and(|extension| extension == "json"));
            manifests.sort();
            files.extend(manifests);
        }
        Ok(files)
    }
}

/// Arguments of `node check`.
#[derive(Debug, Args)]
struct Check {
    /// Manifests to judge.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Arguments of `node install`.
#[derive(Debug, Args)]
struct Install {
    /// The manifest.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    server: Server,
}

/// Arguments of `node retire`.
#[derive(Debug, Args)]
struct Retire {
    /// The type.
    #[arg(value_name = "KIND")]
    kind: Kind,
    /// Remove it for good instead; refused while a draft or a version uses it.
    #[arg(long)]
    remove: bool,
    #[command(flatten)]
    server: Server,
}

/// A running server.
#[derive(Debug, Args)]
struct Server {
    /// Address of the server.
    #[arg(long, default_value = "http://127.0.0.1:8080", env = "ROUTEWRIGHT_URL")]
    url: String,
    /// An administrator's key.
    #[arg(long, env = "ROUTEWRIGHT_KEY", hide_env_values = true)]
    key: String,
}

impl Node {
    pub(super) fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        match self.command {
            Command::Check(check) => on_large_stack(move || check.run(reader)),
            Command::Install(install) => {
                let manifest = read(&install.file)?;
                let judged = manifest.clone();
                let verdict = on_large_stack(move || {
                    let found = judge(&judged);
                    report(reader, &judged, &found);
                    Ok(if found.is_empty() { Verdict::Fine } else { Verdict::Findings })
                })?;
                match verdict {
                    Verdict::Findings => Ok(verdict),
                    Verdict::Fine => on_runtime(install.install(manifest, reader)),
                }
            }
            Command::Retire(retire) => on_runtime(retire.run(reader)),
        }
    }
}

impl Check {
    fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let mut verdict = Verdict::Fine;
        let mut all = Vec::new();
        for file in &self.files {
            let manifest = read(file)?;
            let found = judge(&manifest);
            if !found.is_empty() {
                verdict = Verdict::Findings;
            }
            match reader.format {
                Format::Text => report(reader, &manifest, &found),
                Format::Json => {
                    let shown = found.iter().map(|one| json!({ "code": one.code, "message": one.message }));
                    all.push(json!({
                        "file": file.display().to_string(),
                        "kind": manifest.kind,
                        "shortcomings": shown.collect::<Vec<_>>(),
                    }));
                }
            }
        }
        if reader.format == Format::Json {
            print_json(&Value::Array(all));
        }
        Ok(verdict)
    }
}

fn judge(manifest: &Manifest) -> Vec<Shortcoming> {
    check_manifest(manifest, &super::registry())
}

fn report(reader: Reader, manifest: &Manifest, found: &[Shortcoming]) {
    if reader.format == Format::Json {
        return;
    }
    if found.is_empty() {
        println!("ok   {} {}", manifest.kind, manifest.version);
    }
    for one in found {
        println!("FAIL {} {}: {}", manifest.kind, one.code, reader.say(&one.message));
    }
}

fn read(file: &Path) -> Result<Manifest, Stop> {
    let name = file.display();
    let text = std::fs::read_to_string(file).map_err(|error| {
        Stop::new(format!("'{name}' cannot be read: {error}"), format!("« {name} » est illisible : {error}"))
    })?;
    serde_json::from_str(&text).map_err(|error| {
        Stop::new(
            format!("'{name}' is not a manifest: {error}"),
            format!("« {name} » n’est pas un manifeste : {error}"),
        )
    })
}

impl Install {
    async fn install(self, manifest: Manifest, reader: Reader) -> Result<Verdict, Stop> {
        let http = reqwest::Client::new();
        let (kind, version) = (manifest.kind.to_string(), manifest.version.clone());
        let all = self.server.types();
        let settings = json!({ "manifest": manifest });
        let create = http.post(&all).bearer_auth(&self.server.key).json(&json!({ "id": kind, "settings": settings }));
        let mut answer = create.send().await.map_err(Stop::because)?;
        if answer.status() == StatusCode::CONFLICT {
            let replace = http.put(format!("{all}/{kind}")).bearer_auth(&self.server.key).header("if-match", "*");
            answer = replace.json(&settings).send().await.map_err(Stop::because)?;
        }
        if answer.status().is_success() {
            let words = Words::new(format!("installed {kind} {version}"), format!("{kind} {version} installé"));
            println!("{}", reader.say(&words));
            return Ok(Verdict::Fine);
        }
        Err(refused(&kind, answer).await)
    }
}

impl Retire {
    async fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let http = reqwest::Client::new();
        let (kind, key) = (self.kind.to_string(), &self.server.key);
        let address = format!("{}/{kind}", self.server.types());
        if self.remove {
            let request = http.delete(&address).bearer_auth(key).header("if-match", "*");
            let answer = request.send().await.map_err(Stop::because)?;
            if !answer.status().is_success() {
                return Err(refused(&kind, answer).await);
            }
            println!("{}", reader.say(&Words::new(format!("removed {kind}"), format!("{kind} supprimé"))));
            return Ok(Verdict::Fine);
        }
        let answer = http.get(&address).bearer_auth(key).send().await.map_err(Stop::because)?;
        if !answer.status().is_success() {
            return Err(refused(&kind, answer).await);
        }
        // The revision that was read, so that a manifest installed meanwhile is not put back.
        let revision = answer.headers().get("etag").cloned();
        let mut stored: Value = answer.json().await.map_err(Stop::because)?;
        stored["settings"]["retired"] = json!(true);
        let mut request = http.put(&address).bearer_auth(key).json(&stored["settings"]);
        if let Some(revision) = revision {
            request = request.header("if-match", revision);
        }
        let answer = request.send().await.map_err(Stop::because)?;
        if !answer.status().is_success() {
            return Err(refused(&kind, answer).await);
        }
        let words = Words::new(
            format!("retired {kind}: nothing new may use it"),
            format!("{kind} retiré : rien de nouveau ne peut l’utiliser"),
        );
        println!("{}", reader.say(&words));
        Ok(Verdict::Fine)
    }
}

impl Server {
    /// Where node types are.
    fn types(&self) -> String {
        format!("{}/api/v1/node-types", self.url.trim_end_matches('/'))
    }
}

async fn refused(kind: &str, answer: reqwest::Response) -> Stop {
    let status = answer.status();
    let body = answer.text().await.unwrap_or_default();
    Stop::new(
        format!("the server refused '{kind}' ({status}): {body}"),
        format!("le serveur a refusé « {kind} » ({status}) : {body}"),
    )
}
