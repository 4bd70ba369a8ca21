//! What only real processes can show: the demonstration as a newcomer runs it, a server whose disk gives out, and a
//! backup of one that works.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    task::JoinSet,
    time::{interval, timeout},
};

use crate::{
    command_line::{routewright, shown},
    process::Process,
    server::queueing,
};

#[test]
fn the_demonstration_plays_against_a_server_of_its_own_in_both_languages() {
    let dir = TempDir::new().expect("a directory");
    let server = Process::serve(dir.path(), &["--demo"]);
    let key = server.demo_key("ADMIN");
    for (language, lines) in [
        ("fr", ["Bonjour, bienvenue chez Atelier Lumière", "[Ventes] [Assistance] [Facturation]", "À bientôt"]),
        ("en", ["Hello, welcome to Atelier Lumière", "[Sales] [Support] [Billing]", "See you soon"]),
    ] {
        let played = routewright(&["--lang", language, "demo", "--url", &server.url, "--key", &key]);
        let (told, errors) = (shown(&played.stdout), shown(&played.stderr));
        assert_eq!(played.status.code(), Some(0), "{language}: {told}{errors}");
        for line in lines {
            assert!(told.contains(line), "'{line}' is in:\n{told}");
        }
    }
    let wrong = routewright(&["--lang", "fr", "demo", "--url", &server.url, "--key", "rw_nobody_nothing"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(shown(&wrong.stderr).contains("le serveur refuse (401"), "{}", shown(&wrong.stderr));
}

/// Files of the server that runs out of room grow to so much. A message takes some ten pages of the log.
const FILE_BYTES_MAX: u64 = 6 * 1024 * 1024;

#[tokio::test]
async fn a_server_whose_disk_gives_out_says_so_exits_and_recovers_what_it_acknowledged() {
    let dir = TempDir::new().expect("a directory");
    let server = Process::serve_with_files_up_to(dir.path(), FILE_BYTES_MAX);
    let centre = Centre { http: Client::new(), key: server.first_key() };
    centre.furnish(&server.url).await;
    let mut acknowledged = Vec::new();
    let last = loop {
        let contact = format!("c{}", acknowledged.len());
        assert!(acknowledged.len() < 20_000, "the limit on files has no effect");
        match centre.write(&server.url, &contact).await {
            Ok((StatusCode::OK, heard)) => acknowledged.push((contact, heard)),
            Ok((status, problem)) => {
                assert_eq!(
                    (status, &problem["code"]),
                    (StatusCode::SERVICE_UNAVAILABLE, &json!("stopping")),
                    "{problem}"
                );
                break contact;
            }
            // Cut off, which is no acknowledgement either.
            Err(_) => break contact,
        }
    };
    assert!(10 < acknowledged.len());
    let (status, errors) = server.ended().await;
    assert_eq!(status.code(), Some(2), "{errors}");
    assert!(errors.contains("the store failed: ") && errors.contains("Start again to recover"), "{errors}");

    let server = Process::serve(dir.path(), &[]);
    for (contact, first) in &acknowledged {
        let (status, again) = centre.write(&server.url, contact).await.expect("the server answers");
        assert_eq!(status, StatusCode::OK, "{again}");
        let kept = [&again["interaction"], &again["turn"], &again["said"], &again["repeated"]];
        assert_eq!(kept, [&first["interaction"], &first["turn"], &first["said"], &json!(true)], "{contact}");
    }
    let (status, heard) = centre.write(&server.url, &last).await.expect("the server answers");
    assert_eq!(status, StatusCode::OK, "{heard}");
}

const WRITERS: usize = 4;

/// Messages acknowledged before the backup begins.
const MESSAGES_BEFORE: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_under_load_holds_everything_acknowledged_before_it_began() {
    let (dir, elsewhere) = (TempDir::new().expect("a directory"), TempDir::new().expect("a directory"));
    let server = Process::serve(dir.path(), &[]);
    let centre = Arc::new(Centre { http: Client::new(), key: server.first_key() });
    centre.furnish(&server.url).await;
    let load = Load::start(&centre, &server.url);
    load.until(MESSAGES_BEFORE).await;
    let before = load.acknowledged();
    let copy = elsewhere.path().join("routewright.db");
    let arguments = ["backup", "--data", dir.path().to_str().expect("text"), "--to", copy.to_str().expect("text")];
    let made = tokio::task::block_in_place(|| routewright(&arguments));
    assert_eq!(made.status.code(), Some(0), "{}", shown(&made.stderr));
    assert!(shown(&made.stdout).starts_with("copied to "), "{}", shown(&made.stdout));
    load.until(load.acknowledged().len() + MESSAGES_BEFORE).await;
    load.stop().await;
    drop(server);

    let restored = Process::serve(elsewhere.path(), &[]);
    for (contact, first) in &before {
        let (status, again) = centre.write(&restored.url, contact).await.expect("the server answers");
        assert_eq!(status, StatusCode::OK, "{again}");
        let kept = [&again["interaction"], &again["turn"], &again["repeated"]];
        assert_eq!(kept, [&first["interaction"], &first["turn"], &json!(true)], "{contact} is in the backup");
    }
    let (status, _) = centre.write(&restored.url, "somebody-new").await.expect("the server answers");
    assert_eq!(status, StatusCode::OK, "and work goes on from it");
}

/// Contacts who write without pause, each once.
struct Load {
    acknowledged: Arc<Mutex<Vec<(String, Value)>>>,
    over: Arc<AtomicBool>,
    writers: JoinSet<()>,
}

impl Load {
    fn start(centre: &Arc<Centre>, url: &str) -> Self {
        let (acknowledged, over) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let mut writers = JoinSet::new();
        for writer in 0..WRITERS {
            let (centre, url) = (Arc::clone(centre), url.to_owned());
            let (acknowledged, over): (Arc<Mutex<Vec<_>>>, _) = (Arc::clone(&acknowledged), Arc::clone(&over));
            writers.spawn(async move {
                for n in 0.. {
                    let contact = format!("w{writer}-{n}");
                    let (status, heard) = centre.write(&url, &contact).await.expect("the server answers");
                    assert_eq!(status, StatusCode::OK, "nobody is refused: {heard}");
                    acknowledged.lock().expect("no panic").push((contact, heard));
                    if over.load(Ordering::SeqCst) {
                        return;
                    }
                }
            });
        }
        Self { acknowledged, over, writers }
    }

    fn acknowledged(&self) -> Vec<(String, Value)> {
        self.acknowledged.lock().expect("no panic").clone()
    }

    /// Waits until so many messages were acknowledged.
    async fn until(&self, n: usize) {
        let mut look = interval(Duration::from_millis(5));
        let waiting = async {
            while self.acknowledged.lock().expect("no panic").len() < n {
                look.tick().await;
            }
        };
        timeout(Duration::from_secs(60), waiting).await.expect("contacts are heard in time");
    }

    async fn stop(self) {
        self.over.store(true, Ordering::SeqCst);
        self.writers.join_all().await;
    }
}

/// A touchpoint `web` of the tenant `main`, spoken to over HTTP.
pub struct Centre {
    pub http: Client,
    pub key: String,
}

impl Centre {
    /// A touchpoint whose flow puts contacts in line.
    pub async fn furnish(&self, url: &str) {
        let touchpoint =
            json!({ "channel": "webchat", "default_skill": "general", "default_flow": "queue", "active": true });
        for (path, body) in [
            ("skills", json!({ "id": "general", "settings": {} })),
            ("flows", queueing("queue", "general")),
            ("flows/queue/publish", json!({ "release": true })),
            ("touchpoints", json!({ "id": "web", "settings": touchpoint })),
        ] {
            let request = self.http.post(format!("{url}/api/v1/{path}")).bearer_auth(&self.key).json(&body);
            let response = request.send().await.expect("the server answers");
            assert_eq!(response.status(), StatusCode::CREATED, "{path}");
        }
    }

    /// A contact's first message, under the same event id each time.
    pub async fn write(&self, url: &str, contact: &str) -> Result<(StatusCode, Value), reqwest::Error> {
        let body = json!({ "from": contact, "event_id": "m1", "text": "hello" });
        let path = format!("{url}/api/v1/touchpoints/web/messages");
        let response = self.http.post(path).bearer_auth(&self.key).json(&body).send().await?;
        Ok((response.status(), response.json().await?))
    }
}
