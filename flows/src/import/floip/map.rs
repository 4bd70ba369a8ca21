//! What each block is here.

use serde_json::{Map, Value, json};

use crate::{
    import::{
        binding::BindingKind,
        common::{bound_address, branch, event, exit_names, otherwise, seconds, set_one},
        draft::{Draft, Foreign, Goal, Said, Step},
        excellent::{self, Script, Untranslatable, below},
        rhai::{Piece, formula, literal, template},
        source::{EdgeRole, SourceFlow, SourceNode},
    },
    name::Locale,
};

impl From<Untranslatable> for Foreign {
    fn from(Untranslatable(reason): Untranslatable) -> Self {
        let crate::words::Words { en, fr } = reason;
        Self::new(
            format!("an expression cannot be translated: {en}"),
            format!("une expression ne peut être traduite : {fr}"),
        )
    }
}

/// What an expression's names mean: blocks and variables are attributes, `contact` has what was set and what is known.
fn resolve(root: &str, steps: &[excellent::Step], draft: &mut Draft<'_>) -> Result<String, Untranslatable> {
    match (root, steps) {
        ("contact", [excellent::Step::Name(name), rest @ ..]) => Ok(below(&contact(name, draft), rest)),
        ("event" | "input", [excellent::Step::Name(name), ..]) if ["message", "text"].contains(&name.as_str()) => {
            Ok("message.text".to_owned())
        }
        ("global" | "globals" | "config", _) => {
            let path: Vec<&str> = std::iter::once(root)
                .chain(steps.iter().filter_map(|step| match step {
                    excellent::Step::Name(name) => Some(name.as_str()),
                    excellent::Step::Index(_) => None,
                }))
                .collect();
            let name = draft.attribute(&path.join("."));
            draft.note(
                (
                    "a setting of the whole account is an attribute here",
                    "un réglage de tout le compte est ici un attribut",
                ),
                ("Give the attribute its value as default", "Donnez à l’attribut sa valeur par défaut"),
            );
            Ok(format!("attributes.{name}"))
        }
        (root, steps) => {
            let name = draft.attribute(root);
            Ok(below(&format!("attributes.{name}"), steps))
        }
    }
}

/// What is known of the contact: set in this conversation, else told by the touchpoint.
fn contact(name: &str, draft: &mut Draft<'_>) -> String {
    match name {
        "name" | "whatsapp_profile_name" => return "contact.name".to_owned(),
        "whatsapp_id" | "urn" | "phone" => return "contact.address".to_owned(),
        _ => {}
    }
    let attribute = draft.attribute(&format!("contact.{name}"));
    format!(
        "(attributes.{attribute} ?? {})",
        crate::import::rhai::path("contact.fields", &[name]).replacen("?.", ".", 1)
    )
}

fn expression(source: &str, draft: &mut Draft<'_>) -> Result<Script, Untranslatable> {
    // Some editors write the reference's own mark before an expression.
    excellent::expression(source.trim().trim_start_matches('@'), resolve, draft)
}

fn pieces(source: &str, draft: &mut Draft<'_>) -> Result<Vec<Piece>, Untranslatable> {
    excellent::text(source, resolve, draft)
}

pub(super) fn map(flow: &SourceFlow, node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let block = Block { flow, node, default: default(node) };
    let own = draft.attribute(&node.name);
    let done = |step: Step, block: &Block<'_>| Ok(vec![step.exit_or("done", block.default, "completed")]);
    // The first releases wrote namespaces with a backslash.
    match node.kind.replace('\\', ".").as_str() {
        "MobilePrimitives.Message" | "Core.Message" => {
            let text = block.said("prompt", "", draft)?;
            done(Step::new("send_message", "", json!({ "text": text })), &block)
        }
        "Core.Log" => {
            let message = block.words("message", draft)?;
            done(event("", "log", &[("message", message)]), &block)
        }
        "Core.Output" => {
            let value = expression(node.setting("value").unwrap_or("\"\""), draft)?;
            refuse_whole(&value)?;
            done(event("", "result", &[("name", literal(&node.name)), ("value", value.source)]), &block)
        }
        "Core.Case" => case(&block, own.as_str(), draft),
        "Core.SetContactProperty" => property(&block, draft),
        "Core.SetGroupMembership" => {
            let group = node.setting("group_name").or(node.setting("group_key")).unwrap_or_default();
            let member = node.settings.get("is_member").map_or("()".to_owned(), Value::to_string);
            let member = if member == "null" { "()".to_owned() } else { member };
            draft.note(
                (
                    "a group's members are another system's matter: an event says so",
                    "les membres d’un groupe sont l’affaire d’un autre système : un événement le dit",
                ),
                ("Let that system listen for 'contact.group'", "Faites écouter « contact.group » à ce système"),
            );
            done(event("", "contact.group", &[("group", literal(group)), ("member", member)]), &block)
        }
        "Io.Turn.SetMessageProperty" => {
            let labels = node.settings.get("labels").map_or("[]".to_owned(), Value::to_string);
            draft.note(
                (
                    "labels of a message are another system's matter: an event says so",
                    "les étiquettes d’un message sont l’affaire d’un autre système : un événement le dit",
                ),
                ("Let that system listen for 'message.labels'", "Faites écouter « message.labels » à ce système"),
            );
            done(event("", "message.labels", &[("labels", labels)]), &block)
        }
        "Core.RunFlow" => {
            let flow = draft.flow(node.setting("flow_id").unwrap_or_default(), "");
            done(Step::new("subflow", "", json!({ "flow": flow })), &block)
        }
        "Io.Turn.Webhook" => webhook(&block, own.as_str(), draft),
        "MobilePrimitives.SelectOneResponse" | "ConsoleIO.SelectOneResponse" => select(&block, own.as_str(), draft),
        "MobilePrimitives.OpenResponse" => ask(&block, own.as_str(), json!({ "type": "text" }), draft),
        "MobilePrimitives.NumericResponse" => {
            let mut answer = json!({ "type": "number" });
            let bound = |key: &str| node.settings.get(key).and_then(Value::as_f64);
            // Editors write 0 and 0 where there are no bounds.
            if let (Some(min), Some(max)) = (bound("validation_minimum"), bound("validation_maximum"))
                && min < max
            {
                answer["min"] = json!(min);
                answer["max"] = json!(max);
            }
            ask(&block, own.as_str(), answer, draft)
        }
        _ => Err(Foreign::unknown(&node.kind)),
    }
}

struct Block<'a> {
    flow: &'a SourceFlow,
    node: &'a SourceNode,
    default: Option<usize>,
}

fn default(node: &SourceNode) -> Option<usize> {
    let marked = node.edges.iter().position(|edge| edge.when.get("default") == Some(&Value::Bool(true)));
    marked.or_else(|| node.edges.len().checked_sub(1))
}

fn refuse_whole(script: &Script) -> Result<(), Foreign> {
    if script.whole_script {
        return Err(Foreign::new(
            "an expression with anonymous functions stands where only a formula may",
            "une expression à fonctions anonymes se trouve là où seule une formule est admise",
        ));
    }
    Ok(())
}

impl Block<'_> {
    /// The texts of a resource by language, as written.
    fn resource(&self, id: &str) -> Vec<(Locale, String, bool)> {
        let values = self.flow.context["resources"].get(id).and_then(Value::as_array);
        let mut texts: Vec<(Locale, String, bool)> = Vec::new();
        for value in values.into_iter().flatten() {
            let Some(text) = value.get("value").and_then(Value::as_str) else { continue };
            let kind = value.get("content_type").and_then(Value::as_str).unwrap_or("TEXT");
            let locale = self.locale(value.get("language_id").and_then(Value::as_str).unwrap_or_default());
            let words = kind.eq_ignore_ascii_case("text");
            match texts.iter_mut().find(|(have, _, _)| *have == locale) {
                // Words come before pictures; of several words the first stand.
                Some(have) if words && !have.2 => *have = (locale, text.to_owned(), true),
                Some(_) => {}
                None => texts.push((locale, text.to_owned(), words)),
            }
        }
        texts
    }

    /// The tag of a language that the flow lists.
    fn locale(&self, id: &str) -> Locale {
        let languages = self.flow.context["languages"].as_array();
        let listed = languages.into_iter().flatten().find(|language| language.get("id").is_some_and(|of| of == id));
        let code =
            listed.and_then(|language| ["bcp_47", "iso_639_3"].iter().find_map(|key| language.get(key)?.as_str()));
        locale(code.unwrap_or(id))
    }

    /// A resource as a text of the document.
    fn said(&self, key: &str, part: &str, draft: &mut Draft<'_>) -> Result<Value, Foreign> {
        let id = self.node.setting(key).unwrap_or_default();
        self.said_of(id, part, draft)
    }

    fn said_of(&self, id: &str, part: &str, draft: &mut Draft<'_>) -> Result<Value, Foreign> {
        let mut said = Said::new();
        for (locale, text, words) in self.resource(id) {
            if !words {
                draft.note(
                    (
                        "a picture, recording or film is sent as its address",
                        "une image, un enregistrement ou un film est envoyé sous forme d’adresse",
                    ),
                    (
                        "Say in words what it shows, or keep the link",
                        "Dites en mots ce qu’il montre, ou gardez le lien",
                    ),
                );
            }
            said.insert(locale, template(&pieces(&text, draft)?));
        }
        if said.is_empty() {
            return Err(Foreign::new("its text is not in the export", "son texte n’est pas dans l’export"));
        }
        Ok(draft.text(part, said))
    }

    /// A resource as a formula, in its first language.
    fn words(&self, key: &str, draft: &mut Draft<'_>) -> Result<String, Foreign> {
        let id = self.node.setting(key).unwrap_or_default();
        let text = self.resource(id).into_iter().next().map_or_else(|| id.to_owned(), |(_, text, _)| text);
        Ok(formula(&pieces(&text, draft)?))
    }

    fn timeout(&self) -> String {
        // Turn.io's own figure where the flow has none: five minutes.
        seconds(self.flow.context["timeout_s"].as_u64().unwrap_or(300))
    }
}

/// The tag of a language as the standards write it.
fn locale(code: &str) -> Locale {
    let short = match code {
        "eng" => "en",
        "fra" | "fre" => "fr",
        "spa" => "es",
        "por" => "pt",
        "ara" => "ar",
        "swa" => "sw",
        other => other,
    };
    Locale::new(short).unwrap_or_else(|_| Locale::new("en").expect("'en' is a language tag"))
}

/// A block that decides, or one that works out a value: Turn.io writes the latter as a case with one way out, named by
/// the expression.
fn case(block: &Block<'_>, own: &str, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let node = block.node;
    let test = |at: usize| node.edges[at].when["test"].as_str().filter(|test| !test.is_empty());
    if node.edges.len() == 1 && test(0).is_none() {
        let value = expression(&node.edges[0].label, draft)?;
        let step = if value.whole_script {
            let script = format!("#{{ set: #{{ {own}: {} }} }}", value.source);
            Step::new("run_script", "", json!({ "script": script }))
        } else {
            set_one("", own, &value.source)
        };
        return Ok(vec![step.exit("done", Goal::Edge(0))]);
    }
    let mut cases = Vec::new();
    for (at, edge) in node.edges.iter().enumerate().filter(|(at, _)| Some(*at) != block.default) {
        let Some(test) = test(at) else { continue };
        let mut condition = expression(test, draft)?;
        if !is_condition(&condition.source) {
            condition.source = format!("{}({})", draft.function("holds"), condition.source);
        }
        cases.push((condition.source, condition.whole_script, edge.label.clone(), Goal::Edge(at)));
    }
    if cases.is_empty() {
        return Ok(vec![event("", "passed", &[]).exit_or("done", block.default, "completed")]);
    }
    if 50 < cases.len() {
        return Err(Foreign::new("it has more than 50 cases", "il a plus de 50 cas"));
    }
    let step = branch("", cases);
    let exit = otherwise(&step);
    Ok(vec![step.exit_or(exit, block.default, "completed")])
}

/// True for rhai that surely gives true or false.
fn is_condition(source: &str) -> bool {
    ["(", "!", "alike(", "is_", "has_", "holds(", "same(", "contains(", "true", "false"]
        .iter()
        .any(|start| source.starts_with(start))
        && !source.starts_with("(attributes.")
}

/// One property, or several in a row.
fn property(block: &Block<'_>, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let setting = block.node.settings.get("set_contact_property").unwrap_or(&block.node.settings);
    let settings = setting.as_array().map_or_else(|| vec![setting], |several| several.iter().collect());
    draft.note(
        ("what is kept of the contact lasts for this conversation; an event tells it to whoever keeps it for longer", "ce qui est retenu du contact vaut pour cette conversation ; un événement le dit à qui le garde plus longtemps"),
        ("Let your customer file listen for 'contact.field'", "Faites écouter « contact.field » à votre fichier client"),
    );
    let mut steps = Vec::new();
    for (n, setting) in settings.iter().enumerate() {
        let text = |key: &str| setting.get(key).and_then(Value::as_str).unwrap_or_default();
        let (key, value) = (text("property_key"), formula(&pieces(text("property_value"), draft)?));
        let attribute = draft.attribute(&format!("contact.{key}"));
        let fields = [("field", literal(key)), ("value", format!("attributes.{attribute}"))];
        let part = if n == 0 { "" } else { "set" };
        steps.push(set_one(part, attribute.as_str(), &value).exit("done", Goal::Step(steps.len() + 1)));
        let tell = event("tell", "contact.field", &fields);
        steps.push(match n + 1 == settings.len() {
            true => tell.exit_or("done", block.default, "completed"),
            false => tell.exit("done", Goal::Step(steps.len() + 1)),
        });
    }
    if steps.is_empty() {
        return Err(Foreign::new("it sets no property", "il ne règle aucune propriété"));
    }
    Ok(steps)
}

fn webhook(block: &Block<'_>, own: &str, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let node = block.node;
    let url = node.setting("url").unwrap_or_default();
    let Some((address, rest)) = bound_address(url, draft) else {
        return Err(Foreign::new(
            "the host of its address is not written out",
            "l’hôte de son adresse n’est pas écrit",
        ));
    };
    let path = template(&pieces(&url[rest..], draft)?);
    let mut config = json!({ "url": format!("{address}{path}"), "method": node.setting("method").unwrap_or("GET") });
    if !["GET", "POST", "PUT", "PATCH", "DELETE"].contains(&config["method"].as_str().unwrap_or_default()) {
        return Err(Foreign::new("its method cannot be called", "sa méthode ne peut être appelée"));
    }
    let pairs = |key: &str| -> Vec<(String, String)> {
        let list = node.settings.get(key).and_then(Value::as_array);
        let pair = |pair: &Value| Some((pair.get(0)?.as_str()?.to_owned(), pair.get(1)?.as_str()?.to_owned()));
        list.into_iter().flatten().filter_map(pair).collect()
    };
    for (key, value) in pairs("query") {
        config["query"][key] = json!(template(&pieces(&value, draft)?));
    }
    for (key, value) in pairs("headers") {
        let key = key.to_ascii_lowercase();
        if key == "authorization" || value.contains("@global") {
            let called = value.rsplit(['.', ' ']).next().unwrap_or("token").to_owned();
            config["secret_headers"][key] = json!(draft.named(BindingKind::Secret, &value, &called));
        } else {
            config["headers"][key] = json!(template(&pieces(&value, draft)?));
        }
    }
    if let Some(body) = node.setting("body") {
        config["send"] = json!({ "text": template(&pieces(body, draft)?) });
        if config["headers"].get("content-type").is_none() {
            config["headers"]["content-type"] = json!("application/json");
        }
    }
    if let Some(timeout_ms) = node.settings.get("timeout").and_then(Value::as_u64) {
        config["timeout"] = json!(format!("{}s", (timeout_ms / 1000).clamp(1, 60)));
    }
    let body = draft.attribute(&format!("{} body", node.name));
    let status = draft.attribute(&format!("{} status", node.name));
    config["into"] = json!({ "": body });
    config["status_into"] = json!(status);
    let mut call = Step::new("http_request", "", config);
    for exit in ["ok", "rejected", "failed", "error"] {
        call = call.exit(exit, Goal::Step(1));
    }
    let answer = format!("#{{ body: attributes.{body}, status: attributes.{status} }}");
    Ok(vec![call, set_one("answer", own, &answer).exit_or("done", block.default, "completed")])
}

fn select(block: &Block<'_>, own: &str, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let node = block.node;
    let choices = match node.settings.get("choices") {
        Some(Value::Array(choices)) => choices.clone(),
        // The first releases wrote a prompt for each name.
        Some(Value::Object(choices)) => {
            draft.note(
                ("the choices are written without an order", "les choix sont écrits sans ordre"),
                ("Look at the order of the options", "Regardez l’ordre des options"),
            );
            choices.iter().map(|(name, prompt)| json!({ "name": name, "prompt": prompt })).collect()
        }
        Some(_) | None => Vec::new(),
    };
    if choices.is_empty() || 50 < choices.len() {
        return Err(Foreign::new("it has no choices, or more than 50", "elle n’a aucun choix, ou plus de 50"));
    }
    let text = block.said("prompt", "", draft)?;
    let mut names = exit_names(&["no_match", "timeout", "error"]);
    let mut menu =
        Step::new("menu", "", json!({ "text": text, "attempts": 1, "timeout": block.timeout(), "into": own }));
    let mut options = Vec::new();
    for choice in &choices {
        let name = choice.get("name").and_then(Value::as_str).unwrap_or_default();
        let exit = names.unique(name, "choice");
        if exit != name {
            draft.note(
                ("the value of a choice is its exit's name here", "la valeur d’un choix est ici le nom de sa sortie"),
                ("Look at where the value is compared", "Regardez où cette valeur est comparée"),
            );
        }
        let label = block.said_of(choice.get("prompt").and_then(Value::as_str).unwrap_or_default(), "choice", draft)?;
        options.push(json!({ "id": exit, "label": label }));
        let edge =
            node.edges.iter().position(|edge| edge.when["test"].as_str().is_some_and(|test| tests_for(test, name)));
        menu = menu.exit_or(&exit, edge.or(block.default), "completed");
    }
    menu.config.insert("options".to_owned(), Value::Array(options));
    Ok(vec![menu.exit_or("no_match", block.default, "no_match").exit("timeout", Goal::End("timeout"))])
}

/// True for `block.value = "name"`, in the ways that releases wrote it: `@(block.response = 'name')`.
fn tests_for(test: &str, name: &str) -> bool {
    let mut parts = test.split(['"', '\'']);
    let (before, value) = (parts.next().unwrap_or_default(), parts.next());
    let before = before.trim_start_matches(['@', '(', ' ']);
    (before.starts_with("block.value") || before.starts_with("block.response")) && value == Some(name)
}

fn ask(block: &Block<'_>, own: &str, answer: Value, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let text = block.said("prompt", "", draft)?;
    let failure = block.node.edges.iter().position(|edge| edge.role == EdgeRole::Failure);
    let settings: Map<String, Value> = Map::from_iter([
        ("text".to_owned(), text),
        ("answer".to_owned(), answer),
        ("into".to_owned(), json!(own)),
        ("attempts".to_owned(), json!(1)),
        ("timeout".to_owned(), json!(block.timeout())),
    ]);
    Ok(vec![
        Step::new("ask", "", Value::Object(settings))
            .exit_or("answered", block.default, "completed")
            .exit_or("no_match", failure.or(block.default), "no_match")
            .exit("timeout", Goal::End("timeout")),
    ])
}
