// Something to be read now: a refusal with its next step, a warning, a success.
import type { ReactNode } from "react";
import type { Problem } from "../api/client";

type Tone = "info" | "good" | "warn" | "danger";
type NoticeProps = { readonly tone: Tone } & ({ readonly problem: Problem } | { readonly children: ReactNode });

export function Notice(props: NoticeProps) {
  return (
    <div className={`notice ${props.tone}`} role={props.tone === "danger" ? "alert" : "status"}>
      <div>
        {"problem" in props ? (
          <>
            <p>{sentence(props.problem.detail)}</p>
            <p>{sentence(props.problem.hint)}</p>
          </>
        ) : (
          props.children
        )}
      </div>
    </div>
  );
}

/** A server's sentence begins small, because logs quote it; a page shows it as a sentence. */
export function sentence(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "";
  return trimmed[0]?.toUpperCase() + trimmed.slice(1) + (/[.!?…]$/.test(trimmed) ? "" : ".");
}
