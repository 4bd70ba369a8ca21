// What the server's check found, each with its cure, and a way to where it is.
import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { useWords } from "../i18n";
import { sentence } from "../ui/Notice";
import type { Finding } from "./model/types";

type FindingsProps = { readonly findings: readonly Finding[]; readonly isChecked: boolean; readonly jump: (finding: Finding) => void };

export function Findings({ findings, isChecked, jump }: FindingsProps) {
  const { t } = useWords();
  if (findings.length === 0) {
    return (
      <p className="findings-none">
        <CircleCheck size={15} aria-hidden />
        {t(isChecked ? "findings.none" : "findings.checking")}
      </p>
    );
  }
  return (
    <ul className="findings">
      {findings.map((finding) => (
        <FindingLine key={finding.code + finding.pointer + finding.message.en} finding={finding} jump={() => jump(finding)} />
      ))}
    </ul>
  );
}

export function FindingLine({ finding, jump }: { finding: Finding; jump?: () => void }) {
  const { language, t } = useWords();
  const isError = finding.severity === "error";
  const Icon = isError ? CircleAlert : TriangleAlert;
  const body = (
    <>
      <Icon size={15} aria-label={t(isError ? "finding.error" : "finding.warning")} />
      <span className="grow">
        <span>{sentence(finding.message[language])}</span>
        <small>{sentence(finding.hint[language])}</small>
      </span>
      {jump && finding.node && <code className="muted">{finding.node}</code>}
    </>
  );
  return <li className={isError ? "finding error" : "finding warning"}>{jump ? <button onClick={jump}>{body}</button> : <div>{body}</div>}</li>;
}
