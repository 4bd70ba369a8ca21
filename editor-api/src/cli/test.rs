//! `routewright test`: plays the `tests` section of flow documents with the engine itself, under a virtual clock, with
//! no network and no disk. Files given together may call each other as sub-flows.

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::Args;
use routewright_engine::{
    node::Registry,
    rehearsal::{Coverage, Rehearsal, Troupe},
    script::Sandbox,
};
use routewright_flows::{FlowDocument, Words, render::render};
use serde_json::{Value, json};

use super::{Format, Reader, Stop, Verdict, node::OwnTypes, print_json, source};

/// Arguments of `test`.
#[derive(Debug, Args)]
pub(super) struct Test {
    /// Files to play; each may call the others.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Print the transcript of tests that pass, too.
    #[arg(long)]
    verbose: bool,
    /// Print what the tests of each file cover, and what they do not.
    #[arg(long)]
    coverage: bool,
    /// Fail when the tests of a file cover less of its nodes, exits and cases than this.
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    min_coverage: Option<u8>,
    /// Write the outcome as JUnit XML, too.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write what happened as the expectations of the tests, into the files.
    #[arg(long)]
    update: bool,
    #[command(flatten)]
    types: OwnTypes,
}

/// A file with what its tests came to.
struct Outcome {
    name: String,
    path: PathBuf,
    document: Arc<FlowDocument>,
    rehearsals: Vec<Rehearsal>,
    coverage: Coverage,
}

impl Test {
    pub(super) fn run(self, reader: Reader) -> Result<Verdict, Stop> {
        let mut verdict = Verdict::Fine;
        let mut flows: Vec<(String, PathBuf, Arc<FlowDocument>)> = Vec::new();
        for source in source::read(&self.files)? {
            let name = source.name();
            match source.parsed {
                Ok(parsed) => flows.push((name, source.path, Arc::new(parsed.into_document()))),
                Err(findings) => {
                    verdict = Verdict::Findings;
                    eprint!("{}", render(&findings, &name, reader.language().tag()));
                }
            }
        }
        let outcomes = played(flows, &*self.types.registry()?)?;
        if self.update {
            for outcome in &outcomes {
                update(outcome)?;
            }
            return Ok(verdict);
        }
        match reader.format {
            Format::Json => {
                print_json(&report(&outcomes));
            }
            Format::Text => print!("{}", self.text(&outcomes, reader)),
        }
        if let Some(path) = &self.junit {
            write(path, &junit(&outcomes))?;
        }
        let failed = outcomes.iter().flat_map(|outcome| &outcome.rehearsals).any(|rehearsal| !rehearsal.passed);
        let thin = self.min_coverage.is_some_and(|least| outcomes.iter().any(|o| o.coverage.percent() < least.into()));
        Ok(if failed || thin { Verdict::Findings } else { verdict })
    }

    fn text(&self, outcomes: &[Outcome], reader: Reader) -> String {
        let mut text = String::new();
        for Outcome { name, rehearsals, coverage, .. } in outcomes {
            for rehearsal in rehearsals {
                text += &format!("{name}: {}", rehearsal.report(reader.language().tag()));
                if self.verbose || !rehearsal.passed {
                    text += &format!("{}\n", rehearsal.transcript);
                }
            }
            let least = self.min_coverage.map(usize::from).filter(|least| coverage.percent() < *least);
            if self.coverage || least.is_some() {
                text += &table(name, coverage, reader);
            }
            if let Some(least) = least {
                let percent = coverage.percent();
                text += reader.say(&Words::new(
                    format!("{name}: {percent} % is covered, at least {least} % is wanted\n"),
                    format!("{name} : {percent} % couvert, au moins {least} % est demandé\n"),
                ));
            }
        }
        let all = || outcomes.iter().flat_map(|outcome| &outcome.rehearsals);
        let (played, failed) = (all().count(), all().filter(|rehearsal| !rehearsal.passed).count());
        text += reader.say(&Words::new(
            format!("{played} test(s), {failed} failed\n"),
            format!("{played} test(s), {failed} en échec\n"),
        ));
        text
    }
}

fn played(flows: Vec<(String, PathBuf, Arc<FlowDocument>)>, registry: &Registry) -> Result<Vec<Outcome>, Stop> {
    let library: Vec<_> = flows.iter().map(|(_, _, document)| Arc::clone(document)).collect();
    let sandbox = Arc::new(Sandbox::default());
    let play = |(name, path, document)| play(name, path, document, &library, registry, &sandbox);
    flows.into_iter().map(play).collect()
}

fn play(
    name: String,
    path: PathBuf,
    document: Arc<FlowDocument>,
    library: &[Arc<FlowDocument>],
    registry: &Registry,
    sandbox: &Arc<Sandbox>,
) -> Result<Outcome, Stop> {
    let troupe = Troupe::new(&document, library, registry, sandbox).map_err(|fault| {
        let words = fault.words();
        Stop::new(format!("{name}: {}", words.en), format!("{name} : {}", words.fr))
    })?;
    let rehearsals: Vec<Rehearsal> = document.tests.iter().map(|scenario| troupe.play(scenario)).collect();
    let coverage = Coverage::of(&document, &rehearsals, registry);
    Ok(Outcome { name, path, document, rehearsals, coverage })
}

/// What is covered, as a table, and below it what is not.
fn table(name: &str, coverage: &Coverage, reader: Reader) -> String {
    let names = [
        Words::new("nodes", "nœuds"),
        Words::new("exits", "sorties"),
        Words::new("failure exits", "sorties d’échec"),
        Words::new("cases", "cas"),
    ];
    let mut table = format!("{name}: {} %\n", coverage.percent());
    for (part, name) in coverage.parts().into_iter().zip(&names) {
        let (name, percent) = (reader.say(name), part.percent());
        table += &format!("  {name:<16} {:>5} / {:<5} {percent:>3} %\n", part.covered, part.total);
    }
    let missing: Vec<&str> = coverage.parts().into_iter().flat_map(|part| &part.missing).map(String::as_str).collect();
    if !missing.is_empty() {
        let never = reader.say(&Words::new("never taken:", "jamais pris :")).to_owned();
        table += &format!("  {never} {}\n", missing.join(", "));
    }
    table
}

fn report(outcomes: &[Outcome]) -> Value {
    let tests = outcomes.iter().flat_map(|Outcome { name, rehearsals, .. }| {
        rehearsals.iter().map(move |rehearsal| {
            json!({
                "file": name,
                "test": rehearsal.name,
                "passed": rehearsal.passed,
                "failures": rehearsal.failures.iter().map(|f| json!({
                    "step": f.step, "expected": f.expected, "got": f.got, "message": f.message,
                })).collect::<Vec<_>>(),
                "transcript": rehearsal.transcript,
            })
        })
    });
    let coverage = outcomes.iter().map(
        |Outcome { name, coverage, .. }| json!({ "file": name, "percent": coverage.percent(), "parts": coverage }),
    );
    json!({ "tests": tests.collect::<Vec<_>>(), "coverage": coverage.collect::<Vec<_>>() })
}

/// The form that build servers read: a suite for each file.
fn junit(outcomes: &[Outcome]) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n");
    for Outcome { name, document, rehearsals, .. } in outcomes {
        let failed = rehearsals.iter().filter(|rehearsal| !rehearsal.passed).count();
        let (id, tests) = (escaped(document.id.as_str()), rehearsals.len());
        // Writing into a String cannot fail.
        let _ = writeln!(xml, "  <testsuite name=\"{id}\" tests=\"{tests}\" failures=\"{failed}\" errors=\"0\">");
        for rehearsal in rehearsals {
            let (name, file) = (escaped(&rehearsal.name), escaped(name));
            let _ = writeln!(xml, "    <testcase name=\"{name}\" classname=\"{id}\" file=\"{file}\">");
            for failure in &rehearsal.failures {
                let message = escaped(&failure.message.en);
                let _ =
                    writeln!(xml, "      <failure message=\"{message}\">{}</failure>", escaped(&rehearsal.transcript));
            }
            xml += "    </testcase>\n";
        }
        xml += "  </testsuite>\n";
    }
    xml + "</testsuites>\n"
}

/// A text inside XML; what XML cannot hold becomes a replacement character.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped += "&amp;",
            '<' => escaped += "&lt;",
            '>' => escaped += "&gt;",
            '"' => escaped += "&quot;",
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// Writes a document whose expectations changed, in canonical form; another is left as it is.
fn update(outcome: &Outcome) -> Result<(), Stop> {
    let mut document = outcome.document.as_ref().clone();
    for (scenario, rehearsal) in document.tests.iter_mut().zip(&outcome.rehearsals) {
        *scenario = rehearsal.updated(scenario);
    }
    if document == *outcome.document {
        return Ok(());
    }
    write(&outcome.path, &routewright_flows::format(&document))
}

fn write(path: &Path, text: &str) -> Result<(), Stop> {
    std::fs::write(path, text).map_err(|error| {
        let name = path.display();
        Stop::new(format!("'{name}' cannot be written: {error}"), format!("impossible d’écrire « {name} » : {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn texts_are_safe_inside_xml() {
        assert_eq!(escaped("a<b> & \"c\"\n\u{1}"), "a&lt;b&gt; &amp; &quot;c&quot;\n\u{fffd}");
    }
}
