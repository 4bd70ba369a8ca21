use crate::{check::Report, parse::parse, testing};

fn check(text: &str) -> Report {
    testing::check(&parse(text).expect("a document"))
}

#[test]
fn the_sound_document_has_no_finding_and_becomes_a_flow() {
    let report = check(testing::SOUND);
    assert_eq!(report.findings, []);
    let flow = report.flow.expect("a flow");
    assert_eq!(flow.node_ids().count(), 8);
    assert_eq!(flow.entry().as_str(), "hours");
}
