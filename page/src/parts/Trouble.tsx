import { InlineNotification } from "@carbon/react";
import { useTranslation } from "react-i18next";
import type { Refused } from "../api";

/** A request that failed, with what to do about it. */
export function Trouble({ failure }: { failure: Refused | undefined }) {
  const { t } = useTranslation();
  if (!failure) return null;
  return (
    <InlineNotification
      kind="error"
      lowContrast
      hideCloseButton
      role="alert"
      title={t(reason(failure))}
      subtitle={failure.message}
    />
  );
}

function reason({ status, kind }: Refused) {
  if (kind === "Outdated") return "conflict.moved" as const;
  switch (status) {
    case 0:
      return "refused.away" as const;
    case 401:
      return "refused.loggedOut" as const;
    case 403:
      return "refused.noPrivilege" as const;
    case 409:
      return "refused.underWay" as const;
    default:
      return "refused.other" as const;
  }
}
