import { Modal } from "@mantine/core";
import type { ReactNode } from "react";

interface Props {
  title: string;
  size?: string;
  onClose: () => void;
  children: ReactNode;
}

/** A dialog. The page behind it keeps its scroll bar: locking it takes a style element, which the policy refuses. */
export function Dialog({ title, size = "lg", onClose, children }: Props) {
  return (
    <Modal.Root opened size={size} onClose={onClose} lockScroll={false} transitionProps={{ duration: 0 }}>
      <Modal.Overlay />
      <Modal.Content>
        {/* Not a second banner of the page. */}
        <Modal.Header role="presentation">
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
