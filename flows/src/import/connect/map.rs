//! What each action is here. Types of the older export have their arms beside those of the current one.

use serde_json::{Map, Value, json};

use super::path::{pieces, value};
use crate::{
    import::{
        binding::BindingKind,
        common::{Case, branch, event, exit_names, seconds, set, switch},
        draft::{Draft, Foreign, Goal, Said, Step},
        names::snake,
        rhai::{literal, template, without_marks},
        source::SourceNode,
    },
    name::Locale,
};

pub(super) fn map(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let target = node.setting("target").unwrap_or_default();
    match node.kind.as_str() {
        "MessageParticipant" | "PlayPrompt" => {
            let text = said(node, &node.settings, "", draft)?;
            Ok(vec![on(Step::new("send_message", "", json!({ "text": text })), "done", node)])
        }
        "MessageParticipantIteratively" | "LoopPrompts" => over_and_over(node, draft),
        "DisconnectParticipant" | "Disconnect" => Ok(vec![Step::new("close", "", json!({}))]),
        "EndFlowExecution" | "EndFlowModuleExecution" | "Resume" => {
            Ok(vec![Step::new("close", "", json!({ "disposition": "completed" }))])
        }
        "UpdateContactAttributes" => Ok(vec![attributes(node, "Attributes", node.settings.get("Attributes"), draft)]),
        "SetAttributes" => Ok(vec![attributes(node, "Attributes", node.settings.get("named"), draft)]),
        "UpdateFlowAttributes" => {
            Ok(vec![attributes(node, "FlowAttributes", node.settings.get("FlowAttributes"), draft)])
        }
        "Compare" | "CheckAttribute" => compare(node, draft),
        "InvokeLambdaFunction" | "InvokeExternalResource" => Ok(lambda(node, draft)),
        "GetCustomerProfile" | "CreateCustomerProfile" | "CreateCase" | "GetCase" | "CreateTask" => {
            Ok(service(node, draft))
        }
        "TransferToFlow" => Ok(vec![go(node, draft)]),
        "Transfer" if target == "Flow" => Ok(vec![go(node, draft)]),
        "TransferContactToQueue" => Ok(vec![queue(node, draft)]),
        "Transfer" if target == "Queue" => Ok(vec![queue(node, draft)]),
        "InvokeFlowModule" | "InvokeModule" => Ok(vec![module(node, draft)]),
        "UpdateContactTargetQueue" | "SetQueue" => target_queue(node, draft),
        "GetParticipantInput" | "StoreUserInput" => input(node, draft),
        "GetUserInput" if target == "Lex" => bot(node, draft),
        "GetUserInput" => input(node, draft),
        "ConnectParticipantWithLexBot" => bot(node, draft),
        "ShowView" => view(node, draft),
        "Loop" => around(node, draft),
        "Wait" => Ok(vec![wait(node)]),
        "CheckHoursOfOperation" | "CheckHours" => Ok(vec![hours(node, draft)]),
        "CheckMetricData" | "CheckStaffing" => metric(node),
        "GetMetricData" | "GetQueueMetrics" => Ok(metrics(node, draft)),
        "UpdateFlowLoggingBehavior"
        | "UpdateContactRecordingBehavior"
        | "UpdateContactRecordingAndAnalyticsBehavior"
        | "UpdateContactTextToSpeechVoice"
        | "UpdateContactMediaStreamingBehavior"
        | "UpdateContactData"
        | "StartVoiceIdStream"
        | "SetLoggingBehavior"
        | "SetRecordingBehavior"
        | "SetVoice"
        | "StartMediaStreaming"
        | "StopMediaStreaming" => Ok(vec![platform(node, draft)]),
        "UpdateContactEventHooks" | "SetEventHook" | "SetContactFlow" => hooks(node, draft),
        "UpdateContactRoutingBehavior" | "ChangeRoutingPriority" => priority(node),
        "DistributeByPercentage" | "DistributeByWeight" => distribute(node),
        kind => Err(Foreign::unknown(kind)),
    }
}

/// The usual two ways out: what comes next, and the failure.
fn on(step: Step, well: &str, node: &SourceNode) -> Step {
    step.exit_or(well, node.edge("next"), "completed").exit_if("error", node.edge("NoMatchingError"))
}

fn english() -> Locale {
    Locale::new("en").expect("'en' is a language tag")
}

fn text_of(words: &str, part: &str, draft: &mut Draft<'_>) -> Value {
    let pieces = pieces(words, draft);
    draft.text(part, Said::from([(english(), template(&pieces))]))
}

/// What an action says: words, marked-up words, or a recording, for which the table of bindings has words.
fn said(node: &SourceNode, settings: &Value, part: &str, draft: &mut Draft<'_>) -> Result<Value, Foreign> {
    let setting = |key: &str| settings.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    if let Some(words) = setting("Text").or(setting("SSML")) {
        let (plain, marked) = without_marks(words);
        if marked {
            draft.note(
                ("marks of pronunciation are left out", "les marques de prononciation sont omises"),
                (
                    "Let the voice bridge speak the words as it should",
                    "Laissez le pont vocal prononcer les mots comme il faut",
                ),
            );
        }
        return Ok(text_of(&plain, part, draft));
    }
    let Some(source) = setting("PromptId").or(setting("AudioPrompt")).or(setting("PromptLocation")) else {
        if settings.get("PromptId").is_none() && settings.get("Media").is_none() {
            let kind = &node.kind;
            return Err(Foreign::new(format!("'{kind}' has nothing to say"), format!("« {kind} » n’a rien à dire")));
        }
        return Ok(recording("prompt", setting("resourceName").unwrap_or_default(), part, draft));
    };
    Ok(recording(source, setting("resourceName").unwrap_or_default(), part, draft))
}

fn recording(source: &str, called: &str, part: &str, draft: &mut Draft<'_>) -> Value {
    let row = draft.bind(BindingKind::Prompt, source, called);
    let words = row.value.clone().unwrap_or_else(|| format!("[{}]", row.name));
    draft.note(
        ("words are said instead of a recording", "des mots sont dits à la place d’un enregistrement"),
        ("Fill in the words in the table of bindings", "Remplissez les mots dans la table des liaisons"),
    );
    text_of(&words, part, draft)
}

/// Says its messages again and again, as a queue's music does.
fn over_and_over(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let messages = match node.settings.get("Messages").and_then(Value::as_array) {
        Some(messages) => messages.clone(),
        None => vec![node.settings.clone()],
    };
    let mut steps = Vec::new();
    for message in &messages {
        let text = said(node, message, "said", draft)?;
        let next = steps.len() + 1;
        steps.push(
            Step::new("send_message", "said", json!({ "text": text }))
                .exit("done", Goal::Step(next))
                .exit_if("error", node.edge("NoMatchingError")),
        );
    }
    draft.note(
        (
            "the messages come once a minute, as a recording's length is not known",
            "les messages viennent une fois par minute, la durée d’un enregistrement n’étant pas connue",
        ),
        (
            "In a queue, put them into 'treatment' of the 'enqueue' node instead",
            "Dans une file, mettez-les plutôt dans « treatment » du nœud « enqueue »",
        ),
    );
    let interrupted = node.edge("Equals MessagesInterrupted");
    let length_s = interrupted.and_then(|_| number(node, "InterruptFrequencySeconds")).unwrap_or(60);
    let again = interrupted.map_or(Goal::Step(0), Goal::Edge);
    steps.push(Step::new("wait", "pause", json!({ "for": seconds(length_s) })).exit("done", again));
    Ok(steps)
}

/// A number, which Connect writes as text.
fn number(node: &SourceNode, key: &str) -> Option<u64> {
    let value = node.settings.get(key)?;
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

fn attributes(node: &SourceNode, namespace: &str, given: Option<&Value>, draft: &mut Draft<'_>) -> Step {
    let mut values = Map::new();
    for (key, given) in given.and_then(Value::as_object).into_iter().flatten() {
        let given = given.get("Value").unwrap_or(given);
        let formula = match given {
            Value::String(text) => value(text, draft),
            other => literal(&other.to_string()),
        };
        values.insert(draft.attribute(&format!("{namespace}.{key}")).to_string(), json!(formula));
    }
    let step = if values.is_empty() { event("", "passed", &[]) } else { set("", values) };
    on(step, "done", node)
}

fn compare(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let operand = value(node.setting("ComparisonValue").unwrap_or_default(), draft);
    let step = decide(node, &operand, draft)?;
    let no_match = node.edge("NoMatchingCondition").or(node.edge("next"));
    Ok(vec![step.exit_or("otherwise", no_match, "no_match").exit_if("error", node.edge("NoMatchingError"))])
}

/// A decision by the conditions of an action.
fn decide(node: &SourceNode, operand: &str, draft: &mut Draft<'_>) -> Result<Step, Foreign> {
    let mut cases = Vec::new();
    let mut conditions = Vec::new();
    for (at, edge) in node.edges.iter().enumerate().filter(|(_, edge)| !edge.when.is_null()) {
        let operator = edge.when.get("Operator").and_then(Value::as_str).unwrap_or_default();
        let other = edge.when.pointer("/Operands/0").and_then(Value::as_str).unwrap_or_default();
        if other.contains("$.") {
            if operator != "Equals" {
                return Err(Foreign::new(
                    "it compares by more than equality with a reference",
                    "il compare à une référence autrement que par égalité",
                ));
            }
            conditions.push((
                format!("{operand} == {}", value(other, draft)),
                false,
                "same".to_owned(),
                Goal::Edge(at),
            ));
            continue;
        }
        let bound = || {
            other.parse::<f64>().map_err(|_| {
                Foreign::new(format!("'{other}' is not a number"), format!("« {other} » n’est pas un nombre"))
            })
        };
        let when = match operator {
            "Equals" => json!({ "equals": other }),
            "TextContains" => json!({ "contains": other }),
            "TextStartsWith" => json!({ "starts_with": other }),
            "TextEndsWith" => json!({ "ends_with": other }),
            "NumberGreaterThan" => json!({ "range": { "above": bound()? } }),
            "NumberGreaterOrEqualTo" => json!({ "range": { "at_least": bound()? } }),
            "NumberLessThan" => json!({ "range": { "below": bound()? } }),
            "NumberLessOrEqualTo" => json!({ "range": { "at_most": bound()? } }),
            operator => {
                return Err(Foreign::new(
                    format!("the comparison '{operator}' has no equivalent"),
                    format!("la comparaison « {operator} » n’a pas d’équivalent"),
                ));
            }
        };
        if operator == "Equals" {
            conditions.push((format!("{operand} == {}", literal(other)), false, other.to_owned(), Goal::Edge(at)));
        }
        cases.push(Case { when, not: false, name: other.to_owned(), goal: Goal::Edge(at) });
    }
    if conditions.len() > cases.len() || (cases.is_empty() && !conditions.is_empty()) {
        return Ok(branch("", conditions));
    }
    if cases.is_empty() {
        return Err(Foreign::new("it has no conditions", "il n’a pas de conditions"));
    }
    Ok(switch("", operand, cases, true))
}

/// Calls a function over HTTP with its attributes as JSON; its answer is `$.External`.
fn lambda(node: &SourceNode, draft: &mut Draft<'_>) -> Vec<Step> {
    let source = node.setting("LambdaFunctionARN").or(node.setting("FunctionArn")).unwrap_or("function");
    let address = draft.address(source, "");
    let given = node.settings.get("LambdaInvocationAttributes").or(node.settings.get("named"));
    let parameters = fields(given, draft);
    let external = draft.attribute("External");
    let time_s = number(node, "InvocationTimeLimitSeconds").or(number(node, "TimeLimit")).unwrap_or(3).clamp(1, 60);
    draft.note(
        (
            "the function is called over HTTP with its parameters as JSON",
            "la fonction est appelée en HTTP, ses paramètres en JSON",
        ),
        (
            "Give the function an address and fill it in; protect it by a signature",
            "Donnez une adresse à la fonction et remplissez-la ; protégez-la par une signature",
        ),
    );
    let config = json!({
        "url": address, "method": "POST", "send": { "json": parameters }, "timeout": format!("{time_s}s"),
        "into": { "": external },
    });
    vec![failing(Step::new("http_request", "", config).exit_or("ok", node.edge("next"), "completed"), node)]
}

fn failing(step: Step, node: &SourceNode) -> Step {
    let failure = node.edge("NoMatchingError");
    step.exit_if("rejected", failure).exit_if("failed", failure).exit_if("error", failure)
}

/// Values as a rhai map.
fn fields(given: Option<&Value>, draft: &mut Draft<'_>) -> String {
    let mut fields = Vec::new();
    for (key, given) in given.and_then(Value::as_object).into_iter().flatten() {
        fields.push(format!("{}: {}", literal(key), json_value(given, draft)));
    }
    format!("#{{{}}}", fields.join(", "))
}

fn json_value(given: &Value, draft: &mut Draft<'_>) -> String {
    match given {
        Value::String(text) => value(text, draft),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| json_value(item, draft)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(_) => fields(Some(given), draft),
        Value::Null => "()".to_owned(),
        Value::Bool(_) | Value::Number(_) => given.to_string(),
    }
}

/// Customer files, cases and tasks: other systems' data, asked over HTTP.
fn service(node: &SourceNode, draft: &mut Draft<'_>) -> Vec<Step> {
    let (called, into) = match node.kind.as_str() {
        "GetCustomerProfile" | "CreateCustomerProfile" => ("customer-profiles", "Customer"),
        "CreateTask" => ("tasks", "Task"),
        _ => ("cases", "Case"),
    };
    let address = draft.address(&format!("connect:{called}"), called);
    let parameters = fields(Some(&node.settings), draft);
    let into = draft.attribute(into);
    let status = draft.attribute(&format!("{called} status"));
    draft.note(
        (
            "customer files, cases and tasks are asked over HTTP from the system that you name",
            "les fiches client, dossiers et tâches sont demandés en HTTP au système que vous nommez",
        ),
        (
            "Fill in its address; 404 means none found, 409 several",
            "Remplissez son adresse ; 404 signifie aucun, 409 plusieurs",
        ),
    );
    let config = json!({
        "url": format!("{address}/{}", snake(&node.kind)), "method": "POST", "send": { "json": parameters },
        "into": { "": into }, "status_into": status,
    });
    let none = node.edge("NoneFoundError").or(node.edge("NoneFound"));
    let several = node.edge("MultipleFoundError").or(node.edge("MultipleFound"));
    let call = Step::new("http_request", "", config).exit_or("ok", node.edge("next"), "completed");
    let failure = node.edge("NoMatchingError");
    if none.is_none() && several.is_none() {
        return vec![failing(call, node)];
    }
    let case = |status: u16, name: &str, edge: Option<usize>| {
        edge.map(|edge| Case {
            when: json!({ "equals": status }),
            not: false,
            name: name.to_owned(),
            goal: Goal::Edge(edge),
        })
    };
    let cases = [case(404, "none", none), case(409, "several", several)].into_iter().flatten().collect();
    vec![
        call.exit("rejected", Goal::Step(1)).exit_if("failed", failure).exit_if("error", failure),
        switch("found", &format!("attributes.{status}"), cases, true).exit_or("otherwise", failure, "failed"),
    ]
}

fn go(node: &SourceNode, draft: &mut Draft<'_>) -> Step {
    let source = node.setting("ContactFlowId").unwrap_or("flow");
    let flow = draft.flow(source, node.setting("resourceName").unwrap_or_default());
    Step::new("goto_flow", "", json!({ "flow": flow })).exit_if("error", node.edge("NoMatchingError"))
}

fn module(node: &SourceNode, draft: &mut Draft<'_>) -> Step {
    let source = node.setting("FlowModuleId").or(node.setting("ModuleId")).unwrap_or("module");
    let flow = draft.flow(source, node.setting("resourceName").unwrap_or_default());
    let mut names = exit_names(&["done", "error"]);
    let mut step = Step::new("subflow", "", json!({ "flow": flow }));
    let mut ends = Vec::new();
    for (at, edge) in node.edges.iter().enumerate().filter(|(_, edge)| !edge.when.is_null()) {
        let operand = edge.when.pointer("/Operands/0").and_then(Value::as_str).unwrap_or("end");
        let exit = names.unique(operand, "end");
        ends.push(exit.clone());
        step = step.exit(exit, Goal::Edge(at));
    }
    if !ends.is_empty() {
        step.config.insert("ends".to_owned(), json!(ends));
    }
    on(step, "done", node)
}

fn target_queue(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    if node.setting("AgentId").or(node.setting("Agent")).is_some() {
        return Err(Foreign::new("it asks for one agent by name", "il demande un agent nommé"));
    }
    let source = node.setting("QueueId").or(node.setting("Queue")).unwrap_or("queue");
    let skill = draft.named(BindingKind::Skill, source, node.setting("resourceName").unwrap_or_default());
    Ok(vec![Step::new("require_skills", "", json!({ "skills": { skill: 20 } })).exit_or(
        "done",
        node.edge("next"),
        "completed",
    )])
}

/// The contact waits here until an agent is done with him; in Connect the flow ends when it hands him over.
fn queue(node: &SourceNode, draft: &mut Draft<'_>) -> Step {
    draft.note(
        (
            "the wait has an end, which in Connect only the queue's own flow sets: a day",
            "l’attente a une fin, que seul le scénario de file fixe dans Connect : un jour",
        ),
        (
            "Set 'max_wait', and what is said meanwhile in 'treatment'",
            "Réglez « max_wait », et ce qui est dit pendant ce temps dans « treatment »",
        ),
    );
    let full = node.edge("QueueAtCapacity");
    Step::new("enqueue", "", json!({ "max_wait": "1d" }))
        .exit("ended", Goal::End("completed"))
        .exit_or("timeout", full.or(node.edge("NoMatchingError")), "timeout")
        .exit_if("error", node.edge("NoMatchingError"))
}

/// Asks for digits or words: keeps them, or goes by them.
fn input(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let text = said(node, &node.settings, "", draft)?;
    let keeps = node.kind == "StoreUserInput"
        || node.setting("StoreInput").is_some_and(|keeps| keeps.eq_ignore_ascii_case("true"));
    let into = draft.attribute("StoredCustomerInput");
    let time_s = number(node, "InputTimeLimitSeconds").or(number(node, "Timeout")).unwrap_or(5);
    let failure = node.edge("NoMatchingError");
    let silent = node.edge("InputTimeLimitExceeded").or(failure);
    let ask = Step::new(
        "ask",
        "",
        json!({ "text": text, "answer": { "type": "text" }, "into": into, "attempts": 1, "timeout": seconds(time_s) }),
    );
    let no_match = node.edge("NoMatchingCondition").or(failure);
    let ask =
        ask.exit_or("no_match", no_match, "no_match").exit_or("timeout", silent, "timeout").exit_if("error", failure);
    draft.note(
        (
            "the time for an answer is the one for keys on a telephone",
            "le temps de réponse est celui des touches d’un téléphone",
        ),
        ("Give people who write more time", "Donnez plus de temps à ceux qui écrivent"),
    );
    if keeps || node.edges.iter().all(|edge| edge.when.is_null()) {
        return Ok(vec![ask.exit_or("answered", node.edge("next").or(node.edge("NoMatchingCondition")), "completed")]);
    }
    let decide = decide(node, &format!("trim(attributes.{into})"), draft)?;
    Ok(vec![ask.exit("answered", Goal::Step(1)), part(decide, "choice").exit_or("otherwise", no_match, "no_match")])
}

fn part(mut step: Step, part: &'static str) -> Step {
    step.part = part;
    step
}

/// A bot: asked over HTTP after each message, until it has understood or given up.
fn bot(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let text = said(node, &node.settings, "", draft)?;
    let alias =
        node.settings.pointer("/LexV2Bot/AliasArn").or(node.settings.pointer("/LexBot/Name")).and_then(Value::as_str);
    let source = alias.or(node.setting("BotName")).unwrap_or("bot");
    let address = draft.address(source, "bot");
    let heard = draft.attribute(&format!("{} heard", draft.node));
    let lex = draft.attribute("Lex");
    let session = fields(node.settings.get("LexSessionAttributes"), draft);
    let failure = node.edge("NoMatchingError");
    let parameters = format!("#{{ text: attributes.{heard}, session: {session}, interaction: interaction.id }}");
    let ask = |part: &'static str, text: Value| {
        Step::new(
            "ask",
            part,
            json!({ "text": text, "answer": { "type": "text" }, "into": heard, "attempts": 1, "timeout": "5m" }),
        )
        .exit("answered", Goal::Step(1))
        .exit_or("no_match", node.edge("NoMatchingCondition"), "no_match")
        .exit_or("timeout", node.edge("InputTimeLimitExceeded").or(failure), "timeout")
        .exit_if("error", failure)
    };
    let again = draft.text("again", Said::from([(english(), format!("${{attributes.{lex}?.message}}"))]));
    draft.note(
        ("the bot is asked over HTTP, one message at a time", "le robot est interrogé en HTTP, un message à la fois"),
        (
            "Fill in the address of a service that answers with IntentName, Slots, and 'message' while it wants to know more",
            "Remplissez l’adresse d’un service qui répond par IntentName, Slots, et « message » tant qu’il veut en savoir plus",
        ),
    );
    let call = Step::new(
        "http_request",
        "bot",
        json!({ "url": address, "method": "POST", "send": { "json": parameters }, "into": { "": lex } }),
    )
    .exit("ok", Goal::Step(2));
    let more = Step::new(
        "branch",
        "more",
        json!({ "cases": [{ "when": format!("(attributes.{lex}?.message ?? \"\") != \"\""), "exit": "more" }] }),
    )
    .exit("more", Goal::Step(3))
    .exit("otherwise", Goal::Step(4));
    let no_match = node.edge("NoMatchingCondition").or(node.edge("next"));
    let mut steps = vec![ask("", text), failing(call, node), more, ask("again", again)];
    if node.edges.iter().all(|edge| edge.when.is_null()) {
        // Nothing is decided here: whatever was understood goes the same way.
        steps[2].exits.pop();
        let more = steps.remove(2).exit_or("otherwise", no_match, "no_match");
        steps.insert(2, more);
        return Ok(steps);
    }
    let intent = decide(node, &format!("(attributes.{lex}?.IntentName ?? \"\")"), draft)?;
    steps.push(part(intent, "intent").exit_or("otherwise", no_match, "no_match"));
    Ok(steps)
}

/// A view of cards, a list, a detail or a confirmation: a question with its actions to choose from.
fn view(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let kind = node.settings.pointer("/ViewResource/Id").and_then(Value::as_str).unwrap_or_default();
    let shown = shown(&node.settings["ViewData"]);
    let is_choice = matches!(kind, "cards" | "list" | "detail" | "confirmation") || kind == "form" && shown.is_some();
    if !is_choice {
        return Err(Foreign::new(
            format!("the view '{kind}' takes several values at once"),
            format!("la vue « {kind} » prend plusieurs valeurs à la fois"),
        ));
    }
    let data = &node.settings["ViewData"];
    let text = |key: &str| data.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
    let headings = ["Heading", "SubHeading", "Description"];
    let mut heading: Vec<String> = headings.iter().filter_map(|key| text(key)).map(str::to_owned).collect();
    heading.extend(shown.into_iter().flatten());
    let views = draft.attribute("Views");
    let mut names = exit_names(&["no_match", "timeout", "error"]);
    let mut options = Vec::new();
    let mut exits = Vec::new();
    for (at, edge) in node.edges.iter().enumerate().filter(|(_, edge)| !edge.when.is_null()) {
        let action = edge.when.pointer("/Operands/0").and_then(Value::as_str).unwrap_or("action");
        for label in labels(data, action) {
            let exit = names.unique(&label, "action");
            options.push(json!({ "id": exit, "label": text_of(&label, "action", draft) }));
            exits.push((exit, Goal::Edge(at)));
        }
    }
    if options.is_empty() {
        return Err(Foreign::new("the view has no actions", "la vue n’a pas d’actions"));
    }
    draft.note(
        (
            "the view is said as a message with its actions to choose from",
            "la vue est dite comme un message, ses actions étant à choisir",
        ),
        ("Say in the text what the view shows besides", "Dites dans le texte ce que la vue montre par ailleurs"),
    );
    let time_s = number(node, "InvocationTimeLimitSeconds").unwrap_or(300);
    let question = text_of(if heading.is_empty() { "…".to_owned() } else { heading.join("\n") }.as_str(), "", draft);
    let menu = Step::new(
        "menu",
        "",
        json!({ "text": question, "options": options, "timeout": seconds(time_s), "into": views }),
    );
    let menu = exits.into_iter().fold(menu, |menu, (exit, goal)| menu.exit(exit, goal));
    Ok(vec![
        menu.exit_or("no_match", node.edge("NoMatchingCondition"), "no_match")
            .exit_or("timeout", node.edge("TimeLimitExceeded"), "timeout")
            .exit_if("error", node.edge("NoMatchingError")),
    ])
}

/// What a form shows, when it asks for nothing: each value with its label.
fn shown(data: &Value) -> Option<Vec<String>> {
    let sections = data.get("Sections")?.as_array()?;
    let mut lines = Vec::new();
    for section in sections {
        if section.get("Type").and_then(Value::as_str) != Some("DataSection") {
            return None;
        }
        for item in section.get("Items").and_then(Value::as_array).into_iter().flatten() {
            let text = |key: &str| item.get(key).and_then(Value::as_str).unwrap_or_default();
            lines.push(format!("{}: {}", text("Label"), text("Value")));
        }
    }
    Some(lines)
}

/// What a view calls an action: its button, or each of the things it shows.
fn labels(data: &Value, action: &str) -> Vec<String> {
    let label = |value: &Value| {
        let label = value.get("Label").or(value.get("Heading")).or(Some(value)).and_then(Value::as_str);
        label.filter(|label| !label.is_empty()).map(str::to_owned)
    };
    if let Some(label) = data.get(action).and_then(label) {
        return vec![label];
    }
    if action == "ActionSelected" {
        let cards = data.get("Cards").and_then(Value::as_array).into_iter().flatten();
        let items = data.get("Items").and_then(Value::as_array).into_iter().flatten();
        let summaries = cards.filter_map(|card| card.get("Summary")).chain(items).filter_map(label);
        let labels: Vec<String> = summaries.take(40).collect();
        if !labels.is_empty() {
            return labels;
        }
    }
    vec![action.to_owned()]
}

fn around(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let count = node.setting("LoopCount").unwrap_or_default();
    let config = match count.parse::<u32>() {
        Ok(times @ 1..=100) => json!({ "times": times }),
        Ok(_) => {
            return Err(Foreign::new(
                "it goes round none or more than 100 times",
                "elle tourne zéro ou plus de 100 fois",
            ));
        }
        Err(_) => {
            let number = draft.function("figure");
            json!({ "over": format!("{}({number}({}))", draft.function("places"), value(count, draft)) })
        }
    };
    Ok(vec![
        Step::new("loop", "", config)
            .exit_or("repeat", node.edge("Equals ContinueLooping"), "completed")
            .exit_or("done", node.edge("Equals DoneLooping").or(node.edge("next")), "completed")
            .exit_if("error", node.edge("NoMatchingError")),
    ])
}

fn wait(node: &SourceNode) -> Step {
    let length_s = number(node, "TimeLimitSeconds").or(number(node, "TimeoutSeconds")).unwrap_or(60);
    let back = node.edge("Equals CustomerReturned");
    let mut config = json!({ "for": seconds(length_s) });
    if back.is_some() {
        config["interruptible"] = json!(true);
    }
    let done = node.edge("Equals WaitCompleted").or(node.edge("next"));
    Step::new("wait", "", config).exit_or("done", done, "timeout").exit_if("message", back)
}

fn hours(node: &SourceNode, draft: &mut Draft<'_>) -> Step {
    let source = node.setting("HoursOfOperationId").or(node.setting("Hours")).unwrap_or_default();
    let calendar = match source {
        "" => "@touchpoint".to_owned(),
        source => draft.named(BindingKind::Calendar, source, node.setting("resourceName").unwrap_or_default()),
    };
    let open = node.edge("Equals True");
    let closed = node.edge("Equals False").or(node.edge("next"));
    Step::new("business_hours", "", json!({ "calendar": calendar }))
        .exit_or("open", open, "open")
        .exit_or("closed", closed, "closed")
        .exit_or("holiday", closed, "closed")
        .exit_if("error", node.edge("NoMatchingError"))
}

/// A condition on one count of a queue.
fn metric(node: &SourceNode) -> Result<Vec<Step>, Foreign> {
    let what = match node.setting("MetricType").or(node.setting("Status")).unwrap_or_default() {
        "NumberOfAgentsStaffed" | "NumberOfAgentsOnline" | "Online" | "Staffed" => "agents",
        "NumberOfAgentsAvailable" | "Available" => "available",
        "NumberOfContactsInQueue" => "waiting",
        other => {
            return Err(Foreign::new(
                format!("the metric '{other}' is not kept"),
                format!("la mesure « {other} » n’est pas tenue"),
            ));
        }
    };
    if node.setting("Agent").is_some() {
        return Err(Foreign::new("it looks at one agent, not at a queue", "il regarde un agent, et non une file"));
    }
    let mut names = exit_names(&["otherwise", "error"]);
    let mut step = Step::new("check_queue", "", json!({}));
    let mut cases = Vec::new();
    let mut not = None;
    for (at, edge) in node.edges.iter().enumerate().filter(|(_, edge)| !edge.when.is_null()) {
        let operator = edge.when.get("Operator").and_then(Value::as_str).unwrap_or_default();
        let operand = edge.when.pointer("/Operands/0").and_then(Value::as_str).unwrap_or_default();
        let bound = match (operator, operand, operand.parse::<u32>()) {
            (_, "True", _) => json!({ "at_least": 1 }),
            (_, "False", _) => {
                not = Some(at);
                continue;
            }
            ("NumberGreaterThan", _, Ok(bound)) => json!({ "at_least": bound.saturating_add(1) }),
            ("NumberGreaterOrEqualTo", _, Ok(bound)) => json!({ "at_least": bound }),
            ("NumberLessThan", _, Ok(bound @ 1..)) => json!({ "at_most": bound - 1 }),
            ("NumberLessOrEqualTo", _, Ok(bound)) => json!({ "at_most": bound }),
            ("Equals", _, Ok(bound)) => json!({ "at_least": bound, "at_most": bound }),
            _ => return Err(Foreign::new("its condition has no equivalent", "sa condition n’a pas d’équivalent")),
        };
        let exit = names.unique(operand, "case");
        cases.push(json!({ what: bound, "exit": exit }));
        step = step.exit(exit, Goal::Edge(at));
    }
    step.config.insert("cases".to_owned(), Value::Array(cases));
    let otherwise = node.edge("NoMatchingCondition").or(not).or(node.edge("next"));
    Ok(vec![step.exit_or("otherwise", otherwise, "no_match").exit_if("error", node.edge("NoMatchingError"))])
}

/// Figures of a queue, kept where references look for them.
fn metrics(node: &SourceNode, draft: &mut Draft<'_>) -> Vec<Step> {
    let waiting = draft.attribute("Metrics waiting");
    let agents = draft.attribute("Metrics agents");
    let available = draft.attribute("Metrics available");
    let metrics = draft.attribute("Metrics");
    draft.note(
        (
            "of the metrics, those kept are contacts waiting and agents online and available",
            "des mesures sont tenus les contacts en attente et les agents présents et disponibles",
        ),
        ("Look at what reads the others", "Regardez ce qui lit les autres"),
    );
    let view = format!(
        "#{{ Queue: #{{ Size: attributes.{waiting} }}, Agents: #{{ Online: #{{ Count: attributes.{agents} }}, Available: #{{ Count: attributes.{available} }} }} }}"
    );
    let into = json!({ "waiting": waiting, "agents": agents, "available": available });
    vec![
        Step::new("check_queue", "", json!({ "into": into }))
            .exit("otherwise", Goal::Step(1))
            .exit_if("error", node.edge("NoMatchingError")),
        crate::import::common::set_one("figures", metrics.as_str(), &view).exit_or(
            "done",
            node.edge("next"),
            "completed",
        ),
    ]
}

/// A setting of the voice platform: an event tells it to the touchpoint, which alone can act on it.
fn platform(node: &SourceNode, draft: &mut Draft<'_>) -> Step {
    let mut values = Vec::new();
    for (key, given) in node.settings.as_object().into_iter().flatten() {
        let empty = given.is_null() || given.as_object().is_some_and(Map::is_empty);
        if !empty {
            values.push((key.clone(), json_value(given, draft)));
        }
    }
    draft.note(
        (
            "recording, voices, logging and media are the touchpoint's matter: an event tells it",
            "enregistrement, voix, journaux et médias relèvent du point de contact : un événement le lui dit",
        ),
        (
            "Let the voice bridge listen for it, or remove the node",
            "Faites-le écouter au pont vocal, ou supprimez le nœud",
        ),
    );
    let fields: Vec<(&str, String)> = values.iter().map(|(key, value)| (key.as_str(), value.clone())).collect();
    on(event("", &format!("connect.{}", snake(&node.kind)), &fields), "done", node)
}

/// Flows that another part of Connect runs: whispers are the voice bridge's, those of queues have no equivalent.
fn hooks(node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let mut hooks: Vec<(String, String)> = Vec::new();
    for (hook, flow) in node.settings.get("EventHooks").and_then(Value::as_object).into_iter().flatten() {
        hooks.push((hook.clone(), flow.as_str().unwrap_or_default().to_owned()));
    }
    if let Some(hook) = node.setting("Type") {
        hooks.push((hook.to_owned(), node.setting("ContactFlowId").unwrap_or_default().to_owned()));
    }
    let whispers = ["AgentWhisper", "CustomerWhisper", "OutboundWhisper", "AgentHold", "CustomerHold"];
    if let Some((hook, _)) = hooks.iter().find(|(hook, _)| !whispers.contains(&hook.as_str())) {
        return Err(Foreign::new(
            format!("the flow for '{hook}' belongs to the queue or to the end of a conversation"),
            format!("le scénario de « {hook} » relève de la file ou de la fin d’une conversation"),
        ));
    }
    let mut fields = Vec::new();
    for (hook, flow) in &hooks {
        let called = node.setting("resourceName").unwrap_or_default();
        fields.push((hook.as_str(), literal(&draft.flow(flow, called))));
    }
    draft.note(
        (
            "whispers and holds are the voice bridge's matter: an event tells it which flow was meant",
            "les apartés et mises en garde relèvent du pont vocal : un événement lui dit quel scénario était prévu",
        ),
        ("Set them there", "Réglez-les là-bas"),
    );
    Ok(vec![on(event("", "connect.hooks", &fields), "done", node)])
}

fn priority(node: &SourceNode) -> Result<Vec<Step>, Foreign> {
    // 1 is first in Connect and 5 usual; higher is first here.
    match number(node, "QueuePriority") {
        Some(place @ 1..=100) => {
            let place = i64::try_from(place).unwrap_or(100);
            let step = Step::new("set_priority", "", json!({ "priority": 5 - place }));
            Ok(vec![
                step.exit_or("done", node.edge("next"), "completed").exit_if("error", node.edge("NoMatchingError")),
            ])
        }
        _ => Err(Foreign::new("it changes the time in the queue", "il change le temps passé dans la file")),
    }
}

/// Shares contacts out by percentage; what is left goes by the default.
fn distribute(node: &SourceNode) -> Result<Vec<Step>, Foreign> {
    let mut names = exit_names(&["error"]);
    let mut step = Step::new("split", "", json!({ "sticky": "visit" }));
    let mut parts = Vec::new();
    let mut before = 0_u64;
    for (at, edge) in node.edges.iter().enumerate().filter(|(_, edge)| !edge.when.is_null()) {
        // Conditions are cumulative bounds: less than 30, less than 100.
        let bound = edge.when.pointer("/Operands/0").and_then(Value::as_str).and_then(|text| text.parse::<u64>().ok());
        let bound = bound
            .filter(|bound| (before..=101).contains(bound))
            .ok_or_else(|| Foreign::new("its shares are not percentages", "ses parts ne sont pas des pourcentages"))?;
        let bound = bound.min(100);
        let exit = names.unique(&format!("part {}", parts.len() + 1), "part");
        parts.push(json!({ "exit": exit, "share": bound - before }));
        step = step.exit(exit, Goal::Edge(at));
        before = bound;
    }
    let default = node.edge("NoMatchingCondition").or(node.edge("next"));
    if before < 100 {
        let exit = names.unique("rest", "rest");
        parts.push(json!({ "exit": exit, "share": 100 - before }));
        step = step.exit_or(&exit, default, "completed");
    }
    step.config.insert("parts".to_owned(), Value::Array(parts));
    Ok(vec![step.exit_if("error", node.edge("NoMatchingError"))])
}
