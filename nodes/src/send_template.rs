//! `send_template`: sends a message that the channel's provider approved beforehand.

use routewright_engine::{
    catalogue::messaging::has_templates,
    contact::Attached,
    describe::describe,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{Template, Text},
};
use routewright_flows::{AnswerTimes, Descriptor, ExitRole, Flavour, Stay, Waits, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Sends a template.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SendTemplate {
    /// Its name at the provider.
    #[schemars(regex(pattern = "^[a-z0-9_]{1,512}$"), extend("x-fr" = "Son nom chez le fournisseur."))]
    template: String,
    /// Its language at the provider, `fr` or `en_US`; the contact's when absent.
    #[schemars(regex(pattern = "^[a-z]{2,3}(_[A-Z]{2})?$"), extend("x-fr" = "Sa langue chez le fournisseur, `fr` ou `en_US` ; celle du contact en son absence."))]
    language: Option<String>,
    /// What it is filled in with, in its order.
    #[serde(default)]
    #[schemars(length(max = 20), extend("x-fr" = "Ce dont il est rempli, dans son ordre."))]
    parameters: Vec<Template>,
    /// What it comes to, for the timeline, for agents, and for channels without templates.
    #[schemars(extend("x-fr" = "Ce que cela donne, pour la chronologie, pour les agents et pour les canaux sans modèles."))]
    text: Text,
}

impl Node for SendTemplate {
    fn descriptor() -> Descriptor {
        describe::<Self>("send_template", Category::Talk, Flavour::Instant)
            .title("Send a template", "Envoyer un modèle")
            .docs(EN, FR)
            .icon("layout-template")
            .exit("done", ExitRole::Normal, "It is on its way.", "Il est en route.")
            .error_exit()
            .example(
                "A reminder after a day of silence",
                "Un rappel après un jour de silence",
                json!({
                    "template": "appointment_reminder", "parameters": ["${contact.name}", "14:30"],
                    "text": { "fr": "Rappel : votre rendez-vous est à 14:30.", "en": "A reminder: your appointment is at 14:30." },
                }),
            )
            .counter_example(
                "A name that no provider has",
                "Un nom qu’aucun fournisseur n’a",
                json!({ "template": "Appointment reminder!", "text": { "fr": "Rappel." } }),
            )
            .counter_example("Without words", "Sans mots", json!({ "template": "appointment_reminder" }))
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        for parameter in &mut self.parameters {
            cx.template(parameter);
        }
        cx.text(&mut self.text);
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        Some(Stay::Own(Waits::speaking()))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let text = turn.render(&self.text)?;
        if !has_templates(turn.channel()) {
            turn.say_text(text)?;
            return Ok(Next::exit("done"));
        }
        let mut parameters = Vec::with_capacity(self.parameters.len());
        for parameter in &self.parameters {
            parameters.push(turn.fill(parameter)?);
        }
        let language = self.language.clone().unwrap_or_else(|| turn.locale().as_str().replace('-', "_"));
        if let Some(why) = turn.refuses_template(&self.template, &language, parameters.len()) {
            let (name, why) = (&self.template, why.words());
            return Err(Fault::new(
                "template-refused",
                format!("template '{name}' {}: name one that the touchpoint's provider approved", why.en),
                format!(
                    "le modèle « {name} » {} : nommez-en un que le fournisseur du point de contact a approuvé",
                    why.fr
                ),
            ));
        }
        let template = Attached::Template { name: self.template.clone(), language, parameters };
        turn.say_attached(text, vec![template])?;
        Ok(Next::exit("done"))
    }
}

const EN: &str = "\
## What it does
Sends a template of the channel's provider, filled in. On channels without templates it says the text instead.

## When to use it
To write to a WhatsApp contact who has been silent for more than 24 hours: nothing else reaches him then.

## Exits
`done` when it is on its way; `error` when a parameter could not be worked out, or when the touchpoint lists its templates and this one is not among them, not approved in the language, or has another number of placeholders.

## Settings
`template` and `language` are those of the provider; `parameters` fill its placeholders in order. `text` is what the contact reads, for everybody who does not see the provider's template.

## Pitfalls
Where the touchpoint lists no templates, only the provider knows whether this one exists and is approved: a wrong name then fails on the channel, after the flow has gone on. `text` is not sent where the template is: keep the two alike.
";

const FR: &str = "\
## Ce qu’il fait
Envoie un modèle du fournisseur du canal, rempli. Sur les canaux sans modèles, il dit le texte à la place.

## Quand l’utiliser
Pour écrire à un contact WhatsApp qui se tait depuis plus de 24 heures : rien d’autre ne l’atteint alors.

## Sorties
`done` quand il est en route ; `error` quand un paramètre n’a pu être calculé, ou quand le point de contact liste ses modèles et que celui-ci n’en est pas, n’est pas approuvé dans la langue ou a un autre nombre d’emplacements.

## Réglages
`template` et `language` sont ceux du fournisseur ; `parameters` remplissent ses emplacements dans l’ordre. `text` est ce que lit le contact, pour tous ceux qui ne voient pas le modèle du fournisseur.

## Pièges
Là où le point de contact ne liste pas de modèles, seul le fournisseur sait si celui-ci existe et est approuvé : un nom faux échoue alors sur le canal, après que le scénario a continué. `text` ne part pas là où part le modèle : gardez les deux semblables.
";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::node;

    #[test]
    fn wap_06_the_template_goes_where_there_are_templates() {
        for (channel, attached) in
            [("whatsapp", json!(["template reminder fr [\"Zoé\", \"14:30\"]"])), ("webchat", json!([]))]
        {
            let config: Value = json!({ "template": "reminder", "parameters": ["${contact.fields.first}", "14:30"], "text": { "fr": "À 14:30." } });
            node("send_template", config)
                .with("contact", json!({ "first": "Zoé" }))
                .with("channel", json!(channel))
                .on(json!([channel]))
                .plays(json!([
                    { "contact_says": "…" },
                    { "expect": { "says": ["À 14:30."], "attached": attached, "ended": "done" } },
                ]));
        }
    }
}
