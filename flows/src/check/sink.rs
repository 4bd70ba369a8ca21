//! Where checks put what they find: it adds position and node to each finding, and sorts and bounds the report.

use crate::{
    check::codes::Code,
    finding::{Finding, Severity},
    limits::FINDINGS_MAX,
    name::NodeId,
    source::Positions,
    suggest::Suggestions,
    words::Words,
};

/// The findings of one document while they are collected.
pub(crate) struct Sink<'p> {
    positions: &'p Positions,
    findings: Vec<Finding>,
    /// The budget of "did you mean" for this document.
    pub(crate) suggestions: Suggestions,
}

impl<'p> Sink<'p> {
    pub(crate) fn new(positions: &'p Positions) -> Self {
        Self { positions, findings: Vec::new(), suggestions: Suggestions::default() }
    }

    /// A finding about the value at a pointer, or about one that should be there and is not.
    pub(crate) fn value(&mut self, code: Code, pointer: &str, message: Words) -> &mut Finding {
        self.push(code.finding(pointer, message))
    }

    /// A finding about the key at a pointer: an entry that should not be there, or should be named otherwise.
    pub(crate) fn key(&mut self, code: Code, pointer: &str, message: Words) -> &mut Finding {
        let at = self.positions.key(pointer);
        let mut finding = code.finding(pointer, message);
        finding.position = at;
        self.push(finding)
    }

    /// A finding that another part made; position and node are added where they lack.
    pub(crate) fn push(&mut self, mut finding: Finding) -> &mut Finding {
        finding.position.get_or_insert_with(|| self.positions.nearest(&finding.pointer));
        finding.node = node_of(&finding.pointer);
        let index = self.findings.len();
        self.findings.push(finding);
        &mut self.findings[index]
    }

    pub(crate) fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// The report: sorted by position, then code; cut at [`FINDINGS_MAX`], errors kept before warnings.
    pub(crate) fn finish(self) -> Vec<Finding> {
        let mut findings = self.findings;
        let total = findings.len();
        let cut = total > FINDINGS_MAX;
        if cut {
            findings.sort_by(|a, b| (a.severity, order(a)).cmp(&(b.severity, order(b))));
            findings.truncate(FINDINGS_MAX - 1);
        }
        findings.sort_by(|a, b| order(a).cmp(&order(b)));
        if cut {
            let shown = findings.len();
            let mut last = Code::TooManyFindings.finding(
                "",
                Words::new(
                    format!("{total} findings, of which {shown} are shown"),
                    format!("{total} constats, dont {shown} sont affichés"),
                ),
            );
            last.position = Some(self.positions.nearest(""));
            findings.push(last);
        }
        findings
    }
}

impl Finding {
    /// Offers the name that was probably meant, where there is one.
    pub(crate) fn meant(&mut self, meant: Option<&str>) {
        if let Some(meant) = meant {
            self.hint = Words::new(format!("Did you mean '{meant}'?"), format!("Vouliez-vous dire « {meant} » ?"));
        }
    }
}

fn order(finding: &Finding) -> impl Ord + '_ {
    (finding.position, &finding.code, &finding.pointer, finding.span, &finding.message)
}

/// The node that a pointer leads into.
fn node_of(pointer: &str) -> Option<NodeId> {
    let id = pointer.strip_prefix("/nodes/")?.split('/').next()?;
    NodeId::new(id).ok()
}
