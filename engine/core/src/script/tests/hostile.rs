//! Scripts that want to stop the process, and what becomes of them. Each runs in a process of its own: it must end
//! by itself with a typed error or a harmless value, never abort, and stay within its memory. No watch is lent, so
//! every one of these ends by the deterministic bounds alone.
#![expect(clippy::disallowed_methods, reason = "tests measure time; the core itself has no clock")]

use std::{
    env, fs,
    process::{self, Command},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use routewright_flows::{FlowDocument, check::Scripts, descriptor::Slot};

use super::{
    super::{Sandbox, ScriptError},
    Scene, document,
};

/// Names the case that a child process runs.
const CASE: &str = "ROUTEWRIGHT_HOSTILE_CASE";
/// What a script thread of the runtime has.
const STACK_BYTES: usize = 64 * 1024 * 1024;
/// Resident memory that a script may take over an empty child.
const MEMORY_KIB_MAX: u64 = 32 * 1024;
/// Far above what any case needs, for a loaded machine.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Clone, Copy, PartialEq)]
enum As {
    Condition,
    Script,
    Template,
    Library,
}

struct Case {
    name: &'static str,
    kind: As,
    source: String,
    /// Codes it may end with; `value` for a harmless value.
    ends: &'static [&'static str],
}

fn case(name: &'static str, kind: As, source: impl Into<String>, ends: &'static [&'static str]) -> Case {
    Case { name, kind, source: source.into(), ends }
}

/// A text that doubles until it is just below the bound.
const BIG: &str = "let s = \"x\"; while s.len() < 8192 { s += s; } ";

fn cases() -> Vec<Case> {
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

/// How a case ends: `value`, or the code of the first fault or error.
fn outcome(case: &Case) -> String {
    let (sandbox, scene, mut flow) = (Sandbox::new(), Scene::default(), document());
    let first = |faults: Vec<_>| match faults.into_iter().next() {
        Some(routewright_flows::check::ScriptFault { code, .. }) => code.to_owned(),
        None => "no fault".to_owned(),
    };
    let ended = |result: Result<(), ScriptError>| match result {
        Ok(()) => "value".to_owned(),
        Err(error) => error.code().to_owned(),
    };
    let (slot, source) = match case.kind {
        As::Condition => (Slot::Expression { returns: routewright_flows::descriptor::Returns::Boolean }, &case.source),
        As::Script => (Slot::Script, &case.source),
        As::Template => (Slot::Template, &case.source),
        As::Library => {
            flow = FlowDocument { library: case.source.clone(), ..flow };
            let found = sandbox.library_faults(&flow);
            if !found.is_empty() {
                assert!(sandbox.compile_script("f(1)", &flow).is_err(), "a faulty library is not to be called");
                return first(found);
            }
            (Slot::Script, &"f(1)".to_owned())
        }
    };
    let found = sandbox.faults(&slot, source, &flow);
    match case.kind {
        As::Condition => match sandbox.compile_condition(source, &flow) {
            Err(faults) => first(faults),
            Ok(program) => ended(sandbox.test(&program, &scene).map(drop)),
        },
        As::Script | As::Library => match sandbox.compile_script(source, &flow) {
            Err(faults) => {
                assert_eq!(found, faults, "the check and the compiler agree");
                first(faults)
            }
            Ok(program) => ended(sandbox.run(&program, &scene).map(drop)),
        },
        As::Template => match sandbox.compile_template(source, &flow) {
            Err(faults) => first(faults),
            Ok(program) => ended(sandbox.fill(&program, &scene).map(drop)),
        },
    }
}

/// The child's part: runs the one case that the environment names on a thread like the runtime's. Without a name it
/// runs the first.
#[test]
fn child() {
    let wanted = env::var_os(CASE).and_then(|n| n.to_str().and_then(|n| n.parse::<usize>().ok())).unwrap_or(0);
    let (done, wait) = mpsc::channel();
    thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || {
            let case = cases().swap_remove(wanted);
            let began = Instant::now();
            let ended = outcome(&case);
            done.send((ended, began.elapsed())).expect("the parent thread waits");
        })
        .expect("a thread");
    let Ok((ended, took)) = wait.recv_timeout(PATIENCE) else { process::exit(3) };
    println!("ended={ended};kib={};us={};", memory_kib(), took.as_micros());
}

/// The most memory this process ever had resident.
fn memory_kib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0 kB");
    line.trim().trim_end_matches("kB").trim().parse().unwrap_or(0)
}

fn field<'a>(output: &'a str, name: &str) -> Option<&'a str> {
    output.split(';').find_map(|part| part.rsplit_once(&format!("{name}=")).map(|(_, value)| value))
}

#[test]
fn no_hostile_script_stops_the_process() {
    let program = env::current_exe().expect("this test's own binary");
    let all = cases();
    assert!(40 <= all.len());
    let mut empty_kib = 0;
    let mut wrong = Vec::new();
    let (mut worst_us, mut worst_kib) = ((0, ""), (0, ""));
    for (i, case) in all.iter().enumerate() {
        let output = Command::new(&program)
            .args(["--exact", "script::tests::hostile::child", "--nocapture", "--test-threads=1"])
            .env(CASE, i.to_string())
            .env("RUST_BACKTRACE", "0")
            .output()
            .expect("a child process");
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let (Some(ended), Some(kib), Some(us)) = (
            field(&said, "ended"),
            field(&said, "kib").and_then(|n| n.parse::<u64>().ok()),
            field(&said, "us").and_then(|n| n.parse::<u64>().ok()),
        ) else {
            wrong.push(format!(
                "{}: {:?} {said} {}",
                case.name,
                output.status,
                String::from_utf8_lossy(&output.stderr)
            ));
            continue;
        };
        if i == 0 {
            empty_kib = kib;
        }
        let over_kib = kib.saturating_sub(empty_kib);
        if !output.status.success() || !case.ends.contains(&ended) || MEMORY_KIB_MAX < over_kib {
            wrong.push(format!("{}: {ended} with {:?}, {over_kib} KiB, {us} us", case.name, output.status));
        }
        worst_us = worst_us.max((us, case.name));
        worst_kib = worst_kib.max((over_kib, case.name));
    }
    println!("{} cases; slowest {worst_us:?} us; largest {worst_kib:?} KiB over {empty_kib}", all.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}
