// Where a JSON pointer leads inside a text, by walking the text itself: what authors see underlined is what the server
// means.

/** The stretch of text that a pointer names: the value, or the last member on the way that exists. */
export function rangeOf(text: string, pointer: string): readonly [number, number] {
  const steps = pointer.split("/").slice(1).map((step) => step.replace(/~1/g, "/").replace(/~0/g, "~"));
  try {
    return find(text, skip(text, 0), steps);
  } catch {
    return [0, Math.min(1, text.length)];
  }
}

function find(text: string, at: number, steps: readonly string[]): readonly [number, number] {
  const [step, ...rest] = steps;
  const whole: readonly [number, number] = [at, Math.min(end(text, at), at + 1)];
  if (step === undefined) return text[at] === "{" || text[at] === "[" ? whole : [at, end(text, at)];
  for (const member of members(text, at)) {
    if (member.name === step) return rest.length === 0 && member.key !== null ? [member.key, end(text, member.value)] : find(text, member.value, rest);
  }
  return whole;
}

type Member = { readonly name: string; readonly key: number | null; readonly value: number };

function* members(text: string, at: number): Generator<Member> {
  const isObject = text[at] === "{";
  if (!isObject && text[at] !== "[") return;
  let here = skip(text, at + 1);
  for (let index = 0; text[here] !== "}" && text[here] !== "]"; index += 1) {
    let name = String(index);
    let key: number | null = null;
    if (isObject) {
      key = here;
      const after = end(text, here);
      name = JSON.parse(text.slice(here, after)) as string;
      here = skip(text, skip(text, after) + 1);
    }
    yield { name, key, value: here };
    here = skip(text, end(text, here));
    if (text[here] === ",") here = skip(text, here + 1);
  }
}

function skip(text: string, at: number): number {
  let here = at;
  while (/\s/.test(text[here] ?? "")) here += 1;
  return here;
}

/** Where the value that begins here ends. */
function end(text: string, at: number): number {
  if (text[at] === '"') {
    let here = at + 1;
    while (text[here] !== '"') {
      if (here >= text.length) throw new Error("a string does not end");
      here += text[here] === "\\" ? 2 : 1;
    }
    return here + 1;
  }
  if (text[at] !== "{" && text[at] !== "[") return at + (/^[^\s,}\]]+/.exec(text.slice(at, at + 400))?.[0].length ?? 1);
  let here = skip(text, at + 1);
  for (const member of members(text, at)) here = skip(text, end(text, member.value));
  return here + 1;
}
