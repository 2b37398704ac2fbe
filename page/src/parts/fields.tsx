// Fields of the configuration: each reads and changes what is at its path, and shows what is wrong with it.
import { useEffect, useState } from "react";
import { Checkbox, FormGroup, Select, SelectItem, TextArea, TextInput } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { command, Refused } from "../api";
import { accountsNamed, namesIn, shownAccounts } from "../decide/accounts";
import { CATEGORIES, PARTS } from "../decide/known";
import { mistakes, valueAt, type Document, type Mistakes } from "../decide/settings";
import { categoryName } from "./texts";

/** How long nothing is typed before the server is asked whether it is right. */
const TYPING_MS = 500;

const POLICIES = ["manual", "parentWins", "childWins", "newest"] as const;

export interface Checked {
  mistakes: Mistakes;
  warnings: string[];
}

const NOTHING_WRONG: Checked = { mistakes: new Map(), warnings: [] };

/** The server's answer to the document, once nothing was changed for a moment. */
export function useCheck(document: Document): Checked {
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

export interface FieldsProps {
  document: Document;
  mistakes: Mistakes;
  onChange: (path: string, value: unknown) => void;
}

interface FieldProps extends FieldsProps {
  path: string;
  label: string;
}

/** The words of a field about the mistake at its path. Carbon's own reference to the text is not read by all readers. */
function wrong(path: string, mistakes: Mistakes) {
  const what = mistakes.get(path);
  return what === undefined ? {} : { invalid: true, invalidText: what, "aria-describedby": `${path}-error-msg` };
}

export function TextField({ document, mistakes, onChange, path, label }: FieldProps) {
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

export function NumberField({ document, mistakes, onChange, path, label, usual }: FieldProps & { usual: string }) {
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
export function PasswordField({ document, mistakes, onChange }: FieldsProps) {
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

export function Switch({ document, onChange, path, label, isOnByDefault }: FieldProps & { isOnByDefault: boolean }) {
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

/** The accounts by which children may exchange objects with this server. */
export function ChildAccounts({ document, mistakes, onChange }: FieldsProps) {
  const { t } = useTranslation();
  const path = "exchange.children";
  const accounts = objectAt(document, path);
  const [kept] = useState(accounts);
  const [typed, setTyped] = useState("");
  return (
    <TextArea
      id={path}
      rows={3}
      labelText={t("settings.accounts")}
      helperText={t("settings.accountsHelp")}
      value={shownAccounts(typed, accounts)}
      {...wrong(path, mistakes)}
      onChange={(event) => {
        setTyped(event.target.value);
        onChange(path, accountsNamed(namesIn(event.target.value), { ...kept, ...accounts }));
      }}
    />
  );
}

function objectAt(document: Document, path: string): Document {
  return (valueAt(document, path) as Document | undefined) ?? {};
}

export function Categories({ document, onChange }: FieldsProps) {
  const { t } = useTranslation();
  const others = Object.keys(objectAt(document, "categories")).filter((name) => !isKnown(name));
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
            {isIn && !PARTS.includes(name) && (
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
