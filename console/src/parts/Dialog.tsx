import { Modal } from "@mantine/core";
import type { ReactNode } from "react";

/** A dialog. The page behind it keeps its scroll bar: locking it takes a style element, which the policy refuses. */
export function Dialog({ title, size = "lg", onClose, children }: {
  title: string;
  size?: string;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Modal opened title={title} size={size} onClose={onClose} lockScroll={false} closeButtonProps={{ "aria-label": "Close" }} transitionProps={{ duration: 0 }}>
      {children}
    </Modal>
  );
}
