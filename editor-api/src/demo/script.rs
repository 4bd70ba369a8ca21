//! What the contact and the agent of the demonstration say, in both languages.

use routewright_flows::Words;

use crate::language::Language;

/// The lines of the play, in one language.
pub(super) struct Script {
    pub greeting: &'static str,
    pub topic: &'static str,
    pub agent_hello: &'static str,
    pub question: &'static str,
    pub agent_answer: &'static str,
    pub thanks: &'static str,
    pub rating: &'static str,
    pub comment: &'static str,
}

impl Script {
    pub(super) fn of(language: Language) -> Self {
        match language {
            Language::Fr => Self {
                greeting: "Bonjour",
                topic: "sales",
                agent_hello: "Bonjour, Léa à votre service.",
                question: "Livrez-vous la lampe Aurore avant Noël ?",
                agent_answer: "Oui, sous trois jours. Je vous la réserve.",
                thanks: "Parfait, merci !",
                rating: "5",
                comment: "Rapide et aimable",
            },
            Language::En => Self {
                greeting: "Hello",
                topic: "sales",
                agent_hello: "Hello, this is Léa.",
                question: "Do you deliver the Aurora lamp before Christmas?",
                agent_answer: "Yes, within three days. I am keeping one for you.",
                thanks: "Perfect, thank you!",
                rating: "5",
                comment: "Quick and kind",
            },
        }
    }
}

/// What the narrator says.
pub(super) fn heading(step: &str) -> Words {
    let (en, fr) = match step {
        "ready" => ("Léa comes online", "Léa se connecte"),
        "contact" => ("A contact writes on WhatsApp", "Un contact écrit sur WhatsApp"),
        "offer" => ("The contact is offered to Léa, who accepts", "Le contact est proposé à Léa, qui accepte"),
        "talk" => ("They talk", "Ils échangent"),
        "wrap_up" => {
            ("Léa ends the conversation and completes her record", "Léa termine la conversation et complète sa fiche")
        }
        "survey" => ("The contact answers the survey", "Le contact répond à l’enquête"),
        _ => ("What the journal keeps of it", "Ce que le journal en garde"),
    };
    Words::new(en, fr)
}
