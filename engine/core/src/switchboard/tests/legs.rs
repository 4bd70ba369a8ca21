//! Elevated conversations on a bench: what goes out, to whom a message of another channel belongs, when all is over.

use routewright_flows::{Channel, FlowDocument};
use serde_json::{Value, json};

use super::{
    I1,
    kit::{Bench, agent, document, tenant, wrote},
};
use crate::{
    catalogue::{Catalogue, ProfileSettings, TouchpointSettings},
    contact::ContactKey,
    effect::Action,
    elevation::{Elevation, ElevationRefusal},
    event::AgentAction,
    fact::Fact,
    id::DispositionId,
    refusal::Refusal,
    switchboard::{Answer, Output},
};

const NUMBER: &str = "+33612345678";

fn flow(before: &[(&str, Value)]) -> FlowDocument {
    let line = json!({
        "kind": "line", "config": { "skill": "default", "seconds": 86_000 },
        "exits": { "done": { "end": "over" }, "timeout": { "end": "over" } },
    });
    let mut nodes = json!({});
    for (id, node) in before {
        nodes[*id] = node.clone();
    }
    nodes[if before.is_empty() { "a" } else { "line" }] = line;
    document("main", nodes, json!({}))
}

/// The bench with a line for calls, one for text messages, and a mailbox.
fn bench(document: FlowDocument, profile: Value) -> Bench {
    Bench::new(&[document], true).configured(|catalogue: &mut Catalogue| {
        for (id, channel) in [("calls", "voice"), ("texts", "sms"), ("mail", "email")] {
            let settings: TouchpointSettings = serde_json::from_value(json!({
                "channel": channel, "default_skill": "sales", "default_flow": "main", "active": true,
            }))
            .expect("settings of a touchpoint");
            catalogue.touchpoints.insert(id.parse().expect("an id"), settings);
        }
        let mut profile: ProfileSettings = serde_json::from_value(profile).expect("settings of a profile");
        profile.default = true;
        catalogue.profiles.insert("usual".parse().expect("an id"), profile);
    })
}

fn talking(profile: Value) -> Bench {
    let mut bench = bench(flow(&[]), profile);
    bench.says("hello");
    bench.arrives("anna");
    bench.accepts("anna").expect("anna has the offer");
    bench
}

fn to(channel: Channel) -> Elevation {
    serde_json::from_value(match channel {
        Channel::Email => {
            json!({ "channel": "email", "address": "ada@example.org", "subject": "Your order", "body": "Here it is." })
        }
        other => json!({ "channel": other, "address": NUMBER, "skill": "sales" }),
    })
    .expect("an elevation")
}

fn elevates(bench: &mut Bench, channel: Channel) -> Output {
    bench.does("anna", AgentAction::Elevate { interaction: I1, to: to(channel) })
}

/// What is to be reached: through which touchpoint, by whom, with which text.
fn reached(output: &Output) -> Vec<(String, Option<String>, Option<String>)> {
    let reach = output.effects.iter().filter_map(|effect| match &effect.action {
        Action::Reach { touchpoint, agent, body, .. } => {
            Some((touchpoint.to_string(), agent.as_ref().map(ToString::to_string), body.clone()))
        }
        _ => None,
    });
    reach.collect()
}

fn texts(address: &str) -> ContactKey {
    ContactKey { tenant: tenant(), touchpoint: "texts".parse().expect("an id"), address: address.into() }
}

#[test]
fn max_11_max_12_max_13_p_17_a_chat_goes_on_by_mail_by_phone_and_by_text() {
    let mut bench = talking(json!({ "contacts_max": 9 }));
    let anna = Some("anna".to_owned());
    let mail = elevates(&mut bench, Channel::Email);
    assert_eq!(reached(&mail), [("mail".to_owned(), anna.clone(), Some("Here it is.".to_owned()))]);
    assert_eq!(reached(&elevates(&mut bench, Channel::Voice)), [("calls".to_owned(), anna.clone(), None)]);
    let text = elevates(&mut bench, Channel::Sms);
    assert_eq!(reached(&text), [("texts".to_owned(), anna, None)], "its words are written on the next page");
    let on_record = |record: &&crate::fact::FactRecord| matches!(&record.fact, Fact::Elevated { channel: Channel::Sms, agent: Some(by), .. } if *by == agent("anna"));
    assert_eq!(text.facts.iter().filter(on_record).count(), 1);

    let chat =
        AgentAction::Elevate { interaction: I1, to: Elevation { channel: Channel::Webchat, ..to(Channel::Sms) } };
    let refused = bench.does("anna", chat).answer;
    let (interaction, channel) = (I1, Channel::Webchat);
    // A line for chats would be looked for first; what it needs is asked before what it may.
    assert!(
        matches!(
            &refused,
            Answer::Refused(Refusal::NotElevated { .. } | Refusal::Elevation(ElevationRefusal::NoLine { .. }))
        ),
        "{interaction} to {channel}: {refused:?}"
    );
    let stranger = bench.does("bob", AgentAction::Elevate { interaction: I1, to: to(Channel::Voice) }).answer;
    assert!(matches!(stranger, Answer::Refused(_)), "{stranger:?}");
}

#[test]
fn max_14_p_17_what_comes_by_the_second_channel_belongs_to_the_same_conversation() {
    let mut bench = talking(json!({ "contacts_max": 9 }));
    elevates(&mut bench, Channel::Sms);
    let answer = bench.tell(wrote(texts(NUMBER), "s1", "by text"));
    assert!(matches!(answer.answer, Answer::Heard { interaction, .. } if interaction == I1), "{:?}", answer.answer);
    let shown = answer.effects.iter().any(|effect| {
        matches!(&effect.action, Action::ShowAgent { agent: who, text, channel: Some(Channel::Sms) } if *who == agent("anna") && text == "by text")
    });
    assert!(shown, "{:?}", answer.effects);
    let again = bench.tell(wrote(texts(NUMBER), "s1", "by text"));
    assert!(matches!(again.answer, Answer::Repeated { .. }) && again.facts.is_empty());
    let write = |event: &str| AgentAction::WriteOn {
        interaction: I1,
        channel: Channel::Sms,
        text: "by text too".into(),
        event_id: Some(event.into()),
    };
    let sent = bench.does("anna", write("w1"));
    let out = sent.effects.iter().any(|effect| {
        matches!(&effect.action, Action::SendMessage { touchpoint, said, .. } if touchpoint.as_str() == "texts" && said.text == "by text too")
    });
    assert!(out, "{:?}", sent.effects);
    assert!(matches!(bench.does("anna", write("w1")).answer, Answer::Repeated { .. }));
    assert!(matches!(bench.does("bob", write("w2")).answer, Answer::Refused(Refusal::NotYours { .. })));
    let other = bench.tell(wrote(texts("+33699999999"), "s1", "who?")).answer;
    assert!(
        matches!(other, Answer::Heard { interaction, .. } if interaction != I1),
        "another number is another contact"
    );
}

#[test]
fn max_15_max_16_max_17_each_channel_is_qualified_and_the_session_ends_with_the_last() {
    let mut bench = talking(json!({ "contacts_max": 9, "disposition_required": true }));
    elevates(&mut bench, Channel::Voice);
    elevates(&mut bench, Channel::Sms);
    let close = |channel| AgentAction::CloseChannel { interaction: I1, channel };
    assert_eq!(bench.does("anna", close(Channel::Webchat)).answer, Answer::Done);
    assert!(bench.stored(1).is_live(), "the call goes on");
    let texted = bench.tell(wrote(texts(NUMBER), "s1", "still there")).answer;
    assert!(matches!(texted, Answer::Heard { interaction, .. } if interaction == I1), "so does the text: {texted:?}");
    assert_eq!(bench.does("anna", close(Channel::Sms)).answer, Answer::Done);
    let late = bench.tell(wrote(texts(NUMBER), "s9", "later")).answer;
    assert!(matches!(late, Answer::Heard { interaction, .. } if interaction != I1), "that channel is over");
    bench.does("anna", close(Channel::Voice));
    assert!(!bench.stored(1).is_live(), "the last channel ends the conversation, and its flow");
    let finish = |channel, disposition: Option<DispositionId>| AgentAction::FinishChannel {
        interaction: I1,
        channel,
        disposition,
    };
    let sold = || Some(DispositionId::new("sold").expect("a name"));
    for channel in [Channel::Sms, Channel::Webchat, Channel::Voice] {
        let bare = bench.does("anna", finish(channel, None)).answer;
        assert_eq!(bare, Answer::Refused(Refusal::DispositionRequired(I1)), "{channel}");
        assert!(bench.board.work(&tenant(), I1).is_some(), "the session goes on until {channel} is qualified");
        assert_eq!(bench.does("anna", finish(channel, sold())).answer, Answer::Done, "{channel}");
    }
    assert_eq!(bench.board.work(&tenant(), I1), None);
    assert_eq!(bench.stored(1).disposition, sold());
}

#[test]
fn p_17_a_flow_elevates_before_an_agent_has_the_contact() {
    let climb = |channel| json!({ "kind": "climb", "config": { "to": to(channel) }, "exits": { "done": "line", "error": { "end": "refused" } } });
    let mut waiting = bench(flow(&[("a", climb(Channel::Voice))]), json!({ "contacts_max": 9 }));
    assert_eq!(reached(&waiting.says("call me")), [], "nobody could talk yet");
    waiting.arrives("anna");
    let taken = waiting.accepts("anna").expect("anna has the offer");
    assert_eq!(reached(&taken), [("calls".to_owned(), Some("anna".to_owned()), None)]);

    let mut mailed = bench(flow(&[("a", climb(Channel::Email))]), json!({ "contacts_max": 9 }));
    let sent = mailed.says("write to me");
    assert_eq!(reached(&sent), [("mail".to_owned(), None, Some("Here it is.".to_owned()))]);

    let twice = json!({ "kind": "climb", "config": { "to": to(Channel::Voice) }, "exits": { "done": "b", "error": { "end": "refused" } } });
    let mut refused = bench(flow(&[("a", twice), ("b", climb(Channel::Voice))]), json!({}));
    let output = refused.says("call me twice");
    let fault =
        output.facts.iter().any(|record| matches!(&record.fact, Fact::Faulted { code, .. } if code == "not-elevated"));
    assert!(fault, "{:?}", output.facts);
}

#[test]
fn u_09_a_conversation_that_is_set_aside_comes_back_when_its_contact_writes() {
    let mut bench = talking(json!({ "contacts_max": 1, "parked_max": 1 }));
    assert_eq!(bench.does("anna", AgentAction::Park { interaction: I1 }).answer, Answer::Done);
    bench.says_as("bob's", "x1", "me too");
    bench.accepts("anna").expect("her place is free");
    let wrote = bench.says("are you there?");
    assert!(wrote.effects.iter().any(|effect| matches!(&effect.action, Action::ShowAgent { .. })), "she sees it");
    let full = bench.does("anna", AgentAction::Resume { interaction: I1 }).answer;
    assert!(matches!(full, Answer::Refused(Refusal::DoesNotFit { .. })), "{full:?}");
    let second = crate::id::InteractionId(2);
    bench.does("anna", AgentAction::Close { interaction: second });
    let freed =
        bench.does("anna", AgentAction::Finish { interaction: second, disposition: None, answers: Default::default() });
    assert!(
        freed.facts.iter().any(|record| matches!(&record.fact, Fact::Resumed { .. }) && record.interaction == Some(I1))
    );
}
