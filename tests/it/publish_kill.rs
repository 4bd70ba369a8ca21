//! A real server killed while it publishes: a thousand contacts wait at a node that the next version does not have.

use std::{
    collections::BTreeMap,
    sync::mpsc,
    time::{Duration, Instant},
};

use routewright_tests::{client::request, server::Server, sim::rng::Rng};
use serde_json::{Value, json};

const CONTACTS: usize = 1_000;
const KILLS: u32 = 50;

/// How long anything may take on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(60);

/// A flow that asks at a node of this name.
fn asking(node: &str) -> Value {
    let mut flow = json!({
        "schema": 1, "id": "shop", "channels": ["webchat"], "entry": node,
        "nodes": { "end": { "kind": "close", "config": { "disposition": "done" } } },
    });
    flow["nodes"][node] = json!({
        "kind": "menu",
        "config": {
            "text": { "en": "Buy?", "fr": "Acheter ?" }, "timeout": "20h",
            "options": [{ "id": "yes", "label": { "en": "Yes", "fr": "Oui" }, "match": ["1"] }],
        },
        "exits": { "yes": "end", "no_match": { "end": "unclear" }, "timeout": { "end": "silent" } },
    });
    flow
}

struct Shop {
    server: Server,
    key: String,
}

impl Shop {
    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let reply = self.server.request(method, path, &self.key, body).expect("the server answers");
        assert!((200..300).contains(&reply.status), "{method} {path}: {reply:?}");
        reply.body
    }

    /// The centre, with everybody waiting at `choose`.
    fn open(data: &std::path::Path) -> Self {
        let server = Server::start(data, &[]).expect("the server starts");
        let key = server.administrator_key().expect("a first start prints a key");
        let shop = Self { server, key };
        shop.ask("POST", "/api/v1/skills", Some(&json!({ "id": "general", "settings": {} })));
        shop.ask("POST", "/api/v1/flows", Some(&asking("choose")));
        shop.ask("POST", "/api/v1/flows/shop/publish", Some(&json!({ "release": true })));
        let settings =
            json!({ "channel": "webchat", "default_skill": "general", "default_flow": "shop", "active": true });
        shop.ask("POST", "/api/v1/touchpoints", Some(&json!({ "id": "web", "settings": settings })));
        std::thread::scope(|scope| {
            for first in 0..8 {
                let shop = &shop;
                scope.spawn(move || {
                    for contact in (first..CONTACTS).step_by(8) {
                        let message = json!({ "from": format!("c{contact}"), "event_id": "1", "text": "hello" });
                        shop.ask("POST", "/api/v1/touchpoints/web/messages", Some(&message));
                    }
                });
            }
        });
        shop
    }

    /// How many wait at which node of which version.
    fn places(&self) -> BTreeMap<(u64, String), u64> {
        let occupancy = self.ask("GET", "/api/v1/flows/shop/occupancy", None);
        let mut places = BTreeMap::new();
        for version in occupancy["versions"].as_array().expect("a list") {
            for node in version["nodes"].as_array().expect("a list").iter().filter(|node| node["waiting"] != 0) {
                let name = node["node"].as_str().expect("a node").to_owned();
                let number = version["version"].as_u64().expect("a number");
                places.insert((number, name), node["waiting"].as_u64().expect("a count"));
            }
        }
        places
    }

    /// The live version, and the node at which it asks.
    fn live(&self) -> (u64, String) {
        let live = self.ask("GET", "/api/v1/flows/shop/release", None)["live"].as_u64().expect("a live version");
        let version = self.ask("GET", &format!("/api/v1/flows/shop/versions/{live}"), None);
        (live, version["document"]["entry"].as_str().expect("an entry").to_owned())
    }

    /// Waits until everybody is at one place.
    fn settles_at(&self, place: &(u64, String)) {
        let begun = Instant::now();
        let all = BTreeMap::from([(place.clone(), CONTACTS as u64)]);
        loop {
            let places = self.places();
            assert_eq!(places.values().sum::<u64>(), CONTACTS as u64, "each is somewhere, once: {places:?}");
            if places == all {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "everybody is at {place:?} in the end: {places:?}");
        }
    }
}

#[test]
fn a_server_killed_while_it_publishes_has_every_contact_on_exactly_one_version() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let mut shop = Shop::open(dir.path());
    let mut rng = Rng::new(20_261_121);
    let mut at = shop.live();
    shop.settles_at(&at);
    let (mut out, mut cut_short, mut slowest) = (0, 0, Duration::from_millis(200));
    for kill in 0..=KILLS {
        let to = if at.1 == "choose" { "pick" } else { "choose" };
        let path = "/api/v1/flows/shop";
        let draft = shop.ask("GET", path, None);
        if draft["document"]["entry"] != to {
            let (address, key) = (shop.server.address(), shop.key.clone());
            // Without a precondition the last writer wins; there is no other one here.
            put(address, path, &key, &asking(to));
        }
        let how = json!({ "release": true, "fate": { "fate": "migrate", "nodes": { at.1.clone(): to } } });
        let (address, key) = (shop.server.address(), shop.key.clone());
        let (told, answer) = mpsc::channel();
        let begun = Instant::now();
        let publishing = std::thread::spawn(move || {
            let reply = request(address, "POST", "/api/v1/flows/shop/publish", &key, Some(&how));
            let _ = told.send(reply.is_ok_and(|reply| reply.status == 201));
        });
        if kill == 0 {
            // Once in peace, to know how long it takes.
            assert!(answer.recv_timeout(PATIENCE).expect("an answer"), "everybody has a place");
            at = shop.live();
            shop.settles_at(&at);
            slowest = begun.elapsed();
            publishing.join().expect("no panic");
            continue;
        }
        let span = u64::try_from(slowest.as_micros()).expect("small");
        let until = Duration::from_micros(rng.below(span));
        let mut acknowledged = answer.recv_timeout(until).unwrap_or(false);
        if let Some(rest) = until.checked_sub(begun.elapsed()) {
            let _ = answer.recv_timeout(rest);
        }
        shop.server.kill();
        publishing.join().expect("no panic");
        acknowledged |= answer.try_recv().unwrap_or(false);
        shop.server = Server::start(dir.path(), &[]).expect("the server starts again");
        let live = shop.live();
        assert!(live != at || !acknowledged, "what was acknowledged is there");
        out += u32::from(live != at);
        cut_short += u32::from(1 < shop.places().len());
        shop.settles_at(&live);
        at = live;
    }
    println!("{KILLS} kills within {slowest:?}: {out} publications were out, {cut_short} found half-way moved");
    assert!(0 < out && out < KILLS, "kills came before and after the publication: {out} of {KILLS}");
}

fn put(address: std::net::SocketAddr, path: &str, key: &str, body: &Value) {
    let reply = routewright_tests::client::put(address, path, key, body).expect("the server answers");
    assert_eq!(reply.status, 200, "{reply:?}");
}
