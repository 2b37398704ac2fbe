import { useState } from "react";
import { Accordion, AccordionItem, Button, InlineNotification, Stack, TextArea } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { command, type Pair } from "../api";
import { withValue, type Document, type Mistakes } from "../decide/settings";
import { useLive } from "../live";
import { Categories, ChildAccounts, NumberField, PasswordField, Switch, TextField, useCheck } from "../parts/fields";
import { KeptConfiguration } from "../parts/KeptConfiguration";
import { Namesakes } from "../parts/Namesakes";
import { Trouble } from "../parts/Trouble";
import { useCommand } from "../parts/useCommand";

const POLL_MS = 15_000;

/** The configuration as a form, checked by the server while it is changed. */
export function Settings() {
  const { t } = useTranslation();
  return (
    <>
      <div className="page-top">
        <h1>{t("view.settings")}</h1>
      </div>
      <KeptConfiguration>{(kept) => <SettingsForm kept={kept} />}</KeptConfiguration>
    </>
  );
}

function SettingsForm({ kept }: { kept: Document }) {
  const { t } = useTranslation();
  const [document, setDocument] = useState(kept);
  const [isSaved, setSaved] = useState(false);
  const order = useCommand();
  const waiting = useLive<Pair[]>("namesakes", POLL_MS);
  // These settings are what opens an engine.
  const unread = waiting.failure?.kind === "Closed" ? undefined : waiting.failure;
  const checked = useCheck(document);
  const change = (path: string, value: unknown) => {
    setSaved(false);
    setDocument((last) => withValue(last, path, value));
  };
  const changeAll = (changed: Document) => {
    setSaved(false);
    setDocument(changed);
  };
  const save = () =>
    order.give(async () => {
      setDocument(await command<Document>("config", document));
      setSaved(true);
      waiting.refresh();
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
        <ChildAccounts {...field} />
        <Categories {...field} />
        <Namesakes document={document} waiting={waiting.data ?? []} onChange={changeAll} />
        <OtherMistakes mistakes={checked.mistakes} />
        {checked.warnings.map((warning) => (
          <InlineNotification key={warning} kind="warning" lowContrast hideCloseButton title="" subtitle={warning} />
        ))}
        <Trouble failure={order.failure ?? unread} />
        <div className="actions">
          <Button type="submit" size="md" disabled={order.isBusy || checked.mistakes.size > 0}>
            {t("settings.save")}
          </Button>
          <span role="status">{isSaved && t("settings.saved")}</span>
        </div>
        <Accordion>
          <AccordionItem title={t("settings.json")}>
            <JsonField document={document} onChange={changeAll} />
          </AccordionItem>
        </Accordion>
      </Stack>
    </form>
  );
}

const FIELDS = new Set([
  "node.name",
  "parent.url",
  "parent.username",
  "parent.password",
  "pull.intervalSeconds",
  "push.intervalSeconds",
  "exchange.children",
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
