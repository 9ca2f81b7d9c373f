import type { ReactNode } from "react";
import { AccessStep, OutgoingStep } from "./AccessSteps";
import { ProfileStep } from "./ProfileStep";
import type { Type } from "./form";

export interface Step {
  name: string;
  content: ReactNode;
  /** Whether the field at this pointer stands in this step. */
  holds: (pointer: string) => boolean;
}

const ACCESS = /^\/(account|incoming|oauth|tls|graph|gmail)\b/;

export function stepsOf(type: Type): Step[] {
  const cloud = type === "microsoft_graph" || type === "gmail";
  const access = cloud ? "Application" : "Account and Incoming Mail Server";
  const steps: Step[] = [
    { name: "Email Profile", content: <ProfileStep />, holds: (at) => !ACCESS.test(at) && !at.startsWith("/outgoing") },
    { name: access, content: <AccessStep />, holds: (at) => ACCESS.test(at) },
  ];
  if (!cloud) steps.push({ name: "Outgoing Mail Server", content: <OutgoingStep />, holds: (at) => at.startsWith("/outgoing") });
  return steps;
}
