//! Mistakes in texts: keys, translations, lengths, placeholders, secrets.

use routewright_flows::descriptor::Slot;
use serde_json::{Value, json};

use super::{
    Class,
    edit::{Bed, Defect, Edit, slip},
};

pub(super) const CLASSES: &[Class] = &[
    Class { name: "text key misspelt", all: key_misspelt },
    Class { name: "text deleted", all: text_deleted },
    Class { name: "translation missing", all: translation_missing },
    Class { name: "translation blank", all: translation_blank },
    Class { name: "text longer than the channel carries", all: text_too_long },
    Class { name: "label longer than the channel shows", all: label_too_long },
    Class { name: "text left behind", all: text_left },
    Class { name: "placeholder not closed", all: |bed| appended(bed, &[" ${contact.name", " ${}"]) },
    Class {
        name: "placeholder misspelt",
        all: |bed| {
            appended(bed, &[" ${contact.nmae}", " ${contcat.name}", " ${attributes.nmae_}", " ${uper(contact.name)}"])
        },
    },
    Class {
        name: "placeholder of the wrong type",
        all: |bed| {
            appended(
                bed,
                &[
                    " ${contact.address * 2}",
                    " ${now.timestamp_s.text}",
                    " ${interaction.channel - 1}",
                    " ${-contact.locale}",
                ],
            )
        },
    },
    Class { name: "secret", all: secret },
];

fn key_misspelt(bed: &Bed<'_>) -> Vec<Defect> {
    let keys = bed.slots().into_iter().filter(|filled| filled.slot == Slot::Text && filled.text.starts_with('@'));
    keys.map(|filled| Defect::of(Edit::Set(filled.pointer, slip(filled.text).into()))).collect()
}

fn text_deleted(bed: &Bed<'_>) -> Vec<Defect> {
    let keys = bed.flow()["texts"].as_object().into_iter().flatten();
    keys.map(|(key, _)| Defect::of(Edit::Remove(format!("/texts/{key}")))).collect()
}

fn in_each_language(bed: &Bed<'_>, make: impl Fn(String, &str) -> Option<Edit>) -> Vec<Defect> {
    let mut made = Vec::new();
    for (pointer, languages) in bed.texts() {
        for (language, text) in languages {
            let Some(text) = text.as_str() else { continue };
            made.extend(make(format!("{pointer}/{language}"), text).map(Defect::of));
        }
    }
    made
}

fn translation_missing(bed: &Bed<'_>) -> Vec<Defect> {
    in_each_language(bed, |pointer, _| Some(Edit::Remove(pointer)))
}

fn translation_blank(bed: &Bed<'_>) -> Vec<Defect> {
    in_each_language(bed, |pointer, _| Some(Edit::Set(pointer, "  ".into())))
}

fn text_too_long(bed: &Bed<'_>) -> Vec<Defect> {
    let sms = bed.flow()["channels"].as_array().into_iter().flatten().any(|channel| channel == "sms");
    let most = if sms { 1_600 } else { 4_096 };
    in_each_language(bed, |pointer, text| {
        Some(Edit::Set(pointer, format!("{text}{}", " et".repeat(most / 3 + 1)).into()))
    })
}

fn label_too_long(bed: &Bed<'_>) -> Vec<Defect> {
    let whatsapp = bed.flow()["channels"].as_array().into_iter().flatten().any(|channel| channel == "whatsapp");
    in_each_language(bed, |pointer, text| {
        let is_label = whatsapp && pointer.contains("/options/") && pointer.contains("/label/");
        is_label.then(|| Edit::Set(pointer, format!("{text}, ou alors tout autre chose").into()))
    })
}

fn text_left(bed: &Bed<'_>) -> Vec<Defect> {
    let keys = bed.flow()["texts"].as_object().into_iter().flatten();
    keys.map(|(key, text)| Defect::of(Edit::Set(format!("/texts/{key}_old_2"), text.clone()))).collect()
}

fn appended(bed: &Bed<'_>, endings: &[&str]) -> Vec<Defect> {
    let each = endings
        .iter()
        .map(|ending| in_each_language(bed, |at, text| Some(Edit::Set(at, format!("{text}{ending}").into()))));
    each.flatten().collect()
}

/// Made up at run time, so that no scanner takes this file for a leak.
fn secret(bed: &Bed<'_>) -> Vec<Defect> {
    let secrets = [
        format!("AKIA{}", "Q7X2".repeat(4)),
        format!("Authorization: Bearer {}", "a1b2c3d4".repeat(4)),
        "https://me:hunter2@example.org/hook".to_owned(),
        format!("-----BEGIN {}PRIVATE KEY-----", "RSA "),
    ];
    let mut made = Vec::new();
    for spot in bed.spots() {
        made.extend(secrets.iter().map(|secret| Defect::of(Edit::Set(spot.pointer("/note"), secret.as_str().into()))));
        made.push(Defect::of(Edit::Set(spot.pointer("/vendor"), json!({ "old": [{ "key": secrets[0] }] }))));
    }
    for secret in &secrets {
        made.extend(in_each_language(bed, |at, text| Some(Edit::Set(at, Value::from(format!("{text} {secret}"))))));
    }
    made
}
