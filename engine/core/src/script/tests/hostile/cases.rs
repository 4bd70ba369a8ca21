//! The hostile scripts themselves, as data. The benchmark that runs them beside work reads this file too, so it uses
//! nothing but the standard library.

#[derive(Clone, Copy, PartialEq)]
pub enum As {
    Condition,
    Script,
    Template,
    Library,
}

pub struct Case {
    pub name: &'static str,
    pub kind: As,
    pub source: String,
    /// Codes it may end with; `value` for a harmless value.
    pub ends: &'static [&'static str],
}

fn case(name: &'static str, kind: As, source: impl Into<String>, ends: &'static [&'static str]) -> Case {
    Case { name, kind, source: source.into(), ends }
}

/// A text that doubles until it is just below the bound.
const BIG: &str = "let s = \"x\"; while s.len() < 8192 { s += s; } ";

/// All of them.
pub fn cases() -> Vec<Case> {
    use As::{Condition, Library, Script, Template};
    let big = |rest: &str| format!("{BIG}{rest}");
    let syntax: &[&str] = &["script-syntax"];
    let unknown: &[&str] = &["unknown-function"];
    let budget: &[&str] = &["script-budget"];
    let size: &[&str] = &["script-size"];
    let long: &[&str] = &["script-too-long"];
    let failed: &[&str] = &["script-failed"];
    vec![
        case("empty", Script, "1", &["value"]),
        case("endless loop", Script, "loop { }", budget),
        case("endless while", Script, "let x = 0; while true { x += 1; }", budget),
        case("endless do", Script, "do { } while true", budget),
        case("loop in a condition", Condition, "loop { }", syntax),
        case("statements in a condition", Condition, "{ let x = 1; x } == 1", syntax),
        case("closure in a condition", Condition, "[1].some(|x| x == 1)", syntax),
        case("range to the end of numbers", Script, "let n = 0; for i in 0..9223372036854775807 { n = i; } n", budget),
        case("inclusive range", Script, "let n = 0; for i in 0..=9223372036854775807 { n = i; } n", budget),
        case("range function", Script, "let n = 0; for i in range(0, 9223372036854775807) { n = i; } n", budget),
        case("ranges in ranges", Script, "let n = 0; for i in 0..100000 { for j in 0..100000 { n = j; } } n", budget),
        case("recursion", Script, "fn f() { f() } f()", size),
        case("mutual recursion", Script, "fn f(x) { g(x + 1) } fn g(x) { f(x + 1) } f(0)", size),
        case("recursion through map", Script, "fn f(x) { [1, 2].map(|y| f(y)) } f(1)", size),
        case("branching recursion", Script, "fn f(n) { if n == 0 { 1 } else { f(n - 1) + f(n - 1) } } f(15)", budget),
        case("recursion in the library", Library, "fn f(x) { f(x) }", size),
        case("unknown function in the library", Library, "fn f(x) { sleep(1000) }", unknown),
        case("closure kept in the library", Library, "fn f(x) { let g = |y| y; 1 }", syntax),
        case("text doubling", Script, "let s = \"x\"; loop { s += s; }", size),
        case("text doubling by +", Script, "let s = \"x\"; loop { s = s + s; }", size),
        case("text doubling by interpolation", Script, "let s = \"x\"; loop { s = `${s}${s}`; }", size),
        case("interpolation bomb", Script, big("`${s}${s}${s}${s}${s}${s}`"), size),
        case("list of large texts", Script, big("let l = []; loop { l.push(s + l.len()); }"), size),
        case("literal list of large texts", Script, big(&format!("[{}].len()", "s+1,".repeat(400))), size),
        case(
            "literal map of large texts",
            Script,
            big(&format!("#{{{}}}.len()", (0..300).map(|i| format!("a{i}:s+{i},")).collect::<String>())),
            size,
        ),
        case("list doubling", Script, "let l = [1]; loop { l += l; }", size),
        case("list doubling by +", Script, "let l = [1]; loop { l = l + l; }", size),
        case("list growth by push", Script, "let l = []; loop { l.push(1); }", size),
        case("list growth by insert", Script, "let l = []; loop { l.insert(0, 1); }", unknown),
        case("list growth by pad", Script, "let l = []; l.pad(1000000000, 1);", unknown),
        case("text growth by pad", Script, "let s = \"\"; s.pad(1000000000, \"x\");", unknown),
        case("bytes", Script, "blob(1000000000)", unknown),
        case("list pushed into itself", Script, "let l = []; loop { l.push(l); }", size),
        case("nested lists", Script, "let l = []; loop { l = [l]; }", size),
        case("nested lists printed", Script, "let l = []; for i in 0..1000 { l = [l]; } l.to_string()", size),
        case(
            "nested lists interpolated",
            Script,
            "let l = []; for i in 0..1000 { l = [l]; } `${l}`",
            &["script-size", "value"],
        ),
        case("nested lists compared", Script, "let l = []; for i in 0..1000 { l = [l]; } l == l", size),
        case("nested lists looked for", Script, "let l = []; for i in 0..500 { l = [l]; } l in [l]", size),
        case("nested lists returned", Script, "let l = []; for i in 0..1000 { l = [l]; } l", size),
        case("nested maps", Script, "let m = #{}; loop { m = #{ m: m }; }", size),
        case("nested maps compared", Script, "let m = #{}; for i in 0..900 { m = #{ m: m }; } m == m", size),
        case("map growth by index", Script, "let m = #{}; let i = 0; loop { m[`${i}`] = i; i += 1; }", syntax),
        case("map growth by index, in place", Script, "let m = #{}; loop { m[\"a\"] += 1; }", syntax),
        case("map growth by set", Script, "let m = #{}; let i = 0; loop { m.set(`${i}`, i); i += 1; }", size),
        case("map put into itself", Script, "let m = #{}; loop { m.a = m; }", size),
        case("map put into its child", Script, "let m = #{ a: #{} }; loop { m.a.b = m; }", size),
        case(
            "map growth by +",
            Script,
            "let m = #{}; let i = 0; loop { let n = #{}; n.set(`${i}`, 1); m += n; i += 1; }",
            size,
        ),
        case(
            "map keys of large texts",
            Script,
            big("let m = #{}; let i = 0; loop { m.set(s + i, 1); i += 1; }"),
            &["script-size", "script-budget"],
        ),
        case("closure chain", Script, "let f = |x| x; loop { let g = f; f = |x| g.call(x); }", syntax),
        case("closure over closure", Script, "let f = || 0; for i in 0..100000 { let g = f; f = || g; }", syntax),
        case("closures in a list", Script, "let l = []; loop { l.push(|| l); }", syntax),
        case("closure through a function", Script, "fn id(f) { f } let g = id(|x| x); 1", syntax),
        case("closure returned by a callback", Script, "[1].map(|x| |y| x)", syntax),
        case("curry chain", Script, "let f = Fn(\"g\"); loop { f = f.curry(f); }", unknown),
        case("function by name", Script, "fn g() { 1 } let f = g; f", &["unknown-variable"]),
        case("call by name", Script, "call(\"eval\", \"1\")", unknown),
        case(
            "shared lists",
            Script,
            "let a = [1]; a.map(|x| { a.push(a); x }); a",
            &["value", "script-failed", "script-size"],
        ),
        case(
            "callbacks hide operations, filter",
            Script,
            "let l = []; for i in 0..1000 { l.push(i); } loop { l.filter(|x| { let n = 0; while n < 1000 { n += 1; } true }); }",
            budget,
        ),
        case(
            "callbacks hide operations, map",
            Script,
            "let l = []; for i in 0..1000 { l.push(i); } l.map(|x| { let n = 0; for i in 0..10000 { n += i; } n })",
            budget,
        ),
        case(
            "callbacks hide operations, reduce",
            Script,
            "let l = []; for i in 0..1000 { l.push(i); } l.reduce(|s, x| { for i in 0..10000 { s += i; } s }, 0)",
            budget,
        ),
        case("callbacks that never end", Script, "[1].some(|x| { loop { } })", budget),
        case(
            "callbacks in callbacks",
            Script,
            "let l = []; for i in 0..100 { l.push(i); } l.map(|a| l.map(|b| l.map(|c| c)))",
            &["script-budget", "script-size", "script-failed"],
        ),
        case(
            "map makes large texts",
            Script,
            big("let l = []; for i in 0..1000 { l.push(i); } l.map(|i| s + i)"),
            size,
        ),
        case(
            "keys of large texts",
            Script,
            big("let l = []; for i in 0..1000 { l.push(i); } l.sorted_by(|i| s + i + s)"),
            &["script-size", "script-budget"],
        ),
        case(
            "comparator without an order",
            Script,
            "let l = []; for i in 0..1000 { l.push(i); } l.sort(|a, b| 1)",
            unknown,
        ),
        case(
            "keys without an order",
            Script,
            "let n = 0; [3, 1.5, \"a\", (), true, [1], #{}].sorted_by(|x| x)",
            &["value"],
        ),
        case("replace bomb", Script, big("s.replace(\"x\", s)"), size),
        case("replace nothing", Script, big("s.replace(\"\", s).len()"), &["value"]),
        case("join bomb", Script, big("let l = []; for i in 0..1000 { l.push(i); } l.join(s)"), size),
        case("split bomb", Script, big("s.split(\"x\")"), size),
        case("search loop", Script, big("loop { s.index_of(\"y\"); }"), budget),
        case(
            "search loop in a list",
            Script,
            "let l = []; for i in 0..1000 { l.push(i); } loop { l.contains(-1); }",
            budget,
        ),
        case("fold loop", Script, big("loop { s.plain(); }"), budget),
        case("copy loop", Script, big("loop { let t = s + \"y\"; }"), budget),
        case("view copy loop", Script, "loop { let c = contact; c.fields.x = attributes; }", budget),
        case("many variables", Script, (0..800).map(|i| format!("let v{i} = {i};")).collect::<String>(), size),
        case("twenty thousand variables", Script, "let x = 1;".repeat(20_000), long),
        case(
            "variables in every frame",
            Script,
            big(&format!(
                "fn f(n, s) {{ {} f(n + 1, s) }} f(0, s)",
                (0..50).map(|i| format!("let v{i} = s + {i} + n;")).collect::<String>()
            )),
            size,
        ),
        case("huge literal", Script, format!("\"{}\"", "x".repeat(1_000_000)), long),
        case("parentheses", Script, format!("{}1{}", "(".repeat(200_000), ")".repeat(200_000)), long),
        case("parentheses within the length", Script, format!("{}1{}", "(".repeat(8_000), ")".repeat(8_000)), syntax),
        case("brackets", Script, format!("{}{}", "[".repeat(8_000), "]".repeat(8_000)), syntax),
        case("blocks", Script, format!("{}{}", "{".repeat(8_000), "}".repeat(8_000)), syntax),
        case("negations", Condition, format!("{}true", "!".repeat(16_000)), syntax),
        case("minus signs", Script, format!("{}1", "-".repeat(16_000)), syntax),
        case("long sum", Script, format!("0{}", "+1".repeat(8_000)), syntax),
        case(
            "long chain of else",
            Script,
            format!("if false {{}} {}", "else if false {}".repeat(1_000)),
            &["script-syntax", "value"],
        ),
        case("nested interpolation", Script, format!("{}1{}", "`${".repeat(2_000), "}`".repeat(2_000)), syntax),
        case("nested closures", Script, format!("[1].map({}1)", "|x| ".repeat(4_000)), syntax),
        case(
            "long parameter list",
            Script,
            format!("fn f({}) {{ 1 }} 1", (0..2_500).map(|i| format!("a{i},")).collect::<String>()),
            &["value", "script-syntax"],
        ),
        case("long argument list", Script, format!("max({}1)", "1,".repeat(8_000)), unknown),
        case(
            "long property chain",
            Script,
            format!("contact.fields{}", ".a".repeat(7_000)),
            &["script-syntax", "value", "script-failed"],
        ),
        case(
            "switch with thousands of cases",
            Script,
            format!("switch 1 {{ {} _ => 0 }}", (0..1_800).map(|i| format!("{i}=>1,")).collect::<String>()),
            &["value"],
        ),
        case("many functions", Script, (0..1_000).map(|i| format!("fn f{i}(){{}}")).collect::<String>(), syntax),
        case("whole numbers past their end", Script, "9223372036854775807 + 1", failed),
        case("smallest number by minus one", Script, "let m = -9223372036854775807 - 1; m / -1", failed),
        case("remainder of the smallest", Script, "let m = -9223372036854775807 - 1; m % -1", failed),
        case("division by zero", Script, "1 / 0", failed),
        case("shift too far", Script, "1 << 9999999999", &["script-failed", "value"]),
        case("power too large", Script, "2 ** 9223372036854775807", failed),
        case("negative of the smallest", Script, "let m = -9223372036854775807 - 1; abs(m)", failed),
        case("index past the end", Script, "let l = [1]; l[9223372036854775807]", failed),
        case("index before the beginning", Script, "let l = [1]; l[-9223372036854775807]", failed),
        case("infinite result", Script, "1.0 / 0.0", &["script-type"]),
        case("sub_string past the end", Script, "\"abc\".sub_string(-5, 9223372036854775807)", &["value"]),
        case("fixed with too many decimals", Script, "fixed(1.5, 1000000000)", failed),
        case("eval", Script, "eval(\"loop {}\")", unknown),
        case("import", Script, "import \"file\" as f; 1", syntax),
        case("print", Script, "print(\"x\")", unknown),
        case("debug", Script, "debug(\"x\")", unknown),
        case("sleep", Script, "sleep(1000)", unknown),
        case("clock", Script, "timestamp()", unknown),
        case("exit", Script, "exit(1)", unknown),
        case("json", Script, "parse_json(\"[[[\")", unknown),
        case("redefined function", Script, "fn queue(x) { #{} } queue(1)", syntax),
        case("budget swallowed by try", Script, "loop { try { loop { } } catch { } }", budget),
        case(
            "size swallowed by try",
            Script,
            "let s = \"x\"; loop { try { s += s; } catch { } }",
            &["script-budget", "script-size"],
        ),
        case("lookups without end", Script, "let i = 0; loop { try { queue(`q${i}`); } catch { } i += 1; }", size),
        case("thrown bomb", Script, big("throw s"), failed),
        case("assignment to a view", Script, "contact.fields = 1", syntax),
        case(
            "template that is too long when filled",
            Template,
            format!("{}${{message.text}}", "x".repeat(16_380)),
            &["script-too-long", "script-size"],
        ),
        case("template of expressions", Template, "${1}".repeat(4_000), &["value"]),
        case("template of braces", Template, format!("${{{}}}", "{".repeat(16_000)), &["template-syntax"]),
        case("template of strings", Template, format!("${{{}}}", "\"".repeat(15_999)), &["template-syntax"]),
        case("template that loops", Template, "${ loop {} }", syntax),
        case("odd bytes", Script, "\u{0}\u{feff}\u{202e}\u{1f980} \"\\u{d800}\"", syntax),
    ]
}
