//! `routewright node`: node types of one's own, judged and installed.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use reqwest::StatusCode;
use routewright_engine::custom::Manifest;
use routewright_flows::Words;
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
        let all = format!("{}/api/v1/node-types", self.url.trim_end_matches('/'));
        let settings = json!({ "manifest": manifest });
        let create = http.post(&all).bearer_auth(&self.key).json(&json!({ "id": kind, "settings": settings }));
        let mut answer = create.send().await.map_err(Stop::because)?;
        if answer.status() == StatusCode::CONFLICT {
            let replace = http.put(format!("{all}/{kind}")).bearer_auth(&self.key).header("if-match", "*");
            answer = replace.json(&settings).send().await.map_err(Stop::because)?;
        }
        let status = answer.status();
        if status.is_success() {
            let words = Words::new(format!("installed {kind} {version}"), format!("{kind} {version} installé"));
            println!("{}", reader.say(&words));
            return Ok(Verdict::Fine);
        }
        let body = answer.text().await.unwrap_or_default();
        Err(Stop::new(
            format!("the server refused '{kind}' ({status}): {body}"),
            format!("le serveur a refusé « {kind} » ({status}) : {body}"),
        ))
    }
}
