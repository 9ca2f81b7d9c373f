import { Alert, Button, Group, List, Stack, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState, type ReactNode, type SyntheticEvent } from "react";
import { Problem, type Schemas } from "../../api/director";
import { Failure } from "../../parts/Failure";
import { testConnection, type Tested } from "./connection";
import { FormContext } from "../../parts/fields";
import type { Values } from "../../parts/values";
import { secretOf } from "./form";
import { Known } from "./Known";
import { stepsOf } from "./steps";
import { Unsaved } from "../../parts/Unsaved";
import { WorkButton } from "../../parts/WorkButton";

interface Props {
  values: Values;
  onChange: (values: Values) => void;
  /** Whether something is typed that isn't saved. */
  changed: boolean;
  stored: Record<string, Schemas["SecretState"]>;
  /** Saves, and leaves the page; where it ends otherwise, there is still something to save. */
  save: () => Promise<unknown>;
  saveLabel: string;
  /** Tests what is saved, where nothing was changed. */
  testSaved?: ((signal: AbortSignal) => Promise<Tested>) | undefined;
  above?: ReactNode;
}

type Errors = Record<string, string>;

/** The wizard: steps that may be taken in any order; an error leads to its step and stands beside its field. */
export function ProfileForm({ values, onChange, changed, stored, save, saveLabel, testSaved, above }: Props) {
  const steps = stepsOf(values);
  const [at, setAt] = useState(0);
  const [errors, setErrors] = useState<Errors>({});
  const typed = useTyped(values, onChange);
  const fill = useCallback(
    (make: (typed: Values) => Values) =>
      typed((before) => {
        const made = make(before);
        setErrors((found) => Object.fromEntries(Object.entries(found).filter(([pointer]) => !(pointer in made))));
        return made;
      }),
    [typed],
  );
  const set = (pointer: string, value: Values[string]) => fill(() => ({ [pointer]: value }));
  const heading = useRef<HTMLHeadingElement>(null);
  const stop = useStop();
  const step = steps[at] ?? steps[0];
  const go = (next: number) => {
    setAt(next);
    requestAnimationFrame(() => heading.current?.focus());
  };
  const show = (found: Errors) => {
    setErrors(found);
    const first = steps.findIndex((one) => Object.keys(found).some(one.holds));
    if (first >= 0 && !Object.keys(found).some((pointer) => step?.holds(pointer))) go(first);
  };
  const refused = (error: unknown) => show(error instanceof Problem ? errorsOf(error) : {});
  const saving = useMutation({ mutationFn: save, onError: refused });
  const testing = useMutation({
    mutationFn: () => (testSaved ? testSaved(stop()) : testConnection(needingSecret(values, stored), stop())),
    onSuccess: (tested) => show(tested.errors),
    onError: refused,
  });
  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (at < steps.length - 1) return go(at + 1);
    setErrors({});
    saving.mutate();
  };
  const last = at >= steps.length - 1;
  return (
    <FormContext value={{ values, errors, stored, set, fill }}>
      <Unsaved typed={changed && !saving.isPending} />
      <form className="card" onSubmit={submit} noValidate>
        <Stack>
          {above}
          <StepNames names={steps.map((one) => one.name)} at={at} go={go} wrong={steps.map((one) => Object.keys(errors).some(one.holds))} />
          <Title order={3} ref={heading} tabIndex={-1}>
            {step?.name}
          </Title>
          {at === 1 && <Known />}
          {step?.content}
          <Failure error={general(saving.error ?? testing.error, steps.map((one) => one.holds))} title="Not accepted" />
          <Outcome tested={testing.data} running={testing.isPending} />
          <Group>
            {at > 0 && (
              <Button variant="default" onClick={() => go(at - 1)}>
                Back
              </Button>
            )}
            {!last && <Button type="submit">Next</Button>}
            {at > 0 && (
              <WorkButton variant="default" busy={testing.isPending} onClick={() => testing.mutate()}>
                Test connection
              </WorkButton>
            )}
            {(last || Object.keys(stored).length > 0) && (
              <WorkButton busy={saving.isPending} onClick={() => saving.mutate()}>
                {saveLabel}
              </WorkButton>
            )}
          </Group>
        </Stack>
      </form>
    </FormContext>
  );
}

/** Changes what is typed; two changes of one moment, as a zone's and its Actors', both count. */
function useTyped(values: Values, onChange: (values: Values) => void) {
  const latest = useRef(values);
  const change = useRef(onChange);
  useEffect(() => {
    latest.current = values;
    change.current = onChange;
  }, [values, onChange]);
  return useCallback((make: (typed: Values) => Values) => {
    latest.current = { ...latest.current, ...make(latest.current) };
    change.current(latest.current);
  }, []);
}

/** Gives a signal for each run; the one before ends, and all end with the page. */
function useStop(): () => AbortSignal {
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);
  return () => {
    running.current?.abort();
    running.current = new AbortController();
    return running.current.signal;
  };
}

/** A draft never borrows a stored secret: it must be typed again, beside its field. */
function needingSecret(values: Values, stored: Props["stored"]): Values {
  const secret = secretOf(values);
  if (!stored[secret]?.set || values[secret]) return values;
  const detail = "Type it again: what isn't saved yet is never tried with a stored secret.";
  throw new Problem({
    type: "about:blank",
    title: "The secret is needed",
    status: 422,
    code: "secret_required",
    detail,
    errors: [{ pointer: secret, code: "secret_required", detail }],
    request_id: null,
  });
}

function errorsOf(problem: Problem): Errors {
  const found = (problem.document.errors ?? []).map(({ pointer, detail }) => [pointer.replace(/^\/profile\//, "/"), detail]);
  return Object.fromEntries(found) as Errors;
}

/** What belongs to no field stands above the buttons. */
function general(error: unknown, holds: ((pointer: string) => boolean)[]): unknown {
  if (!(error instanceof Problem)) return error;
  return Object.keys(errorsOf(error)).some((pointer) => holds.some((one) => one(pointer))) ? null : error;
}

function StepNames({ names, at, go, wrong }: { names: string[]; at: number; go: (to: number) => void; wrong: boolean[] }) {
  return (
    <nav aria-label="Steps of the profile">
      <ol className="step-names">
        {names.map((name, index) => (
          <li key={name}>
            <button type="button" aria-current={index === at ? "step" : undefined} onClick={() => go(index)}>
              {index + 1}. {name} {wrong[index] && <span className="status failed">to correct</span>}
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}

function Outcome({ tested, running }: { tested: Tested | undefined; running: boolean }) {
  const good = tested?.actors.every((actor) => actor.good);
  return (
    <div role="status">
      {running && "The Actors try to connect …"}
      {tested && !running && (
        <Alert color={good ? "green" : "red"} title={good ? "The connection works" : "The connection does not work"}>
          <List>
            {tested.actors.map((actor) => (
              <List.Item key={actor.name}>
                {actor.name}: {actor.sentence}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
    </div>
  );
}
