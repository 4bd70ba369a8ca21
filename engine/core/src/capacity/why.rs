//! Why an agent has, or was not given, a contact: the first test that fails, in the order in which people ask.
//!
//! What it deliberately does not do: it decides nothing; it reads the same limits, profiles and classes that
//! decisions read, so an answer cannot differ from what would be done.

use routewright_flows::{Channel, Words};

use super::{Bound, Capacity, bounds::Limits};
use crate::{
    catalogue::Level,
    event::PresenceStatus,
    id::{AgentId, InteractionId, SkillId, StatusId, TouchpointId},
    time::Timestamp,
};

/// The answer for one contact and one agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// He has it: an offer, a conversation or a record.
    Has,
    /// His presence lets nothing new come.
    Presence(PresenceStatus),
    /// The named status he chose lets no contact of this channel come.
    Status(StatusId),
    /// His handling profile has no room for contacts of this channel at any time.
    Channel(Channel),
    /// His role does not let him answer at the touchpoint (WAP-16).
    Role(TouchpointId),
    /// His role does not let him see a skill that he has (WAP-16).
    Unseen(SkillId),
    /// He gets only what he asks for (MAX-05).
    PullOnly,
    /// He lacks a skill.
    Skill(SkillId),
    /// He has the skill, but not well enough.
    Level {
        /// Which skill.
        skill: SkillId,
        /// His level.
        has: Level,
        /// The worst that will do.
        needs: Level,
    },
    /// Only a supervisor will do.
    Supervisor,
    /// He has as much as he may have.
    Capacity(Bound),
    /// He bounced it, and somebody else may still take it.
    Bounced {
        /// When he may be asked again, as things stand.
        until: Option<Timestamp>,
    },
    /// He is closed to other work until he has room for a contact that waited too long (U-12).
    Saved(InteractionId),
    /// He came lately and is filled at the rate of his profile (U-11).
    Filling {
        /// When his next contact may come.
        until: Timestamp,
    },
    /// It is kept for an agent who knows it (T-15).
    Kept {
        /// Who.
        agent: AgentId,
        /// Until when at most.
        until: Timestamp,
    },
    /// Another agent has it.
    Reserved {
        /// Who.
        agent: AgentId,
    },
    /// The contact waits for nobody: its flow has it, or it is over.
    NotInLine,
    /// Nothing keeps it from him. Between requests no waiting contact has this answer.
    CouldBeOffered,
}

impl Capacity {
    /// The first test that keeps a contact from an agent. None when he is unknown.
    #[must_use]
    pub fn why(&self, interaction: InteractionId, agent: &AgentId) -> Option<Why> {
        let idx = self.find(agent)?;
        let Some(entry) = self.works.get(&interaction) else { return Some(Why::NotInLine) };
        let row = &self.agents[idx.at()];
        let profile = &self.profiles[row.profile.at()];
        let work = &entry.work;
        if work.holders().any(|holder| holder == agent) {
            return Some(Why::Has);
        }
        if !row.is_available() {
            return Some(Why::Presence(row.status));
        }
        let open = row.open(&profile.limits);
        if let Some(name) = row.named.as_ref().filter(|_| !work.channels().all(|channel| open.contains(channel))) {
            return Some(Why::Status(name.clone()));
        }
        if !profile.limits.opens(work.channel) {
            return Some(Why::Channel(work.channel));
        }
        if let Some(at) = work.touchpoint.as_ref().filter(|at| !profile.may_answer_at(Some(at))) {
            return Some(Why::Role(at.clone()));
        }
        let needed = self.needs(work);
        let needs = || needed.skills.iter();
        if let Some((skill, _)) = needs().find(|(skill, _)| !profile.skills.contains_key(*skill)) {
            let hidden = self.catalogue.agents.get(agent).is_some_and(|own| own.skills.contains_key(skill));
            return Some(if hidden { Why::Unseen(skill.clone()) } else { Why::Skill(skill.clone()) });
        }
        let level = |skill: &SkillId| profile.skills.get(skill).copied().unwrap_or(Level::WORST);
        if let Some((skill, worst)) = needs().find(|(skill, worst)| **worst < level(skill)) {
            return Some(Why::Level { skill: skill.clone(), has: level(skill), needs: *worst });
        }
        if needed.supervisor && !profile.supervisor {
            return Some(Why::Supervisor);
        }
        if let Some(bound) = Limits::refuses(&profile.limits, &row.load, work, false) {
            return Some(Why::Capacity(bound));
        }
        if let Some(other) = row.saved_for.filter(|other| *other != interaction) {
            return Some(Why::Saved(other));
        }
        if let Some(until) = row.paced_until() {
            return Some(Why::Filling { until });
        }
        if !profile.limits.push {
            return Some(Why::PullOnly);
        }
        if work.bounced.contains(agent) {
            return Some(Why::Bounced { until: self.exclusions_end(entry) });
        }
        if let Some(kept) = work.kept.as_ref().filter(|kept| kept.agent != *agent) {
            return Some(Why::Kept { agent: kept.agent.clone(), until: kept.until });
        }
        Some(match work.state.agent() {
            Some(agent) => Why::Reserved { agent: agent.clone() },
            None => Why::CouldBeOffered,
        })
    }
}

impl Why {
    /// A stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Has => "has-it",
            Self::Presence(_) => "presence",
            Self::Status(_) => "status",
            Self::Channel(_) => "channel",
            Self::Role(_) => "role",
            Self::Unseen(_) => "skill-not-seen",
            Self::PullOnly => "pull-only",
            Self::Skill(_) => "skill",
            Self::Level { .. } => "level",
            Self::Supervisor => "supervisor",
            Self::Capacity(Bound::Channel { .. }) => "channel-max",
            Self::Capacity(Bound::Excluded { .. }) => "channel-excluded",
            Self::Capacity(Bound::Units { .. }) => "units-max",
            Self::Capacity(Bound::Contacts { .. }) => "contacts-max",
            Self::Bounced { .. } => "bounced",
            Self::Saved(_) => "saved",
            Self::Filling { .. } => "filling",
            Self::Kept { .. } => "kept",
            Self::Reserved { .. } => "reserved",
            Self::NotInLine => "not-in-line",
            Self::CouldBeOffered => "could-be-offered",
        }
    }

    /// The sentence in both languages.
    #[must_use]
    pub fn words(&self) -> Words {
        let (en, fr) = match self {
            Self::Has => ("the agent has this contact".into(), "l’agent a déjà ce contact".into()),
            Self::Presence(status) => {
                let (en, fr) = match status {
                    PresenceStatus::Available => ("available", "disponible"),
                    PresenceStatus::Draining => ("finishing what he has", "en fin de service"),
                    PresenceStatus::Paused => ("paused", "en pause"),
                    PresenceStatus::Offline => ("offline", "hors ligne"),
                };
                (format!("the agent is {en}"), format!("l’agent est {fr}"))
            }
            Self::Status(name) => (
                format!("the agent's status '{name}' lets no contact of this channel come"),
                format!("le statut « {name} » de l’agent n’admet aucun contact de ce canal"),
            ),
            Self::Role(touchpoint) => (
                format!("the agent's role does not let him answer at touchpoint '{touchpoint}'"),
                format!("le rôle de l’agent ne lui permet pas de répondre au point de contact « {touchpoint} »"),
            ),
            Self::Unseen(skill) => (
                format!("the agent's role does not let him see skill '{skill}'"),
                format!("le rôle de l’agent ne lui montre pas la compétence « {skill} »"),
            ),
            Self::PullOnly => (
                "the agent gets only the contacts that he asks for".into(),
                "l’agent ne reçoit que les contacts qu’il demande".into(),
            ),
            Self::Channel(channel) => (
                format!("the agent's handling profile takes no contact of channel '{channel}'"),
                format!("le profil de traitement de l’agent n’accepte aucun contact du canal « {channel} »"),
            ),
            Self::Skill(skill) => (
                format!("the agent does not have skill '{skill}'"),
                format!("l’agent n’a pas la compétence « {skill} »"),
            ),
            Self::Level { skill, has, needs } => {
                let (has, needs) = (u8::from(*has), u8::from(*needs));
                (
                    format!("the agent has skill '{skill}' at level {has}; level {needs} or better is needed"),
                    format!("l’agent a la compétence « {skill} » au niveau {has} ; il faut le niveau {needs} ou mieux"),
                )
            }
            Self::Supervisor => {
                ("only a supervisor may take this contact".into(), "seul un superviseur peut prendre ce contact".into())
            }
            Self::Capacity(Bound::Channel { has, max }) => (
                format!("the agent has {has} contacts of this channel; his maximum is {max}"),
                format!("l’agent a {has} contacts de ce canal pour un maximum de {max}"),
            ),
            Self::Capacity(Bound::Excluded { by }) => (
                format!("the agent has a contact of channel '{by}', beside which none of this channel comes"),
                format!("l’agent a un contact du canal « {by} », à côté duquel aucun de ce canal n’est donné"),
            ),
            Self::Capacity(Bound::Units { has, weight, max }) => (
                format!("the agent carries {has} work units and this contact weighs {weight}; his maximum is {max}"),
                format!(
                    "l’agent porte {has} unités de charge et ce contact en pèse {weight}, pour un maximum de {max}"
                ),
            ),
            Self::Capacity(Bound::Contacts { has, max }) => (
                format!("the agent has {has} contacts; his maximum is {max}"),
                format!("l’agent a {has} contacts pour un maximum de {max}"),
            ),
            Self::Bounced { until } => {
                let (en, fr) = match until {
                    Some(until) => (format!(", until {until} at most"), format!(", au plus tard jusqu’à {until}")),
                    None => (String::new(), String::new()),
                };
                (
                    format!("the agent refused this contact or let it pass, and others are asked first{en}"),
                    format!("l’agent a refusé ce contact ou l’a laissé passer ; d’autres sont sollicités d’abord{fr}"),
                )
            }
            Self::Saved(other) => (
                format!("the agent is being kept free for interaction {other}, which needs more room"),
                format!("l’agent est réservé à l’interaction {other}, qui demande plus de place"),
            ),
            Self::Filling { until } => (
                format!("the agent came lately and gets contacts one by one, the next at {until}"),
                format!("l’agent vient d’arriver et reçoit les contacts un par un, le prochain à {until}"),
            ),
            Self::Kept { agent, until } => (
                format!("this contact is kept for agent '{agent}', who knows it, until {until} at most"),
                format!("ce contact est gardé pour l’agent « {agent} », qui le connaît, au plus tard jusqu’à {until}"),
            ),
            Self::Reserved { agent } => {
                (format!("agent '{agent}' has this contact"), format!("l’agent « {agent} » a ce contact"))
            }
            Self::NotInLine => (
                "the contact waits for no agent: its flow has it, or it is over".into(),
                "le contact n’attend aucun agent : son scénario s’en occupe, ou la conversation est finie".into(),
            ),
            Self::CouldBeOffered => (
                "nothing keeps this contact from the agent".into(),
                "rien ne s’oppose à ce que ce contact soit proposé à l’agent".into(),
            ),
        };
        Words::new(en, fr)
    }
}
