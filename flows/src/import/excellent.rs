//! The expressions of RapidPro and FLOIP (`@(…)`, `@results.age`), written as rhai where that is exact.
//!
//! One parser serves both: they share a family of languages, from Excel's formulas. What a name means is the format's
//! own business; a function that is not in the table below has no translation.

use super::{
    draft::Draft,
    rhai::{Piece, literal},
};
use crate::words::Words;

/// An expression that cannot be said in rhai, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Untranslatable(pub(super) Words);

impl Untranslatable {
    pub(super) fn new(en: impl Into<String>, fr: impl Into<String>) -> Self {
        Self(Words::new(en, fr))
    }
}

/// A step below a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// `.name`
    Name(String),
    /// `[…]`, already rhai.
    Index(String),
}

/// What a path of names means in a format.
pub(super) type Resolve = fn(&str, &[Step], &mut Draft<'_>) -> Result<String, Untranslatable>;

/// A translated expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Script {
    /// The rhai.
    pub(super) source: String,
    /// True when it holds anonymous functions, which only whole scripts may.
    pub(super) whole_script: bool,
}

/// Calls inside calls that are followed.
const DEPTH_MAX: usize = 32;

/// Translates one expression, without its `@`.
pub(super) fn expression(source: &str, resolve: Resolve, draft: &mut Draft<'_>) -> Result<Script, Untranslatable> {
    let tokens = tokens(source)?;
    let mut parser = Parser { tokens: &tokens, at: 0, depth: 0, lambdas: 0, whole_script: false, resolve, draft };
    let translated = parser.binary(0)?;
    match parser.peek() {
        None => Ok(Script { source: translated.source, whole_script: parser.whole_script }),
        Some(token) => Err(unexpected(token)),
    }
}

/// Translates a text with `@name`, `@(expression)` and `@@`.
pub(super) fn text(source: &str, resolve: Resolve, draft: &mut Draft<'_>) -> Result<Vec<Piece>, Untranslatable> {
    let mut pieces = Vec::new();
    let mut words = String::new();
    let mut rest = source;
    while let Some(at) = rest.find('@') {
        words.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let length = match after.chars().next() {
            Some('@') => {
                words.push('@');
                rest = &after[1..];
                continue;
            }
            Some('(') => closing(after)
                .ok_or_else(|| Untranslatable::new("a parenthesis is not closed", "une parenthèse n’est pas fermée"))?,
            Some(c) if c.is_alphabetic() => reference(after),
            _ => 0,
        };
        if length == 0 {
            words.push('@');
            rest = after;
            continue;
        }
        let script = expression(&after[..length], resolve, draft)?;
        if script.whole_script {
            return Err(Untranslatable::new(
                "a text cannot hold anonymous functions",
                "un texte ne peut pas contenir de fonctions anonymes",
            ));
        }
        if !words.is_empty() {
            pieces.push(Piece::Words(std::mem::take(&mut words)));
        }
        pieces.push(Piece::Expression(script.source));
        rest = &after[length..];
    }
    words.push_str(rest);
    if !words.is_empty() {
        pieces.push(Piece::Words(words));
    }
    Ok(pieces)
}

/// Where the parenthesis or bracket closes that a text opens with, in bytes; texts inside are skipped.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 0_usize;
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), _) => {}
            (None, '"') => quote = Some('"'),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => {
                depth = depth.checked_sub(1)?;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            (None, _) => {}
        }
    }
    None
}

/// The length of a path: names with dots between, indices and calls; a dot at the end is the sentence's.
fn reference(text: &str) -> usize {
    let mut length = 0;
    loop {
        let rest = &text[length..];
        let name = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        if name == 0 {
            // The dot before was a full stop.
            return length.saturating_sub(1);
        }
        length += name;
        while text[length..].starts_with(['[', '(']) {
            match closing(&text[length..]) {
                Some(inside) => length += inside,
                None => return length,
            }
        }
        if !text[length..].starts_with('.') {
            return length;
        }
        length += 1;
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Number(String),
    Text(String),
    Name(String),
    Symbol(&'static str),
    /// `&1`: an argument of an anonymous function.
    Argument(u32),
}

/// Longer symbols first.
const SYMBOLS: [&str; 20] =
    ["==", "!=", "<>", "<=", ">=", "&", "+", "-", "*", "/", "^", "=", "<", ">", "(", ")", "[", "]", ",", "."];

fn tokens(source: &str) -> Result<Vec<Token>, Untranslatable> {
    let mut tokens = Vec::new();
    let mut rest = source.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = if first == '"' {
            let (text, length) = quoted(rest)?;
            tokens.push(Token::Text(text));
            length
        } else if first.is_ascii_digit() {
            let length = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
            tokens.push(Token::Number(rest[..length].to_owned()));
            length
        } else if first.is_alphabetic() || first == '_' {
            let length = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            tokens.push(Token::Name(rest[..length].to_owned()));
            length
        } else if let Some(number) = rest.strip_prefix('&').and_then(|after| after.chars().next()?.to_digit(10)) {
            tokens.push(Token::Argument(number));
            2
        } else if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
            tokens.push(Token::Symbol(symbol));
            symbol.len()
        } else {
            return Err(Untranslatable::new(
                format!("'{first}' is not part of an expression"),
                format!("« {first} » ne fait pas partie d’une expression"),
            ));
        };
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

/// The text in quotes that a source starts with, and how long it is there.
fn quoted(source: &str) -> Result<(String, usize), Untranslatable> {
    let mut text = String::new();
    let mut characters = source.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' if characters.peek().is_some_and(|(_, next)| *next == '"') => {
                text.push('"');
                characters.next();
            }
            '"' => return Ok((text, at + 1)),
            '\\' => match characters.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, c @ ('"' | '\\'))) => text.push(c),
                Some((_, other)) => text.extend(['\\', other]),
                None => break,
            },
            c => text.push(c),
        }
    }
    Err(Untranslatable::new("a text is not closed", "un texte n’est pas fermé"))
}

fn unexpected(token: &Token) -> Untranslatable {
    let shown = match token {
        Token::Number(text) | Token::Text(text) | Token::Name(text) => text.clone(),
        Token::Symbol(symbol) => (*symbol).to_owned(),
        Token::Argument(number) => format!("&{number}"),
    };
    Untranslatable::new(
        format!("'{shown}' is not expected there"),
        format!("« {shown} » n’est pas attendu à cet endroit"),
    )
}

/// A piece of rhai, and whether it is surely true or false.
struct Part {
    source: String,
    truth: bool,
}

impl Part {
    fn value(source: impl Into<String>) -> Self {
        Self { source: source.into(), truth: false }
    }

    fn truth(source: impl Into<String>) -> Self {
        Self { source: source.into(), truth: true }
    }
}

struct Parser<'p, 'd> {
    tokens: &'p [Token],
    at: usize,
    depth: usize,
    /// Anonymous functions around this place; each has its own names of arguments.
    lambdas: usize,
    whole_script: bool,
    resolve: Resolve,
    draft: &'p mut Draft<'d>,
}

impl Parser<'_, '_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn takes(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(next)) if *next == symbol);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, symbol: &'static str) -> Result<(), Untranslatable> {
        if self.takes(symbol) {
            return Ok(());
        }
        Err(self.peek().map_or_else(
            || Untranslatable::new(format!("'{symbol}' is missing"), format!("il manque « {symbol} »")),
            unexpected,
        ))
    }

    fn binary(&mut self, least: u8) -> Result<Part, Untranslatable> {
        self.depth += 1;
        if DEPTH_MAX < self.depth {
            return Err(Untranslatable::new("it is nested too deeply", "elle est imbriquée trop profondément"));
        }
        let mut left = self.unary()?;
        while let Some((operator, power)) = self.operator().filter(|(_, power)| least <= *power) {
            self.at += 1;
            let right = self.binary(power + 1)?;
            left = self.operate(operator, &left, &right);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operator(&self) -> Option<(&'static str, u8)> {
        match self.peek()? {
            Token::Name(name) if name == "or" => Some(("or", 1)),
            Token::Name(name) if name == "and" => Some(("and", 2)),
            Token::Symbol(symbol) => match *symbol {
                "==" | "=" => Some(("==", 3)),
                "!=" | "<>" => Some(("!=", 3)),
                "<" | "<=" | ">" | ">=" => Some((symbol, 4)),
                "&" => Some(("&", 5)),
                "+" | "-" => Some((symbol, 6)),
                "*" | "/" => Some((symbol, 7)),
                _ => None,
            },
            Token::Number(_) | Token::Text(_) | Token::Name(_) | Token::Argument(_) => None,
        }
    }

    fn operate(&mut self, operator: &str, left: &Part, right: &Part) -> Part {
        let (l, r) = (&left.source, &right.source);
        match operator {
            "or" => Part::truth(format!("({} || {})", self.sure(left), self.sure(right))),
            "and" => Part::truth(format!("({} && {})", self.sure(left), self.sure(right))),
            "==" => Part::truth(format!("{}({l}, {r})", self.helper("alike"))),
            "!=" => Part::truth(format!("!{}({l}, {r})", self.helper("alike"))),
            "&" => Part::value(format!("[{l}, {r}].{}", "join(\"\")")),
            "/" => {
                let number = self.helper("figure");
                Part::value(format!("(to_float({number}({l})) / {number}({r}))"))
            }
            "<" | "<=" | ">" | ">=" => {
                let number = self.helper("figure");
                Part::truth(format!("({number}({l}) {operator} {number}({r}))"))
            }
            operator => {
                let number = self.helper("figure");
                Part::value(format!("({number}({l}) {operator} {number}({r}))"))
            }
        }
    }

    fn unary(&mut self) -> Result<Part, Untranslatable> {
        if self.takes("-") {
            let part = self.unary()?;
            let number = self.helper("figure");
            return Ok(Part::value(format!("(0 - {number}({}))", part.source)));
        }
        if self.takes("&") {
            return self.lambda();
        }
        self.primary()
    }

    /// `& expression` or `&(expression)`: a function of `&1` and `&2`.
    fn lambda(&mut self) -> Result<Part, Untranslatable> {
        self.whole_script = true;
        self.lambdas += 1;
        let from = self.at;
        let body = self.binary(0)?;
        let two = self.tokens[from..self.at].contains(&Token::Argument(2));
        let level = self.lambdas;
        self.lambdas -= 1;
        let arguments = if two { format!("a{level}, b{level}") } else { format!("a{level}") };
        Ok(Part { source: format!("|{arguments}| {}", body.source), truth: body.truth })
    }

    fn primary(&mut self) -> Result<Part, Untranslatable> {
        let Some(token) = self.peek().cloned() else {
            return Err(Untranslatable::new("it ends too early", "elle s’arrête trop tôt"));
        };
        self.at += 1;
        let part = match token {
            Token::Number(number) => Part::value(number),
            Token::Text(words) => Part::value(self.words(&words)?),
            Token::Argument(number) if self.lambdas > 0 => {
                let name = if number == 2 { 'b' } else { 'a' };
                Part::value(format!("{name}{}", self.lambdas))
            }
            Token::Symbol("(") => {
                let inside = self.binary(0)?;
                self.expect(")")?;
                Part { source: format!("({})", inside.source), truth: inside.truth }
            }
            Token::Symbol("[") => {
                let items = self.arguments("]")?;
                let items: Vec<String> = items.into_iter().map(|item| item.source).collect();
                Part::value(format!("[{}]", items.join(", ")))
            }
            Token::Name(name) => return self.name(&name),
            token @ (Token::Symbol(_) | Token::Argument(_)) => return Err(unexpected(&token)),
        };
        self.below(part)
    }

    /// A text inside an expression may hold references of its own.
    fn words(&mut self, words: &str) -> Result<String, Untranslatable> {
        if !words.contains('@') {
            return Ok(literal(words));
        }
        let pieces = text(words, self.resolve, self.draft)?;
        Ok(super::rhai::formula(&pieces))
    }

    fn name(&mut self, name: &str) -> Result<Part, Untranslatable> {
        let lower = name.to_lowercase();
        match lower.as_str() {
            "true" | "false" => return Ok(Part::truth(lower)),
            "null" | "nil" => return Ok(Part::value("()")),
            _ => {}
        }
        if self.takes("(") {
            let arguments = self.arguments(")")?;
            let part = self.call(&lower, &arguments)?;
            return self.below(part);
        }
        let mut steps = Vec::new();
        while let Some(step) = self.step()? {
            steps.push(step);
        }
        (self.resolve)(name, &steps, self.draft).map(Part::value)
    }

    /// What follows a value: `.name`, `[index]`.
    fn below(&mut self, mut part: Part) -> Result<Part, Untranslatable> {
        while let Some(step) = self.step()? {
            part = Part::value(below(&part.source, &[step]));
        }
        Ok(part)
    }

    fn step(&mut self) -> Result<Option<Step>, Untranslatable> {
        if self.takes(".") {
            let Some(Token::Name(name) | Token::Number(name)) = self.peek().cloned() else {
                return Err(Untranslatable::new("a name is missing after '.'", "il manque un nom après « . »"));
            };
            self.at += 1;
            return Ok(Some(Step::Name(name)));
        }
        if self.takes("[") {
            let index = self.binary(0)?;
            self.expect("]")?;
            return Ok(Some(Step::Index(index.source)));
        }
        Ok(None)
    }

    fn arguments(&mut self, end: &'static str) -> Result<Vec<Part>, Untranslatable> {
        let mut arguments = Vec::new();
        if self.takes(end) {
            return Ok(arguments);
        }
        loop {
            arguments.push(self.binary(0)?);
            if self.takes(end) {
                return Ok(arguments);
            }
            self.expect(",")?;
        }
    }

    /// A condition that is surely true or false.
    fn sure(&mut self, part: &Part) -> String {
        if part.truth { part.source.clone() } else { format!("{}({})", self.helper("holds"), part.source) }
    }

    fn helper(&mut self, name: &'static str) -> &'static str {
        self.draft.function(name)
    }

    fn call(&mut self, name: &str, arguments: &[Part]) -> Result<Part, Untranslatable> {
        let of = |at: usize| arguments[at].source.as_str();
        let said = |draft: &mut Draft<'_>, at: usize| format!("{}({})", draft.function("said"), arguments[at].source);
        let draft = &mut *self.draft;
        let part = match (name, arguments.len()) {
            ("and" | "or", 1..) => {
                let joint = if name == "and" { " && " } else { " || " };
                let parts: Vec<String> = arguments.iter().map(|argument| self.sure(argument)).collect();
                Part::truth(format!("({})", parts.join(joint)))
            }
            ("not", 1) => Part::truth(format!("!({})", self.sure(&arguments[0]))),
            ("if", 3) => {
                let condition = self.sure(&arguments[0]);
                Part::value(format!("(if {condition} {{ {} }} else {{ {} }})", of(1), of(2)))
            }
            ("concatenate", _) => {
                let parts: Vec<String> = (0..arguments.len()).map(|at| said(draft, at)).collect();
                Part::value(format!("[{}].join(\"\")", parts.join(", ")))
            }
            ("lower" | "upper", 1) => Part::value(format!("{name}({})", said(draft, 0))),
            ("text" | "clean", 1) => Part::value(said(draft, 0)),
            ("trim", 1) => Part::value(format!("trim({})", said(draft, 0))),
            ("len" | "length" | "text_length", 1) => Part::value(format!("len({})", said(draft, 0))),
            ("substitute" | "replace", 3) => {
                Part::value(format!("replace({}, {}, {})", said(draft, 0), said(draft, 1), said(draft, 2)))
            }
            ("is_nil_or_empty", 1) => Part::truth(format!("{}({})", draft.function("is_blank"), of(0))),
            ("count", 1) => Part::value(format!("{}({})", draft.function("how_many"), of(0))),
            ("map" | "filter" | "find", 2) if of(1).starts_with('|') => {
                Part::value(format!("({} ?? []).{name}({})", of(0), self.judged(name, &arguments[1])))
            }
            ("reduce", 3) if of(2).starts_with('|') => {
                // The element comes first there, and the sum first here.
                let swapped = swap(of(2));
                Part::value(format!("({} ?? []).reduce({swapped}, {})", of(0), of(1)))
            }
            ("max" | "min", 2) => {
                let number = draft.function("figure");
                Part::value(format!("{name}({number}({}), {number}({}))", of(0), of(1)))
            }
            ("abs" | "round", 1) => {
                let number = draft.function("figure");
                Part::value(format!("{name}({number}({}))", of(0)))
            }
            ("number", 1) => Part::value(format!("{}({})", draft.function("figure"), of(0))),
            ("isnumber" | "is_number", 1) => Part::truth(format!("{}({})", draft.function("is_figure"), of(0))),
            ("has_number", 1) => Part::truth(format!("{}({})", draft.function("has_digit"), of(0))),
            ("has_number_gte" | "has_number_gt" | "has_number_lte" | "has_number_lt" | "has_number_eq", 2) => {
                let operator = match name {
                    "has_number_gte" => ">=",
                    "has_number_gt" => ">",
                    "has_number_lte" => "<=",
                    "has_number_lt" => "<",
                    _ => "==",
                };
                let number = draft.function("figure");
                Part::truth(format!("({number}({}) {operator} {number}({}))", of(0), of(1)))
            }
            ("has_phrase", 2) => Part::truth(format!("{}({}, {})", draft.function("has_phrase"), of(0), of(1))),
            ("has_only_phrase", 2) => Part::truth(format!("same({}, {})", said(draft, 0), said(draft, 1))),
            ("has_member", 2) => Part::truth(format!("contains({} ?? [], {})", of(0), of(1))),
            ("has_all_members", 2) => Part::truth(format!("{}({}, {})", draft.function("has_all"), of(0), of(1))),
            ("today", 0) => Part::value("sub_string(now.iso, 0, 10)"),
            ("now", 0) => Part::value("now.iso"),
            ("year", 1) => Part::value(format!("{}({}, 0, 4)", draft.function("of_date"), of(0))),
            ("month", 1) => Part::value(format!("{}({}, 5, 2)", draft.function("of_date"), of(0))),
            ("day", 1) => Part::value(format!("{}({}, 8, 2)", draft.function("of_date"), of(0))),
            ("hour", 1) => Part::value(format!("{}({}, 11, 2)", draft.function("of_date"), of(0))),
            ("unichar" | "char", 1) if of(0) == "10" => Part::value("\"\\n\""),
            ("remove_first_word", 1) => Part::value(format!("{}({})", draft.function("after_first_word"), of(0))),
            _ => {
                return Err(Untranslatable::new(
                    format!("the function '{name}' has no translation"),
                    format!("la fonction « {name} » n’a pas de traduction"),
                ));
            }
        };
        Ok(part)
    }

    /// The function that a list is gone through with; those that decide must say true or false.
    fn judged(&mut self, taker: &str, lambda: &Part) -> String {
        match lambda.source.split_once("| ") {
            Some((arguments, body)) if taker != "map" && !lambda.truth => {
                format!("{arguments}| {}({body})", self.helper("holds"))
            }
            _ => lambda.source.clone(),
        }
    }
}

/// Two arguments the other way round.
fn swap(lambda: &str) -> String {
    let Some((arguments, body)) = lambda[1..].split_once("| ") else { return lambda.to_owned() };
    match arguments.split_once(", ") {
        Some((one, two)) => format!("|{two}, {one}| {body}"),
        None => format!("|sum, {arguments}| {body}"),
    }
}

/// A value below another.
pub(super) fn below(root: &str, steps: &[Step]) -> String {
    let mut path = root.to_owned();
    for step in steps {
        path = match step {
            Step::Name(name) => super::rhai::path(&path, &[name]),
            Step::Index(index) => format!("{path}?[{index}]"),
        };
    }
    path
}

/// Helpers of translated expressions: what those languages do with values of any type. A document's library holds the
/// ones that it uses.
pub(super) const HELPERS: [(&str, &str); 14] = [
    (
        "after_first_word",
        "fn after_first_word(v) { let parts = split(trim(to_string(v ?? \"\")), \" \"); if len(parts) > 0 { parts.shift(); } parts.join(\" \") }",
    ),
    (
        "alike",
        "fn alike(a, b) { if type_of(a) == type_of(b) { a == b } else { to_string(a ?? \"\") == to_string(b ?? \"\") } }",
    ),
    ("figure", "fn figure(v) { if type_of(v) == \"string\" { number(v) ?? 0 } else { v ?? 0 } }"),
    (
        "form_field",
        "fn form_field(text, delimiter, place) { let parts = split(trim(text), delimiter); if place < len(parts) { trim(parts[place]) } else { \"\" } }",
    ),
    (
        "has_all",
        "fn has_all(list, wanted) { for one in wanted { if !contains(list ?? [], one) { return false; } } true }",
    ),
    (
        "has_digit",
        "fn has_digit(v) { let text = to_string(v ?? \"\"); for d in range(0, 10) { if contains(text, to_string(d)) { return true; } } false }",
    ),
    (
        "has_phrase",
        "fn has_phrase(text, phrase) { contains(\" \" + plain(to_string(text ?? \"\")) + \" \", \" \" + plain(to_string(phrase ?? \"\")) + \" \") }",
    ),
    (
        "holds",
        "fn holds(v) { let kind = type_of(v); if kind == \"bool\" { v } else if kind == \"()\" { false } else if kind == \"string\" { v != \"\" && lower(v) != \"false\" } else if kind == \"array\" || kind == \"map\" { len(v) > 0 } else { v != 0 } }",
    ),
    ("how_many", "fn how_many(v) { if type_of(v) == \"()\" { 0 } else { len(v) } }"),
    (
        "is_blank",
        "fn is_blank(v) { let kind = type_of(v); kind == \"()\" || ((kind == \"string\" || kind == \"array\" || kind == \"map\") && len(v) == 0) }",
    ),
    (
        "is_figure",
        "fn is_figure(v) { let kind = type_of(v); if kind == \"string\" { type_of(number(v)) != \"()\" } else { kind == \"i64\" || kind == \"f64\" } }",
    ),
    (
        "of_date",
        "fn of_date(v, start, length) { to_int(number(sub_string(to_string(v ?? \"\"), start, length)) ?? 0) }",
    ),
    ("places", "fn places(n) { let list = []; for i in range(0, to_int(n)) { list.push(i); } list }"),
    ("said", "fn said(v) { to_string(v ?? \"\") }"),
];
