// The widget's look, in a sheet of its own inside its shadow root: the page's styles do not reach it, nor it the page's.
export const STYLE = `
:host { all: initial; --rw-accent: #0f6e62; --rw-on-accent: #fff; position: fixed; right: 20px; bottom: 20px; z-index: 2147483000;
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", sans-serif; color: #17201d; }
* { box-sizing: border-box; }
button, input, textarea { font: inherit; color: inherit; }
button { cursor: pointer; }
:focus-visible { outline: 2px solid var(--rw-accent); outline-offset: 2px; }
.launch { width: 56px; height: 56px; border: 0; border-radius: 50%; background: var(--rw-accent); color: var(--rw-on-accent);
  display: grid; place-items: center; box-shadow: 0 6px 24px rgb(0 0 0 / .22); margin-left: auto; }
.launch svg { width: 26px; height: 26px; }
.panel { width: min(380px, calc(100vw - 32px)); height: min(600px, calc(100vh - 110px)); margin-bottom: 12px; display: flex;
  flex-direction: column; background: #fff; border-radius: 16px; overflow: hidden; box-shadow: 0 12px 48px rgb(0 0 0 / .25); border: 1px solid #e3e6e1; }
.panel[hidden] { display: none; }
header { display: flex; align-items: center; gap: 8px; padding: 14px 16px; background: var(--rw-accent); color: var(--rw-on-accent); font-weight: 600; }
header span { flex: 1; }
header button { border: 0; background: none; color: inherit; font-size: 20px; line-height: 1; padding: 4px 8px; border-radius: 6px; }
.log { flex: 1; overflow: auto; padding: 16px; display: flex; flex-direction: column; gap: 10px; background: #f6f7f5; }
.said { max-width: 84%; align-self: flex-start; }
.said p { margin: 0; padding: 9px 12px; border-radius: 14px 14px 14px 4px; background: #fff; border: 1px solid #e3e6e1; white-space: pre-wrap; overflow-wrap: anywhere; }
.said small { display: block; padding: 3px 6px 0; font-size: 11px; color: #66716c; }
.said.visitor { align-self: flex-end; text-align: right; }
.said.visitor p { background: var(--rw-accent); border-color: transparent; color: var(--rw-on-accent); border-radius: 14px 14px 4px 14px; text-align: left; }
.said.pending { opacity: .6; }
.options { display: flex; flex-wrap: wrap; gap: 8px; }
.options button { border: 1px solid var(--rw-accent); background: #fff; color: var(--rw-accent); border-radius: 999px; padding: 7px 14px; font-weight: 560; }
.options button:hover { background: var(--rw-accent); color: var(--rw-on-accent); }
.note { margin: 0; text-align: center; font-size: 12px; color: #66716c; }
.away { display: grid; gap: 10px; padding: 14px; border: 1px solid #e3e6e1; border-radius: 12px; background: #fff; }
.away p { margin: 0; }
.away label { display: grid; gap: 4px; font-size: 13px; font-weight: 560; }
.away input, .away textarea { font: inherit; font-weight: 400; color: inherit; width: 100%; border: 1px solid #8b948f; border-radius: 8px; padding: 8px 10px; background: #fff; }
.away button { border: 0; border-radius: 8px; padding: 10px 14px; font-weight: 600; background: var(--rw-accent); color: var(--rw-on-accent); }
.write { display: flex; gap: 8px; padding: 12px; border-top: 1px solid #e3e6e1; align-items: flex-end; background: #fff; }
.write textarea { flex: 1; resize: none; border: 1px solid #c8cdc6; border-radius: 12px; padding: 9px 12px; max-height: 120px; field-sizing: content; background: #fff; }
.write button { width: 40px; height: 40px; border: 0; border-radius: 50%; background: var(--rw-accent); color: var(--rw-on-accent); display: grid; place-items: center; flex: none; }
.write button svg { width: 18px; height: 18px; }
@media (prefers-color-scheme: dark) {
  :host { color: #e8edea; }
  .panel { background: #171d1b; border-color: #2a322f; }
  .log { background: #131917; }
  .said p { background: #1d2422; border-color: #2a322f; }
  .said small, .note { color: #93a09a; }
  .options button { background: #1d2422; border-color: #3fb9a5; color: #76d8c7; }
  .write { background: #171d1b; border-color: #2a322f; }
  .away { background: #171d1b; border-color: #2a322f; }
  .write textarea, .away input, .away textarea { background: #1d2422; border-color: #3d4743; }
}`;
