//! Findings as a compiler prints them, for terminals and continuous integration.

use std::fmt::Write as _;

use crate::{
    finding::{Finding, Severity},
    source::START,
};

/// The findings of one file, in the reader's language: `file:line:column: error[code]: message`, then the hint.
#[must_use]
pub fn render(findings: &[Finding], file_name: &str, language: &str) -> String {
    let mut out = String::new();
    for finding in findings {
        one(finding, file_name, language, &mut out).expect("writing to a String cannot fail");
    }
    out
}

fn one(finding: &Finding, file_name: &str, language: &str, out: &mut String) -> std::fmt::Result {
    let french = language.get(..2).is_some_and(|l| l.eq_ignore_ascii_case("fr"));
    let severity = match (finding.severity, french) {
        (Severity::Error, false) => "error",
        (Severity::Error, true) => "erreur",
        (Severity::Warning, false) => "warning",
        (Severity::Warning, true) => "avertissement",
    };
    let at = finding.position.unwrap_or(START);
    let (colon, hint) = if french { (" :", "conseil :") } else { (":", "hint:") };
    writeln!(out, "{file_name}:{at}: {severity}[{}]{colon} {}", finding.code, finding.message.for_language(language))?;
    if let Some(span) = finding.span {
        let inside = if french { "dans ce script, en" } else { "in this script, at" };
        writeln!(out, "  {inside} {span}")?;
    }
    writeln!(out, "  {hint} {}", finding.hint.for_language(language))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::render;
    use crate::{check::codes::Code, finding::Position, words::Words};

    #[test]
    fn findings_read_like_a_compiler_s() {
        let mut finding =
            Code::UnwiredExit.finding("/nodes/menu", Words::new("it leads nowhere", "elle ne mène nulle part"));
        finding.position = Some(Position { line: 3, column: 7 });
        finding.span = Some(Position { line: 1, column: 2 });
        let findings = [finding];
        expect![[r#"
            a.json:3:7: error[unwired-exit]: it leads nowhere
              in this script, at 1:2
              hint: Lead it to a node, to {"end": "<disposition>"} or to {"handler": "error"}.
        "#]]
        .assert_eq(&render(&findings, "a.json", "en"));
        expect![[r#"
            a.json:3:7: erreur[unwired-exit] : elle ne mène nulle part
              dans ce script, en 1:2
              conseil : Faites-la mener à un nœud, à {"end": "<qualification>"} ou à {"handler": "error"}.
        "#]]
        .assert_eq(&render(&findings, "a.json", "fr-CA"));
    }
}
