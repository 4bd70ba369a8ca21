//! What agents send unasked, on a bench that restarts after every input: who may, to whom, with what, how often.

use serde_json::{Value, json};

use super::{
    I1,
    kit::{Bench, agent, codes, document, key, said, tenant, wrote},
};
use crate::{
    capacity::{Why, WorkState},
    catalogue::{Catalogue, ProfileSettings, RoleSettings, RoutingQueueSettings, TouchpointSettings},
    contact::{Attached, ContactKey, Speaker},
    effect::Action,
    event::{AgentAction, Beginning, PresenceStatus},
    fact::{Consent, Fact},
    id::InteractionId,
    switchboard::{Answer, Output},
};

const I2: InteractionId = InteractionId(2);
const NUMBER: &str = "+33612345678";

fn line() -> routewright_flows::FlowDocument {
    let line = json!({
        "kind": "line", "config": { "skill": "default", "seconds": 86_000 },
        "exits": { "done": { "end": "over" }, "timeout": { "end": "over" } },
    });
    document("main", json!({ "a": line }), json!({}))
}

fn touchpoint(catalogue: &mut Catalogue, id: &str, settings: Value) {
    let settings: TouchpointSettings = serde_json::from_value(settings).expect("settings of a touchpoint");
    catalogue.touchpoints.insert(id.parse().expect("an id"), settings);
}

/// A WhatsApp number with one approved template and one that is not; beside it a line without a script.
fn whatsapp(catalogue: &mut Catalogue) {
    let profile = json!({ "default": true, "parked_max": 1 });
    let profile: ProfileSettings = serde_json::from_value(profile).expect("a profile");
    catalogue.profiles.insert("usual".parse().expect("an id"), profile);
    let number = json!({
        "account": "shop", "number": "+33123456789", "display_name": "Shop", "code": "123456", "standing": "approved",
        "begun_per_day": 2,
    });
    touchpoint(
        catalogue,
        "wa",
        json!({
            "channel": "whatsapp", "default_skill": "default", "default_flow": "main", "active": true,
            "conversation": { "messaging_window": "1d" }, "provider": number,
            "templates": {
                "hello": { "languages": ["fr"], "parameters": 1, "approved": true },
                "sale": { "languages": ["fr"] },
            },
        }),
    );
    touchpoint(catalogue, "mute", json!({ "channel": "sms", "default_skill": "default" }));
}

fn queue(catalogue: &mut Catalogue, id: &str, settings: Value) {
    let settings: RoutingQueueSettings = serde_json::from_value(settings).expect("a routing queue");
    catalogue.routing_queues.insert(id.parse().expect("an id"), settings);
}

fn role(catalogue: &mut Catalogue, name: &str, settings: Value) {
    let settings: RoleSettings = serde_json::from_value(settings).expect("a role");
    let id: crate::id::RoleId = "role".parse().expect("an id");
    catalogue.roles.insert(id.clone(), settings);
    catalogue.agents.get_mut(&agent(name)).expect("an agent").role = Some(id);
}

fn to(touchpoint: &str, more: Value) -> Beginning {
    let mut all = json!({ "touchpoint": touchpoint, "address": NUMBER, "opted_in": "at the counter, 3 May" });
    for (name, value) in more.as_object().expect("members") {
        all[name] = value.clone();
    }
    serde_json::from_value(all).expect("a beginning")
}

fn template(name: &str) -> Value {
    json!([{ "attached": "template", "name": name, "language": "fr", "parameters": ["Zoé"] }])
}

fn begins(bench: &mut Bench, beginning: Beginning) -> Output {
    bench.does("anna", AgentAction::Begin(beginning))
}

fn refused(output: &Output) -> &'static str {
    match &output.answer {
        Answer::Refused(refusal) => {
            assert!(output.facts.is_empty() && output.touched.is_empty(), "a refused input changes nothing");
            refusal.code()
        }
        Answer::Done
        | Answer::Heard { .. }
        | Answer::Repeated { .. }
        | Answer::Accepted { .. }
        | Answer::Begun { .. } => "",
    }
}

/// What goes out to whom: the address, the words, and what is attached.
fn sent(output: &Output) -> Vec<(String, String, usize)> {
    let sent = output.effects.iter().filter_map(|effect| match &effect.action {
        Action::SendMessage { address, said, .. } => {
            Some((address.to_string(), said.text.clone(), said.attached.len()))
        }
        _ => None,
    });
    sent.collect()
}

fn parked(bench: &Bench, id: InteractionId) -> bool {
    bench.board.work(&tenant(), id).is_some_and(|work| work.parked.is_some())
}

fn held_by(bench: &Bench, id: InteractionId) -> Option<String> {
    let work = bench.board.work(&tenant(), id)?;
    matches!(work.state, WorkState::Active { .. }).then(|| work.state.agent().map(ToString::to_string)).flatten()
}

#[test]
fn max_10_new_puts_the_current_conversation_on_hold_and_opens_an_unrelated_one() {
    let mut bench = Bench::new(&[line()], true).configured(whatsapp);
    bench.says("hello");
    bench.arrives("anna");
    bench.accepts("anna").expect("anna has the offer");
    let new = || to("mute", json!({ "text": "Your parcel is here.", "hold": "i1" }));
    let output = begins(&mut bench, new());
    assert_eq!(output.answer, Answer::Begun { interaction: I2 });
    assert_eq!(sent(&output), [(NUMBER.to_owned(), "Your parcel is here.".to_owned(), 0)]);
    assert!(parked(&bench, I1) && !parked(&bench, I2), "the one is on hold, the other goes on");
    for id in [I1, I2] {
        assert_eq!(held_by(&bench, id).as_deref(), Some("anna"));
        let work = bench.board.work(&tenant(), id).expect("a work");
        assert!(work.legs.is_empty(), "two sessions, and no elevation");
    }
    let again = begins(&mut bench, to("mute", json!({ "text": "And?", "address": "+33600000000", "hold": "i2" })));
    assert_eq!(refused(&again), "parked-enough", "what may not be set aside stays, and nothing begins");
    assert_eq!(refused(&begins(&mut bench, new())), "in-conversation");
    // Each ends on its own.
    bench.does("anna", AgentAction::Close { interaction: I2 });
    assert_eq!((bench.place(1), bench.place(2)), ("a".to_owned(), "ended begun_by_agent".to_owned()));
    bench.does("anna", AgentAction::Finish { interaction: I2, disposition: None, answers: Default::default() });
    bench.does("anna", AgentAction::Resume { interaction: I1 });
    assert!(!parked(&bench, I1));
}

#[test]
fn wap_04_what_an_agent_begins_goes_by_routing_queues_with_a_script_and_without() {
    let mut bench = Bench::new(&[line()], true).configured(|catalogue| {
        whatsapp(catalogue);
        queue(catalogue, "texts", json!({ "filter": { "channels": ["sms"] }, "skill": "rare", "priority": 7 }));
        queue(catalogue, "web", json!({ "filter": { "touchpoints": ["desk"] }, "skill": "sales" }));
    });
    bench.arrives("anna");
    for (touchpoint, skill, by) in [("mute", "rare", "texts"), ("desk", "sales", "web")] {
        let output = begins(&mut bench, to(touchpoint, json!({ "text": "Good day." })));
        let Answer::Begun { interaction } = output.answer else { panic!("{:?}", output.answer) };
        let queues: Vec<_> = output
            .facts
            .iter()
            .filter_map(|record| match &record.fact {
                Fact::Begun { queue, .. } => queue.as_ref().map(ToString::to_string),
                _ => None,
            })
            .collect();
        assert_eq!(queues, [by]);
        // The contact's answer is the agent's to read, and no script's.
        let from = ContactKey { touchpoint: touchpoint.parse().expect("an id"), ..key(NUMBER) };
        let heard = bench.tell(wrote(from, &format!("a-{touchpoint}"), "Who is this?"));
        assert!(heard.effects.iter().any(|e| matches!(&e.action, Action::ShowAgent { .. })), "{:?}", heard.effects);
        assert_eq!(said(&heard), [""; 0]);
        let needs = |bench: &Bench| {
            let work = bench.board.work(&tenant(), interaction).expect("a work");
            work.requirement.skills.keys().map(ToString::to_string).collect::<Vec<_>>()
        };
        assert_eq!(needs(&bench), [skill], "whoever goes on with it has the queue's skill");
    }
    bench.does("anna", AgentAction::SetPresence { status: PresenceStatus::Offline });
    assert_eq!(bench.place(1), "last resort");
    assert_eq!(bench.board.queue(&tenant(), &"rare".parse().expect("a name")).waiting, 1, "it waits in its queue");
}

#[test]
fn wap_18_wap_19_a_script_comes_before_every_queue_and_a_filter_holds_as_soon_as_it_is_saved() {
    let sales = |catalogue: &mut Catalogue| {
        queue(catalogue, "all-web", json!({ "filter": { "channels": ["webchat"] }, "skill": "sales" }));
    };
    let needs = |bench: &Bench, id: u64| {
        let work = bench.board.work(&tenant(), InteractionId(id)).expect("it waits");
        work.requirement.skills.keys().map(ToString::to_string).collect::<Vec<_>>()
    };
    let mut bench = Bench::new(&[line()], true).configured(|_| {});
    let bare = |address: &str| ContactKey { touchpoint: "bare".parse().expect("an id"), ..key(address) };
    // The script of `bare` is not in service.
    bench.tell(wrote(bare("first"), "1", "hello"));
    assert_eq!(needs(&bench, 1), ["default"], "without a queue the default skill has them");
    let mut bench = bench.configured(sales);
    let settings = bench.settings();
    bench.tell(settings);
    bench.says("hello");
    assert_eq!(needs(&bench, 2), ["default"], "a contact with a script goes by the script");
    bench.tell(wrote(bare("second"), "2", "hello"));
    assert_eq!(needs(&bench, 3), ["sales"], "the next one without goes by the filter that was just saved");
    assert_eq!(needs(&bench, 1), ["default"], "who waits already stays where he is");
}

#[test]
fn wap_05_wap_16_a_role_says_what_may_be_sent_and_begun() {
    let picture = json!([{ "attached": "media", "kind": "image", "url": "https://x.example/a.png" }]);
    let paper = json!([{ "attached": "media", "kind": "document", "url": "https://x.example/a.pdf" }]);
    for (may, text, attached, expected) in [
        (json!({}), "Hello", json!([]), ""),
        (json!({}), "", picture.clone(), ""),
        (json!({}), "Look", picture.clone(), ""),
        (json!({}), "", json!([]), "nothing-said"),
        (json!({ "text": false }), "Hello", json!([]), "not-permitted"),
        (json!({ "text": false }), "", picture.clone(), ""),
        (json!({ "images": false }), "Look", picture.clone(), "not-permitted"),
        (json!({ "images": false }), "Read", paper.clone(), ""),
        (json!({ "files": false }), "Read", paper.clone(), "not-permitted"),
    ] {
        let mut bench = Bench::new(&[line()], true)
            .configured(|catalogue| role(catalogue, "anna", json!({ "touchpoints": { "desk": may } })));
        bench.says("hello");
        bench.arrives("anna");
        bench.accepts("anna").expect("her role opens the touchpoint");
        let attached = serde_json::from_value(attached).expect("attachments");
        let write = AgentAction::Write { interaction: I1, text: text.to_owned(), attached, event_id: None };
        let output = bench.does("anna", write);
        assert_eq!(refused(&output), expected, "{may} {text:?}");
    }
    for (may, expected) in [(json!({}), "not-permitted"), (json!({ "start": true }), "")] {
        let mut bench = Bench::new(&[line()], true).configured(|catalogue| {
            whatsapp(catalogue);
            role(catalogue, "anna", json!({ "touchpoints": { "wa": may } }));
        });
        bench.arrives("anna");
        let hello = to("wa", json!({ "text": "Bonjour Zoé", "attached": template("hello") }));
        assert_eq!(refused(&begins(&mut bench, hello)), expected, "{may}");
        let mute = to("mute", json!({ "text": "Bonjour" }));
        assert_eq!(refused(&begins(&mut bench, mute)), "not-permitted", "a touchpoint that the role does not have");
    }
}

#[test]
fn wap_16_who_may_not_answer_or_does_not_see_the_skill_is_not_asked() {
    let why = |settings: Value| {
        let mut bench = Bench::new(&[line()], true).configured(|catalogue| role(catalogue, "anna", settings.clone()));
        bench.arrives("anna");
        bench.says("hello");
        let offered = bench.offer("anna").is_some();
        let why = bench.board.why(&tenant(), I1, &agent("anna")).expect("she is known");
        assert_eq!(offered, why == Why::Has, "what is done is what is said: {why:?}");
        bench.arrives("bob");
        assert_eq!(bench.offer("bob").is_some(), !offered, "bob has no role, and nothing binds him");
        why
    };
    assert_eq!(why(json!({ "touchpoints": { "desk": {} } })), Why::Has);
    let desk = Why::Role("desk".parse().expect("an id"));
    assert_eq!(why(json!({ "touchpoints": {} })), desk, "a channel must be added to the role");
    assert_eq!(why(json!({ "touchpoints": { "desk": { "reply": false } } })), desk);
    let unseen = Why::Unseen("default".parse().expect("a name"));
    assert_eq!(why(json!({ "touchpoints": { "desk": {} }, "skills": ["sales"] })), unseen);
    assert_eq!(why(json!({ "touchpoints": { "desk": {} }, "skills": ["default"] })), Why::Has);
}

#[test]
fn wap_07_nobody_is_written_to_who_neither_wrote_nor_agreed() {
    let mut bench = Bench::new(&[line()], true).configured(whatsapp);
    bench.arrives("anna");
    let unasked = || {
        let mut unasked = to("mute", json!({ "text": "Good day." }));
        unasked.opted_in = None;
        unasked
    };
    assert_eq!(refused(&begins(&mut bench, unasked())), "no-consent");
    let consent = |output: &Output| {
        let mut consents = output.facts.iter().filter_map(|record| match &record.fact {
            Fact::Begun { consent, .. } => Some(consent.clone()),
            _ => None,
        });
        consents.next()
    };
    let agreed = begins(&mut bench, to("mute", json!({ "text": "Good day." })));
    assert_eq!(consent(&agreed), Some(Consent::OptIn { said: "at the counter, 3 May".to_owned() }), "on record");
    let over = |bench: &mut Bench, interaction| {
        bench.does("anna", AgentAction::Close { interaction });
        bench.does("anna", AgentAction::Finish { interaction, disposition: None, answers: Default::default() });
    };
    over(&mut bench, I1);
    assert_eq!(refused(&begins(&mut bench, unasked())), "no-consent", "that we wrote to him is no consent of his");
    begins(&mut bench, to("mute", json!({ "text": "Once more." })));
    bench.tell(wrote(ContactKey { touchpoint: "mute".parse().expect("an id"), ..key(NUMBER) }, "1", "Yes?"));
    over(&mut bench, I2);
    assert_eq!(consent(&begins(&mut bench, unasked())), Some(Consent::Earlier { interaction: I2 }), "he wrote");
}

#[test]
fn wap_08_no_more_is_begun_than_the_provider_allows_in_any_day() {
    let mut bench = Bench::new(&[line()], true).configured(whatsapp);
    bench.arrives("anna");
    let hello = |n: u32| {
        let address = format!("+3360000000{n}");
        to("wa", json!({ "text": "Bonjour", "address": address, "attached": template("hello") }))
    };
    let over = |bench: &mut Bench, id: u64| {
        let interaction = InteractionId(id);
        bench.does("anna", AgentAction::Close { interaction });
        bench.does("anna", AgentAction::Finish { interaction, disposition: None, answers: Default::default() });
    };
    assert_eq!(refused(&begins(&mut bench, hello(1))), "");
    over(&mut bench, 1);
    bench.passes(12 * 3_600);
    assert_eq!(refused(&begins(&mut bench, hello(2))), "");
    over(&mut bench, 2);
    assert_eq!(refused(&begins(&mut bench, hello(3))), "begun-enough");
    bench.passes(11 * 3_600);
    assert_eq!(refused(&begins(&mut bench, hello(3))), "begun-enough", "not a day yet since the first");
    bench.passes(2 * 3_600);
    assert_eq!(refused(&begins(&mut bench, hello(3))), "", "the first is more than a day ago");
    over(&mut bench, 3);
    assert_eq!(refused(&begins(&mut bench, hello(4))), "begun-enough", "the second is not");
}

#[test]
fn wap_06_wap_13_outside_the_window_only_an_approved_template_goes_out() {
    let mut bench = Bench::new(&[line()], true).configured(whatsapp);
    bench.arrives("anna");
    for (attached, expected) in [
        (json!([]), "template-needed"),
        (template("sale"), "template-refused"),
        (template("unheard_of"), "template-refused"),
        (
            json!([{ "attached": "template", "name": "hello", "language": "en", "parameters": ["Zoé"] }]),
            "template-refused",
        ),
        (json!([{ "attached": "template", "name": "hello", "language": "fr", "parameters": [] }]), "template-refused"),
    ] {
        let beginning = to("wa", json!({ "text": "Bonjour", "attached": attached }));
        assert_eq!(refused(&begins(&mut bench, beginning)), expected, "{attached}");
    }
    let output = begins(&mut bench, to("wa", json!({ "text": "Bonjour Zoé", "attached": template("hello") })));
    assert_eq!(sent(&output), [(NUMBER.to_owned(), "Bonjour Zoé".to_owned(), 1)]);
    let from = || ContactKey { touchpoint: "wa".parse().expect("an id"), ..key(NUMBER) };
    bench.tell(wrote(from(), "1", "Oui ?"));
    let write = |attached: Value| AgentAction::Write {
        interaction: I1,
        text: "Encore là ?".to_owned(),
        attached: serde_json::from_value(attached).expect("attachments"),
        event_id: None,
    };
    assert_eq!(refused(&bench.does("anna", write(json!([])))), "", "he wrote: the window is open");
    bench.passes(25 * 3_600);
    assert_eq!(refused(&bench.does("anna", write(json!([])))), "messaging-window-closed");
    assert_eq!(refused(&bench.does("anna", write(template("sale")))), "template-refused");
    let reached = bench.does("anna", write(template("hello")));
    assert_eq!(sent(&reached).len(), 1, "{:?}", reached.answer);
    let by = reached.facts.iter().find_map(|record| match &record.fact {
        Fact::MessageSent { said } => Some((said.by.clone(), said.attached.clone())),
        _ => None,
    });
    let Some((Speaker::Agent(by), attached)) = by else { panic!("it is on record as hers") };
    assert!(by == agent("anna") && matches!(&attached[..], [Attached::Template { name, .. }] if name == "hello"));
}

#[test]
fn wap_10_nothing_goes_out_while_the_provider_looks_at_the_number() {
    let mut bench = Bench::new(&[line()], true).configured(|catalogue| {
        whatsapp(catalogue);
        let wa = catalogue.touchpoints.get_mut("wa").expect("the touchpoint");
        wa.provider.as_mut().expect("its number").standing = crate::catalogue::NumberStanding::Pending;
    });
    bench.arrives("anna");
    let hello = to("wa", json!({ "text": "Bonjour", "attached": template("hello") }));
    assert_eq!(refused(&begins(&mut bench, hello)), "number-pending");
}

#[test]
fn fce_10_the_wrap_up_completes_and_qualifies_the_record() {
    let mut bench = Bench::new(&[line()], true).configured(|catalogue| {
        let asked = json!({ "questions": [
            { "id": "solved", "text": { "en": "Solved?" }, "answer": { "type": "yes_no" } },
            { "id": "note", "text": { "en": "What remains?" }, "answer": { "type": "text" }, "required": false },
        ] });
        catalogue
            .questionnaires
            .insert("end".parse().expect("an id"), serde_json::from_value(asked).expect("a questionnaire"));
        let profile = json!({ "default": true, "disposition_required": true, "desk": { "questionnaire": "end" } });
        let profile = serde_json::from_value(profile).expect("a profile");
        catalogue.profiles.insert("usual".parse().expect("an id"), profile);
    });
    bench.says("hello");
    bench.arrives("anna");
    bench.accepts("anna").expect("anna has the offer");
    let finish = |answers: Value| AgentAction::Finish {
        interaction: I1,
        disposition: "sold".parse().ok(),
        answers: serde_json::from_value(answers).expect("answers"),
    };
    let whole = json!({ "solved": true, "note": "The invoice" });
    let early = bench.does("anna", finish(whole.clone()));
    assert_eq!(refused(&early), "not-your-conversation", "it is no record yet");
    bench.does("anna", AgentAction::Close { interaction: I1 });
    for (answers, expected) in [
        (json!({ "note": "The invoice" }), "bad-answer"),
        (json!({ "solved": "perhaps" }), "bad-answer"),
        (json!({ "solved": true, "colour": "red" }), "bad-answer"),
    ] {
        assert_eq!(refused(&bench.does("anna", finish(answers.clone()))), expected, "{answers}");
    }
    let unqualified = AgentAction::Finish {
        interaction: I1,
        disposition: None,
        answers: serde_json::from_value(whole.clone()).expect("answers"),
    };
    assert_eq!(refused(&bench.does("anna", unqualified)), "disposition-required");
    let done = bench.does("anna", finish(whole));
    assert_eq!(done.answer, Answer::Done);
    assert_eq!(codes(&done).len(), 0, "nothing failed");
    let kept = bench.stored(1);
    assert_eq!(kept.disposition.as_ref().map(ToString::to_string).as_deref(), Some("sold"));
    let answers = kept.answers.get("end").expect("the answers are kept with the conversation");
    assert_eq!((&answers["solved"], &answers["note"]), (&json!(true), &json!("The invoice")));
    assert!(bench.board.work(&tenant(), I1).is_none(), "the slot is free");
}
