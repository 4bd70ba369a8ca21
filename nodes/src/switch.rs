//! `switch`: holds one value against a table of cases.

use std::collections::BTreeMap;

use routewright_engine::{
    describe::describe,
    node::{Fault, Next, Node, Prepare, Turn},
    script::slots::Formula,
};
use routewright_flows::{Descriptor, ExitName, ExitRole, Flavour, check::Covered, descriptor::Category};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::comparing::{self, Manner, Test};

/// Chooses by a value.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// The value, as an expression: `attributes.topic`, `message.text`, `contact.fields.tier`.
    #[schemars(extend("x-fr" = "La valeur, sous forme d’expression : `attributes.topic`, `message.text`, `contact.fields.tier`."))]
    value: Formula,
    /// Cases with their exits, tried in this order.
    #[schemars(length(min = 1, max = 200), extend("x-fr" = "Des cas et leurs sorties, essayés dans cet ordre."))]
    cases: Vec<Case>,
    /// True compares texts letter by letter; false ignores case, accents and repeated space.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Vrai compare les textes lettre à lettre ; faux ignore la casse, les accents et les espaces répétés."))]
    exact: bool,
    /// Made of the cases when the flow is published.
    #[serde(skip)]
    table: Table,
}

/// The cases by the texts that they name, so that a text is looked up and not compared with each.
#[derive(Debug, Clone, Default)]
struct Table {
    /// The first case of each text, as texts are compared.
    texts: BTreeMap<String, usize>,
    /// Cases that texts alone do not decide.
    others: Vec<usize>,
}

/// One case.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Case {
    /// What the value must be.
    #[schemars(extend("x-fr" = "Ce que la valeur doit être."))]
    when: Test,
    /// True turns the case round: it holds when the value is not so.
    #[serde(default)]
    #[schemars(extend("x-fr" = "Vrai retourne le cas : il vaut quand la valeur n’est pas ainsi."))]
    not: bool,
    /// The exit taken when it is the first case that holds.
    #[schemars(extend("x-fr" = "La sortie prise quand c’est le premier cas qui vaut."))]
    exit: ExitName,
}

impl Node for Switch {
    fn descriptor() -> Descriptor {
        describe::<Self>("switch", Category::Decide, Flavour::Instant)
            .title("Switch", "Selon la valeur")
            .docs(EN, FR)
            .icon("list-tree")
            .exits_from("/cases/*/exit")
            .exit("otherwise", ExitRole::Normal, "No case holds.", "Aucun cas ne vaut.")
            .error_exit()
            .example(
                "By the customer's tier",
                "Selon le niveau du client",
                json!({ "value": "contact.fields.tier", "cases": [
                    { "when": { "in": ["gold", "platinum"] }, "exit": "vip" },
                    { "when": { "empty": true }, "exit": "unknown" },
                ] }),
            )
            .example(
                "By what the contact wrote: a greeting, or an order's number",
                "Selon ce que le contact a écrit : un salut, ou un numéro de commande",
                json!({ "value": "message.text", "cases": [
                    { "when": { "any_word": ["bonjour", "hello"] }, "exit": "greeting" },
                    { "when": { "matches": "^[A-Z]{2}\\d{6}$" }, "exit": "greeting" },
                ] }),
            )
            .counter_example("No case", "Aucun cas", json!({ "value": "message.text", "cases": [] }))
            .counter_example(
                "Two tests in one case",
                "Deux conditions dans un cas",
                json!({ "value": "message.text", "cases": [
                    { "when": { "equals": "a", "contains": "b" }, "exit": "both" },
                ] }),
            )
            .counter_example(
                "A pattern that is not one",
                "Un motif qui n’en est pas un",
                json!({ "value": "message.text", "cases": [{ "when": { "matches": "(" }, "exit": "odd" }] }),
            )
            .done()
    }

    fn covered(&self) -> Vec<Covered> {
        let mut texts: BTreeMap<String, usize> = BTreeMap::new();
        let mut others: Vec<usize> = Vec::new();
        let mut covered = Vec::new();
        for (number, case) in self.cases.iter().enumerate() {
            let by = match case.when.texts().filter(|_| !case.not) {
                Some(named) => {
                    let firsts = named.into_iter().map(|text| {
                        let text = comparing::text(text, self.exact).into_owned();
                        *texts.entry(text).or_insert(number)
                    });
                    firsts.max().filter(|last| *last < number)
                }
                None => {
                    let same = others.iter().copied().find(|other| self.cases[*other].asks_the_same(case));
                    others.push(number);
                    same
                }
            };
            covered.extend(by.map(|by| Covered { case: format!("/cases/{number}"), by: format!("/cases/{by}") }));
        }
        covered
    }

    fn prepare(&mut self, cx: &mut Prepare<'_>) {
        cx.formula(&mut self.value);
        self.index();
    }

    fn enter(&self, turn: &mut Turn<'_>) -> Result<Next, Fault> {
        let value = turn.look(&self.value)?;
        let case = self.case(&value, Manner { exact: self.exact, locale: turn.locale() });
        Ok(case.map_or(Next::exit("otherwise"), |case| Next::By(case.exit.clone())))
    }
}

impl Switch {
    /// Makes the table.
    fn index(&mut self) {
        for (number, case) in self.cases.iter().enumerate() {
            match case.when.texts().filter(|_| !case.not) {
                None => self.table.others.push(number),
                Some(texts) => {
                    for text in texts {
                        let text = comparing::text(text, self.exact).into_owned();
                        self.table.texts.entry(text).or_insert(number);
                    }
                }
            }
        }
    }

    /// The first case that holds.
    fn case(&self, value: &Value, manner: Manner<'_>) -> Option<&Case> {
        let Value::String(text) = value else { return self.cases.iter().find(|case| case.holds(value, manner)) };
        let named = self.table.texts.get(&*comparing::text(text, self.exact)).copied();
        let before = self.table.others.iter().copied().take_while(|other| named.is_none_or(|named| *other < named));
        let other = before.filter_map(|other| self.cases.get(other)).find(|case| case.holds(value, manner));
        other.or_else(|| self.cases.get(named?))
    }
}

impl Case {
    fn asks_the_same(&self, other: &Self) -> bool {
        self.not == other.not && self.when == other.when
    }

    fn holds(&self, value: &Value, manner: Manner<'_>) -> bool {
        self.when.passes(value, manner) != self.not
    }
}

const EN: &str = "\
## What it does
Works out one value and leaves by the exit of the first case that it fits.

## When to use it
To decide by one value with several outcomes. For conditions over several values, use `branch`; to let the contact choose, use `menu`.

## Exits
The exits that the cases name (several cases may share one), and `otherwise` when none fits.

## Settings
A case holds one test: `equals`, `in`, `range` (`at_least`, `at_most`, `above`, `below`), `contains`, `starts_with`, `ends_with`, `any_word`, `all_words`, `matches` (a regular expression), `empty`. `not` turns it round. Texts are compared without case and accents unless `exact` is set; a text compared with a number is read as a number, in the contact's language.

## Pitfalls
A test that does not suit the value (`range` of a word, `contains` of a number) does not hold, so its `not` does. `matches` always sees the text as it was written. The first case that fits wins: put the narrow ones first.
";

const FR: &str = "\
## Ce qu’il fait
Calcule une valeur et sort par la sortie du premier cas auquel elle répond.

## Quand l’utiliser
Pour décider selon une seule valeur aux issues multiples. Pour des conditions sur plusieurs valeurs, préférez `branch` ; pour laisser le contact choisir, `menu`.

## Sorties
Les sorties que nomment les cas (plusieurs cas peuvent en partager une), et `otherwise` quand aucun ne convient.

## Réglages
Un cas porte une condition : `equals`, `in`, `range` (`at_least`, `at_most`, `above`, `below`), `contains`, `starts_with`, `ends_with`, `any_word`, `all_words`, `matches` (une expression rationnelle), `empty`. `not` la retourne. Les textes se comparent sans casse ni accents, sauf avec `exact` ; un texte comparé à un nombre est lu comme un nombre, dans la langue du contact.

## Pièges
Une condition qui ne convient pas à la valeur (`range` d’un mot, `contains` d’un nombre) ne vaut pas, donc son `not` vaut. `matches` voit toujours le texte tel qu’il a été écrit. Le premier cas qui convient l’emporte : placez d’abord les plus étroits.
";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use routewright_engine::node::Node;
    use routewright_flows::Locale;
    use serde_json::{Value, json};

    use super::{Covered, Manner, Switch};
    use crate::testing::node;

    #[test]
    fn the_first_case_that_fits_wins() {
        let config = json!({ "value": "contact.fields.score", "cases": [
            { "when": { "range": { "at_least": 10 } }, "exit": "high" },
            { "when": { "range": { "at_least": 5 } }, "exit": "middle" },
            { "when": { "range": { "at_least": 0 } }, "not": true, "exit": "odd" },
        ] });
        for (score, exit) in [(json!(11), "high"), (json!("7"), "middle"), (json!(1), "otherwise"), (json!("x"), "odd")]
        {
            node("switch", config.clone())
                .with("contact", json!({ "score": score }))
                .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": exit } }]));
        }
    }

    /// The number of the case that a pointer leads to.
    fn number(pointer: &str) -> usize {
        pointer.strip_prefix("/cases/").and_then(|number| number.parse().ok()).expect("a pointer to a case")
    }

    #[test]
    fn a_case_that_an_earlier_one_takes_is_known() {
        let equals = |text: &str| json!({ "when": { "equals": text }, "exit": "e" });
        let with = |exact: bool, cases: Value| -> Vec<(usize, usize)> {
            let switch = json!({ "value": "message.text", "cases": cases, "exact": exact });
            let switch: Switch = serde_json::from_value(switch).expect("a switch");
            switch.covered().iter().map(|covered| (number(&covered.case), number(&covered.by))).collect()
        };
        let either = json!({ "when": { "in": ["or", "Été"] }, "exit": "e" });
        let word = |not: bool| json!({ "when": { "any_word": ["or"] }, "not": not, "exit": "e" });
        assert_eq!(with(false, json!([equals("or"), equals("été"), either, equals(" ETE ")])), [(2, 1), (3, 1)]);
        assert_eq!(with(true, json!([equals("or"), equals("été"), either, equals("Été")])), [(3, 2)]);
        assert_eq!(with(false, json!([word(false), word(true), word(false)])), [(2, 0)]);
    }

    fn test() -> impl Strategy<Value = Value> {
        let word = || prop::sample::select(&["Été", "ete", " ETE ", "or", "5", "5,0", ""][..]);
        let value = prop_oneof![word().prop_map(|w| json!(w)), Just(json!(5)), Just(json!(true)), Just(json!(null))];
        prop_oneof![
            4 => value.clone().prop_map(|value| json!({ "equals": value })),
            2 => prop::collection::vec(value, 1..4).prop_map(|values| json!({ "in": values })),
            1 => word().prop_map(|part| json!({ "contains": part })),
            1 => Just(json!({ "range": { "at_least": 5 } })),
            1 => any::<bool>().prop_map(|empty| json!({ "empty": empty })),
        ]
    }

    proptest! {
        #[test]
        fn the_table_finds_the_case_that_trying_each_finds(
            cases in prop::collection::vec((test(), any::<bool>()), 1..12),
            exact in any::<bool>(),
        ) {
            let cases: Vec<Value> = cases.into_iter().enumerate()
                .map(|(n, (when, not))| json!({ "when": when, "not": not, "exit": format!("e{n}") })).collect();
            let config = json!({ "value": "message.text", "cases": cases, "exact": exact });
            let mut switch: Switch = serde_json::from_value(config).expect("a switch");
            switch.index();
            let french = Locale::new("fr").expect("a language");
            let manner = Manner { exact, locale: &french };
            for value in [json!("Été"), json!("été"), json!("or"), json!("5"), json!(""), json!(5), json!(null), json!(true)] {
                let each = switch.cases.iter().find(|case| case.holds(&value, manner)).map(|case| &case.exit);
                prop_assert_eq!(switch.case(&value, manner).map(|case| &case.exit), each, "{}", value);
                for Covered { case, .. } in switch.covered() {
                    prop_assert_ne!(each, Some(&switch.cases[number(&case)].exit), "{} is covered and takes {}", case, value);
                }
            }
        }
    }

    #[test]
    fn a_value_that_cannot_be_worked_out_takes_error() {
        node("switch", json!({ "value": "1 / 0", "cases": [{ "when": { "empty": true }, "exit": "none" }] }))
            .plays(json!([{ "contact_says": "…" }, { "expect": { "ended": "error" } }]));
    }
}
