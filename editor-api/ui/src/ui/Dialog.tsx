// A modal dialog: the browser's own, which keeps the focus inside and closes on Escape.
import { useEffect, useId, useRef, type ReactNode } from "react";

type DialogProps = { readonly title: string; readonly close: () => void; readonly wide?: boolean; readonly children: ReactNode };

export function Dialog({ title, close, wide, children }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className={wide === true ? "dialog wide" : "dialog"}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        close();
      }}
      onMouseDown={(event) => event.target === ref.current && close()}
    >
      <div className="dialog-body">
        <h2 id={id}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}
