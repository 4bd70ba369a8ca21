//! Rows of offers to several agents at once.

use super::{super::*, Centre, agent, seconds};
use crate::catalogue::{ProfileSettings, SkillSettings};

const SALES: &[(&str, u8)] = &[("sales", 3)];
const NONE: [&str; 0] = [];

/// Three agents, each with room for so many; contacts are offered to two of them at once.
fn ringing(contacts_max: u16) -> Centre {
    let agents: [(&str, &[(&str, u8)]); 3] = [("ada", SALES), ("bob", SALES), ("cy", SALES)];
    let mut centre = Centre::new(&agents, ProfileSettings { contacts_max, ..ProfileSettings::default() });
    centre.skill("sales", SkillSettings { at_once: Some(2), ..SkillSettings::default() });
    centre.online(&["ada", "bob", "cy"]);
    centre
}

fn answer(centre: &mut Centre, interaction: u64, who: &str, accept: bool) -> Result<Vec<String>, CapacityRefusal> {
    let agent = agent(who);
    let work = centre.capacity.work(InteractionId(interaction)).cloned();
    let offer = work.and_then(|work| work.offer_to(&agent)).map_or(OfferId(0), |(offer, _)| offer);
    centre.ask(if accept { Request::Accept { agent, offer } } else { Request::Decline { agent, offer } })
}

#[test]
fn p_06_p_10_a_contact_is_offered_to_several_at_once_and_one_wins() {
    let mut centre = ringing(1);
    assert_eq!(centre.arrive(1, SALES), ["i1 offered to ada", "i1 offered to bob"], "whose turn it is");
    assert_eq!(centre.capacity.why(InteractionId(1), &agent("bob")), Some(Why::Has));
    assert_eq!(answer(&mut centre, 1, "bob", true).expect("it is his too"), ["i1 Withdrawn ada", "i1 accepted by bob"]);
    assert_eq!(centre.with(1).as_deref(), Some("bob"));
}

#[test]
fn u_06_u_23_p_10_the_second_who_accepts_is_refused() {
    let mut centre = ringing(1);
    centre.arrive(1, SALES);
    let work = centre.capacity.work(InteractionId(1)).cloned().expect("it is offered");
    let (late, _) = work.offer_to(&agent("bob")).expect("to him too");
    centre.accept(1);
    let refused = centre.ask(Request::Accept { agent: agent("bob"), offer: late });
    assert_eq!(refused, Err(CapacityRefusal::OfferGone { offer: late, agent: agent("bob") }));
    let (his, _) = work.offer_to(&agent("ada")).expect("to her first");
    assert_eq!(centre.do_(Request::Accept { agent: agent("ada"), offer: his }), NONE, "twice is harmless");
}

#[test]
fn u_18_who_loses_is_free_at_once_and_gets_the_next() {
    let mut centre = ringing(1);
    centre.arrive(1, SALES);
    centre.arrive(2, SALES);
    centre.arrive(3, SALES);
    assert_eq!((centre.with(2).as_deref(), centre.with(3)), (Some("cy"), None), "nobody else is free");
    assert_eq!(centre.accept(1), ["i1 Withdrawn bob", "i1 accepted by ada", "i3 offered to bob"]);
    let lost = centre.capacity.agent_row(&agent("bob")).expect("he exists");
    assert_eq!(lost.missed, 0, "losing is no miss");
}

#[test]
fn u_26_who_declines_or_leaves_drops_nobody_else() {
    let mut centre = ringing(1);
    centre.arrive(1, SALES);
    assert_eq!(answer(&mut centre, 1, "ada", false).expect("her offer"), ["i1 Declined ada"]);
    assert_eq!(centre.with(1).as_deref(), Some("bob"), "his offer stands");
    assert_eq!(centre.status("bob", PresenceStatus::Offline), ["bob Offline", "i1 Withdrawn bob", "i1 offered to cy"]);
    let mut centre = ringing(1);
    centre.arrive(1, SALES);
    assert_eq!(centre.status("bob", PresenceStatus::Offline), ["bob Offline", "i1 Withdrawn bob"]);
    assert_eq!(centre.with(1).as_deref(), Some("ada"));
}

#[test]
fn p_10_each_offer_has_its_own_end_and_all_that_pass_count() {
    let mut centre = ringing(1);
    centre.arrive(1, SALES);
    let said = centre.pass(seconds(30));
    assert_eq!(said, ["i1 Expired ada", "i1 Expired bob", "i1 offered to cy"], "then others are asked");
    for who in ["ada", "bob"] {
        assert_eq!(centre.capacity.agent_row(&agent(who)).map(|row| row.missed), Some(1));
    }
}

#[test]
fn p_10_a_contact_who_leaves_or_changes_frees_everybody_who_was_rung() {
    let mut centre = ringing(1);
    centre.arrive(1, SALES);
    let gone = centre.do_(Request::Withdraw { interaction: InteractionId(1) });
    assert_eq!(gone, ["i1 Withdrawn ada", "i1 Withdrawn bob"]);
    centre.arrive(2, SALES);
    assert!(centre.with(2).is_some());
    let (to, by) = (agent("cy"), agent("boss"));
    let said = centre.do_(Request::Assign { interaction: InteractionId(2), agent: to, by, force: false });
    assert_eq!(said, ["i2 Withdrawn ada", "i2 Withdrawn bob", "i2 assigned to cy by boss", "i2 offered to cy"]);
}
