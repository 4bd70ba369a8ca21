// A string that means more than itself: an expression, a script, a text by language, the name of something.
import type { ReactNode } from "react";
import type { Json, Slot } from "../flows/model/types";
import { useWords, type Words } from "../i18n";
import { CodeEditor } from "../ui/CodeEditor";
import { Field } from "../ui/Field";
import { WordsField } from "./WordsField";
import { isObject, type FormWorld } from "./SchemaForm";

type SlotFieldProps = {
  readonly slot: Slot;
  readonly value: Json | undefined;
  readonly change: (value: Json | undefined) => void;
  readonly label: ReactNode;
  /** The label as plain text, for an editor that no label element reaches. */
  readonly title: string;
  readonly help: string;
  readonly complaint: string | undefined;
  readonly pointer: string;
  readonly world: FormWorld;
};

export function SlotField(props: SlotFieldProps) {
  const { slot } = props;
  switch (slot.slot) {
    case "text":
      return <TextSlot {...props} />;
    case "reference":
      return <ReferenceSlot {...props} to={slot.to} />;
    case "attribute":
      return <AttributeSlot {...props} />;
    case "expression":
    case "script":
    case "template":
      return <CodeSlot {...props} lines={slot.slot === "script" ? 6 : 1} />;
  }
}

/** A text stands in the node, or among the flow's texts under a key. */
function TextSlot({ value, change, label, help, complaint, world }: SlotFieldProps) {
  const { t } = useWords();
  const key = typeof value === "string" && value.startsWith("@") ? value.slice(1) : null;
  const keys = world.references.names("text");
  const labelled = (
    <>
      <span className="grow">{label}</span>
      {keys.length > 0 && (
        <select className="source" aria-label={t("form.text.source")} value={key ?? ""} onChange={(event) => change(event.target.value === "" ? {} : `@${event.target.value}`)}>
          <option value="">{t("form.text.here")}</option>
          {keys.map((one) => (
            <option key={one.id} value={one.id}>
              @{one.id}
            </option>
          ))}
        </select>
      )}
    </>
  );
  if (key === null) {
    return <WordsField isLong value={(isObject(value) ? value : {}) as Words} change={(words) => change(words as Json | undefined)} label={labelled} help={help} complaint={complaint} />;
  }
  return (
    <div className="field">
      <span className="label">{labelled}</span>
      <p className="quoted">{keys.find((one) => one.id === key)?.title ?? `@${key}`}</p>
      {complaint && <p className="complaint">{complaint}</p>}
      {help && <p className="help">{help}</p>}
    </div>
  );
}

function ReferenceSlot({ value, change, label, help, complaint, world, to }: SlotFieldProps & { readonly to: string }) {
  const { t } = useWords();
  const names = world.references.names(to);
  const text = typeof value === "string" ? value : "";
  const isKnown = text === "" || text === "@touchpoint" || names.some((one) => one.id === text);
  const hasTouchpoint = to === "calendar" || to === "skill";
  return (
    <Field label={label} help={help} complaint={complaint}>
      {(ids) => (
        <select id={ids.control} aria-describedby={ids.help} className="input" value={text} onChange={(event) => change(event.target.value === "" ? undefined : event.target.value)}>
          <option value="">{t("form.none")}</option>
          {hasTouchpoint && world.named === undefined && <option value="@touchpoint">{t("form.touchpoint")}</option>}
          {!isKnown && <option value={text}>{text}</option>}
          {names.map((one) => (
            <option key={one.id} value={one.id}>
              {one.title === one.id ? one.id : `${one.title} — ${one.id}`}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

function AttributeSlot({ value, change, label, help, complaint, world }: SlotFieldProps) {
  return (
    <Field label={label} help={help} complaint={complaint}>
      {(ids) => (
        <>
          <input
            id={ids.control}
            aria-describedby={ids.help}
            className="input code"
            list={`${ids.control}-names`}
            value={typeof value === "string" ? value : ""}
            onChange={(event) => change(event.target.value === "" ? undefined : event.target.value)}
          />
          <datalist id={`${ids.control}-names`}>
            {world.references.names("attribute").map((one) => (
              <option key={one.id} value={one.id} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}

function CodeSlot({ value, change, label, title, help, complaint, pointer, world, lines }: SlotFieldProps & { readonly lines: number }) {
  const text = typeof value === "string" ? value : "";
  const { complete } = world;
  return (
    <Field label={label} help={help} complaint={complaint}>
      {() => (
        <CodeEditor
          value={text}
          change={(next) => change(next === "" ? undefined : next)}
          language="rhai"
          lines={lines}
          name={title}
          {...(complete === undefined ? {} : { complete: (offset: number) => complete(pointer, offset) })}
        />
      )}
    </Field>
  );
}
