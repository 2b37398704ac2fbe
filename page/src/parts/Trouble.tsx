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
      title={t(`refused.${reason(failure.status)}`)}
      subtitle={failure.message}
    />
  );
}

function reason(status: number) {
  switch (status) {
    case 0:
      return "away" as const;
    case 401:
      return "loggedOut" as const;
    case 403:
      return "noPrivilege" as const;
    case 409:
      return "underWay" as const;
    default:
      return "other" as const;
  }
}
