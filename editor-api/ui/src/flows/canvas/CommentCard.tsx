// What authors tell each other beside the nodes: a sheet of paper on the canvas, written on the spot.
import { NodeResizer, type NodeProps } from "@xyflow/react";
import { memo } from "react";
import { useWords } from "../../i18n";
import type { CommentNode } from "./graph";

export const CommentCard = memo(function CommentCard({ id, data, selected }: NodeProps<CommentNode>) {
  const { t } = useWords();
  const { text, change } = data;
  return (
    <div className={selected ? "comment-card selected" : "comment-card"}>
      {change !== null && (
        <NodeResizer isVisible={selected} minWidth={120} minHeight={60} onResizeEnd={(_, { x, y, width, height }) => change({ x, y, width, height }, `resize ${id}`)} />
      )}
      <textarea
        className="nodrag nowheel"
        aria-label={t("comment.title")}
        placeholder={t("comment.placeholder")}
        readOnly={change === null}
        value={text}
        onChange={(event) => change?.({ text: event.target.value }, `write ${id}`)}
      />
    </div>
  );
});
