//! Who knows a contact, and for how long.

use std::time::Duration;

use serde_json::json;

use super::{
    I1,
    kit::{Bench, document},
};
use crate::{
    catalogue::Catalogue,
    event::{AgentAction, PresenceStatus},
    id::SkillId,
};

#[test]
fn pbx_21_t_20_wap_25_the_last_agent_of_a_contact_is_remembered_for_ninety_nine_days() {
    for (days, knows) in [(98, "anna"), (100, "bob")] {
        let nodes = json!({ "a": {
            "kind": "line", "config": { "skill": "default", "seconds": 86_000 },
            "exits": { "done": { "end": "over" }, "timeout": { "end": "over" } },
        }});
        let mut bench =
            Bench::new(&[document("main", nodes, json!({}))], true).configured(|catalogue: &mut Catalogue| {
                let skill =
                    catalogue.skills.get_mut(&"default".parse::<SkillId>().expect("a name")).expect("the bench has it");
                skill.preferred_agent = serde_json::from_value(json!({ "timeout": "10s" })).expect("settings");
            });
        bench.says("hello");
        bench.arrives("anna");
        bench.accepts("anna").expect("anna has the offer");
        bench.does("anna", AgentAction::Close { interaction: I1 });
        bench.does("anna", AgentAction::Finish { interaction: I1, disposition: None, answers: Default::default() });
        bench.does("anna", AgentAction::SetPresence { status: PresenceStatus::Offline });
        bench.now = bench.now + Duration::from_secs(days * 86_400);
        bench.arrives("bob");
        bench.now = bench.now + Duration::from_secs(1);
        bench.arrives("anna");
        bench.says("again");
        // Bob is idle longer: only who is remembered comes before him.
        assert!(bench.offer(knows).is_some(), "after {days} days");
    }
}
