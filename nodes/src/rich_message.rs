//! `rich_message`: says something with a picture, a file or links.

use routewright_engine::{
    contact::{Attached, MediaKind},
    describe::describe,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::{Template, Text},
};
use routewright_flows::{AnswerTimes, Channel, Descriptor, ExitRole, Flavour, Stay, Waits, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

/// Says something with more than words.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("anyOf" = json!([{ "required": ["media"] }, { "required": ["links"] }])))]
pub struct RichMessage {
    /// What is said.
    #[schemars(extend("x-fr" = "Ce qui est dit."))]
    text: Text,
    /// A picture, a film, a sound or a file.
    #[schemars(extend("x-fr" = "Une image, un film, un son ou un fichier."))]
    media: Option<Media>,
    /// Addresses to open.
    #[serde(default)]
    #[schemars(length(min = 1, max = 3), extend("x-fr" = "Des adresses à ouvrir."))]
    links: Vec<Link>,
}

/// A file that the channel shows.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Media {
    /// What it is.
    #[schemars(extend("x-fr" = "Ce que c’est."))]
    kind: MediaKind,
    /// Where the channel's provider fetches it.
    #[schemars(extend("x-fr" = "Où le fournisseur du canal va le chercher."))]
    url: Template,
    /// Its name for people.
    #[schemars(extend("x-fr" = "Son nom pour les personnes."))]
    name: Option<Template>,
}

/// An address to open.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Link {
    /// The address.
    #[schemars(extend("x-fr" = "L’adresse."))]
    url: Template,
    /// What the contact reads.
    #[schemars(extend("x-fr" = "Ce que lit le contact."))]
    label: Text,
}

impl Node for RichMessage {
    fn descriptor() -> Descriptor {
        describe::<Self>("rich_message", Category::Talk, Flavour::Instant)
            .title("Rich message", "Message enrichi")
            .docs(EN, FR)
            .icon("image")
            .exit("done", ExitRole::Normal, "It is on its way.", "Il est en route.")
            .error_exit()
            .example(
                "A map",
                "Un plan",
                json!({
                    "text": { "fr": "Voici comment venir.", "en": "Here is the way." },
                    "media": { "kind": "image", "url": "https://example.com/map.png", "name": "map.png" },
                }),
            )
            .example(
                "Two links",
                "Deux liens",
                json!({ "text": { "fr": "Où aller ?", "en": "Where to?" }, "links": [
                    { "url": "https://example.com/orders/${contact.address}", "label": { "fr": "Mes commandes", "en": "My orders" } },
                    { "url": "https://example.com/help", "label": { "fr": "Aide", "en": "Help" } },
                ] }),
            )
            .counter_example("Nothing but words", "Rien que des mots", json!({ "text": { "fr": "Bonjour." } }))
            .counter_example(
                "A kind of file that does not exist",
                "Un genre de fichier qui n’existe pas",
                json!({ "text": { "fr": "Voici." }, "media": { "kind": "smell", "url": "https://example.com/x" } }),
            )
            .done()
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        cx.text(&mut self.text);
        if let Some(media) = &mut self.media {
            cx.template(&mut media.url);
            if let Some(name) = &mut media.name {
                cx.template(name);
            }
        }
        for link in &mut self.links {
            cx.template(&mut link.url);
            cx.text(&mut link.label);
        }
    }

    fn stay(&self, _: AnswerTimes) -> Option<Stay> {
        Some(Stay::Own(Waits::speaking()))
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let text = turn.render(&self.text)?;
        let mut attached = Vec::new();
        if let Some(Media { kind, url, name }) = &self.media {
            let name = name.as_ref().map(|name| turn.fill(name)).transpose()?;
            attached.push(Attached::Media { kind: *kind, url: turn.fill(url)?, name });
        }
        for Link { url, label } in &self.links {
            attached.push(Attached::Link { url: turn.fill(url)?, label: turn.render(label)? });
        }
        if shows(turn.channel()) {
            turn.say_attached(text, attached)?;
        } else {
            let lines = attached.iter().map(in_words);
            turn.say_text(std::iter::once(text).chain(lines).collect::<Vec<_>>().join("\n"))?;
        }
        Ok(Next::exit("done"))
    }
}

/// True where more than text can be shown.
fn shows(channel: Channel) -> bool {
    match channel {
        Channel::Whatsapp | Channel::Webchat | Channel::Email => true,
        Channel::Sms | Channel::Voice | Channel::Voicemail | Channel::WorkItem => false,
    }
}

/// What a channel of text alone says of it.
fn in_words(attached: &Attached) -> String {
    match attached {
        Attached::Media { url, name: Some(name), .. } => format!("{name}: {url}"),
        Attached::Media { url, name: None, .. } => url.clone(),
        Attached::Link { url, label } => format!("{label}: {url}"),
        Attached::Template { name, .. } => name.clone(),
    }
}

const EN: &str = "\
## What it does
Says a text together with a picture, a film, a sound, a file or links. Where the channel shows text alone, the addresses follow the text.

## When to use it
For a map, a form, a proof of purchase, a page to open. To let the contact choose, use `menu`.

## Exits
`done` when it is on its way; `error` when a text or an address could not be worked out.

## Settings
`media` is one file, `links` are up to three addresses; at least one of the two. Addresses may hold `${expressions}`.

## Pitfalls
The channel's provider fetches the file: an address of a private network shows nothing. WhatsApp takes pictures up to 5 MB and files up to 100 MB. The text must be understood without what goes with it.
";

const FR: &str = "\
## Ce qu’il fait
Dit un texte accompagné d’une image, d’un film, d’un son, d’un fichier ou de liens. Là où le canal ne montre que du texte, les adresses suivent le texte.

## Quand l’utiliser
Pour un plan, un formulaire, une preuve d’achat, une page à ouvrir. Pour laisser le contact choisir, préférez `menu`.

## Sorties
`done` quand il est en route ; `error` quand un texte ou une adresse n’a pu être calculé.

## Réglages
`media` est un fichier, `links` jusqu’à trois adresses ; au moins l’un des deux. Les adresses peuvent contenir des `${expressions}`.

## Pièges
Le fournisseur du canal va chercher le fichier : une adresse de réseau privé ne montre rien. WhatsApp admet des images jusqu’à 5 Mo et des fichiers jusqu’à 100 Mo. Le texte doit se comprendre sans ce qui l’accompagne.
";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::testing::node;

    #[test]
    fn wap_14_each_channel_gets_what_it_can_show() {
        let config = json!({
            "text": { "fr": "Voici." },
            "media": { "kind": "document", "url": "https://example.com/${contact.fields.order}.pdf", "name": "Facture" },
            "links": [{ "url": "https://example.com/help", "label": { "fr": "Aide" } }],
        });
        let order = json!({ "order": "A1" });
        node("rich_message", config.clone()).with("contact", order.clone()).plays(json!([
            { "contact_says": "…" },
            { "expect": { "says": ["Voici."], "attached": ["document https://example.com/A1.pdf", "Aide https://example.com/help"], "ended": "done" } },
        ]));
        let by_sms = node("rich_message", config).with("contact", order).with("channel", json!("sms"));
        by_sms.on(json!(["sms"])).plays(json!([
            { "contact_says": "…" },
            { "expect": { "says": ["Voici.\nFacture: https://example.com/A1.pdf\nAide: https://example.com/help"], "attached": [] } },
        ]));
    }
}
