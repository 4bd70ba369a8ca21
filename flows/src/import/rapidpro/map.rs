//! What each node is here: its actions one after the other, then its router.

use serde_json::{Map, Value, json};

use crate::{
    import::{
        binding::BindingKind,
        common::{Case, bound_address, branch, event, otherwise, seconds, set, set_one, switch},
        draft::{Draft, Foreign, Goal, Said, Step},
        excellent::{self, Untranslatable, below},
        names::slug,
        rhai::{Piece, formula, literal, path, template},
        source::{EdgeRole, SourceFlow, SourceNode},
    },
    name::Locale,
};

/// What an expression's names mean.
fn resolve(root: &str, steps: &[excellent::Step], draft: &mut Draft<'_>) -> Result<String, Untranslatable> {
    use excellent::Step::Name;
    let unknown = || {
        Untranslatable::new(
            format!("what '{root}' says is not known here"),
            format!("ce que dit « {root} » n’est pas connu ici"),
        )
    };
    match (root, steps) {
        ("input" | "step" | "msg", _) => Ok("message.text".to_owned()),
        ("results" | "flow", [Name(name), rest @ ..]) => {
            let rest = match rest {
                [Name(part), rest @ ..] if part == "category" => {
                    let attribute = draft.attribute(&format!("{} category", slug(name).to_lowercase()));
                    return Ok(below(&format!("attributes.{attribute}"), rest));
                }
                [Name(part), rest @ ..] if ["value", "text", "input"].contains(&part.as_str()) => rest,
                rest => rest,
            };
            Ok(below(&format!("attributes.{}", result(name, draft)), rest))
        }
        ("contact", [Name(name)]) => Ok(contact(name, draft)),
        ("contact", [Name(fields), Name(name)]) if fields == "fields" => Ok(contact(name, draft)),
        ("contact", []) => Ok("contact.name".to_owned()),
        ("fields", [Name(name)]) => Ok(contact(name, draft)),
        ("urns", _) => Ok("contact.address".to_owned()),
        ("globals" | "trigger" | "webhook" | "legacy_extra" | "extra" | "parent" | "child", steps) => {
            let (name, rest) = match (root, steps) {
                ("trigger", [Name(params), Name(name), rest @ ..]) if params == "params" => {
                    (format!("trigger.{name}"), rest)
                }
                ("globals", [Name(name), rest @ ..]) => (format!("globals.{name}"), rest),
                (root, rest) => (root.to_owned(), rest),
            };
            let attribute = draft.attribute(&name);
            Ok(below(&format!("attributes.{attribute}"), rest))
        }
        _ => Err(unknown()),
    }
}

/// The attribute of a result. Results are named as people write them and read in small letters.
fn result(name: &str, draft: &mut Draft<'_>) -> String {
    draft.attribute(&slug(name).to_lowercase()).to_string()
}

fn contact(name: &str, draft: &mut Draft<'_>) -> String {
    match name {
        "tel" | "tel_e164" | "urn" | "whatsapp" => return "contact.address".to_owned(),
        "language" => return "contact.locale".to_owned(),
        _ => {}
    }
    let attribute = draft.attribute(&format!("contact.{name}"));
    let told = match name {
        "name" | "first_name" => "contact.name".to_owned(),
        name => path("contact.fields", &[name]).replacen("?.", ".", 1),
    };
    format!("(attributes.{attribute} ?? {told})")
}

fn pieces(source: &str, draft: &mut Draft<'_>) -> Result<Vec<Piece>, Untranslatable> {
    excellent::text(source, resolve, draft)
}

fn value(source: &str, draft: &mut Draft<'_>) -> Result<String, Untranslatable> {
    Ok(formula(&pieces(source, draft)?))
}

pub(super) fn map(flow: &SourceFlow, node: &SourceNode, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
    let mut chain = Chain { flow, node, steps: Vec::new() };
    for action in super::actions(&node.settings) {
        chain.action(action, draft)?;
    }
    match node.settings.get("router").filter(|router| router.is_object()) {
        Some(router) => chain.router(router, draft)?,
        None => {
            if chain.steps.is_empty() {
                chain.steps.push(event("", "passed", &[]));
            }
            let last = chain.steps.len() - 1;
            for exit in exits_of(chain.steps[last].kind) {
                chain.leave(last, exit, (!node.edges.is_empty()).then_some(0));
            }
        }
    }
    Ok(chain.steps)
}

/// The exits of a step that all lead to what comes next when nothing tells them apart.
fn exits_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "send_mail" => &["sent"],
        "http_request" => &["ok", "rejected", "failed"],
        "subflow" => &["done", "expired"],
        "enqueue" => &["ended", "timeout"],
        "goto_flow" => &[],
        _ => &["done"],
    }
}

struct Chain<'a> {
    flow: &'a SourceFlow,
    node: &'a SourceNode,
    steps: Vec<Step>,
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The names in a list of references.
fn called(list: Option<&Value>) -> String {
    let name = |one: &Value| one.get("name").or(Some(one)).and_then(Value::as_str).map(str::to_owned);
    let names: Vec<String> = list.and_then(Value::as_array).into_iter().flatten().filter_map(name).collect();
    json!(names).to_string()
}

impl Chain<'_> {
    /// Ties the exit of a step that nothing follows to an edge.
    fn leave(&mut self, at: usize, exit: &str, edge: Option<usize>) {
        let goal = edge.map_or(Goal::End("completed"), Goal::Edge);
        self.steps[at].exits.push((exit.to_owned(), goal));
    }

    /// Adds a step after which the next one comes.
    fn then(&mut self, step: Step) {
        let next = self.steps.len() + 1;
        self.steps.push(step.exit("done", Goal::Step(next)));
    }

    /// An unfinished chain: the last step has no exit yet.
    fn action(&mut self, action: &Value, draft: &mut Draft<'_>) -> Result<(), Foreign> {
        // The exit of the step before is tied when the next one is known.
        self.go_on();
        let step = self.step(action, draft)?;
        self.steps.extend(step);
        Ok(())
    }

    fn step(&mut self, action: &Value, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
        let kind = text(action, "type");
        Ok(vec![match kind {
            "send_msg" | "say_msg" | "reply" => {
                let said = self.said(action, draft)?;
                for (key, en, fr) in [
                    ("quick_replies", "quick replies are not shown", "les réponses rapides ne sont pas montrées"),
                    ("attachments", "attachments are not sent", "les pièces jointes ne sont pas envoyées"),
                ] {
                    if action.get(key).and_then(Value::as_array).is_some_and(|list| !list.is_empty()) {
                        draft.note(
                            (en, fr),
                            (
                                "Use a menu, or put the links into the text",
                                "Employez un menu, ou mettez les liens dans le texte",
                            ),
                        );
                    }
                }
                Step::new("send_message", "say", json!({ "text": draft.text("", said) }))
            }
            "set_run_result" => {
                let name = text(action, "name");
                let mut values = Map::new();
                values.insert(result(name, draft), json!(value(text(action, "value"), draft)?));
                let category = text(action, "category");
                if !category.is_empty() {
                    let attribute = draft.attribute(&format!("{} category", slug(name).to_lowercase()));
                    values.insert(attribute.to_string(), json!(literal(category)));
                }
                set("result", values)
            }
            "set_contact_field" => {
                let field = action.get("field").map_or("", |field| text(field, "key"));
                return self.keep(field, &value(text(action, "value"), draft)?, draft);
            }
            "set_contact_name" => return self.keep("name", &value(text(action, "name"), draft)?, draft),
            "set_contact_language" => return self.keep("language", &literal(text(action, "language")), draft),
            "set_contact_status" => return self.keep("status", &literal(text(action, "status")), draft),
            "add_contact_urn" => {
                let urn = value(text(action, "path"), draft)?;
                elsewhere("contact.urn", draft);
                event("tell", "contact.urn", &[("scheme", literal(text(action, "scheme"))), ("path", urn)])
            }
            "add_contact_groups" | "remove_contact_groups" => {
                elsewhere("contact.groups", draft);
                let member = (kind == "add_contact_groups").to_string();
                let groups = called(action.get("groups"));
                event("tell", "contact.groups", &[("groups", groups), ("member", member)])
            }
            "add_input_labels" => {
                elsewhere("message.labels", draft);
                event("tell", "message.labels", &[("labels", called(action.get("labels")))])
            }
            "enter_flow" => {
                let flow = action.get("flow").unwrap_or(&Value::Null);
                let id = draft.flow(text(flow, "uuid"), text(flow, "name"));
                if action.get("terminal").and_then(Value::as_bool).unwrap_or(false) {
                    return Ok(vec![Step::new("goto_flow", "go", json!({ "flow": id }))]);
                }
                Step::new("subflow", "call", json!({ "flow": id, "ends": ["expired"] }))
            }
            "call_webhook" => return self.webhook(action, draft),
            "open_ticket" => {
                let topic = action.get("topic").map_or("", |topic| text(topic, "name"));
                let topic = if topic.is_empty() { "General" } else { topic };
                let skill = draft.named(BindingKind::Skill, topic, topic);
                return Ok(vec![
                    Step::new("require_skills", "skill", json!({ "skills": { skill: 20 } }))
                        .exit("done", Goal::Step(self.steps.len() + 1)),
                    Step::new("enqueue", "agent", json!({})),
                ]);
            }
            "send_email" => {
                let mut to = Vec::new();
                for address in action.get("addresses").and_then(Value::as_array).into_iter().flatten() {
                    to.push(json!(template(&pieces(address.as_str().unwrap_or_default(), draft)?)));
                }
                let mut words = |key: &str, part: &str| -> Result<Value, Foreign> {
                    let said = Said::from([(self.locale(), template(&pieces(text(action, key), draft)?))]);
                    Ok(draft.text(part, said))
                };
                let (subject, body) = (words("subject", "subject")?, words("body", "body")?);
                let server = draft.named(BindingKind::Secret, "mail server", "mail");
                draft.note(
                    (
                        "the export does not say from which address it sends",
                        "l’export ne dit pas de quelle adresse il envoie",
                    ),
                    ("Set 'from'", "Renseignez « from »"),
                );
                Step::new(
                    "send_mail",
                    "mail",
                    json!({ "server": server, "from": "flows@example.com", "to": to, "subject": subject, "text": body }),
                )
            }
            kind => {
                return Err(Foreign::new(
                    format!("the action '{kind}' has no equivalent"),
                    format!("l’action « {kind} » n’a pas d’équivalent"),
                ));
            }
        }])
    }

    /// Keeps something of the contact, and tells it.
    fn keep(&mut self, field: &str, value: &str, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
        let attribute = draft.attribute(&format!("contact.{field}"));
        elsewhere("contact.field", draft);
        let value_of = format!("attributes.{attribute}");
        Ok(vec![
            set_one("keep", attribute.as_str(), value).exit("done", Goal::Step(self.steps.len() + 1)),
            event("tell", "contact.field", &[("field", literal(field)), ("value", value_of)]),
        ])
    }

    fn webhook(&mut self, action: &Value, draft: &mut Draft<'_>) -> Result<Vec<Step>, Foreign> {
        let url = text(action, "url");
        let Some((address, rest)) = bound_address(url, draft) else {
            return Err(Foreign::new(
                "the host of its address is not written out",
                "l’hôte de son adresse n’est pas écrit",
            ));
        };
        let method = if text(action, "method").is_empty() { "GET" } else { text(action, "method") };
        let rest = template(&pieces(&url[rest..], draft)?);
        let body = draft.attribute("webhook");
        let status = draft.attribute("webhook status");
        let mut config = json!({
            "url": format!("{address}{rest}"), "method": method, "into": { "": body }, "status_into": status,
        });
        if !text(action, "body").is_empty() && method != "GET" {
            config["send"] = json!({ "text": template(&pieces(text(action, "body"), draft)?) });
        }
        for (key, header) in action.get("headers").and_then(Value::as_object).into_iter().flatten() {
            let header = header.as_str().unwrap_or_default();
            if key.eq_ignore_ascii_case("authorization") {
                config["secret_headers"]["authorization"] = json!(draft.named(BindingKind::Secret, header, "token"));
            } else {
                config["headers"][key.to_ascii_lowercase()] = json!(template(&pieces(header, draft)?));
            }
        }
        Ok(vec![Step::new("http_request", "ask", config)])
    }

    /// A text in every language there is.
    fn said(&self, action: &Value, draft: &mut Draft<'_>) -> Result<Said, Foreign> {
        let mut said = Said::new();
        if let Some(texts) = action.get("texts").and_then(Value::as_object) {
            for (language, text) in texts {
                said.insert(locale(language), template(&pieces(text.as_str().unwrap_or_default(), draft)?));
            }
        }
        if said.is_empty() {
            said.insert(self.locale(), template(&pieces(text(action, "text"), draft)?));
        }
        let translations = self.flow.context.get("localization").and_then(Value::as_object);
        for (language, items) in translations.into_iter().flatten() {
            let translated =
                items.get(text(action, "uuid")).and_then(|item| item.pointer("/text/0")).and_then(Value::as_str);
            if let Some(translated) = translated {
                said.insert(locale(language), template(&pieces(translated, draft)?));
            }
        }
        Ok(said)
    }

    fn locale(&self) -> Locale {
        locale(self.flow.context["language"].as_str().unwrap_or_default())
    }

    fn router(&mut self, router: &Value, draft: &mut Draft<'_>) -> Result<(), Foreign> {
        let asked = self.steps.last().map(|step| step.kind);
        match asked {
            Some("subflow" | "http_request" | "enqueue" | "goto_flow") => {
                self.outcome(router);
                return Ok(());
            }
            Some(_) | None => self.go_on(),
        }
        if text(router, "type") == "random" {
            return self.random(router);
        }
        let wait = router.get("wait").filter(|wait| wait.is_object());
        if let Some(wait) = wait {
            self.wait(wait, draft)?;
        }
        self.keep_result(router, wait.is_some(), draft)?;
        self.decide(router, draft)
    }

    /// Leads the last step to the one that comes next, where it leads nowhere yet.
    fn go_on(&mut self) {
        let next = self.steps.len();
        if let Some(last) = self.steps.last_mut()
            && last.exits.is_empty()
        {
            last.exits.extend(exits_of(last.kind).iter().map(|exit| ((*exit).to_owned(), Goal::Step(next))));
        }
    }

    /// The exit of a category.
    fn edge_of(&self, router: &Value, category: Option<&Value>) -> Option<usize> {
        let category = category.filter(|category| !category.is_null())?;
        let categories = router.get("categories").and_then(Value::as_array)?;
        let exit = categories.iter().find(|one| one.get("uuid") == Some(category))?.get("exit_uuid")?;
        self.node.edges.iter().position(|edge| edge.when == *exit)
    }

    /// The last action has exits of its own, which the categories stand for: what went well is the first, what did not
    /// is the default or the one that failed.
    fn outcome(&mut self, router: &Value) {
        let default = self.edge_of(router, router.get("default_category_uuid"));
        let failed = self.node.edges.iter().position(|edge| edge.role == EdgeRole::Failure).or(default);
        let category_of = |wanted: &[&str]| {
            let cases = router.get("cases").and_then(Value::as_array);
            let found = cases.into_iter().flatten().find(|case| {
                let argument = case.pointer("/arguments/0").and_then(Value::as_str).unwrap_or_default();
                wanted.iter().any(|one| argument.eq_ignore_ascii_case(one))
            });
            found.and_then(|case| self.edge_of(router, case.get("category_uuid")))
        };
        let well = category_of(&["completed", "success", "200"]).or((!self.node.edges.is_empty()).then_some(0));
        let expired = category_of(&["expired"]).or(failed).or(default);
        let last = self.steps.len() - 1;
        match self.steps[last].kind {
            "subflow" => {
                self.leave(last, "done", well);
                self.leave(last, "expired", expired);
            }
            "http_request" => {
                self.leave(last, "ok", well);
                self.leave(last, "rejected", failed);
                self.leave(last, "failed", failed);
            }
            "enqueue" => {
                self.leave(last, "ended", well);
                self.leave(last, "timeout", failed);
            }
            _ => {}
        }
    }

    fn random(&mut self, router: &Value) -> Result<(), Foreign> {
        let categories = router.get("categories").and_then(Value::as_array).cloned().unwrap_or_default();
        if categories.is_empty() {
            return Err(Foreign::new("it has no categories", "il n’a pas de catégories"));
        }
        let mut names = crate::import::common::exit_names(&["error"]);
        let mut step = Step::new("split", "split", json!({ "sticky": "visit" }));
        let mut parts = Vec::new();
        for category in &categories {
            let exit = names.unique(text(category, "name"), "part");
            parts.push(json!({ "exit": exit, "share": 1 }));
            step = step.exit_or(&exit, self.edge_of(router, category.get("uuid")), "completed");
        }
        step.config.insert("parts".to_owned(), Value::Array(parts));
        self.steps.push(step);
        Ok(())
    }

    fn wait(&mut self, wait: &Value, draft: &mut Draft<'_>) -> Result<(), Foreign> {
        if text(wait, "type") != "msg" {
            let kind = text(wait, "type");
            return Err(Foreign::new(
                format!("a wait for '{kind}' has no equivalent"),
                format!("une attente de « {kind} » n’a pas d’équivalent"),
            ));
        }
        if wait
            .pointer("/hint/type")
            .is_some_and(|hint| ["image", "audio", "video", "location"].iter().any(|k| hint == k))
        {
            draft.note(
                (
                    "it waits for any message, not for a picture, recording, film or place alone",
                    "il attend tout message, pas seulement une image, un son, un film ou un lieu",
                ),
                ("Say to the contact what you expect", "Dites au contact ce que vous attendez"),
            );
        }
        let timeout = wait.get("timeout").filter(|timeout| timeout.is_object());
        let edge = timeout.and_then(|timeout| {
            self.node.edges.iter().position(|edge| edge.role == EdgeRole::Timeout).filter(|_| !timeout.is_null())
        });
        let week_min = 7 * 24 * 60;
        let expires_min = self.flow.context["expires_min"].as_u64().filter(|minutes| *minutes > 0).unwrap_or(week_min);
        let length_s =
            timeout.and_then(|timeout| timeout.get("seconds")?.as_u64()).unwrap_or(expires_min.saturating_mul(60));
        let next = self.steps.len() + 1;
        self.steps.push(
            Step::new("wait", "wait", json!({ "for": seconds(length_s), "interruptible": true }))
                .exit("message", Goal::Step(next))
                .exit_or("done", edge, "expired"),
        );
        Ok(())
    }

    /// Keeps what the operand says under the router's result.
    fn keep_result(&mut self, router: &Value, waited: bool, draft: &mut Draft<'_>) -> Result<(), Foreign> {
        let name = text(router, "result_name");
        if name.is_empty() {
            return Ok(());
        }
        let operand = self.operand(router, waited, draft)?;
        let attribute = result(name, draft);
        self.then(set_one("keep", &attribute, &operand));
        Ok(())
    }

    fn operand(&self, router: &Value, waited: bool, draft: &mut Draft<'_>) -> Result<String, Foreign> {
        let operand = text(router, "operand");
        if let Some(form) = self.node.settings.get("form_field").filter(|form| form.is_object()) {
            let delimiter = form.get("field_delimiter").and_then(Value::as_str).unwrap_or(" ");
            let index = form.get("field_index").and_then(Value::as_u64).unwrap_or(0);
            let field = draft.function("form_field");
            return Ok(format!("{field}(message.text, {}, {index})", literal(delimiter)));
        }
        if waited && (operand.is_empty() || operand == "msg") {
            return Ok("message.text".to_owned());
        }
        let operand = if operand.starts_with('@') { operand.to_owned() } else { format!("@{operand}") };
        Ok(value(&operand, draft)?)
    }

    fn decide(&mut self, router: &Value, draft: &mut Draft<'_>) -> Result<(), Foreign> {
        let default = self.edge_of(router, router.get("default_category_uuid"));
        let cases = router.get("cases").and_then(Value::as_array).cloned().unwrap_or_default();
        if cases.is_empty() {
            if self.steps.is_empty() {
                self.steps.push(event("", "passed", &[]).exit_or("done", default, "completed"));
            } else {
                let next = Goal::Step(self.steps.len());
                redirect(&mut self.steps, &next, &default.map_or(Goal::End("completed"), Goal::Edge));
            }
            return Ok(());
        }
        let waited = self.steps.iter().any(|step| step.kind == "wait");
        let operand = self.operand(router, waited, draft)?;
        let mut tests = Vec::new();
        for case in &cases {
            let test = test_of(case, draft)?;
            let category = self.edge_of(router, case.get("category_uuid"));
            let name = category.map_or("case", |edge| self.node.edges[edge].label.as_str()).to_owned();
            tests.push((test, name, category.map_or(Goal::End("completed"), Goal::Edge)));
        }
        let step = if tests.iter().all(|(test, _, _)| matches!(test, Test::Plain(_) | Test::Not(_))) {
            let exact = cases.iter().all(|case| text(case, "type") == "has_only_text");
            let cases = tests.into_iter().map(|(test, name, goal)| {
                let (when, not) = match test {
                    Test::Plain(when) => (when, false),
                    Test::Not(when) => (when, true),
                    Test::Script(_) => unreachable!("there are none among plain tests"),
                };
                Case { when, not, name, goal }
            });
            switch("decide", &operand, cases.collect(), exact)
        } else {
            let mut conditions = Vec::new();
            for (test, name, goal) in tests {
                let Test::Script(make) = test else {
                    return Err(Foreign::new(
                        "tests of two kinds stand in one decision",
                        "des conditions de deux genres se mêlent dans une décision",
                    ));
                };
                conditions.push((make.replace("OPERAND", &operand), false, name, goal));
            }
            branch("decide", conditions)
        };
        let exit = otherwise(&step);
        self.steps.push(step.exit_or(exit, default, "failed"));
        self.keep_category(router, draft);
        Ok(())
    }

    /// Keeps the category that was decided on, where something reads it.
    fn keep_category(&mut self, router: &Value, draft: &mut Draft<'_>) {
        let key = slug(text(router, "result_name")).to_lowercase();
        if key.is_empty() || !draft.reads(&format!("{key}.category")) {
            return;
        }
        let attribute = draft.attribute(&format!("{key} category"));
        let decision = self.steps.len() - 1;
        let mut keepers = Vec::new();
        for (_, goal) in &mut self.steps[decision].exits {
            if let Goal::Edge(edge) = *goal {
                *goal = Goal::Step(decision + 1 + keepers.len());
                let category = literal(&self.node.edges[edge].label);
                let keeper = set_one("category", attribute.as_str(), &category);
                keepers.push(keeper.exit("done", Goal::Edge(edge)));
            }
        }
        self.steps.extend(keepers);
    }
}

/// Leads to a goal whatever led to a step that does not exist.
fn redirect(steps: &mut [Step], missing: &Goal, goal: &Goal) {
    for (_, to) in steps.iter_mut().flat_map(|step| &mut step.exits) {
        if to == missing {
            *to = goal.clone();
        }
    }
}

/// A test as `switch` puts it, or as a condition.
enum Test {
    Plain(Value),
    Not(Value),
    Script(String),
}

fn test_of(case: &Value, draft: &mut Draft<'_>) -> Result<Test, Foreign> {
    let kind = text(case, "type");
    let argument =
        |at: usize| case.get("arguments").and_then(|all| all.get(at)).and_then(Value::as_str).unwrap_or_default();
    let words = |at: usize| -> Vec<String> {
        argument(at)
            .split(|c: char| c.is_whitespace() || c == ',')
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let number = |at: usize| {
        argument(at).parse::<f64>().map_err(|_| {
            Foreign::new(
                format!("'{}' is not a number written out", argument(at)),
                format!("« {} » n’est pas un nombre écrit", argument(at)),
            )
        })
    };
    let dynamic = (0..2).any(|at| argument(at).contains('@'));
    if dynamic {
        let other = value(argument(0), draft)?;
        let said = draft.function("said");
        return match kind {
            "has_only_phrase" | "has_only_text" => Ok(Test::Script(format!("same({said}(OPERAND), {said}({other}))"))),
            "has_phrase" | "has_any_word" => {
                Ok(Test::Script(format!("{}(OPERAND, {other})", draft.function("has_phrase"))))
            }
            _ => Err(Foreign::new(
                format!("the test '{kind}' compares with an expression"),
                format!("la condition « {kind} » compare à une expression"),
            )),
        };
    }
    let whole = |en: &str, fr: &str, draft: &mut Draft<'_>| {
        draft.note((en, fr), ("Look at the answers that people give", "Regardez les réponses que l’on donne"));
    };
    let near = (
        "a number is understood when it is the whole answer, not inside a sentence",
        "un nombre est compris quand il est toute la réponse, pas au sein d’une phrase",
    );
    Ok(Test::Plain(match kind {
        "has_any_word" => json!({ "any_word": words(0) }),
        "has_all_words" => json!({ "all_words": words(0) }),
        "has_only_text" | "has_only_phrase" => json!({ "equals": argument(0) }),
        "has_phrase" => json!({ "matches": format!("(?i)(^|\\W){}(\\W|$)", escaped(argument(0))) }),
        "has_beginning" => json!({ "starts_with": argument(0) }),
        "has_pattern" => json!({ "matches": format!("(?i){}", argument(0)) }),
        "has_text" => return Ok(Test::Not(json!({ "empty": true }))),
        "has_number" => json!({ "matches": "\\d" }),
        "has_number_eq" | "has_number_lt" | "has_number_lte" | "has_number_gt" | "has_number_gte"
        | "has_number_between" => {
            whole(near.0, near.1, draft);
            match kind {
                "has_number_eq" => json!({ "equals": number(0)? }),
                "has_number_lt" => json!({ "range": { "below": number(0)? } }),
                "has_number_lte" => json!({ "range": { "at_most": number(0)? } }),
                "has_number_gt" => json!({ "range": { "above": number(0)? } }),
                "has_number_gte" => json!({ "range": { "at_least": number(0)? } }),
                _ => json!({ "range": { "at_least": number(0)?, "at_most": number(1)? } }),
            }
        }
        "has_phone" => json!({ "matches": "\\+?[0-9][0-9 .()-]{6,}[0-9]" }),
        "has_email" => json!({ "matches": "[^@\\s]+@[^@\\s]+\\.[^@\\s]+" }),
        "has_date" => {
            whole(
                "a date is recognised by its figures (31/12/2026, 2026-12-31)",
                "une date est reconnue à ses chiffres (31/12/2026, 2026-12-31)",
                draft,
            );
            json!({ "matches": "(^|[^0-9])([0-9]{1,2}[-/. ][0-9]{1,2}[-/. ][0-9]{2,4}|[0-9]{4}-[0-9]{2}-[0-9]{2})([^0-9]|$)" })
        }
        "has_group" => {
            let name = if argument(1).is_empty() { argument(0) } else { argument(1) };
            return Ok(Test::Script(format!("contains(contact.fields.groups ?? [], {})", literal(name))));
        }
        kind => {
            return Err(Foreign::new(
                format!("the test '{kind}' has no equivalent"),
                format!("la condition « {kind} » n’a pas d’équivalent"),
            ));
        }
    }))
}

/// A text as a pattern that matches it alone.
fn escaped(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        if "\\.+*?()|[]{}^$#&-~".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

fn elsewhere(name: &str, draft: &mut Draft<'_>) {
    draft.note(
        ("what is kept of contacts, groups and labels lasts for this conversation; an event tells it to whoever keeps it for longer", "ce qui est retenu des contacts, groupes et étiquettes vaut pour cette conversation ; un événement le dit à qui le garde plus longtemps"),
        (&format!("Let that system listen for '{name}'"), &format!("Faites écouter « {name} » à ce système")),
    );
}

/// Languages as these exports write them.
fn locale(code: &str) -> Locale {
    let short = match code {
        "" | "base" | "und" | "mul" => "en",
        "eng" => "en",
        "fra" | "fre" => "fr",
        "spa" => "es",
        "por" => "pt",
        "ara" => "ar",
        "swa" => "sw",
        "kin" => "rw",
        other => other,
    };
    Locale::new(short).unwrap_or_else(|_| Locale::new("en").expect("'en' is a language tag"))
}
