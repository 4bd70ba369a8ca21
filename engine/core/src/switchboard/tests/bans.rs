//! Contacts who are shut out, on a bench.

use serde_json::json;

use super::{
    I1,
    kit::{Bench, agent, document, said, tenant},
};
use crate::{
    call::Call,
    catalogue::Catalogue,
    effect::Action,
    event::AgentAction,
    fact::Fact,
    id::{InteractionId, TouchpointId},
    refusal::Refusal,
    switchboard::{Answer, Output},
};

fn bench(bans: serde_json::Value) -> Bench {
    let nodes = json!({
        "a": { "kind": "say", "config": { "text": { "en": "welcome" } }, "exits": { "done": "b" } },
        "b": { "kind": "line", "config": { "skill": "default", "seconds": 86_000 },
               "exits": { "done": { "end": "over" }, "timeout": { "end": "over" } } },
    });
    Bench::new(&[document("main", nodes, json!({}))], true).configured(|catalogue: &mut Catalogue| {
        let desk: TouchpointId = "desk".parse().expect("an id");
        let touchpoint = catalogue.touchpoints.get_mut(&desk).expect("the bench has it");
        touchpoint.conversation = serde_json::from_value(json!({ "bans": bans })).expect("rules");
        catalogue.agents.get_mut(&agent("bob")).expect("the bench has him").supervisor = true;
    })
}

fn mails(output: &Output) -> Vec<String> {
    let mails = output.effects.iter().filter_map(|effect| match &effect.action {
        Action::Call(Call::Mail(mail)) => Some(mail.to.join(", ")),
        _ => None,
    });
    mails.collect()
}

fn is_banned(answer: &Answer) -> bool {
    matches!(answer, Answer::Refused(Refusal::Banned { .. }))
}

#[test]
fn pbx_02_pbx_03_p_23_a_flood_shuts_the_contact_out_with_one_mail_for_the_ban() {
    let alert = json!({ "server": "smtp", "from": "rw@example.org", "to": "ops@example.org" });
    let mut bench = bench(json!({ "flood": { "messages": 3, "within": "10s" }, "lasts": "1h", "alert": alert }));
    for _ in 0..3 {
        let output = bench.says("hello");
        assert!(mails(&output).is_empty() && !is_banned(&output.answer));
    }
    let fourth = bench.says("hello");
    assert_eq!(mails(&fourth), ["ops@example.org"], "one mail for the ban");
    let on_record = |record: &crate::fact::FactRecord| matches!(&record.fact, Fact::Banned { by: None, reason, .. } if reason.contains("4 messages"));
    assert!(fourth.facts.iter().any(on_record), "{:?}", fourth.facts);
    assert!(!bench.stored(1).is_live(), "the conversation is over");
    for _ in 0..3 {
        let again = bench.says("hello?");
        assert!(
            is_banned(&again.answer) && again.facts.is_empty() && mails(&again).is_empty(),
            "no mail for an offence"
        );
    }
    bench.passes(3_600);
    assert_eq!(said(&bench.says("sorry")), ["welcome"], "it lasts an hour");
}

#[test]
fn pbx_03_messages_in_their_time_are_no_flood_and_a_word_is_enough() {
    let mut slow = bench(json!({ "flood": { "messages": 2, "within": "10s" } }));
    for _ in 0..5 {
        assert!(!is_banned(&slow.says("hello").answer));
        slow.passes(6);
    }
    let mut rude = bench(json!({ "words": ["free money"] }));
    let first = rude.says("FREE MONEY here");
    assert!(said(&first).is_empty() && mails(&first).is_empty(), "nobody is to be told");
    assert!(is_banned(&rude.says("hello").answer));
    assert!(!is_banned(&rude.says_as("eve", "e1", "hello").answer), "nobody else is shut out");
}

#[test]
fn p_23_a_person_shuts_a_contact_out_and_a_supervisor_lets_him_in_again() {
    let mut bench = bench(json!({}));
    bench.says("hello");
    let ban = || AgentAction::Ban { interaction: I1, lasts: "1h".parse().expect("a length"), reason: "threats".into() };
    let stranger = bench.does("anna", ban()).answer;
    assert_eq!(stranger, Answer::Refused(Refusal::NotSupervisor(agent("anna"))));
    bench.arrives("anna");
    bench.accepts("anna").expect("anna has the offer");
    assert_eq!(bench.does("anna", ban()).answer, Answer::Done, "it is her conversation");
    assert!(
        bench.board.work(&tenant(), I1).is_some_and(|work| work.state.agent() == Some(&agent("anna"))),
        "her record is open"
    );
    assert!(is_banned(&bench.says("hello?").answer));
    let unban = || AgentAction::Unban { interaction: I1 };
    assert!(matches!(bench.does("anna", unban()).answer, Answer::Refused(Refusal::NotSupervisor(_))));
    assert_eq!(bench.does("bob", unban()).answer, Answer::Done);
    let back = bench.says("thank you").answer;
    assert!(matches!(back, Answer::Heard { interaction, .. } if interaction == InteractionId(2)), "{back:?}");
}
