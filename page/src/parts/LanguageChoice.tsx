import { useTranslation } from "react-i18next";
import { chooseLanguage, LANGUAGES, type Language } from "../words";

/** In which language the page speaks. */
export function LanguageChoice() {
  const { t, i18n } = useTranslation();
  return (
    <select
      className="header-button"
      aria-label={t("language")}
      value={i18n.language}
      onChange={(event) => void chooseLanguage(event.target.value as Language)}
    >
      {Object.entries(LANGUAGES).map(([language, name]) => (
        <option key={language} value={language} lang={language}>
          {name}
        </option>
      ))}
    </select>
  );
}
