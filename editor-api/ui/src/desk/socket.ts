// An agent's socket. It comes back by itself after a loss of network, sends again what was not answered, and says when
// something happened; what there is to see is always read from the server, so that nothing is lost or shown twice.
import type { Problem, Schemas } from "../api/client";
import type { Json } from "../flows/model/types";
import { forgetUnsent, keepUnsent, unsentOf } from "./kept";

export type Action =
  | { readonly action: "set_presence"; readonly status: Schemas["PresenceStatus"] }
  | { readonly action: "choose_status"; readonly name: string }
  | { readonly action: "heartbeat" | "pull" }
  | { readonly action: "transfer"; readonly interaction: string; readonly to: "anyone" | { readonly agent: string } | { readonly skill: readonly [string, number] } }
  | { readonly action: "accept" | "decline"; readonly offer: string }
  | { readonly action: "write"; readonly interaction: string; readonly text: string; readonly event_id: string; readonly attached?: readonly Schemas["Attached"][] }
  | { readonly action: "elevate"; readonly interaction: string; readonly to: Schemas["Elevation"] }
  | { readonly action: "close_channel"; readonly interaction: string; readonly channel: Schemas["Channel"] }
  | { readonly action: "finish_channel"; readonly interaction: string; readonly channel: Schemas["Channel"]; readonly disposition?: string }
  | { readonly action: "write_on"; readonly interaction: string; readonly channel: Schemas["Channel"]; readonly text: string; readonly event_id: string }
  | { readonly action: "park" | "resume"; readonly interaction: string }
  | { readonly action: "close"; readonly interaction: string }
  | { readonly action: "finish"; readonly interaction: string; readonly disposition?: string; readonly answers?: { readonly [question: string]: Json } };

export type News = { readonly event: string; readonly interaction?: string };
type Answer = { readonly re: number; readonly ok?: unknown; readonly problem?: Problem };
type Waiting = { readonly frame: string; readonly settle: (problem: Problem | null) => void };

const HEARTBEAT_MS = 15_000;
const RETRY_FIRST_MS = 500;
const RETRY_MAX_MS = 10_000;

export class DeskSocket {
  private socket: WebSocket | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private last = 0;
  private retry = RETRY_FIRST_MS;
  private readonly heartbeat: ReturnType<typeof setInterval>;
  private again: ReturnType<typeof setTimeout> | null = null;
  private isClosed = false;

  constructor(
    private readonly agent: string,
    private readonly heard: (news: News) => void,
    private readonly connected: (isConnected: boolean) => void,
  ) {
    // What an earlier page of this tab could not send any more.
    unsentOf(agent).forEach((message) => void this.act(message));
    this.open();
    this.heartbeat = setInterval(() => this.socket?.readyState === WebSocket.OPEN && void this.act({ action: "heartbeat" }), HEARTBEAT_MS);
  }

  /** Does something; answers what was refused, or null once it is done. */
  act(action: Action): Promise<Problem | null> {
    this.last += 1;
    const id = this.last;
    const frame = JSON.stringify({ id, ...action });
    return new Promise((answered) => {
      const message = "event_id" in action ? action : null;
      if (message !== null) keepUnsent(this.agent, message);
      const settle = (problem: Problem | null) => {
        if (message !== null) forgetUnsent(this.agent, message);
        answered(problem);
      };
      // A heartbeat that was missed says nothing any more; all else is sent again after a reconnection.
      if (action.action !== "heartbeat") this.waiting.set(id, { frame, settle });
      if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(frame);
    });
  }

  /** Says that the agent is writing. Nobody answers, and a hint that does not arrive is no loss. */
  hint(interaction: string): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({ action: "writing", interaction }));
  }

  close(): void {
    this.isClosed = true;
    clearInterval(this.heartbeat);
    if (this.again !== null) clearTimeout(this.again);
    this.socket?.close();
  }

  private open(): void {
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const socket = new WebSocket(`${scheme}://${location.host}/api/v1/agents/${encodeURIComponent(this.agent)}/socket`);
    this.socket = socket;
    socket.onopen = () => {
      this.retry = RETRY_FIRST_MS;
      this.connected(true);
      for (const { frame } of this.waiting.values()) socket.send(frame);
    };
    socket.onmessage = (message: MessageEvent<string>) => this.receive(JSON.parse(message.data) as Answer | News);
    socket.onclose = () => {
      if (this.isClosed) return;
      this.connected(false);
      this.again = setTimeout(() => this.open(), this.retry);
      this.retry = Math.min(this.retry * 2, RETRY_MAX_MS);
    };
  }

  private receive(message: Answer | News): void {
    if ("event" in message) return this.heard(message);
    const waiting = this.waiting.get(message.re);
    this.waiting.delete(message.re);
    waiting?.settle(message.problem ?? null);
  }
}
