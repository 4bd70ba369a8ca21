//! The real `routewright` binary in a process of its own: started, asked, killed.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use serde_json::{Value, json};

use crate::client::{Reply, request};

/// A running server; killed without mercy when dropped.
#[derive(Debug)]
pub struct Server {
    child: Child,
    address: SocketAddr,
    printed: Vec<String>,
}

impl Server {
    /// Starts `routewright serve` on a free port and waits until it says that it listens.
    ///
    /// # Errors
    /// When it cannot be started, or ends before it is ready; with what it printed.
    pub fn start(data: &Path, args: &[&str]) -> Result<Self, String> {
        let mut child = Command::new(binary()?)
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .args(args)
            .env("LANG", "en_GB.UTF-8")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|e| e.to_string())?;
        let mut lines = BufReader::new(child.stdout.take().ok_or("no standard output")?).lines();
        let mut printed = Vec::new();
        while let Some(Ok(line)) = lines.next() {
            let address = line.split("http://").nth(1).and_then(|rest| {
                rest.split(|c: char| c != '.' && c != ':' && !c.is_ascii_digit()).next()?.parse::<SocketAddr>().ok()
            });
            printed.push(line);
            if let Some(address) = address {
                // The rest is read away, so that the server never blocks on a full pipe.
                std::thread::spawn(move || lines.for_each(drop));
                return Ok(Self { child, address, printed });
            }
        }
        let _ = child.kill();
        let status = child.wait().map_err(|e| e.to_string())?;
        Err(format!("the server ended before it was ready ({status}): {}", printed.join("\n")))
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The administrator key it printed, when this was its first start.
    #[must_use]
    pub fn administrator_key(&self) -> Option<String> {
        let word = |line: &String| line.split_whitespace().find(|w| w.starts_with("rw_")).map(str::to_owned);
        self.printed.iter().find_map(word)
    }

    /// A key that `serve --demo` printed under a name, such as `TOUCHPOINT`.
    #[must_use]
    pub fn demo_key(&self, name: &str) -> Option<String> {
        let lines = self.printed.iter().flat_map(|text| text.lines());
        let mut words = lines.flat_map(str::split_whitespace);
        words.find_map(|word| word.strip_prefix(name)?.strip_prefix('=').map(str::to_owned))
    }

    /// Creates a key of a role with the first administrator key; `about` binds it to an agent or touchpoint.
    ///
    /// # Errors
    /// When no administrator key was printed, or the server refuses.
    pub fn key(&self, role: &str, about: Value) -> Result<String, String> {
        let administrator = self.administrator_key().ok_or("the server printed no administrator key")?;
        let mut body = json!({ "role": role, "title": "process test" });
        if let (Value::Object(body), Value::Object(about)) = (&mut body, about) {
            body.extend(about);
        }
        let reply = self.request("POST", "/api/v1/keys", &administrator, Some(&body))?;
        reply.body["key"].as_str().map(str::to_owned).ok_or_else(|| format!("no key: {reply:?}"))
    }

    /// Sends one request.
    ///
    /// # Errors
    /// As [`request`].
    pub fn request(&self, method: &str, path: &str, key: &str, body: Option<&Value>) -> Result<Reply, String> {
        request(self.address, method, path, key, body)
    }

    /// `kill -9`, and waits until the process is gone.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The product's binary beside the running one, in the same profile.
fn binary() -> Result<PathBuf, String> {
    let me = std::env::current_exe().map_err(|e| e.to_string())?;
    let found = me.ancestors().skip(1).take(2).map(|dir| dir.join("routewright")).find(|path| path.is_file());
    found.ok_or_else(|| {
        "the `routewright` binary is not built in this profile: run `cargo build -p routewright` first (with `--release` \
         for the benchmarks)"
            .into()
    })
}
