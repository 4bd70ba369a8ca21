//! The functions that scripts may call: one table, from which come the check of names and arities, the
//! documentation and its tests. A function that is not in the table cannot be called, whatever rhai brings.
//!
//! Functions of ours replace rhai's where those hide work from the budget, build a result before they measure it,
//! or recurse as deep as a value is nested.
//!
//! Long because it is one table, and a row cut from its function would be two places to keep true.

use std::{cmp::Ordering, sync::Arc};

use rhai::{
    Array, Dynamic, EvalAltResult, FLOAT, FnPtr, FuncRegistration, INT, ImmutableString, Map, Module,
    NativeCallContext, Position,
    packages::{
        ArithmeticPackage, BasicArrayPackage, BasicIteratorPackage, BasicMapPackage, BasicMathPackage,
        BasicStringPackage, LanguageCorePackage, LogicPackage, MoreStringPackage, Package,
    },
};

use super::{budget::Stop, fold::plain, seat::World, value};
use crate::{calendar::CalendarState, limits};

/// One function for authors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub name: &'static str,
    /// How many arguments it takes; as a method, the value before the dot is the first.
    pub arities: &'static [usize],
    /// How it is written.
    pub signature: &'static str,
    /// What it does, in English.
    pub en: &'static str,
    /// What it does, in French.
    pub fr: &'static str,
    /// An expression that uses it.
    pub example: &'static str,
    /// What that expression gives, as JSON.
    pub gives: &'static str,
}

/// A heading of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Group {
    /// The heading in English.
    pub en: &'static str,
    /// The heading in French.
    pub fr: &'static str,
    /// Its functions, in reading order.
    pub functions: &'static [Function],
}

/// Shorthand for a row of the table.
const fn f(
    name: &'static str,
    arities: &'static [usize],
    signature: &'static str,
    en: &'static str,
    fr: &'static str,
    example: &'static str,
    gives: &'static str,
) -> Function {
    Function { name, arities, signature, en, fr, example, gives }
}

/// Every function that scripts may call.
pub const FUNCTIONS: &[Group] = &[
    Group {
        en: "Routing",
        fr: "Acheminement",
        functions: &[
            f(
                "calendar",
                &[1],
                "calendar(name)",
                "What a calendar says now: \"open\", \"closed\" or \"holiday\". \"@touchpoint\" is the touchpoint's own.",
                "Ce que dit un calendrier à cet instant : \"open\", \"closed\" ou \"holiday\". \"@touchpoint\" désigne celui du point de contact.",
                "calendar(\"@touchpoint\") == \"open\"",
                "true",
            ),
            f(
                "queue",
                &[1],
                "queue(skill)",
                "What is known of a skill's queue: .waiting, .agents, .available.",
                "Ce que l'on sait de la file d'une compétence : .waiting, .agents, .available.",
                "queue(\"sales\").available > 0",
                "true",
            ),
        ],
    },
    Group {
        en: "Text",
        fr: "Texte",
        functions: &[
            f(
                "same",
                &[2],
                "same(a, b)",
                "True when two texts are equal without regard to case, accents and spaces around.",
                "Vrai quand deux textes sont égaux sans tenir compte de la casse, des accents ni des espaces autour.",
                "same(\" RÉCLAMATION\", \"reclamation\")",
                "true",
            ),
            f(
                "plain",
                &[1],
                "plain(text)",
                "The text in lower case, without accents, single spaces.",
                "Le texte en minuscules, sans accents, à espaces simples.",
                "plain(\"  Ça  va ? \")",
                "\"ca va ?\"",
            ),
            f(
                "lower",
                &[1],
                "lower(text)",
                "The text in lower case.",
                "Le texte en minuscules.",
                "lower(\"ÉTÉ\")",
                "\"été\"",
            ),
            f(
                "upper",
                &[1],
                "upper(text)",
                "The text in upper case.",
                "Le texte en majuscules.",
                "upper(\"été\")",
                "\"ÉTÉ\"",
            ),
            f(
                "trim",
                &[1],
                "trim(text)",
                "The text without spaces around it.",
                "Le texte sans les espaces autour.",
                "trim(\"  a b \")",
                "\"a b\"",
            ),
            f(
                "starts_with",
                &[2],
                "starts_with(text, start)",
                "True when the text starts so.",
                "Vrai quand le texte commence ainsi.",
                "starts_with(\"FR-123\", \"FR-\")",
                "true",
            ),
            f(
                "ends_with",
                &[2],
                "ends_with(text, end)",
                "True when the text ends so.",
                "Vrai quand le texte finit ainsi.",
                "ends_with(\"facture.pdf\", \".pdf\")",
                "true",
            ),
            f(
                "contains",
                &[2],
                "contains(text, part)",
                "True when the text has the part in it; also for an element of a list and a key of a map. `part in text` is the same.",
                "Vrai quand le texte comporte cette partie ; vaut aussi pour un élément de liste et une clé de tableau associatif. `part in text` est identique.",
                "contains(\"bonjour\", \"jour\")",
                "true",
            ),
            f(
                "index_of",
                &[2],
                "index_of(text, part)",
                "Where the part begins in the text, from 0, or -1; also for an element of a list.",
                "Où la partie commence dans le texte, à partir de 0, sinon -1 ; vaut aussi pour un élément de liste.",
                "index_of(\"bonjour\", \"jour\")",
                "3",
            ),
            f(
                "replace",
                &[3],
                "replace(text, part, other)",
                "The text with every occurrence of the part replaced.",
                "Le texte où chaque occurrence de la partie est remplacée.",
                "replace(\"06 12 34\", \" \", \"\")",
                "\"061234\"",
            ),
            f(
                "sub_string",
                &[2, 3],
                "sub_string(text, start[, length])",
                "A part of the text, in characters.",
                "Une partie du texte, en caractères.",
                "sub_string(\"bonjour\", 3, 4)",
                "\"jour\"",
            ),
            f(
                "split",
                &[2],
                "split(text, separator)",
                "The parts of the text between separators, as a list.",
                "Les parties du texte entre les séparateurs, en liste.",
                "split(\"a;b;c\", \";\")",
                "[\"a\",\"b\",\"c\"]",
            ),
            f(
                "number",
                &[1],
                "number(text)",
                "The number that a text writes, with a point or a comma, or () when it is none.",
                "Le nombre qu'écrit un texte, avec point ou virgule, ou () si ce n'en est pas un.",
                "number(\"12,5\")",
                "12.5",
            ),
            f(
                "to_string",
                &[1],
                "to_string(value)",
                "The value as text.",
                "La valeur sous forme de texte.",
                "to_string(42)",
                "\"42\"",
            ),
        ],
    },
    Group {
        en: "Numbers",
        fr: "Nombres",
        functions: &[
            f("abs", &[1], "abs(x)", "The number without its sign.", "Le nombre sans son signe.", "abs(-3)", "3"),
            f("min", &[2], "min(a, b)", "The smaller of two.", "Le plus petit des deux.", "min(3, 5)", "3"),
            f("max", &[2], "max(a, b)", "The larger of two.", "Le plus grand des deux.", "max(3, 5)", "5"),
            f("floor", &[1], "floor(x)", "The whole number below.", "L'entier inférieur.", "floor(2.7)", "2.0"),
            f("ceiling", &[1], "ceiling(x)", "The whole number above.", "L'entier supérieur.", "ceiling(2.1)", "3.0"),
            f("round", &[1], "round(x)", "The nearest whole number.", "L'entier le plus proche.", "round(2.5)", "3.0"),
            f(
                "to_int",
                &[1],
                "to_int(x)",
                "The number without its decimals.",
                "Le nombre sans ses décimales.",
                "to_int(2.7)",
                "2",
            ),
            f(
                "to_float",
                &[1],
                "to_float(x)",
                "The number with decimals.",
                "Le nombre avec décimales.",
                "to_float(2)",
                "2.0",
            ),
            f(
                "fixed",
                &[2],
                "fixed(x, decimals)",
                "The number as text with that many decimals (0 to 9).",
                "Le nombre en texte avec ce nombre de décimales (0 à 9).",
                "fixed(12.5, 2)",
                "\"12.50\"",
            ),
        ],
    },
    Group {
        en: "Lists and maps",
        fr: "Listes et tableaux associatifs",
        functions: &[
            f(
                "len",
                &[1],
                "len(value)",
                "How many characters, elements or keys.",
                "Combien de caractères, d'éléments ou de clés.",
                "len([1, 2, 3])",
                "3",
            ),
            f(
                "is_empty",
                &[1],
                "is_empty(value)",
                "True when there are none.",
                "Vrai quand il n'y en a aucun.",
                "is_empty(\"\")",
                "true",
            ),
            f(
                "filter",
                &[2],
                "filter(list, |x| condition)",
                "The elements for which the condition holds.",
                "Les éléments pour lesquels la condition est vraie.",
                "[1, 5, 9].filter(|x| x > 3)",
                "[5,9]",
            ),
            f(
                "map",
                &[2],
                "map(list, |x| value)",
                "The list of the values made of each element.",
                "La liste des valeurs tirées de chaque élément.",
                "[1, 2].map(|x| x * 10)",
                "[10,20]",
            ),
            f(
                "reduce",
                &[3],
                "reduce(list, |sum, x| value, start)",
                "One value made of all elements, beginning with `start`.",
                "Une valeur tirée de tous les éléments, à partir de `start`.",
                "[1, 2, 3].reduce(|sum, x| sum + x, 0)",
                "6",
            ),
            f(
                "some",
                &[2],
                "some(list, |x| condition)",
                "True when the condition holds for at least one element.",
                "Vrai quand la condition est vraie pour au moins un élément.",
                "[1, 5].some(|x| x > 3)",
                "true",
            ),
            f(
                "all",
                &[2],
                "all(list, |x| condition)",
                "True when it holds for every element.",
                "Vrai quand elle est vraie pour chaque élément.",
                "[1, 5].all(|x| x > 3)",
                "false",
            ),
            f(
                "find",
                &[2],
                "find(list, |x| condition)",
                "The first element for which it holds, or ().",
                "Le premier élément pour lequel elle est vraie, ou ().",
                "[1, 5, 9].find(|x| x > 3)",
                "5",
            ),
            f(
                "sorted",
                &[1],
                "sorted(list)",
                "The list in order: (), false, true, numbers, texts.",
                "La liste en ordre : (), faux, vrai, nombres, textes.",
                "sorted([3, 1, 2])",
                "[1,2,3]",
            ),
            f(
                "sorted_by",
                &[2],
                "sorted_by(list, |x| key)",
                "The list in the order of a key made of each element.",
                "La liste dans l'ordre d'une clé tirée de chaque élément.",
                "[\"ccc\", \"a\", \"bb\"].sorted_by(|x| x.len())",
                "[\"a\",\"bb\",\"ccc\"]",
            ),
            f(
                "join",
                &[2],
                "join(list, separator)",
                "The elements as one text.",
                "Les éléments en un seul texte.",
                "join([\"a\", 2], \", \")",
                "\"a, 2\"",
            ),
            f(
                "range",
                &[2],
                "range(from, to)",
                "The whole numbers from `from` up to, not including, `to`; for loops.",
                "Les entiers de `from` jusqu'à `to` exclu ; pour les boucles.",
                "let sum = 0; for i in range(1, 4) { sum += i; } sum",
                "6",
            ),
            f(
                "push",
                &[2],
                "push(list, value)",
                "Adds an element to a list of the script. Changes the list.",
                "Ajoute un élément à une liste du script. Modifie la liste.",
                "let l = [1]; l.push(2); l",
                "[1,2]",
            ),
            f(
                "pop",
                &[1],
                "pop(list)",
                "Takes the last element off. Changes the list.",
                "Retire le dernier élément. Modifie la liste.",
                "let l = [1, 2]; l.pop()",
                "2",
            ),
            f(
                "shift",
                &[1],
                "shift(list)",
                "Takes the first element off. Changes the list.",
                "Retire le premier élément. Modifie la liste.",
                "let l = [1, 2]; l.shift()",
                "1",
            ),
            f(
                "set",
                &[3],
                "set(map, key, value)",
                "Sets a key of a map, or an element of a list by its number from 0. Changes it.",
                "Fixe une clé d'un tableau associatif, ou un élément d'une liste par son numéro à partir de 0. Le modifie.",
                "let m = #{}; m.set(\"a\", 1); m",
                "{\"a\":1}",
            ),
            f(
                "remove",
                &[2],
                "remove(map, key)",
                "Takes a key out of a map, or an element out of a list, and gives its value. Changes it.",
                "Retire une clé d'un tableau associatif, ou un élément d'une liste, et donne sa valeur. Le modifie.",
                "let m = #{a: 1}; m.remove(\"a\")",
                "1",
            ),
            f(
                "keys",
                &[1],
                "keys(map)",
                "The keys of a map, in order.",
                "Les clés d'un tableau associatif, en ordre.",
                "keys(#{b: 1, a: 2})",
                "[\"a\",\"b\"]",
            ),
            f(
                "values",
                &[1],
                "values(map)",
                "The values of a map, in the order of its keys.",
                "Les valeurs d'un tableau associatif, dans l'ordre des clés.",
                "values(#{b: 1, a: 2})",
                "[2,1]",
            ),
            f(
                "type_of",
                &[1],
                "type_of(value)",
                "The type: \"string\", \"i64\", \"f64\", \"bool\", \"array\", \"map\", \"()\".",
                "Le type : \"string\", \"i64\", \"f64\", \"bool\", \"array\", \"map\", \"()\".",
                "type_of(\"a\")",
                "\"string\"",
            ),
        ],
    },
];

/// The page of the documentation that lists the functions, in English or French.
#[must_use]
pub fn page(language: &str) -> String {
    let fr = language == "fr";
    let choose = |en: &'static str, in_french: &'static str| if fr { in_french } else { en };
    let mut page = String::new();
    page.push_str(choose(
        "# Functions of scripts\n\nMade from `engine/core/src/script/functions.rs`; every example is a test. A function of one value may be written as a method: `lower(x)` is `x.lower()`. Functions return a new value, except where it says that they change one.\n",
        "# Fonctions des scripts\n\nPage tirée de `engine/core/src/script/functions.rs` ; chaque exemple est un test. Une fonction peut s'écrire comme méthode : `lower(x)` équivaut à `x.lower()`. Les fonctions renvoient une nouvelle valeur, sauf là où il est dit qu'elles en modifient une.\n",
    ));
    for group in FUNCTIONS {
        page.push_str(&format!("\n## {}\n\n", choose(group.en, group.fr)));
        page.push_str(choose("| function | does | example | gives |\n", "| fonction | effet | exemple | résultat |\n"));
        page.push_str("| --- | --- | --- | --- |\n");
        for f in group.functions {
            let cell = |text: &str| text.replace('|', "\\|");
            let (does, example) = (cell(choose(f.en, f.fr)), cell(f.example));
            page.push_str(&format!("| `{}` | {does} | `{example}` | `{}` |\n", cell(f.signature), cell(f.gives)));
        }
    }
    page
}

/// Functions that take a function. Only as their argument may a closure be written, so that no value ever holds a
/// closure: chains of closures are what overflows the stack of a limited rhai engine.
pub(super) const TAKE_CLOSURES: &[&str] = &["filter", "map", "reduce", "some", "all", "find", "sorted_by"];

/// The row of a name.
#[must_use]
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTIONS.iter().flat_map(|g| g.functions).find(|f| f.name == name)
}

/// The functions that every engine shares, ours in place of rhai's. One module, because each call asks one after the other.
pub(super) fn module() -> Arc<Module> {
    let mut rhais = Module::new();
    LanguageCorePackage::init(&mut rhais);
    ArithmeticPackage::init(&mut rhais);
    LogicPackage::init(&mut rhais);
    BasicMathPackage::init(&mut rhais);
    BasicStringPackage::init(&mut rhais);
    MoreStringPackage::init(&mut rhais);
    BasicIteratorPackage::init(&mut rhais);
    BasicArrayPackage::init(&mut rhais);
    BasicMapPackage::init(&mut rhais);
    // Unregistered, each look-up would search rhai's manifests one by one: 100 microseconds a call.
    rhais.register_lazy_functions();
    rhais.combine(ours());
    rhais.build_index();
    Arc::new(rhais)
}

/// Changing the letters of a text costs this many times as much as copying it.
const FOLDING: usize = 8;

type Outcome<T> = Result<T, Box<EvalAltResult>>;

fn ours() -> Module {
    let mut m = Module::new();
    macro_rules! add {
        ($name:expr, $function:expr) => {
            FuncRegistration::new($name).set_into_module(&mut m, $function);
        };
    }

    add!("calendar", |cx: NativeCallContext, name: ImmutableString| -> Outcome<ImmutableString> {
        match world(&cx)?.calendar(&name) {
            None => Err(Stop::NeedCalendar(name).into_error()),
            Some(None) => Err(failure(&format!("there is no calendar '{name}'"))),
            Some(Some(state)) => Ok(calendar_word(state).into()),
        }
    });
    add!("queue", |cx: NativeCallContext, skill: ImmutableString| -> Outcome<Map> {
        match world(&cx)?.queue(&skill) {
            None => Err(Stop::NeedQueue(skill).into_error()),
            Some(None) => Err(failure(&format!("there is no skill '{skill}'"))),
            Some(Some(view)) => Ok(Map::from([
                ("waiting".into(), INT::from(view.waiting).into()),
                ("agents".into(), INT::from(view.agents).into()),
                ("available".into(), INT::from(view.available).into()),
            ])),
        }
    });

    add!("same", |cx: NativeCallContext, a: &str, b: &str| -> Outcome<bool> {
        charge(&cx, FOLDING * (a.len() + b.len()))?;
        Ok(plain(a) == plain(b))
    });
    add!("plain", |cx: NativeCallContext, s: &str| -> Outcome<String> {
        charge(&cx, FOLDING * s.len())?;
        Ok(plain(s))
    });
    add!("lower", |cx: NativeCallContext, s: &str| -> Outcome<String> {
        charge(&cx, FOLDING * s.len())?;
        Ok(s.to_lowercase())
    });
    add!("upper", |cx: NativeCallContext, s: &str| -> Outcome<String> {
        charge(&cx, FOLDING * s.len())?;
        Ok(s.to_uppercase())
    });
    add!("trim", |cx: NativeCallContext, s: &str| -> Outcome<String> {
        charge(&cx, s.len())?;
        Ok(s.trim().to_owned())
    });
    add!("contains", |cx: NativeCallContext, s: &str, part: &str| -> Outcome<bool> {
        charge(&cx, s.len())?;
        Ok(s.contains(part))
    });
    add!("index_of", |cx: NativeCallContext, s: &str, part: &str| -> Outcome<INT> {
        charge(&cx, s.len())?;
        Ok(s.find(part).map_or(-1, |at| count(s[..at].chars().count())))
    });
    add!("replace", |cx: NativeCallContext, s: &str, part: &str, other: &str| -> Outcome<String> {
        charge(&cx, s.len())?;
        let found = if part.is_empty() { 0 } else { s.matches(part).count() };
        if found == 0 {
            return Ok(s.to_owned());
        }
        let length = s.len().saturating_sub(found * part.len()).saturating_add(found.saturating_mul(other.len()));
        room_for(&cx, length)?;
        Ok(s.replace(part, other))
    });
    add!("sub_string", |cx: NativeCallContext, s: &str, start: INT| -> Outcome<String> {
        charge(&cx, s.len())?;
        Ok(s.chars().skip(index(start)).collect())
    });
    add!("sub_string", |cx: NativeCallContext, s: &str, start: INT, length: INT| -> Outcome<String> {
        charge(&cx, s.len())?;
        Ok(s.chars().skip(index(start)).take(index(length)).collect())
    });
    add!("split", |cx: NativeCallContext, s: &str, separator: &str| -> Outcome<Array> {
        charge(&cx, s.len())?;
        let parts: Vec<&str> = if separator.is_empty() {
            s.split_whitespace().take(limits::SCRIPT_ELEMENTS_MAX + 1).collect()
        } else {
            s.split(separator).take(limits::SCRIPT_ELEMENTS_MAX + 1).collect()
        };
        Ok(parts.into_iter().map(value::text).collect())
    });
    add!("number", |cx: NativeCallContext, s: &str| -> Outcome<Dynamic> {
        charge(&cx, s.len())?;
        Ok(number(s))
    });
    add!("number", |x: INT| x);
    add!("number", |x: FLOAT| x);
    add!("fixed", |x: FLOAT, decimals: INT| -> Outcome<String> { fixed(x, decimals) });
    add!("fixed", |x: INT, decimals: INT| -> Outcome<String> {
        #[expect(clippy::cast_precision_loss, reason = "what an author sees of a number this large is rounded anyway")]
        fixed(x as FLOAT, decimals)
    });

    add!("to_string", |cx: NativeCallContext, list: Array| -> Outcome<String> { written(&cx, &list.into()) });
    add!("to_string", |cx: NativeCallContext, map: Map| -> Outcome<String> { written(&cx, &map.into()) });
    add!("==", |cx: NativeCallContext, a: Array, b: Array| equal(&cx, &a.into(), &b.into(), 0));
    add!("!=", |cx: NativeCallContext, a: Array, b: Array| equal(&cx, &a.into(), &b.into(), 0).map(|e| !e));
    add!("==", |cx: NativeCallContext, a: Map, b: Map| equal(&cx, &a.into(), &b.into(), 0));
    add!("!=", |cx: NativeCallContext, a: Map, b: Map| equal(&cx, &a.into(), &b.into(), 0).map(|e| !e));

    add!("contains", |cx: NativeCallContext, list: &mut Array, wanted: Dynamic| -> Outcome<bool> {
        Ok(place(&cx, list, &wanted)?.is_some())
    });
    add!("index_of", |cx: NativeCallContext, list: &mut Array, wanted: Dynamic| -> Outcome<INT> {
        Ok(place(&cx, list, &wanted)?.map_or(-1, count))
    });
    add!("map", |cx: NativeCallContext, list: &mut Array, make: FnPtr| -> Outcome<Array> {
        let mut bytes = 0_usize;
        let mut made = Array::with_capacity(list.len());
        for element in list.iter() {
            let one: Dynamic = make.call_within_context(&cx, (element.clone(),))?;
            bytes = bytes.saturating_add(weigh(&cx, &one, 0)?);
            if limits::SCRIPT_TEXT_BYTES_MAX < bytes {
                return Err(Stop::Size.into_error());
            }
            made.push(one);
        }
        Ok(made)
    });
    add!("sorted", |cx: NativeCallContext, mut list: Array| -> Outcome<Array> {
        charge(&cx, list.len() * 64)?;
        list.sort_by(order);
        Ok(list)
    });
    add!("sorted_by", |cx: NativeCallContext, list: Array, key: FnPtr| -> Outcome<Array> {
        charge(&cx, list.len() * 64)?;
        let mut keyed = Vec::with_capacity(list.len());
        for element in list {
            let key: Dynamic = key.call_within_context(&cx, (element.clone(),))?;
            if limits::SCRIPT_TEXT_BYTES_MAX < weigh(&cx, &key, 0)? {
                return Err(Stop::Size.into_error());
            }
            keyed.push((key, element));
        }
        keyed.sort_by(|(a, _), (b, _)| order(a, b));
        Ok(keyed.into_iter().map(|(_, element)| element).collect())
    });
    add!("join", |cx: NativeCallContext, list: Array, separator: &str| -> Outcome<String> {
        let mut joined = String::new();
        for (i, element) in list.iter().enumerate() {
            let written = |e: super::ScriptError| failure(&e.message.en);
            let element = value::to_json(element).map_err(written)?;
            let text = value::to_text(&element).map_err(written)?;
            charge(&cx, text.len())?;
            if 0 < i {
                joined.push_str(separator);
            }
            joined.push_str(&text);
            if limits::SCRIPT_TEXT_BYTES_MAX < joined.len() {
                return Err(Stop::Size.into_error());
            }
        }
        Ok(joined)
    });
    m
}

/// What a calendar's state is called in scripts.
pub(super) fn calendar_word(state: CalendarState) -> &'static str {
    match state {
        CalendarState::Open => "open",
        CalendarState::Closed => "closed",
        CalendarState::Holiday => "holiday",
    }
}

/// The evaluation's own world, which travels as the engine's tag.
fn world(cx: &NativeCallContext<'_>) -> Outcome<World> {
    let world = cx.tag().and_then(|tag| tag.read_lock::<World>().map(|world| world.clone()));
    world.ok_or_else(|| failure("no evaluation is going on"))
}

fn charge(cx: &NativeCallContext<'_>, bytes: usize) -> Outcome<()> {
    world(cx)?.budget.spend_bytes(bytes)
}

fn room_for(cx: &NativeCallContext<'_>, bytes: usize) -> Outcome<()> {
    if limits::SCRIPT_TEXT_BYTES_MAX < bytes { Err(Stop::Size.into_error()) } else { charge(cx, bytes) }
}

fn failure(message: &str) -> Box<EvalAltResult> {
    EvalAltResult::ErrorRuntime(message.into(), Position::NONE).into()
}

fn index(at: INT) -> usize {
    usize::try_from(at).unwrap_or(0)
}

fn count(n: usize) -> INT {
    INT::try_from(n).unwrap_or(INT::MAX)
}

fn number(text: &str) -> Dynamic {
    let text = text.trim();
    if let Ok(i) = text.parse::<INT>() {
        return Dynamic::from_int(i);
    }
    let digits = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '+'));
    match text.replacen(',', ".", 1).parse::<FLOAT>() {
        Ok(x) if digits && x.is_finite() => Dynamic::from_float(x),
        _ => Dynamic::UNIT,
    }
}

fn fixed(x: FLOAT, decimals: INT) -> Outcome<String> {
    match usize::try_from(decimals) {
        Ok(places) if places <= 9 => Ok(format!("{x:.places$}")),
        _ => Err(failure("fixed() takes 0 to 9 decimals")),
    }
}

fn written(cx: &NativeCallContext<'_>, what: &Dynamic) -> Outcome<String> {
    let json = value::to_json(what).map_err(|_| Stop::Size.into_error())?;
    let text = json.to_string();
    room_for(cx, text.len())?;
    Ok(text)
}

fn place(cx: &NativeCallContext<'_>, list: &Array, wanted: &Dynamic) -> Outcome<Option<usize>> {
    for (i, element) in list.iter().enumerate() {
        if equal(cx, element, wanted, 0)? {
            return Ok(Some(i));
        }
    }
    Ok(None)
}

/// Equality as `==` has it: numbers by value, values of different types unequal.
fn equal(cx: &NativeCallContext<'_>, a: &Dynamic, b: &Dynamic, depth: usize) -> Outcome<bool> {
    if limits::SCRIPT_NESTING_MAX < depth {
        return Err(Stop::Size.into_error());
    }
    charge(cx, 0)?;
    if let (Some(a), Some(b)) = (a.read_lock::<Array>(), b.read_lock::<Array>()) {
        if a.len() != b.len() {
            return Ok(false);
        }
        for (a, b) in a.iter().zip(b.iter()) {
            if !equal(cx, a, b, depth + 1)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    if let (Some(a), Some(b)) = (a.read_lock::<Map>(), b.read_lock::<Map>()) {
        if a.len() != b.len() {
            return Ok(false);
        }
        for ((ka, a), (kb, b)) in a.iter().zip(b.iter()) {
            if ka != kb || !equal(cx, a, b, depth + 1)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    if let (Some(a), Some(b)) = (a.read_lock::<ImmutableString>(), b.read_lock::<ImmutableString>()) {
        charge(cx, a.len().min(b.len()))?;
        return Ok(*a == *b);
    }
    Ok(match (a.as_int(), b.as_int(), float(a), float(b)) {
        (Ok(a), Ok(b), ..) => a == b,
        #[expect(clippy::float_cmp, reason = "equality of numbers is exact, as in rhai")]
        (_, _, Some(a), Some(b)) => a == b,
        _ => rank(a) == rank(b) && rank(a) < UNORDERED && order(a, b) == Ordering::Equal,
    })
}

/// Bytes of text in a value, each element counted as one more.
fn weigh(cx: &NativeCallContext<'_>, what: &Dynamic, depth: usize) -> Outcome<usize> {
    if limits::SCRIPT_NESTING_MAX < depth {
        return Err(Stop::Size.into_error());
    }
    charge(cx, 0)?;
    let mut bytes = 1_usize;
    if let Some(text) = what.read_lock::<ImmutableString>() {
        bytes = bytes.saturating_add(text.len());
    } else if let Some(list) = what.read_lock::<Array>() {
        for element in list.iter() {
            bytes = bytes.saturating_add(weigh(cx, element, depth + 1)?);
        }
    } else if let Some(map) = what.read_lock::<Map>() {
        for (key, element) in map.iter() {
            bytes = bytes.saturating_add(key.len()).saturating_add(weigh(cx, element, depth + 1)?);
        }
    }
    Ok(bytes)
}

/// Rank of values that have no order among themselves.
const UNORDERED: u8 = 5;

fn rank(value: &Dynamic) -> u8 {
    if value.is_unit() {
        0
    } else if value.is_bool() {
        1
    } else if value.is_int() || value.is_float() {
        2
    } else if value.is_char() {
        3
    } else if value.is_string() {
        4
    } else {
        UNORDERED
    }
}

/// A total order over every value, so that sorting can neither fail nor depend on the sort's inner ways.
fn order(a: &Dynamic, b: &Dynamic) -> Ordering {
    rank(a).cmp(&rank(b)).then_with(|| {
        if let (Some(x), Some(y)) = (float(a), float(b)) {
            // Whole numbers that one float stands for are told apart by themselves, else the order would not be one.
            (x + 0.0).total_cmp(&(y + 0.0)).then_with(|| a.as_int().ok().cmp(&b.as_int().ok()))
        } else if let (Ok(a), Ok(b)) = (a.as_bool(), b.as_bool()) {
            a.cmp(&b)
        } else if let (Ok(a), Ok(b)) = (a.as_char(), b.as_char()) {
            a.cmp(&b)
        } else if let (Some(a), Some(b)) = (a.read_lock::<ImmutableString>(), b.read_lock::<ImmutableString>()) {
            a.as_str().cmp(b.as_str())
        } else {
            Ordering::Equal
        }
    })
}

fn float(value: &Dynamic) -> Option<FLOAT> {
    #[expect(clippy::cast_precision_loss, reason = "comparing a whole number with a float is done as rhai does it")]
    value.as_float().ok().or_else(|| value.as_int().ok().map(|i| i as FLOAT))
}
