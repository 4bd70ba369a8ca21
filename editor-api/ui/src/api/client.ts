// The one way to the server: paths, bodies and answers are typed by its OpenAPI document. A refusal is a value, a
// `Problem` in the reader's language; what is thrown is a defect of the Studio itself.
import { preferredLanguage } from "../app/preferences";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];
export type Problem = Pick<Schemas["Problem"], "code" | "detail" | "hint" | "status" | "title"> & Record<string, unknown>;
export type Result<T> = { ok: true; value: T; etag: string | null } | { ok: false; problem: Problem };

type Method = "get" | "put" | "post" | "delete";
type PathsOf<M extends Method> = { [P in keyof paths]: paths[P][M] extends { responses: unknown } ? P : never }[keyof paths];
type Json<C> = C extends { content: { "application/json": infer B } } ? B : never;
type AnswerOf<O> = O extends { responses: { 200: infer A } } ? Json<A> : O extends { responses: { 201: infer A } } ? Json<A> : never;
type BodyOf<O> = O extends { requestBody: infer B } ? Json<B> : never;

export type Options<Body> = {
  readonly path?: Record<string, string | number>;
  readonly query?: Record<string, string | number | undefined>;
  readonly body?: Body;
  readonly ifMatch?: string;
  readonly once?: string;
  readonly signal?: AbortSignal;
};

export const api = {
  get: <P extends PathsOf<"get">>(path: P, options: Options<never> = {}) => call<AnswerOf<paths[P]["get"]>>("GET", path, options),
  post: <P extends PathsOf<"post">>(path: P, options: Options<BodyOf<paths[P]["post"]>> = {}) =>
    call<AnswerOf<paths[P]["post"]>>("POST", path, options),
  put: <P extends PathsOf<"put">>(path: P, options: Options<BodyOf<paths[P]["put"]>> = {}) =>
    call<AnswerOf<paths[P]["put"]>>("PUT", path, options),
  delete: <P extends PathsOf<"delete">>(path: P, options: Options<never> = {}) =>
    call<AnswerOf<paths[P]["delete"]>>("DELETE", path, options),
};

/** Called when the server no longer knows who is asking. */
let signedOut: () => void = () => {};
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

async function call<T>(method: string, path: string, options: Options<unknown>): Promise<Result<T>> {
  const headers: Record<string, string> = { "Accept-Language": preferredLanguage() };
  if (options.body !== undefined) headers["Content-Type"] = "application/json";
  if (options.ifMatch !== undefined) headers["If-Match"] = options.ifMatch;
  if (options.once !== undefined) headers["Idempotency-Key"] = options.once;
  const init: RequestInit = { method, headers, credentials: "same-origin" };
  if (options.body !== undefined) init.body = JSON.stringify(options.body);
  if (options.signal !== undefined) init.signal = options.signal;
  try {
    const response = await fetch(addressOf(path, options), init);
    const text = await response.text();
    if (response.ok) return { ok: true, value: JSON.parse(text) as T, etag: response.headers.get("etag") };
    if (response.status === 401 && path !== "/api/v1/session") signedOut();
    return { ok: false, problem: JSON.parse(text) as Problem };
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    return { ok: false, problem: unreachable() };
  }
}

export function addressOf(path: string, options: Pick<Options<unknown>, "path" | "query">): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(options.path?.[name] ?? "")));
  const query = Object.entries(options.query ?? {}).filter((pair): pair is [string, string | number] => pair[1] !== undefined);
  const search = new URLSearchParams(query.map(([name, value]) => [name, String(value)])).toString();
  return search === "" ? filled : `${filled}?${search}`;
}

function unreachable(): Problem {
  const fr = preferredLanguage() === "fr";
  return {
    code: "unreachable",
    status: 0,
    title: fr ? "Serveur injoignable" : "Server unreachable",
    detail: fr ? "le serveur ne répond pas" : "the server does not answer",
    hint: fr ? "Vérifiez la connexion ; rien n’est perdu, réessayez" : "Check the connection; nothing is lost, try again",
  };
}
