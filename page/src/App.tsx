import { useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import {
  Content,
  Header,
  HeaderGlobalBar,
  HeaderMenuButton,
  HeaderMenuItem,
  HeaderName,
  HeaderNavigation,
  Loading,
  SideNav,
  SideNavItems,
  SideNavLink,
  SkipToContent,
} from "@carbon/react";
import { logOut, session, type Session } from "./api";
import { linkTo, MENU, useAddress, type Address } from "./address";
import { LanguageChoice } from "./parts/LanguageChoice";
import { Activity } from "./views/Activity";
import { Children } from "./views/Children";
import { Compare } from "./views/Compare";
import { Conflicts } from "./views/Conflicts";
import { LogIn } from "./views/LogIn";
import { Overview } from "./views/Overview";
import { Problems } from "./views/Problems";
import { Settings } from "./views/Settings";
import { SetUp } from "./views/SetUp";

/** The whole page: who is logged in sees the view that the address names, everybody else the log-in. */
export function App() {
  const [who, setWho] = useState<Session>();
  const { t } = useTranslation();
  const look = useCallback(
    () =>
      void session()
        .then(setWho)
        .catch(() => setWho({ authenticated: false })),
    [],
  );
  useEffect(look, [look]);

  if (!who) return <Loading description={t("loading")} />;
  if (!who.authenticated) return <LogIn onLoggedIn={setWho} />;
  return <Page user={who.user?.display ?? ""} onLeft={look} />;
}

interface PageProps {
  user: string;
  /** Somebody else may be logged in now, or nobody. */
  onLeft: () => void;
}

function Page({ user, onLeft }: PageProps) {
  const address = useAddress();
  const [isMenuOpen, setMenuOpen] = useState(false);
  const { t } = useTranslation();
  useEffect(() => {
    document.title = `${t(`view.${address.view}`)} – Sync 2`;
    setMenuOpen(false);
  }, [address.view, t]);

  const leave = () => void logOut().finally(onLeft);
  return (
    <>
      <Header aria-label="Sync 2">
        <SkipToContent href="#main">{t("skipToContent")}</SkipToContent>
        <HeaderMenuButton
          aria-label={t(isMenuOpen ? "menu.close" : "menu.open")}
          isActive={isMenuOpen}
          onClick={() => setMenuOpen(!isMenuOpen)}
        />
        <HeaderName href={linkTo("overview")} prefix="">
          Sync 2
        </HeaderName>
        <HeaderNavigation aria-label={t("menu")}>
          {MENU.map((view) => (
            <HeaderMenuItem key={view} href={linkTo(view)} isActive={view === address.view}>
              {t(`view.${view}`)}
            </HeaderMenuItem>
          ))}
        </HeaderNavigation>
        <SideNav
          aria-label={t("menu")}
          expanded={isMenuOpen}
          isPersistent={false}
          onSideNavBlur={() => setMenuOpen(false)}
        >
          <SideNavItems>
            {MENU.map((view) => (
              <SideNavLink key={view} href={linkTo(view)} isActive={view === address.view}>
                {t(`view.${view}`)}
              </SideNavLink>
            ))}
          </SideNavItems>
        </SideNav>
        <HeaderGlobalBar>
          <LanguageChoice />
          <button type="button" className="header-button" onClick={leave}>
            {t("logOut", { user })}
          </button>
        </HeaderGlobalBar>
      </Header>
      <Content id="main" className="page-content" tabIndex={-1}>
        <ViewOf address={address} />
      </Content>
    </>
  );
}

function ViewOf({ address }: { address: Address }) {
  switch (address.view) {
    case "problems":
      return <Problems />;
    case "conflicts":
      return <Conflicts />;
    case "activity":
      return <Activity />;
    case "compare":
      return <Compare />;
    case "children":
      return <Children />;
    case "settings":
      return <Settings />;
    case "setup":
      return <SetUp />;
    case "overview":
      return <Overview />;
  }
}
