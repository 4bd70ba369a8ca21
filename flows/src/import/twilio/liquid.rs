//! Liquid templates of Studio: `{{ path | filter }}`, `{% if %}` and `{% case %}`, as pieces of text and rhai.

use crate::import::{
    draft::{Draft, Foreign},
    rhai::{Piece, formula, literal, path, text_of},
};

/// Tags inside tags that are followed.
const DEPTH_MAX: usize = 8;

/// Translates a template.
pub(super) fn pieces(source: &str, draft: &mut Draft<'_>) -> Result<Vec<Piece>, Foreign> {
    let tokens = tokens(source)?;
    let mut parser = Parser { tokens: &tokens, at: 0, draft };
    let pieces = parser.block(0)?;
    match parser.tokens.get(parser.at) {
        None => Ok(pieces),
        Some(Token::Tag(tag)) => Err(untranslatable(&format!("{{% {tag} %}}"))),
        Some(Token::Words(words) | Token::Output(words)) => Err(untranslatable(words)),
    }
}

/// A template as a formula that gives text.
pub(super) fn value(source: &str, draft: &mut Draft<'_>) -> Result<String, Foreign> {
    let pieces = pieces(source.trim(), draft)?;
    Ok(match pieces.as_slice() {
        [Piece::Expression(expression)] => text_of(expression),
        pieces => formula(pieces),
    })
}

fn untranslatable(what: &str) -> Foreign {
    Foreign::new(
        format!("the Liquid '{what}' has no translation"),
        format!("le Liquid « {what} » n’a pas de traduction"),
    )
}

enum Token<'s> {
    Words(&'s str),
    Output(&'s str),
    Tag(&'s str),
}

fn tokens(source: &str) -> Result<Vec<Token<'_>>, Foreign> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        if start > 0 {
            tokens.push(Token::Words(&rest[..start]));
        }
        let output = rest[start..].starts_with("{{");
        let inside = &rest[start + 2..];
        let end = inside.find(if output { "}}" } else { "%}" }).ok_or_else(|| untranslatable(&rest[start..]))?;
        let content = inside[..end].trim().trim_matches('-').trim();
        tokens.push(if output { Token::Output(content) } else { Token::Tag(content) });
        rest = &inside[end + 2..];
    }
    if !rest.is_empty() {
        tokens.push(Token::Words(rest));
    }
    Ok(tokens)
}

struct Parser<'p, 's, 'd> {
    tokens: &'p [Token<'s>],
    at: usize,
    draft: &'p mut Draft<'d>,
}

impl<'s> Parser<'_, 's, '_> {
    /// Everything up to a tag that belongs to the tag around.
    fn block(&mut self, depth: usize) -> Result<Vec<Piece>, Foreign> {
        if DEPTH_MAX < depth {
            return Err(Foreign::new(
                "its tags are nested too deeply",
                "ses balises sont imbriquées trop profondément",
            ));
        }
        let mut pieces = Vec::new();
        while let Some(token) = self.tokens.get(self.at) {
            match token {
                Token::Words(words) => pieces.push(Piece::Words((*words).to_owned())),
                Token::Output(content) => pieces.push(Piece::Expression(self.output(content)?)),
                Token::Tag(tag) => match tag.split_once(' ').map_or((*tag, ""), |(name, rest)| (name, rest.trim())) {
                    ("if", condition) => {
                        self.at += 1;
                        pieces.push(Piece::Expression(self.choice(condition, false, depth)?));
                        continue;
                    }
                    ("unless", condition) => {
                        self.at += 1;
                        pieces.push(Piece::Expression(self.choice(condition, true, depth)?));
                        continue;
                    }
                    ("case", subject) => {
                        self.at += 1;
                        pieces.push(Piece::Expression(self.case(subject, depth)?));
                        continue;
                    }
                    _ => return Ok(pieces),
                },
            }
            self.at += 1;
        }
        Ok(pieces)
    }

    fn tag(&mut self) -> Option<&'s str> {
        match self.tokens.get(self.at) {
            Some(Token::Tag(tag)) => {
                self.at += 1;
                Some(tag)
            }
            _ => None,
        }
    }

    fn choice(&mut self, condition: &str, negated: bool, depth: usize) -> Result<String, Foreign> {
        let mut condition = self.condition(condition)?;
        if negated {
            condition = format!("!({condition})");
        }
        let then = formula(&self.block(depth + 1)?);
        let rest = match self.tag() {
            Some("endif" | "endunless") => "\"\"".to_owned(),
            Some("else") => {
                let otherwise = formula(&self.block(depth + 1)?);
                self.tag();
                otherwise
            }
            Some(tag) => match tag.strip_prefix("elsif ") {
                Some(condition) => self.choice(condition, false, depth + 1)?,
                None => return Err(untranslatable(tag)),
            },
            None => return Err(untranslatable("if")),
        };
        Ok(format!("(if {condition} {{ {then} }} else {{ {rest} }})"))
    }

    fn case(&mut self, subject: &str, depth: usize) -> Result<String, Foreign> {
        let subject = text_of(&self.output(subject)?);
        // What stands before the first `when` is never written.
        self.block(depth + 1)?;
        let mut choices = String::new();
        loop {
            match self.tag() {
                Some("endcase") => return Ok(format!("({choices}{{ \"\" }})")),
                Some("else") => {
                    let otherwise = formula(&self.block(depth + 1)?);
                    self.tag();
                    return Ok(format!("({choices}{{ {otherwise} }})"));
                }
                Some(tag) if tag.starts_with("when ") => {
                    let mut tests = Vec::new();
                    for value in tag[5..].split([',']) {
                        tests.push(format!("{subject} == {}", text_of(&self.operand(value)?)));
                    }
                    let then = formula(&self.block(depth + 1)?);
                    choices.push_str(&format!("if {} {{ {then} }} else ", tests.join(" || ")));
                }
                Some(tag) => return Err(untranslatable(tag)),
                None => return Err(untranslatable("case")),
            }
        }
    }

    fn condition(&mut self, source: &str) -> Result<String, Foreign> {
        for operator in [" == ", " != "] {
            if let Some((left, right)) = source.split_once(operator) {
                let (left, right) = (text_of(&self.operand(left)?), text_of(&self.operand(right)?));
                return Ok(format!("({left}{operator}{right})"));
            }
        }
        if source.contains([' ', '<', '>']) {
            return Err(untranslatable(source));
        }
        let value = self.operand(source)?;
        Ok(format!("{}({value})", self.draft.function("holds")))
    }

    fn output(&mut self, content: &str) -> Result<String, Foreign> {
        let mut parts = content.split('|').map(str::trim);
        let mut value = self.operand(parts.next().unwrap_or_default())?;
        for filter in parts {
            let (name, argument) =
                filter.split_once(':').map_or((filter, ""), |(name, rest)| (name.trim(), rest.trim()));
            let text = text_of(&value);
            value = match name {
                "size" => format!("len({text})"),
                "upcase" => format!("upper({text})"),
                "downcase" => format!("lower({text})"),
                "strip" | "lstrip" | "rstrip" => format!("trim({text})"),
                "default" => format!("({value} ?? {})", self.operand(argument)?),
                "append" => format!("[{text}, {}].join(\"\")", self.operand(argument)?),
                "prepend" => format!("[{}, {text}].join(\"\")", self.operand(argument)?),
                "remove" => format!("replace({text}, {}, \"\")", self.operand(argument)?),
                "plus" | "minus" | "times" => {
                    let operator = match name {
                        "plus" => "+",
                        "minus" => "-",
                        _ => "*",
                    };
                    let number = self.draft.function("figure");
                    format!("({number}({value}) {operator} {number}({}))", self.operand(argument)?)
                }
                _ => return Err(untranslatable(filter)),
            };
        }
        Ok(value)
    }

    fn operand(&mut self, source: &str) -> Result<String, Foreign> {
        let source = source.trim();
        let quoted = |quote| source.strip_prefix(quote).and_then(|rest: &str| rest.strip_suffix(quote));
        if let Some(words) = quoted('"').or_else(|| quoted('\'')) {
            return Ok(literal(words));
        }
        if !source.is_empty() && source.parse::<f64>().is_ok() {
            return Ok(source.to_owned());
        }
        match source {
            "true" | "false" => return Ok(source.to_owned()),
            "nil" | "null" | "blank" | "empty" => return Ok("()".to_owned()),
            _ => {}
        }
        variable(source, self.draft)
    }
}

/// What a path of Studio means here.
fn variable(source: &str, draft: &mut Draft<'_>) -> Result<String, Foreign> {
    let flat = source.replace("['", ".").replace("[\"", ".").replace("']", "").replace("\"]", "");
    let flat = flat.replace('[', ".").replace(']', "");
    let steps: Vec<&str> = flat.split('.').filter(|step| !step.is_empty()).collect();
    let sane = |step: &str| step.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    if steps.is_empty() || !steps.iter().all(|step| sane(step)) {
        return Err(untranslatable(source));
    }
    Ok(match steps.as_slice() {
        ["flow", "channel", "address"] | ["trigger", _, "To"] => "interaction.touchpoint".to_owned(),
        ["contact", "channel", "address"] | ["trigger", _, "From" | "Author"] => "contact.address".to_owned(),
        ["trigger", _, "ConversationSid" | "CallSid" | "SmsSid" | "MessageSid" | "ChannelSid" | "InstanceSid"] => {
            "interaction.id".to_owned()
        }
        ["flow", "sid" | "flow_sid"] => literal(draft.flow.as_str()),
        ["flow", "variables", name, rest @ ..] => {
            let attribute = draft.attribute(&format!("flow.variables.{name}"));
            path(&format!("attributes.{attribute}"), rest)
        }
        ["flow", "data", name, rest @ ..] => path(&path("contact.fields", &[name]).replacen("?.", ".", 1), rest),
        ["flow", "data"] | ["trigger", "request", "parameters"] => "to_string(contact.fields)".to_owned(),
        ["trigger", "request", "parameters", name, rest @ ..] => {
            path(&path("contact.fields", &[name]).replacen("?.", ".", 1), rest)
        }
        ["trigger", _, "Body"] => format!("attributes.{}", draft.attribute("trigger.Body")),
        ["trigger", rest @ ..] => {
            let attribute = draft.attribute(&format!("trigger.{}", rest.join(".")));
            format!("attributes.{attribute}")
        }
        ["widgets", widget, what, rest @ ..] => {
            // What was typed and what was said on a call are one text here.
            let (name, rest) = match (*what, rest) {
                ("inbound", ["Body", rest @ ..]) => ("reply", rest),
                ("Digits" | "SpeechResult", rest) => ("reply", rest),
                ("inbound", rest) => ("inbound", rest),
                (what, rest) => (what, rest),
            };
            let attribute = draft.attribute(&of_widget(widget, name));
            path(&format!("attributes.{attribute}"), rest)
        }
        _ => return Err(untranslatable(source)),
    })
}

/// What a widget leaves behind.
pub(super) fn of_widget(widget: &str, what: &str) -> String {
    format!("{widget} {what}")
}
