// Asks the worker for a layout.
import type { Sketch } from "./place";
import type { Point } from "./types";

export function layOut(sketch: Sketch): Promise<{ readonly [id: string]: Point }> {
  const worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = (message: MessageEvent<{ readonly [id: string]: Point }>) => {
      resolve(message.data);
      worker.terminate();
    };
    worker.onerror = (error) => {
      reject(new Error(error.message));
      worker.terminate();
    };
    worker.postMessage(sketch);
  });
}
