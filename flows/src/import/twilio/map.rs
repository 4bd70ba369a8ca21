//! What each widget is here.

use serde_json::{Map, Value, json};

use super::liquid::{of_widget, pieces, value};
use crate::{
    import::{
        binding::BindingKind,
        common::{Case, bound_address, event, seconds, set, set_one, switch},
        draft::{Draft, Foreign, Goal, Said, Step},
        rhai::template,
        source::{SourceFlow, SourceNode},
    },
    name::Locale,
};

pub(super) fn map(_: &SourceFlow, node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    match node.kind.as_str() {
        "trigger" => Ok(trigger(node, draft)),
        "send-message" => send(node, draft),
        "say-play" => say(node, draft),
        "send-and-wait-for-reply" => ask(node, "body", draft),
        "gather-input-on-call" => gather(node, draft),
        "split-based-on" => split(node, draft),
        "set-variables" => variables(node, draft),
        "make-http-request" => request(node, draft),
        "run-function" => function(node, draft),
        "send-to-flex" | "enqueue-call" => enqueue(node, draft),
        "run-subflow" => subflow(node, draft),
        kind => Err(Foreign::unknown(kind)),
    }
}

/// Where a conversation comes in: calls one way, messages another.
fn trigger(node: &SourceNode, draft: &mut Draft<'_>) -> Vec<Step> {
    let wired = |label: &str| node.edge(label).filter(|at| node.edges[*at].target.is_some());
    let call = wired("incomingCall");
    let ways = ["incomingMessage", "incomingConversationMessage", "incomingRequest", "incomingParent"];
    let message = ways.iter().find_map(|label| wired(label));
    let body = draft.attribute("trigger.Body");
    let keep = |goal: Goal| set_one("", body.as_str(), "message.text").exit("done", goal);
    match (call, message) {
        (Some(call), Some(message)) => vec![
            keep(Goal::Step(1)),
            Step::new(
                "branch",
                "channel",
                json!({ "cases": [{ "when": "interaction.channel == \"voice\"", "exit": "incomingCall" }] }),
            )
            .exit("incomingCall", Goal::Edge(call))
            .exit("otherwise", Goal::Edge(message)),
        ],
        (call, message) => vec![keep(message.or(call).map_or(Goal::End("completed"), Goal::Edge))],
    }
}

/// The language that a widget speaks.
fn locale(node: &SourceNode) -> Locale {
    let tag = node.setting("language").unwrap_or("en");
    Locale::new(tag).unwrap_or_else(|_| Locale::new("en").expect("'en' is a language tag"))
}

fn text(node: &SourceNode, words: &str, draft: &mut Draft<'_>) -> Result<Value, Foreign> {
    let said = Said::from([(locale(node), template(&pieces(words, draft)?))]);
    Ok(draft.text("", said))
}

fn send(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let to = node.setting("to").unwrap_or("{{contact.channel.address}}");
    let to_contact = ["contact.channel.address", ".From", ".Author"].iter().any(|path| to.contains(path));
    if !to_contact {
        if !to.contains("{{") {
            return Err(Foreign::new(
                "it writes to somebody else than the contact",
                "il écrit à quelqu’un d’autre que le contact",
            ));
        }
        draft.note(
            (
                "it writes to the contact of the conversation, whatever the variable says",
                "il écrit au contact de la conversation, quoi que dise la variable",
            ),
            ("Make sure that the variable means the contact", "Assurez-vous que la variable désigne le contact"),
        );
    }
    let Some(body) = node.setting("body") else {
        return Err(Foreign::new(
            "it sends a stored template, whose text is not in the export",
            "il envoie un modèle enregistré, dont le texte n’est pas dans l’export",
        ));
    };
    if node.setting("content_sid").is_some() {
        draft.note(
            (
                "the stored template is not used; its plain text is",
                "le modèle enregistré n’est pas employé ; son texte simple l’est",
            ),
            ("Compare the text with the template", "Comparez le texte au modèle"),
        );
    }
    if node.settings.get("media_url").or(node.settings.get("attributes")).is_some_and(|value| value.is_string()) {
        draft.note(
            ("pictures and attributes of the message are left out", "les images et attributs du message sont omis"),
            ("Put a link into the text where it matters", "Mettez un lien dans le texte si cela compte"),
        );
    }
    Ok(vec![
        Step::new("send_message", "", json!({ "text": text(node, body, draft)? }))
            .exit_or("done", node.edge("sent"), "completed")
            .exit_if("error", node.edge("failed")),
    ])
}

fn say(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let text = match (node.setting("say"), node.setting("play")) {
        (Some(say), _) => text(node, say, draft)?,
        (None, Some(play)) => prompt(node, play, draft)?,
        (None, None) => {
            return Err(Foreign::new(
                "it neither says words nor plays a recording",
                "il ne dit ni mots ni enregistrement",
            ));
        }
    };
    Ok(vec![Step::new("send_message", "", json!({ "text": text })).exit_or(
        "done",
        node.edge("audioComplete"),
        "completed",
    )])
}

/// The words that stand for a recording.
fn prompt(node: &SourceNode, source: &str, draft: &mut Draft<'_>) -> Result<Value, Foreign> {
    let row = draft.bind(BindingKind::Prompt, source, source.rsplit('/').next().unwrap_or_default());
    let words = row.value.clone().unwrap_or_else(|| format!("[{}]", row.name));
    draft.note(
        ("words are said instead of a recording", "des mots sont dits à la place d’un enregistrement"),
        ("Fill in the words in the table of bindings", "Remplissez les mots dans la table des liaisons"),
    );
    text(node, &words, draft)
}

fn ask(node: &SourceNode, words: &str, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let Some(body) = node.setting(words) else {
        return Err(Foreign::new("it asks without words", "il demande sans mots"));
    };
    let reply = draft.attribute(&of_widget(&node.name, "reply"));
    let timeout_s = number(node, "timeout").unwrap_or(3600);
    let question = json!({
        "text": text(node, body, draft)?, "answer": { "type": "text" }, "into": reply, "attempts": 1,
        "timeout": seconds(timeout_s),
    });
    Ok(vec![
        Step::new("ask", "", question)
            .exit_or("answered", node.edge("incomingMessage"), "completed")
            .exit_or("no_match", node.edge("incomingMessage"), "completed")
            .exit_or("timeout", node.edge("timeout"), "timeout")
            .exit_if("error", node.edge("deliveryFailure")),
    ])
}

/// A number that is written as one or as text.
fn number(node: &SourceNode, key: &str) -> Option<u64> {
    let value = node.settings.get(key)?;
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// Keys and speech: on every channel here both are what the contact answers.
fn gather(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let question = match (node.setting("say"), node.setting("play")) {
        (Some(say), _) => text(node, say, draft)?,
        (None, Some(play)) => prompt(node, play, draft)?,
        (None, None) => return Err(Foreign::new("it asks without words", "il demande sans mots")),
    };
    let reply = draft.attribute(&of_widget(&node.name, "reply"));
    let wired = |label: &str| node.edge(label).filter(|at| node.edges[*at].target.is_some());
    let timeout_s = number(node, "timeout").unwrap_or(5);
    let times = number(node, "loop").unwrap_or(1).clamp(1, 10);
    let ask = Step::new(
        "ask",
        "",
        json!({
            "text": question, "answer": { "type": "text" }, "into": reply, "attempts": times, "timeout": seconds(timeout_s),
        }),
    );
    draft.note(
        (
            "how long speech lasts, which key ends it and how many digits there are is the voice bridge's matter",
            "la durée de la parole, la touche qui la termine et le nombre de chiffres relèvent du pont vocal",
        ),
        ("Set them there", "Réglez-les là-bas"),
    );
    let steps = match (wired("keypress"), wired("speech")) {
        (Some(keys), Some(speech)) if node.edges[keys].target != node.edges[speech].target => vec![
            ask.exit("answered", Goal::Step(1)),
            switch(
                "keys",
                &format!("attributes.{reply}"),
                vec![Case {
                    when: json!({ "matches": "^[0-9*#]+$" }),
                    not: false,
                    name: "keypress".to_owned(),
                    goal: Goal::Edge(keys),
                }],
                false,
            )
            .exit("otherwise", Goal::Edge(speech)),
        ],
        (keys, speech) => {
            vec![ask.exit_or("answered", keys.or(speech).or(node.edge("keypress")), "completed")]
        }
    };
    let mut steps = steps;
    let question = steps.remove(0).exit_or("no_match", node.edge("timeout"), "timeout").exit_or(
        "timeout",
        node.edge("timeout"),
        "timeout",
    );
    steps.insert(0, question);
    Ok(steps)
}

/// Studio compares without case and surrounding space, as `switch` does.
fn split(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let input = node.setting("input").unwrap_or_default();
    let mut cases = Vec::new();
    for (at, edge) in node.edges.iter().enumerate().filter(|(_, edge)| edge.label == "match") {
        for condition in edge.when.as_array().into_iter().flatten() {
            let argument = condition.pointer("/arguments/0").and_then(Value::as_str).unwrap_or(input);
            if argument.trim() != input.trim() {
                return Err(Foreign::new(
                    "its conditions look at several values",
                    "ses conditions regardent plusieurs valeurs",
                ));
            }
            let (when, not) = test(condition)?;
            let value = condition.get("value").and_then(Value::as_str).unwrap_or_default();
            let name = if value.is_empty() { "match" } else { value };
            cases.push(Case { when, not, name: name.to_owned(), goal: Goal::Edge(at) });
        }
    }
    let no_match = node.edge("noMatch");
    if cases.is_empty() {
        return Ok(vec![event("", "passed", &[]).exit_or("done", no_match, "no_match")]);
    }
    let value = value(input, draft)?;
    Ok(vec![switch("", &value, cases, false).exit_or("otherwise", no_match, "no_match")])
}

fn test(condition: &Value) -> Result<(Value, bool), Foreign> {
    let kind = condition.get("type").and_then(Value::as_str).unwrap_or_default();
    let value = condition.get("value").and_then(Value::as_str).unwrap_or_default();
    if value.contains("{{") {
        return Err(Foreign::new("it compares with a variable", "il compare à une variable"));
    }
    let any: Vec<&str> = value.split(',').map(str::trim).filter(|one| !one.is_empty()).collect();
    let bound = || {
        value
            .trim()
            .parse::<f64>()
            .map_err(|_| Foreign::new(format!("'{value}' is not a number"), format!("« {value} » n’est pas un nombre")))
    };
    Ok(match kind {
        "equal_to" => (json!({ "equals": value }), false),
        "not_equal_to" => (json!({ "equals": value }), true),
        "matches_any_of" => (json!({ "in": any }), false),
        "does_not_match_any_of" => (json!({ "in": any }), true),
        "is_blank" => (json!({ "empty": true }), false),
        "is_not_blank" => (json!({ "empty": false }), false),
        "regex" => (json!({ "matches": format!("(?i){value}") }), false),
        "contains" => (json!({ "contains": value }), false),
        "does_not_contain" => (json!({ "contains": value }), true),
        "starts_with" => (json!({ "starts_with": value }), false),
        "does_not_start_with" => (json!({ "starts_with": value }), true),
        "less_than" => (json!({ "range": { "below": bound()? } }), false),
        "greater_than" => (json!({ "range": { "above": bound()? } }), false),
        kind => {
            return Err(Foreign::new(
                format!("the condition '{kind}' has no equivalent"),
                format!("la condition « {kind} » n’a pas d’équivalent"),
            ));
        }
    })
}

/// Pairs of `key` and `value`.
fn pairs(value: Option<&Value>) -> Vec<(String, String)> {
    let text = |pair: &Value, key: &str| match pair.get(key) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => String::new(),
        Some(other) => other.to_string(),
    };
    let list = value.and_then(Value::as_array);
    list.into_iter().flatten().map(|pair| (text(pair, "key"), text(pair, "value"))).collect()
}

fn variables(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let mut values = Map::new();
    for (key, words) in pairs(node.settings.get("variables")) {
        let formula = value(&words, draft)?;
        values.insert(draft.attribute(&format!("flow.variables.{key}")).to_string(), json!(formula));
    }
    let step = if values.is_empty() { event("", "passed", &[]) } else { set("", values) };
    Ok(vec![step.exit_or("done", node.edge("next"), "completed")])
}

fn request(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let url = node.setting("url").unwrap_or_default();
    let url = match bound_address(url, draft) {
        Some((address, rest)) => format!("{address}{}", template(&pieces(&url[rest..], draft)?)),
        // The host is a variable: the table of bindings names it.
        None => {
            let end = url.find("}}").map_or(url.len(), |at| at + 2);
            let (variable, rest) = url.split_at(end);
            let called = variable.trim_matches(|c: char| !c.is_alphanumeric()).rsplit('.').next().unwrap_or_default();
            let address = draft.address(variable, called);
            draft.note(
                (
                    "the address is fixed, not a variable: nothing a contact writes may choose a host",
                    "l’adresse est fixe, pas une variable : rien de ce qu’écrit un contact ne doit choisir un hôte",
                ),
                ("Fill in the address in the table of bindings", "Remplissez l’adresse dans la table des liaisons"),
            );
            format!("{address}{}", template(&pieces(rest, draft)?))
        }
    };
    let method = node.setting("method").unwrap_or("GET");
    let mut config = json!({ "url": url, "method": method, "timeout": "10s" });
    let parameters = pairs(node.settings.get("parameters"));
    let content_type = node.setting("content_type").unwrap_or_default();
    if let Some(body) = node.setting("body").filter(|_| method != "GET") {
        config["send"] = json!({ "text": template(&pieces(body, draft)?) });
        if !content_type.is_empty() {
            config["headers"] = json!({ "content-type": content_type });
        }
    } else if !parameters.is_empty() {
        let mut fields = Map::new();
        for (key, words) in parameters {
            fields.insert(key, json!(template(&pieces(&words, draft)?)));
        }
        if method == "GET" {
            config["query"] = Value::Object(fields);
        } else {
            config["send"] = json!({ "form": fields });
        }
    }
    Ok(vec![answered(Step::new("http_request", "", config), node, draft, ("success", "failed"))])
}

fn function(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let source = node.setting("url").or(node.setting("function_sid")).unwrap_or_default();
    let called = source.rsplit('/').next().unwrap_or_default();
    let called = if called.len() > 30 { node.name.as_str() } else { called };
    let address = draft.address(source, called);
    let mut fields = Map::new();
    for (key, words) in pairs(node.settings.get("parameters")) {
        fields.insert(key, json!(template(&pieces(&words, draft)?)));
    }
    let mut config = json!({ "url": address, "method": "POST", "timeout": "10s" });
    if !fields.is_empty() {
        config["send"] = json!({ "form": fields });
    }
    draft.note(
        (
            "the function is called over HTTP, as Studio calls it",
            "la fonction est appelée en HTTP, comme Studio l’appelle",
        ),
        ("Fill in its address; protect it by a signature", "Remplissez son adresse ; protégez-la par une signature"),
    );
    Ok(vec![answered(Step::new("http_request", "", config), node, draft, ("success", "fail"))])
}

/// What is kept of an answer: the parts that some widget reads.
fn answered(mut step: Step, node: &SourceNode, draft: &mut Draft<'_>, (well, ill): (&str, &str)) -> Step {
    let parsed = draft.attribute(&of_widget(&node.name, "parsed"));
    let body = draft.attribute(&of_widget(&node.name, "body"));
    let status = draft.attribute(&of_widget(&node.name, "status_code"));
    if draft.reads(&format!("widgets.{}.parsed", node.name)) {
        step.config.insert("into".to_owned(), json!({ "": parsed }));
    }
    step.config.insert("text_into".to_owned(), json!(body));
    step.config.insert("status_into".to_owned(), json!(status));
    step.exit_or("ok", node.edge(well), "completed")
        .exit_if("rejected", node.edge(ill))
        .exit_if("failed", node.edge(ill))
        .exit_if("error", node.edge(ill))
}

fn enqueue(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let source =
        node.setting("workflow").or(node.setting("workflow_sid")).or(node.setting("queue_name")).unwrap_or("queue");
    let skill = draft.named(BindingKind::Skill, source, if source.starts_with("WW") { "workflow" } else { "" });
    let mut steps = Vec::new();
    if let Some(attributes) = node.setting("attributes").or(node.setting("task_attributes")) {
        let kept = draft.attribute(&of_widget(&node.name, "attributes"));
        let words = value(attributes, draft)?;
        steps.push(set_one("attributes", kept.as_str(), &words).exit("done", Goal::Step(1)));
    }
    steps.push(
        Step::new("require_skills", "skill", json!({ "skills": { skill: 20 } }))
            .exit("done", Goal::Step(steps.len() + 1)),
    );
    if let Some(priority) = number(node, "priority") {
        let bounded = priority.min(100);
        if bounded < priority {
            draft.note(
                ("the highest priority is 100", "la plus haute priorité est 100"),
                (
                    "Set the priorities of your flows in proportion",
                    "Réglez les priorités de vos scénarios en proportion",
                ),
            );
        }
        let next = steps.len() + 1;
        steps
            .push(Step::new("set_priority", "priority", json!({ "priority": bounded })).exit("done", Goal::Step(next)));
    }
    draft.note(
        (
            "a workflow's own rules are not in the export: one skill stands for it",
            "les règles propres d’un workflow ne sont pas dans l’export : une compétence en tient lieu",
        ),
        (
            "Give its rules as skills, relaxing and overflow",
            "Traduisez ses règles en compétences, assouplissement et débordement",
        ),
    );
    steps.push(
        Step::new("enqueue", "agent", json!({ "max_wait": seconds(number(node, "timeout").unwrap_or(3600)) }))
            .exit_or("ended", node.edge("callComplete"), "completed")
            .exit_or("timeout", node.edge("failedToEnqueue"), "timeout")
            .exit_if("error", node.edge("callFailure").or(node.edge("failedToEnqueue"))),
    );
    Ok(steps)
}

fn subflow(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let source = node.setting("flow_sid").unwrap_or_default();
    let flow = draft.flow(source, if source.starts_with("FW") { &node.name } else { "" });
    let mut inputs = Map::new();
    for (key, words) in pairs(node.settings.get("parameters")) {
        inputs.insert(crate::import::names::variable(&key), json!(value(&words, draft)?));
    }
    let mut config = json!({ "flow": flow });
    if !inputs.is_empty() {
        config["inputs"] = Value::Object(inputs);
        draft.note(
            (
                "parameters are inputs here, which the other flow must declare",
                "les paramètres sont ici des entrées, que l’autre scénario doit déclarer",
            ),
            ("Declare them under 'inputs' there", "Déclarez-les là-bas sous « inputs »"),
        );
    }
    Ok(vec![
        Step::new("subflow", "", config)
            .exit_or("done", node.edge("completed"), "completed")
            .exit_if("error", node.edge("failed")),
    ])
}
