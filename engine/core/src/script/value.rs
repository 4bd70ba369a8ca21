//! Values in and out of scripts: JSON to rhai and back, walked by hand (twice as fast as through serde).

use std::borrow::Cow;

use rhai::{Dynamic, ImmutableString, Map};
use routewright_flows::Words;
use serde_json::{Number, Value};

use super::error::{ScriptError, ScriptErrorKind};
use crate::limits;

/// A JSON value as a script sees it. `null` is `()`; a whole number too large for 64 signed bits becomes a float.
pub(super) fn to_dynamic(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(b) => Dynamic::from_bool(*b),
        Value::Number(n) => match n.as_i64() {
            Some(i) => Dynamic::from_int(i),
            None => Dynamic::from_float(n.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(s) => text(s),
        Value::Array(list) => Dynamic::from_array(list.iter().map(to_dynamic).collect()),
        Value::Object(map) => {
            Dynamic::from_map(map.iter().map(|(k, v)| (k.as_str().into(), to_dynamic(v))).collect::<Map>())
        }
    }
}

/// A text as a script sees it.
pub(super) fn text(s: &str) -> Dynamic {
    Dynamic::from(ImmutableString::from(s))
}

/// What a script gave, as JSON.
pub(super) fn to_json(value: &Dynamic) -> Result<Value, ScriptError> {
    let mut room = limits::SCRIPT_ELEMENTS_MAX;
    convert(value, 0, &mut room)
}

fn convert(value: &Dynamic, depth: usize, room: &mut usize) -> Result<Value, ScriptError> {
    if limits::SCRIPT_NESTING_MAX < depth || *room == 0 {
        return Err(ScriptError::too_large());
    }
    *room -= 1;
    if value.is_unit() {
        return Ok(Value::Null);
    }
    if let Ok(b) = value.as_bool() {
        return Ok(Value::Bool(b));
    }
    if let Ok(i) = value.as_int() {
        return Ok(Value::from(i));
    }
    if let Ok(f) = value.as_float() {
        return Number::from_f64(f).map(Value::Number).ok_or_else(|| {
            ScriptError::new(
                ScriptErrorKind::WrongType,
                "the result is not a number that can be stored (infinite, or no number at all)",
                "le résultat n'est pas un nombre que l'on puisse conserver (infini, ou pas un nombre)",
            )
        });
    }
    if let Some(s) = value.read_lock::<ImmutableString>() {
        return Ok(Value::String(s.to_string()));
    }
    if let Ok(c) = value.as_char() {
        return Ok(Value::String(c.to_string()));
    }
    if let Some(list) = value.read_lock::<rhai::Array>() {
        return list.iter().map(|v| convert(v, depth + 1, room)).collect::<Result<_, _>>().map(Value::Array);
    }
    if let Some(map) = value.read_lock::<Map>() {
        return map
            .iter()
            .map(|(k, v)| Ok((k.to_string(), convert(v, depth + 1, room)?)))
            .collect::<Result<_, _>>()
            .map(Value::Object);
    }
    let wanted = Words::new(
        "text, a number, true or false, a list, a map or ()",
        "un texte, un nombre, vrai ou faux, une liste, un tableau associatif ou ()",
    );
    Err(ScriptError::wrong_type(&wanted, value.type_name()))
}

/// What a template writes for a value: nothing for `()`, a number in its shortest form. Lists and maps have no one
/// obvious form; authors choose one with `join`.
pub(super) fn to_text(value: &Value) -> Result<Cow<'_, str>, ScriptError> {
    match value {
        Value::Null => Ok(Cow::Borrowed("")),
        Value::Bool(b) => Ok(b.to_string().into()),
        Value::Number(n) => Ok(match n.as_i64() {
            Some(i) => i.to_string(),
            None => n.as_f64().map(|f| f.to_string()).unwrap_or_default(),
        }
        .into()),
        Value::String(s) => Ok(Cow::Borrowed(s)),
        Value::Array(_) => Err(not_text("a list", "une liste")),
        Value::Object(_) => Err(not_text("a map", "un tableau associatif")),
    }
}

fn not_text(en: &str, fr: &str) -> ScriptError {
    ScriptError::new(
        ScriptErrorKind::WrongType,
        format!("a template writes text or a number, and this is {en}; name one of its values, or use join()"),
        format!("un modèle écrit un texte ou un nombre, or c'est {fr} ; nommez une de ses valeurs ou utilisez join()"),
    )
}
