import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLayoutEffect, useRef, type ComponentProps } from "react";
import { body, director } from "../api/director";
import { WorkButton } from "./WorkButton";

/** Cancels the verification `id`; done once the table and the diagnosis show it. */
export function useCancel() {
  const queries = useQueryClient();
  const changed = () =>
    Promise.all(["profiles", "verifications"].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  return useMutation({
    mutationFn: (id: string) =>
      body(director().POST("/verifications/{verification_id}/cancel", { params: { path: { verification_id: id } } })),
    onSuccess: changed,
    onError: () => void changed(), // why it failed is shown before that is read, which may come to nothing too
  });
}

type Props = Omit<ComponentProps<typeof WorkButton>, "ref" | "children">;

/** Stands there while a verification runs. When that ends, whose focus is on it goes on to the button after it. */
export function CancelButton(props: Props) {
  const own = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const button = own.current;
    return () => {
      if (button === document.activeElement && button?.nextElementSibling instanceof HTMLElement) button.nextElementSibling.focus();
    };
  }, []);
  return (
    <WorkButton {...props} ref={own} size="compact-sm" variant="default">
      Cancel
    </WorkButton>
  );
}
