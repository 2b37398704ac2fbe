import { useEffect, useState } from "react";
import {
  Accordion,
  AccordionItem,
  Button,
  Checkbox,
  FormGroup,
  InlineNotification,
  Select,
  SelectItem,
  SkeletonText,
  Stack,
  TextArea,
  TextInput,
} from "@carbon/react";
import { useTranslation } from "react-i18next";
import { command, read, Refused } from "../api";
import { CATEGORIES } from "../decide/known";
import { mistakes, valueAt, withValue, type Document, type Mistakes } from "../decide/settings";
import { categoryName } from "../parts/texts";
import { Trouble } from "../parts/Trouble";
import { useCommand } from "../parts/useCommand";

/** How long nothing is typed before the server is asked whether it is right. */
const TYPING_MS = 500;

const POLICIES = ["manual", "parentWins", "childWins", "newest"] as const;

/** The configuration as a form, checked by the server while it is changed. */
export function Settings() {
  const { t } = useTranslation();
  const [document, setDocument] = useState<Document>();
  const order = useCommand();
  const { give } = order;
  useEffect(() => {
    give(async () => setDocument(await read<Document>("config")));
    // It is read once, when the view is opened; somebody's changes are not overwritten.
    // eslint-disable-next-line
  }, []);
  return (
    <>
      <div className="page-top">
        <h1>{t("view.settings")}</h1>
      </div>
      {document ? <SettingsForm kept={document} /> : <Trouble failure={order.failure} />}
      {!document && !order.failure && <SkeletonText paragraph lineCount={8} />}
    </>
  );
}

interface Checked {
  mistakes: Mistakes;
  warnings: string[];
}

const NOTHING_WRONG: Checked = { mistakes: new Map(), warnings: [] };

function SettingsForm({ kept }: { kept: Document }) {
  const { t } = useTranslation();
  const [document, setDocument] = useState(kept);
  const [isSaved, setSaved] = useState(false);
  const order = useCommand();
  const checked = useCheck(document);
  const change = (path: string, value: unknown) => {
    setSaved(false);
    setDocument((last) => withValue(last, path, value));
  };
  const save = () =>
    order.give(async () => {
      setDocument(await command<Document>("config", document));
      setSaved(true);
    });
  const field = { document, mistakes: checked.mistakes, onChange: change };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <Stack gap={6}>
        <TextField {...field} path="node.name" label={t("settings.node")} />
        <TextField {...field} path="parent.url" label={t("settings.parent")} />
        <TextField {...field} path="parent.username" label={t("settings.user")} />
        <PasswordField {...field} />
        <Switch {...field} path="pull.enabled" isOnByDefault label={t("settings.pull")} />
        <NumberField {...field} path="pull.intervalSeconds" label={t("settings.pullEvery")} usual="300" />
        <Switch {...field} path="push.enabled" isOnByDefault={false} label={t("settings.push")} />
        <NumberField {...field} path="push.intervalSeconds" label={t("settings.pushEvery")} usual="300" />
        <Categories {...field} />
        <OtherMistakes mistakes={checked.mistakes} />
        {checked.warnings.map((warning) => (
          <InlineNotification key={warning} kind="warning" lowContrast hideCloseButton title="" subtitle={warning} />
        ))}
        <Trouble failure={order.failure} />
        <div className="actions">
          <Button type="submit" size="md" disabled={order.isBusy || checked.mistakes.size > 0}>
            {t("settings.save")}
          </Button>
          <span role="status">{isSaved && t("settings.saved")}</span>
        </div>
        <Accordion>
          <AccordionItem title={t("settings.json")}>
            <JsonField document={document} onChange={setDocument} />
          </AccordionItem>
        </Accordion>
      </Stack>
    </form>
  );
}

/** What the server says of the document, once nothing was changed for a moment. */
function useCheck(document: Document): Checked {
  const [checked, setChecked] = useState(NOTHING_WRONG);
  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(() => {
      const keep = (result: Checked) => isCurrent && setChecked(result);
      command<{ warnings: string[] }>("config/check", document).then(
        ({ warnings }) => keep({ mistakes: new Map(), warnings }),
        (error: unknown) => {
          const isMistaken = error instanceof Refused && error.kind === "Configuration";
          if (isMistaken) keep({ mistakes: mistakes(error.message), warnings: [] });
        },
      );
    }, TYPING_MS);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [document]);
  return checked;
}

interface FieldsProps {
  document: Document;
  mistakes: Mistakes;
  onChange: (path: string, value: unknown) => void;
}

interface FieldProps extends FieldsProps {
  path: string;
  label: string;
}

/** What a field shows of the mistake at its path. Carbon's own reference to the text is not read by all readers. */
function wrong(path: string, mistakes: Mistakes) {
  const what = mistakes.get(path);
  return what === undefined ? {} : { invalid: true, invalidText: what, "aria-describedby": `${path}-error-msg` };
}

function TextField({ document, mistakes, onChange, path, label }: FieldProps) {
  const value = valueAt(document, path);
  return (
    <TextInput
      id={path}
      labelText={label}
      value={typeof value === "string" ? value : ""}
      {...wrong(path, mistakes)}
      onChange={(event) => onChange(path, event.target.value || undefined)}
    />
  );
}

function NumberField({ document, mistakes, onChange, path, label, usual }: FieldProps & { usual: string }) {
  const value = valueAt(document, path);
  const typed = (text: string) => (text === "" ? undefined : Number.isNaN(Number(text)) ? text : Number(text));
  return (
    <TextInput
      id={path}
      labelText={label}
      placeholder={usual}
      inputMode="numeric"
      value={value === undefined ? "" : String(value)}
      {...wrong(path, mistakes)}
      onChange={(event) => onChange(path, typed(event.target.value))}
    />
  );
}

/** A password that is kept is not shown; an empty field keeps it. */
function PasswordField({ document, mistakes, onChange }: FieldsProps) {
  const { t } = useTranslation();
  const path = "parent.password";
  const [kept] = useState(() => valueAt(document, path));
  const value = valueAt(document, path);
  return (
    <TextInput
      id={path}
      type="password"
      autoComplete="new-password"
      labelText={t("settings.password")}
      helperText={typeof kept === "object" ? t("settings.passwordKept") : ""}
      value={typeof value === "string" ? value : ""}
      {...wrong(path, mistakes)}
      onChange={(event) => onChange(path, event.target.value || kept)}
    />
  );
}

function Switch({ document, onChange, path, label, isOnByDefault }: FieldProps & { isOnByDefault: boolean }) {
  const value = valueAt(document, path);
  return (
    <Checkbox
      id={path}
      labelText={label}
      checked={typeof value === "boolean" ? value : isOnByDefault}
      onChange={(_, { checked }) => onChange(path, checked)}
    />
  );
}

function Categories({ document, onChange }: FieldsProps) {
  const { t } = useTranslation();
  const named = valueAt(document, "categories");
  const others = Object.keys((named as Document | undefined) ?? {}).filter((name) => !isKnown(name));
  return (
    <FormGroup legendText={t("settings.categories")}>
      {[...CATEGORIES, ...others].map((name) => {
        const path = `categories.${name}`;
        const isIn = valueAt(document, path) !== undefined;
        return (
          <div key={name} className="category">
            <Checkbox
              id={path}
              labelText={categoryName(t, name)}
              checked={isIn}
              onChange={(_, { checked }) => onChange(path, checked ? {} : undefined)}
            />
            {isIn && (
              <Select
                id={`${path}.conflict`}
                size="sm"
                labelText={t("settings.policy", { category: categoryName(t, name) })}
                value={String(valueAt(document, `${path}.conflict`) ?? "manual")}
                onChange={(event) => onChange(`${path}.conflict`, event.target.value)}
              >
                {POLICIES.map((policy) => (
                  <SelectItem key={policy} value={policy} text={t(`policy.${policy}`)} />
                ))}
              </Select>
            )}
          </div>
        );
      })}
    </FormGroup>
  );
}

function isKnown(name: string): boolean {
  return CATEGORIES.some((known) => known === name);
}

const FIELDS = new Set([
  "node.name",
  "parent.url",
  "parent.username",
  "parent.password",
  "pull.intervalSeconds",
  "push.intervalSeconds",
]);

/** Mistakes of keys that have no field here. */
function OtherMistakes({ mistakes }: { mistakes: Mistakes }) {
  return [...mistakes]
    .filter(([path]) => !FIELDS.has(path))
    .map(([path, what]) => (
      <InlineNotification key={path} kind="error" lowContrast hideCloseButton title={path} subtitle={what} />
    ));
}

interface JsonProps {
  document: Document;
  onChange: (document: Document) => void;
}

function JsonField({ document, onChange }: JsonProps) {
  const { t } = useTranslation();
  const [text, setText] = useState<string>();
  const shown = text ?? JSON.stringify(document, null, 2);
  const change = (typed: string) => {
    try {
      const parsed: unknown = JSON.parse(typed);
      const isDocument = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
      setText(isDocument ? undefined : typed);
      if (isDocument) onChange(parsed as Document);
    } catch {
      setText(typed);
    }
  };
  return (
    <TextArea
      id="json"
      rows={16}
      labelText={t("settings.json")}
      className="value"
      value={shown}
      invalid={text !== undefined}
      invalidText={t("settings.notJson")}
      onChange={(event) => change(event.target.value)}
    />
  );
}
