// The little Markdown that node types' pages use: headings, paragraphs, lists, code and emphasis. No HTML ever.
import type { ReactNode } from "react";

export function Markdown({ text }: { text: string }) {
  const blocks = text.split(/\n{2,}/).map((block) => block.trim()).filter((block) => block !== "");
  return (
    <div className="markdown">
      {blocks.map((block, at) => (
        <Block key={at} text={block} />
      ))}
    </div>
  );
}

function Block({ text }: { text: string }) {
  const heading = /^#+\s+(.*)$/.exec(text);
  if (heading?.[1] !== undefined && !text.includes("\n")) return <h4>{heading[1]}</h4>;
  if (text.startsWith("```")) return <pre>{text.replace(/^```\w*\n?|\n?```$/g, "")}</pre>;
  if (/^[-*]\s/.test(text)) {
    return (
      <ul>
        {text.split(/\n[-*]\s/).map((item, at) => (
          <li key={at}>{inline(item.replace(/^[-*]\s/, ""))}</li>
        ))}
      </ul>
    );
  }
  return <p>{inline(text)}</p>;
}

function inline(text: string): ReactNode[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*]+\*)/).map((part, at) => {
    if (part.startsWith("`")) return <code key={at}>{part.slice(1, -1)}</code>;
    if (part.startsWith("**")) return <strong key={at}>{part.slice(2, -2)}</strong>;
    if (part.startsWith("*")) return <em key={at}>{part.slice(1, -1)}</em>;
    return part;
  });
}
