//! Why an input was refused. A refused input changed nothing.

use routewright_flows::{Channel, Words};

use crate::{
    catalogue::TemplateRefusal,
    elevation::ElevationRefusal,
    id::{AgentId, InteractionId, OfferId, StatusId, TenantId, TouchpointId},
    time::Timestamp,
};

/// A refused input, with what the caller needs to go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The tenant does not exist in this shard.
    #[error("tenant '{0}' is not known here")]
    UnknownTenant(TenantId),
    /// The touchpoint does not exist.
    #[error("touchpoint '{0}' does not exist: create it, or check the id")]
    UnknownTouchpoint(TouchpointId),
    /// The touchpoint takes no contacts (WAP-01).
    #[error("touchpoint '{0}' is not active: give it a default skill and a default flow, then activate it")]
    InactiveTouchpoint(TouchpointId),
    /// No such interaction in this tenant.
    #[error("interaction {0} does not exist")]
    UnknownInteraction(InteractionId),
    /// The contact is shut out (PBX-03).
    #[error("the contact is shut out of touchpoint '{touchpoint}' until {until}: a supervisor may let him in again")]
    Banned {
        /// Of which touchpoint.
        touchpoint: TouchpointId,
        /// Until when.
        until: Timestamp,
    },
    /// The contact has no conversation going on.
    #[error("the contact has no conversation at touchpoint '{0}'")]
    NoConversation(TouchpointId),
    /// The agent does not exist.
    #[error("agent '{0}' does not exist: create him first")]
    UnknownAgent(AgentId),
    /// The agent is not there; he must come online first.
    #[error("agent '{0}' is offline: set a presence first")]
    AgentOffline(AgentId),
    /// The offer was never made, or is over.
    #[error("offer {offer} is not open for agent '{agent}': it expired, was withdrawn, or was answered")]
    OfferGone {
        /// Which offer.
        offer: OfferId,
        /// Who answered.
        agent: AgentId,
    },
    /// The conversation is not this agent's.
    #[error("interaction {interaction} is not in conversation with agent '{agent}'")]
    NotYours {
        /// Which interaction.
        interaction: InteractionId,
        /// Who tried.
        agent: AgentId,
    },
    /// The agent's profile has no such status.
    #[error("agent '{agent}' has no status '{name}': choose one of his handling profile")]
    UnknownStatus {
        /// Who.
        agent: AgentId,
        /// What he chose.
        name: StatusId,
    },
    /// The agent's profile does not let him ask for contacts.
    #[error("agent '{0}' may not ask for contacts: set `pull` in his handling profile")]
    MayNotPull(AgentId),
    /// Nobody waits whom the agent could take.
    #[error("nobody waits whom agent '{0}' could take: ask again later")]
    NothingToPull(AgentId),
    /// The conversation cannot go on over that channel too (MAX-08).
    #[error(
        "interaction {interaction} cannot be elevated to '{channel}': none of its channels leads there, or it is there already"
    )]
    NotElevated {
        /// Which.
        interaction: InteractionId,
        /// To which channel.
        channel: Channel,
    },
    /// What an elevation needs is missing or wrong.
    #[error(transparent)]
    Elevation(#[from] ElevationRefusal),
    /// The agent has set aside as many conversations as he may.
    #[error("agent '{agent}' may set aside {max} conversations and has: take one up first, or raise `parked_max`")]
    ParkedEnough {
        /// Who.
        agent: AgentId,
        /// How many.
        max: u32,
    },
    /// The contact is not in line.
    #[error("interaction {0} is not in line: only a contact who waits or is offered can be assigned")]
    NotWaiting(InteractionId),
    /// The contact cannot be given to this agent.
    #[error("interaction {interaction} cannot go to agent '{agent}': {}; choose another agent, or force it", why.en)]
    DoesNotFit {
        /// Which.
        interaction: InteractionId,
        /// To whom.
        agent: AgentId,
        /// What stands against it.
        why: Words,
    },
    /// Only supervisors do this.
    #[error("agent '{0}' is no supervisor: only supervisors assign contacts")]
    NotSupervisor(AgentId),
    /// The contact has not written for too long: only a template may be sent (WAP-06).
    #[error("the messaging window of interaction {interaction} closed at {closed_at}: send an approved template")]
    WindowClosed {
        /// Which.
        interaction: InteractionId,
        /// When it closed.
        closed_at: Timestamp,
    },
    /// The agent's role does not permit it (WAP-05, WAP-16).
    #[error("the role of agent '{agent}' does not permit '{what}' at touchpoint '{touchpoint}'")]
    NotPermitted {
        /// Who.
        agent: AgentId,
        /// Where.
        touchpoint: TouchpointId,
        /// Which permission is missing, as roles name it.
        what: &'static str,
    },
    /// The provider has not approved the number yet (WAP-10).
    #[error("the number of touchpoint '{0}' waits for its provider's approval: nothing goes out before")]
    NumberPending(TouchpointId),
    /// Nothing permits to write to the contact (WAP-07).
    #[error(
        "the contact never wrote to touchpoint '{0}': say in 'opted_in' where he agreed to be written to, or do not write"
    )]
    NoConsent(TouchpointId),
    /// He is in a conversation already.
    #[error("the contact is in conversation {0} already: go on with that one")]
    InConversation(InteractionId),
    /// The messaging window is closed: only a template reaches him (WAP-06).
    #[error("the messaging window of touchpoint '{0}' is closed for this contact: begin with an approved template")]
    TemplateNeeded(TouchpointId),
    /// The template may not be sent (WAP-13).
    #[error("template '{template}' {}: choose one that the provider approved", why.words().en)]
    TemplateRefused {
        /// Which.
        template: String,
        /// Why.
        why: TemplateRefusal,
    },
    /// As many conversations were begun as the provider allows (WAP-08).
    #[error("{max} conversations were begun at touchpoint '{touchpoint}' within a day: its provider allows no more")]
    BegunEnough {
        /// Where.
        touchpoint: TouchpointId,
        /// How many.
        max: u32,
    },
    /// There is nobody at this address.
    #[error("this is no address at touchpoint '{0}': give the contact's number or mailbox")]
    BadAddress(TouchpointId),
    /// There is nothing to send.
    #[error("the message is empty: write something, or attach something")]
    NothingSaid,
    /// The answers do not fit the questionnaire of the agent's desk (FCE-10).
    #[error("the record cannot hold the answer to '{question}': {}", why.en)]
    BadAnswer {
        /// To which question.
        question: String,
        /// What is wrong.
        why: Words,
    },
    /// The agent must say how the conversation went (MAX-16).
    #[error("the record of interaction {0} needs a disposition: choose one of the catalogue")]
    DispositionRequired(InteractionId),
    /// The disposition does not exist.
    #[error("disposition '{0}' does not exist: choose one of the catalogue")]
    UnknownDisposition(String),
    /// The message is longer than a channel can carry.
    #[error("the message has {chars} characters; at most {max} are taken: split it")]
    MessageTooLong {
        /// Its length.
        chars: usize,
        /// The bound.
        max: usize,
    },
}

impl Refusal {
    /// The stable code of problem details.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownTenant(_) => "unknown-tenant",
            Self::UnknownTouchpoint(_) => "unknown-touchpoint",
            Self::InactiveTouchpoint(_) => "inactive-touchpoint",
            Self::UnknownInteraction(_) => "unknown-interaction",
            Self::Banned { .. } => "contact-banned",
            Self::NoConversation(_) => "no-conversation",
            Self::UnknownAgent(_) => "unknown-agent",
            Self::AgentOffline(_) => "agent-offline",
            Self::OfferGone { .. } => "offer-gone",
            Self::NotYours { .. } => "not-your-conversation",
            Self::UnknownStatus { .. } => "unknown-status",
            Self::MayNotPull(_) => "may-not-pull",
            Self::NothingToPull(_) => "nothing-to-pull",
            Self::NotElevated { .. } => "not-elevated",
            Self::Elevation(refusal) => refusal.code(),
            Self::ParkedEnough { .. } => "parked-enough",
            Self::NotWaiting(_) => "not-waiting",
            Self::DoesNotFit { .. } => "does-not-fit",
            Self::NotSupervisor(_) => "not-supervisor",
            Self::WindowClosed { .. } => "messaging-window-closed",
            Self::NotPermitted { .. } => "not-permitted",
            Self::NumberPending(_) => "number-pending",
            Self::NoConsent(_) => "no-consent",
            Self::InConversation(_) => "in-conversation",
            Self::TemplateNeeded(_) => "template-needed",
            Self::TemplateRefused { .. } => "template-refused",
            Self::BegunEnough { .. } => "begun-enough",
            Self::BadAddress(_) => "bad-address",
            Self::NothingSaid => "nothing-said",
            Self::BadAnswer { .. } => "bad-answer",
            Self::DispositionRequired(_) => "disposition-required",
            Self::UnknownDisposition(_) => "unknown-disposition",
            Self::MessageTooLong { .. } => "message-too-long",
        }
    }

    /// The sentence in both languages.
    #[must_use]
    pub fn words(&self) -> Words {
        let fr = match self {
            Self::UnknownTenant(id) => format!("l’organisation « {id} » est inconnue ici"),
            Self::UnknownTouchpoint(id) => {
                format!("le point de contact « {id} » n’existe pas : créez-le ou vérifiez l’identifiant")
            }
            Self::InactiveTouchpoint(id) => format!(
                "le point de contact « {id} » n’est pas actif : donnez-lui une compétence et un scénario par défaut, puis activez-le"
            ),
            Self::UnknownInteraction(id) => format!("l’interaction {id} n’existe pas"),
            Self::Banned { touchpoint, until } => format!(
                "le contact est exclu du point de contact « {touchpoint} » jusqu’à {until} : un superviseur peut lever l’exclusion"
            ),
            Self::NoConversation(id) => format!("le contact n’a pas de conversation au point de contact « {id} »"),
            Self::UnknownAgent(id) => format!("l’agent « {id} » n’existe pas : créez-le d’abord"),
            Self::AgentOffline(id) => format!("l’agent « {id} » est hors ligne : choisissez d’abord une présence"),
            Self::OfferGone { offer, agent } => format!(
                "la proposition {offer} n’est pas ouverte pour l’agent « {agent} » : elle a expiré, a été retirée ou a déjà reçu une réponse"
            ),
            Self::NotYours { interaction, agent } => {
                format!("l’interaction {interaction} n’est pas en conversation avec l’agent « {agent} »")
            }
            Self::UnknownStatus { agent, name } => format!(
                "l’agent « {agent} » n’a pas de statut « {name} » : choisissez-en un de son profil de traitement"
            ),
            Self::MayNotPull(id) => format!(
                "l’agent « {id} » ne peut pas demander de contact : activez `pull` dans son profil de traitement"
            ),
            Self::NothingToPull(id) => {
                format!("aucun contact en attente ne convient à l’agent « {id} » : redemandez plus tard")
            }
            Self::NotElevated { interaction, channel } => format!(
                "l’interaction {interaction} ne peut pas passer au canal « {channel} » : aucun de ses canaux n’y mène, ou elle y est déjà"
            ),
            Self::Elevation(refusal) => refusal.words().fr,
            Self::ParkedEnough { agent, max } => format!(
                "l’agent « {agent} » a déjà mis de côté les {max} conversations permises : qu’il en reprenne une, ou augmentez `parked_max`"
            ),
            Self::NotWaiting(id) => format!(
                "l’interaction {id} n’est pas dans une file d’attente : seul un contact qui attend peut être affecté"
            ),
            Self::DoesNotFit { interaction, agent, why } => format!(
                "l’interaction {interaction} ne peut pas aller à l’agent « {agent} » : {} ; choisissez un autre agent ou forcez l’affectation",
                why.fr
            ),
            Self::NotSupervisor(id) => {
                format!("l’agent « {id} » n’est pas superviseur : seuls les superviseurs affectent des contacts")
            }
            Self::WindowClosed { interaction, closed_at } => format!(
                "la fenêtre d’échange de l’interaction {interaction} s’est fermée à {closed_at} : envoyez un modèle approuvé"
            ),
            Self::NotPermitted { agent, touchpoint, what } => {
                format!("le rôle de l’agent « {agent} » ne permet pas « {what} » au point de contact « {touchpoint} »")
            }
            Self::NumberPending(id) => format!(
                "le numéro du point de contact « {id} » attend l’accord de son fournisseur : rien ne part avant"
            ),
            Self::NoConsent(id) => format!(
                "le contact n’a jamais écrit au point de contact « {id} » : dites dans « opted_in » où il a accepté qu’on lui écrive, ou n’écrivez pas"
            ),
            Self::InConversation(id) => {
                format!("le contact est déjà en conversation ({id}) : poursuivez celle-ci")
            }
            Self::TemplateNeeded(id) => format!(
                "la fenêtre d’échange du point de contact « {id} » est fermée pour ce contact : commencez par un modèle approuvé"
            ),
            Self::TemplateRefused { template, why } => {
                format!("le modèle « {template} » {} : choisissez-en un que le fournisseur a approuvé", why.words().fr)
            }
            Self::BegunEnough { touchpoint, max } => format!(
                "{max} conversations ont été commencées au point de contact « {touchpoint} » en un jour : son fournisseur n’en admet pas plus"
            ),
            Self::BadAddress(id) => format!(
                "ce n’est pas une adresse au point de contact « {id} » : indiquez le numéro ou la boîte du contact"
            ),
            Self::NothingSaid => "le message est vide : écrivez ou joignez quelque chose".to_owned(),
            Self::BadAnswer { question, why } => {
                format!("la fiche ne peut pas contenir la réponse à « {question} » : {}", why.fr)
            }
            Self::DispositionRequired(id) => {
                format!("la fiche de l’interaction {id} exige une qualification : choisissez-en une du catalogue")
            }
            Self::UnknownDisposition(id) => {
                format!("la qualification « {id} » n’existe pas : choisissez-en une du catalogue")
            }
            Self::MessageTooLong { chars, max } => {
                format!("le message compte {chars} caractères, {max} au plus sont acceptés : coupez-le")
            }
        };
        Words::new(self.to_string(), fr)
    }
}
