//! Differences in words, and none where nothing means anything else.

use expect_test::expect;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{ChangeKind, Diff, diff};
use crate::{canonical::content_hash, compare::Part, document::FlowDocument, parse::parse_value, testing};

fn read(value: &Value) -> FlowDocument {
    parse_value(value).expect("a document").into_document()
}

fn changes(edit: impl FnOnce(&mut Value)) -> Diff {
    let old = testing::sound();
    let mut new = old.clone();
    edit(&mut new);
    diff(&read(&old), &read(&new))
}

/// One edit of each part of a document.
const EDITS: [fn(&mut Value); 18] = [
    |d| d["id"] = json!("welcome2"),
    |d| d["title"]["fr"] = json!("Bonjour"),
    |d| d["channels"] = json!(["whatsapp", "sms"]),
    |d| d["entry"] = json!("menu"),
    |d| drop(d["handlers"].as_object_mut().expect("handlers").remove("disconnect")),
    |d| d["attributes"]["tier"]["default"] = json!("gold"),
    |d| d["outputs"]["visits"] = json!({ "type": "integer" }),
    |d| d["texts"]["welcome"]["fr"] = json!("Bonjour"),
    |d| d["texts"]["thanks"] = json!({ "fr": "Merci" }),
    |d| d["library"] = json!(""),
    |d| d["nodes"]["menu"]["exits"]["sales"] = json!("skills"),
    |d| d["nodes"]["menu"]["config"]["options"][0]["label"]["fr"] = json!("Achats"),
    |d| d["nodes"]["menu"]["config"]["options"].as_array_mut().expect("options").reverse(),
    |d| d["nodes"]["bye"]["kind"] = json!("hang_up"),
    |d| d["nodes"]["bye"]["note"] = json!("The end"),
    |d| d["nodes"]["thanks"] = json!({ "kind": "close", "note": "Nothing leads here" }),
    |d| d["tests"][0]["channel"] = json!("whatsapp"),
    |d| d["vendor"]["source"] = json!("studio"),
];

#[test]
fn long_texts_are_shown_where_they_differ() {
    let long = "Nos conseillers sont tous en ligne avec d’autres clients pour le moment ; merci de patienter un peu";
    let mut old = testing::sound();
    old["texts"]["welcome"]["fr"] = json!(long);
    let mut new = old.clone();
    new["texts"]["welcome"]["fr"] = json!(format!("{long}, ou d’écrire « rappel »"));
    expect![[r#"
        le texte « welcome » en fr vaut désormais « … de patienter un peu, ou d’écrire « rappel » » (valait « … de patienter un peu »)
    "#]]
    .assert_eq(&diff(&read(&old), &read(&new)).render("fr"));
}

#[test]
fn every_change_is_said_in_words() {
    let words = |language: &str| EDITS.iter().map(|edit| changes(edit).render(language)).collect::<Vec<_>>().concat();
    expect![[r#"
        'id' of the flow is now 'welcome2' (was 'welcome')
        the title in fr is now 'Bonjour' (was 'Accueil')
        the channel 'sms' is new
        the channel 'webchat' is gone
        the entry is now 'menu' (was 'hours')
        the disconnect handler is gone (was 'bye')
        'default' of the attribute 'tier' is now 'gold' (was 'plain')
        the output 'visits' is new: {"type":"integer"}
        the text 'welcome' in fr is now 'Bonjour' (was 'Bonjour ${contact.fields.first_name}')
        the text 'thanks' is new: {"fr":"Merci"}
        the library of functions is gone (was 'fn twice(n) { 2 * n }')
        exit 'sales' of node 'menu' now leads to 'skills' (was 'who')
        setting 'options/sales/label/fr' of node 'menu' is now 'Achats' (was 'Ventes')
        setting 'options' of node 'menu' is in another order
        the kind of node 'bye' is now 'hang_up' (was 'close')
        the note of node 'bye' is new: 'The end'
        the node 'thanks' is new
        part 'channel' of the test 'Nobody answers' is new: 'whatsapp'
        import note 'source' of the flow is now 'studio' (was 'by hand')
    "#]]
    .assert_eq(&words("en"));
    expect![[r#"
        « id » du scénario vaut désormais « welcome2 » (valait « welcome »)
        le titre en fr vaut désormais « Bonjour » (valait « Accueil »)
        le canal « sms » est un ajout
        le canal « webchat » disparaît
        l’entrée vaut désormais « menu » (valait « hours »)
        le gestionnaire de départ disparaît (valait « bye »)
        « default » pour l’attribut « tier » vaut désormais « gold » (valait « plain »)
        la valeur rendue « visits » est un ajout : {"type":"integer"}
        le texte « welcome » en fr vaut désormais « Bonjour » (valait « Bonjour ${contact.fields.first_name} »)
        le texte « thanks » est un ajout : {"fr":"Merci"}
        la bibliothèque de fonctions disparaît (valait « fn twice(n) { 2 * n } »)
        la sortie « sales » du nœud « menu » mène désormais à « skills » (menait à « who »)
        le réglage « options/sales/label/fr » du nœud « menu » vaut désormais « Achats » (valait « Ventes »)
        le réglage « options » du nœud « menu » change d’ordre
        le type du nœud « bye » vaut désormais « hang_up » (valait « close »)
        la remarque du nœud « bye » est un ajout : « The end »
        le nœud « thanks » est un ajout
        la partie « channel » du test « Nobody answers » est un ajout : « whatsapp »
        la note d’import « source » du scénario vaut désormais « studio » (valait « by hand »)
    "#]]
    .assert_eq(&words("fr"));
}

#[test]
fn a_node_with_another_id_is_one_change() {
    let renamed = |from: &str, to: &str| {
        let text = testing::SOUND.replace(&format!("\"{from}\""), &format!("\"{to}\""));
        diff(&read(&testing::sound()), &read(&serde_json::from_str(&text).expect("JSON")))
    };
    for (from, to) in [("skills_of", "x"), ("hours", "opening"), ("bye", "farewell"), ("apologise", "z")] {
        let found = renamed(from, to);
        let expected = usize::from(testing::SOUND.contains(&format!("\"{from}\"")));
        assert_eq!(found.changes.len(), expected, "{found:#?}");
        assert!(found.changes.iter().all(|change| change.change == ChangeKind::Renamed), "{found:#?}");
    }
    let both = changes(|d| {
        let nodes = d["nodes"].as_object_mut().expect("nodes");
        let menu = nodes.remove("menu").expect("the menu");
        nodes.insert("choice".to_owned(), menu);
        d["nodes"]["hours"]["exits"]["open"] = json!("choice");
        d["nodes"]["choice"]["config"]["attempts"] = json!(4);
    });
    assert!(both.changes.iter().all(|change| change.change != ChangeKind::Renamed), "content changed: {both:#?}");
}

#[test]
fn two_nodes_that_look_alike_are_not_guessed_at() {
    let found = changes(|d| {
        d["nodes"].as_object_mut().expect("nodes").remove("bye");
        d["nodes"]["end_a"] = json!({ "kind": "close" });
        d["nodes"]["end_b"] = json!({ "kind": "close" });
    });
    let kinds: Vec<ChangeKind> = found.changes.iter().map(|change| change.change).collect();
    assert_eq!(kinds, [ChangeKind::Removed, ChangeKind::Added, ChangeKind::Added]);
}

#[test]
fn a_change_travels_as_json_with_its_pointer() {
    let found = changes(EDITS[11]);
    let [change] = found.changes.as_slice() else { panic!("one change, not {found:#?}") };
    assert_eq!(change.pointer, "/nodes/menu/config/options/0/label/fr");
    let path = ["options", "sales", "label", "fr"].map(str::to_owned).to_vec();
    assert_eq!(change.part, Part::Setting { node: "menu".into(), path });
    let text = serde_json::to_string(&found).expect("JSON");
    assert_eq!(serde_json::from_str::<Diff>(&text).expect("the same diff"), found);
}

proptest! {
    /// The diff is empty exactly when the content hash says that nothing changed.
    #[test]
    fn a_diff_is_empty_exactly_when_the_hash_stays(
        picked in proptest::collection::btree_set(0..EDITS.len(), 0..4), moved in any::<i32>(),
    ) {
        let old = testing::sound();
        let mut new = old.clone();
        picked.iter().for_each(|index| EDITS[*index](&mut new));
        new["layout"] = json!({ "menu": { "x": moved } });
        let (old, new) = (read(&old), read(&new));
        let found = diff(&old, &new);
        prop_assert_eq!(found.is_empty(), content_hash(&old) == content_hash(&new));
        prop_assert_eq!(found.is_empty(), picked.is_empty());
        prop_assert_eq!(diff(&new, &new), Diff::default());
    }
}
