import { Button, type ButtonProps } from "@mantine/core";
import type { ComponentProps } from "react";

type Props = ButtonProps & Omit<ComponentProps<"button">, keyof ButtonProps | "disabled"> & { busy: boolean };

/** A button whose work takes a while. It keeps the focus meanwhile, which one that the browser disables would lose. */
export function WorkButton({ busy, disabled = false, onClick, type = "button", ...rest }: Props) {
  const idle = !busy && !disabled;
  return (
    <Button
      {...rest}
      loading={busy}
      disabled={disabled}
      onClick={(event) => (idle ? onClick?.(event) : event.preventDefault())}
      renderRoot={({ disabled: inert, ...root }) => <button {...root} type={type} aria-disabled={inert} />}
    />
  );
}
