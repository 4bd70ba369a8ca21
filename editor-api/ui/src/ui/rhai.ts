// Just enough of rhai to colour it.
import type { StreamParser } from "@codemirror/language";

const KEYWORDS = new Set(["let", "const", "if", "else", "for", "in", "while", "loop", "return", "fn", "switch", "break", "continue", "true", "false"]);

export const rhai: StreamParser<null> = {
  name: "rhai",
  startState: () => null,
  token(stream) {
    if (stream.eatSpace()) return null;
    if (stream.match(/^\/\/.*/)) return "comment";
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^`[^`]*`?/)) return "string";
    if (stream.match(/^\d[\d_.]*/)) return "number";
    const word = stream.match(/^[A-Za-z_]\w*/);
    if (Array.isArray(word)) return KEYWORDS.has(word[0] ?? "") ? "keyword" : null;
    stream.next();
    return null;
  },
};
