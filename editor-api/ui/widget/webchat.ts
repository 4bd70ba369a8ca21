// The webchat that any page embeds with one line:
//   <script src="https://…/webchat.js" data-key="rw_…" async></script>
// It draws itself in a shadow root and asks nothing of the page. Options: data-language (en, fr), data-title, data-colour.
import { freshId } from "../src/api/fresh";
import { Line, NOTHING_YET, isFormDue, type Entry, type Outgoing, type Service, type State } from "./line";
import { STYLE } from "./style";
import { WORDS, type Words } from "./words";

const CHAT = '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M21 12a8 8 0 0 1-11.5 7.2L4 20.5l1.4-4.6A8 8 0 1 1 21 12z"/></svg>';
const SEND = '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d="M4 12 20 4l-5 16-3.5-6.5z"/></svg>';

class Webchat {
  private readonly root: ShadowRoot;
  private readonly panel: HTMLElement;
  private readonly log: HTMLElement;
  private readonly input: HTMLTextAreaElement;
  private readonly launch: HTMLButtonElement;
  private readonly line: Line;
  private readonly drawn = new Map<string, HTMLElement>();
  private form: HTMLFormElement | null = null;
  private hasWritten = false;

  constructor(
    private readonly words: Words,
    private readonly language: string,
    server: string,
    key: string,
    title: string,
    colour: string | undefined,
  ) {
    const host = document.createElement("routewright-webchat");
    this.root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    this.root.adoptedStyleSheets = [sheet];
    if (colour !== undefined) host.style.setProperty("--rw-accent", colour);

    this.panel = element("section", { class: "panel", role: "dialog", "aria-label": title, hidden: "" });
    const header = element("header", {}, element("span", {}, title));
    const close = element("button", { type: "button", "aria-label": words.close }, "×");
    close.addEventListener("click", () => this.toggle(false));
    header.append(close);
    this.log = element("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0", "aria-label": title });
    this.input = element("textarea", { rows: "1", placeholder: words.write, "aria-label": words.write });
    const send = element("button", { "aria-label": words.send });
    send.innerHTML = SEND;
    const form = element("form", { class: "write" }, this.input, send);
    this.panel.append(header, this.log, form);
    this.launch = element("button", { class: "launch", type: "button", "aria-label": words.open, "aria-expanded": "false" });
    this.launch.innerHTML = CHAT;
    this.root.append(this.panel, this.launch);

    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.say(this.input.value.trim());
    });
    this.input.addEventListener("input", () => this.line.writes());
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      this.say(this.input.value.trim());
    });
    this.launch.addEventListener("click", () => this.toggle(this.panel.hidden));
    this.panel.addEventListener("keydown", (event) => event.key === "Escape" && this.toggle(false));

    const place = `routewright.${key.split("_")[1] ?? ""}`;
    const kept = {
      load: () => JSON.parse(localStorage.getItem(`${place}.pending`) ?? "[]") as readonly Outgoing[],
      save: (pending: readonly Outgoing[]) => localStorage.setItem(`${place}.pending`, JSON.stringify(pending)),
    };
    this.line = new Line(server, key, visitorOf(place), kept, (state) => this.show(state));
    document.body.append(host);
    this.show(NOTHING_YET);
    this.line.start();
  }

  private toggle(isOpen: boolean): void {
    this.panel.hidden = !isOpen;
    this.launch.setAttribute("aria-expanded", String(isOpen));
    this.launch.setAttribute("aria-label", isOpen ? this.words.close : this.words.open);
    (isOpen ? this.input : this.launch).focus();
    this.log.scrollTop = this.log.scrollHeight;
  }

  private say(text: string, more: Pick<Outgoing, "choice" | "name" | "email"> = {}): void {
    if (text === "") return;
    this.input.value = "";
    this.hasWritten = true;
    this.line.send({ event_id: freshId(), text, locale: this.language, ...more });
  }

  private show(state: State): void {
    const last = state.entries.at(-1);
    const nodes: Node[] = [];
    const isForm = isFormDue(state, this.hasWritten);
    if (state.entries.length + state.pending.length === 0 && !isForm) nodes.push(element("p", { class: "note" }, this.words.hint));
    nodes.push(...state.entries.map((entry) => this.entry(entry)));
    nodes.push(...state.pending.map((message) => element("div", { class: "said visitor pending" }, element("p", {}, message.text), element("small", {}, this.words.sending))));
    if (last !== undefined && last.options.length > 0 && state.pending.length === 0) nodes.push(this.options(last));
    if (state.isOver && state.pending.length === 0 && last !== undefined) nodes.push(element("p", { class: "note" }, this.words.over));
    // The one form is kept, so that nothing typed in it is lost when something else is drawn.
    this.form = isForm ? (this.form ?? this.awayForm(state.service)) : null;
    if (this.form !== null) nodes.push(this.form);
    if (state.writer !== null) nodes.push(element("p", { class: "note writing" }, this.words.writing.replace("{name}", state.writer || this.words.us)));
    if (!state.isOnline) nodes.push(element("p", { class: "note" }, this.words.offline));
    if (nodes.length === this.log.childNodes.length && nodes.every((node, at) => node === this.log.childNodes[at])) return;
    this.log.replaceChildren(...nodes);
    this.log.scrollTop = this.log.scrollHeight;
  }

  private entry(entry: Entry): HTMLElement {
    const drawn = this.drawn.get(entry.id);
    if (drawn !== undefined) return drawn;
    const who = entry.by === "visitor" ? this.words.you : (entry.name ?? this.words.us);
    const time = new Date(entry.at).toLocaleTimeString(this.language, { hour: "2-digit", minute: "2-digit" });
    const node = element("div", { class: `said ${entry.by}` }, element("p", {}, entry.text), element("small", {}, `${who} · ${time}`));
    this.drawn.set(entry.id, node);
    return node;
  }

  /** Out of hours: who wrote what, and where he is answered. */
  private awayForm(service: Service): HTMLFormElement {
    const { words } = this;
    const field = (label: string, control: HTMLInputElement | HTMLTextAreaElement) => element("label", {}, label, control);
    const name = element("input", { autocomplete: "name", maxlength: "200" });
    const email = element("input", { type: "email", required: "", autocomplete: "email", maxlength: "254" });
    const message = element("textarea", { rows: "3", required: "", maxlength: "4000" });
    const form = element(
      "form",
      { class: "away", "aria-label": words.leave },
      element("p", {}, service.opens_at === undefined ? words.closed : `${words.closed} ${words.back.replace("{when}", this.when(service.opens_at))}`),
      element("p", {}, words.leave),
      field(words.name, name),
      field(words.email, email),
      field(words.message, message),
      element("button", {}, words.leaveIt),
    );
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const said = name.value.trim();
      this.say(message.value.trim(), { email: email.value.trim(), ...(said === "" ? {} : { name: said }) });
    });
    return form;
  }

  /** A day and a time in the visitor's own zone. */
  private when(at: string): string {
    return new Date(at).toLocaleString(this.language, { weekday: "long", day: "numeric", month: "long", hour: "2-digit", minute: "2-digit" });
  }

  private options(entry: Entry): HTMLElement {
    const list = element("div", { class: "options" });
    for (const option of entry.options) {
      const button = element("button", { type: "button" }, option.label);
      button.addEventListener("click", () => this.say(option.label, { choice: option.id }));
      list.append(button);
    }
    return list;
  }
}

/** The secret that names this visitor: made once per browser, known to nobody else. */
function visitorOf(place: string): string {
  const kept = localStorage.getItem(`${place}.visitor`);
  if (kept !== null) return kept;
  const made = freshId();
  localStorage.setItem(`${place}.visitor`, made);
  return made;
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, attributes: { readonly [name: string]: string }, ...children: (Node | string)[]): HTMLElementTagNameMap[K] {
  const node = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) node.setAttribute(attribute, value);
  node.append(...children);
  return node;
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement) {
  const { key, language, title, colour } = script.dataset;
  const tag = (language ?? document.documentElement.lang ?? navigator.language).toLowerCase().startsWith("fr") ? "fr" : "en";
  const words = WORDS[tag];
  const begin = () => new Webchat(words, tag, new URL(script.src).origin, key ?? "", title ?? words.title, colour);
  if (key === undefined) console.error("routewright: the webchat's script has no data-key");
  else if (document.body === null) addEventListener("DOMContentLoaded", begin);
  else begin();
}
