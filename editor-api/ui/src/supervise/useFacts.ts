// Something happened: the live stream of facts tells when to read again. News come in bursts, so reading waits a moment.
import { useEffect, useState } from "react";

const TOGETHER_MS = 250;

/** Rises whenever something happened in the organisation; also says whether the stream is there. */
export function useFacts(): { readonly version: number; readonly isLive: boolean } {
  const [version, setVersion] = useState(0);
  const [isLive, setLive] = useState(false);
  useEffect(() => {
    const stream = new EventSource("/api/v1/events");
    let timer: ReturnType<typeof setTimeout> | null = null;
    const heard = () => {
      timer ??= setTimeout(() => {
        timer = null;
        setVersion((before) => before + 1);
      }, TOGETHER_MS);
    };
    stream.onopen = () => {
      setLive(true);
      heard();
    };
    stream.onerror = () => setLive(false);
    stream.addEventListener("fact", heard);
    stream.addEventListener("missed", heard);
    return () => {
      stream.close();
      if (timer !== null) clearTimeout(timer);
    };
  }, []);
  return { version, isLive };
}
