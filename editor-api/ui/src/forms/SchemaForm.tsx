// A form made of a JSON Schema. It changes values and judges nothing: what is wrong is told by the server, and shown
// beside the setting that it points at.
import { Plus, Trash2, ArrowUp, ArrowDown } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { Json, JsonObject, JsonSchema } from "../flows/model/types";
import { useWords, type Words } from "../i18n";
import { Field } from "../ui/Field";
import { CodeEditor, type Suggestion } from "../ui/CodeEditor";
import { SlotField } from "./SlotField";
import { WordsField } from "./WordsField";
import { blankOf, blankVariant, controlOf, helpOf, plain, titleOf, type Definitions, type Property } from "./schema";
import type { References } from "./references";
import { settingTitle, valueTitle } from "./titles";
import "./forms.css";

/** What every part of a form needs to know. */
export type FormWorld = {
  readonly definitions: Definitions;
  readonly references: References;
  /** What is wrong with the setting at a JSON pointer below the form's root. */
  readonly complaint: (pointer: string) => string | undefined;
  /** Settings of the schema that name something of the catalogue without saying so, by their name. */
  readonly named?: { readonly [setting: string]: string };
  readonly isReadOnly?: boolean;
  /** What may stand in the script or expression at a pointer, so many characters from its start. */
  readonly complete?: (pointer: string, offset: number) => Promise<readonly Suggestion[]>;
};

type PartProps = {
  readonly schema: JsonSchema;
  readonly value: Json | undefined;
  readonly change: (value: Json | undefined) => void;
  readonly pointer: string;
  readonly world: FormWorld;
};

/** The settings of an object: what it is called, then what is required, then the rest. */
export function SchemaForm({ schema, value, change, pointer, world }: PartProps) {
  const control = controlOf(schema, world.definitions);
  if (control.is !== "object") return <Part schema={schema} value={value} change={change} pointer={pointer} world={world} name="" label="" />;
  const object = isObject(value) ? value : {};
  const ordered = [...control.properties].sort((a, b) => rank(a) - rank(b));
  return (
    <fieldset className="form" disabled={world.isReadOnly}>
      {ordered.map((property) => (
        <Setting key={property.name} property={property} object={object} change={change} pointer={pointer} world={world} />
      ))}
    </fieldset>
  );
}

/** Words that run over a line. */
const LONG: ReadonlySet<string> = new Set(["text", "docs", "intro", "thanks"]);

/** What people look for first: what it is called, what it says, from where to where. */
const FIRST = ["title", "name", "id", "text", "label", "from", "to", "min", "max"];

function rank({ name, isRequired }: Property): number {
  const at = FIRST.indexOf(name);
  return at < 0 ? FIRST.length + (isRequired ? 0 : 1) : at;
}

type SettingProps = Omit<PartProps, "schema" | "value"> & { readonly property: Property; readonly object: JsonObject };

function Setting({ property, object, change, pointer, world }: SettingProps) {
  const { language } = useWords();
  const { name, schema, isRequired } = property;
  const set = (next: Json | undefined) => {
    const { [name]: _, ...rest } = object;
    change(next === undefined && !isRequired ? rest : { ...object, [name]: next ?? blankOf(schema, world.definitions) });
  };
  const label = settingTitle(name, language) ?? titleOf(name);
  return (
    <Part
      schema={schema}
      value={object[name]}
      change={set}
      pointer={`${pointer}/${escaped(name)}`}
      world={world}
      name={name}
      isRequired={isRequired}
      label={
        <>
          {label}
          {isRequired && <span className="required" aria-hidden>•</span>}
        </>
      }
    />
  );
}

function Part({ schema: given, value, change, pointer, world, name, label, isRequired = false }: PartProps & { readonly name: string; readonly label: ReactNode; readonly isRequired?: boolean }) {
  const { t, language } = useWords();
  const schema = plain(given, world.definitions);
  const control = controlOf(given, world.definitions);
  const help = helpOf(given.description === undefined ? schema : given, language);
  const complaint = world.complaint(pointer);
  const title = settingTitle(name, language) ?? titleOf(name);
  const nested = { schema, pointer, world };
  const shown = value === undefined ? schema.default : value;
  const reference = world.named?.[name];
  if (reference !== undefined && (control.is === "text" || control.is === "slot")) {
    return <SlotField slot={{ slot: "reference", to: reference }} value={value} change={change} label={label} title={title} help={help} complaint={complaint} pointer={pointer} world={world} />;
  }
  switch (control.is) {
    case "slot":
      return <SlotField slot={control.slot} value={shown} change={change} label={label} title={title} help={help} complaint={complaint} pointer={pointer} world={world} />;
    case "words":
      return <WordsField value={(isObject(value) ? value : {}) as Words} change={(words) => change(words as Json)} label={label} help={help} complaint={complaint} isLong={LONG.has(name)} />;
    case "boolean":
      return (
        <div className="field">
          <label className="check">
            <input type="checkbox" checked={shown === true} onChange={(event) => change(event.target.checked)} />
            <span>{label}</span>
          </label>
          {help && <p className="help indented">{help}</p>}
          {complaint && <p className="complaint">{complaint}</p>}
        </div>
      );
    case "number":
      return (
        <Field label={label} help={help} complaint={complaint}>
          {(ids) => (
            <input
              id={ids.control}
              aria-describedby={ids.help}
              className="input short"
              type="number"
              step={control.whole ? 1 : "any"}
              min={schema.minimum}
              max={schema.maximum}
              placeholder={typeof schema.default === "number" ? String(schema.default) : undefined}
              value={typeof value === "number" ? value : ""}
              onChange={(event) => change(event.target.value === "" ? undefined : Number(event.target.value))}
            />
          )}
        </Field>
      );
    case "duration":
    case "text":
      return (
        <Field label={label} help={help} complaint={complaint}>
          {(ids) => (
            <input
              id={ids.control}
              aria-describedby={ids.help}
              className={control.is === "duration" ? "input short code" : schema.format === "date" ? "input short" : "input"}
              type={schema.format === "date" ? "date" : "text"}
              placeholder={typeof schema.default === "string" ? schema.default : control.is === "duration" ? "10m" : undefined}
              value={typeof value === "string" ? value : ""}
              onChange={(event) => change(event.target.value === "" ? undefined : event.target.value)}
            />
          )}
        </Field>
      );
    case "choice":
      return (
        <Field label={label} help={help} complaint={complaint}>
          {(ids) => (
            <select id={ids.control} aria-describedby={ids.help} className="input" value={String(shown ?? "")} onChange={(event) => change(chosen(control.options, event.target.value))}>
              {schema.default === undefined && <option value="">{t("form.none")}</option>}
              {control.options.map((option) => (
                <option key={String(option)} value={String(option)}>
                  {valueTitle(String(option), language)}
                </option>
              ))}
            </select>
          )}
        </Field>
      );
    case "set":
      return <SetPart options={control.options} value={value} change={change} label={label} help={help} complaint={complaint} />;
    case "list":
      return <ListPart {...nested} items={control.items} value={value} change={change} label={label} help={help} complaint={complaint} name={name} />;
    case "map":
      return <MapPart {...nested} keys={control.keys} values={control.values} value={value} change={change} label={label} help={help} complaint={complaint} name={name} />;
    case "object":
      return (
        <Group label={label} help={help} complaint={complaint} isSet={value !== undefined} isRequired={isRequired} set={(isSet) => change(isSet ? blankOf(given, world.definitions) : undefined)}>
          <SchemaForm {...nested} value={value} change={change} />
        </Group>
      );
    case "variant": {
      const object = isObject(value) ? value : {};
      const variant = control.variants.find((one) => one.name === object[control.tag]) ?? control.variants[0];
      const { [control.tag]: _, ...properties } = variant?.schema.properties ?? {};
      return (
        <div className="group">
          <Field label={label} help={help} complaint={complaint}>
            {(ids) => (
              <select
                id={ids.control}
                className="input"
                value={variant?.name}
                onChange={(event) => change(blankVariant(control.tag, control.variants.find((one) => one.name === event.target.value), world.definitions))}
              >
                {control.variants.map((one) => (
                  <option key={one.name} value={one.name}>
                    {valueTitle(one.name, language)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {Object.keys(properties).length > 0 && (
            <SchemaForm {...nested} schema={{ ...variant?.schema, properties }} value={object} change={(next) => change({ ...(isObject(next) ? next : {}), [control.tag]: variant?.name ?? "" })} />
          )}
        </div>
      );
    }
    case "keyed": {
      const object = isObject(value) ? value : {};
      const variant = control.variants.find((one) => one.name in object) ?? control.variants[0];
      if (variant === undefined) return null;
      return (
        <div className="group">
          <Field label={label} help={help} complaint={complaint}>
            {(ids) => (
              <select
                id={ids.control}
                className="input"
                value={variant.name}
                onChange={(event) => {
                  const next = control.variants.find((one) => one.name === event.target.value) ?? variant;
                  change({ [next.name]: blankOf(next.schema, world.definitions) });
                }}
              >
                {control.variants.map((one) => (
                  <option key={one.name} value={one.name}>
                    {settingTitle(one.name, language) ?? titleOf(one.name)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Member key={variant.name} name={variant.name} schema={variant.schema} value={object[variant.name]} change={(next) => change({ [variant.name]: next ?? blankOf(variant.schema, world.definitions) })} pointer={`${pointer}/${escaped(variant.name)}`} world={world} />
        </div>
      );
    }
    case "json":
      return (
        <Field label={label} help={help} complaint={complaint}>
          {() => <JsonPart value={value} change={change} />}
        </Field>
      );
  }
}

type Frame = { readonly label: ReactNode; readonly help: string; readonly complaint: string | undefined };

/** Settings that belong together; those that must be there cannot be switched off. */
function Group({ label, help, complaint, isSet, isRequired, set, children }: Frame & { isSet: boolean; isRequired: boolean; set: (isSet: boolean) => void; children: ReactNode }) {
  return (
    <div className="group">
      {isRequired && isSet ? (
        <span className="group-label">{label}</span>
      ) : (
        <label className="check">
          <input type="checkbox" checked={isSet} onChange={(event) => set(event.target.checked)} />
          <span className="group-label">{label}</span>
        </label>
      )}
      {help && <p className="help indented">{help}</p>}
      {complaint && <p className="complaint">{complaint}</p>}
      {isSet && <div className="inside">{children}</div>}
    </div>
  );
}

type SetProps = Frame & Pick<PartProps, "value" | "change"> & { readonly options: readonly Json[] };

function SetPart({ options, value, change, label, help, complaint }: SetProps) {
  const { language } = useWords();
  const chosen = Array.isArray(value) ? (value as readonly Json[]) : [];
  return (
    <div className="group">
      <span className="group-label">{label}</span>
      <div className="checks">
        {options.map((option) => (
          <label key={String(option)} className="check">
            <input
              type="checkbox"
              checked={chosen.includes(option)}
              onChange={(event) => change(options.filter((one) => (one === option ? event.target.checked : chosen.includes(one))))}
            />
            <span>{valueTitle(String(option), language)}</span>
          </label>
        ))}
      </div>
      {help && <p className="help">{help}</p>}
      {complaint && <p className="complaint">{complaint}</p>}
    </div>
  );
}

/** A list called `name`: where that names things of the catalogue, each item is one of them. */
function ListPart({ items, value, change, pointer, world, label, help, complaint, name }: PartProps & Frame & { items: JsonSchema; name: string }) {
  const { t } = useWords();
  const list = Array.isArray(value) ? (value as readonly Json[]) : [];
  const control = controlOf(items, world.definitions);
  const isFlat = control.is !== "object" && control.is !== "variant" && control.is !== "keyed";
  const at = (index: number, next: Json) => change(list.map((item, i) => (i === index ? next : item)));
  const swap = (a: number, b: number) => change(list.map((item, i) => (i === a ? (list[b] ?? item) : i === b ? (list[a] ?? item) : item)));
  return (
    <div className="group">
      <span className="group-label">{label}</span>
      {help && <p className="help">{help}</p>}
      {complaint && <p className="complaint">{complaint}</p>}
      <ol className="items">
        {list.map((item, index) => (
          <li key={index} className={isFlat ? "item flat" : "item"}>
            <div className="grow">
              {isFlat ? (
                <Part schema={items} value={item} change={(next) => at(index, next ?? "")} pointer={`${pointer}/${index}`} world={world} name={name} label={<span className="visually-hidden">{t("form.item", { n: index + 1 })}</span>} />
              ) : (
                <SchemaFormOrPart schema={items} value={item} change={(next) => at(index, next ?? {})} pointer={`${pointer}/${index}`} world={world} />
              )}
            </div>
            <div className="item-tools">
              <button type="button" className="button quiet small icon" aria-label={t("form.up", { n: index + 1 })} disabled={index === 0} onClick={() => swap(index, index - 1)}>
                <ArrowUp size={13} aria-hidden />
              </button>
              <button type="button" className="button quiet small icon" aria-label={t("form.down", { n: index + 1 })} disabled={index === list.length - 1} onClick={() => swap(index, index + 1)}>
                <ArrowDown size={13} aria-hidden />
              </button>
              <button type="button" className="button quiet small icon" aria-label={t("form.remove", { n: index + 1 })} onClick={() => change(list.filter((_, i) => i !== index))}>
                <Trash2 size={13} aria-hidden />
              </button>
            </div>
          </li>
        ))}
      </ol>
      <button type="button" className="button small" onClick={() => change([...list, blankOf(items, world.definitions)])}>
        <Plus size={13} aria-hidden />
        {t("form.add")}
      </button>
    </div>
  );
}

function SchemaFormOrPart({ label = "", ...props }: PartProps & { readonly label?: ReactNode }) {
  const control = controlOf(props.schema, props.world.definitions);
  return control.is === "object" ? <SchemaForm {...props} /> : <Part {...props} name="" label={label} />;
}

/** The one member of an object that is told apart by it: its settings, or itself under its name. */
function Member({ name, ...props }: PartProps & { readonly name: string }) {
  const { language } = useWords();
  const isObjectOf = controlOf(props.schema, props.world.definitions).is === "object";
  return isObjectOf ? <SchemaForm {...props} /> : <Part {...props} name={name} label={settingTitle(name, language) ?? titleOf(name)} />;
}

type MapProps = PartProps & Frame & { readonly keys: JsonSchema; readonly values: JsonSchema; readonly name: string };

function MapPart({ keys, values, value, change, pointer, world, label, help, complaint, name }: MapProps) {
  const { t, language } = useWords();
  const [key, setKey] = useState("");
  const isFlat = controlOf(values, world.definitions).is !== "object";
  const object = isObject(value) ? value : {};
  const kind = referenceOf(keys) ?? world.named?.[name];
  const fixed = controlOf(keys, world.definitions);
  const known = kind !== undefined ? world.references.names(kind) : fixed.is === "choice" ? fixed.options.map((id) => ({ id: String(id), title: valueTitle(String(id), language) })) : null;
  const titleOfKey = (id: string) => known?.find((one) => one.id === id)?.title ?? id;
  const free = known?.filter((one) => !(one.id in object));
  const add = (id: string) => {
    if (id !== "" && !(id in object)) change({ ...object, [id]: blankOf(values, world.definitions) });
    setKey("");
  };
  return (
    <div className="group">
      <span className="group-label">{label}</span>
      {help && <p className="help">{help}</p>}
      {complaint && <p className="complaint">{complaint}</p>}
      <ul className="items">
        {Object.entries(object).map(([id, item]) => (
          <li key={id} className={isFlat ? "item flat" : "item"}>
            {isFlat && <span className="map-key truncate" title={id}>{titleOfKey(id)}</span>}
            <div className="grow">
              {!isFlat && <span className="group-label">{titleOfKey(id)}</span>}
              <SchemaFormOrPart schema={values} value={item} change={(next) => change({ ...object, [id]: next ?? blankOf(values, world.definitions) })} pointer={`${pointer}/${escaped(id)}`} world={world} label={<span className="visually-hidden">{titleOfKey(id)}</span>} />
            </div>
            <button type="button" className="button quiet small icon" aria-label={t("form.remove.named", { name: id })} onClick={() => change(Object.fromEntries(Object.entries(object).filter(([other]) => other !== id)))}>
              <Trash2 size={13} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      {free !== undefined ? (
        <select className="input" aria-label={t("form.add")} value="" onChange={(event) => add(event.target.value)}>
          <option value="">{t("form.add.choose")}</option>
          {free.map((one) => (
            <option key={one.id} value={one.id}>
              {one.title}
            </option>
          ))}
        </select>
      ) : (
        <div className="row">
          <input className="input" aria-label={t("form.key")} placeholder={t("form.key")} value={key} onChange={(event) => setKey(event.target.value)} />
          <button type="button" className="button small" onClick={() => add(key.trim())}>
            <Plus size={13} aria-hidden />
            {t("form.add")}
          </button>
        </div>
      )}
    </div>
  );
}

function JsonPart({ value, change }: { value: Json | undefined; change: (value: Json) => void }) {
  const [text, setText] = useState(JSON.stringify(value ?? null, null, 2));
  const edit = (next: string) => {
    setText(next);
    try {
      change(JSON.parse(next) as Json);
    } catch {
      // Half-typed JSON is not a value yet.
    }
  };
  return <CodeEditor value={text} change={edit} language="json" />;
}

function referenceOf(schema: JsonSchema): string | undefined {
  const slot = schema["x-slot"];
  return slot?.slot === "reference" ? slot.to : undefined;
}

function chosen(options: readonly Json[], text: string): Json | undefined {
  return options.find((option) => String(option) === text);
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function escaped(name: string): string {
  return name.replace(/~/g, "~0").replace(/\//g, "~1");
}
