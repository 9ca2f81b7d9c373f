import type { ReactNode } from "react";
import { AccessStep, OutgoingStep } from "./AccessSteps";
import { ProfileStep } from "./ProfileStep";
import type { Values } from "../../parts/values";
import { isByToken } from "./form";

export interface Step {
  name: string;
  content: ReactNode;
  /** Whether the field at this pointer stands in this step. */
  holds: (pointer: string) => boolean;
}

const ACCESS = /^\/(account|incoming|oauth|tls|graph|gmail)\b/;

/** The steps of a profile of this type; a mailbox that is read by tokens has a password for sending alone. */
export function stepsOf(values: Values): Step[] {
  const type = values["/server_type"];
  const cloud = type === "microsoft_graph" || type === "gmail";
  const sends = (at: string) => at.startsWith("/outgoing") || (isByToken(values) && at === "/account/password");
  const steps: Step[] = [
    { name: "Email Profile", content: <ProfileStep />, holds: (at) => !ACCESS.test(at) && !sends(at) },
    {
      name: cloud ? "Application" : "Account and Incoming Mail Server",
      content: <AccessStep />,
      holds: (at) => ACCESS.test(at) && (cloud || !sends(at)),
    },
  ];
  if (!cloud) steps.push({ name: "Outgoing Mail Server", content: <OutgoingStep />, holds: sends });
  return steps;
}
