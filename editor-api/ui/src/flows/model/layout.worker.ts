// The layout, off the page's thread: a flow of a thousand nodes must not stop the page from scrolling.
import { arrange, type Sketch } from "./place";

self.onmessage = (message: MessageEvent<Sketch>) => {
  self.postMessage(arrange(message.data));
};
