//! `routewright serve` in a process of its own, on a free port.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::Duration,
};

use tempfile::TempDir;
use tokio::time::{interval, timeout};

/// A running server; killed when the test drops it.
pub struct Process {
    child: Child,
    /// Where it listens.
    pub url: String,
    printed: String,
    /// Standard error goes to a file, so that a full pipe never holds the server up.
    errors: PathBuf,
    _dir: TempDir,
}

impl Process {
    /// Serves a data directory, with further arguments, and waits until it listens.
    pub fn serve(data: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_routewright"));
        command.args(serving(data)).args(arguments);
        Self::start(command)
    }

    /// The same, while the system refuses every file of the process to grow beyond a size. It is an I/O error of the
    /// kernel's, the nearest to a full disk that needs no privilege.
    pub fn serve_with_files_up_to(data: &Path, bytes: u64) -> Self {
        // A signal that is ignored stays so in the program that follows: without this the first write over the limit
        // would kill the process instead of failing.
        let script = format!("trap '' XFSZ; ulimit -f {}; exec \"$@\"", bytes / 512);
        let mut command = Command::new("sh");
        command.args(["-c", &script, "sh", env!("CARGO_BIN_EXE_routewright")]).args(serving(data));
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let dir = TempDir::new().expect("a directory");
        let errors = dir.path().join("errors");
        command
            .env("LANG", "C")
            .env_remove("LC_ALL")
            .env_remove("LC_MESSAGES")
            .env("RUST_LOG", "error")
            .stdout(Stdio::piped())
            .stderr(File::create(&errors).expect("a file"));
        let mut child = command.spawn().expect("the binary runs");
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        let mut printed = String::new();
        let url = loop {
            let Some(Ok(line)) = lines.next() else {
                let status = child.wait().expect("it ends");
                panic!("the server ended ({status}): {printed}{}", fs::read_to_string(&errors).expect("text"));
            };
            if let Some(url) = line.strip_prefix("listening on ") {
                break url.to_owned();
            }
            printed.push_str(&line);
            printed.push('\n');
        };
        Self { child, url, printed, errors, _dir: dir }
    }

    /// The first administrator's key, when this was the first start.
    pub fn first_key(&self) -> String {
        let word = self.printed.split_whitespace().find(|word| word.starts_with("rw_"));
        word.expect("the key is printed").to_owned()
    }

    /// A key that `--demo` printed under a name.
    pub fn demo_key(&self, name: &str) -> String {
        let mut words = self.printed.split_whitespace();
        let key = words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='));
        key.expect("the key is printed").to_owned()
    }

    /// Waits until it has ended by itself, and gives back what it wrote to standard error.
    pub async fn ended(mut self) -> (ExitStatus, String) {
        let mut look = interval(Duration::from_millis(20));
        let status = timeout(Duration::from_secs(60), async {
            loop {
                if let Some(status) = self.child.try_wait().expect("it can be asked") {
                    return status;
                }
                look.tick().await;
            }
        });
        let status = status.await.expect("the server ends in time");
        (status, fs::read_to_string(&self.errors).expect("text"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn serving(data: &Path) -> [&str; 7] {
    let data = data.to_str().expect("a path in plain characters");
    ["--lang", "en", "serve", "--listen", "127.0.0.1:0", "--data", data]
}
