// What a defect of one page leaves standing: the bar, the way to other pages, and a word about it instead of a blank window.
import { Component, type ReactNode } from "react";
import { useWords } from "../i18n";
import { Notice } from "./Notice";

type BoundaryProps = { readonly children: ReactNode };

export class Boundary extends Component<BoundaryProps, { readonly hasFailed: boolean }> {
  override state = { hasFailed: false };

  static getDerivedStateFromError() {
    return { hasFailed: true };
  }

  override render() {
    return this.state.hasFailed ? <Failed /> : this.props.children;
  }
}

function Failed() {
  const { t } = useWords();
  return (
    <div className="page">
      <Notice tone="danger">
        <p>{t("failed.text")}</p>
        <button className="button small" onClick={() => location.reload()}>
          {t("failed.reload")}
        </button>
      </Notice>
    </div>
  );
}
