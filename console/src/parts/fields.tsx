import { Checkbox, NativeSelect, PasswordInput, Textarea, TextInput } from "@mantine/core";
import { createContext, use } from "react";
import type { Schemas } from "../api/director";
import { when, word } from "./words";
import type { Values } from "./values";

/** What every field of the form shares: what is typed, what is wrong with it, which secrets are stored. */
export interface Form {
  values: Values;
  errors: Partial<Record<string, string>>;
  stored: Record<string, Schemas["SecretState"]>;
  set: (pointer: string, value: Values[string]) => void;
  /** Sets several at once, by what is typed at this moment. */
  fill: (make: (typed: Values) => Values) => void;
}

export const FormContext = createContext<Form | null>(null);

export function useForm(): Form {
  const form = use(FormContext);
  if (form === null) throw new Error("a field stands outside of its form");
  return form;
}

interface FieldProps {
  at: string;
  label: string;
  hint?: string;
  required?: boolean;
  placeholder?: string;
  type?: "email" | "date";
  onBlur?: () => void;
}

function useField(at: string) {
  const { values, errors, set } = useForm();
  const value = values[at];
  return { value: typeof value === "string" ? value : "", error: errors[at], set: (next: string) => set(at, next) };
}

export function Text({ at, hint, ...rest }: FieldProps) {
  const { value, error, set } = useField(at);
  return (
    <TextInput {...rest} description={hint} withAsterisk={rest.required ?? false} required={false} name={at} autoComplete="off" spellCheck={false} value={value} error={error} onChange={(event) => set(event.currentTarget.value)} />
  );
}

export function LongText({ at, hint, label, required = false }: FieldProps) {
  const { value, error, set } = useField(at);
  return (
    <Textarea label={label} description={hint} withAsterisk={required} name={at} autosize={false} rows={3} spellCheck={false} value={value} error={error} onChange={(event) => set(event.currentTarget.value)} />
  );
}

/** A secret: what is stored shows as set, never as text. */
export function Secret({ at, label, hint }: FieldProps) {
  const { value, error, set } = useField(at);
  const stored = useForm().stored[at];
  const state = stored?.set ? `Set${stored.changed_at ? ` on ${when(stored.changed_at)}` : ""}. Leave it empty to keep it. ` : "";
  return (
    <PasswordInput label={label} aria-invalid={error !== undefined} description={state + (hint ?? "")} withAsterisk={!stored?.set} name={at} autoComplete="new-password" value={value} error={error} onChange={(event) => set(event.currentTarget.value)} />
  );
}

export function LongSecret({ at, label, hint }: FieldProps) {
  const stored = useForm().stored[at];
  return <LongText at={at} label={label} required={!stored?.set} hint={`${stored?.set ? "Set. Leave it empty to keep it. " : ""}${hint ?? ""}`} />;
}

export function Choice({ at, label, hint, of }: FieldProps & { of: string[] }) {
  const { value, error, set } = useField(at);
  const data = of.map((one) => ({ value: one, label: word(one) }));
  return (
    <NativeSelect label={label} description={hint} name={at} data={data} value={value} error={error} onChange={(event) => set(event.currentTarget.value)} />
  );
}

export function Tick({ at, label, hint, onSet }: FieldProps & { onSet?: (on: boolean) => void }) {
  const { values, errors, set } = useForm();
  const change = (on: boolean) => {
    set(at, on);
    onSet?.(on);
  };
  return (
    <Checkbox label={label} description={hint} name={at} checked={values[at] === true} error={errors[at]} onChange={(event) => change(event.currentTarget.checked)} />
  );
}
