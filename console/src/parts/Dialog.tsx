import { Modal } from "@mantine/core";
import { createContext, use, useEffect, useState, type ReactNode } from "react";

interface Props {
  title: string;
  size?: string;
  onClose: () => void;
  /** Only its own buttons end it, as where it shows something that is not shown again. */
  lasting?: boolean;
  /** It stands over all others. */
  above?: boolean;
  children: ReactNode;
}

/** Whether the dialog to sign in again stands over all others, which Escape must then not close. */
export const SessionEnded = createContext(false);

/** A dialog. The page behind it keeps its scroll bar: locking it takes a style element, which the policy refuses. */
export function Dialog({ title, size = "lg", onClose, lasting = false, above = false, children }: Props) {
  const covered = use(SessionEnded) && !above;
  useFocusBack();
  return (
    <Modal.Root
      opened
      size={size}
      onClose={onClose}
      closeOnEscape={!lasting && !covered}
      closeOnClickOutside={!lasting}
      zIndex={above ? 300 : 200}
      lockScroll={false}
      transitionProps={{ duration: 0 }}
    >
      <Modal.Overlay />
      <Modal.Content>
        {/* Not a second banner of the page. */}
        <Modal.Header role="presentation">
          <Modal.Title>{title}</Modal.Title>
          {!lasting && <Modal.CloseButton aria-label="Close" />}
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

/** Gives the focus back to what opened the dialog or, where that is gone, to the page. */
function useFocusBack() {
  const [opener] = useState(() => document.activeElement);
  useEffect(
    () => () => {
      const back = opener instanceof HTMLElement && opener.isConnected && opener !== document.body;
      (back ? opener : document.getElementById("content"))?.focus({ preventScroll: true });
    },
    [opener],
  );
}
