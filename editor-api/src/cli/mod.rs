//! The command line. Exit codes: 0 fine, 1 findings, 2 usage or environment. What a command finds goes to standard
//! output, as text or JSON; what stops it goes to standard error, in the reader's language.

mod backup;
mod calendar;
mod check;
mod demo;
mod diff;
mod fmt;
mod french;
mod import;
mod key;
mod merge;
mod node;
mod record;
mod serve;
mod source;
mod test;
mod verify;

use std::{
    fmt::Display,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, OnceLock},
};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use routewright_engine::node::Registry;
use routewright_flows::Words;
use routewright_runtime::{Options, Runtime, limits::SCRIPT_STACK_BYTES};

use crate::language::Language;

/// Routing flows for contact centres: author them, prove them, run them.
#[derive(Debug, Parser)]
#[command(name = "routewright", version)]
struct Cli {
    #[command(flatten)]
    reader: Reader,
    #[command(subcommand)]
    command: Command,
}

/// How a command speaks.
#[derive(Debug, Clone, Copy, Args)]
struct Reader {
    /// Language of what is printed; that of the environment when absent.
    #[arg(long, global = true, value_enum)]
    lang: Option<Language>,
    /// Form of what is printed.
    #[arg(long, global = true, value_enum, default_value = "text")]
    format: Format,
}

impl Reader {
    fn language(self) -> Language {
        self.lang.unwrap_or_else(Language::of_environment)
    }

    /// One of our sentences, in the reader's language.
    fn say(self, words: &Words) -> &str {
        self.language().of(words)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server.
    Serve(serve::Serve),
    /// Find everything that is wrong with flow documents.
    Check(check::Check),
    /// Play the tests inside flow documents, under a virtual clock.
    Test(test::Test),
    /// Make a test of a conversation that took place.
    Record(record::Record),
    /// Write flow documents in their canonical form.
    Fmt(fmt::Fmt),
    /// Say what changed between two flow documents.
    Diff(diff::Diff),
    /// Bring two lines of work on one flow document together; also git's merge driver.
    Merge(merge::Merge),
    /// Judge and install node types of one's own.
    Node(node::Node),
    /// Make documents of the flows of another system, with a report on what was kept and lost.
    Import(import::Import),
    /// Play a contact and an agent against a running server.
    Demo(demo::Demo),
    /// Judge the capacity core by queueing theory.
    Verify(verify::Verify),
    /// Compare opening hours, and read closed dates from iCalendar files.
    Calendar(calendar::Calendar),
    /// Make an API key in a data directory whose server is stopped.
    Key(key::Key),
    /// Copy the store to a file, whether its server works or not.
    Backup(backup::Backup),
    /// Print the OpenAPI document of the HTTP API.
    Openapi,
    /// Print the JSON Schema of flow documents.
    Schema,
}

/// Why a command stopped.
#[derive(Debug)]
struct Stop(Words);

impl Stop {
    /// What was being done, and what came in between.
    fn new(en: impl Display, fr: impl Display) -> Self {
        Self(Words::new(en.to_string(), fr.to_string()))
    }

    /// An error that speaks for itself.
    fn because(error: impl Display) -> Self {
        Self::new(&error, &error)
    }
}

/// What a command that ran to its end says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Fine,
    Findings,
}

/// The node types of this process; set once, by its `main`.
static REGISTRY: OnceLock<Arc<Registry>> = OnceLock::new();

fn registry() -> Arc<Registry> {
    Arc::clone(REGISTRY.get_or_init(|| Arc::new(routewright_nodes::standard())))
}

/// Runs the command line of this process over the standard vocabulary.
#[must_use]
pub fn main() -> ExitCode {
    main_with(routewright_nodes::standard())
}

/// Runs the command line of this process over a vocabulary of one's own. Only the first call in a process counts.
#[must_use]
pub fn main_with(registry: Registry) -> ExitCode {
    let _ = REGISTRY.set(Arc::new(registry));
    let language = asked_language().unwrap_or_else(Language::of_environment);
    let mut command = Cli::command();
    if language == Language::Fr {
        command = french::translate(command);
    }
    // clap itself prints usage errors and help, and exits with 2 or 0.
    let matches = command.get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let reader = cli.reader;
    match run(cli) {
        Ok(Verdict::Fine) => ExitCode::SUCCESS,
        Ok(Verdict::Findings) => ExitCode::from(1),
        Err(Stop(words)) => {
            eprintln!("routewright: {}", reader.say(&words));
            ExitCode::from(2)
        }
    }
}

fn run(cli: Cli) -> Result<Verdict, Stop> {
    let reader = cli.reader;
    match cli.command {
        Command::Serve(serve) => on_runtime(serve.run(reader)),
        Command::Demo(demo) => on_runtime(demo.run(reader)),
        Command::Key(key) => on_runtime(key.run(reader)),
        Command::Record(record) => on_runtime(record.run(reader)),
        Command::Backup(backup) => backup.run(reader),
        // Scripts of unknown files are met here, so the stack is as large as that of the server's script threads.
        Command::Check(check) => on_large_stack(move || check.run(reader)),
        Command::Test(test) => on_large_stack(move || test.run(reader)),
        Command::Fmt(fmt) => on_large_stack(move || fmt.run(reader)),
        Command::Node(node) => node.run(reader),
        Command::Diff(diff) => diff.run(reader),
        Command::Merge(merge) => merge.run(reader),
        Command::Import(import) => on_large_stack(move || import.run(reader)),
        Command::Verify(verify) => verify.run(reader),
        Command::Calendar(calendar) => calendar.run(reader),
        Command::Openapi => Ok(print_json(&crate::api::openapi())),
        Command::Schema => Ok(print_json(&routewright_flows::schema::document_schema(&*registry()))),
    }
}

/// The language of `--lang`, before clap has read the arguments: its own messages need it.
fn asked_language() -> Option<Language> {
    let mut arguments = std::env::args();
    let value = loop {
        let argument = arguments.next()?;
        match argument.strip_prefix("--lang") {
            Some("") => break arguments.next()?,
            Some(rest) if rest.starts_with('=') => break rest[1..].to_owned(),
            Some(_) | None => {}
        }
    };
    Language::from_str(&value, true).ok()
}

fn print_json(value: &serde_json::Value) -> Verdict {
    println!("{value:#}");
    Verdict::Fine
}

fn on_runtime(work: impl Future<Output = Result<Verdict, Stop>>) -> Result<Verdict, Stop> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(Stop::because)?;
    runtime.block_on(work)
}

fn on_large_stack(work: impl FnOnce() -> Result<Verdict, Stop> + Send + 'static) -> Result<Verdict, Stop> {
    let thread = std::thread::Builder::new().stack_size(SCRIPT_STACK_BYTES).spawn(work).map_err(Stop::because)?;
    thread.join().unwrap_or_else(|_| {
        Err(Stop::new("the command failed inside: please report it", "la commande a échoué : merci de le signaler"))
    })
}

/// Opens the store of a stopped server.
async fn open_store(data: &Path) -> Result<Runtime, Stop> {
    let options = Options::new(data, registry());
    Runtime::open(options).await.map_err(Stop::because)
}

/// Where the store is.
#[derive(Debug, Clone, Args)]
struct DataDir {
    /// Directory of the store.
    #[arg(long = "data", value_name = "DIR", default_value = "./routewright-data", env = "ROUTEWRIGHT_DATA")]
    path: PathBuf,
}
