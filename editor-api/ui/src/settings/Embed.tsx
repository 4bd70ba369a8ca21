// The line that puts a webchat touchpoint into a page. Its key is public: it only lets visitors speak for themselves.
import { ExternalLink } from "lucide-react";
import { useState } from "react";
import { api } from "../api/client";
import { freshId } from "../api/fresh";
import type { Json } from "../flows/model/types";
import { isObject } from "../forms/SchemaForm";
import { useWords } from "../i18n";
import { complain, tell } from "../ui/toasts";

export function Embed({ touchpoint, settings }: { touchpoint: string; settings: Json | undefined }) {
  const { t, language } = useWords();
  const [key, setKey] = useState<string | null>(null);
  if (!isObject(settings) || settings["channel"] !== "webchat") return null;
  const make = async () => {
    const result = await api.post("/api/v1/keys", { body: { role: "visitor", touchpoint, title: t("embed.key", { name: touchpoint }) } as never, once: freshId() });
    if (!result.ok) return complain(result.problem);
    setKey(result.value.key ?? null);
  };
  const line = `<script src="${location.origin}/webchat.js" data-key="${key ?? ""}" data-language="${language}" async></script>`;
  return (
    <section className="embed">
      <h3>{t("embed.title")}</h3>
      <p className="muted">{t("embed.text")}</p>
      {key === null ? (
        <button type="button" className="button small" onClick={() => void make()}>
          {t("embed.make")}
        </button>
      ) : (
        <>
          <pre className="code-line">{line}</pre>
          <div className="row">
            {isSecureContext && (
              <button type="button" className="button small" onClick={() => void navigator.clipboard.writeText(line).then(() => tell(t("copied")))}>
                {t("copy")}
              </button>
            )}
            <a className="button small" href={`/webchat-demo.html?key=${key}&language=${language}`} target="_blank" rel="noreferrer">
              <ExternalLink size={13} aria-hidden />
              {t("embed.demo")}
            </a>
          </div>
        </>
      )}
    </section>
  );
}
