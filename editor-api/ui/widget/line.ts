// The visitor's side of a conversation: what was said, what is on its way, and the line to the server. It comes back by
// itself; every entry has an id and every message of the visitor too, so that nothing is lost and nothing comes twice.

export type Entry = {
  readonly id: string;
  readonly at: string;
  readonly by: "visitor" | "flow" | "agent";
  readonly name?: string;
  readonly text: string;
  readonly options: readonly { readonly id: string; readonly label: string }[];
  readonly event_id?: string;
};

export type Outgoing = { readonly event_id: string; readonly text: string; readonly choice?: string; readonly name?: string; readonly email?: string; readonly locale: string };

/** Whether somebody is there, and when somebody is again. */
export type Service = { readonly open: boolean; readonly opens_at?: string };

export type State = {
  readonly entries: readonly Entry[];
  readonly pending: readonly Outgoing[];
  readonly isOver: boolean;
  readonly isOnline: boolean;
  readonly writer: string | null;
  readonly service: Service;
};

export const NOTHING_YET: State = { entries: [], pending: [], isOver: false, isOnline: true, writer: null, service: { open: true } };

type Conversation = { readonly entries: readonly Entry[]; readonly over: boolean; readonly service: Service };
type Hint = { readonly writing: { readonly name: string } };
type Answer = { readonly re: string | null; readonly ok?: unknown; readonly problem?: { readonly status: number } };

/** Adds entries to a state: each once, and messages that arrived are no longer on their way. */
export function received(state: State, conversation: Conversation): State {
  const known = new Set(state.entries.map((entry) => entry.id));
  const entries = [...state.entries, ...conversation.entries.filter((entry) => !known.has(entry.id))];
  const arrived = new Set(entries.map((entry) => entry.event_id));
  return { ...state, entries, pending: state.pending.filter((message) => !arrived.has(message.event_id)), isOver: conversation.over, service: conversation.service };
}

/** A closed service takes messages in a form, from those who have no conversation there. */
export function isFormDue({ entries, pending, isOver, service }: State, hasWritten: boolean): boolean {
  return !service.open && !hasWritten && pending.length === 0 && (entries.length === 0 || isOver);
}

const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 15_000;
const POLL_MS = 3000;
/** A hint that somebody writes is told again after so long, and forgotten a little later. */
const HINT_EVERY_MS = 3000;
const HINT_LASTS_MS = 5000;
/** The server's answer to messages that come faster than people write; the same one is taken a little later. */
const TOO_FAST = 429;
const RETRY_FAST_MS = 1500;
/** Sockets that fail before one ever opened; then plain requests take over, as behind a proxy that knows no WebSocket. */
const SOCKETS_MAX = 2;

export class Line {
  private socket: WebSocket | null = null;
  private retry = RETRY_FIRST_MS;
  private failures = 0;
  private hasOpened = false;
  private hinted = 0;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private state: State;

  constructor(
    private readonly server: string,
    private readonly key: string,
    private readonly visitor: string,
    private readonly kept: { readonly load: () => readonly Outgoing[]; readonly save: (pending: readonly Outgoing[]) => void },
    private readonly show: (state: State) => void,
  ) {
    this.state = { ...NOTHING_YET, pending: kept.load(), isOnline: false };
  }

  start(): void {
    if (this.failures >= SOCKETS_MAX && !this.hasOpened) void this.poll();
    else this.open();
  }

  send(message: Outgoing): void {
    this.hinted = 0;
    this.update({ ...this.state, pending: [...this.state.pending, message], isOver: false });
    this.deliver(message);
  }

  private deliver(message: Outgoing): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message));
    else if (this.failures >= SOCKETS_MAX && !this.hasOpened) void this.post(message);
  }

  private open(): void {
    const url = new URL("/api/v1/webchat/socket", this.server);
    url.protocol = url.protocol.replace("http", "ws");
    url.search = this.query();
    const socket = new WebSocket(url);
    this.socket = socket;
    socket.onopen = () => {
      this.hasOpened = true;
      this.retry = RETRY_FIRST_MS;
      this.update({ ...this.state, isOnline: true });
      this.state.pending.forEach((message) => this.deliver(message));
    };
    socket.onmessage = (message: MessageEvent<string>) => this.hear(JSON.parse(message.data) as Conversation | Answer | Hint);
    socket.onclose = () => {
      this.failures += this.hasOpened ? 0 : 1;
      this.update({ ...this.state, isOnline: false });
      setTimeout(() => this.start(), this.retry);
      this.retry = Math.min(this.retry * 2, RETRY_MAX_MS);
    };
  }

  /** Says that the visitor is writing; again at most every few seconds. */
  writes(): void {
    const now = Date.now();
    if (this.socket?.readyState !== WebSocket.OPEN || now - this.hinted < HINT_EVERY_MS) return;
    this.hinted = now;
    this.socket.send('{"writing":true}');
  }

  private hear(message: Conversation | Answer | Hint): void {
    if ("writing" in message) return this.isWriting(message.writing.name);
    if ("entries" in message) {
      const isAnswered = message.entries.some((entry) => entry.by === "agent");
      return this.update({ ...received(this.state, message), ...(isAnswered ? { writer: null } : {}) });
    }
    // A message that the server will never take must not be sent for ever.
    const { problem, re } = message;
    const late = problem?.status === TOO_FAST ? this.state.pending.find((one) => one.event_id === re) : undefined;
    if (late !== undefined) return void setTimeout(() => this.deliver(late), RETRY_FAST_MS);
    if (problem !== undefined && problem.status < 500) this.update({ ...this.state, pending: this.state.pending.filter((one) => one.event_id !== re) });
  }

  /** An agent writes; that is forgotten when he stops. */
  private isWriting(name: string): void {
    clearTimeout(this.silence);
    this.silence = setTimeout(() => this.update({ ...this.state, writer: null }), HINT_LASTS_MS);
    this.update({ ...this.state, writer: name });
  }

  private async poll(): Promise<void> {
    try {
      const response = await fetch(`${this.server}/api/v1/webchat/conversation?${this.query()}`);
      if (response.ok) {
        this.update({ ...received(this.state, (await response.json()) as Conversation), isOnline: true });
        await Promise.all(this.state.pending.map((message) => this.post(message)));
      }
    } catch {
      this.update({ ...this.state, isOnline: false });
    }
    setTimeout(() => void this.poll(), POLL_MS);
  }

  private async post(message: Outgoing): Promise<void> {
    const headers = { "Content-Type": "application/json", Authorization: `Bearer ${this.key}` };
    await fetch(`${this.server}/api/v1/webchat/messages`, { method: "POST", headers, body: JSON.stringify({ visitor: this.visitor, ...message }) }).catch(() => null);
  }

  private query(): string {
    const after = this.state.entries.at(-1)?.id;
    return new URLSearchParams({ key: this.key, visitor: this.visitor, ...(after === undefined ? {} : { after }) }).toString();
  }

  private update(state: State): void {
    this.state = state;
    this.kept.save(state.pending);
    this.show(state);
  }
}
