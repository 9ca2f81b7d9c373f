import { Anchor, Button, List, Text, Title } from "@mantine/core";
import { Link } from "react-router";
import { useActors } from "../api/queries";
import { useMay } from "./Shell";

/** What a newcomer does next, in the order in which it works. */
export function NothingYet() {
  const actors = useActors();
  const may = useMay();
  const none = actors.data?.length === 0;
  return (
    <section className="card" aria-labelledby="nothing-yet">
      <Title order={3} id="nothing-yet" mb="xs">
        No email profile yet
      </Title>
      <Text mb="sm">
        An email profile is a mailbox that your Actors will read. Verifying it proves that each Actor, from where it stands,
        really can.
      </Text>
      <List type="ordered" spacing="xs" mb="md">
        <List.Item>
          {none ? (
            <strong>Enroll an Actor on a VM in the zone that counts: none is enrolled yet.</strong>
          ) : (
            "Enroll an Actor on a VM in the zone that counts."
          )}{" "}
          <Anchor component={Link} to="/actors" underline="always">
            Actors
          </Anchor>
        </List.Item>
        <List.Item>
          Tell the Director which server sends its mail.{" "}
          {may("admin") && (
            <Anchor component={Link} to="/settings/email" underline="always">
              Email Settings
            </Anchor>
          )}
        </List.Item>
        <List.Item>Add a profile of a dedicated mailbox that no person reads, and verify it.</List.Item>
      </List>
      {may("operator") && (
        <Button component={Link} to="/profiles/new">
          Add the first profile
        </Button>
      )}
    </section>
  );
}
