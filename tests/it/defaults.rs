//! What holds on a channel where nothing more particular is said: how long a bot waits for an answer.

use std::{collections::BTreeMap, sync::Arc};

use routewright_engine::{
    TenantId, Timestamp,
    catalogue::{Catalogue, DefaultsSettings, Scope, TouchpointSettings},
    contact::{ContactKey, Message},
    event::{ContactWrote, Input},
    published::PublishedFlow,
    release::Release,
    script::Sandbox,
    switchboard::Switchboard,
};
use routewright_flows::{Channel, FlowDocument};
use routewright_tests::sim::store::Store;
use serde_json::{Value, json};

const START: Timestamp = Timestamp(1_768_208_400_000);

/// A contact writes on a channel and leaves a menu unanswered; gives the seconds until the session is closed, with how.
fn silence(channel: Channel, config: &Value) -> (u64, String) {
    let sandbox = Arc::new(Sandbox::new());
    let flow: FlowDocument = serde_json::from_value(json!({
        "schema": 1, "id": "bot", "channels": [channel], "entry": "ask",
        "nodes": { "ask": { "kind": "menu", "config": config, "exits": {
            "yes": { "end": "answered" }, "no_match": { "end": "lost" }, "timeout": { "end": "silent" } } } },
    }))
    .expect("a document");
    let touchpoint: TouchpointSettings = serde_json::from_value(
        json!({ "channel": channel, "default_skill": "general", "default_flow": "bot", "active": true }),
    )
    .expect("a touchpoint");
    let defaults = |settings: Value| serde_json::from_value::<DefaultsSettings>(settings).expect("defaults");
    let mut catalogue = Catalogue { version: 1, ..Catalogue::default() };
    catalogue.skills.insert("general".parse().expect("a name"), Default::default());
    catalogue.touchpoints.insert("door".parse().expect("a name"), touchpoint);
    catalogue.defaults = BTreeMap::from([
        (Scope::General, defaults(json!({ "bot_timeout": "1h" }))),
        (Scope::Of(Channel::Webchat), defaults(json!({ "bot_timeout": "5m" }))),
        (Scope::Of(Channel::Whatsapp), defaults(json!({ "bot_timeout": "12h" }))),
    ]);
    let tenant: TenantId = "t".parse().expect("a name");
    let published =
        PublishedFlow::prepare(Arc::new(flow), 1, &routewright_nodes::standard(), &sandbox).expect("it is sound");
    let (mut board, mut store) = (Switchboard::new(sandbox), Store::default());
    let wrote = ContactWrote {
        from: ContactKey { tenant: tenant.clone(), touchpoint: "door".parse().expect("a name"), address: "ada".into() },
        event_id: "m1".into(),
        message: Message { text: "hello".into(), choice: None },
        name: None,
        locale: None,
        fields: BTreeMap::new(),
    };
    for input in [
        Input::Configured(tenant.clone(), Arc::new(catalogue)),
        Input::Published(tenant.clone(), Arc::new(published)),
        Input::Released(tenant, Release::of("bot".parse().expect("a name"), Some(1))),
        Input::ContactWrote(wrote),
    ] {
        board.handle(input, START, &mut store).expect("nothing is read");
    }
    let due = board.next_deadline().expect("the bot does not wait for ever");
    let key = board.pop_due(due).expect("it has come");
    let output = board.handle(Input::TimerDue(key), due, &mut store).expect("nothing is read");
    let ended = output.facts.iter().find_map(|record| match &record.fact {
        routewright_engine::fact::Fact::InteractionEnded { disposition } => Some(disposition.to_string()),
        _ => None,
    });
    (due.since(START).as_secs(), ended.expect("the session is closed"))
}

#[test]
fn t_01_p_13_pbx_15_pbx_16_pbx_17_a_bot_waits_as_long_as_its_channel_says() {
    let menu = json!({ "text": { "en": "Go on?" }, "options": [{ "id": "yes", "label": { "en": "Yes" } }] });
    for (channel, seconds) in [(Channel::Webchat, 300), (Channel::Whatsapp, 12 * 3_600), (Channel::Sms, 3_600)] {
        assert_eq!(silence(channel, &menu), (seconds, "silent".to_owned()), "{channel}");
    }
    let mut own = menu;
    own["timeout"] = json!("90s");
    assert_eq!(silence(Channel::Webchat, &own).0, 90, "the node's own timeout wins");
}
