// A labelled control with its help and its complaint, tied together for screen readers.
import { useId, type ReactNode } from "react";

type Ids = { readonly control: string; readonly help: string | undefined };
type FieldProps = {
  readonly label: ReactNode;
  readonly help?: string | undefined;
  readonly complaint?: string | undefined;
  readonly children: (ids: Ids) => ReactNode;
};

export function Field({ label, help, complaint, children }: FieldProps) {
  const id = useId();
  const described = [help && `${id}-help`, complaint && `${id}-complaint`].filter(Boolean).join(" ");
  return (
    <div className="field">
      <label className="label" htmlFor={id}>
        {label}
      </label>
      {children({ control: id, help: described === "" ? undefined : described })}
      {complaint && (
        <p className="complaint" id={`${id}-complaint`}>
          {complaint}
        </p>
      )}
      {help && (
        <p className="help" id={`${id}-help`}>
          {help}
        </p>
      )}
    </div>
  );
}
