//! Faults of shape, in words: what JSON Schema found wrong with a value, as findings an author can act on.
//!
//! Documents and node configurations are both judged by a schema, and both explain their faults here. It deliberately
//! does not quote the offending value in full: it may be megabytes, or somebody's secret.

use jsonschema::{
    ValidationError, Validator,
    error::{TypeKind, ValidationErrorKind as Kind},
};
use serde_json::Value;

use crate::{
    check::{codes::Code, sink::Sink},
    duration,
    limits::FINDINGS_MAX,
    source::escape,
    words::Words,
};

/// Reports every fault of `value`, which sits at the pointer `base` of the document.
pub(crate) fn report((schema, validator): (&Value, &Validator), value: &Value, base: &str, sink: &mut Sink<'_>) {
    for error in validator.iter_errors(value).take(FINDINGS_MAX) {
        explain(schema, &error, base, sink);
    }
}

fn explain(schema: &Value, error: &ValidationError<'_>, base: &str, sink: &mut Sink<'_>) {
    let pointer = format!("{base}{}", error.instance_path().as_str());
    let name = last_token(&pointer);
    match error.kind() {
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => match best_branch(error, context) {
            Some(branch) => branch.iter().for_each(|inner| explain(schema, inner, base, sink)),
            None => no_form_fits(error, context, &pointer, sink),
        },
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let siblings = Siblings::of(schema, error);
            for key in unexpected {
                unexpected_key(key, &pointer, &siblings, sink);
            }
        }
        Kind::Required { property } => {
            let field = property.as_str().unwrap_or_default();
            let missing = format!("{pointer}/{}", escape(field));
            sink.value(
                Code::MissingField,
                &missing,
                Words::new(
                    format!("the field '{field}' is missing in {}", place_en(&name)),
                    format!("le champ « {field} » est absent de {}", place_fr(&name)),
                ),
            );
        }
        Kind::Type { kind } => {
            let (en, fr) = expected_types(kind);
            let (found_en, found_fr) = type_words(error.instance());
            sink.value(
                Code::WrongType,
                &pointer,
                Words::new(
                    format!("'{name}' must be {en}, found {found_en}"),
                    format!("« {name} » doit être {fr}, mais c’est {found_fr}"),
                ),
            );
        }
        Kind::PropertyNames { error: inner } => {
            let key = inner.instance().as_str().unwrap_or_default();
            bad_key(key, &pointer, sink);
        }
        Kind::Enum { options } => {
            let options = options.as_array().into_iter().flatten().filter_map(Value::as_str);
            not_an_option(error, &pointer, &options.collect::<Vec<_>>(), sink);
        }
        Kind::Pattern { pattern } if NAME_PATTERNS.contains(&pattern.as_str()) => {
            bad_name(error.instance().as_str().unwrap_or_default(), &pointer, &name, sink);
        }
        Kind::Pattern { pattern } if pattern.starts_with("^@") => {
            sink.value(Code::WrongType, &pointer, text_wanted(&name));
        }
        other => {
            let (en, fr) = other_rule(other);
            sink.value(Code::BadValue, &pointer, Words::new(format!("'{name}' {en}"), format!("« {name} » {fr}")));
        }
    }
}

/// Values of an enumeration listed in a message at most.
const OPTIONS_SHOWN: usize = 40;

/// Patterns of ids and names, for which the rule is better said in words.
const NAME_PATTERNS: [&str; 2] = ["^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$", "^[A-Za-z][A-Za-z0-9_]{0,63}$"];

/// The branch of an `anyOf` or `oneOf` that the author evidently meant: the only one whose faults lie inside the value
/// or are not about the value's own type.
fn best_branch<'e>(
    error: &ValidationError<'_>,
    context: &'e [Vec<ValidationError<'static>>],
) -> Option<&'e Vec<ValidationError<'static>>> {
    let own = error.instance_path().as_str();
    let rate = |branch: &&Vec<ValidationError<'static>>| {
        let at_top = branch.iter().filter(|inner| inner.instance_path().as_str() == own);
        let mistyped = at_top.clone().any(|inner| matches!(inner.kind(), Kind::Type { .. }));
        (mistyped, at_top.count())
    };
    let best = context.iter().min_by_key(rate)?;
    let rating = rate(&best);
    let alone = context.iter().filter(|branch| rate(branch) == rating).count() == 1;
    (alone && !rating.0).then_some(best)
}

fn no_form_fits(
    error: &ValidationError<'_>,
    context: &[Vec<ValidationError<'static>>],
    pointer: &str,
    sink: &mut Sink<'_>,
) {
    let name = last_token(pointer);
    let errors = || context.iter().flatten();
    // Documented enumerations are written as one constant per form.
    let options: Vec<&str> = errors()
        .filter_map(|inner| match inner.kind() {
            Kind::Constant { expected_value } => expected_value.as_str(),
            _ => None,
        })
        .collect();
    if error.instance().is_string() && !options.is_empty() {
        return not_an_option(error, pointer, &options, sink);
    }
    let fields: Vec<&str> = errors()
        .filter_map(|inner| match inner.kind() {
            Kind::Required { property } => property.as_str(),
            _ => None,
        })
        .collect();
    let types: Vec<(String, String)> = errors()
        .filter_map(|inner| match inner.kind() {
            Kind::Type { kind } => Some(expected_types(kind)),
            _ => None,
        })
        .collect();
    let (found_en, found_fr) = type_words(error.instance());
    if let Value::Object(given) = error.instance().as_ref()
        && !fields.is_empty()
    {
        let message = Words::new(
            format!("'{name}' must have exactly the fields of one form: {}", fields.join(", ")),
            format!("« {name} » doit avoir exactement les champs d’une de ces formes : {}", fields.join(", ")),
        );
        let meant = given.keys().find_map(|key| sink.suggestions.nearest(key, fields.iter().copied()));
        sink.value(Code::UnknownField, pointer, message).meant(meant);
        return;
    }
    let joined = |words: Vec<String>, or: &str| {
        let mut words = words;
        words.sort();
        words.dedup();
        words.join(or)
    };
    let en = joined(types.iter().map(|(en, _)| en.clone()).collect(), " or ");
    let fr = joined(types.into_iter().map(|(_, fr)| fr).collect(), " ou ");
    if en.is_empty() {
        sink.value(
            Code::BadValue,
            pointer,
            Words::new(
                format!("'{name}' has none of the forms it may have"),
                format!("« {name} » n’a aucune des formes permises"),
            ),
        );
    } else {
        sink.value(
            Code::WrongType,
            pointer,
            Words::new(
                format!("'{name}' must be {en}, found {found_en}"),
                format!("« {name} » doit être {fr}, mais c’est {found_fr}"),
            ),
        );
    }
}

fn not_an_option(error: &ValidationError<'_>, pointer: &str, options: &[&str], sink: &mut Sink<'_>) {
    let name = last_token(pointer);
    let list = options.iter().copied().take(OPTIONS_SHOWN).collect::<Vec<_>>().join(", ");
    let message = Words::new(
        format!("'{name}' must be one of: {list}"),
        format!("« {name} » doit être l’une de ces valeurs : {list}"),
    );
    let meant = error.instance().as_str().and_then(|given| sink.suggestions.nearest(given, options.iter().copied()));
    sink.value(Code::BadValue, pointer, message).meant(meant);
}

/// What the schema allows beside an unexpected key.
struct Siblings<'s> {
    fields: Vec<&'s str>,
    /// True when keys are names that follow a pattern, rather than fields.
    named: bool,
}

impl<'s> Siblings<'s> {
    fn of(schema: &'s Value, error: &ValidationError<'_>) -> Self {
        let path = error.schema_path().as_str();
        let object = path.rfind('/').and_then(|cut| schema.pointer(&path[..cut]));
        let keys = |keyword: &str| object.and_then(|o| o.get(keyword)).and_then(Value::as_object);
        Self {
            fields: keys("properties").into_iter().flatten().map(|(key, _)| key.as_str()).collect(),
            named: keys("patternProperties").is_some_and(|patterns| !patterns.is_empty()),
        }
    }
}

fn unexpected_key(key: &str, pointer: &str, siblings: &Siblings<'_>, sink: &mut Sink<'_>) {
    if siblings.named {
        return bad_key(key, pointer, sink);
    }
    let short = shorten(key);
    let meant = sink.suggestions.nearest(key, siblings.fields.iter().copied());
    let finding = sink.key(
        Code::UnknownField,
        &format!("{pointer}/{}", escape(key)),
        Words::new(
            format!("unknown field '{short}' in {}", place_en(&last_token(pointer))),
            format!("champ inconnu « {short} » dans {}", place_fr(&last_token(pointer))),
        ),
    );
    if !siblings.fields.is_empty() {
        let fields = siblings.fields.join(", ");
        finding.hint =
            Words::new(format!("The fields here are: {fields}."), format!("Les champs possibles ici : {fields}."));
    }
    finding.meant(meant);
}

fn bad_key(key: &str, pointer: &str, sink: &mut Sink<'_>) {
    let short = shorten(key);
    sink.key(
        Code::BadName,
        &format!("{pointer}/{}", escape(key)),
        Words::new(
            format!("'{short}' cannot be a key of {}", place_en(&last_token(pointer))),
            format!("« {short} » ne peut pas être une clé de {}", place_fr(&last_token(pointer))),
        ),
    );
}

fn bad_name(given: &str, pointer: &str, field: &str, sink: &mut Sink<'_>) {
    let short = shorten(given);
    sink.value(
        Code::BadName,
        pointer,
        Words::new(
            format!("'{short}' is not a name that '{field}' can hold"),
            format!("« {short} » n’est pas un nom que « {field} » puisse porter"),
        ),
    );
}

/// What a text must be, where it is neither form.
pub(crate) fn text_wanted(name: &str) -> Words {
    Words::new(
        format!("'{name}' must be \"@key\" of the flow's texts, or an object of texts by language"),
        format!("« {name} » doit être \"@clé\" des textes du scénario, ou un objet de textes par langue"),
    )
}

/// Enough of a text to recognise it.
pub(crate) fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(80).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// What a pointer ends in, for people: a field, or an entry of a list as `list[0]`.
fn last_token(pointer: &str) -> String {
    let mut tokens = pointer.rsplit('/');
    let last = tokens.next().unwrap_or_default();
    let parent = tokens.next().unwrap_or_default();
    let is_index = !last.is_empty() && last.bytes().all(|byte| byte.is_ascii_digit());
    let name = if is_index && !parent.is_empty() { format!("{parent}[{last}]") } else { last.to_owned() };
    shorten(&name.replace("~1", "/").replace("~0", "~"))
}

fn place_en(name: &str) -> String {
    if name.is_empty() { "the document".to_owned() } else { format!("'{name}'") }
}

fn place_fr(name: &str) -> String {
    if name.is_empty() { "ce document".to_owned() } else { format!("« {name} »") }
}

fn expected_types(kind: &TypeKind) -> (String, String) {
    let names: Vec<String> = match kind {
        TypeKind::Single(one) => vec![one.to_string()],
        TypeKind::Multiple(set) => set.iter().map(|one| one.to_string()).filter(|one| one != "null").collect(),
    };
    let words =
        |pick: fn(&str) -> &str, or: &str| names.iter().map(|name| pick(name).to_owned()).collect::<Vec<_>>().join(or);
    (words(|name| words_of_type(name).0, " or "), words(|name| words_of_type(name).1, " ou "))
}

fn type_words(value: &Value) -> (&'static str, &'static str) {
    words_of_type(match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    })
}

fn words_of_type(name: &str) -> (&'static str, &'static str) {
    match name {
        "null" => ("null", "null"),
        "boolean" => ("true or false", "true ou false"),
        "integer" => ("a whole number", "un nombre entier"),
        "number" => ("a number", "un nombre"),
        "string" => ("a text", "un texte"),
        "array" => ("a list", "une liste"),
        _ => ("an object", "un objet"),
    }
}

fn other_rule(kind: &Kind) -> (String, String) {
    let both = |en: &str, fr: &str| (en.to_owned(), fr.to_owned());
    match kind {
        Kind::Minimum { limit } => (format!("must be at least {limit}"), format!("doit être au moins {limit}")),
        Kind::Maximum { limit } => (format!("must be at most {limit}"), format!("doit être au plus {limit}")),
        Kind::ExclusiveMinimum { limit } => {
            (format!("must be more than {limit}"), format!("doit être supérieur à {limit}"))
        }
        Kind::ExclusiveMaximum { limit } => {
            (format!("must be less than {limit}"), format!("doit être inférieur à {limit}"))
        }
        Kind::MinLength { limit } => {
            (format!("must have at least {limit} characters"), format!("doit compter au moins {limit} caractères"))
        }
        Kind::MaxLength { limit } => {
            (format!("must have at most {limit} characters"), format!("doit compter au plus {limit} caractères"))
        }
        Kind::MinItems { limit } | Kind::MinProperties { limit } => {
            (format!("must have at least {limit} entries"), format!("doit compter au moins {limit} éléments"))
        }
        Kind::MaxItems { limit } | Kind::MaxProperties { limit } => {
            (format!("must have at most {limit} entries"), format!("doit compter au plus {limit} éléments"))
        }
        Kind::UniqueItems => both("must not hold an entry twice", "ne doit pas contenir deux fois le même élément"),
        Kind::Constant { expected_value } => {
            (format!("must be {expected_value}"), format!("doit valoir {expected_value}"))
        }
        Kind::Pattern { pattern } if pattern == duration::PATTERN => both(
            "must be a duration such as \"90s\", \"10m\" or \"1h30m\"",
            "doit être une durée comme \"90s\", \"10m\" ou \"1h30m\"",
        ),
        Kind::Pattern { pattern } => {
            (format!("does not have the form {pattern}"), format!("n’a pas la forme {pattern}"))
        }
        Kind::Format { format } => (format!("is not a valid {format}"), format!("n’est pas un format {format} valide")),
        Kind::OneOfMultipleValid { .. } => both(
            "fits several forms at once; exactly one is allowed",
            "correspond à plusieurs formes ; une seule est permise",
        ),
        other => {
            let keyword = other.keyword();
            (
                format!("breaks the rule '{keyword}' of its schema"),
                format!("enfreint la règle « {keyword} » de son schéma"),
            )
        }
    }
}
