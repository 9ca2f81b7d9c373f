import { Button, Group, Text } from "@mantine/core";
import { useEffect } from "react";
import { useBlocker } from "react-router";
import { Dialog } from "./Dialog";

/** As long as something is `typed` that isn't saved, whoever leaves the page by a link, Back or a reload is asked first. */
export function Unsaved({ typed }: { typed: boolean }) {
  const blocker = useBlocker(({ currentLocation: from, nextLocation: to }) => typed && from.pathname !== to.pathname);
  useEffect(() => {
    if (!typed) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [typed]);
  if (blocker.state !== "blocked") return null;
  return (
    <Dialog title="Leave without saving?" onClose={blocker.reset}>
      <Text mb="md">What you typed is not saved, and would be lost.</Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={blocker.reset} data-autofocus>
          Stay
        </Button>
        <Button color="red" onClick={blocker.proceed}>
          Leave
        </Button>
      </Group>
    </Dialog>
  );
}
