//! The binary itself: exit codes, and what it prints.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::server::greeting;

pub fn routewright(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_routewright"));
    command.env_remove("LC_ALL").env_remove("LC_MESSAGES").env("LANG", "C").env_remove("ROUTEWRIGHT_KEY");
    command.args(arguments).output().expect("the binary runs")
}

pub fn shown(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

fn written(dir: &TempDir, name: &str, text: &str) -> String {
    let path = dir.path().join(name);
    std::fs::write(&path, text).expect("the file is written");
    path.to_str().expect("text").to_owned()
}

#[test]
fn exit_codes_tell_fine_findings_and_usage_apart() {
    let dir = TempDir::new().expect("a directory");
    let sound = written(&dir, "sound.json", &greeting("sound").to_string());
    let mut wrong = greeting("wrong");
    wrong["nodes"]["hello"]["exits"]["done"] = "nowhere".into();
    let wrong = written(&dir, "wrong.json", &wrong.to_string());
    let absent = dir.path().join("absent.json").to_str().expect("text").to_owned();
    for (arguments, code) in [
        (vec!["check", &sound], 0),
        (vec!["check", &sound, &wrong], 1),
        (vec!["check", &absent], 2),
        (vec!["check"], 2),
        (vec!["fmt", "--check", &sound], 1),
        (vec!["fmt", &sound], 0),
        (vec!["fmt", "--check", &sound], 0),
        (vec!["test", &sound], 0),
        (vec!["openapi"], 0),
        (vec!["schema"], 0),
        (vec!["nonsense"], 2),
        (vec!["serve", "--listen", "127.0.0.1:0", "--journal-keep", "6d", "--data", &absent], 2),
        (vec!["serve", "--listen", "127.0.0.1:0", "--journal-keep", "soon", "--data", &absent], 2),
        (vec!["serve", "--listen", "127.0.0.1:0", "--secret-keys", &absent, "--data", &absent], 2),
        (vec!["serve", "--listen", "127.0.0.1:0", "--secret-keys", &sound, "--data", &absent], 2),
        (vec!["demo", "--url", "http://127.0.0.1:9", "--key", "rw_x"], 2),
        (vec!["key", "new", "--role", "agent", "--data", dir.path().to_str().expect("text")], 2),
    ] {
        let output = routewright(&arguments);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{arguments:?}: {}{}",
            shown(&output.stdout),
            shown(&output.stderr)
        );
    }
}

#[test]
fn findings_are_printed_with_their_place_in_both_languages_and_as_json() {
    let dir = TempDir::new().expect("a directory");
    let mut wrong = greeting("wrong");
    wrong["nodes"]["hello"]["exits"]["done"] = "nowhere".into();
    let wrong = written(&dir, "wrong.json", &wrong.to_string());
    let english = shown(&routewright(&["check", &wrong]).stdout);
    assert!(english.starts_with(&format!("{wrong}:1:")) && english.contains("error["), "{english}");
    let french = shown(&routewright(&["--lang", "fr", "check", &wrong]).stdout);
    assert!(french.contains("erreur[") && french.contains("conseil :"), "{french}");
    let json: Value =
        serde_json::from_slice(&routewright(&["check", &wrong, "--format", "json"]).stdout).expect("JSON");
    assert!(json[0]["findings"].as_array().is_some_and(|findings| !findings.is_empty()), "{json}");
    assert_eq!(json[0]["lifetime"], Value::Null, "{json}");
}

#[test]
fn of_a_sound_flow_the_longest_silence_is_said_in_both_languages_and_as_json() {
    let dir = TempDir::new().expect("a directory");
    let flow = written(&dir, "queue.json", &crate::server::queueing("queue", "sales").to_string());
    let said = |arguments: &[&str]| shown(&routewright(&[arguments, &["check", &flow]].concat()).stdout);
    assert_eq!(said(&[]), format!("{flow}: ok\n  longest silence: 15m: queue (15m)\n"));
    assert_eq!(said(&["--lang", "fr"]), format!("{flow}: ok\n  plus long silence : 15m : queue (15m)\n"));
    let json: Value = serde_json::from_slice(&routewright(&["check", &flow, "--format", "json"]).stdout).expect("JSON");
    let wait = json!({ "flow": "queue", "node": "queue", "exit": "timeout", "length_ms": 900_000, "times": 1 });
    assert_eq!(json[0]["lifetime"], json!({ "silence": "at_most", "longest_ms": 900_000, "waits": [wait] }), "{json}");
}

#[test]
fn the_catalogue_file_says_which_names_exist() {
    let dir = TempDir::new().expect("a directory");
    let flow = written(&dir, "queue.json", &crate::server::queueing("queue", "sales").to_string());
    let with = written(&dir, "with.json", r#"{"skill":["sales"]}"#);
    let without = written(&dir, "without.json", r#"{"skill":["support"]}"#);
    assert_eq!(routewright(&["check", &flow]).status.code(), Some(0));
    assert_eq!(routewright(&["check", &flow, "--catalogue", &with]).status.code(), Some(0));
    assert_eq!(routewright(&["check", &flow, "--catalogue", &without]).status.code(), Some(1));
    assert_eq!(routewright(&["check", &flow, "--catalogue", &flow]).status.code(), Some(2));
}

/// A greeting with one thing changed, as a file.
fn edited(dir: &TempDir, name: &str, edit: impl FnOnce(&mut Value)) -> String {
    let mut flow = greeting("greeting");
    edit(&mut flow);
    written(dir, name, &flow.to_string())
}

#[test]
fn a_diff_speaks_of_what_changed_and_not_of_layout() {
    let dir = TempDir::new().expect("a directory");
    let old = edited(&dir, "old.json", |_| {});
    let moved = edited(&dir, "moved.json", |flow| flow["layout"] = serde_json::json!({ "hello": { "x": 1 } }));
    let new = edited(&dir, "new.json", |flow| flow["nodes"]["hello"]["exits"]["done"] = "elsewhere".into());
    let same = routewright(&["diff", &old, &moved]);
    assert_eq!((same.status.code(), shown(&same.stdout).as_str()), (Some(0), ""));
    let english = routewright(&["diff", &old, &new]);
    assert_eq!(english.status.code(), Some(1));
    assert!(shown(&english.stdout).contains("now leads to 'elsewhere'"), "{}", shown(&english.stdout));
    let french = shown(&routewright(&["--lang", "fr", "diff", &old, &new]).stdout);
    assert!(french.contains("mène désormais à « elsewhere »"), "{french}");
    let json: Value =
        serde_json::from_slice(&routewright(&["diff", &old, &new, "--format", "json"]).stdout).expect("JSON");
    assert_eq!(json["changes"][0]["pointer"], "/nodes/hello/exits/done");
    assert_eq!(routewright(&["diff", &old, dir.path().to_str().expect("text")]).status.code(), Some(2));
}

#[test]
fn a_merge_serves_git_as_its_driver() {
    let dir = TempDir::new().expect("a directory");
    let note = |note: &'static str| move |flow: &mut Value| flow["nodes"]["hello"]["note"] = note.into();
    let base = edited(&dir, "base.json", |_| {});
    let ours = edited(&dir, "ours.json", note("ours"));
    let titled = edited(&dir, "titled.json", |flow| flow["title"]["en"] = "Theirs".into());
    let theirs = edited(&dir, "theirs.json", note("theirs"));
    let read = |path: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(path).expect("the merged file")).expect("JSON")
    };
    let clean = routewright(&["merge", &base, &ours, &titled, "--output", &ours]);
    assert_eq!((clean.status.code(), shown(&clean.stderr).as_str()), (Some(0), ""));
    let merged = read(&ours);
    assert_eq!((&merged["nodes"]["hello"]["note"], &merged["title"]["en"]), (&"ours".into(), &"Theirs".into()));
    let conflict = routewright(&["merge", &base, &ours, &theirs, "--output", &ours]);
    assert_eq!(conflict.status.code(), Some(1));
    assert!(shown(&conflict.stderr).contains("/nodes/hello/note: "), "{}", shown(&conflict.stderr));
    assert_eq!(read(&ours)["nodes"]["hello"]["note"], "ours");
}

/// A repository whose flows git compares and merges with the binary, as `docs/flow-format.md` says.
struct Repository(TempDir);

impl Repository {
    /// None where git is not at hand.
    fn new() -> Option<Self> {
        if Command::new("git").arg("--version").output().is_err() {
            println!("no git here: its drivers are not tried");
            return None;
        }
        let repository = Self(TempDir::new().expect("a directory"));
        let binary = env!("CARGO_BIN_EXE_routewright");
        let merge = format!("'{binary}' merge %O %A %B --output %A");
        let diff = format!("f() {{ '{binary}' diff \"$2\" \"$5\" || true; }}; f");
        for arguments in [
            vec!["init", "--quiet", "--initial-branch", "main"],
            vec!["config", "user.name", "Ann"],
            vec!["config", "user.email", "ann@example.com"],
            vec!["config", "merge.routewright.driver", &merge],
            vec!["config", "diff.routewright.command", &diff],
        ] {
            assert!(repository.git(&arguments).status.success(), "git {arguments:?}");
        }
        written(&repository.0, ".gitattributes", "*.json merge=routewright diff=routewright\n");
        Some(repository)
    }

    fn git(&self, arguments: &[&str]) -> Output {
        let mut git = Command::new("git");
        git.current_dir(&self.0).env("HOME", self.0.path()).env("GIT_CONFIG_NOSYSTEM", "1").env("LANG", "C");
        git.args(arguments).output().expect("git runs")
    }

    /// Writes the flow with one thing changed, and commits it on a branch.
    fn commit(&self, branch: &str, edit: impl FnOnce(&mut Value)) {
        assert!(self.git(&["checkout", "--quiet", "-B", branch]).status.success(), "{branch}");
        let mut flow = greeting("greeting");
        edit(&mut flow);
        written(&self.0, "greeting.json", &flow.to_string());
        assert!(self.git(&["add", "--all"]).status.success(), "{branch}");
        assert!(self.git(&["commit", "--quiet", "--message", branch]).status.success(), "{branch}");
    }

    fn flow(&self) -> Value {
        let text = std::fs::read_to_string(self.0.path().join("greeting.json")).expect("the flow");
        serde_json::from_str(&text).expect("JSON")
    }
}

#[test]
fn git_itself_compares_and_merges_flows_with_the_binary() {
    let Some(repository) = Repository::new() else { return };
    let note = |note: &'static str| move |flow: &mut Value| flow["nodes"]["hello"]["note"] = note.into();
    let on = |from: &str| assert!(repository.git(&["checkout", "--quiet", from]).status.success(), "{from}");
    repository.commit("main", |_| {});
    repository.commit("ours", note("ours"));
    on("main");
    repository.commit("titled", |flow| flow["title"]["en"] = "Theirs".into());
    on("main");
    repository.commit("theirs", note("theirs"));

    let diff = repository.git(&["diff", "main", "titled"]);
    assert!(diff.status.success() && shown(&diff.stdout).contains("Theirs"), "{}", shown(&diff.stdout));
    assert!(!shown(&diff.stdout).contains("@@"), "sentences, not lines: {}", shown(&diff.stdout));

    on("ours");
    let clean = repository.git(&["merge", "--quiet", "--no-edit", "titled"]);
    assert!(clean.status.success(), "{}{}", shown(&clean.stdout), shown(&clean.stderr));
    let merged = repository.flow();
    assert_eq!((&merged["nodes"]["hello"]["note"], &merged["title"]["en"]), (&"ours".into(), &"Theirs".into()));

    let contested = repository.git(&["merge", "--no-edit", "theirs"]);
    assert!(!contested.status.success(), "{}", shown(&contested.stdout));
    assert_eq!(repository.flow()["nodes"]["hello"]["note"], "ours", "nothing is lost");
    let unmerged = repository.git(&["diff", "--name-only", "--diff-filter=U"]);
    assert_eq!(shown(&unmerged.stdout).trim(), "greeting.json");
}

#[test]
fn the_library_has_no_finding_and_passes_its_tests() {
    let library = Path::new(env!("CARGO_MANIFEST_DIR")).join("../flows/library");
    let files = std::fs::read_dir(library).expect("the library").map(|entry| entry.expect("an entry").path());
    let files: Vec<String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| path.to_str().expect("text").to_owned())
        .collect();
    assert!(!files.is_empty());
    let run = |command: &'static str| {
        let arguments: Vec<&str> = std::iter::once(command).chain(files.iter().map(String::as_str)).collect();
        routewright(&arguments)
    };
    let checked = shown(&run("check").stdout);
    let (silences, files): (Vec<&str>, Vec<&str>) = checked.lines().partition(|line| line.starts_with("  "));
    assert!(files.iter().all(|line| line.ends_with(": ok")), "{checked}");
    assert!(silences.iter().all(|line| line.starts_with("  longest silence: ")), "{checked}");
    assert!(silences.iter().all(|line| !line.contains("unknown") && !line.contains("without end")), "{checked}");
    assert_eq!(silences.len(), files.len(), "{checked}");
    let tested = run("test");
    assert_eq!(tested.status.code(), Some(0), "{}", shown(&tested.stdout));
}

#[test]
fn help_speaks_french() {
    let help = shown(&routewright(&["--lang", "fr", "serve", "--help"]).stdout);
    assert!(help.contains("Adresse d’écoute"), "{help}");
}

#[test]
fn a_first_start_prints_a_key_once_and_sigterm_stops_in_good_order() {
    let dir = TempDir::new().expect("a directory");
    let (first, code) = serve(dir.path());
    assert_eq!(code, Some(0));
    assert!(first.contains("rw_"), "{first}");
    let (second, _) = serve(dir.path());
    assert!(!second.contains("rw_"), "the key is shown once: {second}");
    let made = routewright(&["key", "new", "--data", dir.path().to_str().expect("text")]);
    assert!(shown(&made.stdout).starts_with("rw_"), "{}", shown(&made.stderr));
    let copy = dir.path().join("copy.db");
    let arguments = ["backup", "--to", copy.to_str().expect("text"), "--data", dir.path().to_str().expect("text")];
    assert_eq!(routewright(&arguments).status.code(), Some(0));
    assert!(copy.exists());
    assert_eq!(routewright(&arguments).status.code(), Some(2), "a file that exists is not overwritten");
}

/// Serves until it listens, then stops it; what it printed.
fn serve(data: &Path) -> (String, Option<i32>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_routewright"));
    command
        .args(["--lang", "en", "serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut child = command.spawn().expect("the binary runs");
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines().map(|line| line.expect("text"));
    let mut printed = String::new();
    for line in lines.by_ref() {
        printed.push_str(&line);
        printed.push('\n');
        if line.starts_with("listening on") {
            break;
        }
    }
    let killed = Command::new("kill").arg("-TERM").arg(child.id().to_string()).status().expect("kill runs");
    assert!(killed.success());
    (printed, child.wait().expect("it ends").code())
}
