import { useState, type FormEvent } from "react";
import { Button, InlineNotification, Stack, TextInput } from "@carbon/react";
import { useTranslation } from "react-i18next";
import { logIn, Refused, type Session } from "../api";
import { LanguageChoice } from "../parts/LanguageChoice";

/** Asks for name and password. Who is logged in to OpenMRS already does not come here. */
export function LogIn({ onLoggedIn }: { onLoggedIn: (session: Session) => void }) {
  const { t } = useTranslation();
  const [problem, setProblem] = useState<"logIn.wrong" | "refused.away">();

  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    logIn(String(given.get("user")), String(given.get("password"))).then(
      (session) => (session.authenticated ? onLoggedIn(session) : setProblem("logIn.wrong")),
      (error: unknown) => setProblem(error instanceof Refused && error.status > 0 ? "logIn.wrong" : "refused.away"),
    );
  };
  return (
    <main className="log-in">
      <form onSubmit={submit}>
        <Stack gap={6}>
          <h1>{t("logIn.title")}</h1>
          {problem && <InlineNotification kind="error" lowContrast hideCloseButton role="alert" title={t(problem)} />}
          <TextInput id="user" name="user" labelText={t("logIn.user")} autoComplete="username" required />
          <TextInput
            id="password"
            name="password"
            type="password"
            labelText={t("logIn.password")}
            autoComplete="current-password"
            required
          />
          <Button type="submit">{t("logIn.do")}</Button>
          <LanguageChoice />
        </Stack>
      </form>
    </main>
  );
}
