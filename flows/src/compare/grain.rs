//! How finely a document is compared: which values are opened, by what their elements are known, and which are taken
//! whole.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::source::escape;

/// A place in a document: by names for people (`options`, `sales`), by pointer for programs (`/options/0`).
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    pub(super) names: Vec<String>,
    pub(super) pointer: String,
}

impl Place {
    /// The member of an object.
    pub(super) fn member(&self, key: &str) -> Self {
        self.at(key, format!("{}/{}", self.pointer, escape(key)))
    }

    /// The element of a keyed list.
    pub(super) fn element(&self, key: &str, index: usize) -> Self {
        self.at(key, format!("{}/{index}", self.pointer))
    }

    fn at(&self, name: &str, pointer: String) -> Self {
        let mut names = self.names.clone();
        names.push(name.to_owned());
        Self { names, pointer }
    }
}

/// Values that stand at one place of several documents, opened as far as all of them allow.
pub(super) enum Grain<'v, const SIDES: usize> {
    /// Taken whole.
    Whole,
    /// Objects, compared member by member.
    Members([Members<'v>; SIDES]),
    /// Lists of texts whose order says nothing.
    Set([BTreeSet<&'v str>; SIDES]),
    /// Lists whose elements are known by one of their fields.
    List([List<'v>; SIDES]),
}

/// An object; borrowed, and empty where a document leaves it out.
pub(super) type Members<'v> = BTreeMap<&'v str, &'v Value>;

/// A list by the names of its elements, in its order.
#[derive(Debug, Default)]
pub(super) struct List<'v> {
    pub(super) order: Vec<&'v str>,
    pub(super) elements: BTreeMap<&'v str, (usize, &'v Value)>,
}

impl<'v, const SIDES: usize> Grain<'v, SIDES> {
    /// Opens what stands at one place.
    pub(super) fn of(place: &Place, sides: [Option<&'v Value>; SIDES]) -> Self {
        let names: Vec<&str> = place.names.iter().map(String::as_str).collect();
        let opened = match rule(&names) {
            Rule::Whole => None,
            Rule::Container => all(sides, |side| side.map_or(Some(Members::new()), members)).map(Self::Members),
            Rule::Entity => all(sides, |side| side.and_then(members)).map(Self::Members),
            Rule::Set => all(sides, |side| side.map_or(Some(BTreeSet::new()), texts)).map(Self::Set),
            Rule::List(key) => {
                all(sides, |side| side.map_or(Some(List::default()), |side| list(side, key))).map(Self::List)
            }
            Rule::Free => all(sides, |side| side.and_then(members))
                .map(Self::Members)
                .or_else(|| all(sides, |side| list(side?, "id")).map(Self::List)),
        };
        opened.unwrap_or(Self::Whole)
    }
}

/// How the format treats the values at a place.
enum Rule {
    /// One value; half of it would mean nothing.
    Whole,
    /// A table that is there even when a document leaves it out.
    Container,
    /// Something that exists or not; opened only where every side has it.
    Entity,
    /// A set of texts.
    Set,
    /// A list whose elements carry their name in this field.
    List(&'static str),
    /// Settings, of which the format knows nothing: opened where their own shape allows.
    Free,
}

fn rule(names: &[&str]) -> Rule {
    match names {
        []
        | ["title" | "handlers" | "attributes" | "inputs" | "outputs" | "texts" | "nodes" | "layout" | "vendor"]
        | ["attributes" | "inputs" | "outputs", _, "description"]
        | ["nodes", _, "title" | "config" | "exits" | "vendor"] => Rule::Container,
        ["attributes" | "inputs" | "outputs" | "texts" | "nodes" | "tests", _] => Rule::Entity,
        ["channels"] => Rule::Set,
        ["tests"] => Rule::List("name"),
        ["nodes", _, "config" | "vendor", ..] | ["layout" | "vendor", ..] | ["tests", _, "contact" | "given", ..] => {
            Rule::Free
        }
        _ => Rule::Whole,
    }
}

fn all<'v, T, const SIDES: usize>(
    sides: [Option<&'v Value>; SIDES],
    open: impl Fn(Option<&'v Value>) -> Option<T>,
) -> Option<[T; SIDES]> {
    let opened: Vec<T> = sides.into_iter().map(open).collect::<Option<_>>()?;
    opened.try_into().ok()
}

fn members(value: &Value) -> Option<Members<'_>> {
    value.as_object().map(|fields: &Map<_, _>| fields.iter().map(|(key, value)| (key.as_str(), value)).collect())
}

fn texts(value: &Value) -> Option<BTreeSet<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

/// A list, when every element has a name of its own in the field `key`.
fn list<'v>(value: &'v Value, key: &str) -> Option<List<'v>> {
    let mut list = List::default();
    for (index, element) in value.as_array()?.iter().enumerate() {
        let name = element.get(key)?.as_str()?;
        list.order.push(name);
        if list.elements.insert(name, (index, element)).is_some() {
            return None;
        }
    }
    Some(list)
}

/// Every name that any side has, sorted.
pub(super) fn names<'v, T>(sides: &[&BTreeMap<&'v str, T>]) -> BTreeSet<&'v str> {
    sides.iter().flat_map(|side| side.keys().copied()).collect()
}
